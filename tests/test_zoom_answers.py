# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
from datetime import datetime

from odoo.tests import BaseCase, tagged

from ..exceptions import ZoomBadAnswer
from ..tools.zoom_answers import (
    ListedMeeting,
    Meeting,
    StartLink,
    User,
    is_join_url,
    load_object,
    one_line,
    parse_grant,
    parse_listed_meeting,
    parse_meeting,
    parse_start,
    parse_start_link,
    parse_user,
    parse_utc,
)

START = datetime(2026, 7, 1, 0, 30)
SECRET = "s3cret"
MEETING = {
    "id": 81234567890,
    "host_id": "KDcuGIm1QgePTO8WbOqwIQ",
    "topic": "Consultation",
    "start_time": "2026-07-01T00:30:00Z",
    "duration": 30,
    "timezone": "Asia/Tokyo",
    "join_url": "https://us04web.zoom.us/j/81234567890?pwd=x",
    "start_url": "https://us04web.zoom.us/s/81234567890?zak=secret",
    "password": "a1B2c3",
}
USER = {
    "id": "KDcuGIm1QgePTO8WbOqwIQ",
    "email": "jill@example.com",
    "first_name": "Jill",
    "last_name": "Chill",
    "display_name": "Jill C.",
    "type": 2,
    "status": "inactive",
}
TOKENS = {"access_token": "acc3ss", "refresh_token": "r3fresh", "expires_in": 3599}


class AnswersCase(BaseCase):
    def assert_names(self, field, parse, data, zoom_id=""):
        """The error names the field, knows the number, and tells no value."""
        with self.assertRaises(ZoomBadAnswer) as caught:
            parse(data)
        error = caught.exception
        self.assertEqual((error.field, error.zoom_id), (field, zoom_id))
        self.assertIn(field, str(error))
        self.assertNotIn(SECRET, f"{error!r} {error}")
        self.assertFalse(error.__cause__)


