# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import random
from datetime import UTC, timedelta

from odoo import api, fields, models

from ... import exceptions as zoom
from ...const import CLAIM_DURATION, COUNTED, UNCLEAR_WAIT
from ...tools.zoom_errors import whose_day_limit
from ...tools.zoom_payload import meeting_facts
from ...utils import lock_rows
from .booking_zoom_meeting import ANSWERED_FIELDS, SENT_FIELDS

_logger = logging.getLogger(__name__)

# Waiting time after the first failure; it doubles up to the longest.
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=30)
# A meeting that Zoom says is gone is asked for again after this time, for Zoom
# has been wrong in that.
GONE_WAIT = timedelta(minutes=2)
# Zoom is asked so often whose answers cannot be used.
BAD_ANSWERS = 2
# So much another start or duration may be what Zoom has rounded.
ROUNDING = timedelta(minutes=5)
# So long after 00:00 UTC a refusal for the daily limit may still be of yesterday.
EDGE_OF_DAY = timedelta(minutes=5)

# Failures of requests that Zoom surely did not execute.
NOT_COUNTED_BY_ZOOM = (
    zoom.ZoomUnavailable,
    zoom.ZoomTokenInvalid,
    zoom.ZoomSecondLimit,
    zoom.ZoomAccountDayLimit,
    zoom.ZoomDayLimit,
)


