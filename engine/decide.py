# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What a meeting needs next, and what an answer of Zoom means for it. Pure functions.

The model locks a row, reads it into a `Row`, has one of these functions decide, writes the
changes in one `write`, and carries out the effects. Nothing here reads a clock or a
database, or draws random numbers. `MEANINGS` is the table of what Zoom's refusals mean.

All times are naive UTC. A change is named after the field of ``booking.zoom.meeting``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from .. import exceptions as zoom
from ..const import COUNTED, CURRENT_STATES, UNCLEAR_WAIT
from ..tools.zoom_errors import whose_day_limit
from .dial_in import choose_numbers
from .facts import SETTINGS, Facts, accept, compare_facts
from .problems import ENDED_BY_OTHERS

# The delay after the first failure. It doubles with each failure up to the longest.
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=30)
# After an unclear creation Zoom is searched this soon for the first time.
SEARCH_AFTER = timedelta(seconds=10)
# Two searches are at least this far apart.
SEARCH_AGAIN_AFTER = timedelta(seconds=20)
# Zoom must say twice that a meeting is gone, this far apart. It has been wrong about that.
GONE_WAIT = timedelta(minutes=2)
# After so many unusable answers a meeting without a link waits for somebody.
BAD_ANSWERS = 2
# After so many refusals per second they are treated like an outage.
SECOND_LIMITS = 4
# A refusal this soon after 00:00 UTC may still be about yesterday's limit.
EDGE_OF_DAY = timedelta(minutes=5)

# Zoom surely did not execute these requests, and did not count them.
NOT_COUNTED_BY_ZOOM = (
    zoom.ZoomUnavailable,
    zoom.ZoomTokenInvalid,
    zoom.ZoomSecondLimit,
    zoom.ZoomAccountDayLimit,
    zoom.ZoomDayLimit,
)


# === WHAT IS KNOWN === #


class DayLimit(NamedTuple):
    """What helps to tell whose daily limit was reached, see `whose_day_limit`."""

    plan: str
    host_total: int
    host_limit: int
    others_refused: bool


@dataclass(frozen=True)
class Row:
    """A row of booking.zoom.meeting, and what has to be known around it.

    The first fields are those of the model.
    """

    state: str
    start: datetime
    duration: int
    topic: str = ""
    waiting_room: str | None = None
    join_before_host: str | None = None
    zoom_id: str | None = None
    join_url: str | None = field(default=None, repr=False)
    sent_start: datetime | None = None
    sent_duration: int = 0
    sent_topic: str = ""
    sent_waiting_room: str | None = None
    sent_join_before_host: str | None = None
    # What Zoom made of what it was sent, by name of the fact, as far as it is known.
    answered: Mapping = field(default_factory=dict)
    problem: str | None = None
    next_attempt: datetime | None = None
    attempt_count: int = 0
    claimed_at: datetime | None = None
    unanswered_since: datetime | None = None
    may_have_twin: bool = False
    missing_since: datetime | None = None
    check_at: datetime | None = None

    # Why nobody can host the meeting, as a value of `problem`.
    host_problem: str | None = None
    # When Zoom counts anew.
    reset: datetime | None = None
    # Codes of the countries whose telephone numbers are told.
    dial_in_countries: frozenset = frozenset()
    # Another meeting has the number that Zoom has just answered.
    is_number_shared: bool = False
    # Zoom does not find many meetings of the account, this one included.
    many_missing: bool = False
    # An administrator is being asked whether they are really gone.
    missing_doubted: bool = False
    # Needed only for a refusal that may be of the host or of the account.
    day_limit: DayLimit | None = None

    @property
    def wanted(self):
        return Facts(
            self.start,
            self.duration,
            self.topic,
            self.waiting_room,
            self.join_before_host,
        )

    @property
    def sent(self):
        """What Zoom has accepted, but nothing of what is left to Zoom now."""
        return Facts(
            self.sent_start,
            self.sent_duration,
            self.sent_topic,
            self.waiting_room and self.sent_waiting_room,
            self.join_before_host and self.sent_join_before_host,
        )

    @property
    def is_parked(self):
        """A problem without next try waits until somebody changes something."""
        return bool(self.problem and not self.next_attempt)

    def waits(self, now):
        """Whether nothing is sent for the row now. It may be read all the same."""
        return self.is_parked or bool(self.next_attempt and self.next_attempt > now)


