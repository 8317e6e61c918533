# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import replace
from datetime import UTC, timedelta

from ..engine import job as zoom_job
from ..engine.job import Outcome
from ..exceptions import ZoomUnavailable
from ..models.zoom.claims import claim, prepare_job
from ..models.zoom.outcomes import get_surroundings, record_outcome
from .common import CREATE, MONDAY, SEARCH, UPDATE, ZoomCase

MOVED = MONDAY + timedelta(hours=1)


class UnclearCase(ZoomCase):
    """A booking with a meeting, and time that goes by."""

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.row = self.booking.zoom_meeting_id

    def claim(self):
        """What a worker does first; its job."""
        (job,), _locked = claim(self.row)
        return job

    def run_job(self, job):
        return zoom_job.run_job(self.account._get_client(), job)

    def assert_zoom_has(self, start):
        """Zoom has the one meeting, at this time, and the row knows that."""
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, start.replace(tzinfo=UTC))
        self.assertRecordValues(
            self.row,
            [
                {
                    "state": "ready",
                    "problem": False,
                    "zoom_id": str(meeting.id),
                    "sent_start": start,
                    "unanswered_since": False,
                }
            ],
        )


class TestUnclearChanges(UnclearCase):
    """A change whose answer is lost costs one request of the day, not two."""

    def setUp(self):
        super().setUp()
        self.sync_meetings()
        self.zoom.requests.clear()

    def lose_the_answer(self, kind="drop_after"):
        self.booking.start = MOVED
        self.zoom.fail(**UPDATE, kind=kind)
        self.sync_meetings()

    def test_change_that_zoom_executed_is_read_back_and_not_sent_again(self):
        self.lose_the_answer()
        self.assertEqual(self.row.state, "changed")
        self.later(minutes=2)
        self.assert_zoom_has(MOVED)
        self.assertEqual(len(self.requests("PATCH")), 1)
        self.assertEqual(self.host.request_count_today, 2)

    def test_change_that_zoom_did_not_execute_is_sent_again(self):
        self.lose_the_answer("drop_before")
        self.later(minutes=2)
        self.sync_meetings()
        self.assert_zoom_has(MOVED)
        self.assertEqual(len(self.requests("PATCH")), 2)

    def test_booking_moved_back_after_a_change_without_an_answer(self):
        # Given a change that Zoom has executed, which nobody knows
        self.lose_the_answer()
        # When the booking is moved back to what Zoom had accepted before
        self.booking.start = MONDAY
        self.assertEqual(self.row.state, "changed")
        self.later(minutes=2)
        self.sync_meetings()
        # Then Zoom is told
        self.assert_zoom_has(MONDAY)

    def test_change_is_sent_again_although_reading_it_back_was_refused(self):
        # Given a change that Zoom did not execute, and a read that it refuses
        self.lose_the_answer("drop_before")
        refusal = {"method": "GET", "path": r"/meetings/", "kind": "status"}
        self.zoom.fail(**refusal, status=400)
        self.later(minutes=2)
        self.assertRecordValues(
            self.row, [{"problem": "refused", "next_attempt": False}]
        )
        # When it is read because Zoom tells of the meeting
        self.row._check_now()
        self.later(minutes=2)
        self.assertFalse(self.row.problem_detail)
        # Then the change follows
        self.later(minutes=40)
        self.assert_zoom_has(MOVED)

    def test_booking_moved_on_after_a_change_without_an_answer(self):
        self.lose_the_answer()
        self.booking.start = MONDAY + timedelta(hours=2)
        self.later(minutes=2)
        self.sync_meetings()
        self.assert_zoom_has(MONDAY + timedelta(hours=2))
        self.assertEqual(len(self.requests("PATCH")), 2)

    def test_new_topic_without_an_answer_is_read_back(self):
        self.rbt.name = "Another title"
        self.rbt.action_tell_zoom()
        self.zoom.fail(**UPDATE, kind="drop_after")
        self.sync_meetings()
        self.later(minutes=2)
        self.assert_zoom_has(MONDAY)
        self.assertEqual(self.row.sent_topic, "Another title")
        self.assertEqual(len(self.requests("PATCH")), 1)

    def test_cancellation_after_a_change_without_an_answer(self):
        self.lose_the_answer()
        self.booking.action_cancel()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_worker_that_dies_after_its_change_costs_no_second_one(self):
        self.booking.start = MOVED
        self.run_job(self.claim())
        self.later(minutes=4)
        self.assert_zoom_has(MOVED)
        self.assertEqual(len(self.requests("PATCH")), 1)

    def test_worker_that_dies_before_its_change_is_taken_over(self):
        self.booking.start = MOVED
        self.claim()
        self.later(minutes=4)
        self.sync_meetings()
        self.assert_zoom_has(MOVED)
        self.assertEqual(len(self.requests("PATCH")), 1)

    def test_outage_of_an_hour_does_not_use_up_the_day(self):
        # Given a Zoom that can be read, but answers no change
        self.booking.start = MOVED
        self.zoom.fail(**UPDATE, times=None)
        # When the scheduled action runs every two minutes for an hour
        for _run in range(30):
            self.later(minutes=2)
        # Then few requests are gone, and the change follows at last
        self.assertLess(self.host.request_count_today, 10)
        self.zoom.faults.clear()
        for _run in range(3):
            self.later(minutes=40)
        self.assert_zoom_has(MOVED)


