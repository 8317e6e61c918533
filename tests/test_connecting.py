# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..const import OAUTH_CALLBACK_ROUTE
from ..tools.zoom_oauth import code_challenge
from ..tools.zoom_scopes import required_scopes
from .common import NOW, HttpBookingCase, ZoomMixin

TOKEN_LOGGER = "odoo.addons.resource_booking_zoom.models.zoom.booking_zoom_account"
OLD_SCOPES = ("user:read:admin", "meeting:write:admin", "meeting:read:admin")


class ConnectingMixin(ZoomMixin):
    """An administrator with a browser, who links by consent.

    The Zoom account "first" has two users, "second" one with the same address; the
    app "app" is installed in both.
    """

    def set_up_connecting(self):
        self.first = self._create_zoom_account("first", ("jill", "jack"))
        self.second = self._create_zoom_account("second", ("jill",))
        self.app = self.zoom.add_app(
            self.first,
            client_id="app",
            client_secret="hush",
            redirect_uris=[self.base_url() + OAUTH_CALLBACK_ROUTE],
        )
        self.zoom.install_app(self.app, self.second)
        self.admin = new_test_user(
            self.env,
            login="zoom-admin",
            groups="base.group_system",
            company_ids=[(6, 0, self.env["res.company"].search([]).ids)],
        )
        self.authenticate("zoom-admin", "zoom-admin")

    def _create_zoom_account(self, name, people):
        zoom_account = self.zoom.add_account(account_id=name, plan="business")
        for person in people:
            self.zoom.add_user(zoom_account, email=f"{person}@example.com", type=2)
        return zoom_account

    def create_account(self, company=None, **values):
        """A company's account that names the app, not linked yet."""
        if not company:
            number = self.env["res.company"].search_count([]) + 1
            company = self.env["res.company"].create({"name": f"Branch {number}"})
        self.admin.company_ids += company
        account = self.env["booking.zoom.account"].create(
            {
                "company_id": company.id,
                "client_id": "app",
                "client_secret": "hush",
                **values,
            }
        )
        self.env.flush_all()
        return account

    # === WHAT THE ADMINISTRATOR DOES === #

    def press(self, record, method):
        """Press a button in the browser; return the action."""
        companies = self.admin.company_ids.ids
        return self.press_button(record, method, allowed_company_ids=companies)

    def begin(self, account):
        """Press "Connect"; return the address of Zoom's consent page."""
        action = self.press(account, "action_connect")
        self.assertEqual(action["type"], "ir.actions.act_url")
        return action["url"]

    def consent(self, authorize_url, zoom_account=None, **kwargs):
        """Allow (or deny) at Zoom; return where Zoom sends the browser."""
        return self.zoom.authorize(
            authorize_url, account=zoom_account or self.first, **kwargs
        )

    def come_back(self, location):
        """Open the callback in the browser.

        :return: the message of the page, or where the browser goes on
        """
        self.env.flush_all()
        response = self.url_open(location, allow_redirects=False)
        self.env.invalidate_all()
        if response.status_code == 303:
            return response.headers["Location"]
        self.assertEqual(response.status_code, 200)
        found = re.search(r'o_zoom_oauth_message">(.*?)</p>', response.text, re.DOTALL)
        self.assertTrue(found, response.text[:2000])
        self.assertIn("Back to the Zoom account", response.text)
        return found.group(1)

    def link(self, account, zoom_account=None):
        """The whole way: button, consent, callback."""
        return self.come_back(self.consent(self.begin(account), zoom_account))

    def pending(self, account):
        return self.env["booking.zoom.connection"].search(
            [("account_id", "=", account.id)]
        )

    # === WHAT IS LINKED === #

    def assert_connected(self, account, zoom_account):
        """The account is linked, and its tokens are those that Zoom honours."""
        self.assertRecordValues(
            account,
            [
                {
                    "state": "connected",
                    "connected_zoom_account_id": zoom_account.account_id,
                    "zoom_account_id": zoom_account.account_id,
                }
            ],
        )
        pair = self.zoom.state.by_access_token[account.access_token]
        self.assertTrue(pair.current)
        self.assertIs(pair.account, zoom_account)

    def assert_untouched(self, account):
        """Nothing of a link is on the account that was never linked."""
        self.assertRecordValues(
            account,
            [
                {
                    "state": "disconnected",
                    "access_token": False,
                    "refresh_token": False,
                    "connected_zoom_account_id": False,
                    "zoom_account_id": False,
                    "connected_email": False,
                }
            ],
        )
        self.assertFalse(account.zoom_user_ids)


