# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import re
import unicodedata
from datetime import timedelta

from lxml.html import fromstring

from odoo import Command
from odoo.tools.misc import file_open

from .common import MONDAY
from .mail_colours import contrast, inverted, texts_with_colours
from .mail_common import CUSTOMER, MailCase

# WCAG 2, level AA, for texts of every size
ENOUGH = 4.5
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
COLOUR = re.compile(r"(background-color|[^-]color): (#[0-9a-f]{6})")


class TestMailAccessible(MailCase):
    """Mails can be read with images off, in the dark, on a phone, as text, aloud."""

    def reminder(self):
        self.ready_booking()
        return self.mail_to(CUSTOMER, self.remind())

    def customer_mails(self):
        """One mail of each kind that is this module's own, by name."""
        self.partner.tz = "Europe/Berlin"
        booking = self.book(None)
        share = self.env["portal.share"].create(
            {
                "res_model": booking._name,
                "res_id": booking.id,
                "partner_ids": [Command.set(self.partner.ids)],
                "note": "Have your card ready.",
            }
        )
        share.action_send_mail()
        mails = {"choose a time": self.deliver_mails()}
        booking.start = MONDAY
        mails["confirmation"] = self.deliver_mails()
        share.action_send_mail()
        mails["shared"] = self.deliver_mails()
        mails["without link"] = self.remind(MONDAY - timedelta(minutes=10))
        self.sync_meetings()
        self.send_reminders()
        mails["link"] = self.deliver_mails()
        booking.action_cancel()
        self.send_reminders()
        mails["cancelled"] = self.deliver_mails()
        return {kind: self.mail_to(CUSTOMER, some) for kind, some in mails.items()}

    def assert_contrast(self, text, colour, background):
        self.assertGreaterEqual(contrast(colour, background), ENOUGH, text)

    # === COLOURS === #

    def test_every_text_has_enough_contrast_also_when_colours_are_inverted(self):
        for kind, mail in self.customer_mails().items():
            for text, colour, background in texts_with_colours(fromstring(mail.html)):
                with self.subTest(f"{kind}: {text}"):
                    self.assert_contrast(text, colour, background)
                    self.assert_contrast(text, inverted(colour), inverted(background))

    def test_button_has_enough_contrast(self):
        page = fromstring(self.reminder().html)
        (button,) = page.find_class("o_zoom_mail_button")
        ((text, colour, background),) = texts_with_colours(button)
        self.assertEqual((text, background), ("Join", "#0b5cab"))
        self.assert_contrast(text, colour, background)
        self.assert_contrast(text, inverted(colour), inverted(background))

    def test_colours_for_the_dark_have_enough_contrast(self):
        page = fromstring(self.reminder().html)
        (sheet,) = page.iter("style")
        _media, sheet = sheet.text.split("(prefers-color-scheme: dark) {")
        rules = {
            selectors.strip(): dict(
                (name.strip(), colour) for name, colour in COLOUR.findall(body)
            )
            for selectors, body in RULE.findall(sheet)
        }
        card = next(one for name, one in rules.items() if "_card td" in name)
        self.assertEqual(len(rules), 4)
        for selectors, colours in rules.items():
            if "color" in colours:
                with self.subTest(selectors):
                    on = colours.get("background-color", card["background-color"])
                    self.assert_contrast(selectors, colours["color"], on)

    # === IMAGES, WIDTH, TEXT, LANGUAGE === #

    def test_nothing_is_lost_without_images(self):
        with file_open("base/static/img/avatar.png", "rb") as image:
            self.env.company.logo = base64.b64encode(image.read())
        page = fromstring(self.reminder().html)
        (logo,) = page.iter("img")
        self.assertEqual(logo.get("alt"), self.env.company.name)
        self.assertNotIn("background-image", str(page.xpath("//@style")))

    def test_no_mail_is_wider_than_a_phone(self):
        for kind, mail in self.customer_mails().items():
            with self.subTest(kind):
                page = fromstring(mail.html)
                self.assertNotIn("min-width", str(page.xpath("//@style")))
                for table in page.xpath("//*[number(@width) > 320]"):
                    self.assertIn("width: 100%", table.get("style"))
                # The join URL is longer than a phone is wide
                (card,) = page.find_class("o_zoom_mail_card")
                self.assertIn("anywhere", str(card.xpath("./tr/td/@style")))

    def test_text_part_begins_with_the_greeting_and_has_nothing_invisible(self):
        for kind, mail in self.customer_mails().items():
            with self.subTest(kind):
                first = next(line for line in mail.text.splitlines() if line.strip())
                self.assertEqual(first, "Dear Secret Customer,")
                for character in mail.text:
                    self.assertNotIn(unicodedata.category(character), ("Cf", "Mn"))

    def test_mail_names_its_language_as_screen_readers_know_it(self):
        self.assertEqual(fromstring(self.reminder().html).get("lang"), "en-US")

    def test_japanese_mail_is_read_aloud_in_japanese(self):
        self.partner.lang = "ja_JP"
        self.assertEqual(fromstring(self.reminder().html).get("lang"), "ja-JP")

    def test_tables_are_no_tables_for_screen_readers(self):
        for table in fromstring(self.reminder().html).iter("table"):
            self.assertEqual(table.get("role"), "presentation")
