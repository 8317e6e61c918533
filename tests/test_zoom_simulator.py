# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The simulated Zoom answers as Zoom does: asked over HTTP, one fact a test."""

import base64
import datetime as dt
import hashlib
import hmac
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from odoo.tests import BaseCase, tagged

from .zoom_simulator import Fault, ZoomSimulator, limits, webhooks

NOW = dt.datetime(2026, 5, 11, 9, 0, tzinfo=dt.UTC)
CALLBACK = "http://127.0.0.1:8069/callback"
START = "2026-05-12T10:00:00Z"


class ZoomSimulatorCase(BaseCase):
    """One simulator for the class, emptied for every test.

    It has two accounts; ``app`` is installed in both, ``server_app`` (server to
    server) in the first. ``host`` owns the first account.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sim = ZoomSimulator().start()
        cls.addClassCleanup(cls.sim.stop)

    def setUp(self):
        super().setUp()
        self.sim.reset()
        self.sim.clock.set(NOW)
        self.account = self.sim.add_account("acc-1", plan="business")
        self.other_account = self.sim.add_account("acc-2", plan="business")
        self.app = self.sim.add_app(
            self.account, "id1", "secret1", redirect_uris=[CALLBACK]
        )
        self.sim.install_app(self.app, self.other_account)
        self.server_app = self.sim.add_app(
            self.account, "id2", "secret2", kind="account_credentials"
        )
        self.host = self.sim.add_user(self.account, "host@example.com")
        self.stranger = self.sim.add_user(self.other_account, "else@example.com")
        self.session = requests.Session()
        self.session.trust_env = False
        self.addCleanup(self.session.close)

    # --- OAuth ---------------------------------------------------------------

    def open_consent(self, **parameters):
        """The page that asks for consent, or where it leads at once."""
        url = self.authorize_url(**parameters)
        return self.session.get(url, allow_redirects=False, timeout=10)

    def authorize_url(self, **parameters):
        query = {
            "response_type": "code",
            "client_id": "id1",
            "redirect_uri": CALLBACK,
            "state": "s/1",
        }
        query.update(parameters)
        return f"{self.sim.url}/oauth/authorize?{urlencode(query)}"

    def consent(self, account=None, **parameters):
        """What the redirect after a consent says, as a dict."""
        url = self.authorize_url(**parameters)
        location = self.sim.authorize(url, account=account or self.account)
        return {
            key: values[0] for key, values in parse_qs(urlsplit(location).query).items()
        }

    def post(self, path, client=("id1", "secret1"), **kwargs):
        """Ask something of OAuth."""
        url = f"{self.sim.url}{path}"
        return self.session.post(url, auth=client, timeout=10, **kwargs)

    def token(self, client=("id1", "secret1"), **form):
        return self.post("/oauth/token", client, data=form)

    def exchange(self, code, **form):
        form = {"redirect_uri": CALLBACK, "code": code, **form}
        return self.token(grant_type="authorization_code", **form)

    def refresh(self, refresh_token):
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def server_token(self, account_id="acc-1"):
        return self.token(
            ("id2", "secret2"), grant_type="account_credentials", account_id=account_id
        )

    def revoke(self, token):
        return self.post("/oauth/revoke", data={"token": token})

    def link(self, account=None):
        """A fresh pair of tokens, as the answer's body."""
        return self.exchange(self.consent(account)["code"]).json()

    # --- REST ----------------------------------------------------------------

    def call(self, method, path, body=None, token=None, **kwargs):
        """An HTTP answer of REST; links first when no token is given."""
        if token is None:
            token = self.access_token()
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        headers.update(kwargs.pop("headers", {}))
        url = f"{self.sim.url}/v2{path}"
        return self.session.request(
            method, url, json=body, headers=headers, timeout=10, **kwargs
        )

    def access_token(self):
        """A usable token of the first account."""
        now = self.sim.clock.now()
        current = [
            pair
            for pair in self.sim.tokens
            if pair.current
            and pair.account is self.account
            and pair.access_expires_at > now
        ]
        return current[-1].access_token if current else self.link()["access_token"]

    def create(self, host="me", **values):
        body = {"topic": "Advice", "start_time": START, "duration": 30, **values}
        return self.call("POST", f"/users/{host}/meetings", body)

    def meeting(self, **values):
        """A new meeting, as the answer's body."""
        return self.create(**values).json()

    def get(self, meeting_id):
        return self.call("GET", f"/meetings/{meeting_id}").json()

    def assert_refused(self, response, status, code, message=None):
        body = response.json()
        self.assertEqual((response.status_code, body["code"]), (status, code), body)
        if message:
            self.assertEqual(body["message"], message)


@tagged("post_install", "-at_install")
class TestSimulatedConsent(ZoomSimulatorCase):
    def test_consent_redirects_with_code_and_unchanged_state(self):
        answer = self.consent(state='{"a": "b&c"}')
        self.assertEqual(answer["state"], '{"a": "b&c"}')
        self.assertTrue(answer["code"])

    def test_refusal_redirects_with_an_error(self):
        location = self.sim.authorize(self.authorize_url(), deny=True)
        query = parse_qs(urlsplit(location).query)
        self.assertEqual(query["error"], ["access_denied"])

    def test_page_offers_every_account_with_the_app(self):
        page = self.open_consent()
        self.assertEqual(page.status_code, 200)
        for account_id in ("acc-1", "acc-2"):
            self.assertIn(f"data-account='{account_id}'", page.text)
        self.assertIn("class='deny'", page.text)

    def test_link_on_the_page_consents(self):
        page = self.open_consent().text
        href = page.split("href='")[1].split("'")[0].replace("&amp;", "&")
        answer = self.session.get(
            self.sim.url + href, allow_redirects=False, timeout=10
        )
        self.assertTrue(answer.headers["Location"].startswith(f"{CALLBACK}?code="))

    def test_page_escapes_what_the_address_says(self):
        self.assertNotIn("<script>", self.open_consent(state="'><script>").text)

    def test_auto_consent_redirects_at_once(self):
        self.sim.auto_consent = True
        self.assertEqual(self.open_consent().status_code, 302)

    def test_unknown_client_is_told_in_plain_text(self):
        answer = self.open_consent(client_id="no")
        self.assertEqual(answer.text, "Invalid client_id: no (4,702)")

    def test_wrong_redirect_is_refused_without_redirecting(self):
        answer = self.open_consent(redirect_uri=CALLBACK.upper()).json()
        self.assertEqual(answer["errorCode"], 4700)
        self.assertEqual(answer["errorMessage"], "Invalid redirect url")

    def test_app_without_addresses_takes_loopback_only(self):
        self.app.redirect_uris = None
        self.assertTrue(self.consent(redirect_uri="http://localhost:1/x")["code"])
        with self.assertRaisesRegex(ValueError, "4700"):
            self.consent(redirect_uri="https://example.com/x")


