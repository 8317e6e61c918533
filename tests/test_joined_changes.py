# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta
from itertools import cycle, islice

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, new_test_user, tagged

from ..engine.change_pace import (
    FIRST_PAUSE,
    LONGEST_POSTPONEMENT,
    TOLD_BEFORE,
    get_send_at,
    is_urgent,
)
from ..models.zoom.claims import claim
from ..models.zoom.meeting_words import describe_wait
from .common import MONDAY, NOW, TUESDAY, HttpBookingCase, ZoomCase
from .mail_common import MailMixin

HALF_HOUR = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)
RESET = NOW.replace(hour=0, minute=0) + timedelta(days=1)
# The reminder of the module's own alarm is due one hour before the start.
REMINDER = timedelta(hours=1)
EVENING = NOW.replace(hour=20)


class JoinedCase(ZoomCase):
    def others_host(self):
        """Tuesdays have another Zoom user."""
        self.r_materials[1].zoom_user_id = self.other_host

    def move_often(self, booking, count, slots=None, every=timedelta(0)):
        """Move the booking so often, letting the scheduled action run each time."""
        slots = slots or [MONDAY + HALF_HOUR, MONDAY + 2 * HALF_HOUR]
        for number, start in enumerate(islice(cycle(slots), count), 1):
            booking.start = start
            self.sync_meetings()
            if every:
                self.move_to(NOW + number * every)

    def run_until(self, moment, every=timedelta(minutes=5)):
        """Let the time pass, and the scheduled action run now and then."""
        now = self.clock().replace(microsecond=0)
        while now < moment:
            now = min(now + every, moment)
            self.move_to(now)
            self.sync_meetings()

    def zoom_start(self, booking):
        meeting = self.zoom.meetings[int(booking.zoom_meeting_id.zoom_id)]
        return meeting.start_time.replace(tzinfo=None)


