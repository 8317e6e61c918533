# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models

from .account_setup import find_next_step


class ResConfigSettings(models.TransientModel):
    """Says how far the set-up of Zoom is, and leads there."""

    _inherit = "res.config.settings"

    booking_zoom_state = fields.Selection(
        selection=lambda self: (
            self.env["booking.zoom.account"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="Zoom account",
        compute="_compute_booking_zoom",
    )
    booking_zoom_next_step = fields.Char(
        string="Next step", compute="_compute_booking_zoom"
    )

    def _compute_booking_zoom(self):
        accounts = self.env["booking.zoom.account"].sudo()
        for settings in self:
            account = accounts.search([("company_id", "=", settings.company_id.id)])
            name = find_next_step(account)
            field = name and accounts._fields[f"{name}_step"]
            settings.booking_zoom_state = account.state or "disconnected"
            settings.booking_zoom_next_step = field and field._description_string(
                self.env
            )