@tagged("post_install", "-at_install")
class TestSimulatedTokens(ZoomSimulatorCase):
    def assert_no_token(self, answer, error):
        self.assertEqual((answer.status_code, answer.json()["error"]), (400, error))

    def test_exchange_answers_as_zoom(self):
        body = self.link()
        self.assertEqual(body["token_type"], "bearer")
        self.assertEqual(body["expires_in"], 3599)
        self.assertEqual(body["api_url"], self.sim.url)
        self.assertIn("meeting:write:meeting:admin", body["scope"].split())
        self.assertTrue(body["refresh_token"])

    def test_api_url_can_be_another_or_missing(self):
        self.sim.api_url_in_token = "https://api-eu.zoom.us"
        self.assertEqual(self.link()["api_url"], "https://api-eu.zoom.us")
        self.sim.api_url_in_token = None
        self.assertNotIn("api_url", self.link())

    def test_code_works_once(self):
        code = self.consent()["code"]
        self.assertEqual(self.exchange(code).status_code, 200)
        again = self.exchange(code)
        self.assertEqual(again.status_code, 400)
        self.assertEqual(again.json()["reason"], f"Invalid authorization code {code}")

    def test_code_lives_five_minutes(self):
        young, old = self.consent()["code"], self.consent()["code"]
        self.sim.clock.advance(minutes=4, seconds=59)
        self.assertEqual(self.exchange(young).status_code, 200)
        self.sim.clock.advance(seconds=1)
        self.assert_no_token(self.exchange(old), "invalid_request")

    def test_redirect_uri_must_be_the_same_again(self):
        answer = self.exchange(self.consent()["code"], redirect_uri=CALLBACK + "/")
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(answer.json()["reason"], "Redirect URI mismatch.")

    def test_pkce_s256(self):
        verifier = "v" * 43
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
        for sent, status in ((verifier, 200), (challenge, 400), ("", 400)):
            with self.subTest(sent=sent):
                code = self.consent(**asked)["code"]
                answer = self.exchange(code, code_verifier=sent)
                self.assertEqual(answer.status_code, status)

    def test_pkce_is_plain_without_a_method(self):
        code = self.consent(code_challenge="plain-text")["code"]
        wrong = self.exchange(code, code_verifier="other")
        self.assert_no_token(wrong, "invalid_grant")
        code = self.consent(code_challenge="plain-text")["code"]
        right = self.exchange(code, code_verifier="plain-text")
        self.assertEqual(right.status_code, 200)

    def test_wrong_secret(self):
        answer = self.token(("id1", "wrong"), grant_type="refresh_token")
        self.assert_no_token(answer, "invalid_client")
        reason = "Invalid client_id or client_secret"
        self.assertEqual(answer.json()["reason"], reason)

    def test_unknown_grant(self):
        answer = self.token(grant_type="password")
        self.assert_no_token(answer, "unsupported_grant_type")

    def test_only_a_form_is_read(self):
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self.link()["refresh_token"],
        }
        answer = self.post("/oauth/token", json=form)
        self.assertEqual(answer.json()["reason"], "Missing grant type.")
        self.assertEqual(self.post("/oauth/token", params=form).status_code, 400)

    def test_refresh_rotates(self):
        first = self.link()
        second = self.refresh(first["refresh_token"]).json()
        self.assertNotEqual(second["refresh_token"], first["refresh_token"])
        self.assertEqual([pair.generation for pair in self.sim.tokens], [1, 2])
        stale = self.refresh(first["refresh_token"])
        self.assert_no_token(stale, "invalid_grant")
        self.assertEqual(stale.json()["reason"], "Invalid Token!")
        self.assertEqual(len(self.sim.stale_token_uses), 1)
        # The new pair is left alone
        self.assertEqual(self.refresh(second["refresh_token"]).status_code, 200)

    def test_refresh_kills_the_access_token(self):
        first = self.link()
        self.refresh(first["refresh_token"])
        answer = self.call("GET", "/users/me", token=first["access_token"])
        self.assert_refused(answer, 401, 124, "Invalid access token.")

    def test_replaced_access_token_can_survive(self):
        self.sim.old_access_token_survives = True
        first = self.link()
        self.refresh(first["refresh_token"])
        answer = self.call("GET", "/users/me", token=first["access_token"])
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(self.sim.stale_token_uses)

    def test_access_token_lives_an_hour(self):
        token = self.link()["access_token"]
        self.sim.clock.advance(minutes=59)
        self.assertEqual(self.call("GET", "/users/me", token=token).status_code, 200)
        self.sim.clock.advance(minutes=1)
        answer = self.call("GET", "/users/me", token=token)
        self.assert_refused(answer, 401, 124, "Access token is expired.")

    def test_refresh_token_ends_after_ninety_days(self):
        pair = self.link()
        self.sim.clock.advance(days=90)
        self.assert_no_token(self.refresh(pair["refresh_token"]), "invalid_grant")

    def test_second_consent_kills_the_first_pair(self):
        first = self.link()
        self.link()
        self.assert_no_token(self.refresh(first["refresh_token"]), "invalid_grant")

    def test_consent_of_another_account_leaves_the_first_pair_alone(self):
        first = self.link()
        self.link(self.other_account)
        self.assertEqual(self.refresh(first["refresh_token"]).status_code, 200)

    def test_revoke_kills_both_tokens(self):
        pair = self.link()
        answer = self.revoke(pair["access_token"])
        self.assertEqual(answer.json(), {"status": "success"})
        access = self.call("GET", "/users/me", token=pair["access_token"])
        self.assert_refused(access, 401, 124)
        self.assertEqual(self.refresh(pair["refresh_token"]).status_code, 400)

    def test_uninstalling_the_app_kills_the_tokens(self):
        pair = self.link()
        self.sim.uninstall_app(self.app, self.account)
        self.assertEqual(self.refresh(pair["refresh_token"]).status_code, 400)

    def test_server_to_server_gets_no_refresh_token(self):
        body = self.server_token().json()
        self.assertNotIn("refresh_token", body)
        answer = self.call("GET", "/users", token=body["access_token"])
        self.assertEqual(answer.status_code, 200)

    def test_server_to_server_for_a_foreign_account(self):
        self.assert_no_token(self.server_token("acc-2"), "invalid_request")

    def test_second_server_token_replaces_the_first(self):
        first = self.server_token().json()["access_token"]
        self.server_token()
        answer = self.call("GET", "/users", token=first)
        self.assert_refused(answer, 401, 124, "Invalid access token.")

    def test_app_of_one_kind_gets_no_grant_of_the_other(self):
        answer = self.token(grant_type="account_credentials", account_id="acc-1")
        self.assert_no_token(answer, "unsupported_grant_type")


