# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The problems of a meeting: what finds each, and what follows from it.

Each value of the field `problem` of ``booking.zoom.meeting`` stands here once. What else
the code asks about problems is a tuple below the table, made from it.
"""

from typing import NamedTuple


class Problem(NamedTuple):
    """A problem. What is not said of it is not so."""

    name: str
    # What finds it: "file.function" of engine/ or models/zoom/.
    found_by: tuple
    # Passes by itself, and leaves a link that will come or goes on working.
    passes: bool = False
    # A limit of creations and changes: the history of the booking tells it.
    is_limit: bool = False
    # Ends with a change of the Zoom user, of what is bound to it, or of the account: no
    # try is planned.
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
    Problem(
        "no_host",
        found_by=("booking_zoom_meeting._get_host_problem",),
        ended_by_others=True,
        seen_in_odoo=True,
    ),
    Problem(
        "host_inactive",
        found_by=("booking_zoom_meeting._get_host_problem",),
        ended_by_others=True,
        seen_in_odoo=True,
        host_lost=True,
        left_for_other_host=True,
    ),
    Problem(
        "host_refused",
        found_by=("decide._host_refused",),
        resumable=True,
        host_lost=True,
        left_for_other_host=True,
        withholds_link=True,
    ),
    Problem(
        "daily_limit",
        found_by=("decide._host_day_limit", "claims._is_granted"),
        is_limit=True,
        left_for_other_host=True,
    ),
    Problem(
        "account_limit",
        found_by=("decide._day_limit", "outcomes._note_account_limit", "claims.claim"),
        is_limit=True,
        resumable=True,
    ),
    # Of other requests than creations and changes.
    Problem("request_limit", found_by=("decide._account_day_limit",), passes=True),
    Problem(
        "not_linked",
        found_by=("decide.decide_no_token", "booking_zoom_meeting._tidy"),
        ended_by_others=True,
        ended_by_connecting=True,
        resumable=True,
    ),
    Problem(
        "scope_missing",
        found_by=("decide.MEANINGS",),
        ended_by_connecting=True,
        resumable=True,
    ),
    Problem("refused", found_by=("decide.MEANINGS",)),
    Problem("failed", found_by=("outcomes.park",)),
    Problem(
        "unclear",
        found_by=(
            "decide._search_twin",
            "decide._outcome_unknown",
            "decide._bad_answer",
            "decide._not_found",
        ),
        passes=True,
    ),
    Problem(
        "unavailable",
        found_by=(
            "decide.decide_no_token",
            "decide._send_again",
            "decide._try_later",
            "decide._outcome_unknown",
        ),
        passes=True,
    ),
    Problem("gone", found_by=("decide._missing",)),
    Problem("bad_answer", found_by=("decide.decide_no_token", "decide._bad_answer")),
    Problem("shared_link", found_by=("shared_links.withhold",), withholds_link=True),
    Problem("in_progress", found_by=("decide.MEANINGS",)),
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
