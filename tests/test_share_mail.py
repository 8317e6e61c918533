# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from lxml.html import fromstring
from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, MailCase, MailMixin
from .test_confirmation_mail import GUEST, links_of, text_of

LOGGER = "odoo.addons.resource_booking_zoom.models.conference.share_mail"
NEXT = "As soon as you have chosen, you receive a confirmation by e-mail."
AFTER_REMINDER = (
    "The Zoom link comes with the reminder, by e-mail 1 hour before the start."
)


class ShareMixin(MailMixin):
    @classmethod
    def set_up_share(cls):
        cls.template = cls.env.ref("resource_booking_zoom.mail_template_choose_time")
        cls.shared = cls.env.ref("resource_booking_zoom.mail_template_shared")
        cls.templates = cls.template | cls.shared
        cls.reception = new_test_user(
            cls.env,
            "reception",
            "base.group_user,base.group_partner_manager,resource_booking.group_manager",
            name="Ms. Reception",
            email="reception@example.com",
        )
        cls.guest = cls.create_guest()

    def share(self, booking, partners=None, note=False, user=None):
        """Staff press Share.

        :return list: the mails that arrive
        """
        partners = partners or self.partner
        wizard = self.env["portal.share"].with_user(user or self.reception)
        wizard = wizard.with_context(
            active_model="resource.booking", active_id=booking.id
        )
        wizard.create(
            {"partner_ids": [Command.set(partners.ids)], "note": note}
        ).action_send_mail()
        return self.deliver_mails()


