# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import unittest
from datetime import datetime, timedelta

from ..engine.alerts import Rule, Told, decide_alerts

NOW = datetime(2027, 2, 26, 8)
DAY = timedelta(days=1)
ONCE = Rule()
REPEATED = Rule(told_after=(0 * DAY, 1 * DAY, 3 * DAY))


def told_since(age, count=1):
    return {"a": Told(NOW - age, count)}


class TestAlerts(unittest.TestCase):
    """When an administrator is told of something."""

    def decide(self, rule, subjects, told):
        return decide_alerts(rule, subjects, told, NOW)

    def test_new_subject_is_told_at_once(self):
        self.assertEqual(self.decide(ONCE, {"a": True}, {}), ({"a": 1}, []))

    def test_subject_that_concerns_nobody_is_not_told(self):
        self.assertEqual(self.decide(ONCE, {"a": False}, {}), ({}, []))

    def test_subject_that_was_told_is_not_told_again(self):
        self.assertEqual(self.decide(ONCE, {"a": True}, told_since(9 * DAY)), ({}, []))

    def test_other_subject_is_told_alone(self):
        decision = self.decide(ONCE, {"a": True, "b": True}, told_since(DAY))
        self.assertEqual(decision, ({"b": 1}, []))

    def test_subject_that_concerns_nobody_any_more_is_remembered(self):
        self.assertEqual(self.decide(ONCE, {"a": False}, told_since(DAY)), ({}, []))

    def test_subject_that_is_over_is_forgotten(self):
        self.assertEqual(self.decide(ONCE, {}, told_since(0 * DAY)), ({}, ["a"]))

    def test_subject_that_is_over_is_forgotten_when_its_time_is_up(self):
        rule = Rule(remembered=DAY)
        second = timedelta(seconds=1)
        self.assertEqual(self.decide(rule, {}, told_since(DAY - second)), ({}, []))
        self.assertEqual(self.decide(rule, {}, told_since(DAY)), ({}, ["a"]))

    def test_cause_that_lasts_is_told_again(self):
        for age, count, due in (
            (DAY / 2, 1, None),
            (DAY, 1, 2),
            (DAY, 2, None),
            (3 * DAY, 2, 3),
            (99 * DAY, 3, None),
        ):
            with self.subTest(age=age, count=count):
                decision = self.decide(REPEATED, {"a": True}, told_since(age, count))
                self.assertEqual(decision.told_counts, {"a": due} if due else {})

    def test_mails_that_were_missed_are_one_mail(self):
        decision = self.decide(REPEATED, {"a": True}, told_since(5 * DAY))
        self.assertEqual(decision.told_counts, {"a": 3})
