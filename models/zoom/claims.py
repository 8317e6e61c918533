# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Before a request: whether it is sent now, and the note that it is about to be sent.

Limits and holds are decided here, since they need counts of other rows under lock.
Rows are booking.zoom.meeting, superuser.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ...const import COUNTED, CURRENT_STATES
from ...engine.change_pace import get_send_at, is_urgent
from ...engine.decide import next_request, put_off
from ...engine.job import Job
from ...tools.zoom_payload import (
    meeting_create_payload,
    meeting_update_payload,
    new_correlation_key,
)
from ...utils import lock_rows
from .host_changes import leave_host

# When a host has only this many requests left besides the reserve, creations go first.
CREATIONS_FIRST = 20
# An update waits this long for creations that can be sent now.
CREATIONS_WAIT = timedelta(minutes=1)


def claim(rows):
    """Reserve requests for rows of one account, and note that they are about to be sent.

    :return tuple: list of jobs, ids of the rows that somebody else has locked
    """
    jobs = []
    now, reset = fields.Datetime.now(), rows.env["booking.zoom.user"]._get_next_reset()
    # Lock before reading: rows that change after the snapshot cannot be locked.
    locked = lock_rows(rows, wait=False)
    paused_until = get_account_pause(locked.zoom_user_id.account_id)
    used_today = rows.env["booking.zoom.change.count"]._get_today(locked.booking_id)
    for row in locked.filtered_domain(rows._get_due_domain()):
        known, asked = row._take_snapshot(), row.retry_asked
        kind = next_request(known, now)
        if not kind:
            row.state = "removed"
        elif paused_until and not asked:
            row.write(put_off(known, "account_limit", paused_until))
        elif kind not in COUNTED or _is_granted(
            row, kind, used_today[row.booking_id], reset
        ):
            row.write(_prepare_claim_vals(row, known.wanted, kind, now))
            jobs.append(prepare_job(row, kind, asked))
    return jobs, (rows - locked).ids


def get_account_pause(account):
    """Until when the whole account is paused, naive UTC; None if it is not.

    After one refusal of the account no other row needs to ask.
    """
    meetings = account.env["booking.zoom.meeting"]
    paused = meetings.search(
        Domain("zoom_user_id.account_id", "=", account.id)
        & Domain("state", "in", (*CURRENT_STATES, "removing"))
        & Domain("problem", "=", "account_limit")
        & Domain("next_attempt", ">", fields.Datetime.now())
        & Domain("stop", ">", fields.Datetime.now()),
        order="next_attempt desc",
        limit=1,
    )
    return paused.next_attempt or None


# === WHETHER A COUNTED REQUEST IS SENT NOW === #


def _is_granted(row, kind, used, reset):
    """Whether this creation or update is sent now; if not, the row says until when it waits.

    :param str kind: ``create`` or ``update``
    :param used: booking.zoom.change.count of today, may be empty
    :param reset: when Zoom counts anew, naive UTC
    """
    postponed_until = not row.retry_asked and _get_postponed_until(
        row, kind, used, reset
    )
    if postponed_until:
        # Postponed so that changes go together: that is no problem.
        row.write(
            {"problem": False, "problem_detail": False, "next_attempt": postponed_until}
        )
        return False
    if _reserve_request(row, kind, used, reset):
        return True
    # With another host, the row is claimed together with the rows of that host.
    if not leave_host(row):
        row.write({"problem": "daily_limit", "next_attempt": reset})
    return False


def _get_postponed_until(row, kind, used, reset):
    """Until when this request waits, so that changes go together; None to send it now."""
    now = fields.Datetime.now()
    send_at = now
    if used:
        reminders = row.booking_id._get_reminder_moments()
        send_at = get_send_at(
            kind,
            used.create_count,
            used.update_count,
            used.last_at,
            row.zoom_user_id.account_id.updates_per_booking,
            [*reminders, row.start if row.start > now else row.stop],
            reset,
            now,
        )
    if send_at <= now and kind == "update" and _has_to_yield(row):
        send_at = now + CREATIONS_WAIT
    return send_at if send_at > now else None


def _has_to_yield(row):
    """Whether creations of the host go before this update.

    The join link of an existing meeting works all the time.
    """
    host = row.zoom_user_id
    limit = host.account_id._daily_limit_for(urgent=False) - CREATIONS_FIRST
    if row.env["booking.zoom.request.count"]._get_today(host).total <= limit:
        return False
    creations = Domain("zoom_user_id", "=", host.id) & Domain("state", "=", "waiting")
    return bool(row.search_count(row._get_due_domain() & creations, limit=1))


def _reserve_request(row, kind, used, reset):
    """Reserve one of the host's requests for today, if this booking may have one.

    :return bool: whether the request may be sent
    """
    host, account = row.zoom_user_id, row.zoom_user_id.account_id
    counts = row.env["booking.zoom.request.count"]
    # Where somebody insists, Zoom decides, not what Odoo knows of the limit.
    limit = None if row.retry_asked else account._daily_limit_for(urgent=False)
    granted, of_reserve = counts._reserve(host, kind, limit), False
    if not granted and used._may_use_reserve() and _is_urgent(row, reset):
        limit = account._daily_limit_for(urgent=True)
        granted = of_reserve = counts._reserve(host, kind, limit)
    if granted and row.booking_id:
        used._note(row.booking_id, kind, of_reserve)
    return granted


def can_create_today(row):
    """Whether the host can have another meeting created today, for the row's booking."""
    host, reset = row.zoom_user_id, row.zoom_user_id._get_next_reset()
    return (
        host.connected
        and host._can_host()
        and host._get_requests_left(_is_urgent(row, reset))[host]
        and not get_account_pause(host.account_id)
    )


def _is_urgent(row, reset):
    reminders = row.booking_id._get_reminder_moments() if row.booking_id else []
    return is_urgent(row.start, reminders, reset)


# === THE INTENT === #


def _prepare_claim_vals(row, wanted, kind, now):
    """The intent, committed before the request is sent."""
    values = {"claimed_at": now, "last_attempt": now, "retry_asked": False}
    if kind in COUNTED:
        values["unanswered_since"] = now
    if kind == "create":
        values["correlation_key"] = row.correlation_key or new_correlation_key()
        # What Zoom has, should the answer not come.
        values.update({f"sent_{name}": told for name, told in wanted._asdict().items()})
    return values


def prepare_job(row, kind, asked=False):
    """The request as plain data, for the threads that talk to Zoom."""
    host, wanted, payload = row.zoom_user_id, row._take_snapshot().wanted, {}
    if kind == "create":
        payload = meeting_create_payload(
            correlation_key=row.correlation_key, **wanted._asdict()
        )
    elif kind == "update":
        payload = meeting_update_payload(**wanted._asdict())
    return Job(
        row_id=row.id,
        kind=kind,
        asked=asked,
        host=host.zoom_id,
        zoom_account_id=host.zoom_account_id or "",
        zoom_id=row.zoom_id or "",
        correlation_key=row.correlation_key or "",
        payload=payload,
        sent=wanted,
        claimed_at=row.claimed_at,
    )
