# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.fields import Domain

from ...utils import lock_rows
from .cost_of_changes import search_issued


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
            changed._read_meetings_that_tell_numbers()
        return result

    def _read_meetings_that_tell_numbers(self):
        """Read the meetings whose pages tell telephone numbers: others are chosen now.

        All are read before a mail anyway.
        """
        rows = search_issued(self.env, Domain("type_id", "in", self.ids)).filtered(
            lambda row: row.dial_in or row.booking_id._is_join_link_disclosed()
        )
        if rows:
            lock_rows(rows)._check_now()
