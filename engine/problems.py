# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The problems of a meeting, and what follows from each.

Each value of the field `problem` of ``booking.zoom.meeting`` stands here once. What else
the code asks about problems is a tuple below the table, made from it.
"""

from typing import NamedTuple


class Problem(NamedTuple):
    """A problem. What is not said of it is not so."""

    name: str
    # Passes by itself, and leaves a link that will come or goes on working.
    passes: bool = False
    # A limit of creations and changes: the history of the booking tells it.
    is_limit: bool = False
    # Ends with a change of the Zoom user or of the account: no try is planned.
    ended_by_others: bool = False
    # Ends when somebody connects the account.
    ended_by_connecting: bool = False
    # Tried again when the account or its users have changed, not the booking.
    resumable: bool = False
    # Nobody can host the meeting, and Odoo knows that without asking Zoom.
    seen_in_odoo: bool = False
    # The Zoom user that should host the meeting cannot.
    host_lost: bool = False
    # If the meeting is not issued yet, it may go to another Zoom user of the list.
    left_for_other_host: bool = False
    # The join link is given to nobody, even if the Zoom user seems able to host.
    withholds_link: bool = False


PROBLEMS = (
    Problem("no_host", ended_by_others=True, seen_in_odoo=True),
    Problem(
        "host_inactive",
        ended_by_others=True,
        seen_in_odoo=True,
        host_lost=True,
        left_for_other_host=True,
    ),
    Problem(
        "host_refused",
        resumable=True,
        host_lost=True,
        left_for_other_host=True,
        withholds_link=True,
    ),
    Problem("daily_limit", is_limit=True, left_for_other_host=True),
    Problem("account_limit", is_limit=True, resumable=True),
    # Of other requests than creations and changes.
    Problem("request_limit", passes=True),
    Problem(
        "not_linked", ended_by_others=True, ended_by_connecting=True, resumable=True
    ),
    Problem("scope_missing", ended_by_connecting=True, resumable=True),
    Problem("refused"),
    Problem("failed"),
    Problem("unclear", passes=True),
    Problem("unavailable", passes=True),
    Problem("gone"),
    Problem("bad_answer"),
    Problem("shared_link", withholds_link=True),
    Problem("in_progress"),
)


def _name(has_trait):
    return tuple(problem.name for problem in PROBLEMS if has_trait(problem))


PASSING = _name(lambda problem: problem.passes)
LIMITS = _name(lambda problem: problem.is_limit)
ENDED_BY_OTHERS = _name(lambda problem: problem.ended_by_others)
ENDED_BY_CONNECTING = _name(lambda problem: problem.ended_by_connecting)
RESUMABLE = _name(lambda problem: problem.resumable)
SEEN_IN_ODOO = _name(lambda problem: problem.seen_in_odoo)
HOST_LOST = _name(lambda problem: problem.host_lost)
LEFT_FOR_OTHER_HOST = _name(lambda problem: problem.left_for_other_host)
WITHHOLDING_LINK = _name(lambda problem: problem.withholds_link)

# Nobody can host the meeting: there is no Zoom user, or it is lost.
UNHOSTED = _name(lambda problem: problem.seen_in_odoo or problem.host_lost)
# What keeps a meeting waiting after the limit: it ends automatically, or when somebody
# connects the account.
DELAYING = _name(
    lambda problem: problem.is_limit or problem.ended_by_connecting or problem.passes
)