@tagged("post_install", "-at_install")
class TestSimulatedAccess(ZoomSimulatorCase):
    def test_no_token(self):
        answer = self.call("GET", "/users/me", token="nonsense")
        self.assert_refused(answer, 401, 124, "Invalid access token.")

    def test_token_in_the_query(self):
        answer = self.call("GET", "/users/me", params={"access_token": "x"})
        self.assert_refused(answer, 401, 124)
        self.assertIn("not supported as query parameter", answer.json()["message"])

    def test_answers_xml_unless_asked_for_json(self):
        anything = self.call("GET", "/users/nobody", headers={"Accept": "*/*"})
        self.assertEqual(anything.json()["code"], 1001)
        answer = self.call("GET", "/users/nobody", headers={"Accept": "text/html"})
        self.assertEqual(answer.status_code, 404)
        self.assertIn("application/xml", answer.headers["Content-Type"])
        self.assertIn("<result><code>1001</code><message>", answer.text)

    def test_unknown_path(self):
        answer = self.call("GET", "/nothing/here")
        message = "This API endpoint is not recognized."
        self.assert_refused(answer, 400, 2300, message)

    def test_every_answer_can_be_tracked(self):
        for path in ("/users/me", "/users/nobody"):
            answer = self.call("GET", path)
            self.assertIn("rid=WEB_", answer.headers["x-zm-trackingid"])

    def test_missing_admin_scope_is_named(self):
        self.app.scopes = ("meeting:write:meeting:admin",)
        answer = self.call("GET", "/users")
        self.assert_refused(
            answer,
            400,
            4711,
            "Invalid access token, does not contain scopes:"
            "[user:read:list_users:admin].",
        )

    def test_classic_scopes_do(self):
        self.app.scopes = ("meeting:write:admin", "user:read:admin")
        self.assertEqual(self.create().status_code, 201)
        self.assertEqual(self.call("GET", "/users").status_code, 200)
        self.assert_refused(self.call("GET", "/meetings/81234567890"), 400, 4711)

    def test_token_gains_no_scope_later(self):
        self.app.scopes = ("user:read:user:admin",)
        pair = self.link()
        self.app.scopes += ("user:read:list_users:admin",)
        token = self.refresh(pair["refresh_token"]).json()["access_token"]
        self.assert_refused(self.call("GET", "/users", token=token), 400, 4711)

    def test_own_data_scope_reaches_only_oneself(self):
        other = self.sim.add_user(self.account, "second@example.com")
        self.app.scopes = ("meeting:write:meeting",)
        self.assertEqual(self.create().status_code, 201)
        self.assert_refused(self.create(other.id), 401, 124)

    def test_other_users_need_shared_access(self):
        other = self.sim.add_user(self.account, "second@example.com")
        self.account.shared_access = False
        self.assertEqual(self.create(other.id).status_code, 403)
        self.assertEqual(self.create().status_code, 201)

    def test_denied_account(self):
        self.account.denied = True
        self.assertEqual(self.call("GET", "/users").status_code, 403)

    def test_me_can_be_refused_to_server_to_server(self):
        token = self.server_token().json()["access_token"]
        self.assertEqual(self.call("GET", "/users/me", token=token).status_code, 200)
        self.sim.s2s_me_allowed = False
        self.assert_refused(self.call("GET", "/users/me", token=token), 401, 124)


@tagged("post_install", "-at_install")
class TestSimulatedUsers(ZoomSimulatorCase):
    def test_user_by_me_id_and_email(self):
        for key in ("me", self.host.id, "Host%40example.com"):
            with self.subTest(key=key):
                body = self.call("GET", f"/users/{key}").json()
                self.assertEqual(body["id"], self.host.id)
                self.assertEqual(body["account_id"], "acc-1")
                self.assertEqual(body["role_name"], "Owner")

    def test_user_of_another_account_does_not_exist(self):
        answer = self.call("GET", f"/users/{self.stranger.id}")
        message = f"User does not exist: {self.stranger.id}."
        self.assert_refused(answer, 404, 1001, message)

    def test_list_has_users_of_the_account_by_status_active_ones_if_none_is_named(self):
        self.sim.add_user(self.account, "gone@example.com", status="inactive")
        for query, name in (("", "host"), ("?status=inactive", "gone")):
            with self.subTest(query):
                (user,) = self.call("GET", f"/users{query}").json()["users"]
                self.assertEqual(user["email"], f"{name}@example.com")

    def test_pending_users_have_no_id(self):
        self.sim.add_user(self.account, "new@example.com", status="pending")
        (user,) = self.call("GET", "/users?status=pending").json()["users"]
        self.assertEqual(user["email"], "new@example.com")
        self.assertNotIn("id", user)

    def test_japanese_users_have_the_family_name_first(self):
        user = self.sim.add_user(
            self.account, first_name="花子", last_name="田中", language="jp-JP"
        )
        body = self.call("GET", f"/users/{user.id}").json()
        self.assertEqual(body["display_name"], "田中 花子")

    def test_expired_invitation(self):
        user = self.sim.add_user(
            self.account, "new@example.com", status="pending", invitation_expired=True
        )
        self.assert_refused(self.call("GET", f"/users/{user.email}"), 400, 1120)

    def test_settings_tell_how_many_meetings_at_once(self):
        path = "/users/me/settings"
        feature = self.call("GET", path).json()["feature"]
        self.assertEqual(feature["concurrent_meeting"], "Plus")
        self.host.type = 1
        feature = self.call("GET", path).json()["feature"]
        self.assertEqual(feature["concurrent_meeting"], "Basic")


@tagged("post_install", "-at_install")
class TestSimulatedPages(ZoomSimulatorCase):
    def setUp(self):
        super().setUp()
        for number in range(6):
            self.sim.add_user(self.account, f"u{number}@example.com")

    def page(self, **query):
        return self.call("GET", "/users", params={"page_size": 3, **query})

    def test_pages_hold_everything_once(self):
        found, token, sizes = [], None, []
        while token != "":
            body = self.page(next_page_token=token).json()
            sizes.append(len(body["users"]))
            found += [user["id"] for user in body["users"]]
            token = body["next_page_token"]
        self.assertEqual(sizes, [3, 3, 1])
        self.assertEqual(len(set(found)), 7)

    def test_page_tells_the_whole(self):
        body = self.page().json()
        self.assertEqual((body["total_records"], body["page_count"]), (7, 3))
        self.assertEqual((body["page_size"], body["page_number"]), (3, 1))

    def test_thirty_by_default_and_three_hundred_at_most(self):
        for asked, size in ((None, 30), (2000, 300)):
            self.assertEqual(self.page(page_size=asked).json()["page_size"], size)

    def test_page_token_lives_fifteen_minutes(self):
        token = self.page().json()["next_page_token"]
        self.sim.clock.advance(minutes=15)
        answer = self.page(next_page_token=token)
        message = "The next page token is invalid or expired."
        self.assert_refused(answer, 400, 300, message)

    def test_wrong_page(self):
        token = self.page().json()["next_page_token"]
        for query in (
            # It is for the same question only.
            {"next_page_token": token, "status": "inactive"},
            {"next_page_token": "x"},
            {"page_size": "many"},
        ):
            with self.subTest(**query):
                self.assert_refused(self.page(**query), 400, 300)