class TestDeletedBooking(UnclearCase):
    """A booking is deleted, not only cancelled, while its creation is under way."""

    def test_meeting_is_removed_when_the_answer_comes(self):
        job = self.claim()
        outcome = self.run_job(job)
        self.booking.unlink()
        record_outcome(self.row, outcome)
        self.assertEqual(self.row.state, "removing")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        self.assertEqual(self.row.state, "removed")

    def test_meeting_is_found_and_removed_when_no_answer_comes(self):
        create = {"method": "POST", "path": "/meetings$"}
        self.zoom.fail(**create, kind="drop_after")
        self.sync_meetings()
        self.booking.unlink()
        self.later(seconds=11)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        self.assertEqual(self.row.state, "removed")


class TestTakenOver(UnclearCase):
    """Two workers at one row: the claim of the first had run out, but it lives."""

    def record(self, job, outcome):
        record_outcome(self.row, Outcome(job, outcome.answers, outcome.error))
        self.env.flush_all()

    def fail_request(self, job):
        error = ZoomUnavailable("No connection.")
        record_outcome(self.row, Outcome(job, error=error))

    def settle(self):
        for _run in range(4):
            self.later(minutes=4)

    def claim_another_creation(self):
        """A worker is held up and creates the meeting after all.

        :return: the job of another one, which found no meeting and is to create it too
        """
        slow = self.claim()
        self.later(minutes=4)
        self.wait(minutes=4)
        record_outcome(self.row, Outcome(self.claim()))
        quick = self.claim()
        self.assertEqual(quick.kind, "create")
        self.record(slow, self.run_job(slow))
        return quick

    def test_meeting_that_comes_second_is_removed(self):
        # Given a worker that is held up, and another one that finds no meeting twice
        slow = self.claim()
        for _run in range(3):
            self.later(minutes=4)
        self.assertEqual(self.row.state, "ready")
        # When the first one makes its meeting after all
        self.record(slow, self.run_job(slow))
        self.assertEqual(len(self.live_meetings()), 2)
        # Then one stays, the one that the booking has
        self.settle()
        self.assert_zoom_has(MONDAY)

    def test_meeting_that_comes_first_is_kept_and_the_other_one_removed(self):
        quick = self.claim_another_creation()
        first = self.row.zoom_id
        self.record(quick, self.run_job(quick))
        self.settle()
        self.assert_zoom_has(MONDAY)
        self.assertEqual(self.row.zoom_id, first)

    def test_meeting_of_another_one_without_answer_is_searched_and_removed(self):
        # Given a worker that is held up, and another one that gets no answer when it
        # creates the meeting, having found none twice
        slow = self.claim()
        self.later(minutes=4)
        self.zoom.fail(**CREATE, kind="drop_after")
        self.later(minutes=4)
        self.assertEqual(len(self.live_meetings()), 1)
        # When the first one makes its meeting after all
        self.record(slow, self.run_job(slow))
        self.assertEqual(len(self.live_meetings()), 2)
        first = self.row.zoom_id
        self.assertTrue(self.row._is_usable())
        # Then it is kept, and the other one found and removed
        self.settle()
        self.assert_zoom_has(MONDAY)
        self.assertEqual(self.row.zoom_id, first)

    def test_duplicate_that_is_being_removed_does_not_keep_the_meeting_waiting(self):
        # Given a second meeting that is to be deleted, and is not yet
        self.settle()
        job = prepare_job(self.row, "read")
        (kept,) = self.run_job(job).answers
        self.row.copy({"state": "removing", "zoom_id": "89999999999"})
        # When a search finds both of them
        answers = (kept, replace(kept, zoom_id="89999999999"))
        known = get_surroundings(self.row, Outcome(job, answers=answers))
        # Then the number of the one that stays is its own
        self.assertFalse(known["is_number_shared"])

    def test_answer_that_another_one_does_not_get_afterwards_is_searched(self):
        quick = self.claim_another_creation()
        first = self.row.zoom_id
        self.zoom.fail(**CREATE, kind="drop_after")
        self.record(quick, self.run_job(quick))
        self.assertEqual(len(self.live_meetings()), 2)
        self.settle()
        self.assert_zoom_has(MONDAY)
        self.assertEqual(self.row.zoom_id, first)

    def test_other_one_whose_request_was_refused_leaves_nothing_to_search(self):
        quick = self.claim_another_creation()
        self.fail_request(quick)
        self.assert_zoom_has(MONDAY)

    def test_search_for_the_other_one_that_fails_is_repeated(self):
        slow = self.claim()
        self.later(minutes=4)
        self.zoom.fail(**CREATE, kind="drop_after")
        self.later(minutes=4)
        self.record(slow, self.run_job(slow))
        self.zoom.fail(**SEARCH, times=2)
        self.settle()
        self.settle()
        self.assert_zoom_has(MONDAY)

    def test_listed_meeting_that_is_gone_does_not_hide_the_other_one(self):
        # Given two meetings with the key of one creation, of which Zoom lists both
        # although one is gone
        slow = self.claim()
        self.run_job(slow)
        self.run_job(slow)
        first, _second = self.live_meetings()
        gone = {"method": "GET", "path": rf"/meetings/{first.id}$"}
        self.zoom.refuse(404, 3001, "Meeting does not exist.", **gone, times=1)
        # When Zoom is searched for what the dead worker has made
        self.later(minutes=4)
        # Then the row has the other one
        self.assertEqual(self.row.state, "ready")
        self.assertNotEqual(self.row.zoom_id, str(first.id))
        self.assertFalse(self.row.missing_since)
        self.assertEqual(len(self.requests("POST", "/meetings")), 2)

    def test_meeting_made_during_the_other_ones_search_is_kept(self):
        slow = self.claim()
        self.wait(minutes=4)
        search = self.claim()
        found = self.run_job(search)
        self.record(slow, self.run_job(slow))
        self.record(search, found)
        self.assert_zoom_has(MONDAY)

    def test_meeting_of_a_cancelled_booking_is_removed(self):
        slow = self.claim()
        self.booking.action_cancel()
        for _run in range(2):
            self.later(minutes=4)
        self.assertEqual(self.row.state, "removed")
        self.record(slow, self.run_job(slow))
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_failure_that_comes_late_changes_nothing(self):
        slow = self.claim()
        self.wait(minutes=4)
        search = self.claim()
        self.fail_request(slow)
        self.assertEqual(self.row.claimed_at, search.claimed_at)
        self.assertTrue(self.row.unanswered_since)

    def test_failure_after_the_meeting_came_late_does_no_harm(self):
        slow = self.claim()
        self.wait(minutes=4)
        search = self.claim()
        self.record(slow, self.run_job(slow))
        self.fail_request(search)
        self.assert_zoom_has(MONDAY)

    def test_change_that_is_recorded_late_is_not_taken_for_the_newest(self):
        # Given a worker whose change was executed, and that is held up then
        self.sync_meetings()
        self.booking.start = MOVED
        slow = self.claim()
        outcome = self.run_job(slow)
        # When another one has brought Zoom up to date since
        self.booking.start = MONDAY
        self.later(minutes=4)
        self.sync_meetings()
        self.record(slow, outcome)
        # Then that is what holds
        self.assert_zoom_has(MONDAY)
