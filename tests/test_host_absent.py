# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .attendance_common import AttendanceMixin
from .common import MONDAY
from .mail_common import MailMixin
from .webhook_common import WebhookCase

LOGGER = "odoo.addons.resource_booking_zoom.models.conference.booking_conference_notice"


@tagged("post_install", "-at_install")
class TestHostAbsent(AttendanceMixin, MailMixin, WebhookCase):
    """A customer waits, the host is absent: the staff of the booking see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.organizer = cls.create_manager("organizer", email="organizer@example.com")

    def setUp(self):
        super().setUp()
        self.booking = self.book(user_id=self.organizer.id)
        self.meeting = self.issued(self.booking)
        # The reminders are out before anybody comes
        self.at(-30)
        self.send_reminders()
        self.deliver_mails()

    def activities(self, booking=None):
        """Of the last runs of the scheduled action, as Odoo triggered it."""
        return (booking or self.booking).activity_ids.filtered("conference_notice_id")

    def run_triggered(self):
        """Run the mails if somebody asked for that by now.

        :return bool: whether somebody did
        """
        cron = self.env.ref("resource_booking_zoom.ir_cron_send_reminders")
        now = self.now().replace(tzinfo=None)
        due = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", cron.id), ("call_at", "<=", now)]
        )
        due.unlink()
        if due:
            self.send_reminders()
        return bool(due)

    def test_customer_waits_and_host_comes(self):
        self.at(-3)
        self.forget_wake_ups()
        self.report(self.meeting, "participant_joined_waiting_room")
        self.at(4)
        self.assertFalse(self.run_triggered())
        self.send_reminders()
        self.assertFalse(self.activities())
        # Five minutes after the start Odoo looks by itself
        self.at(5)
        self.assertTrue(self.run_triggered())
        activity = self.activities()
        self.assertEqual(activity.user_id, self.organizer)
        self.assertEqual(activity.summary, "Customer waits, host absent")
        self.assertIn("Start the meeting, or call the customer", activity.note)
        # Once, and without a mail
        self.report(self.meeting, "participant_joined_waiting_room")
        self.at(6)
        self.send_reminders()
        self.assertEqual(self.activities(), activity)
        self.assertFalse(self.deliver_mails())
        # Gone when the host comes
        self.at(7)
        self.forget_wake_ups()
        self.report(self.meeting, "participant_joined", self.host_of(self.meeting))
        self.assertTrue(self.run_triggered())
        self.assertFalse(self.activities())
        # And told no more, whatever follows
        self.at(9)
        self.report(self.meeting, "participant_left", self.host_of(self.meeting))
        self.at(10)
        self.report(self.meeting, "participant_joined")
        self.send_reminders()
        self.assertFalse(self.activities())

    def test_customer_who_comes_late_is_told_of_at_once(self):
        self.at(12)
        self.report(self.meeting, "participant_jbh_waiting")
        self.assertTrue(self.run_triggered())
        self.assertEqual(len(self.activities()), 1)

    def test_host_who_is_there_is_not_told_of(self):
        self.at(-1)
        self.report(self.meeting, "participant_joined", self.host_of(self.meeting))
        self.at(0)
        self.report(self.meeting, "participant_joined")
        self.at(6)
        self.send_reminders()
        self.assertFalse(self.activities())
        # Nor after a short consultation
        self.report(self.meeting, "participant_left", self.host_of(self.meeting))
        self.report(self.meeting, "ended")
        self.at(8)
        self.send_reminders()
        self.assertFalse(self.activities())

    def test_it_is_over_with_the_booking(self):
        self.at(0)
        self.report(self.meeting, "participant_joined_waiting_room")
        self.at(5)
        self.send_reminders()
        self.assertTrue(self.activities())
        self.at(31)
        self.send_reminders()
        self.assertFalse(self.activities())

    def test_cancelled_booking_is_not_told_of(self):
        self.at(0)
        self.report(self.meeting, "participant_joined_waiting_room")
        self.booking.action_cancel()
        self.at(6)
        self.send_reminders()
        self.assertFalse(
            self.booking.with_context(active_test=False).activity_ids.filtered(
                "conference_notice_id"
            )
        )

    def test_moved_booking_is_told_of_again(self):
        self.at(0)
        self.report(self.meeting, "participant_joined_waiting_room")
        self.at(5)
        self.send_reminders()
        self.assertTrue(self.activities())
        self.booking.start = MONDAY + timedelta(hours=2)
        self.sync_meetings()
        self.send_reminders()
        self.assertFalse(self.activities())
        self.at(121)
        self.report(self.meeting, "participant_joined_waiting_room")
        self.at(125)
        self.send_reminders()
        self.assertEqual(len(self.activities()), 1)

    def test_mails_go_out_although_it_cannot_be_found_out(self):
        self.booking._note_for_staff("event_changed")
        attendance = self.registry["booking.zoom.attendance"]
        with (
            patch.object(attendance, "_get_awaiting", side_effect=ValueError("broken")),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self.send_reminders()
        self.assertTrue(self.deliver_mails())

    def test_many_are_found_together(self):
        rows = self.book_many(30, minutes=30, host=self.other_host)
        rows.write({"state": "ready", "start": MONDAY, "zoom_user_id": False})
        account = self.account.id
        counts = []
        self.at(6)
        for some in (rows[:3], rows[3:]):
            self.env["booking.zoom.attendance"].create(
                [
                    {
                        "zoom_meeting_id": row.id,
                        "zoom_account_id": account,
                        "customer_seen_at": MONDAY,
                    }
                    for row in some
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = self.env["resource.booking"]._get_awaiting_host()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(found, rows.booking_id)
        self.assertEqual(*counts)
