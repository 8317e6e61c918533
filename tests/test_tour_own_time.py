# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common import HttpBookingCase


@tagged("post_install", "-at_install")
class TestTourOwnTime(HttpBookingCase):
    """A customer elsewhere picks a time. The browser's clock shows UTC."""

    browser_size = "375x667"
    touch_enabled = True

    def pick(self, tour):
        booking = self.book(start=None)
        url = booking.get_portal_url(suffix="/schedule/2027/3")
        self.start_tour(url, tour)

    def test_tour_elsewhere(self):
        # The resources work from 08:00 UTC, as always
        self.rbt.resource_calendar_id = self.make_calendar("Asia/Tokyo")
        self.pick("test_tour_own_time")

    def test_tour_here(self):
        self.pick("test_tour_own_time_same")
