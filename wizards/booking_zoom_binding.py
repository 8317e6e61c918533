# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, email_normalize

from ..const import BASIC_MEETING_MINUTES
from ..engine.binding import Need, get_need, match_by_email
from ..models.zoom.cost_of_changes import get_moved_by
from ..utils import CLOSE, show_message

WEEK = timedelta(days=7)


class BookingZoomBinding(models.TransientModel):
    """Bind many resources to Zoom users; proposes those with the same e-mail address."""

    _name = "booking.zoom.binding"
    _description = "Binding of Resources to Zoom Users"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    line_ids = fields.One2many("booking.zoom.binding.line", "binding_id")
    message = fields.Text(string="What it costs", compute="_compute_message")

    # === COMPUTE METHODS === #

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Bind by e-mail")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        values["line_ids"] = [
            Command.create(line) for line in self._prepare_lines(self.env.company)
        ]
        return values

    @api.depends("line_ids.zoom_user_id")
    def _compute_message(self):
        for wizard in self:
            moved = get_moved_by(self.env, wizard._get_bindings())
            wizard.message = bool(moved) and self.env._(
                "Future meetings that move to another Zoom user: %(count)s. That takes "
                "%(count)s requests for today, and %(people)s people who know the join "
                "links get a mail.",
                count=len(moved),
                people=moved.booking_id._count_people_who_know_link(),
            )

    # === PROPOSALS === #

    @api.model
    def _prepare_lines(self, company):
        """Resources without Zoom user, and those whose person has another one.

        :return list: values of the lines, those with a proposal first
        """
        resources = self._search_bookable(company)
        hosts = self.env["booking.zoom.user"].search(
            [
                ("company_id", "=", company.id),
                ("connected", "=", True),
                ("status", "=", "active"),
            ]
        )
        proposed = match_by_email(
            {one: self._get_addresses(one) for one in resources},
            {host: email_normalize(host.email or "") for host in hosts},
        )
        listed = resources.filtered(
            lambda one: (
                not one.zoom_user_id
                or proposed.get(one, one.zoom_user_id) != one.zoom_user_id
            )
        )
        needs, longest = self._get_needs(listed), self._get_longest(listed)
        return [
            {
                "resource_id": resource.id,
                "zoom_user_id": proposed.get(resource, hosts.browse()).id,
                "last_week": needs[resource.id].last_week,
                "next_week": needs[resource.id].next_week,
                "busiest_day": needs[resource.id].busiest_day,
                "longest": longest[resource],
            }
            for resource in listed.sorted(lambda one: one not in proposed)
        ]

    @api.model
    def _search_bookable(self, company):
        """Resources of this company, or of all, that can be booked."""
        combinations = self.env["resource.booking.combination"].search(
            [("resource_ids", "!=", False)]
        )
        return combinations.resource_ids.filtered(
            lambda one: one.company_id.id in (False, company.id)
        ).sorted("name")

    @api.model
    def _get_addresses(self, resource):
        user = resource.user_id
        addresses = {email_normalize(text or "") for text in (user.email, user.login)}
        return addresses - {False}

    @api.model
    def _get_needs(self, resources):
        """What the bookings of the last and the coming week need.

        :return dict: id of the resource -> Need
        """
        today = fields.Date.today()
        link = self.env["resource.booking.combination"]._fields["resource_ids"]
        self.env.flush_all()
        rows = resources and self.env.execute_query(
            SQL(
                """
                SELECT link.%(resource)s, booking.start::date, count(*)
                  FROM resource_booking booking
                  JOIN resource_booking_type type ON type.id = booking.type_id
                  JOIN %(link)s link ON link.%(combination)s = booking.combination_id
                 WHERE booking.active
                   AND type.web_conference_tool = 'zoom'
                   AND booking.start >= %(begin)s
                   AND booking.start < %(end)s
                   AND link.%(resource)s IN %(resources)s
              GROUP BY 1, 2
                """,
                link=SQL.identifier(link.relation),
                combination=SQL.identifier(link.column1),
                resource=SQL.identifier(link.column2),
                begin=today - WEEK,
                end=today + WEEK,
                resources=tuple(resources.ids),
            )
        )
        by_resource = defaultdict(dict)
        for resource_id, day, count in rows or ():
            by_resource[resource_id][day] = count
        nothing = Need(0, 0, 0)
        return {
            one.id: get_need(by_resource[one.id], today)
            if one.id in by_resource
            else nothing
            for one in resources
        }

    @api.model
    def _get_longest(self, resources):
        """The minutes of the longest Zoom type for which each resource is booked."""
        longest = dict.fromkeys(resources, 0)
        types = self.env["resource.booking.type"].search(
            [("web_conference_tool", "=", "zoom")]
        )
        for booking_type in types:
            combinations = booking_type.combination_rel_ids.combination_id
            for resource in combinations.resource_ids & resources:
                minutes = round(booking_type.duration * 60)
                longest[resource] = max(longest[resource], minutes)
        return longest

    # === ACTION METHODS === #

    def action_apply(self):
        """Bind the resources as the lines say."""
        self.ensure_one()
        changed = self.line_ids.filtered(lambda line: line._is_changed())
        if not changed:
            raise UserError(self.env._("Choose a Zoom user for a resource first."))
        for host, lines in changed.grouped("zoom_user_id").items():
            lines.resource_id.write({"zoom_user_id": host.id})
        return show_message(
            self.env._("Bound to Zoom users: %(count)s.", count=len(changed)),
            then=CLOSE,
        )

    def _get_bindings(self):
        """
        :return dict: resource.resource -> booking.zoom.user, of the lines that change
        """
        return {
            line.resource_id._origin: line.zoom_user_id._origin
            for line in self.line_ids
            if line._is_changed()
        }


