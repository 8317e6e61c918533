# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..engine.attendance import (
    Attendance,
    get_end,
    is_host_absent,
    is_host_awaited,
    is_of_booking,
)

START = datetime(2027, 3, 1, 8, 0)
STOP = START + timedelta(minutes=30)


def at(minutes):
    return START + timedelta(minutes=minutes)


@tagged("post_install", "-at_install")
class TestAttendance(BaseCase):
    """What follows from the times of a meeting."""

    def awaited(self, now, **times):
        attendance = Attendance(**{name: at(told) for name, told in times.items()})
        return is_host_awaited(attendance, START, STOP, at(now))

    def test_host_is_awaited_from_five_minutes_after_the_start_to_the_end(self):
        for now, awaited in ((4, False), (5, True), (29, True), (30, False)):
            self.assertIs(self.awaited(now, customer_seen_at=-3), awaited, now)

    def test_nobody_is_awaited_without_a_customer(self):
        self.assertFalse(self.awaited(10))
        self.assertFalse(self.awaited(10, started_at=0))

    def test_host_who_is_there_is_not_awaited(self):
        self.assertFalse(self.awaited(10, customer_seen_at=0, host_seen_at=9))

    def test_host_who_left_before_the_start_is_awaited(self):
        tried = {"customer_seen_at": -20, "host_seen_at": -30}
        self.assertTrue(self.awaited(10, host_left_at=-25, **tried))
        self.assertTrue(self.awaited(10, ended_at=-10, **tried))

    def test_host_who_left_before_the_customer_came_is_awaited(self):
        self.assertTrue(
            self.awaited(20, customer_seen_at=15, host_seen_at=0, host_left_at=12)
        )

    def test_short_consultation_has_no_absent_host(self):
        both = {"customer_seen_at": 0, "host_seen_at": 1}
        self.assertFalse(self.awaited(20, host_left_at=10, ended_at=10, **both))

    def test_host_who_came_back_is_there(self):
        came_back = Attendance(
            customer_seen_at=at(0), host_seen_at=at(5), host_left_at=at(-5)
        )
        self.assertFalse(is_host_absent(came_back, START))

    def test_meeting_that_was_begun_again_has_no_end(self):
        self.assertIsNone(get_end(Attendance()))
        self.assertIsNone(get_end(Attendance(host_seen_at=at(0))))
        self.assertEqual(get_end(Attendance(ended_at=at(9))), at(9))
        self.assertEqual(
            get_end(Attendance(host_seen_at=at(0), ended_at=at(20))), at(20)
        )
        for name in ("host_seen_at", "customer_seen_at"):
            again = Attendance(ended_at=at(20), **{name: at(22)})
            self.assertIsNone(get_end(again))

    def test_only_what_is_near_the_booking_belongs_to_it(self):
        for minutes, belongs in (
            (-61, False),
            (-60, True),
            (30 + 24 * 60, True),
            (31 + 24 * 60, False),
        ):
            self.assertIs(is_of_booking(at(minutes), START, STOP), belongs)

    def test_times_of_the_former_start_are_left_out(self):
        told = Attendance(
            started_at=at(-70), customer_joined_at=at(-61), customer_seen_at=at(2)
        )
        self.assertEqual(told.of_booking(START), Attendance(customer_seen_at=at(2)))
