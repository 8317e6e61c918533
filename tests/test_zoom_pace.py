# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..const import REQUESTS_PER_SECOND
from ..tools import zoom_pace
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_oauth import ZoomOAuth
from ..tools.zoom_pace import Pacer
from .zoom_simulator import ZoomSimulator


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

    def go(self, pacer, count, call="POST /meetings"):
        """Make so many requests one after another; when each was let through."""
        moments = []
        for _number in range(count):
            pacer.wait(call)
            moments.append(self.clock.now)
        return moments

    def pacer(self, light, medium=None):
        """A pacer; creations are known to be of the category Light."""
        pacer = Pacer({"Light": light, "Medium": medium or light})
        pacer.learn("POST /meetings", "Light")
        return pacer

    def test_as_many_as_zoom_admits_go_at_once(self):
        self.assertEqual(self.go(self.pacer(30), 30), [1000.0] * 30)

    def test_what_another_process_has_sent_counts(self):
        # Given a process that has sent three of four
        first, second = self.pacer(4), self.pacer(4)
        self.go(first, 3)
        # When another one goes on a little later
        self.clock.now += 0.25
        turns = first.get_turns()
        self.clock.now += 0.25
        second.take_over(turns, 0, 0.25)
        # Then one goes at once, and the next one a second after the first
        moments = self.go(second, 2)
        self.assertEqual(moments[0], 1000.5)
        self.assertGreater(moments[1], 1001.0)
        self.assertLess(moments[1], 1001.1)

    def test_what_a_killed_process_may_have_sent_counts_from_now_on(self):
        pacer = self.pacer(4)
        pacer.take_over({}, 16, 3.0)
        self.assertGreater(self.go(pacer, 1)[0], 1001.0)

    def test_what_was_sent_long_ago_does_not_count(self):
        first, second = self.pacer(4), self.pacer(4)
        self.go(first, 4)
        self.clock.now += 2
        self.assertFalse(first.get_turns()["Light"])
        second.take_over({"Light": [-0.5] * 4}, 0, 2.0)
        self.assertEqual(self.go(second, 4), [1002.0] * 4)

    @given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.data())
    @settings(deadline=None)
    def test_no_second_has_more_than_zoom_admits(self, runs, data):
        # Whichever process goes on when, each leaves its turns to the next one.
        moments, turns, noted = [], {}, self.clock.now
        for count in runs:
            pacer = self.pacer(4)
            pacer.take_over(turns, 0, self.clock.now - noted)
            moments += self.go(pacer, count)
            turns, noted = pacer.get_turns(), self.clock.now
            self.clock.now += data.draw(st.floats(0, 2))
        for number, moment in enumerate(moments[4:]):
            self.assertGreater(moment - moments[number], 1.0)

    def test_the_next_one_waits_for_a_little_more_than_a_second(self):
        moments = self.go(self.pacer(4), 5)
        self.assertGreater(moments[-1] - moments[0], 1.0)
        self.assertLess(moments[-1] - moments[0], 1.1)

    def test_nearly_the_whole_limit_is_used(self):
        moments = self.go(self.pacer(30), 601)
        self.assertGreater(600 / (moments[-1] - moments[0]), 0.95 * 30)

    def test_what_a_pause_left_over_is_made_up(self):
        pacer = self.pacer(30)
        self.go(pacer, 30)
        # When nothing is asked for half of the next second
        self.clock.sleep(1.5)
        # Then as many as ever go in that second
        self.assertEqual(len({*self.go(pacer, 30)}), 1)

    @settings(deadline=None)
    @given(st.lists(st.floats(0, 2), min_size=2, max_size=60))
    def test_no_second_has_more_than_the_limit(self, pauses):
        pacer, moments = self.pacer(4), []
        for pause in pauses:
            self.clock.sleep(pause)
            moments += self.go(pacer, 1)
        for first, fifth in zip(moments, moments[4:], strict=False):
            self.assertGreater(fifth - first, 1.0)

    def test_unknown_call_goes_at_the_pace_of_medium(self):
        pacer = Pacer({"Light": 30, "Medium": 20})
        self.assertEqual(len({*self.go(pacer, 20)}), 1)
        self.assertGreater(self.go(pacer, 1)[0], 1001.0)

    def test_call_goes_at_the_pace_that_zoom_names(self):
        for category, number in (("Light", 30), ("medium", 20), ("Heavy", 10)):
            with self.subTest(category):
                pacer = Pacer({"Light": 30, "Medium": 20, "Heavy": 10})
                pacer.learn("POST /meetings", category)
                moments = self.go(pacer, number + 1)
                self.assertEqual(moments[number - 1], moments[0])
                self.assertGreater(moments[number], moments[0] + 1)

    def test_zoom_may_name_another_category_later(self):
        pacer = self.pacer(30, 20)
        pacer.learn("POST /meetings", "Medium")
        self.assertEqual(len({*self.go(pacer, 21)}), 2)

    def test_category_that_is_none_changes_nothing(self):
        pacer = self.pacer(30, 20)
        for name in ("", None, "Whatever"):
            pacer.learn("POST /meetings", name)
        self.assertEqual(len({*self.go(pacer, 30)}), 1)

    def test_categories_do_not_wait_for_each_other(self):
        pacer = self.pacer(30, 20)
        pacer.learn("GET /users", "Medium")
        moments = [*self.go(pacer, 30), *self.go(pacer, 20, "GET /users")]
        self.assertEqual(len({*moments}), 1)

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(st.sampled_from(["light", "medium", "new"]), st.floats(0, 1)),
            min_size=2,
            max_size=60,
        )
    )
    def test_unknown_calls_break_no_limit_whatever_zoom_counts_them_as(self, steps):
        pacer = Pacer({"Light": 4, "Medium": 2})
        pacer.learn("light", "Light")
        pacer.learn("medium", "Medium")
        moments = {"light": [], "medium": []}
        for call, pause in steps:
            self.clock.sleep(pause)
            (at,) = self.go(pacer, 1, call)
            for name, known in moments.items():
                if call in (name, "new"):
                    known.append(at)
        for name, number in (("light", 4), ("medium", 2)):
            known = moments[name]
            for first, next_one in zip(known, known[number:], strict=False):
                self.assertGreater(next_one - first, 1.0)

    def test_an_account_has_one_pacer_of_its_plan(self):
        self.addCleanup(zoom_pace._pacers.clear)
        one = zoom_pace.get_pacer("account", "pro")
        self.assertIs(zoom_pace.get_pacer("account", "pro"), one)
        self.assertIsNot(zoom_pace.get_pacer("other", "pro"), one)
        self.assertIsNot(zoom_pace.get_pacer("account", "business"), one)


@tagged("post_install", "-at_install")
class TestPaceOfAClient(BaseCase):
    """Whatever Zoom counts creations as, it refuses none for the second."""

    def create_many(self, category):
        """Create nine meetings, eight at a time, on the plan "free"; their statuses."""
        zoom = self.enterContext(ZoomSimulator())
        zoom.create_category = category
        account = zoom.add_account("account", plan="free")
        zoom.add_app(account, "id", "secret", kind="account_credentials")
        host = zoom.add_user(account)
        token = ZoomOAuth(zoom.url, "id", "secret").account_credentials("account")
        pacer = Pacer(REQUESTS_PER_SECOND["free"])
        client = ZoomClient(f"{zoom.url}/v2", token.access_token, pacer=pacer)
        with ThreadPoolExecutor(8) as executor:
            for _number in range(9):
                executor.submit(client.create_meeting, host.id, {"topic": "x"})
        return [one.status for one in zoom.requests_of("POST", "/meetings")]

    def test_creations_are_light_or_medium(self):
        for category in ("Light", "Medium"):
            with self.subTest(category):
                self.assertEqual(self.create_many(category), [201] * 9)
