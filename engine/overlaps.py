# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""A Zoom user hosts one booking at a time."""

from datetime import datetime
from itertools import combinations
from typing import NamedTuple


class Span(NamedTuple):
    """A time, naive UTC, at which a Zoom user hosts a booking."""

    host_id: int
    start: datetime
    stop: datetime
    booking_id: int


def find_clashes(spans):
    """Pairs of bookings that one Zoom user would host at the same time.

    :param spans: iterable of Span
    :return set: pairs of Span
    """
    return {
        (one, other)
        for one, other in combinations(spans, 2)
        if one.host_id == other.host_id
        and one.start < other.stop
        and other.start < one.stop
    }