@tagged("post_install", "-at_install")
class TestMeetingAnswer(AnswersCase):
    def test_meeting(self):
        self.assertEqual(
            parse_meeting(MEETING),
            Meeting(
                zoom_id="81234567890",
                join_url="https://us04web.zoom.us/j/81234567890?pwd=x",
                passcode="a1B2c3",
                topic="Consultation",
                start=START,
                duration=30,
            ),
        )

    def test_meeting_of_which_zoom_says_little(self):
        meeting = parse_meeting({"id": 123456789, "join_url": MEETING["join_url"]})

        self.assertEqual(meeting.passcode, "")
        self.assertIsNone(meeting.topic)
        self.assertIsNone(meeting.start)
        self.assertIsNone(meeting.duration)

    def test_nothing_that_lets_somebody_in_is_printed(self):
        text = repr(parse_meeting(MEETING))

        for secret in ("pwd", "a1B2c3", "zak"):
            self.assertNotIn(secret, text)

    def test_start_link(self):
        link = parse_start_link(MEETING)

        self.assertEqual(link, StartLink(MEETING["host_id"], MEETING["start_url"]))
        self.assertNotIn("zak", repr(link))

    def test_start_link_that_is_none(self):
        for url in (
            None,
            f"https://evil.example/s/81234567890?zak={SECRET}",
            f"https://zoom.us/s/81234567891?zak={SECRET}",
            f"https://zoom.us/j/81234567890?pwd={SECRET}",
            f"http://zoom.us/s/81234567890?zak={SECRET}",
        ):
            with self.subTest(ascii(url)):
                self.assert_names(
                    "start_url",
                    parse_start_link,
                    {**MEETING, "start_url": url},
                    "81234567890",
                )
        for host_id in (None, 1, "", "a b"):
            with self.subTest(ascii(host_id)):
                self.assert_names(
                    "host_id",
                    parse_start_link,
                    {**MEETING, "host_id": host_id},
                    "81234567890",
                )

    def test_number_as_number_or_text(self):
        for number in (1, 81234567890, "81234567890", 9_223_372_036_854_775_807):
            with self.subTest(ascii(number)):
                meeting = parse_meeting({**MEETING, "id": number})

                self.assertEqual(meeting.zoom_id, str(number))

    def test_number_that_is_none(self):
        bad = ([1], "../../users/me", True, None, "", "0", 0, -1, 1.0, "12 3", "１２３")
        for number in (*bad, 10**19, {"id": 1}, "1\n"):
            with self.subTest(ascii(number)):
                self.assert_names("id", parse_meeting, {**MEETING, "id": number})

    def test_link_at_zoom(self):
        for url in (
            "https://zoom.us/j/1",
            "https://us02web.zoom.us/j/81234567890?pwd=aB3.1",
            "https://company.zoom.us:443/j/1",
            "https://sub.company.zoom.us/j/1",
            "https://company.zoom.com/j/1",
            "https://www.zoomgov.com/j/1",
            "https://zoom.us/my/jill",
        ):
            with self.subTest(ascii(url)):
                self.assertTrue(is_join_url(url))

    def test_link_to_elsewhere(self):
        for url in (
            f"javascript:alert('{SECRET}')//zoom.us/j/1",
            f"data:text/html,{SECRET}",
            f"https://evil.example/j/1?pwd={SECRET}",
            f"https://zoom.us/j/1?pwd={SECRET}\nBcc: a@b",
            f"https://zoom.us/j/1?pwd={SECRET}\r",
            f"https://zoom.us/j/1?pwd={SECRET}\x00",
            f"https://zoom.us/j/1?pwd={SECRET}\ud800",
            f"https://zoom.us/j/1?pwd={SECRET} ",
            f"https://zoom.us/j/1?pwd={SECRET}\u202e",
            f'https://zoom.us/j/1?pwd="{SECRET}"',
            f"https://zoom.us.evil.example/j/1?pwd={SECRET}",
            f"https://evilzoom.us/j/1?pwd={SECRET}",
            f"https://zoom.us@evil.example/j/1?pwd={SECRET}",
            f"https://{SECRET}@zoom.us/j/1",
            f"https://evil.example\\.zoom.us/j/1?pwd={SECRET}",
            f"https://zoom.us:8443/j/1?pwd={SECRET}",
            f"https://zoom.us:x/j/1?pwd={SECRET}",
            f"https://[::1/j/1?pwd={SECRET}",
            f"http://zoom.us/j/1?pwd={SECRET}",
            f"//zoom.us/j/1?pwd={SECRET}",
            # whoever has it is logged in as the host
            f"https://zoom.us/s/1?zak={SECRET}",
            f"https://zoom.us/j/1?pwd=x&zak={SECRET}",
            f"https://zoom.us/j/1?pwd={SECRET * 1000}",
            "",
            None,
            [SECRET],
            {"url": SECRET},
            7,
            True,
        ):
            with self.subTest(ascii(str(url)[:80])):
                data = {**MEETING, "join_url": url}

                self.assert_names("join_url", parse_meeting, data, "81234567890")

    def test_whose_meeting_the_link_opens(self):
        cases = (
            ("https://us04web.zoom.us/j/81234567890?pwd=x", True),
            ("https://company.zoom.us/j/81234567890/", True),
            ("https://us04web.zoom.us/j/5551112222?pwd=x", False),
            ("https://us04web.zoom.us/j/812345678901", False),
            ("https://us04web.zoom.us/my/jill", False),
            ("https://us04web.zoom.us/x/j/81234567890", False),
            ("https://us04web.zoom.us/j/1?x=/j/81234567890", False),
        )
        for url, own in cases:
            with self.subTest(ascii(url)):
                meeting = parse_meeting({**MEETING, "join_url": url})

                self.assertIs(meeting.is_own_link, own)

    def test_passcode(self):
        for passcode in ("a1B2c3", "", "<script>alert(1)</script>", "パス"):
            with self.subTest(ascii(passcode)):
                meeting = parse_meeting({**MEETING, "password": passcode})

                self.assertEqual(meeting.passcode, passcode)

    def test_passcode_that_nobody_can_type(self):
        bad = ("\x00", "\ud800", "a\nb", "\u202e", 7, [SECRET], {}, True, SECRET * 20)
        for passcode in bad:
            with self.subTest(ascii(str(passcode)[:20])):
                data = {**MEETING, "password": passcode}

                self.assert_names("password", parse_meeting, data, "81234567890")

    def test_duration_that_zoom_does_not_admit_is_left_out(self):
        for duration in (0, -1, 1441, 10**12, [], "x", "30", None, True, 30.5):
            with self.subTest(ascii(duration)):
                meeting = parse_meeting({**MEETING, "duration": duration})

                self.assertIsNone(meeting.duration)

    def test_start(self):
        local = "2026-07-01T09:30:00"
        cases = (
            ("2026-07-01T00:30:00Z", None, START),
            ("2026-07-01T00:30:00.500Z", None, START),
            (local, "Asia/Tokyo", START),
            (local, "Nowhere", None),
            (local, "../../etc/passwd", None),
            (local, "/etc/passwd", None),
            (local, "Asia", None),
            (local, "\x00", None),
            (local, [], None),
            (local, None, None),
            (5, None, None),
            (None, None, None),
            ([], None, None),
            ("soon", None, None),
            ("", None, None),
            ("0001-01-01T00:00:00Z", None, None),
            ("0001-01-01T00:00:00+14:00", None, None),
            ("9999-12-31T23:59:59-14:00", None, None),
            ("9999-12-31T23:59:59", "America/New_York", None),
        )
        for text, zone, expected in cases:
            with self.subTest(ascii(f"{text} {zone}")):
                self.assertEqual(parse_start(text, zone), expected)

    def test_time_zone_is_used_only_where_the_start_needs_it(self):
        for zone in ("../../etc/passwd", [], {}, 5):
            meeting = parse_meeting({**MEETING, "timezone": zone})

            self.assertEqual(meeting.start, START)

    def test_topic_is_one_line_or_left_out(self):
        cases = (
            (" Two\nlines \t ", "Two lines"),
            ("\x00", None),
            ("\ud800", None),
            (5, None),
            ([], None),
        )
        for topic, expected in cases:
            with self.subTest(ascii(topic)):
                self.assertEqual(
                    parse_meeting({**MEETING, "topic": topic}).topic, expected
                )

    def test_listed_meeting(self):
        cases = (
            ({"id": 1, "agenda": "rbz-1"}, ListedMeeting("1", "rbz-1")),
            ({"id": "1"}, ListedMeeting("1", "")),
            ({"id": 1, "agenda": None}, ListedMeeting("1", "")),
            ({"id": [], "agenda": "rbz-1"}, ListedMeeting(None, "rbz-1")),
            ({"id": 1, "agenda": 5}, ListedMeeting("1", None)),
            (5, ListedMeeting(None, None)),
            (None, ListedMeeting(None, None)),
        )
        for data, expected in cases:
            with self.subTest(ascii(data)):
                self.assertEqual(parse_listed_meeting(data), expected)


