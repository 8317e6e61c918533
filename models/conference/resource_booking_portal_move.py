# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import ValidationError


class ResourceBooking(models.Model):
    """How often customers move a booking in the portal: ``_get_moves_a_day`` says it."""

    _inherit = "resource.booking"

    # On this record, since the move writes it anyway.
    portal_moved_on = fields.Date(
        string="Day of the last moves (UTC)", copy=False, groups=fields.NO_ACCESS
    )
    portal_move_count = fields.Integer(
        string="Moves on that day", copy=False, groups=fields.NO_ACCESS
    )

    # === CRUD METHODS === #

    def write(self, vals):
        if not (self.env.context.get("using_portal") and vals.get("start")):
            return super().write(vals)
        for booking in self:
            values = booking._prepare_portal_move(vals)
            if values:
                super(ResourceBooking, booking).write(values)
        return True

    # === BUSINESS METHODS === #

    def _prepare_portal_move(self, vals):
        """The values of a move in the portal, including the new count.

        :raise ValidationError: the booking was moved too often today
        """
        if not (self.type_id._has_conference_tool() and self.start):
            return vals
        if not self._is_portal_move(vals["start"]):
            # The platform would mail everybody that the date has changed.
            return {name: vals[name] for name in vals if name != "start"}
        self._check_portal_move(vals["start"])
        return {
            **vals,
            "portal_moved_on": fields.Datetime.now().date(),
            "portal_move_count": self._get_portal_moves_today() + 1,
        }

    def _check_portal_move(self, start):
        """Refuse to move the booking if it was moved too often today.

        :param start: naive UTC, or as text
        :raise ValidationError:
        """
        refusal = self._is_portal_move(start) and self._get_portal_move_refusal()
        if refusal:
            raise ValidationError(refusal)

    def _get_portal_move_refusal(self):
        """Why the booking cannot be moved in the portal today, False if it can."""
        self.ensure_one()
        most = self._get_moves_a_day()
        if not most or self._get_portal_moves_today() < most:
            return False
        contact = self._get_conference_contact()
        return self.env._(
            "A booking can be moved %(count)s times a day, and today this one has been. "
            "It keeps its time. To change it, please move it tomorrow or contact us: "
            "%(contact)s",
            count=most,
            contact=", ".join(filter(None, contact.values())),
        )

    def _is_portal_move(self, start):
        """Whether `start` differs from the present start."""
        return bool(
            self.type_id._has_conference_tool()
            and self.start
            and self.start != fields.Datetime.to_datetime(start)
        )

    def _get_portal_moves_today(self):
        booking = self.sudo()
        today = booking.portal_moved_on == fields.Datetime.now().date()
        return booking.portal_move_count if today else 0
