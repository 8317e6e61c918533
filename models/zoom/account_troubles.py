# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What is wrong with the meetings and Zoom users of accounts, as alerts and mails tell it.

Accounts are booking.zoom.account.
"""

from odoo.fields import Domain

from ...const import CURRENT_STATES
from ...engine.problems import HOST_LOST, UNHOSTED
from .zoom_overview import MEETINGS_TO_COME

# Many meetings of one account that Zoom does not find: then Zoom may be wrong.
MANY_GONE = 5


def search_meetings(accounts, domain):
    """Current meetings of these accounts that are not over, superuser.

    :param domain: of booking.zoom.meeting
    """
    meetings = accounts.env["booking.zoom.meeting"].sudo()
    of_accounts = Domain("zoom_user_id.account_id", "in", accounts.ids)
    return meetings.search(of_accounts & MEETINGS_TO_COME & domain)


def find_limited_counts(accounts):
    """Counts of Zoom users that have no request left today while bookings wait.

    If only the reserve delays the bookings, nothing is lost: they start after the
    next reset. An alert now would be missing when the limit itself is reached.
    """
    meetings = accounts.env["booking.zoom.meeting"].sudo()
    limited = meetings.search(
        [
            ("zoom_user_id.account_id", "in", accounts.ids),
            *accounts.env["booking.zoom.user"]._get_limited_domain(),
        ]
    )
    counts = accounts.env["booking.zoom.request.count"].sudo()
    return counts._get_today(limited.zoom_user_id)._get_used_up()


def find_gone_meetings(accounts):
    """Current rows of the account that Zoom did not find when it last answered.

    If it does not answer, or the connection is lost, it may still have them. Rows
    whose host cannot host are not looked up.
    """
    return search_meetings(
        accounts,
        Domain("zoom_id", "!=", False)
        & Domain("missing_since", "!=", False)
        & Domain("problem", "not in", UNHOSTED),
    )


def are_many_gone(accounts, meeting=None):
    """Whether Zoom does not find so many meetings that it may be wrong.

    :param meeting: booking.zoom.meeting that Zoom has just not found
    """
    gone = find_gone_meetings(accounts)
    if meeting:
        gone |= meeting
    return len(gone.filtered(lambda row: row.state in CURRENT_STATES)) >= MANY_GONE


def find_lost_users(accounts):
    """Zoom users that cannot host the meetings they should host."""
    rows = search_meetings(accounts, Domain("problem", "in", HOST_LOST))
    # Those whose meetings another one of a list hosts are lost, too.
    users = accounts.env["booking.zoom.user"].sudo()
    refused = [("account_id", "in", accounts.ids), ("is_refused", "=", True)]
    return rows.zoom_user_id | users.search(refused)
