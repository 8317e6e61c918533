# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .test_tour_admin import ZoomConsentCase


@tagged("post_install", "-at_install")
class TestTourAccountPage(ZoomConsentCase):
    """The page of the Zoom account always has its record."""

    def assert_connected(self):
        account = self.env["booking.zoom.account"].search([])
        self.assertRecordValues(
            account, [{"company_id": self.env.company.id, "state": "connected"}]
        )

    def test_tour_page_that_is_loaded_again(self):
        self.press_allow()
        self.start_tour("/odoo", "test_tour_account_page_reloaded", login="admin")
        self.assert_connected()

    def test_tour_bookmark_of_the_page(self):
        # Given a page that was opened before, and a bookmark of the empty form
        self.env["booking.zoom.account"].create({})
        action = self.env.ref("resource_booking_zoom.booking_zoom_account_action")
        # When an administrator opens it and links, then it is the same record
        self.press_allow()
        self.start_tour(
            f"/odoo/action-{action.id}/new",
            "test_tour_account_page_bookmarked",
            login="admin",
        )
        self.assert_connected()
