# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class CalendarEvent(models.Model):
    """Bookings with a web conference have one room: no meeting of Odoo beside it."""

    _inherit = "calendar.event"

    has_web_conference = fields.Boolean(
        compute="_compute_has_web_conference",
        help="The booking's own tool holds the meeting.",
    )

    @api.depends("resource_booking_ids.type_id.web_conference_tool")
    def _compute_has_web_conference(self):
        for event in self:
            event.has_web_conference = bool(
                event._get_conference_booking() or event._is_for_conference_booking()
            )

    def _is_for_conference_booking(self):
        """Whether it is being created for a booking with a web conference."""
        if self.id:
            return False
        commands = self.env.context.get("default_resource_booking_ids") or ()
        ids = [
            booking_id
            for command in commands
            if command[0] == Command.SET
            for booking_id in command[2]
        ]
        bookings = self.env["resource.booking"].sudo().browse(ids).exists()
        return any(one.type_id._has_conference_tool() for one in bookings)

    @api.constrains("videocall_location", "resource_booking_ids")
    def _check_no_meeting_of_odoo(self):
        for event in self:
            url = event.videocall_location
            if not url or self.DISCUSS_ROUTE not in url:
                continue
            booking = event._get_conference_booking()
            if booking and url != booking._get_open_url():
                raise ValidationError(
                    self.env._(
                        "This booking is held with %(tool)s. An Odoo meeting beside it "
                        "would send people to two rooms. To hold it in Odoo, choose "
                        "another booking type.",
                        tool=booking.type_id._get_conference_tool_name(),
                    )
                )

    def _set_discuss_videocall_location(self):
        if self.has_web_conference:
            return None
        return super()._set_discuss_videocall_location()
