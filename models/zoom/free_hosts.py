# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""At which times the Zoom users of combinations can host a booking."""

from bisect import bisect_right
from datetime import timedelta
from itertools import chain

from pytz import utc

from odoo.tools.intervals import Intervals

from odoo.addons.resource_booking.models.resource_booking import _merge_intervals

from ...engine.host_choice import find_taken_starts, get_busy_times, is_taken
from ...engine.overlaps import pad


class FreeHosts:
    """The free times of a booking's combinations, as far as Zoom users are concerned.

    :param dict hosts: combination id -> booking.zoom.user, of whom any may host
    :param dict busy: id of a Zoom user -> Spans
    :param dict pauses: id of a Zoom user -> minutes, of the booking
    :param timedelta length: of the booking
    :param zone: tzinfo of the intervals
    :param nothing: an empty recordset, for the intervals
    """

    def __init__(self, hosts, busy, pauses, length, zone, nothing):
        self._length, self._zone, self._nothing = length, zone, nothing
        # A list may serve many combinations, and a host may have thousands of meetings.
        by_list, self._taken = {}, {}
        for combination_id, users in hosts.items():
            key = users._ids
            if key not in by_list:
                times = [
                    [pad(span, pauses[host_id]) for span in busy.get(host_id, ())]
                    for host_id in key
                ]
                by_list[key] = find_taken_starts(times, length)
            self._taken[combination_id] = by_list[key]
        self._of_several = [
            taken for key, taken in by_list.items() if len(key) > 1 and taken
        ]
        self._intervals = {}  # id of the list of starts -> Intervals
        self._free = {}  # combination id -> Intervals
        self._merged = {}  # combination id -> (starts, stops)

    def is_limited(self):
        """Whether there are any times at which nobody is free."""
        return any(self._taken.values())

    def restrict(self, combination_id, free, start, stop):
        """Leave out what no meeting can touch.

        :param Intervals free: when the combination is free otherwise
        :param start: aware, of the time that is looked at
        :param stop: aware
        """
        taken = self._taken.get(combination_id) or []
        if stop - start <= self._length and is_taken(taken, _to_naive(start)):
            # No other start is asked for, and the host would have to change in between.
            free = Intervals([])
        if id(taken) not in self._intervals:
            self._intervals[id(taken)] = Intervals(
                [
                    (self._localize(start), self._localize(stop), self._nothing)
                    for start, stop in get_busy_times(taken, self._length)
                ]
            )
        free -= self._intervals[id(taken)]
        self._free[combination_id] = free
        return free

    def _localize(self, moment):
        return moment.replace(tzinfo=utc).astimezone(self._zone)

    def filter_slots(self, slots):
        """Leave out slots at which the host would have to change in between.

        :param dict slots: date -> aware moments
        """
        if not self._of_several:
            return slots
        kept = {
            day: [moment for moment in moments if self._can_start(moment)]
            for day, moments in slots.items()
        }
        return {day: moments for day, moments in kept.items() if moments}

    def _can_start(self, moment):
        start = _to_naive(moment)
        if not any(is_taken(taken, start) for taken in self._of_several):
            return True
        return any(
            not is_taken(taken, start) and self._is_free(combination_id, moment)
            for combination_id, taken in self._taken.items()
        )

    def _is_free(self, combination_id, moment):
        """Whether the combination itself is free from this moment on."""
        if combination_id not in self._merged:
            merged = _merge_intervals(self._free[combination_id])._items
            self._merged[combination_id] = (
                [item[0] for item in merged],
                [item[1] for item in merged],
            )
        starts, stops = self._merged[combination_id]
        found = bisect_right(starts, moment) - 1
        return found >= 0 and moment + self._length <= stops[found]


def _to_naive(moment):
    return moment.astimezone(utc).replace(tzinfo=None)


class Watch:
    """Where the search for slots leaves what it knows of hosts; equal to no other one."""

    free_hosts = None


def find_free_hosts(booking, candidates, start_dt, end_dt):
    """When Zoom users of these combinations can host the booking, in one query.

    :param booking: resource.booking, possibly new
    :param candidates: resource.booking.combination
    :param start_dt: aware
    :param end_dt: aware
    :rtype: FreeHosts
    """
    hosts = _get_hosts_to_offer(booking, candidates)
    users = booking.env["booking.zoom.user"].sudo().union(*hosts.values())
    start = start_dt.astimezone(utc).replace(tzinfo=None)
    stop = end_dt.astimezone(utc).replace(tzinfo=None)
    busy = booking.env["booking.zoom.meeting"]._get_busy(users, start, stop)
    pauses = {user.id: booking.type_id._get_zoom_pause(user) for user in users}
    for span in chain.from_iterable(busy.values()):
        if (span.booking_id, span.start, span.stop) == (
            booking._origin.id,
            start,
            stop,
        ):
            # Its present time is judged by the pause with which it got it.
            pauses = dict.fromkeys(users.ids, span.pause)
    others = {
        host_id: [span for span in spans if span.booking_id != booking._origin.id]
        for host_id, spans in busy.items()
    }
    length = timedelta(minutes=booking._get_zoom_time()["duration"])
    nothing = booking.env["resource.calendar.leaves"]
    return FreeHosts(hosts, others, pauses, length, start_dt.tzinfo, nothing)


def _get_hosts_to_offer(booking, candidates):
    """The Zoom users who could host the booking with each of these combinations.

    :return dict: combination id -> booking.zoom.user, superuser
    """
    own = booking._get_own_host()
    by_bound, hosts = {}, {}
    for combination in candidates:
        bound = own or combination._get_hosts()
        if bound not in by_bound:
            listed = booking.type_id._choose_zoom_hosts(bound).sudo()
            able = listed.filtered(lambda one: one._can_host() and one.connected)
            # Nobody books an inactive one, as long as others of the list are active.
            by_bound[bound] = able or listed
        hosts[combination.id] = by_bound[bound]
    return hosts
