# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
import logging
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from ..exceptions import ZoomBadAnswer, ZoomConnectionLost
from ..models.zoom import outcomes
from .common import CREATE, DELETE, MONDAY, NOW, READ, SEARCH, ZoomCase
from .test_token import ConsentMixin

SECRET = "q7Kd2xS3cret"


class BadAnswersCase(ZoomCase):
    def spoil(self, where, times=1, executes=True, **changes):
        """Let Zoom answer with other values than it has."""

        def change(fault, answer):
            answer.body = {**answer.body, **changes}
            return answer

        fault = self.zoom.fail(**where, kind="delay", executes=executes, times=times)
        fault._delay = change.__get__(fault)
        return fault

    @contextmanager
    def nothing_secret_logged(self):
        """Nothing of what Zoom answered, and no refused statement, is in any log."""
        records = []
        handler = logging.Handler(logging.DEBUG)
        handler.emit = lambda record: records.append(
            f"{record.name} {logging.Formatter().format(record)}"
        )
        loggers = [logging.getLogger(name) for name in ("", "odoo", "odoo.sql_db")]
        for logger in loggers:
            logger.addHandler(handler)
        try:
            yield
        finally:
            for logger in loggers:
                logger.removeHandler(handler)
        text = "\n".join(records)
        self.assertNotIn(SECRET, text)
        self.assertNotIn("bad query", text)
        self.assertNotIn("Traceback", text)

    def counted(self):
        return len(self.requests("POST", "/meetings"))


