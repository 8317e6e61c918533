# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from ast import literal_eval
from datetime import timedelta

from lxml.html import fromstring

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from .common import MONDAY, TUESDAY
from .mail_common import CUSTOMER, MailCase

SAMPLE_ID = "000 0000 0000"
EDITORS = "mail.group_mail_template_editor"


class MenuCase(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_manager()
        cls.reception = cls.create_staff("reception")
        cls.reminder = cls.env.ref("resource_booking_zoom.mail_template_reminder")
        cls.alarm = cls.rbt.alarm_ids

    def own_templates(self):
        return self.env["mail.template"].search([("is_own_mail", "=", True)])


class TestReminderTimes(MenuCase):
    """Managers say when customers are reminded, and for which types."""

    def reminders(self):
        return self.env["calendar.alarm"].with_user(self.manager)

    def test_reminder_shows_its_types(self):
        self.assertEqual(self.alarm.with_user(self.manager).booking_type_ids, self.rbt)

    def test_new_reminder_uses_our_mail_and_reaches_bookings_to_come(self):
        booking = self.ready_booking()
        action = self.env.ref("resource_booking_zoom.calendar_alarm_action")
        with Form(
            self.reminders().with_context(**literal_eval(action.context)),
            "resource_booking_zoom.calendar_alarm_view_form",
        ) as form:
            self.assertEqual(form.mail_template_id, self.reminder)
            form.duration = 3
            form.booking_type_ids.add(self.rbt)
        self.assertEqual(self.rbt.alarm_ids, self.alarm | form.record.sudo())
        self.assertEqual(booking.meeting_id.alarm_ids, self.rbt.alarm_ids)
        mails = self.remind(MONDAY - timedelta(hours=3))
        self.assert_says_how_to_join(self.mail_to(CUSTOMER, mails).text, booking)

    def test_type_that_is_taken_off_is_reminded_no_more(self):
        booking = self.ready_booking()
        self.alarm.with_user(self.manager).booking_type_ids = False
        self.assertFalse(self.rbt.alarm_ids)
        self.assertFalse(booking.meeting_id.alarm_ids)

    def test_types_of_other_companies_stay(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        theirs = self.rbt.copy({"company_id": branch.id, "combination_rel_ids": False})
        theirs.alarm_ids = self.alarm
        mine = self.alarm.with_user(self.manager)
        self.assertEqual(mine.booking_type_ids, self.rbt)
        mine.booking_type_ids = False
        self.assertEqual(theirs.alarm_ids, self.alarm)

    def test_changed_time_wakes_the_reminders(self):
        self.ready_booking()
        self.forget_wake_ups()
        self.alarm.with_user(self.manager).duration = 4
        self.assertIn(MONDAY - timedelta(hours=4), self.wake_ups())

    def test_types_of_many_reminders_are_read_together(self):
        alarms = self.env["calendar.alarm"].with_user(self.manager).search([])
        self.assertGreater(len(alarms), 5)
        alarms.mapped("booking_type_ids.name")
        self.env.invalidate_all()
        with self.assertQueryCount(6):
            alarms.mapped("booking_type_ids")


class TestMailTexts(MenuCase):
    """Managers edit what mails say, and nothing else about them."""

    def setUp(self):
        super().setUp()
        # As Odoo is installed
        self.assertFalse(self.manager.has_group(EDITORS))

    def texts(self, user=None):
        return self.reminder.with_user(user or self.manager)

    def test_menu_lists_our_mails_and_those_of_the_reminders(self):
        other = self.create_template("<p>See you</p>")
        unused = self.create_template("<p>Never</p>")
        self.rbt.alarm_ids += self.create_alarm(60, template=other)
        found = self.env["mail.template"].search([("is_booking_mail", "=", True)])
        self.assertIn(self.reminder, found)
        self.assertIn(other, found)
        self.assertNotIn(unused, found)
        self.assertEqual(found, found.filtered("is_booking_mail"))
        self.assertEqual(len(self.own_templates()), 14)

    def test_every_mail_can_be_saved_and_previewed(self):
        booking = self.ready_booking()
        booking._note_for_staff("declined")
        for template in self.own_templates().with_user(self.manager):
            with self.subTest(template=template.name):
                template.write({"subject": f"{template.subject}!"})
                previews = self.env["mail.template.preview"].with_user(self.manager)
                preview = previews.create({"mail_template_id": template.id})
                self.assertFalse(preview.error_msg)
                self.assertTrue(preview.subject)

    def test_manager_edits_the_text_although_code_is_restricted(self):
        booking = self.ready_booking()
        body = str(self.reminder.body_html)
        texts = self.texts()
        texts.write(
            {
                "subject": f"Soon! {texts.subject}",
                "body_html": body.replace("upcoming booking", "visit to come"),
            }
        )
        mail = self.mail_to(CUSTOMER, self.remind())
        self.assertIn("Soon! Reminder", mail.subject)
        self.assertIn("visit to come", mail.text)
        self.assert_says_how_to_join(mail.text, booking)

    def test_placeholder_can_be_taken_out_and_put_back(self):
        self.texts().body_html = "<p>See you</p>"
        self.texts().body_html = (
            '<p>See you</p><t t-out="object.web_conference_info"/><p>Bye</p>'
        )
        self.assertIn("web_conference_info", self.reminder.body_html)

    def test_manager_edits_a_translation(self):
        body = str(self.reminder.body_html)
        self.texts().update_field_translations(
            "body_html", {"ja_JP": body.replace("Dear", "こんにちは、")}
        )
        self.assertIn(
            "こんにちは、", self.reminder.with_context(lang="ja_JP").body_html
        )
        self.assertNotIn("こんにちは、", self.reminder.body_html)

    def test_no_code_is_added(self):
        body = str(self.reminder.body_html)
        for values in (
            {"body_html": body + '<t t-out="object.event_id.sudo().access_token"/>'},
            {"body_html": body + '<p t-if="user.id">x</p>'},
            {
                "body_html": body
                + """<a t-attf-href="/x?{{ object.env.cr.dbname }}"/>"""
            },
            {"subject": "{{ object.sudo().partner_id.signup_token }}"},
            {"subject": "{{ object.sudo().id }}", "body_html": "<p>See you</p>"},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.texts().write(values)
        with self.assertRaises(AccessError):
            self.texts().update_field_translations(
                "body_html", {"ja_JP": '<t t-out="object.env.user.login"/>'}
            )

    def test_who_gets_the_mail_is_not_for_managers(self):
        for values in (
            {"email_cc": "spy@example.com"},
            {"partner_to": "1"},
            {"reply_to": "spy@example.com"},
            {"email_from": "boss@example.com"},
            {"attachment_ids": [Command.clear()]},
            {"subject": "Hello", "user_id": self.manager.id},
            {"active": False},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.texts().write(values)
        with self.assertRaises(AccessError):
            self.texts().unlink()

    def test_editors_of_templates_may_as_before(self):
        self.manager.group_ids += self.env.ref(EDITORS)
        self.texts().write({"email_cc": "boss@example.com", "subject": "{{ 1 + 1 }}"})
        self.assertEqual(self.reminder.email_cc, "boss@example.com")

    def test_original_text_comes_back(self):
        original = str(self.reminder.body_html)
        japanese = str(self.reminder.with_context(lang="ja_JP").body_html)
        self.texts().write({"subject": "Hi", "body_html": "<p>See you</p>"})
        self.texts().with_context(lang="ja_JP").body_html = "<p>はい</p>"
        with self.assertRaises(AccessError):
            self.texts(self.reception).action_reset_text()
        self.texts().action_reset_text()
        self.assertEqual(str(self.reminder.body_html), original)
        self.assertEqual(
            str(self.reminder.with_context(lang="ja_JP").body_html), japanese
        )
        with self.assertRaises(UserError):
            self.create_template("<p>Hi</p>").action_reset_text()

    def test_other_templates_stay_as_they_are(self):
        stock = self.env.ref("calendar.calendar_template_meeting_reminder")
        self.rbt.alarm_ids.mail_template_id = stock
        with self.assertRaises(AccessError):
            stock.with_user(self.manager).subject = "Hello"
        own = self.env["mail.template"].with_user(self.manager).create({"name": "Own"})
        own.subject = "Hello"

    def test_booking_users_edit_nothing(self):
        with self.assertRaises(AccessError):
            self.texts(self.reception).subject = "Hello"

    def test_code_of_a_forged_context_is_not_admitted(self):
        with self.assertRaises(AccessError):
            self.texts().with_context(web_conference_known_code={"x": 1}).write(
                {"body_html": '<p t-if="user.id">x</p>'}
            )


class TestTypePreview(MenuCase):
    """The type shows its reminder with its next booking."""

    def preview(self, user, booking_type=None, **context):
        action = (booking_type or self.rbt).with_user(user).action_preview_mail()
        previews = self.env[action["res_model"]].with_user(user)
        self.env.flush_all()
        self.env.invalidate_all()
        with Form(
            previews.with_context(**action["context"], **context),
            "resource_booking_zoom.mail_template_preview_view_form",
        ) as form:
            pass
        self.assertFalse(form.record.error_msg)
        return form.record

    def text(self, preview):
        return " ".join(fromstring(str(preview.mail_html)).text_content().split())

    def test_edit_opens_the_mail_of_the_reminder(self):
        action = self.rbt.with_user(self.manager).action_edit_mail()
        self.assertEqual(action["res_id"], self.reminder.id)
        other = self.create_template("<p>See you</p>")
        self.rbt.alarm_ids += self.create_alarm(600, template=other)
        action = self.rbt.with_user(self.manager).action_edit_mail()
        self.assertFalse(action.get("res_id"))
        self.assertEqual(action["domain"], [("id", "in", [other.id, self.reminder.id])])

    def test_type_without_reminder_has_no_mail(self):
        self.rbt.alarm_ids = False
        for method in ("action_edit_mail", "action_preview_mail"):
            with self.assertRaises(UserError):
                getattr(self.rbt.with_user(self.manager), method)()

    def test_preview_is_the_mail_that_goes_out(self):
        self.book(start=TUESDAY)
        booking = self.ready_booking()
        preview = self.preview(self.manager)
        self.assertEqual(preview.booking_id, booking)
        self.assertEqual(preview.partner_ids, self.partner)
        text = self.text(preview)
        self.assert_says_how_to_join(text, booking)
        self.assertNotIn("Sample values", text)
        self.assertIn(self.env.company.name, text)
        mail = self.mail_to(CUSTOMER, self.remind())
        self.assertEqual(preview.subject, mail.subject)
        sent = " ".join(fromstring(mail.html).body.text_content().split())
        self.assertEqual(text, sent)

    def test_preview_is_in_the_customers_language(self):
        self.partner.lang = "ja_JP"
        self.ready_booking()
        self.assertIn("ミーティングID", self.text(self.preview(self.manager)))

    def test_without_a_link_yet_the_sample_is_shown(self):
        self.book()
        text = self.text(self.preview(self.manager))
        self.assertIn(SAMPLE_ID, text)
        self.assertIn("Sample values", text)
        self.assertIn("Secret Customer", text)

    def test_without_any_booking_the_text_is_shown(self):
        preview = self.preview(self.manager)
        self.assertFalse(preview.booking_id)
        self.assertIn("[How to join: URL", self.text(preview))

    def test_booking_that_is_over_is_better_than_none(self):
        booking = self.ready_booking()
        self.move_to(MONDAY + timedelta(days=3))
        self.assertEqual(self.preview(self.manager).booking_id, booking)

    def test_booking_users_see_their_own_bookings_only(self):
        booking = self.ready_booking()
        preview = self.preview(self.reception)
        self.assertFalse(preview.booking_id)
        self.assert_tells_nothing(self.text(preview), booking)
        booking.message_subscribe(self.reception.partner_id.ids)
        self.assert_says_how_to_join(self.text(self.preview(self.reception)), booking)

    def test_others_see_no_link(self):
        booking = self.ready_booking()
        attendee = booking.meeting_id.attendee_ids[0]
        for name, groups in (
            ("plain", "base.group_user"),
            ("admin", "base.group_user,base.group_system"),
        ):
            user = new_test_user(self.env, f"only_{name}", groups)
            previews = self.env["mail.template.preview"].with_user(user)
            self.env.flush_all()
            self.env.invalidate_all()
            preview = previews.create(
                {
                    "mail_template_id": self.reminder.id,
                    "booking_type_id": self.rbt.id,
                    "resource_ref": f"calendar.attendee,{attendee.id}",
                }
            )
            for field in ("body_html", "mail_html"):
                self.assert_tells_nothing(str(preview[field]), booking)

    def test_forged_context_reveals_nothing_in_mails(self):
        booking = self.ready_booking()
        attendee = booking.meeting_id.attendee_ids[0].with_user(self.manager)
        info = attendee.with_context(
            web_conference_preview=True, template_preview_lang="en_US"
        ).web_conference_info
        self.assertIn(SAMPLE_ID, info)
