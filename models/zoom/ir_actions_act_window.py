# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class IrActionsActWindow(models.Model):
    _inherit = "ir.actions.act_window"

    def _get_action_dict(self):
        """Let bookmarks of the Zoom account's page open its record, not a new one."""
        action = super()._get_action_dict()
        account_action = self.env.ref(
            "resource_booking_zoom.booking_zoom_account_action",
            raise_if_not_found=False,
        )
        if self == account_action:
            accounts = self.env["booking.zoom.account"].sudo()
            account = accounts.search([("company_id", "=", self.env.company.id)])
            action["res_id"] = account.id
        return action
