# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC

from .common import MONDAY, TUESDAY, ZoomCase


class TestMeetingSync(ZoomCase):
    """What a booking does becomes the state of Zoom, by the scheduled action."""

    def test_scheduled_booking_gets_a_meeting(self):
        # Given a scheduled booking of a Zoom type
        booking = self.book()
        # When the scheduled action runs
        self.sync_meetings()
        # Then Zoom has one meeting of it, and its row is ready
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, MONDAY.replace(tzinfo=UTC))
        self.assertEqual(meeting.duration, 30)
        self.assertEqual(meeting.topic, self.rbt.name)
        row = booking.zoom_meeting_id
        self.assertRecordValues(
            row,
            [
                {
                    "state": "ready",
                    "problem": False,
                    "zoom_id": str(meeting.id),
                    "join_url": meeting.join_url,
                    "passcode": meeting.password,
                    "zoom_user_id": self.host.id,
                }
            ],
        )

    def test_booking_is_saved_although_another_scheduled_action_was_deleted(self):
        self.env.ref("resource_booking_zoom.ir_cron_sync_users").unlink()
        booking = self.book()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")

    def test_nothing_of_the_customer_goes_to_zoom(self):
        self.book()
        self.sync_meetings()
        for request in self.requests("POST", "/meetings"):
            self.assertNotIn("Customer", str(request.body))
            self.assertNotIn("customer@", str(request.body))

    def test_saving_without_a_change_sends_nothing(self):
        booking = self.book()
        self.sync_meetings()
        booking.write({"description": "changed", "start": booking.start})
        self.sync_meetings()
        self.assertFalse(self.requests("PATCH"))

    def test_move_to_another_host_makes_a_new_meeting(self):
        booking = self.book()
        self.sync_meetings()
        first = booking.zoom_meeting_id
        self.rbc_mon.zoom_user_id = self.other_host
        self.assertNotEqual(booking.zoom_meeting_id, first)
        self.sync_meetings()
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.host_id, self.other_host.zoom_id)
        self.assertEqual(first.state, "removed")

    def test_day_of_another_combination(self):
        booking = self.book()
        self.sync_meetings()
        booking.start = TUESDAY
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time.day, 2)
