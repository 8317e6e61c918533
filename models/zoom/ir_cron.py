# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _get_zoom_action(self, name):
        """A scheduled action of this module.

        :param str name: its XML id without the module
        """
        return self.env.ref(f"resource_booking_zoom.{name}")
