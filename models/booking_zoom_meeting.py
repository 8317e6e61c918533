# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import chain, combinations
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..const import CHECK_BEFORE, CURRENT_STATES
from ..tools.zoom_payload import format_meeting_id

# What Zoom is told of a meeting: field of the row -> field of what Zoom accepted.
SENT_FIELDS = {
    "start": "sent_start",
    "duration": "sent_duration",
    "topic": "sent_topic",
}


class Span(NamedTuple):
    """A time, naive UTC, at which a Zoom user hosts a booking."""

    host_id: int
    start: datetime
    stop: datetime
    booking_id: int


ENGINE = "base.group_system"
HOST_PROBLEMS = ("no_host", "host_inactive")
# Ended by what happens to the account or its users, not to the booking.
RESUMABLE = ("not_linked", "scope_missing", "account_limit", "host_refused")


class BookingZoomMeeting(models.Model):
    """One Zoom meeting: what should be, and what Zoom has accepted.

    It outlives its booking, because only it knows what must be deleted in Zoom.
    """

    _name = "booking.zoom.meeting"
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
    disclosed_at = fields.Datetime(string="Link sent on", readonly=True)

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
    attempt_count = fields.Integer(string="Tries", readonly=True)
    last_attempt = fields.Datetime(string="Last try", readonly=True)
    next_attempt = fields.Datetime(string="Next try", readonly=True)
    # Of the scheduled action alone; the group keeps them out of people's filters.
    parked = fields.Boolean(
        readonly=True,
        groups=ENGINE,
        help="Not tried again before somebody changes something.",
    )
    claimed_until = fields.Datetime(readonly=True, groups=ENGINE)
    mark = fields.Char(readonly=True, copy=False, exportable=False, groups=ENGINE)
    posted_at = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="When a creation was sent whose outcome is not known yet.",
    )
    search_misses = fields.Integer(readonly=True, groups=ENGINE)
    gone_count = fields.Integer(readonly=True, groups=ENGINE)
    check_at = fields.Datetime(
        string="Next check",
        readonly=True,
        help="When the meeting is read back from Zoom, where somebody may have changed "
        "or deleted it.",
    )
    checked_for = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="The reminder before which the meeting was read back.",
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
            title = booking.name or booking._get_name_formatted(
                booking.partner_ids[:1], booking.type_id
            )
            meeting.booking_title = title if booking else meeting.display_name

    @api.depends("start")
    def _compute_starts_before_reset(self):
        reset = self.env["booking.zoom.user"]._get_next_reset()
        for meeting in self:
            meeting.starts_before_reset = meeting.start < reset

    @api.depends("problem", "problem_detail", "zoom_user_id")
    @api.depends_context("lang")
    def _compute_problem_message(self):
        for meeting in self:
            sentence = meeting._get_problem_sentence()
            if sentence and meeting.problem_detail:
                sentence = f"{sentence} ({meeting.problem_detail})"
            meeting.problem_message = sentence

    def _has_foreign_host(self):
        """Whether a Zoom user is bound, but one of another company."""
        return bool(self.sudo().booking_id.combination_id.zoom_user_id)

    def _get_problem_sentence(self):
        """What is wrong and what to do, in the reader's language."""
        host = self.sudo().zoom_user_id.display_name
        if self.problem == "no_host" and self._has_foreign_host():
            return self.env._(
                "The Zoom user that is bound belongs to another company. Choose one of "
                "the company of the booking type."
            )
        return {
            "no_host": self.env._(
                "Nobody hosts this booking in Zoom. Bind a Zoom user to its resource "
                "or combination, or choose a default Zoom user on the booking type."
            ),
            "host_inactive": self.env._(
                "The Zoom user %(host)s cannot host the meeting. Check the user in "
                "Zoom, or bind another Zoom user.",
                host=host,
            ),
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
        }.get(self.problem, False)

    # === ACTION METHODS === #

    def action_retry(self):
        """Try again now what is stuck or waits; limits of Zoom still hold."""
        self.check_access("read")
        self.env["resource.booking"].check_access("write")
        rows = self.sudo().filtered(lambda row: row.state not in ("ready", "removed"))
        rows._sync_with_bookings(rows.booking_id)
        rows._reset_attempts()
        self._trigger_sync()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Zoom is asked again in a moment."),
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
            for row in self.search(
                [("booking_id", "in", bookings.ids), ("state", "in", CURRENT_STATES)]
            )
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
        if not values["zoom_user_id"] and (self.zoom_id or self.posted_at):
            return {**values, "zoom_user_id": self.zoom_user_id.id}
        return values

    def _moves_to(self, zoom_user_id):
        """Whether an issued meeting would need another host, which Zoom cannot do."""
        issued = self.zoom_id or self.posted_at
        return bool(issued and self.zoom_user_id.id != zoom_user_id)

    def _want(self, values):
        """Note what is wanted now.

        :return: the current row if anything differs from before, else nothing
        """
        if self._moves_to(values["zoom_user_id"]):
            return self._replace(values)
        changes = {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        self.write(changes)
        host_problem = self._get_host_problem()
        if changes or (
            host_problem != self.problem
            and (host_problem or self.problem in HOST_PROBLEMS)
        ):
            self._reset_attempts()
            return self
        return self.browse()

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
            issued = row.zoom_id or row.posted_at
            row.state = "removing" if issued else "removed"
        self._reset_attempts()
        if any(self.mapped("disclosed_at")):
            # People know this link: they are told that it works no longer.
            self.env["resource.booking"]._get_reminder_cron()._trigger()

    def _reset_attempts(self):
        """Forget earlier failures: something has changed."""
        for row in self:
            row.write(
                {
                    "state": row._get_state(),
                    "problem": row._get_host_problem(),
                    "problem_detail": False,
                    "attempt_count": 0,
                    "next_attempt": False,
                    "parked": False,
                }
            )

    def _get_state(self):
        """The state that follows from what is wanted and what Zoom has accepted."""
        if self.state in ("removing", "removed"):
            return self.state
        if not self.zoom_id:
            return "waiting"
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

        No row has none.
        """
        return bool(self.join_url and self.state in ("ready", "changed"))

    def _plan_check(self):
        """Have the meetings read back from Zoom shortly before their next reminder."""
        now = fields.Datetime.now()
        for row in self:
            moments = row.booking_id._get_reminder_moments()
            done = row.checked_for if row.checked_for in moments else now
            if row.check_at and row.checked_for in moments:
                continue
            following = [at for at in moments if at > max(now, done)]
            if following:
                reminder = min(following)
                row.write(
                    {"check_at": reminder - CHECK_BEFORE, "checked_for": reminder}
                )

    def _check_now(self):
        """Have the meetings read back from Zoom at once, as after a webhook."""
        self.write({"check_at": fields.Datetime.now(), "checked_for": False})
        self._trigger_sync()

    @api.model
    def _resume(self, domain):
        """Work again the rows in the domain that an account-wide problem stopped."""
        self.search(
            Domain(domain)
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("problem", "in", RESUMABLE)
        )._reset_attempts()

    @api.model
    def _trigger_sync(self):
        self.env.ref("resource_booking_zoom.ir_cron_sync_meetings").sudo()._trigger()

    # === OVERLAPS === #

    def _takes_other_time(self, values):
        """Whether a row, or a new one, would take time of a host that it has not."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != values[name]
            for name in ("zoom_user_id", "start", "duration")
        )

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
            Span(row.zoom_user_id.id, row.start, row.stop, row.booking_id.id)
            for row in chain.from_iterable(busy.values())
            if row.booking_id.id not in rewritten
        ]
        clashes = {
            (one, other)
            for one, other in combinations(spans, 2)
            if one.host_id == other.host_id
            and one.start < other.stop
            and other.start < one.stop
        }
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
        """Current rows by Zoom user that overlap a span of time, in one query.

        :param start: naive UTC
        :param stop: naive UTC
        :return: dict of Zoom user to rows
        """
        rows = self.sudo().search_fetch(
            [
                ("zoom_user_id", "in", zoom_users.ids),
                ("state", "in", CURRENT_STATES),
                ("start", "<", stop),
                ("stop", ">", start),
                ("booking_id", "!=", except_booking_id or False),
            ],
            # a month of a busy company is 10,000 rows
            ["zoom_user_id", "start", "stop", "booking_id"],
        )
        return defaultdict(self.browse, rows.grouped("zoom_user_id"))

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
