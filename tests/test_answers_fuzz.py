# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
import logging
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine import job as zoom_job
from ..exceptions import ZoomBadAnswer, ZoomError
from ..tools import zoom_http, zoom_oauth
from ..tools.zoom_answers import (
    Meeting,
    TokenGrant,
    User,
    load_object,
    parse_grant,
    parse_listed_meeting,
    parse_meeting,
    parse_user,
)
from ..tools.zoom_errors import rest_error
from ..tools.zoom_webhook import MEETING_EVENTS, Event, MalformedEvent, parse_event
from .common import MONDAY, NOW, ZoomCase
from .fuzz_common import examples

SECRET = "q7Kd2xS3cret"
URL = f"https://us04web.zoom.us/j/81234567890?pwd={SECRET}"
PURE_EXAMPLES = 150
RUNS = 8


# --- JSON of Zoom's shape and beyond ------------------------------------------

TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=20),
    st.sampled_from(
        (
            "",
            SECRET,
            f"{SECRET}\x00",
            f"{SECRET}\ud800",
            f"{SECRET}\r\nBcc: x@y",
            f"javascript:{SECRET}",
            f"https://evil.example/j/1?pwd={SECRET}",
            "../../etc/passwd",
            URL,
            "x" * 3000,
        )
    ),
)
NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from((0, -1, 30, 1441, 10**12, 10**30, 81234567890, 2**63)),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=6,
)
IDS = st.sampled_from((81234567890, "81234567890", "u1")) | JSON
ZONES = st.sampled_from(("UTC", "Asia/Tokyo", "America", "../x", "\x00")) | JSON
MOMENTS = st.datetimes().map(str) | st.sampled_from(("0001-01-01T00:00:00Z",)) | JSON


def objects(required, **optional):
    return st.fixed_dictionaries(required, optional=optional)


MEETINGS = objects(
    {"id": IDS},
    join_url=st.just(URL) | JSON,
    password=st.just(SECRET) | JSON,
    topic=TEXTS | JSON,
    start_time=MOMENTS,
    timezone=ZONES,
    duration=st.integers(-5, 2000) | JSON,
    agenda=TEXTS | JSON,
    settings=JSON
    | objects(
        {},
        global_dial_in_numbers=JSON
        | st.lists(
            objects(
                {"country": st.sampled_from(("JP", "jp", "US\n")) | JSON},
                number=st.sampled_from(("+81 3 0000 1488", "0800", "+")) | TEXTS | JSON,
                city=TEXTS | JSON,
                type=st.sampled_from(("toll", "tollfree")) | JSON,
            )
            | JSON,
            max_size=3,
        ),
    ),
    pstn_password=st.sampled_from(("123456", "12 34")) | JSON,
)
USERS = objects(
    {"id": IDS},
    email=TEXTS | JSON,
    first_name=JSON,
    display_name=TEXTS | JSON,
    type=st.integers(0, 99) | JSON,
    status=st.sampled_from(("active", "inactive", "<b>")) | JSON,
    account_id=JSON,
)
TOKENS = objects(
    {"access_token": st.just(SECRET) | JSON},
    refresh_token=st.just(SECRET) | JSON,
    expires_in=NUMBERS | JSON,
    scope=TEXTS | JSON,
    api_url=TEXTS | JSON,
)
# What Zoom says is told; of it, links and tokens are not.
SAYINGS = st.text(max_size=20) | st.sampled_from(
    (URL, f"Look at {URL}.", f"pwd={SECRET}", f"No\r\nwww.zoom.us/j/{SECRET}")
)
SAYINGS |= JSON.filter(lambda value: not isinstance(value, str))
ERRORS = objects(
    {},
    code=st.sampled_from((124, 200, 300, 429, 1001, 3001, 3161, 4711, "300")) | JSON,
    message=SAYINGS,
    error=st.sampled_from(("invalid_grant", "invalid_client")) | JSON,
    reason=SAYINGS,
    errors=st.lists(objects({}, field=SAYINGS, message=SAYINGS), max_size=2) | JSON,
)
LISTS = objects(
    {},
    meetings=st.lists(MEETINGS | JSON, max_size=3) | JSON,
    users=st.lists(USERS | JSON, max_size=3) | JSON,
    next_page_token=st.just("") | JSON,
)
EVENTS = objects(
    {"event": st.sampled_from((*MEETING_EVENTS, "app_deauthorized")) | JSON},
    payload=objects(
        {},
        object=MEETINGS | JSON,
        account_id=JSON,
        deauthorization_time=MOMENTS,
    )
    | JSON,
)
ANYTHING = st.one_of(MEETINGS, USERS, TOKENS, ERRORS, LISTS, JSON)
BODIES = st.one_of(
    ANYTHING.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=50),
    st.integers(1, 3000).map(lambda depth: b'{"id":' * depth),
    st.builds(
        lambda raw, at: raw[:at], ANYTHING.map(json.dumps), st.integers(0, 90)
    ).map(str.encode),
    st.sampled_from((b"", b"<html><title>x</title>", b'{"id": 1, "id": 2}')),
)


