# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import threading

import psycopg2

from odoo import api, models

_logger = logging.getLogger(__name__)

NAMES = ("ir_cron_sync_meetings", "ir_cron_send_reminders", "ir_cron_sync_users")

WOKEN = "resource_booking_zoom.woken"


def _beside(wake):
    """Let the log know of an error, for nobody else hears of it."""
    try:
        wake()
    except psycopg2.Error as error:
        _logger.warning("The scheduled actions start within a minute: %s", error)


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
        ids = self._get_zoom_action_ids(name)
        return (
            self.sudo()
            .browse(ids[name])
            .with_prefetch([one for one in ids.values() if one])
        )

    @api.model
    def _get_zoom_action_ids(self, required=None):
        """The scheduled actions of this module: name -> id, or False if deleted.

        :param str required: name of the one that must be there
        """
        data = self.env["ir.model.data"]
        # An administrator may have deleted one that is not asked for.
        return {
            name: data._xmlid_to_res_id(
                f"resource_booking_zoom.{name}", name == required
            )
            for name in NAMES
        }

    @api.model
    def _notifydb(self):
        """Wake the workers for our actions beside the request, once a transaction.

        The platform opens a connection each time, and whoever saves a booking would
        wait for it. What is waited for has been committed before: a worker that is
        not woken finds the trigger within a minute.
        """
        if self.ids and set(self.ids).issubset(self._get_zoom_action_ids().values()):
            committed = self.env.cr.postcommit.data
            if WOKEN not in committed:
                committed[WOKEN] = True
                wake = super()._notifydb
                threading.Thread(
                    target=_beside, args=[wake], name=WOKEN, daemon=False
                ).start()
            return None
        return super()._notifydb()
