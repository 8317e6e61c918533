# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import socket
from datetime import timedelta

from odoo import Command

from .common import GUEST, MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase


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

    def remind_in_vain(self, **values):
        booking = self.ready_booking(**values)
        self.go_down()
        self.assertFalse(self.remind())
        mails = self.env["mail.mail"].search([])
        self.assertEqual(set(mails.mapped("state")), {"exception"})
        self.assertEqual(mails.recipient_ids, booking.meeting_id.partner_ids)
        return booking

    def send_in_vain(self):
        self.send_reminders()
        self.assertFalse(self.deliver_mails())

    def send_when_it_is_back(self):
        """Let the mail server come back, and everything run.

        :return list: the mails that arrived
        """
        self.come_back()
        self.send_reminders()
        return self.deliver_mails()

    def test_reminder_is_sent_when_it_is_back_and_once(self):
        booking = self.remind_in_vain()
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=5)))
        self.come_back()
        mails = self.remind(REMINDER_TIME + timedelta(minutes=10))
        self.assert_both_may_join(mails, booking)
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=15)))

    def test_link_is_read_again_before_it_is_sent_when_it_is_back(self):
        # Given a passcode that is changed in Zoom meanwhile
        self.remind_in_vain()
        self.zoom.edit_in_portal(self.live_meetings()[0], password="n3wC0de")
        self.move_to(REMINDER_TIME + timedelta(minutes=5))
        mails = self.send_when_it_is_back()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn("n3wC0de", mail.text)

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

    # === WHAT IS NOT TRUE ANY MORE === #

    def test_after_a_move_only_the_date_change_is_sent(self):
        # Given a booking that is moved while the server is down
        booking = self.remind_in_vain()
        booking.start = MONDAY + timedelta(hours=4)
        self.sync_meetings()
        self.assertFalse(self.deliver_mails())
        # When it is back
        mails = self.send_when_it_is_back()
        # Then nobody is reminded of the former time
        self.assert_both_may_join(mails, booking, "Date updated")

    def test_who_was_reminded_of_a_time_that_was_moved_quietly_gets_no_reminder(self):
        booking = self.remind_in_vain()
        start = MONDAY + timedelta(hours=4)
        booking.meeting_id._write_quietly(
            {"start": start, "stop": start + timedelta(minutes=30)}
        )
        self.sync_meetings()
        self.assertFalse(self.send_when_it_is_back())

    def test_who_was_removed_gets_no_link(self):
        # Given a guest who is removed while the server is down, and a limit that
        # keeps the link alive
        guest = self.create_guest()
        booking = self.remind_in_vain(partner=self.partner | guest)
        self.env["booking.zoom.request.count"]._note_limit_reached(self.host)
        booking.partner_ids = [Command.unlink(guest.id)]
        # When it is back
        mails = self.without_notices(self.send_when_it_is_back())
        # Then the others get the link, and the guest does not
        self.assertEqual(set(self.recipients(mails)), {CUSTOMER, GUEST, STAFF})
        self.assert_says_how_to_join(self.mail_to(CUSTOMER, mails).text, booking)
        for mail in mails:
            if GUEST in mail.recipients:
                self.assert_tells_nothing(mail.everything, booking)

    def test_who_declined_gets_no_link(self):
        booking = self.remind_in_vain()
        self.attendee_of(booking, self.staff.partner_id).do_decline()
        self.env["booking.zoom.request.count"]._note_limit_reached(self.host)
        mails = self.without_notices(self.send_when_it_is_back())
        self.assertEqual(self.recipients(mails), [CUSTOMER])

    def test_former_link_is_not_sent_beside_the_new_one(self):
        booking = self.remind_in_vain()
        booking.zoom_meeting_id.passcode = "another"
        mails = self.send_when_it_is_back()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertEqual(mail.subject, "The Zoom information has changed")
            self.assert_says_how_to_join(mail.text, booking)

    def test_link_that_is_about_to_go_is_not_sent(self):
        booking = self.remind_in_vain()
        self.r_materials[0].zoom_user_id = self.other_host
        self.assertFalse(self.send_when_it_is_back())
        self.sync_meetings()
        mails = self.send_when_it_is_back()
        self.assert_both_may_join(mails, booking)

    def test_that_a_link_is_to_follow_is_not_sent_beside_it(self):
        # Given a reminder without a link that was not sent
        self.r_materials[0].zoom_user_id = False
        booking = self.ready_booking()
        self.go_down()
        self.assertFalse(self.remind(MONDAY - timedelta(minutes=10)))
        # When there is a link, and the server is back
        self.r_materials[0].zoom_user_id = self.host
        self.sync_meetings()
        mails = self.without_notices(self.send_when_it_is_back())
        # Then the link is sent alone
        self.assert_both_may_join(mails, booking, "Your link")

    def test_cancellation_of_what_came_back_is_not_sent(self):
        booking = self.ready_booking()
        self.remind()
        self.go_down()
        booking.meeting_id.active = False
        self.send_in_vain()
        booking.meeting_id.active = True
        self.sync_meetings()
        self.send_in_vain()
        mails = self.send_when_it_is_back()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertNotIn("cancelled", mail.subject)
            self.assert_says_how_to_join(mail.text, booking)

    # === OTHER MAILS === #

    def test_mails_of_the_platform_about_the_same_event_are_left_alone(self):
        # Given an invitation without a link, and a note, that were not sent
        self.deliver_mails()
        self.go_down()
        booking = self.book()
        self.sync_meetings()
        booking.meeting_id.message_notify(
            body="Bring a pen.", partner_ids=self.partner.ids
        )
        self.assertFalse(self.deliver_mails())
        others = self.env["mail.mail"].search([("model", "=", "calendar.event")])
        self.assertEqual(len(others), 3)
        # When the reminders are sent, too
        self.move_to(REMINDER_TIME)
        mails = self.send_when_it_is_back()
        # Then the others stay as they are
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertFalse(self.send_when_it_is_back())
        self.assertEqual(set(others.mapped("state")), {"exception"})

    def test_mail_that_the_server_refused_is_not_tried_again(self):
        self.remind_in_vain()
        self.env["mail.mail"].search([]).failure_type = "mail_email_invalid"
        self.come_back()
        mails = self.remind(REMINDER_TIME + timedelta(minutes=5))
        self.assertFalse(self.without_notices(mails))

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

    # === STAFF === #

    def test_notice_to_staff_is_sent_when_it_is_back_and_once(self):
        booking = self.ready_booking()
        self.go_down()
        booking._note_for_staff("event_changed", "Somebody archived it.")
        self.send_in_vain()
        mails = self.send_when_it_is_back()
        self.assertEqual(self.recipients(mails), ["admin@example.com", STAFF])
        self.assertFalse(self.send())

    def test_notice_that_is_not_true_any_more_is_not_sent(self):
        booking = self.ready_booking()
        self.go_down()
        booking._note_for_staff("event_changed", "Somebody archived it.")
        self.send_in_vain()
        booking.action_cancel()
        self.assertFalse(self.send_when_it_is_back())

    def test_mail_to_the_administrator_is_sent_when_it_is_back(self):
        self.account.write({"daily_request_limit": 1, "reserve_requests": 0})
        self.book_many(2)
        self.go_down()
        self.sync_meetings()
        self.assertFalse(self.deliver_mails())
        mails = self.send_when_it_is_back()
        self.assertEqual(self.recipients(mails), ["admin@example.com", STAFF])
