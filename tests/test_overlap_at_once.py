# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta

from psycopg2.errors import ExclusionViolation

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

# Far from what other tests and demo data use.
START = datetime(2031, 3, 3, 8, 0)


@tagged("post_install", "-at_install")
class TestOverlapAtOnce(BaseCase):
    """Two real transactions, each of which sees the time as free.

    What is committed here is deleted afterwards.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            self.create_records(env)
        self.addCleanup(self.delete_records)

    @contextmanager
    def transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(
                cr,
                SUPERUSER_ID,
                {"tracking_disable": True, "skip_attendee_notification": True},
            )

    def create_records(self, env):
        """Two rooms with one Zoom user, and a pending booking of each."""
        self.ids = {}
        create = self.create
        company = create(env, "res.company", {"name": f"At once {uuid.uuid4()}"})
        account = create(
            env, "booking.zoom.account", {"company_id": company.id, "state": "linked"}
        )
        host = create(
            env,
            "booking.zoom.user",
            {"account_id": account.id, "zoom_id": "at-once", "name": "Host"},
        )
        calendar = create(
            env,
            "resource.calendar",
            {
                "name": "At once",
                "tz": "UTC",
                "company_id": company.id,
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "name": "Monday",
                            "dayofweek": "0",
                            "hour_from": 0,
                            "hour_to": 24,
                            "day_period": "morning",
                        }
                    ),
                ],
            },
        )
        rooms = create(
            env,
            "resource.resource",
            *(
                {
                    "name": f"Room {number}",
                    "resource_type": "material",
                    "calendar_id": calendar.id,
                    "company_id": company.id,
                    "tz": "UTC",
                    "zoom_user_id": host.id,
                }
                for number in range(2)
            ),
        )
        combinations = create(
            env,
            "resource.booking.combination",
            *({"resource_ids": [Command.set(room.ids)]} for room in rooms),
        )
        booking_type = create(
            env,
            "resource.booking.type",
            {
                "name": "At once",
                "company_id": company.id,
                "resource_calendar_id": calendar.id,
                "web_conference_tool": "zoom",
                "combination_rel_ids": [
                    Command.create({"combination_id": one.id}) for one in combinations
                ],
            },
        )
        partner = create(env, "res.partner", {"name": "At once"})
        self.bookings = create(
            env,
            "resource.booking",
            *(
                {
                    "partner_ids": [Command.set(partner.ids)],
                    "type_id": booking_type.id,
                    "combination_auto_assign": False,
                    "combination_id": one.id,
                }
                for one in combinations
            ),
        ).ids

    def create(self, env, model, *vals_list):
        records = env[model].create(list(vals_list))
        self.ids[model] = records.ids
        return records

    def delete_records(self):
        with self.transaction() as env:
            bookings = env["resource.booking"].browse(self.ids["resource.booking"])
            rows = env["booking.zoom.meeting"].search(
                [("booking_id", "in", bookings.ids)]
            )
            bookings.unlink()
            rows.unlink()
            account = env["booking.zoom.account"].browse(
                self.ids["booking.zoom.account"]
            )
            account.state = "unlinked"
            for model in (
                "resource.booking.type",
                "resource.booking.combination",
                "resource.resource",
                "booking.zoom.user",
                "booking.zoom.account",
                "res.partner",
            ):
                env[model].browse(self.ids[model]).unlink()
            company = env["res.company"].browse(self.ids["res.company"])
            partner = company.partner_id
            calendars = env["resource.calendar"].search(
                [("company_id", "=", company.id)]
            )
            company.resource_calendar_id = False
            calendars.unlink()
            company.unlink()
            partner.unlink()
            env["ir.cron.trigger"].search(
                [
                    "|",
                    ("call_at", ">", START - timedelta(days=30)),
                    ("create_date", ">=", env.cr.now() - timedelta(minutes=10)),
                ]
            ).unlink()

    @mute_logger("odoo.sql_db")
    def test_the_second_waits_for_the_first_and_is_refused(self):
        first_id, second_id = self.bookings
        outcome = []

        def second():
            try:
                with self.transaction() as env:
                    pid.append(env.cr._cnx.get_backend_pid())
                    env.cr.execute("SELECT 1")  # its snapshot is older than the commit
                    ready.set()
                    go.wait(20)
                    env["resource.booking"].browse(second_id).start = START
                outcome.append("saved")
            except ExclusionViolation as refused:
                outcome.append(refused)

        pid, ready, go = [], threading.Event(), threading.Event()
        thread = threading.Thread(target=second)
        with self.transaction() as env:
            thread.start()
            self.assertTrue(ready.wait(20))
            env["resource.booking"].browse(first_id).start = START
            env.flush_all()
            go.set()
            # The second one sees a free time, writes, and is held by the database.
            self.assertTrue(self.is_held(env, pid[0]))
            self.assertFalse(outcome)
        thread.join(20)
        (refused,) = outcome
        self.assertIsInstance(refused, ExclusionViolation)
        with self.transaction() as env:
            self.assertIn(
                "Please choose another time",
                env["booking.zoom.meeting"]._sql_error_to_message(refused),
            )
            bookings = env["resource.booking"].browse(self.bookings)
            self.assertEqual(bookings.mapped("start"), [START, False])

    def is_held(self, env, pid):
        """Whether that connection waits for this one, within some seconds."""
        for _try in range(200):
            env.cr.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [pid])
            if env.cr.fetchone()[0]:
                return True
            env.cr.execute("SELECT pg_sleep(0.05)")
        return False
