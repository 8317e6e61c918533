# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta

import icalendar

from odoo import Command

from .common import GUEST, MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, MailCase


class TestCancelIcs(MailCase):
    """The mail that the booking was cancelled takes it out of the calendar."""

    def calendar(self, mail, name):
        return icalendar.Calendar.from_ical(mail.attachments[name])

    def entry(self, mail, name):
        (entry,) = self.calendar(mail, name).walk("VEVENT")
        return entry

    def send(self):
        self.move_to(REMINDER_TIME + timedelta(minutes=5))
        self.send_reminders()
        return self.deliver_mails()

    def reminded(self, **values):
        """A booking, and the reminder that the customer has got."""
        booking = self.ready_booking(**values)
        return booking, self.mail_to(CUSTOMER, self.remind())

    def test_file_cancels_the_entry_of_the_reminder(self):
        booking, reminder = self.reminded()
        booking.action_cancel()
        mail = self.mail_to(CUSTOMER, self.send())
        calendar = self.calendar(mail, "cancelled.ics")
        self.assertEqual(calendar["METHOD"], "CANCEL")
        known = self.entry(reminder, "invitation.ics")
        gone = self.entry(mail, "cancelled.ics")
        self.assertEqual(gone["STATUS"], "CANCELLED")
        self.assertEqual(gone["UID"], known["UID"])
        self.assertGreater(int(gone["SEQUENCE"]), int(known["SEQUENCE"]))
        self.assertEqual(gone["ORGANIZER"], known["ORGANIZER"])
        self.assertEqual(gone["ATTENDEE"], f"MAILTO:{CUSTOMER}")
        self.assertEqual(gone.start, MONDAY.replace(tzinfo=UTC))
        self.assertEqual(gone.end, (MONDAY + timedelta(minutes=30)).replace(tzinfo=UTC))
        self.assertTrue(gone["DTSTAMP"])
        self.assertTrue(gone["SUMMARY"])

    def test_file_is_a_calendar_and_tells_no_link(self):
        booking, _reminder = self.reminded()
        secrets = self.secrets_of(booking)
        booking.action_cancel()
        mail = self.mail_to(CUSTOMER, self.send())
        (part,) = (
            part
            for part in mail.message.walk()
            if part.get_filename() == "cancelled.ics"
        )
        self.assertEqual(part.get_content_type(), "text/calendar")
        for name, secret in secrets.items():
            self.assertNotIn(secret, mail.everything, name)

    def test_names_that_were_entered_with_addresses_are_not_in_the_file(self):
        booking, _reminder = self.reminded()
        booking.meeting_id.partner_id.email = '"Office" <office@example.com>'
        self.partner.email = f'"Hanako" <{CUSTOMER}>'
        booking.action_cancel()
        gone = self.entry(self.mail_to(CUSTOMER, self.send()), "cancelled.ics")
        self.assertEqual(gone["ATTENDEE"], f"MAILTO:{CUSTOMER}")
        self.assertEqual(gone["ORGANIZER"], "MAILTO:office@example.com")

    def test_company_stands_in_for_an_organizer_without_address(self):
        booking, _reminder = self.reminded()
        booking.meeting_id.partner_id.email = False
        self.env.company.email = '"Office" <office@example.com>'
        booking.action_cancel()
        gone = self.entry(self.mail_to(CUSTOMER, self.send()), "cancelled.ics")
        self.assertEqual(gone["ORGANIZER"], "MAILTO:office@example.com")

    def test_who_left_gets_it_alone(self):
        guest = self.create_guest()
        booking, _reminder = self.reminded(partner=self.partner | guest)
        booking.partner_ids = [Command.unlink(guest.id)]
        self.deliver_mails()
        mail = self.mail_to(GUEST, self.send())
        self.assertEqual(
            self.entry(mail, "cancelled.ics")["ATTENDEE"], f"MAILTO:{GUEST}"
        )

    def test_entry_of_a_booking_that_goes_on_without_link_is_kept(self):
        self.reminded()
        self.rbt.web_conference_tool = "none"
        for mail in self.send():
            self.assertNotIn("cancelled.ics", mail.attachments)

    def test_booking_that_is_scheduled_anew_is_another_entry(self):
        booking, reminder = self.reminded()
        booking.action_unschedule()
        booking.start = MONDAY + timedelta(hours=2)
        invitation = self.mail_to(CUSTOMER, self.deliver_mails())
        cancelled = self.mail_to(CUSTOMER, self.send())
        former = self.entry(reminder, "invitation.ics")["UID"]
        self.assertEqual(self.entry(cancelled, "cancelled.ics")["UID"], former)
        self.assertNotEqual(self.entry(invitation, "invitation.ics")["UID"], former)
