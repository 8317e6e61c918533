# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common import HttpBookingCase


@tagged("post_install", "-at_install")
class TestTourTold(HttpBookingCase):
    """A booking manager chooses what Zoom is told."""

    def test_tour_told(self):
        # Given a booking whose meeting exists, in an account that locks the waiting room
        self.rbt.name = "Online advice"
        zoom_account = self.zoom.state.accounts["account-1"]
        self.addCleanup(zoom_account.locked_settings.clear)
        zoom_account.locked_settings["waiting_room"] = True
        booking = self.book()
        self.sync_meetings()
        # When a manager chooses a title and settings, and has existing meetings changed
        self.start_type_tour("test_tour_told")
        self.sync_meetings()
        # Then Zoom has them, but for what the account does not allow
        [meeting] = self.live_meetings()
        self.assertEqual(meeting.topic, f"Online advice #{booking.id}")
        self.assertEqual(self.counted_requests(), 2)
        # And the booking says so
        self.start_booking_tour(booking, "test_tour_told_difference")
