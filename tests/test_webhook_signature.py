# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hmac
import json
from datetime import datetime
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..tools.zoom_webhook import (
    TOLERANCE,
    MalformedEvent,
    is_signed,
    is_timely,
    loggable,
    parse_event,
    validation_answer,
)
from .zoom_simulator import webhooks

SECRET = "s3cret-t0ken"
BODY = b'{"event": "meeting.deleted",  "payload":\n{}}'
TIME = 1_798_000_000


def event(name="meeting.updated", **payload):
    return json.dumps({"event": name, "event_ts": 1, "payload": payload}).encode()


def updated(**changes):
    return event(account_id="acc1", object={"id": 94890226305, **changes})


@tagged("post_install", "-at_install")
class TestWebhookSignature(BaseCase):
    """Only Zoom, which knows the secret token, can sign."""

    def signed(self, secret=SECRET, signature=None, timestamp=str(TIME), raw=BODY):
        if signature is None:
            signature = webhooks.sign(SECRET, BODY, TIME)
        return is_signed(secret, signature, timestamp, raw)

    def test_right_signature(self):
        self.assertTrue(self.signed())

    def test_known_answer(self):
        # Made with: printf 'v0:1:{}' | openssl dgst -sha256 -hmac secret
        signature = (
            "v0=72947d217adec3a1867ba95783f65b308b2419ed224a5751b0b81e0b9a8c6851"
        )
        self.assertTrue(is_signed("secret", signature, "1", b"{}"))

    def test_body_of_equal_meaning_is_not_the_signed_one(self):
        self.assertFalse(self.signed(raw=json.dumps(json.loads(BODY)).encode()))
        self.assertFalse(self.signed(raw=BODY + b" "))

    def test_other_time_is_not_the_signed_one(self):
        self.assertFalse(self.signed(timestamp=str(TIME + 1)))
        self.assertFalse(self.signed(timestamp=f"0{TIME}"))

    def test_other_secret(self):
        self.assertFalse(self.signed(secret="other"))

    def test_no_secret_signs_nothing(self):
        for nothing in ("", False, None):
            signature = webhooks.sign("", BODY, TIME)
            self.assertFalse(self.signed(secret=nothing, signature=signature))

    def test_no_signature(self):
        for nothing in ("", None, "v0=", "v0", "=", "v0=é", "v0=\ud800", "\x00"):
            self.assertFalse(self.signed(signature=nothing or ""))

    def test_signature_must_be_whole_and_of_this_version(self):
        right = webhooks.sign(SECRET, BODY, TIME)
        for wrong in (
            right[3:],
            right[:-1],
            right + "0",
            f"v1{right[2:]}",
            f" {right}",
        ):
            self.assertFalse(self.signed(signature=wrong))

    def test_body_that_is_no_text_can_be_signed(self):
        raw = b"\xff\x00{"
        signature = webhooks.sign(SECRET, raw, TIME)
        self.assertTrue(self.signed(signature=signature, raw=raw))

    def test_signatures_are_compared_in_constant_time(self):
        with patch.object(hmac, "compare_digest", return_value=True) as compare:
            self.assertTrue(self.signed(signature="v0=wrong"))
        compare.assert_called_once()

    def test_five_minutes_before_and_after(self):
        self.assertEqual(TOLERANCE, 300)
        for seconds in (0, 299, 300, -300):
            self.assertTrue(is_timely(str(TIME), TIME + seconds))
        for seconds in (301, -301, 86400):
            self.assertFalse(is_timely(str(TIME), TIME + seconds))

    def test_time_is_written_in_digits(self):
        strange = "", " ", "now", "-1", f"+{TIME}", f" {TIME}", f"{TIME}.0", f"{TIME}\n"
        for text in (*strange, "1_798_000_000", "１７９８", "9" * 400, None):
            self.assertFalse(is_timely(text, TIME))

    def test_answer_to_the_validation_of_the_address(self):
        answer = validation_answer("secret", "qgg8vlvZRS6UYooatFL8Aw")
        # Made with: printf qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac secret
        self.assertEqual(
            answer,
            {
                "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
                "encryptedToken": "72cef096bfd47c0b8664df30d0772164"
                "1e4abd7e885ba432204260db477a9a3e",
            },
        )


