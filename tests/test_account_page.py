# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from .at_once_common import TransactionsCase

WORKERS = 4


@tagged("post_install", "-at_install")
class TestAccountPage(TransactionCase):
    """The menu opens the Zoom account of the company."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.accounts = self.env["booking.zoom.account"]
        self.company = self.env["res.company"].create(
            {"name": "Branch", "email": "branch@example.com"}
        )

    def open_page(self, *groups):
        user = new_test_user(
            self.env,
            "opener",
            groups=",".join(("base.group_user", *groups)),
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.env.flush_all()
        action = self.accounts.with_user(user).action_open_company_account()
        self.env.invalidate_all()
        return action["res_id"]

    def account(self):
        return self.accounts.search([("company_id", "=", self.company.id)])

    def test_record_is_there_before_the_page_opens(self):
        account_id = self.open_page("base.group_system")
        self.assertRecordValues(
            self.accounts.browse(account_id),
            [{"company_id": self.company.id, "alert_email": "branch@example.com"}],
        )

    def test_address_of_the_company_that_is_none_is_not_taken_over(self):
        self.company.email = "branch at example"
        account = self.accounts.browse(self.open_page("base.group_system"))
        # But that of whoever opens the page.
        self.assertEqual(account.alert_email, "o.o@example.com")

    def test_page_is_called_what_it_is(self):
        account = self.accounts.browse(self.open_page("base.group_system"))
        (opener,) = self.env["res.users"].search([("login", "=", "opener")])
        named = account.with_user(opener)
        self.assertEqual(named.display_name, "Zoom account")
        opener.company_ids |= self.env.company
        named.invalidate_recordset(["display_name"])
        self.assertEqual(named.display_name, f"Zoom account ({self.company.name})")

    def test_page_that_is_there_is_opened(self):
        account = self.accounts.create({"company_id": self.company.id})
        self.assertEqual(self.open_page("resource_booking.group_manager"), account.id)

    def test_who_may_not_create_it_is_told_whom_to_ask(self):
        with self.assertRaises(UserError) as refused:
            self.open_page("resource_booking.group_manager")
        self.assertIn("no Zoom account for Branch yet", str(refused.exception))
        self.assertFalse(self.account())

    def test_bookmark_is_of_the_own_company(self):
        account_id = self.open_page("base.group_system")
        action = self.env.ref("resource_booking_zoom.booking_zoom_account_action")
        for company, found in ((self.company, account_id), (self.env.company, False)):
            loaded = action.with_company(company).sudo()._get_action_dict()
            self.assertEqual(loaded["res_id"], found)


@tagged("post_install", "-at_install")
class TestAccountPageAtOnce(TransactionsCase):
    """Several administrators with real transactions open the first page."""

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            self.company_id = self.create_company(env).id
        self.addCleanup(self.delete_records)

    def delete_records(self):
        with self.transaction() as env:
            company = env["res.company"].browse(self.company_id)
            self.accounts(env).unlink()
            self.delete_company(company)

    def accounts(self, env):
        return env["booking.zoom.account"].search(
            [("company_id", "=", self.company_id)]
        )

    def test_several_at_once_open_one_record(self):
        together = Barrier(WORKERS)

        def open_page(_number):
            with self.transaction() as env:
                accounts = env["booking.zoom.account"].with_company(self.company_id)
                self.assertFalse(self.accounts(env))
                # All have looked before one of them creates it
                together.wait(20)
                return accounts.action_open_company_account()["res_id"]

        with ThreadPoolExecutor(WORKERS) as workers:
            opened = list(workers.map(open_page, range(WORKERS)))
        with self.transaction() as env:
            self.assertEqual(opened, self.accounts(env).ids * WORKERS)