@tagged("post_install", "-at_install")
class TestSimulatedMeetings(ZoomSimulatorCase):
    def test_create_answers_201_with_everything(self):
        answer = self.create(agenda="A mark")
        body = answer.json()
        self.assertEqual(answer.status_code, 201)
        self.assertEqual((body["topic"], body["agenda"]), ("Advice", "A mark"))
        self.assertEqual((body["start_time"], body["duration"]), (START, 30))
        self.assertEqual(body["host_id"], self.host.id)
        self.assertEqual(body["type"], 2)
        self.assertIn("?zak=", body["start_url"])
        self.assertIn("waiting_room", body["settings"])

    def test_id_is_a_number_beyond_32_bits(self):
        number = self.meeting()["id"]
        self.assertGreater(number, 2**32)
        self.assertEqual(len(str(number)), 11)

    def test_personal_room_of_a_host_who_schedules_with_it(self):
        self.host.use_pmi = True
        room = f"/j/{self.host.pmi}"
        first, second = self.meeting(), self.meeting()
        self.assertNotEqual(first["id"], second["id"])
        for meeting in (first, second):
            self.assertIn(room, meeting["join_url"])
        # unless the creation says otherwise
        own = self.meeting(settings={"use_pmi": False})
        self.assertIn(f"/j/{own['id']}", own["join_url"])
        self.host.insists_on_pmi = True
        self.assertIn(room, self.meeting(settings={"use_pmi": False})["join_url"])

    def test_personal_room_that_is_ticked_later(self):
        meeting = self.meeting()
        self.sim.tick_personal_room(self.sim.meetings[meeting["id"]])
        self.assertIn(f"/j/{self.host.pmi}", self.get(meeting["id"])["join_url"])

    def test_title_and_start_that_are_not_kept_as_they_were_sent(self):
        self.sim.rewrites_topics = True
        self.sim.start_step = 15
        meeting = self.meeting(topic=" A \N{HORSE} ", start_time="2026-05-12T10:07:00Z")
        self.assertEqual(meeting["topic"], "A -")
        self.assertEqual(meeting["start_time"], START)
        self.call("PATCH", f"/meetings/{meeting['id']}", {"topic": "\N{HORSE} B"})
        self.assertEqual(self.get(meeting["id"])["topic"], "- B")

    def test_join_url_carries_the_passcode_if_the_host_wants(self):
        self.assertIn("?pwd=", self.meeting()["join_url"])
        self.host.embed_password_in_join_link = False
        self.assertNotIn("pwd", self.meeting()["join_url"])

    def test_passcode_is_made_unless_declined(self):
        self.assertTrue(self.meeting()["password"])
        self.assertEqual(self.meeting(password="a@1_*-")["password"], "a@1_*-")
        self.assertNotIn("password", self.meeting(default_password=False))

    def test_locked_security_turns_the_waiting_room_on(self):
        self.account.enforce_security = True
        settings = {"waiting_room": False, "join_before_host": True}
        body = self.meeting(default_password=False, settings=settings)
        self.assertTrue(body["settings"]["waiting_room"])
        self.assertFalse(body["settings"]["join_before_host"])

    def test_past_or_missing_start_becomes_now(self):
        for start in ("2026-05-11T08:59:00Z", ""):
            with self.subTest(start):
                body = self.meeting(start_time=start)
                self.assertEqual(body["start_time"], "2026-05-11T09:00:00Z")

    def test_start_is_read_in_the_time_zone_unless_it_has_z(self):
        for start in ("2026-05-12T19:00:00", START):
            with self.subTest(start):
                body = self.meeting(start_time=start, timezone="Asia/Tokyo")
                self.assertEqual(body["start_time"], START)
                self.assertEqual(body["timezone"], "Asia/Tokyo")

    def test_wrong_fields_are_named(self):
        wrong = {
            "topic": "x" * 201,
            "agenda": "x" * 2001,
            "start_time": "2026-05-12 10:00",
            "timezone": "Asia/Atlantis",
            "password": "12345678901",
            "type": 7,
        }
        for name, value in (*wrong.items(), ("duration", 0), ("duration", 1441)):
            with self.subTest(field=name):
                answer = self.create(**{name: value})
                self.assert_refused(answer, 400, 300, "Validation Failed.")
                self.assertEqual(
                    answer.json()["errors"],
                    [{"field": name, "message": "Invalid field."}],
                )

    def test_longest_values_are_taken(self):
        values = {"topic": "x" * 200, "agenda": "x" * 2000, "duration": 1440}
        body = self.meeting(**values)
        self.assertEqual({name: body[name] for name in values}, values)

    def test_wrong_setting_is_named(self):
        answer = self.create(settings={"waiting_room": "yes"})
        (error,) = answer.json()["errors"]
        self.assertEqual(error["field"], "settings.waiting_room")

    def test_body_must_be_an_object(self):
        answer = self.call("POST", "/users/me/meetings", ["x"])
        message = "Request Body should be a valid JSON object."
        self.assert_refused(answer, 400, 300, message)

    def test_nobody_schedules_for_others(self):
        self.assert_refused(self.create(schedule_for="boss@example.com"), 400, 3000)

    def test_overlapping_meetings_are_not_refused(self):
        self.assertEqual([self.create().status_code for _two in "ab"], [201, 201])

    def test_host_of_another_account_does_not_exist(self):
        self.assert_refused(self.create(self.stranger.id), 404, 1001)

    def test_user_who_may_not_host(self):
        for change in ({"type": 4}, {"status": "inactive"}, {"can_host": False}):
            with self.subTest(**change):
                user = self.sim.add_user(self.account, **change)
                self.assert_refused(self.create(user.id), 400, 3161)

    def test_pending_user_cannot_host(self):
        user = self.sim.add_user(self.account, status="pending")
        self.assert_refused(self.create(user.email), 400, 1120)

    def test_patch_answers_204_without_a_body(self):
        number = self.meeting()["id"]
        answer = self.call("PATCH", f"/meetings/{number}", {"topic": "New"})
        self.assertEqual((answer.status_code, answer.content), (204, b""))
        self.assertNotIn("Content-Type", answer.headers)

    def test_patch_changes_only_what_it_names(self):
        before = self.meeting(agenda="mark")
        new_start = "2026-05-13T11:00:00Z"
        self.call("PATCH", f"/meetings/{before['id']}", {"start_time": new_start})
        after = self.get(before["id"])
        for body in (before, after):
            del body["start_url"]
        self.assertEqual(after, {**before, "start_time": new_start})

    def test_patch_ignores_a_past_start(self):
        number = self.meeting()["id"]
        body = {"start_time": "2026-05-11T08:00:00Z", "duration": 45}
        answer = self.call("PATCH", f"/meetings/{number}", body)
        self.assertEqual(answer.status_code, 204)
        after = self.get(number)
        self.assertEqual((after["start_time"], after["duration"]), (START, 45))

    def test_new_passcode_brings_a_new_link(self):
        before = self.meeting()
        self.call("PATCH", f"/meetings/{before['id']}", {"password": "new1"})
        after = self.get(before["id"])
        self.assertEqual(after["password"], "new1")
        self.assertNotEqual(after["join_url"], before["join_url"])

    def test_delete_answers_204_and_the_meeting_is_gone(self):
        number = self.meeting()["id"]
        answer = self.call("DELETE", f"/meetings/{number}")
        self.assertEqual((answer.status_code, answer.content), (204, b""))
        message = f"Meeting does not exist: {number}."
        for method in ("GET", "PATCH", "DELETE"):
            with self.subTest(method=method):
                body = {} if method == "PATCH" else None
                answer = self.call(method, f"/meetings/{number}", body)
                self.assert_refused(answer, 404, 3001, message)
        self.assertTrue(self.sim.meetings[number].deleted)

    def test_deleted_meeting_can_be_recovered(self):
        number = self.meeting()["id"]
        self.call("DELETE", f"/meetings/{number}")
        body = {"action": "recover"}
        answer = self.call("PUT", f"/meetings/{number}/status", body)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self.get(number)["id"], number)

    def test_meeting_of_another_account_does_not_exist(self):
        number = self.meeting()["id"]
        token = self.link(self.other_account)["access_token"]
        answer = self.call("GET", f"/meetings/{number}", token=token)
        self.assert_refused(answer, 404, 3001)

    def test_malformed_id(self):
        answer = self.call("GET", "/meetings/abc")
        self.assert_refused(answer, 400, 300, "Invalid meeting id.")

    def test_removed_user_takes_the_meetings_along(self):
        user = self.sim.add_user(self.account)
        number = self.meeting(host=user.id)["id"]
        self.sim.remove_user(user)
        self.assert_refused(self.create(user.id), 404, 1001)
        self.assert_refused(self.call("GET", f"/meetings/{number}"), 404, 3001)


