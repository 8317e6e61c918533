# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...const import STAFF
from .account_setup import word_lost_connections
from .zoom_overview import (
    MEETINGS_TODAY,
    MEETINGS_WAITING,
    MEETINGS_WITHOUT_HOST,
)

# Who may open the page of the account
OPENS_ACCOUNT = ("base.group_system", "resource_booking.group_manager")


class BookingZoomOverview(models.AbstractModel):
    """The head of the overview: the state of the connection, and what needs a look.

    Each figure counts what the reader may open, and opens it.
    """

    _name = "booking.zoom.overview"
    _description = "Zoom Overview"

    @api.model
    def get_head(self):
        """
        :return dict: the connections of the reader's companies, and the figures
        :raise AccessError: the reader is no user of bookings
        """
        self._check_is_staff()
        return {
            "connections": self._get_connections(),
            "figures": self._get_figures(),
            "can_open_account": any(map(self.env.user.has_group, OPENS_ACCOUNT)),
        }

    @api.model
    def open_figure(self, key):
        """Open what a figure counts.

        :param str key: of the figure
        :return dict: an action
        """
        self._check_is_staff()
        return {
            "at_risk": self._open_at_risk,
            "today": self._open_today,
            "waiting": self._open_waiting,
            "without_host": self._open_without_host,
            "paused": self._open_paused,
            "broken": self._open_broken,
            "requests": self.env["booking.zoom.request.count"]._open,
        }[key]()

    def _check_is_staff(self):
        if not self.env.user.has_group(STAFF):
            raise AccessError(
                self.env._("Only users of bookings can see the Zoom overview.")
            )

    # === CONNECTION === #

    def _get_connections(self):
        """What the reader may know of the accounts of the chosen companies: no secrets."""
        companies = self.env.companies
        # The account itself is for managers.
        accounts = {
            account.company_id: account
            for account in self.env["booking.zoom.account"]
            .sudo()
            .search([("company_id", "in", companies.ids)])
        }
        none = self.env["booking.zoom.account"].sudo()
        return [
            {
                "company": company.name if len(companies) > 1 else "",
                **self._describe_connection(accounts.get(company, none)),
            }
            for company in companies
            # Other companies may have no use for Zoom.
            if company in accounts or len(companies) == 1
        ]

    def _describe_connection(self, account):
        states = dict(account._fields["state"]._description_selection(self.env))
        state = account.state or "disconnected"
        return {
            "state": state,
            "label": states[state],
            "message": word_lost_connections(account),
        }

    # === FIGURES === #

    def _get_figures(self):
        meetings = self.env["booking.zoom.meeting"]
        figures = [
            (
                "at_risk",
                self.env._("Bookings at risk in the next 24 hours"),
                self.env["resource.booking"].search_count(self._get_at_risk_domain()),
                "danger",
            ),
            (
                "today",
                self.env._("Meetings today"),
                meetings.search_count(MEETINGS_TODAY),
                "",
            ),
            (
                "waiting",
                self.env._("Meetings that wait"),
                meetings.search_count(MEETINGS_WAITING),
                "warning",
            ),
        ]
        # Seldom, and worth a look
        figures += [
            figure
            for figure in (
                (
                    "without_host",
                    self.env._("Bookings without Zoom user"),
                    meetings.search_count(MEETINGS_WITHOUT_HOST),
                    "danger",
                ),
                (
                    "paused",
                    self.env._("Zoom users paused by the daily limit"),
                    len(self._get_paused()),
                    "warning",
                ),
                (
                    "broken",
                    self.env._("Broken bindings"),
                    self.env["booking.zoom.user"].search_count(
                        self._get_broken_domain()
                    ),
                    "danger",
                ),
            )
            if figure[2]
        ]
        return [
            {
                "key": key,
                "label": label,
                "count": count,
                "level": level if count else "",
            }
            for key, label, count, level in figures
        ]

    @api.model
    def _get_at_risk_domain(self):
        """Bookings of the next 24 hours that have no working link, or a problem."""
        return (
            Domain("stop", ">", "now")
            & Domain("start", "<", "now +24H")
            & Domain("join_link_state", "in", ("waiting", "stuck"))
        )

    @api.model
    def _get_broken_domain(self):
        return Domain("active", "=", False) & Domain("is_broken", "=", True)

    @api.model
    def _get_paused(self):
        """Zoom users that have no request left today."""
        counts = self.env["booking.zoom.request.count"].search(
            [("date", "=", self.env["booking.zoom.user"]._utc_today())]
        )
        # Staff may not read the limit of the account.
        return counts.sudo()._get_used_up().zoom_user_id.sudo(False)

    # === WHAT THEY OPEN === #

    def _open_at_risk(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking.resource_booking_action"
        )
        views = {kind: view_id for view_id, kind in action["views"]}
        return {
            **action,
            "name": self.env._("Bookings at risk in the next 24 hours"),
            "views": [
                (views[kind], kind) for kind in ("list", "kanban", "calendar", "form")
            ],
            "context": {
                "search_default_next_day": 1,
                "search_default_link_at_risk": 1,
                # Phones would begin with today.
                "search_default_today": 0,
            },
        }

    def _open_meetings(self, name, domain):
        return self.env["booking.zoom.meeting"]._open(name, domain)

    def _open_today(self):
        return self._open_meetings(self.env._("Meetings today"), MEETINGS_TODAY)

    def _open_waiting(self):
        return self._open_meetings(self.env._("Meetings that wait"), MEETINGS_WAITING)

    def _open_without_host(self):
        return self._open_meetings(
            self.env._("Bookings without Zoom user"), MEETINGS_WITHOUT_HOST
        )

    def _open_zoom_users(self, name, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_user_action"
        )
        return {**action, "name": name, "domain": list(domain), "context": {}}

    def _open_paused(self):
        return self._open_zoom_users(
            self.env._("Zoom users paused by the daily limit"),
            Domain("id", "in", self._get_paused().ids),
        )

    def _open_broken(self):
        return self._open_zoom_users(
            self.env._("Broken bindings"), self._get_broken_domain()
        )
