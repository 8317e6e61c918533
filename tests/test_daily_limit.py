# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from .common import CREATE, MONDAY, NOW, ZoomCase
from .zoom_simulator.limits import DAY_MESSAGE, SECOND_MESSAGE

RESET = NOW.replace(hour=0, minute=0) + timedelta(days=1)
# Before the next reset: today, two hours from now.
TODAY = NOW + timedelta(hours=2)


class TestDailyLimit(ZoomCase):
    """Zoom admits 100 creations and updates per Zoom user and UTC day."""

    def setUp(self):
        super().setUp()
        self.account.reserve_requests = 0

    def limit_to(self, limit, reserve=0):
        self.account.write({"daily_request_limit": limit, "reserve_requests": reserve})

    def sent(self):
        """Creations that Zoom received, without those it put off for a second."""
        return sum(
            request.status == 201 for request in self.requests("POST", "/meetings")
        )

    # === OUR COUNT === #

    def test_101st_request_is_not_sent_and_the_day_after_goes_on_by_itself(self):
        # Given 150 bookings of one host
        rows = self.book_many(150)
        # When the scheduled action runs, twice
        self.sync_meetings()
        self.sync_meetings()
        # Then Zoom got 100 requests, for the bookings that begin soonest
        self.assertEqual(self.sent(), 100)
        self.assertEqual(len(self.live_meetings()), 100)
        soonest, later = rows[:100], rows[100:]
        self.assertEqual(set(soonest.mapped("state")), {"ready"})
        # And the others wait for 00:00 UTC
        self.assertEqual(set(later.mapped("state")), {"waiting"})
        self.assertEqual(set(later.mapped("problem")), {"daily_limit"})
        self.assertEqual(set(later.mapped("next_attempt")), {RESET})
        self.assertEqual(self.count_of_today().create_count, 100)
        # When it runs one second before and at 00:00 UTC
        self.move_to(RESET - timedelta(seconds=1))
        self.sync_meetings()
        self.assertEqual(self.sent(), 100)
        self.move_to(RESET)
        self.sync_meetings()
        # Then everything is issued
        self.assertEqual(len(self.live_meetings()), 150)
        self.assertEqual(set(rows.mapped("state")), {"ready"})
        self.assertEqual(self.count_of_today().create_count, 50)

    def test_action_is_woken_when_the_limit_is_lifted(self):
        self.limit_to(1)
        self.book_many(2)
        self.sync_meetings()
        self.assertIn(RESET, self.wake_ups("ir_cron_sync_meetings"))

    def test_action_does_not_spin_on_what_the_limit_stops(self):
        # Given nothing but bookings that the limit stops
        self.limit_to(3)
        self.book_many(20)
        self.sync_meetings()
        self.clear_requests()
        # When the action runs again
        self.sync_meetings()
        # Then it makes no request, and reports nothing as remaining
        self.assertFalse(self.zoom.requests)
        progress = self.env["ir.cron.progress"].search(
            [
                (
                    "cron_id",
                    "=",
                    self.env.ref("resource_booking_zoom.ir_cron_sync_meetings").id,
                )
            ],
            order="id desc",
            limit=1,
        )
        self.assertEqual(progress.remaining, 0)

    def clear_requests(self):
        self.zoom.state.requests.clear()

    def test_other_zoom_user_goes_on(self):
        self.limit_to(2)
        rows = self.book_many(4)
        others = self.book_many(2, host=self.other_host)
        self.sync_meetings()
        self.assertEqual(rows.mapped("state"), ["ready", "ready", "waiting", "waiting"])
        self.assertEqual(set(others.mapped("state")), {"ready"})

    def test_changes_use_up_the_limit_too(self):
        self.limit_to(2)
        booking = self.book()
        self.sync_meetings()
        for hours in (1, 2):
            booking.start = MONDAY + timedelta(hours=hours)
            self.sync_meetings()
        self.assertRecordValues(
            booking.zoom_meeting_id, [{"state": "changed", "problem": "daily_limit"}]
        )
        self.move_to(RESET)
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time.hour, 10)

    def test_removal_goes_on_at_the_limit(self):
        self.limit_to(1)
        booking = self.book()
        self.sync_meetings()
        booking.action_cancel()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_cancelled_booking_is_waited_for_no_more(self):
        self.limit_to(1)
        self.book_many(1)
        booking = self.book(MONDAY + timedelta(hours=3))
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual(row.problem, "daily_limit")
        booking.action_cancel()
        self.sync_meetings()
        self.assertEqual(row.state, "removed")

    # === THE RESERVE === #

    def test_reserve_is_kept_for_bookings_before_the_reset(self):
        # Given a limit of 10 of which 3 are kept, and 9 bookings for later
        self.limit_to(10, reserve=3)
        later = self.book_many(9)
        self.sync_meetings()
        self.assertEqual(later.mapped("state").count("ready"), 7)
        # When bookings for today arrive
        urgent = self.book_many(4, start=TODAY)
        self.sync_meetings()
        # Then the reserve is theirs, and not one request more
        self.assertEqual(urgent.mapped("state"), ["ready", "ready", "ready", "waiting"])
        self.assertEqual(self.sent(), 10)

    def test_change_of_a_booking_before_the_reset_uses_the_reserve(self):
        self.limit_to(2, reserve=1)
        (urgent,) = self.book_many(1, start=TODAY)
        self.sync_meetings()
        urgent.start += timedelta(minutes=30)
        urgent.state = urgent._get_state()
        self.sync_meetings()
        self.assertEqual(urgent.state, "ready")
        self.assertEqual(len(self.requests("PATCH")), 1)

    # === ZOOM'S COUNT === #

    def check_refusal_by_zoom(self, headers):
        # Given a Zoom user who has used up the day elsewhere, unknown to us
        self.zoom.daily_429_headers = headers
        self.addCleanup(setattr, self.zoom, "daily_429_headers", "bare")
        self.zoom.set_count(self.zoom_user(self.host), 100)
        rows = self.book_many(3)
        others = self.book_many(2, host=self.other_host)
        # When Zoom refuses
        self.sync_meetings()
        # Then this Zoom user limit_reached until the reset, the other one goes on
        self.assertEqual(set(rows.mapped("problem")), {"daily_limit"})
        self.assertEqual(set(rows.mapped("next_attempt")), {RESET})
        self.assertTrue(self.count_of_today().limit_reached)
        self.assertEqual(set(others.mapped("state")), {"ready"})
        # And it is not asked again, not even for new bookings
        self.clear_requests()
        new = self.book_many(2, start=MONDAY + timedelta(hours=5))
        self.sync_meetings()
        self.assertFalse(self.requests("POST"))
        self.assertEqual(set(new.mapped("problem")), {"daily_limit"})
        # And at the reset it goes on
        self.move_to(RESET)
        self.sync_meetings()
        self.assertEqual(set((rows | new).mapped("state")), {"ready"})

    def zoom_user(self, host):
        return next(
            user for user in self.zoom.state.users.values() if user.id == host.zoom_id
        )

    def test_zooms_own_refusal_with_bare_headers(self):
        self.check_refusal_by_zoom("bare")

    def test_zooms_own_refusal_with_full_headers(self):
        self.check_refusal_by_zoom("full")

    def test_refusal_of_the_account_stops_all_until_the_time_that_zoom_names(self):
        # Given a free account that Zoom refuses for its daily limit, until 15:00
        until = NOW.replace(hour=15, minute=0)
        rows, others = self.refuse_the_account(until.isoformat() + "Z", 40, 3)
        # When the action has run, and runs again
        refused = len(self.requests("POST", "/meetings"))
        self.assertLess(refused, len(rows | others))
        self.clear_requests()
        self.sync_meetings()
        # Then nothing is sent any more, of no Zoom user
        self.assertFalse(self.requests("POST"))
        self.assertEqual(set((rows | others).mapped("problem")), {"account_limit"})
        self.assertEqual(set((rows | others).mapped("next_attempt")), {until})
        # And nothing of the Zoom users' own limits is used up
        counts = self.count_of_today(self.account.zoom_user_ids)
        self.assertEqual(sum(counts.mapped("total")), 0)
        self.assertFalse(counts.filtered("limit_reached"))
        # And bookings that come later rest, too, without a request
        new = self.book_many(1, start=MONDAY + timedelta(hours=5))
        self.sync_meetings()
        self.assertFalse(self.requests("POST"))
        self.assertEqual(new.next_attempt, until)
        # And at that time everything goes on
        self.zoom.faults.clear()
        self.move_to(until)
        self.sync_meetings()
        self.assertEqual(set((rows | others | new).mapped("state")), {"ready"})

    def test_refusal_of_the_account_may_name_seconds(self):
        rows, _others = self.refuse_the_account("7200")
        # The clock runs on while the action works.
        rest = rows.next_attempt - NOW
        self.assertAlmostEqual(rest.total_seconds(), 7200, delta=10)

    def test_refusal_of_the_account_may_name_a_date_of_http(self):
        rows, _others = self.refuse_the_account("Fri, 26 Feb 2027 15:00:00 GMT")
        self.assertEqual(rows.next_attempt, NOW.replace(hour=15))

    def test_refusal_of_the_account_that_names_no_time_lasts_until_the_reset(self):
        rows, _others = self.refuse_the_account(None)
        self.assertEqual(rows.next_attempt, RESET)

    def test_refusal_of_the_account_lasts_beyond_the_reset_if_zoom_says_so(self):
        until = RESET + timedelta(hours=3)
        rows, _others = self.refuse_the_account(until.isoformat() + "Z")
        self.assertEqual(rows.next_attempt, until)

    def test_refusal_of_the_account_never_lasts_longer_than_a_day(self):
        rows, _others = self.refuse_the_account("999999")
        self.assertLessEqual(rows.next_attempt, NOW + timedelta(days=1, seconds=10))

    def refuse_the_account(self, retry_after, count=1, count_of_others=1):
        """Run the action while Zoom refuses a free account, whatever the host.

        :return tuple: meeting rows of either Zoom user
        """
        self.account.plan = "free"
        self.zoom.refuse(
            429,
            429,
            DAY_MESSAGE,
            **CREATE,
            times=None,
            headers={
                "X-RateLimit-Type": "Daily-limit",
                "X-RateLimit-Limit": "6000",
                **({"Retry-After": retry_after} if retry_after else {}),
            },
        )
        rows = self.book_many(count)
        others = self.book_many(count_of_others, host=self.other_host)
        self.sync_meetings()
        self.assertEqual(set((rows | others).mapped("problem")), {"account_limit"})
        return rows, others

    # === WHAT ZOOM DID NOT EXECUTE === #

    def test_request_that_did_not_reach_zoom_is_given_back(self):
        (row,) = self.book_many(1)
        self.zoom.stop()
        try:
            self.sync_meetings()
        finally:
            self.zoom.start()
        self.assertEqual(row.problem, "unavailable")
        self.assertEqual(self.count_of_today().total, 0)

    def test_request_with_a_refused_token_is_counted_once(self):
        self.zoom.revoke_tokens()
        (row,) = self.book_many(1)
        self.sync_meetings()
        self.assertEqual(row.state, "ready")
        self.assertEqual(self.count_of_today().total, 1)

    def test_request_over_the_limit_per_second_is_given_back(self):
        headers = {"X-RateLimit-Type": "QPS"}
        self.zoom.refuse(
            429, 429, SECOND_MESSAGE, **CREATE, times=None, headers=headers
        )
        (row,) = self.book_many(1)
        self.sync_meetings()
        self.assertEqual(row.state, "waiting")
        self.assertEqual(self.count_of_today().total, 0)
        self.zoom.faults.clear()
        self.move_to(NOW + timedelta(minutes=1))
        self.sync_meetings()
        self.assertEqual(row.state, "ready")
        self.assertEqual(self.count_of_today().total, 1)

    def test_request_without_an_answer_stays_counted(self):
        self.zoom.fail(**CREATE, kind="drop_after")
        self.book_many(1)
        self.sync_meetings()
        self.assertEqual(self.count_of_today().total, 1)