class TestJoinedChanges(JoinedCase):
    """Changes of one booking are joined: it never uses up its host's day."""

    # === HOW MANY === #

    def test_first_two_changes_are_sent_at_once(self):
        booking = self.book()
        self.sync_meetings()
        for number in (1, 2):
            booking.start = MONDAY + number * HALF_HOUR
            self.sync_meetings()
            self.assertEqual(self.zoom_start(booking), booking.start)

    def test_third_change_is_sent_after_a_pause(self):
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 3)
        self.assertEqual(len(self.requests("PATCH")), 2)
        self.run_until(NOW + FIRST_PAUSE + MINUTE)
        self.assertEqual(len(self.requests("PATCH")), 3)
        self.assertEqual(self.zoom_start(booking), booking.start)

    def test_90_moves_cost_six_requests_and_zoom_learns_the_last_one(self):
        # Given a booking that is moved 90 times within a minute
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 90)
        # When the time of the reminder comes
        self.run_until(booking.start - REMINDER - TOLD_BEFORE, timedelta(hours=1))
        # Then Zoom knows the last time
        self.assertEqual(self.zoom_start(booking), booking.start)
        self.assertLessEqual(self.counted_requests(), 6)

    def test_90_moves_over_a_day_cost_six_requests(self):
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 89, every=9 * MINUTE)
        self.move_often(booking, 1, [MONDAY + 5 * HALF_HOUR])
        self.assertLess(self.clock(), RESET)
        self.assertLessEqual(self.counted_requests(), 6)
        self.assertEqual(booking.zoom_meeting_id.next_attempt, RESET)
        # And after the reset Zoom learns the last time
        self.run_until(RESET)
        self.assertEqual(self.zoom_start(booking), booking.start)

    def test_moves_to_today_delay_no_other_booking(self):
        # Given a host of whom 84 requests are used, and a booking of today that is
        # moved 90 times
        self.use_up(self.host, 84)
        (row,) = self.book_many(1, start=EVENING, minutes=30)
        self.sync_meetings()
        for number in range(90):
            row.start = EVENING - (number % 2) * HALF_HOUR
            row._reset_attempts()
            self.sync_meetings()
        self.assertLessEqual(self.counted_requests(), 6)
        # When somebody books for this evening
        (other,) = self.book_many(1, start=EVENING + HALF_HOUR, minutes=30)
        self.sync_meetings()
        # Then the meeting is made at once
        self.assertEqual(other.state, "ready")

    def test_administrator_sets_how_many(self):
        self.account.updates_per_booking = 1
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 2)
        self.assertFalse(self.requests("PATCH"))
        self.run_until(booking.start - REMINDER, timedelta(hours=1))
        self.assertEqual(len(self.requests("PATCH")), 1)
        self.assertEqual(self.zoom_start(booking), booking.start)

    # === THE SAME BY OTHER WAYS === #

    def check_six_requests(self, booking):
        self.assertLessEqual(self.counted_requests(), 6)
        self.run_until(booking.start - REMINDER - TOLD_BEFORE, timedelta(hours=1))
        self.assertLessEqual(self.counted_requests(), 7)
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, booking.start.replace(tzinfo=UTC))
        self.assertEqual(booking.zoom_meeting_id.state, "ready")

    def test_moves_between_two_zoom_users(self):
        self.others_host()
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 90, [TUESDAY, MONDAY])
        self.check_six_requests(booking)

    def test_cancelled_and_taken_up_again(self):
        booking = self.book()
        for _time in range(90):
            self.sync_meetings()
            booking.action_cancel()
            self.sync_meetings()
            booking.active = True
            booking.start = MONDAY
        self.sync_meetings()
        self.check_six_requests(booking)

    def test_title_is_reworded(self):
        self.rbt.zoom_title = "{customer}"
        people = self.partner | self.partner.copy()
        booking = self.book()
        for number in range(20):  # each invites somebody, which takes longer
            self.sync_meetings()
            booking.partner_ids = people[number % 2]
        self.sync_meetings()
        self.check_six_requests(booking)

    def test_duration_is_changed_to_and_fro(self):
        booking = self.book()
        for number in range(90):
            self.sync_meetings()
            booking.duration = 0.5 + (number % 2) * 0.5
        self.sync_meetings()
        self.check_six_requests(booking)

    def test_tool_is_switched_to_and_fro(self):
        booking = self.book()
        for _time in range(45):
            for tool in ("none", "zoom"):
                self.rbt.web_conference_tool = tool
                self.sync_meetings()
        self.check_six_requests(booking)

    def test_host_edits_the_meeting_in_zoom_again_and_again(self):
        booking = self.book()
        self.sync_meetings()
        for _time in range(40):
            (meeting,) = self.live_meetings()
            self.zoom.edit_in_portal(meeting, duration=15)
            booking.zoom_meeting_id._check_now()
            self.sync_meetings()
            self.sync_meetings()
        self.check_six_requests(booking)

    # === ZOOM LEARNS THE FINAL TIME === #

    def test_last_change_of_the_day_is_kept_for_the_reminder(self):
        # Given a booking of today's evening whose changes are used up but one
        (row,) = self.book_today(EVENING)
        self.sync_meetings()
        for number in range(1, 30):
            row.start = EVENING - (number % 3) * HALF_HOUR
            row._reset_attempts()
            self.sync_meetings()
            self.move_to(NOW + number * 10 * MINUTE)
        self.assertEqual(len(self.requests("PATCH")), 4)
        # When it is moved once more
        row.start = EVENING - 4 * HALF_HOUR
        row._reset_attempts()
        self.sync_meetings()
        self.assertEqual(row.next_attempt, row.start - TOLD_BEFORE)
        self.run_until(row.start - TOLD_BEFORE)
        # Then Zoom learns of it in time
        self.assertEqual(row.state, "ready")
        self.assertEqual(len(self.requests("PATCH")), 5)

    def test_change_of_the_last_minutes_reaches_zoom_before_the_start(self):
        (row,) = self.book_today(EVENING)
        self.sync_meetings()
        for minutes in range(30):
            row.duration = 30 + minutes
            row._reset_attempts()
            self.move_to(EVENING - (31 - minutes) * MINUTE)
            self.sync_meetings()
        self.run_until(EVENING, MINUTE)
        self.assertEqual(row.state, "ready")
        self.assertEqual(row.sent_duration, 59)
        self.assertLessEqual(len(self.requests("PATCH")), 6)

    def test_new_meeting_is_made_before_the_start_however_often_the_host_changed(self):
        (row,) = self.book_today(EVENING)
        self.sync_meetings()
        for number in range(20):
            host = (self.other_host, self.host)[number % 2]
            row = row.booking_id.zoom_meeting_id
            row._replace(
                {
                    "booking_id": row.booking_id.id,
                    "zoom_user_id": host.id,
                    "start": EVENING,
                    "duration": 30,
                    "topic": "Consultation",
                }
            )
            self.sync_meetings()
        self.run_until(EVENING - TOLD_BEFORE)
        self.assertEqual(row.booking_id.zoom_meeting_id.state, "ready")

    def book_today(self, start):
        """A row of today, outside the hours of the test's calendar."""
        return self.book_many(1, start=start, minutes=30)

    # === NOBODY ELSE WAITS === #

    def test_one_booking_uses_the_reserve_twice(self):
        # Given a host of whom only the reserve is left
        self.account.write({"daily_request_limit": 12, "reserve_requests": 10})
        self.book_many(2)
        self.sync_meetings()
        (row,) = self.book_today(EVENING)
        self.sync_meetings()
        # When a booking of today is made and changed twice
        for minutes in (20, 10):
            row.duration = minutes
            row._reset_attempts()
            self.sync_meetings()
        # Then it has used two of them
        self.assertEqual(self.count_of_today().total, 4)
        self.assertEqual(row.sent_duration, 20)
        # And another booking of today has its meeting
        (other,) = self.book_today(EVENING + HALF_HOUR)
        self.sync_meetings()
        self.assertEqual(other.state, "ready")

    def test_request_that_did_not_reach_zoom_leaves_the_reserve_as_it_is(self):
        self.account.write({"daily_request_limit": 10, "reserve_requests": 10})
        (row,) = self.book_today(EVENING)
        self.zoom.stop()
        try:
            for minutes in range(0, 90, 30):
                self.move_to(NOW + minutes * MINUTE)
                self.sync_meetings()
        finally:
            self.zoom.start()
        self.move_to(NOW + timedelta(hours=3))
        self.sync_meetings()
        self.assertEqual(row.state, "ready")

    def test_creations_go_before_updates_when_few_requests_are_left(self):
        # Given 33 requests left, with a reserve of 10
        self.use_up(self.host, 67)
        changed = self.book_many(5, start=MONDAY)
        self.sync_meetings()
        changed.write({"duration": 4})
        changed._reset_attempts()
        # When later bookings are made before the changes are sent
        new = self.book_many(40, start=MONDAY + timedelta(hours=2))
        self.sync_meetings()
        # Then the requests that are left are theirs
        self.assertEqual(new.mapped("state").count("ready"), 18)
        self.assertFalse(self.requests("PATCH"))
        self.assertEqual(set(changed.mapped("state")), {"changed"})

    def test_updates_go_by_themselves_while_many_requests_are_left(self):
        changed = self.book_many(2, start=MONDAY)
        self.sync_meetings()
        changed.write({"duration": 4})
        changed._reset_attempts()
        self.book_many(40, start=MONDAY + timedelta(hours=2))
        self.sync_meetings()
        self.assertEqual(set(changed.mapped("state")), {"ready"})

    def test_queries_of_a_claim_do_not_grow_with_the_bookings_that_are_held(self):
        def queries(count):
            rows = self.book_many(count, start=MONDAY + timedelta(hours=count))
            self.sync_meetings()
            counts = self.env["booking.zoom.change.count"]
            for booking in rows.booking_id:
                for _time in range(5):
                    counts._note(booking, "update", False)
            rows.write({"duration": 4})
            rows._reset_attempts()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            jobs, _locked = claim(rows)
            self.env.flush_all()
            self.assertFalse(jobs)
            return self.env.cr.sql_log_count - before

        few = queries(2)
        self.assertLessEqual(queries(12), few + 4)

    # === BEFORE A REMINDER === #

    def test_zoom_learns_the_final_time_before_a_reminder_that_is_added_later(self):
        # Given a change that is held until Zoom counts anew
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 89, every=9 * MINUTE)
        self.move_often(booking, 1, [MONDAY + 5 * HALF_HOUR])
        self.assertEqual(booking.zoom_meeting_id.next_attempt, RESET)
        # When staff add a reminder that is due before
        reminder = RESET - HALF_HOUR
        minutes = (booking.start - reminder).total_seconds() / 60
        booking.meeting_id.alarm_ids += self.create_alarm(minutes)
        # Then Zoom knows the time that it names
        self.run_until(reminder)
        self.assertEqual(self.zoom_start(booking), booking.start)

    # === WHAT IS SAID === #

    def test_waiting_change_is_no_problem_and_says_when_it_is_sent(self):
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 3)
        row = booking.zoom_meeting_id
        self.assertFalse(row.problem)
        self.assertEqual(booking.join_link_state, "changed")
        self.assertTrue(booking._get_join_link())
        said = booking.with_context(lang="en_US", tz="Asia/Tokyo").join_link_wait
        self.assertIn("The change is sent to Zoom on 2/26/27, 6:05", said)
        self.assertIn("The join link stays the same", said)
        # And nothing is said any more when it was sent
        self.run_until(NOW + FIRST_PAUSE + MINUTE)
        self.assertFalse(booking.join_link_wait)

    def test_meeting_that_waits_for_a_pause_says_so(self):
        self.others_host()
        booking = self.book()
        self.sync_meetings()
        self.move_often(booking, 4, [TUESDAY, MONDAY])
        row = booking.zoom_meeting_id
        self.assertRecordValues(row, [{"state": "waiting", "problem": False}])
        self.assertIn("The meeting is created in Zoom on", row.wait_message)

    def test_says_what_happens_to_a_meeting_without_a_pause(self):
        staff = self.create_manager("booker")
        row = self.book().zoom_meeting_id.with_user(staff)
        now = fields.Datetime.now()
        for values, moment, said in (
            ({}, now, "usually within a minute."),
            ({"claimed_at": now}, now, "Odoo is asking Zoom right now."),
            ({}, now + timedelta(minutes=5), "The Odoo server stopped before"),
            ({"claimed_at": False}, row.start, "The booking began before"),
            ({"unanswered_since": now}, row.start, "Odoo sends this to Zoom"),
            ({}, row.stop, "The booking is over."),
            ({"problem": "refused"}, now, ""),
        ):
            with self.subTest(said=said):
                row.sudo().write(values)
                self.assertIn(said, describe_wait(row, moment) or "")

    def test_promises_nothing_after_the_booking_began(self):
        staff = self.create_manager("booker")
        row = self.book().zoom_meeting_id.with_user(staff)
        for problem, said in (
            ("daily_limit", "Zoom had no request left"),
            ("account_limit", "Zoom had no request left"),
            ("request_limit", "Zoom had no request left"),
            ("unavailable", "Zoom could not be reached before"),
            ("bad_answer", "Zoom's answer could not be used before"),
        ):
            with self.subTest(problem):
                # Given a meeting that waits for something that passes
                later = NOW + timedelta(hours=1)
                row.sudo().write({"problem": problem, "next_attempt": later})
                self.move_to(NOW)
                self.assertIn("automatically", row.problem_message)
                self.assertFalse(row.wait_message)
                for moment in (row.start, row.stop):
                    # When the booking begins, and when it is over
                    self.move_to(moment)
                    row.invalidate_recordset()
                    # Then nothing is said to follow
                    self.assertIn(said, row.problem_message)
                    self.assertIn("No meeting is created any more.", row.wait_message)

    def test_what_only_holds_its_time_says_its_problem_alone(self):
        row = self.book().zoom_meeting_id
        row.write({"only_held": True, "problem": "no_host"})
        self.assertTrue(row.problem_message)
        self.assertFalse(row.wait_message)

    def test_says_that_the_token_is_renewed_first(self):
        row = self.book().zoom_meeting_id
        self.account.token_expires_at = NOW
        self.assertIn("Odoo renews its access to Zoom", row.wait_message)

    def test_says_that_the_scheduled_action_is_off(self):
        staff = new_test_user(self.env, "booker", groups="resource_booking.group_user")
        booking = self.book()
        row = booking.zoom_meeting_id
        booking.user_id = staff
        self.env.ref("resource_booking_zoom.ir_cron_sync_meetings").active = False
        for problem in (False, "unavailable"):
            row.problem = problem
            with self.subTest(problem):
                said = booking.with_user(staff).join_link_wait
                self.assertIn("the scheduled action “Zoom: issue", said)
                self.assertIn("is switched off", said)
        told = row.action_retry()["params"]["message"]
        self.assertIn("is switched off", told)

    def test_says_that_the_scheduled_action_does_not_run(self):
        row = self.book().zoom_meeting_id
        cron = row._get_sync_cron()
        hour_ago = NOW - timedelta(hours=1)
        cron.nextcall = hour_ago
        for problem in (False, "unavailable"):
            row.problem = problem
            with self.subTest(problem):
                self.assertIn("has not run since it was due", row.wait_message)
        told = row.action_retry()["params"]["message"]
        self.assertIn("has not run since it was due", told)
        cron.write({"nextcall": NOW + MINUTE, "first_failure_date": hour_ago})
        row.invalidate_recordset()
        self.assertIn("has failed since", row.wait_message)

    def test_forms_show_it(self):
        for model, name in (
            ("booking.zoom.meeting", "wait_message"),
            ("resource.booking", "join_link_wait"),
        ):
            arch = self.env[model].get_views([(False, "form")])["views"]["form"]["arch"]
            self.assertIn(f'name="{name}"', arch)

    def test_counts_of_past_days_are_deleted(self):
        booking = self.book()
        self.sync_meetings()
        counts = self.env["booking.zoom.change.count"]
        self.assertTrue(counts.search([("booking_id", "=", booking.id)]))
        self.move_to(NOW + timedelta(days=9))
        counts._gc_long_over()
        self.assertFalse(counts.search([]))


