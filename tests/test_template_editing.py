# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import timedelta

from lxml.html import fromstring

from odoo import Command
from odoo.tests import Form, new_test_user, tagged

from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, MailCase

BLOCK = "o_web_conference_info"
SAMPLE_ID = "000 0000 0000"
# As the editor writes it, and as it stands in the module's templates.
PLACEHOLDER = '<t t-out="object.web_conference_info"/>'
OWN_PLACEHOLDER = re.compile(r'<t t-out="object.web_conference_info[^>]*>[^<]*</t>')


class TestTemplateEditing(MailCase):
    """An administrator edits the mail that brings the link, and cannot lose it."""

    def setUp(self):
        super().setUp()
        self.reminder = self.env.ref("resource_booking_zoom.mail_template_reminder")
        self.stock = self.env.ref("calendar.calendar_template_meeting_reminder")

    def preview(self, template, attendee=None, **values):
        """The preview as the dialog makes it, of the given record or the proposed."""
        previews = self.env["mail.template.preview"].with_context(
            default_mail_template_id=template.id
        )
        with Form(previews) as form:
            if attendee:
                form.resource_ref = f"calendar.attendee,{attendee.id}"
            for name, value in values.items():
                setattr(form, name, value)
        self.assertFalse(form.record.error_msg)
        return form.record

    def blocks(self, body):
        return len(fromstring(str(body)).find_class(BLOCK))

    def text(self, body):
        return " ".join(fromstring(str(body)).text_content().split())

    def attendee_elsewhere(self):
        """Somebody of an event without web conference."""
        event = self.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": MONDAY,
                "stop": MONDAY + timedelta(hours=1),
                "partner_ids": [Command.set(self.partner.ids)],
            }
        )
        return event.attendee_ids

    def forget_reminders(self):
        """As if none had been sent."""
        self.env["booking.conference.mail"].search([]).unlink()

    def reminder_text(self):
        return self.text(self.mail_to(CUSTOMER, self.remind()).html)

    # === THE PREVIEW === #

    def test_preview_shows_a_sample_and_says_so(self):
        booking = self.ready_booking()
        own = [
            self.env.ref(f"resource_booking_zoom.mail_template_{name}")
            for name in ("link", "changed")
        ]
        for template in (self.reminder, self.reminder.copy(), *own):
            text = self.text(self.preview(template).body_html)
            self.assertIn("Sample values.", text)
            self.assertIn(SAMPLE_ID, text)
            self.assertIn("Zoom: how to join", text)
            self.assert_tells_nothing(text, booking)

    def test_preview_proposes_the_customer_of_the_latest_booking_with_a_link(self):
        self.attendee_elsewhere()
        self.book()
        booking = self.book(start=MONDAY + timedelta(hours=1))
        seen = self.preview(self.reminder).resource_ref
        self.assertEqual(seen.event_id, booking.meeting_id)
        self.assertEqual(seen.partner_id, self.partner)

    def test_preview_of_other_templates_is_left_to_the_platform(self):
        first = self.env["calendar.attendee"].search([], limit=1)
        first = first or self.attendee_elsewhere()
        self.ready_booking()
        preview = self.preview(self.stock)
        self.assertEqual(preview.resource_ref, first)
        self.assertFalse(self.blocks(preview.body_html))

    def test_preview_shows_no_link_although_it_is_known(self):
        booking = self.ready_booking()
        self.remind()
        preview = self.preview(self.reminder, booking.meeting_id.attendee_ids[0])
        self.assertIn(SAMPLE_ID, self.text(preview.body_html))
        self.assert_tells_nothing(preview.body_html, booking)

    def test_preview_before_there_is_any_booking_shows_the_sample(self):
        preview = self.preview(self.reminder, self.attendee_elsewhere())
        self.assertIn(SAMPLE_ID, self.text(preview.body_html))

    def test_preview_without_any_record_says_where_the_link_comes(self):
        self.env["calendar.event"].search([]).unlink()
        preview = self.preview(self.reminder)
        self.assertTrue(preview.no_record)
        self.assertIn("[How to join: URL", self.text(preview.body_html))

    def test_preview_of_another_tool_shows_nothing_of_zoom(self):
        self.use_other_tool("https://teams.example.com/room")
        self.book()
        body = self.preview(self.reminder).body_html
        self.assertIn("Web conference: how to join", self.text(body))
        for word in ("zoom.us", "Meeting ID", "Passcode", "teams.example.com"):
            self.assertNotIn(word, body)

    def test_preview_is_in_the_chosen_language(self):
        self.ready_booking()
        for body in (self.reminder.body_html, "<p>See you soon</p>"):
            self.reminder.body_html = body
            text = self.text(self.preview(self.reminder, lang="ja_JP").body_html)
            self.assertIn("ミーティングID", text)
            self.assertIn("これは見本です", text)
            self.assertNotIn("Meeting ID", text)

    def test_preview_appends_what_will_be_appended(self):
        self.ready_booking()
        copy = self.reminder.copy()
        self.use_template(copy)
        for template in (self.reminder, copy):
            template.body_html = "<p>See you soon</p>"
            self.assertEqual(self.blocks(self.preview(template).body_html), 1)
        self.use_template(self.stock)
        preview = self.preview(self.stock)
        self.assertEqual(self.blocks(preview.body_html), 1)
        self.assertIn(SAMPLE_ID, preview.body_html)

    def test_preview_of_an_administrator_without_bookings(self):
        self.ready_booking()
        admin = new_test_user(self.env, "only_admin", groups="base.group_system")
        previews = self.env["mail.template.preview"].with_user(admin)
        preview = previews.create({"mail_template_id": self.reminder.id})
        preview.resource_ref = self.attendee_elsewhere()
        self.assertFalse(preview.error_msg)
        self.assertIn(SAMPLE_ID, preview.body_html)

    def test_administrator_who_may_not_read_bookings_previews_all_our_templates(self):
        attendee = self.ready_booking().meeting_id.attendee_ids[0]
        admin = new_test_user(self.env, "only_admin", groups="base.group_system")
        previews = self.env["mail.template.preview"].with_user(admin)
        for name in ("reminder", "link", "changed"):
            template = self.env.ref(f"resource_booking_zoom.mail_template_{name}")
            preview = previews.create({"mail_template_id": template.id})
            self.env.flush_all()
            self.env.invalidate_all()
            preview.resource_ref = attendee
            self.assertFalse(preview.error_msg)
            self.assertIn(SAMPLE_ID, preview.body_html)
        self.assertIn("Zoom information has changed", preview.subject)

    # === THE MAIL === #

    def test_placeholder_that_is_moved_is_not_appended_as_well(self):
        self.ready_booking()
        for template in (self.reminder, self.reminder.copy(), self.stock):
            body = OWN_PLACEHOLDER.sub("", str(template.body_html))
            self.assertNotIn("web_conference_info", body)
            template.body_html = f"<p>First</p>{PLACEHOLDER}<p>Then</p>{body}"
            self.use_template(template)
            self.forget_reminders()
            mail = self.mail_to(CUSTOMER, self.remind())
            self.assertEqual(self.blocks(mail.html), 1)
            self.assertRegex(self.text(mail.html), "First Zoom: how to join .* Then")

    def test_placeholder_that_is_deleted_is_made_up_for(self):
        booking = self.ready_booking()
        for template in (self.reminder, self.reminder.copy()):
            template.body_html = "<p>See you soon</p>"
            self.use_template(template)
            self.forget_reminders()
            text = self.reminder_text()
            self.assertIn("See you soon Zoom: how to join", text)
            self.assertIn(booking.zoom_meeting_id.join_url, text)

    def test_text_at_the_placeholder_is_in_no_mail(self):
        self.ready_booking()
        self.assertNotIn("[How to join", self.reminder_text())
        # And in none where nothing is to be said, as of an event without tool
        attendee = self.attendee_elsewhere()
        body = self.reminder._render_field("body_html", attendee.ids)[attendee.id]
        self.assertIn("reminder of your upcoming booking", body)
        self.assertNotIn("How to join", body)

    def test_japanese_translation_keeps_the_placeholder(self):
        # Given the translation that is delivered, and one of an administrator
        self.partner.lang = "ja_JP"
        booking = self.ready_booking()
        text = self.reminder_text()
        self.assertIn("ミーティングID", text)
        self.forget_reminders()
        self.reminder.with_context(
            lang="ja_JP"
        ).body_html = f"<p>はじめに</p>{PLACEHOLDER}<p>おわりに</p>"
        # When Japanese is sent
        text = self.reminder_text()
        # Then the link is where the translation has it, in Japanese
        url = booking.zoom_meeting_id.join_url
        places = [text.index(word) for word in ("はじめに", url, "おわりに")]
        self.assertEqual(places, sorted(places))
        # And English is as it was
        self.assertNotIn("はじめに", self.reminder.with_context(lang="en_US").body_html)

    def test_translation_without_placeholder_gets_the_block_in_its_language(self):
        self.partner.lang = "ja_JP"
        self.ready_booking()
        self.reminder.with_context(lang="ja_JP").body_html = "<p>お待ちしております</p>"
        mails = self.remind()
        japanese = self.mail_to(CUSTOMER, mails)
        self.assertEqual(self.blocks(japanese.html), 1)
        self.assertIn("ミーティングID", self.text(japanese.html))
        english = self.mail_to("staff@example.com", mails)
        self.assertEqual(self.blocks(english.html), 1)
        self.assertIn("Meeting ID", self.text(english.html))

    def test_broken_template_falls_back_before_the_start(self):
        booking = self.ready_booking()
        self.env.cr.execute(
            """UPDATE mail_template
                  SET body_html = jsonb_build_object('en_US', %s::text) WHERE id = %s""",
            ('<p t-out="object.no_such_field"/>', self.reminder.copy().id),
        )
        broken = self.env["mail.template"].search([], order="id desc", limit=1)
        broken.invalidate_recordset()
        self.use_template(broken)
        with self.assertLogs("odoo.addons", "ERROR"):
            self.assertFalse(self.without_notices(self.remind()))
        with self.assertLogs("odoo.addons", "ERROR"):
            mails = self.remind(MONDAY - timedelta(minutes=10))
        self.assert_says_how_to_join(self.mail_to(CUSTOMER, mails).text, booking)

    # === A REMINDER THAT WAS REMOVED === #

    def lacking(self):
        types = self.env["resource.booking.type"]
        found = types.search([("lacks_reminder", "=", True)])
        others = types.search([("lacks_reminder", "=", False)])
        self.assertFalse(found & others)
        self.assertEqual(found | others, types.search([]))
        self.assertEqual(found, (found | others).filtered("lacks_reminder"))
        return found & self.rbt

    def test_type_whose_reminder_was_removed_is_found(self):
        self.assertFalse(self.lacking())
        self.rbt.alarm_ids = False
        self.assertTrue(self.lacking())
        self.assertIn("no e-mail reminder", self.rbt.conference_warning)
        self.rbt.alarm_ids = self.create_alarm(60, kind="notification")
        self.assertTrue(self.lacking())
        self.rbt.web_conference_tool = "none"
        self.assertFalse(self.lacking())

    def test_type_whose_reminder_was_deleted_or_changed_is_found(self):
        self.use_alarms(self.create_alarm(60))
        self.assertFalse(self.lacking())
        self.rbt.alarm_ids.alarm_type = "notification"
        self.assertTrue(self.lacking())
        self.use_alarms(self.create_alarm(60))
        self.rbt.alarm_ids.unlink()
        self.assertTrue(self.lacking())

    def test_type_that_tells_the_link_once_issued_is_not_said_to_tell_it_never(self):
        self.rbt.write({"alarm_ids": False, "link_disclosure": "issued"})
        self.assertTrue(self.lacking())
        self.assertIn("only once", self.rbt.conference_warning)
        self.assertNotIn("never", self.rbt.conference_warning)

    def test_list_and_search_point_it_out(self):
        types = self.env["resource.booking.type"]
        self.assertIn("lacks_reminder", types.get_view(view_type="search")["arch"])
        self.assertIn("conference_warning", types.get_view(view_type="list")["arch"])

    def test_account_names_the_types(self):
        self.assertNotIn(self.rbt.name, self.account.step_messages["reminder"])
        self.rbt.alarm_ids = False
        self.account.invalidate_recordset()
        self.assertIn(self.rbt.name, self.account.step_messages["reminder"])
        foreign = self.env["res.company"].create({"name": "Other company"})
        self.rbt.company_id = foreign
        self.account.invalidate_recordset()
        self.assertNotIn(self.rbt.name, self.account.step_messages["reminder"])

    def test_account_names_them_to_an_administrator_without_bookings(self):
        self.rbt.alarm_ids = False
        admin = new_test_user(self.env, "only_admin", groups="base.group_system")
        account = self.account.with_user(admin)
        self.assertIn(self.rbt.name, account.step_messages["reminder"])


@tagged("post_install", "-at_install")
class TestTemplateEditor(HttpBookingCase):
    """The editor and the preview of the web client."""

    def test_tour_placeholder_is_in_the_field_list(self):
        template = self.env.ref("resource_booking_zoom.mail_template_reminder").copy(
            {"name": "Tour reminder", "body_html": "<p>See you soon</p>"}
        )
        self.rbt.alarm_ids.mail_template_id = template
        self.book()
        action = self.env.ref("mail.action_email_template_tree_all")
        self.start_tour(
            f"/odoo/action-{action.id}/{template.id}",
            "test_tour_template",
            login="admin",
        )
        template.invalidate_recordset()
        self.assertIn('t-out="object.web_conference_info"', template.body_html)
