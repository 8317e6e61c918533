# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta, timezone

from odoo.tests import BaseCase, tagged

from ..tools.zoom_answers import ListedMeeting
from ..tools.zoom_payload import (
    find_by_key,
    format_meeting_id,
    meeting_create_payload,
    meeting_update_payload,
    new_correlation_key,
    parse_meeting_id,
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
                "settings": {"use_pmi": False},
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

    def test_settings_are_told_only_if_chosen(self):
        cases = (
            ({}, {}),
            ({"waiting_room": None, "join_before_host": None}, {}),
            ({"waiting_room": "on"}, {"waiting_room": True}),
            (
                {"waiting_room": "off", "join_before_host": "on"},
                {"waiting_room": False, "join_before_host": True},
            ),
        )
        for given, told in cases:
            with self.subTest(given):
                created = meeting_create_payload("T", START, 30, "rbz-1", **given)
                updated = meeting_update_payload("T", START, 30, **given)

                self.assertEqual(created["settings"], {"use_pmi": False, **told})
                self.assertEqual(updated.get("settings", {}), told)
                self.assertEqual("settings" in updated, bool(told))

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
        keys = {new_correlation_key() for _attempt in range(100)}

        self.assertEqual(len(keys), 100)
        for key in keys:
            self.assertRegex(key, r"^rbz-[0-9a-f]{32}$")

    def test_find_mark_at_the_beginning_of_an_agenda_only(self):
        key = new_correlation_key()
        ours = ListedMeeting("1", f"{key}\nnotes of the host")
        others = [
            ListedMeeting("2", f"copied from {key}"),
            ListedMeeting("3", new_correlation_key()),
            ListedMeeting("4", None),
            ListedMeeting("5", ""),
        ]

        self.assertEqual(find_by_key([*others, ours], key), [ours])

    def test_find_no_mark_at_all(self):
        with self.assertRaises(ValueError):
            find_by_key([ListedMeeting("1", "")], "")

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

    def test_meeting_ids_are_read_as_people_type_them(self):
        cases = (
            ("937 5037 5465", "93750375465"),
            ("937-5037-5465", "93750375465"),
            (" 5037\u00a05465\n", "50375465"),
            ("９３７　５０３７　５４６５", "93750375465"),
            ("Yamada 3", ""),
            ("٣٤", ""),
            ("", ""),
            (False, ""),
        )
        for given, expected in cases:
            with self.subTest(given):
                self.assertEqual(parse_meeting_id(given), expected)


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
