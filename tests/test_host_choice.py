# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.host_choice import (
    Candidate,
    Meeting,
    choose_host,
    find_taken_starts,
    get_busy_times,
    is_taken,
)
from ..engine.overlaps import Span

START = datetime(2027, 3, 1, 8, 0)
DAY = 24 * 60


def at(minutes):
    return START + timedelta(minutes=minutes)


def meeting(minutes=30, start=0, **facts):
    return Meeting(at(start), at(start + minutes), **facts)


def candidate(host_id, left=90, *, basic=False, able=True, **facts):
    return Candidate(host_id, able, 40 if basic else None, left, **facts)


def busy(host_id, start, stop, pause=0):
    return {host_id: [Span(host_id, at(start), at(stop), 99, pause)]}


@tagged("post_install", "-at_install")
class TestChoice(BaseCase):
    """Who of the list hosts a meeting."""

    def assertChosen(self, expected, candidates, wanted=None, taken=None):
        chosen = choose_host(candidates, wanted or meeting(), taken or {})
        self.assertEqual(chosen, expected)

    def test_first_of_the_list(self):
        self.assertChosen(2, [candidate(2), candidate(1)])

    def test_most_requests_left(self):
        self.assertChosen(1, [candidate(2, 10), candidate(1, 11)])

    def test_who_is_free(self):
        both = [candidate(1), candidate(2, 1)]
        self.assertChosen(2, both, taken=busy(1, 0, 30))
        self.assertChosen(2, both, taken=busy(1, 29, 60))
        self.assertChosen(1, both, taken=busy(1, 30, 60))

    def test_pause_of_either_is_kept(self):
        both = [candidate(1, pause=15), candidate(2, 1)]
        self.assertChosen(2, both, taken=busy(1, 44, 60))
        self.assertChosen(1, both, taken=busy(1, 45, 60))
        both = [candidate(1), candidate(2, 1)]
        self.assertChosen(2, both, taken=busy(1, 44, 60, pause=15))
        self.assertChosen(1, both, taken=busy(1, 45, 60, pause=15))

    def test_nobody_who_is_busy(self):
        taken = {**busy(1, 0, 30), **busy(2, 0, 30)}
        self.assertChosen(None, [candidate(1), candidate(2)], taken=taken)

    def test_license_goes_before_requests_where_zoom_would_end_the_meeting(self):
        both = [candidate(1, 90, basic=True), candidate(2, 1)]
        self.assertChosen(1, both, meeting(40))
        self.assertChosen(2, both, meeting(41))
        # Better a Basic one than none
        self.assertChosen(1, both, meeting(41), busy(2, 0, 30))

    def test_who_has_no_requests_left_is_chosen_last(self):
        self.assertChosen(2, [candidate(1, 0), candidate(2, 1)])
        self.assertChosen(1, [candidate(1, 0), candidate(2, 0)])

    def test_a_meeting_waits_for_a_license_unless_that_is_too_late(self):
        both = [candidate(1, 90, basic=True), candidate(2, 0)]
        self.assertChosen(2, both, meeting(60))
        self.assertChosen(1, both, meeting(60, is_urgent=True))

    def test_nobody_inactive_while_another_is_active(self):
        both = [candidate(1, able=False), candidate(2)]
        self.assertChosen(2, both)
        self.assertChosen(None, both, taken=busy(2, 0, 30))
        self.assertChosen(None, both, meeting(host_id=1, is_moved=True), busy(2, 0, 30))
        # Its time is kept for who has it
        self.assertChosen(1, both, meeting(host_id=1), busy(2, 0, 30))
        # Those wait until one is active again
        both = [candidate(1, able=False), candidate(2, able=False)]
        self.assertChosen(1, both)

    def test_whom_zoom_refuses_is_chosen_last(self):
        both = [candidate(1, is_refused=True), candidate(2, 0)]
        self.assertChosen(2, both)
        self.assertChosen(1, both, taken=busy(2, 0, 30))

    def test_waiting_meeting_stays_as_long_as_its_host_has_requests(self):
        present = meeting(host_id=2)
        self.assertChosen(2, [candidate(1), candidate(2, 1)], present)
        self.assertChosen(1, [candidate(1), candidate(2, 0)], present)
        self.assertChosen(1, [candidate(1), candidate(2, able=False)], present)

    def test_waiting_meeting_goes_to_a_license_that_has_become_free(self):
        both = [candidate(1), candidate(2, basic=True)]
        self.assertChosen(1, both, meeting(60, host_id=2))

    def test_issued_meeting_never_moves_by_itself(self):
        issued = meeting(60, host_id=2, is_issued=True)
        for two in (
            candidate(2, 0),
            candidate(2, able=False),
            candidate(2, basic=True),
            candidate(2, is_refused=True),
        ):
            self.assertChosen(2, [candidate(1), two], issued)
        self.assertChosen(2, [candidate(1), candidate(2)], issued, busy(2, 0, 30))

    def test_moved_meeting_stays_with_its_host_if_that_one_is_free(self):
        moved = meeting(60, host_id=2, is_issued=True, is_moved=True)
        both = [candidate(1), candidate(2, 0, basic=True)]
        self.assertChosen(2, both, moved)
        self.assertChosen(1, both, moved, busy(2, 0, 30))
        self.assertChosen(1, [candidate(1), candidate(2, able=False)], moved)

    def test_issued_meeting_of_another_host_gets_one_of_the_list(self):
        issued = meeting(host_id=3, is_issued=True)
        self.assertChosen(1, [candidate(1), candidate(2)], issued)


