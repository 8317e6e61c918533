# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.tests import tagged

from .common import MONDAY, HttpBookingCase


@tagged("post_install", "-at_install")
class TestTourAnyHost(HttpBookingCase):
    """A booking manager lets any of several Zoom users host."""

    def test_tour_any_host(self):
        # Given two rooms without a Zoom user, and a type with one
        rooms = self.r_materials[0] | self.r_materials[0].copy()
        rooms[1].name = "Room B"
        rooms.zoom_user_id = False
        combinations = self.rbc_mon | self.rbc_mon.create(
            [{"resource_ids": [Command.set(rooms[1].ids)]}]
        )
        self.rbt.write(
            {
                "name": "Online advice",
                "zoom_user_id": self.host.id,
                "combination_rel_ids": [
                    Command.clear(),
                    *(
                        Command.create({"combination_id": one.id})
                        for one in combinations
                    ),
                ],
            }
        )
        # When a manager adds another one
        self.start_type_tour("test_tour_any_host")
        # Then two customers can have the same time, and nobody a third meeting
        bookings = self.book() | self.book()
        self.sync_meetings()
        self.assertEqual(bookings.mapped("start"), [MONDAY, MONDAY])
        hosts = {meeting.host_id for meeting in self.live_meetings()}
        self.assertEqual(hosts, {self.host.zoom_id, self.other_host.zoom_id})
