# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import http.client
import json
import string
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st

from odoo.tools import mute_logger

from ..tools.zoom_webhook import (
    ATTENDANCE_EVENTS,
    MEETING_EVENTS,
    REPEAT_TOLERANCE,
    TOLERANCE,
    USER_EVENTS,
)
from .fuzz_common import examples
from .webhook_common import SECRET, WebhookCase
from .zoom_simulator import webhooks

OTHER_SECRET = "other-s3cret"
ZOOM_ID = 94890226305
ACCEPTED = (200, 204)

# 10,000 in all.
STRANGERS = 5000
NEARLY_SIGNED = 2500
SIGNED = 2200
OVER_HTTP = 300


# --- bodies ------------------------------------------------------------------

NAMES = st.sampled_from(
    (
        *MEETING_EVENTS,
        *USER_EVENTS,
        *ATTENDANCE_EVENTS,
        "app_deauthorized",
        "endpoint.url_validation",
        "meeting.sharing_started",
        "",
    )
)
CHARACTERS = st.text(st.characters(codec=None), max_size=20)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    CHARACTERS,
    st.sampled_from(
        (ZOOM_ID, str(ZOOM_ID), "account-1", "client-account-1", "\x00", "\ud800")
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
MEETINGS = st.fixed_dictionaries(
    {"id": st.just(ZOOM_ID) | SCALARS},
    optional={
        "topic": st.text(max_size=300) | JSON,
        "start_time": st.datetimes().map(str) | JSON,
        "timezone": st.sampled_from(("UTC", "America", "../x", "\x00")) | JSON,
        "duration": st.integers() | JSON,
        "password": JSON,
        "join_url": JSON,
        "settings": JSON,
    },
)
PAYLOADS = st.fixed_dictionaries(
    {"account_id": st.just("account-1") | JSON, "object": MEETINGS | JSON},
    optional={
        "client_id": st.just("client-account-1") | JSON,
        "plainToken": JSON,
        "deauthorization_time": st.just("2020-06-17T13:52:28.632Z") | JSON,
    },
)
EVENTS = st.fixed_dictionaries({"event": NAMES | JSON, "payload": PAYLOADS | JSON})
# As Zoom writes them.
VALIDATIONS = st.fixed_dictionaries(
    {
        "event": st.just("endpoint.url_validation"),
        "payload": st.fixed_dictionaries({"plainToken": CHARACTERS}),
    }
)
UPDATES = st.fixed_dictionaries(
    {
        "event": st.sampled_from(MEETING_EVENTS),
        "payload": st.fixed_dictionaries(
            {"account_id": st.just("account-1"), "object": MEETINGS}
        ),
    }
)
CHANGED_TOPICS = st.fixed_dictionaries(
    {
        "event": st.just("meeting.updated"),
        "payload": st.fixed_dictionaries(
            {
                "account_id": st.just("account-1"),
                "object": st.fixed_dictionaries(
                    {"id": st.just(ZOOM_ID), "topic": CHARACTERS}
                ),
            }
        ),
    }
)
COMINGS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(ATTENDANCE_EVENTS),
        "event_ts": st.integers() | st.floats() | JSON,
        "payload": st.fixed_dictionaries(
            {
                "account_id": st.just("account-1"),
                "object": st.fixed_dictionaries(
                    {"id": st.just(ZOOM_ID), "host_id": JSON, "end_time": JSON},
                    optional={
                        "participant": st.fixed_dictionaries(
                            {"id": JSON},
                            optional={
                                "email": CHARACTERS | JSON,
                                "participant_user_id": JSON,
                                "join_time": st.datetimes().map(str) | JSON,
                                "leave_time": st.datetimes().map(str) | JSON,
                                "date_time": JSON,
                            },
                        )
                        | JSON
                    },
                ),
            }
        ),
    }
)
TEXTS = st.one_of(EVENTS, VALIDATIONS, UPDATES, CHANGED_TOPICS, COMINGS, JSON).map(
    lambda value: json.dumps(value).encode()
)
BODIES = st.one_of(
    TEXTS,
    st.binary(max_size=200),
    st.builds(lambda raw, at: raw[:at], TEXTS, st.integers(0, 60)),
    st.integers(1, 5000).map(lambda depth: b"[" * depth),
    st.text(string.digits, min_size=1, max_size=20).map(
        lambda digits: b'{"event": %s}' % (digits.encode() * 400)
    ),
)

