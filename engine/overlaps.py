# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""A Zoom user hosts one booking at a time, with pauses between them."""

from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple


class Span(NamedTuple):
    """A time, naive UTC, at which a Zoom user hosts a booking."""

    host_id: int
    start: datetime
    stop: datetime
    booking_id: int
    pause: int = 0  # minutes without another booking, before and after


def find_clashes(spans):
    """Pairs of bookings that one Zoom user would host at the same time, or too close.

    :param spans: iterable of Span
    :return set: pairs of Span
    """
    return {
        (one, other)
        for one, other in combinations(spans, 2)
        if one.host_id == other.host_id and meet(one, other)
    }


def meet(one, other):
    """Whether two bookings overlap, or their pause is too short.

    The longer one of their pauses counts. The database has the same rule.
    """
    start, stop = pad(one, other.pause)
    return start < other.stop and other.start < stop


def pad(span, pause):
    """When a Zoom user cannot host a booking with such a pause because of another one.

    :param Span span: of the other one
    :param int pause: minutes
    :return tuple: start and stop
    """
    gap = timedelta(minutes=max(span.pause, pause))
    return span.start - gap, span.stop + gap


def overlap_without_pause(one, other):
    return one.start < other.stop and other.start < one.stop
