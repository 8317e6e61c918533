# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from .. import exceptions as zoom
from ..const import UNCLEAR_WAIT
from ..engine.decide import (
    EDGE_OF_DAY,
    GONE_WAIT,
    LONGEST_DELAY,
    MEANINGS,
    NOTHING,
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
    Row,
    WithholdLink,
    decide,
    decide_no_token,
    get_state,
    next_request,
    replace_known,
)
from ..engine.facts import Facts, find_differences, get_accepted_facts
from ..engine.job import Job
from ..tools.zoom_answers import DialIn, Meeting

CLAIMED = datetime(2027, 3, 1, 9, 0)
NOW = CLAIMED + timedelta(seconds=2)
RESET = datetime(2027, 3, 2)
START = datetime(2027, 3, 1, 15, 0)
MINUTE = timedelta(minutes=1)
TODAY = CLAIMED.date()
# In the middle of its range jitter changes nothing.
FIRST, SECOND = timedelta(seconds=60), timedelta(seconds=120)

WANTED = Facts(START, 30, "Consultation")
WAITING = Row("waiting", *WANTED, claimed_at=CLAIMED, reset=RESET)
CREATING = replace(
    WAITING,
    sent_start=START,
    sent_duration=30,
    sent_topic="Consultation",
    unanswered_since=CLAIMED,
)
READY = replace(
    CREATING,
    state="ready",
    zoom_id="81234567890",
    join_url="https://zoom.us/j/81234567890",
    unanswered_since=None,
)
CHANGED = replace(READY, state="changed", start=START + 60 * MINUTE)
UPDATING = replace(CHANGED, unanswered_since=CLAIMED)
REMOVING = replace(READY, state="removing")
SEARCHING = replace(CREATING, unanswered_since=CLAIMED - UNCLEAR_WAIT)


def job(kind, row=WAITING, **values):
    values = {"claimed_at": CLAIMED, "sent": row.wanted, **values}
    return Job(1, kind, zoom_id=row.zoom_id or "", **values)


def meeting(number="81234567890", **values):
    values = {"topic": "Consultation", "start": START, "duration": 30, **values}
    return Meeting(number, f"https://zoom.us/j/{number}", "abc123", **values)


# What Zoom says is stored: these changes come with each such answer.
ANSWER = {
    "zoom_id": "81234567890",
    "join_url": "https://zoom.us/j/81234567890",
    "passcode": "abc123",
    "checked_at": CLAIMED,
}
SYNCED = {"claimed_at": None, "problem": None, "attempt_count": 0, "next_attempt": None}
TOKYO = DialIn("JP", "+81 3 0000 1488", "Tokyo")
BERLIN = DialIn("DE", "+49 30 0000 1488")
PERSONAL_ROOM = Meeting("81234567890", "https://zoom.us/j/5551112222", "abc123")
HOST_LIMIT = DayLimit("free", 100, 100, others_refused=False)
UNCLEAR_LIMIT = DayLimit("free", 20, 100, others_refused=False)
OTHERS_REFUSED = DayLimit("free", 20, 100, others_refused=True)

