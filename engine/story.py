# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What the history of a booking tells about its meeting."""

from datetime import datetime
from typing import NamedTuple

from ..const import CURRENT_STATES
from .problems import LIMITS


class Chapter(NamedTuple):
    """What the story depends on: fields of booking.zoom.meeting."""

    state: str
    problem: str | None
    has_link: bool
    start: datetime
    duration: int
    sent_start: datetime | None
    sent_duration: int

    @property
    def is_as_wanted(self):
        """Whether Zoom has the time of the booking."""
        return (self.sent_start, self.sent_duration) == (self.start, self.duration)


def find_event(before, after, is_over):
    """What has happened to a meeting, if people want to read it later.

    Nothing of attempts: a request that is repeated is no news.

    :param Chapter before:
    :param Chapter after:
    :param bool is_over: the meeting stays in Zoom then
    :return: ``issued``, ``moved``, ``limit``, ``removed``, or None
    """
    if after.state not in CURRENT_STATES:
        gone = after.state == "removed" != before.state
        return "removed" if gone and before.has_link and not is_over else None
    if after.has_link and not before.has_link:
        return "issued"
    if before.has_link and after.is_as_wanted:
        sent = (before.sent_start, before.sent_duration)
        if sent != (after.sent_start, after.sent_duration):
            return "moved"
    if after.problem in LIMITS and before.problem not in LIMITS:
        return "limit"
    return None