@tagged("post_install", "-at_install")
class TestPortalMoves(MailMixin, HttpBookingCase):
    """A customer moves one booking as often as the administrator allows."""

    def book_movable_once(self, start=MONDAY):
        """A booking that its customer may move once a day."""
        self.account.moves_per_booking = 1
        return self.book(start)

    def slots(self, count):
        return islice(cycle([MONDAY + HALF_HOUR, MONDAY]), count)

    def test_90_moves_cost_few_requests_and_mails_and_delay_nobody(self):
        # Given a booking with its meeting
        booking = self.book()
        self.sync_meetings()
        self.deliver_mails()
        # When the page of the booking is told 91 times to move it
        for start in self.slots(91):
            page = self.pick(booking, start)
            self.sync_meetings()
        # Then it was moved ten times, and says so
        self.assertIn("A booking can be moved 10 times a day", page)
        self.assertEqual(booking.start, MONDAY)
        self.assertLessEqual(self.counted_requests(), 6)
        mails = self.deliver_mails()
        customers = [one for one in mails if "customer@example.com" in one.recipients]
        self.assertLessEqual(len(customers), 10)
        # And another booking of this host has its link at once
        other = self.book(MONDAY + 4 * HALF_HOUR)
        self.sync_meetings()
        self.assertEqual(other.zoom_meeting_id.state, "ready")

    def test_refusal_names_the_contact(self):
        booking = self.book_movable_once()
        booking.user_id = self.staff
        self.staff.partner_id.write(
            {
                "name": "Clinic & Co",
                "phone": "+81 3 1234",
                "email": "office@example.com",
            }
        )
        self.pick(booking, MONDAY + HALF_HOUR)
        page = self.pick(booking, MONDAY)
        self.assertIn("Clinic & Co, +81 3 1234, office@example.com", page)

    def test_first_choice_of_a_time_is_no_move(self):
        booking = self.book_movable_once(None)
        self.pick(booking, MONDAY)
        self.pick(booking, MONDAY + HALF_HOUR)
        self.assertEqual(booking.start, MONDAY + HALF_HOUR)
        self.pick(booking, MONDAY)
        self.assertEqual(booking.start, MONDAY + HALF_HOUR)

    def test_same_time_again_is_no_move(self):
        booking = self.book_movable_once()
        for _time in range(3):
            self.pick(booking, MONDAY)
        self.pick(booking, MONDAY + HALF_HOUR)
        self.assertEqual(booking.start, MONDAY + HALF_HOUR)

    def test_same_time_again_of_a_fixed_url_mails_nobody(self):
        self.use_other_tool("https://meet.example.com/room")
        booking = self.book()
        self.pick(booking, MONDAY)
        self.deliver_mails()
        self.pick(booking, MONDAY)
        self.assertFalse(self.deliver_mails())
        # Nothing limits the moves of such a booking
        for start in self.slots(12):
            self.pick(booking, start)
        self.assertEqual(booking.start, MONDAY)

    def test_refused_slot_is_no_move(self):
        booking = self.book_movable_once()
        for _time in range(3):
            self.pick(booking, MONDAY - timedelta(hours=6))
        self.pick(booking, MONDAY + HALF_HOUR)
        self.assertEqual(booking.start, MONDAY + HALF_HOUR)

    def test_next_day_counts_anew(self):
        booking = self.book_movable_once()
        self.pick(booking, MONDAY + HALF_HOUR)
        self.move_to(RESET)
        self.pick(booking, MONDAY)
        self.assertEqual(booking.start, MONDAY)

    def test_staff_move_as_often_as_they_like(self):
        booking = self.book_movable_once()
        for start in self.slots(4):
            booking.start = start
        self.assertEqual(booking.start, MONDAY)

    def test_model_refuses_too(self):
        booking = self.book_movable_once().with_context(using_portal=True)
        booking.start = MONDAY + HALF_HOUR
        with self.assertRaises(ValidationError):
            booking.start = MONDAY