class BookingZoomMeeting(models.Model):
    """What came back from Zoom: written down, and what follows from it."""

    _inherit = "booking.zoom.meeting"

    # === AFTER THE REQUEST === #

    def _record_success(self, job, answers):
        # Waits for whoever saves its booking now: an answer must not be dropped.
        lock_rows(self)
        late = self._is_taken_over(job)
        if late and job.kind != "create":
            # The other worker has asked Zoom since.
            return
        if job.kind in ("create", "search"):
            answers = self._keep_one(answers)
        unclear = bool(self.unanswered_since)
        values = {"gone_count": 0}
        if not late:
            values["claimed_until"] = False
        if answers and self.check_at and self.check_at <= self.last_attempt:
            # One that was asked for meanwhile stays.
            values["check_at"] = False
        if job.asked:
            self._record_admitted(job)
        if job.kind == "delete":
            self.write({**values, "state": "removed", "problem": False})
            return
        if job.kind == "search" and not answers and not self.zoom_id:
            self._record_not_found()
            return
        if job.kind == "update":
            values.update(job.sent, **dict.fromkeys(ANSWERED_FIELDS.values(), False))
        for meeting in answers:
            values.update(self._prepare_answer_vals(job, meeting))
        if self._is_twin_possible(job, late):
            self.write(values)
            self._search_twin()
            return
        self.write(
            {
                **values,
                "unanswered_since": False,
                "search_misses": 0,
                "may_have_twin": False,
            }
        )
        foreign = any(not meeting.is_own_link for meeting in answers)
        if answers and self._withhold_shared(foreign):
            return
        if job.kind == "read" and self._get_state() == "changed" == self.state:
            if unclear:
                self._send_again()
            elif self.problem == "gone":
                self._mark_synced()
            # A change that waits for something else goes on waiting.
            return
        self._mark_synced()

    def _is_taken_over(self, job):
        """Whether the claim for this job had run out and another worker came."""
        return self.claimed_until != job.claimed_until

    def _is_twin_possible(self, job, late):
        """Whether another creation was sent of which nothing can be known yet.

        A worker may have been so slow that another one has sent a second creation
        before the first was answered. Zoom may list its meeting late.

        :param bool late: whether another worker came meanwhile
        """
        if late and self.unanswered_since:
            return self.unanswered_since != job.claimed_until - CLAIM_DURATION
        recent = fields.Datetime.now() - UNCLEAR_WAIT
        return (
            self.may_have_twin
            and job.kind == "search"
            and self.unanswered_since > recent
        )

    def _search_twin(self):
        """Have Zoom searched for a second meeting of the row, which must go."""
        self.write(
            {
                "may_have_twin": True,
                "state": self._get_state(),
                "problem": "unclear",
                "next_attempt": max(
                    self.unanswered_since + UNCLEAR_WAIT,
                    fields.Datetime.now() + FIRST_DELAY,
                ),
            }
        )

    def _keep_one(self, answers):
        """Of the meetings that Zoom has made for the row only one is kept.

        :return list: the answer about that one, if there is any
        """
        by_id = {meeting.zoom_id: meeting for meeting in answers}
        if self.state == "removed":
            kept = []
        elif self.zoom_id:
            kept = [self.zoom_id] if self.zoom_id in by_id else []
        else:
            kept = list(by_id)[:1]
        for zoom_id in by_id.keys() - kept:
            self._remove_duplicate(zoom_id)
        return [by_id[zoom_id] for zoom_id in kept]

    def _prepare_answer_vals(self, job, meeting):
        """What Zoom says of the meeting is stored, not what was asked of it.

        A link that opens another meeting is nobody's.

        :param Meeting meeting: Zoom's answer
        """
        own = meeting.is_own_link
        values = {
            "zoom_id": meeting.zoom_id,
            "join_url": own and meeting.join_url,
            "passcode": own and meeting.passcode,
            **self._prepare_taken_vals(job, meeting),
        }
        if not self._is_taken_over(job):
            # At that moment or later.
            values["checked_at"] = self.last_attempt
        return values

    def _prepare_taken_vals(self, job, meeting):
        """Start, duration and topic: what Zoom has accepted, and what it made of it.

        What Zoom accepts counts as sent, though it keeps another title or a rounded
        start. Somebody has changed what differs from Zoom's own answer later: a start
        and a duration are sent again then; whoever words the topic anew means it.

        :param Meeting meeting: Zoom's answer
        """
        values = {}
        asked = self._get_facts(job.sent)
        for name, sent in SENT_FIELDS.items():
            kept = getattr(meeting, name)
            if kept is None:
                taken = job.kind in COUNTED
            else:
                values[ANSWERED_FIELDS[name]] = kept
                # Zoom ignores a start that is over (Zoom's OpenAPI, March 2026).
                over = name == "start" and asked[name] <= fields.Datetime.now()
                taken = job.kind in COUNTED or over or kept == asked[name]
            if taken:
                values[sent] = job.sent[sent]
            elif kept and name != "topic" and not self._is_as_accepted(name, kept):
                values[sent] = kept
        return values

    @api.model
    def _get_facts(self, sent):
        """What Zoom answers if it keeps what it was sent.

        :param sent: mapping of what was sent, maybe this row
        """
        return meeting_facts(
            sent["sent_topic"] or "", sent["sent_start"], sent["sent_duration"]
        )

    def _get_accepted_facts(self):
        """What Zoom has answered of the meeting, as far as it is known."""
        facts = self._get_facts(self)
        for name, answered in ANSWERED_FIELDS.items():
            facts[name] = self[answered] or facts[name]
        return facts

    def _is_as_accepted(self, name, kept):
        """Whether Zoom has still what it had made of what it was sent.

        :param str name: start or duration
        :param kept: what Zoom has now
        """
        if not self.sent_start:
            return False
        known = self._get_accepted_facts()[name]
        if kept == known or self[ANSWERED_FIELDS[name]]:
            return kept == known
        # The first that is heard of what Zoom made of it.
        far = kept - known
        return abs(far if name == "start" else timedelta(minutes=far)) <= ROUNDING

    def _mark_synced(self):
        """Set the state that follows, with no problem left but that of its host."""
        self.write(
            {
                "state": self._get_state(),
                "problem": self._get_host_problem(),
                "problem_detail": False,
                "attempt_count": 0,
                "next_attempt": False,
            }
        )
        self._plan_check()

    def _send_again(self):
        """Zoom has not executed what was sent without an answer: that is repeated.

        The Zoom user's count keeps it, for Zoom may have counted it; for the booking
        it was no change.
        """
        if self.booking_id:
            self.env["booking.zoom.change.count"]._give_back(
                self.booking_id,
                "update" if self.zoom_id else "create",
                fields.Datetime.now().date(),
                of_reserve=False,
            )
        self.write(
            {
                "unanswered_since": False,
                "search_misses": 0,
                "claimed_until": False,
                "next_attempt": False,
                "problem": False,
                "problem_detail": False,
            }
        )
        if self.attempt_count > 1:
            # Requests without an answer count: in an outage all of the day's would be
            # used up for nothing.
            until = fields.Datetime.now() + self._get_delay()
            self.write({"problem": "unavailable", "next_attempt": until})

    def _spread(self, wait=True):
        """Let bookings and reminders know of the answers that were recorded.

        :param bool wait: for whoever saves a booking now; else its row is left out
        :return list: ids of the rows that were left out
        """
        # Another worker may have recorded the same link at the same time.
        self._withhold_shared()
        shared = self._get_sharing()
        bookings = self.booking_id
        free = bookings._show_open_url(wait)
        left = self.filtered(lambda row: row.booking_id in bookings - free)
        usable = (self - left).filtered(lambda row: row._is_usable())
        usable.booking_id._trigger_due_reminders()
        return (left | (shared._get_disclosable() and self & shared)).ids

    def _record_not_found(self):
        """A creation without an answer was not found in Zoom.

        Zoom may list it late, so only the second search, two minutes after the
        creation was sent, decides that there is nothing.
        """
        now = fields.Datetime.now()
        last_search_at = self.unanswered_since + UNCLEAR_WAIT
        if self.search_misses and now >= last_search_at:
            self._send_again()
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

    def _remove_duplicate(self, zoom_id):
        """A second meeting with the same mark must go."""
        self.create(
            {
                "state": "removing",
                "zoom_id": zoom_id,
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
        lock_rows(self)
        if self._is_taken_over(job):
            return
        if job.kind in ("create", "search") and self.zoom_id:
            # A worker that was slow has brought the meeting meanwhile.
            self.claimed_until = False
            if not self.unanswered_since:
                return
            if isinstance(error, zoom.ZoomOutcomeUnknown) or job.kind == "search":
                self._search_twin()
            else:
                self.write({"unanswered_since": False, "may_have_twin": False})
                self._mark_synced()
            return
        now = fields.Datetime.now()
        if job.kind == "read" and self._keeps_problem(error):
            delay = LONGEST_DELAY if self._get_host_problem() else self._get_delay()
            self.write({"claimed_until": False, "check_at": now + delay})
            return
        self.write(
            {
                "claimed_until": False,
                "attempt_count": self.attempt_count + 1,
                "problem_detail": self._get_told(error),
            }
        )
        executed = isinstance(error, zoom.ZoomOutcomeUnknown)
        if job.kind in COUNTED and not executed:
            self.unanswered_since = False
        if job.kind in COUNTED and isinstance(error, NOT_COUNTED_BY_ZOOM):
            self._give_back_request(job.kind)
        if isinstance(error, zoom.ZoomBadAnswer):
            self._record_bad_answer(job, error, now)
        elif isinstance(error, zoom.ZoomHostDayLimit):
            self._record_day_limit(now)
        elif isinstance(error, zoom.ZoomDayLimit):
            self._record_day_limit_of_whom(error, now)
        elif self._is_nothing_left(job, error):
            self._record_gone_already(now)
        elif isinstance(error, zoom.ZoomMeetingGone):
            self._record_gone(now)
        elif executed:
            created = job.kind == "create"
            self.write(
                {
                    "unanswered_since": now
                    if job.kind in COUNTED
                    else self.unanswered_since,
                    "problem": "unclear" if created else "unavailable",
                    "next_attempt": now + timedelta(seconds=10)
                    if created
                    else now + self._get_delay(),
                }
            )
        else:
            self._record_by_cause(job, error, now)
        if job.kind == "read":
            self.check_at = self.next_attempt
        elif self._get_state() == "ready" and self.problem != "gone":
            # Moved back meanwhile to what Zoom has: nothing is left to send.
            self._mark_synced()

    def _is_nothing_left(self, job, error):
        """Whether what is to be removed is not there.

        A Zoom user who is deleted takes the meetings along, also one whose creation
        was never answered.
        """
        if job.kind == "delete":
            return isinstance(error, zoom.ZoomMeetingGone)
        searched = job.kind == "search" and self.state == "removing"
        return searched and isinstance(error, zoom.ZoomHostUnknown)

    def _keeps_problem(self, error):
        """Whether a change goes on waiting for what it waited for.

        That it could not be read back now neither mends that nor makes it worse; nor
        whatever Zoom says of a meeting whose host cannot host it.
        """
        if self._get_host_problem():
            return True
        passes = isinstance(error, (*NOT_COUNTED_BY_ZOOM, zoom.ZoomBadAnswer))
        return bool(self.problem and passes and self._waits())

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
                if problem == "host_refused":
                    # Our list of users may be out of date.
                    self.zoom_user_id.account_id._refresh_users()
                self.write({"problem": problem, "next_attempt": False})
                return
        values = {"problem": "unavailable", "next_attempt": now + self._get_delay()}
        if isinstance(error, zoom.ZoomAccountDayLimit):
            # Of a request that is not counted: creations may be of another category.
            values["next_attempt"] = self._get_retry_at(error, now)
        elif isinstance(error, zoom.ZoomMeetingRuns):
            values = {"problem": "in_progress", "next_attempt": now + LONGEST_DELAY}
        elif isinstance(error, zoom.ZoomAccessDenied):
            values = {"problem": "refused", "next_attempt": now + LONGEST_DELAY}
        elif isinstance(error, zoom.ZoomSecondLimit) and self.attempt_count < 4:
            seconds = random.uniform(1, 3)
            values = {
                "problem": False,
                "next_attempt": now + timedelta(seconds=seconds),
            }
        self.write(values)

    def _record_bad_answer(self, job, error, now):
        """Zoom has done what it was asked, maybe, and answered with what is of no use.

        A meeting whose number is known is read instead of created again; a known link
        stays. Parked if that is of no use either.

        :param ZoomBadAnswer error:
        """
        values = {"problem": "bad_answer", "next_attempt": now + self._get_delay()}
        if job.kind in COUNTED:
            values["unanswered_since"] = now
        if job.kind in ("create", "search") and error.zoom_id:
            values["zoom_id"] = error.zoom_id
        if job.kind == "create":
            values["next_attempt"] = now + timedelta(seconds=10)
            if not error.zoom_id:
                # Zoom is searched for the meeting.
                values["problem"] = "unclear"
        elif not self.join_url and self.attempt_count >= BAD_ANSWERS:
            values["next_attempt"] = False
        if self.state == "removing" and values.get("zoom_id"):
            # All that is needed of it.
            values.update(problem=False, unanswered_since=False, next_attempt=False)
        self.write(values)
        self.state = self._get_state()

    def _record_day_limit(self, now):
        """Zoom has counted 100, whatever we have counted: this host limit_reached.

        Shortly after 00:00 UTC the refusal may still be of yesterday, for Zoom's clock
        and ours do not tick together.
        """
        reset = self.zoom_user_id._get_next_reset()
        if self.last_attempt < reset - timedelta(days=1) + EDGE_OF_DAY:
            self.write({"problem": "daily_limit", "next_attempt": now + EDGE_OF_DAY})
            return
        self.env["booking.zoom.request.count"]._note_limit_reached(self.zoom_user_id)
        self.write({"problem": "daily_limit", "next_attempt": reset})

    def _record_day_limit_of_whom(self, error, now):
        """Zoom refuses for a day, and does not say whether the host or the account.

        :param ZoomDayLimit error:
        """
        host, account = self.zoom_user_id, self.zoom_user_id.account_id
        counts = self.env["booking.zoom.request.count"]
        unclear = counts._get_today(account.zoom_user_ids - host).filtered(
            "limit_unclear"
        )
        whose = whose_day_limit(
            account.plan,
            error.named_limit,
            # It was given back, for Zoom has not executed it.
            counts._get_today(host).total + 1,
            account._daily_limit_for(urgent=True),
            bool(unclear or self._get_account_rest()),
        )
        if whose != "account":
            self._record_day_limit(now)
            if whose == "unclear":
                counts._get_today(host).filtered("limit_reached").limit_unclear = True
            return
        until = self._get_retry_at(error, now)
        self.write({"problem": "account_limit", "next_attempt": until})
        # It was not the first host's own limit.
        unclear.write({"limit_reached": False, "limit_unclear": False})
        others = self.search(
            [
                ("zoom_user_id", "in", unclear.zoom_user_id.ids),
                ("problem", "=", "daily_limit"),
                ("stop", ">", now),
            ]
        )
        lock_rows(others, wait=False).write(
            {"problem": "account_limit", "next_attempt": until}
        )

    def _record_gone_already(self, now):
        """There is nothing to remove: somebody did it, or a request without an answer.

        While Zoom does not find many meetings that is not believed either.
        """
        if self.zoom_user_id.account_id.gone_since:
            self.next_attempt = now + LONGEST_DELAY
        else:
            self.write({"state": "removed", "problem": False, "problem_detail": False})

    def _record_gone(self, now):
        """Zoom says the meeting is gone; believed when it says so twice.

        Not even then if it says so of many meetings: Zoom has been wrong in that.
        """
        self.write({"gone_count": self.gone_count + 1, "problem": "gone"})
        account = self.zoom_user_id.account_id
        if self.gone_count < 2:
            # Its host may have been deleted with it.
            account._refresh_users()
        if self.gone_count < 2 or account._doubts_gone():
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
        dead = isinstance(error, zoom.ZoomConnectionLost | zoom.ZoomClientRefused)
        odd = isinstance(error, zoom.ZoomBadAnswer)
        problem = "bad_answer" if odd else "unavailable"
        told = self._get_told(error)
        return self._record_outage("not_linked" if dead else problem, told)

    def _record_outage(self, problem="unavailable", told=False):
        """Zoom does not answer for this account: its rows are tried later.

        :return list: ids of the rows that somebody else has locked
        """
        locked = lock_rows(self, wait=False)
        for row in locked:
            row.write(
                {
                    "claimed_until": False,
                    "problem_detail": told,
                    "attempt_count": row.attempt_count + 1,
                }
            )
            row._put_off(problem, fields.Datetime.now() + row._get_delay())
        return (self - locked).ids

    def _park(self, reason):
        """Put a row aside that cannot be worked, so that the others can.

        :param str reason: the name of what went wrong in here
        """
        self.write(
            {"problem": "refused", "problem_detail": reason, "next_attempt": False}
        )

    # === HELPERS === #

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
        """When Zoom admits requests again; naive UTC, later than now, within a day."""
        if not error.retry_at:
            return self.env["booking.zoom.user"]._get_next_reset()
        named = error.retry_at.astimezone(UTC).replace(tzinfo=None)
        return min(max(named, now + self._get_delay()), now + timedelta(days=1))