class ShareCase(ShareMixin, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_share()


@tagged("post_install", "-at_install")
class TestChooseTime(ShareCase):
    """Who is to choose a time is asked in a mail of our own."""

    def test_it_asks_says_what_and_how_it_goes_on(self):
        self.rbt.location = "Room 7"
        booking = self.book(None)
        mail = self.mail_to(CUSTOMER, self.share(booking, note="Bring:\n- a card"))
        self.assertEqual(mail.subject, f"Please choose a time: {self.rbt.name}")
        text = text_of(mail)
        for part in (
            "Dear Secret Customer,",
            "Ms. Reception invites you to choose a time for your booking.",
            f"*{self.rbt.name}*",
            "Duration: 30 minutes",
            "Place: Room 7",
            "Bring: - a card",
            NEXT,
            AFTER_REMINDER,
        ):
            self.assertIn(part, text)
        self.assertNotIn("has invited you", text)
        self.assertIn("reception@example.com", mail.message["From"])
        page = fromstring(mail.html)
        self.assertEqual(page.get("lang"), "en-US")
        self.assertTrue(page.find_class("o_zoom_mail_card"))

    def test_note_cannot_change_the_mail(self):
        booking = self.book(None)
        mail = self.mail_to(
            CUSTOMER, self.share(booking, note="<b>x</b>{{ 1 + 1 }}<t t-out='2'/>")
        )
        self.assertIn("<b>x</b>{{ 1 + 1 }}<t t-out='2'/>", text_of(mail))

    def test_advice_that_the_dialog_proposes_is_in_the_readers_language(self):
        self.rbt.with_context(lang="en_US").requester_advice = "Have your card ready."
        self.rbt.with_context(
            lang="ja_JP"
        ).requester_advice = "診察券をご用意ください。"
        self.partner.lang = "ja_JP"
        self.guest.lang = "en_US"
        for start in (None, MONDAY):
            booking = self.book(start)
            self.deliver_mails()
            for note in ("Have your card ready.\n", "診察券をご用意ください。"):
                mails = self.share(booking, self.partner | self.guest, note)
                japanese, english = (
                    text_of(self.mail_to(one, mails)) for one in (CUSTOMER, GUEST)
                )
                self.assertIn("診察券をご用意ください。", japanese)
                self.assertNotIn("Have your card", japanese)
                self.assertIn("Have your card ready.", english)
                self.assertNotIn("診察券", english)
            # What somebody has written stays
            mail = self.mail_to(CUSTOMER, self.share(booking, note="Bring a card"))
            self.assertIn("Bring a card", text_of(mail))

    def test_when_the_link_comes(self):
        booking = self.book(None)
        other = {
            "web_conference_tool": "other",
            "videocall_location": "https://teams.example.com/room",
        }
        for values, said in (
            ({}, AFTER_REMINDER),
            (
                {"alarm_ids": [Command.set(self.create_alarm(90).ids)]},
                "by e-mail 90 minutes before the start.",
            ),
            (
                {"link_disclosure": "issued"},
                "You receive the link by e-mail as soon as it is ready.",
            ),
            (
                {**other, "link_disclosure": "reminder"},
                "The link comes with the reminder, by e-mail 90 minutes before",
            ),
            ({"alarm_ids": [Command.clear()]}, f"{NEXT} "),
        ):
            with self.subTest(values):
                self.rbt.write(values)
                mail = self.mail_to(CUSTOMER, self.share(booking))
                text = text_of(mail)
                self.assertIn(said, text)
                self.assertNotIn("teams.example.com", mail.everything)
        self.assertNotIn("link", text.split("http")[0].lower())

    def test_each_recipient_has_the_own_language_and_address(self):
        self.partner.write({"lang": "ja_JP", "name": "佐藤 花子"})
        self.guest.lang = "en_US"
        self.rbt.with_context(lang="ja_JP").name = "オンライン相談"
        self.rbt.duration = 1.5
        booking = self.book(None)
        mails = self.share(booking, self.partner | self.guest)
        japanese, english = (self.mail_to(one, mails) for one in (CUSTOMER, GUEST))
        self.assertEqual(
            japanese.subject, "【日時選択のお願い】オンライン相談のご予約について"
        )
        text = text_of(japanese)
        for part in (
            "佐藤 花子 様",
            "Ms. Receptionより、ご予約の日時を選択していただくご案内です。",
            "オンライン相談",
            "所要時間：1時間30分",
            "Zoomの参加用URLは、開始の1時間前に直前お知らせメールでお送りします。",
        ):
            self.assertIn(part, text)
        self.assertEqual(fromstring(japanese.html).get("lang"), "ja-JP")
        self.assertIn("Dear Guest,", text_of(english))
        for mail, word, partner in (
            (japanese, "日時を選択する", self.partner),
            (english, "Choose a time", self.guest),
        ):
            query = parse_qs(urlsplit(links_of(mail)[word]).query)
            self.assertEqual(query["pid"], [str(partner.id)])
            self.assertEqual(query["res_id"], [str(booking.id)])
            self.assertEqual(query["access_token"], [booking.access_token])

    def test_line_break_in_the_name_of_the_type(self):
        booking = self.book(None)
        self.env.cr.execute(
            "UPDATE resource_booking_type SET name = %s WHERE id = %s",
            ['{"en_US": "On\\nline"}', self.rbt.id],
        )
        self.env.invalidate_all()
        mail = self.mail_to(CUSTOMER, self.share(booking))
        self.assertEqual(mail.subject, "Please choose a time: On line")

    def test_chatter_shows_it(self):
        booking = self.book(None)
        self.share(booking)
        (message,) = booking.message_ids.filtered(
            lambda one: self.partner in one.partner_ids
        )
        self.assertIn("invites you to choose a time", message.body)
        self.assertEqual(message.author_id, self.reception.partner_id)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))

    def test_attachment_of_the_template(self):
        self.template.attachment_ids = self.env["ir.attachment"].create(
            {"name": "way.txt", "datas": base64.b64encode(b"Turn left.")}
        )
        booking = self.book(None)
        for _time in range(2):
            mail = self.mail_to(CUSTOMER, self.share(booking))
            self.assertEqual(mail.attachments["way.txt"], b"Turn left.")

    def test_booking_with_a_time_is_sent_in_words(self):
        self.partner.tz = "America/New_York"
        self.rbt.location = "Room 7"
        booking = self.ready_booking()
        mail = self.mail_to(CUSTOMER, self.share(booking, note="See you"))
        self.assertEqual(mail.subject, f"Your booking: {self.rbt.name}")
        text = text_of(mail)
        for part in (
            "Dear Secret Customer,",
            "Ms. Reception sends you the booking below.",
            "Monday, March 1, 2027, 8:00 AM – 8:30 AM (UTC)",
            "Start in your time zone: March 1, 2027 at 3:00 AM (America/New_York)",
            "Place: Room 7",
            "See you",
            "The Zoom link comes with the reminder, by e-mail on March 1, 2027 at 7:00",
        ):
            self.assertIn(part, text)
        self.assertIn(booking.access_token, links_of(mail)["Open your booking"])
        self.assertTrue(fromstring(mail.html).find_class("o_zoom_mail_card"))
        self.assert_tells_nothing(mail.everything, booking)

    def test_link_that_is_known_is_not_in_it(self):
        booking = self.reminded_booking()
        mail = self.mail_to(CUSTOMER, self.share(booking))
        self.assert_tells_nothing(mail.everything, booking)
        # Nor that it comes
        self.assertNotIn("link", text_of(mail).split("[1]")[0])

    def test_booking_that_is_over(self):
        booking = self.ready_booking()
        self.move_to(MONDAY + timedelta(days=1))
        text = text_of(self.mail_to(CUSTOMER, self.share(booking)))
        self.assertIn("sends you the booking below", text)
        self.assertNotIn("reminder", text)

    def test_type_without_tool_is_left_to_the_platform(self):
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        mail = self.mail_to(CUSTOMER, self.share(self.book(None)))
        self.assertIn("Invitation to access", mail.subject)

    def test_what_the_web_shop_shares_for_a_visitor_comes_from_the_company(self):
        """It shares what has just been paid, as public user, or as the system that
        records the payment."""
        self.env.company.email = "office@example.com"
        public, system = (
            self.env.ref("base.public_user"),
            self.env.ref("base.user_root"),
        )
        waiting, scheduled = self.book(None, user_id=False), self.book(user_id=False)
        for user, booking, said in (
            (public, waiting, "invites you to choose a time"),
            (public, scheduled, "sends you the booking below"),
            (system, waiting, "invites you to choose a time"),
            (system, scheduled, "sends you the booking below"),
        ):
            self.deliver_mails()
            wizard = self.env["portal.share"].with_user(user).sudo()
            wizard.create(
                {
                    "res_model": booking._name,
                    "res_id": booking.id,
                    "partner_ids": [Command.set(self.partner.ids)],
                }
            ).action_send_mail()
            mail = self.mail_to(CUSTOMER, self.deliver_mails())
            self.assertIn(f"{self.env.company.name} {said}", text_of(mail))
            self.assertIn("office@example.com", mail.message["From"])
            self.assertNotIn("Public user", mail.everything)
            self.assertNotIn("OdooBot", mail.everything)

    # === THE PLATFORM'S INSTEAD === #

    def assert_platforms(self):
        booking = self.book(None)
        mail = self.mail_to(CUSTOMER, self.share(booking, note="See you"))
        self.assertEqual(mail.subject, f"Please choose a time: {self.rbt.name}")
        self.assertIn("Ms. Reception invites you to choose a time for “", text_of(mail))
        self.assertNotIn(NEXT, text_of(mail))
        self.assertIn("See you", text_of(mail))
        self.assertIn("Choose a time", links_of(mail))
        booking.start = MONDAY
        self.deliver_mails()
        mail = self.mail_to(CUSTOMER, self.share(booking))
        self.assertEqual(mail.subject, f"Your booking: {self.rbt.name}")
        self.assertIn(
            f"sends you your booking “{self.rbt.name}”: Monday, March 1, 2027, 8:00",
            text_of(mail),
        )
        self.assertIn("Open your booking", links_of(mail))

    def test_archived(self):
        self.templates.active = False
        self.assert_platforms()

    def test_deleted(self):
        self.templates.unlink()
        self.assert_platforms()

    def test_broken(self):
        self.templates.body_html = '<p t-out="object.nothing_of_that_name"/>'
        with mute_logger(LOGGER):
            self.assert_platforms()

    def test_transaction_that_another_overtook_is_no_broken_mail(self):
        booking = self.book(None)
        model = self.registry["resource.booking"]
        with (
            patch.object(
                model, "_get_shared_duration", side_effect=SerializationFailure
            ),
            self.assertNoLogs(LOGGER),
            self.assertRaises(SerializationFailure),
        ):
            self.share(booking)

    # === WHO MAY === #

    def test_who_may_not_read_the_booking_sends_and_learns_nothing(self):
        booking = self.book(None)
        plain = new_test_user(
            self.env, "plain", "base.group_user", email="plain@example.com"
        )
        self.env.flush_all()
        with self.assertRaises(AccessError):
            self.share(booking, user=plain)
        for context in ({}, {"template_preview_lang": "en_US"}):
            with self.assertRaisesRegex(UserError, "not allowed to access"):
                record = booking.with_user(plain).with_context(**context)
                self.env.invalidate_all()
                self.template.with_user(plain).with_context(**context)._render_field(
                    "body_html", record.ids
                )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            booking.with_user(plain)._get_shared_url()
        with self.assertRaises(AccessError):
            booking.with_user(plain).message_post_with_source(
                "portal.portal_share_template",
                render_values={"partner": self.partner.with_user(plain)},
            )
        self.assertFalse(self.deliver_mails())

    def test_who_may_not_read_the_booking_exports_no_address(self):
        booking = self.book(None)
        self.share(booking)
        notes = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.partner.id)]
        )
        export = "base.group_user,base.group_allow_export"
        plain = new_test_user(self.env, "plain", export)
        self.reception.group_ids += self.env.ref("base.group_allow_export")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(
            booking.access_token,
            str(notes.with_user(self.reception).export_data(["mail_message_id/body"])),
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            notes.with_user(plain).export_data(["mail_message_id/body"])

    def test_forged_share(self):
        booking = self.book(None).with_user(self.reception)
        forged = booking.with_context(web_conference_share={"url": "https://evil"})
        self.assertNotIn("evil", forged._get_shared_url())

    def test_preview_has_a_sample_address(self):
        manager = self.reception
        booking = self.book(None)
        booking._portal_ensure_token()
        self.env.flush_all()
        self.env.invalidate_all()
        with Form(
            self.env["mail.template.preview"]
            .with_user(manager)
            .with_context(default_mail_template_id=self.template.id)
        ) as form:
            form.resource_ref = f"resource.booking,{booking.id}"
        self.assertFalse(form.record.error_msg)
        body = str(form.record.body_html)
        self.assertIn("https://www.example.com/booking", body)
        self.assertNotIn(booking.access_token, body)
        self.assertIn("30 minutes", body)

    def test_template_may_be_chosen_by_hand(self):
        booking = self.book(None)
        booking.with_user(self.reception).message_post_with_source(self.template)
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assertIn(NEXT, text_of(mail))
        self.assertIn(booking.access_token, links_of(mail)["Choose a time"])


@tagged("post_install", "-at_install")
class TestWhereItLeads(ShareMixin, HttpBookingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_share()

    def follow(self, mail):
        url = urlsplit(links_of(mail)["Choose a time"])
        self.env.flush_all()
        return self.url_open(f"{url.path}?{url.query}")

    def test_customer_and_other_person_come_to_the_page(self):
        booking = self.book(None)
        mails = self.share(booking, self.partner | self.guest)
        for address in (CUSTOMER, GUEST):
            page = self.follow(self.mail_to(address, mails))
            self.assertIn(f"/my/bookings/{booking.id}", page.url)
            self.assertIn("/schedule?access_token", page.text)

    def test_who_is_to_sign_up_first_gets_that_address(self):
        booking = self.book(None)
        wizard = self.env["portal.share"].create(
            {
                "res_model": booking._name,
                "res_id": booking.id,
                "partner_ids": [Command.set(self.partner.ids)],
            }
        )
        wizard._send_signup_link()
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assertIn("/web/signup?", links_of(mail)["Choose a time"])
        self.assertIn(NEXT, text_of(mail))
