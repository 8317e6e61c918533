# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import pickle
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..exceptions import (
    ZoomAccessDenied,
    ZoomAccountDayLimit,
    ZoomBadAnswer,
    ZoomConnectionLost,
    ZoomDayLimit,
    ZoomError,
    ZoomHostDayLimit,
    ZoomHostMayNotHost,
    ZoomHostUnknown,
    ZoomMeetingGone,
    ZoomOutcomeUnknown,
    ZoomRejected,
    ZoomScopeMissing,
    ZoomSecondLimit,
    ZoomTokenInvalid,
    ZoomUnavailable,
)
from ..tools import zoom_client, zoom_http
from ..tools.zoom_answers import UnreadUser, User
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_errors import retry_after
from ..tools.zoom_oauth import ZoomOAuth
from ..tools.zoom_payload import (
    find_by_key,
    meeting_create_payload,
    meeting_update_payload,
    new_correlation_key,
)
from .zoom_simulator import ZoomSimulator, limits

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
START = datetime(2026, 7, 1, 0, 30)
HOST_DAY = limits.HOST_MESSAGE.format(limit=100)
HOST_DAY_OLDER = limits.OLDER_HOST_MESSAGE.format(limit=100)
ACCOUNT_DAY = limits.DAY_MESSAGE
PER_SECOND = limits.SECOND_MESSAGE


class ZoomClientCase(BaseCase):
    """A client linked to a simulated Zoom with one licensed user."""

    def setUp(self):
        super().setUp()
        self.zoom = self._start_simulator()
        self.zoom.clock.set(NOW)
        account = self.zoom.add_account(account_id="acc1", plan="business")
        self.zoom.add_app(
            account, client_id="id1", client_secret="hush", kind="account_credentials"
        )
        self.host = self.zoom.add_user(account, email="jill+x@example.com", type=2)
        self.account = account
        oauth = ZoomOAuth(self.zoom.url, "id1", "hush")
        self.token = oauth.account_credentials("acc1").access_token
        self.client = self._client()
        self.asked_before = len(self.zoom.requests)

    def _start_simulator(self):
        simulator = ZoomSimulator(port=0)
        simulator.start()
        self.addCleanup(simulator.stop)
        return simulator

    def _client(self, **kwargs):
        return ZoomClient(f"{self.zoom.url}/v2", self.token, **kwargs)

    def _asked(self):
        """What the client asked since it has its token."""
        return self.zoom.requests[self.asked_before :]

    def _create(self, key="rbz-1"):
        payload = meeting_create_payload("Consultation", START, 30, key)
        return self.client.create_meeting(self.host.id, payload)

    def _calls(self, client):
        """Every method of the client, by the HTTP method that it uses."""
        payload = meeting_create_payload("Consultation", START, 30, "rbz-1")
        return (
            ("GET", lambda: client.get_user(self.host.id)),
            ("GET", client.list_users),
            ("GET", lambda: client.get_meeting("81234567890")),
            ("GET", lambda: client.get_start_link("81234567890")),
            ("GET", lambda: client.list_meetings(self.host.id)),
            ("POST", lambda: client.create_meeting(self.host.id, payload)),
            ("PATCH", lambda: client.update_meeting("81234567890", payload)),
            ("DELETE", lambda: client.delete_meeting("81234567890")),
        )

    def _assert_settles_nothing(self, client=None, **fault):
        """No call knows after that fault what Zoom did; what only reads is harmless."""
        for method, call in self._calls(client or self.client):
            self.zoom.fail(**fault)
            expected = ZoomUnavailable if method == "GET" else ZoomOutcomeUnknown
            with self.subTest(f"{method} {fault}"), self.assertRaises(expected):
                call()