# what it is about: row, kind of request, answer -> some of the changes, all effects
CASES = {
    # === SUCCESS === #
    "created": (
        CREATING, "create", [meeting()],
        {**ANSWER, **SYNCED, "state": "ready", "unanswered_since": None},
        [PlanCheck()],
    ),
    "found at last, with a number and nothing else of use": (
        replace(SEARCHING, missing_since=CLAIMED - MINUTE),
        "search", zoom.ZoomBadAnswer("password", zoom_id="81234567890"),
        {"zoom_id": "81234567890", "missing_since": None, "problem": "bad_answer"},
        [],
    ),
    "created, the booking was moved meanwhile": (
        replace(CREATING, start=START + MINUTE), ("create", WANTED), [meeting()],
        {**ANSWER, **SYNCED, "state": "changed", "sent_start": START},
        [PlanCheck()],
    ),
    "created, the booking was cancelled meanwhile": (
        replace(CREATING, state="removing"), "create", [meeting()],
        {**ANSWER, **SYNCED, "state": "removing"},
        [PlanCheck()],
    ),
    "created, Zoom keeps another title": (
        CREATING, "create", [meeting(topic="CONSULTATION")],
        {"state": "ready", "sent_topic": "Consultation"},
        [PlanCheck()],
    ),
    "created late, by now the row is another worker's": (
        replace(CREATING, claimed_at=CLAIMED + 4 * MINUTE), "create", [meeting()],
        {"zoom_id": "81234567890", "state": "ready", "unanswered_since": None},
        [PlanCheck()],
    ),
    "created late, another creation is unanswered": (
        replace(CREATING, claimed_at=None, unanswered_since=CLAIMED + 8 * MINUTE),
        "create", [meeting()],
        {
            "zoom_id": "81234567890", "state": "changed", "problem": "unclear",
            "may_have_twin": True, "next_attempt": CLAIMED + 8 * MINUTE + UNCLEAR_WAIT,
        },
        [],
    ),
    "created late, the row has another meeting": (
        replace(READY, claimed_at=None), "create", [meeting("84444444444")],
        {"state": "ready"},
        [RemoveDuplicate("84444444444"), PlanCheck()],
    ),
    "created late, the row is removed": (
        replace(READY, state="removed", zoom_id=None, claimed_at=None),
        "create", [meeting()],
        {"state": "removed"},
        [RemoveDuplicate("81234567890"), PlanCheck()],
    ),
    "created with the personal room": (
        CREATING, "create", [PERSONAL_ROOM],
        {"zoom_id": "81234567890", "join_url": None, "passcode": None},
        [WithholdLink(foreign=True)],
    ),
    "created with the number of another meeting": (
        replace(CREATING, is_number_shared=True), "create", [meeting()],
        ANSWER,
        [WithholdLink(foreign=False)],
    ),
    "created since somebody insisted": (
        CREATING, ("create", WANTED, True), [meeting()],
        {"state": "ready"},
        [LimitAdmitted("create"), PlanCheck()],
    ),
    "updated": (
        UPDATING, "update", [meeting(start=UPDATING.start)],
        {**ANSWER, **SYNCED, "state": "ready", "sent_start": UPDATING.start},
        [PlanCheck()],
    ),
    "updated, not read afterwards": (
        UPDATING, "update", [],
        {**SYNCED, "state": "ready", "sent_start": UPDATING.start, "answered": {}},
        [PlanCheck()],
    ),
    "updated with a setting, not read afterwards": (
        replace(UPDATING, waiting_room="on"), "update", [],
        {
            **SYNCED, "state": "ready", "sent_waiting_room": "on", "answered": {},
            "check_at": NOW,
        },
        [PlanCheck()],
    ),
    "updated with another title, not read afterwards": (
        replace(UPDATING, topic="Talk"), "update", [],
        {**SYNCED, "state": "ready", "sent_topic": "Talk", "check_at": NOW},
        [PlanCheck()],
    ),
    "updated with a setting that the account has locked": (
        replace(UPDATING, waiting_room="off"), "update",
        [meeting(start=UPDATING.start, waiting_room=True, join_before_host=False)],
        {
            **SYNCED, "state": "ready", "sent_waiting_room": "off",
            "check_at": "nothing",
            "answered": {
                "topic": "Consultation", "start": UPDATING.start, "duration": 30,
                "waiting_room": True,
            },
        },
        [PlanCheck()],
    ),
    "created with a setting that the account has locked": (
        replace(CREATING, waiting_room="off", sent_waiting_room="off"), "create",
        [meeting(waiting_room=True)],
        {"state": "ready", "sent_waiting_room": "off"},
        [PlanCheck()],
    ),
    "created with telephone numbers": (
        replace(CREATING, dial_in_countries=frozenset(["JP", "US"])), "create",
        [meeting(dial_in=(TOKYO, BERLIN), phone_passcode="424242")],
        {
            "dial_in": {
                "JP": [{"number": TOKYO.number, "city": "Tokyo", "is_free": False}],
                "US": [],
            },
            "phone_passcode": "424242",
        },
        [PlanCheck()],
    ),
    "created, telephone numbers of other countries only": (
        replace(CREATING, dial_in_countries=frozenset(["US"])), "create",
        [meeting(dial_in=(TOKYO, BERLIN), phone_passcode="424242")],
        {"dial_in": {"US": []}, "phone_passcode": None},
        [PlanCheck()],
    ),
    "created, nobody wants telephone numbers": (
        CREATING, "create", [meeting(dial_in=(TOKYO,), phone_passcode="424242")],
        {"dial_in": None, "phone_passcode": None},
        [PlanCheck()],
    ),
    "created with the personal room and its telephone numbers": (
        replace(CREATING, dial_in_countries=frozenset(["JP"])), "create",
        [replace(PERSONAL_ROOM, dial_in=(TOKYO,), phone_passcode="424242")],
        {"dial_in": None, "phone_passcode": None},
        [WithholdLink(foreign=True)],
    ),
    "read, somebody changed a setting in Zoom": (
        replace(READY, waiting_room="on", sent_waiting_room="on"), "read",
        [meeting(waiting_room=False)],
        {"state": "ready", "sent_waiting_room": "nothing"},
        [PlanCheck()],
    ),
    "updated late": (replace(UPDATING, claimed_at=None), "update", [], {}, []),
    "deleted": (REMOVING, "delete", [], {"state": "removed", "claimed_at": None}, []),
    "read, nothing has changed": (
        replace(READY, check_at=CLAIMED), "read", [meeting()],
        {**ANSWER, **SYNCED, "state": "ready", "check_at": None},
        [PlanCheck()],
    ),
    "read, somebody moved it in Zoom": (
        READY, "read", [meeting(start=START + 30 * MINUTE)],
        {"state": "changed", "sent_start": START + 30 * MINUTE},
        [PlanCheck()],
    ),
    "read, somebody gave it another title": (
        READY, "read", [meeting(topic="Talk")],
        {"state": "ready", "answered": {
            "topic": "Talk", "start": START, "duration": 30}},
        [PlanCheck()],
    ),
    "read, Zoom has rounded the start": (
        READY, "read", [meeting(start=START + 2 * MINUTE)],
        {"state": "ready"},
        [PlanCheck()],
    ),
    "read, what Zoom had rounded was moved": (
        replace(READY, answered={"start": START + 2 * MINUTE}), "read", [meeting(
            start=START + 3 * MINUTE)],
        {"state": "changed", "sent_start": START + 3 * MINUTE},
        [PlanCheck()],
    ),
    "read, found again": (
        replace(READY, problem="gone", missing_since=CLAIMED), "read", [meeting()],
        {**SYNCED, "state": "ready", "missing_since": None},
        [PlanCheck()],
    ),
    "read, a change goes on waiting": (
        replace(CHANGED, problem="daily_limit", next_attempt=RESET),
        "read", [meeting()],
        {**ANSWER, "claimed_at": None},
        [],
    ),
    "read, the unanswered change was executed": (
        UPDATING, ("read", UPDATING.wanted), [meeting(start=UPDATING.start)],
        {**SYNCED, "state": "ready", "unanswered_since": None},
        [PlanCheck()],
    ),
    "read, the unanswered change was not executed": (
        UPDATING, ("read", UPDATING.wanted), [meeting()],
        {"unanswered_since": None, "problem": None, "next_attempt": None},
        [GiveBackChange("update")],
    ),
    "read, changes are lost again and again": (
        replace(UPDATING, attempt_count=2), ("read", UPDATING.wanted), [meeting()],
        {"problem": "unavailable", "next_attempt": NOW + SECOND},
        [GiveBackChange("update")],
    ),
    "found": (
        SEARCHING, "search", [meeting()],
        {**ANSWER, **SYNCED, "state": "ready", "unanswered_since": None},
        [PlanCheck()],
    ),
    "found two": (
        SEARCHING, "search", [meeting(), meeting("84444444444")],
        {"zoom_id": "81234567890"},
        [RemoveDuplicate("84444444444"), PlanCheck()],
    ),
    "not found, first search": (
        SEARCHING, "search", [],
        {"missing_since": NOW, "problem": "unclear", "claimed_at": None},
        [],
    ),
    "not found, second search, too early": (
        replace(CREATING, missing_since=CLAIMED), "search", [],
        {"missing_since": CLAIMED, "next_attempt": CLAIMED + UNCLEAR_WAIT},
        [],
    ),
    "not found, second search": (
        replace(SEARCHING, missing_since=CLAIMED - MINUTE), "search", [],
        {"unanswered_since": None, "missing_since": None, "next_attempt": None},
        [GiveBackChange("create")],
    ),
    "not found, of what is to be removed": (
        replace(SEARCHING, state="removing", missing_since=CLAIMED - MINUTE),
        "search", [],
        {"state": "removed", "unanswered_since": None},
        [GiveBackChange("create")],
    ),
    # === WHAT PASSES BY ITSELF === #
    "not reachable": (
        CREATING, "create", zoom.ZoomUnavailable(),
        {
            "problem": "unavailable", "unanswered_since": None, "claimed_at": None,
            "attempt_count": 1, "next_attempt": NOW + FIRST,
        },
        [GiveBackRequest("create", TODAY)],
    ),
    "failed late": (
        replace(CREATING, claimed_at=CLAIMED + MINUTE),
        "create", zoom.ZoomUnavailable(), {}, [],
    ),
    "token refused": (
        UPDATING, "update", zoom.ZoomTokenInvalid(),
        {"problem": "unavailable", "next_attempt": NOW + FIRST},
        [GiveBackRequest("update", TODAY)],
    ),
    "no answer to a creation": (
        CREATING, "create", zoom.ZoomOutcomeUnknown(),
        {
            "problem": "unclear", "unanswered_since": NOW,
            "next_attempt": NOW + timedelta(seconds=10),
        },
        [],
    ),
    "no answer to a change": (
        UPDATING, "update", zoom.ZoomOutcomeUnknown(),
        {"problem": "unavailable", "unanswered_since": NOW, "claimed_at": None},
        [],
    ),
    "no answer to a deletion": (
        REMOVING, "delete", zoom.ZoomOutcomeUnknown(),
        {"problem": "unavailable", "next_attempt": NOW + FIRST},
        [],
    ),
    "no answer, but another worker brought the meeting": (
        replace(READY, state="changed", unanswered_since=CLAIMED),
        "create", zoom.ZoomOutcomeUnknown(),
        {"may_have_twin": True, "problem": "unclear", "claimed_at": None},
        [],
    ),
    "refused, but another worker brought the meeting": (
        replace(READY, state="changed", unanswered_since=CLAIMED),
        "create", zoom.ZoomUnavailable(),
        {**SYNCED, "state": "ready", "unanswered_since": None},
        [PlanCheck()],
    ),
    "a change that is read keeps what it waits for": (
        replace(CHANGED, problem="daily_limit", next_attempt=RESET),
        "read", zoom.ZoomUnavailable(),
        {"claimed_at": None, "check_at": NOW + FIRST / 2},
        [],
    ),
    "a meeting whose host is lost is not judged": (
        replace(READY, host_problem="host_inactive"), "read", zoom.ZoomMeetingGone(),
        {"claimed_at": None, "check_at": NOW + LONGEST_DELAY},
        [],
    ),
    "in progress": (
        REMOVING, "delete", zoom.ZoomMeetingRuns(),
        {"problem": "in_progress", "next_attempt": NOW + LONGEST_DELAY},
        [],
    ),
    "access denied": (
        CREATING, "create", zoom.ZoomAccessDenied(),
        {"problem": "refused", "next_attempt": NOW + LONGEST_DELAY},
        [],
    ),
    "failed, but the booking was moved back": (
        replace(READY, state="changed", unanswered_since=CLAIMED),
        ("update", CHANGED.wanted), zoom.ZoomUnavailable(),
        {**SYNCED, "state": "ready"},
        [GiveBackRequest("update", TODAY), PlanCheck()],
    ),
    # === LIMITS === #
    "too many per second": (
        CREATING, "create", zoom.ZoomSecondLimit(),
        {"problem": None, "next_attempt": NOW + timedelta(seconds=2)},
        [GiveBackRequest("create", TODAY)],
    ),
    "too many per second, again and again": (
        replace(CREATING, attempt_count=3), "create", zoom.ZoomSecondLimit(),
        {"problem": "unavailable"},
        [GiveBackRequest("create", TODAY)],
    ),
    "limit of the host": (
        CREATING, "create", zoom.ZoomHostDayLimit(),
        {"problem": "daily_limit", "next_attempt": RESET},
        [NoteHostLimit(unclear=False)],
    ),
    "limit of the host, just after midnight": (
        replace(CREATING, reset=CLAIMED + timedelta(days=1) - MINUTE),
        "create", zoom.ZoomHostDayLimit(),
        {"problem": "daily_limit", "next_attempt": NOW + EDGE_OF_DAY},
        [],
    ),
    "limit of the day, surely of the host": (
        replace(CREATING, day_limit=HOST_LIMIT), "create", zoom.ZoomDayLimit(),
        {"problem": "daily_limit", "next_attempt": RESET},
        [GiveBackRequest("create", TODAY), NoteHostLimit(unclear=False)],
    ),
    "limit of the day, of whomever": (
        replace(CREATING, day_limit=UNCLEAR_LIMIT), "create", zoom.ZoomDayLimit(),
        {"problem": "daily_limit", "next_attempt": RESET},
        [GiveBackRequest("create", TODAY), NoteHostLimit(unclear=True)],
    ),
    "limit of the day, of the account": (
        replace(CREATING, day_limit=OTHERS_REFUSED), "create", zoom.ZoomDayLimit(),
        {"problem": "account_limit", "next_attempt": RESET},
        [GiveBackRequest("create", TODAY), NoteAccountLimit(RESET)],
    ),
    "limit of the account, until a moment": (
        READY, "read", zoom.ZoomAccountDayLimit(
            retry_at=datetime(2027, 3, 1, 12, tzinfo=UTC)),
        {"problem": "request_limit", "next_attempt": datetime(2027, 3, 1, 12)},
        [],
    ),
    "limit of the account, until next year": (
        READY, "read", zoom.ZoomAccountDayLimit(
            retry_at=datetime(2028, 3, 1, tzinfo=UTC)),
        {"problem": "request_limit", "next_attempt": NOW + timedelta(days=1)},
        [],
    ),
    # === ODD ANSWERS === #
    "odd answer to a creation, with a number": (
        CREATING, "create", zoom.ZoomBadAnswer("password", zoom_id="81234567890"),
        {
            "zoom_id": "81234567890", "state": "changed", "problem": "bad_answer",
            "unanswered_since": NOW,
        },
        [],
    ),
    "odd answer to a creation, without a number": (
        CREATING, "create", zoom.ZoomBadAnswer("id"),
        {"problem": "unclear", "state": "waiting", "unanswered_since": NOW},
        [],
    ),
    "odd answer, of what is to be removed": (
        replace(CREATING, state="removing"),
        "create", zoom.ZoomBadAnswer("password", zoom_id="81234567890"),
        {"zoom_id": "81234567890", "problem": None, "unanswered_since": None},
        [],
    ),
    "odd answer to a read, the link is known": (
        replace(READY, attempt_count=5), "read", zoom.ZoomBadAnswer("password"),
        {"problem": "bad_answer", "state": "ready"},
        [],
    ),
    "odd answers, no link is known": (
        replace(READY, state="changed", join_url=None, attempt_count=1),
        "read", zoom.ZoomBadAnswer("password"),
        {"problem": "bad_answer", "next_attempt": None, "check_at": None},
        [],
    ),
    # === NOT THERE === #
    "not there": (
        READY, "read", zoom.ZoomMeetingGone(),
        {"problem": "gone", "missing_since": NOW, "next_attempt": NOW + GONE_WAIT},
        [RefreshUsers()],
    ),
    "not there, asked again too early": (
        replace(READY, missing_since=CLAIMED), "read", zoom.ZoomMeetingGone(),
        {"problem": "gone", "next_attempt": CLAIMED + GONE_WAIT},
        [],
    ),
    "not there twice": (
        replace(READY, missing_since=NOW - GONE_WAIT), "read", zoom.ZoomMeetingGone(),
        {"state": "removed", "problem": None},
        [IssueAnew()],
    ),
    "not there twice, like many others": (
        replace(READY, missing_since=NOW - GONE_WAIT, many_missing=True),
        "read", zoom.ZoomMeetingGone(),
        {"problem": "gone", "next_attempt": NOW + GONE_WAIT},
        [],
    ),
    "not there twice, an administrator is asked": (
        replace(READY, missing_since=NOW - GONE_WAIT, missing_doubted=True),
        "read", zoom.ZoomMeetingGone(),
        {"problem": "gone", "next_attempt": NOW + GONE_WAIT},
        [],
    ),
    "deleted by somebody else": (
        REMOVING, "delete", zoom.ZoomMeetingGone(), {"state": "removed"}, [],
    ),
    "deleted by somebody else, an administrator is asked": (
        replace(REMOVING, missing_doubted=True), "delete", zoom.ZoomMeetingGone(),
        {"next_attempt": NOW + LONGEST_DELAY},
        [],
    ),
    "gone with its host": (
        replace(SEARCHING, state="removing"), "search", zoom.ZoomHostUnknown(),
        {"state": "removed"},
        [],
    ),
    # === SOMEBODY MUST ACT === #
    "no such host": (
        CREATING, "create", zoom.ZoomHostUnknown(),
        {"problem": "host_refused", "next_attempt": None},
        [RefreshUsers()],
    ),
    "host may not": (
        CREATING, "create", zoom.ZoomHostMayNotHost(),
        {"problem": "host_refused", "next_attempt": None},
        [RefreshUsers()],
    ),
    "scope missing": (
        CREATING, "create", zoom.ZoomScopeMissing(),
        {"problem": "scope_missing", "next_attempt": None},
        [],
    ),
    "refused": (
        CREATING, "create", zoom.ZoomRejected("No."),
        {"problem": "refused", "problem_detail": "No.", "next_attempt": None},
        [],
    ),
    "refused, but not wanted any more": (
        CREATING, ("create", CHANGED.wanted), zoom.ZoomRejected("No."),
        {"problem": None, "next_attempt": None},
        [],
    ),
}  # fmt: skip

