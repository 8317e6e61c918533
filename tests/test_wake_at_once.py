# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import select
import threading
from contextlib import closing
from unittest.mock import patch

import psycopg2

from odoo import sql_db
from odoo.tests import tagged

from ..models.zoom.ir_cron import WOKEN
from .at_once_common import TransactionsCase


@tagged("post_install", "-at_install")
class TestWakeAtOnce(TransactionsCase):
    """Whoever saves a booking does not wait until the workers are woken."""

    def setUp(self):
        super().setUp()
        self.wait_for_waking()  # by tests before this one
        listener = self.enterContext(closing(sql_db.db_connect("postgres").cursor()))
        self.connection = listener._cnx
        self.connection.autocommit = True
        listener.execute("LISTEN cron_trigger")
        self.addCleanup(self.delete_triggers)

    def delete_triggers(self):
        with self.transaction() as env:
            env["ir.cron.trigger"].search(
                [
                    (
                        "cron_id",
                        "in",
                        list(env["ir.cron"]._get_zoom_action_ids().values()),
                    )
                ]
            ).unlink()

    def wait_for_waking(self):
        for thread in threading.enumerate():
            if thread.name == WOKEN:
                thread.join(20)

    def notices(self, seconds):
        """How often workers of this database have been woken, when it is calm."""
        self.wait_for_waking()
        select.select([self.connection], [], [], seconds)
        self.connection.poll()
        told = [one.payload for one in self.connection.notifies]
        self.connection.notifies.clear()
        return told.count(self.registry.db_name)

    def test_one_transaction_wakes_the_workers_once(self):
        with self.transaction() as env:
            for _booking in range(3):
                env["booking.zoom.meeting"]._trigger_sync()
            env["ir.cron"]._get_zoom_action("ir_cron_send_reminders")._trigger()
        self.assertEqual(self.notices(10), 1)

    def test_each_transaction_wakes_them_anew(self):
        for _request in range(2):
            with self.transaction() as env:
                env["booking.zoom.meeting"]._trigger_sync()
            self.assertEqual(self.notices(10), 1)

    def test_actions_of_others_are_woken_as_the_platform_does(self):
        with self.transaction() as env:
            env.ref("calendar.ir_cron_scheduler_alarm")._trigger()
            self.addCleanup(self.delete_trigger_of_calendar)
        self.assertEqual(self.notices(10), 1)

    def delete_trigger_of_calendar(self):
        with self.transaction() as env:
            cron = env.ref("calendar.ir_cron_scheduler_alarm")
            env["ir.cron.trigger"].search(
                [("cron_id", "=", cron.id)], order="id desc", limit=1
            ).unlink()

    def test_what_is_undone_wakes_nobody(self):
        with self.transaction() as env:
            env["booking.zoom.meeting"]._trigger_sync()
            env.cr.rollback()
        self.assertEqual(self.notices(0.2), 0)

    def test_database_that_takes_no_connection_loses_nothing(self):
        # Given that no connection can be opened when the transaction has ended
        refused = patch.object(
            sql_db, "db_connect", side_effect=psycopg2.OperationalError("too many")
        )
        with self.assertLogs(
            "odoo.addons.resource_booking_zoom.models.zoom.ir_cron", "WARNING"
        ) as logs:
            with refused:
                with self.transaction() as env:
                    env["booking.zoom.meeting"]._trigger_sync()
                self.assertEqual(self.notices(0.2), 0)
        # Then the user has no error, the log says so, and the trigger is there
        self.assertIn("within a minute", logs.output[0])
        with self.transaction() as env:
            cron = env["ir.cron"]._get_zoom_action("ir_cron_sync_meetings")
            self.assertTrue(
                env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
            )
