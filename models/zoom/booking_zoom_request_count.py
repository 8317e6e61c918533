# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import KEPT_FOR
from ...utils import delete_some

GRAPH_DAYS = 30
# The graph of more Zoom users than these shows their sum only.
FEW_ZOOM_USERS = 10


class BookingZoomRequestCount(models.Model):
    """The ledger of Zoom's limit: creations and updates per Zoom user and UTC day.

    Deletions do not count (Zoom's rate limits, 2026-02).
    """

    _name = "booking.zoom.request.count"
    _inherit = ["booking.unlogged"]
    _description = "Requests per Zoom User and Day"
    _order = "date desc, zoom_user_id"
    _rec_name = "zoom_user_id"

    zoom_user_id = fields.Many2one(
        "booking.zoom.user", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="zoom_user_id.company_id", store=True, index=True
    )
    date = fields.Date(string="Day (UTC)", required=True)
    create_count = fields.Integer(string="Creations", default=0, required=True)
    update_count = fields.Integer(string="Changes", default=0, required=True)
    total = fields.Integer(default=0, required=True)
    limit_reached = fields.Boolean(
        help="Zoom refused a request because of the daily limit of this Zoom user."
    )
    limit_unclear = fields.Boolean(
        help="Zoom refused a request of this Zoom user without saying whether the limit "
        "is its own or that of the account."
    )
    alerted_at = fields.Datetime(
        string="Administrator told on",
        compute="_compute_alerted_at",
        compute_sudo=True,
        help="When the administrator was told that the limit was reached.",
    )

    _user_date_unique = models.Constraint(
        "UNIQUE(zoom_user_id, date)", "There is one count per Zoom user and day."
    )
    _total_is_sum = models.Constraint(
        "CHECK(total = create_count + update_count)",
        "The total is the sum of creations and changes.",
    )

    # === COMPUTE METHODS === #

    def _compute_alerted_at(self):
        alerts = self.env["booking.zoom.alert"].search(
            [
                ("cause", "=", "daily_limit"),
                ("account_id", "in", self.zoom_user_id.account_id.ids),
                ("key", "in", [str(count.id) for count in self]),
            ]
        )
        told = {alert.key: alert.since for alert in alerts}
        for count in self:
            count.alerted_at = told.get(str(count.id))

    @api.model
    def get_empty_list_help(self, help_message):
        shown = super().get_empty_list_help(help_message)
        return f"{shown}{self.env['booking.zoom.account']._get_next_step_help()}"

    # === BUSINESS METHODS === #

    @api.model
    def _reserve(self, zoom_user, kind, limit=None):
        """Use one of today's requests, if the limit allows it.

        One statement, so that it is correct with any number of workers. If another
        transaction is quicker, the caller's transaction is repeated.

        :param zoom_user: booking.zoom.user
        :param str kind: ``create`` or ``update``
        :param int limit: how many requests can be used today; None to reserve in any
            case
        :return bool: whether the request may be made
        """
        created, updated = (1, 0) if kind == "create" else (0, 1)
        if limit is not None and limit < 1:
            return False
        rows = self._execute_unlogged(
            SQL(
                """
                INSERT INTO booking_zoom_request_count AS count
                       (zoom_user_id, company_id, date,
                        create_count, update_count, total, create_date, write_date)
                VALUES (%(user)s, %(company)s, %(today)s, %(created)s, %(updated)s, 1,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                    ON CONFLICT (zoom_user_id, date) DO UPDATE
                   SET create_count = count.create_count + %(created)s,
                       update_count = count.update_count + %(updated)s,
                       total = count.total + 1,
                       write_date = now() AT TIME ZONE 'UTC'
                 WHERE %(limit)s IS NULL
                    OR count.total < %(limit)s AND count.limit_reached IS NOT TRUE
             RETURNING id
                """,
                user=zoom_user.id,
                company=zoom_user.company_id.id,
                today=zoom_user._utc_today(),
                created=created,
                updated=updated,
                limit=limit,
            )
        )
        return bool(rows)

    @api.model
    def _give_back(self, zoom_user, kind, date):
        """Return a reserved request that Zoom certainly did not execute.

        :param date: the UTC day on which it was reserved
        :return bool: whether it was one of those reserved for imminent bookings
        """
        count = self.search([("zoom_user_id", "=", zoom_user.id), ("date", "=", date)])
        column = f"{kind}_count"
        limit = zoom_user.account_id._daily_limit_for(urgent=False)
        of_reserve = count.total > limit
        if count[column]:
            count.write({column: count[column] - 1, "total": count.total - 1})
        return of_reserve

    @api.model
    def _get_today(self, zoom_users):
        """Today's rows of the Zoom users; who has used nothing has no row."""
        return self.search(
            [
                ("zoom_user_id", "in", zoom_users.ids),
                ("date", "=", zoom_users._utc_today()),
            ]
        )

    @api.model
    def _get_last_days(self):
        """
        :return list: the UTC days of the graph, today the last
        """
        today = self.env["booking.zoom.user"]._utc_today()
        return [
            today - timedelta(days=before) for before in reversed(range(GRAPH_DAYS))
        ]

    @api.model
    def _get_totals_by_day(self, zoom_users):
        """
        :return dict: (booking.zoom.user, day) -> how many requests were used
        """
        counts = self.search_fetch(
            [
                ("zoom_user_id", "in", zoom_users.ids),
                ("date", ">=", self._get_last_days()[0]),
            ],
            ["zoom_user_id", "date", "total"],
        )
        return {(one.zoom_user_id, one.date): one.total for one in counts}

    @api.model
    def get_daily_limit(self):
        """The line in the graph: how many requests a Zoom user has a day.

        :return int: the highest of the companies that the reader has chosen
        """
        self.check_access("read")
        accounts = self.env["booking.zoom.account"].sudo()
        accounts = accounts.search([("company_id", "in", self.env.companies.ids)])
        return max((one._daily_limit_for(urgent=True) for one in accounts), default=0)

    @api.model
    def _open(self, zoom_users=None):
        """Action that shows the requests of the last 30 days as a graph.

        :param zoom_users: None for all
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_request_count_action"
        )
        shown = zoom_users or self.env["booking.zoom.user"].search(
            [], limit=FEW_ZOOM_USERS + 1
        )
        if zoom_users:
            action["domain"] = [("zoom_user_id", "in", zoom_users.ids)]
        views = {kind: view_id for view_id, kind in action["views"]}
        context = {
            "search_default_last_days": 1,
            "zoom_user_name_only": True,
            "zoom_one_user": len(shown) == 1,
        }
        if not 1 < len(shown) <= FEW_ZOOM_USERS:
            context["graph_groupbys"] = ["date:day"]
        return {
            **action,
            "views": [(views[kind], kind) for kind in ("graph", "list", "pivot")],
            "context": context,
        }

    def _get_used_up(self):
        """Those that have used all requests, including the reserve."""
        return self.filtered(
            lambda count: (
                count.limit_reached
                or count.total
                >= count.zoom_user_id.account_id._daily_limit_for(urgent=True)
            )
        )

    @api.model
    def _note_limit_reached(self, zoom_user):
        """Zoom counts more than Odoo does: the Zoom user is paused for today."""
        self._execute_unlogged(
            SQL(
                """
                INSERT INTO booking_zoom_request_count
                       (zoom_user_id, company_id, date, create_count, update_count,
                        total, limit_reached, create_date, write_date)
                VALUES (%(user)s, %(company)s, %(today)s, 0, 0, 0, TRUE,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                    ON CONFLICT (zoom_user_id, date) DO UPDATE
                   SET limit_reached = TRUE, write_date = now() AT TIME ZONE 'UTC'
             RETURNING id
                """,
                user=zoom_user.id,
                company=zoom_user.company_id.id,
                today=zoom_user._utc_today(),
            )
        )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("date", "<", before.date())])
