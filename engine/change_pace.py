# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""When a change of a booking is sent to Zoom, and which is urgent. Pure functions.

Each creation and update counts towards the daily limit of 100 requests per host. A change
of time is not urgent, since the join link stays the same and works at any time. So changes
of one booking are sent together.
"""

from datetime import timedelta

# This many changes of a booking are sent at once each day, later ones after pauses.
AT_ONCE = 2
FIRST_PAUSE = timedelta(minutes=5)
LONGEST_POSTPONEMENT = timedelta(hours=1)
# Zoom gets the final time this long before a reminder or the start.
TOLD_BEFORE = timedelta(minutes=15)
# Later changes are sent this long before, at the latest.
LAST_CALL = timedelta(minutes=2)


def get_send_at(kind, created, updated, last_at, most, moments, reset, now):
    """When a creation or an update may be sent, `now` if at once.

    The day's first creation is never held back. The last change of the day is kept for
    the next reminder or the start, and one more for the start itself.

    :param str kind: ``create`` or ``update``
    :param int created: creations of the booking on this UTC day
    :param int updated: its updates
    :param datetime last_at: of the last of both, None when there was none
    :param int most: changes of a booking per day, at least 1
    :param list moments: reminders, some maybe over, and last the start
    :param datetime reset: when the daily limit is reset
    :rtype: datetime
    """
    first = kind == "create" and not created
    changes = max(created - 1, 0) + updated
    if first or not last_at or changes < min(AT_ONCE, most - 1):
        return now
    if changes > most and kind == "update":
        # The link works all the same.
        return reset
    send_at = reset
    if changes < most - 1:
        pause = FIRST_PAUSE * 2 ** min(changes - AT_ONCE, 10)
        send_at = last_at + min(pause, LONGEST_POSTPONEMENT)
    elif changes == most and kind == "update":
        return max(min(send_at, moments[-1] - LAST_CALL), now)
    moment = min(moment for moment in moments if moment > now)
    return max(min(send_at, _get_deadline(last_at, moment)), now)


def is_urgent(start, reminders, reset):
    """Whether a booking's join link is needed before the daily limit is reset.

    Also for a booking soon after 00:00 UTC, the morning in Japan: its reminder goes out
    before. A reminder days ahead makes nothing urgent.

    :param datetime start: of the meeting
    :param list reminders: when they are due
    :param datetime reset: when the daily limit is reset
    """
    if start < reset:
        return True
    is_soon = start < reset + timedelta(days=1)
    return is_soon and any(moment < reset for moment in reminders)


def _get_deadline(last_at, moment):
    """When Zoom must have the time that is valid at `moment`."""
    deadline = moment - TOLD_BEFORE
    if last_at < deadline:
        return deadline
    # Zoom has the time of then already.
    return min(last_at + FIRST_PAUSE, moment - LAST_CALL)
