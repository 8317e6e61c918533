# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading
from datetime import datetime, timedelta

from psycopg2.errors import CheckViolation, ExclusionViolation

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, Form, tagged
from odoo.tools import mute_logger

from ..engine.overlaps import Span, find_clashes, meet, pad
from .at_once_common import START, AtOnceCase
from .common import MONDAY
from .test_overlap import OverlapCase

HALF = timedelta(minutes=30)
HOUR = timedelta(hours=1)


class TestPauseRule(BaseCase):
    """When two bookings of a Zoom user are too close."""

    def span(self, minutes, pause=0, booking_id=1, host_id=1):
        """Half an hour that begins so many minutes after eight."""
        start = datetime(2027, 3, 1, 8) + timedelta(minutes=minutes)
        return Span(host_id, start, start + HALF, booking_id, pause)

    def test_longer_pause_of_the_two_counts_in_both_orders(self):
        for pause, other_pause, gap, too_close in (
            (0, 0, 0, False),
            (0, 0, -1, True),
            (15, 15, 15, False),
            (15, 15, 14, True),
            (15, 0, 14, True),
            (0, 15, 14, True),
            (15, 0, 15, False),
            (0, 15, 15, False),
            (10, 20, 19, True),
            (10, 20, 20, False),
        ):
            with self.subTest(pause=pause, other_pause=other_pause, gap=gap):
                one, other = self.span(0, pause), self.span(30 + gap, other_pause)
                self.assertEqual(meet(one, other), too_close)
                self.assertEqual(meet(other, one), too_close)

    def test_pad(self):
        span = self.span(0, 10)
        for own, gap in ((0, 10), (10, 10), (25, 25)):
            minutes = timedelta(minutes=gap)
            self.assertEqual(
                pad(span, own), (span.start - minutes, span.stop + minutes)
            )

    def test_other_hosts_need_no_pause(self):
        one, other = self.span(0, 15), self.span(30, 15, 2)
        self.assertEqual(len(find_clashes([one, other])), 1)
        other = self.span(30, 15, 2, host_id=2)
        self.assertFalse(find_clashes([one, other]))


