# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import timedelta
from pathlib import Path

import polib
from lxml import etree
from lxml.html import fromstring

from odoo import Command
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools.misc import file_path

from .common import MONDAY, HttpBookingCase, ZoomCase
from .mail_common import CUSTOMER, STAFF, MailCase
from .test_translations import (
    I18N,
    JAPANESE,
    NOT_WORDS,
    PLACEHOLDER,
    TAG,
    english_words,
)

OWN = "resource_booking_zoom"
EXTRA = Path(__file__).parents[1] / "i18n_extra" / "ja.po"
# Attributes of a page that are read by people, or to them
READ = ("title", "placeholder", "aria-label", "alt")
# The same in views of the backend
READ_IN_VIEWS = ("string", "confirm", "placeholder", "help", "title", "aria-label")
# The icon's name is an example
NAMES = {"Font", "Awesome", "fa-tasks", "SMS"}


def own_english():
    """What this module says in English until it is translated, as patterns.

    The test of its own catalogue tells of it.
    """
    for entry in polib.pofile(str(I18N / "ja.po")).untranslated_entries():
        pieces = [" ".join(piece.split()) for piece in NOT_WORDS.split(entry.msgid)]
        pieces = [re.escape(piece) for piece in pieces if piece]
        yield re.compile(".{0,80}?".join(pieces))


def words_of(node):
    """What is left in Latin letters of the text and the attributes below a node."""
    texts = list(node.itertext())
    texts += [one.get(name, "") for one in node.iter() for name in READ]
    text = " ".join(" ".join(texts).split())
    for pattern in own_english():
        text = pattern.sub(" ", text)
    return english_words(text)


