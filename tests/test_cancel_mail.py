# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tools import mute_logger

from .common import GUEST, MONDAY, TUESDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

LOGGER = "odoo.addons.resource_booking_zoom.models.conference.booking_conference_mail"


class TestCancelMail(MailCase):
    """Cancelled after the reminder: the link dies, and who has it is told."""

    def assert_cancelled(self, mails, recipients=(CUSTOMER, STAFF)):
        mails = self.without_notices(mails)
        self.assertEqual(self.recipients(mails), sorted(recipients))
        for mail in mails:
            self.assertEqual(mail.subject, "Booking cancelled: March 1, 2027")
            text = " ".join(mail.text.replace("\u202f", " ").split())
            self.assertIn("The booking below was cancelled.", text)
            self.assertIn("The join link that you received no longer works.", text)
            self.assertIn("Monday, March 1, 2027", text)
            self.assertIn("8:00 AM (UTC)", text)
        # Each once
        self.assertFalse(self.send())

    def test_cancelled_booking(self):
        booking = self.reminded_booking()
        booking.action_cancel()
        self.assert_cancelled(self.send())
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_unscheduled_booking(self):
        self.reminded_booking().action_unschedule()
        self.assert_cancelled(self.send())

    def test_deleted_booking(self):
        self.reminded_booking().unlink()
        self.assert_cancelled(self.send())

    def test_event_deleted_in_the_calendar(self):
        self.reminded_booking().meeting_id.unlink()
        self.assert_cancelled(self.send())

    def test_archived_event(self):
        self.reminded_booking().meeting_id.active = False
        self.assert_cancelled(self.send())

    def test_deleted_booking_type(self):
        self.reminded_booking()
        self.rbt.unlink()
        self.assert_cancelled(self.send())

    def test_mails_and_removal_are_woken_at_once(self):
        booking = self.reminded_booking()
        self.forget_wake_ups()
        booking.action_cancel()
        for name in ("ir_cron_send_reminders", "ir_cron_sync_meetings"):
            self.assertTrue(self.wake_ups(name), name)

    def test_type_that_stops_using_zoom(self):
        self.reminded_booking()
        self.rbt.web_conference_tool = "none"
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertEqual(mail.subject, "The link no longer works: March 1, 2027")
            self.assertIn("has not been cancelled", mail.text)
        self.assertFalse(self.send())

    def test_type_that_uses_another_tool_now_tells_its_link(self):
        self.reminded_booking()
        url = self.use_other_tool("https://teams.example.com/fixed")
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn(url, mail.text)

    def test_all_requesters_declined(self):
        booking = self.reminded_booking()
        self.attendee_of(booking).do_decline()
        mails = self.without_notices(self.send())
        # The one who declined knows it
        self.assertEqual(self.recipients(mails), [STAFF])

    # === WHO === #

    def test_who_cancelled_gets_the_file_for_the_own_calendar_too(self):
        booking = self.reminded_booking()
        self.staff.group_ids = [
            Command.link(self.env.ref("resource_booking.group_manager").id)
        ]
        booking.with_user(self.staff).action_cancel()
        mails = self.send()
        self.assertIn("cancelled.ics", self.mail_to(STAFF, mails).attachments)
        self.assert_cancelled(mails)

    def test_who_archives_the_event_is_told_too(self):
        booking = self.reminded_booking()
        booking.meeting_id.with_user(self.staff).active = False
        self.assert_cancelled(self.send())

    def test_who_archives_the_booking_is_told_once(self):
        booking = self.reminded_booking()
        self.staff.group_ids = [
            Command.link(self.env.ref("resource_booking.group_manager").id)
        ]
        booking.with_user(self.staff).active = False
        # The platform, which saves the event, too, has told of its date
        self.deliver_mails()
        self.assert_cancelled(self.send())
        # And noted once, although the event was archived with the booking
        entries = self.env["booking.conference.mail"].search(
            [
                ("event_id", "=", booking.meeting_id.id),
                ("partner_id", "=", self.staff.partner_id.id),
                ("kind", "=", "cancelled"),
            ]
        )
        self.assertEqual(len(entries), 1)

    def test_who_deletes_the_booking_type_is_told_too(self):
        self.reminded_booking()
        self.staff.group_ids = [
            Command.link(self.env.ref("resource_booking.group_manager").id)
        ]
        self.rbt.with_user(self.staff).unlink()
        self.assert_cancelled(self.send())

    def test_customer_who_cancels_in_the_portal_is_told_too(self):
        booking = self.reminded_booking()
        public = self.env.ref("base.public_user")
        booking.with_user(public).sudo().with_context(using_portal=True).action_cancel()
        self.assert_cancelled(self.send())

    def test_of_several_requesters_all_are_told(self):
        guest = self.create_guest()
        booking = self.book(partner=self.partner | guest)
        self.sync_meetings()
        self.remind()
        public = self.env.ref("base.public_user")
        booking.with_user(public).sudo().with_context(using_portal=True).action_cancel()
        self.assert_cancelled(self.send(), [CUSTOMER, STAFF, GUEST])

    def test_who_loses_two_bookings_has_a_mail_for_each_in_the_ledger(self):
        # Given two bookings of one customer, reminded together
        half_an_hour = timedelta(minutes=30)
        bookings = self.ready_booking() | self.ready_booking(
            start=MONDAY + half_an_hour
        )
        self.assertEqual(len(self.remind(REMINDER_TIME + half_an_hour)), 4)
        ledger = self.env["booking.conference.mail"]
        for entry in ledger.search([]):
            self.assertEqual(entry.mail_message_id.res_id, entry.event_id.id)
        # When both are cancelled
        bookings.action_cancel()
        self.send()
        # Then each entry stands for its own mail, whose delivery is watched
        told = ledger.search([("kind", "=", "cancelled")])
        self.assertEqual(len(told), 4)
        for entry in told:
            self.assertEqual(entry.mail_message_id.res_id, entry.id)

    def test_before_the_reminder_nobody_is_told(self):
        self.ready_booking().action_cancel()
        self.assertFalse(self.send())

    def test_who_was_reminded_without_a_link_is_not_told_that_it_is_dead(self):
        self.r_materials[0].zoom_user_id = False
        booking = self.book()
        self.remind(MONDAY - timedelta(minutes=10))
        booking.action_cancel()
        self.assertFalse(self.send())

    def test_nobody_is_told_of_what_is_over(self):
        booking = self.reminded_booking()
        self.move_to(MONDAY + timedelta(hours=2))
        booking.meeting_id.unlink()
        self.assertFalse(self.send())

    def test_nothing_is_noted_of_what_is_over(self):
        booking = self.reminded_booking()
        entries = self.env["booking.conference.mail"].search([])
        self.move_to(MONDAY + timedelta(hours=2))
        self.staff.group_ids = [
            Command.link(self.env.ref("resource_booking.group_manager").id)
        ]
        booking.with_user(self.staff).action_cancel()
        self.assertEqual(self.env["booking.conference.mail"].search([]), entries)
        self.assertFalse(any(entries.mapped("superseded")))

    def test_nobody_is_told_of_what_was_moved_to_a_time_that_is_over(self):
        booking = self.ready_booking(start=MONDAY + timedelta(hours=2))
        mails = self.remind(MONDAY + timedelta(hours=1))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        booking.meeting_id._write_quietly(
            {"start": MONDAY, "stop": MONDAY + timedelta(minutes=30)}
        )
        booking.meeting_id.unlink()
        self.assertFalse(self.send())

    # === AS IT WAS === #

    def test_booking_that_was_moved_before_is_named_by_its_last_time(self):
        booking = self.reminded_booking()
        booking.meeting_id._write_quietly(
            {
                "start": MONDAY + timedelta(hours=5),
                "stop": MONDAY + timedelta(hours=5, minutes=30),
            }
        )
        self.sync_meetings()
        self.move_to(MONDAY + timedelta(hours=1))
        booking.action_cancel()
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertIn("1:00", mails[0].text)

    def test_booking_that_was_moved_to_and_fro_can_be_cancelled(self):
        # Given a booking whose attendees were reminded of both times
        booking = self.reminded_booking()
        event = booking.meeting_id
        half_hour = timedelta(minutes=30)
        for start in (MONDAY + half_hour, MONDAY):
            event._write_quietly({"start": start, "stop": start + half_hour})
            self.remind(MONDAY - half_hour)
        # When it is cancelled at the former time
        booking.action_cancel()
        # Then that is possible, and told
        self.assert_cancelled(self.send())

    def test_booking_that_is_scheduled_anew_is_reminded_anew(self):
        booking = self.reminded_booking()
        booking.action_unschedule()
        booking.start = MONDAY + timedelta(hours=4)
        self.sync_meetings()
        self.deliver_mails()
        self.assert_cancelled(self.send())
        mails = self.remind(MONDAY + timedelta(hours=3))
        self.assert_both_may_join(mails, booking)

    def test_archived_event_that_comes_back_tells_its_new_link(self):
        booking = self.reminded_booking()
        event = booking.meeting_id
        event.active = False
        self.send()
        event.active = True
        self.sync_meetings()
        mails = self.send()
        self.assert_both_may_join(mails, booking)

    def test_time_is_that_of_the_booking(self):
        self.rbt.resource_calendar_id = self.rbt.resource_calendar_id.copy()
        booking = self.ready_booking()
        self.rbt.resource_calendar_id.tz = "Asia/Tokyo"
        self.remind()
        booking.unlink()
        mail = self.mail_to(CUSTOMER, self.send())
        text = " ".join(mail.text.replace("\u202f", " ").split())
        self.assertIn("5:00 PM (Asia/Tokyo)", text)

    def test_each_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.partner.lang = "ja_JP"
        template = self.env.ref("resource_booking_zoom.mail_template_cancelled")
        template.with_context(lang="ja_JP").body_html = "<p>取り消されました。</p>"
        self.reminded_booking().action_cancel()
        mails = self.send()
        self.assertIn("取り消されました", self.mail_to(CUSTOMER, mails).text)
        self.assertIn("was cancelled", self.mail_to(STAFF, mails).text)

    def test_link_of_another_tool_is_not_said_to_be_dead(self):
        self.use_other_tool("https://teams.example.com/fixed")
        booking = self.book()
        self.remind()
        booking.action_cancel()
        mail = self.mail_to(CUSTOMER, self.send())
        self.assertIn("was cancelled", mail.text)
        self.assertNotIn("no longer works", mail.text)

    # === FAILURES === #

    def test_worker_that_dies_loses_nothing(self):
        self.reminded_booking().action_cancel()
        model = self.registry["mail.template"]
        with (
            patch.object(model, "send_mail_batch", side_effect=MemoryError),
            mute_logger(LOGGER),
        ):
            self.assertFalse(self.send())
        self.assert_cancelled(self.send())

    def test_staff_of_another_day_are_not_told(self):
        self.users[1].email = "tuesday@example.com"
        booking = self.reminded_booking()
        self.ready_booking(start=TUESDAY)
        booking.action_cancel()
        self.assert_cancelled(self.send())