# What a stranger would like us to believe.
FORGED = st.sampled_from(
    [
        webhooks.encode(
            {"event": name, "payload": {**payload, "account_id": "account-1"}}
        )
        for name, payload in (
            ("meeting.deleted", {"object": {"id": ZOOM_ID}}),
            ("meeting.updated", {"object": {"id": ZOOM_ID, "password": "x"}}),
            ("user.deleted", {"object": {"id": "x"}}),
            ("app_deauthorized", {"client_id": "client-account-1"}),
            ("endpoint.url_validation", {"plainToken": "v0:0:{}"}),
        )
    ]
)

# --- headers -----------------------------------------------------------------

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
SIGNATURES = st.one_of(
    HEX.map(lambda digits: f"v0={digits}"),
    st.text(st.characters(codec=None), max_size=80),
    st.sampled_from(("", "v0=", "v0", "v1=0", f"v0={'0' * 64}")),
)
# Counted from now, in seconds; the clock ticks meanwhile.
MOMENTS = st.integers(-2 * TOLERANCE, 2 * TOLERANCE) | st.integers()
TIMELY = st.integers(-TOLERANCE + 5, TOLERANCE - 5)
TOO_EARLY = st.integers(TOLERANCE + 5, 10**6)
TOO_LATE = st.integers(REPEAT_TOLERANCE + 5, 10**6)
TIMESTAMPS = CHARACTERS | st.sampled_from(("", "0", "-1", "1e9", "１７９８", "9" * 30))
# How a right signature becomes a wrong one.
SPOILERS = st.sampled_from(
    (
        lambda signature: signature[:-1],
        lambda signature: signature + "0",
        lambda signature: signature[3:],
        lambda signature: signature.upper(),
        lambda signature: signature.replace("v0", "v1"),
        lambda signature: f" {signature}",
        lambda signature: f"{signature}, {signature}",
        lambda signature: f"v0={'0' * 64}",
        lambda signature: "",
    )
)
CONTENT_TYPES = st.sampled_from(
    (
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset=nonsense",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/xml",
        "\xe9",
        "",
    )
)


