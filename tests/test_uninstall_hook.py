# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import TransactionCase, tagged

from odoo.addons.resource_booking_zoom.hooks import uninstall_hook

from .common import MONDAY
from .mail_common import MailCase

PLACEHOLDER = '<t t-out="object.web_conference_info"/>'


@tagged("post_install", "-at_install")
class TestUninstallHook(TransactionCase):
    """Reminders go on working when the module is gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ours = cls.env.ref("resource_booking_zoom.mail_template_reminder")
        cls.stock = cls.env.ref("calendar.calendar_template_meeting_reminder")
        cls.alarm = cls.env.ref("resource_booking_zoom.calendar_alarm_reminder")

    def create_template(self, body, **values):
        return self.env["mail.template"].create(
            {
                "name": "Of an administrator",
                "model_id": self.env.ref("calendar.model_calendar_attendee").id,
                "body_html": body,
                **values,
            }
        )

    def bodies(self, template):
        """The body in each language, as it is stored."""
        template.flush_recordset()
        self.env.cr.execute(
            "SELECT body_html FROM mail_template WHERE id = %s", [template.id]
        )
        return self.env.cr.fetchone()[0]

    def test_alarms_get_the_platforms_template_back(self):
        own = self.env["calendar.alarm"].create(
            {"name": "Mine", "duration": 5, "mail_template_id": self.ours.id}
        )
        uninstall_hook(self.env)
        self.assertEqual((self.alarm | own).mail_template_id, self.stock)

    def test_alarm_with_another_template_keeps_it(self):
        template = self.create_template("<p>Mine</p>")
        self.alarm.mail_template_id = template
        uninstall_hook(self.env)
        self.assertEqual(self.alarm.mail_template_id, template)

    def test_alarm_that_a_type_uses_is_left_to_it(self):
        self.env["resource.booking.type"].create(
            {
                "name": "Consultation",
                "resource_calendar_id": self.env.company.resource_calendar_id.id,
                "web_conference_tool": "zoom",
            }
        )
        uninstall_hook(self.env)
        self.assertFalse(self.alarm.get_external_id()[self.alarm.id])

    def test_alarm_that_nothing_uses_is_deleted_with_the_module(self):
        uninstall_hook(self.env)
        self.assertTrue(self.alarm.get_external_id()[self.alarm.id])

    def test_placeholder_is_taken_out_in_all_languages(self):
        # Given a template with the placeholder in two languages, and in one that
        # is not active any more
        template = self.create_template(f"<p>Hello</p>{PLACEHOLDER}<p>Bye</p>")
        template.with_context(
            lang="ja_JP"
        ).body_html = f"<p>こんにちは</p>{PLACEHOLDER}<p>では</p>"
        template.flush_recordset()
        self.env.cr.execute(
            """UPDATE mail_template
                  SET body_html = body_html || jsonb_build_object('fr_FR', %s::text)
                WHERE id = %s""",
            [f"<p>Bonjour &amp; salut</p>{PLACEHOLDER}", template.id],
        )
        template.invalidate_recordset()
        # When the module is uninstalled
        uninstall_hook(self.env)
        # Then it is nowhere, and all else is as it was
        self.assertEqual(
            self.bodies(template),
            {
                "en_US": "<p>Hello</p><p>Bye</p>",
                "ja_JP": "<p>こんにちは</p><p>では</p>",
                "fr_FR": "<p>Bonjour &amp; salut</p>",
            },
        )
        self.assertEqual(template.body_html, "<p>Hello</p><p>Bye</p>")

    def test_every_form_of_the_placeholder_is_taken_out(self):
        for placeholder in (
            '<t t-out="object.web_conference_info">sample</t>',
            "<t t-out='object.web_conference_info'></t>",
            '<div class="x" t-out="object.web_conference_info or \'\'"/>',
            '<div t-if="object.web_conference_info"><b>Join</b>'
            '<t t-out="object.web_conference_info"/></div>',
        ):
            with self.subTest(placeholder):
                template = self.create_template(f"<p>a</p>{placeholder}<p>b</p>")
                uninstall_hook(self.env)
                self.assertEqual(self.bodies(template)["en_US"], "<p>a</p><p>b</p>")

    def test_copies_of_our_templates_need_the_module_no_more(self):
        for name in ("reminder", "link", "changed"):
            with self.subTest(name):
                ours = self.env.ref(f"resource_booking_zoom.mail_template_{name}")
                template = ours.copy()
                uninstall_hook(self.env)
                for lang in ("en_US", "ja_JP"):
                    copy = template.with_context(lang=lang)
                    for text in (copy.subject, copy.body_html):
                        for word in ("conference", "own_time"):
                            self.assertNotIn(word, text)
                    self.assertIn("format_date", copy.body_html)

    def test_copies_of_mails_before_the_reminder_can_still_be_written(self):
        event = self.env["calendar.event"].create(
            {"name": "Lunch", "start": "2027-03-01", "stop": "2027-03-01"}
        )
        booking_type = self.env["resource.booking.type"].create(
            {
                "name": "Consultation",
                "resource_calendar_id": self.env.company.resource_calendar_id.id,
            }
        )
        booking = self.env["resource.booking"].create(
            {"type_id": booking_type.id, "partner_ids": [self.env.user.partner_id.id]}
        )
        copies = {
            name: self.env.ref(f"resource_booking_zoom.mail_template_{name}").copy()
            for name in ("confirmation", "choose_time", "shared")
        }
        words = ("_is_asked", "_get_answer_url", "_get_shared_")
        for word in words:
            self.assertIn(word, "".join(one.body_html for one in copies.values()))
        uninstall_hook(self.env)
        for name, record in (
            ("confirmation", event.attendee_ids[0]),
            ("choose_time", booking),
            ("shared", booking),
        ):
            for lang in ("en_US", "ja_JP"):
                with self.subTest(name, lang=lang):
                    template = copies[name].with_context(lang=lang)
                    for text in (template.subject, template.body_html):
                        for word in ("conference", "own_time", *words):
                            self.assertNotIn(word, text)
                    for field in ("subject", "body_html"):
                        self.assertTrue(template._render_field(field, record.ids))

    def test_archived_template_is_cleaned_too(self):
        template = self.create_template(PLACEHOLDER, active=False)
        uninstall_hook(self.env)
        self.assertNotIn("web_conference_info", self.bodies(template)["en_US"])

    def test_template_without_the_placeholder_is_not_touched(self):
        before = self.bodies(self.stock)
        uninstall_hook(self.env)
        self.assertEqual(self.bodies(self.stock), before)


class TestLinksStay(MailCase):
    """Bookings keep their links when the module goes."""

    def test_each_booking_keeps_what_was_decided_for_it(self):
        # Given a meeting of Zoom, a link by hand, and a booking without link
        url = "https://meet.example.com/room-7f3"
        booking, by_hand, without = (
            self.book(MONDAY + timedelta(minutes=minutes)) for minutes in (0, 30, 60)
        )
        self.sync_meetings()
        by_hand._choose_link("manual", url)
        without._choose_link("none")
        issued = booking.zoom_meeting_id.join_url
        # When the module goes
        uninstall_hook(self.env)
        # Then events and bookings say so
        bookings = booking | by_hand | without
        expected = [issued, url, False]
        self.assertEqual(bookings.mapped("videocall_location"), expected)
        self.assertEqual(bookings.meeting_id.mapped("videocall_location"), expected)
