# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta, timezone

from odoo.tests import BaseCase, tagged

from ..tools.zoom_payload import (
    find_mark,
    format_meeting_id,
    meeting_create_payload,
    meeting_update_payload,
    new_mark,
    parse_meeting,
    parse_user,
)
from ..tools.zoom_scopes import missing_scopes, required_scopes

START = datetime(2026, 7, 1, 0, 30)


@tagged("post_install", "-at_install")
class TestZoomPayload(BaseCase):
    def test_create_payload(self):
        payload = meeting_create_payload("Consultation", START, 30, "rbz-1")

        self.assertEqual(
            payload,
            {
                "type": 2,
                "topic": "Consultation",
                "start_time": "2026-07-01T00:30:00Z",
                "duration": 30,
                "agenda": "rbz-1",
                "default_password": True,
            },
        )

    def test_update_payload_leaves_agenda_and_passcode_alone(self):
        payload = meeting_update_payload("Consultation", START, 30)

        self.assertEqual(
            payload,
            {
                "type": 2,
                "topic": "Consultation",
                "start_time": "2026-07-01T00:30:00Z",
                "duration": 30,
            },
        )

    def test_topic_is_cut_at_200_characters(self):
        payload = meeting_update_payload("相" * 201, START, 30)

        self.assertEqual(payload["topic"], "相" * 200)

    def test_duration_is_whole_minutes_within_zooms_bounds(self):
        cases = (
            (0, 1),
            (0.2, 1),
            (29.5, 30),
            (1 / 3 * 60, 20),
            (0.1 * 3 * 100, 30),  # 30.000000000000004
            (1440, 1440),
            (1441, 1440),
        )
        for given, expected in cases:
            with self.subTest(given):
                payload = meeting_update_payload("Consultation", START, given)

                self.assertEqual(payload["duration"], expected)
                self.assertIsInstance(payload["duration"], int)

    def test_start_with_a_time_zone_is_a_mistake(self):
        tokyo = timezone(timedelta(hours=9))

        with self.assertRaises(ValueError):
            meeting_update_payload("Consultation", START.replace(tzinfo=tokyo), 30)

    def test_marks_are_recognisable_and_different(self):
        marks = {new_mark() for _attempt in range(100)}

        self.assertEqual(len(marks), 100)
        for mark in marks:
            self.assertRegex(mark, r"^rbz-[0-9a-f]{32}$")

    def test_find_mark_at_the_beginning_of_an_agenda_only(self):
        mark = new_mark()
        ours = {"id": 1, "agenda": f"{mark}\nnotes of the host"}
        others = [
            {"id": 2, "agenda": f"copied from {mark}"},
            {"id": 3, "agenda": new_mark()},
            {"id": 4, "agenda": None},
            {"id": 5},
        ]

        self.assertEqual(find_mark([*others, ours], mark), [ours])

    def test_find_no_mark_at_all(self):
        with self.assertRaises(ValueError):
            find_mark([{"id": 1, "agenda": ""}], "")

    def test_parse_meeting(self):
        answer = {
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

        self.assertEqual(
            parse_meeting(answer),
            {
                "zoom_id": "81234567890",
                "host_id": "KDcuGIm1QgePTO8WbOqwIQ",
                "topic": "Consultation",
                "start": START,
                "duration": 30,
                "join_url": "https://us04web.zoom.us/j/81234567890?pwd=x",
                "passcode": "a1B2c3",
            },
        )

    def test_parse_meeting_of_which_zoom_says_little(self):
        self.assertEqual(
            parse_meeting({"id": 123456789, "duration": None}),
            {
                "zoom_id": "123456789",
                "host_id": "",
                "topic": "",
                "start": None,
                "duration": 0,
                "join_url": "",
                "passcode": "",
            },
        )

    def test_parse_start(self):
        cases = (
            ({"start_time": "2026-07-01T00:30:00Z"}, START),
            ({"start_time": "2026-07-01T09:30:00", "timezone": "Asia/Tokyo"}, START),
            ({"start_time": "2026-07-01T09:30:00", "timezone": "Nowhere"}, None),
            ({"start_time": "2026-07-01T09:30:00"}, None),
            ({"start_time": "soon"}, None),
            ({"start_time": ""}, None),
        )
        for answer, expected in cases:
            with self.subTest(answer):
                self.assertEqual(parse_meeting(answer)["start"], expected)

    def test_meeting_id_is_grouped_as_zoom_does(self):
        cases = (
            ("123456789", "123 456 789"),
            ("1234567890", "123 456 7890"),
            ("81234567890", "812 3456 7890"),
            ("812345678901", "812345678901"),
            ("", ""),
        )
        for given, expected in cases:
            with self.subTest(given):
                self.assertEqual(format_meeting_id(given), expected)

    def test_parse_user(self):
        answer = {
            "id": "KDcuGIm1QgePTO8WbOqwIQ",
            "email": "jill@example.com",
            "first_name": "Jill",
            "last_name": "Chill",
            "display_name": "Jill C.",
            "type": 2,
            "status": "inactive",
        }

        self.assertEqual(
            parse_user(answer),
            {
                "zoom_id": "KDcuGIm1QgePTO8WbOqwIQ",
                "email": "jill@example.com",
                "name": "Jill C.",
                "license": "licensed",
                "status": "inactive",
            },
        )

    def test_parse_user_without_display_name_or_id(self):
        user = parse_user({"email": "jill@example.com", "last_name": "Chill"})

        self.assertEqual(user["name"], "Chill")
        self.assertEqual(user["zoom_id"], "")

    def test_parse_licenses(self):
        cases = ((1, "basic"), (2, "licensed"), (4, "other"), (99, "other"))
        for given, expected in cases:
            with self.subTest(given):
                self.assertEqual(parse_user({"type": given})["license"], expected)


@tagged("post_install", "-at_install")
class TestZoomScopes(BaseCase):
    def test_the_scopes_that_are_shown_are_enough(self):
        self.assertEqual(missing_scopes(required_scopes()), [])
        self.assertEqual(len(required_scopes()), 7)

    def test_each_scope_that_is_shown_is_needed(self):
        for scope in required_scopes():
            with self.subTest(scope):
                granted = set(required_scopes()) - {scope}

                self.assertEqual(missing_scopes(granted), [scope])

    def test_classic_scopes_are_enough(self):
        granted = ["meeting:read:admin", "meeting:write:admin", "user:read:admin"]

        self.assertEqual(missing_scopes(granted), [])

    def test_scopes_of_a_master_account_are_enough(self):
        granted = [scope.replace(":admin", ":master") for scope in required_scopes()]

        self.assertEqual(missing_scopes(granted), [])

    def test_app_for_the_users_own_data_cannot_list_users(self):
        granted = [scope.removesuffix(":admin") for scope in required_scopes()]

        self.assertEqual(missing_scopes(granted), ["user:read:list_users:admin"])

    def test_nothing_granted(self):
        self.assertEqual(missing_scopes([]), required_scopes())
