# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Who has come to a meeting, as far as its times tell.

Pure functions. Moments are naive UTC.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

# Whoever joins earlier only tries the link out.
EARLY = timedelta(hours=1)
# A meeting may last longer than planned.
LATE = timedelta(days=1)
# After the start, how long to wait until staff hear that the host is missing, and until it
# counts as "nobody came".
HOST_WAIT = timedelta(minutes=5)
NOBODY_WAIT = timedelta(minutes=15)


@dataclass(frozen=True)
class Attendance:
    """Times of a meeting; None is what is not known to have happened.

    ``…_joined_at`` is the first time, ``…_seen_at`` the last. A customer who waits to be
    let in has come.
    """

    started_at: datetime | None = None
    host_joined_at: datetime | None = None
    host_seen_at: datetime | None = None
    host_left_at: datetime | None = None
    customer_joined_at: datetime | None = None
    customer_seen_at: datetime | None = None
    ended_at: datetime | None = None

    def of_booking(self, start):
        """Leave out what happened long before the booking, as for its former time.

        :param datetime start: of the booking
        """
        since = start - EARLY
        gone = {
            field.name: None
            for field in fields(self)
            if getattr(self, field.name) and getattr(self, field.name) < since
        }
        return replace(self, **gone)


def is_of_booking(moment, start, stop):
    """Whether somebody who comes at this moment comes for the booking."""
    return start - EARLY <= moment <= stop + LATE


def get_end(attendance):
    """When the meeting ended, None while it goes on or was begun again."""
    since = (
        attendance.started_at,
        attendance.host_seen_at,
        attendance.customer_seen_at,
    )
    ended = attendance.ended_at
    return ended if ended and ended >= max(filter(None, since), default=ended) else None


def is_host_awaited(attendance, start, stop, now):
    """Whether a customer has come and the host is not there, although it is time."""
    return bool(
        attendance.customer_seen_at
        and start + HOST_WAIT <= now < stop
        and is_host_absent(attendance, start)
    )


def is_host_absent(attendance, start):
    """Whether the host has not come, or left before the start or the last customer.

    After a consultation that was short, both have left: nobody waits.
    """
    seen, customer = attendance.host_seen_at, attendance.customer_seen_at
    if not seen:
        return True
    left = max(
        filter(None, (attendance.host_left_at, attendance.ended_at)), default=None
    )
    return bool(left and left >= seen and left < max(filter(None, (start, customer))))