# === WHAT FOLLOWS === #


class Decision(NamedTuple):
    """The changes of the row, and then the effects, in this order."""

    changes: dict
    effects: tuple = ()


@dataclass(frozen=True)
class RemoveDuplicate:
    """Zoom has a second meeting for the row: it must be deleted."""

    zoom_id: str


@dataclass(frozen=True)
class GiveBackRequest:
    """Zoom did not execute a request that was reserved on this day."""

    kind: str
    date: date


@dataclass(frozen=True)
class GiveBackChange:
    """For the booking this was no change. The count of the Zoom user keeps it."""

    kind: str


@dataclass(frozen=True)
class LimitAdmitted:
    """Zoom admitted what somebody insisted on: rows that wait for the limit go on."""

    kind: str


@dataclass(frozen=True)
class NoteHostLimit:
    """The Zoom user has used the requests of the day, maybe (unclear) the account."""

    unclear: bool


@dataclass(frozen=True)
class NoteAccountLimit:
    """The account's limit was reached, also for users whose refusal was unclear."""

    until: datetime


@dataclass(frozen=True)
class WithholdLink:
    """The link is not the meeting's alone. Nobody may get it."""

    foreign: bool


@dataclass(frozen=True)
class RefreshUsers:
    """The list of Zoom users may be out of date."""


@dataclass(frozen=True)
class IssueAnew:
    """The booking needs another meeting."""


@dataclass(frozen=True)
class PlanCheck:
    """Plan when the meeting is read back from Zoom."""


NOTHING = Decision({})


# === WHAT THE ROW NEEDS === #


def next_request(row, now):
    """The kind of request that the row needs, None if it just has to be marked removed.

    :param Row row: that is due
    :rtype: str | None
    """
    if row.unanswered_since and (not row.zoom_id or row.may_have_twin):
        return "search"
    if row.state == "removing":
        return "delete" if row.zoom_id else None
    if row.state == "ready" or (row.zoom_id and _is_read_before_change(row, now)):
        return "read"
    return "update" if row.zoom_id else "create"


def _is_read_before_change(row, now):
    """Reading is free: Zoom is not changed blindly.

    Not if Zoom did not find the meeting, if it may have executed the change already, or
    if the link is still unknown.
    """
    return (
        row.waits(now) or row.missing_since or row.unanswered_since or not row.join_url
    )


def get_state(row):
    """The state that follows from what is wanted and what Zoom has accepted.

    :param Row row:
    :rtype: str
    """
    if row.state in ("removing", "removed"):
        return row.state
    if not row.zoom_id:
        return "waiting"
    if row.unanswered_since or not row.join_url:
        # Zoom may have what was wanted before. Or it has named no usable link.
        return "changed"
    return "ready" if row.wanted == row.sent else "changed"


def put_off(row, problem, until):
    """Changes of a row for which Zoom cannot be asked before then.

    :param Row row:
    :param str problem:
    :rtype: dict
    """
    changes = {}
    if row.check_at and row.check_at < until:
        changes["check_at"] = until
    if not row.is_parked:
        tried = problem not in ENDED_BY_OTHERS
        changes.update(problem=problem, next_attempt=until if tried else None)
    return changes


def get_delay(attempt_count, jitter):
    """How long to wait after so many failures in a row.

    :param float jitter: from 0 to 1
    """
    delay = min(FIRST_DELAY * 2 ** min(attempt_count, 10), LONGEST_DELAY)
    return delay * (0.75 + 0.5 * jitter)


# === WHAT AN ANSWER MEANS === #


def decide(row, job, answer, now, jitter=0.5):
    """What follows from an answer of Zoom.

    :param Row row: as it is now
    :param Job job: what Zoom was asked
    :param answer: tuple of Meeting, or ZoomError
    :param float jitter: from 0 to 1, so that rows are not all tried at one moment
    :rtype: Decision
    """
    if isinstance(answer, zoom.ZoomError):
        return _decide_failure(Case(row, job, now, jitter, error=answer))
    return _decide_success(Case(row, job, now, jitter, answers=tuple(answer)))


