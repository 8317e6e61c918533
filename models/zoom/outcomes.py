# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""After a request: what came back is written down, and what follows is done.

What it means is decided in `engine.decide`. Rows are booking.zoom.meeting, superuser.
"""

import logging
import random

from odoo import fields
from odoo.fields import Domain

from ... import exceptions as zoom
from ...const import COUNTED, CURRENT_STATES
from ...engine.decide import (
    DayLimit,
    GiveBackChange,
    GiveBackRequest,
    IssueAnew,
    LimitAdmitted,
    NoteAccountLimit,
    NoteHostLimit,
    PlanCheck,
    RefreshUsers,
    RemoveDuplicate,
    WithholdLink,
    decide,
    decide_no_token,
)
from ...engine.problems import LEFT_FOR_OTHER_HOST
from ...utils import lock_rows
from .account_troubles import are_many_gone
from .claims import get_account_pause
from .host_changes import leave_host
from .readings import plan_check
from .shared_links import (
    filter_disclosable,
    find_sharing,
    is_number_shared,
    withhold_shared,
)
from .user_list import refresh_users

_logger = logging.getLogger(__name__)


def record_outcome(row, outcome, wait=True):
    """Record the outcome of a request.

    :param Outcome outcome:
    :param bool wait: for whoever saves the booking of the row now
    :return bool: False if somebody else has locked the row
    """
    if not lock_rows(row, wait) and row.exists():
        return False
    if outcome.error:
        # str() has the code and the tracking ID, which Zoom's support asks for.
        _logger.info("Zoom: %s", outcome.error)
    decision = decide(
        row._take_snapshot(**get_surroundings(row, outcome)),
        outcome.job,
        outcome.error or outcome.answers,
        fields.Datetime.now(),
        random.random(),
    )
    _carry_out(row, decision)
    return True


def record_no_token(rows, error=None):
    """Record that no request can be sent for these rows now.

    :param ZoomError error: None during an outage
    :return list: ids of the rows that somebody else has locked
    """
    if error:
        _logger.info("Zoom: %s", error)
    locked = lock_rows(rows, wait=False)
    now = fields.Datetime.now()
    for row in locked:
        known = row._take_snapshot()
        _carry_out(row, decide_no_token(known, error, now, random.random()))
    return (rows - locked).ids


def park(row, reason):
    """Stop a row that raises, so that the others go on.

    :param str reason: class of the exception
    """
    row.write({"problem": "failed", "problem_detail": reason, "next_attempt": False})


def notify_bookings(rows, wait=True):
    """Tell the bookings that answers were recorded.

    :param bool wait: wait for bookings that somebody saves now
    :return list: ids of the rows that were left out
    """
    # Another worker may have recorded the same join link at the same time.
    withhold_shared(rows)
    shared = find_sharing(rows)
    bookings = rows.booking_id
    free = bookings._on_join_link_changed(wait)
    left = rows.filtered(lambda row: row.booking_id in bookings - free)
    return (left | (filter_disclosable(shared) and rows & shared)).ids


# === WHAT THE DECISION NEEDS TO KNOW OF OTHER ROWS === #


def get_surroundings(row, outcome):
    """Facts about other rows that the decision on this outcome needs.

    :param Outcome outcome:
    :return dict: fields of `engine.decide.Row`
    """
    account = row.zoom_user_id.account_id
    if isinstance(outcome.error, zoom.ZoomDayLimit):
        return {"day_limit": _get_day_limit(row, outcome.job)}
    if outcome.error:
        is_gone = isinstance(outcome.error, zoom.ZoomMeetingGone)
        return {
            "missing_doubted": bool(account.gone_since),
            "many_missing": is_gone and are_many_gone(account, row),
        }
    # Duplicates of the same creation are removed, whoever else knows them.
    numbers = [row.zoom_id or meeting.zoom_id for meeting in outcome.answers[:1]]
    countries = row.booking_id.type_id.zoom_dial_in_country_ids
    return {
        "is_number_shared": is_number_shared(row, numbers),
        "dial_in_countries": frozenset(countries.mapped("code")),
    }


def _get_day_limit(row, job):
    """Facts that tell whose daily limit Zoom means."""
    host, account = row.zoom_user_id, row.zoom_user_id.account_id
    today = row.env["booking.zoom.request.count"]._get_today(host)
    # A request that was reserved yesterday is not in today's total.
    counted = job.claimed_at.date() == host._utc_today()
    return DayLimit(
        plan=account.plan,
        host_total=today.total + (0 if counted else 1),
        host_limit=account._daily_limit_for(urgent=True),
        others_refused=bool(_get_unclear_limits(host) or get_account_pause(account)),
    )


def _get_unclear_limits(host):
    """Today's counts of other hosts whose limit may be that of the account."""
    others = host.account_id.zoom_user_ids - host
    counts = host.env["booking.zoom.request.count"]._get_today(others)
    return counts.filtered("limit_unclear")


