# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from lxml.html import fromstring
from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import GUEST, MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, STAFF, MailCase, MailMixin

OWN = "resource_booking_zoom.mail_template_confirmation"
LOGGER = (
    "odoo.addons.resource_booking_zoom.models.conference.calendar_attendee_conference"
)
SUBJECT = "Confirmation: your booking on March 1, 2027"
ASKED = "Please tell us whether you will come."
CONFIRMED = "Your booking is confirmed."


def text_of(mail):
    return " ".join(mail.text.replace("\u202f", " ").split())


def links_of(mail):
    """What the links of a mail say -> where they lead."""
    return {
        " ".join(link.text_content().split()): link.get("href")
        for link in fromstring(mail.html).iter("a")
    }


class ConfirmationCase(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.confirmation = cls.env.ref(OWN)
        cls.invitation = cls.env.ref("calendar.calendar_template_meeting_invitation")
        cls.guest = cls.create_guest()

    def mail_of(self, booking=None, address=CUSTOMER, **values):
        """The mail about a booking that is made now, or was made."""
        booking = booking or self.book(**values)
        return self.mail_to(address, self.deliver_mails())


@tagged("post_install", "-at_install")
class TestConfirmation(ConfirmationCase):
    """Who asked for a booking gets a confirmation instead of Odoo's invitation."""

    def test_it_tells_what_when_where_and_how_it_goes_on(self):
        self.rbt.requester_advice = "Have your card at hand.\nBe quiet."
        self.rbt.location = "Room 7"
        booking = self.book()
        mail = self.mail_of(booking)
        self.assertEqual(mail.subject, SUBJECT)
        text = text_of(mail)
        for part in (
            "Dear Secret Customer,",
            self.rbt.name,
            "Monday, March 1, 2027 8:00 AM – 8:30 AM (UTC)",
            "Place: Room 7",
            "Have your card at hand. Be quiet.",
            "The Zoom link comes with the reminder, by e-mail on March 1, 2027 at 7:00",
            "We look forward to seeing you.",
        ):
            self.assertIn(part, text)
        self.assertEqual(text.count("(UTC)"), 2)
        lines = [line.strip() for line in mail.text.splitlines()]
        self.assertEqual(lines[lines.index("Have your card at hand.") + 1], "Be quiet.")
        page = f"{booking.get_base_url()}{booking.get_portal_url()}"
        self.assertEqual(links_of(mail)["Change or cancel"], page)
        self.assertIn("invitation.ics", mail.attachments)
        self.assertNotIn("Attendees", text)

    def test_staff_and_guests_get_odoos_invitation(self):
        booking = self.book()
        mail = self.mail_of(booking, STAFF)
        self.assertEqual(mail.subject, f"Invitation to {booking.meeting_id.name}")
        self.assertIn("Attendees", mail.text)
        booking.meeting_id.partner_ids = [Command.link(self.guest.id)]
        mail = self.mail_to(GUEST, self.deliver_mails())
        self.assertIn("Invitation to", mail.subject)

    def test_booking_without_tool_is_left_to_odoo(self):
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        self.assertIn("Invitation to", self.mail_of().subject)

    def test_another_tool_is_confirmed_too(self):
        url = self.use_other_tool("https://teams.example.com/room")
        mail = self.mail_of()
        self.assertEqual(mail.subject, SUBJECT)
        self.assertIn("The link comes with the reminder", text_of(mail))
        self.assertNotIn(url, mail.everything)

    def test_link_that_everybody_may_know_is_told(self):
        url = "https://teams.example.com/room"
        self.use_other_tool(url, link_disclosure="issued")
        mail = self.mail_of()
        self.assertEqual(links_of(mail)["Join"], url)

    def test_moved_booking_gets_odoos_date_change(self):
        booking = self.ready_booking()
        booking.start = MONDAY + timedelta(hours=1)
        mail = self.mail_of(booking)
        self.assertIn("Date updated", mail.subject)

    def test_only_who_is_added_later_gets_it(self):
        booking = self.ready_booking()
        booking.partner_ids |= self.guest
        mails = self.deliver_mails()
        self.assertEqual(self.mail_to(GUEST, mails).subject, SUBJECT)
        self.assertIn("Date updated", self.mail_to(CUSTOMER, mails).subject)

    def test_invitation_that_staff_send_again(self):
        booking = self.ready_booking()
        self.env.user.email = "admin@example.com"
        booking.meeting_id.action_sendmail()
        mails = self.deliver_mails()
        self.assertEqual(
            {mail.subject for mail in mails if STAFF in mail.recipients},
            {f"Invitation to {booking.meeting_id.name}"},
        )
        self.assertEqual(self.mail_to(CUSTOMER, mails).subject, SUBJECT)

    def test_replies_go_where_they_went(self):
        self.env.company.email = "office@example.com"
        booking = self.book()
        mails = self.deliver_mails()
        for header in ("From", "Reply-To"):
            ours, odoos = (
                self.mail_to(address, mails).message[header]
                for address in (CUSTOMER, STAFF)
            )
            self.assertEqual(ours, odoos)
        self.assertTrue(booking)

    def test_former_requester_gets_none(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        booking.partner_ids -= self.guest
        self.deliver_mails()
        booking.meeting_id.attendee_ids._send_invitation_emails()
        self.assertEqual(self.recipients(self.deliver_mails()), [CUSTOMER, STAFF])

    def test_who_takes_anothers_place_gets_an_address_that_works(self):
        for name in ("partner_ids", "partner_id"):
            with self.subTest(name):
                booking = self.ready_booking()
                former = booking.access_token
                booking[name] = self.guest
                mails = [m for m in self.deliver_mails() if GUEST in m.recipients]
                self.assertEqual(mails[0].subject, SUBJECT)
                self.assertNotEqual(booking.access_token, former)
                # A date change may follow at once
                for mail in mails:
                    self.assertIn(
                        f"access_token={booking.access_token}",
                        links_of(mail)["Change or cancel"],
                    )
                booking.action_cancel()
                self.deliver_mails()

    def test_who_declined_is_told_nothing_of_the_link(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        attendee = self.attendee_of(booking, self.guest)
        attendee.do_decline()
        self.deliver_mails()
        booking.meeting_id.attendee_ids._send_invitation_emails()
        mail = self.mail_of(booking, GUEST)
        self.assertIn("Invitation to", mail.subject)
        self.assertNotIn("reminder", mail.text)


@tagged("post_install", "-at_install")
class TestAnswers(ConfirmationCase):
    """The mail asks only those who have not answered and did not choose the time."""

    def assert_asks(self, mail, booking):
        self.assertIn(ASKED, text_of(mail))
        self.assertNotIn(CONFIRMED, text_of(mail))
        attendee = booking.meeting_id.attendee_ids.filtered("email").filtered(
            lambda one: one.email in mail.recipients
        )
        links = links_of(mail)
        for word, answer in (("Accept", "accept"), ("Decline", "decline")):
            self.assertEqual(
                links[word],
                f"{booking.get_base_url()}/calendar/meeting/{answer}"
                f"?token={attendee.access_token}&id={booking.meeting_id.id}",
            )

    def assert_asks_nothing(self, mail):
        self.assertIn(CONFIRMED, text_of(mail))
        self.assertNotIn(ASKED, text_of(mail))
        self.assertFalse({"Accept", "Decline"} & links_of(mail).keys())
        self.assertNotIn("/calendar/meeting/", mail.html)

    def test_booked_by_staff_it_asks(self):
        booking = self.book(partner=self.partner | self.guest)
        mails = self.deliver_mails()
        for address in (CUSTOMER, GUEST):
            self.assert_asks(self.mail_to(address, mails), booking)

    def test_chosen_in_the_portal_it_does_not(self):
        booking = self.book(None).with_context(using_portal=True)
        booking.start = MONDAY
        booking.action_confirm()
        self.assert_asks_nothing(self.mail_of(booking))

    def test_who_has_answered_is_not_asked_again(self):
        booking = self.ready_booking()
        booking.action_confirm()
        booking.meeting_id.attendee_ids._send_invitation_emails()
        self.assert_asks_nothing(self.mail_of(booking))

    def test_who_has_answered_maybe_is_asked_no_more(self):
        booking = self.ready_booking()
        booking.meeting_id.attendee_ids.do_tentative()
        booking.meeting_id.attendee_ids._send_invitation_emails()
        self.assert_asks_nothing(self.mail_of(booking))


@tagged("post_install", "-at_install")
class TestAnswerPages(MailMixin, HttpBookingCase):
    """Where the links of the mail lead."""

    def test_customer_accepts_on_the_page_of_the_mail(self):
        booking = self.book()
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        url = urlsplit(links_of(mail)["Accept"])
        page = fromstring(self.url_open(f"{url.path}?{url.query}").content)
        self.assertIn("Accept this booking?", page.text_content())
        self.env.invalidate_all()
        self.assertEqual(booking.state, "scheduled")
        (form,) = page.xpath("//form[.//button[normalize-space()='Accept']]")
        data = {one.get("name"): one.get("value") for one in form.iter("input")}
        self.url_open(form.get("action"), data=data)
        self.env.invalidate_all()
        self.assertEqual(booking.state, "confirmed")

    def test_customer_who_chooses_in_the_portal_is_confirmed(self):
        booking = self.book(None)
        url = booking.get_portal_url(suffix="/confirm")
        self.env.flush_all()
        when = "2027-03-01T08:00:00+00:00"
        page = fromstring(
            self.url_open(f"{url}&when={when.replace('+', '%2B')}").content
        )
        (token,) = set(page.xpath("//input[@name='csrf_token']/@value"))
        self.url_open(url, data={"csrf_token": token, "when": when})
        self.env.invalidate_all()
        self.assertEqual(booking.start, MONDAY)
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assertEqual(mail.subject, SUBJECT)
        self.assertIn(CONFIRMED, text_of(mail))
        self.assertNotIn("Accept", links_of(mail))
        self.assertIn("Change or cancel", links_of(mail))


@tagged("post_install", "-at_install")
class TestLanguagesAndZones(ConfirmationCase):
    def test_each_requester_reads_the_own_language_and_time(self):
        self.partner.write({"lang": "ja_JP", "tz": "Asia/Tokyo"})
        self.guest.write({"lang": "en_US", "tz": "America/New_York"})
        self.rbt.with_context(lang="en_US").requester_advice = "Have your card ready."
        self.rbt.with_context(
            lang="ja_JP"
        ).requester_advice = "診察券をご用意ください。"
        self.book(partner=self.partner | self.guest)
        mails = self.deliver_mails()
        japanese, english = (self.mail_to(one, mails) for one in (CUSTOMER, GUEST))
        self.assertEqual(japanese.subject, "【予約受付】2027年3月1日のご予約について")
        text = text_of(japanese)
        for part in (
            "Secret Customer 様",
            "2027年3月1日月曜日 8:00～8:30 （UTC）",
            "お住まいの地域での開始日時：2027年3月1日 17:00（Asia/Tokyo）",
            "診察券をご用意ください。",
            "承諾する",
            "予約の変更・キャンセル",
        ):
            self.assertIn(part, text)
        self.assertEqual(text.count("お住まいの地域での開始日時"), 1)
        self.assertEqual(english.subject, SUBJECT)
        text = text_of(english)
        own = "Start in your time zone: March 1, 2027 at 3:00 AM (America/New_York)"
        self.assertEqual(text.count(own), 1)
        self.assertEqual(text.count("Start in your time zone"), 1)
        self.assertIn("Have your card ready.", text)
        self.assertEqual(fromstring(japanese.html).get("lang"), "ja-JP")

    def test_summer_time(self):
        """The clocks of Berlin go forward on March 28, those of New York on March 14."""
        self.rbt.resource_calendar_id.tz = "Europe/Berlin"
        for calendar in self.rbcs.resource_ids.calendar_id:
            calendar.tz = "Europe/Berlin"
        self.partner.tz = "America/New_York"
        for start, said, own in (
            (datetime(2027, 3, 8, 8), "9:00 AM – 9:30 AM", "3:00 AM"),
            (datetime(2027, 3, 22, 8), "9:00 AM – 9:30 AM", "4:00 AM"),
            (datetime(2027, 3, 29, 8), "10:00 AM – 10:30 AM", "4:00 AM"),
        ):
            with self.subTest(start):
                text = text_of(self.mail_of(start=start))
                self.assertIn(f"{said} (Europe/Berlin)", text)
                self.assertIn(f"at {own} (America/New_York)", text)

    def test_own_day_may_be_another(self):
        self.partner.tz = "Pacific/Honolulu"
        text = text_of(self.mail_of())
        self.assertIn("Monday, March 1, 2027", text)
        self.assertIn("February 28, 2027 at 10:00 PM (Pacific/Honolulu)", text)


@tagged("post_install", "-at_install")
class TestOdoosInstead(ConfirmationCase):
    """No customer goes without a mail because ours cannot be sent."""

    def assert_odoos(self):
        booking = self.book()
        mails = self.deliver_mails()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        mail = self.mail_to(CUSTOMER, mails)
        self.assertIn("Invitation to", mail.subject)
        self.assertIn("reminder", mail.text)
        self.assertIn("Change or cancel", links_of(mail))
        self.assertFalse(
            self.env["booking.conference.notice"].search(
                [("booking_id", "=", booking.id)]
            )
        )

    def test_archived(self):
        self.confirmation.active = False
        self.assert_odoos()

    def test_deleted(self):
        self.confirmation.unlink()
        self.assert_odoos()

    def test_broken(self):
        self.confirmation.body_html = '<p t-out="object.nothing_of_that_name"/>'
        with mute_logger(LOGGER):
            self.assert_odoos()

    def test_broken_in_one_language(self):
        self.guest.lang = "ja_JP"
        self.confirmation.with_context(
            lang="ja_JP"
        ).body_html = '<p t-out="object.nothing_of_that_name"/>'
        with mute_logger(LOGGER):
            self.book(partner=self.partner | self.guest)
        mails = self.deliver_mails()
        self.assertEqual(self.recipients(mails), [CUSTOMER, GUEST, STAFF])
        self.assertEqual(self.mail_to(CUSTOMER, mails).subject, SUBJECT)
        self.assertNotIn("【予約受付】", self.mail_to(GUEST, mails).subject)

    def test_transaction_that_another_overtook_is_no_broken_mail(self):
        """Odoo repeats it; templates wrap what is raised in them."""
        model = self.registry["calendar.attendee"]
        for error in (SerializationFailure, LockNotAvailable):
            with (
                self.subTest(error),
                patch.object(model, "_is_asked", side_effect=error),
                self.assertNoLogs(LOGGER),
                self.assertRaises(error),
            ):
                self.book()

    def test_refused_booking_is_no_broken_mail(self):
        self.book(combination_id=self.rbc_mon.id)
        self.r_materials[2].zoom_user_id = self.host
        other = self.rbt.copy({"name": "Other"})
        other.combination_rel_ids = [
            Command.clear(),
            Command.create({"combination_id": self.rbc_both.id}),
        ]
        with (
            self.assertNoLogs(LOGGER),
            self.assertRaisesRegex(ValidationError, "one booking at a time"),
        ):
            self.book(type_id=other.id, combination_id=self.rbc_both.id)

    def test_notice_comes_although_the_placeholder_was_deleted(self):
        self.confirmation.body_html = "<p>See you</p>"
        text = text_of(self.mail_of())
        self.assertIn("See you", text)
        self.assertIn("The Zoom link comes with the reminder", text)


@tagged("post_install", "-at_install")
class TestWhoSendsIt(ConfirmationCase):
    """Rights of those who book, and what others learn."""

    def test_reception_of_another_company_and_booking_user(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "email": "branch@example.com"}
        )
        reception = self.create_manager(
            "branch",
            company_id=branch.id,
            company_ids=[Command.set([branch.id])],
            email="reception@example.com",
        )
        self.rbt.company_id = branch
        booking = self.book(None)
        self.env.flush_all()
        booking.with_user(reception).start = MONDAY
        mail = self.mail_of(booking)
        self.assertEqual(mail.subject, SUBJECT)
        self.assertIn("Change or cancel", links_of(mail))

    def test_token_of_the_answer_is_for_the_mail_only(self):
        booking = self.ready_booking()
        attendee = self.attendee_of(booking)
        token = attendee.access_token
        plain = new_test_user(self.env, "plain", "base.group_user")
        self.assertFalse(attendee.with_user(plain)._get_answer_url("accept"))
        forged = attendee.with_user(plain).with_context(web_conference_mail=True)
        self.assertFalse(forged._get_answer_url("accept"))
        shown = attendee.with_user(plain).with_context(template_preview_lang="en_US")
        self.assertNotIn(token, shown._get_answer_url("accept"))
        self.env.invalidate_all()
        body = self.confirmation.with_user(plain)._render_field(
            "body_html", attendee.ids
        )[attendee.id]
        self.assertNotIn(token, body)
        self.assert_tells_nothing(body, booking)

    def test_preview_is_the_mail_that_goes_out(self):
        manager = self.create_manager()
        booking = self.book()
        mail = self.mail_of(booking)
        previews = self.env["mail.template.preview"].with_user(manager)
        self.env.invalidate_all()
        with Form(
            previews.with_context(default_mail_template_id=self.confirmation.id)
        ) as form:
            pass
        self.assertFalse(form.record.error_msg)
        self.assertEqual(form.record.resource_ref.event_id, booking.meeting_id)
        self.assertEqual(form.record.subject, mail.subject)
        shown = " ".join(fromstring(str(form.record.body_html)).text_content().split())
        sent = " ".join(
            fromstring(mail.html)
            .find_class("o_zoom_mail_card")[0]
            .text_content()
            .split()
        )
        self.assertIn(shown, sent)
        for href in fromstring(str(form.record.body_html)).xpath("//a/@href"):
            self.assertEqual(href, "https://www.example.com/booking")

    def test_preview_of_others_is_a_sample(self):
        booking = self.ready_booking()
        admin = new_test_user(self.env, "only_admin", "base.group_system")
        self.env.invalidate_all()
        preview = (
            self.env["mail.template.preview"]
            .with_user(admin)
            .create(
                {
                    "mail_template_id": self.confirmation.id,
                    "resource_ref": f"calendar.attendee,{booking.meeting_id.attendee_ids[0].id}",
                }
            )
        )
        body = str(preview.body_html)
        self.assertIn("May 4, 2027", body)
        self.assert_tells_nothing(body, booking)

    def test_manager_edits_the_text(self):
        manager = self.create_manager()
        template = self.confirmation.with_user(manager)
        self.assertTrue(template.is_own_mail)
        template.body_html = str(template.body_html).replace("Thank you.", "Danke!")
        with self.assertRaises(AccessError):
            template.body_html = f'{template.body_html}<t t-out="object.access_token"/>'
        booking = self.book(None).with_context(using_portal=True)
        booking.start = MONDAY
        self.assertIn("Danke!", text_of(self.mail_of(booking)))
