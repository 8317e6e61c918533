# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml.html import fromstring

from odoo.tests import tagged

from .mail_common import CUSTOMER, STAFF, MailCase


def links(mail, text):
    """Where the links of a mail lead that say so."""
    return [
        link.get("href")
        for link in fromstring(mail.html).iter("a")
        if link.text_content().strip() == text
    ]


@tagged("post_install", "-at_install")
class TestStaffMail(MailCase):
    """Who is booked starts the meeting from the own copy of the reminder."""

    START = "Start the meeting as host"

    def test_staff_start_from_their_reminder(self):
        booking = self.ready_booking()
        mails = self.remind()
        (url,) = links(self.mail_to(STAFF, mails), self.START)
        self.assertEqual(
            url, f"{booking.get_base_url()}/resource_booking_zoom/start/{booking.id}"
        )
        self.assertFalse(links(self.mail_to(CUSTOMER, mails), self.START))

    def test_another_tool_is_not_started_from_here(self):
        self.rbt.write(
            {
                "web_conference_tool": "other",
                "videocall_location": "https://teams.example.com/room",
            }
        )
        self.book()
        self.assertFalse(links(self.mail_to(STAFF, self.remind()), self.START))

    def test_nobody_reads_the_address_elsewhere(self):
        booking = self.reminded_booking()
        for attendee in booking.meeting_id.attendee_ids:
            self.assertIn("Join", attendee.web_conference_info)
            self.assertNotIn(self.START, attendee.web_conference_info)
