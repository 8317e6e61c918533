# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tools import mute_logger

from ..exceptions import (
    ZoomClientRefused,
    ZoomConnectionLost,
    ZoomError,
    ZoomOutcomeUnknown,
    ZoomUnavailable,
)
from .common import NOW, ZoomCase, ZoomMixin

TOKEN_LOGGER = "odoo.addons.resource_booking_zoom.models.zoom.booking_zoom_account"


class ConsentMixin(ZoomMixin):
    """An account that was linked by consent, so that it has a refresh token."""

    def create_consented_account(self, company=None, name="consented", users=1):
        """Link a new Zoom account with a pair of tokens as the callback gets it.

        :return: booking.zoom.account, linked
        """
        self.zoom_account = self.zoom.add_account(account_id=name, plan="business")
        self.zoom_app = self.zoom.add_app(
            self.zoom_account, client_id=f"client-{name}", client_secret="hush"
        )
        for number in range(users):
            self.zoom.add_user(self.zoom_account, email=f"user{number}@{name}.example")
        account = self.env["booking.zoom.account"].create(
            {
                "company_id": (
                    company or self.env["res.company"].create({"name": name})
                ).id,
                "client_id": self.zoom_app.client_id,
                "client_secret": self.zoom_app.client_secret,
            }
        )
        self.consent(account)
        return account

    def consent(self, account, zoom_account=None):
        """Link the account as the callback does, without a browser.

        :return: the booking.zoom.connection
        """
        url = account.action_connect()["url"]
        location = self.zoom.authorize(url, account=zoom_account)
        code = location.partition("code=")[2].partition("&")[0]
        link = self.env["booking.zoom.connection"].search(
            [("account_id", "=", account.id)]
        )
        self.assertFalse(link._exchange(code))
        link._apply()
        return link

    def refreshes(self):
        return [
            request
            for request in self.requests("POST", "/oauth/token")
            if request.body.get("grant_type") == "refresh_token"
        ]


