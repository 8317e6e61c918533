# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What of the speed can be asserted on any machine: queries, requests, correctness.

``dev/bench`` measures the times.
"""

import socket
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields, sql_db
from odoo.tests import tagged

from .common import MONDAY, ZoomCase

HALF_HOUR = timedelta(minutes=30)


@tagged("post_install", "-at_install")
class TestCost(ZoomCase):
    @contextmanager
    def no_connection(self):
        """Nobody may be called, neither Zoom nor anybody else; mails are not sent."""
        called = []

        def connect(_socket, address):
            called.append(address)
            raise OSError("no connection is to be made")

        with patch.object(socket.socket, "connect", connect):
            yield
        self.assertEqual(called, [])

    def queries(self, function, *args):
        """SQL queries of a call, with nothing in any cache, as in a new request."""
        self.env.flush_all()
        self.env.transaction.clear()
        before = sql_db.sql_counter
        function(*args)
        self.env.flush_all()
        return sql_db.sql_counter - before

    # === SAVING A BOOKING === #

    def make_and_cancel(self, tool):
        """Queries of making a booking of a type with this tool."""
        self.rbt.web_conference_tool = tool
        queries = self.queries(self.book)
        self.env["resource.booking"].search(
            [("type_id", "=", self.rbt.id)]
        ).action_cancel()
        return queries

    def test_making_a_booking_takes_few_more_queries(self):
        self.make_and_cancel("zoom")  # warm the caches
        self.make_and_cancel("none")
        extra = self.make_and_cancel("zoom") - self.make_and_cancel("none")
        # The savepoint of the mails, the look at what became of them, and waking the
        # queue that sends them are six. When the host is busy is read five times: the
        # platform asks for each combination, and no answer is kept. The mail leads to the
        # booking's page, whose address is stored. Customers get another mail than staff,
        # so there are two templates and two savepoints, seven more. How long hosts pause,
        # and who else may host, are three.
        self.assertLessEqual(extra, 30)

    def move_and_cancel(self, tool):
        """Queries of moving a booking of a type with this tool."""
        self.rbt.web_conference_tool = tool
        booking = self.book()
        queries = self.queries(booking.write, {"start": MONDAY + HALF_HOUR})
        booking.action_cancel()
        return queries

    def test_moving_a_booking_takes_few_more_queries(self):
        self.move_and_cancel("zoom")
        self.move_and_cancel("none")
        extra = self.move_and_cancel("zoom") - self.move_and_cancel("none")
        # As above; what the scheduled actions change is locked first, in two more.
        self.assertLessEqual(extra, 25)

    def test_a_host_with_many_meetings_takes_no_more_queries(self):
        self.make_and_cancel("zoom")
        before = self.make_and_cancel("zoom")
        self.book_many(60, start=MONDAY + timedelta(days=2))
        self.assertLessEqual(self.make_and_cancel("zoom"), before)

    def test_nothing_is_connected_to_while_saving(self):
        with self.no_connection():
            booking = self.book()
            booking.start = MONDAY + HALF_HOUR
            booking.action_cancel()
            self.env.flush_all()
        self.assertFalse(self.requests(None))

    # === FREE SLOTS === #

    def slot_queries(self, pending):
        start = fields.Datetime.context_timestamp(pending, MONDAY)
        end = start + timedelta(days=28)
        with self.no_connection():
            return self.queries(pending._get_available_slots, start, end)

    def test_free_slots_take_few_more_queries(self):
        pending = self.book(None)
        self.slot_queries(pending)
        zoom = self.slot_queries(pending)
        self.rbt.web_conference_tool = "none"
        # Hosts, their meetings, the account with its pause, and lists of several hosts
        self.assertLessEqual(zoom - self.slot_queries(pending), 5)

    def test_free_slots_among_many_meetings_take_no_more_queries(self):
        pending = self.book(None)
        self.book_many(1)
        self.slot_queries(pending)
        before = self.slot_queries(pending)
        self.book_many(60, start=MONDAY + timedelta(days=7))
        self.assertLessEqual(self.slot_queries(pending), before)

    # === A RUN === #

    def run_queries(self, count, start):
        """Queries per row of a run that issues so many meetings."""
        rows = self.book_many(count, start=start)
        queries = self.queries(self.sync_meetings)
        self.assertEqual(set(rows.mapped("state")), {"ready"})
        return queries / count

    def test_a_run_takes_few_queries_per_row(self):
        self.run_queries(1, MONDAY)  # warm the caches
        few = self.run_queries(10, MONDAY + timedelta(days=1))
        many = self.run_queries(60, MONDAY + timedelta(days=2))
        self.assertLess(many, few)
        self.assertLess(many, 30)

    def test_a_run_makes_one_request_per_meeting(self):
        self.run_queries(40, MONDAY)
        self.assertEqual(len(self.live_meetings()), 40)
        self.assertEqual(len(self.requests("POST", "/meetings")), 40)
        self.assertEqual(len(self.requests(None, "/v2/")), 40)

    # === REMINDERS === #

    def remind(self, week, tool, count):
        """Queries of reminding the people of so many bookings on one day."""
        day = MONDAY + timedelta(weeks=week)
        self.rbt.web_conference_tool = tool
        bookings = self.env["resource.booking"].union(
            *(self.book(day + number * HALF_HOUR) for number in range(count))
        )
        if tool == "zoom":
            self.sync_meetings()
        self.move_to(day + timedelta(minutes=5))
        # The meetings were read by another action, which costs what a reading costs.
        bookings.zoom_meeting_id.checked_at = fields.Datetime.now()
        mails = self.env["mail.mail"].search([])
        queries = self.queries(
            self.send_reminders if tool == "zoom" else self.send_stock_reminders
        )
        sent = self.env["mail.mail"].search([]) - mails
        self.assertEqual(len(sent), len(bookings.meeting_id.attendee_ids))
        return queries

    def send_stock_reminders(self):
        lastcall = fields.Datetime.now() - timedelta(days=1)
        alarms = self.env["calendar.alarm_manager"].with_context(lastcall=lastcall)
        alarms._send_reminder()

    def test_each_reminder_more_takes_few_more_queries_than_the_stock_calendar(self):
        extra = {}
        for week, tool in ((0, "none"), (3, "zoom")):
            self.remind(week, tool, 1)  # warm the caches
            few = self.remind(week + 1, tool, 1)
            extra[tool] = self.remind(week + 2, tool, 3) - few
        # Two bookings more, of two mails each: what ours do besides is done for all at once.
        self.assertLessEqual((extra["zoom"] - extra["none"]) / 4, 1)
