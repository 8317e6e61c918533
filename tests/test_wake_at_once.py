# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import select
from contextlib import closing

from odoo import sql_db
from odoo.tests import tagged

from .at_once_common import TransactionsCase


@tagged("post_install", "-at_install")
class TestWakeAtOnce(TransactionsCase):
    """The workers are woken when a transaction is committed, not minutes later."""

    def setUp(self):
        super().setUp()
        listener = self.enterContext(closing(sql_db.db_connect("postgres").cursor()))
        self.connection = listener._cnx
        self.connection.autocommit = True
        listener.execute("LISTEN cron_trigger")
        self.addCleanup(self.delete_triggers)

    def delete_triggers(self):
        with self.transaction() as env:
            cron = env.ref("resource_booking_zoom.ir_cron_sync_meetings")
            env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()

    def is_woken(self, seconds):
        """Whether workers of this database are woken within a time."""
        select.select([self.connection], [], [], seconds)
        self.connection.poll()
        told = [one.payload for one in self.connection.notifies]
        self.connection.notifies.clear()
        return self.registry.db_name in told

    def test_committed_work_wakes_the_workers(self):
        with self.transaction() as env:
            env["booking.zoom.meeting"]._trigger_sync()
        self.assertTrue(self.is_woken(10))

    def test_what_is_undone_wakes_nobody(self):
        with self.transaction() as env:
            env["booking.zoom.meeting"]._trigger_sync()
            env.cr.rollback()
        self.assertFalse(self.is_woken(0.2))
