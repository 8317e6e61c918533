# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import random
from collections import Counter
from datetime import timedelta
from itertools import chain

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_time, split_every

from ... import exceptions as zoom
from ...const import (
    CHECK_BEFORE,
    CLAIM_DURATION,
    COUNTED,
    CURRENT_STATES,
    ISSUE_TIME,
    KEPT_FOR,
    LONGEST_HOLD,
    LONGEST_PAUSE,
    READ_WITHIN,
)
from ...engine.change_pace import get_send_at
from ...engine.decide import (
    SETTINGS,
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
    find_differences,
    get_accepted_facts,
    get_state,
    next_request,
    put_off,
)
from ...engine.job import Job
from ...engine.mail_timing import is_check_awaited
from ...engine.meeting_title import tells_customer
from ...engine.overlaps import Span, find_clashes
from ...engine.story import Chapter, find_event
from ...engine.sync_run import ZoomSyncRun
from ...engine.waiting import NOT_TO_SEND
from ...tools.zoom_payload import (
    format_meeting_id,
    meeting_create_payload,
    meeting_update_payload,
    new_correlation_key,
    parse_meeting_id,
    phone_url,
)
from ...utils import (
    PhoneNumber,
    TimeTaken,
    delete_some,
    in_own_transaction,
    is_customer,
    lock_rows,
    tell_story,
    time_in_words,
    undone_if_refused,
)
from .cost_of_changes import search_issued
from .host_finder import HostFinder, make_span, read_entered
from .meeting_words import (
    describe_clash,
    describe_differences,
    describe_problem,
    describe_reason,
    describe_shared_limit,
    describe_wait,
    find_wait,
    list_differences,
    notify_of_retry,
)
from .sync_port import SyncPort
from .zoom_advice import advice

_logger = logging.getLogger(__name__)

# What is sent to Zoom: field of what is wanted -> field of what Zoom accepted.
SENT_FIELDS = {
    "start": "sent_start",
    "duration": "sent_duration",
    "topic": "sent_topic",
    "waiting_room": "sent_waiting_room",
    "join_before_host": "sent_join_before_host",
}
# Fields that the engine's Row has, too.
ROW_FIELDS = (
    "state",
    "start",
    "duration",
    "topic",
    "waiting_room",
    "join_before_host",
    "zoom_id",
    "join_url",
    "sent_start",
    "sent_duration",
    "sent_topic",
    "sent_waiting_room",
    "sent_join_before_host",
    "problem",
    "next_attempt",
    "attempt_count",
    "claimed_at",
    "unanswered_since",
    "may_have_twin",
    "missing_since",
    "check_at",
)
# Nothing chosen: as in Zoom.
SWITCH = [("on", "On"), ("off", "Off")]
# Changes of these may be worth a line in the booking's history.
CHAPTER_FIELDS = {"state", "problem", "join_url", "sent_start", "sent_duration"}
# Waiting for a limit is told once a day.
LIMIT_TOLD_FOR = timedelta(days=1)
# Only the scheduled action uses these fields: the group hides them from filters.
ENGINE = "base.group_system"
HOST_PROBLEMS = ("no_host", "host_inactive")
# Where a list has another Zoom user, a meeting that is not issued yet goes there.
LEFT_FOR = ("daily_limit", "host_inactive", "host_refused")
# They end with a change of the account or its users, not of the booking.
RESUMABLE = ("not_linked", "scope_missing", "account_limit", "host_refused")
# When a host has only this many requests left besides the reserve, creations go first.
CREATIONS_FIRST = 20
# An update waits this long for creations that can be sent now.
CREATIONS_WAIT = timedelta(minutes=1)
# A mail waited in vain for a reading. The next mails wait only after this time.
ASK_AGAIN = timedelta(hours=1)
# A meeting that was read within this time is not read again.
READ_LATELY = timedelta(minutes=5)


