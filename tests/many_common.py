# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many Zoom users and bookings, made by SQL: the platform would take hours."""

import time
from datetime import timedelta

from odoo.tools import SQL

from .common import HttpBookingCase
from .sql_clone import clone

HOSTS = 300
BOOKINGS = 5000
DAYS = 30


class ManyCase(HttpBookingCase):
    """300 Zoom users with the requests of 30 days, and 5,000 bookings of 500 people."""

    @classmethod
    def add_zoom_users(cls, count):
        """So many Zoom users more, each with requests on each of the last days."""
        host_id = clone(
            cls.host,
            count,
            zoom_id=SQL("'many-' || n"),
            email=SQL("'many' || n || '@example.com'"),
            name=SQL("'Many ' || to_char(n, 'FM000')"),
        )
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO booking_zoom_request_count
                       (zoom_user_id, company_id, date, create_count, update_count, total)
                SELECT %s, %s, %s::date - day, n %% 60, 20, n %% 60 + 20
                  FROM generate_series(0, %s - 1) n, generate_series(0, %s - 1) day
                """,
                host_id,
                cls.account.company_id.id,
                cls.host._utc_today(),
                count,
                DAYS,
            )
        )
        cls.env.invalidate_all()
        return cls.env["booking.zoom.user"].search([("zoom_id", "like", "many-")])

    @classmethod
    def add_bookings(cls, count, hosts, start):
        """So many scheduled bookings with event, attendees and meeting row.

        Of ten meetings one is refused and one waits.

        :param hosts: booking.zoom.user, who host them in turn, one an hour
        """
        booking = cls.book()
        event, row = booking.meeting_id, booking.zoom_meeting_id
        cls.env.flush_all()
        begin = SQL("%s + (n / %s) * interval '1 hour'", start, len(hosts))
        times = {
            "start": begin,
            "stop": SQL("%s + interval '30 minutes'", begin),
        }
        partner_id = clone(
            cls.partner,
            500,
            name=SQL("'Customer ' || to_char(n, 'FM000')"),
            complete_name=SQL("'Customer ' || to_char(n, 'FM000')"),
            email=SQL("'customer' || n || '@example.com'"),
        )
        partner = SQL("%s - n + n %% 500", partner_id)
        event_id = clone(event, count, **times)
        for attendee in event.attendee_ids:
            token = SQL("md5(random()::text)")
            clone(attendee, count, event_id=event_id, access_token=token)
        booking_id = clone(
            booking,
            count,
            **times,
            meeting_id=event_id,
            access_token=SQL("NULL"),
            access_token_digest=SQL("NULL"),
        )
        for table, mine, new in (
            ("calendar_event_res_partner_rel", "calendar_event_id", event_id),
            (
                "res_partner_resource_booking_rel",
                "resource_booking_id",
                booking_id,
            ),
        ):
            cls.env.cr.execute(
                SQL(
                    "INSERT INTO %s (%s, res_partner_id) "
                    "SELECT %s, %s FROM generate_series(0, %s - 1) n",
                    SQL.identifier(table),
                    SQL.identifier(mine),
                    new,
                    partner,
                    count,
                )
            )
        clone(
            row,
            count,
            **times,
            duration=30,
            booking_id=booking_id,
            zoom_user_id=SQL("(%s::int[])[n %% %s + 1]", hosts.ids, len(hosts)),
            state=SQL("CASE WHEN n %% 10 < 2 THEN 'waiting' ELSE 'ready' END"),
            problem=SQL("CASE WHEN n %% 10 = 0 THEN 'refused' END"),
            zoom_id=SQL("(81000000000 + n)::text"),
            join_url=SQL("'https://zoom.us/j/' || (81000000000 + n)"),
        )
        cls.env.invalidate_all()
        cls.env.cr.execute("ANALYZE")

    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def measure(self, request):
        """A request over HTTP, with nothing in any cache but what servers keep.

        :param request: function without arguments
        :return tuple: its result, SQL queries, seconds
        """
        self.env.flush_all()
        self.env.invalidate_all()
        request()
        queries, begin = self.cr.sql_log_count, time.perf_counter()
        result = request()
        seconds = time.perf_counter() - begin
        return result, self.cr.sql_log_count - queries, timedelta(seconds=seconds)
