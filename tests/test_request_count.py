# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.resource_booking_zoom.utils import in_own_transaction

from .common import MONDAY, NOW, TUESDAY, ZoomCase

TODAY = NOW.date()


class TestRequestCount(ZoomCase):
    """One row per Zoom user and UTC day says what was used of Zoom's limit."""

    def setUp(self):
        super().setUp()
        self.counts = self.env["booking.zoom.request.count"]

    def rows(self, host=None):
        return self.counts.search([("zoom_user_id", "=", (host or self.host).id)])

    def test_creation_and_change_are_counted_apart(self):
        booking = self.book()
        self.sync_meetings()
        for hours in (1, 2):
            booking.start = MONDAY + timedelta(hours=hours)
            self.sync_meetings()
        self.assertRecordValues(
            self.rows(),
            [{"date": TODAY, "create_count": 1, "update_count": 2, "total": 3}],
        )

    def test_removal_is_not_counted(self):
        booking = self.book()
        self.sync_meetings()
        booking.action_cancel()
        self.sync_meetings()
        self.assertEqual(len(self.requests("DELETE")), 1)
        self.assertRecordValues(self.rows(), [{"create_count": 1, "total": 1}])

    def test_each_zoom_user_has_its_own_row(self):
        self.rbc_tue.forced_zoom_user_id = self.other_host
        self.book(MONDAY)
        self.book(TUESDAY)
        self.sync_meetings()
        self.assertEqual(self.rows().total, 1)
        self.assertEqual(self.rows(self.other_host).total, 1)

    def test_day_is_that_of_utc(self):
        # Given a user in Tokyo, where the next day began nine hours ago
        self.move_to(NOW.replace(hour=23, minute=59))
        counts = self.counts.with_context(tz="Asia/Tokyo")
        # When a request is made one minute before and one after 00:00 UTC
        self.assertTrue(counts._reserve(self.host, "create", 100))
        self.move_to(NOW.replace(hour=0, minute=0) + timedelta(days=1, minutes=1))
        self.assertTrue(counts._reserve(self.host, "create", 100))
        # Then they are of different days
        self.assertEqual(
            set(self.rows().mapped("date")), {TODAY, TODAY + timedelta(days=1)}
        )

    def test_nothing_is_reserved_beyond_the_limit(self):
        granted = [self.counts._reserve(self.host, "update", 2) for _time in range(4)]
        self.assertEqual(granted, [True, True, False, False])
        self.assertEqual(self.rows().total, 2)

    def test_limit_of_nothing_grants_nothing(self):
        self.assertFalse(self.counts._reserve(self.host, "create", 0))
        self.assertFalse(self.rows())

    def test_request_that_was_not_made_is_given_back(self):
        self.counts._reserve(self.host, "create", 100)
        self.counts._reserve(self.host, "update", 100)
        self.counts._give_back(self.host, "update", TODAY)
        self.assertRecordValues(
            self.rows(), [{"create_count": 1, "update_count": 0, "total": 1}]
        )

    def test_nothing_is_given_back_that_was_not_reserved(self):
        self.counts._give_back(self.host, "update", TODAY)
        self.counts._reserve(self.host, "create", 100)
        self.counts._give_back(self.host, "update", TODAY)
        self.assertEqual(self.rows().total, 1)

    def test_zoom_user_that_zoom_refused_rests_whatever_was_counted(self):
        self.counts._note_limit_reached(self.host)
        self.assertFalse(self.counts._reserve(self.host, "create", 100))
        self.assertTrue(self.counts._reserve(self.other_host, "create", 100))

    def test_second_row_of_a_day_is_refused(self):
        values = {"zoom_user_id": self.host.id, "date": date(2027, 1, 1)}
        self.counts.create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.counts.create(values)

    def test_list_graph_and_pivot_load(self):
        action = self.env.ref("resource_booking_zoom.booking_zoom_request_count_action")
        self.assertEqual(action.view_mode, "list,graph,pivot")
        views = self.counts.get_views(
            [(False, kind) for kind in ("list", "graph", "pivot", "search")]
        )["views"]
        for name in ("create_count", "update_count", "total"):
            self.assertIn(f'name="{name}"', views["list"]["arch"])
            self.assertIn(f'name="{name}"', views["pivot"]["arch"])
        self.assertIn('name="total"', views["graph"]["arch"])


@tagged("post_install", "-at_install")
class TestCountingWorkers(BaseCase):
    """Several workers at once, each with a database connection of its own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            account = env["booking.zoom.account"].create(
                {"company_id": env.ref("base.main_company").id}
            )
            user = env["booking.zoom.user"].create(
                {"account_id": account.id, "zoom_id": "host", "name": "Host"}
            )
            self.account_id, self.user_id = account.id, user.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["booking.zoom.account"].browse(self.account_id).unlink()

    def reserve_many(self, kind):
        """What a worker does: one transaction per request; how many were granted."""
        granted = 0
        for _request in range(30):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                user = env["booking.zoom.user"].browse(self.user_id)
                granted += in_own_transaction(
                    user, lambda records: records._reserve_for_test(kind)
                )
        return granted

    @mute_logger("odoo.sql_db")
    def test_four_workers_never_exceed_the_limit(self):
        # Given four workers that want 120 requests of a limit of 100
        def _reserve_for_test(user, kind):
            return user.env["booking.zoom.request.count"]._reserve(user, kind, 100)

        model = self.registry["booking.zoom.user"]
        model._reserve_for_test = _reserve_for_test
        self.addCleanup(delattr, model, "_reserve_for_test")
        # When they work at the same time
        with ThreadPoolExecutor(4) as workers:
            granted = list(
                workers.map(self.reserve_many, ("create", "update", "create", "update"))
            )
        # Then 100 were granted, and each of them was counted once
        self.assertEqual(sum(granted), 100)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            count = env["booking.zoom.request.count"].search(
                [("zoom_user_id", "=", self.user_id)]
            )
            self.assertEqual(count.total, 100)
            self.assertEqual(count.create_count, granted[0] + granted[2])
            self.assertEqual(count.update_count, granted[1] + granted[3])
