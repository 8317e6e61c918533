# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class BookingZoomCheckLine(models.TransientModel):
    """What one trial has shown, and what to do about it."""

    _name = "booking.zoom.check.line"
    _description = "Result of a Check of the Zoom Account"
    _order = "id"

    check_id = fields.Many2one("booking.zoom.check", required=True, ondelete="cascade")
    name = fields.Char(string="Tried", readonly=True)
    state = fields.Selection(
        [
            ("ok", "OK"),
            ("warning", "Warning"),
            ("problem", "Problem"),
            ("skipped", "Not tried"),
        ],
        required=True,
        readonly=True,
    )
    message = fields.Text(string="Result", readonly=True)
