# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # What staff have ticked off stays when the notice is forgotten.
    conference_notice_id = fields.Many2one(
        "booking.conference.notice",
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
