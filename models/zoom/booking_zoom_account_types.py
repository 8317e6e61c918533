# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class BookingZoomAccount(models.Model):
    """What is wrong with the booking types that the account serves."""

    _inherit = "booking.zoom.account"

    # Names, since an administrator need not be allowed to read booking types.
    unreminded_types = fields.Text(
        string="Booking types without e-mail reminder",
        compute="_compute_unreminded_types",
        compute_sudo=True,
    )

    def _compute_unreminded_types(self):
        types = self.env["resource.booking.type"]
        for account in self:
            unreminded = types.search(
                [
                    ("web_conference_tool", "=", "zoom"),
                    ("lacks_reminder", "=", True),
                    ("company_id", "in", [account.company_id.id, False]),
                ]
            )
            account.unreminded_types = "\n".join(unreminded.mapped("name"))
