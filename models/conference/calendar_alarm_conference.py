# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.fields import Command


class CalendarAlarm(models.Model):
    """The reminders of booking types, for booking managers."""

    _inherit = "calendar.alarm"

    booking_type_ids = fields.Many2many(
        "resource.booking.type",
        compute="_compute_booking_type_ids",
        inverse="_inverse_booking_type_ids",
        string="Booking types",
        groups="resource_booking.group_user",
        help="Bookings of these types are reminded at this time.",
    )

    # === COMPUTE METHODS === #

    def _compute_booking_type_ids(self):
        types = self.env["resource.booking.type"]
        for alarm in self:
            alarm.booking_type_ids = types
        # Of one reminder, since a type may have several.
        for booking_type in types.search([("alarm_ids", "in", self.ids)]):
            for alarm in booking_type.alarm_ids & self._origin:
                alarm.booking_type_ids |= booking_type

    def _compute_mail_template_id(self):
        """Propose our mail for reminders that are made for bookings."""
        template = self.env.ref(
            "resource_booking_zoom.mail_template_reminder", raise_if_not_found=False
        )
        if self.env.context.get("reminds_bookings") and template:
            for alarm in self:
                if alarm.alarm_type == "email" and not alarm.mail_template_id:
                    alarm.mail_template_id = template
        return super()._compute_mail_template_id()

    def _inverse_booking_type_ids(self):
        """Let the types change: their bookings to come follow them."""
        types = self.env["resource.booking.type"]
        for alarm in self:
            wanted = alarm.booking_type_ids
            present = types.search([("alarm_ids", "in", alarm.ids)])
            (wanted - present).write({"alarm_ids": [Command.link(alarm.id)]})
            (present - wanted).write({"alarm_ids": [Command.unlink(alarm.id)]})

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"alarm_type", "duration", "interval"}:
            self._wake_up_reminders()
        return result

    # === BUSINESS METHODS === #

    def _wake_up_reminders(self):
        """Have bookings to come reminded at the new time of these reminders."""
        bookings = self.env["resource.booking"].sudo()
        bookings.search(
            [
                ("meeting_id.alarm_ids", "in", self.ids),
                ("stop", ">", fields.Datetime.now()),
            ]
        )._trigger_reminders()