NEXT = {
    "create": WAITING,
    "search": CREATING,
    "read": READY,
    "update": CHANGED,
    "delete": REMOVING,
}


@tagged("post_install", "-at_install")
class TestCases(BaseCase):
    """What an answer of Zoom means, case by case."""

    def test_each_answer(self):
        for name, (row, asked, answer, changes, effects) in CASES.items():
            with self.subTest(name):
                if isinstance(asked, str):
                    done = job(asked, row)
                else:
                    kind, sent, insisted = (*asked, False)[:3]
                    done = job(kind, row, sent=sent, asked=insisted)
                decision = decide(row, done, answer, NOW)
                self.assertEqual(
                    {key: decision.changes.get(key, "nothing") for key in changes},
                    changes,
                )
                self.assertEqual(list(decision.effects), effects)

    def test_late_answers_change_nothing(self):
        for kind in ("update", "delete", "read", "search"):
            with self.subTest(kind):
                row = replace(READY, claimed_at=None)
                self.assertEqual(decide(row, job(kind), [meeting()], NOW), NOTHING)

    def test_every_error_is_decided(self):
        for cause in zoom.ZoomError.__subclasses__():
            with self.subTest(cause.__name__):
                self.assertIn(cause, MEANINGS)

    def test_no_token(self):
        for error, problem, next_attempt in (
            (None, "unavailable", NOW + FIRST),
            (zoom.ZoomUnavailable(), "unavailable", NOW + FIRST),
            (zoom.ZoomBadAnswer("access_token"), "bad_answer", NOW + FIRST),
            (zoom.ZoomConnectionLost(), "not_linked", None),
            (zoom.ZoomClientRefused(), "not_linked", None),
        ):
            with self.subTest(problem):
                changes = decide_no_token(WAITING, error, NOW).changes
                self.assertEqual(changes["problem"], problem)
                self.assertEqual(changes["next_attempt"], next_attempt)
                self.assertIsNone(changes["claimed_at"])

    def test_no_token_leaves_alone_what_somebody_must_end(self):
        row = replace(WAITING, problem="refused")
        self.assertNotIn("problem", decide_no_token(row, None, NOW).changes)

    def test_no_token_puts_off_a_check(self):
        row = replace(READY, check_at=CLAIMED)
        self.assertEqual(
            decide_no_token(row, None, NOW).changes["check_at"], NOW + FIRST
        )

    def test_accepted_facts_are_those_of_zoom(self):
        row = replace(READY, answered={"topic": "Talk", "duration": None})
        self.assertEqual(
            get_accepted_facts(row), {"start": START, "duration": 30, "topic": "Talk"}
        )
        row = replace(
            row,
            waiting_room="on",
            sent_waiting_room="on",
            join_before_host="off",
            sent_join_before_host="off",
            answered={"waiting_room": False},
        )
        facts = get_accepted_facts(row)
        self.assertIs(facts["waiting_room"], False)
        self.assertIs(facts["join_before_host"], False)

    def test_setting_that_is_left_to_zoom_is_no_change(self):
        row = replace(READY, sent_waiting_room="on")
        self.assertEqual(get_state(row), "ready")
        self.assertEqual(get_state(replace(row, waiting_room="on")), "ready")
        self.assertEqual(get_state(replace(row, waiting_room="off")), "changed")

    def test_differences(self):
        told = replace(
            READY,
            waiting_room="on",
            sent_waiting_room="on",
            join_before_host="off",
            sent_join_before_host="off",
        )
        as_told = {
            "topic": "Consultation",
            "start": START + MINUTE,
            "waiting_room": True,
            "join_before_host": False,
        }
        cases = (
            (told, {}, {}),
            (told, as_told, {}),
            (told, {**as_told, "waiting_room": False}, {"waiting_room": False}),
            (told, {**as_told, "topic": "Talk"}, {"topic": "Talk"}),
            # Nobody has asked for it.
            (READY, {"waiting_room": True}, {}),
            # Unknown, or another change is on its way.
            (told, {"waiting_room": None}, {}),
            (replace(told, state="changed"), {"waiting_room": False}, {}),
        )
        for row, answered, expected in cases:
            with self.subTest(row=row.state, answered=answered):
                found = find_differences(replace(row, answered=answered))
                self.assertEqual(found, expected)