@tagged("post_install", "-at_install")
class TestCatalogueOfThePlatform(BaseCase):
    """The file of the Japanese that the platform lacks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = polib.pofile(str(EXTRA))
        cls.template = polib.pofile(
            file_path("resource_booking/i18n/resource_booking.pot")
        )

    def test_it_has_every_text_of_the_platform_at_every_place(self):
        have = {
            (entry.msgid, place)
            for entry in self.catalogue
            for place, _line in entry.occurrences
        }
        want = {
            (entry.msgid, place)
            for entry in self.template
            for place, _line in entry.occurrences
            if not place.startswith("code:")
        }
        self.assertGreater(len(want), 300)
        self.assertFalse(want - have)

    def test_each_place_has_one_translation_of_a_text(self):
        places = [
            (entry.msgid, place)
            for entry in self.catalogue
            for place, _line in entry.occurrences
        ]
        self.assertEqual(len(places), len(set(places)))

    def test_nothing_is_untranslated_or_english(self):
        for entry in self.catalogue:
            with self.subTest(entry.msgid[:90]):
                self.assertFalse(entry.fuzzy or entry.obsolete)
                self.assertFalse(set(english_words(entry.msgstr)) - NAMES)
                if english_words(entry.msgid):
                    self.assertRegex(entry.msgstr, JAPANESE)

    def test_placeholders_and_tags_are_those_of_the_source(self):
        """Whole mails have an order of their own: they are sent in tests below."""
        for entry in self.catalogue:
            if any("body_html" in place for place, _line in entry.occurrences):
                links = re.compile(r'href="[^"]*"|t-foreach="[^"]*"')
                self.assertEqual(
                    links.findall(entry.msgstr), links.findall(entry.msgid)
                )
                continue
            for kind in (PLACEHOLDER, TAG):
                with self.subTest(entry.msgid[:90]):
                    self.assertEqual(
                        sorted(kind.findall(entry.msgstr)),
                        sorted(kind.findall(entry.msgid)),
                    )


class JapaneseNames:
    """What the clinic and its customer have named is Japanese."""

    @classmethod
    def name_everything(cls):
        cls.env.company.name = "さくら医院"
        cls.rbt.with_context(lang="en_US").name = "ご相談"
        cls.rbt.with_context(lang="ja_JP").name = "ご相談"
        cls.rbt.requester_advice = "5分前にお越しください。"
        cls.rbt.location = "2階"
        cls.rbt.resource_calendar_id.name = "受付時間"
        for number, resource in enumerate(cls.rbcs.resource_ids):
            resource.name = f"診察室{number}"
            resource.calendar_id.name = f"時間割{number}"
            if resource.user_id:
                resource.user_id.name = f"医師{number}"
        cls.rbcs.invalidate_recordset(["name"])
        for number, combination in enumerate(cls.rbcs):
            combination.name = f"組{number}"
        cls.partner.write({"lang": "ja_JP", "name": "佐藤 花子"})
        cls.env.user.write({"name": "山田", "lang": "ja_JP", "signature": False})


@tagged("post_install", "-at_install")
class TestJapaneseCustomerPages(JapaneseNames, HttpBookingCase):
    """From the shared booking to its cancellation, no page says a word of English."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = new_test_user(
            cls.env,
            "hanako",
            groups="base.group_portal",
            partner_id=cls.partner.id,
            lang="ja_JP",
        )
        cls.name_everything()

    def open(self, path, **form):
        """What the page of this path says, without the frame around it."""
        self.env.flush_all()
        if form:
            form["csrf_token"] = self.token
        response = self.url_open(path, form, cookies={"frontend_lang": "ja_JP"})
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        page = fromstring(response.content)
        tokens = page.cssselect("input[name='csrf_token']")
        self.token = tokens[0].get("value") if tokens else None
        self.assertIn("/ja/", response.url)
        (content,) = page.cssselect("#wrap")
        for silent in content.cssselect("script, style"):
            silent.drop_tree()
        return content

    def assert_japanese(self, content):
        self.assertRegex(content.text_content(), JAPANESE)
        self.assertFalse(words_of(content))

    def text(self, content):
        return " ".join(content.text_content().split())

    def test_way_of_a_customer(self):
        booking = self.book(None)
        url = booking.get_portal_url
        page = self.open(url())
        self.assert_japanese(page)
        self.assertIn("日時を選択", self.text(page))
        # The calendar, with the dialog of each slot; and a month without slots
        page = self.open(url(suffix="/schedule/2027/3"))
        self.assert_japanese(page)
        self.assertIn("2027年3月", self.text(page))
        (dialog,) = page.xpath("//form[.//input[@value='2027-03-01T08:00:00+00:00']]")
        for part in (
            "次の内容で予約を確定します",
            "2027年3月1日月曜日",
            "08:00",
            "戻る",
        ):
            self.assertIn(part, self.text(dialog))
        page = self.open(url(suffix="/schedule/2027/1"))
        self.assert_japanese(page)
        self.assertIn("ご予約いただける時間がありません", self.text(page))
        # What mails lead to: asked first
        when = {"query_string": "&when=2027-03-01T08:00:00%2B00:00"}
        self.assert_japanese(self.open(url(suffix="/confirm", **when)))
        self.assert_japanese(self.open(url(suffix="/cancel")))
        # A slot is taken
        page = self.open(url(suffix="/confirm"), when="2027-03-01T08:00:00+00:00")
        self.assertEqual(booking.start, MONDAY)
        self.assert_japanese(page)
        for part in (
            "確定済み",
            "2027年3月1日月曜日",
            "日時を変更",
            "取り消すと、次のように",
        ):
            self.assertIn(part, self.text(page))
        # The list of bookings
        self.authenticate("hanako", "hanako")
        page = self.open("/my/bookings")
        self.assert_japanese(page)
        self.assertIn("2027年3月1日月曜日 8:00～8:30（UTC）", self.text(page))
        # It is cancelled
        self.open(url())
        self.assert_japanese(self.open(url(suffix="/cancel"), sure="yes"))

    def test_slot_that_another_has_taken(self):
        bookings = [self.book(None) for _one in range(4)]
        for booking in bookings:
            self.open(booking.get_portal_url(suffix="/schedule/2027/3"))
            page = self.open(
                booking.get_portal_url(suffix="/confirm"),
                when="2027-03-01T08:00:00+00:00",
            )
            self.assert_japanese(page)
        self.assertFalse(bookings[-1].start)
        self.assertIn("選択された日時は", self.text(page))


