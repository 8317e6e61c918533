# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError

from ..models.zoom.user_list import store_users
from .common import MONDAY, NOW, TUESDAY, ZoomCase
from .zoom_simulator import pages

LOGGER = "odoo.addons.resource_booking_zoom.models.zoom.user_list"


class TestZoomUser(ZoomCase):
    """The list of Zoom users follows Zoom, and never breaks a binding silently."""

    def setUp(self):
        super().setUp()
        state = self.zoom.state
        self.addCleanup(setattr, state, "users", dict(state.users))
        self.zoom_account = state.accounts["account-1"]
        self.zoom_host = state.users[self.host.zoom_id]
        # The simulator's users are shared by the tests of the class.
        for name in ("status", "type", "email", "first_name", "display_name"):
            if name in vars(self.zoom_host):
                value = getattr(self.zoom_host, name)
                self.addCleanup(setattr, self.zoom_host, name, value)

    def zoom_users(self):
        return self.env["booking.zoom.user"].with_context(active_test=False)

    def fail_users(self, **values):
        self.zoom.fail(method="GET", path="/users", times=None, **values)

    def list_only(self, users):
        """Let Zoom list these users only; it answers about each one all the same."""
        body = {"users": users, "next_page_token": ""}
        self.zoom.fail(path="/users$", kind="body", body=body, times=None)

    # === REFRESH === #

    def test_all_pages_are_fetched(self):
        # Given 252 users, of whom Zoom lists 100 a page at most
        self.enterContext(patch.object(pages, "MAX_SIZE", 100))
        for number in range(250):
            self.zoom.add_user(
                self.zoom_account,
                email=f"many{number}@example.com",
                first_name=f"Many{number}",
            )
        self.account.action_sync_users()
        self.assertEqual(len(self.account.zoom_user_ids), 252)
        # Three pages of active users, one of inactive ones
        self.assertEqual(len(self.requests("GET", "/users")), 4)

    def test_second_refresh_without_news_writes_nothing(self):
        self.account.action_sync_users()
        self.move_to(NOW + timedelta(hours=1))
        dates = self.account.zoom_user_ids.mapped("write_date")
        self.account.action_sync_users()
        self.assertEqual(self.account.zoom_user_ids.mapped("write_date"), dates)

    def test_scheduled_action_fetches_users(self):
        self.zoom.add_user(self.zoom_account, email="new@example.com")
        self.run_cron("ir_cron_sync_users")
        self.assertIn("new@example.com", self.account.zoom_user_ids.mapped("email"))

    def test_name_email_and_license_follow(self):
        self.zoom_host.first_name = "Hanako"
        self.zoom_host.email = "hanako@example.com"
        self.zoom_host.type = 1
        self.account.action_sync_users()
        self.assertRecordValues(
            self.host,
            [
                {
                    "name": "Hanako Zoom",
                    "email": "hanako@example.com",
                    "license": "basic",
                    "active": True,
                }
            ],
        )

    def test_user_without_any_name_is_listed_by_its_email(self):
        self.zoom.add_user(self.zoom_account, email="nameless@example.com")
        self.account.action_sync_users()
        user = self.zoom_users().search([("email", "=", "nameless@example.com")])
        self.assertEqual(user.name, "nameless@example.com")

    def test_button_of_the_list_fetches_users(self):
        self.zoom.add_user(self.zoom_account, email="new@example.com")
        self.env["booking.zoom.user"].action_sync()
        self.assertIn("new@example.com", self.account.zoom_user_ids.mapped("email"))

    # === USERS THAT ARE GONE === #

    def test_vanished_user_is_archived_with_its_bindings(self):
        self.zoom.remove_user(self.zoom_host)
        self.account.action_sync_users()
        self.assertFalse(self.host.active)
        self.assertEqual(self.r_materials[0].zoom_user_id, self.host)
        self.assertEqual(self.rbc_mon.zoom_user_id, self.host)
        self.assertTrue(self.host.broken_binding)
        self.assertFalse(self.other_host.broken_binding)

    def test_deactivated_user_is_archived_and_comes_back(self):
        self.zoom_host.status = "inactive"
        self.account.action_sync_users()
        self.assertRecordValues(
            self.host, [{"active": False, "status": "inactive", "name": "Host1 Zoom"}]
        )
        self.zoom_host.status = "active"
        self.account.action_sync_users()
        self.assertRecordValues(
            self.host, [{"active": True, "status": "active", "broken_binding": False}]
        )

    def test_user_who_comes_back_with_a_new_id_takes_over_the_bindings(self):
        # Given a meeting, a combination and a type of a user who is deleted in Zoom
        booking = self.book()
        self.sync_meetings()
        self.rbc_tue.forced_zoom_user_id = self.host
        self.rbt.zoom_user_id = self.host
        email = self.zoom_host.email
        self.zoom.remove_user(self.zoom_host)
        self.account.action_sync_users()
        self.assertTrue(self.host.broken_binding)
        # When the same person is invited again, days later
        self.move_to(NOW + timedelta(days=1))
        self.zoom.add_user(self.zoom_account, email=email.upper(), type=2)
        self.account.action_sync_users()
        # Then the new user hosts all of it, and the customer gets another meeting
        new = self.account.zoom_user_ids - self.other_host
        self.assertEqual(len(new), 1)
        self.assertEqual(self.r_materials[:2].zoom_user_id, new)
        self.assertEqual(self.rbc_tue.forced_zoom_user_id, new)
        self.assertEqual(self.rbt.zoom_user_id, new)
        self.assertFalse(self.host.broken_binding)
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual((row.zoom_user_id, row.state), (new, "ready"))

    def test_user_with_another_address_takes_over_nothing(self):
        self.zoom.remove_user(self.zoom_host)
        self.zoom.add_user(self.zoom_account, email="somebody.else@example.com")
        self.account.action_sync_users()
        self.assertEqual(self.r_materials[0].zoom_user_id, self.host)
        self.assertTrue(self.host.broken_binding)
        # and the list of Zoom users finds the broken one, which it hides otherwise
        users = self.env["booking.zoom.user"]
        self.assertNotIn(self.host, users.search([]))
        broken = [("active", "=", False), ("is_broken", "=", True)]
        self.assertEqual(users.search(broken), self.host)
        self.assertIn(
            self.other_host,
            users.search([("active", "=", True), ("is_broken", "=", False)]),
        )

    def test_binding_of_an_archived_user_is_never_replaced_silently(self):
        # Given a type with a default host beside the bound one
        self.rbt.zoom_user_id = self.other_host
        booking = self.book()
        # When the bound one vanishes before the meeting is issued
        self.zoom.remove_user(self.zoom_host)
        self.account.action_sync_users()
        # Then the booking waits, and says why
        self.assertRecordValues(
            booking.zoom_meeting_id,
            [{"zoom_user_id": self.host.id, "problem": "host_inactive"}],
        )
        self.assertIn("Host1 Zoom", booking.join_link_problem)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_bookings_go_on_when_the_user_comes_back(self):
        booking = self.book()
        self.zoom_host.status = "inactive"
        self.account.action_sync_users()
        self.zoom_host.status = "active"
        self.account.action_sync_users()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")

    def test_broken_binding_names_every_kind_of_binding(self):
        # The host is bound to no resource, only to a combination or to a type.
        self.r_materials[:2].zoom_user_id = False
        for bind in (
            lambda: self.rbc_mon.write({"forced_zoom_user_id": self.host.id}),
            lambda: self.rbt.write({"zoom_user_id": self.host.id}),
        ):
            self.rbc_mon.forced_zoom_user_id = False
            bind()
            self.zoom_host.status = "inactive"
            self.account.action_sync_users()
            self.env.invalidate_all()
            self.assertTrue(self.host.broken_binding)
        self.rbt.zoom_user_id = False
        self.env.invalidate_all()
        self.assertFalse(self.host.broken_binding)

    def test_empty_list_archives_nobody(self):
        # Zoom answers well, but names nobody, and knows nobody who is asked for: an
        # account has its owner at least.
        self.list_only([])
        for user in (self.zoom_host, self.zoom.state.users[self.other_host.zoom_id]):
            self.zoom.remove_user(user)
        with self.assertLogs(LOGGER, "WARNING"):
            self.account._sync_users()
        self.assertTrue(self.host.active)
        self.assertTrue(self.other_host.active)

    def test_incomplete_list_archives_nobody(self):
        # Zoom answers well, but leaves a user out of its list.
        others = [
            {"id": user.zoom_id, "type": 2, "email": user.email, "status": "active"}
            for user in self.other_host
        ]
        self.list_only(others)
        self.account.action_sync_users()
        self.assertTrue(self.host.active)

    def test_answer_that_is_of_no_user_archives_nobody(self):
        self.zoom.remove_user(self.zoom_host)
        self.zoom.fail(path="/users/.", kind="body", body={}, times=None)
        with self.assertRaises(UserError):
            self.account.action_sync_users()
        self.assertTrue(self.host.active)

    def test_user_who_can_be_neither_listed_nor_read_is_not_archived(self):
        self.zoom.remove_user(self.zoom_host)
        self.zoom.fail(path=f"/v2/users/{self.host.zoom_id}$", status=403, times=None)
        with self.assertRaises(UserError):
            self.account.action_sync_users()
        self.assertTrue(self.host.active)

    def add_many(self, count):
        """So many users more, of whom Odoo knows."""
        users = [
            self.zoom.add_user(self.zoom_account, email=f"many{number}@example.com")
            for number in range(count)
        ]
        self.account.action_sync_users()
        self.zoom.requests.clear()
        return users

    def sync_incomplete(self):
        """Fetch the users, of whom Zoom lists too few."""
        with self.assertLogs(LOGGER, "WARNING"):
            self.account.action_sync_users()

    def test_incomplete_list_is_no_reason_to_ask_for_hundreds_of_users(self):
        self.add_many(120)
        self.list_only([])
        self.sync_incomplete()
        self.assertEqual(len(self.requests("GET", "/users/.")), 50)
        self.assertEqual(len(self.account.zoom_user_ids), 122)

    def test_hundreds_of_deleted_users_are_archived_by_and_by(self):
        # Given 120 users who are deleted at once
        for user in self.add_many(120):
            self.zoom.remove_user(user)
        # When the users are fetched, 50 at most are asked for
        self.sync_incomplete()
        self.assertEqual(len(self.account.zoom_user_ids), 72)
        self.sync_incomplete()
        self.assertEqual(len(self.account.zoom_user_ids), 22)
        self.account.action_sync_users()
        # Then those who are left are the others
        self.assertEqual(self.account.zoom_user_ids, self.host | self.other_host)

    def test_users_who_were_left_for_later_are_not_said_to_be_up_to_date(self):
        # Given more users than are asked for at once whom Zoom does not list
        synced_at = self.account.users_synced_at
        self.add_many(60)
        self.list_only([])
        self.move_to(NOW + timedelta(hours=1))
        with self.assertLogs(LOGGER, "WARNING"):
            said = self.account.action_sync_users()["params"]
        # Then that is said, and the page does not claim that they were fetched
        self.assertEqual(said["type"], "warning")
        self.assertIn("12 Zoom users are not up to date", said["message"])
        self.assertLess(self.account.users_synced_at, NOW + timedelta(minutes=30))
        self.assertGreaterEqual(self.account.users_synced_at, synced_at)

    def test_list_that_is_ignored_is_not_said_to_be_up_to_date(self):
        self.list_only([])
        self.zoom.refuse(404, 1001, "User does not exist.", path="/users/.", times=None)
        with self.assertLogs(LOGGER, "WARNING"):
            said = self.account.action_sync_users()["params"]
        self.assertIn("2 Zoom users are not up to date", said["message"])

    def test_users_of_another_account_that_was_linked_meanwhile_are_not_stored(self):
        left = store_users(self.account, [], "another account")
        self.assertEqual(left, 0)
        self.assertTrue(self.host.active)

    def test_archived_user_is_not_asked_for_every_day(self):
        self.zoom.remove_user(self.zoom_host)
        self.account.action_sync_users()
        self.zoom.requests.clear()
        self.account.action_sync_users()
        self.assertEqual(len(self.zoom.requests), 2)

    def test_failed_list_archives_nobody(self):
        self.fail_users(status=403)
        with self.assertRaises(UserError):
            self.account.action_sync_users()
        self.assertTrue(self.host.active)

    def test_page_that_fails_archives_nobody(self):
        for number in range(350):
            self.zoom.add_user(self.zoom_account, email=f"many{number}@example.com")
        self.fail_users(status=403, skip=1)
        with self.assertRaises(UserError):
            self.account.action_sync_users()
        self.assertEqual(len(self.account.zoom_user_ids), 2)
        self.assertTrue(self.host.active)

    # === LIMIT === #

    def test_requests_of_the_day_are_shown(self):
        self.book()
        self.book(TUESDAY)
        self.sync_meetings()
        self.assertRecordValues(
            self.host,
            [
                {
                    "request_count_today": 2,
                    "request_limit": 100,
                    "request_remaining_today": 98,
                    "next_reset": datetime(2027, 2, 27),
                }
            ],
        )

    def test_requests_of_yesterday_do_not_count(self):
        self.book()
        self.sync_meetings()
        self.move_to(NOW + timedelta(days=1))
        self.env.invalidate_all()
        self.assertRecordValues(
            self.host,
            [
                {
                    "request_count_today": 0,
                    "request_remaining_today": 100,
                    "next_reset": datetime(2027, 2, 28),
                }
            ],
        )

    def test_lower_limit_never_leaves_a_negative_rest(self):
        self.book()
        self.book(MONDAY + timedelta(hours=1))
        self.sync_meetings()
        self.account.daily_request_limit = 1
        self.assertEqual(self.host.request_remaining_today, 0)

    def test_figures_of_many_users_cost_as_much_as_those_of_one(self):
        def read(users):
            users.invalidate_recordset()
            users.account_id.invalidate_recordset()
            before = self.cr.sql_log_count
            users.read(["request_count_today", "next_reset", "broken_binding"])
            return self.cr.sql_log_count - before

        self.account.zoom_user_ids.write({"active": False})
        users = self.zoom_users().search([("account_id", "=", self.account.id)])
        read(users)
        one = read(users[0])
        self.assertEqual(read(users), one)