def encode(value):
    return json.dumps(value).encode()


@tagged("post_install", "-at_install")
class TestAnswersFuzz(BaseCase):
    """Whatever Zoom answers: typed values, or an error that tells none of them."""

    def assert_silent(self, error):
        self.assertNotIn(SECRET, f"{error!r} {error}")

    def fuzz(self, strategy, parse, check):
        """Every answer is read as the type that it is, or refused by a field's name."""

        @examples(PURE_EXAMPLES)
        @given(strategy)
        def run(value):
            data = load_object(encode(value))
            if data is None:
                return
            try:
                check(parse(data))
            except ZoomBadAnswer as error:
                self.assertTrue(error.field)
                self.assert_silent(error)

        run()

    def assert_text(self, *texts):
        for text in texts:
            self.assertIsInstance(text, str)
            # PostgreSQL takes it, and so does a header.
            text.encode()
            self.assertFalse(set(text) & set("\0\r\n"))

    def test_meetings(self):
        def check(meeting):
            self.assertIsInstance(meeting, Meeting)
            self.assert_text(meeting.zoom_id, meeting.join_url, meeting.passcode)
            self.assertTrue(meeting.zoom_id.isdigit())
            self.assertRegex(meeting.join_url, r"^https://([a-z0-9-]+\.)*zoom\.us[:/?]")
            self.assert_text(meeting.topic or "")
            self.assertIn(type(meeting.start), (datetime, type(None)))
            self.assertIn(meeting.duration, (None, *range(1, 1441)))
            for number in meeting.dial_in:
                self.assert_text(number.city)
                self.assertRegex(number.country, r"\A[A-Z]{2}\Z")
                self.assertRegex(number.number, r"\A[+0-9][0-9 ().-]+\Z")
            self.assertRegex(meeting.phone_passcode, r"\A[0-9]*\Z")
            self.assert_silent(replace(meeting, topic=None))

        self.fuzz(MEETINGS | JSON, parse_meeting, check)

    def test_listed_meetings(self):
        @examples(PURE_EXAMPLES)
        @given(MEETINGS | JSON)
        def run(value):
            listed = parse_listed_meeting(value)
            self.assertRegex(listed.zoom_id or "1", "^[0-9]+$")
            self.assertIsInstance(listed.agenda or "", str)

        run()

    def test_users(self):
        def check(user):
            self.assertIsInstance(user, User)
            self.assert_text(*vars(user).values())
            self.assertIn(user.license, ("basic", "licensed", "other"))
            self.assertIn(user.status, ("active", "inactive", "pending"))

        self.fuzz(USERS | JSON, parse_user, check)

    def test_tokens(self):
        def check(grant):
            self.assertIsInstance(grant, TokenGrant)
            self.assert_text(grant.access_token, grant.refresh_token or "")
            self.assertIn(grant.expires_in, range(60, 86_401))
            self.assert_text(*grant.scopes)
            zoom_oauth.trusted_api_url(grant.api_url)
            text = repr(grant).replace(repr(grant.api_url), "")
            self.assertNotIn(SECRET, text.replace(repr(grant.scopes), ""))

        self.fuzz(TOKENS | JSON, parse_grant, check)

    def test_errors(self):
        @examples(PURE_EXAMPLES)
        @given(BODIES, st.sampled_from((200, 300, 400, 401, 403, 404, 429, 500)))
        def run(raw, status):
            response = SimpleNamespace(status_code=status, headers={}, reason="No\x00")
            answer = zoom_http._read(response, raw, False, (SECRET,))
            self.assert_text(answer.message)
            for error in (
                rest_error(answer),
                zoom_oauth._refusal(answer, zoom_oauth._refresh_refused),
            ):
                self.assertIsInstance(error, ZoomError)
                self.assert_text(error.reason[:500], str(error))
                self.assert_silent(error)

        run()

    def test_events(self):
        @examples(PURE_EXAMPLES)
        @given(EVENTS.map(encode) | BODIES)
        def run(raw):
            try:
                event = parse_event(raw)
            except MalformedEvent as error:
                self.assert_silent(error)
                return
            self.assertIsInstance(event, Event)
            facts = json.loads(json.dumps(event.facts or {}, default=str))
            self.assert_text(event.zoom_id, *map(str, facts.values()))

        run()