class TestPause(OverlapCase):
    """A Zoom user has no other meeting for some minutes before and after each one."""

    def setUp(self):
        super().setUp()
        self.other_type = self.rbt.copy({"name": "Other type"})

    def set_pause(self, minutes, booking_type=None):
        if booking_type:
            booking_type.write({"has_own_zoom_pause": True, "zoom_pause": minutes})
        else:
            self.account.meeting_pause = minutes
        self.env.flush_all()

    def assertOffered(self, booking, *, without=(), among=()):
        offered = self.slots(booking)
        self.assertFalse(set(without) & set(offered))
        self.assertLessEqual(set(among), set(offered))

    def assertTooClose(self, start, *texts, **values):
        with self.assertRaises(ValidationError) as refused, self.env.cr.savepoint():
            self.book_room(self.other_room, start, **values)
            self.env.flush_all()
        for text in texts:
            self.assertIn(text, str(refused.exception))

    def neighbours(self):
        """Two bookings in a row, made without a pause."""
        return self.book_room(self.room), self.book_room(self.other_room, MONDAY + HALF)

    # === SLOTS AND CHECK === #

    def test_no_slot_within_the_pause(self):
        self.set_pause(30)
        self.book_room(self.room)
        self.assertOffered(
            self.book(None),
            without=(MONDAY - HALF, MONDAY, MONDAY + HALF),
            among=(MONDAY - HOUR, MONDAY + HOUR),
        )

    def test_part_of_a_slot_is_enough(self):
        self.set_pause(5)
        self.book_room(self.room)
        self.assertOffered(
            self.book(None),
            without=(MONDAY - HALF, MONDAY + HALF),
            among=(MONDAY - HOUR, MONDAY + timedelta(minutes=35)),
        )

    def test_new_bookings_pause_beside_those_made_without(self):
        self.book_room(self.room)
        self.set_pause(15)
        self.assertOffered(self.book(None), without=(MONDAY - HALF, MONDAY + HALF))
        self.assertTooClose(MONDAY + HALF)
        self.assertTooClose(MONDAY - HALF)

    def test_pause_reaches_into_the_next_day(self):
        self.set_pause(30)
        self.book_room(self.room, MONDAY.replace(hour=23, minute=30))
        day = MONDAY + timedelta(days=1)
        offered = self.slots(self.book(None), day)
        self.assertNotIn(day.replace(hour=0), offered)
        self.assertIn(day.replace(hour=0, minute=30), offered)

    def test_check_says_which_pause_is_missing(self):
        self.set_pause(20)
        self.book_room(self.room)
        for start in (MONDAY - HALF, MONDAY + HALF):
            self.assertTooClose(
                start, "Host1 Zoom", "Secret Customer", "pause of 20 minutes"
            )
        self.assertTrue(
            self.book_room(
                self.other_room, MONDAY + HALF + timedelta(minutes=20)
            ).zoom_meeting_id
        )

    def test_overlap_is_called_an_overlap(self):
        self.set_pause(20)
        self.book_room(self.room)
        with self.assertRaises(ValidationError) as refused, self.env.cr.savepoint():
            self.book_room(self.other_room, MONDAY)
        self.assertNotIn("pause", str(refused.exception))

    def test_another_zoom_user_is_free(self):
        self.set_pause(30)
        self.book_room(self.room)
        self.other_room.zoom_user_id = self.other_host
        self.assertTrue(self.book_room(self.other_room, MONDAY + HALF).meeting_id)

    def test_combination_is_chosen_whose_zoom_user_has_no_pause(self):
        self.set_pause(15)
        self.book_room(self.room)
        (third,) = self.make_rooms(self.calendar, 1)
        third.zoom_user_id = self.other_host
        self.rbt.combination_rel_ids = [
            (0, 0, {"combination_id": third.id, "sequence": 99})
        ]
        self.assertEqual(self.book(MONDAY + HALF).combination_id, third)

    # === ACCOUNT AND TYPE === #

    def test_own_pause_of_a_type_goes_before_that_of_the_account(self):
        self.set_pause(30)
        self.set_pause(0, self.rbt)
        self.book_room(self.room)
        self.assertOffered(self.book(None), among=(MONDAY - HALF, MONDAY + HALF))

    def test_longer_pause_of_two_types_counts_whoever_comes_first(self):
        self.set_pause(30, self.other_type)
        self.book_room(self.room)
        pending = self.book(None, type_id=self.other_type.id)
        self.assertOffered(pending, without=(MONDAY - HALF, MONDAY + HALF))
        self.book_room(self.room, MONDAY + 3 * HOUR, type_id=self.other_type.id)
        around = (MONDAY + 3 * HOUR - HALF, MONDAY + 3 * HOUR + HALF)
        self.assertOffered(
            self.book(None), without=around, among=(MONDAY - HALF, MONDAY + HALF)
        )
        for start in around:
            self.assertTooClose(start, "pause of 30 minutes")

    def test_booking_without_zoom_user_has_the_pause_of_its_company(self):
        self.rooms.resource_ids.zoom_user_id = False
        self.set_pause(15)
        self.assertEqual(self.book_room(self.room).zoom_meeting_id.pause, 15)

    def test_absurd_pauses_are_refused_with_a_sentence(self):
        self.rbt.has_own_zoom_pause = True
        for record, field in (
            (self.account, "meeting_pause"),
            (self.rbt, "zoom_pause"),
        ):
            for minutes in (-1, 241, 100000):
                with (
                    self.subTest(field=field, minutes=minutes),
                    self.assertRaises(CheckViolation) as refused,
                    mute_logger("odoo.sql_db"),
                    self.env.cr.savepoint(),
                ):
                    record[field] = minutes
                    record.flush_recordset()
                self.assertIn(
                    "must be between 0 and 240 minutes",
                    record._sql_error_to_message(refused.exception),
                )
            record[field] = 240
            record.flush_recordset()

    def test_form_of_the_type_asks_for_the_minutes_of_its_own_pause(self):
        form = Form(self.rbt)
        form.has_own_zoom_pause = True
        form.zoom_pause = 10
        form.save()
        self.assertEqual(self.rbt._get_zoom_pause(self.host), 10)

    # === BOOKINGS MADE BEFORE === #

    def test_setting_a_pause_changes_no_booking_and_sends_nothing(self):
        first, second = self.neighbours()
        self.sync_meetings()
        requests = len(self.zoom.state.requests)
        rows = first.zoom_meeting_id | second.zoom_meeting_id
        before = rows.mapped("write_date")
        self.set_pause(30)
        self.set_pause(60, self.rbt)
        self.sync_meetings()
        self.assertEqual(rows.mapped("write_date"), before)
        self.assertEqual(rows.mapped("pause"), [0, 0])
        self.assertEqual(len(self.zoom.state.requests), requests)

    def test_row_from_before_the_column_came_has_no_pause(self):
        booking = self.book_room(self.room)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE booking_zoom_meeting SET pause = NULL WHERE id = %s",
            [booking.zoom_meeting_id.id],
        )
        self.env.invalidate_all()
        self.assertTrue(self.book_room(self.other_room, MONDAY + HALF).meeting_id)
        self.set_pause(15)
        self.assertTooClose(MONDAY - HALF, "pause of 15 minutes")

    def test_neighbours_are_saved_retried_and_issued_anew(self):
        first, second = self.neighbours()
        self.set_pause(15)
        bookings = first | second
        bookings.zoom_meeting_id.action_retry()
        self.sync_meetings()
        self.assertEqual(set(bookings.mapped("join_link_state")), {"ready"})
        bookings.write({"location": "Somewhere"})
        self.rbt.name = "Another title"
        bookings._issue_anew()
        self.env.flush_all()
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(bookings.zoom_meeting_id.mapped("pause"), [0, 0])
        self.assertEqual(set(bookings.mapped("join_link_state")), {"ready"})
        self.assertEqual(len(self.live_meetings()), 2)

    def test_neighbours_keep_their_combinations(self):
        first, second = self.book(MONDAY), self.book(MONDAY + HALF)
        rooms = first.combination_id, second.combination_id
        self.set_pause(15)
        for booking in first | second:
            self.assertEqual(booking._get_best_combination(), booking.combination_id)
        (first | second)._compute_combination_id()
        self.env.flush_all()
        self.assertEqual((first.combination_id, second.combination_id), rooms)

    def test_neighbours_get_another_host_together(self):
        first, second = self.neighbours()
        self.set_pause(15)
        able, _reasons = (first | second)._find_hosts()
        self.assertIn(self.other_host, able)
        self.rooms.resource_ids.zoom_user_id = self.other_host
        self.env.flush_all()
        rows = (first | second).zoom_meeting_id
        self.assertEqual(rows.zoom_user_id, self.other_host)
        self.assertEqual(rows.mapped("pause"), [0, 0])

    def test_neighbours_of_a_type_that_turns_to_zoom(self):
        plain = self.rbt.copy({"web_conference_tool": "none"})
        first = self.book_room(self.room, type_id=plain.id)
        second = self.book_room(self.other_room, MONDAY + HALF, type_id=plain.id)
        self.set_pause(15)
        plain.web_conference_tool = "zoom"
        self.env.flush_all()
        rows = (first | second).zoom_meeting_id
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows.mapped("pause"), [0, 0])

    def test_neighbours_come_back_with_the_pause_they_had(self):
        first, second = self.neighbours()
        bookings = first | second
        self.set_pause(15)
        for tool in ("none", "zoom"):
            self.rbt.web_conference_tool = tool
            self.env.flush_all()
        bookings[0].active = False
        self.env.flush_all()
        bookings[0].active = True
        self.env.flush_all()
        rows = bookings.zoom_meeting_id
        self.assertEqual(rows.mapped("pause"), [0] * len(bookings))

    def test_moved_neighbour_takes_the_pause_that_is_set_now(self):
        first, second = self.neighbours()
        self.set_pause(15)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            second.start = MONDAY + HALF + timedelta(minutes=10)
            self.env.flush_all()
        self.env.invalidate_all()
        second.start = MONDAY + HOUR
        self.env.flush_all()
        self.assertEqual(second.zoom_meeting_id.pause, 15)
        self.assertEqual(first.zoom_meeting_id.pause, 0)
        self.assertTooClose(MONDAY + HOUR + HALF, "pause of 15 minutes")

    def test_host_who_pauses_is_not_offered(self):
        self.set_pause(15)
        self.other_room.zoom_user_id = self.other_host
        self.book_room(self.other_room, MONDAY + HALF)
        booking = self.book_room(self.room)
        able, reasons = booking._find_hosts()
        self.assertNotIn(self.other_host, able)
        self.assertEqual(reasons["busy"], 1)

    # === THE DATABASE === #

    def test_database_keeps_the_pause_on_both_sides(self):
        self.set_pause(15, self.other_type)
        paused = self.book_room(self.room, type_id=self.other_type.id)
        row = self.book_room(self.other_room, MONDAY + 4 * HOUR).zoom_meeting_id
        self.assertEqual((paused.zoom_meeting_id.pause, row.pause), (15, 0))
        for minutes, refused in ((44, True), (-44, True), (45, False), (-45, False)):
            with self.subTest(minutes=minutes):
                start = MONDAY + timedelta(minutes=minutes)
                if not refused:
                    row.start = start
                    row.flush_recordset()
                    continue
                with (
                    self.assertRaises(ExclusionViolation) as error,
                    mute_logger("odoo.sql_db"),
                    self.env.cr.savepoint(),
                ):
                    row.start = start
                    row.flush_recordset()
                self.assertIn(
                    "just before or after it",
                    row._sql_error_to_message(error.exception),
                )