class TestBadMeeting(BadAnswersCase):
    """Zoom has created a meeting and answers with what cannot be given to anybody."""

    BAD = (
        ("join_url", f"javascript:alert(1)//zoom.us/j/1?{SECRET}"),
        ("join_url", f"https://evil.example/j/1?pwd={SECRET}"),
        ("join_url", f"https://zoom.us/j/1?pwd={SECRET}\nBcc: a@b"),
        ("join_url", f"https://zoom.us/j/1?pwd={SECRET}\x00"),
        ("join_url", [SECRET]),
        ("join_url", SECRET * 100_000),
        ("password", f"{SECRET}\x00"),
        ("password", {"a": SECRET}),
    )

    def test_meeting_without_a_link_that_can_be_used_is_parked_and_not_made_twice(self):
        for number, (field, value) in enumerate(self.BAD):
            with self.subTest(f"{field} {str(value)[:40]!r}"):
                # Given a Zoom that answers so, also when it is asked again
                self.zoom.faults.clear()
                booking = self.book(MONDAY + timedelta(minutes=30 * number))
                row = booking.zoom_meeting_id
                before = self.counted()
                self.spoil(CREATE, **{field: value})
                self.spoil(READ, times=None, **{field: value})
                # When the scheduled action runs on and on
                with self.nothing_secret_logged():
                    self.sync_meetings()
                    for _run in range(4):
                        self.later(minutes=1)
                # Then there is one meeting, the row knows it, and says what is wrong
                self.assertEqual(self.counted() - before, 1)
                self.assertIn(int(row.zoom_id), self.zoom.meetings)
                self.assertRecordValues(
                    row,
                    [
                        {
                            "state": "changed",
                            "problem": "bad_answer",
                            "problem_detail": f"unusable field: {field}",
                            "next_attempt": False,
                            "join_url": False,
                            "passcode": False,
                        }
                    ],
                )
                self.assertFalse(row._is_usable())
                self.assertIn(field, row.problem_message)
                self.assertNotIn(SECRET, row.problem_message)

    def test_meeting_that_can_be_read_afterwards_is_ready(self):
        booking = self.book()
        self.spoil(CREATE, join_url="data:text/html,x")
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "bad_answer")
        self.later(seconds=11)
        row = booking.zoom_meeting_id
        self.assertRecordValues(row, [{"state": "ready", "problem": False}])
        self.assertTrue(row.join_url and row.passcode)
        self.assertEqual(self.counted_requests(), 1)

    def test_retry_now_asks_again_and_creates_nothing(self):
        booking = self.book()
        self.spoil(CREATE, password=[])
        self.spoil(READ, password=[])
        self.sync_meetings()
        self.later(minutes=1)
        self.assertFalse(booking.zoom_meeting_id.next_attempt)
        booking.zoom_meeting_id.action_retry()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        self.assertEqual(self.counted(), 1)

    def test_meeting_of_a_cancelled_booking_is_deleted(self):
        booking = self.book()
        self.spoil(CREATE, join_url=5)
        self.sync_meetings()
        booking.action_cancel()
        self.later(minutes=1)
        self.assertFalse(self.live_meetings())

    def test_meeting_of_a_booking_that_was_cancelled_meanwhile_is_deleted(self):
        # Given a creation without an answer, and a search that finds no usable link
        booking = self.book()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        booking.action_cancel()
        self.spoil(READ, times=None, join_url=5)
        # When the scheduled action goes on
        for _run in range(3):
            self.later(minutes=3)
        # Then the meeting is gone
        self.assertFalse(self.live_meetings())

    def test_meeting_whose_number_cannot_be_used_is_found_by_its_key(self):
        for number, bad in enumerate(([1], "../../users/me", True, "NaN", 10**20)):
            booking = self.book(MONDAY + timedelta(minutes=30 * number))
            self.spoil(CREATE, id=bad)
            self.sync_meetings()
            self.assertEqual(booking.zoom_meeting_id.problem, "unclear")
            self.later(seconds=11)
            with self.subTest(ascii(bad)):
                self.assertEqual(booking.zoom_meeting_id.state, "ready")
                self.assertEqual(self.counted(), number + 1)

    def test_meeting_that_is_listed_without_a_number_is_not_made_twice(self):
        # Given a creation without an answer, whose meeting is listed oddly
        booking = self.book()
        key = []
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        key = booking.zoom_meeting_id.correlation_key
        for item in ({"id": [], "agenda": key}, {"id": 5, "agenda": 5}, None):
            body = {"meetings": [item], "next_page_token": ""}
            self.zoom.fail(**SEARCH, kind="body", body=body)
        # When Zoom is searched again and again
        for _run in range(5):
            self.later(minutes=5)
        # Then no second one is made, and somebody has to look
        self.assertEqual(self.counted(), 1)
        self.assertEqual(booking.zoom_meeting_id.problem, "bad_answer")
        self.assertFalse(booking.zoom_meeting_id.next_attempt)
        booking.zoom_meeting_id.action_retry()
        self.zoom.faults.clear()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        self.assertEqual(self.counted(), 1)

    def test_list_without_meetings_is_not_taken_for_an_empty_one(self):
        booking = self.book()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        self.zoom.fail(**SEARCH, kind="body", body={}, times=None)
        for _run in range(4):
            self.later(minutes=5)
        self.assertEqual(self.counted(), 1)
        self.assertEqual(booking.zoom_meeting_id.problem, "bad_answer")

    def test_what_only_tells_what_zoom_has_taken_over_is_left_out(self):
        cases = (
            {"duration": 10**12},
            {"duration": []},
            {"duration": "x"},
            {"start_time": 5},
            {"start_time": "0001-01-01T00:00:00Z"},
            {"start_time": None},
            {"timezone": "../../etc/passwd", "start_time": "2027-03-01T17:00:00"},
            {"timezone": []},
            {"topic": "\x00"},
            {"topic": [1]},
        )
        for number, values in enumerate(cases):
            booking = self.book(MONDAY + timedelta(minutes=30 * number))
            self.spoil(CREATE, **values)
            with self.subTest(values), self.nothing_secret_logged():
                self.sync_meetings()
                row = booking.zoom_meeting_id
                self.assertRecordValues(row, [{"state": "ready", "problem": False}])
                self.assertEqual(row.sent_start, booking.start)
                # and nothing follows when it is read
                self.spoil(READ, **values)
                row._check_now()
                self.sync_meetings()
                self.assertEqual(row.state, "ready")
        self.assertFalse(self.requests("PATCH"))

    def test_markup_in_a_passcode_is_no_markup_for_us(self):
        booking = self.book()
        self.spoil(CREATE, password="<script>alert(1)</script>")
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.passcode, "<script>alert(1)</script>")

    def test_known_link_stays_while_a_read_is_of_no_use(self):
        booking = self.book()
        self.sync_meetings()
        row = booking.zoom_meeting_id
        url = row.join_url
        self.spoil(READ, join_url=f"https://evil.example/{SECRET}")
        row._check_now()
        with self.nothing_secret_logged():
            self.sync_meetings()
        self.assertRecordValues(
            row, [{"state": "ready", "problem": "bad_answer", "join_url": url}]
        )
        self.assertTrue(row._is_usable())
        self.assertIn("asks again", row.problem_message)
        self.later(minutes=2)
        self.assertFalse(row.problem)

    def test_bodies_that_are_none_settle_nothing_and_stop_nobody(self):
        deep = b'{"a":' * 60_000
        twice = b'{"id": 1, "id": 2, "join_url": "https://zoom.us/j/1"}'
        good = json.dumps({"id": 5, "join_url": "https://zoom.us/j/5"}).encode()
        executed = {"kind": "body", "executes": True}
        faults = (
            {**executed, "status": 201, "body": deep},
            {**executed, "status": 201, "body": twice},
            {"kind": "gzip_bomb"},
            {"kind": "endless"},
            {**executed, "status": 200, "body": good},
            {**executed, "status": 204, "body": b""},
        )
        for number, fault in enumerate(faults):
            booking = self.book(MONDAY + timedelta(minutes=60 * number))
            self.zoom.fail(**CREATE, **fault)
            other = self.book(MONDAY + timedelta(minutes=60 * number + 30))
            with self.subTest(number), self.nothing_secret_logged():
                self.sync_meetings()
                states = {booking.zoom_meeting_id, other.zoom_meeting_id}
                self.assertEqual({row.problem for row in states}, {False, "unclear"})
                self.later(seconds=11)
                self.assertEqual({row.state for row in states}, {"ready"})
        self.assertEqual(len(self.live_meetings()), 12)

    def test_message_of_an_error_is_one_line_or_none(self):
        cases = (
            ("Two\nlines\x00 of it", "Two lines of it"),
            ({"a": SECRET}, "Bad Request"),
            ("https://zoom.us/j/1?pwd=x is bad", "*** is bad"),
        )
        for number, (message, told) in enumerate(cases):
            booking = self.book(MONDAY + timedelta(minutes=30 * number))
            self.zoom.refuse(400, 300, message, **CREATE)
            with self.subTest(told), self.nothing_secret_logged():
                self.sync_meetings()
                row = booking.zoom_meeting_id
                self.assertEqual((row.problem, row.problem_detail), ("refused", told))

    def test_answer_that_cannot_be_written_is_said_on_the_row(self):
        # Given an answer that makes the recording of it fail
        booking = self.book()

        def fail(*_args):
            raise ValueError(SECRET)

        with (
            patch.object(outcomes, "is_number_shared", fail),
            mute_logger("odoo.addons.resource_booking_zoom.engine.sync_run"),
        ):
            self.sync_meetings()
        # Then it is not silent, and the meeting not lost
        row = booking.zoom_meeting_id
        self.assertEqual(row.problem, "bad_answer")
        self.assertIn("ValueError", row.problem_message)
        self.assertNotIn(SECRET, row.problem_message)
        (meeting,) = self.live_meetings()
        self.assertEqual(row.zoom_id, str(meeting.id))
        self.later(seconds=11)
        self.assertEqual(row.state, "ready")

    # === DELETIONS === #

    def refuse_deletion(self, code):
        booking = self.book()
        self.sync_meetings()
        row = booking.zoom_meeting_id
        booking.action_cancel()
        body = {"code": code, "message": "Sorry, you cannot delete this meeting."}
        self.zoom.fail(**DELETE, kind="body", status=400, body=body)
        self.sync_meetings()
        return row

    def test_meeting_that_has_ended_is_removed(self):
        row = self.refuse_deletion(3007)
        self.assertRecordValues(row, [{"state": "removed", "problem": False}])

    def test_meeting_in_progress_is_removed_half_an_hour_later(self):
        row = self.refuse_deletion(3002)
        self.assertRecordValues(row, [{"state": "removing", "problem": "in_progress"}])
        waits = row.next_attempt - fields.Datetime.now()
        self.assertAlmostEqual(waits.total_seconds(), 1800, delta=60)
        self.later(minutes=31)
        self.assertEqual(row.state, "removed")
        self.assertFalse(self.live_meetings())

    def test_personal_room_cannot_be_deleted(self):
        self.assertEqual(self.refuse_deletion(3018).state, "removed")


