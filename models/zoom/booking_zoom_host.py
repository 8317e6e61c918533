# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ...utils import OURS, is_ours

# In the context while a type or a combination saves its list, and moves meetings at the end.
SAVED_AS_A_WHOLE = "resource_booking_zoom_hosts"


class BookingZoomHost(models.Model):
    """One more Zoom user who may host the bookings of a type or a combination."""

    _name = "booking.zoom.host"
    _description = "Zoom User of a List"
    _order = "sequence, id"
    _rec_name = "zoom_user_id"

    sequence = fields.Integer(default=10)
    type_id = fields.Many2one(
        "resource.booking.type", index="btree_not_null", ondelete="cascade"
    )
    combination_id = fields.Many2one(
        "resource.booking.combination", index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(related="type_id.company_id")
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('company_id', '=?', company_id)]",
    )

    _of_one = models.Constraint(
        "CHECK((type_id IS NULL) <> (combination_id IS NULL))",
        "A list of Zoom users belongs to a booking type or to a combination.",
    )
    # Deferrable: checked when a statement has ended, so that two can be exchanged.
    _type_unique = models.Constraint(
        "UNIQUE(type_id, zoom_user_id) DEFERRABLE",
        "This Zoom user is already in the list.",
    )
    _combination_unique = models.Constraint(
        "UNIQUE(combination_id, zoom_user_id) DEFERRABLE",
        "This Zoom user is already in the list.",
    )

    # === CONSTRAINTS === #

    @api.constrains("zoom_user_id", "type_id")
    def _check_zoom_user_company(self):
        self.type_id._check_zoom_user_company()

    # === BUSINESS METHODS === #

    def _hand_over(self, successor):
        """Let another Zoom user take the place of theirs, unless it is in the list already.

        :param successor: booking.zoom.user
        """
        there = self.search([("zoom_user_id", "=", successor.id)])
        doubled = self.filtered(
            lambda one: (
                one.type_id
                and one.type_id in there.type_id
                or one.combination_id
                and one.combination_id in there.combination_id
            )
        )
        doubled.unlink()
        (self - doubled).write({"zoom_user_id": successor.id})

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        hosts = super().create(vals_list)
        hosts._sync_zoom_meetings(hosts.type_id, hosts.combination_id)
        return hosts

    def write(self, vals):
        types, combinations = self.type_id, self.combination_id
        result = super().write(vals)
        self._sync_zoom_meetings(
            types | self.type_id, combinations | self.combination_id
        )
        return result

    def unlink(self):
        types, combinations = self.type_id, self.combination_id
        result = super().unlink()
        self._sync_zoom_meetings(types, combinations)
        return result

    @api.model
    def _sync_zoom_meetings(self, types, combinations):
        """Let future meetings follow, unless the whole list is being saved."""
        if not is_ours(self.env, SAVED_AS_A_WHOLE):
            types.exists()._sync_links()
            combinations.exists()._sync_zoom_meetings()


def saved_as_a_whole(records):
    """Types or combinations whose list is being saved; they move meetings afterwards."""
    return records.with_context(**{SAVED_AS_A_WHOLE: OURS})
