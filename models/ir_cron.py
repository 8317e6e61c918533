# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models

NAMES = ("ir_cron_sync_meetings", "ir_cron_send_reminders", "ir_cron_sync_users")


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _get_zoom_action(self, name):
        """A scheduled action of this module.

        Every booking that is saved wakes two of them, so they are read together, and
        whether they are there is not asked as ``env.ref`` does.

        :param str name: its XML id without the module
        :return: ir.cron, superuser
        """
        data = self.env["ir.model.data"]
        # An administrator may have deleted one that is not asked for.
        ids = {
            one: data._xmlid_to_res_id(f"resource_booking_zoom.{one}", one == name)
            for one in NAMES
        }
        found = [one for one in ids.values() if one]
        return self.sudo().browse(ids[name]).with_prefetch(found)
