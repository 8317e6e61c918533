# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .common import MONDAY, HttpBookingCase
from .third_tool import ThirdToolMixin


@tagged("post_install", "-at_install")
class TestTourThirdTool(ThirdToolMixin, HttpBookingCase):
    """Staff find bookings of a third tool as they find those of Zoom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_third_tool()
        cls.create_manager("reception", tz="UTC")

    def test_tour_third_tool(self):
        # Given a booking with its link, and one for which the tool has none
        stuck, ready = self.book(), self.book(MONDAY.replace(hour=10))
        stuck.sample_ids._refuse("Nobody is licensed.")
        ready.sample_ids._answer("https://sample.example.com/meeting-1")
        # When staff find the latter and enter a link
        action = self.env.ref("resource_booking.resource_booking_action")
        action.context = {"search_default_upcoming": 1, "initial_date": "2027-03-01"}
        self.start_tour(
            f"/odoo/action-{action.id}", "test_tour_third_tool", login="reception"
        )
        self.env.invalidate_all()
        # Then the tool leaves it alone
        self.assertEqual(stuck.join_link_state, "manual")
        self.assertEqual(stuck.sample_ids.state, "removed")
