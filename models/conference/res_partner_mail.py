# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

from ...utils import get_addresses


class ResPartner(models.Model):
    """Who can get mail."""

    _inherit = "res.partner"

    def _get_unreachable_reason(self):
        """Why the contact can get no mail, in the user's language; empty if it can."""
        if not self.active:
            return self.env._("The contact is archived.")
        if not self.email:
            return self.env._("No e-mail address is entered.")
        if not get_addresses(self.email):
            return self.env._("The e-mail address is not valid.")
        return ""

    def _can_get_mail(self):
        return bool(self.active and get_addresses(self.email))
