# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models

from ..const import WEB_CONFERENCE_TOOLS


class MailTemplatePreview(models.TransientModel):
    _inherit = "mail.template.preview"

    @api.depends("mail_template_id")
    def _compute_resource_ref(self):
        """Preview reminders with a booking that has a web conference, if there is one.

        The platform takes the oldest attendee of whatever event.
        """
        result = super()._compute_resource_ref()
        bookings = self.env["resource.booking"]
        for preview in self:
            if not (
                preview.mail_template_id._is_web_conference_reminder()
                and bookings.has_access("read")
            ):
                continue
            booking = bookings.search(
                [
                    ("type_id.web_conference_tool", "in", WEB_CONFERENCE_TOOLS),
                    ("meeting_id", "!=", False),
                ],
                limit=1,
            )
            attendee = booking.meeting_id.attendee_ids.filtered(
                lambda one, booking=booking: one.partner_id in booking.partner_ids
            )[:1]
            if attendee:
                preview.resource_ref = f"calendar.attendee,{attendee.id}"
        return result
