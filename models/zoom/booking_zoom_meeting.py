# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import random
from collections import Counter
from datetime import UTC, timedelta
from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ... import exceptions as zoom
from ...const import (
    CHECK_BEFORE,
    CLAIM_DURATION,
    COUNTED,
    CURRENT_STATES,
    ISSUE_TIME,
    KEPT_FOR,
    LONGEST_HOLD,
    READ_WITHIN,
    UNCLEAR_WAIT,
)
from ...engine.change_pace import get_send_at
from ...engine.overlaps import Span, find_clashes
from ...engine.sync_run import ZoomSyncRun
from ...tools.zoom_errors import whose_day_limit
from ...tools.zoom_job import Job
from ...tools.zoom_payload import (
    format_meeting_id,
    meeting_create_payload,
    meeting_facts,
    meeting_update_payload,
    new_mark,
)
from ...utils import delete_some, in_own_transaction, lock_rows, time_in_words

_logger = logging.getLogger(__name__)

# What Zoom is told of a meeting: field of the row -> field of what Zoom accepted.
SENT_FIELDS = {
    "start": "sent_start",
    "duration": "sent_duration",
    "topic": "sent_topic",
}
# What Zoom made of it: it may keep another title than it was sent.
ANSWERED_FIELDS = {
    "start": "answered_start",
    "duration": "answered_duration",
    "topic": "answered_topic",
}
# Fields of the scheduled action alone: the group keeps them out of people's filters.
ENGINE = "base.group_system"
HOST_PROBLEMS = ("no_host", "host_inactive")
# Ended by what happens to the account or its users, not to the booking.
RESUMABLE = ("not_linked", "scope_missing", "account_limit", "host_refused")
# Problems that end when a Zoom user is bound or becomes active, or Zoom is linked.
WORKED_BY_OTHERS = ("no_host", "host_inactive", "not_linked")
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
# With fewer requests than these and the reserve left, creations of a host go first.
CREATIONS_FIRST = 20
# So long an update waits for creations that can be made now.
CREATIONS_WAIT = timedelta(minutes=1)
# A mail that has waited in vain is no reason for the next ones to wait, too; after this
# time one waits again.
ASK_AGAIN = timedelta(hours=1)
# A meeting that was read so lately need not be read again.
READ_LATELY = timedelta(minutes=5)
# Where the transaction remembers when Zoom users are busy.
BUSY = "resource_booking_zoom_busy"


