# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import random
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from .. import exceptions as zoom
from ..const import CLAIM_DURATION, CURRENT_STATES, UNCLEAR_WAIT
from ..tools.zoom_job import Job
from ..tools.zoom_payload import (
    meeting_create_payload,
    meeting_update_payload,
    new_mark,
    parse_meeting,
)
from .booking_zoom_meeting import SENT_FIELDS
from .own_transaction import in_own_transaction
from .zoom_sync_run import ZoomSyncRun

_logger = logging.getLogger(__name__)

# Waiting time after the first failure; it doubles up to the longest.
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=30)
# A meeting that Zoom says is gone is asked for again after this time, for Zoom
# has been wrong in that.
GONE_WAIT = timedelta(minutes=2)
# So long after 00:00 UTC a refusal for the daily limit may still be of yesterday.
EDGE_OF_DAY = timedelta(minutes=5)

# Kind of request -> column of the ledger; the others do not count.
COUNTED = {"create": "create", "update": "update"}
# Failures of requests that Zoom surely did not execute.
NOT_COUNTED_BY_ZOOM = (
    zoom.ZoomUnavailable,
    zoom.ZoomTokenInvalid,
    zoom.ZoomSecondLimit,
    zoom.ZoomAccountDayLimit,
)


class BookingZoomMeeting(models.Model):
    """The scheduled action between the rows and Zoom.

    Everything written here is written in a short transaction of its own, before a
    request ("about to") and after it ("this came back"), so that a worker may die
    at any moment and nothing is done twice.
    """

    _inherit = "booking.zoom.meeting"

    # === SCHEDULED ACTION === #

    @api.model
    def _cron_sync_meetings(self):
        """Bring Zoom in line with the rows, soonest booking first."""
        self.env["booking.zoom.event"]._work_off()
        try:
            in_own_transaction(self, "_tidy")
        except Exception:
            # The rows that can be worked must not wait for one that cannot be tidied.
            _logger.exception("Zoom meetings could not be tidied")
        self.env["ir.cron"]._commit_progress(remaining=0)
        run = ZoomSyncRun(self)
        run.work()
        self.env["booking.zoom.account"]._watch()
        self._plan_next_run(run.skipped_ids)

    @api.model
    def _get_due_domain(self):
        """Domain of the rows that need a request and may be worked now."""
        now = fields.Datetime.now()
        never = Domain("next_attempt", "=", False)
        unclaimed = Domain("claimed_until", "=", False)
        replaceable = Domain("successor_id", "=", False) | Domain(
            "successor_id.state", "!=", "waiting"
        )
        create = Domain("state", "=", "waiting") & (
            Domain("start", ">", now) | Domain("posted_at", "!=", False)
        )
        update = Domain("state", "=", "changed")
        remove = Domain("state", "=", "removing") & replaceable
        work = (
            (create | update | remove)
            & Domain("parked", "=", False)
            & (never | Domain("next_attempt", "<=", now))
        )
        # A change that has to wait keeps nobody from reading what Zoom has.
        read = Domain("state", "in", ("ready", "changed")) & Domain(
            "check_at", "<=", now
        )
        return (
            (work | read)
            & Domain("stop", ">", now)
            & Domain("zoom_user_id.linked", "=", True)
            & Domain("problem", "not in", ("no_host", "host_inactive", "not_linked"))
            & (unclaimed | Domain("claimed_until", "<=", now))
        )

    @api.model
    def _tidy(self):
        """Note on the rows what follows from facts that no booking tells them."""
        now = fields.Datetime.now()
        # The database deletes the bookings of a deleted type by itself.
        self.search(
            [("booking_id", "=", False), ("state", "in", CURRENT_STATES)]
        )._retire()
        # What is over is not touched any more.
        self.search([("state", "=", "removing"), ("stop", "<=", now)]).write(
            {"state": "removed", "problem": False}
        )
        self.search(
            [
                ("state", "in", (*CURRENT_STATES, "removing")),
                ("stop", ">", now),
                ("zoom_user_id", "!=", False),
                ("zoom_user_id.linked", "=", False),
                ("problem", "!=", "not_linked"),
            ]
        ).write({"problem": "not_linked", "next_attempt": False})
        # Whoever linked the account meanwhile did not see what was noted here.
        linked = self.search(
            [
                ("problem", "in", ("not_linked", "scope_missing")),
                ("state", "in", (*CURRENT_STATES, "removing")),
                ("stop", ">", now),
                ("zoom_user_id.linked", "=", True),
            ]
        )
        linked.filtered(
            lambda row: (
                row.problem == "not_linked"
                or not row.last_attempt
                or row.last_attempt < row.zoom_user_id.account_id.linked_at
            )
        )._reset_attempts()

    @api.model
    def _reconcile(self):
        """Look through all Zoom bookings to come, for what no change has told us."""
        bookings = self.env["resource.booking"].search(
            [
                ("type_id.web_conference_tool", "=", "zoom"),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        for batch in split_every(200, bookings.ids, bookings.browse):
            try:
                in_own_transaction(self, "_sync_with_booking_ids", batch.ids)
            except Exception:
                _logger.exception("Bookings %s could not be reconciled", batch.ids)

    @api.model
    def _sync_with_booking_ids(self, booking_ids):
        self._sync_with_bookings(self.env["resource.booking"].browse(booking_ids))

    @api.model
    def _plan_next_run(self, skipped_ids=()):
        """Wake the action for what is left, or when the next row becomes due.

        :param skipped_ids: rows that could not be worked in this run
        """
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings").sudo()
        due = self._get_due_domain()
        if self.search_count(due & Domain("id", "not in", list(skipped_ids)), limit=1):
            # The framework alone would come back only after a minute.
            cron._trigger()
            return
        if skipped_ids:
            cron._trigger(at=fields.Datetime.now() + timedelta(seconds=5))
        upcoming = self.search(
            [
                ("next_attempt", ">", fields.Datetime.now()),
                ("parked", "=", False),
                "|",
                ("state", "in", ("waiting", "changed", "removing")),
                "&",
                ("state", "=", "ready"),
                ("check_at", "!=", False),
            ],
            order="next_attempt",
            limit=1,
        )
        if upcoming:
            cron._trigger(at=upcoming.next_attempt)

    # === BEFORE THE REQUEST === #

    def _claim(self):
        """Note that the rows' requests are about to be made; reserve quota.

        :return tuple: list of jobs, ids of the rows that somebody else has locked
        """
        jobs = []
        now = fields.Datetime.now()
        reset = self.env["booking.zoom.user"]._get_next_reset()
        rest = self._get_account_rest()
        locked = self.try_lock_for_update(allow_referencing=True)
        for row in locked.filtered_domain(self._get_due_domain()):
            kind = row._get_next_kind()
            if not kind:
                continue
            if rest:
                row._put_off("account_limit", rest)
                continue
            if kind in COUNTED and not row._reserve_request(kind, reset):
                row.write({"problem": "daily_limit", "next_attempt": reset})
                continue
            row.write({"claimed_until": now + CLAIM_DURATION, "last_attempt": now})
            if kind == "create":
                row.write({"posted_at": now, "mark": row.mark or new_mark()})
            jobs.append(row._prepare_job(kind))
        return jobs, (self - locked).ids

    def _put_off(self, problem, until):
        """Nothing can be asked of Zoom for this row before then.

        :param until: naive UTC
        """
        if self.check_at and self.check_at < until:
            self.check_at = until
        if not self.parked:
            self.write({"problem": problem, "next_attempt": until})

    def _get_account_rest(self):
        """Until when Zoom admits nothing for the account of these rows, naive UTC.

        One refusal speaks for the whole account: the others need not ask, too.
        """
        return (
            self.search(
                [
                    ("zoom_user_id.account_id", "=", self.zoom_user_id.account_id.id),
                    ("state", "in", (*CURRENT_STATES, "removing")),
                    ("problem", "=", "account_limit"),
                    ("next_attempt", ">", fields.Datetime.now()),
                    ("stop", ">", fields.Datetime.now()),
                ],
                order="next_attempt desc",
                limit=1,
            ).next_attempt
            or None
        )

    def _get_next_kind(self):
        """Which request the row needs next: what is wanted against what is."""
        self.ensure_one()
        if self.posted_at and not self.zoom_id:
            return "search"
        if self.state == "removing":
            if self.zoom_id:
                return "delete"
            self.state = "removed"
            return None
        now = fields.Datetime.now()
        waits = self.parked or (self.next_attempt and self.next_attempt > now)
        # Reading is free: a meeting that Zoom did not find is not changed blindly.
        if self.state == "ready" or (
            self.state == "changed" and (waits or self.gone_count)
        ):
            return "read"
        return "update" if self.zoom_id else "create"

    def _is_urgent(self, reset):
        """Whether the link is needed before Zoom counts anew.

        Not only for a booking that begins before: one of just after 00:00 UTC, when
        Japan begins to work, has its reminder before. A reminder days ahead makes
        nothing urgent.
        """
        if self.start < reset:
            return True
        moments = self.booking_id._get_reminder_moments() if self.booking_id else []
        return self.start < reset + timedelta(days=1) and any(
            moment < reset for moment in moments
        )

    def _reserve_request(self, kind, reset):
        limit = self.zoom_user_id.account_id._daily_limit_for(self._is_urgent(reset))
        counts = self.env["booking.zoom.request.count"]
        return counts._reserve(self.zoom_user_id, kind, limit)

    def _prepare_job(self, kind):
        """What the threads that talk to Zoom need to know of the row."""
        payload = {}
        if kind == "create":
            payload = meeting_create_payload(
                self.topic, self.start, self.duration, self.mark
            )
        elif kind == "update":
            payload = meeting_update_payload(self.topic, self.start, self.duration)
        return Job(
            row_id=self.id,
            kind=kind,
            host=self.zoom_user_id.zoom_id,
            meeting_id=self.zoom_id or "",
            mark=self.mark or "",
            payload=payload,
            sent={sent: self[name] for name, sent in SENT_FIELDS.items()},
        )

    # === AFTER THE REQUEST === #

    def _record_success(self, job, answers):
        self._lock()
        values = {
            "claimed_until": False,
            "attempt_count": 0,
            "gone_count": 0,
        }
        if self.check_at and self.check_at <= self.last_attempt:
            # One that was asked for meanwhile stays.
            values["check_at"] = False
        if job.kind == "delete":
            self.write({**values, "state": "removed", "problem": False})
            return
        if job.kind == "search" and not answers:
            self._record_not_found()
            return
        if job.kind == "update":
            values.update(job.sent)
        for answer in answers[:1]:
            values.update(self._prepare_answer_vals(job, answer))
        self.write({**values, "posted_at": False, "search_misses": 0})
        for answer in answers[1:]:
            self._remove_duplicate(answer)
        if job.kind != "read" or self.state != "changed" or self.problem == "gone":
            # A change that waits for something else goes on waiting.
            self._settle()

    def _prepare_answer_vals(self, job, answer):
        """What Zoom says of the meeting is stored, not what was asked of it.

        Where Zoom took what was asked, that is noted as wanted: a booking of two days
        is a meeting of 24 hours in Zoom, and nothing is left to change.
        """
        meeting = parse_meeting(answer)
        values = {
            "zoom_id": meeting["zoom_id"],
            "join_url": meeting["join_url"],
            "passcode": meeting["passcode"],
        }
        if job.kind != "update" and self.state != "changed":
            values.update(self._prepare_taken_vals(job, meeting))
        return values

    def _prepare_taken_vals(self, job, meeting):
        """Start, duration and topic as Zoom has taken them.

        :param dict meeting: Zoom's answer, parsed
        """
        asked = parse_meeting(
            job.payload or meeting_update_payload(self.topic, self.start, self.duration)
        )
        values = {}
        for name, sent in SENT_FIELDS.items():
            taken = meeting[name] == asked[name] or (
                # Zoom ignores a start that is over (Zoom's OpenAPI, March 2026).
                name == "start" and asked["start"] <= fields.Datetime.now()
            )
            values[sent] = job.sent[sent] if taken else meeting[name]
        if job.kind == "read":
            # Whoever words the topic anew in Zoom means it.
            values.pop("sent_topic")
        return values

    def _settle(self):
        """Set the state that follows, with no problem left."""
        self.write(
            {
                "state": self._get_state(),
                "problem": False,
                "problem_detail": False,
                "next_attempt": False,
                "parked": False,
            }
        )
        self._plan_check()

    def _spread(self):
        """Let booking and reminders know of the answer that was recorded."""
        self.booking_id._show_open_url()
        if self._is_usable():
            self.booking_id._trigger_due_reminders()

    def _record_not_found(self):
        """A creation without an answer was not found in Zoom.

        Zoom may list it late, so only the second search, two minutes after the
        creation was sent, decides that there is nothing.
        """
        now = fields.Datetime.now()
        last_search_at = self.posted_at + UNCLEAR_WAIT
        if self.search_misses and now >= last_search_at:
            self.write(
                {
                    "posted_at": False,
                    "search_misses": 0,
                    "claimed_until": False,
                    "next_attempt": False,
                    "problem": False,
                }
            )
            if self.attempt_count > 1:
                # Creations without an answer count: in an outage all of the day's
                # would be used up for nothing.
                self._put_off("unavailable", now + self._get_delay())
            if self.state == "removing":
                self.write({"state": "removed", "problem": False})
            return
        self.write(
            {
                "search_misses": self.search_misses + 1,
                "claimed_until": False,
                "problem": "unclear",
                "next_attempt": max(last_search_at, now + timedelta(seconds=20)),
            }
        )

    def _remove_duplicate(self, answer):
        """A second meeting with the same mark must go."""
        self.create(
            {
                "state": "removing",
                "zoom_id": parse_meeting(answer)["zoom_id"],
                "booking_id": self.booking_id.id,
                "company_id": self.company_id.id,
                "zoom_user_id": self.zoom_user_id.id,
                "start": self.start,
                "duration": self.duration,
                "topic": self.topic,
            }
        )

    def _record_failure(self, job, error):
        """Decide by the cause whether and when the row is tried again.

        :param ZoomError error:
        """
        self._lock()
        now = fields.Datetime.now()
        self.write(
            {
                "claimed_until": False,
                "attempt_count": self.attempt_count + 1,
                "problem_detail": self._get_told(error),
            }
        )
        executed = isinstance(error, zoom.ZoomOutcomeUnknown)
        if job.kind == "create" and not executed:
            self.posted_at = False
        if job.kind in COUNTED and isinstance(error, NOT_COUNTED_BY_ZOOM):
            self.env["booking.zoom.request.count"]._give_back(
                self.zoom_user_id, job.kind, self.last_attempt.date()
            )
        if isinstance(error, zoom.ZoomHostDayLimit):
            self._record_day_limit(now)
        elif isinstance(error, zoom.ZoomMeetingGone):
            self._record_gone(now)
        elif executed:
            unclear = job.kind == "create"
            self.write(
                {
                    "posted_at": now if unclear else self.posted_at,
                    "problem": "unclear" if unclear else "unavailable",
                    "next_attempt": now + timedelta(seconds=10)
                    if unclear
                    else now + self._get_delay(),
                }
            )
        else:
            self._record_by_cause(job, error, now)
        if job.kind == "read":
            self.check_at = self.next_attempt

    def _wants_other_than(self, job):
        """Whether the booking was changed while the request was under way."""
        return job.kind in COUNTED and any(
            self[name] != job.sent[sent] for name, sent in SENT_FIELDS.items()
        )

    def _record_by_cause(self, job, error, now):
        problems = {
            zoom.ZoomScopeMissing: "scope_missing",
            zoom.ZoomHostUnknown: "host_refused",
            zoom.ZoomHostMayNotHost: "host_refused",
            zoom.ZoomRejected: "refused",
        }
        for cause, problem in problems.items():
            if isinstance(error, cause):
                if self._wants_other_than(job):
                    # What was refused is not wanted any more.
                    self.write({"problem": False, "next_attempt": False})
                    return
                if cause is zoom.ZoomHostUnknown:
                    # Our list of users is out of date.
                    self.env.ref("resource_booking_zoom.ir_cron_sync_users")._trigger()
                self.write({"problem": problem, "parked": True, "next_attempt": False})
                return
        values = {"problem": "unavailable", "next_attempt": now + self._get_delay()}
        if isinstance(error, zoom.ZoomAccountDayLimit):
            values = {
                "problem": "account_limit",
                "next_attempt": self._get_retry_at(error, now),
            }
        elif isinstance(error, zoom.ZoomAccessDenied):
            values = {"problem": "refused", "next_attempt": now + LONGEST_DELAY}
        elif isinstance(error, zoom.ZoomSecondLimit) and self.attempt_count < 4:
            seconds = random.uniform(1, 3)
            values = {
                "problem": False,
                "next_attempt": now + timedelta(seconds=seconds),
            }
        self.write(values)

    def _record_day_limit(self, now):
        """Zoom has counted 100, whatever we have counted: this host rests.

        Shortly after 00:00 UTC the refusal may still be of yesterday, for Zoom's clock
        and ours do not tick together.
        """
        reset = self.zoom_user_id._get_next_reset()
        if self.last_attempt < reset - timedelta(days=1) + EDGE_OF_DAY:
            self.write({"problem": "daily_limit", "next_attempt": now + EDGE_OF_DAY})
            return
        self.env["booking.zoom.request.count"]._note_limit_reached(self.zoom_user_id)
        self.write({"problem": "daily_limit", "next_attempt": reset})

    def _record_gone(self, now):
        """Zoom says the meeting is gone; believed when it says so twice.

        Not even then if it says so of many meetings: Zoom has been wrong in that.
        """
        self.write({"gone_count": self.gone_count + 1, "problem": "gone"})
        if self.gone_count < 2 or self.zoom_user_id.account_id._doubts_gone():
            self.next_attempt = now + GONE_WAIT
            return
        self._issue_anew()

    def _issue_anew(self):
        """Give up meetings that Zoom does not find; their bookings get new ones."""
        bookings = self.booking_id
        self.write({"state": "removed", "problem": False, "next_attempt": False})
        self.flush_recordset()
        self._sync_with_bookings(bookings)

    def _record_no_token(self, error):
        """No request can be made for these rows now: the account has no token."""
        dead = isinstance(error, zoom.ZoomLinkDead | zoom.ZoomClientRefused)
        told = self._get_told(error)
        self._record_outage("not_linked" if dead else "unavailable", told)

    def _record_outage(self, problem="unavailable", told=False):
        """Zoom does not answer for this account: its rows are tried later."""
        for row in self:
            row.write(
                {
                    "claimed_until": False,
                    "problem_detail": told,
                    "attempt_count": row.attempt_count + 1,
                }
            )
            row._put_off(problem, fields.Datetime.now() + row._get_delay())

    def _park(self, reason):
        """Put a row aside that cannot be worked, so that the others can.

        :param str reason: the name of what went wrong in here
        """
        self.write({"problem": "refused", "problem_detail": reason, "parked": True})

    # === HELPERS === #

    def _lock(self):
        """Lock the row, waiting for whoever saves its booking now.

        The ORM's own lock would not wait, and an answer of Zoom must not be dropped.
        """
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = '30s'"))
        self.env.cr.execute(
            SQL(
                "SELECT id FROM booking_zoom_meeting WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )

    @api.model
    def _get_told(self, error):
        """Zoom's own words, without secrets, as the client has kept them.

        The code and the tracking id, which Zoom's support asks for, go to the log.
        """
        _logger.info("Zoom: %s", error)
        return error.reason[:500]

    def _get_delay(self):
        """How long to wait after so many failures in a row, with jitter."""
        delay = min(FIRST_DELAY * 2 ** min(self.attempt_count, 10), LONGEST_DELAY)
        return delay * random.uniform(0.75, 1.25)

    def _get_retry_at(self, error, now):
        """When Zoom admits requests again; naive UTC, later than now, today."""
        reset = self.env["booking.zoom.user"]._get_next_reset()
        if not error.retry_at:
            return reset
        named = error.retry_at.astimezone(UTC).replace(tzinfo=None)
        return min(max(named, now + self._get_delay()), reset)