@tagged("post_install", "-at_install")
class TestSimulatedMeetingList(ZoomSimulatorCase):
    def listed(self, **query):
        answer = self.call("GET", "/users/me/meetings", params=query)
        return answer.json()["meetings"]

    def ids(self, **query):
        return [item["id"] for item in self.listed(**query)]

    def test_item_has_few_fields(self):
        self.meeting(agenda="x" * 300)
        (item,) = self.listed()
        self.assertEqual(item["agenda"], "x" * 250)
        self.assertIn("join_url", item)
        for name in ("password", "settings", "start_url"):
            self.assertNotIn(name, item)

    def test_deleted_and_foreign_meetings_are_not_listed(self):
        number = self.meeting()["id"]
        other = self.sim.add_user(self.account)
        self.meeting(host=other.id)
        self.assertEqual(self.ids(), [number])
        self.call("DELETE", f"/meetings/{number}")
        self.assertEqual(self.ids(), [])

    def test_instant_meetings_are_not_listed(self):
        self.meeting(type=1)
        self.assertEqual(self.ids(), [])

    def test_types_tell_past_from_future(self):
        number = self.meeting()["id"]
        self.sim.clock.advance(days=2)
        later = self.meeting(start_time="2026-05-20T10:00:00Z")["id"]
        self.assertEqual(self.ids(type="scheduled"), [number, later])
        self.assertEqual(self.ids(type="upcoming"), [later])
        self.assertEqual(self.ids(type="previous_meetings"), [number])
        self.assertEqual(self.ids(type="live"), [])

    def test_unused_meeting_expires_after_thirty_days(self):
        self.meeting()
        self.sim.clock.advance(days=32)
        self.assertEqual(self.ids(type="scheduled"), [])

    def test_dates_narrow_the_list(self):
        number = self.meeting()["id"]
        self.meeting(start_time="2026-06-12T10:00:00Z")
        self.assertEqual(
            self.ids(**{"from": "2026-05-01", "to": "2026-05-31"}), [number]
        )

    def test_pages(self):
        numbers = {self.meeting()["id"] for _index in range(3)}
        path = "/users/me/meetings"
        first = self.call("GET", path, params={"page_size": 2}).json()
        query = {"page_size": 2, "next_page_token": first["next_page_token"]}
        second = self.call("GET", path, params=query).json()
        found = [item["id"] for item in first["meetings"] + second["meetings"]]
        self.assertEqual((len(found), set(found)), (3, numbers))
        self.assertEqual(second["next_page_token"], "")

    def test_unknown_type(self):
        answer = self.call("GET", "/users/me/meetings?type=some")
        self.assert_refused(answer, 400, 300)


