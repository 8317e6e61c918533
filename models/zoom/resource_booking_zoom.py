# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from pytz import utc

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.intervals import Intervals

from ...const import CURRENT_STATES
from ...utils import active_lang, one_line

STAFF = "resource_booking.group_user"


class ResourceBooking(models.Model):
    """What a booking needs of Zoom: its meeting, its host and that host's free time."""

    _inherit = "resource.booking"

    web_conference_tool = fields.Selection(
        related="type_id.web_conference_tool",
        # As superuser, a portal user could search by it.
        related_sudo=False,
        groups=STAFF,
    )
    zoom_meeting_ids = fields.One2many(
        "booking.zoom.meeting", "booking_id", string="Zoom meetings", groups=STAFF
    )
    zoom_meeting_id = fields.Many2one(
        "booking.zoom.meeting",
        string="Zoom meeting",
        compute="_compute_zoom_meeting_id",
        search="_search_zoom_meeting_id",
        groups=STAFF,
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        compute="_compute_zoom_user_id",
        groups=STAFF,
        help="Who hosts the meeting in Zoom.",
    )
    zoom_state = fields.Selection(
        [
            ("waiting", "Zoom link waiting"),
            ("ready", "Zoom link ready"),
            ("changed", "Zoom change waiting"),
            ("stuck", "Zoom needs attention"),
        ],
        string="Zoom",
        compute="_compute_zoom_state",
        search="_search_zoom_state",
        groups=STAFF,
    )
    zoom_join_url = fields.Char(
        related="zoom_meeting_id.join_url", groups=STAFF, exportable=False
    )
    zoom_id_formatted = fields.Char(
        related="zoom_meeting_id.zoom_id_formatted", groups=STAFF
    )
    zoom_passcode = fields.Char(
        related="zoom_meeting_id.passcode", groups=STAFF, exportable=False
    )
    zoom_problem_message = fields.Text(
        related="zoom_meeting_id.problem_message", groups=STAFF
    )
    zoom_held_message = fields.Char(
        related="zoom_meeting_id.held_message", groups=STAFF
    )
    # Not on another record: the move itself writes on this one, too.
    portal_moved_on = fields.Date(
        string="Day of the last moves (UTC)", copy=False, groups=fields.NO_ACCESS
    )
    portal_move_count = fields.Integer(
        string="Moves on that day", copy=False, groups=fields.NO_ACCESS
    )

    # === COMPUTE METHODS === #

    @api.depends("zoom_meeting_ids.state")
    def _compute_zoom_meeting_id(self):
        for booking in self:
            booking.zoom_meeting_id = booking.zoom_meeting_ids.filtered(
                lambda row: row.state in CURRENT_STATES
            )[:1]

    @api.model
    def _search_zoom_meeting_id(self, operator, value):
        current = Domain("state", "in", CURRENT_STATES)
        if operator == "in" and False in value:
            found = ~Domain("zoom_meeting_ids", "any", current)
            ids = [one for one in value if one]
            return found | Domain(
                "zoom_meeting_ids", "any", current & Domain("id", "in", ids)
            )
        if operator == "in":
            return Domain(
                "zoom_meeting_ids", "any", current & Domain("id", "in", value)
            )
        if operator in ("any", "any!"):
            return Domain("zoom_meeting_ids", operator, current & Domain(value))
        return NotImplemented

    @api.depends(
        "combination_id.zoom_user_id",
        "type_id.web_conference_tool",
        "type_id.zoom_user_id",
        "type_id.company_id",
    )
    def _compute_zoom_user_id(self):
        for booking in self:
            booking.zoom_user_id = booking.type_id._get_zoom_host(
                booking.combination_id
            )

    @api.depends("zoom_meeting_id.state", "zoom_meeting_id.problem")
    def _compute_zoom_state(self):
        for booking in self:
            row = booking.zoom_meeting_id
            booking.zoom_state = "stuck" if row.problem else row.state

    @api.model
    def _search_zoom_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = Domain("state", "in", CURRENT_STATES)
        wanted = Domain.FALSE
        for state in value:
            if state == "stuck":
                wanted |= current & Domain("problem", "!=", False)
            elif state:
                wanted |= Domain("state", "=", state) & Domain("problem", "=", False)
        found = Domain("zoom_meeting_ids", "any", wanted)
        if False in value:
            found |= ~Domain("zoom_meeting_ids", "any", current)
        return found

    # === CRUD METHODS === #

    def write(self, vals):
        if not (self.env.context.get("using_portal") and vals.get("start")):
            return super().write(vals)
        for booking in self:
            values = booking._prepare_portal_move(vals)
            if values:
                super(ResourceBooking, booking).write(values)
        return True

    # === ACTION METHODS === #

    def action_retry_zoom(self):
        """Try again now what keeps the Zoom meetings of these bookings waiting."""
        return self.zoom_meeting_id.action_retry()

    # === ZOOM MEETINGS === #

    def _sync_zoom_meetings(self):
        """Make the meeting rows say what Zoom should hold for these bookings."""
        self.env["booking.zoom.meeting"].sudo()._sync_with_bookings(
            self.sudo().with_context(active_test=False)
        )

    def _needs_zoom_meeting(self):
        """Whether a Zoom meeting should exist for this booking now."""
        self.ensure_one()
        event = self.meeting_id
        return bool(
            self.type_id.web_conference_tool == "zoom"
            and self.active
            and self.start
            and event.active
            and self.stop > fields.Datetime.now()
            and not self._is_declined()
        )

    def _is_declined(self):
        """Whether all who requested the booking have declined it."""
        # Asked for each mail to each of hundreds of requesters.
        requesters = set(self.partner_ids.ids)
        return {
            attendee.state
            for attendee in self.meeting_id.attendee_ids
            if attendee.partner_id.id in requesters
        } == {"declined"}

    def _prepare_zoom_meeting_vals(self):
        """What the current row of this booking should say."""
        self.ensure_one()
        lang = self.partner_ids[:1].lang
        booking_type = self.type_id.with_context(lang=active_lang(self.env, lang))
        return {
            "booking_id": self.id,
            "company_id": self.type_id.company_id.id,
            "zoom_user_id": self.zoom_user_id.id,
            "start": self.start,
            "duration": max(round(self.duration * 60), 1),
            "topic": one_line(booking_type.name)[:200],
        }

    def _get_reminder_moments(self):
        """When the e-mail reminders of the booking are due, naive UTC."""
        self.ensure_one()
        alarms = self.meeting_id.alarm_ids.filtered(
            lambda alarm: alarm.alarm_type == "email"
        )
        return [
            self.meeting_id.start - timedelta(minutes=alarm.duration_minutes)
            for alarm in alarms
        ]

    # === MOVES BY CUSTOMERS === #

    def _prepare_portal_move(self, vals):
        """Values of a move in the portal, with the count of it.

        :raise ValidationError: the booking was moved too often today
        """
        if not (self.type_id.web_conference_tool == "zoom" and self.start):
            return vals
        if not self._is_portal_move(vals["start"]):
            # The platform would mail everybody that the date has changed.
            return {name: vals[name] for name in vals if name != "start"}
        self._check_portal_move(vals["start"])
        return {
            **vals,
            "portal_moved_on": fields.Datetime.now().date(),
            "portal_move_count": self._get_portal_moves_today() + 1,
        }

    def _check_portal_move(self, start):
        """Refuse to move the booking if it was moved too often today.

        :param start: naive UTC, or as text
        :raise ValidationError:
        """
        refusal = self._is_portal_move(start) and self._get_portal_move_refusal()
        if refusal:
            raise ValidationError(refusal)

    def _get_portal_move_refusal(self):
        """Why the booking cannot be moved in the portal today, False if it can."""
        self.ensure_one()
        most = self._get_moves_a_day()
        if self._get_portal_moves_today() < most:
            return False
        contact = self._get_conference_contact()
        return self.env._(
            "A booking can be moved %(count)s times a day, and this one has been today. "
            "It stays as it is. If you need another time, please move it tomorrow or "
            "contact us: %(contact)s",
            count=most,
            contact=", ".join(filter(None, contact.values())),
        )

    def _is_portal_move(self, start):
        """Whether `start` is another time than the one that was chosen before."""
        return bool(
            self.type_id.web_conference_tool == "zoom"
            and self.start
            and self.start != fields.Datetime.to_datetime(start)
        )

    def _get_portal_moves_today(self):
        booking = self.sudo()
        today = booking.portal_moved_on == fields.Datetime.now().date()
        return booking.portal_move_count if today else 0

    def _get_moves_a_day(self):
        accounts = self.env["booking.zoom.account"].sudo()
        company = self.sudo().type_id.company_id or self.env.company
        account = accounts.search([("company_id", "=", company.id)], limit=1)
        default = accounts.default_get(["moves_per_booking"])["moves_per_booking"]
        return account.moves_per_booking or default

    # === FREE SLOTS === #

    @api.constrains("combination_id", "meeting_id", "type_id")
    def _check_scheduling(self):
        """Look at calendars and resources only.

        That the Zoom user is free is checked, and said better, when the meeting row
        follows, which it does on every way that leads here.
        """
        # Who is chosen by now must be free: that looks at Zoom users, too.
        self.mapped("combination_id")
        return super(
            ResourceBooking, self.with_context(ignore_zoom_users=True)
        )._check_scheduling()

    def _get_intervals(self, start_dt, end_dt, combination=None):
        """Leave out the times at which a combination's Zoom user hosts others."""
        if self.type_id.web_conference_tool != "zoom" or self.env.context.get(
            "ignore_zoom_users"
        ):
            return super()._get_intervals(start_dt, end_dt, combination)
        candidates = (
            combination
            or self.combination_id
            or self.type_id.combination_rel_ids.combination_id
        )
        busy = self._get_busy_by_combination(candidates, start_dt, end_dt)
        if any(busy.values()):
            candidates = candidates.with_context(zoom_busy_intervals=busy)
        return super()._get_intervals(start_dt, end_dt, candidates)

    def _get_busy_by_combination(self, candidates, start_dt, end_dt):
        """When the Zoom user of each combination is busy, in one query for all.

        :param start_dt: aware
        :param end_dt: aware
        :return dict: combination id -> Intervals, aware
        """
        hosts = {one.id: self.type_id._get_zoom_host(one) for one in candidates}
        spans = self.env["booking.zoom.meeting"]._get_busy(
            self.env["booking.zoom.user"].union(*hosts.values()),
            start_dt.astimezone(utc).replace(tzinfo=None),
            end_dt.astimezone(utc).replace(tzinfo=None),
            self._origin.id,
        )
        # Some hosts may have thousands of meetings, and several combinations.
        zone, nothing = start_dt.tzinfo, self.env["resource.calendar.leaves"]
        busy = {
            host_id: Intervals(
                [
                    (
                        span.start.replace(tzinfo=utc).astimezone(zone),
                        span.stop.replace(tzinfo=utc).astimezone(zone),
                        nothing,
                    )
                    for span in spans_of_host
                ]
            )
            for host_id, spans_of_host in spans.items()
        }
        return {
            combination_id: busy.get(host.id) for combination_id, host in hosts.items()
        }
