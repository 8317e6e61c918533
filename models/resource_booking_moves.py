# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields, models
from odoo.exceptions import ValidationError


class ResourceBooking(models.Model):
    """How often customers move a booking in the portal.

    Each move is mailed to everybody who takes part, and told to Zoom.
    """

    _inherit = "resource.booking"

    # Not on another record: the move itself writes on this one, too.
    portal_moved_on = fields.Date(
        string="Day of the last moves (UTC)", copy=False, groups=fields.NO_ACCESS
    )
    portal_move_count = fields.Integer(
        string="Moves on that day", copy=False, groups=fields.NO_ACCESS
    )

    def write(self, vals):
        if not (self.env.context.get("using_portal") and vals.get("start")):
            return super().write(vals)
        for booking in self:
            values = booking._prepare_portal_move(vals)
            if values:
                super(ResourceBooking, booking).write(values)
        return True

    def _prepare_portal_move(self, vals):
        """Values of a move in the portal, with the count of it.

        :raise ValidationError: the booking was moved too often today
        """
        if not (self.type_id.web_conference_tool == "zoom" and self.start):
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
        if self._get_portal_moves_today() < most:
            return False
        contact = self._get_conference_contact()
        return self.env._(
            "A booking can be moved %(count)s times a day, and this one has been today. "
            "It stays as it is. If you need another time, please move it tomorrow or "
            "contact us: %(contact)s",
            count=most,
            contact=", ".join(filter(None, contact.values())),
        )

    def _is_portal_move(self, start):
        """Whether `start` is another time than the one that was chosen before."""
        return bool(
            self.type_id.web_conference_tool == "zoom"
            and self.start
            and self.start != fields.Datetime.to_datetime(start)
        )

    def _get_portal_moves_today(self):
        booking = self.sudo()
        today = booking.portal_moved_on == fields.Datetime.now().date()
        return booking.portal_move_count if today else 0

    def _get_moves_a_day(self):
        accounts = self.env["booking.zoom.account"].sudo()
        company = self.sudo().type_id.company_id or self.env.company
        account = accounts.search([("company_id", "=", company.id)], limit=1)
        default = accounts.default_get(["moves_per_booking"])["moves_per_booking"]
        return account.moves_per_booking or default
