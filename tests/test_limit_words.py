# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tests import BaseCase, tagged

from ..tools.zoom_errors import whose_day_limit
from .common import CREATE, MONDAY, NOW
from .mail_common import MailCase
from .zoom_simulator.limits import DAY_MESSAGE

RESET = NOW.replace(hour=0, minute=0) + timedelta(days=1)
ALERT = "Zoom URL could not be issued"


class TestLimitWords(MailCase):
    """Zoom has several texts for one limit, and one text for several limits."""

    def setUp(self):
        super().setUp()
        self.account.reserve_requests = 0
        for name in ("daily_429_words", "daily_429_status", "daily_429_headers"):
            self.addCleanup(setattr, self.zoom, name, getattr(self.zoom, name))

    def use_up_in_zoom(self, words, status=429, headers="none"):
        """Zoom has counted 100 of the first host, and refuses in such words."""
        self.zoom.daily_429_words = words
        self.zoom.daily_429_status = status
        self.zoom.daily_429_headers = headers
        self.zoom.set_count(self.host.zoom_id, 100)

    def check_only_this_host_rests(self):
        rows = self.book_many(3)
        others = self.book_many(3, host=self.other_host)
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("problem")), {"daily_limit"})
        self.assertEqual(set(rows.mapped("next_attempt")), {RESET})
        self.assertEqual(set(others.mapped("state")), {"ready"})
        # And the administrator is told
        mails = [one for one in self.deliver_mails() if ALERT in one.subject]
        self.mail_to("admin@example.com", mails)
        # And at the reset it goes on
        self.move_to(RESET)
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("state")), {"ready"})

    # === GENERAL WORDS === #

    def test_general_words_on_a_paid_plan_mean_the_host(self):
        for headers in ("none", "bare", "full"):
            for plan in ("pro", "business"):
                with self.subTest(headers=headers, plan=plan):
                    self.clear_zoom()
                    self.env["booking.zoom.meeting"].search([]).unlink()
                    self.env["booking.zoom.request.count"].search([]).unlink()
                    self.account.plan = plan
                    self.use_up_in_zoom("general", headers=headers)
                    self.check_only_this_host_rests()

    def test_general_words_on_a_free_plan_with_a_limit_of_100_mean_the_host(self):
        self.account.plan = "free"
        self.use_up_in_zoom("general", headers="full")
        self.check_only_this_host_rests()

    def test_one_host_alone_does_not_stop_a_free_account(self):
        self.account.plan = "free"
        self.use_up_in_zoom("general")
        self.check_only_this_host_rests()

    def test_two_hosts_stop_a_free_account(self):
        self.account.plan = "free"
        self.refuse_creations(6000)
        rows = self.book_many(1) | self.book_many(1, host=self.other_host)
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("problem")), {"account_limit"})
        # And none of them is taken for a host at its own limit
        self.assertFalse(
            self.count_of_today(self.account.zoom_user_ids).filtered("limit_reached")
        )
        self.assertFalse([one for one in self.deliver_mails() if ALERT in one.subject])

    def test_second_host_may_be_refused_hours_later(self):
        self.account.plan = "free"
        self.refuse_creations(6000)
        (row,) = self.book_many(1)
        self.sync_meetings()
        self.assertEqual(row.problem, "daily_limit")
        self.move_to(NOW + timedelta(hours=3))
        (other,) = self.book_many(1, host=self.other_host)
        self.sync_meetings()
        self.assertEqual({row.problem, other.problem}, {"account_limit"})

    def test_hosts_own_count_decides_on_a_free_plan(self):
        self.account.write({"plan": "free", "daily_request_limit": 3})
        self.book_many(2, host=self.host)
        self.book_many(2, start=MONDAY, host=self.other_host)
        self.sync_meetings()
        self.refuse_creations(6000)
        rows = self.book_many(1, start=MONDAY + timedelta(hours=2))
        rows |= self.book_many(
            1, start=MONDAY + timedelta(hours=2), host=self.other_host
        )
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("problem")), {"daily_limit"})

    def test_two_hosts_on_a_paid_plan_rest_each_for_itself(self):
        self.account.plan = "pro"
        self.refuse_creations(6000)
        rows = self.book_many(1) | self.book_many(1, host=self.other_host)
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("problem")), {"daily_limit"})

    def refuse_creations(self, limit):
        self.zoom.refuse(
            429,
            429,
            DAY_MESSAGE,
            **CREATE,
            times=None,
            headers={"X-RateLimit-Limit": str(limit)},
        )

    def test_change_that_is_refused_keeps_its_link(self):
        self.account.plan = "pro"
        booking = self.book()
        self.sync_meetings()
        self.use_up_in_zoom("general")
        booking.start = MONDAY + timedelta(hours=1)
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertRecordValues(row, [{"state": "changed", "problem": "daily_limit"}])
        self.assertTrue(row._is_usable())

    def test_reading_at_a_daily_limit_stops_no_creation(self):
        booking = self.book()
        self.sync_meetings()
        self.zoom.refuse(429, 429, DAY_MESSAGE, method="GET", times=None, path="/v2/")
        booking.zoom_meeting_id._check_now()
        self.sync_meetings()
        (new,) = self.book_many(1, start=MONDAY + timedelta(hours=3))
        self.sync_meetings()
        self.assertEqual(new.state, "ready")
        self.assertTrue(booking.zoom_meeting_id._is_usable())
        self.assertIn(
            "used up its requests of this kind for today", booking.join_link_problem
        )

    # === OLDER WORDS === #

    def test_older_words_mean_the_host_and_park_nothing(self):
        for status in (429, 400, 300):
            for plan in ("free", "business"):
                with self.subTest(status=status, plan=plan):
                    self.clear_zoom()
                    self.env["booking.zoom.meeting"].search([]).unlink()
                    self.env["booking.zoom.request.count"].search([]).unlink()
                    self.account.plan = plan
                    self.use_up_in_zoom("older", status)
                    self.check_only_this_host_rests()


@tagged("post_install", "-at_install")
class TestWhoseDayLimit(BaseCase):
    """The question as a table."""

    def test_whose_limit_it_is(self):
        for plan, named, total, others_refused, expected in (
            ("pro", None, 1, True, "host"),
            ("business", 6000, 1, True, "host"),
            ("free", 100, 1, True, "host"),
            ("free", 6000, 100, True, "host"),
            ("free", 6000, 1, False, "unclear"),
            ("free", None, 1, False, "unclear"),
            ("free", 6000, 1, True, "account"),
            ("free", None, 1, True, "account"),
        ):
            with self.subTest(plan=plan, named=named, total=total):
                self.assertEqual(
                    whose_day_limit(plan, named, total, 100, others_refused), expected
                )
