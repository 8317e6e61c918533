# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import MONDAY, ZoomCase

MODULE = "resource_booking_zoom"
MODELS = (
    "booking.zoom.account",
    "booking.zoom.connection",
    "booking.zoom.meeting",
    "booking.conference.mail",
    "booking.zoom.request.count",
    "booking.zoom.user",
)


class RightsCase(ZoomCase):
    """A user of every kind that can meet a booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("manager", "resource_booking.group_manager")
        cls.staff = cls._user("staff", "resource_booking.group_user")
        cls.employee = cls._user("employee", "base.group_user")
        cls.system = cls._user("system", "base.group_system")
        cls.portal = new_test_user(cls.env, "portal", "base.group_portal")
        cls.public = cls.env.ref("base.public_user")
        # The customer has an account in the portal.
        cls.partner = cls.portal.partner_id
        cls.partner.email = "customer@example.com"
        # The staff member belongs to the combination of Tuesday.
        cls.r_users[1].user_id = cls.staff
        # Another company with an account of its own.
        cls.branch = cls.env["res.company"].create({"name": "Branch"})
        cls.branch_manager = new_test_user(
            cls.env,
            "branch",
            "base.group_user,resource_booking.group_manager,base.group_system",
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
        )
        cls.branch_account = cls.create_connected_account(
            cls.branch, "branch-account", 1
        )
        cls.rbt.company_id = cls.account.company_id

    @classmethod
    def _user(cls, login, group):
        return new_test_user(cls.env, login, f"base.group_user,{group}")

    def _as(self, record, user):
        """The record as that user sees it, with nothing read before."""
        self.env.flush_all()
        self.env.invalidate_all()
        return record.with_user(user)

    def _can_read(self, user, record):
        try:
            self._as(record, user).read(["id"])
        except AccessError:
            return False
        return True


class TestMeetingRights(RightsCase):
    """A meeting row can be read by whoever can read its booking in the backend."""

    def setUp(self):
        super().setUp()
        self.monday = self.book()
        self.tuesday = self.book(start=MONDAY.replace(day=2))
        self.sync_meetings()
        self.bookings = self.monday | self.tuesday
        self.rows = self.bookings.zoom_meeting_id

    def _assert_same(self, user):
        """Booking and row are readable both or neither, by id and by search."""
        readable = set()
        for row in self.rows:
            booking = row.booking_id
            can_read = self._can_read(user, booking)
            self.assertEqual(self._can_read(user, row), can_read, booking.id)
            if can_read:
                readable.add(row.id)
        found = self._as(self.rows, user).search([("id", "in", self.rows.ids)])
        self.assertEqual(set(found.ids), readable)
        return self.rows.browse(readable).booking_id

    def test_administrators_can_read_events_as_before(self):
        event = self.book().meeting_id
        self.system.group_ids += self.env.ref("resource_booking.group_user")
        values = self._as(event, self.system).read()[0]
        self.assertNotIn("web_conference_mail_ids", values)

    def test_manager_reads_all(self):
        self.assertEqual(self._assert_same(self.manager), self.bookings)

    def test_staff_reads_own_bookings_only(self):
        self.assertEqual(self._assert_same(self.staff), self.tuesday)

    def test_staff_reads_bookings_that_they_follow(self):
        self.monday.message_subscribe(self.staff.partner_id.ids)
        self.assertEqual(self._assert_same(self.staff), self.bookings)

    def test_staff_reads_bookings_that_they_requested(self):
        self.monday.partner_ids += self.staff.partner_id
        self.assertEqual(self._assert_same(self.staff), self.bookings)

    def test_archived_booking_is_readable_as_before(self):
        self.tuesday.action_cancel()
        self.assertFalse(self.tuesday.active)
        self.rows.invalidate_recordset()
        self.assertEqual(self._assert_same(self.staff), self.tuesday)

    def test_archived_resource_makes_no_difference(self):
        self.r_users[1].active = False
        self.rbc_tue.active = False
        self._assert_same(self.staff)

    def test_other_company_reads_nothing(self):
        self.assertFalse(self._assert_same(self.branch_manager))

    def test_type_of_another_company_takes_its_rows_along(self):
        # Given a meeting that is over, so that nothing is worked on it any more
        self.move_to(MONDAY.replace(day=5))
        self.rbt.company_id = self.branch
        self.assertEqual(self._assert_same(self.branch_manager), self.bookings)
        self.assertFalse(self._assert_same(self.manager))

    def test_row_of_a_deleted_booking_stays_in_its_company(self):
        self.monday.unlink()
        row = self.rows.filtered(lambda one: not one.booking_id)
        self.assertTrue(self._can_read(self.manager, row))
        self.assertFalse(self._can_read(self.branch_manager, row))
        self.assertFalse(self._can_read(self.staff, row))

    def test_portal_public_and_other_employees_read_no_row(self):
        for user in (self.portal, self.public, self.employee):
            with self.subTest(user=user.login):
                for row in self.rows:
                    self.assertFalse(self._can_read(user, row))
                with self.assertRaises(AccessError):
                    self.rows.with_user(user).search([])

    def test_nobody_writes_rows_by_hand(self):
        for user in (self.manager, self.staff, self.system):
            rows = self.rows.with_user(user)
            for call in (
                lambda rows=rows: rows.write({"join_url": "https://evil.example"}),
                lambda rows=rows: rows.create(
                    {"start": MONDAY, "duration": 5, "booking_id": self.monday.id}
                ),
                lambda rows=rows: rows.unlink(),
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_retry_is_for_those_who_read_the_booking(self):
        self.rows[0].with_user(self.manager).action_retry()
        self.tuesday.zoom_meeting_id.with_user(self.staff).action_retry()
        for user in (self.staff, self.employee, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.monday.zoom_meeting_id.with_user(user).action_retry()


class TestBookingRights(RightsCase):
    """Whoever reads bookings outside the backend meets nothing of Zoom."""

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.sync_meetings()
        self.ours = [
            name
            for name, field in self.env["resource.booking"]._fields.items()
            if field._modules == (MODULE,)
        ]

    def test_our_fields_are_known_to_this_test(self):
        self.assertIn("join_link_url", self.ours)
        self.assertIn("zoom_meeting_id", self.ours)
        self.assertGreater(len(self.ours), 5)

    def test_portal_user_sees_no_field_of_ours(self):
        booking = self._as(self.booking, self.portal)
        self.assertTrue(booking.read(["name"]))
        self.assertFalse(set(booking.fields_get()) & set(self.ours))

    def test_portal_user_cannot_read_or_search_them(self):
        booking = self._as(self.booking, self.portal)
        for name in self.ours:
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    booking.read([name])
                with self.assertRaises(AccessError):
                    booking.search([(name, "!=", False)])
                with self.assertRaises(AccessError):
                    booking.web_search_read([], {name: {}})

    def test_portal_user_cannot_group_by_link_or_passcode(self):
        booking = self._as(self.booking, self.portal)
        for name in (
            "join_link_url",
            "join_link_passcode",
            "zoom_meeting_id.passcode",
            "zoom_meeting_ids.passcode",
            "zoom_host_id",
            "zoom_host_id.email",
            "zoom_problem",
            "join_link_state",
        ):
            # These are not stored on the booking, or not to be read.
            with self.subTest(field=name), self.assertRaises(Exception) as caught:
                booking.formatted_read_group([], [name], ["__count"])
            self.assertIsInstance(caught.exception, AccessError | ValueError)

    def test_nobody_can_group_by_link_or_passcode(self):
        booking = self._as(self.booking, self.manager)
        for name in ("join_link_url", "join_link_passcode", "zoom_meeting_id.passcode"):
            with self.subTest(field=name), self.assertRaises(ValueError):
                booking.formatted_read_group([], [name], ["__count"])

    def test_portal_user_cannot_sort_by_them(self):
        booking = self._as(self.booking, self.portal)
        for name in ("zoom_host_id", "zoom_problem", "join_link_state"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                booking.search([], order=name)

    def test_portal_user_cannot_take_a_way_round(self):
        booking = self._as(self.booking, self.portal)
        for path in ("zoom_meeting_ids.join_url", "zoom_meeting_id.passcode"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                booking.search([(path, "like", "h%")])

    def test_portal_user_cannot_export_them(self):
        self.portal.group_ids += self.env.ref("base.group_allow_export")
        booking = self._as(self.booking, self.portal)
        for path in ("join_link_url", "join_link_passcode", "zoom_meeting_id/join_url"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                booking.export_data([path])

    def test_employee_without_booking_group_sees_no_binding(self):
        resource = self._as(self.r_materials[0], self.employee)
        self.assertTrue(resource.read(["name"]))
        self.assertNotIn("zoom_user_id", resource.fields_get())
        with self.assertRaises(AccessError):
            resource.read(["zoom_user_id"])

    def test_staff_sees_link_and_passcode_of_own_bookings(self):
        booking = self.book(start=MONDAY.replace(day=2))
        self.sync_meetings()
        (values,) = self._as(booking, self.staff).read(
            ["join_link_url", "join_link_passcode", "zoom_id_formatted"]
        )
        row = booking.zoom_meeting_id
        self.assertEqual(values["join_link_url"], row.join_url)
        self.assertEqual(values["join_link_passcode"], row.passcode)

    def test_name_of_a_row_holds_nothing_of_zoom(self):
        row = self.booking.zoom_meeting_id
        for secret in (row.zoom_id, row.passcode, row.join_url):
            self.assertNotIn(secret, row.display_name)


class TestSecretRights(RightsCase):
    """Tokens and secrets are for administrators and the module's own code."""

    def setUp(self):
        super().setUp()
        self.account.write({"webhook_secret": "hook", "refresh_token": "refresh"})
        self.readers = (self.manager, self.staff, self.portal)
        self.hidden = [
            name
            for name, field in self.account._fields.items()
            if field.groups == "base.group_system"
        ]

    def test_every_secret_is_hidden(self):
        self.assertGreaterEqual(
            set(self.hidden), {*self.account._secret_fields, "client_id"}
        )

    def test_manager_reads_the_account_but_no_secret(self):
        account = self._as(self.account, self.manager)
        self.assertEqual(account.state, "connected")
        self.assertFalse(set(account.fields_get()) & set(self.hidden))
        self.assertFalse(set(account.read()[0]) & set(self.hidden))

    def test_nobody_but_administrators_gets_at_a_secret(self):
        for user in self.readers:
            account = self._as(self.account, user)
            for name in self.hidden:
                with self.subTest(user=user.login, field=name):
                    for call in (
                        lambda a=account, n=name: a.read([n]),
                        lambda a=account, n=name: a.search([(n, "=like", "s%")]),
                        lambda a=account, n=name: a.search([], order=n),
                        lambda a=account, n=name: a.formatted_read_group(
                            [], [n], ["__count"]
                        ),
                        lambda a=account, n=name: a.web_search_read([], {n: {}}),
                    ):
                        with self.assertRaises(AccessError):
                            call()

    def test_no_way_round_through_a_relation(self):
        users = self._as(self.account.zoom_user_ids, self.manager)
        with self.assertRaises(AccessError):
            users.search([("account_id.client_secret", "=like", "s%")])
        with self.assertRaises(AccessError):
            users.mapped("account_id.client_secret")
        with self.assertRaises(AccessError):
            users.web_read({"account_id": {"fields": {"access_token": {}}}})

    def test_secrets_are_not_exported_even_by_administrators(self):
        account = self._as(self.account, self.system)
        self.assertTrue(account.export_data(["company_id"])["datas"])
        for name in self.account._secret_fields:
            with self.subTest(field=name), self.assertRaises(UserError):
                account.export_data(["company_id", name])
        with self.assertRaises(UserError):
            account.export_data(["zoom_user_ids/account_id/access_token"])
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        with self.assertRaises(UserError):
            self._as(self.account, self.manager).export_data(["client_secret"])

    def test_secrets_are_not_offered_for_export(self):
        for name in self.hidden:
            self.assertFalse(self.account._fields[name].exportable, name)

    def test_secrets_are_not_copied(self):
        (values,) = self.account.copy_data()
        self.assertFalse(set(values) & set(self.hidden))
        self.assertNotIn("zoom_account_id", values)

    def test_link_in_the_making_is_for_administrators(self):
        link = self.env["booking.zoom.connection"].create(
            {"account_id": self.account.id, "access_token": "fresh"}
        )
        self.assertTrue(self._can_read(self.system, link))
        for user in (*self.readers, self.branch_manager):
            with self.subTest(user=user.login):
                self.assertFalse(self._can_read(user, link))
        with self.assertRaises(UserError):
            self._as(link, self.system).export_data(["access_token"])

    def test_refused_statement_is_not_logged_with_its_secrets(self):
        # The company has an account already.
        values = {"company_id": self.branch.id, "client_secret": "the-secret"}
        taken = {"zoom_account_id": "account-1", "client_secret": "the-secret"}
        for save in (
            lambda: self.env["booking.zoom.account"].create(values),
            lambda: self.branch_account.write(taken),
        ):
            with (
                self.assertNoLogs("odoo.sql_db", "ERROR"),
                self.assertRaises(UniqueViolation),
                self.env.cr.savepoint(),
            ):
                save()


