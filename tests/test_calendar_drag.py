# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta

from odoo import fields
from odoo.exceptions import ValidationError

from .common import MONDAY, TUESDAY
from .test_booking_backend import BackendCase

HOUR = timedelta(hours=1)


class TestCalendarDrag(BackendCase):
    """The calendar writes the event, not the booking: the meeting follows all the same."""

    def setUp(self):
        super().setUp()
        self.booking = self.book_as_staff()
        self.sync_meetings()
        self.event = self.booking.meeting_id

    def drag(self, start, stop=None, event=None):
        """What the calendar view sends when an event is dropped or resized."""
        (event or self.event).with_context(from_ui=True).write(
            {
                "start": fields.Datetime.to_string(start),
                "stop": fields.Datetime.to_string(stop or start + HOUR / 2),
            }
        )

    def assertMeeting(self, start, duration=30, host=None):
        self.sync_meetings()
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, start.replace(tzinfo=UTC))
        self.assertEqual(meeting.duration, duration)
        self.assertEqual(meeting.host_id, (host or self.host).zoom_id)
        self.assertEqual(self.booking.join_link_state, "ready")

    def test_dragged_event_moves_the_meeting(self):
        self.drag(MONDAY + HOUR)
        self.assertEqual(self.booking.join_link_state, "changed")
        self.assertMeeting(MONDAY + HOUR)

    def test_resized_event_changes_the_duration(self):
        self.drag(MONDAY, MONDAY + 2 * HOUR)
        self.assertMeeting(MONDAY, duration=120)

    def test_dropped_at_its_own_time_sends_nothing(self):
        self.drag(MONDAY)
        self.sync_meetings()
        self.assertFalse(self.requests("PATCH"))

    def test_dragged_to_the_day_of_another_zoom_user(self):
        self.r_materials[1].zoom_user_id = self.other_host
        self.drag(TUESDAY)
        self.assertMeeting(TUESDAY, host=self.other_host)

    def test_staff_follow_an_event_that_gets_other_resources(self):
        former, present = self.users[0].partner_id, self.users[1].partner_id
        self.assertIn(former, self.event.partner_ids)
        self.drag(TUESDAY)
        self.assertEqual(self.booking.combination_id, self.rbc_tue)
        self.assertNotIn(former, self.event.attendee_ids.partner_id)
        self.assertIn(present, self.event.attendee_ids.partner_id)
        self.assertIn(self.partner, self.event.attendee_ids.partner_id)

    def test_dragging_onto_a_busy_zoom_user_is_refused(self):
        # A room of its own with the same Zoom user, taken at that time
        room = self.r_materials[0].copy({"name": "Other room"})
        room.zoom_user_id = self.host
        combination = self.env["resource.booking.combination"].create(
            {"resource_ids": [(6, 0, room.ids)]}
        )
        self.rbt.combination_rel_ids = [(0, 0, {"combination_id": combination.id})]
        self.book(MONDAY + HOUR, combination_id=combination.id)
        self.booking.combination_auto_assign = False
        with self.assertRaises(ValidationError) as refused:
            self.drag(MONDAY + HOUR)
        self.assertIn("Host1 Zoom", str(refused.exception))

    def test_dragging_asks_zoom_for_nothing(self):
        sent = len(self.zoom.requests)
        self.drag(MONDAY + HOUR)
        self.env.flush_all()
        self.assertEqual(len(self.zoom.requests), sent)

    def test_archived_event_removes_the_meeting_and_brings_it_back(self):
        self.event.active = False
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        self.event.active = True
        self.assertMeeting(MONDAY)

    def test_deleted_event_removes_the_meeting(self):
        self.event.unlink()
        self.assertEqual(self.booking.state, "pending")
        self.assertFalse(self.booking.zoom_meeting_id)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_event_dragged_to_the_past_loses_its_meeting(self):
        self.drag(MONDAY + 6 * HOUR)
        self.move_to(MONDAY + 4 * HOUR)
        self.drag(MONDAY + HOUR)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_other_events_cost_nothing_more(self):
        event = self.env["calendar.event"].create(
            {"name": "Lunch", "start": MONDAY, "stop": MONDAY + HOUR}
        )
        self.env.flush_all()
        before = len(self.env["booking.zoom.meeting"].search([]))
        self.drag(MONDAY + HOUR, event=event)
        event.unlink()
        self.assertEqual(len(self.env["booking.zoom.meeting"].search([])), before)
