# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

# Held back by the limit, or since then by something else that passes by itself or
# with the link.
WAITING = (
    "daily_limit",
    "account_limit",
    "not_linked",
    "scope_missing",
    "unavailable",
    "unclear",
)


class BookingZoomRequestCount(models.Model):
    _inherit = "booking.zoom.request.count"

    cleared_at = fields.Datetime(
        string="All-clear on",
        readonly=True,
        help="When the administrator was told that nothing waits any more.",
    )


class BookingZoomAccount(models.Model):
    """The mail that follows the limit alert when nothing waits any more."""

    _inherit = "booking.zoom.account"

    def _tell_all_clear(self):
        """Tell those who had an alert that all their meetings are issued."""
        alerted = (
            self.env["booking.zoom.request.count"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "=", self.id),
                    ("alerted_at", "!=", False),
                    ("cleared_at", "=", False),
                ]
            )
        )
        waiting = alerted and self.env["booking.zoom.meeting"].sudo().search_count(
            [
                ("zoom_user_id.account_id", "=", self.id),
                ("state", "in", ("waiting", "changed")),
                ("start", ">", fields.Datetime.now()),
                "|",
                ("problem", "in", WAITING),
                # It was tried and is tried again in a moment, or its turn is to come.
                "&",
                ("problem", "=", False),
                "|",
                ("state", "=", "waiting"),
                ("attempt_count", ">", 0),
            ],
            limit=1,
        )
        if alerted and not waiting:
            alerted.cleared_at = fields.Datetime.now()
            self._send_to_administrator("mail_template_limit_cleared")
