# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta
from itertools import chain

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ... import exceptions as zoom
from ...const import (
    CLAIM_DURATION,
    CURRENT_STATES,
    ISSUE_TIME,
    KEPT_FOR,
    LONGEST_PAUSE,
)
from ...engine.decide import Row, get_state
from ...engine.facts import find_differences
from ...engine.overlaps import Span, find_clashes
from ...engine.problems import (
    ENDED_BY_CONNECTING,
    RESUMABLE,
    SEEN_IN_ODOO,
    WITHHOLDING_LINK,
)
from ...engine.story import Chapter, find_event
from ...engine.sync_run import ZoomSyncRun
from ...tools.zoom_payload import format_meeting_id, parse_meeting_id, phone_url
from ...utils import (
    PhoneNumber,
    TimeTaken,
    delete_some,
    in_own_transaction,
    is_customer,
    lock_rows,
    tell_story,
    undone_if_refused,
)
from .claims import can_create_today
from .host_changes import leave_hosts, tell_host_changed
from .host_finder import make_span, read_entered
from .meeting_words import (
    describe_clash,
    describe_differences,
    describe_problem,
    describe_wait,
)
from .retry import choose_to_ask, notify_of_retry
from .sync_port import SyncPort
from .wanted import keep_what_holds, prepare_wanted
from .zoom_advice import advice

_logger = logging.getLogger(__name__)

# Nothing chosen: as in Zoom.
SWITCH = [("on", "On"), ("off", "Off")]
# Changes of these may be worth a line in the booking's history.
CHAPTER_FIELDS = {"state", "problem", "join_url", "sent_start", "sent_duration"}
# Waiting for a limit is told once a day.
LIMIT_TOLD_FOR = timedelta(days=1)
# Only the scheduled action uses these fields: the group hides them from filters.
ENGINE = "base.group_system"
# The fields that say which host is taken, and when.
OCCUPIED = {"zoom_user_id", "start", "duration"}

# The row's pause, in SQL.
PAUSE = "coalesce(pause, 0) * interval '1 minute'"


def one_at_a_time(occupied):
    """
    :param str occupied: SQL, when the meeting occupies its host: start and end
    """
    return models.Constraint(
        "EXCLUDE USING gist ("
        "int4range(zoom_user_id, zoom_user_id, '[]') WITH &&, "
        f"tsrange({occupied}) WITH &&) "
        "WHERE (zoom_user_id IS NOT NULL AND state NOT IN ('removing', 'removed'))",
        "The Zoom user hosts another booking at this time, or just before or after it. "
        "Please choose another time.",
    )


