# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Events without a booking stay as the platform has them."""

from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user

from .common import MONDAY, ZoomCase
from .leak_common import EMPLOYEE


class TestPlainEvents(ZoomCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = new_test_user(cls.env, "employee", EMPLOYEE)

    def create_events(self, number):
        partners = self.env["res.partner"].create(
            [{"name": f"Guest {one}", "email": f"g{one}@example.com"} for one in "abc"]
        )
        return (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                [
                    {
                        "name": "Lunch",
                        "start": MONDAY + timedelta(hours=hour),
                        "stop": MONDAY + timedelta(hours=hour + 1),
                        "partner_ids": [Command.set(partners.ids)],
                    }
                    for hour in range(number)
                ]
            )
        )

    def test_anybody_enters_a_video_link(self):
        event = self.create_events(1)
        event.videocall_location = "https://teams.example.com/x"
        self.assertEqual(event.videocall_location, "https://teams.example.com/x")

    def test_rows_are_read_after_one_of_them_was_deleted(self):
        rows = self.create_events(1).attendee_ids
        rows = rows.search([("id", "in", rows.ids)])
        for number, row in enumerate(rows):
            self.assertTrue(row.state)
            if not number:
                row.unlink()

    def test_queries_do_not_grow_with_the_attendees_that_are_read(self):
        def queries(number):
            rows = self.create_events(number).attendee_ids
            rows = rows.browse(rows.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows.read()
            rows.mapped("access_token")
            return self.cr.sql_log_count - before

        few = queries(2)
        self.assertLessEqual(queries(12), few)
