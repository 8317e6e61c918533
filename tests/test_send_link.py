# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.modules.module import load_script

from .common import MONDAY
from .mail_common import CUSTOMER, STAFF, MailCase

SCRIPT = "resource_booking_zoom/migrations/19.0.4.0.0/pre-link-asked.py"


class TestSendLink(MailCase):
    """Staff have the link sent now, or once more."""

    def test_before_the_reminder(self):
        booking = self.ready_booking()
        said = booking.action_send_link()
        self.assertIn("Bookings: 1.", said["params"]["message"])
        mails = self.send_after_check()
        self.assert_both_may_join(mails, booking, "Your link")
        self.assertEqual(self.send_after_check(), [])
        # The reminder goes out all the same.
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    def test_again(self):
        booking = self.reminded_booking()
        self.assertEqual(self.send_after_check(), [])
        for _time in range(2):
            booking.action_send_link()
            mails = self.send_after_check()
            self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
            self.assertIn("Your link", mails[0].subject)
            self.assertEqual(self.send_after_check(), [])

    def test_waits_for_a_link(self):
        booking = self.book()
        self.deliver_mails()
        said = booking.action_send_link()
        self.assertIn("as soon as it exists", said["params"]["message"])
        self.assertEqual(self.send(), [])
        self.sync_meetings()
        mails = self.send_after_check()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_is_forgotten_with_the_date(self):
        # Given a booking whose link was asked for
        booking = self.ready_booking()
        booking.action_send_link()
        self.send_after_check()
        # When it loses its date and gets another one
        combination = booking.combination_id
        booking.action_unschedule()
        self.sync_meetings()
        self.send_after_check()
        start = MONDAY + timedelta(days=7)
        booking.write({"start": start, "combination_id": combination.id})
        self.deliver_mails()
        self.sync_meetings()
        # Then its new link comes with the reminder
        self.assertEqual([mail.subject for mail in self.send_after_check()], [])

    def test_many_and_those_without(self):
        first, second = self.book(), self.book(MONDAY + timedelta(minutes=30))
        third = self.book(MONDAY + timedelta(hours=1))
        third._choose_link("none")
        self.sync_meetings()
        self.deliver_mails()
        said = (first | second | third).action_send_link()
        self.assertIn("Bookings: 2.", said["params"]["message"])
        self.assertIn("declined by all: 1.", said["params"]["message"])
        self.assertEqual(len(self.send_after_check()), 4)

    def test_mails_no_change_of_the_date(self):
        booking = self.ready_booking()
        booking.action_send_link()
        self.assertEqual(self.deliver_mails(), [])

    def test_what_was_asked_for_before_an_upgrade_is_sent(self):
        # Given a database that kept the entry before, with a link that was asked for
        booking = self.ready_booking()
        booking.action_send_link()
        self.env.flush_all()
        self.cr.execute(
            "ALTER TABLE resource_booking"
            " RENAME COLUMN link_asked_from TO link_asked_after"
        )
        self.cr.execute("UPDATE resource_booking SET link_asked_after = 0")
        # When it is upgraded
        load_script(SCRIPT, "pre_link_asked").migrate(self.cr, "19.0.3.0.0")
        self.env.invalidate_all()
        # Then the link goes out
        self.assertEqual(self.recipients(self.send_after_check()), [CUSTOMER, STAFF])
