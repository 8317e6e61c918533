# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from .common import GUEST, MONDAY, READ, ZoomCase
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

MINUTE = timedelta(minutes=1)
SHORTLY_BEFORE = REMINDER_TIME - MINUTE


class TestFreshLink(MailCase):
    """What a mail says is what Zoom has at that time."""

    def setUp(self):
        super().setUp()
        self.booking = self.ready_booking()
        self.row = self.booking.zoom_meeting_id
        (self.meeting,) = self.live_meetings()
        # Checked a quarter of an hour before, as always
        self.move_to(REMINDER_TIME - timedelta(minutes=15))
        self.sync_meetings()
        self.zoom.requests.clear()

    def run_at(self, moment):
        """Let the actions run at a moment, as often as they are woken.

        :return list: the mails that arrived
        """
        self.move_to(moment)
        for _round in range(3):
            self.run_cron("ir_cron_send_reminders")
            self.sync_meetings()
        return self.deliver_mails()

    def readings(self):
        return len(self.requests("GET", "/meetings/"))

    def zoom_does_not_answer(self):
        self.zoom.fail(path="/v2/", status=503, times=None)

    # === BEFORE THE REMINDER === #

    def test_passcode_changed_a_minute_before_is_in_the_reminder(self):
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        self.assertFalse(self.run_at(SHORTLY_BEFORE))
        mails = self.run_at(REMINDER_TIME)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn("n3wC0de", mail.text)
            self.assertIn(self.meeting.join_url, mail.text)
        self.assertEqual(self.counted_requests(), 0)

    def test_meeting_deleted_a_minute_before_is_replaced_in_the_reminder(self):
        former = self.meeting.join_url
        self.zoom.delete_in_portal(self.meeting)
        self.assertFalse(self.run_at(SHORTLY_BEFORE))
        # Zoom is believed when it says twice that the meeting is gone.
        self.assertFalse(self.run_at(REMINDER_TIME))
        mails = self.run_at(REMINDER_TIME + 2 * MINUTE)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        (new,) = self.live_meetings()
        for mail in mails:
            self.assertIn(new.join_url, mail.text)
            self.assertNotIn(former, mail.everything)

    def test_meeting_deleted_after_the_reading_is_replaced_if_zoom_tells_so(self):
        self.run_at(SHORTLY_BEFORE)
        # As after an event of Zoom
        self.zoom.delete_in_portal(self.meeting)
        self.row._check_now()
        self.assertFalse(self.run_at(REMINDER_TIME - timedelta(seconds=20)))
        self.assertFalse(self.run_at(REMINDER_TIME))
        mail = self.mail_to(CUSTOMER, self.run_at(REMINDER_TIME + 2 * MINUTE))
        self.assertIn(self.live_meetings()[0].join_url, mail.text)

    def test_reading_begins_before_the_reminder_is_due_and_is_done_once(self):
        self.run_at(SHORTLY_BEFORE)
        self.assertEqual(self.readings(), 1)
        mails = self.run_at(REMINDER_TIME)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertEqual(self.readings(), 1)

    def test_late_run_reads_first(self):
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        mails = self.run_at(MONDAY - timedelta(minutes=30))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertIn("n3wC0de", mails[0].text)

    def test_reminders_are_woken_when_the_meeting_has_been_read(self):
        self.move_to(REMINDER_TIME)
        self.run_cron("ir_cron_send_reminders")
        self.assertFalse(self.deliver_mails())
        self.forget_wake_ups()
        self.sync_meetings()
        self.assertLessEqual(min(self.wake_ups()), REMINDER_TIME + MINUTE)

    def test_reading_that_is_too_old_when_the_mail_is_written_is_repeated(self):
        # Given a run of mails that takes longer than a reading is good for
        self.move_to(REMINDER_TIME)
        self.run_cron("ir_cron_send_reminders")
        self.sync_meetings()
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        self.move_to(REMINDER_TIME + 3 * MINUTE)
        self.env["booking.conference.mail"]._send_reminders(
            [(self.booking.meeting_id.id, self.rbt.alarm_ids.id)]
        )
        # Then nothing is written with it
        self.assertFalse(self.deliver_mails())
        # And the next run reads anew
        mails = self.run_at(REMINDER_TIME + 4 * MINUTE)
        self.assertIn("n3wC0de", self.mail_to(CUSTOMER, mails).text)

    def test_new_meeting_need_not_be_read(self):
        self.booking.action_cancel()
        self.move_to(REMINDER_TIME + 10 * MINUTE)
        booking = self.ready_booking()
        mails = self.run_at(REMINDER_TIME + 11 * MINUTE)
        self.assert_says_how_to_join(self.mail_to(CUSTOMER, mails).text, booking)
        self.assertEqual(self.readings(), 0)

    # === ZOOM DOES NOT ANSWER === #

    def test_reminder_does_not_wait_longer_than_ten_minutes_for_an_outage(self):
        self.zoom_does_not_answer()
        for minutes in (-1, 0, 5, 8):
            self.assertFalse(self.run_at(REMINDER_TIME + minutes * MINUTE))
        mails = self.run_at(REMINDER_TIME + 9 * MINUTE)
        self.assert_both_may_join(mails, self.booking)

    def test_action_is_woken_when_it_has_waited_long_enough(self):
        self.zoom_does_not_answer()
        self.run_at(REMINDER_TIME)
        self.assertIn(REMINDER_TIME + 10 * MINUTE, self.wake_ups())

    def test_reminder_goes_out_as_soon_as_zoom_answers_again(self):
        self.zoom_does_not_answer()
        self.run_at(REMINDER_TIME)
        self.zoom.faults.clear()
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        mails = self.run_at(REMINDER_TIME + 5 * MINUTE)
        self.assertIn("n3wC0de", self.mail_to(CUSTOMER, mails).text)

    def test_shortly_before_the_start_it_waits_a_minute_at_most(self):
        self.use_alarms(self.create_alarm(10))
        self.zoom_does_not_answer()
        last = MONDAY - timedelta(minutes=10)
        self.assertFalse(self.run_at(last))
        self.assertEqual(self.recipients(self.run_at(last + MINUTE)), [CUSTOMER, STAFF])

    def test_reminder_waits_for_no_account_that_is_not_linked(self):
        self.account.action_disconnect()
        self.sync_meetings()
        mails = self.run_at(REMINDER_TIME)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_reminder_waits_for_no_reading_that_zoom_refuses(self):
        self.zoom.refuse(400, 300, "No.", **READ, times=None)
        mails = self.run_at(REMINDER_TIME)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_reminder_waits_while_zoom_does_not_find_many_meetings(self):
        # Given that Zoom does not find any meeting of the account
        others = [
            self.ready_booking(start=MONDAY + timedelta(hours=2, minutes=30 * number))
            for number in range(5)
        ]
        self.zoom.refuse(404, 3001, "Meeting does not exist: 1.", **READ, times=None)
        for booking in others:
            booking.zoom_meeting_id._check_now()
        self.sync_meetings()
        # Then no mail tells a link that may be dead
        for minutes in (0, 3, 30, 48):
            mails = self.run_at(REMINDER_TIME + minutes * MINUTE)
            self.assertFalse(self.without_notices(mails))
        # Until it is found again
        self.zoom.faults.clear()
        mails = self.run_at(REMINDER_TIME + 51 * MINUTE)
        self.assert_says_how_to_join(self.mail_to(CUSTOMER, mails).text, self.booking)

    # === OTHER MAILS === #

    def test_link_that_comes_late_is_read_before_it_is_told(self):
        # Given a reminder without link, and a link that is told some minutes later
        self.row.join_url = False
        last = MONDAY - timedelta(minutes=10)
        self.remind(last)
        self.row.join_url = self.meeting.join_url
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        # When it is told
        mail = self.mail_to(CUSTOMER, self.run_at(last + 3 * MINUTE))
        self.assertIn("Your link", mail.subject)
        self.assertIn("n3wC0de", mail.text)

    def test_changed_link_is_read_before_it_is_told(self):
        self.run_at(REMINDER_TIME)
        self.row.passcode = "another"
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        mails = self.run_at(REMINDER_TIME + 5 * MINUTE)
        mail = self.mail_to(CUSTOMER, mails)
        self.assertIn("has changed", mail.subject)
        self.assertIn("n3wC0de", mail.text)

    def test_meeting_is_read_after_an_invitation_that_tells_its_link(self):
        # Given a type whose link is told at once, and a passcode that was changed
        self.rbt.link_disclosure = "issued"
        booking = self.ready_booking(start=MONDAY + timedelta(hours=5))
        self.send()
        self.zoom.edit_in_portal(self.live_meetings()[-1], password="n3wC0de")
        self.move_to(REMINDER_TIME - 10 * MINUTE)
        # When somebody is invited later
        guest = self.create_guest()
        booking.meeting_id.partner_ids |= guest
        # Then the invitation cannot wait, but the right link follows at once
        first = self.mail_to(GUEST, self.deliver_mails())
        self.assertNotIn("n3wC0de", first.text)
        mails = self.run_at(REMINDER_TIME - 10 * MINUTE)
        mail = self.mail_to(GUEST, mails)
        self.assertIn("has changed", mail.subject)
        self.assertIn("n3wC0de", mail.text)

    # === MANY AT ONCE === #

    def test_many_meetings_are_asked_for_together(self):
        for number in range(1, 5):
            self.ready_booking(start=MONDAY + timedelta(minutes=30 * number))
        self.move_to(MONDAY + timedelta(hours=1))
        self.use_alarms(self.create_alarm(180))
        ledger = self.env["booking.conference.mail"]
        self.env.flush_all()
        ledger._ask_for_link_checks([])
        rows = self.env["booking.zoom.meeting"].search([("awaited_since", "!=", False)])
        self.assertGreaterEqual(len(rows), 3)
        self.assertEqual(len(set(rows.mapped("awaited_since"))), 1)


class TestManyReadings(ZoomCase):
    """A thousand reminders at one time, and bookings that are made meanwhile."""

    def first_requests(self, known, new):
        """What the first of the requests are when both are due at once."""
        self.zoom.requests.clear()
        known._check_now()
        self.sync_meetings()
        methods = [request.method for request in self.zoom.requests]
        self.assertEqual(methods.count("GET"), len(known))
        self.assertEqual(methods.count("POST"), len(new))
        return methods[: len(known)]

    def test_new_bookings_do_not_wait_for_all_readings(self):
        known = self.book_many(48)
        self.sync_meetings()
        new = self.book_many(24, start=MONDAY + timedelta(days=7))
        self.assertEqual(self.first_requests(known, new).count("POST"), len(new))

    def test_readings_do_not_wait_for_all_new_bookings(self):
        known = self.book_many(24)
        self.sync_meetings()
        new = self.book_many(48, start=MONDAY - timedelta(days=2), host=self.other_host)
        self.assertGreater(self.first_requests(known, new).count("GET"), 6)
