# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged

from ..models.zoom import booking_zoom_pace
from ..tools import zoom_pace
from .common import MONDAY, TUESDAY, ZoomCase
from .zoom_simulator import limits

LONGER = 2


@tagged("post_install", "-at_install")
class TestPaceOfServers(ZoomCase):
    """Servers take turns with one account, whose plan admits few requests per second."""

    def setUp(self):
        super().setUp()
        (zoom_account,) = self.zoom.state.accounts.values()
        zoom_account.plan = self.account.plan = "free"
        self.addCleanup(setattr, zoom_account, "plan", "business")
        # Seconds are longer here: the second server must come within the same one.
        now = limits.monotonic
        self.startPatcher(patch.object(limits, "monotonic", lambda: now() / LONGER))
        self.startPatcher(patch.object(zoom_pace, "WINDOW", zoom_pace.WINDOW * LONGER))

        # Both have learned what Zoom's answers tell.
        self.startPatcher(
            patch.object(
                zoom_pace.Pacer, "_get_queues", lambda pacer, _: [pacer._turns["Light"]]
            )
        )

    @contextmanager
    def server(self, name):
        """What happens here is done by a process of that server."""
        with (
            patch.object(zoom_pace, "_pacers", {}),
            patch.object(booking_zoom_pace, "get_process", lambda: name),
        ):
            yield

    def sync_on(self, name):
        with self.server(name):
            self.sync_meetings()

    def statuses(self):
        return [request.status for request in self.requests("POST", "/meetings")]

    def test_second_server_counts_what_the_first_one_sent(self):
        # Given meetings that one server issues, and others that are due right afterwards
        self.book_many(4)
        late = self.book_many(4, TUESDAY)
        late.next_attempt = MONDAY
        self.sync_on("one")
        late.next_attempt = False
        # When the other server issues those, then it admits no more than Zoom does
        self.sync_on("two")
        self.assertEqual(self.statuses(), [201] * 8)

    def test_server_that_dies_is_counted_as_if_it_had_sent_all(self):
        # Given a server that dies after it has claimed its rows
        self.book_many(5, TUESDAY)
        with (
            self.server("one"),
            patch.object(booking_zoom_pace.BookingZoomPace, "_note") as note,
        ):
            self.sync_meetings()
        (account_id, _turns, pending), _keywords = note.call_args_list[0]
        self.assertEqual((account_id, pending), (self.account.id, 5))
        with self.server("one"):
            self.env["booking.zoom.pace"]._note(account_id, {}, pending)
        # When another one goes on, then it leaves Zoom the second
        self.book_many(4, MONDAY)
        self.sync_on("two")
        self.assertEqual(self.statuses(), [201] * 9)

    def test_the_same_process_counts_nothing_twice(self):
        self.env["booking.zoom.pace"]._note(self.account.id, {"Light": [0.0]}, 4)
        self.assertIsNone(self.env["booking.zoom.pace"]._get_of_others(self.account.id))
        with self.server("two"):
            turns, pending, ago = self.env["booking.zoom.pace"]._get_of_others(
                self.account.id
            )
        self.assertEqual((turns, pending), ({"Light": [0.0]}, 4))
        self.assertLess(ago, 30)
