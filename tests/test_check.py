# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.checks import compare_addresses, why_stopped
from .common import CREATE, DELETE, NOW, READ, HttpBookingCase
from .mail_common import MailMixin
from .webhook_common import WebhookCase
from .zoom_simulator.limits import HOST_MESSAGE, SECOND_MESSAGE

ADDRESS = "https://odoo.example.com"
CHECK_LOGGER = "odoo.addons.resource_booking_zoom.wizards.booking_zoom_check"
# The Zoom user that the page proposes for the trial meeting.
PROPOSED = object()
NAMES = [
    "Connection",
    "Scopes",
    "Zoom users",
    "Trial meeting",
    "Odoo's address",
    "Outgoing mail",
    "Scheduled actions",
    "Events from Zoom",
]


class CheckMixin:
    """An administrator who presses "Check" in a browser."""

    def set_up_check(self):
        self.env["ir.config_parameter"].set_param("web.base.url", ADDRESS)
        self.env.company.email = "office@example.com"
        for name in ("sync_meetings", "send_reminders", "sync_users"):
            self.env.ref(f"resource_booking_zoom.ir_cron_{name}").nextcall = NOW
        self.env.ref("mail.ir_cron_mail_scheduler_action").nextcall = NOW
        self.admin = new_test_user(
            self.env,
            "zoom-admin",
            "base.group_system",
            name="Anna Admin",
            email="anna@example.com",
            tz="Asia/Tokyo",
        )
        self.authenticate("zoom-admin", "zoom-admin")

    def check(self, host=PROPOSED, origin=ADDRESS):
        """
        :param host: the booking.zoom.user of the trial meeting, or None
        :return dict: name of each trial -> its line
        """
        headers = {"Origin": origin}
        action = self.press_button(self.account, "action_check", headers)
        check = self.env[action["res_model"]].browse(action["res_id"])
        self.assertFalse(check.line_ids)
        if host is not PROPOSED:
            check.zoom_user_id = host
        again = self.press_button(check, "action_check", headers)
        self.assertEqual(again["res_id"], check.id)
        self.assertEqual(check.line_ids.mapped("name"), NAMES)
        return {line.name: line for line in check.line_ids}

    def assert_line(self, line, state, *texts):
        self.assertEqual(line.state, state, line.message)
        for text in texts:
            self.assertIn(text, line.message)


