# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading

from psycopg2.errors import ExclusionViolation

from odoo.tests import tagged

from .at_once_common import START, AtOnceCase


@tagged("post_install", "-at_install")
class TestOverlapAtOnce(AtOnceCase):
    """Two real transactions, each of which sees the time as free."""

    def test_the_second_waits_for_the_first_and_is_refused(self):
        first_id, second_id = self.bookings
        outcome = []

        def second():
            try:
                with self.transaction() as env:
                    pid.append(env.cr._cnx.get_backend_pid())
                    env.cr.execute("SELECT 1")  # its snapshot is older than the commit
                    ready.set()
                    go.wait(20)
                    env["resource.booking"].browse(second_id).start = START
                outcome.append("saved")
            except ExclusionViolation as refused:
                outcome.append(refused)

        pid, ready, go = [], threading.Event(), threading.Event()
        thread = threading.Thread(target=second)
        with self.transaction() as env:
            thread.start()
            self.assertTrue(ready.wait(20))
            env["resource.booking"].browse(first_id).start = START
            env.flush_all()
            go.set()
            # The second one sees a free time, writes, and is held by the database.
            self.assertTrue(self.is_held(env, pid[0]))
            self.assertFalse(outcome)
        thread.join(20)
        (refused,) = outcome
        self.assertIsInstance(refused, ExclusionViolation)
        with self.transaction() as env:
            self.assertIn(
                "Please choose another time",
                env["booking.zoom.meeting"]._sql_error_to_message(refused),
            )
            bookings = env["resource.booking"].browse(self.bookings)
            self.assertEqual(bookings.mapped("start"), [START, False])
