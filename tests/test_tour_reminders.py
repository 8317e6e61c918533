# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common import HttpBookingCase
from .many_common import ManyTourMixin


@tagged("post_install", "-at_install")
class TestTourReminders(ManyTourMixin, HttpBookingCase):
    """A booking manager without developer mode sets up the reminder."""

    def test_tour_reminder_and_its_text(self):
        # Given a manager who is neither administrator nor editor of templates
        self.create_manager()
        self.rbt.name = "Online advice"
        self.partner.name = "Tour Customer"
        booking = self.book()
        self.sync_meetings()
        # When they change the time and the text, and look at the mail
        self.start_tour("/odoo", "test_tour_reminders", login="manager")
        # Then the next booking is reminded at that time
        self.assertEqual(booking.meeting_id.alarm_ids.duration_minutes, 120)
        # And with that text, which still says how to join
        reminder = self.env.ref("resource_booking_zoom.mail_template_reminder")
        self.assertIn("Please be on time.", reminder.body_html)
