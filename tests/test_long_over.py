# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from .. import utils
from .common import MONDAY, NOW, ZoomCase

YEAR = timedelta(days=365)
MODELS = (
    "booking.conference.mail",
    "booking.conference.notice",
    "booking.zoom.meeting",
    "booking.zoom.request.count",
    "booking.zoom.change.count",
    "booking.zoom.webhook.event",
)


class TestLongOver(ZoomCase):
    """Odoo's daily clean-up deletes what is over for a year, and nothing else."""

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.sync_meetings()
        self.row = self.booking.zoom_meeting_id
        self.move_to(MONDAY - timedelta(minutes=30))
        self.send_reminders()
        self.count = self.env["booking.zoom.request.count"].search([])
        self.mail = self.env["booking.conference.mail"].search([], limit=1)
        self.assertTrue(self.row and self.count and self.mail)

    def clean_up(self, *models):
        """As the daily action does, which runs what is marked so.

        :return tuple: how many records were deleted, and whether more are left
        """
        results = []
        for model in models or MODELS:
            clean_up = self.env[model]._gc_long_over
            self.assertTrue(clean_up._autovacuum)
            results.append(clean_up())
        self.env.invalidate_all()
        return sum(done for done, _more in results), any(
            more for _done, more in results
        )

    def left(self):
        return [bool(one.exists()) for one in (self.row, self.count, self.mail)]

    def test_what_is_over_for_less_than_a_year_stays(self):
        self.move_to(NOW + YEAR - timedelta(hours=10))
        self.clean_up()
        self.assertEqual(self.left(), [True, True, True])

    def test_what_is_over_for_a_year_is_deleted(self):
        self.move_to(MONDAY + YEAR + timedelta(days=1))
        done, more = self.clean_up()
        self.assertEqual(self.left(), [False, False, False])
        self.assertGreaterEqual(done, 3)
        self.assertFalse(more)
        self.assertTrue(self.booking.exists())

    def test_booking_of_next_year_stays_as_it_is(self):
        # Given a booking that is far ahead, made long ago
        self.booking.start = MONDAY + 2 * YEAR - timedelta(days=2)
        self.move_to(MONDAY + YEAR + timedelta(days=1))
        self.clean_up()
        self.assertTrue(self.row.exists())

    def test_event_that_could_never_be_worked_off_is_deleted(self):
        events = self.env["booking.zoom.webhook.event"]
        for days in (6, 8):
            events.create(
                {
                    "zoom_account_id": "nobody",
                    "name": "meeting.updated",
                    "happened_at": MONDAY - timedelta(days=days),
                }
            )
        self.clean_up()
        self.assertEqual(len(events.search([])), 1)

    def test_many_are_deleted_in_parts(self):
        self.book_many(3, start=MONDAY + timedelta(hours=5))
        self.move_to(MONDAY + YEAR + timedelta(days=1))
        with patch.object(utils, "GC_UNLINK_LIMIT", 2):
            _done, more = self.clean_up()
            self.assertTrue(more)
            self.clean_up()
            _done, more = self.clean_up()
        self.assertFalse(more)
        self.assertFalse(self.env["booking.zoom.meeting"].search([]))
