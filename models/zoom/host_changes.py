# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Meetings that are not issued yet go to another Zoom user of their list.

That is when the present one has no request left today, or cannot host them.
Rows are booking.zoom.meeting, superuser.
"""

import logging

from psycopg2.errors import ExclusionViolation

from odoo import fields
from odoo.fields import Domain
from odoo.tools import split_every

from ...engine.problems import LEFT_FOR_OTHER_HOST
from ...utils import in_own_transaction, tell_story, undone_if_refused
from .wanted import choose_among

_logger = logging.getLogger(__name__)


def leave_host(row):
    """Give a meeting that is not issued yet to another Zoom user of the list.

    :return bool: whether another one hosts it now
    """
    booking, former = row.booking_id, row.zoom_user_id
    hosts = booking and booking._get_hosts()
    if not (
        hosts
        and row.state == "waiting"
        and not row._is_issued()
        and former in hosts
        and len(hosts) > 1
        and booking._needs_zoom_meeting()
    ):
        return False
    values = choose_among(booking, hosts)
    if not values or values["zoom_user_id"] == former.id:
        return False
    try:
        with undone_if_refused(row.env):
            row.write({"zoom_user_id": values["zoom_user_id"]})
            row._reset_attempts()
    except ExclusionViolation:
        # Somebody has just booked that one. This row waits, as without a list.
        return False
    tell_host_changed(row, former)
    return True


def tell_host_changed(row, former):
    """
    :param former: booking.zoom.user, possibly none
    """
    names = f"{former.name or '–'} → {row.zoom_user_id.name or '–'}"
    tell_story(row.booking_id, "host_changed", {row.booking_id: names})


def leave_hosts(meetings):
    """Choose again for meetings that wait for their host: others may be free by now."""
    waiting = _find_able_to_leave(meetings)
    for batch in split_every(200, waiting.ids, waiting.browse):
        try:
            in_own_transaction(batch, _choose_again)
        except Exception:
            # Other rows must not wait for these.
            _logger.exception("Rows %s cannot leave their Zoom users", batch.ids)


def _find_able_to_leave(meetings):
    """Rows whose host cannot create the meeting now, where another of its list can."""
    listed = Domain("type_id.zoom_host_ids", "!=", False) | Domain(
        "combination_id.zoom_host_ids", "!=", False
    )
    rows = meetings.search(
        Domain("state", "=", "waiting")
        & Domain("problem", "in", LEFT_FOR_OTHER_HOST)
        & Domain("zoom_id", "=", False)
        & Domain("unanswered_since", "=", False)
        & Domain("start", ">", fields.Datetime.now())
        & Domain("booking_id", "any", listed)
    )
    hosts = {row: row.booking_id._get_hosts() for row in rows}
    users = meetings.zoom_user_id.union(*hosts.values())
    left = users._get_requests_left(urgent=True)
    able = users.filtered(
        lambda one: (
            one._can_host() and one.connected and not one.is_refused and left[one]
        )
    )
    return rows.filtered(lambda row: hosts[row] & able - row.zoom_user_id)


def _choose_again(rows):
    former = {row: row.zoom_user_id for row in rows.exists()}
    rows._sync_with_bookings(rows.exists().booking_id, times_chosen=False)
    for row, host in former.items():
        if row.state == "waiting" and row.zoom_user_id != host:
            tell_host_changed(row, host)