class BookingZoomBindingLine(models.TransientModel):
    _name = "booking.zoom.binding.line"
    _description = "Resource to Bind to a Zoom User"

    binding_id = fields.Many2one(
        "booking.zoom.binding", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="binding_id.company_id")
    resource_id = fields.Many2one(
        "resource.resource", required=True, ondelete="cascade"
    )
    email = fields.Char(related="resource_id.user_id.email")
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        ondelete="cascade",
        domain="[('company_id', '=', company_id), ('status', '=', 'active')]",
    )
    last_week = fields.Integer(
        string="Last week", help="Bookings of the last seven days with Zoom."
    )
    next_week = fields.Integer(
        string="Coming week", help="Bookings of the coming seven days with Zoom."
    )
    busiest_day = fields.Integer(
        string="Busiest day",
        help="Most bookings of one day. Each takes one of the day's requests of its Zoom "
        "user, and another one if it changes.",
    )
    longest = fields.Integer(help="Minutes of the longest booking type.")
    note = fields.Char(string="Please check", compute="_compute_note")

    @api.depends(
        "zoom_user_id",
        "busiest_day",
        "longest",
        "binding_id.line_ids.zoom_user_id",
        "binding_id.line_ids.busiest_day",
    )
    def _compute_note(self):
        for line in self:
            line.note = " ".join(line._get_notes())

    def _get_notes(self):
        """What to think of before binding, in the reader's language."""
        host, notes = self.zoom_user_id, []
        present = self.resource_id.zoom_user_id
        if present and present != host._origin:
            notes.append(self.env._("Until now: %(host)s.", host=present.name))
        if host and host._ends_early(self.longest):
            notes.append(
                self.env._(
                    "Basic license: Zoom ends meetings after %(limit)s minutes, a type "
                    "takes %(minutes)s.",
                    limit=BASIC_MEETING_MINUTES,
                    minutes=self.longest,
                )
            )
        same = self.binding_id.line_ids.filtered(
            lambda one: host and one.zoom_user_id == host
        )
        need = sum(same.mapped("busiest_day"))
        if host and need > host.request_limit:
            notes.append(
                self.env._(
                    "%(need)s of %(limit)s requests on the busiest day.",
                    need=need,
                    limit=host.request_limit,
                )
            )
        return notes

    def _is_changed(self):
        """Whether applying this line changes the binding of its resource."""
        host = self.zoom_user_id._origin
        return bool(host) and host != self.resource_id._origin.zoom_user_id