class TestMailsOfThePlatform(JapaneseNames, MailCase):
    """What Odoo's calendar and the platform send about a booking."""

    def setUp(self):
        super().setUp()
        self.name_everything()
        self.reception = new_test_user(
            self.env,
            "reception",
            "base.group_user,base.group_partner_manager,resource_booking.group_manager",
            name="山田",
            lang="ja_JP",
            email="reception@example.com",
            signature=False,
        )

    def mail(self, address=CUSTOMER):
        """The only mail to that address: its subject and its text."""
        mail = self.mail_to(address, self.deliver_mails())
        page = fromstring(mail.html)
        for style in page.xpath("//style"):
            style.drop_tree()
        return mail.subject, page

    def assert_japanese(self, page):
        for node in page.iter():
            node.text = re.sub(r"\S+@\S+|Powered by|User 0", "", node.text or "")
        self.assertFalse(words_of(page))
        return " ".join(page.text_content().split())

    def share(self, booking):
        wizard = (
            self.env["portal.share"]
            .with_user(self.reception)
            .create(
                {
                    "res_model": booking._name,
                    "res_id": booking.id,
                    "partner_ids": [Command.set(self.partner.ids)],
                }
            )
        )
        wizard.action_send_mail()

    def test_invitation_of_staff_and_date_change(self):
        self.staff.partner_id.write({"lang": "ja_JP", "name": "鈴木"})
        booking = self.book()
        subject, page = self.mail(STAFF)
        self.assertFalse(english_words(subject))
        text = self.assert_japanese(page)
        for part in ("鈴木 様", "2027年3月1日月曜日 8:00", "30分", "承諾する"):
            self.assertIn(part, text)
        booking.write({"start": MONDAY + timedelta(hours=1), "duration": 1.5})
        subject, page = self.mail()
        self.assertFalse(english_words(subject))
        text = self.assert_japanese(page)
        for part in ("新しい日時は、 2027年3月1日月曜日 9:00～10:30", "1時間30分"):
            self.assertIn(part, text)

    def test_confirmation_and_invitation_to_choose_a_time(self):
        """They are ours, on the same way of the customer."""
        booking = self.book(None)
        self.share(booking)
        subject, page = self.mail()
        self.assertIn("ご相談", subject)
        self.assertFalse(english_words(subject))
        text = self.assert_japanese(page)
        for part in ("佐藤 花子 様", "山田より", "所要時間：30分", "日時を選択する"):
            self.assertIn(part, text)
        booking.start = MONDAY
        subject, page = self.mail()
        self.assertFalse(english_words(subject))
        text = self.assert_japanese(page)
        for part in ("佐藤 花子 様", "2027年3月1日月曜日 8:00～8:30", "承諾する"):
            self.assertIn(part, text)
        self.share(booking)
        subject, page = self.mail()
        self.assertFalse(english_words(subject))
        text = self.assert_japanese(page)
        for part in ("山田より", "2027年3月1日月曜日 8:00～8:30", "ご予約を開く"):
            self.assertIn(part, text)

    def test_other_mails_can_be_written(self):
        """Staff send these by hand, or by the reminders of other events."""
        event = self.book().meeting_id
        for name, record in (
            ("reminder", event.attendee_ids[0]),
            ("update", event),
        ):
            with self.subTest(name):
                template = self.env.ref(f"calendar.calendar_template_meeting_{name}")
                (html,) = (
                    template.with_context(lang="ja_JP")
                    ._render_field("body_html", record.ids)
                    .values()
                )
                text = self.assert_japanese(fromstring(str(html)))
                self.assertIn("2027年3月1日月曜日", text)
                self.assertIn("30分", text)

    def test_sharing_is_said_in_sentences(self):
        self.partner.lang = "en_US"
        booking = self.book(None)
        self.share(booking)
        _subject, page = self.mail()
        text = " ".join(page.text_content().split())
        self.assertIn("Dear 佐藤 花子, 山田 invites you to choose a time for", text)
        self.assertNotIn("has invited you", text)
        (button,) = page.xpath("//a[normalize-space()='Choose a time']")
        self.assertIn(f"{booking.id}", button.get("href"))
        booking.start = MONDAY
        self.deliver_mails()
        self.share(booking)
        text = " ".join(self.mail()[1].text_content().split())
        self.assertIn("山田 sends you the booking below. ご相談 Monday, March 1", text)
        # Types without a web conference are shared in the platform's mail
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        self.share(booking)
        text = " ".join(self.mail()[1].text_content().split())
        self.assertIn("sends you your booking “ご相談”: Monday, March 1, 2027", text)


