# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""When a meeting is read again in Zoom: before its reminders, its start, and other mails.

Somebody may have changed or deleted it there. Reading is free.
Rows are booking.zoom.meeting, superuser.
"""

from datetime import timedelta

from odoo import fields

from ...const import CURRENT_STATES, ISSUE_TIME, LONGEST_READING_HOLD
from ...engine.mail_timing import is_check_awaited
from ...utils import lock_rows

# A meeting is read this long before its reminder and its start, so that what somebody
# changed in Zoom is mended in time.
CHECK_BEFORE = timedelta(minutes=15)
# It is read again if a mail is to tell its link and the last reading is older than this.
READ_WITHIN = timedelta(minutes=2)
# A mail waited in vain for a reading. The next mails wait only after this time.
ASK_AGAIN = timedelta(hours=1)


def plan_check(rows):
    """Plan the next reading, shortly before a reminder or the start."""
    now = fields.Datetime.now()
    for row in rows:
        if not (row.booking_id and row.zoom_id and row.state in CURRENT_STATES):
            # The booking may have been deleted while its meeting was created.
            continue
        if row.check_at and (row.check_at <= now or row.check_at == row.next_attempt):
            # Due, or put off in an outage: it is planned again afterwards.
            continue
        moments = [*row.booking_id._get_reminder_moments(), row.start]
        planned = [moment - CHECK_BEFORE for moment in moments if moment > now]
        check_at = min(
            (at for at in planned if not row.checked_at or at > row.checked_at),
            default=False,
        )
        if row.check_at != check_at:
            row.check_at = check_at


def is_stale(row):
    """Whether the meeting was not read a moment ago, and the scheduled action can read it.

    False for an empty recordset.
    """
    is_fresh = (
        row.checked_at
        and row.checked_at > fields.Datetime.now() - READ_WITHIN
        and not row.missing_since
    )
    return bool(
        not is_fresh
        and row._is_usable()
        and row.zoom_user_id.connected
        and row.problem != "not_linked"
    )


def _get_awaited_since(row):
    """Since when a mail waits for a reading, None if none waits."""
    since = row.awaited_since
    if (
        not since
        or since <= fields.Datetime.now() - ASK_AGAIN
        or (row.checked_at and since <= row.checked_at)
    ):
        return None
    return since


def is_to_be_read(row):
    """Whether the meeting must be read before a mail with its join link goes out."""
    return is_stale(row) and not _get_awaited_since(row)


def awaits_reading(row, last_moment):
    """Whether a mail with the join link is held until the meeting was read.

    An outage holds it for some minutes at most.

    :param last_moment: when a held mail goes out at last, naive UTC
    """
    if not is_stale(row):
        return False
    since = _get_awaited_since(row)
    if not since:
        return True
    # Without a time, reading it was given up.
    return bool(row.check_at) and is_check_awaited(
        last_moment,
        fields.Datetime.now(),
        awaited_since=since,
        is_missing=bool(row.missing_since),
    )


def ask_before_mail(rows):
    """Have the meetings read at once, since mails wait for it.

    :return list: when to try the mails again, naive UTC
    """
    free = lock_rows(rows, wait=False)
    asked = free.filtered(is_to_be_read)
    now, moments = fields.Datetime.now(), []
    if asked:
        # A missing meeting is read again only after GONE_WAIT.
        asked.filtered(
            lambda row: not (row.missing_since and row.check_at)
        )._check_now()
        asked.awaited_since = now
        moments = [now + ISSUE_TIME, now + LONGEST_READING_HOLD]
    if free != rows:
        # The others are locked by somebody.
        moments.append(now + timedelta(seconds=5))
    return moments
