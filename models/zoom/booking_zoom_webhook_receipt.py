# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...utils import in_own_transaction

# Events may come by the second: that they come is noted so often at most.
NOTED_EVERY = timedelta(minutes=1)


class BookingZoomWebhookReceipt(models.Model):
    """When Zoom's last event came, a row per account.

    Not on the account, which is locked while its token is renewed.
    """

    _name = "booking.zoom.webhook.receipt"
    _inherit = ["booking.unlogged"]
    _description = "Receipt of Zoom's Events"
    _log_access = False

    account_id = fields.Many2one(
        "booking.zoom.account", required=True, ondelete="cascade"
    )
    received_at = fields.Datetime(required=True)

    _account_unique = models.Constraint(
        "UNIQUE(account_id)", "There is one receipt per account."
    )

    @api.model
    def _note(self, accounts):
        """Note that an event with the secret of these accounts has just come.

        :param accounts: booking.zoom.account
        """
        now = fields.Datetime.now()
        recent = self.search(
            [
                ("account_id", "in", accounts.ids),
                ("received_at", ">", now - NOTED_EVERY),
            ]
        )
        lacking = accounts - recent.account_id
        if lacking:
            in_own_transaction(
                self, lambda receipts, *args: receipts._enter(*args), lacking.ids, now
            )

    @api.model
    def _enter(self, account_ids, now):
        for account_id in account_ids:
            self._execute_unlogged(
                SQL(
                    """
                    INSERT INTO booking_zoom_webhook_receipt (account_id, received_at)
                    VALUES (%(account)s, %(now)s)
                        ON CONFLICT (account_id) DO UPDATE SET received_at = %(now)s
                 RETURNING id
                    """,
                    account=account_id,
                    now=now,
                )
            )
