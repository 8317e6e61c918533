# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml.html import fromstring

from odoo.tests import tagged

from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, REMINDER_TIME, MailCase

MARKER = "o_web_conference_info"
PASSCODE = 'a<B&9*"x_@'


class TestReminderMail(MailCase):
    """What the mail server receives."""

    def reminder(self, address=CUSTOMER, moment=REMINDER_TIME):
        """The reminder to that address."""
        return self.mail_to(address, self.remind(moment))

    def blocks(self, mail):
        """How often the mail says how to join."""
        return len(fromstring(mail.html).find_class(MARKER))

    # === THE BLOCK === #

    def test_customer_elsewhere_reads_the_own_time_too(self):
        self.partner.tz = "Asia/Tokyo"
        self.ready_booking()
        mail = self.mail_to(CUSTOMER, self.remind())
        # The booking's calendar is in UTC, and Tokyo nine hours ahead.
        for time in ("8:00", "5:00"):
            self.assertIn(time, mail.text)
        self.assertIn("Asia/Tokyo", mail.text)

    def test_url_id_and_passcode_are_in_both_parts(self):
        booking = self.ready_booking()
        mail = self.reminder()
        self.assert_says_how_to_join(mail.text, booking)
        self.assert_says_how_to_join(fromstring(mail.html).text_content(), booking)

    def test_url_is_a_button_and_a_text(self):
        booking = self.ready_booking()
        url = booking.zoom_meeting_id.join_url
        links = [
            link.text_content().strip()
            for link in fromstring(self.reminder().html).iter("a")
            if link.get("href") == url
        ]
        self.assertEqual(links, ["Join", url])

    def test_meeting_id_is_grouped_as_zoom_writes_it(self):
        booking = self.ready_booking()
        self.let_zoom_have_said(booking, zoom_id="81234567890")
        self.assertIn("812 3456 7890", self.reminder().text)

    def test_passcode_with_special_characters_arrives_as_it_is(self):
        booking = self.ready_booking()
        self.let_zoom_have_said(booking, passcode=PASSCODE)
        mail = self.reminder()
        self.assertIn(PASSCODE, mail.text)
        self.assertIn(PASSCODE, fromstring(mail.html).text_content())

    def test_meeting_without_passcode_has_no_empty_line_for_it(self):
        booking = self.ready_booking()
        self.let_zoom_have_said(booking, passcode=False)
        self.assertNotIn("Passcode", self.reminder().text)

    def test_it_tells_the_meeting_as_it_is_at_that_moment(self):
        booking = self.ready_booking()
        former = booking.zoom_meeting_id.passcode
        self.zoom.edit_in_portal(self.live_meetings()[0], password="n3wC0de")
        mail = self.reminder()
        self.assertIn("n3wC0de", mail.text)
        self.assertNotIn(f"Passcode: {former}", mail.text)

    # === TEMPLATES === #

    def test_block_is_where_the_template_has_the_placeholder(self):
        booking = self.ready_booking()
        self.use_template(
            self.create_template(
                '<p>Before</p><t t-out="object.web_conference_info"/><p>After</p>'
            )
        )
        mail = self.reminder()
        self.assertEqual(self.blocks(mail), 1)
        before, url, after = (
            mail.text.index(word)
            for word in ("Before", booking.zoom_meeting_id.join_url, "After")
        )
        self.assertTrue(before < url < after)

    def test_block_is_appended_when_the_template_has_no_placeholder(self):
        booking = self.ready_booking()
        self.use_template(self.create_template("<p>See you soon</p>"))
        mail = self.reminder()
        self.assertEqual(self.blocks(mail), 1)
        self.assertLess(
            mail.text.index("See you soon"),
            mail.text.index(booking.zoom_meeting_id.join_url),
        )

    def test_platforms_own_template_has_it_too(self):
        booking = self.ready_booking()
        self.use_template(self.env.ref("calendar.calendar_template_meeting_reminder"))
        mail = self.reminder()
        self.assertIn("- Reminder", mail.subject)
        self.assertEqual(self.blocks(mail), 1)
        self.assert_says_how_to_join(mail.text, booking)

    def test_placeholder_that_a_condition_leaves_out_is_made_up_for(self):
        self.ready_booking()
        self.use_template(
            self.create_template(
                '<p>Hello</p><p t-if="False"><t t-out="object.web_conference_info"/></p>'
            )
        )
        self.assertEqual(self.blocks(self.reminder()), 1)

    # === LANGUAGE AND TIME === #

    def test_each_recipient_reads_the_own_language(self):
        # Given an English customer and Japanese staff of one booking
        self.staff.partner_id.lang = "ja_JP"
        self.partner.lang = "en_US"
        booking = self.ready_booking()
        # When the reminders go out
        mails = self.remind()
        english = self.mail_to(CUSTOMER, mails)
        japanese = self.mail_to("staff@example.com", mails)
        # Then each has everything in one language
        self.assertIn("March 1, 2027", english.subject)
        self.assertIn("Monday, March 1, 2027", english.text)
        self.assertIn("Meeting ID:", english.text)
        self.assertNotIn("予約", english.everything)
        self.assertIn("2027年3月1日のご予約", japanese.subject)
        self.assertIn("2027年3月1日月曜日", japanese.text)
        self.assertIn("ミーティングID", japanese.text)
        self.assertNotIn("Meeting ID", japanese.text)
        for mail in (english, japanese):
            self.assert_says_how_to_join(mail.text, booking)

    def test_appended_block_is_in_the_recipients_language(self):
        self.partner.lang = "ja_JP"
        self.ready_booking()
        self.use_template(self.create_template("<p>See you soon</p>"))
        self.assertIn("ミーティングID", self.reminder().text)

    def test_time_is_that_of_the_booking_and_names_its_zone(self):
        # Given a type whose bookings are in Tokyo, and a customer elsewhere
        self.partner.tz = "Europe/Madrid"
        self.rbt.resource_calendar_id = self.rbt.resource_calendar_id.copy()
        self.ready_booking()
        self.rbt.resource_calendar_id.tz = "Asia/Tokyo"
        text = self.reminder().text.replace("\u202f", " ")
        self.assertIn("5:00 PM – 5:30 PM (Asia/Tokyo)", " ".join(text.split()))

    def test_mail_bears_the_name_of_the_bookings_company(self):
        # Given a booking of another company than the scheduled action's
        company = self.env["res.company"].create(
            {"name": "Second Clinic", "email": "second@example.com"}
        )
        self.ready_booking()
        self.env.cr.execute(
            "UPDATE resource_booking_type SET company_id = %s WHERE id = %s",
            (company.id, self.rbt.id),
        )
        self.rbt.invalidate_recordset()
        # Then the mail has that one's name at its foot
        html = self.reminder().html
        self.assertIn("Second Clinic", html)
        self.assertNotIn(self.env.company.name, html)

    # === HIDDEN BEFORE === #

    def test_nothing_is_told_before_the_reminder(self):
        # Given a booking that is made, moved and moved again, with a ready meeting
        self.env = self.env(context={})
        booking = self.book()
        self.sync_meetings()
        booking.start = MONDAY + timedelta(hours=2)
        self.sync_meetings()
        booking.meeting_id.write(
            {
                "start": MONDAY + timedelta(hours=4),
                "stop": MONDAY + timedelta(hours=4, minutes=30),
            }
        )
        self.sync_meetings()
        booking.meeting_id.attendee_ids[0].do_accept()
        mails = self.deliver_mails()
        # Then none of the mails tells anything, nor do their attachments
        self.assertGreaterEqual(len(mails), 4)
        self.assertTrue(any("invitation.ics" in mail.attachments for mail in mails))
        for mail in mails:
            self.assert_tells_nothing(mail.everything, booking)
        # And neither do the event, its .ics, the chatter of both, and the portal
        event = booking.meeting_id
        for name, value in event.read()[0].items():
            self.assert_tells_nothing(f"{name}: {value}", booking)
        self.assert_tells_nothing(event._get_ics_file()[event.id].decode(), booking)
        for message in event.message_ids | booking.message_ids:
            self.assert_tells_nothing(f"{message.subject} {message.body}", booking)
            tracked = message.sudo().tracking_value_ids.read()
            self.assert_tells_nothing(str(tracked), booking)
        self.assertFalse(booking.videocall_location)
        # And the placeholder is empty for everybody
        for attendee in event.attendee_ids:
            self.assertFalse(attendee.web_conference_info)
        # Until the reminder
        self.assert_says_how_to_join(
            self.reminder(moment=MONDAY + timedelta(hours=3)).text, booking
        )

    def test_disclosed_before_the_first_mail_is_rendered(self):
        booking = self.ready_booking()
        row = booking.zoom_meeting_id
        self.assertFalse(row.disclosed_at)
        self.reminder()
        self.assertEqual(row.disclosed_at.replace(microsecond=0), REMINDER_TIME)

    # === WHO MAY READ THE PLACEHOLDER === #

    def test_placeholder_is_empty_for_those_who_may_not_read_the_booking(self):
        booking = self.ready_booking()
        self.remind()
        attendee = booking.meeting_id.attendee_ids[0]
        stranger = self.users[2]
        self.assertIn(MARKER, attendee.web_conference_info)
        for context in (
            {},
            {"web_conference_reminder": True},
            {"web_conference_info": True, "install_mode": True},
        ):
            seen = attendee.with_user(stranger).with_context(**context)
            self.assertFalse(seen.web_conference_info)

    def test_preview_shows_a_sample_and_never_a_link_that_is_hidden(self):
        booking = self.ready_booking()
        attendee = booking.meeting_id.attendee_ids[0]
        preview = self.env["mail.template.preview"].create(
            {
                "mail_template_id": self.env.ref(
                    "resource_booking_zoom.mail_template_reminder"
                ).id,
                "resource_ref": f"calendar.attendee,{attendee.id}",
            }
        )
        self.assertIn(MARKER, preview.body_html)
        self.assertIn("000 0000 0000", preview.body_html)
        self.assert_tells_nothing(preview.body_html, booking)

    def test_placeholder_is_offered_by_the_editor_and_finds_nothing(self):
        booking = self.ready_booking()
        self.remind()
        attendees = self.env["calendar.attendee"]
        field = attendees.fields_get(["web_conference_info"])["web_conference_info"]
        self.assertTrue(field["searchable"])
        url = booking.zoom_meeting_id.join_url
        for operator, value in (("ilike", url), ("!=", False), ("=", False)):
            domain = [("web_conference_info", operator, value)]
            self.assertFalse(attendees.search(domain))


@tagged("post_install", "-at_install")
class TestPortalBeforeReminder(HttpBookingCase):
    """The customer's page of the booking."""

    def test_page_tells_nothing_before_the_reminder(self):
        booking = self.book()
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertTrue(row.join_url)
        booking._portal_ensure_token()
        self.env.flush_all()
        page = self.url_open(booking.get_portal_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn(str(booking.id), page.text)
        secrets = (row.join_url, row.passcode, row.zoom_id, row.zoom_id_formatted)
        for secret in secrets:
            self.assertNotIn(secret, page.text)
