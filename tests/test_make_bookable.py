# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from .common import MONDAY, ZoomCase


class TestMakeBookable(ZoomCase):
    """From a Zoom user, one click makes the person or room bookable."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_manager(email="manager@example.com", tz="Asia/Tokyo")

    def create_zoom_user(self, email, **values):
        return self.env["booking.zoom.user"].create(
            {
                "account_id": self.account.id,
                "zoom_id": email,
                "zoom_account_id": self.account.connected_zoom_account_id,
                "email": email,
                "name": "New Host",
                "license": "licensed",
                **values,
            }
        )

    def press(self, zoom_users):
        self.env.flush_all()
        action = zoom_users.with_user(self.manager).action_make_bookable()
        self.env.invalidate_all()
        return action["params"]["message"]

    def combinations(self, zoom_users):
        return self.env["resource.booking.combination"].search(
            [("zoom_user_id", "in", zoom_users.ids)]
        )

    def test_room(self):
        # Given a Zoom user whose address is nobody's in Odoo
        room = self.create_zoom_user("room@example.com")
        # When a manager presses the button
        message = self.press(room)
        # Then there is a room with its name, and it can be booked
        self.assertRecordValues(
            room.resource_ids,
            [
                {
                    "name": "New Host",
                    "resource_type": "material",
                    "company_id": self.account.company_id.id,
                    "calendar_id": self.account.company_id.resource_calendar_id.id,
                }
            ],
        )
        self.assertEqual(self.combinations(room).resource_ids, room.resource_ids)
        self.assertIn("New Host", message)
        self.assertIn("Hosts the combination “New Host”", room.consequence)

    def test_it_is_booked_and_hosts(self):
        room = self.create_zoom_user(
            "room@example.com", zoom_id=self.other_host.zoom_id + "x"
        )
        self.press(room)
        combination = self.combinations(room)
        combination.resource_ids.calendar_id = self.rbt.resource_calendar_id
        self.rbt.combination_rel_ids = [
            Command.create({"combination_id": combination.id})
        ]
        booking = self.book(MONDAY, combination_id=combination.id)
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, room)

    def test_person_with_the_same_address(self):
        jill = new_test_user(
            self.env,
            "jill",
            email="Jill@Example.com",
            name="Jill Odoo",
            tz="Asia/Tokyo",
        )
        host = self.create_zoom_user("jill@example.com")
        self.press(host)
        self.assertRecordValues(
            host.resource_ids,
            [
                {
                    "name": "Jill Odoo",
                    "resource_type": "user",
                    "user_id": jill.id,
                    "tz": "Asia/Tokyo",
                }
            ],
        )

    def test_resource_of_that_person_is_taken(self):
        jill = new_test_user(self.env, "jill", email="jill@example.com")
        resource = self.env["resource.resource"].create(
            {"name": "Jill", "user_id": jill.id}
        )
        combination = self.env["resource.booking.combination"].create(
            {"resource_ids": [Command.set(resource.ids)]}
        )
        host = self.create_zoom_user("jill@example.com")
        self.press(host)
        self.assertEqual(host.resource_ids, resource)
        self.assertEqual(self.combinations(host), combination)

    def test_resource_that_another_zoom_user_hosts_is_left_alone(self):
        jill = new_test_user(self.env, "jill", email="jill@example.com")
        taken = self.env["resource.resource"].create(
            {"name": "Jill", "user_id": jill.id, "zoom_user_id": self.host.id}
        )
        host = self.create_zoom_user("jill@example.com")
        self.press(host)
        self.assertEqual(taken.zoom_user_id, self.host)
        self.assertEqual(host.resource_ids.user_id, jill)

    def test_portal_user_and_people_of_other_companies_do_not_count(self):
        new_test_user(self.env, "portal", "base.group_portal", email="a@example.com")
        company = self.env["res.company"].create({"name": "Branch"})
        new_test_user(
            self.env,
            "elsewhere",
            email="b@example.com",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        hosts = self.create_zoom_user("a@example.com") | self.create_zoom_user(
            "b@example.com"
        )
        self.press(hosts)
        self.assertFalse(hosts.resource_ids.user_id)

    def test_second_click_adds_nothing(self):
        room = self.create_zoom_user("room@example.com")
        self.press(room)
        resources, combinations = room.resource_ids, self.combinations(room)
        self.press(room)
        self.assertEqual(room.resource_ids, resources)
        self.assertEqual(self.combinations(room), combinations)

    def test_bound_resource_without_combination_gets_one(self):
        room = self.create_zoom_user("room@example.com")
        resource = self.env["resource.resource"].create(
            {"name": "Bound", "resource_type": "material", "zoom_user_id": room.id}
        )
        self.press(room)
        self.assertEqual(room.resource_ids, resource)
        self.assertEqual(self.combinations(room).resource_ids, resource)

    def test_many_cost_as_many_queries_as_few(self):
        def count(names):
            hosts = self.env["booking.zoom.user"].union(
                *(self.create_zoom_user(f"{name}@example.com") for name in names)
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.press(hosts)
            queries = self.env.cr.sql_log_count - before
            self.assertEqual(len(self.combinations(hosts)), len(names))
            return queries

        few = count(["a", "b"])
        self.assertLessEqual(count([f"many{number}" for number in range(30)]), few + 5)

    def test_who_cannot_host_is_refused(self):
        gone = self.create_zoom_user(
            "gone@example.com", active=False, status="inactive"
        )
        with self.assertRaisesRegex(UserError, "New Host"):
            self.press(gone)
        self.assertFalse(gone.resource_ids)

    def test_booking_user_may_not(self):
        staff = self.create_staff("staff")
        room = self.create_zoom_user("room@example.com")
        with self.assertRaises(AccessError):
            room.with_user(staff).action_make_bookable()