class BookingZoomMeeting(models.Model):
    """One Zoom meeting: what is wanted, and what Zoom has accepted.

    A row outlives its booking, because only the row knows what must be deleted in Zoom.

    The scheduled action commits before each request ("about to") and after it ("this came
    back"), each in a short transaction. So a worker may die at any moment, and nothing is
    done twice. What an answer means is decided in `engine.decide`.
    """

    _name = "booking.zoom.meeting"
    _inherit = ["booking.unlogged"]
    _description = "Zoom Meeting"
    _order = "start, id"

    # Wanted.
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
    start = fields.Datetime(string="Start time", required=True, readonly=True)
    duration = fields.Integer(string="Minutes", required=True, readonly=True)
    # Precomputed: for the constraint on overlaps, no end means endless.
    stop = fields.Datetime(compute="_compute_stop", store=True, precompute=True)
    topic = fields.Char(readonly=True)
    # What the type said when the meeting was issued, or when somebody asked to change
    # it. No title: the name of the type, whatever that is.
    title = fields.Char(string="Title with placeholders", readonly=True)
    combination_id = fields.Many2one(
        "resource.booking.combination",
        string="Resources of the title",
        readonly=True,
        ondelete="set null",
    )
    customer_id = fields.Many2one(
        "res.partner",
        string="Customer of the title",
        readonly=True,
        ondelete="set null",
    )
    waiting_room = fields.Selection(SWITCH, string="Waiting room", readonly=True)
    join_before_host = fields.Selection(
        SWITCH, string="Join before host", readonly=True
    )
    pause = fields.Integer(
        string="Pause (minutes)",
        readonly=True,
        help="So long before and after the meeting, its host has no other one. As it was "
        "set when the booking got its time.",
    )
    only_held = fields.Boolean(
        readonly=True,
        help="The booking expires unless it is confirmed. Until then its meeting only "
        "keeps the host's time free: nothing is sent to Zoom.",
    )

    # Accepted by Zoom.
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
        string="Meeting ID in groups",
        compute="_compute_zoom_id_formatted",
        search="_search_zoom_id_formatted",
    )
    join_url = fields.Char(string="Join URL", readonly=True, exportable=False)
    passcode = fields.Char(readonly=True, exportable=False)
    # How to join by telephone: code of each chosen country -> its numbers, see
    # `engine.dial_in`.
    dial_in = fields.Json(
        string="Telephone numbers", readonly=True, exportable=False, groups=ENGINE
    )
    phone_passcode = fields.Char(
        string="Passcode by phone", readonly=True, exportable=False, groups=ENGINE
    )
    sent_start = fields.Datetime(string="Start in Zoom", readonly=True)
    sent_duration = fields.Integer(string="Minutes in Zoom", readonly=True)
    sent_topic = fields.Char(string="Topic in Zoom", readonly=True)
    sent_waiting_room = fields.Selection(
        SWITCH, string="Waiting room sent", readonly=True
    )
    sent_join_before_host = fields.Selection(
        SWITCH, string="Join before host sent", readonly=True
    )
    # These facts as Zoom keeps them: it may round or reword them, or have a setting
    # locked. A later difference from these means that somebody changed the meeting in
    # Zoom.
    answered = fields.Json(readonly=True, groups=ENGINE)
    disclosed_at = fields.Datetime(string="Link sent on", readonly=True)
    checked_at = fields.Datetime(
        string="Last check",
        readonly=True,
        help="When Odoo last read the meeting from Zoom.",
    )

    # Progress of the work.
    problem = fields.Selection(
        [
            ("no_host", "No Zoom user"),
            ("host_inactive", "Zoom user not usable"),
            ("host_refused", "Zoom user may not host"),
            ("daily_limit", "Daily limit of the Zoom user"),
            ("account_limit", "Daily limit of the account"),
            ("not_linked", "Zoom account not connected"),
            ("scope_missing", "Scope missing"),
            ("refused", "Refused by Zoom"),
            ("failed", "Error in Odoo"),
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
    # For mails, which show the time in the zone of the booking or the company.
    booking_title = fields.Char(compute="_compute_booking_title")
    difference_message = fields.Text(
        string="Different in Zoom", compute="_compute_difference_message"
    )
    held_message = fields.Char(
        string="When Zoom is told", compute="_compute_held_message"
    )
    attempt_count = fields.Integer(string="Tries", readonly=True)
    # Kept when the claim ends: people see it, and a problem that is older than the
    # connection of the account is tried again.
    last_attempt = fields.Datetime(string="Last try", readonly=True)
    next_attempt = fields.Datetime(
        string="Next try", readonly=True, index="btree_not_null"
    )
    retry_asked = fields.Boolean(
        readonly=True,
        groups=ENGINE,
        help="Somebody pressed “Retry now”: send one request, even beyond a known limit.",
    )
    claimed_at = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="When a worker took the row. Another one may take it some minutes later.",
    )
    correlation_key = fields.Char(
        readonly=True,
        copy=False,
        exportable=False,
        groups=ENGINE,
        help="The agenda begins with it, so that Odoo finds the meeting when no answer "
        "arrived.",
    )
    unanswered_since = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="When a creation or change was sent that Zoom has not answered yet.",
    )
    missing_since = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="When Zoom did not find the meeting for the first time. Odoo asks again "
        "before it creates another one.",
    )
    may_have_twin = fields.Boolean(
        readonly=True,
        groups=ENGINE,
        help="A second creation was sent and not answered. If Zoom has a meeting of it, "
        "Odoo deletes that one.",
    )
    reissue_count = fields.Integer(
        readonly=True,
        groups=ENGINE,
        help="How often in a row the meeting was replaced because its join link also "
        "opened another meeting.",
    )
    check_at = fields.Datetime(
        string="Next check",
        readonly=True,
        index="btree_not_null",
        help="When Odoo reads the meeting from Zoom again. Somebody may have changed or "
        "deleted it there.",
    )
    awaited_since = fields.Datetime(
        default=fields.Datetime.now,
        readonly=True,
        groups=ENGINE,
        help="Since when the booking waits for its meeting, or a mail for the meeting to be "
        "read.",
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
    _to_come_idx = models.Index("(stop)")
    # These refuse overlaps of two transactions at once, which Python cannot see. With the
    # pause after each meeting in one, before it in the other, both together keep the
    # longer pause of two neighbours.
    _host_free = models.Constraint(
        "EXCLUDE USING gist ("
        "int4range(zoom_user_id, zoom_user_id, '[]') WITH &&, "
        "tsrange(start, stop + coalesce(pause, 0) * interval '1 minute') WITH &&) "
        "WHERE (zoom_user_id IS NOT NULL AND state NOT IN ('removing', 'removed'))",
        "The Zoom user hosts another booking at this time, or just before or after it. "
        "Please choose another time.",
    )
    _host_free_before = models.Constraint(
        "EXCLUDE USING gist ("
        "int4range(zoom_user_id, zoom_user_id, '[]') WITH &&, "
        "tsrange(start - coalesce(pause, 0) * interval '1 minute', stop) WITH &&) "
        "WHERE (zoom_user_id IS NOT NULL AND state NOT IN ('removing', 'removed'))",
        "The Zoom user hosts another booking at this time, or just before or after it. "
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

    @api.model
    def _search_zoom_id_formatted(self, operator, value):
        if operator == "in":
            numbers = [parse_meeting_id(text) or text for text in value]
            return Domain("zoom_id", "in", numbers)
        if operator == "ilike":
            # Not FALSE for other texts: then the platform would not check access.
            return Domain("zoom_id", "like", parse_meeting_id(value) or value)
        return NotImplemented

    @api.depends("booking_id.display_name")
    def _compute_display_name(self):
        # Odoo reads the name of a many2one as superuser: it must say nothing of Zoom.
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

    @api.depends("problem", "problem_detail", "zoom_user_id", "next_attempt")
    @api.depends_context("lang")
    def _compute_problem_message(self):
        for meeting in self:
            meeting.problem_message = describe_problem(meeting)

    @api.depends(
        "state", "problem", "next_attempt", "claimed_at", "start", "stop", "only_held"
    )
    @api.depends_context("lang", "tz")
    def _compute_held_message(self):
        now = fields.Datetime.now()
        for meeting in self:
            meeting.held_message = describe_wait(meeting, now)

    @api.depends(
        "state", "answered", "topic", "waiting_room", "join_before_host", "dial_in"
    )
    @api.depends_context("lang")
    def _compute_difference_message(self):
        for meeting in self:
            meeting.difference_message = describe_differences(
                self.env, *meeting._find_differences()
            )

    def _say_when_and_who(self):
        """When the meeting starts in the reader's time zone, and with whom."""
        self.ensure_one()
        local = fields.Datetime.context_timestamp(self, self.start)
        if local.date() == fields.Date.context_today(self):
            when = format_time(self.env, self.start, time_format="short")
        else:
            when = time_in_words(self.env, self.start)
        customer = self.booking_id.partner_ids[:1].name or self.booking_title
        return self.env._("%(time)s %(customer)s", time=when, customer=customer)

    # === CRUD METHODS === #

    def write(self, vals):
        """Tell bookings whose meeting cannot be created now, and their story."""
        before = {}
        if not CHAPTER_FIELDS.isdisjoint(vals):
            before = {row: row._take_chapter() for row in self}
        stuck = self.browse()
        if vals.get("problem"):
            stuck = self.filtered(
                lambda row: row.state == "waiting" and not row.problem
            )
        result = super().write(vals)
        if stuck:
            stuck.booking_id._on_join_link_unavailable()
        self._tell_story_since(before)
        return result

    @api.model
    def get_empty_list_help(self, help_message):
        shown = super().get_empty_list_help(help_message)
        return f"{shown}{self.env['booking.zoom.account']._get_next_step_help()}"

    # === ACTION METHODS === #

    def action_retry(self):
        """Send one request now for each waiting meeting, and say for which ones not."""
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
            # The problem stays on the screen until Zoom has answered.
            told = {"problem": row.problem, "problem_detail": row.problem_detail}
            row._reset_attempts()
            # A problem without next try would not be tried.
            row.write({**told, "next_attempt": now, "retry_asked": True})
        self._trigger_sync()
        return notify_of_retry(self.env, len(asked), left)

    @api.model
    def _open(self, name, domain):
        """Action that lists meetings.

        :param str name: what the list is called
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_meeting_action"
        )
        return {**action, "name": name, "domain": list(domain), "context": {}}

    def _open_booking(self):
        """Action that shows the booking of this meeting."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "resource.booking",
            "res_id": self.booking_id.id,
            "views": [(False, "form")],
        }

    def _choose_to_ask(self):
        """Choose the rows to send a request for; of those that share a limit, only one.

        If Zoom accepts that one, the others go on.

        :return tuple: rows, and a Counter of reasons for the others
        """
        asked, left, probed = self.browse(), Counter(), set()
        for row in self:
            reason = row._get_reason_not_to_ask()
            limit = not reason and row._get_known_limit()
            if limit and limit in probed:
                reason = describe_shared_limit(row, limit)
            if reason:
                left[reason] += 1
                continue
            probed.add(limit)
            asked |= row
        return asked, left

    def _get_reason_not_to_ask(self):
        """Why a request now would not help, False if it might."""
        reason = find_wait(self, fields.Datetime.now())
        if reason in NOT_TO_SEND:
            return describe_reason(self, reason)
        if self.state != "removing" and self._get_host_problem():
            return describe_problem(self, detail=False)
        if not self.zoom_user_id.connected:
            return self.env._(
                "The Zoom account is not connected. Ask an administrator to connect it."
            )
        return False

    def _get_known_limit(self):
        """The Zoom account or Zoom user whose daily limit is reached, as far as Odoo knows."""
        if self._get_account_pause():
            return self.zoom_user_id.account_id
        counted = self.state in ("waiting", "changed") and not self.unanswered_since
        count = self.env["booking.zoom.request.count"]._get_today(self.zoom_user_id)
        if counted and (self.problem == "daily_limit" or count._get_used_up()):
            return self.zoom_user_id
        return None

    # === WHAT IS WANTED === #

    @api.model
    def _sync_future_bookings(self, domain):
        """Update the rows of the bookings in the domain that have not ended.

        :param domain: of resource.booking
        """
        bookings = self.env["resource.booking"].sudo()
        future = Domain("stop", ">", fields.Datetime.now())
        self.sudo()._sync_with_bookings(
            bookings.with_context(active_test=False).search(future & Domain(domain)),
            times_chosen=False,
        )

    @api.model
    def _sync_with_bookings(self, bookings, *, times_chosen=True):
        """Update the rows to what Zoom should have for these bookings; no HTTP.

        :param bookings: resource.booking, superuser
        :param bool times_chosen: whether a new row may mean that somebody has chosen the
            time now, with the pause that is set now
        :raise ValidationError: a Zoom user would host two bookings at once, or too close
        """
        if not any(len(booking._get_hosts()) > 1 for booking in bookings):
            if bookings:
                self._sync_or_refuse(bookings, times_chosen)
            return
        entered = []
        while True:
            try:
                with undone_if_refused(self.env):
                    self._sync_or_refuse(bookings, times_chosen, entered)
                return
            except ExclusionViolation as taken:
                # Another transaction was quicker, and this one does not see it.
                span = read_entered(taken)
                if not span or span in entered:
                    raise
                entered.append(span)

    @api.model
    def _sync_or_refuse(self, bookings, times_chosen, entered=()):
        """See _sync_with_bookings.

        :param entered: Spans of meetings that others have just saved
        :raise ExclusionViolation: a Zoom user has got another booking meanwhile
        """
        now = fields.Datetime.now()
        rows = {
            row.booking_id: row
            for row in bookings.zoom_meeting_ids
            if row.state in CURRENT_STATES
        }
        needing, unwanted = bookings.browse(), self.browse()
        for booking in bookings:
            row = rows.get(booking, self.browse())
            if booking._needs_zoom_meeting():
                if row or booking.start > now:
                    needing |= booking
            elif row and row.stop > now:
                unwanted |= row
        wanted = [
            (rows.get(booking, self.browse()), values)
            for booking, values in self._prepare_wanted(
                needing, times_chosen, entered
            ).items()
        ]
        self._check_host_free(
            [values for row, values in wanted if row._takes_other_time(values)]
        )
        # The scheduled action may be recording an answer now: lock before writing.
        touched = [row.id for row, values in wanted if row and row._is_touched(values)]
        lock_rows(unwanted | self.browse(touched))
        # Free times first: the database refuses overlaps at each statement.
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
    def _prepare_wanted(self, bookings, times_chosen, entered):
        """The values of the rows that these bookings need.

        :param times_chosen: see _sync_with_bookings
        :param entered: see _sync_or_refuse
        :return dict: booking -> values
        :raise ValidationError: none of several Zoom users is free
        """
        wanted, rows, hosts = {}, {}, {}
        for booking in bookings:
            row, listed = booking._get_last_row(), booking._get_hosts()
            host = row.zoom_user_id & listed or listed[:1]
            (values,) = row._prepare_options(booking, host, times_chosen).values()
            if len(listed) > 1 and not row._stays_with(listed, values):
                rows[booking], hosts[booking] = row, listed
            else:
                wanted[booking] = values
        if rows:
            wanted |= self._choose_hosts(rows, hosts, wanted, times_chosen, entered)
        if times_chosen:
            self.env["booking.zoom.hour"]._take(
                {
                    booking: values
                    for booking, values in wanted.items()
                    if not booking._get_last_row()._has_time(values)
                    and booking._may_have_several_hosts()
                }
            )
        return wanted

    @api.model
    def _choose_hosts(self, rows, hosts, decided, times_chosen, entered):
        """See _prepare_wanted.

        :param dict rows: booking -> current or last row
        :param dict hosts: booking -> booking.zoom.user, of whom one is to be chosen
        :param dict decided: booking -> values, of other bookings
        :return dict: booking -> values
        """
        wanted, spans = {}, [make_span(values) for values in decided.values()]
        finder = HostFinder(
            rows,
            self.env["booking.zoom.user"].union(*hosts.values()),
            [*spans, *entered],
        )
        for booking, row in rows.items():
            options = row._prepare_options(booking, hosts[booking], times_chosen)
            wanted[booking] = finder.choose(row, options)
            if not wanted[booking]:
                raise booking._make_all_busy_error(hosts[booking])
        return wanted

    def _prepare_options(self, booking, hosts, times_chosen=True):
        """The values of the row that follows on this one, for each who may host it.

        :param hosts: booking.zoom.user, possibly none
        :param bool times_chosen: see _sync_with_bookings
        :return dict: booking.zoom.user, superuser -> values
        """
        values = booking._prepare_zoom_meeting_vals(hosts[:1])
        options = {}
        for host in hosts.sudo() or [hosts]:
            pause = booking.type_id._get_zoom_pause(host)
            option = {**values, "zoom_user_id": host.id, "pause": pause}
            if self.state in CURRENT_STATES:
                options[host] = self._keep_told(self._keep_what_holds(option))
            else:
                options[host] = self._keep_pause(option, times_chosen)
        return options

    def _has_time(self, values):
        """Whether the row occupies the time of these values. False for an empty recordset."""
        return self.state in CURRENT_STATES and (self.start, self.duration) == (
            values["start"],
            values["duration"],
        )

    def _stays_with(self, hosts, values):
        """Whether the meeting exists at this time, at one of these hosts.

        :param hosts: booking.zoom.user
        :param dict values: that the row would have
        """
        return (
            self._is_issued() and self.zoom_user_id in hosts and self._has_time(values)
        )

    @api.model
    def _choose_among(self, booking, hosts):
        """The values of the row of this booking if one of these hosts it.

        :param hosts: booking.zoom.user
        :return dict: None if all are busy
        """
        row = booking._get_last_row()
        options = row._prepare_options(booking, hosts)
        return HostFinder({booking: row}, hosts).choose(row, options)

    @api.model
    def _add(self, vals_list):
        """Create rows, with the problem when nobody can host them."""
        rows = self.create(vals_list)
        for row in rows:
            row.problem = row._get_host_problem()
        return rows

    def _keep_what_holds(self, values):
        """Keep the pause, and an issued host when the booking has no Zoom user now."""
        if not values["zoom_user_id"] and (self.zoom_id or self.unanswered_since):
            values = {**values, "zoom_user_id": self.zoom_user_id.id}
        return self._keep_pause(values)

    def _keep_pause(self, values, times_chosen=True):
        """Keep the pause until the time changes.

        So bookings made before it was set are not refused.

        :param bool times_chosen: see _sync_with_bookings
        """
        if (self.start, self.duration) == (values["start"], values["duration"]):
            return {**values, "pause": self.pause}
        return values if times_chosen else {**values, "pause": 0}

    def _keep_told(self, values):
        """Keep what Zoom was told of an existing meeting, whatever the type says now.

        A title follows the booking's resources and the customer whom it names, and a
        name of the type that stands for a title. What the type leaves to Zoom again needs no request.
        """
        if not self._is_issued() or self._moves_to(values["zoom_user_id"]):
            return values
        kept = {
            "title": self.title,
            "combination_id": self.combination_id.id,
            "customer_id": self.customer_id.id,
        }
        for name in SETTINGS:
            kept[name] = values[name] and self[name]
        combination = self.booking_id.combination_id
        customer = tells_customer(self.title) and self.booking_id.partner_ids[:1]
        same = combination == self.combination_id and (
            not customer or customer == self.customer_id
        )
        if self.title and same:
            kept["topic"] = self.topic
        else:
            kept["topic"] = self.booking_id._get_zoom_topic(self.title)
            kept["combination_id"] = self.title and combination.id
            kept["customer_id"] = customer and customer.id
        return {**values, **kept}

    def _want(self, values):
        """Write what is wanted now.

        :return: the rows that have changed
        """
        if self._moves_to(values["zoom_user_id"]):
            return self._replace(values)
        changes = self._get_changes(values)
        if changes:
            # Without changes nothing is written: it might conflict with recording.
            self.write(changes)
        if changes or self._has_other_host_problem():
            self._reset_attempts()
            return self
        return self.browse()

    def _is_issued(self):
        """Whether Zoom has the meeting, or may have it. False for an empty recordset."""
        return self.state in CURRENT_STATES and bool(
            self.zoom_id or self.unanswered_since
        )

    def _moves_to(self, zoom_user_id):
        """Whether an existing meeting needs another host, which Zoom cannot do."""
        return self._is_issued() and self.zoom_user_id.id != zoom_user_id

    def _get_changes(self, values):
        """The values that differ from those of the row."""
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }

    def _is_touched(self, values):
        """Whether the row must be written for these values."""
        return bool(self._get_changes(values)) or self._has_other_host_problem()

    def _has_other_host_problem(self):
        """Whether a problem of the host has begun or ended."""
        problem = self._get_host_problem()
        return problem != self.problem and bool(
            problem or self.problem in HOST_PROBLEMS
        )

    def _replace(self, values):
        """Have a new meeting created; this one is deleted when that one is ready.

        :param dict values: of the new row
        :return: both rows
        """
        self._retire()
        self.flush_recordset()
        self.successor_id = self._add([values])
        former, host = self.zoom_user_id, self.successor_id.zoom_user_id
        if former != host:
            self.successor_id._tell_host_changed(former)
        # Those that waited for this one now wait for the new one.
        self.search(
            [("successor_id", "=", self.id), ("state", "=", "removing")]
        ).successor_id = self.successor_id
        return self | self.successor_id

    def _retire(self):
        """The meeting is no longer wanted: delete it in Zoom."""
        for row in self:
            issued = row.zoom_id or row.unanswered_since
            row.state = "removing" if issued else "removed"
        self._reset_attempts()
        if any(self.mapped("disclosed_at")):
            # People have this link. They learn that it no longer works.
            self.booking_id._on_join_link_unavailable()

    @api.model
    def _resume(self, domain):
        """Retry the rows in the domain that a problem of the account or its users stopped."""
        self.search(
            Domain(domain)
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("problem", "in", RESUMABLE)
        )._reset_attempts()

    def _reset_attempts(self):
        """Forget earlier failures, since something has changed."""
        for row in self:
            state, host_problem = row._get_state(), row._get_host_problem()
            row.write(
                {
                    "state": state,
                    "problem": host_problem,
                    # A lost host explains why Zoom does not find it.
                    "missing_since": False if host_problem else row.missing_since,
                    "problem_detail": False,
                    "attempt_count": 0,
                    "reissue_count": 0,
                    "awaited_since": state == "waiting" and fields.Datetime.now(),
                    "next_attempt": False,
                }
            )

    def _get_state(self):
        """The state that follows from what is wanted and what Zoom has accepted."""
        return get_state(self._take_snapshot())

    def _get_host_problem(self):
        """Why nobody can host the meeting, if so."""
        if self.state in ("removing", "removed"):
            return False
        if not self.zoom_user_id:
            return "no_host"
        return False if self.zoom_user_id._can_host() else "host_inactive"

    def _is_usable(self):
        """Whether the join URL may be given to people. False for an empty recordset.

        Nobody can join the meeting of a Zoom user who can no longer host.
        """
        return bool(
            self.join_url
            and self.state in ("ready", "changed")
            and self.problem not in ("shared_link", "host_refused")
            and not self._get_host_problem()
        )

    def _is_about_to_be_issued(self):
        """Whether the meeting was wanted a moment ago and may be created at once."""
        return bool(
            self.state == "waiting"
            and not self.problem
            and not self.only_held
            and self.awaited_since
            and self.awaited_since > fields.Datetime.now() - ISSUE_TIME
        )

    def _get_booking_url(self):
        """Where the reader of a mail finds the booking, see resource.booking."""
        booking = self.booking_id
        return booking._get_backend_url() if booking else ""

    # === ONE BOOKING AT A TIME === #

    def _check_host_free(self, wanted):
        """Check that no Zoom user would host two bookings at once, or too close.

        :param list wanted: values of the rows that are about to be written
        :raise ValidationError:
        """
        spans = [make_span(values) for values in wanted if values["zoom_user_id"]]
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
        if clashes and is_customer(self.env):
            # Customers must not learn of Zoom users and other customers.
            raise TimeTaken(self.env)
        if clashes:
            raise ValidationError(
                self.env._(
                    "A Zoom user can host one booking at a time. Please choose another "
                    "time or another Zoom user:\n\n- %(lines)s",
                    lines="\n- ".join(
                        sorted(describe_clash(self.env, clash) for clash in clashes)
                    ),
                )
            )

    def _takes_other_time(self, values):
        """Whether the row, or a new one, would occupy another time or host."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != values[name]
            for name in ("zoom_user_id", "start", "duration")
        )

    @api.model
    def _get_busy(self, zoom_users, start, stop):
        """When Zoom users host bookings within a span of time or near it, in one query.

        Without records: a month of a busy company is 10,000 rows.

        :param start: naive UTC
        :param stop: naive UTC
        :return: dict of Zoom user's id to list of Span
        """
        self.flush_model(
            ["zoom_user_id", "start", "stop", "booking_id", "pause", "state"]
        )
        near = timedelta(minutes=LONGEST_PAUSE)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT zoom_user_id, start, stop, booking_id, coalesce(pause, 0)
                  FROM booking_zoom_meeting
                 WHERE zoom_user_id = ANY(%(hosts)s)
                   AND state IN %(states)s
                   AND start < %(stop)s
                   AND stop > %(start)s
                """,
                hosts=zoom_users.ids,
                states=CURRENT_STATES,
                start=start - near,
                stop=stop + near,
            )
        )
        busy = {host_id: [] for host_id in zoom_users.ids}
        for span in map(Span._make, rows):
            busy[span.host_id].append(span)
        return busy

    # === WHAT ZOOM IS TOLD OF EXISTING MEETINGS === #

    def _tell_anew(self):
        """Have Zoom told what the types of the bookings say now."""
        for row in lock_rows(self):
            told = row.booking_id._prepare_zoom_told_vals()
            row.write(row._get_changes(told))
            row._reset_attempts()
        self._trigger_sync()

    def _find_differences(self):
        """What Zoom has otherwise than it was told, see `describe_differences`."""
        differences = find_differences(self.sudo()._take_snapshot())
        return differences, self._get_countries_without_number()

    @api.model
    def _summarize_differences(self, types):
        """What Zoom has otherwise in existing meetings to come.

        :param types: resource.booking.type
        :return dict: type's id -> Counter of sentences
        """
        counts = {}
        for row in search_issued(self.env, Domain("type_id", "in", types.ids)):
            lines = list_differences(self.env, *row._find_differences())
            counts.setdefault(row.booking_id.type_id.id, Counter()).update(lines)
        return counts

    # === ONE OF SEVERAL ZOOM USERS === #

    def _is_to_be_created(self):
        """Whether the meeting will take a request of its host's. False for an empty recordset."""
        return self.state == "waiting" and not self._is_issued() and not self.only_held

    @api.model
    def _get_waiting_by_host(self, zoom_users):
        """Which requests of these Zoom users are promised already.

        :return tuple: Counter of creations to come by Zoom user's id; set of the ids of
            those whom Zoom has refused to let host
        """
        promised, refused_ids = Counter(), set()
        for host, problem, count in self._read_group(
            Domain("zoom_user_id", "in", zoom_users.ids)
            & Domain("state", "=", "waiting")
            & Domain("unanswered_since", "=", False)
            & Domain("only_held", "=", False)
            & Domain("stop", ">", fields.Datetime.now()),
            ["zoom_user_id", "problem"],
            ["__count"],
        ):
            promised[host.id] += count
            if problem == "host_refused":
                refused_ids.add(host.id)
        return promised, refused_ids

    def _leave_host(self):
        """Give a meeting that is not issued yet to another Zoom user of the list.

        :return bool: whether another one hosts it now
        """
        booking, former = self.booking_id, self.zoom_user_id
        hosts = booking and booking._get_hosts()
        if not (
            hosts
            and self.state == "waiting"
            and not self._is_issued()
            and former in hosts
            and len(hosts) > 1
            and booking._needs_zoom_meeting()
        ):
            return False
        values = self._choose_among(booking, hosts)
        if not values or values["zoom_user_id"] == former.id:
            return False
        try:
            with undone_if_refused(self.env):
                self.write({"zoom_user_id": values["zoom_user_id"]})
                self._reset_attempts()
        except ExclusionViolation:
            # Somebody has just booked that one. This row waits, as without a list.
            return False
        self._tell_host_changed(former)
        return True

    def _tell_host_changed(self, former):
        """
        :param former: booking.zoom.user, possibly none
        """
        names = f"{former.name or '–'} → {self.zoom_user_id.name or '–'}"
        tell_story(self.booking_id, "host_changed", {self.booking_id: names})

    @api.model
    def _leave_hosts(self):
        """Choose again for meetings that wait for their host: others may be free by now."""
        waiting = self._find_able_to_leave()
        for batch in split_every(200, waiting.ids, waiting.browse):
            try:
                in_own_transaction(batch, lambda rows: rows._choose_hosts_again())
            except Exception:
                # Other rows must not wait for these.
                _logger.exception("Rows %s cannot leave their Zoom users", batch.ids)

    @api.model
    def _find_able_to_leave(self):
        """Rows whose host cannot create the meeting now, where another of its list can."""
        listed = Domain("type_id.zoom_host_ids", "!=", False) | Domain(
            "combination_id.zoom_host_ids", "!=", False
        )
        rows = self.search(
            Domain("state", "=", "waiting")
            & Domain("problem", "in", LEFT_FOR)
            & Domain("zoom_id", "=", False)
            & Domain("unanswered_since", "=", False)
            & Domain("start", ">", fields.Datetime.now())
            & Domain("booking_id", "any", listed)
        )
        hosts = {row: row.booking_id._get_hosts() for row in rows}
        users = self.env["booking.zoom.user"].union(*hosts.values())
        left = users._get_requests_left(urgent=True)
        able = users.filtered(
            lambda one: (
                one._can_host() and one.connected and not one.is_refused and left[one]
            )
        )
        return rows.filtered(lambda row: hosts[row] & able - row.zoom_user_id)

    def _choose_hosts_again(self):
        former = {row: row.zoom_user_id for row in self.exists()}
        self._sync_with_bookings(self.exists().booking_id, times_chosen=False)
        for row, host in former.items():
            if row.state == "waiting" and row.zoom_user_id != host:
                row._tell_host_changed(host)

    def _leave_host_or_wait(self, waits):
        """Take another Zoom user of the list, or note why the meeting waits.

        :param dict waits: values that say what is wrong with the present one
        """
        host = self.zoom_user_id
        if waits["problem"] == "host_refused" and not host.is_refused:
            # Its next meetings need not ask.
            host.is_refused = True
        if not self._leave_host():
            self.write(waits)

    # === SCHEDULED ACTION === #

    @api.model
    def _cron_sync_meetings(self):
        """All that a run does, in this order."""
        self.env["booking.zoom.webhook.event"]._process_pending()
        try:
            in_own_transaction(self, lambda records: records._tidy())
        except Exception:
            # Other rows must not wait for one that cannot be tidied.
            _logger.exception("Zoom meetings could not be tidied")
        self._leave_hosts()
        self.env["ir.cron"]._commit_progress(remaining=0)
        run = ZoomSyncRun(SyncPort(self.env))
        run.work()
        self.env["booking.zoom.alert"]._watch()
        self.env["booking.zoom.revocation"]._process_pending()
        self._plan_next_run(run.skipped_ids)

    @api.model
    def _get_due_domain(self):
        """Domain of the rows that need a request and may be worked now."""
        now = fields.Datetime.now()
        # A problem without next try waits until somebody changes something.
        never = Domain("next_attempt", "=", False) & Domain("problem", "=", False)
        unclaimed = Domain("claimed_at", "=", False) | Domain(
            "claimed_at", "<=", now - CLAIM_DURATION
        )
        # Written this way so that PostgreSQL filters before it joins successors.
        replaceable = Domain("successor_id", "not any", [("state", "=", "waiting")])
        create = Domain("state", "=", "waiting") & (
            Domain("start", ">", now) | Domain("unanswered_since", "!=", False)
        )
        update = Domain("state", "=", "changed")
        remove = Domain("state", "=", "removing") & replaceable
        kept = Domain("only_held", "=", False)
        work = (
            ((create | update) & kept | remove)
            & (never | Domain("next_attempt", "<=", now))
            & Domain("problem", "!=", "host_inactive")
        )
        # A waiting change can be read.
        read = Domain("state", "in", ("ready", "changed")) & Domain(
            "check_at", "<=", now
        )
        return (
            (work | read)
            & Domain("stop", ">", now)
            & Domain("zoom_user_id.connected", "=", True)
            & Domain("problem", "not in", ("no_host", "not_linked"))
            & unclaimed
        )

    @api.model
    def _tidy(self):
        """Update the rows for changes that did not come from a booking."""
        now = fields.Datetime.now()
        # With a type PostgreSQL deletes its bookings, without our code.
        self._search_free(
            [("booking_id", "=", False), ("state", "in", CURRENT_STATES)]
        )._retire()
        # Meetings that are over stay in Zoom.
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
        # Problems that were recorded while somebody connected the account.
        connected = self._search_free(
            [
                ("problem", "in", ("not_linked", "scope_missing")),
                ("state", "in", (*CURRENT_STATES, "removing")),
                ("stop", ">", now),
                ("zoom_user_id.connected", "=", True),
            ]
        )
        connected.filtered(
            lambda row: (
                row.problem == "not_linked"
                or not row.last_attempt
                or row.last_attempt < row.zoom_user_id.account_id.connected_at
            )
        )._reset_attempts()

    def _search_free(self, domain):
        """Lock and return the rows in the domain that nobody else has locked."""
        return lock_rows(self.search(domain), wait=False)

    @api.model
    def _reconcile(self):
        """Update the rows of all future Zoom bookings, in case a change was missed."""
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
        # Some may have been deleted meanwhile.
        bookings = self.env["resource.booking"].browse(booking_ids).exists()
        self._sync_with_bookings(bookings)
        # Changing an alarm changes no event.
        bookings._on_reminders_changed()

    @api.model
    def _plan_next_run(self, skipped_ids=()):
        """Wake the action for what is left, or when the next row becomes due.

        :param skipped_ids: rows that could not be worked in this run
        """
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        due = self._get_due_domain()
        if self.search_count(due & Domain("id", "not in", list(skipped_ids)), limit=1):
            # Without this the framework would wait a minute.
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
        self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")._trigger()

    # === BEFORE THE REQUEST === #

    def _claim(self):
        """Reserve requests and note that they are about to be sent.

        :return tuple: list of jobs, ids of the rows that somebody else has locked
        """
        jobs = []
        now = fields.Datetime.now()
        reset = self.env["booking.zoom.user"]._get_next_reset()
        # Lock before reading: rows that change after the snapshot cannot be locked.
        locked = lock_rows(self, wait=False)
        paused_until = self._get_account_pause()
        used_today = self.env["booking.zoom.change.count"]._get_today(locked.booking_id)
        for row in locked.filtered_domain(self._get_due_domain()):
            known = row._take_snapshot()
            kind = next_request(known, now)
            if not kind:
                row.state = "removed"
                continue
            asked = row.retry_asked
            if paused_until and not asked:
                row.write(put_off(known, "account_limit", paused_until))
                continue
            if kind in COUNTED:
                used = used_today[row.booking_id]
                held_until = not asked and row._get_held_until(kind, used, reset)
                if held_until:
                    row._hold(held_until)
                    continue
                if not row._reserve_request(kind, reset, used):
                    if row._leave_host():
                        # It is claimed with those of its new host.
                        continue
                    row.write({"problem": "daily_limit", "next_attempt": reset})
                    continue
            row.write(row._prepare_claim_vals(kind, now))
            jobs.append(row._prepare_job(kind, asked))
        return jobs, (self - locked).ids

    def _prepare_claim_vals(self, kind, now):
        """The intent, committed before the request is sent."""
        values = {"claimed_at": now, "last_attempt": now, "retry_asked": False}
        if kind in COUNTED:
            values["unanswered_since"] = now
        if kind == "create":
            values["correlation_key"] = self.correlation_key or new_correlation_key()
            # What Zoom has, should the answer not come.
            values.update({sent: self[name] for name, sent in SENT_FIELDS.items()})
        return values

    def _prepare_job(self, kind, asked=False):
        """The request as plain data, for the threads that talk to Zoom."""
        payload = {}
        settings = {name: self[name] or None for name in SETTINGS}
        if kind == "create":
            payload = meeting_create_payload(
                self.topic, self.start, self.duration, self.correlation_key, **settings
            )
        elif kind == "update":
            payload = meeting_update_payload(
                self.topic, self.start, self.duration, **settings
            )
        return Job(
            row_id=self.id,
            kind=kind,
            asked=asked,
            host=self.zoom_user_id.zoom_id,
            zoom_account_id=self.zoom_user_id.zoom_account_id or "",
            zoom_id=self.zoom_id or "",
            correlation_key=self.correlation_key or "",
            payload=payload,
            sent=self._take_snapshot().wanted,
            claimed_at=self.claimed_at,
        )

    def _take_snapshot(self, outcome=None):
        """The row as plain data, for the engine.

        :param Outcome outcome: of the request that is recorded now
        :rtype: Row
        """
        answered = dict(self.answered or {})
        if answered.get("start"):
            answered["start"] = fields.Datetime.to_datetime(answered["start"])
        known = {
            "answered": answered,
            "host_problem": self._get_host_problem() or None,
            "reset": self.env["booking.zoom.user"]._get_next_reset(),
        }
        if outcome:
            known.update(self._get_surroundings(outcome))
        values = {name: self[name] for name in ROW_FIELDS}
        values = {
            name: None if value is False else value for name, value in values.items()
        }
        return Row(**values, **known)

    def _get_surroundings(self, outcome):
        """Facts about other rows that the decision on this outcome needs.

        :param Outcome outcome:
        :return dict: fields of Row
        """
        account = self.zoom_user_id.account_id
        if isinstance(outcome.error, zoom.ZoomDayLimit):
            return {"day_limit": self._get_day_limit(outcome.job)}
        if outcome.error:
            is_gone = isinstance(outcome.error, zoom.ZoomMeetingGone)
            return {
                "missing_doubted": bool(account.gone_since),
                "many_missing": is_gone and account._are_many_gone(self),
            }
        # Duplicates of the same creation are removed, whoever else knows them.
        numbers = [self.zoom_id or meeting.zoom_id for meeting in outcome.answers[:1]]
        countries = self.booking_id.type_id.zoom_dial_in_country_ids
        return {
            "is_number_shared": self._is_number_shared(numbers),
            "dial_in_countries": frozenset(countries.mapped("code")),
        }

    def _get_day_limit(self, job):
        """Facts that tell whose daily limit Zoom means."""
        host, account = self.zoom_user_id, self.zoom_user_id.account_id
        counts = self.env["booking.zoom.request.count"]
        today = counts._get_today(host)
        # A request that was reserved yesterday is not in today's total.
        counted = job.claimed_at.date() == host._utc_today()
        return DayLimit(
            plan=account.plan,
            host_total=today.total + (0 if counted else 1),
            host_limit=account._daily_limit_for(urgent=True),
            others_refused=bool(
                self._get_unclear_limits() or self._get_account_pause()
            ),
        )

    def _get_unclear_limits(self):
        """Today's counts of other hosts whose limit may be that of the account."""
        host = self.zoom_user_id
        return (
            self.env["booking.zoom.request.count"]
            ._get_today(host.account_id.zoom_user_ids - host)
            .filtered("limit_unclear")
        )

    def _get_account_pause(self):
        """Until when the whole account is paused, naive UTC.

        After one refusal of the account no other row needs to ask.
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
        """Until when this creation or update waits, so that changes go together.

        :param str kind: ``create`` or ``update``
        :param used: booking.zoom.change.count of today, may be empty
        :param reset: when Zoom counts anew, naive UTC
        :return: naive UTC, None to send it now
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
        """Whether creations of the host go before this update.

        The join link of an existing meeting works all the time.
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
        """Send this later. That is no problem."""
        self.write({"problem": False, "problem_detail": False, "next_attempt": until})

    def _weigh_again(self):
        """Decide again when held changes are sent, since reminders have changed."""
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
        """Reserve one of the host's requests for today, if this booking may have one.

        :param str kind: ``create`` or ``update``
        :param reset: when Zoom counts anew, naive UTC
        :param used: booking.zoom.change.count of today, may be empty
        :return bool: whether the request may be sent
        """
        host, account = self.zoom_user_id, self.zoom_user_id.account_id
        counts = self.env["booking.zoom.request.count"]
        of_reserve = False
        if self.retry_asked:
            # Zoom decides, not what Odoo knows of the limit.
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

    def _is_urgent(self, reset):
        """Whether the join link is needed before the daily limit is reset.

        Also for a booking soon after 00:00 UTC, the morning in Japan: its reminder goes
        out before. A reminder days ahead makes nothing urgent.
        """
        return self._is_booking_urgent(self.booking_id, self.start, reset)

    @api.model
    def _is_booking_urgent(self, booking, start, reset):
        """See _is_urgent; the row may be still to come.

        :param booking: resource.booking, possibly none
        """
        if start < reset:
            return True
        moments = booking._get_reminder_moments() if booking else []
        return start < reset + timedelta(days=1) and any(
            moment < reset for moment in moments
        )

    # === AFTER THE REQUEST === #

    def _record_outcome(self, outcome, wait=True):
        """Record the outcome of a request.

        :param Outcome outcome:
        :param bool wait: for whoever saves the booking of the row now
        :return bool: False if somebody else has locked the row
        """
        if not lock_rows(self, wait) and self.exists():
            return False
        if outcome.error:
            # str() has the code and the tracking ID, which Zoom's support asks for.
            _logger.info("Zoom: %s", outcome.error)
        decision = decide(
            self._take_snapshot(outcome),
            outcome.job,
            outcome.error or outcome.answers,
            fields.Datetime.now(),
            random.random(),
        )
        self._carry_out(decision)
        return True

    def _record_no_token(self, error=None):
        """Record that no request can be sent for these rows now.

        :param ZoomError error: None during an outage
        :return list: ids of the rows that somebody else has locked
        """
        if error:
            _logger.info("Zoom: %s", error)
        locked = lock_rows(self, wait=False)
        now = fields.Datetime.now()
        for row in locked:
            known = row._take_snapshot()
            row._carry_out(decide_no_token(known, error, now, random.random()))
        return (self - locked).ids

    def _park(self, reason):
        """Stop a row that raises, so that the others go on.

        :param str reason: class of the exception
        """
        self.write(
            {"problem": "failed", "problem_detail": reason, "next_attempt": False}
        )

    def _carry_out(self, decision):
        """Write the changes, then carry out the effects.

        :param Decision decision:
        """
        changes, waits = dict(decision.changes), {}
        if (
            changes.get("problem") in LEFT_FOR
            and self.booking_id
            and len(self.booking_id._get_hosts()) > 1
        ):
            # Unless another Zoom user takes it.
            waits = {
                name: changes.pop(name)
                for name in ("problem", "problem_detail", "next_attempt")
                if name in changes
            }
        if changes.get("answered", {}).get("start"):
            start = fields.Datetime.to_string(changes["answered"]["start"])
            changes["answered"] = {**changes["answered"], "start": start}
        self.write(changes)
        host = self.zoom_user_id
        for effect in decision.effects:
            match effect:
                case RemoveDuplicate(zoom_id):
                    self._add_removal(zoom_id)
                case GiveBackRequest(kind, date):
                    self._give_back_request(kind, date)
                case GiveBackChange(kind) if self.booking_id:
                    self.env["booking.zoom.change.count"]._give_back(
                        self.booking_id,
                        kind,
                        fields.Datetime.now().date(),
                        of_reserve=False,
                    )
                case LimitAdmitted(kind):
                    self._go_on_after_limit(kind)
                case NoteHostLimit(unclear):
                    counts = self.env["booking.zoom.request.count"]
                    counts._note_limit_reached(host)
                    if unclear:
                        counts._get_today(host).limit_unclear = True
                case NoteAccountLimit(until):
                    self._note_account_limit(until)
                case WithholdLink(foreign):
                    self._withhold_shared(foreign)
                case RefreshUsers():
                    host.account_id._refresh_users()
                case IssueAnew():
                    self._issue_anew()
                case PlanCheck():
                    self._plan_check()
        if waits:
            self._leave_host_or_wait(waits)

    def _add_removal(self, zoom_id):
        """Add a row that deletes a duplicate in Zoom."""
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

    def _give_back_request(self, kind, date):
        """Give back a request that Zoom surely did not execute.

        :param date: the UTC day on which it was reserved
        """
        counts = self.env["booking.zoom.request.count"]
        of_reserve = counts._give_back(self.zoom_user_id, kind, date)
        if self.booking_id:
            self.env["booking.zoom.change.count"]._give_back(
                self.booking_id, kind, date, of_reserve
            )

    def _note_account_limit(self, until):
        """Unclear refusals of other hosts were about the account's limit, too.

        :param until: naive UTC
        """
        unclear = self._get_unclear_limits()
        unclear.write({"limit_reached": False, "limit_unclear": False})
        others = self.search(
            [
                ("zoom_user_id", "in", unclear.zoom_user_id.ids),
                ("problem", "=", "daily_limit"),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        lock_rows(others, wait=False).write(
            {"problem": "account_limit", "next_attempt": until}
        )

    def _go_on_after_limit(self, kind):
        """Zoom accepted a retry: rows that wait for the same limit go on.

        :param str kind: of the request
        """
        host = self.zoom_user_id
        self._go_on(
            Domain("zoom_user_id.account_id", "=", host.account_id.id)
            & Domain("problem", "=", "account_limit")
        )
        count = self.env["booking.zoom.request.count"]._get_today(host)
        if kind in COUNTED and count.limit_reached:
            count.write({"limit_reached": False, "limit_unclear": False})
            self._go_on(
                Domain("zoom_user_id", "=", host.id)
                & Domain("problem", "=", "daily_limit")
            )

    def _go_on(self, domain):
        """Retry the other rows in the domain, except locked ones."""
        rows = self.search(
            domain
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("stop", ">", fields.Datetime.now())
        )
        lock_rows(rows - self, wait=False)._reset_attempts()

    def _issue_anew(self):
        """Replace meetings that Zoom does not find."""
        bookings = self.booking_id
        self.write({"state": "removed", "problem": False, "next_attempt": False})
        self.flush_recordset()
        self._sync_with_bookings(bookings)

    def _notify_bookings(self, wait=True):
        """Tell the bookings that answers were recorded.

        :param bool wait: wait for bookings that somebody saves now
        :return list: ids of the rows that were left out
        """
        # Another worker may have recorded the same join link at the same time.
        self._withhold_shared()
        shared = self._get_sharing()
        bookings = self.booking_id
        free = bookings._on_join_link_changed(wait)
        left = self.filtered(lambda row: row.booking_id in bookings - free)
        return (left | (shared._get_disclosable() and self & shared)).ids

    # === THE STORY OF THE BOOKING === #

    def _take_chapter(self):
        return Chapter(
            self.state,
            self.problem,
            bool(self.join_url),
            self.start,
            self.duration,
            self.sent_start,
            self.sent_duration,
        )

    def _tell_story_since(self, before):
        """Tell in the history of the bookings what has happened to their meetings.

        :param dict before: row -> Chapter
        """
        now, happened = fields.Datetime.now(), {}
        for row, chapter in before.items():
            event = find_event(chapter, row._take_chapter(), row.stop <= now)
            if event and row.booking_id:
                happened[event] = happened.get(event, self.browse()) | row
        for event, rows in happened.items():
            hosts = {row.booking_id: row.zoom_user_id.name for row in rows}
            tell_story(
                rows.booking_id,
                event,
                hosts if event in ("issued", "limit") else None,
                again_after=LIMIT_TOLD_FOR if event == "limit" else None,
            )

    # === JOINING BY TELEPHONE === #

    def _get_phone_numbers(self):
        """How to join by telephone, in the countries that the type names now.

        :return tuple: of PhoneNumber, in the language of the environment
        """
        kept = self.dial_in or {}
        if not kept:
            return ()
        return tuple(
            PhoneNumber(
                country=country.name,
                url=phone_url(number["number"], self.zoom_id, self.phone_passcode),
                **number,
            )
            for country in self.booking_id.type_id.zoom_dial_in_country_ids
            for number in kept.get(country.code, ())
        )

    def _get_countries_without_number(self):
        """The chosen countries of which Zoom has named no telephone number."""
        kept = self.sudo().dial_in or {}
        chosen = self.sudo().booking_id.type_id.zoom_dial_in_country_ids
        return chosen.filtered(lambda country: kept.get(country.code) == [])

    @api.model
    def _read_phone_numbers(self, types):
        """Read the meetings whose pages tell telephone numbers: others are chosen now.

        All are read before a mail anyway.

        :param types: resource.booking.type
        """
        rows = search_issued(self.env, Domain("type_id", "in", types.ids)).filtered(
            lambda row: row.dial_in or row.booking_id._is_join_link_disclosed()
        )
        if rows:
            lock_rows(rows)._check_now()

    # === READING BEFORE A MAIL === #

    def _get_accepted_facts(self):
        """What Zoom has answered of the meeting, as far as it is known."""
        return get_accepted_facts(self._take_snapshot())

    def _plan_check(self):
        """Plan the next reading from Zoom, shortly before a reminder or the start."""
        now = fields.Datetime.now()
        # The booking may have been deleted while its meeting was created.
        wanted = self.filtered(lambda row: row.booking_id and row.zoom_id)
        for row in wanted.filtered(lambda row: row.state in CURRENT_STATES):
            if row.check_at and (
                row.check_at <= now or row.check_at == row.next_attempt
            ):
                # Due, or put off in an outage: it is planned again afterwards.
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
        """Have the meetings read from Zoom at once."""
        self.check_at = fields.Datetime.now()
        self._trigger_sync()

    def _is_fresh(self):
        """Whether the meeting was read a moment ago and found."""
        return bool(
            self.checked_at
            and self.checked_at > fields.Datetime.now() - READ_WITHIN
            and not self.missing_since
        )

    def _can_be_read(self):
        """Whether the scheduled action would read the meeting."""
        return bool(
            self._is_usable()
            and self.zoom_user_id.connected
            and self.problem != "not_linked"
        )

    def _get_awaited_since(self):
        """Since when a mail waits for a reading, None if none waits."""
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
        """Whether the meeting must be read before a mail with its join link goes out."""
        return (
            not self._is_fresh()
            and self._can_be_read()
            and not self._get_awaited_since()
        )

    def _awaits_reading(self, last_moment):
        """Whether a mail with the join link is held until the meeting was read.

        An outage holds it for some minutes at most.

        :param last_moment: when a held mail goes out at last, naive UTC
        """
        if self._is_fresh() or not self._can_be_read():
            return False
        since = self._get_awaited_since()
        if not since:
            return True
        if not self.check_at:
            # Reading it was given up.
            return False
        return is_check_awaited(
            last_moment,
            fields.Datetime.now(),
            awaited_since=since,
            is_missing=bool(self.missing_since),
        )

    def _read_if_stale(self):
        """Have meetings read whose join links have just been sent."""
        stale = self.filtered(lambda row: not row._is_fresh() and row._can_be_read())
        if stale:
            stale._check_now()

    def _ask_before_mail(self):
        """Have the meetings read at once, since mails wait for it.

        :return list: when to try the mails again, naive UTC
        """
        free = lock_rows(self, wait=False)
        asked = free.filtered(lambda row: row._is_to_be_read())
        now, moments = fields.Datetime.now(), []
        if asked:
            # A missing meeting is read again only after GONE_WAIT.
            asked.filtered(
                lambda row: not (row.missing_since and row.check_at)
            )._check_now()
            asked.awaited_since = now
            moments = [now + ISSUE_TIME, now + LONGEST_HOLD]
        if free != self:
            # The others are locked by somebody.
            moments.append(now + timedelta(seconds=5))
        return moments

    # === STARTING === #

    def _ask_for_start_url(self):
        """Ask Zoom how to start the meeting as its host.

        :return str: never stored, never logged
        :raise UserError: says why it cannot be started
        """
        host = self.zoom_user_id
        try:
            link = host.account_id._call_zoom(
                lambda client: client.get_start_link(self.zoom_id)
            )
        except zoom.ZoomMeetingGone as error:
            self._check_now()
            raise UserError(
                self.env._(
                    "Zoom does not find the meeting. Odoo asks Zoom again now and, if it "
                    "is gone, creates a new one. Please try again in a few minutes."
                )
            ) from error
        except zoom.ZoomError as error:
            raise UserError(advice(self.env, error)) from error
        if link.host_id != host.zoom_id:
            raise UserError(
                self.env._(
                    "In Zoom, somebody else than %(host)s hosts this meeting now. Ask a "
                    "booking manager to change the host of the booking.",
                    host=host.name,
                )
            )
        return link.url

    # === JOIN LINKS THAT ARE SHARED === #
    #
    # Two customers must never meet in one room. A host who schedules with the personal
    # meeting ID has one room for all meetings, and Zoom answers its link for each.

    def _withhold_shared(self, foreign=False):
        """Withdraw join links that open more than one meeting, and replace the meetings.

        :param bool foreign: Zoom's link opens another meeting
        """
        current = self.filtered(lambda row: row.state in CURRENT_STATES)
        shared = current._get_sharing()
        withheld = current if foreign else (current & shared)._get_disclosable()
        # Do not wait for locks on other rows.
        others = lock_rows((shared - self)._get_disclosable(), wait=False)
        for row in withheld | others:
            row._withhold()
        withheld._check_meetings_of_host()

    def _get_disclosable(self):
        """The rows whose join link could be given to somebody."""
        return self.filtered(lambda row: row.state in CURRENT_STATES and row.join_url)

    def _is_number_shared(self, numbers):
        """Whether another meeting of any company has one of these numbers.

        :param list numbers: of the meeting that this row keeps; may be empty
        """
        now = fields.Datetime.now()
        return self.stop > now and bool(
            self.search_count(
                Domain("zoom_id", "in", numbers)
                & Domain("id", "!=", self.id)
                & self._get_sharing_domain(),
                limit=1,
            )
        )

    @api.model
    def _get_sharing_domain(self):
        """Rows whose number must be unique."""
        return Domain("state", "!=", "removed") & Domain(
            "stop", ">", fields.Datetime.now()
        )

    def _get_sharing(self):
        """All rows, of any company, that share a number with one of these."""
        numbers = self.filtered("zoom_id").mapped("zoom_id")
        if not numbers:
            return self.browse()
        rows = self.search(
            Domain("zoom_id", "in", numbers) & self._get_sharing_domain()
        )
        return self.browse().union(
            *(same for same in rows.grouped("zoom_id").values() if len(same) > 1)
        )

    def _withhold(self):
        """Withdraw the join link; replace the meeting, but only once."""
        self.ensure_one()
        _logger.warning(
            "Meeting row %s: its join link also opens another meeting", self.id
        )
        booking = self.booking_id
        wanted = booking and booking._needs_zoom_meeting()
        if wanted and not self.reissue_count and self.start > fields.Datetime.now():
            values = booking._prepare_zoom_meeting_vals()
            self._replace({**self._keep_what_holds(values), "reissue_count": 1})
            return
        self.write(
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
        self.state = self._get_state()

    def _check_meetings_of_host(self):
        """Have the other meetings of these hosts read: they may share the link by now."""
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
                "|",
                ("checked_at", "=", False),
                ("checked_at", "<", lately),
            ]
        )
        free = lock_rows(others, wait=False)
        if free:
            free._check_now()

    # === JOIN LINKS KNOWN TO SOMEBODY WHO LEFT === #

    def _replace_or_keep(self):
        """Replace these meetings, except those whose host has no request left today.

        :return dict: booking -> until when it keeps its meeting, None if it does not
        """
        kept = {}
        for row in self:
            kept[row.booking_id] = None
            if row.state != "removing" and row._may_create_now():
                values = row.booking_id._prepare_zoom_meeting_vals()
                row._replace(row._keep_what_holds(values))
                self._trigger_sync()
            else:
                kept[row.booking_id] = row.zoom_user_id._get_next_reset()
        return kept

    def _may_create_now(self):
        """Whether a creation for this host is possible today."""
        host = self.zoom_user_id
        reset = host._get_next_reset()
        limit = host.account_id._daily_limit_for(self._is_urgent(reset))
        count = self.env["booking.zoom.request.count"]._get_today(host)
        return (
            host.connected
            and host._can_host()
            and not count.limit_reached
            and count.total < limit
            and not self._get_account_pause()
        )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("stop", "<", before)])
