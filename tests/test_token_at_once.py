# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..const import PARAM_API_URL, PARAM_OAUTH_URL
from ..exceptions import ZoomConnectionLost
from ..utils import in_own_transaction
from ..wizards.booking_zoom_connection import state_digest
from .at_once_common import TransactionsCase
from .zoom_simulator import ZoomSimulator

WORKERS = 16


@tagged("post_install", "-at_install")
class TestTokenAtOnce(TransactionsCase):
    """Workers with real transactions want the same token at the same time."""

    def setUp(self):
        super().setUp()
        self.zoom = ZoomSimulator()
        self.zoom.start()
        self.addCleanup(self.zoom.stop)
        self.app = self.zoom.add_app(
            self.zoom.add_account(account_id=f"at-once-{uuid.uuid4()}", plan="pro"),
            client_secret="hush",
        )
        self.zoom.add_user(self.app.accounts[0], email="jill@example.com")
        with self.transaction() as env:
            self.account_id = self.create_account(env).id
        self.addCleanup(self.delete_records)

    def create_account(self, env):
        """A company with an account, linked by consent; its token is expired."""
        parameters = env["ir.config_parameter"]
        parameters.set_param(PARAM_OAUTH_URL, self.zoom.url)
        parameters.set_param(PARAM_API_URL, f"{self.zoom.url}/v2")
        company = self.create_company(env)
        account = env["booking.zoom.account"].create(
            {
                "company_id": company.id,
                "client_id": self.app.client_id,
                "client_secret": self.app.client_secret,
            }
        )
        location = self.zoom.authorize(account.action_connect()["url"])
        link = env["booking.zoom.connection"].search([("account_id", "=", account.id)])
        link._exchange(location.partition("code=")[2].partition("&")[0])
        link._apply()
        account.token_expires_at = fields.Datetime.now() - timedelta(minutes=1)
        return account

    def delete_records(self):
        with self.transaction() as env:
            account = env["booking.zoom.account"].browse(self.account_id)
            company = account.company_id
            account.state = "disconnected"
            account.unlink()
            self.delete_company(company)
            for name in (PARAM_OAUTH_URL, PARAM_API_URL):
                env["ir.config_parameter"].set_param(name, False)

    def at_once(self, call):
        """Let all workers call the same at the same time, each in its transaction.

        :param call: function of the worker's account
        :return list: what came of each: its result, or the exception
        """
        barrier = threading.Barrier(WORKERS, timeout=10)

        def work(_number):
            with self.transaction() as env:
                account = env["booking.zoom.account"].browse(self.account_id)
                # The snapshot is taken before anybody has changed anything.
                self.assertTrue(account.state)
                barrier.wait()
                try:
                    return call(account)
                except ZoomConnectionLost as error:
                    return error

        with ThreadPoolExecutor(WORKERS) as executor:
            return list(executor.map(work, range(WORKERS)))

    def refreshes(self):
        return [
            request
            for request in self.zoom.requests_of("POST", "/oauth/token")
            if request.body.get("grant_type") == "refresh_token"
        ]

    def read(self, name):
        with self.transaction() as env:
            return env["booking.zoom.account"].browse(self.account_id)[name]

    def test_expired_token_is_renewed_once(self):
        tokens = self.at_once(lambda account: account._get_client().access_token)
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(set(tokens), {self.zoom.tokens[-1].access_token})
        self.assertEqual(self.read("access_token"), tokens[0])
        self.assertFalse(self.zoom.stale_token_uses)

    def test_refused_token_is_renewed_once(self):
        with self.transaction() as env:
            account = env["booking.zoom.account"].browse(self.account_id)
            account.token_expires_at = fields.Datetime.now() + timedelta(hours=1)
        stale = self.read("access_token")
        tokens = self.at_once(lambda account: account._get_client(stale).access_token)
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(set(tokens), {self.zoom.tokens[-1].access_token})

    def test_dead_link_is_asked_for_once_and_broken(self):
        self.zoom.revoke_tokens()
        errors = self.at_once(lambda account: account._get_client())
        self.assertTrue(all(isinstance(one, ZoomConnectionLost) for one in errors))
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(self.read("state"), "lost")

    def test_new_pair_stays_when_the_caller_is_rolled_back(self):
        with self.transaction() as env:
            env["booking.zoom.account"].browse(self.account_id)._get_client()
            env.cr.rollback()
        self.assertEqual(self.read("refresh_token"), self.zoom.tokens[-1].refresh_token)

    def test_unlinking_asks_zoom_after_the_commit_and_not_before(self):
        pair = self.zoom.tokens[-1]
        with self.transaction() as env:
            env["booking.zoom.account"].browse(self.account_id).action_disconnect()
            env.flush_all()
            # While the rows are locked Zoom is not waited for.
            self.assertFalse(self.zoom.requests_of("POST", "/oauth/revoke"))
        self.assertFalse(pair.current)
        with self.transaction() as env:
            self.assertFalse(env["booking.zoom.revocation"].search([]))

    def test_unlinking_that_is_rolled_back_leaves_the_tokens(self):
        with self.transaction() as env:
            env["booking.zoom.account"].browse(self.account_id).action_disconnect()
            env.cr.rollback()
            env["booking.zoom.revocation"]._process_pending()
        self.assertTrue(self.zoom.tokens[-1].current)
        self.assertEqual(self.read("state"), "connected")

    def test_tokens_are_ended_by_one_worker(self):
        with self.transaction() as env:
            revocations = env["booking.zoom.revocation"]
            revocations._plan(*self.app_values(), self.read("access_token"))
            env.cr.postcommit.clear()
        self.at_once(
            lambda account: account.env["booking.zoom.revocation"]._process_pending()
        )
        self.assertEqual(len(self.zoom.requests_of("POST", "/oauth/revoke")), 1)
        self.assertFalse(self.zoom.tokens[-1].current)

    def app_values(self):
        return self.app.client_id, self.app.client_secret

    def test_state_of_a_consent_is_taken_once(self):
        with self.transaction() as env:
            env["booking.zoom.connection"].create(
                {"account_id": self.account_id, "state_digest": state_digest("state")}
            )

        def take(account):
            from_other = account.env["booking.zoom.connection"]
            return in_own_transaction(
                from_other, lambda records: records._take("state")
            )

        taken = self.at_once(take)
        self.assertEqual(len([one for one in taken if one]), 1)