@tagged("post_install", "-at_install")
class TestUserAnswer(AnswersCase):
    def test_user(self):
        self.assertEqual(
            parse_user(USER),
            User(
                zoom_id="KDcuGIm1QgePTO8WbOqwIQ",
                email="jill@example.com",
                name="Jill C.",
                license="licensed",
                status="inactive",
            ),
        )

    def test_user_without_display_name_or_id(self):
        user = parse_user({"email": "jill@example.com", "last_name": "Chill"})

        self.assertEqual((user.name, user.zoom_id), ("Chill", ""))

    def test_licenses(self):
        known = ((1, "basic"), (2, "licensed"), (4, "other"), (99, "other"))
        for given, expected in (*known, ([], "other"), (True, "other"), ("2", "other")):
            with self.subTest(ascii(given)):
                self.assertEqual(parse_user({"type": given}).license, expected)

    def test_odd_user(self):
        whole = {"id": "u1", "email": "jill@example.com"}
        cases = (
            ("user", 5, ""),
            ("user", None, ""),
            ("user", [], ""),
            ("id", {**whole, "id": []}, ""),
            ("id", {**whole, "id": f"{SECRET}\n"}, ""),
            ("id", {**whole, "id": 5}, ""),
            ("display_name", {**whole, "display_name": f"{SECRET}\x00"}, "u1"),
            ("first_name", {**whole, "first_name": f"{SECRET}\ud800"}, "u1"),
            ("last_name", {**whole, "last_name": [SECRET]}, "u1"),
            ("email", {**whole, "email": {"a": SECRET}}, "u1"),
            ("status", {**whole, "status": f"<b>{SECRET}"}, "u1"),
            ("status", {**whole, "status": 1}, "u1"),
        )
        for field, data, zoom_id in cases:
            with self.subTest(ascii(field)):
                self.assert_names(field, parse_user, data, zoom_id)

    def test_name_of_several_lines_is_one(self):
        user = parse_user({"display_name": "Jill\r\nBcc: x@y"})

        self.assertEqual(user.name, "Jill Bcc: x@y")

    def test_account_that_cannot_be_one(self):
        for account_id in ([], 5, "a b", "a\n", None, "x" * 100):
            self.assertEqual(parse_user({"account_id": account_id}).account_id, "")