class TestBadTokens(ConsentMixin, BadAnswersCase):
    """A token answer is looked at before the old pair is given up."""

    def setUp(self):
        super().setUp()
        self.oauth_account = self.create_consented_account()
        self.env.flush_all()
        self.pair = self.oauth_account.access_token, self.oauth_account.refresh_token

    def answer(self, **body):
        body = {"access_token": "acc3ss", "refresh_token": "r3fresh", **body}
        self.zoom.fail(path="/oauth/token", kind="body", body=body)
        self.move_to(NOW + timedelta(hours=1))

    def test_unusable_token_is_refused_and_the_old_pair_kept(self):
        for name in ("access_token", "refresh_token"):
            for bad in (f"{SECRET}\x00", f"{SECRET}\nX: y", [SECRET]):
                self.answer(**{name: bad})
                with (
                    self.subTest(f"{name} {bad!r}"),
                    self.nothing_secret_logged(),
                ):
                    error = self.renew()
                    self.assertIsInstance(error, ZoomBadAnswer)
                    account = self.oauth_account
                    self.assertEqual(
                        (account.access_token, account.refresh_token), self.pair
                    )
                    self.assertEqual(account.state, "connected")
                    self.assertIn(name, account.state_message)
                    self.assertNotIn(SECRET, account.state_message)

    def test_message_goes_when_the_next_answer_is_good(self):
        self.answer(access_token="\x00")
        self.renew()
        self.assertTrue(self.oauth_account.state_message)
        self.assertIsNone(self.renew())
        self.assertFalse(self.oauth_account.state_message)

    def renew(self):
        try:
            self.oauth_account._get_client()
        except ZoomBadAnswer as error:
            return error
        finally:
            self.env.invalidate_all()
        return None

    def test_odd_lifetime_loses_no_link(self):
        for value, seconds in (
            ("Infinity", 3600),
            ("1e20", 86_400),
            ("-1", 60),
            ('"x"', 3600),
        ):
            body = (
                '{"access_token": "acc3ss", "refresh_token": "r3fresh",'
                f' "expires_in": {value}}}'
            )
            self.answer()
            self.zoom.faults.clear()
            self.zoom.fail(path="/oauth/token", kind="body", body=body)
            self.oauth_account.token_expires_at = False
            self.env.flush_all()
            with self.subTest(value):
                self.assertIsNone(self.renew())
                self.assertEqual(self.oauth_account.access_token, "acc3ss")
                lives = self.oauth_account.token_expires_at - NOW
                self.assertAlmostEqual(
                    lives.total_seconds() - 3600, seconds, delta=5, msg=value
                )

    def test_meetings_wait_and_say_why(self):
        # Given the run's own renewal gets tokens that cannot be used
        self.move_to(NOW + timedelta(hours=1))
        booking = self.book()
        body = {"access_token": "\x00"}
        self.zoom.fail(path="/oauth/token", kind="body", body=body, times=None)
        with self.nothing_secret_logged():
            self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual(row.problem, "bad_answer")
        self.assertTrue(row.next_attempt)
        self.assertIn("asks again automatically", row.problem_message)
        self.assertIn("access_token", row.problem_message)
        self.assertIn("access_token", self.account.state_message)
        self.zoom.faults.clear()
        self.later(minutes=5)
        self.assertEqual(row.state, "ready")
        self.assertFalse(self.account.state_message)

    def test_dead_link_is_still_dead(self):
        self.zoom.revoke_tokens(account=self.zoom_account)
        self.move_to(NOW + timedelta(hours=1))
        try:
            self.oauth_account._get_client()
        except ZoomConnectionLost:
            self.env.invalidate_all()
        self.assertEqual(self.oauth_account.state, "lost")


