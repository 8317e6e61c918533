# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..tools.zoom_webhook import Event, Participant
from ..utils import in_own_transaction, lock_rows
from .at_once_common import START, AtOnceCase

GUEST = Participant(is_host=False)
HOST = Participant(is_host=True)


@tagged("post_install", "-at_install")
class TestAttendanceAtOnce(AtOnceCase):
    """Zoom reports several things of a meeting at the same moment."""

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            env["resource.booking"].browse(self.bookings[0]).start = START
        self.enterContext(freeze_time(START + timedelta(minutes=6), tick=True))

    def row(self, env):
        return env["resource.booking"].browse(self.bookings[0]).zoom_meeting_id

    def record(self, env, attendance, minutes, participant=None):
        event = Event(
            name="",
            attendance=attendance,
            participant=participant,
            happened_at=START + timedelta(minutes=minutes),
        )
        env["booking.zoom.attendance"]._record(self.row(env), event)

    def record_alone(self, *args):
        with self.transaction() as env:
            in_own_transaction(
                env["booking.zoom.attendance"],
                lambda model, *told: self.record(model.env, *told),
                *args,
            )

    def times(self):
        with self.transaction() as env:
            row = self.row(env)
            told = env["booking.zoom.attendance"]._get_of(row)[row]
            return told.started_at, told.host_joined_at, told.customer_joined_at

    def test_both_are_kept(self):
        with ThreadPoolExecutor() as threads, self.transaction() as env:
            self.record(env, "started", 1)
            env.flush_all()
            second = threads.submit(self.record_alone, "joined", 2, HOST)
            self.assertTrue(self.is_anybody_held(env))
            env.cr.commit()
            second.result(30)
        self.assertEqual(
            self.times(),
            (START + timedelta(minutes=1), START + timedelta(minutes=2), None),
        )

    def test_meeting_that_is_worked_on_keeps_nobody_waiting(self):
        with self.transaction() as env:
            # As the scheduled action holds it
            lock_rows(self.row(env))
            self.record_alone("joined", 3, GUEST)
        self.assertEqual(self.times()[2], START + timedelta(minutes=3))
