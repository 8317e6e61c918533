# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields, models

# When the administrator is told of a broken link: at once, then after so many days.
TELL_AFTER_DAYS = (0, 1, 3, 7)


class BookingZoomAccount(models.Model):
    """The mails about a link that is broken, for as long as it is."""

    _inherit = "booking.zoom.account"

    lost_since = fields.Datetime(readonly=True, copy=False)
    lost_mails = fields.Integer(
        string="Mails about the broken link", readonly=True, copy=False
    )

    def _tell_lost_connection(self):
        """Note when the link broke or was mended; tell the administrator."""
        if self.state != "lost":
            if self.lost_since:
                self.write({"lost_since": False, "lost_mails": 0})
            return
        now = fields.Datetime.now()
        self.lost_since = self.lost_since or now
        age = now - self.lost_since
        due = sum(age >= timedelta(days=days) for days in TELL_AFTER_DAYS)
        if due > self.lost_mails:
            self.lost_mails = due
            self._send_to_administrator("mail_template_connection_lost")
