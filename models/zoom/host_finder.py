# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What the choice among several Zoom users needs to know of the database."""

import re
from collections import Counter
from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Domain

from ...const import BASIC_MEETING_MINUTES
from ...engine.change_pace import is_urgent
from ...engine.host_choice import Candidate, Meeting, choose_host
from ...engine.overlaps import Span

# What PostgreSQL says of a refused row: host and time of the one that was there before.
ENTERED = re.compile(r'=\(\[(\d+),\d+\), \["([^"]+)","([^"]+)"\)\)')


class HostFinder:
    """Chooses hosts of bookings that may have one of several; each sees those before it.

    It takes some queries, whatever the number of bookings.

    :param dict rows: resource.booking -> its current or last meeting row, possibly none
    :param users: booking.zoom.user, all who may be chosen
    :param list spans: Spans that the database does not show yet
    """

    def __init__(self, rows, users, spans=()):
        self._users = users.sudo()
        self._meetings = users.env["booking.zoom.meeting"].sudo()
        self._reset = users._get_next_reset()
        self._left = {}  # is urgent -> (booking.zoom.user -> number)
        # Where the others take place at another time, their present one becomes free.
        known = {span.booking_id for span in spans} | {
            booking.id
            for booking, row in rows.items()
            if not row._has_time(booking._get_zoom_time())
        }
        busy = self._meetings._get_busy(
            users,
            min(booking.start for booking in rows),
            max(booking.stop for booking in rows),
        )
        self._taken = {
            host_id: [span for span in of_host if span.booking_id not in known]
            for host_id, of_host in busy.items()
        }
        for span in spans:
            self._taken.setdefault(span.host_id, []).append(span)
        self._promised, self._refused_ids = _count_promised(self._meetings, users)
        for row in rows.values():
            if row.state == "waiting" and not row._is_issued() and not row.only_held:
                self._promised[row.zoom_user_id.id] -= 1

    def choose(self, row, options):
        """Choose one of these, so that the next booking gets another one.

        :param row: booking.zoom.meeting, current or last one, possibly none
        :param dict options: booking.zoom.user -> values of the wanted row, in the order
            of the list
        :return dict: the values; None if all hosts are busy
        """
        first = next(iter(options.values()))
        booking = self._meetings.booking_id.browse(first["booking_id"])
        meeting = Meeting(
            first["start"],
            first["start"] + timedelta(minutes=first["duration"]),
            row.zoom_user_id.id or None,
            is_issued=row._is_issued(),
            is_moved=not row._has_time(first),
            is_urgent=is_urgent(
                first["start"], booking._get_reminder_moments(), self._reset
            ),
        )
        candidates = [
            self._describe(host, meeting.is_urgent, values["pause"])
            for host, values in options.items()
        ]
        self._release(meeting.host_id, first["booking_id"])
        host_id = choose_host(candidates, meeting, self._taken)
        if not host_id:
            return None
        values = options[self._users.browse(host_id)]
        self._taken.setdefault(host_id, []).append(make_span(values))
        if not (meeting.is_issued and meeting.host_id == host_id):
            self._promised[host_id] += 1
        return values

    def _release(self, host_id, booking_id):
        """Forget the present time of a booking: it is no other one's."""
        spans = self._taken.get(host_id, ())
        self._taken[host_id] = [one for one in spans if one.booking_id != booking_id]

    def _describe(self, host, is_urgent, pause):
        if is_urgent not in self._left:
            self._left[is_urgent] = self._users._get_requests_left(is_urgent)
        return Candidate(
            host.id,
            host._can_host() and host.connected,
            BASIC_MEETING_MINUTES if host.license == "basic" else None,
            self._left[is_urgent][host] - self._promised[host.id],
            host.is_refused or host.id in self._refused_ids,
            pause,
        )


def _count_promised(meetings, users):
    """Which requests of these Zoom users are promised already.

    :return tuple: Counter of creations to come by Zoom user's id; set of the ids of those
        whom Zoom has refused to let host
    """
    promised, refused_ids = Counter(), set()
    for host, problem, count in meetings._read_group(
        Domain("zoom_user_id", "in", users.ids)
        & Domain("state", "=", "waiting")
        & Domain("unanswered_since", "=", False)
        & Domain("only_held", "=", False)
        & Domain("stop", ">", fields.Datetime.now()),
        ["zoom_user_id", "problem"],
        ["__count"],
    ):
        promised[host.id] += count
        if problem == "host_refused":
            refused_ids.add(host.id)
    return promised, refused_ids


def make_span(values):
    """
    :param dict values: of a meeting row
    :rtype: Span
    """
    stop = values["start"] + timedelta(minutes=values["duration"])
    return Span(
        values["zoom_user_id"],
        values["start"],
        stop,
        values["booking_id"],
        values["pause"],
    )


def read_entered(violation):
    """The meeting that another transaction has entered meanwhile, as the database says.

    :param ExclusionViolation violation: of a meeting row
    :return Span: with the pause in its time; None if the database does not say it
    """
    found = ENTERED.findall(violation.diag.message_detail or "")
    if not found:
        return None
    host_id, start, stop = found[-1]
    return Span(
        int(host_id), datetime.fromisoformat(start), datetime.fromisoformat(stop), 0
    )
