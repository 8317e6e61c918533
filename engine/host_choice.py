# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Which of several Zoom users hosts a booking, and when none of them can. Pure functions."""

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import NamedTuple

from .overlaps import Span, meet


class Candidate(NamedTuple):
    """What is known of a Zoom user who may host a booking."""

    id: int
    can_host: bool
    longest: int | None  # minutes after which Zoom ends the meeting, None: it does not
    requests_left: int  # today, without those that other waiting meetings take
    is_refused: bool = False  # Zoom has refused to let this user host
    pause: int = 0  # minutes, of this booking with this host


class Meeting(NamedTuple):
    """A meeting that is to be hosted."""

    start: datetime
    stop: datetime
    host_id: int | None = None  # the present one
    is_issued: bool = False  # Zoom has it, or may have it
    is_moved: bool = False  # somebody has chosen another time
    is_urgent: bool = False  # it may use the reserve, see change_pace.is_urgent


def choose_host(candidates, meeting, taken):
    """Who hosts a meeting.

    An issued meeting stays with its host, unless it is moved to a time at which that one
    cannot host it. Others go to one who is free: to one who hosts them to their end, then
    to one with requests left, to the present host, to the one with most requests left, to
    the first of the list. Where requests are too late tomorrow, they go first. A meeting
    that is not moved stays where no other host is free.

    :param list candidates: of Candidate, in the order of the list
    :param Meeting meeting:
    :param dict taken: id of a host -> Spans at which it has other meetings
    :return: id of the host, None if it must be one who is busy
    """

    def is_free(one):
        wanted = Span(one.id, meeting.start, meeting.stop, 0, one.pause)
        return not any(meet(wanted, span) for span in taken.get(one.id, ()))

    for one in candidates:
        if one.id == meeting.host_id and meeting.is_issued:
            if not meeting.is_moved or one.can_host and is_free(one):
                return one.id
    minutes = (meeting.stop - meeting.start) / timedelta(minutes=1)

    def rank(one):
        has_none_left = one.requests_left <= 0
        return (
            one.is_refused,
            has_none_left and meeting.is_urgent,
            one.longest is not None and minutes > one.longest,
            has_none_left,
            one.id != meeting.host_id,
            -one.requests_left,
        )

    free = filter(is_free, keep_able(candidates))
    best = min(free, key=rank, default=None)
    if best:
        return best.id
    stays = not meeting.is_moved and meeting.host_id in {one.id for one in candidates}
    return meeting.host_id if stays else None


def keep_able(candidates):
    """Those who can host; all if none can, for their meetings wait until one can again."""
    return [one for one in candidates if one.can_host] or candidates


# === TIMES AT WHICH NOBODY IS FREE === #
#
# A meeting stays with one host. So it is not enough that somebody is free at each moment:
# what is looked for are starts from which one host is free long enough.


def find_taken_starts(hosts, length):
    """The starts of a meeting for which none of these hosts is free long enough.

    :param list hosts: per host, the times (start, stop) at which it is busy, in any order
    :param timedelta length: of the meeting
    :return list: of (begin, end), in order; a meeting can start at either, not between
    """
    found = None
    # Few times of one host leave little to look for in those of the others.
    for times in sorted(hosts, key=len):
        taken = _join((start - length, stop) for start, stop in times)
        found = taken if found is None else _intersect(found, taken)
        if not found:
            break
    return found or []


def _join(times):
    """Make one of times that overlap."""
    joined = []
    for begin, end in sorted(times):
        if joined and begin < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _intersect(some, others):
    """The times that are in both lists, which are in order."""
    found, i, j = [], 0, 0
    while i < len(some) and j < len(others):
        begin = max(some[i][0], others[j][0])
        end = min(some[i][1], others[j][1])
        if begin < end:
            found.append((begin, end))
        if some[i][1] < others[j][1]:
            i += 1
        else:
            j += 1
    return found


def is_taken(starts, moment):
    """
    :param list starts: see find_taken_starts
    """
    before = bisect_left(starts, (moment,)) - 1
    return before >= 0 and moment < starts[before][1]


def get_busy_times(starts, length):
    """The times that no meeting of this length can touch.

    :param list starts: see find_taken_starts
    :param timedelta length:
    :return list: of (start, stop), in order
    """
    return [(begin + length, end) for begin, end in starts if begin + length < end]
