# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import tagged

from .common import MONDAY, NOW, TUESDAY, HttpBookingCase
from .many_common import ManyTourMixin


class BookingTourCase(ManyTourMixin, HttpBookingCase):
    """Two customers, today and tomorrow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rbt.name = "Online advice"
        cls.partner.name = "Hanako Yamada"
        cls.guest = cls.env["res.partner"].create({"name": "Taro Suzuki"})
        cls.desk = cls.create_manager("desk", tz="UTC")
        cls.monday = cls.book(user_id=cls.desk.id)
        cls.tuesday = cls.book(
            TUESDAY, cls.guest, combination_id=cls.rbc_tue.id, user_id=cls.desk.id
        )
        cls.action = cls.env.ref("resource_booking.resource_booking_action")
        # The browser's clock is not that of the test.
        cls.action.context = {"search_default_is_mine": 1, "initial_date": "2027-03-01"}
        # "Involving me" is what the platform filters by.
        (cls.monday | cls.tuesday).meeting_id.partner_ids |= cls.desk.partner_id

    def setUp(self):
        super().setUp()
        self.move_to(MONDAY - timedelta(hours=1))


@tagged("post_install", "-at_install")
class TestTourBookings(BookingTourCase):
    """Staff find and retry bookings at the desk."""

    browser_size = "1366x768"

    def test_tour_bookings(self):
        # Given one booking with a link and one that Zoom refused
        self.sync_meetings()
        row = self.tuesday.zoom_meeting_id
        row.write({"state": "waiting", "zoom_id": False, "join_url": False})
        row.problem = "refused"
        # When staff look for them
        self.start_tour(
            f"/odoo/action-{self.action.id}", "test_tour_bookings", login="desk"
        )
        # Then the refused one is tried again
        self.sync_meetings()
        self.assertEqual(row.state, "ready")


@tagged("post_install", "-at_install")
class TestTourBookingsPhone(BookingTourCase):
    """On a phone the bookings of today are open at once."""

    browser_size = "390x844"
    touch_enabled = True

    def test_tour_bookings_phone(self):
        self.sync_meetings()
        self.start_tour(
            f"/odoo/action-{self.action.id}", "test_tour_bookings_phone", login="desk"
        )

    def test_tour_no_bookings_today(self):
        self.move_to(NOW)
        self.start_tour(
            f"/odoo/action-{self.action.id}",
            "test_tour_bookings_phone_empty",
            login="desk",
        )
