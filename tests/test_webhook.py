# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import http.client
import logging
import statistics
import time
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from .. import utils
from ..models.zoom import booking_zoom_webhook_event, sync_port
from ..tools import zoom_webhook as webhook_tools
from ..tools.zoom_webhook import MAX_BODY
from .common import MONDAY, NOW
from .webhook_common import SECRET, WebhookCase
from .zoom_simulator import webhooks

_logger = logging.getLogger(__name__)

SHORTLY_BEFORE_REMINDER = MONDAY - timedelta(hours=1, minutes=14)


class TestWebhookAddress(WebhookCase):
    """One address for all companies; only who knows a secret is heard."""

    def post(self, raw, headers):
        """Send bytes as a stranger would.

        :return: status and text
        """
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        self.addCleanup(connection.close)
        with self.zoom_calls():
            connection.request("POST", parts.path, raw, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def test_validation_names_no_account_so_each_secret_is_tried(self):
        self.create_other_account(webhook_secret="other-s3cret")
        self.assertTrue(self.validates())
        self.assertTrue(self.validates("other-s3cret"))
        self.assertFalse(self.validates("nobody's"))

    def test_address_is_validated_before_the_account_is_linked(self):
        self.account.write(
            {"state": "disconnected", "connected_zoom_account_id": False}
        )
        self.assertTrue(self.validates())

    def test_companies_with_the_same_app_have_the_same_secret(self):
        self.create_other_account(webhook_secret=SECRET)
        self.assertTrue(self.validates())

    def test_account_without_secret_accepts_nothing(self):
        self.account.webhook_secret = False
        body = webhooks.url_validation(self.now())
        for secret in (SECRET, "", "False", "None"):
            self.assertEqual(self.deliver(body, secret=secret), 403)

    def test_accepted_event_is_answered_without_body(self):
        body = webhooks.event("meeting.sharing_started", "account-1", {}, self.now())
        self.assertEqual(self.deliver(body), 204)

    def test_unsigned_event_is_refused(self):
        raw = webhooks.encode(webhooks.url_validation(self.now()))
        headers = webhooks.headers(SECRET, raw)
        for missing in ("x-zm-signature", "x-zm-request-timestamp"):
            others = {name: value for name, value in headers.items() if name != missing}
            self.assertEqual(self.post(raw, others)[0], 403)
        self.assertEqual(self.post(raw, headers)[0], 200)

    def test_wrongly_signed_event_is_refused(self):
        body = webhooks.url_validation(self.now())
        self.assertEqual(self.deliver(body, secret="wrong"), 403)

    def test_old_and_future_events_are_refused(self):
        body = webhooks.url_validation(self.now())
        now = int(self.now().timestamp())
        self.assertEqual(self.deliver(body, timestamp=now - 290), 200)
        self.assertEqual(self.deliver(body, timestamp=now - 310), 403)
        self.assertEqual(self.deliver(body, timestamp=now + 310), 403)

    def test_repeated_events_that_only_have_zoom_read_are_heard_for_two_hours(self):
        now = int(self.now().timestamp())

        def event(name, **payload):
            return webhooks.event(name, "account-1", payload, self.now())

        reading = (
            event("meeting.deleted", object={"id": 81234567890}),
            event("user.deleted"),
            # Bears its own time
            event("meeting.started", object={"id": "81234567890"}),
        )
        changing = (
            webhooks.url_validation(self.now()),
            event("app_deauthorized"),
            event("meeting.sharing_started"),
        )
        # As Zoom repeats them, 5, 25 and 85 minutes later, and a bit more.
        for minutes in (6, 26, 86, 119):
            for body in reading:
                status = self.deliver(body, timestamp=now - minutes * 60)
                self.assertEqual(status, 204, (minutes, body["event"]))
            for body in changing:
                status = self.deliver(body, timestamp=now - minutes * 60)
                self.assertEqual(status, 403, (minutes, body["event"]))
        for body in reading:
            self.assertEqual(self.deliver(body, timestamp=now - 121 * 60), 403)
            self.assertEqual(self.deliver(body, timestamp=now + 310), 403)

    def test_malformed_event_is_refused_though_signed(self):
        for body in ("", "{", "[]", '{"event": "meeting.deleted"}', b"\xff\x00"):
            self.assertEqual(self.deliver(body), 400, body)

    def test_enormous_body_is_refused(self):
        status, _text = self.post(b" " * (MAX_BODY + 1), {})
        self.assertEqual(status, 413)

    def test_bodies_that_look_like_forms_are_not_read_as_forms(self):
        for raw, kind in (
            (b"self=1&endpoint=2", "application/x-www-form-urlencoded"),
            (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
            (b"{}", "application/json"),
        ):
            headers = {**webhooks.headers(SECRET, raw), "Content-Type": kind}
            self.assertEqual(self.post(raw, headers)[0], 400)

    def test_only_posted_events_are_taken(self):
        self.assertEqual(self.url_open(self.url).status_code, 405)

    def test_nobody_is_logged_in_by_it(self):
        body = webhooks.encode(webhooks.url_validation(self.now()))
        answer = self.url_open(
            self.url, data=body, headers=webhooks.headers(SECRET, body)
        )
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn("Set-Cookie", answer.headers)

    def test_log_has_the_name_and_the_request_and_nothing_else(self):
        row, meeting = self.issue(self.book())
        raw = webhooks.encode(self.edited(meeting, password="n3wC0de"))
        headers = webhooks.headers(SECRET, raw)
        with self.assertLogs("odoo.addons.resource_booking_zoom", "DEBUG") as logs:
            self.assertEqual(self.post(raw, headers)[0], 204)
            self.post(b"\n", {**headers, "x-zm-request-id": "a b"})
        text = "\n".join(logs.output)
        self.assertIn("meeting.updated", text)
        self.assertIn(headers["x-zm-request-id"], text)
        for secret in ("n3wC0de", SECRET, row.zoom_id, "a b", "host1@"):
            self.assertNotIn(secret, text)

    def test_administrator_copies_the_address_from_the_account_page(self):
        self.assertEqual(self.account.webhook_url, self.url)
        self.assertIn("meeting.deleted", self.account.webhook_events)
        # Zoom tells it of public apps only, and offers no event of that name to others.
        self.assertNotIn("app_deauthorized", self.account.webhook_events)
        view = self.env["booking.zoom.account"].get_view(
            self.env.ref("resource_booking_zoom.booking_zoom_account_view_form").id
        )
        for name in ("webhook_url", "webhook_secret", "webhook_events"):
            self.assertIn(f'name="{name}"', view["arch"])

    def test_two_hundred_events_in_a_row_are_answered_in_time(self):
        _row, meeting = self.issue(self.book())
        body = self.edited(meeting, password="n3wC0de")
        seconds = []
        for _number in range(200):
            begin = time.perf_counter()
            self.assertEqual(self.deliver(body), 204)
            seconds.append(time.perf_counter() - begin)
        median = statistics.median(seconds) * 1000
        _logger.info("median %.1f ms, longest %.1f ms", median, max(seconds) * 1000)
        self.assertLess(max(seconds), webhooks.TIMEOUT)


class TestWebhookMeeting(WebhookCase):
    """What somebody does with a meeting in Zoom is noticed at once."""

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.row, self.meeting = self.issue(self.booking)

    def reads(self):
        return len(self.requests("GET", "/meetings/"))

    def test_zoom_is_not_called_before_zoom_has_its_answer(self):
        self.deliver(self.edited(self.meeting, password="n3wC0de"))
        self.deliver(self.deleted(self.meeting))
        self.assertFalse(self.zoom.requests)

    def test_scheduled_action_is_woken(self):
        before = self.count_wakings()
        self.deliver(self.edited(self.meeting, password="n3wC0de"))
        self.assertEqual(self.count_wakings(), before + 1)

    def test_new_passcode_and_link_are_taken_over(self):
        # Given a meeting whose host gives it another passcode in Zoom
        event = self.edited(self.meeting, password="n3wC0de")
        # When Zoom tells it
        self.assertEqual(self.deliver(event), 204)
        self.sync_meetings()
        # Then the new one is what customers will get
        expected = {"passcode": "n3wC0de", "join_url": self.meeting.join_url}
        self.assertRecordValues(self.row, [{**expected, "state": "ready"}])
        self.assertEqual(self.reads(), 1)
        self.assertEqual(self.counted_requests(), 0)

    def test_meeting_id_may_come_as_a_text(self):
        event = self.edited(self.meeting, password="n3wC0de")
        event["payload"]["object"]["id"] = str(self.meeting.id)
        self.deliver(event)
        self.sync_meetings()
        self.assertEqual(self.row.passcode, "n3wC0de")

    def test_deleted_meeting_is_issued_again_after_a_second_look(self):
        self.deliver(self.deleted(self.meeting))
        self.sync_meetings()
        self.assertEqual(self.row.problem, "gone")
        self.assertIn(self.row.next_attempt, self.wake_ups("ir_cron_sync_meetings"))
        self.move_to(NOW + timedelta(minutes=3))
        self.sync_meetings()
        self.sync_meetings()
        (new,) = self.live_meetings()
        self.assertNotEqual(new.id, self.meeting.id)
        self.assertEqual(self.booking.zoom_meeting_id.zoom_id, str(new.id))

    def test_move_in_zoom_is_undone(self):
        self.deliver(self.edited(self.meeting, duration=90))
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(self.meeting.duration, 30)
        self.assertEqual(self.row.state, "ready")

    def test_settings_changed_in_zoom_have_the_meeting_read(self):
        body = webhooks.meeting_updated(
            self.meeting, self.now(), {"settings": {"audio": "voip"}}, {}
        )
        self.deliver(body)
        self.sync_meetings()
        self.assertEqual(self.reads(), 1)

    def test_what_zoom_says_by_read_decides_and_not_the_event(self):
        # Given an event that lies, or is old
        body = webhooks.meeting_updated(
            self.meeting, self.now(), {"password": "forged", "duration": 5}, {}
        )
        self.deliver(body)
        self.deliver(
            webhooks.meeting_event("meeting.deleted", self.meeting, self.now())
        )
        # When it is worked off
        self.sync_meetings()
        # Then the meeting is what it is in Zoom
        self.assertEqual(self.row.passcode, self.meeting.password)
        self.assertEqual(self.row.state, "ready")
        self.assertEqual(self.counted_requests(), 0)
        self.assertEqual(self.live_meetings(), [self.meeting])

    def test_duplicates_are_read_once(self):
        event = self.edited(self.meeting, password="n3wC0de")
        for _number in range(5):
            self.assertEqual(self.deliver(event), 204)
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(self.reads(), 1)
        self.assertEqual(self.row.passcode, "n3wC0de")

    def test_disorder_is_harmless(self):
        first = self.edited(self.meeting, password="first")
        second = self.edited(self.meeting, password="second")
        self.deliver(second)
        self.sync_meetings()
        self.deliver(first)
        self.sync_meetings()
        self.assertEqual(self.row.passcode, "second")
        self.assertEqual(self.row.state, "ready")

    def test_echo_of_our_own_update_is_recognised(self):
        # Given a booking that was moved, and so its meeting in Zoom
        self.booking.start = MONDAY + timedelta(hours=1)
        self.sync_meetings()
        self.zoom.requests.clear()
        # When Zoom tells us what we did
        self.assertEqual(self.deliver(self.echo(self.meeting)), 204)
        self.sync_meetings()
        # Then nothing is asked of Zoom
        self.assertFalse(self.zoom.requests)
        self.assertEqual(self.row.state, "ready")

    def test_echo_that_overtakes_our_own_answer_is_recognised(self):
        # Given an update that Zoom tells of before its answer was recorded
        def told_early(*args):
            self.note(self.echo(self.meeting))
            return record(*args)

        record = sync_port.record_outcome
        self.booking.start = MONDAY + timedelta(hours=1)
        with patch.object(sync_port, "record_outcome", told_early):
            self.sync_meetings()
        self.assertTrue(self.env["booking.zoom.webhook.event"].search([], limit=1))
        self.zoom.requests.clear()
        # When it is worked off
        self.sync_meetings()
        # Then the answer is known by then
        self.assertFalse(self.zoom.requests)

    def test_change_back_to_what_it_was_while_we_change_it_is_not_overlooked(self):
        # Given an update of ours after which somebody puts the old time back at once
        def put_back(*args):
            self.note(self.edited(self.meeting, start_time=old_start))
            return record(*args)

        old_start = self.meeting.start_time
        record = sync_port.record_outcome
        self.booking.start = MONDAY + timedelta(hours=1)
        with patch.object(sync_port, "record_outcome", put_back):
            self.sync_meetings()
        self.assertEqual(self.meeting.start_time, old_start)
        # When it is worked off
        self.sync_meetings()
        self.sync_meetings()
        # Then Zoom has the booking's time again
        self.assertEqual(
            self.meeting.start_time.replace(tzinfo=None), MONDAY + timedelta(hours=1)
        )

    def note(self, body):
        """Note an event as if it had come in."""
        event = webhook_tools.parse_event(webhooks.encode(body))
        self.env["booking.zoom.webhook.event"]._note(self.account, event)

    def test_echo_of_a_long_booking_is_recognised(self):
        # Given a booking of two days, which Zoom holds as 24 hours
        (row,) = self.book_many(1, start=MONDAY + timedelta(days=7), minutes=2880)
        self.sync_meetings()
        meeting = self.zoom.meetings[int(row.zoom_id)]
        self.assertEqual(meeting.duration, 1440)
        self.zoom.requests.clear()
        self.deliver(self.echo(meeting))
        self.sync_meetings()
        self.assertFalse(self.zoom.requests)

    def test_echo_of_our_own_deletion_is_recognised(self):
        self.booking.action_cancel()
        self.sync_meetings()
        self.zoom.requests.clear()
        self.assertEqual(self.deliver(self.deleted(self.meeting)), 204)
        self.sync_meetings()
        self.assertFalse(self.zoom.requests)

    def test_echo_beside_a_true_change_does_not_hide_it(self):
        change = self.edited(self.meeting, password="n3wC0de")
        self.deliver(change)
        self.deliver(self.echo(self.meeting))
        self.sync_meetings()
        self.assertEqual(self.row.passcode, "n3wC0de")

    def test_meeting_that_has_nothing_to_do_with_bookings(self):
        before = self.count_wakings()
        values = {"topic": "Private", "start_time": "2027-03-01T12:00:00Z"}
        answer = self.account._get_client().create_meeting(
            self.host.zoom_id, {"type": 2, **values}
        )
        private = self.zoom.meetings[int(answer.zoom_id)]
        for body in (self.edited(private, password="x1"), self.deleted(private)):
            self.assertEqual(self.deliver(body), 204)
        self.assertEqual(self.count_wakings(), before)
        self.assertFalse(self.env["booking.zoom.webhook.event"].search([], limit=1))

    def test_other_account_cannot_speak_of_this_one_s_meetings(self):
        # Given another company, whose Zoom account has a secret of its own
        self.create_other_account(webhook_secret="other-s3cret")
        self.zoom.requests.clear()
        # When it speaks of a meeting here, in its own name or in the name of this one
        event = self.edited(self.meeting, password="n3wC0de")
        for account_id in ("account-1", "account-2"):
            event["payload"]["account_id"] = account_id
            self.assertEqual(self.deliver(event, secret="other-s3cret"), 204)
        self.sync_meetings()
        # Then nothing follows
        self.assertFalse(self.zoom.requests)

    def test_one_app_and_secret_for_two_companies(self):
        self.create_other_account(webhook_secret=SECRET)
        self.deliver(self.edited(self.meeting, password="n3wC0de"))
        self.sync_meetings()
        self.assertEqual(self.row.passcode, "n3wC0de")

    def test_other_events_are_accepted_and_nothing_follows(self):
        before = self.count_wakings()
        for name in ("meeting.created", "meeting.started", "meeting.ended"):
            body = webhooks.meeting_event(name, self.meeting, self.now())
            self.assertEqual(self.deliver(body), 204)
        self.assertEqual(
            self.deliver(webhooks.event("x", "account-1", {}, self.now())), 204
        )
        self.assertEqual(self.count_wakings(), before)

    def test_check_before_the_reminder_is_still_made(self):
        self.deliver(self.edited(self.meeting, password="n3wC0de"))
        self.sync_meetings()
        self.zoom.requests.clear()
        self.zoom.edit_in_portal(self.meeting, password="later")
        self.move_to(SHORTLY_BEFORE_REMINDER)
        self.sync_meetings()
        self.assertEqual(self.row.passcode, "later")

    def test_many_events_are_worked_off_with_few_queries(self):
        rows = self.book_many(20, start=MONDAY + timedelta(days=7))
        self.sync_meetings()
        events = self.env["booking.zoom.webhook.event"]

        def note(rows):
            for row in rows:
                meeting = self.zoom.meetings[int(row.zoom_id)]
                self.note(self.edited(meeting, password="n3wC0de"))
            self.env.flush_all()
            self.env.invalidate_all()

        def count():
            before = self.cr.sql_log_count
            events._apply()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        note(rows[:1])
        count()
        note(rows[1:3])
        few = count()
        note(rows[3:])
        self.assertEqual(count(), few)

    def test_more_events_than_one_batch_are_gone_on_with_at_once(self):
        # Given two events a batch, of which the first has to wait
        other, other_meeting = self.issue(self.book(MONDAY + timedelta(hours=2)))
        for meeting in (self.meeting, other_meeting, other_meeting):
            self.note(self.edited(meeting, password="n3wC0de"))
        self.forget_wake_ups()
        with (
            patch.object(booking_zoom_webhook_event, "BATCH", 2),
            self.locked(self.row),
        ):
            self.env["booking.zoom.webhook.event"]._apply()
        # Then the next batch is not left to the next look
        self.assertEqual(self.env["booking.zoom.webhook.event"].search_count([]), 2)
        now = self.now().replace(tzinfo=None)
        self.assertIn(now, self.wake_ups("ir_cron_sync_meetings"))

    def test_serialization_failure_is_repeated_and_hidden_from_zoom(self):
        # Given a scheduled action that is being rescheduled at this very moment
        tries = []

        def fail_twice(records):
            tries.append(1)
            if len(tries) < 3:
                raise utils.PG_CONCURRENCY_EXCEPTIONS_TO_RETRY[1]
            return trigger(records)

        crons = type(self.env["ir.cron"])
        trigger = crons._trigger
        with patch.object(crons, "_trigger", fail_twice):
            status = self.deliver(self.edited(self.meeting, password="n3wC0de"))
        # Then Zoom has a good answer, and the event is noted once
        self.assertEqual(status, 204)
        self.assertEqual(self.env["booking.zoom.webhook.event"].search_count([]), 1)

    def locked(self, row):
        """Another transaction has locked the row."""
        meetings = type(self.env["booking.zoom.meeting"])
        try_lock = meetings.try_lock_for_update
        return patch.object(
            meetings,
            "try_lock_for_update",
            lambda rows, **how: try_lock(rows - row, **how),
        )

    def test_meeting_that_is_being_saved_is_looked_at_afterwards(self):
        # Given a meeting whose row another transaction has locked
        self.deliver(self.edited(self.meeting, password="n3wC0de"))
        with self.locked(self.row):
            self.sync_meetings()
        self.assertFalse(self.reads())
        # When that one is done
        soon = self.now().replace(tzinfo=None) + timedelta(seconds=5)
        self.assertIn(soon, self.wake_ups("ir_cron_sync_meetings"))
        self.move_to(soon)
        self.sync_meetings()
        # Then nothing is lost
        self.assertEqual(self.row.passcode, "n3wC0de")

    def test_trouble_with_events_does_not_stop_the_scheduled_action(self):
        self.deliver(self.edited(self.meeting, password="n3wC0de"))
        later = self.book(MONDAY + timedelta(hours=2))
        events = type(self.env["booking.zoom.webhook.event"])
        with (
            patch.object(events, "_is_echo", side_effect=ValueError("broken")),
            self.assertLogs("odoo.addons.resource_booking_zoom", "ERROR"),
        ):
            self.sync_meetings()
        self.assertEqual(later.zoom_meeting_id.state, "ready")


class TestWebhookAccount(WebhookCase):
    """What happens to Zoom users and to the link itself is noticed at once."""

    def user_event(self, name):
        user = self.zoom.state.users[self.other_host.zoom_id]
        return webhooks.user_event(name, user, self.now())

    def deauthorized(self, **changes):
        body = webhooks.app_deauthorized(
            self.zoom_app,
            self.zoom_account,
            self.zoom.state.users_of(self.zoom_account)[0],
            self.now(),
        )
        body["payload"].update(changes)
        return body

    def test_users_are_fetched_when_one_of_them_changes(self):
        for name in (
            "user.deactivated",
            "user.activated",
            "user.deleted",
            "user.disassociated",
        ):
            before = self.count_wakings("ir_cron_sync_users")
            self.assertEqual(self.deliver(self.user_event(name)), 204)
            after = self.count_wakings("ir_cron_sync_users")
            self.assertEqual(after, before + 1, name)

    def test_deactivated_user_is_archived(self):
        user = self.zoom.state.users[self.other_host.zoom_id]
        user.status = "inactive"
        self.deliver(self.user_event("user.deactivated"))
        self.run_cron("ir_cron_sync_users")
        self.assertFalse(self.other_host.active)

    def test_deauthorized_app_breaks_the_link_and_forgets_the_tokens(self):
        self.assertEqual(self.deliver(self.deauthorized()), 204)
        self.assertFalse(self.zoom.requests_of("POST", "/v2"))
        self.sync_meetings()
        self.assertRecordValues(
            self.account,
            [{"state": "lost", "access_token": False, "refresh_token": False}],
        )
        self.assertIn("connect the account again", self.account.state_message)

    def test_deauthorization_of_another_app_or_account_is_none_of_ours(self):
        for changes in ({"client_id": "another"}, {"account_id": "another"}):
            self.assertEqual(self.deliver(self.deauthorized(**changes)), 204)
        self.sync_meetings()
        self.assertEqual(self.account.state, "connected")

    def test_deauthorization_before_the_present_link_is_old_news(self):
        # Given an event that Zoom repeats after the account was linked again
        event = self.deauthorized()
        self.move_to(NOW + timedelta(minutes=4))
        self.account.action_connect()
        # When it arrives
        self.assertEqual(self.deliver(event), 204)
        self.sync_meetings()
        # Then the new link goes on working
        self.assertEqual(self.account.state, "connected")

    def test_deauthorization_whose_time_has_no_zone(self):
        event = self.deauthorized(deauthorization_time="2027-02-26 09:00:05")
        self.deliver(event)
        self.sync_meetings()
        self.assertEqual(self.account.state, "lost")
        # and it is old news for the next link
        self.move_to(NOW + timedelta(minutes=4))
        self.account.action_connect()
        self.deliver(event)
        self.sync_meetings()
        self.assertEqual(self.account.state, "connected")

    def test_deauthorization_twice(self):
        event = self.deauthorized()
        self.deliver(event)
        self.deliver(event)
        self.sync_meetings()
        self.assertEqual(self.account.state, "lost")
        self.assertEqual(self.deliver(event), 204)
        self.sync_meetings()

    def test_meetings_wait_for_the_new_link(self):
        booking = self.book()
        self.deliver(self.deauthorized())
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "not_linked")
        self.move_to(NOW + timedelta(minutes=10))
        self.account.action_connect()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