@tagged("post_install", "-at_install")
class TestNextRequest(BaseCase):
    """What a row needs next."""

    def test_each_kind(self):
        for kind, row in NEXT.items():
            with self.subTest(kind):
                self.assertEqual(next_request(row, NOW), kind)

    def test_removing_row_without_number_is_just_removed(self):
        self.assertIsNone(next_request(replace(WAITING, state="removing"), NOW))

    def test_twin_is_searched_although_the_meeting_is_known(self):
        row = replace(READY, unanswered_since=CLAIMED, may_have_twin=True)
        self.assertEqual(next_request(row, NOW), "search")

    def test_change_is_not_sent_blindly(self):
        for name, row in (
            ("it waits", replace(CHANGED, next_attempt=NOW + MINUTE)),
            ("it is parked", replace(CHANGED, problem="refused")),
            ("not found", replace(CHANGED, missing_since=CLAIMED)),
            ("unanswered", UPDATING),
            ("no link", replace(CHANGED, join_url=None)),
        ):
            with self.subTest(name):
                self.assertEqual(next_request(row, NOW), "read")


# === PROPERTIES === #

moments = st.sampled_from(
    [None, *(CLAIMED + minutes * MINUTE for minutes in (-10, -3, -1, 0, 5))]
)
numbers = st.sampled_from([None, "81234567890", "84444444444"])
problems = st.sampled_from([None, "gone", "refused", "unclear", "daily_limit"])


