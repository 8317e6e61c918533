# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command


class CalendarEvent(models.Model):
    """Bookings with a web conference have one room: no other address beside it."""

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

    def write(self, vals):
        if vals.get("videocall_location") and self.env.context.get("dont_notify"):
            # Calendars elsewhere make a room for each event.
            held = self.filtered("has_web_conference")
            if held:
                rest = {
                    name: value
                    for name, value in vals.items()
                    if name != "videocall_location"
                }
                super(CalendarEvent, held).write(rest)
                return super(CalendarEvent, self - held).write(vals)
        return super().write(vals)

    @api.constrains("videocall_location", "resource_booking_ids")
    def _check_one_room(self):
        for event in self:
            event._get_conference_booking()._check_room(event.videocall_location)

    def _set_discuss_videocall_location(self):
        if self.has_web_conference:
            return None
        return super()._set_discuss_videocall_location()


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        for booking, vals in zip(bookings, vals_list, strict=True):
            booking._check_room(vals.get("videocall_location"))
        return bookings

    def write(self, vals):
        result = super().write(vals)
        if vals.get("videocall_location"):
            for booking in self:
                booking._check_room(vals["videocall_location"])
        return result

    def _prepare_meeting_vals(self):
        values = super()._prepare_meeting_vals()
        if self.type_id.sudo()._has_conference_tool():
            # Not what was entered before the type had a tool.
            values["videocall_location"] = self._get_open_url()
        return values

    def _check_room(self, url):
        """Refuse another address than the tool's: people would be in two rooms.

        :param url: str or False
        :raise ValidationError:
        """
        booking = self.sudo()
        if not url or not booking.type_id._has_conference_tool():
            return
        if booking.stop and booking.stop <= fields.Datetime.now():
            return
        if url != booking._get_open_url():
            raise ValidationError(
                self.env._(
                    "This booking is held with %(tool)s, whose link is added to the "
                    "mails automatically. Another address would send people to two "
                    "rooms. To use another address, choose a booking type without web "
                    "conference tool, or enter the address on a booking type with "
                    "“Another tool with a fixed URL”.",
                    tool=booking.type_id._get_conference_tool_name(),
                )
            )
