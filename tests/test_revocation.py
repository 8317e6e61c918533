# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tools import mute_logger

from ..models.zoom.booking_zoom_revocation import GIVE_UP_AFTER
from .common import NOW, ZoomCase

LOGGER = "odoo.addons.resource_booking_zoom.models.zoom.booking_zoom_revocation"
REVOKE = {"method": "POST", "path": "/oauth/revoke"}


class TestRevocation(ZoomCase):
    """Tokens that are given up are ended in Zoom, whatever comes between."""

    def setUp(self):
        super().setUp()
        self.revocations = self.env["booking.zoom.revocation"]
        (self.pair,) = [
            pair
            for pair in self.zoom.tokens
            if pair.access_token == self.account.access_token
        ]

    def disconnect_account(self, fault=None):
        """Unlink; the scheduled action meets the fault then."""
        if fault:
            self.zoom.fail(**REVOKE, **fault)
        self.account.action_disconnect()
        self.assertFalse(self.zoom.requests)
        self.sync_meetings()

    def asked(self):
        return len(self.requests("POST", "/oauth/revoke"))

    def test_scheduled_action_ends_them(self):
        self.disconnect_account()
        self.assertFalse(self.pair.current)
        self.assertFalse(self.revocations.search([]))

    def test_failure_is_repeated_after_a_while(self):
        self.disconnect_account({"kind": "status"})
        self.assertTrue(self.pair.current)
        self.sync_meetings()
        self.assertEqual(self.asked(), 1)
        self.move_to(NOW + timedelta(minutes=3))
        self.assert_ended(self.pair)
        self.assertFalse(self.revocations.search([]))

    def test_lost_answer_is_asked_for_once_more(self):
        self.disconnect_account({"kind": "drop_after"})
        self.move_to(NOW + timedelta(minutes=3))
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(self.asked(), 2)
        self.assertFalse(self.revocations.search([]))

    def test_worker_that_dies_is_followed_by_the_next_one(self):
        self.account.action_disconnect()
        self.assertTrue(self.revocations._take())
        self.sync_meetings()
        self.assertFalse(self.asked())
        self.move_to(NOW + timedelta(minutes=3))
        self.assert_ended(self.pair)

    def test_refusal_is_not_repeated(self):
        (app,) = self.zoom.state.apps.values()
        self.addCleanup(setattr, app, "client_secret", app.client_secret)
        app.client_secret = "replaced"
        with self.assertLogs(LOGGER, "WARNING") as logs:
            self.disconnect_account()
        self.assertNotIn(self.pair.access_token, str(logs.output))
        self.assertFalse(self.revocations.search([]))

    def test_trouble_with_one_does_not_stop_the_others(self):
        self.revocations._plan("unknown app", "hush", "token")
        with mute_logger(LOGGER):
            self.disconnect_account()
        self.assertFalse(self.pair.current)

    def test_given_up_after_days(self):
        self.disconnect_account({"kind": "status", "times": None})
        self.move_to(NOW + GIVE_UP_AFTER - timedelta(minutes=1))
        self.revocations._gc_given_up()
        self.assertTrue(self.revocations.search([]))
        self.move_to(NOW + GIVE_UP_AFTER + timedelta(minutes=1))
        with self.assertLogs(LOGGER, "WARNING"):
            self.revocations._gc_given_up()
        self.assertFalse(self.revocations.search([]))
