# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, fields

from .common import CREATE, GUEST, MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

SORRY = "not ready yet"
LOGGER = "odoo.addons.resource_booking_zoom.models.conference.booking_conference_mail"
WRITING_LOGGER = "odoo.addons.resource_booking_zoom.models.conference.mail_writing"


class TestLastMinutes(MailCase):
    """Booked when a reminder without a link would go out already."""

    def book_now(self):
        """Five minutes before the start."""
        self.deliver_mails()
        self.move_to(MONDAY - timedelta(minutes=5))
        booking = self.book()
        self.deliver_mails()
        return booking

    def test_mail_waits_for_the_meeting_that_is_about_to_be_issued(self):
        # Given a booking made five minutes before its start
        booking = self.book_now()
        # When the reminders run before its meeting is issued
        self.assertFalse(self.send())
        # Then they go out, with the link and nothing else, when it is
        self.sync_meetings()
        mails = self.send()
        self.assert_both_may_join(mails, booking)
        for mail in mails:
            self.assertNotIn(SORRY, mail.text)

    def test_mail_waits_a_minute_only(self):
        self.book_now()
        self.move_to(MONDAY - timedelta(minutes=3))
        mails = self.without_notices(self.send())
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn(SORRY, mail.text)

    def test_mail_does_not_wait_when_zoom_fails(self):
        self.zoom.fail(**CREATE)
        self.zoom.fail(**CREATE)
        booking = self.book_now()
        self.sync_meetings()
        self.assertTrue(booking.zoom_meeting_id.problem)
        mails = self.without_notices(self.send())
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_action_is_woken_after_that_minute(self):
        self.forget_wake_ups()
        self.book_now()
        minutes = [at.replace(second=0, microsecond=0) for at in self.wake_ups()]
        self.assertIn(MONDAY - timedelta(minutes=3), minutes)

    def hold(self):
        """A booking made 90 seconds before its start, whose mails are held."""
        self.deliver_mails()
        self.move_to(MONDAY - timedelta(seconds=90))
        booking = self.book()
        self.deliver_mails()
        self.assertFalse(self.send())
        return booking

    def assert_woken(self, booking):
        """As soon as it is known that the link cannot be had, the mails go out."""
        self.forget_wake_ups()
        self.sync_meetings()
        self.assertTrue(booking.zoom_meeting_id.problem)
        now = fields.Datetime.now()
        self.assertTrue([at for at in self.wake_ups() if at <= now])
        mails = self.without_notices(self.send())
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_mail_is_woken_when_zoom_fails(self):
        booking = self.hold()
        self.zoom.fail(**CREATE, times=None)
        self.assert_woken(booking)

    def test_mail_is_woken_when_the_limit_is_reached(self):
        booking = self.hold()
        self.env["booking.zoom.request.count"]._note_limit_reached(self.host)
        self.assert_woken(booking)

    def test_mail_is_woken_when_the_account_has_no_token(self):
        booking = self.hold()
        self.account.access_token = False
        self.zoom.fail(path="/oauth/token", status=503, times=None)
        self.assert_woken(booking)


class TestNoLinkToCome(MailCase):
    """Nobody is promised a link that never comes."""

    def test_staff_of_a_booking_that_its_requester_has_declined(self):
        booking = self.ready_booking()
        self.attendee_of(booking).do_decline()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        mails = self.remind(MONDAY - timedelta(minutes=9))
        self.assertFalse(self.without_notices(mails))

    def test_booking_that_is_under_way_when_its_type_begins_to_use_zoom(self):
        self.rbt.web_conference_tool = "none"
        self.book()
        self.deliver_mails()
        self.move_to(MONDAY + timedelta(minutes=5))
        self.rbt.web_conference_tool = "zoom"
        self.sync_meetings()
        self.assertFalse(self.remind(MONDAY + timedelta(minutes=6)))


class TestNoTemplate(MailCase):
    """Somebody has deleted all templates of reminders."""

    def setUp(self):
        super().setUp()
        self.ready_booking()
        for name in (
            "resource_booking_zoom.mail_template_reminder",
            "calendar.calendar_template_meeting_reminder",
        ):
            self.env.ref(name).unlink()

    def assert_waits(self, moment):
        """Nothing is sent, nor entered as sent, and the log says why, once."""
        with self.assertLogs(WRITING_LOGGER) as logs:
            self.assertFalse(self.without_notices(self.remind(moment)))
        self.assertEqual([record.levelname for record in logs.records], ["ERROR"])
        self.assertIn("No mail template", logs.output[0])
        self.assertFalse(self.env["booking.conference.mail"].search([]))

    def test_reminder_waits_for_a_template(self):
        self.assert_waits(REMINDER_TIME)
        self.assert_waits(MONDAY - timedelta(minutes=5))
        self.use_template(self.create_template("<p>Soon</p>"))
        mails = self.remind(MONDAY - timedelta(minutes=4))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])


class TestOtherAlarms(MailCase):
    """The alarms of the type are changed after people were reminded."""

    def setUp(self):
        super().setUp()
        self.ready_booking()
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    def test_earlier_alarm_reminds_nobody_again(self):
        self.use_alarms(self.create_alarm(90))
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=5)))

    def test_later_alarm_reminds_at_its_time(self):
        self.use_alarms(self.create_alarm(30))
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=5)))
        mails = self.remind(MONDAY - timedelta(minutes=30))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_who_comes_later_gets_the_reminder_of_the_new_alarm(self):
        self.use_alarms(self.create_alarm(90))
        guest = self.create_guest()
        event = self.env["resource.booking"].search([], limit=1).meeting_id
        event._write_quietly({"partner_ids": [Command.link(guest.id)]})
        mails = self.remind(REMINDER_TIME + timedelta(minutes=5))
        self.assertEqual(self.recipients(mails), [GUEST])


class TestLostAgainAndAgain(MailCase):
    """Somebody saves the booking whenever its reminder is written."""

    def test_comes_seconds_later(self):
        self.ready_booking()
        self.move_to(REMINDER_TIME)
        self.forget_wake_ups()
        model = self.registry["booking.conference.mail"]
        with (
            patch.object(model, "_send_together", side_effect=SerializationFailure),
            self.assertNoLogs(LOGGER, "WARNING"),
        ):
            self.assertFalse(self.send())
        again = min(self.wake_ups())
        self.assertLess(again, fields.Datetime.now() + timedelta(seconds=6))
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, STAFF])
