# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import tagged

from .common import MONDAY, HttpBookingCase
from .many_common import ManyTourMixin


@tagged("post_install", "-at_install")
class TestTourOverview(ManyTourMixin, HttpBookingCase):
    """Staff without manager's rights read the overview; each figure opens its list."""

    browser_size = "1366x768"

    def test_tour_overview(self):
        # Given a meeting that is ready and one that Zoom refused
        user = self.create_staff("overview", tz="Asia/Tokyo")
        self.partner.name = "Hanako Yamada"
        bookings = self.book()
        self.sync_meetings()
        bookings |= self.book(MONDAY + timedelta(hours=1))
        bookings.message_subscribe(user.partner_id.ids)
        bookings[1].zoom_meeting_id.problem = "refused"
        used = self.env["booking.zoom.request.count"].search(
            [("zoom_user_id", "=", self.host.id)]
        )
        used.date = MONDAY.date()
        self.move_to(MONDAY - timedelta(hours=1))
        # When staff look at it
        self.start_tour("/odoo", "test_tour_overview", login="overview")