@tagged("post_install", "-at_install")
class TestPauseAtOnce(AtOnceCase):
    """Two real transactions, each of which sees the other's pause as free."""

    def test_the_second_is_refused_within_the_pause_of_the_first(self):
        for later in (True, False):
            with self.subTest(second_is_later=later):
                self.meet_at_once(HALF if later else -HALF)

    def meet_at_once(self, distance):
        first_id, second_id = self.bookings
        outcome, ready, go = [], threading.Event(), threading.Event()

        def second():
            try:
                with self.transaction() as env:
                    env.cr.execute("SELECT 1")  # its snapshot is older than the commit
                    ready.set()
                    go.wait(20)
                    booking = env["resource.booking"].browse(second_id)
                    booking.start = START + HOUR + distance
                outcome.append("saved")
            except ExclusionViolation as refused:
                outcome.append(refused)

        thread = threading.Thread(target=second)
        with self.transaction() as env:
            first = env["resource.booking"].browse(first_id)
            first.type_id.write({"has_own_zoom_pause": True, "zoom_pause": 15})
        with self.transaction() as env:
            thread.start()
            self.assertTrue(ready.wait(20))
            env["resource.booking"].browse(first_id).start = START + HOUR
        go.set()
        thread.join(20)
        (refused,) = outcome
        self.assertIsInstance(refused, ExclusionViolation)
        with self.transaction() as env:
            self.assertIn(
                "just before or after it",
                env["booking.zoom.meeting"]._sql_error_to_message(refused),
            )
            first, other = env["resource.booking"].browse(self.bookings)
            self.assertEqual((first.start, other.start), (START + HOUR, False))
            first.action_unschedule()
