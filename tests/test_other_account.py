# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from ..engine.sync_run import ZoomSyncRun
from ..tools.zoom_oauth import ZoomOAuth
from .common import MONDAY, NOW, ZoomCase


class TestOtherAccount(ZoomCase):
    """Another Zoom account is linked while requests to the first one are under way.

    Asked with the token of another account, Zoom says that a meeting is gone.
    """

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.sync_meetings()
        self.row = self.booking.zoom_meeting_id
        (self.meeting,) = self.live_meetings()
        zoom_account = self.zoom.add_account(account_id="account-2", plan="business")
        self.zoom.add_user(zoom_account, email="owner@account-2.example.com")
        self.app = self.zoom.add_app(zoom_account, kind="account_credentials")

    def link(self, app, zoom_account_id):
        """As a person does meanwhile, in a transaction of its own."""
        oauth = ZoomOAuth(self.zoom.url, app.client_id, app.client_secret)
        grant = oauth.account_credentials(zoom_account_id)
        self.account.write(
            {
                "client_id": app.client_id,
                "client_secret": app.client_secret,
                "connected_client_id": app.client_id,
                "connected_client_secret": app.client_secret,
                "connected_zoom_account_id": zoom_account_id,
                **self.account._prepare_grant_vals(grant),
            }
        )
        self.env.flush_all()

    def link_when(self, method):
        """Let another account be linked just before a method of the run is called."""
        original = getattr(ZoomSyncRun, method)

        def linked_before(run, *args):
            self.link(self.app, "account-2")
            return original(run, *args)

        return patch.object(ZoomSyncRun, method, linked_before)

    def link_back(self):
        first = self.zoom.state.apps["client-account-1"]
        self.link(first, "account-1")
        self.move_to(NOW + timedelta(minutes=5))
        self.sync_meetings()

    def test_refused_removal_is_not_repeated_with_the_token_of_another_account(self):
        # Given a removal whose token Zoom refuses, while another account is linked
        self.booking.action_cancel()
        body = {"code": 124, "message": "Invalid access token."}
        self.zoom.fail(method="DELETE", status=401, body=body)
        with self.link_when("_repeat"):
            self.sync_meetings()
        # Then nothing was asked of the new one, and the meeting is not forgotten
        self.assertEqual(len(self.requests("DELETE")), 1)
        self.assertEqual(self.row.state, "removing")
        self.assertFalse(self.meeting.deleted)
        # and it is removed when its account is linked again
        self.link_back()
        self.assertTrue(self.meeting.deleted)
        self.assertEqual(self.row.state, "removed")

    def test_request_that_was_claimed_before_is_not_made_with_the_other_token(self):
        # Given two removals, and a token of the first account, known to the run
        other = self.book(MONDAY + timedelta(hours=1))
        self.sync_meetings()
        other_row = other.zoom_meeting_id
        (self.booking | other).action_cancel()
        # When another account is linked between the claim and the request
        original = ZoomSyncRun._claim

        def claim(run, account, ids):
            jobs = original(run, account, ids)
            self.link(self.app, "account-2")
            run._clients.clear()
            run._port._accounts.invalidate_model()
            run._has_client(self.account.id)
            return jobs

        with patch.object(ZoomSyncRun, "_claim", claim):
            self.sync_meetings()
        self.assertFalse(self.requests("DELETE"))
        for row in (self.row, other_row):
            self.assertRecordValues(
                row, [{"state": "removing", "problem": "unavailable"}]
            )
        self.link_back()
        self.assertTrue(self.meeting.deleted)