@tagged("post_install", "-at_install")
class TestZoomCalls(ZoomClientCase):
    def test_create_returns_what_zoom_made(self):
        meeting = self._create()

        self.assertGreater(int(meeting.zoom_id), 2**32)
        self.assertEqual(meeting.topic, "Consultation")
        self.assertEqual(meeting.start, START)
        self.assertTrue(meeting.is_own_link)
        self.assertTrue(meeting.passcode)

    def test_start_url_is_dropped_at_once(self):
        meeting = self._create()

        for answer in (meeting, self.client.get_meeting(meeting.zoom_id)):
            self.assertNotIn("zak=", str(asdict(answer)))

    def test_start_link_is_a_new_one_each_time(self):
        meeting = self._create()

        link, other = (
            self.client.get_start_link(meeting.zoom_id) for _number in range(2)
        )

        self.assertEqual(link.host_id, self.host.id)
        self.assertIn(f"/s/{meeting.zoom_id}?zak=", link.url)
        self.assertNotEqual(link.url, other.url)

    def test_update(self):
        meeting = self._create()
        payload = meeting_update_payload("Consultation", START.replace(hour=5), 45)

        self.assertIsNone(self.client.update_meeting(meeting.zoom_id, payload))

        changed = self.client.get_meeting(meeting.zoom_id)
        self.assertEqual(changed.start, START.replace(hour=5))
        self.assertEqual(changed.duration, 45)

    def test_delete_without_a_mail_from_zoom(self):
        meeting = self._create()

        self.assertIsNone(self.client.delete_meeting(meeting.zoom_id))

        self.assertEqual(self._asked()[-1].query["schedule_for_reminder"], "false")
        with self.assertRaises(ZoomMeetingGone):
            self.client.get_meeting(meeting.zoom_id)

    def test_meeting_that_is_gone(self):
        meeting_id = self._create().zoom_id
        self.client.delete_meeting(meeting_id)
        payload = meeting_update_payload("Consultation", START, 30)

        for call in (
            lambda: self.client.get_meeting(meeting_id),
            lambda: self.client.update_meeting(meeting_id, payload),
            lambda: self.client.delete_meeting(meeting_id),
        ):
            with self.assertRaises(ZoomMeetingGone) as caught:
                call()
            self.assertEqual(caught.exception.code, 3001)
            self.assertEqual(caught.exception.http_status, 404)

    def test_address_of_a_user_is_quoted(self):
        user = self.client.get_user("jill+x@example.com")

        self.assertEqual(user.zoom_id, self.host.id)

    def test_id_cannot_lead_elsewhere(self):
        for user_id in ("../meetings/1", "a/b?c=d#e"):
            with self.subTest(user_id), self.assertRaises(ZoomHostUnknown):
                self.client.get_user(user_id)
        for user_id in ("", None, ".", ".."):
            with self.subTest(user_id), self.assertRaises(ZoomRejected):
                self.client.get_user(user_id)
        self.assertEqual(len(self._asked()), 2)

    def test_meeting_is_found_by_its_mark(self):
        key = new_correlation_key()
        created = self._create(key)
        self._create(new_correlation_key())

        found = find_by_key(self.client.list_meetings(self.host.id), key)

        self.assertEqual([meeting.zoom_id for meeting in found], [created.zoom_id])

    def test_all_pages_of_meetings(self):
        created = {self._create().zoom_id for _number in range(5)}

        meetings = self.client.list_meetings(self.host.id, page_size=2)

        self.assertEqual({meeting.zoom_id for meeting in meetings}, created)
        pages = [log for log in self._asked() if log.method == "GET"]
        self.assertEqual(len(pages), 3)
        self.assertEqual({log.query["type"] for log in pages}, {"scheduled"})

    def test_all_pages_of_users(self):
        for number in range(4):
            self.zoom.add_user(self.account, email=f"{number}@example.com", type=1)

        users = self.client.list_users(page_size=2)

        self.assertEqual(len({user.zoom_id for user in users}), 5)

    def test_users_of_another_status(self):
        self.zoom.add_user(self.account, email="new@example.com", status="pending")

        users = self.client.list_users(status="pending")

        self.assertEqual([user.email for user in users], ["new@example.com"])

    def test_list_with_a_failing_page_is_no_list(self):
        for _number in range(3):
            self._create()
        self.zoom.fail(method="GET", status=500, skip=1)

        with self.assertRaises(ZoomUnavailable):
            self.client.list_meetings(self.host.id, page_size=2)

    def test_page_token_that_expired_while_reading(self):
        for _number in range(3):
            self._create()
        body = {"code": 300, "message": "The next page token is invalid or expired."}
        self.zoom.fail(method="GET", status=400, body=body, skip=1)

        with self.assertRaises(ZoomUnavailable) as caught:
            self.client.list_meetings(self.host.id, page_size=2)
        self.assertEqual(caught.exception.code, 300)

    def test_list_that_repeats_itself(self):
        body = {"next_page_token": "again", "users": [{"id": "x"}]}
        self.zoom.fail(method="GET", kind="body", status=200, body=body, times=None)

        with self.assertRaises(ZoomUnavailable):
            self.client.list_users()
        self.assertEqual(len(self._asked()), 2)

    def test_list_that_does_not_end(self):
        for _number in range(5):
            self._create()

        with (
            patch.object(zoom_client, "MAX_PAGES", 3),
            self.assertRaises(ZoomUnavailable),
        ):
            self.client.list_meetings(self.host.id, page_size=1)

    def test_list_without_meetings_is_no_empty_list(self):
        self.zoom.fail(method="GET", kind="body", status=200, body={})

        with self.assertRaises(ZoomBadAnswer) as caught:
            self.client.list_meetings(self.host.id)
        self.assertEqual(caught.exception.field, "meetings")

    def test_list_of_no_users_may_lack_them(self):
        self.zoom.fail(method="GET", kind="body", status=200, body={})

        self.assertEqual(self.client.list_users("inactive"), [])

    def test_list_of_users_that_is_none(self):
        for users in (None, {}, "x", 5):
            body = {"users": users}
            self.zoom.fail(method="GET", kind="body", body=body)

            with self.subTest(users), self.assertRaises(ZoomBadAnswer):
                self.client.list_users()

    def test_list_that_goes_on_and_on(self):
        # Given pages that each have a next one, which take half a minute altogether
        for number in range(9):
            body = {"next_page_token": f"{number}", "users": []}
            self.zoom.fail(method="GET", kind="body", body=body, delay=0.1)

        with (
            patch.object(zoom_client, "LIST_TIME", 0.35),
            self.assertRaises(ZoomUnavailable),
        ):
            self.client.list_users()
        self.assertLess(len(self._asked()), 6)

    def test_odd_user_is_skipped_and_named_in_the_log(self):
        bad = f"<b>{self.token}"
        body = {
            "users": [
                5,
                {"id": []},
                {"id": "odd1", "status": bad},
                {"id": "good", "email": "a@example.com"},
            ]
        }
        self.zoom.fail(method="GET", kind="body", body=body)

        with self.assertLogs("odoo.addons.resource_booking_zoom", "WARNING") as logs:
            users = self.client.list_users()

        self.assertEqual(users, [UnreadUser("odd1"), User("good", "a@example.com")])
        text = "\n".join(logs.output)
        self.assertIn("odd1", text)
        self.assertIn("number 1 ", text)
        self.assertNotIn(self.token, text)

    def test_odd_user_who_is_asked_for_is_taken_to_be_there(self):
        self.zoom.fail(
            path="/users/odd1", kind="body", body={"id": "odd1", "email": []}
        )

        with mute_logger("odoo.addons.resource_booking_zoom.tools.zoom_client"):
            users = self.client.list_all_users(["odd1"])

        self.assertIn(UnreadUser("odd1"), users)

    def test_several_threads_share_a_client(self):
        with ThreadPoolExecutor(4) as pool:
            keys = [new_correlation_key() for _number in range(12)]
            meetings = list(pool.map(self._create, keys))

        made = [self.zoom.meetings[int(meeting.zoom_id)] for meeting in meetings]
        self.assertEqual([meeting.agenda for meeting in made], keys)
        self.assertEqual(len({meeting.zoom_id for meeting in meetings}), 12)


