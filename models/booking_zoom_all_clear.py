# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


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

    @api.model
    def _all_clear(self):
        """Tell those who had an alert that all their meetings are issued."""
        alerted = (
            self.env["booking.zoom.request.count"]
            .sudo()
            .search([("alerted_at", "!=", False), ("cleared_at", "=", False)])
        )
        waiting = (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    (
                        "zoom_user_id.account_id",
                        "in",
                        alerted.zoom_user_id.account_id.ids,
                    ),
                    ("problem", "=", "daily_limit"),
                    ("state", "in", ("waiting", "changed")),
                    ("start", ">", fields.Datetime.now()),
                ]
            )
        )
        clear = alerted.zoom_user_id.account_id - waiting.zoom_user_id.account_id
        for account in clear:
            counts = alerted.filtered(
                lambda count, account=account: count.zoom_user_id.account_id == account
            )
            counts.cleared_at = fields.Datetime.now()
            account._send_to_administrator("mail_template_limit_cleared")
