# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import MONDAY, NOW, TUESDAY, HttpBookingCase

ACTION = "resource_booking.resource_booking_action"


@tagged("post_install", "-at_install")
class TestBookingSearch(HttpBookingCase):
    """Staff find, group and retry bookings, over HTTP as the web client asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_manager("desk", tz="UTC")
        cls.partner.name = "Hanako Yamada"
        cls.guest = cls.env["res.partner"].create({"name": "Taro Suzuki"})
        cls.monday = cls.book()
        cls.tuesday = cls.book(TUESDAY, cls.guest, combination_id=cls.rbc_tue.id)
        cls.r_materials[2].zoom_user_id = cls.other_host
        cls.both = cls.monday | cls.tuesday

    def setUp(self):
        super().setUp()
        self.authenticate("desk", "desk")

    def get_views(self, *kinds):
        """The views of the action, as the web client loads them."""
        action = self.make_jsonrpc_request("/web/action/load", {"action_id": ACTION})
        views = self.call(
            action["res_model"],
            "get_views",
            views=[*action["views"], [False, "search"]],
        )["views"]
        return {kind: etree.fromstring(views[kind]["arch"]) for kind in kinds}

    def find(self, domain):
        """Those of the two bookings that a search finds."""
        found = self.call(
            "resource.booking", "web_search_read", domain=domain, specification={}
        )
        return self.both & self.both.browse(row["id"] for row in found["records"])

    def find_by_filter(self, name):
        (node,) = self.get_views("search")["search"].xpath(f"//filter[@name='{name}']")
        return self.find(literal_eval(node.get("domain")))

    def find_by_field(self, name, text):
        """What somebody finds who types a text and chooses a field."""
        (node,) = self.get_views("search")["search"].xpath(f"//field[@name='{name}']")
        domain = node.get("filter_domain", f"[('{name}', 'ilike', self)]")
        return self.find(literal_eval(domain.replace("self", repr(text))))

    def group(self, by):
        found = self.call(
            "resource.booking",
            "web_read_group",
            domain=[("id", "in", self.both.ids)],
            groupby=[by],
        )
        return [(group[by], group["__count"]) for group in found["groups"]]

    # === SEARCH === #

    def test_typed_text_finds_the_customer(self):
        self.assertEqual(self.find_by_field("name", "yamada"), self.monday)
        self.assertEqual(self.find_by_field("name", "Suzuki"), self.tuesday)

    def test_meetings_are_found_by_the_customer_too(self):
        found = self.call("resource.booking", "name_search", name="Yamada")
        self.assertEqual([booking_id for booking_id, _name in found], self.monday.ids)

    def test_meeting_id_as_mails_print_it(self):
        self.sync_meetings()
        for booking in self.both:
            text = booking.zoom_id_formatted
            self.assertIn(" ", text)
            for typed in (text, text.replace(" ", ""), text[-9:], f" {text} "):
                for field in ("name", "zoom_meeting_ids"):
                    with self.subTest(typed=typed, field=field):
                        self.assertEqual(self.find_by_field(field, typed), booking)
        self.assertFalse(self.find_by_field("zoom_meeting_ids", "Host"))

    def test_number_of_a_meeting_that_was_replaced(self):
        # Given a customer who reads an old mail
        self.sync_meetings()
        old = self.monday.zoom_id_formatted
        self.rbc_mon.forced_zoom_user_id = self.other_host
        self.sync_meetings()
        self.assertNotEqual(self.monday.zoom_id_formatted, old)
        self.assertEqual(self.find_by_field("name", old), self.monday)

    def test_host_and_problem(self):
        self.tuesday.zoom_meeting_id.problem = "refused"
        self.rbc_tue.forced_zoom_user_id = self.other_host
        self.assertEqual(self.find_by_field("zoom_host_id", "Host1"), self.monday)
        self.assertEqual(self.find_by_field("zoom_host_id", "Host2"), self.tuesday)
        self.monday.zoom_meeting_id.problem = "daily_limit"
        self.assertEqual(self.find([("zoom_problem", "=", "daily_limit")]), self.monday)
        self.assertEqual(self.find_by_filter("link_stuck"), self.monday)

    def test_bookings_without_host(self):
        self.assertFalse(self.find([("zoom_host_id", "=", False)]))
        self.r_materials.zoom_user_id = False
        self.assertEqual(self.find([("zoom_host_id", "=", False)]), self.both)

    def test_at_risk(self):
        self.assertEqual(self.find_by_filter("link_at_risk"), self.both)
        self.sync_meetings()
        self.assertFalse(self.find_by_filter("link_at_risk"))
        self.monday.zoom_meeting_id.problem = "host_refused"
        self.assertEqual(self.find_by_filter("link_at_risk"), self.monday)

    def test_tool(self):
        self.assertEqual(self.find_by_filter("tool_zoom"), self.both)
        self.assertFalse(self.find_by_filter("tool_none"))

    def test_when(self):
        nothing = self.both.browse()
        for now, expected in (
            (NOW, {"today": nothing, "next_day": nothing, "upcoming": self.both}),
            (
                MONDAY - timedelta(hours=1),
                {
                    "today": self.monday,
                    "next_day": self.monday,
                    "upcoming": self.both,
                },
            ),
            (
                MONDAY + timedelta(hours=12),
                {
                    "today": self.monday,
                    "next_day": self.tuesday,
                    "upcoming": self.tuesday,
                },
            ),
        ):
            self.move_to(now)
            for name, bookings in expected.items():
                with self.subTest(now=now, filter=name):
                    self.assertEqual(self.find_by_filter(name), bookings)

    def test_today_is_the_readers_day(self):
        # 08:00 UTC on Monday is 21:00 in Auckland, 15 hours later it is Tuesday there.
        self.manager.tz = "Pacific/Auckland"
        self.move_to(MONDAY + timedelta(hours=15))
        self.assertEqual(self.find_by_filter("today"), self.tuesday)

    # === GROUPS === #

    def test_groups(self):
        self.rbc_tue.forced_zoom_user_id = self.other_host
        self.sync_meetings()
        self.monday.zoom_meeting_id.problem = "refused"
        names = [host.display_name for host in (self.host, self.other_host)]
        self.assertEqual(
            [(value[1], count) for value, count in self.group("zoom_host_id")],
            [(names[0], 1), (names[1], 1)],
        )
        self.assertEqual(self.group("join_link_state"), [("ready", 1), ("stuck", 1)])
        self.assertEqual(self.group("zoom_problem"), [("refused", 1), (False, 1)])
        self.assertEqual(
            [value[0][:10] for value, _count in self.group("start:day")],
            ["2027-03-01", "2027-03-02"],
        )

    def test_groups_open_what_they_count(self):
        self.sync_meetings()
        self.monday.zoom_meeting_id.problem = "refused"
        self.tuesday.action_cancel()
        everything = self.call(
            "resource.booking",
            "web_read_group",
            domain=[("id", "in", self.both.ids), ("active", "in", (True, False))],
            groupby=["join_link_state"],
        )["groups"]
        found = {
            group["join_link_state"]: self.find(
                [("active", "in", (True, False)), *group["__extra_domain"]]
            )
            for group in everything
        }
        self.assertEqual(found, {"stuck": self.monday, False: self.tuesday})

    def test_each_state_is_found_and_grouped_as_it_is_shown(self):
        self.tuesday.action_cancel()
        row = self.monday.zoom_meeting_id
        for state, problem, held, shown in (
            ("waiting", False, False, "waiting"),
            ("waiting", False, True, "held"),
            ("waiting", "refused", True, "stuck"),
            ("ready", False, True, "ready"),
            ("ready", "host_refused", False, "stuck"),
            ("changed", False, False, "changed"),
            ("removing", "refused", False, False),
        ):
            row.write({"state": state, "problem": problem, "only_held": held})
            with self.subTest(state=state, problem=problem, held=held):
                self.assertEqual(self.monday.join_link_state, shown)
                domain = [("id", "=", self.monday.id)]
                for other in ("waiting", "held", "ready", "changed", "stuck", False):
                    found = self.find([*domain, ("join_link_state", "=", other)])
                    self.assertEqual(bool(found), other == shown, other)
                self.assertEqual(
                    self.monday._read_group(domain, ["join_link_state"]), [(shown,)]
                )

    def test_group_filters_of_the_search_view(self):
        search = self.get_views("search")["search"]
        for name in ("groupby_zoom_host", "groupby_join_link_state", "groupby_day"):
            with self.subTest(name):
                (node,) = search.xpath(f"//filter[@name='{name}']")
                self.assertTrue(
                    self.group(literal_eval(node.get("context"))["group_by"])
                )

    def test_list_is_sorted_by_host_and_state(self):
        self.rbc_tue.forced_zoom_user_id = self.other_host
        self.sync_meetings()
        self.monday.zoom_meeting_id.problem = "refused"
        for order, first in (
            ("zoom_host_id", self.monday),
            ("zoom_host_id desc", self.tuesday),
            ("join_link_state", self.tuesday),
            ("join_link_state desc", self.monday),
        ):
            with self.subTest(order):
                found = self.call(
                    "resource.booking",
                    "web_search_read",
                    domain=[("id", "in", self.both.ids)],
                    specification={},
                    order=order,
                )
                self.assertEqual(found["records"][0]["id"], first.id)

    # === VIEWS === #

    def test_list_says_who_comes_and_who_hosts(self):
        columns = {
            node.get("name"): node.get("optional")
            for node in self.get_views("list")["list"].xpath("/list/field")
        }
        self.assertEqual(columns["name"], "hide")
        self.assertEqual(columns["partner_ids"], "show")
        self.assertEqual(columns["zoom_host_id"], "show")

    def test_calendar_has_a_colour_for_each_state(self):
        calendar = self.get_views("calendar")["calendar"]
        self.assertEqual(calendar.get("color"), "join_link_color")
        states = dict(self.monday._fields["join_link_state"].selection)
        row = self.monday.zoom_meeting_id
        colors = {self.tuesday.join_link_color}
        choices = dict(self.monday._fields["join_link_choice"].selection)
        for state in states.keys() - choices:
            row.write(
                {"state": "ready", "problem": "refused"}
                if state == "stuck"
                else {"state": "waiting", "only_held": True, "problem": False}
                if state == "held"
                else {"state": state, "only_held": False, "problem": False}
            )
            colors.add(self.monday.join_link_color)
        for choice in choices:
            self.monday._choose_link(choice, "https://meet.example.com/room")
            colors.add(self.monday.join_link_color)
        self.assertEqual(len(colors), len(states))
        self.assertTrue(all(colors))
        self.tuesday.action_cancel()
        self.assertEqual(self.tuesday.join_link_color, 0)

    def test_desk_opens_the_calendar_and_phones_find_a_kanban(self):
        action = self.make_jsonrpc_request("/web/action/load", {"action_id": ACTION})
        kinds = [kind for _view_id, kind in action["views"]]
        self.assertEqual(kinds, ["calendar", "list", "kanban", "form"])
        self.assertEqual(action["mobile_view_mode"], "kanban")

    # === RETRY === #

    def test_many_bookings_are_retried_from_their_list(self):
        list_view = self.get_views("list")["list"]
        (button,) = list_view.xpath("/list/header/button[@name='action_retry_link']")
        said = self.call("resource.booking", button.get("name"), self.both.ids)
        self.assertEqual(said["tag"], "display_notification")
        self.assertIn("2", said["params"]["message"])

    def test_customer_in_the_portal_searches_own_bookings_only(self):
        portal = new_test_user(self.env, "portal", "base.group_portal")
        self.tuesday.partner_ids = [Command.link(portal.partner_id.id)]
        found = self.env["resource.booking"].with_user(portal).name_search("Yamada")
        self.assertFalse(found)