@tagged("post_install", "-at_install")
class TestZoomTransport(ZoomClientCase):
    def test_every_call_says_what_it_wants_and_who_asks(self):
        for _method, call in self._calls(self.client):
            try:
                call()
            except ZoomMeetingGone:
                continue

        self.assertEqual(len(self._asked()), 8)
        self.assertEqual({log.accept for log in self._asked()}, {"application/json"})
        for log in self._asked():
            self.assertRegex(log.user_agent, r"^resource_booking_zoom/19\.0\.\d+\.\d+")
            self.assertEqual(log.authorization_kind, "bearer")

    def test_every_call_ends_though_zoom_does_not_answer(self):
        client = self._client(read_timeout=0.1)

        self._assert_settles_nothing(client, kind="delay", delay=0.6, times=None)

    def test_overdue_answer_is_not_asked_for_again(self):
        self.zoom.fail(kind="delay", delay=0.6, times=None)

        with self.assertRaises(ZoomOutcomeUnknown):
            self._client(read_timeout=0.1).create_meeting(self.host.id, {})

        self.assertEqual([log.method for log in self._asked()], ["POST"])

    def test_answer_that_never_comes(self):
        for kind in ("drop_before", "drop_after"):
            self._assert_settles_nothing(kind=kind)

        self.assertEqual(len(self._asked()), 16)

    @mute_logger("urllib3.connectionpool")
    def test_no_connection_means_not_executed(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        client = ZoomClient(f"http://127.0.0.1:{port}/v2", "t0ken")

        for method, call in self._calls(client):
            with self.subTest(method), self.assertRaises(ZoomUnavailable) as caught:
                call()
            self.assertIn(f"127.0.0.1:{port}", str(caught.exception))

    def test_unusable_address_means_not_executed(self):
        for url in ("ftp://127.0.0.1/v2", "127.0.0.1/v2", "http://[::1/v2", "http://"):
            client = ZoomClient(url, "t0ken")
            with self.subTest(url), self.assertRaises(ZoomUnavailable):
                client.create_meeting("x", {})

    def test_get_is_repeated_once_when_turned_away(self):
        for status in (502, 503, 504):
            with self.subTest(status):
                before = len(self._asked())
                self.zoom.fail(kind="html", status=status)

                user = self.client.get_user(self.host.id)

                self.assertEqual(user.zoom_id, self.host.id)
                self.assertEqual(len(self._asked()) - before, 2)

    def test_get_is_not_repeated_for_ever(self):
        self.zoom.fail(kind="html", status=503, times=None)

        with self.assertRaises(ZoomUnavailable) as caught:
            self.client.get_user(self.host.id)

        self.assertEqual(caught.exception.http_status, 503)
        self.assertEqual(len(self._asked()), 2)

    def test_change_is_never_repeated(self):
        for status in (500, 502, 503, 504):
            for method, call in self._calls(self.client):
                if method == "GET":
                    continue
                before = len(self._asked())
                self.zoom.fail(kind="html", status=status)
                with self.subTest(f"{method} {status}"):
                    with self.assertRaises(ZoomOutcomeUnknown) as caught:
                        call()
                    self.assertEqual(caught.exception.http_status, status)
                    self.assertEqual(len(self._asked()) - before, 1)

    def test_success_that_cannot_be_read(self):
        for kind in ("malformed", "html", "xml"):
            self._assert_settles_nothing(kind=kind, status=200)

    def test_created_meeting_without_a_number(self):
        self.zoom.fail(kind="body", status=201, body={"topic": "x"})

        with self.assertRaises(ZoomBadAnswer):
            self._create()

    def test_unusable_answer_settles_nothing(self):
        self.assertTrue(issubclass(ZoomBadAnswer, ZoomOutcomeUnknown))

    def test_answer_about_another_meeting(self):
        meeting, other = self._create(), self._create()
        body = {"id": other.zoom_id, "join_url": other.join_url}
        self.zoom.fail(method="GET", kind="body", body=body)

        with self.assertRaises(ZoomBadAnswer):
            self.client.get_meeting(meeting.zoom_id)

    def test_success_other_than_the_documented_one(self):
        self.zoom.fail(kind="body", status=200, body={"id": 1})

        with self.assertRaises(ZoomOutcomeUnknown):
            self._create()

    def test_redirect_is_not_followed(self):
        elsewhere = self._start_simulator()
        headers = {"Location": f"{elsewhere.url}/v2/users/me"}
        for status in (301, 302, 307, 308):
            self._assert_settles_nothing(status=status, headers=headers)

        self.assertEqual(len(elsewhere.requests), 0)

    def test_redirect_to_nowhere(self):
        for location in ("http://", "ftp://x", "http://[::1"):
            headers = {"Location": location}
            self.zoom.fail(status=307, headers=headers)

            with self.subTest(location), self.assertRaises(ZoomOutcomeUnknown):
                self._create()

    def test_connection_is_used_again(self):
        with self.assertLogs("urllib3.connectionpool", logging.DEBUG) as logs:
            for _number in range(3):
                self.client.get_user(self.host.id)

        new = [line for line in logs.output if "Starting new HTTP connection" in line]
        self.assertLessEqual(len(new), 1)

    def test_cookies_are_not_kept(self):
        headers = {"Set-Cookie": "cred=account1; Path=/"}
        self.zoom.fail(kind="delay", headers=headers)

        self.client.get_user(self.host.id)

        session = zoom_http._session(zoom_http.READ_TIMEOUT)
        self.assertEqual(len(session.cookies), 0)

    def test_threads_have_sessions_of_their_own(self):
        sessions = []

        def note():
            sessions.append(zoom_http._session(zoom_http.READ_TIMEOUT))

        for thread in [threading.Thread(target=note) for _number in range(2)]:
            thread.start()
            thread.join()
        note()
        note()

        self.assertEqual(len({id(session) for session in sessions}), 3)


@tagged("post_install", "-at_install")
class TestZoomRefusals(ZoomClientCase):
    def _refuse(self, status, code, message, headers=None, **body):
        """Make Zoom refuse a creation, and return what the client raises."""
        body = {"code": code, "message": message, **body}
        self.zoom.fail(status=status, body=body, headers=headers)
        with self.assertRaises(ZoomError) as caught:
            self._create()
        return caught.exception

    def test_cause_by_status_and_code(self):
        cases = (
            (401, 124, "Invalid access token.", ZoomTokenInvalid),
            (400, 124, "Access token is expired.", ZoomTokenInvalid),
            (401, 4741, "The token has been revoked.", ZoomConnectionLost),
            (400, 4717, "The app has been disabled", ZoomConnectionLost),
            (400, 4711, "Refused.", ZoomScopeMissing),
            (403, None, "Not permitted access to the resource", ZoomAccessDenied),
            (403, 3001, "Not permitted access to the resource", ZoomAccessDenied),
            (403, 403, "Not permitted access to the resource", ZoomAccessDenied),
            (404, 1001, "User does not exist: x.", ZoomHostUnknown),
            (400, 1010, "User does not belong to this account", ZoomHostUnknown),
            (404, 1120, "Invite does not exist", ZoomHostUnknown),
            (400, 3161, "Not allowed hosting.", ZoomHostMayNotHost),
            (400, 200, "No permission.", ZoomHostMayNotHost),
            (400, 3000, "You cannot schedule a meeting for x", ZoomHostMayNotHost),
            (404, 3001, "Meeting does not exist: 1.", ZoomMeetingGone),
            (400, 3001, "Meeting 1 is not found.", ZoomMeetingGone),
            (400, 300, "Invalid meeting id.", ZoomRejected),
            (400, 2300, "This API endpoint is not recognized.", ZoomRejected),
            (404, None, "Not found", ZoomRejected),
            (408, None, "Request Timeout", ZoomOutcomeUnknown),
        )
        for status, code, message, expected in cases:
            with self.subTest(f"{status} {code}"):
                error = self._refuse(status, code, message)

                self.assertIs(type(error), expected)
                self.assertEqual(error.http_status, status)
                self.assertEqual(error.code, code)
                self.assertEqual(error.message, message)

    def test_scopes_are_named(self):
        users, meeting = "user:read:list_users:admin", "meeting:write:meeting"
        cases = (
            (4711, f"scopes:[{users}].", (users,)),
            (
                104,
                f'scopes:["{meeting}","{meeting}:admin"].',
                (meeting, f"{meeting}:admin"),
            ),
            (4711, "scopes:[a:b, c:d_e].", ("a:b", "c:d_e")),
            (4700, "role:read:admin scope.", ("role:read:admin",)),
            (4700, "scopes.", ()),
        )
        for code, named, expected in cases:
            with self.subTest(named):
                message = f"Invalid access token, does not contain {named}"
                error = self._refuse(400, code, message)

                self.assertIs(type(error), ZoomScopeMissing)
                self.assertEqual(error.scopes, expected)

    def test_fields_are_named(self):
        errors = [{"field": "start_time", "message": "Invalid field."}]

        error = self._refuse(400, 300, "Validation Failed.", errors=errors)

        self.assertIs(type(error), ZoomRejected)
        self.assertEqual(error.field_errors, (("start_time", "Invalid field."),))
        self.assertEqual(
            str(error).split(" [")[0],
            "Validation Failed. (start_time: Invalid field.)",
        )

    def test_tracking_id_is_kept(self):
        headers = {"x-zm-trackingid": "v=2.0;clid=us04;rid=WEB_1"}

        error = self._refuse(404, 3001, "Meeting does not exist: 1.", headers)

        self.assertEqual(error.tracking_id, "v=2.0;clid=us04;rid=WEB_1")
        self.assertEqual(
            str(error),
            "Meeting does not exist: 1."
            " [HTTP 404, code 3001, tracking id v=2.0;clid=us04;rid=WEB_1]",
        )

    def test_limit_by_words_and_header(self):
        day = {"X-RateLimit-Type": "Daily-limit"}
        second = {"X-RateLimit-Type": "QPS"}
        bare = {"X-RateLimit-Limit": "6000", "X-RateLimit-Remaining": "5893"}
        cases = (
            (HOST_DAY, bare, ZoomHostDayLimit),
            (HOST_DAY, day, ZoomHostDayLimit),
            (HOST_DAY, second, ZoomHostDayLimit),
            ("Daily limit of this particular user.", day, ZoomHostDayLimit),
            (HOST_DAY_OLDER, {}, ZoomHostDayLimit),
            (ACCOUNT_DAY, {}, ZoomDayLimit),
            ("Slow down.", day, ZoomDayLimit),
            (PER_SECOND, second, ZoomSecondLimit),
            (PER_SECOND, {}, ZoomSecondLimit),
            ("Too many concurrent requests.", {}, ZoomSecondLimit),
        )
        for message, headers, expected in cases:
            with self.subTest(f"{message} {headers}"):
                error = self._refuse(429, 429, message, headers)

                self.assertIs(type(error), expected)
                self.assertEqual(error.message, message)
                self.assertIsNone(error.retry_at)

    def test_older_words_mean_the_host_whatever_status_and_code(self):
        for status, code in ((429, 429), (400, 300), (300, 300)):
            with self.subTest(status):
                error = self._refuse(status, code, HOST_DAY_OLDER)
                self.assertIs(type(error), ZoomHostDayLimit)

    def test_number_that_the_headers_name_is_kept(self):
        for named, expected in (("100", 100), ("6000", 6000), ("x", None), ("", None)):
            with self.subTest(named):
                error = self._refuse(
                    429, 429, ACCOUNT_DAY, {"X-RateLimit-Limit": named}
                )
                self.assertEqual(error.named_limit, expected)

    def test_daily_limit_of_a_request_that_does_not_count_is_none_of_the_host(self):
        body = {"code": 429, "message": ACCOUNT_DAY}
        for call in (self.client.get_user, self.client.list_users):
            self.zoom.fail(status=429, body=body)
            with self.assertRaises(ZoomAccountDayLimit):
                call()

    def test_limit_until_a_date(self):
        headers = {"Retry-After": "2026-07-01T00:00:00Z"}

        error = self._refuse(429, 429, ACCOUNT_DAY, headers)

        self.assertEqual(error.retry_at, datetime(2026, 7, 1, tzinfo=UTC))

    def test_limit_without_json(self):
        self.zoom.fail(kind="html", status=429)

        with self.assertRaises(ZoomSecondLimit):
            self._create()

    def test_host_whose_day_is_used_up(self):
        self.zoom.set_count(self.host, 100)

        with self.assertRaises(ZoomHostDayLimit) as caught:
            self._create()
        self.assertIsNone(caught.exception.retry_at)

    def test_refusal_in_xml(self):
        body = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><result>'
            "<code>3001</code><message>Meeting does not exist: 1 &amp; 2.</message>"
            "</result>"
        )
        self.zoom.fail(kind="xml", status=404, body=body)

        with self.assertRaises(ZoomMeetingGone) as caught:
            self.client.get_meeting("1")
        self.assertEqual(caught.exception.message, "Meeting does not exist: 1 & 2.")

    def test_missing_page_is_no_missing_meeting(self):
        self.zoom.fail(kind="html", status=404)

        with self.assertRaises(ZoomOutcomeUnknown):
            self.client.delete_meeting("1")

    def test_refusal_that_is_not_in_zooms_words_settles_nothing(self):
        for body in ([], "oops", 7):
            with self.subTest(body):
                self.zoom.fail(kind="body", status=400, body=body)

                with self.assertRaises(ZoomOutcomeUnknown):
                    self._create()

    def test_unknown_token(self):
        client = ZoomClient(f"{self.zoom.url}/v2", "unknown")

        with self.assertRaises(ZoomTokenInvalid) as caught:
            client.get_user(self.host.id)
        self.assertEqual(caught.exception.code, 124)

    def test_errors_can_be_pickled(self):
        error = self._refuse(400, 300, "No.", errors=[{"field": "a", "message": "b"}])

        copy = pickle.loads(pickle.dumps(error))

        self.assertEqual(str(copy), str(error))
        self.assertEqual(copy.field_errors, error.field_errors)