switches = st.sampled_from([None, "on", "off"])


@st.composite
def rows(draw):
    """Any row that the database may hold."""
    zoom_id = draw(numbers)
    sent = draw(st.booleans())
    return Row(
        draw(st.sampled_from(["waiting", "ready", "changed", "removing", "removed"])),
        draw(st.sampled_from([START, START + MINUTE])),
        draw(st.sampled_from([30, 45])),
        "Consultation",
        zoom_id=zoom_id,
        join_url=zoom_id and draw(st.sampled_from([None, "https://zoom.us/j/1"])),
        sent_start=START if sent else None,
        sent_duration=30 if sent else 0,
        sent_topic="Consultation" if sent else "",
        waiting_room=draw(switches),
        sent_waiting_room=draw(switches) if sent else None,
        join_before_host=draw(switches),
        sent_join_before_host=draw(switches) if sent else None,
        dial_in_countries=draw(st.sampled_from([frozenset(), frozenset(["JP"])])),
        answered=draw(st.sampled_from([{}, {"start": START + MINUTE}])),
        problem=draw(problems),
        next_attempt=draw(moments),
        attempt_count=draw(st.integers(0, 12)),
        claimed_at=draw(st.sampled_from([CLAIMED, CLAIMED, None, CLAIMED - MINUTE])),
        unanswered_since=draw(moments),
        may_have_twin=draw(st.booleans()),
        missing_since=draw(moments),
        check_at=draw(moments),
        host_problem=draw(st.sampled_from([None, None, "host_inactive"])),
        reset=RESET,
        is_number_shared=draw(st.booleans()),
        many_missing=draw(st.booleans()),
        missing_doubted=draw(st.booleans()),
        day_limit=draw(st.sampled_from([HOST_LIMIT, UNCLEAR_LIMIT, OTHERS_REFUSED])),
    )


