# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import tagged

from .many_common import HOSTS, QuickPagesMixin
from .test_tour_admin import ZoomConsentCase


@tagged("post_install", "-at_install")
class TestTourSetup(QuickPagesMixin, ZoomConsentCase):
    """An administrator is led from an empty database to bookings with Zoom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        account = cls.zoom.state.accounts["tour-account"]
        for number in range(HOSTS - 2):
            cls.zoom.add_user(
                account, email=f"z{number}@zoom.example", first_name=f"Z {number:03}"
            )

    def test_tour_five_steps(self):
        # Given a database without booking types, and a company that can be written to
        self.env["resource.booking.type"].search([]).active = False
        self.env.company.email = "office@example.com"
        self.env.ref("base.user_admin").email = "boss@example.com"
        # When an administrator takes one step after another
        self.press_allow()
        self.start_tour("/odoo", "test_tour_setup", login="admin")
        # Then the room that exists in Zoom only can be booked, and its user hosts
        booking_type = self.env["resource.booking.type"].search([])
        combination = booking_type.combination_rel_ids.combination_id
        self.assertEqual(combination.resource_ids.name, "Room")
        self.assertEqual(
            booking_type._get_zoom_hosts(combination).zoom_id, self.zoom_user.id
        )
        # And the trial meeting that the check created in Zoom is gone
        self.assertEqual(len(self.requests("POST", "/meetings")), 1)
        self.assertFalse(self.live_meetings())

    def test_tour_ways_to_the_page(self):
        self.start_tour(
            "/odoo/settings", "test_tour_setup_ways", login="admin", timeout=40
        )