@tagged("post_install", "-at_install")
class TestChangePace(BaseCase):
    """When a change is sent: whatever happens, few requests, and in time."""

    @settings(deadline=None)
    @given(
        st.lists(st.integers(1, 120), min_size=1, max_size=60),
        st.integers(1, 8),
        st.integers(60, 1400),
    )
    def test_few_are_sent_and_the_last_one_in_time(self, pauses, most, start):
        # Given changes at such times, in minutes, of a booking of that minute
        now = day = NOW.replace(hour=0, minute=0)
        moment, reset = day + start * MINUTE, day + timedelta(days=1)
        updated, last_at, waits = 0, day, False
        created = 1
        for pause in pauses:
            changed_at = now + pause * MINUTE
            if changed_at >= moment - 2 * MINUTE:
                break
            # When the action runs whenever something is due
            while True:
                if waits:
                    at = get_send_at(
                        "update", created, updated, last_at, most, [moment], reset, now
                    )
                    if at < changed_at:
                        updated, last_at, waits = updated + 1, at, False
                        continue
                break
            now, waits = changed_at, True
        if waits:
            at = get_send_at(
                "update", created, updated, last_at, most, [moment], reset, now
            )
            # Then what was changed last is sent before the moment, or all are used up
            self.assertTrue(at < moment or updated > most)
        self.assertLessEqual(updated, most + 1)

    def test_pauses_grow_up_to_an_hour(self):
        moment = NOW + timedelta(days=9)
        pauses = [
            get_send_at("update", 1, number, NOW, 99, [moment], moment, NOW) - NOW
            for number in range(9)
        ]
        self.assertEqual(
            pauses[:4], [timedelta(0)] * 2 + [FIRST_PAUSE, 2 * FIRST_PAUSE]
        )
        self.assertEqual(pauses[-1], LONGEST_POSTPONEMENT)
        self.assertEqual(pauses, sorted(pauses))

    def test_urgent_is_what_is_needed_before_the_reset(self):
        day = timedelta(days=1)
        for start, reminder, urgent in (
            (RESET - MINUTE, NOW, True),
            # The morning in Japan
            (RESET + MINUTE, RESET - HALF_HOUR, True),
            (RESET + MINUTE, RESET, False),
            # A reminder days ahead
            (RESET + day, RESET - HALF_HOUR, False),
        ):
            with self.subTest(start=start, reminder=reminder):
                self.assertIs(is_urgent(start, [reminder], RESET), urgent)
        self.assertFalse(is_urgent(RESET, [], RESET))