@tagged("post_install", "-at_install")
class TestWebhookBody(BaseCase):
    """A signed body is read with care."""

    def test_meeting_id_is_a_number_or_a_text(self):
        for meeting_id in (94890226305, "94890226305"):
            body = event(account_id="acc1", object={"id": meeting_id})
            self.assertEqual(parse_event(body).zoom_id, "94890226305")

    def test_changed_fields_are_told(self):
        # As Zoom writes it: only the id and what has changed.
        told = parse_event(
            updated(topic="Talk", start_time="2027-03-01T08:00:00Z", duration=30)
        )
        self.assertEqual(told.account_id, "acc1")
        self.assertEqual(
            told.facts,
            {"topic": "Talk", "start": datetime(2027, 3, 1, 8), "duration": 30},
        )

    def test_start_in_a_time_zone(self):
        told = parse_event(
            updated(start_time="2027-03-01T17:00:00", timezone="Asia/Tokyo")
        )
        self.assertEqual(told.facts, {"start": datetime(2027, 3, 1, 8)})

    def test_passcode_and_link(self):
        told = parse_event(updated(password="n3w", join_url="https://zoom.us/j/9"))
        self.assertEqual(
            told.facts, {"passcode": "n3w", "join_url": "https://zoom.us/j/9"}
        )

    def test_changes_that_cannot_be_judged(self):
        for changes in (
            {"settings": {"audio": "voip"}},
            {"topic": "Talk", "settings": {"audio": "voip"}},
            {"topic": None},
            {"duration": "30"},
            {"duration": True},
            {"start_time": "0001-01-01T00:00:00+14:00"},
            {"recurrence": {}},
            {},
        ):
            self.assertIsNone(parse_event(updated(**changes)).facts, changes)

    def test_deauthorization(self):
        # With event_ts inside of the payload and written as a text, as in Zoom's page.
        told = parse_event(
            b'{"event": "app_deauthorized", "payload": {"account_id": "AAAAAABBBB",'
            b' "user_id": "abcD3ojfdbjfg", "signature": "827edc34", "client_id":'
            b' "ABCDE!V", "deauthorization_time": "2020-06-17T13:52:28.632Z",'
            b' "event_ts": "2024-09-08 15:58:40"}}'
        )
        self.assertEqual((told.account_id, told.client_id), ("AAAAAABBBB", "ABCDE!V"))
        self.assertEqual(told.happened_at, datetime(2020, 6, 17, 13, 52, 28, 632000))

    def test_deauthorization_without_a_zone_is_in_utc(self):
        # As in the example of Zoom's own specification.
        told = parse_event(
            event("app_deauthorized", deauthorization_time="2024-09-08 15:58:40")
        )

        self.assertEqual(told.happened_at, datetime(2024, 9, 8, 15, 58, 40))

    def test_deauthorization_at_an_unknown_time(self):
        for time in ("", "yesterday", 5, None, {}, "0001-01-01T00:00:00+14:00"):
            told = parse_event(event("app_deauthorized", deauthorization_time=time))
            self.assertIsNone(told.happened_at)

    def test_other_events_are_read_no_further(self):
        self.assertEqual(parse_event(event("recording.completed")).zoom_id, "")

    def test_malformed(self):
        for raw in (
            b"",
            b"event=meeting.deleted",
            b"\xff\xfe\x00",
            b"null",
            b"[]",
            b"1e999",
            b'"meeting.deleted"',
            b'{"event": "meeting.deleted"',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"event": 1%s, "payload": {}}' % (b"0" * 5000),
            b'{"event": "meeting.deleted"}',
            b'{"payload": {}}',
            b'{"event": null, "payload": {}}',
            b'{"event": "meeting.deleted", "payload": []}',
            event("meeting.deleted", account_id=["acc1"], object={"id": 1}),
            event("app_deauthorized", account_id="acc1", client_id=7),
            event("endpoint.url_validation"),
            event("endpoint.url_validation", plainToken=5),
            *(
                event("meeting.deleted", object=meeting)
                for meeting in (None, [], "1", {}, {"id": None}, {"id": True})
            ),
            *(
                event("meeting.updated", object={"id": meeting_id})
                for meeting_id in (1.5, -1, "", "1 OR 1=1", "1\u0000", "9" * 21, [[1]])
            ),
        ):
            with self.subTest(raw=raw[:60]), self.assertRaises(MalformedEvent):
                parse_event(raw)

    def test_log_gets_names_only(self):
        self.assertEqual(loggable("meeting.updated"), "meeting.updated")
        for text in ("a\nb", "x" * 65, "passcode: 1", "", None, "é"):
            self.assertEqual(loggable(text), "-")
