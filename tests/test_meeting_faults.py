# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.tools import mute_logger

from ..engine import job as zoom_job
from ..engine.job import Outcome
from ..exceptions import (
    ZoomHostDayLimit,
    ZoomMeetingGone,
    ZoomRejected,
    ZoomUnavailable,
)
from ..models.zoom import claims
from ..models.zoom.claims import claim
from ..models.zoom.outcomes import record_outcome
from .common import CREATE, DELETE, MONDAY, NOW, UPDATE, ZoomCase
from .zoom_simulator.limits import SECOND_MESSAGE


class TestMeetingFaults(ZoomCase):
    """Zoom, the network and workers fail; no meeting is lost and none made twice."""

    def assert_one_meeting(self, booking):
        """Zoom has one meeting of the booking, with its time, and the row knows it."""
        row = booking.zoom_meeting_id
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, booking.start.replace(tzinfo=UTC))
        self.assertRecordValues(
            row, [{"state": "ready", "problem": False, "zoom_id": str(meeting.id)}]
        )
        self.assertTrue(row.join_url and row.passcode)

    # === CREATIONS WITHOUT AN ANSWER === #

    def test_lost_answer_is_found_again_and_no_second_meeting_made(self):
        # Given a creation that Zoom executes, whose answer never comes
        booking = self.book()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "unclear")
        self.assertEqual(booking.zoom_meeting_id.state, "waiting")
        # When the scheduled action runs again
        self.later(seconds=11)
        # Then the meeting is found by its key
        self.assert_one_meeting(booking)
        self.assertEqual(len(self.requests("POST", "/meetings")), 1)

    def test_creation_that_never_reached_zoom_is_repeated_after_two_searches(self):
        # Given a creation whose connection breaks before Zoom executes it
        booking = self.book()
        self.zoom.fail(**CREATE, kind="drop_before")
        self.sync_meetings()
        # When a first search finds nothing
        self.later(seconds=11)
        self.assertFalse(self.live_meetings())
        self.assertEqual(len(self.requests("GET", "/meetings")), 1)
        # Then only the second one, two minutes after, lets it be created
        self.later(seconds=60)
        self.assertFalse(self.live_meetings())
        self.later(seconds=60)
        self.sync_meetings()
        self.assert_one_meeting(booking)

    def test_bad_gateway_after_execution_makes_no_second_meeting(self):
        booking = self.book()
        self.zoom.fail(**CREATE, status=502, executes=True)
        self.sync_meetings()
        self.later(seconds=11)
        self.assert_one_meeting(booking)

    def test_html_instead_of_json_makes_no_second_meeting(self):
        booking = self.book()
        self.zoom.fail(**CREATE, kind="malformed")
        self.sync_meetings()
        self.later(seconds=11)
        self.assert_one_meeting(booking)

    def test_worker_that_dies_after_its_request_is_taken_over(self):
        # Given a worker that has claimed the row and created the meeting
        booking = self.book()
        row = booking.zoom_meeting_id
        (job,), _locked = claim(row)
        zoom_job.run_job(self.account._get_client(), job)
        # When it dies, nobody touches the row before the claim has run out
        self.sync_meetings()
        self.assertEqual(row.state, "waiting")
        # Then the next run finds the meeting
        self.later(minutes=4)
        self.assert_one_meeting(booking)
        self.assertEqual(len(self.requests("POST", "/meetings")), 1)

    def test_worker_that_dies_before_its_request_is_taken_over(self):
        booking = self.book()
        claim(booking.zoom_meeting_id)
        self.later(minutes=4)
        self.later(minutes=1)
        self.sync_meetings()
        self.assert_one_meeting(booking)

    def test_cancellation_during_an_unclear_creation_removes_the_meeting(self):
        booking = self.book()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        booking.action_cancel()
        self.later(seconds=11)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    # === CHANGES WHILE A REQUEST IS UNDER WAY === #

    def create_while(self, booking, change):
        """Let ``change`` happen between the creation in Zoom and its recording."""
        row = booking.zoom_meeting_id
        (job,), _locked = claim(row)
        outcome = zoom_job.run_job(self.account._get_client(), job)
        change()
        record_outcome(row, outcome)
        self.env.flush_all()
        return row

    def test_move_during_the_creation_is_sent_afterwards(self):
        booking = self.book()
        moved = MONDAY + timedelta(hours=2)
        self.create_while(booking, lambda: booking.write({"start": moved}))
        self.sync_meetings()
        self.assert_one_meeting(booking)
        self.assertEqual(len(self.requests("PATCH")), 1)

    def test_cancellation_during_the_creation_removes_the_meeting(self):
        booking = self.book()
        row = self.create_while(booking, booking.action_cancel)
        self.assertEqual(row.state, "removing")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    # === UPDATES AND REMOVALS WITHOUT AN ANSWER === #

    def test_update_without_an_answer_is_repeated(self):
        booking = self.book()
        self.sync_meetings()
        booking.start = MONDAY + timedelta(hours=1)
        self.zoom.fail(**UPDATE, kind="drop_before")
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "unavailable")
        self.later(minutes=2)
        self.assert_one_meeting(booking)

    def test_removal_without_an_answer_is_repeated_and_gone_is_done(self):
        booking = self.book()
        self.sync_meetings()
        row = booking.zoom_meeting_id
        booking.action_cancel()
        self.zoom.fail(**DELETE, kind="drop_after")
        self.sync_meetings()
        self.assertEqual(row.state, "removing")
        self.later(minutes=2)
        self.assertRecordValues(row, [{"state": "removed", "problem": False}])

    def test_one_false_not_found_does_not_recreate_a_meeting(self):
        booking = self.book()
        self.sync_meetings()
        zoom_id = booking.zoom_meeting_id.zoom_id
        booking.start = MONDAY + timedelta(hours=1)
        self.zoom.refuse(404, 3001, "Meeting does not exist: 1.", **UPDATE)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "gone")
        self.later(minutes=3)
        self.assert_one_meeting(booking)
        self.assertEqual(booking.zoom_meeting_id.zoom_id, zoom_id)

    def test_meeting_deleted_in_zoom_is_issued_again(self):
        booking = self.book()
        self.sync_meetings()
        first = booking.zoom_meeting_id
        (meeting,) = self.live_meetings()
        self.zoom.delete_in_portal(meeting)
        booking.start = MONDAY + timedelta(hours=1)
        self.sync_meetings()
        self.later(minutes=3)
        self.sync_meetings()
        self.assert_one_meeting(booking)
        self.assertEqual(first.state, "removed")

    # === REFUSALS === #

    def test_validation_error_is_not_retried_and_stops_nobody_else(self):
        # Given two bookings, the sooner of which Zoom refuses
        refused = self.book()
        other = self.book(MONDAY + timedelta(hours=1))
        body = (
            '{"code": 300, "message": "Validation Failed.",'
            ' "errors": [{"field": "topic", "message": "Invalid field."}]}'
        )
        self.zoom.fail(**CREATE, kind="body", status=400, body=body)
        # When the scheduled action runs, and again much later
        self.sync_meetings()
        self.later(hours=5)
        # Then the refusal is named and not repeated, and the other one is ready
        rows = refused.zoom_meeting_id, other.zoom_meeting_id
        refused_row = next(row for row in rows if row.problem)
        self.assertEqual(refused_row.problem, "refused")
        self.assertIn("topic", refused_row.problem_message)
        self.assertFalse(refused_row.next_attempt)
        self.assertEqual(len(self.live_meetings()), 1)
        self.assertEqual(len(self.requests("POST", "/meetings")), 2)

    def test_retry_now_tries_a_refused_meeting_again(self):
        booking = self.book()
        self.zoom.refuse(400, 300, "Validation Failed.", **CREATE)
        self.sync_meetings()
        booking.zoom_meeting_id.action_retry()
        self.sync_meetings()
        self.assert_one_meeting(booking)

    def test_host_who_may_not_host_is_said_on_the_row(self):
        booking = self.book()
        user = self.zoom.state.users[self.host.zoom_id]
        self.addCleanup(setattr, user, "can_host", True)
        user.can_host = False
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual(row.problem, "host_refused")
        self.assertIn("not allowed meeting hosting", row.problem_message)

    def test_refused_host_is_asked_again_when_the_users_are_fetched_only(self):
        booking = self.book()
        user = self.zoom.state.users[self.host.zoom_id]
        self.addCleanup(setattr, user, "can_host", True)
        user.can_host = False
        self.sync_meetings()
        booking.write({"description": "saved again"})
        self.sync_meetings()
        self.assertEqual(len(self.requests("POST", "/meetings")), 1)
        user.can_host = True
        self.account.action_sync_users()
        self.sync_meetings()
        self.assert_one_meeting(booking)

    def test_missing_scope_is_named_on_the_row(self):
        booking = self.book()
        refusal = "Invalid access token, does not contain scopes:[{}]."
        scope = "meeting:write:meeting:admin"
        self.zoom.refuse(400, 4711, refusal.format(scope), **CREATE)
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual(row.problem, "scope_missing")
        self.assertIn(scope, row.problem_message)

    @mute_logger("odoo.addons.resource_booking_zoom.models.zoom.sync_port")
    def test_poisoned_row_is_put_aside(self):
        # Given a row that cannot be worked at all
        poisoned, other = self.book(), self.book(MONDAY + timedelta(hours=1))
        original, bad_id = claims.prepare_job, poisoned.zoom_meeting_id.id

        def prepare(row, kind, asked):
            if row.id == bad_id:
                raise ValueError("poison")
            return original(row, kind, asked)

        # When the scheduled action runs
        with patch.object(claims, "prepare_job", prepare):
            self.sync_meetings()
        # Then the others are worked, and the row says that it was put aside
        self.assertEqual(other.zoom_meeting_id.state, "ready")
        self.assertRecordValues(
            poisoned.zoom_meeting_id, [{"problem": "failed", "next_attempt": False}]
        )

    # === OUTAGES === #

    def test_outage_of_an_hour_does_not_use_up_the_day(self):
        # Given five bookings, and a Zoom that answers 503 to everything
        bookings = [
            self.book(MONDAY + timedelta(minutes=30 * number)) for number in range(5)
        ]
        self.zoom.fail(method="POST", path="/v2/", times=None)
        # When the scheduled action runs every two minutes for an hour
        for _run in range(30):
            self.later(minutes=2)
        # Then few of the day's requests are gone, and the meetings follow at last
        self.assertLess(self.host.request_count_today, 40)
        self.zoom.faults.clear()
        for _run in range(4):
            self.later(minutes=35)
        self.assertEqual(len(self.live_meetings()), 5)
        states = {booking.zoom_meeting_id.state for booking in bookings}
        self.assertEqual(states, {"ready"})

    def test_maintenance_page_parks_nobody(self):
        booking = self.book()
        self.zoom.fail(**CREATE, kind="html", status=403)
        self.sync_meetings()
        self.assertTrue(booking.zoom_meeting_id.next_attempt)
        self.later(seconds=15)
        self.later(minutes=3)
        self.sync_meetings()
        self.assert_one_meeting(booking)

    def test_check_that_cannot_be_made_now_makes_nobody_spin(self):
        # Given a meeting to be read while Zoom gives no token
        booking = self.book()
        self.sync_meetings()
        booking.zoom_meeting_id._check_now()
        self.account.token_expires_at = False
        self.zoom.fail(path="/oauth/token", times=None)
        self.zoom.requests.clear()
        # When the scheduled action runs
        self.sync_meetings()
        # Then it asks once, and the check is made later
        self.assertLessEqual(len(self.zoom.requests_of("POST", "/oauth/token")), 2)
        self.assertGreater(booking.zoom_meeting_id.check_at, NOW)

    def test_refusal_for_the_limit_just_after_midnight_is_of_yesterday(self):
        # Given a request that was made just before 00:00 UTC
        booking = self.book()
        row = booking.zoom_meeting_id
        self.move_to(datetime(2027, 2, 26, 23, 59, 55))
        (job,), _locked = claim(row)
        # When its refusal is recorded just after
        self.move_to(datetime(2027, 2, 27, 0, 0, 1))
        record_outcome(row, Outcome(job, error=ZoomHostDayLimit("100")))
        # Then the Zoom user does not rest for the new day
        self.assertFalse(self.host.limit_reached)
        self.later(minutes=6)
        self.assert_one_meeting(booking)

    def test_refusal_of_what_is_not_wanted_any_more_parks_nothing(self):
        booking = self.book()
        self.sync_meetings()
        booking.start = MONDAY + timedelta(hours=1)
        row = booking.zoom_meeting_id
        (job,), _locked = claim(row)
        booking.start = MONDAY + timedelta(hours=2)
        record_outcome(row, Outcome(job, error=ZoomRejected("Validation Failed.")))
        self.sync_meetings()
        self.assert_one_meeting(booking)

    def fail_change_of_a_booking_that_is_moved_back(self, error):
        """The row of a booking whose change failed, and is not wanted any more."""
        booking = self.book()
        self.sync_meetings()
        booking.start = MONDAY + timedelta(hours=1)
        row = booking.zoom_meeting_id
        (job,), _locked = claim(row)
        booking.start = MONDAY
        record_outcome(row, Outcome(job, error=error))
        return row

    def assert_nothing_is_left_to_send(self, row):
        self.assertRecordValues(
            row,
            [{"state": "ready", "problem": False, "next_attempt": False}],
        )
        self.zoom.requests.clear()
        self.later(days=1)
        self.assertFalse(self.requests("PATCH"))

    def test_change_at_the_limit_that_is_taken_back_is_settled(self):
        row = self.fail_change_of_a_booking_that_is_moved_back(ZoomHostDayLimit("100"))
        self.assertTrue(self.host.limit_reached)
        self.assert_nothing_is_left_to_send(row)

    def test_refused_change_that_is_taken_back_is_settled(self):
        row = self.fail_change_of_a_booking_that_is_moved_back(ZoomRejected("No."))
        self.assert_nothing_is_left_to_send(row)

    def test_change_that_zoom_never_got_is_given_back_when_it_is_taken_back(self):
        row = self.fail_change_of_a_booking_that_is_moved_back(ZoomUnavailable("No."))
        self.assertEqual(self.host.request_count_today, 1)
        self.assert_nothing_is_left_to_send(row)

    def test_meeting_that_is_gone_is_looked_for_again_although_moved_back(self):
        row = self.fail_change_of_a_booking_that_is_moved_back(ZoomMeetingGone("No."))
        self.assertRecordValues(row, [{"state": "changed", "problem": "gone"}])
        self.later(minutes=3)
        self.assertEqual(row.state, "ready")

    # === BUSY ZOOM === #

    def test_limit_per_second_is_waited_for(self):
        booking = self.book()
        self.zoom.refuse(429, 429, SECOND_MESSAGE, **CREATE, times=2)
        with patch.object(zoom_job, "SECOND_LIMIT_WAIT", (0, 0)):
            self.sync_meetings()
        self.assert_one_meeting(booking)

    def test_unreachable_zoom_is_tried_later_and_costs_nothing(self):
        booking = self.book()
        self.zoom.fail(method="GET", path="/oauth")
        self.zoom.stop()
        self.addCleanup(self.zoom.start)
        with mute_logger("urllib3.connectionpool"):
            self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual(row.problem, "unavailable")
        self.assertFalse(row.unanswered_since)
        self.assertEqual(self.host.request_count_today, 0)
        self.zoom.start()
        self.later(minutes=2)
        self.assert_one_meeting(booking)

    def test_refused_token_is_renewed_once_for_the_whole_batch(self):
        # Given ten bookings and an access token that Zoom has ended
        for number in range(10):
            self.book(MONDAY + timedelta(minutes=30 * number))
        self.zoom.revoke_tokens()
        self.zoom.requests.clear()
        # When the scheduled action runs
        self.sync_meetings()
        # Then one new token serves them all
        self.assertEqual(len(self.live_meetings()), 10)
        self.assertEqual(len(self.zoom.requests_of("POST", "/oauth/token")), 1)