def decide_no_token(row, error, now, jitter=0.5):
    """What follows when there is no access token for the row's account.

    :param error: ZoomError, or None during an outage
    :rtype: Decision
    """
    problem = "unavailable"
    if isinstance(error, zoom.ZoomConnectionLost | zoom.ZoomClientRefused):
        problem = "not_linked"
    elif isinstance(error, zoom.ZoomBadAnswer):
        problem = "bad_answer"
    attempt_count = row.attempt_count + 1
    return Decision(
        {
            "claimed_at": None,
            "problem_detail": _quote(error) if error else None,
            "attempt_count": attempt_count,
            **put_off(row, problem, now + get_delay(attempt_count, jitter)),
        }
    )


@dataclass(frozen=True)
class Case:
    """An answer to a job. A failure is counted in `attempt_count` already."""

    row: Row
    job: object
    now: datetime
    jitter: float
    answers: tuple = ()
    error: zoom.ZoomError | None = None

    @property
    def is_late(self):
        """The claim for the job had run out, and another worker has taken the row."""
        return self.row.claimed_at != self.job.claimed_at

    @property
    def is_counted(self):
        """The request counts towards the daily limit."""
        return self.job.kind in COUNTED

    @property
    def later(self):
        return self.now + get_delay(self.row.attempt_count, self.jitter)

    @property
    def host_problem(self):
        return (
            None if self.row.state in ("removing", "removed") else self.row.host_problem
        )


def _mark_synced(row, host_problem, changes, effects=()):
    """No problem is left but that of the host."""
    return Decision(
        {
            **changes,
            "state": get_state(replace_known(row, changes)),
            "problem": host_problem,
            "problem_detail": None,
            "attempt_count": 0,
            "next_attempt": None,
        },
        (*effects, PlanCheck()),
    )


def replace_known(row, changes):
    """The row after the changes, as far as a `Row` knows them."""
    known = row.__dataclass_fields__
    return replace(row, **{key: changes[key] for key in changes if key in known})


# === SUCCESS === #


def _decide_success(case):
    row, job = case.row, case.job
    if case.is_late and job.kind != "create":
        # The other worker has asked Zoom since.
        return NOTHING
    answers, effects = _keep_one(case)
    if job.asked:
        effects.append(LimitAdmitted(job.kind))
    changes = {"missing_since": None}
    if not case.is_late:
        changes["claimed_at"] = None
    if answers and row.check_at and row.check_at <= job.claimed_at:
        # A check that was asked for meanwhile stays.
        changes["check_at"] = None
    if job.kind == "delete":
        changes.update(state="removed", problem=None)
        return Decision(changes, tuple(effects))
    if job.kind == "search" and not answers and not row.zoom_id:
        return _not_found(case, effects)
    if job.kind in ("create", "search"):
        # Nobody waits for the meeting any more.
        changes["awaited_since"] = None
    if job.kind == "update":
        changes.update(accept(job.sent), answered={})
        if not answers and _is_read_back(row, job.sent):
            changes["check_at"] = case.now
    for meeting in answers:
        changes.update(_take_answer(case, meeting))
    if _is_twin_possible(case):
        return _search_twin(case, changes, effects)
    changes.update(unanswered_since=None, may_have_twin=False)
    foreign = any(not meeting.is_own_link for meeting in answers)
    if answers and row.state in CURRENT_STATES and (foreign or row.is_number_shared):
        return Decision(changes, (*effects, WithholdLink(foreign)))
    state = get_state(replace_known(row, changes))
    if job.kind == "read" and row.state == state == "changed":
        if row.unanswered_since:
            return _send_again(case, changes, effects)
        if row.problem != "gone":
            # A change that waits for something else goes on waiting.
            return Decision(changes, tuple(effects))
    return _mark_synced(row, case.host_problem, changes, effects)


def _keep_one(case):
    """Of the meetings that Zoom has made for the row only one is kept.

    :return tuple: list of the kept answers, list of effects for the others
    """
    row = case.row
    if case.job.kind not in ("create", "search"):
        return list(case.answers), []
    by_id = {meeting.zoom_id: meeting for meeting in case.answers}
    if row.state == "removed":
        kept = []
    elif row.zoom_id:
        kept = [row.zoom_id] if row.zoom_id in by_id else []
    else:
        kept = list(by_id)[:1]
    others = [RemoveDuplicate(zoom_id) for zoom_id in by_id if zoom_id not in kept]
    return [by_id[zoom_id] for zoom_id in kept], others


