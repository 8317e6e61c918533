# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading
import uuid
from contextlib import contextmanager
from datetime import datetime, timedelta

from psycopg2.errors import ExclusionViolation

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import ValidationError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase
from odoo.tests.common import get_db_name
from odoo.tools import SQL

# Far from what other tests and demo data use.
START = datetime(2031, 3, 3, 8, 0)


class TransactionsCase(BaseCase):
    """Real transactions beside each other.

    What is committed here is deleted afterwards.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())

    @contextmanager
    def transaction(self):
        with self.registry.cursor() as cr:
            yield api.Environment(
                cr,
                SUPERUSER_ID,
                {"tracking_disable": True, "skip_attendee_notification": True},
            )

    @staticmethod
    def create_company(env):
        return env["res.company"].create({"name": f"At once {uuid.uuid4()}"})

    @staticmethod
    def delete_company(company):
        """Delete it with what Odoo has made for it."""
        partner = company.partner_id
        calendars = company.env["resource.calendar"].search(
            [("company_id", "=", company.id)]
        )
        company.resource_calendar_id = False
        calendars.unlink()
        company.unlink()
        partner.unlink()

    def is_held(self, env, pids):
        """Whether one of these connections waits for this one, within some seconds."""
        return self._becomes_true(
            env,
            SQL(
                """EXISTS (SELECT FROM unnest(%s::int[]) pid
                            WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))""",
                pids,
            ),
        )

    def is_anybody_held(self, env):
        """Whether any connection waits for this one, within some seconds."""
        return self._becomes_true(
            env,
            SQL(
                """EXISTS (SELECT FROM pg_stat_activity
                            WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"""
            ),
        )

    @staticmethod
    def _becomes_true(env, condition):
        for _try in range(200):
            # Else the statistics stay as they were at the first look.
            env.cr.execute("SELECT pg_stat_clear_snapshot()")
            ((answer,),) = env.execute_query(SQL("SELECT %s", condition))
            if answer:
                return True
            env.cr.execute("SELECT pg_sleep(0.05)")
        return False


class AtOnceCase(TransactionsCase):
    """Bookings that all transactions see."""

    tool = "zoom"

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            self.create_records(env)
        self.addCleanup(self.delete_records)

    def create_records(self, env):
        """Two rooms with one Zoom user, and a pending booking of each."""
        self.ids = {}
        create = self.create
        company = self.create_company(env)
        self.ids["res.company"] = company.ids
        account = create(
            env,
            "booking.zoom.account",
            {"company_id": company.id, "state": "connected"},
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
                "web_conference_tool": self.tool,
                "videocall_location": "https://example.com/at-once",
                "combination_rel_ids": [
                    Command.create({"combination_id": one.id}) for one in combinations
                ],
            },
        )
        partners = create(
            env,
            "res.partner",
            *(
                {"name": f"At once {number}", "email": f"at{number}@once.example.com"}
                for number in range(2)
            ),
        )
        self.bookings = create(
            env,
            "resource.booking",
            *(
                {
                    "partner_ids": [Command.set(partners.ids)],
                    "type_id": booking_type.id,
                    "combination_auto_assign": False,
                    "combination_id": one.id,
                }
                for one in combinations
            ),
        ).ids

    def save_at_once(self, save):
        """Book the first; meanwhile another transaction, which began before, books.

        :param save: function of the environment, for the other transaction
        :return: what it raised, or ``saved``
        """
        first_id = self.bookings[0]
        outcome, pid, ready, go = [], [], threading.Event(), threading.Event()

        def second():
            try:
                with self.transaction() as env:
                    pid.append(env.cr._cnx.get_backend_pid())
                    env.cr.execute("SELECT 1")  # its snapshot is older than the commit
                    ready.set()
                    go.wait(20)
                    save(env)
                outcome.append("saved")
            except (ExclusionViolation, ValidationError) as refused:
                outcome.append(refused)

        thread = threading.Thread(target=second)
        with self.transaction() as env:
            thread.start()
            self.assertTrue(ready.wait(20))
            env["resource.booking"].browse(first_id).start = START
            env.flush_all()
            go.set()
            # The second one sees a free time, writes, and is held by the database.
            self.assertTrue(self.is_held(env, pid))
            self.assertFalse(outcome)
        thread.join(20)
        self.assertFalse(thread.is_alive())
        return outcome[0]

    def book_second(self, env):
        env["resource.booking"].browse(self.bookings[1]).start = START
        env.flush_all()

    def create(self, env, model, *vals_list):
        records = env[model].create(list(vals_list))
        self.ids[model] = records.ids
        return records

    def mails(self, env):
        """Mails to the bookings' requesters."""
        partners = self.ids["res.partner"]
        return env["mail.mail"].search([("recipient_ids", "in", partners)])

    def ledger(self, env):
        companies = self.ids["res.company"]
        return env["booking.conference.mail"].search([("company_id", "in", companies)])

    def delete_records(self):
        with self.transaction() as env:
            bookings = env["resource.booking"].browse(self.ids["resource.booking"])
            rows = env["booking.zoom.meeting"].search(
                [("booking_id", "in", bookings.ids)]
            )
            bookings.unlink()
            rows.unlink()
            self.mails(env).unlink()
            self.ledger(env).unlink()
            account = env["booking.zoom.account"].browse(
                self.ids["booking.zoom.account"]
            )
            account.state = "disconnected"
            for model in (
                "resource.booking.type",
                "resource.booking.combination",
                "resource.resource",
                "booking.zoom.user",
                "booking.zoom.account",
                "res.partner",
            ):
                env[model].browse(self.ids[model]).unlink()
            self.delete_company(env["res.company"].browse(self.ids["res.company"]))
            env["ir.cron.trigger"].search(
                [
                    "|",
                    ("call_at", ">", START - timedelta(days=30)),
                    ("create_date", ">=", env.cr.now() - timedelta(minutes=10)),
                ]
            ).unlink()
