# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from itertools import product

from odoo.tests import new_test_user, tagged

from .common import MONDAY
from .many_common import BOOKINGS, HOSTS, ONE_SECOND, ManyCase

LOGINS = ("many_manager", "many_user")
BOOKINGS_ACTION = "resource_booking.resource_booking_action"


@tagged("post_install", "-at_install")
class TestMany(ManyCase):
    """Pages open in less than a second, whatever the number of records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rbt.company_id = cls.env.company
        cls.create_manager("many_manager", tz="Asia/Tokyo")
        user = cls.create_staff("many_user", tz="Asia/Tokyo")
        # May read all of them, but by a rule.
        cls.r_users[0].user_id = user
        cls.hosts = cls.add_zoom_users(HOSTS)
        cls.few = cls.hosts[:3]
        cls.add_bookings(BOOKINGS, cls.hosts, MONDAY - timedelta(hours=8))

    def setUp(self):
        super().setUp()
        self.authenticate("many_manager", "many_manager")

    def read(self, xml_id, kind, domain, limit=80):
        """Open a page as the web client does: its view, then its records."""
        action = self.make_jsonrpc_request("/web/action/load", {"action_id": xml_id})
        view_id = {one: view_id for view_id, one in action["views"]}[kind]
        model = action["res_model"]
        views = self.call(model, "get_views", views=[[view_id, kind]])
        fields = views["models"][model]["fields"]
        specification = {
            name: {"fields": {"display_name": {}}} if "relation" in field else {}
            for name, field in fields.items()
            if f'name="{name}"' in views["views"][kind]["arch"]
        }

        def request():
            return self.call(
                model,
                "web_search_read",
                domain=domain,
                specification=specification,
                limit=limit,
                count_limit=10001,
            )

        return self.measure(request)

    def assert_quick(self, measured, queries):
        _result, count, seconds = measured
        self.assertLessEqual(count, queries)
        self.assertLess(seconds, ONE_SECOND)

    def test_overview(self):
        for login in LOGINS:
            self.authenticate(login, login)
            overview = "resource_booking_zoom.booking_zoom_overview_action"
            few = self.read(overview, "kanban", [("id", "in", self.few.ids)])
            many = self.read(
                overview, "kanban", [("id", "in", self.hosts.ids)], limit=HOSTS
            )
            self.assertEqual(few[0]["length"], 3)
            self.assertEqual(len(many[0]["records"]), HOSTS)
            # Names and contacts are prefetched by the thousand.
            self.assertLessEqual(many[1], few[1] + 2, login)
            self.assert_quick(many, 60)

    def test_head(self):
        for login in LOGINS:
            self.authenticate(login, login)
            self.assert_quick(
                self.measure(lambda: self.call("booking.zoom.overview", "get_head")), 40
            )

    def test_bookings(self):
        for login, kind in product(LOGINS, ("list", "kanban", "calendar")):
            self.authenticate(login, login)
            for domain in (
                [],
                [("start", ">=", "today"), ("start", "<", "today +1d")],
                [("join_link_state", "in", ("waiting", "stuck"))],
                [("partner_ids", "ilike", "Customer 017")],
                [("zoom_host_id", "ilike", "Many 017")],
                [("zoom_meeting_ids.zoom_id_formatted", "ilike", "0000 0017")],
            ):
                with self.subTest(login=login, kind=kind, domain=domain):
                    one = self.read(BOOKINGS_ACTION, kind, domain, limit=1)
                    many = self.read(BOOKINGS_ACTION, kind, domain)
                    if "today" not in str(domain):
                        self.assertTrue(many[0]["records"])
                    self.assertLessEqual(many[1], one[1] + 4)
                    self.assert_quick(many, 60)

    def test_groups_of_bookings(self):
        for groupby in ("zoom_host_id", "join_link_state", "zoom_problem", "start:day"):
            with self.subTest(groupby):
                self.assert_quick(
                    self.measure(
                        lambda groupby=groupby: self.call(
                            "resource.booking",
                            "web_read_group",
                            domain=[],
                            groupby=[groupby],
                            limit=80,
                        )
                    ),
                    20,
                )

    def test_meetings_requests_and_users(self):
        for name, kind, queries in (
            ("booking_zoom_meeting_action", "list", 40),
            ("booking_zoom_request_count_action", "list", 20),
            ("booking_zoom_user_action", "list", 30),
            ("booking_zoom_user_action", "kanban", 30),
        ):
            with self.subTest(name, kind=kind):
                page = self.read(f"resource_booking_zoom.{name}", kind, [])
                self.assertEqual(len(page[0]["records"]), 80)
                self.assert_quick(page, queries)

    def test_graph(self):
        counts = self.env["booking.zoom.request.count"]
        groupby = counts._open()["context"]["graph_groupbys"]
        measured = self.measure(
            lambda: self.call(
                "booking.zoom.request.count",
                "formatted_read_group",
                domain=[("date", ">", "today -30d")],
                groupby=groupby,
                aggregates=["total:sum"],
            )
        )
        self.assertEqual(len(measured[0]), 30)
        self.assert_quick(measured, 20)

    def test_account(self):
        new_test_user(self.env, "many_admin", "base.group_system", tz="Asia/Tokyo")
        self.authenticate("many_admin", "many_admin")
        action = "resource_booking_zoom.booking_zoom_account_action"
        page = self.read(action, "form", [("id", "=", self.account.id)])
        (record,) = page[0]["records"]
        self.assertEqual(record["connect_step"], "done")
        self.assert_quick(page, 60)
        opened = self.measure(
            lambda: self.call("booking.zoom.account", "action_check", self.account.ids)
        )
        self.assert_quick(opened, 40)

    def test_connection_warning(self):
        self.account.state = "lost"
        measured = self.measure(
            lambda: self.call("booking.zoom.account", "get_connection_notice")
        )
        self.assertIn("lost", measured[0]["text"])
        self.assert_quick(measured, 10)

    def test_nobody_came(self):
        # Given all bookings over, and half of their customers seen by Zoom
        self.account.webhook_secret = "webhook-s3cret"
        begin = MONDAY - timedelta(hours=8)
        self.env.cr.execute(
            """
            INSERT INTO booking_zoom_attendance
                        (zoom_meeting_id, zoom_account_id, customer_joined_at,
                         customer_seen_at)
                 SELECT meeting.id, %s, meeting.start - interval '1 minute',
                        meeting.start
                   FROM booking_zoom_meeting meeting
                  WHERE meeting.id %% 2 = 0
            """,
            [self.account.id],
        )
        self.env.cr.execute("ANALYZE")
        self.move_to(begin + timedelta(days=30))
        for login, kind in product(LOGINS, ("list", "kanban")):
            self.authenticate(login, login)
            domain = [("nobody_came", "=", True)]
            with self.subTest(login=login, kind=kind):
                one = self.read(BOOKINGS_ACTION, kind, domain, limit=1)
                many = self.read(BOOKINGS_ACTION, kind, domain)
                self.assertEqual(len(many[0]["records"]), 80)
                self.assertLessEqual(many[1], one[1] + 4)
                self.assert_quick(many, 60)
        booking = many[0]["records"][0]["id"]
        form = self.read(BOOKINGS_ACTION, "form", [("id", "=", booking)])
        self.assertTrue(form[0]["records"][0]["nobody_came"])
        self.assert_quick(form, 80)

    def test_reminders_and_mail_texts(self):
        for name, kind in (
            ("calendar_alarm_action", "list"),
            ("calendar_alarm_action", "kanban"),
            ("calendar_alarm_action", "form"),
            ("mail_template_action", "list"),
            ("mail_template_action", "kanban"),
        ):
            with self.subTest(name=name, kind=kind):
                page = self.read(f"resource_booking_zoom.{name}", kind, [])
                self.assertTrue(page[0]["records"])
                self.assert_quick(page, 30)

    def test_preview_of_the_reminder(self):
        # Given that the next booking, which was made by SQL, is attended by its customer
        bookings = self.env["resource.booking"]
        soonest = bookings.search([], order="start, id", limit=1)
        soonest.meeting_id.attendee_ids[0].partner_id = soonest.partner_ids
        soonest.zoom_meeting_id.write({"state": "ready", "problem": False})
        action = self.call("resource.booking.type", "action_preview_mail", self.rbt.ids)
        shown = self.measure(
            lambda: self.call(
                "mail.template.preview",
                "onchange",
                [],
                {},
                [],
                {"booking_id": {}, "subject": {}, "mail_html": {}},
                context=action["context"],
            )
        )
        self.assertIn("/j/", shown[0]["value"]["mail_html"])
        self.assert_quick(shown, 80)

    def test_new_time_of_a_reminder(self):
        alarm = self.rbt.alarm_ids
        hours = iter((2, 3))
        changed = self.measure(
            lambda: self.call(
                "calendar.alarm", "write", alarm.ids, {"duration": next(hours)}
            )
        )
        self.assertLessEqual(changed[1], 60)

    # === DIALOGS === #

    def open_dialog(self, model, names, **context):
        """Open a dialog as the web client does, with what it says."""
        return self.measure(
            lambda: self.call(
                model, "onchange", [], {}, [], dict.fromkeys(names, {}), context=context
            )
        )

    def test_dialogs_about_bookings(self):
        # One booking, and one of each hour
        bookings = self.env["resource.booking"].search(
            [("zoom_meeting_ids.zoom_user_id", "=", self.hosts[0].id)]
        )
        self.assertGreater(len(bookings), 10)
        for model, names in (
            ("booking.zoom.host.change", ("candidate_ids", "not_offered", "warning")),
            ("booking.link.choice", ("message", "warning")),
        ):
            queries = []
            for some in (bookings[:1], bookings):
                opened = self.open_dialog(model, names, default_booking_ids=some.ids)
                with self.subTest(model=model, bookings=len(some)):
                    self.assert_quick(opened, 60)
                queries.append(opened[1])
            self.assertLessEqual(queries[1], queries[0] + 5)

    def test_dialog_that_binds(self):
        opened = self.open_dialog("booking.zoom.binding", ("message",))
        self.assert_quick(opened, 60)
