# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Join links that open more than one meeting: nobody gets them.

Two customers must never meet in one room. A host who schedules with the personal meeting ID
has one room for all meetings, and Zoom answers its link for each.

Rows are booking.zoom.meeting, superuser.
"""

import logging
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ...const import CURRENT_STATES
from ...utils import lock_rows
from .zoom_overview import MEETINGS_TO_COME

_logger = logging.getLogger(__name__)

# A meeting that was read within this time is not read again.
READ_LATELY = timedelta(minutes=5)


def withhold_shared(rows, *, foreign=False):
    """Withdraw join links that open more than one meeting, and replace the meetings.

    :param bool foreign: Zoom's link opens another meeting
    """
    current = rows.filtered(lambda row: row.state in CURRENT_STATES)
    shared = find_sharing(current)
    withheld = current if foreign else filter_disclosable(current & shared)
    # Do not wait for locks on other rows.
    others = lock_rows(filter_disclosable(shared - rows), wait=False)
    for row in withheld | others:
        withhold(row)
    _read_others_of_hosts(withheld)


def find_sharing(rows):
    """All rows, of any company, that share a number with one of these."""
    found = rows.search(_get_domain(rows.filtered("zoom_id").mapped("zoom_id")))
    return rows.browse().union(
        *(same for same in found.grouped("zoom_id").values() if len(same) > 1)
    )


def is_number_shared(row, numbers):
    """Whether another meeting of any company has one of these numbers.

    :param list numbers: of the meeting that this row keeps; may be empty
    """
    others = _get_domain(numbers) & Domain("id", "!=", row.id)
    return row.stop > fields.Datetime.now() and bool(row.search_count(others, limit=1))


def _get_domain(numbers):
    """Rows with these numbers, which must be unique."""
    return (
        Domain("zoom_id", "in", numbers)
        & Domain("state", "!=", "removed")
        & Domain("stop", ">", fields.Datetime.now())
    )


def filter_disclosable(rows):
    """The rows whose join link could be given to somebody."""
    return rows.filtered(lambda row: row.state in CURRENT_STATES and row.join_url)


def withhold(row):
    """Withdraw the join link; replace the meeting, but only once."""
    _logger.warning("Meeting row %s: its join link also opens another meeting", row.id)
    wanted = row.booking_id and row.booking_id._needs_zoom_meeting()
    if wanted and not row.reissue_count and row.start > fields.Datetime.now():
        row._issue_another(reissue_count=1)
        return
    row.write(
        {
            "join_url": False,
            "passcode": False,
            "dial_in": False,
            "phone_passcode": False,
            "problem": "shared_link",
            "problem_detail": False,
            "next_attempt": False,
            "check_at": False,
        }
    )
    row.state = row._get_state()


def _read_others_of_hosts(rows):
    """Have the other meetings of these hosts read: they may share the link by now."""
    lately = fields.Datetime.now() - READ_LATELY
    others = rows.search(
        Domain("zoom_user_id", "in", rows.zoom_user_id.ids)
        & Domain("id", "not in", rows.ids)
        & MEETINGS_TO_COME
        & Domain("join_url", "!=", False)
        & (Domain("checked_at", "=", False) | Domain("checked_at", "<", lately))
    )
    free = lock_rows(others, wait=False)
    if free:
        free._check_now()
