# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import socket
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..exceptions import (
    ZoomClientRefused,
    ZoomCodeRefused,
    ZoomConnectionLost,
    ZoomError,
    ZoomOutcomeUnknown,
    ZoomRejected,
    ZoomSecondLimit,
    ZoomTokenInvalid,
    ZoomUnavailable,
)
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_oauth import (
    ZoomOAuth,
    code_challenge,
    new_code_verifier,
    trusted_api_url,
)
from ..tools.zoom_scopes import missing_scopes
from .zoom_simulator import ZoomSimulator

REDIRECT = "https://odoo.example.com/resource_booking_zoom/oauth/callback"


class ZoomOAuthCase(BaseCase):
    """A simulated Zoom with an account and an app of each kind."""

    def setUp(self):
        super().setUp()
        self.zoom = ZoomSimulator(port=0)
        self.zoom.start()
        self.addCleanup(self.zoom.stop)
        self.account = self.zoom.add_account(account_id="acc1", plan="pro")
        self.zoom.add_user(self.account, email="jill@example.com", type=2)
        self.zoom.add_app(
            self.account,
            client_id="id1",
            client_secret="hush",
            kind="authorization_code",
            redirect_uris=[REDIRECT],
        )
        self.zoom.add_app(
            self.account,
            client_id="id2",
            client_secret="hush2",
            kind="account_credentials",
        )
        self.oauth = ZoomOAuth(self.zoom.url, "id1", "hush")
        self.server = ZoomOAuth(self.zoom.url, "id2", "hush2")
        self.verifier = new_code_verifier()

    def _consent(self):
        """Let the account's owner allow the app; return what the callback gets."""
        url = self.oauth.authorize_url(REDIRECT, "st/1", code_challenge(self.verifier))
        query = parse_qs(urlsplit(self.zoom.authorize(url, account=self.account)).query)
        return {name: values[0] for name, values in query.items()}

    def _link(self):
        code = self._consent()["code"]
        return self.oauth.exchange_code(code, REDIRECT, self.verifier)

    def _refuse(self, status, **body):
        self.zoom.fail(path="/oauth/token", status=status, body=body)


@tagged("post_install", "-at_install")
class TestZoomLinking(ZoomOAuthCase):
    def test_authorize_url(self):
        oauth = ZoomOAuth("https://zoom.us/", "id1", "hush")

        url = urlsplit(oauth.authorize_url(REDIRECT, "a&b", "chal"))

        self.assertEqual(url[:3], ("https", "zoom.us", "/oauth/authorize"))
        self.assertEqual(
            parse_qs(url.query),
            {
                "response_type": ["code"],
                "client_id": ["id1"],
                "redirect_uri": [REDIRECT],
                "state": ["a&b"],
                "code_challenge": ["chal"],
                "code_challenge_method": ["S256"],
            },
        )

    def test_zoom_itself_is_the_default(self):
        for nothing in ("", None, False):
            url = ZoomOAuth(nothing, "id1", "hush").authorize_url(REDIRECT, "s", "c")

            self.assertTrue(url.startswith("https://zoom.us/oauth/authorize?"))

    def test_challenge_is_that_of_rfc_7636(self):
        verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

        self.assertEqual(
            code_challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        )

    def test_verifiers_are_long_and_different(self):
        self.assertRegex(new_code_verifier(), r"^[A-Za-z0-9_-]{43,128}$")
        self.assertNotEqual(new_code_verifier(), new_code_verifier())

    def test_state_comes_back(self):
        self.assertEqual(self._consent()["state"], "st/1")

    def test_exchange(self):
        grant = self._link()

        self.assertTrue(grant.access_token)
        self.assertTrue(grant.refresh_token)
        self.assertIn(grant.expires_in, (3599, 3600))
        self.assertEqual(missing_scopes(grant.scopes), [])
        client = ZoomClient(f"{self.zoom.url}/v2", grant.access_token)
        self.assertEqual(client.get_user().email, "jill@example.com")

    def test_code_works_once(self):
        code = self._consent()["code"]
        self.oauth.exchange_code(code, REDIRECT, self.verifier)

        with self.assertRaises(ZoomCodeRefused):
            self.oauth.exchange_code(code, REDIRECT, self.verifier)

    def test_code_expires(self):
        code = self._consent()["code"]
        self.zoom.clock.advance(timedelta(minutes=5, seconds=1))

        with self.assertRaises(ZoomCodeRefused):
            self.oauth.exchange_code(code, REDIRECT, self.verifier)

    def test_code_of_another_browser(self):
        code = self._consent()["code"]

        with self.assertRaises(ZoomCodeRefused) as caught:
            self.oauth.exchange_code(code, REDIRECT, new_code_verifier())
        self.assertEqual(caught.exception.code, "invalid_grant")

    def test_code_for_another_address(self):
        code = self._consent()["code"]

        with self.assertRaises(ZoomCodeRefused):
            self.oauth.exchange_code(code, f"{REDIRECT}/", self.verifier)

    def test_wrong_client_secret(self):
        code = self._consent()["code"]
        oauth = ZoomOAuth(self.zoom.url, "id1", "wrong")

        with self.assertRaises(ZoomClientRefused) as caught:
            oauth.exchange_code(code, REDIRECT, self.verifier)
        self.assertEqual(caught.exception.code, "invalid_client")

    def test_client_secret_that_cannot_be_right(self):
        for secret in ("秘密", "", False):
            oauth = ZoomOAuth(self.zoom.url, "id1", secret)

            with self.subTest(secret), self.assertRaises(ZoomClientRefused):
                oauth.refresh("r3fresh")


