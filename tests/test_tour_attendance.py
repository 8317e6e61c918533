# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import tagged

from .attendance_common import AttendanceMixin
from .common import MONDAY
from .many_common import ManyTourMixin
from .webhook_common import WebhookCase


@tagged("post_install", "-at_install")
class TestTourAttendance(ManyTourMixin, AttendanceMixin, WebhookCase):
    """Staff see who came, who waits, and to which bookings nobody came."""

    def customer(self, name):
        return self.env["res.partner"].create(
            {"name": name, "email": f"{name.split()[0].lower()}@example.com"}
        )

    def test_tour_who_came(self):
        reception = self.create_manager("reception", tz="UTC")
        # Given a booking to which somebody came, one to which only the host came, and
        # one whose customer waits
        names = ("Punctual Customer", "Missing Customer", "Waiting Customer")
        bookings = [
            self.book(
                start=MONDAY + timedelta(hours=hours),
                partner=self.customer(name),
                user_id=reception.id,
            )
            for hours, name in zip((0, 1, 4), names, strict=True)
        ]
        meetings = [self.issued(booking) for booking in bookings]
        self.at(0)
        self.report(meetings[0], "participant_joined")
        self.at(61)
        self.report(meetings[1], "participant_joined", self.host_of(meetings[1]))
        self.at(240)
        self.report(meetings[2], "participant_joined_waiting_room")
        self.at(246)
        self.send_reminders()
        # When staff look at them, then they see it
        self.start_tour("/odoo", "test_tour_attendance", login="reception")