@tagged("post_install", "-at_install")
class TestSimulatedLimits(ZoomSimulatorCase):
    def test_create_and_update_count_together(self):
        number = self.meeting()["id"]
        self.call("PATCH", f"/meetings/{number}", {"topic": "New"})
        self.assertEqual(self.sim.count_today(self.host), 2)

    def test_reading_and_deleting_do_not_count(self):
        number = self.meeting()["id"]
        self.get(number)
        self.call("DELETE", f"/meetings/{number}")
        self.assertEqual(self.sim.count_today(self.host), 1)

    def test_request_101_of_a_host_is_refused(self):
        number = self.meeting()["id"]
        self.sim.set_count(self.host, 99)
        self.assertEqual(self.create().status_code, 201)
        for answer in (self.create(), self.call("PATCH", f"/meetings/{number}", {})):
            self.assert_refused(
                answer,
                429,
                429,
                "You have exceeded the daily rate limit (100) of Meeting"
                " Create/Update API requests permitted for this particular user."
                " You may resume these requests at GMT 00:00:00.",
            )
        self.assertEqual(self.sim.count_today(self.host), 100)
        answer = self.call("DELETE", f"/meetings/{number}")
        self.assertEqual(answer.status_code, 204)

    def test_other_hosts_go_on(self):
        other = self.sim.add_user(self.account)
        self.sim.set_count(self.host, 100)
        self.assertEqual(self.create(other.id).status_code, 201)

    def test_new_day_begins_at_midnight_utc(self):
        self.sim.set_count(self.host, 100)
        self.sim.clock.set(dt.datetime(2026, 5, 11, 23, 59, 59))
        self.assertEqual(self.create().status_code, 429)
        self.sim.clock.advance(seconds=1)
        self.assertEqual(self.create().status_code, 201)
        self.assertEqual(self.sim.count_today(self.host), 1)

    def assert_category(self, headers, category, limit):
        self.assertEqual(headers["X-RateLimit-Category"], category)
        self.assertEqual(headers["X-RateLimit-Limit"], limit)

    def test_host_limit_headers_as_they_were_seen(self):
        self.sim.set_count(self.host, 100)
        headers = self.create().headers
        self.assert_category(headers, "Light", "6000")
        self.assertNotIn("Retry-After", headers)
        self.assertNotIn("X-RateLimit-Type", headers)

    def test_host_limit_headers_as_they_were_documented(self):
        self.sim.daily_429_headers = "full"
        self.sim.set_count(self.host, 100)
        headers = self.create().headers
        self.assertEqual(headers["X-RateLimit-Type"], "Daily-limit")
        self.assertEqual(headers["Retry-After"], "2026-05-12T00:00:00Z")

    def test_host_limit_in_other_words(self):
        self.sim.set_count(self.host, 100)
        self.sim.daily_429_headers = "none"
        for words, status, code, message in (
            ("general", 429, 429, "You have reached the maximum daily rate limit"),
            ("older", 429, 429, "A maximum of 100 meetings can be created/updated"),
            ("older", 400, 300, "A maximum of 100 meetings can be created/updated"),
            ("older", 300, 300, "A maximum of 100 meetings can be created/updated"),
        ):
            with self.subTest(words=words, status=status):
                self.sim.daily_429_words = words
                self.sim.daily_429_status = status
                answer = self.create()
                self.assertEqual(answer.status_code, status)
                self.assertEqual(answer.json()["code"], code)
                self.assertIn(message, answer.json()["message"])
                self.assertNotIn("X-RateLimit-Limit", answer.headers)

    def test_creations_can_be_of_either_category(self):
        for category, limit in (("Light", "80"), ("Medium", "60")):
            self.sim.create_category = category
            self.assert_category(self.create().headers, category, limit)

    def test_refused_requests_count_on_request_only(self):
        self.create(duration=0)
        self.assertEqual(self.sim.count_today(self.host), 0)
        self.sim.count_refused = True
        self.create(duration=0)
        self.assertEqual(self.sim.count_today(self.host), 1)

    def test_write_headers_can_count_down_from_100(self):
        self.sim.write_headers = "host"
        self.assertEqual(self.create().headers["X-RateLimit-Remaining"], "99")

    def test_per_second_limit(self):
        self.account.plan = "free"
        token = self.access_token()
        with patch.object(limits, "monotonic", return_value=100.0):
            answers = [self.call("GET", "/users", token=token) for _index in range(3)]
        refused = [answer for answer in answers if answer.status_code == 429]
        self.assertEqual(len(refused), 1)
        self.assert_refused(
            refused[0],
            429,
            429,
            "You have reached the maximum per-second rate limit for this API."
            " Try again later.",
        )
        self.assertEqual(refused[0].headers["X-RateLimit-Type"], "QPS")
        self.assertEqual(self.sim.state.refused_for_second, 1)
        self.assertNotIn("Retry-After", refused[0].headers)

    def test_per_second_limit_is_over_after_a_second(self):
        self.account.plan = "free"
        token = self.access_token()
        with patch.object(limits, "monotonic", return_value=100.0) as seconds:
            statuses = []
            for moment in (100.0, 100.5, 100.9, 101.0, 101.4, 101.5):
                seconds.return_value = moment
                statuses.append(self.call("GET", "/users", token=token).status_code)
        self.assertEqual(statuses, [200, 200, 429, 200, 429, 200])

    def test_per_second_limit_can_be_switched_off(self):
        self.account.plan = "free"
        self.sim.enforce_qps = False
        answers = {self.call("GET", "/users").status_code for _index in range(6)}
        self.assertEqual(answers, {200})

    def test_daily_limit_of_the_account(self):
        self.account.daily_limits = {"Light": 1}
        self.assertEqual(self.create().status_code, 201)
        answer = self.create()
        self.assert_refused(
            answer,
            429,
            429,
            "You have reached the maximum daily rate limit for this API. Refer to the"
            " response header for details on when you can make another request.",
        )
        self.assertEqual(answer.headers["X-RateLimit-Type"], "Daily-limit")
        self.assertEqual(answer.headers["Retry-After"], "2026-05-12T00:00:00Z")
        self.assertEqual(self.call("GET", "/users").status_code, 200)
        self.sim.clock.set(NOW + dt.timedelta(days=1))
        self.assertEqual(self.create().status_code, 201)

    def test_good_answers_tell_the_account_limit(self):
        headers = self.call("GET", "/users/me").headers
        self.assert_category(headers, "Light", "80")
        self.assertEqual(headers["X-RateLimit-Type"], "QPS")


