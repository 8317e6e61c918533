# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
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
        self.rbt.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Day and night in Tokyo",
                "tz": "Asia/Tokyo",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"Day {day}",
                                "dayofweek": str(day),
                                "hour_from": 0,
                                "hour_to": 24,
                                "day_period": "morning",
                            }
                        )
                        for day in range(7)
                    ),
                ],
            }
        )
        self.pick("test_tour_own_time")

    def test_tour_here(self):
        self.pick("test_tour_own_time_same")
