# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo.tests import new_test_user, tagged
from odoo.tests.common import JsonRpcException

from .common import MONDAY, NOW, HttpBookingCase

OVERVIEW = "resource_booking_zoom.booking_zoom_overview_action"


class OverviewCase(HttpBookingCase):
    """The overview as the web client asks for it, over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rbt.company_id = cls.env.company
        cls.partner.name = "Hanako Yamada"
        cls.manager = cls.create_manager(tz="Asia/Tokyo")
        cls.staff = cls.create_staff("staff", tz="Asia/Tokyo")
        cls.employee = new_test_user(
            cls.env, "employee", "base.group_user", tz="Asia/Tokyo"
        )

    def setUp(self):
        super().setUp()
        self.authenticate("manager", "manager")

    def open(self, action_id=OVERVIEW):
        return self.make_jsonrpc_request("/web/action/load", {"action_id": action_id})

    def read_cards(self):
        """The cards: name of the Zoom user -> values."""
        action = self.open()
        view_id = dict(map(reversed, action["views"]))["kanban"]
        views = self.call(action["res_model"], "get_views", views=[[view_id, "kanban"]])
        arch = etree.fromstring(views["views"]["kanban"]["arch"])
        names = {node.get("name") for node in arch.iter("field")}
        cards = self.call(
            action["res_model"],
            "web_search_read",
            domain=literal_eval(action["domain"]),
            specification={name: {} for name in names},
        )["records"]
        return {card["name"]: card for card in cards}

    def read_head(self):
        return self.call("booking.zoom.overview", "get_head")

    def read_figures(self):
        return {one["key"]: one["count"] for one in self.read_head()["figures"]}

    def count(self, action):
        """How many records the list of an action has."""
        context = action.get("context") or {}
        domain = action.get("domain") or []
        if context.get("search_default_link_at_risk"):
            domain = [("join_link_state", "in", ("waiting", "stuck"))]
            domain += [("stop", ">", "now"), ("start", "<", "now +24H")]
        return self.call(action["res_model"], "search_count", domain)

    def press(self, method, card):
        return self.call("booking.zoom.user", method, [card["id"]])


@tagged("post_install", "-at_install")
class TestOverview(OverviewCase):
    # === CARDS === #

    def test_requests_of_today_with_the_readers_time_of_reset(self):
        self.book()
        self.sync_meetings()
        card = self.read_cards()["Host1 Zoom"]
        self.assertEqual(card["request_count_today"], 1)
        self.assertEqual(card["request_limit"], 100)
        # 00:00 UTC is 09:00 in Japan.
        self.assertIn("9:00", card["reset_message"])

    def test_meetings_today_and_next(self):
        self.book()
        self.book(MONDAY + timedelta(hours=1))
        card = self.read_cards()["Host1 Zoom"]
        self.assertEqual(card["today_count"], 0)
        self.assertIn("Hanako Yamada", card["next_message"])
        self.assertIn("5:00", card["next_message"])
        self.assertIn("3/1", card["next_message"])
        self.move_to(MONDAY - timedelta(hours=1))
        card = self.read_cards()["Host1 Zoom"]
        self.assertEqual(card["today_count"], 2)
        self.assertNotIn("3/1", card["next_message"])
        self.assertFalse(self.read_cards()["Host2 Zoom"]["next_message"])

    def test_day_is_that_of_the_reader(self):
        # 08:00 UTC is 17:00 in Japan: it is today from 15:00 UTC of the day before.
        self.book()
        self.move_to(MONDAY - timedelta(hours=18))
        self.assertEqual(self.read_cards()["Host1 Zoom"]["today_count"], 0)
        self.move_to(MONDAY - timedelta(hours=16))
        self.assertEqual(self.read_cards()["Host1 Zoom"]["today_count"], 1)

    def test_what_waits_and_why(self):
        rows = self.book_many(5)
        rows[:2].problem = "refused"
        rows[2].problem = "daily_limit"
        rows[3].write({"state": "ready"})
        card = self.read_cards()["Host1 Zoom"]
        # The last one comes in a moment: that needs no reason.
        self.assertEqual(card["waiting_count"], 4)
        self.assertEqual(
            card["waiting_message"],
            "Refused by Zoom: 2, Daily limit of the Zoom user: 1",
        )

    def test_those_with_meetings_are_found_among_hundreds(self):
        self.move_to(MONDAY - timedelta(hours=1))
        self.book()
        self.r_materials[2].zoom_user_id = self.host
        search = self.call("booking.zoom.user", "get_views", views=[[False, "search"]])[
            "views"
        ]["search"]["arch"]
        for name in ("has_meetings_today", "has_waiting_meetings"):
            with self.subTest(name):
                (node,) = etree.fromstring(search).xpath(f"//filter[@name='{name}']")
                domain = literal_eval(node.get("domain"))
                found = self.call("booking.zoom.user", "search", domain)
                self.assertEqual(found, self.host.ids)

    def test_graph_of_30_days(self):
        counts = self.env["booking.zoom.request.count"]
        for days, total in ((0, 7), (29, 5), (30, 3)):
            counts.create(
                {
                    "zoom_user_id": self.host.id,
                    "date": NOW.date() - timedelta(days=days),
                    "create_count": total,
                    "total": total,
                }
            )
        (graph,) = json.loads(self.read_cards()["Host1 Zoom"]["requests_graph"])
        values = [bar["value"] for bar in graph["values"]]
        self.assertEqual(values, [5, *[0] * 28, 7])
        self.assertEqual(graph["limit"], 100)

    def test_every_figure_of_a_card_opens_its_list(self):
        self.move_to(MONDAY - timedelta(hours=1))
        rows = self.book_many(3)
        rows[0].problem = "refused"
        rows[1].state = "ready"
        booking = self.book(MONDAY + timedelta(hours=2))
        card = self.read_cards()["Host1 Zoom"]
        self.assertEqual(card["today_count"], 4)
        self.assertEqual(card["waiting_count"], 3)
        for method, field in (
            ("action_open_today", "today_count"),
            ("action_open_waiting", "waiting_count"),
        ):
            with self.subTest(field):
                action = self.press(method, card)
                self.assertEqual(self.count(action), card[field])
        rows.write({"state": "removed"})
        action = self.press("action_open_next", card)
        self.assertEqual(action["res_model"], "resource.booking")
        self.assertEqual(action["res_id"], booking.id)
        action = self.press("action_open_requests", card)
        self.assertEqual(action["res_model"], "booking.zoom.request.count")
        self.assertEqual(action["domain"], [["zoom_user_id", "in", self.host.ids]])
        self.assertEqual(action["views"][0][1], "graph")
        self.assertTrue(action["context"]["zoom_one_user"])

    def test_users_who_are_gone_are_shown_while_something_is_bound_to_them(self):
        state = self.zoom.state
        self.addCleanup(setattr, state, "users", dict(state.users))
        for host in (self.host, self.other_host):
            self.zoom.remove_user(state.users[host.zoom_id])
        self.zoom.add_user(state.accounts["account-1"], email="owner@example.com")
        self.r_materials[2].zoom_user_id = False
        self.account.action_sync_users()
        cards = self.read_cards()
        self.assertNotIn("Host2 Zoom", cards)
        self.assertIn("no longer active", cards["Host1 Zoom"]["broken_binding"])
        self.assertEqual(self.read_figures()["broken"], 1)
        action = self.call("booking.zoom.overview", "open_figure", "broken")
        self.assertEqual(self.count(action), 1)
        # The list of Zoom users hides both, also after an upgrade.
        action = self.open("resource_booking_zoom.booking_zoom_user_action")
        self.assertEqual(action["context"], "{}")
        self.assertEqual(self.count({**action, "context": {}, "domain": []}), 1)

    # === HEAD === #

    def test_state_of_the_connection(self):
        (connection,) = self.read_head()["connections"]
        self.assertEqual(connection["state"], "connected")
        self.assertFalse(connection["message"])
        self.account.state = "lost"
        (connection,) = self.read_head()["connections"]
        self.assertEqual(connection["state"], "lost")
        self.assertIn("connection to Zoom is lost", connection["message"])
        self.account.state = "disconnected"
        self.account.unlink()
        (connection,) = self.read_head()["connections"]
        self.assertEqual(connection["state"], "disconnected")

    def test_figures_open_their_lists(self):
        self.move_to(MONDAY - timedelta(hours=1))
        for hours in range(3):
            self.book(MONDAY + timedelta(hours=hours))
        rows = self.env["booking.zoom.meeting"].search([])
        rows[0].state = "ready"
        rows[1].problem = "refused"
        rows[2].write({"problem": "no_host", "zoom_user_id": False})
        self.env["booking.zoom.request.count"]._note_limit_reached(self.host)
        figures = self.read_figures()
        self.assertEqual(
            figures,
            {"at_risk": 2, "today": 3, "waiting": 2, "without_host": 1, "paused": 1},
        )
        for key, count in figures.items():
            with self.subTest(key):
                action = self.call("booking.zoom.overview", "open_figure", key)
                self.assertEqual(self.count(action), count)

    def test_bookings_at_risk_are_those_of_the_next_24_hours(self):
        booking = self.book()
        for now, at_risk in (
            (MONDAY - timedelta(hours=25), 0),
            (MONDAY - timedelta(hours=23), 1),
        ):
            self.move_to(now)
            self.assertEqual(self.read_figures()["at_risk"], at_risk)
        booking.zoom_meeting_id.write({"state": "ready"})
        self.assertEqual(self.read_figures()["at_risk"], 0)

    # === RIGHTS === #

    def test_staff_see_it_without_what_they_may_not_read(self):
        self.move_to(MONDAY - timedelta(hours=1))
        booking = self.book()
        self.sync_meetings()
        self.authenticate("staff", "staff")
        card = self.read_cards()["Host1 Zoom"]
        self.assertEqual(card["request_count_today"], 1)
        # The figures are those of the lists that they open: of their own bookings.
        self.assertEqual(card["today_count"], 0)
        self.assertFalse(card["next_message"])
        booking.message_subscribe(self.staff.partner_id.ids)
        card = self.read_cards()["Host1 Zoom"]
        self.assertEqual(card["today_count"], 1)
        self.assertEqual(self.count(self.press("action_open_today", card)), 1)
        self.assertEqual(self.read_figures()["today"], 1)
        said = json.dumps([self.read_head(), self.read_cards()])
        for secret in (
            self.account.client_secret,
            self.account.client_id,
            booking.zoom_meeting_id.passcode,
            booking.zoom_meeting_id.join_url,
        ):
            self.assertTrue(secret)
            self.assertNotIn(secret, said)

    def test_staff_open_every_menu_of_zoom(self):
        self.authenticate("staff", "staff")
        menus = self.env["ir.ui.menu"].with_user(self.staff).load_web_menus(False)
        root = self.env.ref("resource_booking_zoom.booking_zoom_menu")
        children = menus[root.id]["children"]
        self.assertEqual(
            [menus[child]["name"] for child in children],
            ["Overview", "Zoom users", "Meetings", "Requests"],
        )
        for child in children:
            with self.subTest(menus[child]["name"]):
                action = self.open(menus[child]["actionID"])
                if action["type"] == "ir.actions.server":
                    action = self.make_jsonrpc_request(
                        "/web/action/run", {"action_id": action["id"]}
                    )
                views = self.call(
                    action["res_model"],
                    "get_views",
                    views=[*action["views"], [False, "search"]],
                )
                self.assertIn("search", views["views"])
                self.call(
                    action["res_model"],
                    "web_search_read",
                    domain=[],
                    specification={"display_name": {}},
                )

    def test_staff_change_nothing(self):
        self.env["booking.zoom.request.count"]._reserve(self.host, "create")
        self.authenticate("staff", "staff")
        for model, values in (
            ("booking.zoom.user", {"resource_ids": []}),
            ("booking.zoom.request.count", {"total": 0}),
        ):
            with self.subTest(model), self.assertRaises(JsonRpcException):
                record = self.env[model].search([], limit=1)
                self.call(model, "write", record.ids, values)

    def test_others_see_nothing_of_it(self):
        self.authenticate("employee", "employee")
        for model, method, args in (
            ("booking.zoom.overview", "get_head", []),
            ("booking.zoom.overview", "open_figure", ["today"]),
            ("booking.zoom.request.count", "get_daily_limit", []),
            ("booking.zoom.user", "search_read", []),
        ):
            with self.subTest(f"{model}.{method}"):
                with self.assertRaises(JsonRpcException):
                    self.call(model, method, *args)

    def test_other_company_sees_its_own(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        self.manager.write(
            {"company_id": branch.id, "company_ids": [(6, 0, branch.ids)]}
        )
        self.book()
        self.assertFalse(self.read_cards())
        head = self.read_head()
        self.assertEqual(head["connections"][0]["state"], "disconnected")
        self.assertFalse(any(figure["count"] for figure in head["figures"]))
        self.assertEqual(self.call("booking.zoom.request.count", "get_daily_limit"), 0)

    # === REQUESTS === #

    def test_menu_of_requests_opens_what_can_be_read(self):
        counts = self.env["booking.zoom.request.count"].with_user(self.manager)
        self.assertNotIn("graph_groupbys", counts._open()["context"])
        self.env["booking.zoom.user"].create(
            [
                {"account_id": self.account.id, "zoom_id": f"x{n}", "name": f"X{n}"}
                for n in range(9)
            ]
        )
        self.assertEqual(counts._open()["context"]["graph_groupbys"], ["date:day"])

    def test_names_in_the_graph_have_no_address(self):
        self.book()
        self.sync_meetings()
        action = self.call("booking.zoom.overview", "open_figure", "requests")
        groups = self.call(
            "booking.zoom.request.count",
            "formatted_read_group",
            domain=[],
            groupby=["date:day", "zoom_user_id"],
            aggregates=["total:sum"],
            context={"zoom_user_name_only": action["context"]["zoom_user_name_only"]},
        )
        self.assertEqual([one["zoom_user_id"][1] for one in groups], ["Host1 Zoom"])

    def test_limit_of_the_graph(self):
        self.account.daily_request_limit = 80
        self.assertEqual(self.call("booking.zoom.request.count", "get_daily_limit"), 80)
