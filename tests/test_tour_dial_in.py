# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common import HttpBookingCase
from .mail_common import REMINDER_TIME, MailMixin


@tagged("post_install", "-at_install")
class TestTourDialIn(MailMixin, HttpBookingCase):
    """Customers join by telephone."""

    def test_tour_dial_in(self):
        # Given a booking whose meeting exists
        booking = self.book()
        self.sync_meetings()
        # When a manager chooses a country, and the customer was reminded
        self.start_type_tour("test_tour_dial_in_choose")
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        # Then the customer finds the number on the booking's page
        self.browser_size = "375x667"
        self.start_tour(booking.get_portal_url(), "test_tour_dial_in_customer")
