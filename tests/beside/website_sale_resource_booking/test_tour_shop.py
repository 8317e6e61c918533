# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import tagged

from ...common import MONDAY
from .test_shop import BUYER, ShopCase


@tagged("post_install", "-at_install")
class TestTourShop(ShopCase):
    """A visitor with a phone buys an appointment."""

    browser_size = "390x844"
    touch_enabled = True

    def test_tour_from_the_product_to_the_reminder(self):
        # When a visitor buys an appointment
        self.website.add_to_cart_action = "go_to_cart"
        self.start_tour(self.product.website_url, "test_tour_shop")
        self.env.invalidate_all()
        booking = self.env["resource.booking"].search([])
        start = MONDAY + timedelta(hours=2)
        self.assertEqual((booking.start, booking.state), (start, "confirmed"))
        # Then one request issues its meeting, and the reminder brings the link
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(self.counted_requests(), 1)
        reminder = self.mail_to(BUYER, self.remind(start - timedelta(hours=1)))
        self.assertIn(meeting.join_url, reminder.text)


@tagged("post_install", "-at_install")
class TestTourShopStaff(ShopCase):
    """Staff look for bookings without link."""

    browser_size = "1366x768"

    def test_tour_why_it_waits(self):
        self.create_manager("desk", tz="UTC")
        booking = self.visitor.hold(self.product)
        booking.partner_ids = self.partner
        action = self.env.ref("resource_booking.resource_booking_action")
        # The browser's clock is not that of the test.
        action.context = {"initial_date": "2027-03-01"}
        self.start_tour(
            f"/odoo/action-{action.id}", "test_tour_shop_staff", login="desk"
        )
