# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta
from types import SimpleNamespace

from odoo.tests import BaseCase

from ..const import CLAIM_DURATION
from ..engine.waiting import why_waits

NOW = datetime(2027, 3, 1, 8)
HOUR = timedelta(hours=1)


class TestWhyWaits(BaseCase):
    """Why a meeting waits although nothing is wrong with it."""

    def why(self, **facts):
        known = {
            name: facts.pop(name)
            for name in ("waits_for_successor", "stopped", "needs_token")
            if name in facts
        }
        row = {
            "state": "waiting",
            "start": NOW + HOUR,
            "stop": NOW + 2 * HOUR,
            "claimed_at": None,
            "unanswered_since": None,
            "only_held": False,
            "next_attempt": None,
        }
        return why_waits(SimpleNamespace(**{**row, **facts}), NOW, **known)

    def test_each_reason(self):
        begun = {"start": NOW, "stop": NOW + HOUR}
        for facts, reason in (
            ({}, "soon"),
            ({"state": "changed"}, "soon"),
            ({"next_attempt": NOW}, "soon"),
            ({"next_attempt": NOW + HOUR}, "later"),
            ({"only_held": True}, "held"),
            ({"only_held": True, "state": "removing"}, "soon"),
            ({"claimed_at": NOW}, "asking"),
            ({"claimed_at": NOW - CLAIM_DURATION}, "unrecorded"),
            ({"needs_token": True}, "token"),
            ({"needs_token": True, "next_attempt": NOW + HOUR}, "later"),
            ({"needs_token": True, "claimed_at": NOW}, "asking"),
            ({"stopped": "off"}, "off"),
            ({"stopped": "off", "next_attempt": NOW + HOUR}, "off"),
            ({"stopped": "off", "claimed_at": NOW}, "asking"),
            ({"stopped": "off", "only_held": True}, "held"),
            ({"stopped": "off", "state": "ready"}, None),
            ({"stopped": "late"}, "late"),
            ({"stopped": "failing", "next_attempt": NOW + HOUR}, "failing"),
            (begun, "begun"),
            ({**begun, "unanswered_since": NOW}, "soon"),
            ({**begun, "state": "changed"}, "soon"),
            ({"stop": NOW}, "over"),
            ({"state": "removing", "waits_for_successor": True}, "superseded"),
            ({"state": "changed", "waits_for_successor": True}, "soon"),
            ({"state": "ready"}, None),
            ({"state": "removed"}, None),
        ):
            with self.subTest(facts):
                self.assertEqual(self.why(**facts), reason)