@tagged("post_install", "-at_install")
class TestSimulatedFaults(ZoomSimulatorCase):
    def setUp(self):
        super().setUp()
        self.access_token()

    def fault(self, **values):
        values.setdefault("method", "POST")
        values.setdefault("path", r"/users/.*/meetings")
        return self.sim.fail(**values)

    def test_status_without_executing(self):
        self.fault(kind="status", status=503, headers={"Retry-After": "7"})
        answer = self.create()
        self.assertEqual(answer.status_code, 503)
        self.assertEqual(answer.headers["Retry-After"], "7")
        self.assertFalse(self.sim.meetings)

    def test_answer_that_drips(self):
        for kind in ("drip_head", "drip_body"):
            self.fault(kind=kind, pause=0.0001)
            self.assertEqual(self.create().json()["topic"], "Advice")
        self.assertEqual(len(self.sim.meetings), 2)

    def test_answer_without_end(self):
        self.fault(kind="endless")
        with self.post("/v2/users/me/meetings", stream=True) as answer:
            pieces = answer.iter_content(1 << 16)
            read = sum(len(next(pieces)) for _number in range(100))
        self.assertGreater(read, 1 << 20)

    def test_little_that_unpacks_to_much(self):
        self.fault(kind="gzip_bomb")
        with self.post("/v2/users/me/meetings", stream=True) as answer:
            packed = answer.raw.read(decode_content=False)
        self.assertLess(len(packed), 1 << 20)
        unpacked = zlib.decompressobj(31).decompress(packed, 10 << 20)
        self.assertEqual(len(unpacked), 10 << 20)

    def test_status_after_executing(self):
        self.fault(kind="status", status=504, executes=True)
        self.assertEqual(self.create().status_code, 504)
        self.assertEqual(len(self.sim.meetings), 1)

    def test_html(self):
        self.fault(kind="html")
        answer = self.create()
        self.assertEqual(answer.status_code, 502)
        self.assertIn("text/html", answer.headers["Content-Type"])

    def test_xml(self):
        self.fault(kind="xml")
        self.assertIn("<result>", self.create().text)

    def test_body(self):
        self.fault(kind="body", status=201, body={"id": 1})
        self.assertEqual(self.create().json(), {"id": 1})

    def test_malformed(self):
        self.fault(kind="malformed")
        answer = self.create()
        self.assertEqual(answer.status_code, 201)
        with self.assertRaises(ValueError):
            answer.json()

    def test_dropped_before_executing(self):
        self.fault(kind="drop_before")
        with self.assertRaises(requests.ConnectionError):
            self.create()
        self.assertFalse(self.sim.meetings)
        self.assertEqual(self.sim.count_today(self.host), 0)

    def test_dropped_after_executing(self):
        self.fault(kind="drop_after")
        with self.assertRaises(requests.ConnectionError):
            self.create()
        self.assertEqual(len(self.sim.live_meetings(self.host)), 1)
        self.assertEqual(self.sim.count_today(self.host), 1)
        request = self.sim.requests_of("POST", "/meetings")[-1]
        self.assertEqual((request.executed, request.status), (True, None))

    def test_delayed_answer_is_executed_and_logged_at_once(self):
        self.fault(kind="delay", delay=0.3)
        thread = threading.Thread(target=self.create)
        thread.start()
        thread.join(0.15)
        self.assertTrue(thread.is_alive())
        self.assertEqual(len(self.sim.meetings), 1)
        self.assertTrue(self.sim.requests_of("POST", "/meetings"))
        thread.join()

    def test_as_often_as_asked(self):
        for values, expected in (
            ({"times": 2}, [503, 503, 201]),
            ({"skip": 1}, [201, 503, 201]),
            ({"times": None}, [503, 503, 503]),
        ):
            with self.subTest(**values):
                fault = self.fault(**values)
                statuses = [self.create().status_code for _index in range(3)]
                self.assertEqual(statuses, expected)
                self.assertEqual(fault.hits, expected.count(503))
        # Until it is cleared
        self.assertEqual(len(self.sim.faults), 1)
        self.sim.faults.clear()
        self.assertEqual(self.create().status_code, 201)

    def test_one_host_only(self):
        other = self.sim.add_user(self.account)
        self.fault(host=other, times=None)
        self.assertEqual(self.create().status_code, 201)
        self.assertEqual(self.create(other.id).status_code, 503)

    def test_one_method_and_path_only(self):
        self.fault(method="GET", times=None)
        self.assertEqual(self.create().status_code, 201)
        self.assertEqual(self.call("GET", "/users/me").status_code, 200)

    def test_host_of_a_meeting_is_known(self):
        number = self.meeting()["id"]
        self.fault(method="PATCH", path="/meetings/", host=self.host.id)
        answer = self.call("PATCH", f"/meetings/{number}", {})
        self.assertEqual(answer.status_code, 503)

    def test_oauth_can_fail_too(self):
        self.fault(path="/oauth/token", kind="html", status=500)
        code = self.consent()["code"]
        self.assertEqual(self.exchange(code).status_code, 500)
        self.assertEqual(self.exchange(code).status_code, 200)

    def test_dropped_refresh_has_rotated(self):
        pair = self.link()
        self.fault(path="/oauth/token", kind="drop_after")
        with self.assertRaises(requests.ConnectionError):
            self.refresh(pair["refresh_token"])
        answer = self.refresh(pair["refresh_token"])
        self.assertEqual(answer.json()["error"], "invalid_grant")

    def test_unknown_kind(self):
        with self.assertRaises(ValueError):
            Fault(kind="flood")


@tagged("post_install", "-at_install")
class TestSimulatorItself(ZoomSimulatorCase):
    def test_log_tells_what_was_asked(self):
        self.create()
        request = self.sim.requests_of("POST", "/meetings")[0]
        self.assertEqual(request.path, "/v2/users/me/meetings")
        self.assertEqual((request.status, request.host_id), (201, self.host.id))
        self.assertEqual(request.body["topic"], "Advice")
        self.assertEqual(request.authorization_kind, "bearer")
        self.assertEqual((request.accept, request.at), ("application/json", NOW))
        self.assertIn("requests", request.user_agent)

    def test_refused_request_is_logged_as_not_executed(self):
        self.create(duration=0)
        request = self.sim.requests_of("POST", "/meetings")[0]
        self.assertEqual((request.status, request.executed), (400, False))

    def test_clock_can_be_set_moved_and_given_back(self):
        clock = self.sim.clock
        clock.advance(dt.timedelta(hours=1), minutes=30)
        self.assertEqual(clock.now(), NOW + dt.timedelta(hours=1.5))
        clock.reset()
        clock.advance(days=1)
        away = clock.now() - dt.datetime.now(dt.UTC)
        self.assertAlmostEqual(away.total_seconds(), 86400, delta=10)

    def test_stopping_closes_open_connections(self):
        sim = ZoomSimulator().start()
        self.addCleanup(sim.stop)
        url = f"{sim.url}/_simulator/state"
        self.session.get(url, timeout=10)
        sim.stop()
        with self.assertRaises(requests.ConnectionError):
            self.session.get(url, timeout=10)
        sim.start()
        self.assertEqual(self.session.get(url, timeout=10).status_code, 200)

    def test_edit_in_the_portal_is_no_request(self):
        number = self.meeting()["id"]
        meeting = self.sim.meetings[number]
        old_link, count = meeting.join_url, self.sim.count_today(self.host)
        self.sim.edit_in_portal(meeting, password="portal")
        self.assertEqual(self.get(number)["password"], "portal")
        self.assertNotEqual(meeting.join_url, old_link)
        self.assertEqual(self.sim.count_today(self.host), count)


