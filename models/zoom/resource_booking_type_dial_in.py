# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class ResourceBookingType(models.Model):
    """In which countries customers learn a telephone number to join by."""

    _inherit = "resource.booking.type"

    zoom_dial_in_country_ids = fields.Many2many(
        "res.country",
        "resource_booking_type_dial_in_country_rel",
        string="Dial-in countries",
        help="Who learns the join link also learns telephone numbers of these countries to "
        "join by, up to three of each, as far as the Zoom account has them.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        if "zoom_dial_in_country_ids" not in vals:
            return super().write(vals)
        chosen = {one: one.zoom_dial_in_country_ids for one in self}
        result = super().write(vals)
        changed = self.filtered(lambda one: one.zoom_dial_in_country_ids != chosen[one])
        if changed:
            self.env["booking.zoom.meeting"]._read_phone_numbers(changed)
        return result
