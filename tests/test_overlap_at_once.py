# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from psycopg2.errors import ExclusionViolation

from odoo.tests import tagged

from .at_once_common import START, AtOnceCase


@tagged("post_install", "-at_install")
class TestOverlapAtOnce(AtOnceCase):
    """Two real transactions, each of which sees the time as free."""

    def test_the_second_waits_for_the_first_and_is_refused(self):
        refused = self.save_at_once(self.book_second)
        self.assertIsInstance(refused, ExclusionViolation)
        with self.transaction() as env:
            self.assertIn(
                "Please choose another time",
                env["booking.zoom.meeting"]._sql_error_to_message(refused),
            )
            bookings = env["resource.booking"].browse(self.bookings)
            self.assertEqual(bookings.mapped("start"), [START, False])
