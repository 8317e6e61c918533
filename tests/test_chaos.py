# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import copy
import importlib.util
import os
import subprocess
import sys
import unittest
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from odoo.tests import BaseCase, tagged

DEV = Path(__file__).resolve().parents[1] / "dev"
CHAOS = DEV / "chaos_run/chaos.py"


@tagged("post_install", "-at_install")
@unittest.skipUnless(CHAOS.exists(), "the released module has no scripts")
class TestChaos(BaseCase):
    """Real processes, faults and killed workers; ``dev/chaos`` runs it at length."""

    def test_zoom_has_exactly_what_the_bookings_say(self):
        done = subprocess.run(
            # Not by its script: that one would take the tests' server for one that the
            # user has named.
            [sys.executable, CHAOS, "--seed", "1", "--bookings", "24", "--kills", "3"],
            env={**os.environ, "PYTHONPATH": str(DEV)},
            capture_output=True,
            text=True,
            timeout=600,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


@tagged("post_install", "-at_install")
@unittest.skipUnless(CHAOS.exists(), "the released module has no scripts")
class VerdictCase(BaseCase):
    """Gives the functions that judge."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        spec = importlib.util.spec_from_file_location(
            "chaos_verdict", CHAOS.with_name("chaos_verdict.py")
        )
        cls.verdict = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.verdict)


class TestVerdict(VerdictCase):
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

    def test_requests_that_were_too_many_for_their_second(self):
        self.assertFalse(self.verdict.find_over_pace({"refused_for_second": 0}))
        (sentence,) = self.verdict.find_over_pace({"refused_for_second": 2})
        self.assertIn("2 requests were too many", sentence)


class TestMailVerdict(VerdictCase):
    """Each thing that must hold of mails with a link is noticed when it does not."""

    WRITTEN = datetime(2026, 11, 26, 10, 0)
    CUSTOMERS = {"81": "one@example.com"}

    def setUp(self):
        super().setUp()
        self.entry = {
            "address": "one@example.com",
            "zoom_id": "81",
            "written": self.WRITTEN,
            "live": True,
        }
        self.mails = [self.mail("one@example.com", "81")]
        self.meeting = {"id": 81, "host_id": "host", "deleted_at": None}

    @staticmethod
    def mail(address, *zoom_ids):
        return SimpleNamespace(address=address, zoom_ids=frozenset(zoom_ids))

    def find(self, removed_hosts=()):
        state = {"meetings": [self.meeting]}
        return self.verdict.find_wrong_mails(
            [self.entry], self.mails, self.CUSTOMERS, state, removed_hosts
        )

    def assert_wrong(self, words, **values):
        (sentence,) = self.find(**values)
        self.assertIn(words, sentence)

    def test_nothing_is_wrong(self):
        self.assertFalse(self.find())

    def test_mail_that_nobody_entered(self):
        self.mails.append(self.mail("one@example.com", "82"))
        self.assert_wrong("the ledger does not know")

    def test_entry_whose_mail_never_came(self):
        self.mails.clear()
        self.assert_wrong("no mail came")

    def test_mail_that_left_the_queue_with_its_event(self):
        self.mails.clear()
        self.entry["live"] = False
        self.assertFalse(self.find())

    def test_link_of_another_customer(self):
        self.CUSTOMERS = {"81": "two@example.com"}
        self.assert_wrong("of one customer was sent to one@example.com")

    def test_link_of_a_cancelled_booking_that_two_were_sent(self):
        self.CUSTOMERS = {}
        self.mails.append(self.mail("two@example.com", "81"))
        wrong = " ".join(self.find())
        self.assertIn("was sent to one@example.com, two@example.com", wrong)

    def test_link_that_was_gone_when_the_mail_was_written(self):
        self.meeting["deleted_at"] = "2026-11-26T09:59:50Z"
        self.assert_wrong("which was gone at")

    def test_link_that_was_gone_later(self):
        self.meeting["deleted_at"] = "2026-11-26T10:00:10Z"
        self.assertFalse(self.find())

    def test_meeting_that_others_deleted_after_it_was_read(self):
        self.meeting["deleted_at"] = "2026-11-26T09:59:00Z"
        self.assertFalse(self.find(removed_hosts={"host"}))
        self.meeting["deleted_at"] = "2026-11-26T09:57:00Z"
        self.assert_wrong("which was gone at", removed_hosts={"host"})

    def test_customer_who_was_never_sent_the_link(self):
        rows = [{"booking_id": [1, "One"], "zoom_id": "81"}]
        find = self.verdict.find_untold
        self.assertFalse(find([{"id": 1}], rows, self.mails, self.CUSTOMERS))
        (sentence,) = find([{"id": 1}], rows, [], self.CUSTOMERS)
        self.assertIn("one@example.com was not sent meeting 81", sentence)

    def test_errors_in_the_log(self):
        start = "2026-11-26 10:00:00,000 7"
        fine = f"{start} INFO db odoo.sql_db: all is well"
        error = f"{start} ERROR db odoo.sql_db: bad query: UPDATE"
        deleted = (
            f"{start} ERROR db odoo.addons.mail.models.mail_mail: Failed processing "
            "mail queue \nMissingError: \n(Record: mail.mail(28,), User: 1)"
        )
        self.assertEqual(self.verdict.find_errors([fine, error, deleted]), [error])
