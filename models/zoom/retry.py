# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""“Retry now”: for which meetings a request is sent, and what is said of the others.

Rows are booking.zoom.meeting, superuser.
"""

from collections import Counter

from odoo import fields

from ...engine.waiting import NOT_TO_SEND
from ...utils import RELOAD, show_message, time_in_words
from .claims import get_account_pause
from .meeting_words import describe_problem, describe_reason, find_wait


def choose_to_ask(rows):
    """Choose the rows to send a request for; of those that share a limit, only one.

    If Zoom accepts that one, the others go on.

    :return tuple: rows, and a Counter of reasons for the others
    """
    asked, left, probed = rows.browse(), Counter(), set()
    for row in rows:
        reason = _get_reason_not_to_ask(row)
        limit = None if reason else _find_known_limit(row)
        if limit and limit in probed:
            reason = _describe_shared_limit(row, limit)
        if reason:
            left[reason] += 1
        else:
            probed.add(limit)
            asked |= row
    return asked, left


def _get_reason_not_to_ask(row):
    """Why a request now would not help, False if it might."""
    reason = find_wait(row, fields.Datetime.now())
    if reason in NOT_TO_SEND:
        return describe_reason(row, reason)
    if row.state != "removing" and row._get_host_problem():
        return describe_problem(row, detail=False)
    if not row.zoom_user_id.connected:
        return row.env._(
            "The Zoom account is not connected. Ask an administrator to connect it."
        )
    return False


def _find_known_limit(row):
    """The Zoom account or Zoom user whose daily limit is reached, as far as Odoo knows."""
    host = row.zoom_user_id
    if get_account_pause(host.account_id):
        return host.account_id
    counted = row.state in ("waiting", "changed") and not row.unanswered_since
    if counted and (
        row.problem == "daily_limit" or not host._get_requests_left(urgent=True)[host]
    ):
        return host
    return None


def _describe_shared_limit(row, limit):
    """Until when the other rows wait that share this limit.

    :param limit: booking.zoom.account or booking.zoom.user
    """
    until = limit._name == "booking.zoom.account" and get_account_pause(limit)
    return row.env._(
        "They wait until %(time)s for the daily limit of %(name)s, unless Zoom accepts "
        "the request that is sent now.",
        time=time_in_words(row.env, until or row.zoom_user_id._get_next_reset()),
        name=limit.display_name,
    )


def notify_of_retry(env, asked, left):
    """The notification after the button.

    :param int asked: number of meetings for which a request is sent
    :param left: Counter of reasons for the others
    """
    said = [
        env._(
            "Retrying now. Meetings: %(count)s. The result appears here in a moment.",
            count=asked,
        )
        if asked
        else env._("Nothing was retried.")
    ]
    said += [
        env._("Not retried: %(count)s. %(reason)s", count=count, reason=reason)
        for reason, count in left.items()
    ]
    if not asked and not left:
        said.append(env._("No meeting is waiting."))
    kind = "success" if asked and not left else "warning"
    return show_message(" ".join(said), kind, bool(left), RELOAD)
