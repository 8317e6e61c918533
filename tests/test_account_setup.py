# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user

from .common import MONDAY, NOW, ZoomCase

STEPS = ("app", "connect", "bind", "tool", "reminder")


class TestAccountSetup(ZoomCase):
    """The account's page says how far its set-up has come."""

    def states(self, account=None):
        account = account or self.account
        account.invalidate_recordset()
        return {name: account[f"{name}_step"] for name in STEPS}

    def message(self, step):
        self.account.invalidate_recordset()
        return self.account.step_messages[step]

    def assert_problem(self, step, *texts):
        self.assertEqual(
            [name for name, state in self.states().items() if state == "problem"],
            [step],
        )
        for text in texts:
            self.assertIn(text, self.message(step))

    def setUp(self):
        super().setUp()
        self.set_base_url("https://odoo.example.com")
        self.env.company.email = "office@example.com"
        # The combination of both days is hosted, too.
        self.r_materials.zoom_user_id = self.host
        self.rbc_tue.forced_zoom_user_id = self.other_host

    def set_base_url(self, url):
        self.env["ir.config_parameter"].set_param("web.base.url", url)

    def test_everything_is_done(self):
        self.assertEqual(set(self.states().values()), {"done"})
        self.assertIn("2 of 2 Zoom users", self.message("bind"))
        self.assertIn(self.rbt.name, self.message("tool"))
        self.assertIn("admin@example.com", self.message("reminder"))

    def test_everything_is_to_do_in_another_company(self):
        self.rbt.company_id = self.env.company
        company = self.env["res.company"].create(
            {"name": "Branch", "email": "branch@example.com"}
        )
        account = self.env["booking.zoom.account"].create(
            {"company_id": company.id, "alert_email": "branch@example.com"}
        )
        self.assertEqual(set(self.states(account).values()), {"to_do"})

    def test_server_to_server_needs_the_account_id_as_well(self):
        self.account.action_disconnect()
        self.assertEqual(self.states()["app"], "done")
        self.account.zoom_account_id = False
        self.assertEqual(self.states()["app"], "to_do")
        self.account.auth_method = "authorization_code"
        self.assertEqual(self.states()["app"], "done")

    def test_address_without_https(self):
        self.set_base_url("http://odoo.example.com")
        self.assert_problem("app", "http://odoo.example.com", "web.base.url")

    def test_missing_scopes(self):
        self.account.granted_scopes = "user:read:admin meeting:read:admin"
        self.assert_problem("app", "meeting:write:meeting:admin", "Connect again")

    def test_lost_connection(self):
        self.account.write({"state": "lost", "state_message": "Zoom says no."})
        self.assert_problem("connect", "Zoom says no.")

    def test_host_that_is_gone(self):
        self.host.write({"active": False, "status": "inactive"})
        self.assert_problem("bind", self.host.name)

    def test_type_without_combination(self):
        self.rbt.combination_rel_ids = [Command.clear()]
        self.assert_problem("tool", self.rbt.name, "combination")

    def test_combination_without_host(self):
        self.r_materials[0].zoom_user_id = False
        self.assert_problem("tool", self.rbt.name, "no Zoom user")
        self.rbt.zoom_user_id = self.host
        self.assertEqual(self.states()["tool"], "done")

    def test_no_zoom_type(self):
        self.rbt.web_conference_tool = "none"
        states = self.states()
        self.assertEqual((states["tool"], states["reminder"]), ("to_do", "to_do"))

    def test_type_without_reminder(self):
        self.rbt.alarm_ids = [Command.clear()]
        self.assert_problem("reminder", self.rbt.name)

    def test_company_without_address(self):
        self.env.company.email = False
        self.assert_problem("reminder", self.env.company.name)

    def test_no_administrators_address(self):
        self.account.alert_email = False
        self.assert_problem("reminder", "administrator's e-mail")

    def test_address_of_the_company_is_entered_on_the_page(self):
        self.env.company.email = self.account.alert_email = False
        with Form(self.account) as page:
            page.company_email = "office@example.com"
            # Who has none yet is told there, too.
            self.assertEqual(page.alert_email, "office@example.com")
        self.assertEqual(self.env.company.email, "office@example.com")
        self.assertEqual(self.states()["reminder"], "done")

    def test_many_names_are_cut(self):
        self.rbt.company_id = self.env.company
        for number in range(6):
            self.rbt.copy(
                {"name": f"Kind {number}", "alarm_ids": False}
            ).alarm_ids = False
        self.assert_problem("reminder", "Kind 0", "Kind 4, …")
        self.assertNotIn("Kind 5", self.message("reminder"))

    def test_manager_sees_the_steps_and_no_value_of_the_app(self):
        manager = self.create_manager()
        account = self.account.with_user(manager)
        self.assertEqual(set(self.states(account).values()), {"done"})
        said = "".join(self.message(step) or "" for step in STEPS)
        self.assertNotIn(self.account.client_id, said)

    def test_administrator_without_rights_to_bookings_sees_the_steps(self):
        admin = new_test_user(self.env, "system", "base.group_system")
        states = self.states(self.account.with_user(admin))
        self.assertEqual(set(states.values()), {"done"})

    # === WAYS TO THE NEXT STEP === #

    def test_pages_lead_to_the_account_until_a_meeting_was_made(self):
        def notice(login, groups):
            user = new_test_user(self.env, login, f"base.group_user,{groups}")
            return self.account.with_user(user).get_connection_notice()

        leads = notice("manager", "resource_booking.group_manager")
        self.assertEqual(leads["level"], "info")
        self.assertIn("is being set up", leads["text"])
        self.assertFalse(notice("staff", "resource_booking.group_user"))
        # Not where people join by another tool
        values = {
            "web_conference_tool": "other",
            "videocall_location": "https://t.test",
        }
        self.rbt.write(values)
        self.assertFalse(notice("other", "resource_booking.group_manager"))
        self.rbt.write({"web_conference_tool": "zoom", "videocall_location": False})
        self.assertTrue(notice("second", "resource_booking.group_manager"))
        self.book()
        self.assertFalse(notice("boss", "resource_booking.group_manager"))

    def test_booking_to_be_tried_needs_only_to_be_saved(self):
        # Given an evening after which it is closed until Monday
        self.move_to(NOW.replace(hour=20))
        admin = self.env.ref("base.user_admin")
        admin.email = "boss@example.com"
        trial = self.account.with_user(admin).action_try_booking()
        model = self.env["resource.booking"].with_user(admin)
        model = model.with_context(trial["context"])
        booking = Form(model, "resource_booking.resource_booking_view_form").save()
        self.assertEqual(booking.start, MONDAY)
        self.assertEqual(booking.partner_ids, admin.partner_id)
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.host)
        # And staff read when the link comes
        self.assertIn("with the reminder", booking.link_notice)
        self.move_to(MONDAY - timedelta(hours=1))
        booking.invalidate_recordset(["link_notice"])
        self.assertFalse(booking.link_notice)

    def test_nobody_tries_whom_no_mail_reaches(self):
        admin = self.env.ref("base.user_admin")
        admin.email = False
        with self.assertRaisesRegex(UserError, "Enter one in your preferences"):
            self.account.with_user(admin).action_try_booking()

    def test_booking_to_be_tried_needs_no_type(self):
        # When somebody archives the only one while the page is open
        admin = self.env.ref("base.user_admin")
        admin.email = "boss@example.com"
        self.rbt.active = False
        trial = self.account.with_user(admin).action_try_booking()
        # Then the user chooses one
        self.assertFalse(trial["context"]["default_type_id"])
        self.assertIs(trial["context"]["default_start"], False)

    def test_booking_to_be_tried_begins_soon(self):
        self.move_to(MONDAY + timedelta(minutes=3))
        admin = self.env.ref("base.user_admin")
        admin.email = "boss@example.com"
        trial = self.account.with_user(admin).action_try_booking()
        self.assertEqual(
            trial["context"]["default_start"], MONDAY + timedelta(minutes=15)
        )

    def test_new_booking_without_host_says_nothing_of_hosts(self):
        booking = self.env["resource.booking"].new({"type_id": self.rbt.id})
        self.assertFalse(booking.zoom_user_id)
        self.assertFalse(booking.zoom_choice_message)

    def empty_list(self, model, user=None):
        """What an empty list of this model says."""
        action = self.env["ir.actions.act_window"].search(
            [("res_model", "=", model)], limit=1, order="id"
        )
        return action.with_user(user or self.env.user)._get_action_dict()["help"]

    def test_empty_lists_lead_to_the_next_step(self):
        self.account.action_disconnect()
        self.account.client_id = False
        for model in (
            "booking.zoom.user",
            "booking.zoom.meeting",
            "booking.zoom.request.count",
        ):
            self.assertIn(
                "name='resource_booking_zoom.booking_zoom_account_open_action'"
                ">Make an app in Zoom</a>",
                self.empty_list(model),
            )

    def test_empty_lists_lead_on_from_step_to_step(self):
        self.r_materials.zoom_user_id = self.rbc_tue.forced_zoom_user_id = False
        shown = self.empty_list("booking.zoom.meeting")
        self.assertIn("booking_zoom_user_action'>Choose who hosts</a>", shown)
        self.rbt.web_conference_tool = "none"
        self.r_materials.zoom_user_id = self.host
        shown = self.empty_list("booking.zoom.meeting")
        self.assertIn("resource_booking_type_action'>Use Zoom for bookings</a>", shown)

    def test_empty_lists_say_nothing_more_once_all_is_done(self):
        self.assertNotIn("Next step", self.empty_list("booking.zoom.meeting"))

    def test_empty_list_tells_staff_whom_to_ask(self):
        self.account.action_disconnect()
        staff = self.create_staff("staff")
        shown = self.empty_list("booking.zoom.user", staff)
        self.assertIn("Connect Odoo and Zoom", shown)
        self.assertIn("ask an administrator", shown)
        self.assertNotIn("<a", shown)

    def test_settings_say_how_far_it_is(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.booking_zoom_state, "connected")
        self.assertFalse(settings.booking_zoom_next_step)
        self.account.action_disconnect()
        settings.invalidate_recordset()
        self.assertEqual(settings.booking_zoom_state, "disconnected")
        self.assertEqual(settings.booking_zoom_next_step, "Connect Odoo and Zoom")

    def test_settings_of_a_company_without_account(self):
        company = self.env["res.company"].create({"name": "Branch"})
        settings = self.env["res.config.settings"].with_company(company).create({})
        self.assertEqual(settings.booking_zoom_next_step, "Make an app in Zoom")

    def test_queries_do_not_grow_with_users_and_types(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.states()
            return self.env.cr.sql_log_count - before

        few = count()
        self.env["booking.zoom.user"].create(
            [
                {
                    "account_id": self.account.id,
                    "zoom_id": f"many-{number}",
                    "name": f"Many {number}",
                }
                for number in range(300)
            ]
        )
        for number in range(20):
            self.rbt.copy({"name": f"Kind {number}"})
        self.assertLessEqual(count(), few)
