# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import socket
from datetime import timedelta

from .common import MONDAY
from .mail_common import REMINDER_TIME, MailCase

CUSTOMER = "customer@example.com"
STAFF = "staff@example.com"


class TestMailServerDown(MailCase):
    """No mail server can be reached for a while: nobody loses the link by that."""

    def setUp(self):
        super().setUp()
        self.server = self.env["ir.mail_server"].search([])

    def go_down(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            _host, free_port = listening.getsockname()
        self.server.smtp_port = free_port

    def come_back(self):
        self.server.smtp_port = self.smtp.port

    def remind_in_vain(self):
        booking = self.ready_booking()
        self.go_down()
        self.assertFalse(self.remind())
        mails = self.env["mail.mail"].search([])
        self.assertEqual(mails.mapped("state"), ["exception", "exception"])
        return booking

    def test_reminder_is_sent_when_it_is_back_and_once(self):
        booking = self.remind_in_vain()
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=5)))
        self.come_back()
        mails = self.remind(REMINDER_TIME + timedelta(minutes=10))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assert_says_how_to_join(mail.text, booking)
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=15)))

    def test_cancellation_is_sent_when_it_is_back(self):
        booking = self.ready_booking()
        self.remind()
        self.go_down()
        booking.action_cancel()
        self.assertFalse(self.remind())
        self.come_back()
        mails = self.remind(REMINDER_TIME + timedelta(minutes=5))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertIn("cancelled", mails[0].subject)

    def test_reminder_of_what_is_over_is_not_sent_any_more(self):
        self.remind_in_vain()
        self.come_back()
        self.assertFalse(self.remind(MONDAY + timedelta(minutes=31)))

    def test_reminder_of_what_was_cancelled_is_not_sent_any_more(self):
        booking = self.remind_in_vain()
        booking.action_cancel()
        self.come_back()
        mails = self.remind(REMINDER_TIME + timedelta(minutes=5))
        self.assertFalse([mail for mail in mails if "Reminder" in mail.subject])

    def test_mail_that_the_server_refused_is_not_tried_again(self):
        self.remind_in_vain()
        self.env["mail.mail"].search([]).failure_type = "mail_email_invalid"
        self.come_back()
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=5)))

    def test_mails_of_others_are_left_alone(self):
        other = self.env["mail.mail"].create(
            {"subject": "Other", "email_to": "other@example.com", "state": "exception"}
        )
        event = self.env["calendar.event"].create(
            {"name": "Lunch", "start": MONDAY, "stop": MONDAY + timedelta(hours=1)}
        )
        lunch = self.env["mail.mail"].create(
            {
                "subject": "Lunch",
                "email_to": "other@example.com",
                "state": "exception",
                "model": "calendar.event",
                "res_id": event.id,
            }
        )
        self.assertFalse(self.remind())
        self.assertEqual((other | lunch).mapped("state"), ["exception", "exception"])
