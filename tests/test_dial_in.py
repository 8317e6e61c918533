# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

import icalendar
from lxml.html import fromstring

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, new_test_user, tagged

from ..engine.dial_in import choose_numbers
from ..models.zoom.shared_links import withhold
from ..tools.zoom_answers import DialIn, parse_meeting
from ..tools.zoom_payload import phone_url
from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, REMINDER_TIME, MailCase, MailMixin

TOKYO = "+81 3 0000 1488"
FREE = "+1 8005550100"
ANSWER = {
    "id": 81234567890,
    "join_url": "https://zoom.us/j/81234567890",
    "pstn_password": "424242",
}


def answer(*numbers, **values):
    settings = {"global_dial_in_numbers": list(numbers)}
    return parse_meeting({**ANSWER, "settings": settings, **values})


@tagged("post_install", "-at_install")
class TestDialInAnswer(BaseCase):
    """What Zoom says, at the door."""

    def test_numbers(self):
        meeting = answer(
            {
                "country": "JP",
                "country_name": "Japan",
                "city": "Tokyo",
                "number": TOKYO,
                "type": "toll",
            },
            {"country": "US", "number": FREE, "type": "tollfree"},
            {"country": "US", "number": FREE, "type": "tollfree"},
        )
        self.assertEqual(
            meeting.dial_in,
            (DialIn("JP", TOKYO, "Tokyo"), DialIn("US", FREE, is_free=True)),
        )
        self.assertEqual(meeting.phone_passcode, "424242")
        self.assertNotIn("424242", repr(meeting))

    def test_odd_shapes_are_left_out(self):
        good = {"country": "JP", "number": TOKYO}
        for odd in (
            None,
            TOKYO,
            [],
            {},
            {"number": TOKYO},
            {"country": "JP"},
            {**good, "country": "jp"},
            {**good, "country": "Japan"},
            {**good, "country": ["JP"]},
            {**good, "number": 81300001488},
            {**good, "number": "+81 3 <b>"},
            {**good, "number": "+81 3 0000\n1488"},
            {**good, "number": "https://evil.example"},
            {**good, "number": "+" + "1" * 40},
            {**good, "number": "٣٣٣٣٣٣٣"},
            {**good, "number": "110"},
        ):
            with self.subTest(ascii(odd)):
                self.assertEqual(answer(odd, good).dial_in, (DialIn("JP", TOKYO),))

    def test_odd_city_is_cut_or_left_out(self):
        cases = (
            ("a\nb", "a b"),
            (5, ""),
            (None, ""),
            ("\0", ""),
            ("x" * 99, "x" * 60),
        )
        for city, expected in cases:
            with self.subTest(ascii(city)):
                [number] = answer(
                    {"country": "JP", "number": TOKYO, "city": city}
                ).dial_in
                self.assertEqual(number.city, expected)

    def test_answer_without_usable_numbers(self):
        for settings in (None, [], {}, {"global_dial_in_numbers": {"JP": TOKYO}}, "x"):
            with self.subTest(settings):
                self.assertEqual(answer(settings=settings).dial_in, ())

    def test_odd_passcode_is_none(self):
        for value in (None, 123456, "12 34", "abc", "1" * 30, ["1"], "١٢٣"):
            with self.subTest(ascii(value)):
                self.assertEqual(answer(pstn_password=value).phone_passcode, "")

    def test_few_of_each_chosen_country_are_kept_free_ones_first(self):
        numbers = [DialIn("US", f"+1 555000000{number}") for number in range(5)]
        free = DialIn("US", FREE, is_free=True)
        chosen = choose_numbers((*numbers, free, DialIn("JP", TOKYO)), {"US", "DE"})
        self.assertEqual(set(chosen), {"US", "DE"})
        self.assertEqual(chosen["DE"], [])
        self.assertEqual(
            [one["number"] for one in chosen["US"]],
            [FREE, "+1 5550000000", "+1 5550000001"],
        )
        self.assertEqual(choose_numbers((free,), ()), {})

    def test_what_a_telephone_dials(self):
        self.assertEqual(
            phone_url(TOKYO, "81234567890", "424242"),
            "tel:+81300001488,,81234567890%23,,,,*424242%23",
        )
        self.assertEqual(
            phone_url("0800 (12) 34", "81234567890", False),
            "tel:08001234,,81234567890%23",
        )


class DialInMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.japan, cls.usa = cls.env.ref("base.jp"), cls.env.ref("base.us")
        cls.germany = cls.env.ref("base.de")

    def choose(self, *countries):
        self.rbt.zoom_dial_in_country_ids = self.env["res.country"].union(*countries)

    def secrets_of(self, booking):
        row = booking.zoom_meeting_id
        return TOKYO, row.phone_passcode


class TestDialIn(DialInMixin, MailCase):
    """What is kept, and what mails say."""

    def reminder(self):
        return self.mail_to(CUSTOMER, self.remind())

    def described(self, mails):
        """What the customer's calendar file says."""
        file = self.mail_to(CUSTOMER, mails).attachments["invitation.ics"]
        return icalendar.Calendar.from_ical(file).walk("VEVENT")[0]["DESCRIPTION"]

    @staticmethod
    def text(html):
        return " ".join(fromstring(html).text_content().split())

    def test_reminder_names_the_numbers_of_chosen_countries(self):
        self.choose(self.japan, self.usa)
        booking = self.ready_booking()
        row, mail = booking.zoom_meeting_id, self.reminder()
        self.assertTrue(row.phone_passcode.isdigit())
        self.assertNotEqual(row.phone_passcode, row.passcode)
        text = self.text(mail.html)
        self.assertIn(f"Japan: {TOKYO} (Tokyo)", text)
        self.assertIn(f"United States: {FREE}, toll-free", text)
        self.assertIn(f"Passcode by phone: {row.phone_passcode}", text)
        links = [link.get("href") for link in fromstring(mail.html).iter("a")]
        self.assertIn(phone_url(TOKYO, row.zoom_id, row.phone_passcode), links)
        self.assertEqual(len([one for one in links if one.startswith("tel:")]), 4)
        self.assertRegex(mail.text, rf"Japan: \{TOKYO} (\[\d+\] )?\(Tokyo\)")
        self.assertIn(row.phone_passcode, mail.text)

    def test_calendar_file_names_them_once_the_link_may_be_known(self):
        self.choose(self.japan, self.usa)
        booking = self.ready_booking()
        row = booking.zoom_meeting_id
        # Given the file of a mail before the reminder, and that of the reminder
        booking.start = MONDAY + timedelta(minutes=30)
        self.sync_meetings()
        before = self.described(self.deliver_mails())
        after = self.described(self.remind(REMINDER_TIME + timedelta(minutes=30)))
        # Then only the latter has what callers need
        self.assertNotIn(TOKYO, before)
        self.assertNotIn(row.phone_passcode, before)
        self.assertIn(f"Japan: {TOKYO} (Tokyo)\n", after)
        self.assertIn(f"United States: {FREE}, toll-free", after)
        self.assertIn(f"Passcode by phone: {row.phone_passcode}", after)

    def test_country_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.japan.with_context(lang="ja_JP").name = "日本"
        self.partner.lang = "ja_JP"
        self.choose(self.japan)
        self.ready_booking()
        self.assertIn(f"日本: {TOKYO}", self.text(self.reminder().html))

    def test_nothing_of_it_without_a_choice(self):
        booking = self.ready_booking()
        mail = self.reminder()
        row = booking.zoom_meeting_id
        self.assertFalse(row.dial_in)
        self.assertFalse(row.phone_passcode)
        for word in ("phone", "tel:", TOKYO):
            self.assertNotIn(word, mail.html)
        self.assertFalse(booking.zoom_difference_message)

    def test_only_what_is_told_is_kept(self):
        self.choose(self.japan)
        row = self.ready_booking().zoom_meeting_id
        self.assertEqual(
            row.dial_in,
            {"JP": [{"number": TOKYO, "city": "Tokyo", "is_free": False}]},
        )

    def test_country_of_which_zoom_has_no_number_is_said(self):
        self.choose(self.germany)
        booking = self.ready_booking()
        row = booking.zoom_meeting_id
        self.assertEqual(row.dial_in, {"DE": []})
        self.assertFalse(row.phone_passcode)
        self.assertIn("Germany", booking.zoom_difference_message)
        self.assertNotIn("tel:", self.reminder().html)

    def test_countries_chosen_after_the_meeting_was_issued(self):
        booking = self.ready_booking()
        self.choose(self.japan)
        # It is read before the mail, which takes no request of the limit.
        self.assertFalse(booking.zoom_meeting_id.check_at <= MONDAY - timedelta(days=1))
        self.assertIn(TOKYO, self.reminder().html)
        self.assertEqual(self.counted_requests(), 1)

    def test_country_that_is_taken_away_is_told_no_more(self):
        self.choose(self.japan, self.usa)
        booking = self.ready_booking()
        self.choose(self.usa)
        numbers = booking._get_join_link().phones
        self.assertEqual({one.country for one in numbers}, {"United States"})
        self.choose()
        self.assertFalse(booking._get_join_link().phones)
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertFalse(row.dial_in)
        self.assertFalse(row.phone_passcode)

    def test_meeting_without_passcode(self):
        self.choose(self.japan)
        zoom_account = self.zoom.state.accounts["account-1"]
        zoom_account.require_passcode = False
        self.addCleanup(setattr, zoom_account, "require_passcode", True)
        self.ready_booking()
        html = self.reminder().html
        self.assertIn(TOKYO, html)
        self.assertNotIn("Passcode", self.text(html))

    def test_link_that_is_withheld_takes_them_along(self):
        self.choose(self.japan)
        row = self.ready_booking().zoom_meeting_id
        row.reissue_count = 1
        withhold(row)
        self.assertFalse(row.dial_in)
        self.assertFalse(row.phone_passcode)

    def test_other_numbers_are_no_news(self):
        self.choose(self.japan)
        self.ready_booking()
        self.remind()
        zoom_account = self.zoom.state.accounts["account-1"]
        numbers = zoom_account.dial_in_numbers
        self.addCleanup(setattr, zoom_account, "dial_in_numbers", numbers)
        zoom_account.dial_in_numbers = (("JP", "Japan", "", "+81 3 0000 9999", "toll"),)
        booking = self.rbt.env["resource.booking"].search(
            [("type_id", "=", self.rbt.id)], limit=1
        )
        booking.zoom_meeting_id._check_now()
        self.sync_meetings()
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=10)))

    def test_nobody_reads_them_but_in_what_is_told(self):
        self.choose(self.japan)
        booking = self.ready_booking()
        staff = new_test_user(self.env, "clerk", "resource_booking.group_manager")
        for name in ("dial_in", "phone_passcode"):
            with self.subTest(name), self.assertRaises(AccessError):
                booking.zoom_meeting_id.with_user(staff).read([name])
            with self.subTest(name), self.assertRaises(AccessError):
                booking.with_user(staff).search([(f"zoom_meeting_id.{name}", "!=", 0)])


