# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from urllib.parse import urlsplit

from lxml.html import fromstring

from odoo import Command
from odoo.tests import tagged

from .common import GUEST, MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase, MailMixin

CHANGE = "Change or cancel"


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
        self.use_other_tool("https://teams.example.com/room")
        self.book()
        self.assertFalse(links(self.mail_to(STAFF, self.remind()), self.START))

    def test_nobody_reads_the_address_elsewhere(self):
        booking = self.reminded_booking()
        for attendee in booking.meeting_id.attendee_ids:
            self.assertIn("Join", attendee.web_conference_info)
            self.assertNotIn(self.START, attendee.web_conference_info)


@tagged("post_install", "-at_install")
class TestCustomerMail(MailCase):
    """Who asked for a booking finds its page from each mail about it."""

    def assert_leads_to_the_page(self, mail, booking, text=CHANGE):
        (url,) = links(mail, text)
        self.assertEqual(url, f"{booking.get_base_url()}{booking.get_portal_url()}")
        self.assertIn(f"access_token={booking.access_token}", url)

    def test_invitation_date_change_and_reminder(self):
        booking = self.book()
        self.assert_leads_to_the_page(
            self.mail_to(CUSTOMER, self.deliver_mails()), booking
        )
        token = booking.access_token
        booking.start = MONDAY + timedelta(hours=1)
        self.sync_meetings()
        self.assert_leads_to_the_page(
            self.mail_to(CUSTOMER, self.deliver_mails()), booking
        )
        mails = self.remind(REMINDER_TIME + timedelta(hours=1))
        self.assert_leads_to_the_page(self.mail_to(CUSTOMER, mails), booking)
        self.assertFalse(links(self.mail_to(STAFF, mails), CHANGE))
        self.assertEqual(booking.access_token, token)

    def test_booking_of_before_that_was_never_shared(self):
        booking = self.ready_booking()
        booking.write({"access_token": False, "access_token_digest": False})
        self.deliver_mails()
        mails = self.remind()
        # The address is new, and nobody is mailed a change of the date for it
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assert_leads_to_the_page(self.mail_to(CUSTOMER, mails), booking)

    def test_after_the_deadline_the_page_is_to_be_read(self):
        self.rbt.modifications_deadline = 24
        booking = self.ready_booking()
        mail = self.mail_to(CUSTOMER, self.remind())
        self.assertFalse(links(mail, CHANGE))
        self.assert_leads_to_the_page(mail, booking, "See your booking")

    def test_link_that_is_not_ready_yet(self):
        self.account.action_disconnect()
        booking = self.book()
        self.deliver_mails()
        mails = self.remind(MONDAY - timedelta(minutes=5))
        self.assert_leads_to_the_page(self.mail_to(CUSTOMER, mails), booking)

    def test_guests_do_not_change_the_booking(self):
        booking = self.ready_booking()
        guest = self.create_guest()
        booking.meeting_id.partner_ids = [Command.link(guest.id)]
        self.assertFalse(links(self.mail_to(GUEST, self.deliver_mails()), CHANGE))
        mails = self.remind()
        self.assertFalse(links(self.mail_to(GUEST, mails), CHANGE))

    def test_address_is_in_mails_only(self):
        booking = self.reminded_booking()
        for attendee in booking.meeting_id.attendee_ids:
            self.assertNotIn("access_token", attendee.web_conference_info)


@tagged("post_install", "-at_install")
class TestCustomerFollows(MailMixin, HttpBookingCase):
    """What the link in the mail leads to."""

    def open(self, path):
        self.env.flush_all()
        response = self.url_open(path)
        self.env.invalidate_all()
        return fromstring(response.content)

    def test_from_the_mail_to_the_page_that_says_cancelled(self):
        booking = self.book()
        self.sync_meetings()
        self.move_to(REMINDER_TIME)
        self.deliver_mails()
        self.send_reminders()
        (url,) = links(self.mail_to(CUSTOMER, self.deliver_mails()), CHANGE)
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}"
        page = self.open(path)
        (form,) = page.xpath("//form[contains(@action, '/cancel')]")
        response = self.url_open(
            form.get("action"),
            {"csrf_token": form.xpath(".//input[@name='csrf_token']/@value")[0]},
        )
        self.env.invalidate_all()
        self.assertFalse(booking.active)
        for page in (fromstring(response.content), self.open(path)):
            self.assertIn("This booking is cancelled", page.text_content())
            self.assertNotIn("Join", page.text_content())
