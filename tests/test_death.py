# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import copy
from contextlib import contextmanager, suppress
from datetime import UTC, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import test_cursor

from .common import MONDAY, NOW, TUESDAY, ZoomCase

MODULE = "odoo.addons.resource_booking_zoom"
# Claims live three minutes, an unclear creation is searched for twice.
RUNS_AFTER = 4


class Death(BaseException):
    """``kill -9``: no handler holds it up, and nothing more reaches the database."""


class Undo(Exception):
    """Ends a life; the savepoint around it is rolled back."""


class TestDeath(ZoomCase):
    """A worker dies between any two statements; the next run goes on.

    Statements that are not committed leave nothing behind. So what a death leaves
    differs only by the commits that were done and the requests that Zoom has
    executed, and one death for each such pair is enough.
    """

    def setUp(self):
        super().setUp()
        moved, cancelled, checked = (
            self.book(MONDAY + timedelta(hours=hours)) for hours in range(3)
        )
        replaced = self.book(TUESDAY)
        self.sync_meetings()
        # Given something of everything is to be done
        moved.start = MONDAY + timedelta(hours=5)
        cancelled.action_cancel()
        self.rbc_tue.zoom_user_id = self.other_host
        checked.zoom_meeting_id._check_now()
        new = self.book(MONDAY + timedelta(hours=6))
        self.bookings = moved | replaced | checked | new
        self.env.flush_all()
        self.meetings = copy.deepcopy(self.zoom.state.meetings)
        self.counts = self.zoom.state.host_counts.copy()
        # One request at a time, or it is chance how many are under way.
        self.enterContext(patch(f"{MODULE}.engine.sync_run.PARALLEL_REQUESTS", 1))

    # === LIFE AND DEATH === #

    @contextmanager
    def dying_at(self, number, places=None):
        """Nothing from this statement or commit on is executed.

        :param list places: filled with what was done before each of them
        """
        cursors = test_cursor.TestCursor
        execute, commit = cursors.execute, cursors.commit
        self.number = self.commits = 0

        def tick():
            if places is not None:
                done = self.commits, len(self.zoom.requests)
                places.append(done)
            self.number += 1
            if self.number >= number:
                raise Death

        def count_execute(cursor, *args, **kwargs):
            tick()
            return execute(cursor, *args, **kwargs)

        def count_commit(cursor):
            tick()
            commit(cursor)
            self.commits += 1

        with (
            patch.object(cursors, "execute", count_execute),
            patch.object(cursors, "commit", count_commit),
        ):
            yield

    def run_until(self, number, places=None):
        """Run the scheduled action until that statement or its end."""
        with self.registry.cursor() as cr:
            meetings = self.env(cr=cr, user=SUPERUSER_ID)["booking.zoom.meeting"]
            with suppress(Death), self.dying_at(number, places):
                meetings._cron_sync_meetings()
            # This cursor has only read. It is closed as if it lived: test cursors are
            # one in another, and it would take the others' commits with it.
        self.env.invalidate_all()

    @contextmanager
    def life(self):
        """Odoo and Zoom as they were in the beginning; undone afterwards."""
        self.clear_zoom()
        self.zoom.state.meetings.update(copy.deepcopy(self.meetings))
        self.zoom.state.host_counts.update(self.counts)
        with suppress(Undo), self.env.cr.savepoint():
            yield
            raise Undo
        self.env.invalidate_all()

    def get_places(self):
        """The statements at which a death leaves something else than one before."""
        places = []
        with self.life():
            self.run_until(10**6, places)
            self.assert_all_is_done()
        return [
            number
            for number, done in enumerate(places, start=1)
            if done not in places[: number - 1]
        ]

    def test_next_run_goes_on_after_a_death_between_any_two_statements(self):
        places = self.get_places()
        # 5 requests at least, each of them claimed and recorded
        self.assertGreater(len(places), 15)
        for number in places:
            with self.subTest(statement=number), self.life():
                self.run_until(number)
                for run in range(1, RUNS_AFTER + 1):
                    self.move_to(NOW + timedelta(minutes=4 * run))
                    self.sync_meetings()
                self.assert_all_is_done()

    # === THE END === #

    def executed(self, method, path="/meetings"):
        return sum(request.executed for request in self.requests(method, path))

    def assert_all_is_done(self):
        """Zoom has what the bookings say, by the fewest requests; the ledger agrees."""
        rows = self.bookings.zoom_meeting_id
        self.assertEqual(
            {(row.zoom_id, row.start.replace(tzinfo=UTC)) for row in rows},
            {(str(meeting.id), meeting.start_time) for meeting in self.live_meetings()},
        )
        self.assertEqual(set(rows.mapped("state")), {"ready"})
        self.assertFalse(any(rows.mapped("problem")))
        self.assertEqual(self.executed("POST", "/meetings$"), 2)
        self.assertEqual(self.executed("PATCH"), 1)
        for host in self.host | self.other_host:
            used = self.zoom.count_today(self.zoom.state.users[host.zoom_id])
            # The one that the dead worker was about to make counts as made.
            self.assertIn(host.request_count_today - used, (0, 1))