def _is_read_back(row, sent):
    """Whether Zoom is asked again what it made of a change, since it did not answer."""
    return sent.topic != row.sent_topic or any(getattr(sent, name) for name in SETTINGS)


def _take_answer(case, meeting):
    """What Zoom says of the meeting is stored, not what was asked of it.

    A link that opens another meeting is nobody's.
    """
    own = meeting.is_own_link
    changes = {
        "zoom_id": meeting.zoom_id,
        "join_url": meeting.join_url if own else None,
        "passcode": meeting.passcode if own else None,
        **_take_dial_in(case, meeting),
        **compare_facts(case, meeting),
    }
    if not case.is_late:
        # Zoom has said so at that moment or later.
        changes["checked_at"] = case.job.claimed_at
    return changes


def _take_dial_in(case, meeting):
    """How to join by telephone: of that only what is told to people."""
    chosen = {}
    if meeting.is_own_link:
        chosen = choose_numbers(meeting.dial_in, case.row.dial_in_countries)
    return {
        "dial_in": chosen or None,
        "phone_passcode": any(chosen.values()) and meeting.phone_passcode or None,
    }


def _is_twin_possible(case):
    """Whether another creation was sent whose outcome cannot be known yet.

    A worker may be so slow that another one sends a second creation before the first is
    answered. Zoom may list its meeting late.
    """
    since = case.row.unanswered_since
    if not since:
        return False
    if case.is_late:
        return since != case.job.claimed_at
    is_search = case.row.may_have_twin and case.job.kind == "search"
    return is_search and since > case.now - UNCLEAR_WAIT


def _search_twin(case, changes, effects=()):
    """Have Zoom searched for a second meeting of the row, which must go."""
    row = case.row
    return Decision(
        {
            **changes,
            "may_have_twin": True,
            "state": get_state(replace_known(row, changes)),
            "problem": "unclear",
            "next_attempt": max(
                row.unanswered_since + UNCLEAR_WAIT, case.now + FIRST_DELAY
            ),
        },
        tuple(effects),
    )


def _not_found(case, effects):
    """A creation without an answer was not found in Zoom.

    Zoom may list it late. So only the second search, at least two minutes after the
    creation was sent, decides that there is nothing.
    """
    row, now = case.row, case.now
    changes = {"claimed_at": None}
    if not row.unanswered_since:
        # Meanwhile it was removed, or its meeting came.
        return Decision(changes, tuple(effects))
    last_search_at = row.unanswered_since + UNCLEAR_WAIT
    searched = row.missing_since and row.missing_since >= row.unanswered_since
    if not searched or now < last_search_at:
        changes.update(
            missing_since=row.missing_since if searched else now,
            problem="unclear",
            next_attempt=max(last_search_at, now + SEARCH_AGAIN_AFTER),
        )
        return Decision(changes, tuple(effects))
    again = _send_again(case, {"missing_since": None, **changes}, effects)
    if row.state == "removing":
        again.changes.update(state="removed", problem=None)
    return again


def _send_again(case, changes, effects):
    """Zoom has not executed what was sent without an answer: it is sent again."""
    row = case.row
    changes = {
        **changes,
        "unanswered_since": None,
        "claimed_at": None,
        "next_attempt": None,
        "problem": None,
        "problem_detail": None,
    }
    if row.attempt_count > 1:
        # Zoom counts requests without an answer, too. Do not use up the day in an outage.
        changes.update(problem="unavailable", next_attempt=case.later)
    kind = "update" if row.zoom_id else "create"
    return Decision(changes, (*effects, GiveBackChange(kind)))


# === FAILURE === #


def _decide_failure(case):
    row, job, error = case.row, case.job, case.error
    if case.is_late:
        return NOTHING
    if job.kind in ("create", "search") and row.zoom_id:
        return _has_come_meanwhile(case)
    if job.kind == "read" and _keeps_problem(case):
        delay = LONGEST_DELAY if case.host_problem else case.later - case.now
        return Decision({"claimed_at": None, "check_at": case.now + delay})
    changes = {
        "claimed_at": None,
        "attempt_count": row.attempt_count + 1,
        "problem_detail": _quote(error),
    }
    effects = ()
    if case.is_counted:
        if not isinstance(error, zoom.ZoomOutcomeUnknown):
            changes["unanswered_since"] = None
        if isinstance(error, NOT_COUNTED_BY_ZOOM):
            effects = (GiveBackRequest(job.kind, job.claimed_at.date()),)
    failed = replace(case, row=replace_known(row, changes))
    meaning = _find_meaning(failed)(failed)
    changes.update(meaning.changes)
    effects += meaning.effects
    after = replace_known(row, changes)
    if job.kind == "read":
        changes["check_at"] = after.next_attempt
    elif get_state(after) == "ready" and after.problem != "gone":
        # Moved back meanwhile to what Zoom has: nothing is left to send.
        return _mark_synced(row, case.host_problem, changes, effects)
    return Decision(changes, effects)


