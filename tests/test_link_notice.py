# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

import icalendar
from lxml.html import fromstring

from odoo import Command

from .common import GUEST, MONDAY, TUESDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

NOTICE = "o_web_conference_notice"
BLOCK = "o_web_conference_info"
HOUR = timedelta(hours=1)
AT_SEVEN = "The Zoom link comes with the reminder, by e-mail on March 1, 2027 at 7:00 AM (UTC)."
START_ELSEWHERE = "Start in your time zone: March 1, 2027 at 3:00 AM (America/New_York)"
AS_SOON_AS = "You receive the link by e-mail as soon as it is ready."


class TestLinkNotice(MailCase):
    """Invitations and date changes say when the link comes, as long as it is hidden."""

    def setUp(self):
        super().setUp()
        self.deliver_mails()

    def invite(self, **values):
        """Book.

        :return tuple: the booking, the invitations as they arrived
        """
        booking = self.book(**values)
        return booking, self.deliver_mails()

    def move(self, booking, start):
        booking.start = start
        return self.deliver_mails()

    def said(self, mails, address=CUSTOMER):
        """What the mail to that address says about the link, in both of its parts."""
        mail = self.mail_to(address, mails)
        text = " ".join(mail.text.replace("\u202f", " ").split())
        boxes = fromstring(mail.html).find_class(NOTICE)
        for box in boxes:
            # The way to the booking's page has tests of its own.
            for link in list(box.iter("a")):
                link.getparent().remove(link)
        notices = [
            " ".join(box.text_content().replace("\u202f", " ").split()) for box in boxes
        ]
        for notice in notices:
            self.assertIn(notice, text)
        return notices

    def described(self, mails, address=CUSTOMER):
        """The description of the calendar entry in the mail to that address."""
        content = self.mail_to(address, mails).attachments["invitation.ics"]
        (entry,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
        return str(entry.get("DESCRIPTION", "")).replace("\u202f", " ")

    # === WHEN === #

    def test_invitation_says_that_the_link_comes_with_the_reminder(self):
        _booking, mails = self.invite()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for address in (CUSTOMER, STAFF):
            self.assertEqual(self.said(mails, address), [AT_SEVEN])
            self.assertIn(AT_SEVEN, self.described(mails, address))

    def test_date_change_names_the_new_reminder(self):
        booking = self.ready_booking()
        mails = self.move(booking, TUESDAY)
        self.assertEqual(self.said(mails), [AT_SEVEN.replace("March 1", "March 2")])
        self.assertIn("March 2, 2027 at 7:00 AM", self.described(mails))
        self.assert_tells_nothing(self.mail_to(CUSTOMER, mails).everything, booking)

    def test_date_change_in_the_same_breath_names_the_new_reminder(self):
        booking = self.book()
        booking.start = MONDAY + HOUR
        said = [
            self.said([mail])
            for mail in self.deliver_mails()
            if CUSTOMER in mail.recipients
        ]
        self.assertEqual(said, [[AT_SEVEN], [AT_SEVEN.replace("7:00", "8:00")]])

    def test_invitation_that_is_sent_again_says_what_is_true_by_then(self):
        template = self.env.ref("calendar.calendar_template_meeting_invitation")
        booking = self.book()
        attendees = booking.meeting_id.attendee_ids
        attendees._notify_attendees(template)
        self.use_alarms(self.create_alarm(120))
        attendees._notify_attendees(template)
        mails = self.deliver_mails()
        said = [self.said([mail]) for mail in mails if CUSTOMER in mail.recipients]
        at_six = AT_SEVEN.replace("7:00", "6:00")
        self.assertEqual(said, [[AT_SEVEN], [AT_SEVEN], [at_six]])

    def test_event_that_is_dragged_names_the_new_reminder(self):
        booking = self.ready_booking()
        event = booking.meeting_id
        event.write({"start": MONDAY + HOUR, "stop": MONDAY + 1.5 * HOUR})
        (notice,) = self.said(self.deliver_mails())
        self.assertIn("at 8:00 AM (UTC)", notice)

    def test_first_of_several_reminders_is_named(self):
        day, hour = self.create_alarm(24 * 60), self.create_alarm(60)
        popup = self.create_alarm(48 * 60, kind="notification")
        self.use_alarms(hour, popup, day)
        (notice,) = self.said(self.invite()[1])
        self.assertIn("February 28, 2027 at 8:00 AM (UTC)", notice)

    def test_booked_inside_the_reminders_time_it_comes_as_soon_as_it_is_ready(self):
        self.move_to(REMINDER_TIME + HOUR / 2)
        mails = self.invite()[1]
        self.assertEqual(self.said(mails), [AS_SOON_AS])
        self.assertIn(AS_SOON_AS, self.described(mails))

    def test_first_of_several_reminders_that_is_due_already_comes_at_once(self):
        self.use_alarms(self.create_alarm(60), self.create_alarm(7 * 24 * 60))
        self.assertEqual(self.said(self.invite()[1]), [AS_SOON_AS])
        # And so it is
        self.sync_meetings()
        self.send_reminders()
        for mail in self.deliver_mails():
            self.assertIn(BLOCK, mail.html)

    def test_moved_into_the_reminders_time_it_comes_as_soon_as_it_is_ready(self):
        booking = self.ready_booking(start=TUESDAY)
        self.move_to(REMINDER_TIME + HOUR / 2)
        self.assertEqual(self.said(self.move(booking, MONDAY)), [AS_SOON_AS])
        # And so it is
        self.sync_meetings()
        self.send_reminders()
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assert_says_how_to_join(mail.text, booking)

    def test_without_reminder_it_says_whom_to_ask(self):
        self.rbt.alarm_ids = False
        self.env.company.phone = "+81 3 1234 5678"
        booking, mails = self.invite()
        self.assertFalse(booking.meeting_id.alarm_ids)
        (notice,) = self.said(mails)
        self.assertIn("The link is not sent automatically. Please ask for it", notice)
        contact = booking._get_conference_contact()
        for value in contact.values():
            self.assertTrue(value)
            self.assertIn(value, notice)

    def test_link_that_is_told_once_issued_comes_as_soon_as_it_is_ready(self):
        self.rbt.link_disclosure = "issued"
        self.assertEqual(self.said(self.invite()[1]), [AS_SOON_AS])

    def test_other_tool_says_it_too(self):
        url = self.use_other_tool()
        mails = self.invite()[1]
        self.assertEqual(self.said(mails), [AT_SEVEN.replace("Zoom link", "link")])
        self.assertIn("The link comes with", self.described(mails))
        self.assertNotIn(url, self.mail_to(CUSTOMER, mails).everything)

    def test_bookings_that_are_changed_together_are_each_told(self):
        # Given two bookings of one customer
        events = (self.book() | self.book(TUESDAY)).meeting_id
        self.deliver_mails()
        at_seven = [AT_SEVEN, AT_SEVEN.replace("March 1", "March 2")]

        def said_to(address):
            mails = [one for one in self.deliver_mails() if address in one.recipients]
            return sorted(said for mail in mails for said in self.said([mail], address))

        # When somebody is invited to both in the calendar's list, or both are moved
        guest = self.create_guest()
        events.write({"partner_ids": [Command.link(guest.id)]})
        # Then there is a mail about each
        self.assertEqual(said_to(GUEST), at_seven)
        template = self.env.ref("calendar.calendar_template_meeting_changedate")
        events.attendee_ids._notify_attendees(template)
        self.assertEqual(said_to(CUSTOMER), at_seven)

    # === THE BLOCK INSTEAD === #

    def test_after_the_reminder_the_block_stands_in_its_place(self):
        booking = self.ready_booking()
        self.remind()
        mails = self.move(booking, TUESDAY)
        mail = self.mail_to(CUSTOMER, mails)
        self.assertEqual(self.said(mails), [])
        self.assertEqual(mail.html.count(BLOCK), 1)
        self.assert_says_how_to_join(mail.text, booking)
        self.assertNotIn("comes with the reminder", self.described(mails))

    def test_who_is_invited_after_the_reminder_gets_the_block(self):
        booking = self.ready_booking()
        self.remind()
        guest = self.create_guest()
        booking.partner_ids |= guest
        mails = self.deliver_mails()
        mail = self.mail_to(GUEST, mails)
        self.assertEqual(mail.html.count(BLOCK), 1)
        self.assertNotIn(NOTICE, mail.html)

    def test_reminder_has_the_block_and_no_notice(self):
        self.ready_booking()
        mail = self.mail_to(CUSTOMER, self.remind())
        self.assertEqual(mail.html.count(BLOCK), 1)
        self.assertNotIn(NOTICE, mail.html)

    def test_link_that_is_made_anew_is_announced(self):
        booking = self.ready_booking()
        self.remind()
        former = booking.zoom_meeting_id.join_url
        self.rbc_mon.forced_zoom_user_id = self.other_host
        # A new reminder is to come, but who knew the former link need not wait.
        mails = self.move(booking, MONDAY + 2 * HOUR)
        self.assertEqual(self.said(mails), [AS_SOON_AS])
        self.assertNotIn(former, self.mail_to(CUSTOMER, mails).everything)
        self.sync_meetings()
        self.send_reminders()
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assert_says_how_to_join(mail.text, booking)

    def test_mails_with_the_placeholder_have_the_notice_there(self):
        for name in (
            "calendar.calendar_template_meeting_invitation",
            "resource_booking_zoom.mail_template_confirmation",
        ):
            self.env.ref(
                name
            ).body_html = (
                '<p>Before</p><t t-out="object.web_conference_info"/><p>After</p>'
            )
        mails = self.invite()[1]
        for address in (STAFF, CUSTOMER):
            self.assertEqual(self.said(mails, address), [AT_SEVEN])
            text = self.mail_to(address, mails).text
            places = [text.index(word) for word in ("Before", "The Zoom link", "After")]
            self.assertEqual(places, sorted(places))

    # === WHO IS TOLD === #

    def test_who_declined_is_told_nothing(self):
        booking = self.ready_booking()
        staff = self.attendee_of(booking, self.staff.partner_id)
        staff.do_decline()
        self.deliver_mails()
        mails = self.move(booking, MONDAY + HOUR)
        self.assertEqual(self.said(mails, STAFF), [])
        self.assertNotIn("reminder", self.described(mails, STAFF))
        self.assertTrue(self.said(mails, CUSTOMER))

    def test_who_declined_is_not_told_how_to_join_after_the_reminder_either(self):
        booking = self.ready_booking()
        self.remind()
        staff = self.attendee_of(booking, self.staff.partner_id)
        staff.do_decline()
        self.send_reminders()
        self.sync_meetings()
        self.send_reminders()
        self.deliver_mails()
        mails = self.move(booking, MONDAY + HOUR)
        self.assert_tells_nothing(self.mail_to(STAFF, mails).everything, booking)
        mail = self.mail_to(CUSTOMER, mails)
        self.assert_says_how_to_join(mail.text, booking)

    def test_booking_that_all_requesters_declined_says_nothing(self):
        booking = self.ready_booking()
        self.attendee_of(booking).do_decline()
        self.deliver_mails()
        mails = self.move(booking, MONDAY + HOUR)
        for address in (CUSTOMER, STAFF):
            self.assertEqual(self.said(mails, address), [])

    def test_who_may_not_join_is_told_nothing(self):
        # Given an employee who may not read the booking and put himself on the event
        booking = self.ready_booking()
        self.invite_curious_employee(booking)
        mails = self.move(booking, TUESDAY)
        mail = self.mail_to("curious@example.com", mails)
        self.assertNotIn("reminder", mail.text)
        self.assertNotIn("reminder", self.described(mails, "curious@example.com"))

    def test_booking_without_tool_is_left_to_the_platform(self):
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        mails = self.invite()[1]
        self.assertEqual(self.said(mails), [])
        self.assertNotIn("link", self.described(mails))

    # === LANGUAGE AND ZONE === #

    def test_each_recipient_reads_the_own_language(self):
        self.staff.partner_id.write({"lang": "ja_JP", "tz": "America/New_York"})
        self.partner.lang = "en_US"
        mails = self.invite()[1]
        self.assertEqual(self.said(mails, CUSTOMER), [AT_SEVEN])
        self.assertEqual(
            self.said(mails, STAFF),
            [
                "お住まいの地域での開始日時：2027年3月1日 3:00（America/New_York） "
                "Zoomの参加用URLは、2027年3月1日 7:00（UTC）の直前お知らせメールで"
                "お送りします。 現地時間：2027年3月1日 2:00（America/New_York）"
            ],
        )

    def test_calendar_entry_is_in_the_requesters_language(self):
        self.partner.lang = "ja_JP"
        self.assertIn("2027年3月1日", self.described(self.invite()[1], STAFF))

    def test_time_is_that_of_the_booking_and_names_its_zone(self):
        self.rbt.resource_calendar_id.tz = "Europe/Berlin"
        self.partner.tz = "Europe/Berlin"
        mails = self.invite()[1]
        (notice,) = self.said(mails)
        self.assertIn("at 8:00 AM (Europe/Berlin)", notice)
        self.assertNotIn("Your time", notice)
        self.assertIn("at 8:00 AM (Europe/Berlin)", self.described(mails))

    def test_customer_elsewhere_reads_the_own_time_too(self):
        self.partner.tz = "America/New_York"
        self.staff.partner_id.tz = "UTC"
        booking, mails = self.invite()
        own = "Your time: March 1, 2027 at 2:00 AM (America/New_York)"
        self.assertEqual(self.said(mails), [f"{AT_SEVEN} {own}"])
        self.assertEqual(self.said(mails, STAFF), [AT_SEVEN])
        # The confirmation tells the start above, once; Odoo's own mails do not.
        text = self.mail_to(CUSTOMER, mails).text.replace("\u202f", " ")
        self.assertEqual(text.count(START_ELSEWHERE), 1)
        booking.start = TUESDAY
        elsewhere = START_ELSEWHERE.replace("March 1", "March 2")
        (notice,) = self.said(self.deliver_mails())
        self.assertTrue(notice.startswith(f"{elsewhere} The Zoom link comes"))

    def test_own_time_is_on_the_own_day(self):
        self.partner.tz = "America/New_York"
        self.use_alarms(self.create_alarm(5 * 60))
        (notice,) = self.said(self.invite()[1])
        self.assertIn("by e-mail on March 1, 2027 at 3:00 AM (UTC)", notice)
        self.assertIn("Your time: February 28, 2027 at 10:00 PM", notice)

    def test_only_the_own_start_where_no_time_is_named(self):
        self.staff.partner_id.tz = "America/New_York"
        self.move_to(REMINDER_TIME + HOUR / 2)
        self.assertEqual(
            self.said(self.invite()[1], STAFF), [f"{START_ELSEWHERE} {AS_SOON_AS}"]
        )