@tagged("post_install", "-at_install")
class TestCheck(CheckMixin, MailMixin, HttpBookingCase):
    """Everything that bookings with Zoom need is really tried."""

    def setUp(self):
        super().setUp()
        self.set_up_check()
        # Zoom does not roll back: an earlier test may have ended this token.
        self.account._get_client(rejected=self.account.access_token)
        self.zoom.requests.clear()

    def used(self):
        self.env.invalidate_all()
        return self.host.request_count_today

    # === ALL IS WELL === #

    def test_everything_is_tried_and_fine(self):
        lines = self.check()
        self.assertEqual({line.state for line in lines.values()}, {"ok"})
        # A new token was asked for, and the users were listed
        self.assertEqual(len(self.requests("POST", "/oauth/token")), 1)
        self.assertTrue(self.requests("GET", "/users$"))
        # One meeting of the proposed host was created, read and deleted
        self.assertEqual(len(self.requests("POST", "/meetings")), 1)
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)
        self.assertEqual(len(self.requests("DELETE", "/meetings/")), 1)
        self.assertFalse(self.live_meetings())
        # And it is counted
        self.assertEqual(self.used(), 1)
        self.assert_line(lines["Trial meeting"], "ok", self.host.name, "one request")

    def test_reminder_is_sent_to_the_administrator(self):
        booking = self.book()
        self.sync_meetings()
        self.deliver_mails()
        events = self.env["calendar.event"].search_count([])
        lines = self.check(None)
        (mail,) = self.smtp.mails
        self.assertEqual(mail.recipients, ("anna@example.com",))
        self.assertIn("Reminder: your booking on", mail.subject)
        self.assertIn("Dear Anna Admin", mail.html)
        self.assertIn(self.rbt.name, mail.html)
        self.assertIn("Sample values", mail.html)
        self.assert_line(lines["Outgoing mail"], "ok", "anna@example.com")
        # Nothing of a real booking, and nothing is left behind
        self.assertNotIn(booking.zoom_meeting_id.join_url, mail.everything)
        self.assertNotIn("Secret Customer", mail.everything)
        self.assertEqual(self.env["calendar.event"].search_count([]), events)
        self.assertFalse(self.env["mail.mail"].search([]))

    def test_reminder_is_in_the_language_of_the_administrator(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("resource_booking_zoom.mail_template_reminder")
        template.with_context(lang="fr_FR").subject = "Rappel de votre rendez-vous"
        self.admin.lang = "fr_FR"
        result = self.account.with_user(self.admin)
        self.press_button(result, "action_send_sample")
        (mail,) = self.smtp.mails
        self.assertEqual(mail.subject, "Rappel de votre rendez-vous")

    def test_sample_from_the_page(self):
        action = self.press_button(self.account, "action_send_sample")
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(len(self.smtp.mails), 1)
        self.assertFalse(self.counted_requests())

    # === CONNECTION === #

    def test_secret_that_zoom_no_longer_accepts(self):
        app = self.zoom.state.apps[self.account.client_id]
        self.addCleanup(setattr, app, "client_secret", app.client_secret)
        app.client_secret = "another one"
        lines = self.check()
        self.assert_line(lines["Connection"], "problem", "client secret")
        for name in ("Scopes", "Zoom users", "Trial meeting"):
            self.assert_line(lines[name], "skipped")
        self.assertEqual(lines["Odoo's address"].state, "ok")
        self.assertFalse(self.used())
        said = "".join(line.message for line in lines.values())
        self.assertNotIn(self.account.client_secret, said)

    def test_account_that_is_not_connected(self):
        self.account.action_disconnect()
        lines = self.check()
        self.assert_line(lines["Connection"], "problem", "Connect")
        self.assertEqual(lines["Trial meeting"].state, "skipped")

    def test_scopes_that_were_taken_away(self):
        app = self.zoom.state.apps[self.account.client_id]
        self.addCleanup(setattr, app, "scopes", app.scopes)
        app.scopes = ("user:read:admin", "meeting:read:admin")
        lines = self.check()
        self.assert_line(lines["Scopes"], "problem", "meeting:write:meeting:admin")
        self.assertEqual(lines["Zoom users"].state, "ok")
        self.assert_line(lines["Trial meeting"], "problem", "scopes")

    def test_users_that_zoom_does_not_list(self):
        self.zoom.fail(method="GET", path="/users$", times=None)
        self.assert_line(self.check(None)["Zoom users"], "problem", "reached")

    # === TRIAL MEETING === #

    def test_no_host_is_chosen(self):
        lines = self.check(None)
        self.assert_line(lines["Trial meeting"], "skipped", "Choose a Zoom user")
        self.assertFalse(self.counted_requests())

    def test_host_without_requests_is_left_alone(self):
        self.env["booking.zoom.request.count"].create(
            {
                "zoom_user_id": self.host.id,
                "date": NOW.date(),
                "create_count": 90,
                "total": 90,
            }
        )
        # The last ten are for bookings
        lines = self.check(self.host)
        self.assert_line(lines["Trial meeting"], "problem", self.host.name)
        self.assertFalse(self.counted_requests())
        self.assertEqual(self.used(), 90)

    def test_host_at_its_limit_is_paused(self):
        self.zoom.refuse(429, 429, HOST_MESSAGE.format(limit=100), **CREATE)
        lines = self.check(self.host)
        self.assert_line(lines["Trial meeting"], "problem", "100 Zoom requests")
        self.env.invalidate_all()
        self.assertTrue(self.host.limit_reached)

    def test_request_that_zoom_did_not_count_is_given_back(self):
        self.zoom.refuse(429, 429, SECOND_MESSAGE, **CREATE, times=None)
        lines = self.check(self.host)
        self.assertEqual(lines["Trial meeting"].state, "problem")
        self.assertEqual(self.used(), 0)

    def test_meeting_is_deleted_even_if_it_cannot_be_read(self):
        self.zoom.fail(**READ, times=None)
        lines = self.check(self.host)
        self.assertEqual(lines["Trial meeting"].state, "problem")
        self.assertFalse(self.live_meetings())
        self.assertEqual(self.used(), 1)

    def test_meeting_that_cannot_be_deleted_is_deleted_later(self):
        self.zoom.fail(**DELETE, times=None)
        lines = self.check(self.host)
        (meeting,) = self.live_meetings()
        self.assert_line(lines["Trial meeting"], "problem", "tries again")
        self.assertIn(str(meeting.id), lines["Trial meeting"].message.replace(" ", ""))
        self.zoom.faults.clear()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_lost_answer_leaves_no_meeting(self):
        self.zoom.fail(**CREATE, kind="drop_after")
        lines = self.check(self.host)
        self.assert_line(lines["Trial meeting"], "problem", "Odoo deletes it")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        self.assertEqual(self.used(), 1)

    def test_worker_that_dies_leaves_no_meeting(self):
        # Given a worker that dies when Zoom has created the trial meeting
        client = "odoo.addons.resource_booking_zoom.tools.zoom_client.ZoomClient"
        with (
            patch(f"{client}.get_meeting", side_effect=SystemExit),
            # not assertRaises, which would roll back what was committed
            suppress(SystemExit),
        ):
            check = self.env["booking.zoom.check"].create(
                {"account_id": self.account.id, "zoom_user_id": self.host.id}
            )
            check._check_meeting()
        self.assertEqual(len(self.live_meetings()), 1)
        # When the scheduled action runs after a while
        self.move_to(NOW + timedelta(minutes=6))
        self.sync_meetings()
        # Then it is deleted
        self.assertFalse(self.live_meetings())

    def test_nothing_is_left_of_a_trial(self):
        before = self.env["booking.zoom.meeting"].search([])
        self.check(self.host)
        self.assertEqual(self.env["booking.zoom.meeting"].search([]), before)

    # === ODOO === #

    def test_address_without_https(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "http://odoo.example")
        lines = self.check(None, "http://odoo.example")
        self.assert_line(lines["Odoo's address"], "problem", "http://odoo.example")

    def test_browser_that_uses_another_address(self):
        lines = self.check(None, "https://booking.example.com")
        self.assert_line(
            lines["Odoo's address"], "warning", ADDRESS, "https://booking.example.com"
        )

    def test_mail_server_that_is_down(self):
        self.env["ir.mail_server"].search([]).smtp_port = 1
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            lines = self.check(None)
        self.assert_line(lines["Outgoing mail"], "problem", "outgoing mail server")

    def test_template_with_a_mistake(self):
        template = self.env.ref("resource_booking_zoom.mail_template_reminder")
        template.body_html = '<p t-out="object.no_such_field"/>'
        with mute_logger(CHECK_LOGGER, "odoo.addons.mail.models.mail_render_mixin"):
            lines = self.check(None)
        self.assert_line(lines["Outgoing mail"], "problem", "no_such_field")
        self.assertFalse(self.smtp.mails)

    def test_administrator_without_address(self):
        self.admin.email = False
        self.assert_line(self.check(None)["Outgoing mail"], "problem", "Your user")

    def test_company_without_address(self):
        self.env.company.email = False
        lines = self.check(None)
        self.assert_line(lines["Outgoing mail"], "warning", self.env.company.name)

    def test_scheduled_action_that_is_switched_off(self):
        self.env.ref("mail.ir_cron_mail_scheduler_action").active = False
        self.assert_line(
            self.check(None)["Scheduled actions"], "problem", "Switched off", "Mail"
        )

    def test_scheduled_action_that_has_not_run_for_long(self):
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        cron.nextcall = NOW - timedelta(hours=2)
        self.assert_line(
            self.check(None)["Scheduled actions"], "problem", cron.name, "not run"
        )

    def test_scheduled_action_that_fails(self):
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        cron.first_failure_date = NOW - timedelta(hours=2)
        self.assert_line(
            self.check(None)["Scheduled actions"], "problem", "Fail", cron.name
        )

    # === RIGHTS === #

    def test_managers_and_other_companies_cannot_check(self):
        manager = self.create_manager()
        branch = self.env["res.company"].create({"name": "Branch"})
        other = new_test_user(
            self.env,
            "other",
            "base.group_system",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        for user in (manager, other):
            with self.assertRaises(AccessError):
                self.account.with_user(user).action_check()
            with self.assertRaises(AccessError):
                self.account.with_user(user).action_send_sample()


@tagged("post_install", "-at_install")
class TestCheckEvents(CheckMixin, WebhookCase):
    """When the last event came is noted and said."""

    def setUp(self):
        super().setUp()
        self.set_up_check()

    def line(self):
        return self.check(None)["Events from Zoom"]

    def test_not_set_up(self):
        self.account.webhook_secret = False
        self.assert_line(self.line(), "ok", "Not set up")

    def test_none_has_come(self):
        self.assert_line(self.line(), "warning", "None has come")

    def test_validation_is_noted(self):
        self.assertTrue(self.validates())
        # The clock ticks.
        age = self.account.last_event_at - NOW.replace(microsecond=0)
        self.assertLess(abs(age), timedelta(minutes=1))
        self.assert_line(self.line(), "ok", "The last one came on")

    def test_event_of_a_stranger_is_not_noted(self):
        self.assertFalse(self.validates("nobody's"))
        self.assertFalse(self.account.last_event_at)

    def test_last_one_is_kept_and_gets_old(self):
        self.validates()
        self.move_to(NOW + timedelta(seconds=30))
        self.validates()
        self.assertLess(self.account.last_event_at, NOW + timedelta(seconds=30))
        self.move_to(NOW + timedelta(minutes=2))
        self.validates()
        self.assertGreaterEqual(self.account.last_event_at, NOW + timedelta(minutes=2))
        self.move_to(NOW + timedelta(days=40))
        for cron in self.env["ir.cron"].search([]):
            cron.nextcall = NOW + timedelta(days=40)
        self.assert_line(self.line(), "warning", "subscription")


@tagged("post_install", "-at_install")
class TestCheckRules(BaseCase):
    """What can be told from a few values."""

    def test_addresses(self):
        for configured, browsed, wrong in (
            ("https://a.example", "https://a.example", ""),
            ("https://a.example/", "https://A.example:443", ""),
            ("https://a.example", "", ""),
            ("https://a.example", "https://b.example", "differs"),
            ("https://a.example", "http://a.example", "differs"),
            ("https://a.example:8443", "https://a.example", "differs"),
            ("http://a.example", "http://a.example", "http"),
            ("http://localhost:8069", "https://a.example", "loopback"),
        ):
            with self.subTest(configured=configured, browsed=browsed):
                self.assertEqual(compare_addresses(configured, browsed), wrong)

    def test_actions(self):
        now = datetime(2027, 1, 1, 12)

        def minutes_ago(minutes):
            return now - timedelta(minutes=minutes)

        for active, nextcall, failed, why in (
            (True, minutes_ago(-3), None, None),
            (True, minutes_ago(14), None, None),
            (True, minutes_ago(16), None, "late"),
            (True, minutes_ago(16), minutes_ago(16), "late"),
            (False, minutes_ago(1000), None, "off"),
            (True, None, None, None),
            (True, minutes_ago(-3), minutes_ago(14), None),
            (True, minutes_ago(-3), minutes_ago(16), "failing"),
        ):
            with self.subTest(active=active, nextcall=nextcall, failed=failed):
                action = SimpleNamespace(
                    active=active, nextcall=nextcall, first_failure_date=failed
                )
                self.assertEqual(why_stopped(action, now), why)