class TestBadUsers(BadAnswersCase):
    def test_one_odd_user_stops_nothing(self):
        # Given a list with odd ones among good ones
        zoom_account = self.zoom.state.accounts["account-1"]
        users = [
            {"id": user.id, "email": f"new-{user.email}", "status": "active"}
            for user in self.zoom.state.users_of(zoom_account)
        ]
        odd = {**users[1], "display_name": f"{SECRET}\x00"}
        body = {"users": [5, None, {"id": []}, {"id": "x", "status": "<b>"}, users[0]]}
        body["users"].append(odd)
        name = self.other_host.name
        self.zoom.fail(path="/v2/users$", kind="body", body=body)
        # When the users are fetched
        with (
            self.assertLogs("odoo.addons.resource_booking_zoom", "WARNING") as logs,
            self.nothing_secret_logged(),
        ):
            self.run_cron("ir_cron_sync_users")
        # Then the good one is up to date, the odd one as it was, and the log names it
        by_id = {user.zoom_id: user for user in self.account.zoom_user_ids}
        self.assertEqual(by_id[users[0]["id"]].email, users[0]["email"])
        self.assertEqual(by_id[users[1]["id"]].name, name)
        self.assertTrue(by_id[users[1]["id"]].active)
        self.assertIn(users[1]["id"], "\n".join(logs.output))
        self.assertNotIn("x", by_id)