@tagged("post_install", "-at_install")
class TestZoomSecrets(ZoomClientCase):
    def test_repr_hides_the_token(self):
        self.assertNotIn(self.token, repr(self.client))

    def test_nothing_secret_is_logged(self):
        with (
            # Odoo's loggers have levels of their own: the root alone hears nothing.
            self.assertLogs("odoo.addons.resource_booking_zoom", logging.DEBUG) as logs,
            self.assertLogs("urllib3", logging.DEBUG) as urllib3_logs,
        ):
            meeting = self._create()
            for _method, call in self._calls(self.client):
                try:
                    call()
                except ZoomMeetingGone:
                    continue

        text = "\n".join(logs.output + urllib3_logs.output)
        self.assertIn("/v2/users", text)
        for secret in (self.token, meeting.passcode, "zak=", "pwd="):
            self.assertNotIn(secret, text)

    def test_token_that_zoom_repeats_does_not_show(self):
        body = {"code": 124, "message": f"Invalid access token {self.token}."}
        self.zoom.fail(status=401, body=body)

        with self.assertRaises(ZoomTokenInvalid) as caught:
            self._create()

        self.assertEqual(caught.exception.message, "Invalid access token ***.")

    def test_token_that_is_no_header_does_not_show(self):
        client = ZoomClient(f"{self.zoom.url}/v2", "t0ken\nX-Other: 1")

        with self.assertRaises(ZoomUnavailable) as caught:
            client.get_user(self.host.id)

        self.assertNotIn("t0ken", str(caught.exception))
        self.assertIsNone(caught.exception.__cause__)
        self.assertTrue(caught.exception.__suppress_context__)


@tagged("post_install", "-at_install")
class TestRetryAfter(BaseCase):
    def test_forms(self):
        midnight = datetime(2026, 7, 1, tzinfo=UTC)
        cases = (
            ("2026-07-01T00:00:00Z", midnight),
            ("2026-07-01T00:00:00", midnight),
            ("2026-07-01T09:00:00+09:00", midnight),
            ("Wed, 01 Jul 2026 00:00:00 GMT", midnight),
            ("43200", midnight),
            (" 43200 ", midnight),
            ("soon", None),
            ("-1", None),
            ("9" * 30, None),
            ("", None),
        )
        for value, expected in cases:
            with self.subTest(value):
                self.assertEqual(retry_after({"Retry-After": value}, NOW), expected)

    def test_no_header(self):
        self.assertIsNone(retry_after({}))