@tagged("post_install", "-at_install")
class TestSimulatorControl(ZoomSimulatorCase):
    """What other processes do: ``/_simulator/``."""

    def control(self, method, path, body=None):
        url = f"{self.sim.url}/_simulator{path}"
        return self.session.request(method, url, json=body, timeout=10).json()

    def test_state(self):
        number = self.meeting()["id"]
        state = self.control("GET", "/state")
        self.assertEqual([item["id"] for item in state["meetings"]], [number])
        self.assertEqual(state["counts"], {self.host.id: 1})
        self.assertEqual(len(state["users"]), 2)
        self.assertEqual(state["requests"], 3)

    def test_requests_since(self):
        self.link()
        seen = self.control("GET", "/requests")["next"]
        self.create()
        (request,) = self.control("GET", f"/requests?since={seen}")["requests"]
        self.assertEqual(request["path"], "/v2/users/me/meetings")

    def test_clock(self):
        self.control("POST", "/clock", {"now": "2030-01-01T00:00:00Z", "advance": 60})
        self.assertEqual(self.sim.clock.now().isoformat(), "2030-01-01T00:01:00+00:00")
        self.control("POST", "/clock", {"now": None})
        self.assertNotEqual(self.sim.clock.now().year, 2030)

    def test_faults(self):
        self.access_token()
        self.control("POST", "/faults", {"method": "POST", "status": 500, "times": 5})
        self.assertEqual(self.create().status_code, 500)
        self.control("DELETE", "/faults")
        self.assertEqual(self.create().status_code, 201)

    def test_accounts_apps_and_users(self):
        self.control("POST", "/accounts", {"account_id": "acc-9", "plan": "free"})
        values = {"account_id": "acc-9", "client_id": "id9", "client_secret": "s9"}
        self.control("POST", "/apps", values)
        user = self.control("POST", "/users", {"account_id": "acc-9", "email": "n@x.y"})
        self.control("PATCH", f"/users/{user['id']}", {"status": "inactive"})
        self.assertEqual(self.sim.state.users[user["id"]].status, "inactive")
        self.assertEqual(self.sim.state.apps["id9"].accounts[0].plan, "free")
        self.control("PATCH", "/accounts/acc-9", {"plan": "pro"})
        self.assertEqual(self.sim.state.apps["id9"].accounts[0].plan, "pro")

    def test_counts_and_settings(self):
        self.control("POST", "/counts", {self.host.id: 100})
        self.control("POST", "/settings", {"daily_429_headers": "full"})
        self.assertIn("Retry-After", self.create().headers)

    def test_meetings_are_edited_and_deleted_as_in_the_portal(self):
        number = self.meeting()["id"]
        self.control("PATCH", f"/meetings/{number}", {"join_url": "https://x.y/j"})
        self.assertEqual(self.get(number)["join_url"], "https://x.y/j")
        self.control("DELETE", f"/meetings/{number}")
        self.assert_refused(self.call("GET", f"/meetings/{number}"), 404, 3001)

    def test_mistakes_are_named(self):
        answer = self.control("POST", "/settings", {"no_such": 1})
        self.assertIn("no_such", answer["error"])


class _Listener(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers what the test put on the server."""

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), raw))
        content = self.server.answer(raw)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments):
        pass


@tagged("post_install", "-at_install")
class TestSimulatedWebhooks(ZoomSimulatorCase):
    def listen(self, answer=lambda raw: b""):
        server = http.server.HTTPServer(("127.0.0.1", 0), _Listener)
        server.seen, server.answer = [], answer
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f"http://127.0.0.1:{server.server_port}/hook"

    def test_event_is_signed_over_the_raw_body(self):
        server, url = self.listen()
        user = self.sim.add_user(self.account, "花子@example.com", first_name="花子")
        body = webhooks.user_event("user.deactivated", user, NOW)
        self.sim.send_webhook(url, self.app, body, timestamp=1654503849)
        headers, raw = server.seen[0]
        secret = self.app.webhook_secret.encode()
        digest = hmac.new(secret, b"v0:1654503849:" + raw, hashlib.sha256).hexdigest()
        self.assertEqual(headers["x-zm-signature"], f"v0={digest}")
        self.assertEqual(headers["x-zm-request-timestamp"], "1654503849")
        self.assertEqual(json.loads(raw), body)

    def test_url_validation_accepts_the_right_digest_only(self):
        def right(raw):
            plain = json.loads(raw)["payload"]["plainToken"]
            secret = self.app.webhook_secret.encode()
            digest = hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()
            return json.dumps({"plainToken": plain, "encryptedToken": digest}).encode()

        for answer, accepted in ((right, True), (lambda raw: b"{}", False)):
            _server, url = self.listen(answer)
            self.assertIs(self.sim.validate_webhook(url, self.app), accepted)

    def test_meeting_id_is_a_number_or_a_text_by_event(self):
        meeting = self.sim.meetings[self.meeting()["id"]]
        for name, kind in (("meeting.deleted", int), ("meeting.started", str)):
            body = webhooks.meeting_event(name, meeting, NOW)
            self.assertIsInstance(body["payload"]["object"]["id"], kind)
            self.assertEqual(body["event_ts"], int(NOW.timestamp() * 1000))

    def test_guest_has_no_id_and_who_waits_for_the_host_no_time(self):
        meeting = self.sim.meetings[self.meeting()["id"]]
        host = self.sim.state.users[meeting.host_id]
        for name, user, when in (
            ("joined", host, "join_time"),
            ("left", None, "leave_time"),
            ("joined_waiting_room", None, "date_time"),
        ):
            body = webhooks.participant_event(
                f"meeting.participant_{name}", meeting, NOW, user
            )
            told = body["payload"]["object"]
            self.assertEqual(told["id"], str(meeting.id))
            self.assertEqual(told["host_id"], meeting.host_id)
            self.assertEqual(told["participant"]["id"], user.id if user else "")
            self.assertEqual(told["participant"][when], webhooks.to_zoom(NOW))
        body = webhooks.participant_event(
            "meeting.participant_jbh_waiting", meeting, NOW
        )
        participant = body["payload"]["object"]["participant"]
        self.assertEqual(participant, {"id": "", "user_name": "Jill Chill"})

    def test_update_names_only_what_changed(self):
        meeting = self.sim.meetings[self.meeting()["id"]]
        body = webhooks.meeting_updated(meeting, NOW, {"topic": "b"}, {"topic": "a"})
        self.assertEqual(body["payload"]["object"], {"id": meeting.id, "topic": "b"})
        self.assertEqual(
            body["payload"]["old_object"], {"id": meeting.id, "topic": "a"}
        )


@tagged("post_install", "-at_install")
class TestSimulatorProgram(BaseCase):
    def test_program_prints_its_address_and_ends_cleanly(self):
        program = subprocess.Popen(
            [sys.executable, "-m", "zoom_simulator", "--port", "0", "--seed-demo"],
            cwd=os.path.dirname(__file__),
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.kill)
        line = json.loads(program.stdout.readline())
        state = requests.get(f"{line['url']}/_simulator/state", timeout=10).json()
        self.assertEqual(state["apps"][0]["client_id"], line["client_id"])
        self.assertEqual(len(state["users"]), 5)
        self.assertEqual([user["type"] for user in state["users"]].count(1), 1)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(10), 0)