class TestJapaneseStaff(ZoomCase):
    """What booking staff meet of the platform in the backend."""

    MODELS = (
        "resource.booking",
        "resource.booking.type",
        "resource.booking.combination",
        "resource.booking.type.combination.rel",
    )

    def of_the_platform(self, model):
        """The platform's records of this model, in Japanese."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "resource_booking"), ("model", "=", model)]
        )
        records = self.env[model].with_context(lang="ja_JP", active_test=False)
        return records.browse(data.mapped("res_id")).exists()

    def assert_japanese(self, *texts):
        text = " ".join(str(text) for text in texts if text)
        self.assertFalse(set(english_words(text)) - NAMES, text)

    def test_menus_and_what_they_open(self):
        menus = self.of_the_platform("ir.ui.menu")
        self.assertGreater(len(menus), 7)
        for menu in menus:
            with self.subTest(menu.complete_name):
                self.assert_japanese(menu.complete_name)
                self.assert_japanese(menu.action and menu.action.name)
        for action in self.of_the_platform("ir.actions.act_window"):
            with self.subTest(action.name):
                self.assert_japanese(action.name, action.help)

    def test_fields(self):
        count = 0
        for model in self.MODELS:
            fields = self.env[model].with_context(lang="ja_JP").fields_get()
            for name, field in fields.items():
                if self.env[model]._fields[name]._modules[-1:] == (OWN,):
                    continue
                count += 1
                with self.subTest(f"{model}.{name}"):
                    labels = [label for _value, label in field.get("selection", ())]
                    self.assert_japanese(field["string"], field.get("help"), *labels)
        self.assertGreater(count, 100)

    def test_views(self):
        views = self.of_the_platform("ir.ui.view")
        self.assertGreater(len(views), 15)
        for view in views:
            arch = etree.fromstring(view.arch_db)
            for node in arch.xpath("//*[not(self::attribute)]"):
                with self.subTest(f"{view.xml_id} {node.tag} {node.get('name')}"):
                    read = [node.get(name) for name in READ_IN_VIEWS]
                    self.assert_japanese(node.text, node.tail, *read)

    def test_groups_and_activities(self):
        for model in ("res.groups", "mail.activity.type", "ir.module.category"):
            records = self.of_the_platform(model)
            self.assertTrue(records)
            for record in records:
                with self.subTest(record.display_name):
                    self.assert_japanese(record.display_name)

    def test_names_of_bookings_and_periods_of_events(self):
        booking = self.book()
        said = "2027年3月1日月曜日 8:00～8:30（UTC）"
        japanese = booking.with_context(lang="ja_JP", tz="UTC")
        self.assertIn(said, japanese.display_name)
        self.assertEqual(japanese.meeting_id.display_time, said)
        tokyo = japanese.meeting_id.get_display_time_tz("Asia/Tokyo")
        self.assertIn("17:00～17:30（Asia/Tokyo）", tokyo)
        # All other periods, and other languages, are as Odoo says them
        english = booking.with_context(lang="en_US").meeting_id
        self.assertIn("08:00:00 AM To", english.get_display_time_tz("UTC"))
        event = japanese.meeting_id
        for hours, all_day in ((48, False), (24, True)):
            text = event._get_display_time(event.start, event.stop, hours, all_day)
            self.assertIn("2027/03/01", text)


class TestJapaneseStays(ZoomCase):
    """An upgrade of the platform, or of this module, leaves the Japanese as it is."""

    def said(self):
        """A menu, a field, a state, a page, and a mail of three modules."""
        env = self.env(context={**self.env.context, "lang": "ja_JP"})
        field = env["resource.booking"].fields_get(["state", "duration"])
        view = env.ref("resource_booking.scheduling_calendar")
        form = env.ref("resource_booking.resource_booking_view_form")
        return {
            "menu": env.ref("resource_booking.resource_booking_menu").name,
            "state": dict(field["state"]["selection"])["canceled"],
            "field": field["duration"]["string"],
            "dialog": "戻る" in view.arch_db and "Cancel" not in view.arch_db,
            "button": "予約を取り消す" in form.arch_db,
        }

    def test_translations_are_loaded_again(self):
        expected = {
            "menu": "予約",
            "state": "取消済み",
            "field": "所要時間",
            "dialog": True,
            "button": True,
        }
        self.assertEqual(self.said(), expected)
        modules = ["calendar", "portal", "resource_booking", "resource_booking_zoom"]
        for some in (modules, modules[2:], modules[:3]):
            for overwrite in (False, True):
                with self.subTest(some, overwrite=overwrite):
                    self.env["ir.module.module"]._load_module_terms(
                        some, ["ja_JP"], overwrite=overwrite
                    )
                    self.assertEqual(self.said(), expected)
