# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import datetime, timedelta

from lxml.html import fromstring

from odoo import Command

from .mail_common import CUSTOMER, MailCase
from .test_translations import JAPANESE, english_words

TOKYO = "Asia/Tokyo"
# 10:00 in Tokyo, 02:00 in Berlin
START = datetime(2027, 3, 1, 1, 0)
HOUR = timedelta(hours=1)
TEAMS = "https://teams.example.com/room"
# Whose words are Odoo's: only what is added to them is this module's.
OF_THE_PLATFORM = ("invitation", "date change", "date change with link")
# What is no word of this module
DATA = re.compile(r"Asia/Tokyo|Europe/Berlin|\S+@example.com|(?<=パスコード: )\S+")
ADDED = ("o_web_conference_info", "o_web_conference_notice")


class TestMailKinds(MailCase):
    """Every mail that a customer gets, in Berlin, about a booking in Tokyo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for model in ("resource.calendar", "resource.resource"):
            cls.env[model].search([]).tz = TOKYO
        cls.partner.tz = "Europe/Berlin"
        cls.env.user.signature = False

    def collect(self, mails):
        """Run the mails.

        :param list mails: of those that arrived already
        :return: the last one to the customer
        """
        self.send_reminders()
        return [
            one for one in mails + self.deliver_mails() if CUSTOMER in one.recipients
        ][-1]

    def mails_of_a_booking(self):
        """From the invitation to the cancellation: kind -> mail."""
        booking = self.book(START + HOUR)
        mails = {"invitation": self.collect(self.deliver_mails())}
        self.sync_meetings()
        booking.start = START
        mails["date change"] = self.collect([])
        self.sync_meetings()
        mails["reminder"] = self.collect(self.remind(START - HOUR))
        booking.start = START + HOUR / 2
        mails["date change with link"] = self.collect(self.deliver_mails())
        self.sync_meetings()
        booking.zoom_meeting_id.passcode = "another"
        mails["changed"] = self.collect([])
        booking.action_cancel()
        mails["cancelled"] = self.collect([])
        return mails

    def mails_of_a_late_link(self):
        """The link comes late, and the customer leaves: kind -> mail."""
        self.clear_zoom()
        booking = self.book(START)
        mails = {"without link": self.collect(self.remind(START - HOUR / 6))}
        self.sync_meetings()
        mails["link"] = self.collect([])
        guest = self.partner.copy({"email": "guest@example.com"})
        booking.partner_ids = [Command.set(guest.ids)]
        mails["left"] = self.collect([])
        booking.action_cancel()
        return mails

    def mails_of_another_tool(self):
        """Zoom is given up, and Teams moves: kind -> mail."""
        self.clear_zoom()
        booking = self.book(START)
        self.sync_meetings()
        self.remind(START - HOUR)
        self.rbt.web_conference_tool = "none"
        mails = {"dead": self.collect([])}
        booking.action_cancel()
        self.clear_zoom()
        self.use_other_tool(TEAMS)
        self.book(START)
        mails["other tool"] = self.collect(self.remind(START - HOUR))
        self.rbt.videocall_location = f"{TEAMS}2"
        mails["other tool changed"] = self.collect([])
        return mails

    def all_mails(self):
        return {
            **self.mails_of_a_booking(),
            **self.mails_of_a_late_link(),
            **self.mails_of_another_tool(),
        }

    @staticmethod
    def words(kind, mail):
        """The words of this module in both parts of a mail, without what is data."""
        page = fromstring(mail.html)
        for link in page.iter("a"):
            if link.get("href") == link.text_content().strip():
                link.text = ""  # the join URL
        for style in page.iter("style"):
            style.text = ""
        if kind in OF_THE_PLATFORM:
            (part,) = [one for name in ADDED for one in page.find_class(name)]
            return part.text_content()
        heading = f"{mail.subject}\n"
        text = "\n".join(
            line
            for line in mail.text.splitlines()
            if not line.startswith("[") and "https://" not in line
        )
        return heading + text + page.text_content()

    def test_japanese_mails_are_japanese_in_every_part(self):
        # Given a Japanese customer of a Japanese clinic
        self.partner.write({"lang": "ja_JP", "name": "佐藤 花子"})
        self.env.company.name = "さくら医院"
        self.rbt.name = "ご相談"
        self.rbt.with_context(lang="ja_JP").name = "ご相談"
        self.rbt.location = "東京"
        # When the customer gets a mail of each kind
        mails = self.all_mails()
        self.assertEqual(len(mails), 12)
        for kind, mail in mails.items():
            with self.subTest(kind):
                # Then this module speaks Japanese in each part
                words = self.words(kind, mail)
                self.assertRegex(words, JAPANESE)
                words = DATA.sub("", words)
                self.assertFalse(english_words(words))
                # and nothing was lost on the way
                self.assertNotIn("\ufffd", mail.everything)
                self.assertTrue(mail.message["Subject"].isprintable())
                if kind not in OF_THE_PLATFORM:
                    self.assertEqual(mail.text.splitlines()[0], "佐藤 花子 様")
                    self.assertRegex(mail.subject, JAPANESE)

    def test_mails_tell_the_time_there_and_the_customers_own(self):
        for kind, mail in self.all_mails().items():
            with self.subTest(kind):
                words = " ".join(mail.text.replace("\u202f", " ").split())
                self.assertIn("(Asia/Tokyo)", words)
                self.assertRegex(
                    words,
                    r"Start in your time zone: March 1, 2027 at [23]:[03]0 AM "
                    r"\(Europe/Berlin\)"
                    if kind != "date change with link"
                    else r"\(02:30:00 AM To 03:00:00 AM\) \(Europe/Berlin\)",
                )

    def test_mails_do_not_tell_the_same_time_twice(self):
        self.partner.tz = TOKYO
        for kind, mail in self.mails_of_a_booking().items():
            with self.subTest(kind):
                self.assertNotIn("your time zone", mail.text)

    def test_confirmation_says_when_the_link_comes(self):
        mails = self.mails_of_a_booking()
        for kind, hour in (("invitation", "10:00"), ("date change", "9:00")):
            with self.subTest(kind):
                page = fromstring(mails[kind].html)
                (notice,) = page.find_class("o_web_conference_notice")
                self.assertIn(
                    "The Zoom link comes with the reminder, by e-mail on March 1, "
                    f"2027 at {hour} AM (Asia/Tokyo).",
                    notice.text_content().replace("\u202f", " "),
                )
        # Once it has come, the link itself is there instead
        page = fromstring(mails["date change with link"].html)
        self.assertFalse(page.find_class("o_web_conference_notice"))

    def test_change_of_another_tool_is_not_called_zoom(self):
        mail = self.mails_of_another_tool()["other tool changed"]
        self.assertEqual(mail.subject, "The Web conference information has changed")
        self.assertNotIn("Zoom", mail.text)
