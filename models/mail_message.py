# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _export_rows(self, fields, **kwargs):
        """Export messages to their readers only, also through other records.

        The platform checks who reads a message, but not who follows a relation to it,
        and every employee can read all notifications.
        """
        self.check_access("read")
        return super()._export_rows(fields, **kwargs)
