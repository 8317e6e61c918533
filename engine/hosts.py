# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Which Zoom users can take over bookings. Pure functions; moments are naive UTC."""

from datetime import datetime
from typing import NamedTuple

from .overlaps import meet


class Host(NamedTuple):
    """What is known of a Zoom user."""

    id: int
    company_id: int
    can_host: bool
    longest: int | None  # minutes after which Zoom ends the meeting, None: it does not
    requests_left: int  # that these bookings may use today


class Wanted(NamedTuple):
    """A booking that is to be hosted by somebody else."""

    booking_id: int
    company_id: int | None  # None: any company's Zoom user can host it
    host_id: int | None  # of the present meeting
    start: datetime
    stop: datetime
    pause: int = 0  # minutes, see Span


def why_not(host, wanted, busy):
    """Why a Zoom user cannot take over these bookings.

    :param Host host:
    :param list wanted: of Wanted
    :param busy: Spans at which this host has meetings; those of the bookings do not count
    :return str: ``present`` (it hosts them already), ``inactive``, ``company``,
        ``license``, ``requests``, ``busy``; None if it can
    """
    moving = [one for one in wanted if one.host_id != host.id]
    own = {one.booking_id for one in wanted}
    taken = [span for span in busy if span.booking_id not in own]
    reasons = {
        "present": not moving,
        "inactive": not host.can_host,
        "company": any(one.company_id not in (None, host.company_id) for one in moving),
        "license": host.longest is not None
        and any(get_minutes(one) > host.longest for one in moving),
        "requests": len(moving) > host.requests_left,
        "busy": overlap(wanted)
        or any(meet(one, span) for one in moving for span in taken),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def get_minutes(wanted):
    return round((wanted.stop - wanted.start).total_seconds() / 60)


def overlap(spans):
    """Whether two of these take place at the same time, or too close."""
    spans = sorted(spans, key=lambda one: one.start)
    return any(meet(one, after) for one, after in zip(spans, spans[1:], strict=False))
