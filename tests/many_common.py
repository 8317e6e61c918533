# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many Zoom users and bookings, made by SQL: the platform would take hours."""

import threading
import time
from datetime import timedelta
from typing import NamedTuple
from unittest.mock import patch

from odoo import http
from odoo.tools import SQL

from .common import MONDAY, HttpBookingCase
from .sql_clone import clone

HOSTS = 300
BOOKINGS = 5000
DAYS = 30
ONE_SECOND = timedelta(seconds=1)
PAGE_QUERIES = 150
# What opens no page: files, and what people do there.
NO_PAGES = (
    "/web/assets/",
    "/web/image",
    "/web/static/",
    "/websocket",
    "/bus/",
    "/resource_booking_zoom/oauth/",
)
DEEDS = ("web_save", "write", "create", "unlink", "confirm", "cancel")


class Answer(NamedTuple):
    """What the server did for one request, without the time that it waited for others."""

    path: str
    queries: int
    time: timedelta

    def is_of_page(self):
        action = self.path.rpartition("/")[2]
        return not (
            self.path.startswith(NO_PAGES)
            or "/call_button/" in self.path
            or action in DEEDS
        )


class QuickPagesMixin:
    """Tours on which each page opens in less than a second of the server's time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.answers = []
        serve = http.Application.__call__

        def watch(app, environ, start_response):
            thread, begin = threading.current_thread(), time.thread_time()
            response = serve(app, environ, start_response)
            seconds = time.thread_time() - begin + thread.query_time
            cls.answers.append(
                Answer(
                    environ["PATH_INFO"],
                    thread.query_count,
                    timedelta(seconds=seconds),
                )
            )
            return response

        cls.startClassPatcher(patch.object(http.Application, "__call__", watch))

    def start_tour(self, url, *args, login=None, **kwargs):
        # What the first page takes longer, the server does once in its life.
        self.authenticate(login, login)
        self.url_open(url)
        self.answers.clear()
        super().start_tour(url, *args, login=login, **kwargs)
        pages = [answer for answer in self.answers if answer.is_of_page()]
        self.assertTrue(pages)
        slow = [
            page
            for page in pages
            if page.time > ONE_SECOND or page.queries > PAGE_QUERIES
        ]
        self.assertEqual(slow, [])


class ManyMixin:
    """300 Zoom users with the requests of 30 days, and 5,000 bookings of 500 people.

    Together with BookingMixin.
    """

    @classmethod
    def add_past(cls):
        """Zoom users and bookings of the weeks before, among which tours find their own."""
        template = cls.book(MONDAY + timedelta(weeks=50))
        cls.add_bookings(
            BOOKINGS,
            cls.add_zoom_users(HOSTS),
            MONDAY - timedelta(days=21),
            template=template,
            every=timedelta(days=1),
        )
        template.zoom_meeting_id.unlink()
        template.unlink()

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
    def add_bookings(cls, count, hosts, start, template=None, every=timedelta(hours=1)):
        """So many scheduled bookings with event, attendees and meeting row.

        Of ten meetings one is refused and one waits.

        :param hosts: booking.zoom.user, who host them in turn
        :param template: the booking that they are like
        :param every: how long after the last round the first one hosts again
        """
        booking = template or cls.book()
        event, row = booking.meeting_id, booking.zoom_meeting_id
        cls.env.flush_all()
        begin = SQL("%s + (n / %s) * %s", start, len(hosts), every)
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


class ManyTourMixin(QuickPagesMixin, ManyMixin):
    """Tours in a database with many of all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_past()


class ManyCase(QuickPagesMixin, ManyMixin, HttpBookingCase):
    """Requests to a server that has many of all."""

    def measure(self, request):
        """A request over HTTP, with nothing in any cache but what servers keep.

        :param request: function without arguments
        :return tuple: its result, SQL queries, the server's time
        """
        self.env.flush_all()
        self.env.invalidate_all()
        request()
        self.answers.clear()
        result = request()
        (answer,) = self.answers
        return result, answer.queries, answer.time