def _has_come_meanwhile(case):
    """A creation or search failed, but a slow worker has brought the meeting."""
    changes = {"claimed_at": None}
    if not case.row.unanswered_since:
        return Decision(changes)
    if isinstance(case.error, zoom.ZoomOutcomeUnknown) or case.job.kind == "search":
        return _search_twin(case, changes)
    changes.update(unanswered_since=None, may_have_twin=False)
    return _mark_synced(case.row, case.host_problem, changes)


def _keeps_problem(case):
    """Whether a change goes on waiting for what it waited for.

    That it could not be read back now neither mends that nor makes it worse. Nor does
    anything Zoom says of a meeting whose host cannot host it.
    """
    passes = isinstance(case.error, (*NOT_COUNTED_BY_ZOOM, zoom.ZoomBadAnswer))
    return case.host_problem or (
        case.row.problem and passes and case.row.waits(case.now)
    )


def _quote(error):
    """Zoom's own words. The client keeps secrets out of them."""
    return error.reason[:500]


def _try_later(case):
    return Decision({"problem": "unavailable", "next_attempt": case.later})


def _second_limit(case):
    if case.row.attempt_count >= SECOND_LIMITS:
        return _try_later(case)
    soon = case.now + timedelta(seconds=1 + 2 * case.jitter)
    return Decision({"problem": None, "next_attempt": soon})


def _account_day_limit(case):
    """Of a request that is not counted: creations may be of another category."""
    return Decision({"problem": "request_limit", "next_attempt": _get_retry_at(case)})


def _host_day_limit(case, unclear=False):
    """Zoom has counted a hundred, whatever Odoo has counted.

    Shortly after 00:00 UTC the refusal may still be of yesterday, for Zoom's clock and
    ours do not tick together.
    """
    yesterday = case.row.reset - timedelta(days=1) + EDGE_OF_DAY
    if case.job.claimed_at < yesterday:
        return Decision(
            {"problem": "daily_limit", "next_attempt": case.now + EDGE_OF_DAY}
        )
    return Decision(
        {"problem": "daily_limit", "next_attempt": case.row.reset},
        (NoteHostLimit(unclear),),
    )


def _day_limit(case):
    """Zoom does not say whether the host's limit is reached or the account's."""
    limit = case.row.day_limit
    whose = whose_day_limit(
        limit.plan,
        case.error.named_limit,
        limit.host_total,
        limit.host_limit,
        limit.others_refused,
    )
    if whose != "account":
        return _host_day_limit(case, unclear=whose == "unclear")
    until = _get_retry_at(case)
    return Decision(
        {"problem": "account_limit", "next_attempt": until}, (NoteAccountLimit(until),)
    )


def _get_retry_at(case):
    """When Zoom admits requests again: later than now, and within a day."""
    if not case.error.retry_at:
        return case.row.reset
    named = case.error.retry_at.astimezone(UTC).replace(tzinfo=None)
    return min(max(named, case.later), case.now + timedelta(days=1))


def _bad_answer(case):
    """Zoom may have done what it was asked, and answered with what is of no use.

    A meeting whose number is known is read instead of created again; a known link stays.
    """
    row, job, now = case.row, case.job, case.now
    changes = {"problem": "bad_answer", "next_attempt": case.later}
    if case.is_counted:
        changes["unanswered_since"] = now
    if job.kind in ("create", "search") and case.error.zoom_id:
        # That an earlier search found nothing says nothing of this number.
        changes.update(zoom_id=case.error.zoom_id, missing_since=None)
    if job.kind == "create":
        changes["next_attempt"] = now + SEARCH_AFTER
        if not case.error.zoom_id:
            changes["problem"] = "unclear"
    elif not row.join_url and row.attempt_count >= BAD_ANSWERS:
        changes["next_attempt"] = None
    if row.state == "removing" and changes.get("zoom_id"):
        # Nothing more is needed to delete it.
        changes.update(problem=None, unanswered_since=None, next_attempt=None)
    changes["state"] = get_state(replace_known(row, changes))
    return Decision(changes)


