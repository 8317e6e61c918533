# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common import HttpBookingCase
from .mail_common import REMINDER_TIME, MailMixin
from .many_common import ManyTourMixin


@tagged("post_install", "-at_install")
class TestTourStory(ManyTourMixin, MailMixin, HttpBookingCase):
    """Staff read the history of a booking."""

    def test_tour_story(self):
        # Given a booking whose customer was reminded
        self.partner.name = "Tour Customer"
        booking = self.book(combination_id=self.rbc_mon.id)
        self.sync_meetings()
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        # Then staff read so, and find the meeting
        self.create_manager("reception")
        self.start_booking_tour(booking, "test_tour_story")
