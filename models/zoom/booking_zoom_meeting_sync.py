# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ...const import CLAIM_DURATION, COUNTED, CURRENT_STATES
from ...engine.sync_run import ZoomSyncRun
from ...tools.zoom_job import Job
from ...tools.zoom_payload import (
    meeting_create_payload,
    meeting_update_payload,
    new_mark,
)
from ...utils import in_own_transaction, lock_rows
from .booking_zoom_meeting import SENT_FIELDS

_logger = logging.getLogger(__name__)

# Problems that end when a Zoom user is bound or becomes active, or Zoom is linked.
WORKED_BY_OTHERS = ("no_host", "host_inactive", "not_linked")


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
        self.env["booking.zoom.webhook.event"]._process_pending()
        try:
            in_own_transaction(self, lambda records: records._tidy())
        except Exception:
            # The rows that can be worked must not wait for one that cannot be tidied.
            _logger.exception("Zoom meetings could not be tidied")
        self.env["ir.cron"]._commit_progress(remaining=0)
        run = ZoomSyncRun(self)
        run.work()
        self.env["booking.zoom.account"]._watch()
        self.env["booking.zoom.revocation"]._process_pending()
        self._plan_next_run(run.skipped_ids)

    @api.model
    def _get_due_domain(self):
        """Domain of the rows that need a request and may be worked now."""
        now = fields.Datetime.now()
        # A problem without next try waits for somebody to change something.
        never = Domain("next_attempt", "=", False) & Domain("problem", "=", False)
        unclaimed = Domain("claimed_until", "=", False)
        # Said so that the database looks at successors of few rows, not of all.
        replaceable = Domain("successor_id", "not any", [("state", "=", "waiting")])
        create = Domain("state", "=", "waiting") & (
            Domain("start", ">", now) | Domain("unanswered_since", "!=", False)
        )
        update = Domain("state", "=", "changed")
        remove = Domain("state", "=", "removing") & replaceable
        work = (
            (create | update | remove)
            & (never | Domain("next_attempt", "<=", now))
            & Domain("problem", "!=", "host_inactive")
        )
        # A change that has to wait keeps nobody from reading what Zoom has.
        read = Domain("state", "in", ("ready", "changed")) & Domain(
            "check_at", "<=", now
        )
        return (
            (work | read)
            & Domain("stop", ">", now)
            & Domain("zoom_user_id.connected", "=", True)
            & Domain("problem", "not in", ("no_host", "not_linked"))
            & (unclaimed | Domain("claimed_until", "<=", now))
        )

    @api.model
    def _tidy(self):
        """Note on the rows what follows from facts that no booking tells them."""
        now = fields.Datetime.now()
        # The database deletes the bookings of a deleted type by itself.
        self._search_free(
            [("booking_id", "=", False), ("state", "in", CURRENT_STATES)]
        )._retire()
        # What is over is not touched any more.
        self._search_free([("state", "=", "removing"), ("stop", "<=", now)]).write(
            {"state": "removed", "problem": False}
        )
        self._search_free(
            [
                ("state", "in", (*CURRENT_STATES, "removing")),
                ("stop", ">", now),
                ("zoom_user_id", "!=", False),
                ("zoom_user_id.connected", "=", False),
                ("problem", "!=", "not_linked"),
            ]
        ).write({"problem": "not_linked", "next_attempt": False})
        # Whoever linked the account meanwhile did not see what was noted here.
        linked = self._search_free(
            [
                ("problem", "in", ("not_linked", "scope_missing")),
                ("state", "in", (*CURRENT_STATES, "removing")),
                ("stop", ">", now),
                ("zoom_user_id.connected", "=", True),
            ]
        )
        linked.filtered(
            lambda row: (
                row.problem == "not_linked"
                or not row.last_attempt
                or row.last_attempt < row.zoom_user_id.account_id.connected_at
            )
        )._reset_attempts()

    def _search_free(self, domain):
        """Rows in the domain that nobody else has; the next run sees the others."""
        return lock_rows(self.search(domain), wait=False)

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
                in_own_transaction(
                    self,
                    lambda records, ids: records._sync_with_booking_ids(ids),
                    batch.ids,
                )
            except Exception:
                _logger.exception("Bookings %s could not be reconciled", batch.ids)

    @api.model
    def _sync_with_booking_ids(self, booking_ids):
        # Some may have been deleted since they were looked up.
        bookings = self.env["resource.booking"].browse(booking_ids).exists()
        self._sync_with_bookings(bookings)
        # No event is told when an alarm itself is changed.
        bookings.zoom_meeting_id._plan_check()
        bookings.zoom_meeting_id._weigh_again()

    @api.model
    def _plan_next_run(self, skipped_ids=()):
        """Wake the action for what is left, or when the next row becomes due.

        :param skipped_ids: rows that could not be worked in this run
        """
        cron = self.env["ir.cron"]._get_zoom_action("ir_cron_sync_meetings")
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
        # Before anything is read: what was changed since cannot be locked.
        locked = lock_rows(self, wait=False)
        rest = self._get_account_rest()
        used_today = self.env["booking.zoom.change.count"]._get_today(locked.booking_id)
        for row in locked.filtered_domain(self._get_due_domain()):
            kind = row._get_next_kind()
            if not kind:
                continue
            asked = row.retry_asked
            if rest and not asked:
                row._put_off("account_limit", rest)
                continue
            if kind in COUNTED:
                used = used_today[row.booking_id]
                held_until = not asked and row._get_held_until(kind, used, reset)
                if held_until:
                    row._hold(held_until)
                    continue
                if not row._reserve_request(kind, reset, used):
                    row.write({"problem": "daily_limit", "next_attempt": reset})
                    continue
            row.write({"claimed_until": now + CLAIM_DURATION, "last_attempt": now})
            if kind in COUNTED:
                row.unanswered_since = now
            if kind == "create":
                row.mark = row.mark or new_mark()
                # What Zoom has, should the answer not come.
                row.write({sent: row[name] for name, sent in SENT_FIELDS.items()})
            jobs.append(row._prepare_job(kind))
            if asked:
                row.retry_asked = False
        return jobs, (self - locked).ids

    def _record_outcome(self, outcome, wait):
        """Write down what came of a job.

        :param Outcome outcome:
        :param bool wait: for whoever saves the booking of the row now
        :return bool: whether it is written; else somebody has the row
        """
        if not lock_rows(self, wait) and self.exists():
            return False
        if outcome.error:
            self._record_failure(outcome.job, outcome.error)
        else:
            self._record_success(outcome.job, outcome.answers)
        return True

    def _is_parked(self):
        """Whether the row is not tried again before somebody changes something.

        That is so of a problem without next try, and of nothing else.
        """
        return bool(self.problem and not self.next_attempt)

    def _waits(self):
        """Whether nothing is sent for the row now; it may be read all the same."""
        now = fields.Datetime.now()
        return self._is_parked() or bool(self.next_attempt and self.next_attempt > now)

    def _put_off(self, problem, until):
        """Nothing can be asked of Zoom for this row before then.

        :param until: naive UTC
        """
        if self.check_at and self.check_at < until:
            self.check_at = until
        if self._is_parked():
            return
        # What somebody else ends is not tried by itself.
        tried = problem not in WORKED_BY_OTHERS
        self.write({"problem": problem, "next_attempt": tried and until})

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
        if self.unanswered_since and (not self.zoom_id or self.may_have_twin):
            return "search"
        if self.state == "removing":
            if self.zoom_id:
                return "delete"
            self.state = "removed"
            return None
        waits = self._waits()
        # Reading is free: a meeting that Zoom did not find is not changed blindly, nor
        # one without a link, and a change whose outcome is unknown not sent again.
        if self.state == "ready" or (
            self.state == "changed"
            and self.zoom_id
            and (waits or self.gone_count or self.unanswered_since or not self.join_url)
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
            asked=self.retry_asked,
            host=self.zoom_user_id.zoom_id,
            zoom_account_id=self.zoom_user_id.zoom_account_id or "",
            meeting_id=self.zoom_id or "",
            mark=self.mark or "",
            payload=payload,
            claimed_until=self.claimed_until,
            sent={sent: self[name] for name, sent in SENT_FIELDS.items()},
        )
