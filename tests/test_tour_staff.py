# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import tagged

from .common import CREATE, MONDAY, HttpBookingCase


@tagged("post_install", "-at_install")
class TestTourStaff(HttpBookingCase):
    """Staff bind a Zoom user, book and read the link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rbt.name = "Online advice"
        cls.partner.name = "Tour Customer"
        cls.r_materials[0].name = "Consulting room"

        cls.reception = cls.create_manager("reception", tz="UTC")

    def test_tour_bind_and_book(self):
        # Given rooms whose bookings nobody hosts
        self.r_materials.zoom_user_id = False
        # When staff bind a Zoom user to a room and book it
        self.start_tour("/odoo", "test_tour_staff_books", login="reception")
        # Then the booking waits for its meeting, and Zoom was not asked meanwhile
        self.assertEqual(self.r_materials[0].zoom_user_id, self.host)
        booking = self.env["resource.booking"].search(
            [("partner_ids", "=", self.partner.id)]
        )
        self.assertEqual(booking.start, MONDAY + timedelta(hours=2))
        self.assertEqual(booking.zoom_meeting_id.state, "waiting")
        self.assertFalse(self.counted_requests())
        # When the scheduled action has run, and Zoom refused another booking
        self.sync_meetings()
        refused = self.book(MONDAY + timedelta(hours=4), combination_id=self.rbc_mon.id)
        self.zoom.refuse(400, 300, "The value is invalid.", **CREATE)
        self.sync_meetings()
        self.assertEqual(refused.zoom_meeting_id.problem, "refused")
        # Then staff read the link on the booking and let the other be tried again
        self.start_booking_tour(booking, "test_tour_staff_reads")
        self.sync_meetings()
        self.assertEqual(refused.zoom_meeting_id.state, "ready")
        first, second = self.live_meetings()
        self.assertEqual(booking.zoom_meeting_id.join_url, first.join_url)
        self.assertEqual(refused.zoom_meeting_id.join_url, second.join_url)

    def test_tour_tick_off(self):
        # Given two bookings, one of which staff have to look after
        booking = self.book(user_id=self.reception.id)
        self.book(MONDAY + timedelta(hours=2), user_id=self.reception.id)
        booking._note_for_staff("event_changed", "Somebody archived it.")
        self.send_reminders()
        # When they find it through the counter and tick it off
        self.start_tour("/odoo", "test_tour_staff_checks", login="reception")
        # Then it is in the history
        activity = booking.with_context(active_test=False).activity_ids
        self.assertEqual(activity.mapped("active"), [False])

    def test_tour_why_it_waits(self):
        # Given an administrator who has switched the scheduled action off
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        cron.active = False
        booking = self.book()
        # When staff open the booking, then it says so
        self.start_booking_tour(booking, "test_tour_staff_asks_why")
        # And nothing was lost
        cron.active = True
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
