# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Why a meeting waits, apart from its problem.

If it has one, that is the reason, unless nothing is sent at all: the table in `problems.py`
names the functions that find each problem.
"""

from ..const import CLAIM_DURATION

UNFINISHED = ("waiting", "changed", "removing")
# Nothing is sent to Zoom as long as these hold, whoever asks for it.
NOT_TO_SEND = ("over", "superseded", "begun", "held", "off", "late")


def why_waits(row, now, *, waits_for_successor=False, stopped=None, needs_token=False):
    """What keeps a row from being as Zoom should have it, besides its problem.

    :param row: has the fields of booking.zoom.meeting that are read here
    :param datetime now: naive UTC
    :param bool waits_for_successor: whether a new meeting must come before this one goes
    :param stopped: of the scheduled action, see ``why_stopped``
    :param bool needs_token: whether the access token of the account must be renewed
    :return: None, or ``over``, ``superseded``, ``asking``, ``begun`` (before its meeting
        was created), ``held`` (the booking only holds its time), ``off``, ``late`` or
        ``failing`` of the action, ``later``, ``unrecorded`` (the server stopped while
        Zoom was asked), ``token``, ``soon``
    """
    if has_begun_without(row, now):
        return "begun"
    if row.stop <= now:
        return "over"
    if row.state not in UNFINISHED:
        return None
    if row.state == "removing" and waits_for_successor:
        return "superseded"
    if row.claimed_at and row.claimed_at > now - CLAIM_DURATION:
        return "asking"
    if row.only_held and row.state != "removing":
        return "held"
    if stopped:
        return stopped
    if row.next_attempt and row.next_attempt > now:
        return "later"
    if row.claimed_at:
        return "unrecorded"
    return "token" if needs_token else "soon"


def has_begun_without(row, now):
    """Whether the booking began before its meeting was created: none is created any more."""
    return row.state == "waiting" and row.start <= now and not row.unanswered_since
