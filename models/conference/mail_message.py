# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models

from ...utils import one_line

HEADERS = ("email_from", "reply_to", "subject")


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        """Remove line breaks from names: they would block the mail.

        Names of companies, users, booking types and bookings may have some.
        """
        messages = super().create(vals_list)
        ours = self._get_conference_models()
        for message in messages:
            if message.model in ours:
                for header in HEADERS:
                    value = one_line(message[header])
                    if value != message[header]:
                        message.sudo()[header] = value
        return messages

    def _export_rows(self, fields, **kwargs):
        """Export messages about bookings to their readers only.

        Every employee can read all notifications, and could export the text of a mail
        through them: the platform does not check who may read a related message.
        """
        ours = self._get_conference_models()
        self.filtered(lambda one: one.model in ours).check_access("read")
        return super()._export_rows(fields, **kwargs)

    @api.model
    def _get_conference_models(self):
        """The models that this module's mails are about, as names."""
        return {
            "booking.conference.mail",
            "booking.conference.notice",
            "calendar.event",
            # Shared by mail, with the address of its page
            "resource.booking",
            *self.env["resource.booking"]._get_models_of_alerts(),
        }