@tagged("post_install", "-at_install")
class TestTokenAnswer(AnswersCase):
    def parse(self, text):
        return parse_grant(load_object(text.encode()))

    def test_lifetime_is_within_bounds(self):
        cases = (
            ("Infinity", 3600),
            ("NaN", 3600),
            ("1e999", 3600),
            ("1e20", 86_400),
            ("9" * 5000, 3600),
            ("-1", 60),
            ("0", 60),
            ('"x"', 3600),
            ('"3599"', 3599),
            ("null", 3600),
            ("true", 3600),
            ("[]", 3600),
            ("3599.9", 3599),
        )
        for value, seconds in cases:
            with self.subTest(ascii(value[:10])):
                grant = self.parse(f'{{"access_token": "a", "expires_in": {value}}}')

                self.assertEqual(grant.expires_in, seconds)

    def test_token_that_no_header_carries(self):
        for name in ("access_token", "refresh_token"):
            for value in (
                "\x00",
                "a\nb",
                "a b",
                "ü",
                "\ud800",
                5,
                ["a"],
                {"a": 1},
                True,
            ):
                with self.subTest(f"{name} {value!r}"):
                    data = {**TOKENS, name: value}

                    self.assert_names(name, parse_grant, data)

    def test_access_token_that_is_missing(self):
        for value in (None, ""):
            self.assert_names("access_token", parse_grant, {"access_token": value})

    def test_refresh_token_that_is_missing(self):
        for value in (None, ""):
            grant = parse_grant({**TOKENS, "refresh_token": value})

            self.assertIsNone(grant.refresh_token)

    def test_odd_scopes_and_address_cost_no_tokens(self):
        grant = parse_grant({**TOKENS, "scope": "a:b \x00 c:d\n", "api_url": [5]})

        self.assertEqual(grant.scopes, {"a:b", "c:d"})
        self.assertIsNone(grant.api_url)
        self.assertFalse(parse_grant({**TOKENS, "scope": ["a:b"]}).scopes)


@tagged("post_install", "-at_install")
class TestJson(BaseCase):
    def test_what_is_no_object(self):
        for raw in (
            b"",
            b"[]",
            b"5",
            b"null",
            b'{"a": 1',
            b"\xff\x00",
            b"[" * 60_000,
            b'{"a":' * 60_000,
            b'{"a": 1, "a": 2}',
            b'{"x": {"a": 1, "a": 2}}',
        ):
            with self.subTest(ascii(raw[:20])):
                self.assertIsNone(load_object(raw))

    def test_numbers_without_end_are_none(self):
        raw = b'{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e999, "e": %s}' % (
            b"9" * 5000
        )

        self.assertEqual(set(load_object(raw).values()), {None})

    def test_text_for_people(self):
        cases = (
            ("Two\r\nlines\x00\ud800 \u202e", "Two lines"),
            ({"a": 1}, ""),
            (None, ""),
            (5, ""),
            ("日本語　です", "日本語 です"),
        )
        for value, expected in cases:
            with self.subTest(repr(value)):
                self.assertEqual(one_line(value), expected)

    def test_what_is_parsed_can_be_stored(self):
        meeting = parse_meeting({**MEETING, "topic": "a\x07b"})

        self.assertEqual(json.loads(json.dumps(meeting.topic)), "a b")

    def test_moment_without_zone_is_utc(self):
        cases = (
            ("2024-09-08 15:58:40", datetime(2024, 9, 8, 15, 58, 40)),
            ("2020-06-17T13:52:28.632Z", datetime(2020, 6, 17, 13, 52, 28, 632000)),
            ("soon", None),
            (None, None),
            (5, None),
            ("0001-01-01T00:00:00+14:00", None),
        )
        for value, expected in cases:
            with self.subTest(ascii(value)):
                self.assertEqual(parse_utc(value), expected)
