# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..wizards import booking_zoom_connection
from .common import NOW, ZoomCase
from .zoom_simulator.state import ADMIN_SCOPES


class TestLinkingServerToServer(ZoomCase):
    """The app's own credentials link the account, without a browser."""

    def setUp(self):
        super().setUp()
        self.zoom_account = self.zoom.add_account(account_id="other", plan="business")
        self.app = self.zoom.add_app(
            self.zoom_account,
            client_id="other-app",
            client_secret="hush",
            kind="account_credentials",
        )
        # One user of the other account has the address of the first one's host.
        self.user = self.zoom.add_user(self.zoom_account, email=self.host.email)
        self.zoom.add_user(self.zoom_account, email="jack@example.com")

    def _create_account(self, **values):
        company = self.env["res.company"].create({"name": "Branch"})
        return self.env["booking.zoom.account"].create(
            {"company_id": company.id, **self._credentials(), **values}
        )

    def _credentials(self, **values):
        return {
            "auth_method": "account_credentials",
            "client_id": "other-app",
            "client_secret": "hush",
            "zoom_account_id": "other",
            **values,
        }

    def _refused(self, account):
        """What the administrator reads when the link is refused."""
        with self.assertRaises(UserError) as caught:
            account.action_connect()
        self.env.invalidate_all()
        self.assertEqual(account.state, "disconnected")
        self.assertFalse(account.access_token)
        self.assertFalse(account.zoom_user_ids)
        return str(caught.exception)

    def _link_of(self, account):
        return self.env["booking.zoom.connection"].search(
            [("account_id", "=", account.id)]
        )

    # === LINKING === #

    def test_links_at_once_and_fetches_the_users(self):
        account = self._create_account()
        action = account.action_connect()
        self.assertEqual(action["res_model"], "booking.zoom.account")
        self.assertRecordValues(
            account,
            [
                {
                    "state": "connected",
                    "connected_zoom_account_id": "other",
                    "access_token": self.zoom.tokens[-1].access_token,
                    "refresh_token": False,
                    "missing_scopes": "",
                    "zoom_user_count": 2,
                }
            ],
        )

    def test_pasted_spaces_do_no_harm(self):
        account = self._create_account(
            client_id=" other-app", client_secret="hush\n", zoom_account_id="other "
        )
        account.action_connect()
        self.assertEqual(account.state, "connected")

    def test_missing_scopes_are_named(self):
        self.app.scopes = ("user:read:admin", "meeting:read:admin")
        account = self._create_account()
        with patch.object(booking_zoom_connection, "SCOPE_WAIT", 0):
            account.action_connect()
        self.assertIn("meeting:write:meeting:admin", account.missing_scopes)
        self.assertNotIn("user:read", account.missing_scopes)

    def test_scopes_that_a_new_app_gets_late_are_asked_for_again(self):
        # Given an app whose first two tokens have no scopes yet
        self.app.scopes = ADMIN_SCOPES
        self.zoom.tokens_without_scopes = 2
        self.addCleanup(setattr, self.zoom, "tokens_without_scopes", 0)
        self.zoom.tokens.clear()
        account = self._create_account()
        # When the administrator links it
        with patch.object(booking_zoom_connection, "SCOPE_WAIT", 0):
            account.action_connect()
        # Then nothing is said to be missing, and the users are there
        self.assertFalse(account.missing_scopes)
        self.assertTrue(account.zoom_user_ids)

    def test_account_id_is_asked_for(self):
        account = self._create_account(zoom_account_id=False)
        self.assertIn("Zoom account ID", self._refused(account))

    def test_wrong_client_secret_is_refused(self):
        message = self._refused(self._create_account(client_secret="wrong-secret"))
        self.assertIn("client secret", message)
        self.assertNotIn("wrong-secret", message)

    def test_wrong_account_id_is_refused_by_name(self):
        message = self._refused(self._create_account(zoom_account_id="mistyped"))
        self.assertIn("mistyped", message)
        self.assertIn("Compare the account ID", message)

    def test_app_of_the_other_kind_is_refused(self):
        self.zoom.add_app(self.zoom_account, client_id="general", client_secret="g")
        account = self._create_account(client_id="general", client_secret="g")
        self.assertIn("Server-to-Server", self._refused(account))

    def test_unreachable_zoom_is_said(self):
        self.zoom.fail(path="/oauth/token", kind="html")
        message = self._refused(self._create_account())
        self.assertIn("could not be reached", message)

    def test_users_that_cannot_be_fetched_do_not_lose_the_link(self):
        self.zoom.fail(path="/v2/users", times=None)
        account = self._create_account()
        account.action_connect()
        self.assertEqual(account.state, "connected")
        self.assertIn("could not be reached", account.state_message)

    def test_token_is_asked_for_again_after_an_hour(self):
        account = self._create_account()
        account.action_connect()
        self.env.flush_all()
        token = account.access_token
        self.move_to(NOW + timedelta(hours=1))
        account._sync_users()
        self.env.invalidate_all()
        self.assertNotEqual(account.access_token, token)
        self.assertEqual(account.access_token, self.zoom.tokens[-1].access_token)

    # === ANOTHER COMPANY === #

    @mute_logger("odoo.sql_db")
    def test_account_of_another_company_cannot_even_be_typed_in(self):
        self._create_account().action_connect()
        company = self.env["res.company"].create({"name": "Second branch"})
        tokens = len(self.zoom.tokens)
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.env["booking.zoom.account"].create(
                {"company_id": company.id, **self._credentials()}
            )
        # A second token might have ended the first company's one.
        self.assertEqual(len(self.zoom.tokens), tokens)

    def test_unlinked_account_can_be_typed_in_by_another_company(self):
        first = self._create_account()
        first.action_connect()
        first.action_disconnect()
        company = self.env["res.company"].create({"name": "Second branch"})
        second = self.env["booking.zoom.account"].create(
            {"company_id": company.id, **self._credentials()}
        )
        second.action_connect()
        self.assertEqual(second.state, "connected")
        self.assertFalse(first.zoom_account_id)

    def test_account_typed_over_is_still_refused_elsewhere(self):
        # Given a linked company that has typed in its next account already
        self.account.zoom_account_id = "next"
        # When another company wants the one that is still linked
        account = self._create_account(
            client_id="client-account-1",
            client_secret="secret-account-1",
            zoom_account_id="account-1",
        )
        message = self._refused(account)
        # Then it is refused by name, and the link goes on working
        self.assertIn(self.account.company_id.name, message)
        self.env.flush_all()
        self.account._sync_users()
        self.assertEqual(self.account.state, "connected")

    # === ANOTHER ZOOM ACCOUNT === #

    def test_another_account_is_confirmed_first(self):
        booking = self.book()
        self.sync_meetings()
        old = self.zoom.state.by_access_token[self.account.access_token]
        self.account.write(self._credentials())
        action = self.account.action_connect()
        link = self._link_of(self.account)
        self.assertEqual(action["res_model"], "booking.zoom.connection")
        self.assertEqual(action["res_id"], link.id)
        self.assertRecordValues(
            link,
            [
                {
                    "step": "confirm",
                    "old_zoom_account_id": "account-1",
                    "new_zoom_account_id": "other",
                    "meeting_count": 1,
                }
            ],
        )
        self.assertTrue(old.current)
        # When it is confirmed
        link.action_confirm()
        self.assert_ended(old)
        self.sync_meetings()
        # Then the new account issues the meeting anew
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id.zoom_id, self.user.id)
        self.assertEqual(booking.zoom_meeting_id.state, "ready")

    def test_discarding_keeps_the_old_account(self):
        self.account.write(self._credentials())
        self.account.action_connect()
        self._link_of(self.account).action_discard()
        self.assert_ended(self.zoom.tokens[-1])
        self.assertRecordValues(
            self.account,
            [
                {
                    "client_id": "client-account-1",
                    "client_secret": "secret-account-1",
                    "zoom_account_id": "account-1",
                    "state": "connected",
                }
            ],
        )
        self.env.flush_all()
        self.move_to(NOW + timedelta(hours=1))
        self.account._sync_users()
        self.assertEqual(self.account.state, "connected")

    # === A SECRET THAT WAS WRONG === #

    def test_corrected_secret_resumes_what_was_stuck(self):
        # Given the secret was regenerated in Zoom, so that the link breaks
        app = self.zoom.state.apps["client-account-1"]
        app.client_secret = "regenerated"
        self.addCleanup(setattr, app, "client_secret", "secret-account-1")
        booking = self.book()
        self.move_to(NOW + timedelta(hours=1))
        self.sync_meetings()
        self.assertEqual(self.account.state, "lost")
        self.assertEqual(booking.zoom_meeting_id.problem, "not_linked")
        # When the administrator corrects it and links again
        self.account.client_secret = "regenerated"
        self.account.action_connect()
        self.sync_meetings()
        # Then the booking gets its meeting
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        self.assertFalse(booking.zoom_meeting_id.problem)

    def test_broken_account_can_be_deleted_only_when_unlinked(self):
        account = self._create_account()
        account.action_connect()
        with self.assertRaises(UserError):
            account.unlink()
        account.action_disconnect()
        account.unlink()
        self.assertFalse(account.exists())
