# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import timedelta
from pathlib import Path

import polib
from lxml.html import fromstring

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from .common import MONDAY, HttpBookingCase
from .mail_common import MailCase

I18N = Path(__file__).parents[1] / "i18n"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\{.*?\}\}|\bt-[\w-]+=\"[^\"]*\"")
TAG = re.compile(r"</?\w+")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# What a mail or a sentence has besides its words
NOT_WORDS = re.compile(
    r"<[^>]*>|%\(\w+\)s|\{\{.*?\}\}|&\w+;|[A-Z]\w+/[A-Z]\w+"
    r"|\{\w+\}|[a-z]+(?:[._][a-z]+)+"
)
# Names that are written in Latin letters in Japanese as well: what they name is on a
# page of Zoom, or in a menu of the platform, which has no Japanese.
LATIN = {
    *("Zoom", "Odoo", "Web", "Webhook", "URL", "URI", "API", "ID", "UTC", "UUID"),
    *("JSON", "OAuth", "state", "app", "App", "Marketplace", "Credentials"),
    *("General", "Admin-managed", "Server-to-Server", "Features", "Access"),
    *("Secret", "Token", "shared", "access", "permissions", "PMI", "OK", "https"),
    *("Develop", "Build", "Redirect", "Allow", "Lists", "Add", "Scopes"),
    *("Activate", "Event", "Subscription", "Audio", "Conferencing"),
}
# The words of the trade, which must be the same everywhere
TERMS = {
    "administrator's e-mail": "管理者メールアドレス",
    "web conference tool": "Web会議ツール",
    "join url": "参加用URL",
    "meeting id": "ミーティングID",
    "passcode": "パスコード",
    "zoom user": "Zoomユーザー",
    "booking type": "予約タイプ",
    "combination": "組み合わせ",
    "scope": "スコープ",
}


def english_words(text):
    """The words in Latin letters that have no business in a Japanese text."""
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*", NOT_WORDS.sub(" ", text))
    return sorted(set(words) - LATIN)