class TestToken(ConsentMixin, ZoomCase):
    """Access tokens live an hour, refresh tokens are used once."""

    def setUp(self):
        super().setUp()
        self.oauth_account = self.create_consented_account()
        self.env.flush_all()
        self.zoom.state.requests.clear()
        self.zoom.state.stale_token_uses.clear()

    def _sync(self, error=None):
        """Call Zoom, which raises that error.

        assertRaises would roll back what the failure has committed.
        """
        try:
            self.oauth_account._sync_users()
        except ZoomError as raised:
            if not error or not isinstance(raised, error):
                raise
        else:
            self.assertFalse(error, "Zoom did not refuse")
        self.env.invalidate_all()

    def test_valid_token_is_used_as_it_is(self):
        self._sync()
        self.assertFalse(self.refreshes())

    def test_expired_token_is_renewed_once_and_the_new_pair_kept(self):
        old = self.oauth_account.access_token, self.oauth_account.refresh_token
        # Given an hour has passed
        self.move_to(NOW + timedelta(hours=1))
        # When Zoom is called several times
        self._sync()
        self._sync()
        # Then there was one renewal, and both tokens are the new ones
        self.assertEqual(len(self.refreshes()), 1)
        pair = self.zoom.tokens[-1]
        self.assertEqual(self.oauth_account.access_token, pair.access_token)
        self.assertEqual(self.oauth_account.refresh_token, pair.refresh_token)
        self.assertNotIn(self.oauth_account.access_token, old)
        self.assertGreater(
            self.oauth_account.token_expires_at, NOW + timedelta(minutes=110)
        )

    def test_token_that_is_about_to_expire_is_renewed(self):
        self.move_to(NOW + timedelta(minutes=59))
        self._sync()
        self.assertEqual(len(self.refreshes()), 1)

    def test_refresh_token_that_nothing_uses_for_months_is_kept_alive(self):
        # Given an account without any booking
        for day in range(1, 200):
            # When nothing but the daily action runs
            self.move_to(NOW + timedelta(days=day))
            if day % 20 == 0:
                self.run_cron("ir_cron_sync_users")
        # Then the link lives, though Zoom's refresh tokens die after 90 days
        self._sync()
        self.assertEqual(self.oauth_account.state, "connected")
        self.assertEqual(len(self.refreshes()), 10)

    def test_every_renewal_uses_the_newest_refresh_token(self):
        for hours in range(1, 4):
            self.move_to(NOW + timedelta(hours=hours * 2))
            self._sync()
        self.assertEqual(len(self.refreshes()), 3)
        self.assertFalse(self.zoom.stale_token_uses)

    def test_token_refused_in_the_middle_is_renewed_and_the_call_repeated_once(self):
        # Given Zoom has ended the access token before its time
        self.zoom.refuse(401, 124, "Invalid access token.", path="/v2/users")
        self._sync()
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(self.oauth_account.state, "connected")

    def test_token_refused_by_somebody_else_first_is_not_renewed_twice(self):
        # Given a worker has renewed the token that this one had in hand
        stale = self.oauth_account.access_token
        self.oauth_account._get_client(rejected=stale)
        self.env.invalidate_all()
        # When this one's token is refused
        client = self.oauth_account._get_client(rejected=stale)
        # Then it takes the new one
        self.assertEqual(client.access_token, self.zoom.tokens[-1].access_token)
        self.assertEqual(len(self.refreshes()), 1)

    def test_link_that_somebody_renewed_meanwhile_is_not_broken(self):
        stale = self.oauth_account.access_token
        self.oauth_account._get_client(rejected=stale)
        self.zoom.fail(
            path="/oauth/token",
            status=400,
            body={"reason": "Invalid Token!", "error": "invalid_grant"},
            times=None,
        )
        self.oauth_account._get_client(rejected=stale)
        self.env.invalidate_all()
        self.assertEqual(self.oauth_account.state, "connected")

    def test_dead_refresh_token_breaks_the_link_and_says_so(self):
        self.zoom.revoke_tokens(account=self.zoom_account)
        self._sync(ZoomConnectionLost)
        self.assertEqual(self.oauth_account.state, "lost")
        self.assertIn("connect the account again", self.oauth_account.state_message)
        self.assertIn("Invalid Token!", self.oauth_account.state_message)

    def test_broken_link_is_not_tried_any_more(self):
        self.zoom.revoke_tokens(account=self.zoom_account)
        for _time in range(2):
            self._sync(ZoomConnectionLost)
        self.assertEqual(len(self.refreshes()), 1)

    def test_wrong_client_secret_breaks_the_link_and_says_so(self):
        self.zoom_app.client_secret = "changed at Zoom"
        self.move_to(NOW + timedelta(hours=1))
        self._sync(ZoomClientRefused)
        self.assertEqual(self.oauth_account.state, "lost")
        self.assertIn("client secret", self.oauth_account.state_message)

    def test_unreachable_zoom_does_not_break_the_link(self):
        self.move_to(NOW + timedelta(hours=1))
        self.zoom.fail(path="/oauth/token", kind="html", status=503)
        self._sync((ZoomUnavailable, ZoomOutcomeUnknown))
        self.assertEqual(self.oauth_account.state, "connected")
        # and it goes on by itself
        self._sync()
        self.assertEqual(self.oauth_account.state, "connected")

    def test_refresh_token_stays_if_zoom_sends_no_new_one(self):
        refresh_token = self.oauth_account.refresh_token
        self.zoom.fail(
            path="/oauth/token",
            kind="body",
            body={"access_token": "new", "expires_in": 3599},
        )
        self.move_to(NOW + timedelta(hours=1))
        self.oauth_account._get_client()
        self.env.invalidate_all()
        self.assertEqual(self.oauth_account.access_token, "new")
        self.assertEqual(self.oauth_account.refresh_token, refresh_token)
        self.assertTrue(self.oauth_account.granted_scopes)

    def test_another_app_typed_in_leaves_the_link_working(self):
        # Given the administrator has typed the next app and account in
        self.oauth_account.write(
            {
                "auth_method": "account_credentials",
                "client_id": "another",
                "client_secret": "other",
                "zoom_account_id": "other-account",
            }
        )
        # When the token is due before the new link is made
        self.move_to(NOW + timedelta(hours=1))
        self.env.flush_all()
        self._sync()
        # Then the old app has renewed it
        self.assertEqual(len(self.refreshes()), 1)
        self.assertEqual(self.oauth_account.state, "connected")
        self.assertTrue(self.oauth_account.zoom_user_ids.connected)

    def test_renewed_client_secret_of_the_same_app_is_used(self):
        self.zoom_app.client_secret = "regenerated"
        self.oauth_account.client_secret = " regenerated "
        self.move_to(NOW + timedelta(hours=1))
        self.env.flush_all()
        self._sync()
        self.assertEqual(self.oauth_account.state, "connected")

    def test_copy_of_the_database_sends_nothing_and_revokes_nothing(self):
        booking = self.book()
        # Given a copy, which has a uuid of its own
        self.env["ir.config_parameter"].set_param("database.uuid", "a copy")
        self.zoom.state.requests.clear()
        # When the scheduled actions run and an administrator unlinks
        self.sync_meetings()
        self.assertEqual(self.account.state, "lost")
        self.assertIn("copy", self.account.state_message)
        self.assertEqual(booking.zoom_meeting_id.problem, "not_linked")
        (self.account | self.oauth_account).action_disconnect()
        # Then Zoom has heard nothing
        self.assertFalse(self.zoom.requests)

    @mute_logger(TOKEN_LOGGER)
    def test_one_company_without_token_does_not_stop_the_others(self):
        self.zoom.revoke_tokens(account=self.zoom_account)
        synced_at = self.account.users_synced_at
        self.move_to(NOW + timedelta(hours=1))
        self.run_cron("ir_cron_sync_users")
        self.assertEqual(self.oauth_account.state, "lost")
        self.assertGreater(self.account.users_synced_at, synced_at)

    def test_company_of_another_language_is_told_too(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.oauth_account.company_id.partner_id.lang = "fr_FR"
        self.zoom.revoke_tokens(account=self.zoom_account)
        self._sync(ZoomConnectionLost)
        self.assertTrue(self.oauth_account.state_message)
