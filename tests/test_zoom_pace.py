# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import zoom_pace
from ..tools.zoom_pace import Pacer


class _Clock:
    """Stands in for the module time: whoever sleeps moves it on."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.now += seconds


@tagged("post_install", "-at_install")
class TestZoomPace(BaseCase):
    def setUp(self):
        super().setUp()
        self.clock = _Clock()
        self.startPatcher(patch.object(zoom_pace, "time", self.clock))

    def go(self, pacer, count):
        """Make so many requests one after another; when each was let through."""
        moments = []
        for _number in range(count):
            pacer.wait()
            moments.append(self.clock.now)
        return moments

    def test_as_many_as_zoom_admits_go_at_once(self):
        self.assertEqual(self.go(Pacer(30), 30), [1000.0] * 30)

    def test_the_next_one_waits_for_a_little_more_than_a_second(self):
        moments = self.go(Pacer(4), 5)
        self.assertGreater(moments[-1] - moments[0], 1.0)
        self.assertLess(moments[-1] - moments[0], 1.1)

    def test_nearly_the_whole_limit_is_used(self):
        moments = self.go(Pacer(30), 601)
        self.assertGreater(600 / (moments[-1] - moments[0]), 0.95 * 30)

    def test_what_a_pause_left_over_is_made_up(self):
        pacer = Pacer(30)
        self.go(pacer, 30)
        # When nothing is asked for half of the next second
        self.clock.sleep(1.5)
        # Then as many as ever go in that second
        self.assertEqual(len({*self.go(pacer, 30)}), 1)

    @settings(deadline=None)
    @given(st.lists(st.floats(0, 2), min_size=2, max_size=60))
    def test_no_second_has_more_than_the_limit(self, pauses):
        pacer, moments = Pacer(4), []
        for pause in pauses:
            self.clock.sleep(pause)
            moments += self.go(pacer, 1)
        for first, fifth in zip(moments, moments[4:], strict=False):
            self.assertGreater(fifth - first, 1.0)

    def test_an_account_has_one_pacer_of_its_plan(self):
        self.addCleanup(zoom_pace._pacers.clear)
        one = zoom_pace.get_pacer("account", 30)
        self.assertIs(zoom_pace.get_pacer("account", 30), one)
        self.assertIsNot(zoom_pace.get_pacer("other", 30), one)
        self.assertIsNot(zoom_pace.get_pacer("account", 80), one)