@tagged("post_install", "-at_install")
class TestCatalogue(BaseCase):
    """The file of the Japanese translations."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalogue = polib.pofile(str(I18N / "ja.po"))
        cls.template = polib.pofile(str(I18N / "resource_booking_zoom.pot"))

    def assert_none(self, entries):
        self.assertFalse([entry.msgid[:90] for entry in entries])

    def test_it_has_every_text_of_the_template(self):
        self.assertEqual(
            {entry.msgid for entry in self.catalogue},
            {entry.msgid for entry in self.template},
        )

    def test_template_has_every_text_of_scripts(self):
        known = {entry.msgid for entry in self.template}
        texts = {
            text
            for script in (I18N.parent / "static" / "src").rglob("*.js")
            for text in re.findall(r'_t\(\s*"([^"]+)"', script.read_text())
        }
        self.assertTrue(texts)
        self.assertFalse(texts - known)

    def test_nothing_is_untranslated_or_uncertain(self):
        self.assert_none(self.catalogue.untranslated_entries())
        self.assert_none(self.catalogue.fuzzy_entries())
        self.assert_none(self.catalogue.obsolete_entries())

    def test_placeholders_and_tags_are_those_of_the_source(self):
        for entry in self.catalogue:
            for kind in (PLACEHOLDER, TAG):
                with self.subTest(entry.msgid[:90]):
                    self.assertEqual(
                        sorted(kind.findall(entry.msgstr)),
                        sorted(kind.findall(entry.msgid)),
                    )

    def test_no_english_is_left(self):
        for entry in self.catalogue:
            with self.subTest(entry.msgid[:90]):
                self.assertFalse(english_words(entry.msgstr))

    def test_every_text_of_more_than_a_name_is_japanese(self):
        self.assert_none(
            entry
            for entry in self.catalogue
            if english_words(entry.msgid) and not JAPANESE.search(entry.msgstr)
        )

    def test_terms_are_the_same_everywhere(self):
        for english, japanese in TERMS.items():
            for entry in self.catalogue:
                words = NOT_WORDS.sub(" ", entry.msgid)
                if re.search(rf"\b{english}", words, re.IGNORECASE):
                    with self.subTest(entry.msgid[:90]):
                        self.assertIn(japanese, entry.msgstr)

    def test_buttons_are_named_as_they_are_on_the_screen(self):
        names = {entry.msgid: entry.msgstr for entry in self.catalogue}
        named = [
            (entry, name)
            for entry in self.catalogue
            for name in re.findall(r"“([^”%]+)”", entry.msgid)
            if name in names
        ]
        self.assertTrue(named)
        for entry, name in named:
            with self.subTest(entry.msgid[:90]):
                self.assertIn(f"「{names[name]}」", entry.msgstr)


class TestJapaneseMails(MailCase):
    """What Japanese administrators, customers and staff receive."""

    def setUp(self):
        super().setUp()
        self.partner.write({"lang": "ja_JP", "name": "佐藤 花子"})
        self.env.company.name = "さくら医院"
        self.rbt.name = "ご相談"
        self.rbt.with_context(lang="ja_JP").name = "ご相談"

    def ready_booking(self, **values):
        """A booking whose meeting is issued; its type is in Tokyo."""
        self.rbt.resource_calendar_id = self.rbt.resource_calendar_id.copy()
        booking = super().ready_booking(**values)
        self.rbt.resource_calendar_id.tz = "Asia/Tokyo"
        return booking

    def test_limit_alert_in_the_language_of_the_company(self):
        # Given a Japanese company, and a limit that holds a booking back
        self.env.company.partner_id.write({"lang": "ja_JP", "tz": "Asia/Tokyo"})
        self.account.write({"daily_request_limit": 2, "reserve_requests": 0})
        self.env["booking.zoom.user"].search([]).name = "山田"
        self.book_many(3)
        # When the scheduled action runs, whose user reads English
        self.sync_meetings()
        # Then the administrator gets the mail in Japanese
        (mail,) = self.env["mail.mail"].search([("email_to", "=", "admin@example.com")])
        subject = "【さくら医院】[注意!]Zoom URLが発行できませんでした"
        self.assertEqual(mail.subject, subject)
        body = fromstring(str(mail.body_html))
        for style in list(body.iter("style")):
            style.drop_tree()
        words = " ".join(body.text_content().split())
        words = words.replace("Powered by Odoo", "")  # of Odoo's layout
        for sentence in (
            "Zoomユーザー1人につき1日2回まで",
            "2027/03/01 17:10： 佐藤 花子 - ご相談",
            "2027/02/27 9:00にZoomの制限が解除されます。",
            "別のZoomユーザーをこの予約のホストにするか",
        ):
            self.assertIn(sentence, words)
        self.assertFalse(english_words(re.sub(r"\S+@\S+", "", words)))
        # and as it arrives
        received = self.mail_to("admin@example.com", self.deliver_mails())
        self.assertEqual(received.subject, subject)

    def test_reminder_in_the_language_of_the_customer(self):
        booking = self.ready_booking()
        row = booking.zoom_meeting_id
        mail = self.mail_to("customer@example.com", self.remind())
        text = " ".join(mail.text.split())
        self.assertIn("2027年3月1日のご予約", mail.subject)
        for part in (
            "佐藤 花子 様",
            "ご相談",
            "2027年3月1日月曜日",
            "17:00～17:30 （Asia/Tokyo）",
            "Zoomへの参加方法",
            "参加用URL:",
            f"ミーティングID: {row.zoom_id_formatted}",
            f"パスコード: {row.passcode}",
        ):
            self.assertIn(part, text)

    def test_nothing_is_english_in_the_words_of_the_reminder(self):
        self.env.user.signature = False
        booking = self.ready_booking()
        self.remind()
        row = booking.zoom_meeting_id
        template = self.env.ref("resource_booking_zoom.mail_template_reminder")
        attendee = self.attendee_of(booking)
        body = template._render_field(
            "body_html", attendee.ids, compute_lang=True, set_lang=False
        )[attendee.id]
        words = fromstring(str(body)).text_content()
        for own in (row.join_url, row.passcode, booking.location or ""):
            words = words.replace(own, "")
        self.assertFalse(english_words(words))

    def test_button_of_the_block(self):
        booking = self.ready_booking()
        mail = self.mail_to("customer@example.com", self.remind())
        url = booking.zoom_meeting_id.join_url
        links = [
            link.text_content().strip()
            for link in fromstring(mail.html).iter("a")
            if link.get("href") == url
        ]
        self.assertEqual(links, ["参加する", url])

    def test_cancellation_in_the_language_of_the_customer(self):
        # Given a customer who knows the link
        booking = self.ready_booking()
        self.remind()
        # When the booking is cancelled
        booking.action_cancel()
        self.send_reminders()
        mail = self.mail_to("customer@example.com", self.deliver_mails())
        # Then the mail says so in Japanese
        self.assertEqual(
            mail.subject, "【ご予約のキャンセル】2027年3月1日のご予約について"
        )
        text = " ".join(mail.text.split())
        for part in (
            "佐藤 花子 様",
            "下記のご予約はキャンセルされました。",
            "以前にお知らせした参加用URLは無効になりました。",
            "2027年3月1日月曜日",
            "17:00 （Asia/Tokyo）",
        ):
            self.assertIn(part, text)

    def test_reminder_without_link_says_in_japanese_that_it_follows(self):
        self.r_materials[0].zoom_user_id = False
        self.ready_booking()
        mail = self.mail_to(
            "customer@example.com", self.remind(MONDAY - timedelta(minutes=10))
        )
        self.assertIn(
            "準備ができ次第、別のメールでお送りします。", " ".join(mail.text.split())
        )

    def test_every_mail_can_be_written_in_japanese(self):
        booking = self.ready_booking()
        self.remind()
        records = {
            "booking.zoom.account": self.account,
            "booking.zoom.meeting": booking.zoom_meeting_id,
            "booking.conference.mail": self.env["booking.conference.mail"].search([])[
                0
            ],
            "calendar.attendee": booking.meeting_id.attendee_ids[0],
            "resource.booking": booking,
            "booking.conference.notice": self.env["booking.conference.notice"].create(
                {"booking_id": booking.id, "cause": "declined", "start": booking.start}
            ),
        }
        templates = self.env["ir.model.data"].search(
            [("module", "=", "resource_booking_zoom"), ("model", "=", "mail.template")]
        )
        self.assertTrue(templates)
        for template in self.env["mail.template"].browse(templates.mapped("res_id")):
            with self.subTest(template.name):
                record = records[template.model]
                for field in ("subject", "body_html"):
                    written = template.with_context(lang="ja_JP")._render_field(
                        field, record.ids
                    )[record.id]
                    self.assertRegex(written, JAPANESE)

    def test_block_of_another_tool(self):
        self.rbt.write(
            {
                "web_conference_tool": "other",
                "videocall_location": "https://meet.example.com/room",
                "link_disclosure": "issued",
            }
        )
        attendee = self.book().meeting_id.attendee_ids[0]
        block = attendee.with_context(lang="ja_JP").web_conference_info
        self.assertIn("Web会議への参加方法", fromstring(block).text_content())


class TestJapaneseScreens(MailCase):
    """What Japanese users see in the backend."""

    def test_menus_have_the_names_of_the_original(self):
        for menu, name in (
            ("booking_zoom_account_menu", "Zoom連携"),
            ("booking_zoom_user_menu", "Zoomユーザー連携"),
        ):
            record = self.env.ref(f"resource_booking_zoom.{menu}")
            self.assertEqual(record.with_context(lang="ja_JP").name, name)

    def test_fields_have_the_names_of_the_original(self):
        for model, field, name in (
            ("resource.booking.type", "web_conference_tool", "使用するWeb会議ツール"),
            ("booking.zoom.account", "alert_email", "管理者メールアドレス"),
            ("booking.zoom.meeting", "join_url", "参加用URL"),
            ("booking.zoom.meeting", "zoom_id", "ミーティングID"),
            ("booking.zoom.meeting", "passcode", "パスコード"),
        ):
            fields = self.env[model].with_context(lang="ja_JP").fields_get([field])
            self.assertEqual(fields[field]["string"], name)

    def test_errors_are_told_in_the_language_of_the_user(self):
        account = self.account.with_context(lang="ja_JP")
        with self.assertRaisesRegex(
            UserError, "「nonsense」は、メールアドレスとして正しくありません"
        ):
            account.alert_email = "nonsense"

    def test_form_of_the_account(self):
        views = self.env["booking.zoom.account"].with_context(lang="ja_JP")
        arch = views.get_view(view_type="form")["arch"]
        for text in ("連携する", "Zoomへコピー", "上限"):
            self.assertIn(text, arch)


@tagged("post_install", "-at_install")
class TestJapanesePages(HttpBookingCase):
    """What a browser gets."""

    def test_customer_is_told_when_the_link_comes(self):
        booking = self.book()
        booking._portal_ensure_token()
        self.env.flush_all()
        page = self.url_open(
            booking.get_portal_url(), cookies={"frontend_lang": "ja_JP"}
        )
        self.assertIn(
            "Zoomの参加用URLは、2027年3月1日 7:00（UTC）の直前お知らせメールでお送りします。",
            page.text,
        )

    def test_administrator_is_told_that_linking_failed(self):
        self.env.ref("base.user_admin").lang = "ja_JP"
        self.authenticate("admin", "admin")
        page = self.url_open("/resource_booking_zoom/oauth/callback?state=x&code=y")
        self.assertIn("Zoomと連携できませんでした", page.text)
        self.assertIn("もう一度「連携する」を押してください。", page.text)
        self.assertIn("Zoom連携に戻る", page.text)