jobs = st.builds(
    job,
    st.sampled_from(["create", "update", "delete", "read", "search"]),
    rows(),
    asked=st.booleans(),
)
errors = st.sampled_from(
    [cause() for cause in MEANINGS] + [zoom.ZoomBadAnswer("x", zoom_id="84444444444")]
)
meetings = st.builds(
    meeting,
    numbers.filter(bool),
    topic=st.sampled_from([None, "Consultation", "Talk"]),
    start=st.sampled_from([None, START, START + 2 * MINUTE, START + 9 * MINUTE]),
    duration=st.sampled_from([None, 30, 45]),
    waiting_room=st.sampled_from([None, True, False]),
    dial_in=st.sampled_from([(), (TOKYO, BERLIN)]),
    phone_passcode=st.sampled_from(["", "424242"]),
)
answers = st.one_of(errors, st.lists(st.one_of(meetings, st.just(PERSONAL_ROOM))))
# What comes right here; the answer to a read is about the meeting that was asked for.
cases = st.tuples(rows(), jobs, answers, st.floats(0, 1))


@tagged("post_install", "-at_install")
class TestProperties(BaseCase):
    """What holds for any row and any answer."""

    @settings(max_examples=2000, deadline=None, derandomize=True)
    @given(cases)
    def test_any_answer(self, case):
        row, done, answer, jitter = case
        decision = decide(row, done, answer, NOW, jitter)
        changes = decision.changes
        after = replace_known(row, changes)
        failed = isinstance(answer, zoom.ZoomError)
        late = row.claimed_at != done.claimed_at
        if late and (failed or done.kind != "create"):
            self.assertEqual(decision, NOTHING)
            return
        # The claim ends; that of another worker does not.
        self.assertEqual("claimed_at" in changes, not late)
        # A number that is known is never lost.
        if row.zoom_id:
            self.assertTrue(after.zoom_id)
        # Only what was chosen counts as told.
        for name in ("sent_waiting_room", "sent_join_before_host"):
            self.assertIn(changes.get(name, "on"), ("on", "off"))
        # Nobody can be told a passcode without a number.
        if changes.get("phone_passcode"):
            self.assertTrue(any(changes["dial_in"].values()))
            self.assertLessEqual(set(changes["dial_in"]), row.dial_in_countries)
        # What Zoom has made is kept, or removed.
        if not failed and done.kind in ("create", "search"):
            removed = {
                effect.zoom_id
                for effect in decision.effects
                if isinstance(effect, RemoveDuplicate)
            }
            made = {one.zoom_id for one in answer}
            self.assertLessEqual(made, removed | {after.zoom_id})
            if row.state != "removed":
                self.assertNotIn(after.zoom_id, removed)
        # Nobody creates a second meeting while the first may be there.
        if row.unanswered_since and not after.unanswered_since and not after.zoom_id:
            self.assertTrue(self.is_surely_not_there(row, done, answer), changes)
        # Only what somebody must end is left without next try.
        if changes.get("problem") and after.is_parked:
            self.assertIn(
                after.problem,
                {"scope_missing", "host_refused", "refused", "bad_answer"}
                | {row.host_problem},
            )
        # A next try is to come.
        if failed and changes.get("next_attempt"):
            self.assertGreater(changes["next_attempt"], NOW)

    def is_surely_not_there(self, row, done, answer):
        """Whether an unanswered creation left no meeting in Zoom."""
        if isinstance(answer, zoom.ZoomOutcomeUnknown):
            return False
        if isinstance(answer, zoom.ZoomError):
            # Zoom has refused this very creation; or it has none of a lost host.
            return done.kind in ("create", "update") or row.state == "removing"
        if done.kind == "search":
            # The second search without a hit, late enough.
            return bool(
                row.missing_since
                and row.missing_since >= row.unanswered_since
                and row.unanswered_since + UNCLEAR_WAIT <= NOW
            ) or bool(answer)
        return True

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(rows(), jobs)
    def test_gone_is_believed_only_twice(self, row, done):
        decision = decide(row, done, zoom.ZoomMeetingGone(), NOW)
        if IssueAnew() in decision.effects:
            self.assertLessEqual(row.missing_since + GONE_WAIT, NOW)
            self.assertFalse(row.many_missing or row.missing_doubted)

    @settings(max_examples=1000, deadline=None, derandomize=True)
    @given(rows())
    def test_next_request(self, row):
        kind = next_request(row, NOW)
        # What Zoom has is never created again, nor what it may have.
        if kind == "create":
            self.assertFalse(row.zoom_id or row.unanswered_since)
        if kind == "update":
            self.assertTrue(row.zoom_id and row.join_url and not row.unanswered_since)
        if kind in ("delete", None):
            self.assertEqual(row.state, "removing")
        self.assertEqual(
            kind is None,
            row.state == "removing" and not row.zoom_id and not row.unanswered_since,
        )