class TestWebhookFuzz(WebhookCase):
    """Whatever comes in: without a right signature nothing is accepted, nothing breaks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_other_account(webhook_secret=OTHER_SECRET)
        cls.book_many(1).write({"zoom_id": str(ZOOM_ID), "state": "ready"})

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.addons.resource_booking_zoom"))
        self.answered = set()

    @property
    def seconds(self):
        """Unix time of now."""
        return int(self.now().timestamp())

    def receive(self, signature, timestamp, raw):
        """Hand an event to the module as the controller does.

        :return int: status
        """
        status, answer = self.env["booking.zoom.webhook.event"]._receive(
            signature, timestamp, raw, ""
        )
        self.assertEqual(answer is None, status != 200)
        self.answered.add(status)
        return status

    def count_consequences(self):
        return sum(
            self.env[model].search_count([])
            for model in ("booking.zoom.webhook.event", "ir.cron.trigger")
        )

    def test_nothing_of_strangers_is_accepted(self):
        before = self.count_consequences()

        @examples(STRANGERS)
        @given(
            SIGNATURES,
            MOMENTS.map(lambda by: str(self.seconds + by)) | TIMESTAMPS,
            FORGED | st.binary(max_size=200),
        )
        def fuzz(signature, timestamp, raw):
            self.assertEqual(self.receive(signature, timestamp, raw), 403)

        fuzz()
        self.assertEqual(self.count_consequences(), before)

    def test_nothing_that_is_nearly_signed_is_accepted(self):
        before = self.count_consequences()

        @examples(NEARLY_SIGNED)
        @given(
            BODIES,
            TIMELY,
            st.sampled_from(("secret", "signature", "body", "time", "late", "early")),
            SPOILERS,
            st.data(),
        )
        def fuzz(raw, moment, spoilt, spoil, data):
            secret, timestamp, sent = SECRET, self.seconds + moment, raw
            if spoilt == "secret":
                secret = data.draw(st.text(max_size=20).filter(lambda s: s != SECRET))
            elif spoilt == "late":
                timestamp = self.seconds - data.draw(TOO_LATE)
            elif spoilt == "early":
                timestamp = self.seconds + data.draw(TOO_EARLY)
            signature = webhooks.sign(secret, raw, timestamp)
            if spoilt == "signature":
                signature = spoil(signature)
            elif spoilt == "body":
                at = data.draw(st.integers(0, len(raw)))
                sent = (
                    raw[:at] + data.draw(st.binary(min_size=1, max_size=3)) + raw[at:]
                )
            elif spoilt == "time":
                timestamp += data.draw(st.sampled_from((-1, 1)))
            self.assertEqual(self.receive(signature, str(timestamp), sent), 403)

        fuzz()
        self.assertEqual(self.count_consequences(), before)

    def test_whatever_is_signed_is_answered(self):
        @examples(SIGNED)
        @given(BODIES, TIMELY, st.sampled_from((SECRET, OTHER_SECRET)))
        def fuzz(raw, moment, secret):
            timestamp = self.seconds + moment
            signature = webhooks.sign(secret, raw, timestamp)
            status = self.receive(signature, str(timestamp), raw)
            self.assertIn(status, (*ACCEPTED, 400))

        fuzz()
        # Then the bodies were various enough, and what they noted can be worked off
        self.assertEqual(self.answered, {200, 204, 400})
        events = self.env["booking.zoom.webhook.event"]
        self.assertTrue(events.search([("facts", "!=", False)], limit=1))
        events._apply()
        self.assertFalse(events.search([], limit=1))

    def test_server_answers_every_request(self):
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=10)
        self.addCleanup(connection.close)

        def post(headers, raw):
            connection.putrequest("POST", address.path)
            for name, value in headers.items():
                connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Content-Length", str(len(raw)))
            connection.endheaders(raw)
            answer = connection.getresponse()
            answer.read()
            return answer.status

        headers = st.text(
            st.characters(min_codepoint=32, max_codepoint=126), max_size=80
        )

        @examples(OVER_HTTP)
        @given(
            BODIES,
            CONTENT_TYPES,
            st.sampled_from((SECRET, OTHER_SECRET, "wrong", None)),
            st.dictionaries(
                st.sampled_from(
                    (
                        "x-zm-request-id",
                        "x-zm-signature",
                        "x-zm-request-timestamp",
                        "Cookie",
                        "Accept",
                        "Accept-Language",
                        "User-Agent",
                        "Authorization",
                        "Origin",
                    )
                ),
                headers,
                max_size=3,
            ),
        )
        def fuzz(raw, content_type, secret, more):
            sent = webhooks.headers(secret or "", raw, self.seconds) if secret else {}
            sent.update({"Content-Type": content_type}, **more)
            right = secret in (SECRET, OTHER_SECRET) and not (
                {"x-zm-signature", "x-zm-request-timestamp"} & more.keys()
            )
            status = post(sent, raw)
            self.answered.add(status)
            self.assertLess(status, 500)
            self.assertEqual(status not in (*ACCEPTED, 400), not right)

        with self.zoom_calls():
            fuzz()
        self.assertLessEqual({204, 400, 403}, self.answered)