@tagged("post_install", "-at_install")
class TestTakenStarts(BaseCase):
    """Starts at which none of several hosts is free long enough."""

    def starts(self, length, *hosts):
        times = [[(at(start), at(stop)) for start, stop in host] for host in hosts]
        found = find_taken_starts(times, timedelta(minutes=length))
        return [
            tuple((moment - START) / timedelta(minutes=1) for moment in pair)
            for pair in found
        ]

    def test_one_host(self):
        self.assertEqual(self.starts(30, [(60, 90)]), [(30, 90)])

    def test_no_host_is_busy(self):
        self.assertEqual(self.starts(30, [(60, 90)], []), [])
        self.assertEqual(self.starts(30), [])

    def test_all_are_busy(self):
        self.assertEqual(self.starts(30, [(60, 90)], [(75, 105)]), [(45, 90)])

    def test_no_change_of_hosts_within_a_meeting(self):
        # The first is free before 60, the second after it
        starts = self.starts(60, [(60, 120)], [(0, 60)])
        self.assertEqual(starts, [(0, 60)])
        found = [(at(0), at(60))]
        self.assertFalse(is_taken(found, at(0)))
        self.assertTrue(is_taken(found, at(1)))
        self.assertFalse(is_taken(found, at(60)))
        self.assertEqual(get_busy_times(found, timedelta(minutes=60)), [])

    def test_meeting_fits_exactly_between_two_others(self):
        starts = self.starts(30, [(0, 30), (60, 90)])
        self.assertEqual(starts, [(-30, 30), (30, 90)])

    def test_pauses_that_overlap(self):
        self.assertEqual(self.starts(30, [(60, 110), (100, 150)]), [(30, 150)])

    def test_busy_times(self):
        found = [(at(30), at(90)), (at(95), at(100))]
        busy = get_busy_times(found, timedelta(minutes=30))
        self.assertEqual(busy, [(at(60), at(90))])

    spans = st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 12)).map(
            lambda pair: (pair[0], sum(pair))
        ),
        max_size=6,
    )

    @given(st.lists(spans, min_size=1, max_size=4), st.integers(1, 12))
    @settings(max_examples=300, deadline=None)
    def test_same_as_trying_each_minute(self, hosts, length):
        times = [[(at(start), at(stop)) for start, stop in host] for host in hosts]
        found = find_taken_starts(times, timedelta(minutes=length))
        for minute in range(-15, 60):
            is_free = any(
                all(minute + length <= start or stop <= minute for start, stop in host)
                for host in hosts
            )
            self.assertEqual(is_taken(found, at(minute)), not is_free)
