# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models

from ...tools.zoom_payload import format_meeting_id

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


ENGINE = "base.group_system"


class BookingZoomMeeting(models.Model):
    """One Zoom meeting: what should be, and what Zoom has accepted.

    It outlives its booking, because only it knows what must be deleted in Zoom.
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
    wanted_at = fields.Datetime(
        string="Wanted since",
        default=fields.Datetime.now,
        readonly=True,
        groups=ENGINE,
    )
    attempt_count = fields.Integer(string="Tries", readonly=True)
    last_attempt = fields.Datetime(string="Last try", readonly=True)
    next_attempt = fields.Datetime(string="Next try", readonly=True)
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

    def _get_booking_url(self):
        """Where the reader of a mail finds the booking, see resource.booking."""
        booking = self.booking_id
        return booking._get_backend_url() if booking else ""

    @api.depends("start")
    def _compute_starts_before_reset(self):
        reset = self.env["booking.zoom.user"]._get_next_reset()
        for meeting in self:
            meeting.starts_before_reset = meeting.start < reset

    @api.depends("problem", "problem_detail", "zoom_user_id", "next_attempt")
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