def _outcome_unknown(case):
    if case.job.kind == "create":
        changes = {"problem": "unclear", "next_attempt": case.now + SEARCH_AFTER}
    else:
        changes = {"problem": "unavailable", "next_attempt": case.later}
    if case.is_counted:
        changes["unanswered_since"] = case.now
    return Decision(changes)


def _missing(case):
    """Zoom does not find the meeting; believed when it says so twice.

    Not even then if it says so of many meetings.
    """
    row, now = case.row, case.now
    if case.job.kind == "delete":
        return _nothing_to_remove(case)
    if not row.zoom_id:
        # There was nothing that can be gone.
        return _try_later(case)
    changes = {"problem": "gone", "missing_since": row.missing_since or now}
    if not row.missing_since:
        # The Zoom user may have been deleted, too.
        changes["next_attempt"] = now + GONE_WAIT
        return Decision(changes, (RefreshUsers(),))
    if now < row.missing_since + GONE_WAIT:
        changes["next_attempt"] = row.missing_since + GONE_WAIT
        return Decision(changes)
    if row.missing_doubted or row.many_missing:
        changes["next_attempt"] = now + GONE_WAIT
        return Decision(changes)
    changes.update(state="removed", problem=None, next_attempt=None)
    return Decision(changes, (IssueAnew(),))


def _nothing_to_remove(case):
    """Somebody else has deleted it. While many are missing that is not believed."""
    if case.row.missing_doubted:
        return Decision({"next_attempt": case.now + LONGEST_DELAY})
    return Decision({"state": "removed", "problem": None, "problem_detail": None})


def _try_much_later(case, problem):
    return Decision({"problem": problem, "next_attempt": case.now + LONGEST_DELAY})


def _host_refused(case):
    if case.job.kind == "search" and case.row.state == "removing":
        # A Zoom user who is deleted takes the meetings along.
        if isinstance(case.error, zoom.ZoomHostUnknown):
            return _nothing_to_remove(case)
    return _park(case, "host_refused", (RefreshUsers(),))


def _park(case, problem, effects=()):
    """Somebody must change something before it is tried again."""
    if case.is_counted and case.row.wanted != case.job.sent:
        # What was refused is not wanted any more.
        return Decision({"problem": None, "next_attempt": None})
    return Decision({"problem": problem, "next_attempt": None}, effects)


# What Zoom's refusal means for the row. The most specific class decides.
MEANINGS = {
    # Zoom may have executed the request.
    zoom.ZoomOutcomeUnknown: _outcome_unknown,
    zoom.ZoomBadAnswer: _bad_answer,
    # Passes by itself.
    zoom.ZoomUnavailable: _try_later,
    zoom.ZoomTokenInvalid: _try_later,
    zoom.ZoomConnectionLost: _try_later,
    zoom.ZoomClientRefused: _try_later,
    zoom.ZoomCodeRefused: _try_later,
    zoom.ZoomMeetingRuns: partial(_try_much_later, problem="in_progress"),
    zoom.ZoomAccessDenied: partial(_try_much_later, problem="refused"),
    # Limits.
    zoom.ZoomSecondLimit: _second_limit,
    zoom.ZoomHostDayLimit: _host_day_limit,
    zoom.ZoomDayLimit: _day_limit,
    zoom.ZoomAccountDayLimit: _account_day_limit,
    # The meeting is not there.
    zoom.ZoomMeetingGone: _missing,
    # Somebody must act.
    zoom.ZoomScopeMissing: partial(_park, problem="scope_missing"),
    zoom.ZoomHostUnknown: _host_refused,
    zoom.ZoomHostMayNotHost: _host_refused,
    zoom.ZoomRejected: partial(_park, problem="refused"),
    # Of any other kind.
    zoom.ZoomLimit: _try_later,
    zoom.ZoomError: _try_later,
}


def _find_meaning(case):
    return next(
        MEANINGS[cause] for cause in type(case.error).__mro__ if cause in MEANINGS
    )