@tagged("post_install", "-at_install")
class TestLinking(ConnectingMixin, HttpCase):
    """The administrator's browser goes to Zoom and comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_zoom()

    def setUp(self):
        super().setUp()
        self.zoom.reset()
        self.move_to(NOW)
        self.set_up_connecting()
        self.account = self.create_account()

    def test_consent_page_is_asked_with_state_challenge_and_exact_redirect(self):
        url = self.begin(self.account)
        query = {name: one for name, (one,) in parse_qs(urlsplit(url).query).items()}
        link = self.pending(self.account)
        self.assertTrue(url.startswith(f"{self.zoom.url}/oauth/authorize?"))
        self.assertEqual(query["response_type"], "code")
        self.assertEqual(query["client_id"], "app")
        self.assertEqual(query["redirect_uri"], self.base_url() + OAUTH_CALLBACK_ROUTE)
        self.assertEqual(query["redirect_uri"], self.account.redirect_uri)
        self.assertEqual(query["code_challenge_method"], "S256")
        self.assertEqual(query["code_challenge"], code_challenge(link.code_verifier))
        self.assertGreaterEqual(len(query["state"]), 40)
        # The secrets of this link do not travel.
        self.assertNotIn(link.code_verifier, url)
        self.assertNotIn("hush", url)

    def test_each_link_has_a_state_and_a_challenge_of_its_own(self):
        first, second = (
            parse_qs(urlsplit(self.begin(self.account)).query) for _time in range(2)
        )
        self.assertNotEqual(first["state"], second["state"])
        self.assertNotEqual(first["code_challenge"], second["code_challenge"])

    def test_consent_links_the_account_and_fetches_its_users(self):
        path = self.link(self.account)
        # Then the browser is back on the account's form
        self.assertIn("/odoo/action-", path)
        self.assertTrue(path.endswith(f"/{self.account.id}"))
        # and the account is what Zoom says
        self.assert_connected(self.account, self.first)
        self.assertEqual(self.account.connected_email, "jill@example.com")
        self.assertEqual(self.account.connected_at, self.account.users_synced_at)
        self.assertFalse(self.account.state_message)
        self.assertFalse(self.account.missing_scopes)
        self.assertEqual(
            sorted(self.account.zoom_user_ids.mapped("email")),
            ["jack@example.com", "jill@example.com"],
        )
        self.assertTrue(all(self.account.zoom_user_ids.mapped("connected")))
        # and no token is left in the link that was in the making
        for name in ("access_token", "refresh_token", "code_verifier", "state_digest"):
            self.assertFalse(self.pending(self.account)[name])

    def test_more_users_than_a_page_holds(self):
        for number in range(400):
            self.zoom.add_user(self.first, email=f"user{number}@example.com")
        self.zoom.state.requests.clear()
        self.link(self.account)
        self.assertEqual(self.account.zoom_user_count, 402)
        pages = [
            request
            for request in self.requests("GET", "/v2/users$")
            if request.query.get("status") == "active"
        ]
        self.assertEqual(len(pages), 2)

    # === THE STATE === #

    def test_callback_nobody_asked_for(self):
        url = f"{OAUTH_CALLBACK_ROUTE}?code=abc&state=made-up"
        self.assertIn("has not started to connect Zoom", self.come_back(url))
        self.assert_untouched(self.account)
        self.assertFalse(self.requests("POST", "/oauth/token"))

    def test_wrong_missing_or_odd_state_is_refused_and_the_right_one_still_works(self):
        location = self.consent(self.begin(self.account))
        code = parse_qs(urlsplit(location).query)["code"][0]
        for state in (None, "", "wrong", "ü漢\x00", "%"):
            with self.subTest(state=state):
                query = {"code": code, "state": state} if state is not None else {}
                page = self.come_back(f"{OAUTH_CALLBACK_ROUTE}?{urlencode(query)}")
                self.assertIn("has not started to connect Zoom", page)
        self.assert_untouched(self.account)
        self.assertFalse(self.requests("POST", "/oauth/token"))
        # A stranger's page does not disturb the person who is linking.
        self.come_back(location)
        self.assert_connected(self.account, self.first)

    def test_state_of_another_session_is_refused(self):
        location = self.consent(self.begin(self.account))
        # Given the same administrator in another browser
        self.authenticate("zoom-admin", "zoom-admin")
        # When Zoom's redirect is opened there
        page = self.come_back(location)
        # Then nothing is linked
        self.assertIn("This browser has not started", page)
        self.assert_untouched(self.account)

    def test_state_works_once(self):
        location = self.consent(self.begin(self.account))
        self.come_back(location)
        token = self.account.access_token
        # When the redirect is opened again, with a code that Zoom would take
        again = self.consent(self.begin(self.account))
        code = parse_qs(urlsplit(again).query)["code"][0]
        used = parse_qs(urlsplit(location).query)["state"][0]
        query = urlencode({"code": code, "state": used})
        page = self.come_back(f"{OAUTH_CALLBACK_ROUTE}?{query}")
        self.assertIn("opened twice", page)
        self.assertEqual(self.account.access_token, token)

    def test_state_is_used_up_in_the_database_too(self):
        # Given two callbacks at the same time, which both hold the session's state
        location = self.consent(self.begin(self.account))
        state = parse_qs(urlsplit(location).query)["state"][0]
        links = self.env["booking.zoom.connection"]
        # Then one of them finds the link
        self.assertTrue(links._take(state))
        self.assertFalse(links._take(state))

    def test_two_companies_are_linked_in_two_tabs(self):
        other = self.create_account()
        locations = [
            self.consent(self.begin(self.account), self.first),
            self.consent(self.begin(other), self.second),
        ]
        for location in locations:
            self.come_back(location)
        self.assert_connected(self.account, self.first)
        self.assert_connected(other, self.second)

    # === WHO === #

    def test_only_an_administrator_links(self):
        location = self.consent(self.begin(self.account))
        self.create_manager("zoom-manager")
        self.authenticate("zoom-manager", "zoom-manager")
        self.assertIn("Only an Odoo administrator", self.come_back(location))
        self.assert_untouched(self.account)

    def test_portal_user_gets_a_readable_page(self):
        location = self.consent(self.begin(self.account))
        new_test_user(self.env, login="zoom-portal", groups="base.group_portal")
        self.authenticate("zoom-portal", "zoom-portal")
        self.assertIn("Only an Odoo administrator", self.come_back(location))

    def test_visitor_is_asked_to_log_in(self):
        location = self.consent(self.begin(self.account))
        self.authenticate(None, None)
        response = self.url_open(location, allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])
        self.env.invalidate_all()
        self.assert_untouched(self.account)

    def test_administrator_without_booking_group_links(self):
        self.assertFalse(self.admin.has_group("resource_booking.group_user"))
        self.link(self.account)
        self.assert_connected(self.account, self.first)

    # === WHAT GOES WRONG === #

    def test_refused_consent(self):
        location = self.consent(self.begin(self.account), deny=True)
        page = self.come_back(location)
        self.assertIn("Consent was not given", page)
        self.assert_untouched(self.account)
        self.assertFalse(self.pending(self.account))

    def test_expired_code(self):
        location = self.consent(self.begin(self.account))
        self.move_to(NOW + timedelta(minutes=6))
        page = self.come_back(location)
        self.assertIn("had expired", page)
        self.assert_untouched(self.account)
        self.assertFalse(self.pending(self.account))

    def test_wrong_client_secret(self):
        self.account.client_secret = "wrong"
        page = self.link(self.account)
        self.assertIn("does not accept the client ID or the client secret", page)
        self.assertNotIn("wrong", page)
        self.assert_untouched(self.account)

    @mute_logger("odoo.http")
    def test_missing_client_id_or_secret_is_said_before_zoom_is_opened(self):
        self.account.client_secret = False
        message = self.press_in_vain(self.account, "action_connect")
        self.assertIn("client ID and the client secret", message)

    @mute_logger("urllib3.connectionpool")
    def test_zoom_unreachable_at_the_exchange(self):
        location = self.consent(self.begin(self.account))
        self.zoom.stop()
        try:
            page = self.come_back(location)
        finally:
            self.zoom.start()
        self.assertRegex(page, "could not be reached|answer did not arrive")
        self.assert_untouched(self.account)
        self.assertFalse(self.pending(self.account))

    def test_html_instead_of_tokens(self):
        self.zoom.fail(path="/oauth/token", kind="html")
        page = self.link(self.account)
        self.assertRegex(page, "could not be reached|answer did not arrive")
        self.assert_untouched(self.account)

    def test_tokens_are_kept_when_zoom_cannot_be_read_afterwards(self):
        # Given Zoom hands out tokens, and is down then
        self.zoom.fail(path="/v2/users/me", times=None)
        path = self.link(self.account)
        # Then nothing is linked, and the pair waits with what went wrong
        link = self.pending(self.account)
        self.assertTrue(path.endswith(f"/{link.id}"))
        self.assertEqual(link.step, "retry")
        self.assertIn("could not be reached", link.message)
        self.assert_untouched(self.account)
        # When the administrator tries again and Zoom is back
        self.zoom.faults.clear()
        action = self.press(link, "action_retry")
        # Then the account is linked without a second consent
        self.assertEqual(action["res_id"], self.account.id)
        self.assert_connected(self.account, self.first)

    def test_tokens_of_a_link_given_up_are_ended(self):
        self.zoom.fail(path="/v2/users/me", times=None)
        self.link(self.account)
        self.press(self.pending(self.account), "action_discard")
        self.assert_untouched(self.account)
        self.assert_ended(self.zoom.tokens[-1])

    def test_users_that_cannot_be_fetched_do_not_lose_the_link(self):
        self.zoom.fail(path="/v2/users$", times=None)
        self.link(self.account)
        self.assert_connected(self.account, self.first)
        self.assertIn("could not be reached", self.account.state_message)
        # and they are fetched later
        self.zoom.faults.clear()
        self.press(self.account, "action_sync_users")
        self.assertEqual(self.account.zoom_user_count, 2)
        self.assertFalse(self.account.state_message)

    # === SCOPES === #

    def test_classic_scopes_are_enough(self):
        self.app.scopes = OLD_SCOPES
        self.link(self.account)
        self.assert_connected(self.account, self.first)
        self.assertFalse(self.account.missing_scopes)

    def test_missing_granular_scope_is_named(self):
        self.app.scopes = tuple(
            scope
            for scope in required_scopes()
            if scope != "meeting:delete:meeting:admin"
        )
        self.link(self.account)
        self.assert_connected(self.account, self.first)
        self.assertEqual(self.account.missing_scopes, "meeting:delete:meeting:admin")

    def test_missing_classic_scope_is_named(self):
        self.app.scopes = ("user:read:admin", "meeting:read:admin")
        self.link(self.account)
        self.assertEqual(
            self.account.missing_scopes.split(),
            [
                "meeting:write:meeting:admin",
                "meeting:update:meeting:admin",
                "meeting:delete:meeting:admin",
            ],
        )

    def test_app_that_cannot_even_say_whose_account_it_is(self):
        self.app.scopes = ("meeting:write:admin",)
        page = self.link(self.account)
        for scope in ("user:read:user:admin", "user:read:list_users:admin"):
            self.assertIn(scope, page)
        self.assert_untouched(self.account)
        self.assert_ended(self.zoom.tokens[-1])

    def test_scope_added_later_is_found_at_the_next_link(self):
        self.app.scopes = ("user:read:admin", "meeting:read:admin")
        self.link(self.account)
        self.app.scopes = OLD_SCOPES
        self.link(self.account)
        self.assertFalse(self.account.missing_scopes)

    # === THE SAME ACCOUNT AGAIN, AND ANOTHER COMPANY'S === #

    def test_linking_the_same_account_again_asks_nothing(self):
        self.link(self.account)
        users = self.account.zoom_user_ids
        path = self.link(self.account)
        self.assertTrue(path.endswith(f"/{self.account.id}"))
        self.assert_connected(self.account, self.first)
        self.assertEqual(self.account.zoom_user_ids, users)

    def test_new_app_for_the_same_account_ends_the_pair_of_the_old_app(self):
        self.link(self.account)
        old = self.zoom.tokens[-1]
        self.zoom.add_app(self.first, client_id="new-app", client_secret="new")
        self.account.write({"client_id": "new-app", "client_secret": "new"})
        self.link(self.account)
        self.assert_connected(self.account, self.first)
        self.assert_ended(old)

    def test_account_of_another_company_is_refused_and_goes_on_there(self):
        # Given the Zoom account is linked to a company
        self.link(self.account)
        # When another one links it through the same app, which ends the first pair
        other = self.create_account()
        page = self.link(other)
        # Then it is refused by name
        self.assertIn("jill@example.com", page)
        self.assertIn(self.account.company_id.name, page)
        self.assert_untouched(other)
        self.assertFalse(self.pending(other).access_token)
        # and the first company has got the fresh pair
        self.assert_connected(self.account, self.first)
        self.account.action_sync_users()

    def test_broken_link_of_another_company_is_mended_by_the_fresh_pair(self):
        self.link(self.account)
        self.account.state = "lost"
        self.link(self.create_account())
        self.assert_connected(self.account, self.first)

    def test_account_of_another_company_is_refused_with_another_app_too(self):
        self.link(self.account)
        self.zoom.add_app(self.first, client_id="other-app", client_secret="other")
        other = self.create_account(client_id="other-app", client_secret="other")
        page = self.link(other)
        self.assertIn(self.account.company_id.name, page)
        # The fresh pair serves nobody, and the first one was never touched.
        self.assert_ended(self.zoom.tokens[-1])
        self.assert_untouched(other)
        self.assert_connected(self.account, self.first)

    def test_unlinked_account_can_be_linked_by_another_company(self):
        self.link(self.account)
        self.press(self.account, "action_disconnect")
        other = self.create_account()
        self.link(other)
        self.assert_connected(other, self.first)
        # and the first company cannot have it back meanwhile
        page = self.link(self.account)
        self.assertIn("already", page)
        self.assertEqual(self.account.state, "disconnected")
        self.assert_connected(other, self.first)

    def test_unlink_revokes(self):
        self.link(self.account)
        self.press(self.account, "action_disconnect")
        self.assert_ended(self.zoom.tokens[-1])
        self.assertEqual(self.account.state, "disconnected")
        for name in ("access_token", "refresh_token", "connected_client_secret"):
            self.assertFalse(self.account[name])

    @mute_logger(TOKEN_LOGGER)
    def test_unlink_works_though_zoom_is_down(self):
        self.link(self.account)
        self.zoom.fail(path="/oauth/revoke")
        self.press(self.account, "action_disconnect")
        self.sync_meetings()
        self.assertEqual(self.account.state, "disconnected")

    # === WHAT STAYS SECRET === #

    def test_no_secret_is_logged_while_linking(self):
        location = self.consent(self.begin(self.account))
        code = parse_qs(urlsplit(location).query)["code"][0]
        verifier = self.pending(self.account).code_verifier
        with self.assertLogs("odoo.addons.resource_booking_zoom", "DEBUG") as logs:
            self.come_back(location)
            self.zoom.fail(
                path="/oauth/token",
                status=400,
                body={"reason": f"Invalid code {code}", "error": "invalid_grant"},
            )
            self.link(self.account)
            self.press(self.account, "action_disconnect")
        text = "\n".join(logs.output)
        secrets = {"hush", code, verifier}
        for pair in self.zoom.tokens:
            secrets |= {pair.access_token, pair.refresh_token}
        for secret in secrets:
            self.assertNotIn(secret, text)


class ConnectedCase(ConnectingMixin, HttpBookingCase):
    """An account that is linked server-to-server, by an app of its own."""

    def setUp(self):
        super().setUp()
        # Zoom does not roll back: an earlier test may have ended this token.
        self.account._get_client(rejected=self.account.access_token)
        self.clear_zoom()
        self.set_up_connecting()


@tagged("post_install", "-at_install")
class TestReplacing(ConnectedCase):
    """Another Zoom account takes the place of the one that is linked."""

    def setUp(self):
        super().setUp()
        # The new account has a user with the address of the old host.
        self.successor = self.zoom.add_user(self.first, email=self.host.email)
        self.old_app = self.account.client_id
        self.account.write(
            {
                "auth_method": "authorization_code",
                "client_id": "app",
                "client_secret": "hush",
            }
        )
        self.old_zoom = self.zoom.state.accounts["account-1"]

    def _book_issued(self):
        booking = self.book()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        return booking

    def _meetings_of(self, zoom_account):
        return [
            meeting
            for meeting in self.live_meetings()
            if meeting.account_id == zoom_account.account_id
        ]

    def _replace(self):
        self.link(self.account)
        self.press(self.pending(self.account), "action_confirm")

    def test_replacing_asks_first_and_names_both_accounts(self):
        self._book_issued()
        path = self.link(self.account)
        link = self.pending(self.account)
        self.assertTrue(path.endswith(f"/{link.id}"))
        self.assertRecordValues(
            link.with_user(self.admin),
            [
                {
                    "step": "confirm",
                    "old_zoom_account_id": "account-1",
                    "new_zoom_account_id": "first",
                    "new_email": "jill@example.com",
                    "meeting_count": 1,
                }
            ],
        )
        # Nothing has changed so far.
        self.assertEqual(self.account.connected_zoom_account_id, "account-1")
        self.assertTrue(self.host.connected)

    def test_waiting_for_the_answer_leaves_the_old_link_working(self):
        self.link(self.account)
        self.move_to(NOW + timedelta(hours=2))
        self._book_issued()
        self.assertEqual(len(self._meetings_of(self.old_zoom)), 1)

    def test_discarding_keeps_the_old_link_and_ends_the_new_pair(self):
        self.link(self.account)
        self.press(self.pending(self.account), "action_discard")
        self.assert_ended(self.zoom.tokens[-1])
        self.assertRecordValues(
            self.account,
            [
                {
                    "state": "connected",
                    "auth_method": "account_credentials",
                    "client_id": self.old_app,
                    "client_secret": "secret-account-1",
                    "zoom_account_id": "account-1",
                    "connected_zoom_account_id": "account-1",
                }
            ],
        )
        self.move_to(NOW + timedelta(hours=2))
        self._book_issued()
        self.assertEqual(len(self._meetings_of(self.old_zoom)), 1)

    @mute_logger("odoo.http")
    def test_answer_counts_once(self):
        self._replace()
        link = self.pending(self.account)
        for method in ("action_confirm", "action_retry", "action_discard"):
            self.assertIn("already completed", self.press_in_vain(link, method))
        self.assert_connected(self.account, self.first)

    def test_replaced_account_is_revoked_and_its_users_archived(self):
        old_pair = self.zoom.state.by_access_token[self.account.access_token]
        self._replace()
        self.assert_ended(old_pair)
        self.assert_connected(self.account, self.first)
        self.assertFalse(self.host.active)
        self.assertFalse(self.host.connected)
        self.assertEqual(len(self.account.zoom_user_ids), 3)

    def test_bindings_are_handed_over_by_e_mail(self):
        self.rbt.zoom_user_id = self.host
        self._replace()
        new = self.account.zoom_user_ids.filtered(
            lambda user: user.zoom_id == self.successor.id
        )
        self.assertEqual(self.r_materials[0].zoom_user_id, new)
        self.assertEqual(self.rbc_mon.zoom_user_id, new)
        self.assertEqual(self.rbt.zoom_user_id, new)
        # Nobody in the new account has this one's address: it stays, as broken.
        self.assertEqual(self.r_materials[2].zoom_user_id, self.other_host)

    def test_future_bookings_are_issued_anew_by_the_new_account(self):
        booking = self._book_issued()
        old_row = booking.zoom_meeting_id
        self._replace()
        self.sync_meetings()
        # Then the booking has a meeting of the new account
        (meeting,) = self._meetings_of(self.first)
        self.assertEqual(meeting.host_id, self.successor.id)
        row = booking.zoom_meeting_id
        self.assertNotEqual(row, old_row)
        self.assertEqual(row.join_url, meeting.join_url)
        # and the one of the old account stays behind, for nobody may delete it now
        self.assertEqual(len(self._meetings_of(self.old_zoom)), 1)
        self.assertRecordValues(
            old_row, [{"state": "removing", "problem": "not_linked"}]
        )

    def test_old_account_linked_again_removes_what_stayed_behind(self):
        booking = self._book_issued()
        old_row = booking.zoom_meeting_id
        self._replace()
        self.sync_meetings()
        # When the first account comes back
        self.account.write(
            {
                "auth_method": "account_credentials",
                "client_id": self.old_app,
                "client_secret": "secret-account-1",
                "zoom_account_id": "account-1",
            }
        )
        action = self.press(self.account, "action_connect")
        self.assertEqual(action["res_model"], "booking.zoom.connection")
        self.press(self.pending(self.account), "action_confirm")
        self.sync_meetings()
        self.sync_meetings()
        # Then it hosts the booking again, once
        self.assertEqual(old_row.state, "removed")
        (meeting,) = self._meetings_of(self.old_zoom)
        self.assertEqual(booking.zoom_meeting_id.zoom_id, str(meeting.id))
        self.assertEqual(self.r_materials[0].zoom_user_id, self.host)

    def test_another_account_after_unlinking_asks_while_meetings_are_left(self):
        self._book_issued()
        self.press(self.account, "action_disconnect")
        self.link(self.account)
        self.assertEqual(self.pending(self.account).step, "confirm")

    def test_another_account_after_unlinking_asks_nothing_without_meetings(self):
        self.press(self.account, "action_disconnect")
        self.link(self.account)
        self.assert_connected(self.account, self.first)

    def test_new_account_without_users_at_first_is_settled_later(self):
        booking = self._book_issued()
        self.zoom.fail(path="/v2/users$", times=None)
        self._replace()
        self.assert_connected(self.account, self.first)
        self.zoom.faults.clear()
        self.run_cron("ir_cron_sync_users")
        self.sync_meetings()
        self.assertEqual(len(self._meetings_of(self.first)), 1)
        self.assertEqual(booking.zoom_meeting_id.state, "ready")


@tagged("post_install", "-at_install")
class TestUnlinking(ConnectedCase):
    """Meetings outlive the link, and go on with the next one."""

    def test_meetings_stay_as_they_are(self):
        booking = self.book()
        self.sync_meetings()
        self.press(self.account, "action_disconnect")
        self.sync_meetings()
        self.zoom.state.requests.clear()
        booking.start += timedelta(hours=1)
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)
        self.assertFalse(self.zoom.requests)
        self.assertRecordValues(
            booking.zoom_meeting_id, [{"state": "changed", "problem": "not_linked"}]
        )

    def test_same_account_linked_again_goes_on(self):
        moved = self.book()
        self.sync_meetings()
        self.press(self.account, "action_disconnect")
        # Given a booking was moved, and one made, without a link
        moved.start += timedelta(hours=1)
        new = self.book(start=moved.start + timedelta(hours=1))
        self.sync_meetings()
        self.assertEqual(new.zoom_meeting_id.problem, "not_linked")
        # When the account is linked again
        self.press(self.account, "action_connect")
        self.sync_meetings()
        # Then both are in Zoom, the first as it was but moved
        meetings = self.live_meetings()
        self.assertEqual(len(meetings), 2)
        self.assertEqual(str(meetings[0].id), moved.zoom_meeting_id.zoom_id)
        self.assertEqual(meetings[0].updates, 1)
        for booking in (moved, new):
            self.assertRecordValues(
                booking.zoom_meeting_id, [{"state": "ready", "problem": False}]
            )


@tagged("post_install", "-at_install")
class TestTwoCompanies(ConnectedCase):
    """Two companies, each with its own Zoom account, side by side."""

    def test_each_company_issues_its_meetings_in_its_own_account(self):
        # Given a second company with its own type, resource and Zoom account
        company = self.env["res.company"].create({"name": "Branch"})
        other = self.create_account(company)
        self.link(other)
        self.assert_connected(other, self.first)
        resource = self.r_materials[1].copy(
            {"company_id": company.id, "zoom_user_id": False}
        )
        resource.zoom_user_id = other.zoom_user_ids[0]
        combination = self.env["resource.booking.combination"].create(
            {"resource_ids": [(6, 0, resource.ids)]}
        )
        booking_type = self.rbt.copy(
            {
                "company_id": company.id,
                "web_conference_tool": "zoom",
                "combination_rel_ids": [
                    (5, 0, 0),
                    (0, 0, {"combination_id": combination.id}),
                ],
            }
        )
        self.rbt.company_id = self.account.company_id
        # When both are booked at the same time
        start = NOW.replace(month=3, day=2, hour=8)
        mine = self.book(start=start)
        theirs = self.book(start=start, type_id=booking_type.id)
        self.sync_meetings()
        # Then each account has one meeting, made with its own token
        by_account = {
            meeting.account_id: str(meeting.id) for meeting in self.live_meetings()
        }
        self.assertEqual(
            by_account,
            {
                "account-1": mine.zoom_meeting_id.zoom_id,
                "first": theirs.zoom_meeting_id.zoom_id,
            },
        )
        # and when one of them is unlinked, the other goes on
        self.press(other, "action_disconnect")
        (mine | theirs).write({"description": "x"})
        mine.start += timedelta(hours=1)
        theirs.start += timedelta(hours=1)
        self.sync_meetings()
        self.assertEqual(mine.zoom_meeting_id.state, "ready")
        self.assertEqual(theirs.zoom_meeting_id.problem, "not_linked")
