# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import new_test_user, tagged

from .common import HttpBookingCase


@tagged("post_install", "-at_install")
class TestTourHosts(HttpBookingCase):
    """Staff decide how customers join a booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rbt.write({"name": "Online advice", "link_disclosure": "issued"})
        cls.partner.name = "Tour Customer"
        cls.reception = new_test_user(
            cls.env,
            login="reception",
            groups="base.group_user,resource_booking.group_manager",
            tz="UTC",
        )

    def open(self, booking, tour):
        action = self.env.ref("resource_booking.resource_booking_action")
        self.start_tour(
            f"/odoo/action-{action.id}/{booking.id}", tour, login="reception"
        )
        self.env.invalidate_all()

    def test_tour_enter_link(self):
        # Given a booking whose meeting exists
        booking = self.book()
        self.sync_meetings()
        # When staff enter a link
        self.open(booking, "test_tour_hosts_enter_link")
        self.sync_meetings()
        # Then the customer's page has it, and nothing is left in Zoom
        page = self.url_open(booking.get_portal_url()).text
        self.assertIn("https://meet.example.com/room", page)
        self.assertIn("room-passcode", page)
        self.assertEqual(self.live_meetings(), [])
        self.assertEqual(self.counted_requests(), 1)
        # When they take it back
        self.open(booking, "test_tour_hosts_take_back")
        self.sync_meetings()
        # Then there is a meeting again
        page = self.url_open(booking.get_portal_url()).text
        self.assertNotIn("meet.example.com", page)
        self.assertIn(booking.zoom_join_url, page)