# === CHANGES AND EFFECTS === #


def _carry_out(row, decision):
    """Write the changes, then carry out the effects.

    :param Decision decision:
    """
    changes, waits = dict(decision.changes), {}
    if (
        changes.get("problem") in LEFT_FOR_OTHER_HOST
        and row.booking_id
        and len(row.booking_id._get_hosts()) > 1
    ):
        # Unless another Zoom user takes it.
        waits = {
            name: changes.pop(name)
            for name in ("problem", "problem_detail", "next_attempt")
            if name in changes
        }
    if changes.get("answered", {}).get("start"):
        start = fields.Datetime.to_string(changes["answered"]["start"])
        changes["answered"] = {**changes["answered"], "start": start}
    row.write(changes)
    for effect in decision.effects:
        _do(row, effect)
    if not waits:
        return
    if waits["problem"] == "host_refused" and not row.zoom_user_id.is_refused:
        # Its next meetings need not ask.
        row.zoom_user_id.is_refused = True
    if not leave_host(row):
        row.write(waits)


def _do(row, effect):
    host, booking = row.zoom_user_id, row.booking_id
    counts = row.env["booking.zoom.request.count"]
    changes = row.env["booking.zoom.change.count"]
    match effect:
        case RemoveDuplicate(zoom_id):
            _add_removal(row, zoom_id)
        case GiveBackRequest(kind, date):
            of_reserve = counts._give_back(host, kind, date)
            changes._give_back(booking, kind, date, of_reserve)
        case GiveBackChange(kind):
            today = fields.Datetime.now().date()
            changes._give_back(booking, kind, today, of_reserve=False)
        case LimitAdmitted(kind):
            _go_on_after_limit(row, kind)
        case NoteHostLimit(unclear):
            counts._note_limit_reached(host)
            if unclear:
                counts._get_today(host).limit_unclear = True
        case NoteAccountLimit(until):
            _note_account_limit(host, until)
        case WithholdLink(foreign):
            withhold_shared(row, foreign=foreign)
        case RefreshUsers():
            refresh_users(host.account_id)
        case IssueAnew():
            issue_anew(row)
        case PlanCheck():
            plan_check(row)


def _add_removal(row, zoom_id):
    """Add a row that deletes a duplicate in Zoom."""
    row.create(
        {
            "state": "removing",
            "zoom_id": zoom_id,
            "booking_id": row.booking_id.id,
            "company_id": row.company_id.id,
            "zoom_user_id": row.zoom_user_id.id,
            "start": row.start,
            "duration": row.duration,
            "topic": row.topic,
        }
    )


def _note_account_limit(host, until):
    """Unclear refusals of other hosts were about the account's limit, too.

    :param until: naive UTC
    """
    unclear = _get_unclear_limits(host)
    unclear.write({"limit_reached": False, "limit_unclear": False})
    others = host.env["booking.zoom.meeting"].search(
        [
            ("zoom_user_id", "in", unclear.zoom_user_id.ids),
            ("problem", "=", "daily_limit"),
            ("stop", ">", fields.Datetime.now()),
        ]
    )
    lock_rows(others, wait=False).write(
        {"problem": "account_limit", "next_attempt": until}
    )


def _go_on_after_limit(row, kind):
    """Zoom accepted a retry: rows that wait for the same limit go on.

    :param str kind: of the request
    """
    host = row.zoom_user_id
    waiting = Domain("zoom_user_id.account_id", "=", host.account_id.id) & Domain(
        "problem", "=", "account_limit"
    )
    count = row.env["booking.zoom.request.count"]._get_today(host)
    if kind in COUNTED and count.limit_reached:
        count.write({"limit_reached": False, "limit_unclear": False})
        waiting |= Domain("zoom_user_id", "=", host.id) & Domain(
            "problem", "=", "daily_limit"
        )
    rows = row.search(
        waiting
        & Domain("state", "in", (*CURRENT_STATES, "removing"))
        & Domain("stop", ">", fields.Datetime.now())
    )
    lock_rows(rows - row, wait=False)._reset_attempts()


def issue_anew(rows):
    """Replace meetings that Zoom does not find."""
    bookings = rows.booking_id
    rows.write({"state": "removed", "problem": False, "next_attempt": False})
    rows.flush_recordset()
    rows._sync_with_bookings(bookings)