class BookingZoomMeeting(models.Model):
    """One Zoom meeting: what is wanted, and what Zoom has accepted.

    A row outlives its booking, because only the row knows what must be deleted in Zoom.

    The scheduled action commits before each request ("about to") and after it ("this came
    back"), each in a short transaction. So a worker may die at any moment, and nothing is
    done twice.

    Beside this file: `wanted` says which values a row should have, `claims` what is done
    before a request, `outcomes` after it, `readings` when a meeting is read again,
    `shared_links` what follows if its link is not its own.
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
        help="The host has no other meeting within this time before and after this one. "
        "As it was set when the booking got its time.",
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
            ("request_limit", "Daily limit of other requests"),
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
    wait_message = fields.Char(
        string="When Zoom is told", compute="_compute_wait_message"
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
    _host_free = one_at_a_time(f"start, stop + {PAUSE}")
    _host_free_before = one_at_a_time(f"start - {PAUSE}, stop")

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

    def _get_booking_url(self):
        """Where the reader of a mail finds the booking, see resource.booking."""
        booking = self.booking_id
        return booking._get_backend_url() if booking else ""

    @api.depends("start")
    def _compute_starts_before_reset(self):
        reset = self.env["booking.zoom.user"]._get_next_reset()
        for meeting in self:
            meeting.starts_before_reset = meeting.start < reset

    @api.depends(
        *("problem", "problem_detail", "zoom_user_id", "next_attempt"),
        *("state", "start", "unanswered_since"),
    )
    @api.depends_context("lang")
    def _compute_problem_message(self):
        for meeting in self:
            meeting.problem_message = describe_problem(meeting)

    @api.depends(
        "state", "problem", "next_attempt", "claimed_at", "start", "stop", "only_held"
    )
    @api.depends_context("lang", "tz")
    def _compute_wait_message(self):
        now = fields.Datetime.now()
        for meeting in self:
            meeting.wait_message = describe_wait(meeting, now)

    @api.depends(
        "state", "answered", "topic", "waiting_room", "join_before_host", "dial_in"
    )
    @api.depends_context("lang")
    def _compute_difference_message(self):
        for meeting in self:
            meeting.difference_message = describe_differences(
                self.env, *meeting._find_differences()
            )

    # === CRUD METHODS === #

    def write(self, vals):
        """Tell bookings whose meeting cannot be created now, and their story."""
        if CHAPTER_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {row: row._take_chapter() for row in self}
        result = super().write(vals)
        stuck = self.filtered(
            lambda row: (
                vals.get("problem")
                and before[row].state == "waiting"
                and not before[row].problem
            )
        )
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
        asked, left = choose_to_ask(waiting.sorted("start"))
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
        wanted = []
        for booking, values in prepare_wanted(needing, times_chosen, entered).items():
            row = rows.get(booking, self.browse())
            wanted.append((row, values, row._get_changes(values)))
        self._check_host_free(
            [
                values
                for _row, values, changes in wanted
                if not OCCUPIED.isdisjoint(changes)
            ]
        )
        # Nothing is written without need: it might conflict with recording an answer.
        touched = {
            row: (values, changes)
            for row, values, changes in wanted
            if row and (changes or row._has_other_host_problem())
        }
        # The scheduled action may be recording one now: lock before writing.
        changed = lock_rows(unwanted.union(*touched))
        # Free times first: the database refuses overlaps at each statement.
        unwanted._retire()
        unwanted.flush_recordset()
        for row, (values, changes) in touched.items():
            if row._moves_to(values["zoom_user_id"]):
                changed |= row._replace(values)
            else:
                row.write(changes)
                row._reset_attempts()
        changed.flush_recordset()
        changed |= self._add([values for row, values, _changes in wanted if not row])
        changed.flush_recordset()
        if changed:
            self._trigger_sync()

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
    def _add(self, vals_list):
        """Create rows, with the problem when nobody can host them."""
        rows = self.create(vals_list)
        for row in rows:
            row.problem = row._get_host_problem()
        return rows

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

    def _has_other_host_problem(self):
        """Whether a problem of the host has begun or ended."""
        problem = self._get_host_problem()
        return problem != self.problem and bool(problem or self.problem in SEEN_IN_ODOO)

    def _replace(self, values):
        """Have a new meeting created; this one is deleted when that one is ready.

        :param dict values: of the new row
        :return: the new row
        """
        self._retire()
        self.flush_recordset()
        self.successor_id = self._add([values])
        former, host = self.zoom_user_id, self.successor_id.zoom_user_id
        if former != host:
            tell_host_changed(self.successor_id, former)
        # Those that waited for this one now wait for the new one.
        self.search(
            [("successor_id", "=", self.id), ("state", "=", "removing")]
        ).successor_id = self.successor_id
        return self.successor_id

    def _issue_another(self, **values):
        """Replace the meeting by one that has the same time and host.

        :param values: of the new row, besides
        """
        wanted = self.booking_id._prepare_zoom_meeting_vals()
        self._replace({**keep_what_holds(self, wanted), **values})

    def _retire(self):
        """The meeting is no longer wanted: delete it in Zoom."""
        for row in self:
            issued = row.zoom_id or row.unanswered_since
            row.state = "removing" if issued else "removed"
        self._reset_attempts()
        if any(self.mapped("disclosed_at")):
            # People have this link. They learn that it no longer works.
            self.booking_id._on_join_link_unavailable()

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

    # === THE ROW AS IT IS === #

    def _take_snapshot(self, **surroundings):
        """The row as plain data, for the engine.

        :param surroundings: what else is known around it, by names of `engine.decide.Row`
        :rtype: Row
        """
        names = Row.__dataclass_fields__.keys() & self._fields.keys()
        values = {name: None if self[name] is False else self[name] for name in names}
        answered = dict(self.answered or {})
        if answered.get("start"):
            answered["start"] = fields.Datetime.to_datetime(answered["start"])
        values.update(
            answered=answered,
            host_problem=self._get_host_problem() or None,
            reset=self.env["booking.zoom.user"]._get_next_reset(),
        )
        return Row(**{**values, **surroundings})

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

    def _is_issued(self):
        """Whether Zoom has the meeting, or may have it. False for an empty recordset."""
        return self.state in CURRENT_STATES and bool(
            self.zoom_id or self.unanswered_since
        )

    def _is_usable(self):
        """Whether the join URL may be given to people. False for an empty recordset.

        Nobody can join the meeting of a Zoom user who can no longer host.
        """
        return bool(
            self.join_url
            and self.state in ("ready", "changed")
            and self.problem not in WITHHOLDING_LINK
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

    def _find_differences(self):
        """What Zoom has otherwise than it was told, see `describe_differences`."""
        row = self.sudo()
        kept, chosen = (
            row.dial_in or {},
            row.booking_id.type_id.zoom_dial_in_country_ids,
        )
        missing = chosen.filtered(lambda country: kept.get(country.code) == [])
        return find_differences(row._take_snapshot()), missing

    # === WORK ANEW === #

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

    def _weigh_again(self):
        """Decide again when postponed changes are sent, since reminders have changed."""
        postponed = self.filtered(
            lambda row: (
                row.state in ("waiting", "changed")
                and not row.problem
                and row.next_attempt
            )
        )
        if postponed:
            postponed.next_attempt = False
            self._trigger_sync()

    def _tell_anew(self):
        """Have Zoom told what the types of the bookings say now."""
        for row in lock_rows(self):
            told = row.booking_id._prepare_zoom_told_vals()
            row.write(row._get_changes(told))
            row._reset_attempts()
        self._trigger_sync()

    def _check_now(self):
        """Have the meetings read from Zoom at once."""
        self.check_at = fields.Datetime.now()
        self._trigger_sync()

    @api.model
    def _get_sync_cron(self):
        return self.env.ref("resource_booking_zoom.ir_cron_sync_meetings").sudo()

    @api.model
    def _trigger_sync(self):
        self._get_sync_cron()._trigger()

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
        leave_hosts(self)
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
                ("problem", "in", ENDED_BY_CONNECTING),
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
                in_own_transaction(batch, sync_again)
            except Exception:
                _logger.exception("Bookings %s could not be reconciled", batch.ids)

    @api.model
    def _plan_next_run(self, skipped_ids=()):
        """Wake the action for what is left, or when the next row becomes due.

        :param skipped_ids: rows that could not be worked in this run
        """
        cron = self._get_sync_cron()
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

    # === JOIN LINKS KNOWN TO SOMEBODY WHO LEFT === #

    def _replace_or_keep(self):
        """Replace these meetings, except those whose host has no request left today.

        :return dict: booking -> until when it keeps its meeting, None if it does not
        """
        kept = {}
        for row in self:
            kept[row.booking_id] = None
            if row.state != "removing" and can_create_today(row):
                row._issue_another()
            else:
                kept[row.booking_id] = row.zoom_user_id._get_next_reset()
        self._trigger_sync()
        return kept

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("stop", "<", before)])


def sync_again(bookings):
    """Update the rows of bookings, of which some may have been deleted meanwhile."""
    bookings = bookings.exists()
    bookings.env["booking.zoom.meeting"]._sync_with_bookings(bookings)
    # Changing an alarm changes no event.
    bookings._on_reminders_changed()