@tagged("post_install", "-at_install")
class TestDialInPortal(DialInMixin, MailMixin, HttpBookingCase):
    """What the page of the booking says."""

    def page(self, booking):
        self.env.flush_all()
        response = self.url_open(booking.get_portal_url())
        self.env.invalidate_all()
        return response.text

    def test_page_says_them_from_the_reminder_to_the_end(self):
        self.choose(self.japan)
        booking = self.book()
        self.sync_meetings()
        secrets = self.secrets_of(booking)
        for secret in secrets:
            self.assertNotIn(secret, self.page(booking))
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        [phones] = fromstring(self.page(booking)).find_class("o_web_conference_phones")
        text = " ".join(phones.text_content().split())
        self.assertEqual(
            text,
            f"By phone Japan: {TOKYO} (Tokyo) Passcode by phone: {secrets[1]}",
        )
        self.move_to(booking.stop)
        for secret in secrets:
            self.assertNotIn(secret, self.page(booking))

    def test_page_that_tells_the_link_already_follows_the_choice(self):
        booking = self.book()
        self.sync_meetings()
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        self.choose(self.japan)
        self.sync_meetings()
        self.assertIn(TOKYO, self.page(booking))

    def test_link_entered_by_hand_has_none(self):
        self.choose(self.japan)
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.sync_meetings()
        self.assertIn(TOKYO, self.page(booking))
        booking._choose_link("manual", "https://meet.example.com/room", "1", "2")
        self.assertNotIn(TOKYO, self.page(booking))
