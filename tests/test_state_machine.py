# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import ValidationError

from ..models.zoom.claims import claim
from .common import MONDAY, NOW, TUESDAY, ZoomCase

DAILY_LIMIT = 4
# Of one booking and day
CHANGES = 2
HALF_HOUR = timedelta(minutes=30)
SLOTS = [day + HALF_HOUR * number for day in (MONDAY, TUESDAY) for number in range(4)]
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
        st.tuples(st.just("prolong"), which),
        st.tuples(st.just("move_often"), which, slots, slots),
        st.tuples(st.just("retry"), which),
        st.tuples(st.just("fail"), st.integers(0, len(FAULTS) - 1), st.integers(0, 2)),
        st.tuples(st.just("sync")),
        st.tuples(st.just("die")),
        st.tuples(st.just("wait"), st.integers(1, 200)),
    ),
    max_size=14,
)


@dataclass
class Expected:
    """What the model knows of a booking; it asks nothing of the module."""

    start: datetime
    minutes: int = 30
    cancelled: bool = False
    declined: bool = False

    @property
    def stop(self):
        return self.start + timedelta(minutes=self.minutes)

    def wants_meeting(self, now):
        return not self.cancelled and not self.declined and self.stop > now

    def overlaps(self, start, minutes):
        stop = start + timedelta(minutes=minutes)
        return not self.cancelled and self.start < stop and start < self.stop


class TestStateMachine(ZoomCase):
    """Whatever happens in whatever order, Zoom ends with what the bookings say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # So low that a few bookings reach it
        cls.zoom.daily_limit = DAILY_LIMIT
        cls.account.write(
            {
                "daily_request_limit": DAILY_LIMIT,
                "reserve_requests": 1,
                "updates_per_booking": CHANGES,
            }
        )

    @settings(
        max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "40")),
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    def test_zoom_ends_with_what_the_bookings_say(self, steps):
        self.expected = {}  # resource.booking -> Expected
        self.moment = NOW
        self.clicks = 0
        try:
            with closing(self.env.cr.savepoint()):
                for name, *arguments in steps:
                    getattr(self, f"step_{name}")(*arguments)
                self.zoom.faults.clear()
                self.let_everything_settle()
                self.assert_zoom_has_what_the_bookings_say()
        finally:
            self.clear_zoom()

    # === STEPS === #

    def step_book(self, slot):
        with self.refused_only_if_taken(SLOTS[slot]):
            self.expected[self.book(SLOTS[slot])] = Expected(SLOTS[slot])

    def step_move(self, number, slot):
        booking = self.pick(number)
        if booking and not self.expected[booking].cancelled:
            known = self.expected[booking]
            with self.refused_only_if_taken(SLOTS[slot], known.minutes):
                booking.start = SLOTS[slot]
                known.start = SLOTS[slot]
            self.env.invalidate_all()

    def step_prolong(self, number):
        booking = self.pick(number)
        if booking and not self.expected[booking].cancelled:
            known = self.expected[booking]
            minutes = 90 - known.minutes
            with self.refused_only_if_taken(known.start, minutes):
                booking.duration = minutes / 60
                known.minutes = minutes
            self.env.invalidate_all()

    def step_move_often(self, number, slot, other):
        for chosen in (slot, other, slot, other):
            self.step_move(number, chosen)
            self.step_sync()

    def step_retry(self, number):
        booking = self.pick(number)
        if booking and booking.zoom_meeting_id:
            booking.action_retry_link()
            self.clicks += 1

    def step_cancel(self, number):
        booking = self.pick(number)
        if booking and not self.expected[booking].cancelled:
            booking.action_cancel()
            self.expected[booking].cancelled = True

    def step_delete(self, number):
        booking = self.pick(number)
        self.expected.pop(booking, None)
        booking.unlink()

    def step_decline(self, number):
        self.answer(number, "declined")

    def step_accept(self, number):
        self.answer(number, "accepted")

    def answer(self, number, state):
        booking = self.pick(number)
        if not booking or self.expected[booking].cancelled:
            return
        attendees = booking.meeting_id.attendee_ids.filtered(
            lambda attendee: attendee.partner_id in booking.partner_ids
        )
        attendees.write({"state": state})
        self.expected[booking].declined = state == "declined"

    @contextmanager
    def refused_only_if_taken(self, start, minutes=30):
        try:
            with self.env.cr.savepoint():
                yield
        except ValidationError:
            overlapping = [
                one for one in self.expected.values() if one.overlaps(start, minutes)
            ]
            self.assertTrue(overlapping)

    def step_delete_in_zoom(self, number):
        meetings = self.live_meetings()
        if meetings:
            meeting = meetings[number % len(meetings)]
            self.zoom.delete_in_portal(meeting)
            self.env["booking.zoom.meeting"].search(
                [("zoom_id", "=", str(meeting.id)), ("state", "=", "ready")]
            )._check_now()

    def step_fail(self, number, skip):
        self.zoom.fail(path="/v2/", skip=skip, **FAULTS[number])

    def step_sync(self):
        self.sync_meetings()
        for user in self.account.zoom_user_ids:
            self.assertLessEqual(user.request_count_today, DAILY_LIMIT + self.clicks)
        self.assert_no_booking_takes_more_than_its_share()

    def assert_no_booking_takes_more_than_its_share(self):
        """One creation, the changes that are admitted a day, one more for the end.

        A meeting that is missing shortly before the start is made all the same, and a
        person may insist.
        """
        for count in self.env["booking.zoom.change.count"].search([]):
            self.assertLessEqual(count.update_count, CHANGES + 1 + self.clicks)
            self.assertLessEqual(
                count.create_count + count.update_count, 2 + CHANGES + self.clicks
            )

    def step_die(self):
        """A worker claims what is due, and is killed before its requests."""
        meetings = self.env["booking.zoom.meeting"]
        claim(meetings.search(meetings._get_due_domain()))

    def step_wait(self, seconds):
        self.moment += timedelta(seconds=seconds)
        self.move_to(self.moment)

    def pick(self, number):
        bookings = list(self.expected)
        if not bookings:
            return self.env["resource.booking"]
        return bookings[number % len(bookings)]

    # === THE END === #

    def let_everything_settle(self):
        for _round in range(10):
            self.step_wait(240)
            self.step_sync()
        # Limits last until the next day.
        for days in (0, 1):
            self.moment = NOW + timedelta(days=days, hours=15, minutes=1)
            for _round in range(6):
                self.step_wait(240)
                self.step_sync()

    def assert_zoom_has_what_the_bookings_say(self):
        wanted = sorted(
            (one.start.replace(tzinfo=UTC), one.minutes)
            for one in self.expected.values()
            if one.wants_meeting(self.moment)
        )
        meetings = self.live_meetings()
        self.assertEqual(
            [(meeting.start_time, meeting.duration) for meeting in meetings], wanted
        )
        rows = self.env["booking.zoom.meeting"].search(
            [("state", "not in", ("removing", "removed"))]
        )
        self.assertEqual(
            {row.zoom_id for row in rows}, {str(meeting.id) for meeting in meetings}
        )
        self.assertEqual(
            {row.booking_id: row.start for row in rows},
            {
                booking: one.start
                for booking, one in self.expected.items()
                if one.wants_meeting(self.moment)
            },
        )
        self.assertFalse(rows.filtered(lambda row: row.state != "ready" or row.problem))
