# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import copy
import importlib.util
import subprocess
import sys
import unittest
from pathlib import Path

from odoo.tests import BaseCase, tagged

CHAOS = Path(__file__).resolve().parents[1] / "dev/chaos.py"


@tagged("post_install", "-at_install")
@unittest.skipUnless(CHAOS.exists(), "the released module has no scripts")
class TestChaos(BaseCase):
    """Real processes, faults and killed workers; ``dev/chaos`` runs it at length."""

    def test_zoom_has_exactly_what_the_bookings_say(self):
        done = subprocess.run(
            [sys.executable, CHAOS, "--seed", "1", "--bookings", "24", "--kills", "3"],
            capture_output=True,
            text=True,
            timeout=600,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@tagged("post_install", "-at_install")
@unittest.skipUnless(CHAOS.exists(), "the released module has no scripts")
class TestVerdict(BaseCase):
    """Each thing that must hold in the end is noticed when it does not."""

    BOOKINGS = [{"id": 1, "start": "2027-03-01 08:00:00", "duration": 0.5}]
    ROWS = [{"booking_id": [1, "One"], "zoom_id": "81"}]
    STATE = {
        "meetings": [
            {
                "id": 81,
                "start_time": "2027-03-01T08:00:00Z",
                "duration": 30,
                "deleted": False,
            },
            {"id": 82, "deleted": True},
        ],
        "counts": {"host": 25},
        "stale_token_paths": [],
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = importlib.util.spec_from_file_location(
            "chaos_verdict", CHAOS.with_name("chaos_verdict.py")
        )
        cls.verdict = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.verdict)

    def setUp(self):
        super().setUp()
        self.bookings, self.rows, self.state = copy.deepcopy(
            (self.BOOKINGS, self.ROWS, self.STATE)
        )
        self.meeting = self.state["meetings"][0]

    def assert_wrong(self, words):
        (sentence,) = self.verdict.find_wrong(self.bookings, self.rows, self.state)
        self.assertIn(words, sentence)

    def test_nothing_is_wrong(self):
        self.assertFalse(self.verdict.find_wrong(self.bookings, self.rows, self.state))

    def test_booking_without_meeting(self):
        self.meeting["deleted"] = True
        self.assert_wrong("booking 1 has no meeting")

    def test_booking_without_row(self):
        self.rows.clear()
        self.state["meetings"].clear()
        self.assert_wrong("booking 1 has no meeting")

    def test_other_time(self):
        self.meeting["start_time"] = "2027-03-01T08:30:00Z"
        self.assert_wrong("booking 1: 2027-03-01 08:00:00, Zoom")

    def test_other_duration(self):
        self.meeting["duration"] = 60
        self.assert_wrong("other duration")

    def test_second_meeting_of_a_booking(self):
        self.state["meetings"].append({**self.meeting, "id": 83})
        self.assert_wrong("meeting 83 is of no booking")

    def test_meeting_of_a_cancelled_booking(self):
        self.state["meetings"][1]["deleted"] = False
        self.assert_wrong("meeting 82 is of no booking")

    def test_row_of_a_cancelled_booking(self):
        self.rows.append({"booking_id": [2, "Two"], "zoom_id": False})
        self.assert_wrong("row without booking")

    def test_token_that_was_replaced(self):
        self.state["stale_token_paths"].append("/oauth/token")
        self.assert_wrong("a token was used after it was replaced: /oauth/token")

    def test_host_above_its_limit(self):
        self.assertFalse(self.verdict.find_over_limit(self.state, 25))
        (sentence,) = self.verdict.find_over_limit(self.state, 24)
        self.assertIn("25 requests, 24 are allowed", sentence)