class BookingZoomMeeting(models.Model):
    """One Zoom meeting: what should be, and what Zoom has accepted.

    It outlives its booking, because only it knows what must be deleted in Zoom.

    What the scheduled action writes is written in a short transaction of its own, before
    a request ("about to") and after it ("this came back"), so that a worker may die at
    any moment and nothing is done twice.
    """

    _name = "booking.zoom.meeting"
    _inherit = ["booking.zoom.unlogged"]
    _description = "Zoom Meeting"
    _order = "start, id"

    # What should be.
    booking_id = fields.Many2one(
        "resource.booking", readonly=True, index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Host",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    start = fields.Datetime(required=True, readonly=True)
    duration = fields.Integer(string="Minutes", required=True, readonly=True)
    # Precomputed: the constraint on overlaps reads a row without end as endless.
    stop = fields.Datetime(compute="_compute_stop", store=True, precompute=True)
    topic = fields.Char(readonly=True)

    # What is.
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("ready", "Ready"),
            ("changed", "Change waiting"),
            ("removing", "Removal waiting"),
            ("removed", "Removed"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    zoom_id = fields.Char(string="Meeting ID", readonly=True, index="btree_not_null")
    zoom_id_formatted = fields.Char(
        string="Meeting ID in groups", compute="_compute_zoom_id_formatted"
    )
    join_url = fields.Char(string="Join URL", readonly=True, exportable=False)
    passcode = fields.Char(readonly=True, exportable=False)
    sent_start = fields.Datetime(string="Start in Zoom", readonly=True)
    sent_duration = fields.Integer(string="Minutes in Zoom", readonly=True)
    sent_topic = fields.Char(string="Topic in Zoom", readonly=True)
    answered_start = fields.Datetime(readonly=True, groups=ENGINE)
    answered_duration = fields.Integer(readonly=True, groups=ENGINE)
    answered_topic = fields.Char(readonly=True, groups=ENGINE)
    disclosed_at = fields.Datetime(string="Link sent on", readonly=True)
    checked_at = fields.Datetime(
        string="Last check",
        readonly=True,
        help="When Zoom last said what the meeting is like.",
    )

    # How far the work is.
    problem = fields.Selection(
        [
            ("no_host", "No Zoom user"),
            ("host_inactive", "Zoom user not usable"),
            ("host_refused", "Zoom user may not host"),
            ("daily_limit", "Daily limit of the Zoom user"),
            ("account_limit", "Daily limit of the account"),
            ("not_linked", "Zoom account not linked"),
            ("scope_missing", "Scope missing"),
            ("refused", "Refused by Zoom"),
            ("unclear", "Outcome unclear"),
            ("unavailable", "Zoom not reachable"),
            ("gone", "Not found in Zoom"),
            ("bad_answer", "Answer of Zoom not usable"),
            ("shared_link", "Link of more than one meeting"),
            ("in_progress", "Meeting in progress"),
        ],
        readonly=True,
        index=True,
    )
    problem_detail = fields.Char(string="Zoom's message", readonly=True)
    problem_message = fields.Text(
        string="What is wrong", compute="_compute_problem_message"
    )
    starts_before_reset = fields.Boolean(compute="_compute_starts_before_reset")
    # For mails, which tell the time in the zone of the booking or the company.
    booking_title = fields.Char(compute="_compute_booking_title")
    held_message = fields.Char(
        string="When Zoom is told", compute="_compute_held_message"
    )
    wanted_at = fields.Datetime(
        string="Wanted since",
        default=fields.Datetime.now,
        readonly=True,
        groups=ENGINE,
    )
    attempt_count = fields.Integer(string="Tries", readonly=True)
    last_attempt = fields.Datetime(string="Last try", readonly=True)
    next_attempt = fields.Datetime(string="Next try", readonly=True)
    retry_asked = fields.Boolean(
        readonly=True,
        groups=ENGINE,
        help="Zoom is asked once, whatever is known of its limits.",
    )
    # Of the scheduled action alone; the group keeps them out of people's filters.
    claimed_until = fields.Datetime(readonly=True, groups=ENGINE)
    mark = fields.Char(readonly=True, copy=False, exportable=False, groups=ENGINE)
    unanswered_since = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="When a creation or change was sent whose outcome is not known yet.",
    )
    search_misses = fields.Integer(readonly=True, groups=ENGINE)
    may_have_twin = fields.Boolean(
        readonly=True,
        groups=ENGINE,
        help="A second creation was sent whose outcome is not known: Zoom is searched "
        "for its meeting, which must go.",
    )
    gone_count = fields.Integer(readonly=True, groups=ENGINE)
    reissue_count = fields.Integer(
        readonly=True,
        groups=ENGINE,
        help="How often the booking's meeting was issued anew, one after another, since "
        "its link was not its own.",
    )
    check_at = fields.Datetime(
        string="Next check",
        readonly=True,
        help="When the meeting is read back from Zoom, where somebody may have changed "
        "or deleted it.",
    )
    awaited_since = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="Since when a mail waits for the meeting to be read.",
    )
    successor_id = fields.Many2one(
        "booking.zoom.meeting",
        readonly=True,
        groups=ENGINE,
        ondelete="set null",
        index="btree_not_null",
        help="The meeting that must be ready before this one is removed.",
    )

    _current_unique = models.UniqueIndex(
        "(booking_id) WHERE state NOT IN ('removing', 'removed')",
        "A booking has one current Zoom meeting at most.",
    )
    _to_come_idx = models.Index("(stop) WHERE state <> 'removed'")
    # The last word on overlaps, also for two transactions at once.
    _host_free = models.Constraint(
        "EXCLUDE USING gist ("
        "int4range(zoom_user_id, zoom_user_id, '[]') WITH &&, "
        "tsrange(start, stop) WITH &&) "
        "WHERE (zoom_user_id IS NOT NULL AND state NOT IN ('removing', 'removed'))",
        "The Zoom user hosts another booking at this time already. "
        "Please choose another time.",
    )

    # === COMPUTE METHODS === #

    @api.depends("start", "duration")
    def _compute_stop(self):
        for meeting in self:
            meeting.stop = meeting.start and meeting.start + timedelta(
                minutes=meeting.duration
            )

    @api.depends("zoom_id")
    def _compute_zoom_id_formatted(self):
        for meeting in self:
            meeting.zoom_id_formatted = meeting.zoom_id and format_meeting_id(
                meeting.zoom_id
            )

    @api.depends("booking_id.display_name")
    def _compute_display_name(self):
        # The name of a many2one is read as superuser: nothing of Zoom may be in it.
        for meeting in self:
            meeting.display_name = meeting.booking_id.display_name or self.env._(
                "Removed booking"
            )

    @api.depends_context("lang")
    @api.depends("booking_id.name", "booking_id.partner_ids", "booking_id.type_id")
    def _compute_booking_title(self):
        for meeting in self:
            booking = meeting.booking_id
            meeting.booking_title = (
                booking._get_conference_title() if booking else meeting.display_name
            )

    @api.depends("start")
    def _compute_starts_before_reset(self):
        reset = self.env["booking.zoom.user"]._get_next_reset()
        for meeting in self:
            meeting.starts_before_reset = meeting.start < reset

    @api.depends("state", "problem", "next_attempt")
    @api.depends_context("lang", "tz")
    def _compute_held_message(self):
        now = fields.Datetime.now()
        for row in self:
            row.held_message = False
            if row.problem or not row.next_attempt or row.next_attempt <= now:
                continue
            told = {"time": time_in_words(self.env, row.next_attempt)}
            if row.state == "changed":
                row.held_message = self.env._(
                    "The change is sent to Zoom on %(time)s: changes of one booking "
                    "are joined. The join link stays the same and works.",
                    **told,
                )
            elif row.state == "waiting":
                row.held_message = self.env._(
                    "The meeting is created in Zoom on %(time)s: changes of one "
                    "booking are joined.",
                    **told,
                )

    @api.depends("problem", "problem_detail", "zoom_user_id", "next_attempt")
    @api.depends_context("lang")
    def _compute_problem_message(self):
        for meeting in self:
            sentence = meeting._get_problem_sentence()
            if sentence and meeting.problem_detail:
                sentence = f"{sentence} ({meeting.problem_detail})"
            meeting.problem_message = sentence

    def _get_problem_sentence(self):
        """What is wrong and what to do, in the reader's language."""
        host = self.sudo().zoom_user_id.display_name
        if self.problem == "no_host" and self._has_foreign_host():
            return self.env._(
                "The Zoom user that is bound belongs to another company. Choose one of "
                "the company of the booking type."
            )
        if self.problem == "bad_answer" and self.next_attempt:
            return self.env._(
                "Zoom's answer cannot be used. Zoom is asked again by itself."
            )
        return {
            "no_host": self.env._(
                "Nobody hosts this booking in Zoom. Bind a Zoom user to its resource "
                "or combination, or choose a default Zoom user on the booking type."
            ),
            "host_inactive": self._get_lost_host_sentence(host),
            "host_refused": self.env._(
                "Zoom does not let %(host)s host the meeting. Repair the user in Zoom "
                "and fetch the Zoom users, or bind another Zoom user.",
                host=host,
            ),
            "daily_limit": self.env._(
                "The requests that Zoom admits for %(host)s today are used up. It "
                "goes on by itself after 00:00 UTC.",
                host=host,
            ),
            "account_limit": self.env._(
                "The requests that Zoom admits for the whole account today are used "
                "up. It goes on by itself."
            ),
            "not_linked": self.env._(
                "The Zoom account is not linked. Ask an administrator to link it."
            ),
            "scope_missing": self.env._(
                "The Zoom app lacks a scope. Ask an administrator to add it and to "
                "link the account again."
            ),
            "refused": self.env._(
                "Zoom refuses the meeting. Correct the booking, or press “Retry now”."
            ),
            "unclear": self.env._(
                "Zoom's answer did not arrive. Zoom is searched for the meeting "
                "before anything is sent again."
            ),
            "unavailable": self.env._(
                "Zoom could not be reached. It is tried again by itself."
            ),
            "gone": self.env._(
                "Zoom does not find the meeting. It is asked again by itself, then "
                "the meeting is issued anew."
            ),
            "bad_answer": self.env._(
                "Zoom's answer cannot be used. Look the meeting up in Zoom, then press "
                "“Retry now”. No second meeting is created."
            ),
            "shared_link": self.env._(
                "Zoom answered with a link that leads into another meeting, too, or "
                "into the personal room of %(host)s. Nobody gets it. Switch “Use "
                "Personal Meeting ID” off in Zoom, then press “Retry now”.",
                host=host,
            ),
            "in_progress": self.env._(
                "The meeting is in progress in Zoom. It is deleted afterwards."
            ),
        }.get(self.problem, False)

    def _has_foreign_host(self):
        """Whether a Zoom user is bound, but one of another company."""
        return bool(self.sudo().booking_id.combination_id.zoom_user_id)

    def _get_lost_host_sentence(self, host):
        if self.zoom_id:
            return self.env._(
                "The Zoom user %(host)s was deactivated or deleted in Zoom: nobody can "
                "join this meeting. Activate the user in Zoom and fetch the Zoom "
                "users, or bind another Zoom user. Whoever knows the link then gets "
                "the one that works.",
                host=host,
            )
        return self.env._(
            "The Zoom user %(host)s cannot host the meeting. Activate the user in Zoom "
            "and fetch the Zoom users, or bind another Zoom user.",
            host=host,
        )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.env.cr.cache.pop(BUSY, None)
        return super().create(vals_list)

    def write(self, vals):
        """Wake the reminders that are held for a meeting that is not issued now."""
        self.env.cr.cache.pop(BUSY, None)
        held = self.browse()
        if vals.get("problem"):
            ledger = self.env["booking.conference.mail"]
            held = self.filtered(
                lambda row: (
                    row.state == "waiting"
                    and not row.problem
                    and ledger._is_last_moment(row)
                )
            )
        result = super().write(vals)
        if held:
            held.booking_id._trigger_due_reminders()
        return result

    def unlink(self):
        self.env.cr.cache.pop(BUSY, None)
        return super().unlink()

    # === ACTION METHODS === #

    def action_retry(self):
        """Ask Zoom now for what waits, and say what is asked and what is not."""
        self.check_access("read")
        self.env["resource.booking"].check_access("write")
        rows = self.sudo()
        bookings = rows.booking_id
        rows._sync_with_bookings(bookings)
        # A new row may have taken the place of an old one.
        rows |= bookings.zoom_meeting_id
        waiting = rows.filtered(lambda row: row.state not in ("ready", "removed"))
        asked, left = waiting.sorted("start")._choose_to_ask()
        now = fields.Datetime.now()
        for row in asked:
            # What is wrong stays on the screen until Zoom has answered.
            told = {"problem": row.problem, "problem_detail": row.problem_detail}
            row._reset_attempts()
            # With a problem and no next try it would not be tried.
            row.write({**told, "next_attempt": now, "retry_asked": True})
        self._trigger_sync()
        return self._say_what_is_asked(len(asked), left)

    def _choose_to_ask(self):
        """Part the rows into those that Zoom is asked for and those that must wait.

        Of those that a limit stops the first is asked: its answer is that of all.

        :return tuple: rows, and a Counter of the sentences why others are not asked
        """
        asked, left, probed = self.browse(), Counter(), set()
        for row in self:
            reason = row._get_reason_not_to_ask()
            limit = not reason and row._get_known_limit()
            if limit and limit in probed:
                reason = row._say_limit(limit)
            if reason:
                left[reason] += 1
                continue
            probed.add(limit)
            asked |= row
        return asked, left

    def _get_reason_not_to_ask(self):
        """Why asking Zoom now would not help, in the reader's language; or False."""
        now = fields.Datetime.now()
        if self.state == "removing":
            if self.successor_id.state == "waiting":
                return self.env._("They are removed when the new meeting is there.")
        elif self._get_host_problem():
            return self._get_problem_sentence()
        elif (
            self.state == "waiting" and self.start <= now and not self.unanswered_since
        ):
            return self.env._("No meeting is created for what has begun.")
        if self.stop <= now:
            return self.env._("What is over stays as it is.")
        if not self.zoom_user_id.connected:
            return self.env._(
                "The Zoom account is not linked. Ask an administrator to link it."
            )
        return False

    def _get_known_limit(self):
        """The Zoom account or the Zoom user that limit_reached, as far as Odoo knows."""
        if self._get_account_rest():
            return self.zoom_user_id.account_id
        counted = self.state in ("waiting", "changed") and not self.unanswered_since
        count = self.env["booking.zoom.request.count"]._get_today(self.zoom_user_id)
        if counted and (self.problem == "daily_limit" or count._get_used_up()):
            return self.zoom_user_id
        return None

    def _say_limit(self, limit):
        """Until when those wait for which Zoom is not asked.

        :param limit: booking.zoom.account or booking.zoom.user
        """
        until = limit._name == "booking.zoom.account" and self._get_account_rest()
        until = until or self.zoom_user_id._get_next_reset()
        return self.env._(
            "They wait until %(time)s for the daily limit of %(name)s, unless Zoom "
            "admits the one that is asked for now.",
            time=time_in_words(self.env, until),
            name=limit.display_name,
        )

    def _say_what_is_asked(self, asked, left):
        """The notification after the button.

        :param int asked: for how many meetings Zoom is asked
        :param left: Counter of the sentences why it is not asked for others
        """
        said = [
            self.env._(
                "Zoom is asked now. Meetings: %(count)s. The answer shows here in a "
                "moment.",
                count=asked,
            )
            if asked
            else self.env._("Zoom is not asked.")
        ]
        said += [
            self.env._(
                "Not asked for: %(count)s. %(reason)s", count=count, reason=reason
            )
            for reason, count in left.items()
        ]
        if not asked and not left:
            said.append(self.env._("Nothing waits."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if asked and not left else "warning",
                "message": " ".join(said),
                "sticky": bool(left),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === WHAT SHOULD BE === #

    @api.model
    def _sync_future_bookings(self, domain):
        """Make the rows right for the bookings in the domain that have not ended.

        :param domain: of resource.booking
        """
        bookings = self.env["resource.booking"].sudo()
        future = Domain("stop", ">", fields.Datetime.now())
        self.sudo()._sync_with_bookings(
            bookings.with_context(active_test=False).search(future & Domain(domain))
        )

    @api.model
    def _sync_with_bookings(self, bookings):
        """Make the rows say what Zoom should hold for these bookings; no HTTP.

        :param bookings: resource.booking, superuser
        :raise ValidationError: a Zoom user would host two bookings at once
        """
        if not bookings:
            return
        now = fields.Datetime.now()
        rows = {
            row.booking_id: row
            for row in bookings.zoom_meeting_ids
            if row.state in CURRENT_STATES
        }
        wanted, unwanted = [], self.browse()
        for booking in bookings:
            row = rows.get(booking, self.browse())
            if booking._needs_zoom_meeting():
                if row or booking.start > now:
                    values = booking._prepare_zoom_meeting_vals()
                    wanted.append((row, row._keep_issued_host(values)))
            elif row and row.stop > now:
                unwanted |= row
        self._check_host_free(
            [values for row, values in wanted if row._takes_other_time(values)]
        )
        # The scheduled action may be recording an answer now.
        touched = [row.id for row, values in wanted if row and row._is_touched(values)]
        lock_rows(unwanted | self.browse(touched))
        # What leaves a time goes to the database before what comes to it.
        changed = unwanted
        unwanted._retire()
        unwanted.flush_recordset()
        for row, values in wanted:
            if row:
                changed |= row._want(values)
        changed.flush_recordset()
        changed |= self._add([values for row, values in wanted if not row])
        changed.flush_recordset()
        if changed:
            self._trigger_sync()

    @api.model
    def _add(self, vals_list):
        """New rows; they say at once when nobody can host them."""
        rows = self.create(vals_list)
        for row in rows:
            row.problem = row._get_host_problem()
        return rows

    def _keep_issued_host(self, values):
        """A booking that loses its Zoom user keeps the meeting that people know."""
        if not values["zoom_user_id"] and (self.zoom_id or self.unanswered_since):
            return {**values, "zoom_user_id": self.zoom_user_id.id}
        return values

    def _want(self, values):
        """Note what is wanted now.

        :return: the current row if anything differs from before, else nothing
        """
        if self._moves_to(values["zoom_user_id"]):
            return self._replace(values)
        changes = self._get_changes(values)
        if changes:
            # Else who wrote last would be written, and meet who records an answer.
            self.write(changes)
        if changes or self._has_other_host_problem():
            self._reset_attempts()
            return self
        return self.browse()

    def _moves_to(self, zoom_user_id):
        """Whether an issued meeting would need another host, which Zoom cannot do."""
        issued = self.zoom_id or self.unanswered_since
        return bool(issued and self.zoom_user_id.id != zoom_user_id)

    def _get_changes(self, values):
        """Those of the values that differ from what the row says."""
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }

    def _is_touched(self, values):
        """Whether the row is written when this is wanted."""
        return bool(self._get_changes(values)) or self._has_other_host_problem()

    def _has_other_host_problem(self):
        """Whether a problem of the host has begun or ended."""
        problem = self._get_host_problem()
        return problem != self.problem and bool(
            problem or self.problem in HOST_PROBLEMS
        )

    def _replace(self, values):
        """Have another meeting issued; this one is removed when that one is ready.

        :param dict values: of the new row
        :return: both rows
        """
        self._retire()
        self.flush_recordset()
        self.successor_id = self._add([values])
        # Those that waited for this one now wait for the new one.
        self.search(
            [("successor_id", "=", self.id), ("state", "=", "removing")]
        ).successor_id = self.successor_id
        return self | self.successor_id

    def _retire(self):
        """The meeting is not wanted any more: it must be removed from Zoom."""
        for row in self:
            issued = row.zoom_id or row.unanswered_since
            row.state = "removing" if issued else "removed"
        self._reset_attempts()
        if any(self.mapped("disclosed_at")):
            # People know this link: they are told that it works no longer.
            self.env["resource.booking"]._get_reminder_cron()._trigger()

    @api.model
    def _resume(self, domain):
        """Work again the rows in the domain that an account-wide problem stopped."""
        self.search(
            Domain(domain)
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("problem", "in", RESUMABLE)
        )._reset_attempts()

    def _reset_attempts(self):
        """Forget earlier failures: something has changed."""
        for row in self:
            host_problem = row._get_host_problem()
            row.write(
                {
                    "state": row._get_state(),
                    "problem": host_problem,
                    # That explains why Zoom did not find it.
                    "gone_count": 0 if host_problem else row.gone_count,
                    "problem_detail": False,
                    "attempt_count": 0,
                    "reissue_count": 0,
                    "wanted_at": fields.Datetime.now(),
                    "awaited_since": False,
                    "next_attempt": False,
                }
            )

    def _get_state(self):
        """The state that follows from what is wanted and what Zoom has accepted."""
        if self.state in ("removing", "removed"):
            return self.state
        if not self.zoom_id:
            return "waiting"
        if self.unanswered_since or not self.join_url:
            # What Zoom has now is what was wanted before, or what was sent; or it has
            # named no link that can be used.
            return "changed"
        equal = all(self[name] == self[sent] for name, sent in SENT_FIELDS.items())
        return "ready" if equal else "changed"

    def _get_host_problem(self):
        """Why nobody can host the meeting, if so."""
        if self.state in ("removing", "removed"):
            return False
        if not self.zoom_user_id:
            return "no_host"
        return False if self.zoom_user_id._can_host() else "host_inactive"

    def _is_usable(self):
        """Whether the join URL may be given to people: it works, or soon will again.

        The meeting of a Zoom user who cannot host any more cannot be joined. False for
        an empty recordset.
        """
        return bool(
            self.join_url
            and self.state in ("ready", "changed")
            and self.problem not in ("shared_link", "host_refused")
            and not self._get_host_problem()
        )

    def _is_about_to_be_issued(self):
        """Whether nobody can say yet that the meeting cannot be issued at once."""
        return bool(
            self.state == "waiting"
            and not self.problem
            and self.wanted_at
            and self.wanted_at > fields.Datetime.now() - ISSUE_TIME
        )

    def _get_booking_url(self):
        """Where the reader of a mail finds the booking, see resource.booking."""
        booking = self.booking_id
        return booking._get_backend_url() if booking else ""

    # === ONE BOOKING AT A TIME === #

    def _check_host_free(self, wanted):
        """Refuse that a Zoom user hosts two bookings at once, and name them.

        :param list wanted: values of the rows that are about to be written
        :raise ValidationError:
        """
        spans = [
            Span(
                values["zoom_user_id"],
                values["start"],
                values["start"] + timedelta(minutes=values["duration"]),
                values["booking_id"],
            )
            for values in wanted
            if values["zoom_user_id"]
        ]
        if not spans:
            return
        hosts = self.env["booking.zoom.user"].browse({span.host_id for span in spans})
        busy = self._get_busy(
            hosts, min(span.start for span in spans), max(span.stop for span in spans)
        )
        rewritten = {values["booking_id"] for values in wanted}
        spans += [
            span
            for span in chain.from_iterable(busy.values())
            if span.booking_id not in rewritten
        ]
        clashes = find_clashes(spans)
        if clashes and self.env.context.get("using_portal"):
            # Customers neither know Zoom users nor other customers.
            raise ValidationError(
                self.env._("This time has just been taken. Please choose another time.")
            )
        if clashes:
            raise ValidationError(
                self.env._(
                    "A Zoom user can host one booking at a time. Please choose another "
                    "time or another Zoom user:\n\n- %(lines)s",
                    lines="\n- ".join(sorted(map(self._describe_clash, clashes))),
                )
            )

    def _takes_other_time(self, values):
        """Whether a row, or a new one, would take time of a host that it has not."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != values[name]
            for name in ("zoom_user_id", "start", "duration")
        )

    def _describe_clash(self, clash):
        one, other = clash
        bookings = self.env["resource.booking"]
        return self.env._(
            "%(host)s: %(booking)s and %(other)s",
            host=self.env["booking.zoom.user"].browse(one.host_id).name,
            booking=bookings.browse(one.booking_id)._get_name_for_user(),
            other=bookings.browse(other.booking_id)._get_name_for_user(),
        )

    @api.model
    def _get_busy(self, zoom_users, start, stop, except_booking_id=None):
        """When Zoom users host bookings within a span of time, in one query.

        Remembered until a meeting is written, or the transaction ends: each time that
        a booking is saved the platform asks several times.

        :param start: naive UTC
        :param stop: naive UTC
        :return: dict of Zoom user's id to list of Span
        """
        known = self.env.cr.cache.setdefault(BUSY, {}).setdefault((start, stop), {})
        missing = set(zoom_users.ids) - known.keys()
        if missing:
            known.update({host_id: [] for host_id in missing})
            for span in self._read_busy(missing, start, stop):
                known[span.host_id].append(span)
        return {
            host_id: [
                span
                for span in known[host_id]
                if not except_booking_id or span.booking_id != except_booking_id
            ]
            for host_id in zoom_users.ids
        }

    def _read_busy(self, zoom_user_ids, start, stop):
        """As above; not with records: a month of a busy company is 10,000 rows."""
        self.flush_model(["zoom_user_id", "start", "stop", "booking_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT zoom_user_id, start, stop, booking_id
                  FROM booking_zoom_meeting
                 WHERE zoom_user_id = ANY(%(hosts)s)
                   AND state IN %(states)s
                   AND start < %(stop)s
                   AND stop > %(start)s
                """,
                hosts=list(zoom_user_ids),
                states=CURRENT_STATES,
                start=start,
                stop=stop,
            )
        )
        return [Span(*row) for row in rows]

    # === WARNINGS BEFORE A CHANGE OF BINDING === #

    @api.model
    def _warn_about_moves(self, bookings, get_host):
        """Onchange warning: how many issued meetings would get another host.

        :param bookings: domain of the bookings concerned
        :param get_host: function that names the host, booking.zoom.user, that a
            booking would have after the change
        :return: what an onchange returns, or None
        """
        # A booking that loses its Zoom user keeps the meeting that people know.
        moved = sum(
            get_host(row.booking_id)
            not in (row.zoom_user_id, row.zoom_user_id.browse())
            for row in self._search_issued(bookings)
        )
        return self._prepare_warning(
            moved
            and self.env._(
                "%(count)s future meetings are issued already by another Zoom user. "
                "If you save, they are issued anew by the new one: that takes "
                "%(count)s of its requests of the day, and their links change. "
                "Discard the change to keep them.",
                count=moved,
            )
        )

    @api.model
    def _warn_about_removals(self, bookings):
        """Onchange warning: how many issued meetings would be removed from Zoom.

        :param bookings: domain of the bookings concerned
        """
        removed = len(self._search_issued(bookings))
        return self._prepare_warning(
            removed
            and self.env._(
                "%(count)s future meetings are issued already. If you save, they are "
                "removed from Zoom. Discard the change to keep them.",
                count=removed,
            )
        )

    @api.model
    def _search_issued(self, bookings):
        """Current rows of these bookings that Zoom has, superuser."""
        return self.sudo().search(
            Domain("booking_id", "any", bookings)
            & Domain("state", "in", CURRENT_STATES)
            & Domain("zoom_id", "!=", False)
            & Domain("stop", ">", fields.Datetime.now())
        )

    def _prepare_warning(self, message):
        if not message:
            return None
        title = self.env._("Issued Zoom meetings")
        return {"warning": {"title": title, "message": message, "type": "dialog"}}

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

    @api.model
    def _trigger_sync(self):
        self.env["ir.cron"]._get_zoom_action("ir_cron_sync_meetings")._trigger()

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

    def _get_held_until(self, kind, used, reset):
        """Until when a creation or update of this booking waits.

        :param str kind: ``create`` or ``update``
        :param used: booking.zoom.change.count of today, may be empty
        :param reset: when Zoom counts anew, naive UTC
        :return: naive UTC, None if it is sent now
        """
        now = fields.Datetime.now()
        send_at = now
        if used:
            reminders = self.booking_id._get_reminder_moments()
            send_at = get_send_at(
                kind,
                used.create_count,
                used.update_count,
                used.last_at,
                self.zoom_user_id.account_id.updates_per_booking,
                [*reminders, self.start if self.start > now else self.stop],
                reset,
                now,
            )
        if send_at <= now and kind == "update" and self._has_to_yield():
            send_at = now + CREATIONS_WAIT
        return send_at if send_at > now else None

    def _has_to_yield(self):
        """Whether creations of the host must go before this update.

        The link of a meeting works at any time; a booking without meeting has none.
        """
        host = self.zoom_user_id
        counts = self.env["booking.zoom.request.count"]
        limit = host.account_id._daily_limit_for(urgent=False) - CREATIONS_FIRST
        if counts._get_today(host).total <= limit:
            return False
        return bool(
            self.search_count(
                self._get_due_domain()
                & Domain("zoom_user_id", "=", host.id)
                & Domain("state", "=", "waiting"),
                limit=1,
            )
        )

    def _hold(self, until):
        """Send this later; nothing is wrong with it."""
        self.write({"problem": False, "problem_detail": False, "next_attempt": until})

    def _weigh_again(self):
        """Decide anew when held changes are sent: there are other reminders now."""
        held = self.filtered(
            lambda row: (
                row.state in ("waiting", "changed")
                and not row.problem
                and row.next_attempt
            )
        )
        if held:
            held.next_attempt = False
            self._trigger_sync()

    def _reserve_request(self, kind, reset, used):
        """Use up one of the host's requests of today, if there is one for this booking.

        :param str kind: ``create`` or ``update``
        :param reset: when Zoom counts anew, naive UTC
        :param used: booking.zoom.change.count of today, may be empty
        :return bool: whether the request may be made
        """
        host, account = self.zoom_user_id, self.zoom_user_id.account_id
        counts = self.env["booking.zoom.request.count"]
        of_reserve = False
        if self.retry_asked:
            # What Zoom answers counts, not what is known here.
            counts._reserve(host, kind)
            used._note(self.booking_id, kind, of_reserve)
            return True
        granted = counts._reserve(host, kind, account._daily_limit_for(urgent=False))
        if not granted and self._is_urgent(reset) and used._may_use_reserve():
            limit = account._daily_limit_for(urgent=True)
            granted = of_reserve = counts._reserve(host, kind, limit)
        if granted and self.booking_id:
            used._note(self.booking_id, kind, of_reserve)
        return granted

    def _give_back_request(self, kind):
        """Return a request that Zoom surely did not execute."""
        host, date = self.zoom_user_id, self.last_attempt.date()
        of_reserve = self.env["booking.zoom.request.count"]._give_back(host, kind, date)
        if self.booking_id:
            self.env["booking.zoom.change.count"]._give_back(
                self.booking_id, kind, date, of_reserve
            )

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

    # === AFTER THE REQUEST === #

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

    def _record_admitted(self, job):
        """Zoom has admitted what a person wanted, whatever limit was known.

        :param Job job:
        """
        account = self.zoom_user_id.account_id
        self._go_on(
            [
                ("zoom_user_id.account_id", "=", account.id),
                ("problem", "=", "account_limit"),
            ]
        )
        if job.kind not in COUNTED:
            return
        count = self.env["booking.zoom.request.count"]._get_today(self.zoom_user_id)
        if count.limit_reached:
            count.write({"limit_reached": False, "limit_unclear": False})
            self._go_on(
                [
                    ("zoom_user_id", "=", self.zoom_user_id.id),
                    ("problem", "=", "daily_limit"),
                ]
            )

    def _go_on(self, domain):
        """Work again the others in the domain; those that somebody has come later."""
        rows = self.search(
            Domain(domain)
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("stop", ">", fields.Datetime.now())
        )
        lock_rows(rows - self, wait=False)._reset_attempts()

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

    # === READING BEFORE A MAIL === #

    def _plan_check(self):
        """Have the meetings read back from Zoom shortly before reminders and start."""
        now = fields.Datetime.now()
        # The booking may have been deleted while its meeting was made.
        wanted = self.filtered(lambda row: row.booking_id and row.zoom_id)
        for row in wanted.filtered(lambda row: row.state in CURRENT_STATES):
            if row.check_at and (
                row.check_at <= now or row.check_at == row.next_attempt
            ):
                # Due, or put off since Zoom did not answer; planned again afterwards.
                continue
            moments = [*row.booking_id._get_reminder_moments(), row.start]
            planned = [moment - CHECK_BEFORE for moment in moments if moment > now]
            check_at = min(
                (at for at in planned if not row.checked_at or at > row.checked_at),
                default=False,
            )
            if row.check_at != check_at:
                row.check_at = check_at

    def _check_now(self):
        """Have the meetings read back from Zoom at once, as after a webhook."""
        self.check_at = fields.Datetime.now()
        self._trigger_sync()

    def _is_fresh(self):
        """Whether Zoom has said lately what the meeting is like, and finds it."""
        return bool(
            self.checked_at
            and self.checked_at > fields.Datetime.now() - READ_WITHIN
            and not self.gone_count
        )

    def _can_be_read(self):
        """Whether the scheduled action reads the meeting when it is asked to."""
        return bool(
            self._is_usable()
            and self.zoom_user_id.connected
            and self.problem != "not_linked"
        )

    def _get_awaited_since(self):
        """Since when a mail waits for a reading that did not come yet, or None."""
        since = self.awaited_since
        if (
            not since
            or since <= fields.Datetime.now() - ASK_AGAIN
            or self.checked_at
            and since <= self.checked_at
        ):
            return None
        return since

    def _is_to_be_read(self):
        """Whether the meeting must be asked for before a mail tells its link."""
        return (
            not self._is_fresh()
            and self._can_be_read()
            and not self._get_awaited_since()
        )

    def _awaits_reading(self):
        """Whether a mail with the link is held until the meeting has been read.

        That is so while Zoom answers; an outage holds it for some minutes at most.
        """
        if self._is_fresh() or not self._can_be_read():
            return False
        since = self._get_awaited_since()
        if not since:
            return True
        if not self.check_at:
            # Zoom does not let us read it.
            return False
        last = self.start - self.env["booking.conference.mail"]._get_wait()
        # What Zoom does not find is issued anew in a moment, or an administrator
        # decides.
        until = last if self.gone_count else min(since + LONGEST_HOLD, last)
        return fields.Datetime.now() < max(until, since + ISSUE_TIME)

    def _read_if_stale(self):
        """Have meetings read whose links people have just been told."""
        stale = self.filtered(lambda row: not row._is_fresh() and row._can_be_read())
        if stale:
            stale._check_now()

    def _ask_before_mail(self):
        """Have the meetings read at once, for mails wait to tell their links.

        :return bool: False when somebody has some of the rows, which are left out
        """
        free = lock_rows(self, wait=False)
        asked = free.filtered(lambda row: row._is_to_be_read())
        if asked:
            # Whether Zoom still does not find a meeting is not asked at once.
            asked.filtered(
                lambda row: not (row.gone_count and row.check_at)
            )._check_now()
            now = fields.Datetime.now()
            asked.awaited_since = now
            self.env["resource.booking"]._get_reminder_cron()._trigger(
                at=[now + ISSUE_TIME, now + LONGEST_HOLD]
            )
        return free == self

    # === LINKS THAT ARE NOT THE MEETING'S ALONE === #

    def _withhold_shared(self, foreign=False):
        """Give nobody a link that is not the meeting's alone; have it issued anew.

        :param bool foreign: whether Zoom's link opens another meeting
        :return: those of these rows whose link is given to nobody
        """
        current = self.filtered(lambda row: row.state in CURRENT_STATES)
        shared = current._get_sharing()
        withheld = current if foreign else (current & shared)._get_disclosable()
        # Of others, whoever saves them is not waited for.
        others = lock_rows((shared - self)._get_disclosable(), wait=False)
        for row in withheld | others:
            row._withhold()
        withheld._check_meetings_of_host()
        return withheld

    def _get_disclosable(self):
        """Those whose link could be given to somebody."""
        return self.filtered(lambda row: row.state in CURRENT_STATES and row.join_url)

    def _get_sharing(self):
        """The rows that have the same number as one of these, whichever company's."""
        numbers = self.filtered("zoom_id").mapped("zoom_id")
        if not numbers:
            return self.browse()
        rows = self.search(
            [
                ("zoom_id", "in", numbers),
                ("state", "!=", "removed"),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        return self.browse().union(
            *(same for same in rows.grouped("zoom_id").values() if len(same) > 1)
        )

    def _withhold(self):
        """Take the link away; issue the meeting anew, but not again and again."""
        self.ensure_one()
        _logger.warning("Meeting row %s: its link is not its own alone", self.id)
        booking = self.booking_id
        wanted = booking and booking._needs_zoom_meeting()
        if wanted and not self.reissue_count and self.start > fields.Datetime.now():
            values = booking._prepare_zoom_meeting_vals()
            self._replace({**self._keep_issued_host(values), "reissue_count": 1})
            return
        self.write(
            {
                "join_url": False,
                "passcode": False,
                "problem": "shared_link",
                "problem_detail": False,
                "next_attempt": False,
                "check_at": False,
            }
        )
        self.state = self._get_state()

    def _check_meetings_of_host(self):
        """Have the other meetings of these hosts read, which may have become the same."""
        if not self:
            return
        lately = fields.Datetime.now() - READ_LATELY
        others = self.search(
            [
                ("zoom_user_id", "in", self.zoom_user_id.ids),
                ("id", "not in", self.ids),
                ("state", "in", CURRENT_STATES),
                ("join_url", "!=", False),
                ("stop", ">", fields.Datetime.now()),
                ("last_attempt", "<", lately),
            ]
        )
        free = lock_rows(others, wait=False)
        if free:
            free._check_now()

    # === LINKS THAT SOMEBODY KNOWS WHO LEFT === #

    def _replace_or_keep(self):
        """Issue new meetings in place of these; where the limit does not allow one
        now, the old one stays until it does.
        """
        for row in self:
            if row.state != "removing" and row._may_create_now():
                values = row.booking_id._prepare_zoom_meeting_vals()
                row._replace(row._keep_issued_host(values))
                self._trigger_sync()
                row.booking_id._forget_for_staff("link_kept")
            elif row.booking_id._note_for_staff("link_kept"):
                self.env["resource.booking"]._get_reminder_cron()._trigger(
                    at=row.zoom_user_id._get_next_reset()
                )

    def _may_create_now(self):
        """Whether a creation for this host would be admitted today."""
        host = self.zoom_user_id
        reset = host._get_next_reset()
        limit = host.account_id._daily_limit_for(self._is_urgent(reset))
        count = self.env["booking.zoom.request.count"]._get_today(host)
        return (
            host.connected
            and host._can_host()
            and not count.limit_reached
            and count.total < limit
            and not self._get_account_rest()
        )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("stop", "<", before)])
