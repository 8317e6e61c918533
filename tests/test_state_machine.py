# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import os
from contextlib import suppress
from datetime import UTC, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError

from .common import MONDAY, NOW, TUESDAY, ZoomCase
from .zoom_simulator import Fault

SLOTS = [
    day + timedelta(minutes=30 * number)
    for day in (MONDAY, TUESDAY)
    for number in range(4)
]
FAULTS = (
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "malformed"},
    {"kind": "html"},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 502, "executes": True},
    {"kind": "status", "status": 401, "body": {"code": 124, "message": "Invalid"}},
    {"kind": "status", "status": 429, "body": {"code": 429, "message": "daily rate"}},
)
slots = st.integers(0, len(SLOTS) - 1)
which = st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), slots),
        st.tuples(st.just("move"), which, slots),
        st.tuples(st.just("cancel"), which),
        st.tuples(st.just("delete"), which),
        st.tuples(st.just("decline"), which),
        st.tuples(st.just("accept"), which),
        st.tuples(st.just("delete_in_zoom"), which),
        st.tuples(st.just("fail"), st.integers(0, len(FAULTS) - 1), st.integers(0, 2)),
        st.tuples(st.just("sync")),
        st.tuples(st.just("die")),
        st.tuples(st.just("wait"), st.integers(1, 200)),
    ),
    max_size=14,
)


class Undo(Exception):
    """Ends an example; the savepoint around it is rolled back."""


class TestStateMachine(ZoomCase):
    """Whatever happens in whatever order, Zoom ends with what the bookings say."""

    @settings(
        max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "15")),
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    def test_zoom_ends_with_what_the_bookings_say(self, steps):
        with suppress(Undo), self.env.cr.savepoint():
            self.bookings = self.env["resource.booking"]
            self.moment = NOW
            for name, *arguments in steps:
                getattr(self, f"step_{name}")(*arguments)
            self.zoom.faults.clear()
            self.let_everything_settle()
            self.assert_zoom_has_what_the_bookings_say()
            raise Undo
        self.env.invalidate_all()
        self.clear_zoom()

    # === STEPS === #

    def step_book(self, slot):
        with suppress(ValidationError), self.env.cr.savepoint():
            self.bookings |= self.book(SLOTS[slot])
        self.bookings = self.bookings.exists()

    def step_move(self, number, slot):
        booking = self.pick(number).filtered("active")
        if booking:
            with suppress(ValidationError), self.env.cr.savepoint():
                booking.start = SLOTS[slot]
            self.env.invalidate_all()

    def step_cancel(self, number):
        self.pick(number).filtered("active").action_cancel()

    def step_delete(self, number):
        booking = self.pick(number)
        self.bookings -= booking
        booking.unlink()

    def step_decline(self, number):
        self.answer(number, "declined")

    def step_accept(self, number):
        self.answer(number, "accepted")

    def answer(self, number, state):
        booking = self.pick(number)
        attendees = booking.meeting_id.attendee_ids.filtered(
            lambda attendee: attendee.partner_id in booking.partner_ids
        )
        with suppress(ValidationError), self.env.cr.savepoint():
            attendees.write({"state": state})

    def step_delete_in_zoom(self, number):
        meetings = self.live_meetings()
        if meetings:
            meeting = meetings[number % len(meetings)]
            self.zoom.delete_in_portal(meeting)
            self.env["booking.zoom.meeting"].search(
                [("zoom_id", "=", str(meeting.id)), ("state", "=", "ready")]
            )._check_now()

    def step_fail(self, number, skip):
        self.zoom.faults.add(Fault(path="/v2/", skip=skip, **FAULTS[number]))

    def step_sync(self):
        self.sync_meetings()

    def step_die(self):
        """A worker claims what is due, and is killed before its requests."""
        meetings = self.env["booking.zoom.meeting"]
        meetings.search(meetings._get_due_domain())._claim()

    def step_wait(self, seconds):
        self.moment += timedelta(seconds=seconds)
        self.move_to(self.moment)

    def pick(self, number):
        if not self.bookings:
            return self.bookings
        return self.bookings[number % len(self.bookings)]

    # === THE END === #

    def let_everything_settle(self):
        for _round in range(10):
            self.step_wait(240)
            self.sync_meetings()
        # An account-wide limit lasts until the next day.
        self.moment = NOW + timedelta(hours=15, minutes=1)
        for _round in range(6):
            self.step_wait(240)
            self.sync_meetings()

    def assert_zoom_has_what_the_bookings_say(self):
        wanted = sorted(
            booking.start.replace(tzinfo=UTC)
            for booking in self.bookings
            if booking._needs_zoom_meeting()
        )
        meetings = self.live_meetings()
        self.assertEqual([meeting.start_time for meeting in meetings], wanted)
        rows = self.bookings.zoom_meeting_id
        self.assertEqual(
            {row.zoom_id for row in rows}, {str(meeting.id) for meeting in meetings}
        )
        self.assertFalse(rows.filtered(lambda row: row.state != "ready" or row.problem))
        for user in self.account.zoom_user_ids:
            self.assertLessEqual(user.request_count_today, 100)