class TestActionRights(RightsCase):
    """What can be called from outside checks the caller itself."""

    def test_only_administrators_link_unlink_and_fetch(self):
        for user in (self.manager, self.staff, self.employee, self.portal, self.public):
            account = self._as(self.account, user)
            for name in ("action_connect", "action_disconnect", "action_sync_users"):
                with self.subTest(user=user.login, method=name):
                    with self.assertRaises(AccessError):
                        getattr(account, name)()
        self.assertEqual(self.account.state, "connected")

    def test_administrator_of_another_company_is_refused(self):
        account = self._as(self.account, self.branch_manager)
        for name in ("action_connect", "action_disconnect", "action_sync_users"):
            with self.subTest(method=name), self.assertRaises(AccessError):
                getattr(account, name)()

    def test_only_administrators_write_accounts(self):
        for user in (self.manager, self.staff, self.portal):
            account = self._as(self.account, user)
            with self.assertRaises(AccessError):
                account.write({"alert_email": "x@example.com"})
            with self.assertRaises(AccessError):
                account.unlink()

    def test_only_administrators_decide_on_a_link(self):
        link = self.env["booking.zoom.connection"].create(
            {
                "account_id": self.account.id,
                "step": "confirm",
                "new_zoom_account_id": "other",
            }
        )
        for user in (self.manager, self.portal, self.branch_manager):
            for name in ("action_confirm", "action_retry", "action_discard"):
                with self.subTest(user=user.login, method=name):
                    with self.assertRaises(AccessError):
                        getattr(self._as(link, user), name)()

    def test_administrator_without_booking_rights_can_do_all_of_it(self):
        account = self._as(self.account, self.system)
        action = self.env["booking.zoom.account"].with_user(self.system)
        action.action_open_company_account()
        account.action_open_zoom_users()
        self.assertEqual(account.action_sync_users()["tag"], "display_notification")
        account.action_connect()
        account.action_disconnect()
        self.assertEqual(account.state, "disconnected")

    def test_menu_action_is_refused_to_those_without_the_right(self):
        for user in (self.staff, self.employee, self.portal, self.public):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["booking.zoom.account"].with_user(
                    user
                ).action_open_company_account()


class TestCompanyRules(RightsCase):
    """Nothing of a company shows in another one."""

    def test_every_model_that_anybody_reads_has_a_company_rule(self):
        ours = [
            name
            for name, model in self.env.items()
            if model._original_module == MODULE and not model._abstract
        ]
        readable = self.env["ir.model.access"].search(
            [("model_id.model", "in", ours), ("perm_read", "=", True)]
        )
        names = set(readable.model_id.mapped("model"))
        self.assertLessEqual(set(MODELS), names)
        for name in names:
            rules = self.env["ir.rule"].search(
                [("model_id.model", "=", name), ("global", "=", True)]
            )
            self.assertTrue(any("company" in one.domain_force for one in rules), name)

    def test_account_users_and_counts_of_another_company(self):
        self.book()
        self.sync_meetings()
        counts = self.env["booking.zoom.request.count"].search([])
        self.assertTrue(counts)
        for records in (self.account, self.account.zoom_user_ids, counts):
            with self.subTest(model=records._name):
                found = records.with_user(self.branch_manager).search([])
                self.assertFalse(found & records.with_user(self.branch_manager))
                self.assertFalse(self._can_read(self.branch_manager, records))
                self.assertTrue(self._can_read(self.manager, records))
