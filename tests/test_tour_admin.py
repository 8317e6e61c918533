# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest.mock import patch

from odoo.tests import HttpCase, common, tagged

from .common import ZoomMixin

PRESS_ALLOW = """
    if (location.origin === %r) {
        addEventListener("DOMContentLoaded", () => {
            document.querySelector("a.allow").click();
        });
    }
"""


class ZoomConsentCase(ZoomMixin, HttpCase):
    """A browser in which somebody presses "Allow" on Zoom's page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_zoom()
        account = cls.zoom.add_account(account_id="tour-account")
        cls.zoom.add_app(
            account, client_id="tour-client-id", client_secret="tour-client-secret"
        )
        cls.zoom.add_user(account, email="owner@zoom.example", first_name="Owner")
        cls.zoom_user = cls.zoom.add_user(
            account, email="room@zoom.example", first_name="Room", type=2
        )

    def press_allow(self):
        """Let the browser press "Allow" on Zoom's page, where no tour can run."""
        script = PRESS_ALLOW % self.zoom.url

        class Browser(common.ChromeBrowser):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self._websocket_request(
                    "Page.addScriptToEvaluateOnNewDocument", params={"source": script}
                )

        self.startPatcher(patch.object(common, "ChromeBrowser", Browser))


@tagged("post_install", "-at_install")
class TestTourAdmin(ZoomConsentCase):
    """An administrator configures everything in the browser."""

    def test_tour_from_an_empty_database(self):
        # Given a database in which nothing is configured
        for model in ("account", "user", "meeting"):
            self.assertFalse(self.env[f"booking.zoom.{model}"].search([]))
        types = self.env["resource.booking.type"]
        self.assertFalse(types.search([("web_conference_tool", "!=", "none")]))
        # When an administrator links the account, adds a resource and a type, and binds
        self.press_allow()
        self.start_tour("/odoo", "test_tour_admin", login="admin")
        # Then the account is linked as its owner has consented
        account = self.env["booking.zoom.account"].search([])
        self.assertRecordValues(
            account,
            [
                {
                    "company_id": self.env.company.id,
                    "state": "connected",
                    "zoom_account_id": "tour-account",
                    "connected_email": "owner@zoom.example",
                }
            ],
        )
        self.assertEqual(len(self.requests("POST", "/oauth/token")), 1)
        # And the room's bookings are hosted by the Zoom user that was bound
        resource = self.env["resource.resource"].search([("name", "=", "Quiet room")])
        self.assertEqual(resource.zoom_user_id.zoom_id, self.zoom_user.id)
        booking_type = types.search([("name", "=", "Online advice")])
        self.assertEqual(booking_type.web_conference_tool, "zoom")
        combination = booking_type.combination_rel_ids.combination_id
        self.assertEqual(combination.resource_ids, resource)
        self.assertEqual(
            booking_type._get_zoom_hosts(combination), resource.zoom_user_id
        )
        # And the type sends a reminder with the link
        self.assertEqual(
            booking_type.alarm_ids,
            self.env.ref("resource_booking_zoom.calendar_alarm_reminder"),
        )
