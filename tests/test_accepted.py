# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta

from .common import CREATE, MONDAY, READ, UPDATE
from .webhook_common import WebhookCase

ODD_TIME = MONDAY + timedelta(minutes=3)
EMOJI = "Consultation \N{SMILING FACE WITH SUNGLASSES} "


class TestAccepted(WebhookCase):
    """What Zoom accepted counts as sent, though it keeps something else."""

    def setUp(self):
        super().setUp()
        # Given a Zoom that replaces emoji, trims blanks, and rounds starts
        self.zoom.rewrites_topics = True
        self.zoom.start_step = 5
        for name, value in (("rewrites_topics", False), ("start_step", 1)):
            self.addCleanup(setattr, self.zoom, name, value)
        self.rbt.name = EMOJI

    def book_oddly(self):
        booking = self.book()
        row = booking.zoom_meeting_id
        row.write({"start": ODD_TIME, "topic": EMOJI})
        return row

    def read_again(self, row):
        row._check_now()
        self.sync_meetings()
        self.sync_meetings()

    def meeting(self, row):
        return self.zoom.meetings[int(row.zoom_id)]

    def assert_settled(self, row, requests):
        self.assertRecordValues(row, [{"state": "ready", "problem": False}])
        self.assertEqual(row.sent_topic, row.topic)
        self.assertEqual(row.sent_start, row.start)
        self.assertEqual(self.counted_requests(), requests)

    def test_creation_costs_one_request(self):
        row = self.book_oddly()
        self.sync_meetings()
        self.assertEqual(self.meeting(row).topic, "Consultation -")
        self.assertEqual(self.meeting(row).start_time, MONDAY.replace(tzinfo=UTC))
        self.assert_settled(row, 1)

    def test_read_back_costs_none(self):
        row = self.book_oddly()
        self.sync_meetings()
        self.read_again(row)
        self.read_again(row)
        self.assert_settled(row, 1)

    def test_change_costs_one_request(self):
        row = self.book_oddly()
        self.sync_meetings()
        row.write({"state": "changed", "start": ODD_TIME + timedelta(hours=1)})
        self.sync_meetings()
        self.read_again(row)
        self.assert_settled(row, 2)

    def test_title_that_differs_only_in_what_zoom_leaves_out_is_sent_once(self):
        row = self.book_oddly()
        self.sync_meetings()
        row.write({"state": "changed", "topic": "Consultation -"})
        self.sync_meetings()
        self.read_again(row)
        self.assert_settled(row, 2)

    def test_what_changes_afterwards_is_drift(self):
        row = self.book_oddly()
        self.sync_meetings()
        self.zoom.edit_in_portal(
            self.meeting(row),
            start_time=(MONDAY + timedelta(hours=2)).replace(tzinfo=UTC),
        )
        self.read_again(row)
        self.assertEqual(self.meeting(row).start_time, MONDAY.replace(tzinfo=UTC))
        self.assert_settled(row, 2)

    def test_duration_that_changes_afterwards_is_drift(self):
        row = self.book_oddly()
        self.sync_meetings()
        self.zoom.edit_in_portal(self.meeting(row), duration=60)
        self.read_again(row)
        self.assertEqual(self.meeting(row).duration, row.duration)
        self.assert_settled(row, 2)

    def test_title_that_a_host_words_anew_stays(self):
        row = self.book_oddly()
        self.sync_meetings()
        self.zoom.edit_in_portal(self.meeting(row), topic="Our talk")
        self.read_again(row)
        self.assertEqual(self.meeting(row).topic, "Our talk")
        self.assert_settled(row, 1)

    def test_creation_without_an_answer_costs_one_request(self):
        row = self.book_oddly()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        self.later(seconds=11)
        self.read_again(row)
        self.assert_settled(row, 1)

    def test_creation_without_an_answer_of_a_booking_that_is_moved_meanwhile(self):
        row = self.book_oddly()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        row.start = MONDAY + timedelta(hours=3)
        self.later(seconds=11)
        self.sync_meetings()
        self.assertEqual(
            self.meeting(row).start_time,
            (MONDAY + timedelta(hours=3)).replace(tzinfo=UTC),
        )
        self.assert_settled(row, 2)

    def test_creation_without_an_answer_whose_title_is_changed_meanwhile(self):
        row = self.book_oddly()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        row.topic = "Another"
        self.later(seconds=11)
        self.sync_meetings()
        self.assertEqual(self.meeting(row).topic, "Another")
        self.assert_settled(row, 2)

    def test_change_without_an_answer_is_sent_once_more_at_most(self):
        row = self.book_oddly()
        self.sync_meetings()
        row.write({"state": "changed", "topic": f"New {EMOJI}"})
        self.zoom.fail(**UPDATE, kind="drop_after")
        self.sync_meetings()
        for _run in range(4):
            self.later(minutes=40)
        self.assertEqual(self.meeting(row).topic, "New Consultation -")
        self.assertLessEqual(self.counted_requests(), 3)
        self.assertEqual(row.state, "ready")

    def test_change_that_cannot_be_read_back_is_settled_without_another(self):
        row = self.book_oddly()
        self.sync_meetings()
        row.write({"state": "changed", "topic": f"New {EMOJI}"})
        self.zoom.fail(**READ, status=500)
        self.sync_meetings()
        self.read_again(row)
        self.assert_settled(row, 2)

    def test_echo_of_our_own_update_is_recognised(self):
        row = self.book_oddly()
        self.sync_meetings()
        row.write({"state": "changed", "start": ODD_TIME + timedelta(hours=1)})
        self.sync_meetings()
        self.zoom.requests.clear()
        self.assertEqual(self.deliver(self.echo(self.meeting(row))), 204)
        self.sync_meetings()
        self.assertFalse(self.zoom.requests)

    def test_true_change_is_no_echo(self):
        row = self.book_oddly()
        self.sync_meetings()
        self.zoom.requests.clear()
        # The host words the title as it was sent.
        self.deliver(self.edited(self.meeting(row), topic=EMOJI.strip()))
        self.sync_meetings()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)
        self.assert_settled(row, 0)