class TestAnswersFuzzSync(ZoomCase):
    """The same over HTTP: nothing secret is logged, nothing loops, no row is silent."""

    @contextmanager
    def logged(self):
        """What is logged meanwhile, as one text."""
        lines = []
        handler = logging.Handler(logging.DEBUG)
        handler.emit = lambda record: lines.append(logging.Formatter().format(record))
        loggers = [logging.getLogger(name) for name in ("", "odoo")]
        for logger in loggers:
            logger.addHandler(handler)
        try:
            yield lines
        finally:
            for logger in loggers:
                logger.removeHandler(handler)

    def check_run(self, rows, bodies, statuses):
        """Let Zoom answer with these, whatever it is asked; then let it be well."""
        self.clear_zoom()
        where = (
            ("POST", "/meetings$"),
            ("GET", r"/meetings/\d"),
            ("GET", "/meetings$"),
            ("PATCH", "/meetings/"),
            ("POST", "/oauth/token"),
            ("GET", "/v2/users$"),
        )
        for (method, path), body, status in zip(where, bodies, statuses, strict=True):
            self.zoom.fail(
                method=method,
                path=path,
                kind="body",
                body=body,
                status=status,
                executes=True,
                times=None,
            )
        with self.logged() as lines:
            for minutes in (0, 1, 5, 40):
                self.move_to(NOW + timedelta(minutes=minutes))
                self.sync_meetings()
            self.run_cron("ir_cron_sync_users")
        text = "\n".join(lines)
        for forbidden in (SECRET, "bad query", "Traceback"):
            self.assertNotIn(forbidden, text)
        for row in rows:
            self.assertTrue(row.state == "ready" or row.problem_message, row.state)
            self.assertNotIn(SECRET, row.problem_message or "")
            self.assertLessEqual(row.claimed_at or NOW, NOW)
        # Nothing loops: four runs, two rows, and what they may ask each.
        creations = self.requests("POST", "/meetings")
        refused = [request for request in creations if request.status == 429]
        self.assertLessEqual(len(creations) - len(refused), 8)
        self.assertLessEqual(len(refused), 8 * zoom_job.SECOND_LIMIT_TRIES)
        self.assertLess(len(self.zoom.requests), 120)

    def test_whatever_zoom_answers(self):
        self.enterContext(patch.object(zoom_job, "SECOND_LIMIT_WAIT", (0, 0)))
        statuses = st.sampled_from((200, 201, 204, 400, 404, 429, 500))
        bodies = st.one_of(MEETINGS, USERS, LISTS, ERRORS, TOKENS).map(encode) | BODIES

        # A smaller example would take a minute to find.
        @settings(examples(RUNS), phases=[Phase.generate])
        @given(
            st.tuples(*[bodies] * 6),
            st.tuples(*[statuses] * 6),
        )
        def run(bodies, statuses):
            # What the example before has left.
            self.zoom.faults.clear()
            rows = self.env["booking.zoom.meeting"].search([])
            rows.write({"state": "removed", "problem": False})
            (self.host | self.other_host).write({"active": True, "status": "active"})
            self.move_to(NOW)
            self.account.token_expires_at = NOW + timedelta(hours=1)
            self.env.flush_all()
            rows = self.book_many(2, start=MONDAY + timedelta(days=7), minutes=30)
            self.check_run(rows, bodies, statuses)

        run()