@tagged("post_install", "-at_install")
class TestZoomRefresh(ZoomOAuthCase):
    def test_refresh_rotates_the_pair(self):
        first = self._link()

        second = self.oauth.refresh(first.refresh_token)

        self.assertNotEqual(second.refresh_token, first.refresh_token)
        self.assertNotEqual(second.access_token, first.access_token)
        self.oauth.refresh(second.refresh_token)

    def test_rotated_token_is_dead(self):
        first = self._link()
        self.oauth.refresh(first.refresh_token)

        with self.assertRaises(ZoomConnectionLost) as caught:
            self.oauth.refresh(first.refresh_token)
        self.assertEqual(caught.exception.message, "Invalid Token!")
        self.assertEqual(caught.exception.code, "invalid_grant")

    def test_dead_by_zooms_own_words_only(self):
        cases = (
            (
                400,
                {"reason": "Invalid Token!", "error": "invalid_grant"},
                ZoomConnectionLost,
            ),
            (
                401,
                {"reason": "Invalid Token!", "error": "invalid_grant"},
                ZoomConnectionLost,
            ),
            (
                400,
                {"reason": "Invalid Token!", "error": "invalid_request"},
                ZoomConnectionLost,
            ),
            (400, {"error": "invalid_grant"}, ZoomConnectionLost),
            (
                400,
                {"code": 4711, "message": "Refresh token invalid."},
                ZoomConnectionLost,
            ),
            (
                400,
                {"code": 4741, "message": "The token is revoked."},
                ZoomConnectionLost,
            ),
            (
                400,
                {"code": 4717, "message": "The app has been disabled"},
                ZoomConnectionLost,
            ),
            (
                400,
                {"reason": "Invalid client secret.", "error": "invalid_client"},
                ZoomClientRefused,
            ),
            (400, {"code": 4702, "message": "Invalid client."}, ZoomClientRefused),
            (
                400,
                {"reason": "unsupported grant type", "error": "unsupported_grant_type"},
                ZoomRejected,
            ),
            (403, {"error": "invalid_grant"}, ZoomRejected),
            (429, {"code": 429, "message": "Slow down."}, ZoomSecondLimit),
            (500, {"error": "invalid_grant"}, ZoomOutcomeUnknown),
        )
        for status, body, expected in cases:
            with self.subTest(f"{status} {body}"):
                self._refuse(status, **body)

                with self.assertRaises(expected) as caught:
                    self.oauth.refresh("r3fresh")
                self.assertIs(type(caught.exception), expected)

    def test_page_of_something_on_the_way_kills_no_link(self):
        for status in (400, 401, 403, 404):
            self.zoom.fail(kind="html", status=status)

            with self.subTest(status), self.assertRaises(ZoomError) as caught:
                self.oauth.refresh("r3fresh")
            self.assertNotIsInstance(caught.exception, ZoomConnectionLost)

    def test_lost_answer(self):
        for kind, values in (
            ("drop_before", {}),
            ("drop_after", {}),
            ("malformed", {}),
            ("html", {"status": 503}),
            ("body", {"status": 200, "body": {"token_type": "bearer"}}),
        ):
            refresh_token = self._link().refresh_token
            before = len(self.zoom.requests)
            self.zoom.fail(kind=kind, **values)

            with self.subTest(kind), self.assertRaises(ZoomOutcomeUnknown):
                self.oauth.refresh(refresh_token)
            self.assertEqual(len(self.zoom.requests) - before, 1)

    def test_overdue_answer(self):
        refresh_token = self._link().refresh_token
        self.zoom.fail(kind="delay", delay=0.6)
        oauth = ZoomOAuth(self.zoom.url, "id1", "hush", read_timeout=0.1)

        with self.assertRaises(ZoomOutcomeUnknown):
            oauth.refresh(refresh_token)

    @mute_logger("urllib3.connectionpool")
    def test_no_connection_means_not_used_up(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        oauth = ZoomOAuth(f"http://127.0.0.1:{port}", "id1", "hush")

        with self.assertRaises(ZoomUnavailable):
            oauth.refresh("r3fresh")

    def test_strange_lifetime_costs_no_tokens(self):
        for expires_in in (None, "soon", "3599"):
            body = {"access_token": "a", "refresh_token": "r", "expires_in": expires_in}
            self.zoom.fail(kind="body", status=200, body=body)

            grant = self.oauth.refresh("r3fresh")

            self.assertEqual(grant.refresh_token, "r")
            self.assertIn(grant.expires_in, (3599, 3600))

    def test_redirect_is_not_followed(self):
        elsewhere = ZoomSimulator(port=0)
        elsewhere.start()
        self.addCleanup(elsewhere.stop)
        headers = {"Location": f"{elsewhere.url}/oauth/token"}
        self.zoom.fail(status=307, headers=headers)

        with self.assertRaises(ZoomOutcomeUnknown):
            self.oauth.refresh("r3fresh")

        self.assertEqual(len(elsewhere.requests), 0)

    def test_revoke_ends_the_pair(self):
        grant = self._link()

        self.oauth.revoke(grant.access_token)

        with self.assertRaises(ZoomTokenInvalid):
            ZoomClient(f"{self.zoom.url}/v2", grant.access_token).get_user()
        with self.assertRaises(ZoomConnectionLost):
            self.oauth.refresh(grant.refresh_token)

    def test_revoke_twice(self):
        grant = self._link()
        self.oauth.revoke(grant.access_token)

        with self.assertRaises(ZoomConnectionLost):
            self.oauth.revoke(grant.access_token)


@tagged("post_install", "-at_install")
class TestZoomServerToServer(ZoomOAuthCase):
    def test_token(self):
        grant = self.server.account_credentials("acc1")

        self.assertIsNone(grant.refresh_token)
        client = ZoomClient(f"{self.zoom.url}/v2", grant.access_token)
        self.assertEqual(len(client.list_users()), 1)

    def test_wrong_account(self):
        with self.assertRaises(ZoomConnectionLost) as caught:
            self.server.account_credentials("acc2")
        self.assertTrue(caught.exception.message)

    def test_app_of_another_kind(self):
        with self.assertRaises(ZoomConnectionLost) as caught:
            self.oauth.account_credentials("acc1")
        self.assertEqual(caught.exception.code, "unsupported_grant_type")

    def test_wrong_client_secret(self):
        with self.assertRaises(ZoomClientRefused):
            ZoomOAuth(self.zoom.url, "id2", "wrong").account_credentials("acc1")

    def test_lost_answer_does_no_harm(self):
        for kind, status in (("drop_after", None), ("malformed", None), ("html", 503)):
            self.zoom.fail(kind=kind, status=status)

            with self.subTest(kind), self.assertRaises(ZoomUnavailable):
                self.server.account_credentials("acc1")


@tagged("post_install", "-at_install")
class TestZoomOAuthSecrets(ZoomOAuthCase):
    def test_repr_hides_secrets(self):
        grant = self._link()

        for secret in (grant.access_token, grant.refresh_token):
            self.assertNotIn(secret, repr(grant))
        self.assertNotIn("hush", repr(self.oauth))

    def test_code_that_zoom_repeats_does_not_show(self):
        with self.assertRaises(ZoomCodeRefused) as caught:
            self.oauth.exchange_code("c0de", REDIRECT, self.verifier)

        self.assertEqual(caught.exception.message, "Invalid authorization code ***")

    def test_nothing_secret_in_logs_and_addresses(self):
        code = self._consent()["code"]
        before = len(self.zoom.requests)
        with (
            # Odoo's loggers have levels of their own: the root alone hears nothing.
            self.assertLogs("odoo.addons.resource_booking_zoom", logging.DEBUG) as logs,
            self.assertLogs("urllib3", logging.DEBUG) as urllib3_logs,
        ):
            first = self.oauth.exchange_code(code, REDIRECT, self.verifier)
            second = self.oauth.refresh(first.refresh_token)
            self.oauth.revoke(second.access_token)
            server = self.server.account_credentials("acc1")

        text = "\n".join(logs.output + urllib3_logs.output)
        self.assertIn("/oauth/token", text)
        secrets = [code, self.verifier, "hush", server.access_token]
        secrets += [first.access_token, first.refresh_token]
        secrets += [second.access_token, second.refresh_token]
        for secret in secrets:
            self.assertNotIn(secret, text)
        for log in self.zoom.requests[before:]:
            self.assertFalse(log.query)
            self.assertEqual(log.authorization_kind, "basic")
            self.assertEqual(log.accept, "application/json")
            self.assertTrue(log.user_agent.startswith("resource_booking_zoom/"))


@tagged("post_install", "-at_install")
class TestTrustedApiUrl(BaseCase):
    def test_hosts_of_zoom(self):
        cases = (
            ("https://api.zoom.us", "https://api.zoom.us/v2"),
            ("https://api-eu.zoom.us/", "https://api-eu.zoom.us/v2"),
            ("https://api-eu.zoom.us/v2", "https://api-eu.zoom.us/v2"),
            ("https://zoom.us:443", "https://zoom.us/v2"),
            ("https://VANITY.zoom.us", "https://vanity.zoom.us/v2"),
        )
        for url, expected in cases:
            with self.subTest(url):
                self.assertEqual(trusted_api_url(url), expected)

    def test_hosts_of_others(self):
        for url in (
            "http://api.zoom.us",
            "https://evilzoom.us",
            "https://zoom.us.evil.example",
            "https://evil.example\\.zoom.us",
            "https://evil.example/.zoom.us",
            "https://evil.example#.zoom.us",
            "https://evil.example?.zoom.us",
            "https://api.zoom.us@evil.example",
            "https://evil.example@api.zoom.us",
            "https://api.zoom.us:8443",
            "https://api.zoom.us:port",
            "https://api.zoom.us.",
            "https://[::1",
            "https://",
            "api.zoom.us",
            "",
            None,
        ):
            with self.subTest(url):
                self.assertIsNone(trusted_api_url(url))
