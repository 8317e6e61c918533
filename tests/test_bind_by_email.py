# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import BaseCase, Form, tagged

from ..engine.binding import Need, get_need, match_by_email
from .common import MONDAY, ZoomCase


class TestBindByEmail(ZoomCase):
    """Many resources are bound at once, to the Zoom users with their addresses."""

    def setUp(self):
        super().setUp()
        (self.r_materials | self.r_users).zoom_user_id = False
        self.first, self.second, self.third = self.r_users[:3]
        self.first.user_id.email = self.host.email.upper()
        self.second.user_id.login = self.other_host.email
        self.third.user_id.email = "somebody@example.com"

    def open(self):
        return Form(self.env["booking.zoom.binding"])

    def line_of(self, form, resource):
        lines = form.line_ids._records
        (line,) = [one for one in lines if one["resource_id"] == resource.id]
        return line

    def test_proposes_matches_and_lists_the_others(self):
        form = self.open()
        proposed = {
            line["resource_id"]: line["zoom_user_id"] for line in form.line_ids._records
        }
        self.assertEqual(proposed[self.first.id], self.host.id)
        self.assertEqual(proposed[self.second.id], self.other_host.id)
        self.assertFalse(proposed[self.third.id])
        self.assertFalse(proposed[self.r_materials[0].id])
        # Proposals come first.
        self.assertEqual(
            [bool(line["zoom_user_id"]) for line in form.line_ids._records][:3],
            [True, True, False],
        )

    def test_binds_what_is_chosen(self):
        self.open().save().action_apply()
        self.assertEqual(self.first.zoom_user_id, self.host)
        self.assertEqual(self.second.zoom_user_id, self.other_host)
        self.assertFalse(self.third.zoom_user_id)
        with self.assertRaises(UserError):
            self.open().save().action_apply()

    def test_says_what_each_needs(self):
        resource = self.rbc_mon.resource_ids & self.r_users
        self.book()
        self.book(MONDAY + timedelta(hours=1))
        line = self.line_of(self.open(), resource)
        self.assertEqual((line["last_week"], line["next_week"]), (0, 2))
        self.assertEqual(line["busiest_day"], 2)
        self.move_to(MONDAY + timedelta(days=2))
        line = self.line_of(self.open(), resource)
        self.assertEqual((line["last_week"], line["next_week"]), (2, 0))

    def test_warns_of_the_license(self):
        self.host.sudo().license = "basic"
        self.rbt.duration = 1
        self.assertIn(
            self.first, self.rbt.combination_rel_ids.combination_id.resource_ids
        )
        self.assertIn("40 minutes", self.line_of(self.open(), self.first)["note"])
        self.assertFalse(self.line_of(self.open(), self.second)["note"])

    def test_warns_when_the_day_has_too_few_requests(self):
        self.account.daily_request_limit = 1
        resource = self.rbc_mon.resource_ids & self.r_users
        self.book()
        self.book(MONDAY + timedelta(hours=1))
        resource.user_id.email = self.host.email
        note = self.line_of(self.open(), resource)["note"]
        self.assertIn("2 of 1 requests on the busiest day", note)

    def test_says_what_moves(self):
        resource = self.rbc_mon.resource_ids & self.r_users
        resource.zoom_user_id = self.other_host
        resource.user_id.write({"email": self.host.email, "login": "somebody-else"})
        booking = self.book()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)
        form = self.open()
        self.assertIn("that move to another Zoom user: 1.", form.message)
        self.assertIn("Host2", self.line_of(form, resource)["note"])
        form.save().action_apply()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.host)

    def test_queries_do_not_grow_with_the_resources(self):
        wizard = self.env["booking.zoom.binding"]
        wizard._prepare_lines(self.env.company)
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        wizard._prepare_lines(self.env.company)
        few = self.cr.sql_log_count - before
        users = self.env["res.users"].create(
            [
                {"name": f"Person {number}", "login": f"person{number}@example.com"}
                for number in range(20)
            ]
        )
        resources = self.env["resource.resource"].create(
            [{"name": user.name, "user_id": user.id} for user in users]
        )
        self.env["resource.booking.combination"].create(
            [{"resource_ids": [(6, 0, one.ids)]} for one in resources]
        )
        self.env.invalidate_all()
        self.env.flush_all()
        before = self.cr.sql_log_count
        lines = wizard._prepare_lines(self.env.company)
        self.assertLessEqual(self.cr.sql_log_count - before, few + 3)
        self.assertGreater(len(lines), 20)


@tagged("post_install", "-at_install")
class TestMatches(BaseCase):
    """Which host has whose address, as plain values."""

    def test_match_by_email(self):
        hosts = {1: "a@x.org", 2: "b@x.org", 3: "c@x.org", 4: "c@x.org", 5: ""}
        people = {
            "a": {"a@x.org"},
            "login": {"other@x.org", "b@x.org"},
            "two hosts": {"c@x.org"},
            "two addresses": {"a@x.org", "b@x.org"},
            "none": set(),
        }
        self.assertEqual(match_by_email(people, hosts), {"a": 1, "login": 2})

    def test_need(self):
        today = date(2027, 3, 1)
        day = timedelta(days=1)
        self.assertEqual(get_need({}, today), Need(0, 0, 0))
        by_day = {today - day: 3, today: 2, today + day: 5}
        self.assertEqual(get_need(by_day, today), Need(3, 7, 5))
