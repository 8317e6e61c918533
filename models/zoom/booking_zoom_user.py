# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, format_date, format_time

from ...const import BASIC_MEETING_MINUTES
from ...utils import RELOAD, show_message, time_in_words
from .cost_of_changes import warn_about_moves
from .meeting_words import say_when_and_who
from .zoom_overview import (
    MEETINGS_TO_COME,
    MEETINGS_TODAY,
    MEETINGS_WAITING,
    make_graph,
    say_counts,
)

_logger = logging.getLogger(__name__)

# What a Zoom user can be bound to; each has a field ``zoom_user_id``.
BOUND_MODELS = (
    "resource.resource",
    "resource.booking.combination",
    "resource.booking.type",
    "booking.zoom.host",
)


class BookingZoomUser(models.Model):
    _name = "booking.zoom.user"
    _inherit = ["booking.unlogged"]
    _description = "Zoom User"
    _order = "name, id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "booking.zoom.account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    zoom_account_id = fields.Char(
        string="Zoom account ID",
        readonly=True,
        help="The Zoom account that this user belongs to.",
    )
    connected = fields.Boolean(
        compute="_compute_connected",
        store=True,
        help="Whether the Zoom account of this user is the connected one.",
    )
    zoom_id = fields.Char(string="Zoom user ID", required=True, readonly=True)
    email = fields.Char(readonly=True)
    name = fields.Char(required=True, readonly=True)
    license = fields.Selection(
        [("basic", "Basic"), ("licensed", "Licensed"), ("other", "Other")],
        readonly=True,
    )
    status = fields.Selection(
        [("active", "Active"), ("inactive", "Inactive"), ("pending", "Pending")],
        default="active",
        readonly=True,
    )
    active = fields.Boolean(default=True, readonly=True)
    resource_ids = fields.One2many(
        "resource.resource",
        "zoom_user_id",
        string="Hosts the meetings of",
        context={"active_test": False},
    )
    request_count_ids = fields.One2many("booking.zoom.request.count", "zoom_user_id")
    request_count_today = fields.Integer(
        string="Used today", compute="_compute_requests_today"
    )
    request_limit = fields.Integer(related="account_id.daily_request_limit")
    request_remaining_today = fields.Integer(
        string="Left today", compute="_compute_requests_today"
    )
    limit_reached = fields.Boolean(
        string="Paused until the next reset", compute="_compute_requests_today"
    )
    next_reset = fields.Datetime(
        compute="_compute_requests_today",
        help="Zoom restarts its count at 00:00 UTC.",
    )
    limit_message = fields.Text(
        string="Daily limit",
        compute="_compute_limit_message",
        help="Why this Zoom user is paused, and until when.",
    )
    problem_message = fields.Text(string="Problem", compute="_compute_problem_message")
    broken_binding = fields.Text(
        string="Broken",
        compute="_compute_broken_binding",
        help="Why this Zoom user cannot host what is bound to it.",
    )
    consequence = fields.Text(string="Resulting hosts", compute="_compute_consequence")
    limited_meeting_ids = fields.Many2many(
        "booking.zoom.meeting",
        string="Delayed by the daily limit",
        compute="_compute_limited_meeting_ids",
    )
    lost_reason = fields.Selection(
        [
            ("deactivated", "Deactivated in Zoom"),
            ("pending", "Invited in Zoom, but has not accepted"),
            ("deleted", "No longer a user of the Zoom account"),
        ],
        string="Why it cannot host",
        readonly=True,
    )
    # Zoom has refused to let this user host since its users were last fetched: others of
    # a list go before.
    is_refused = fields.Boolean(
        string="Refused by Zoom",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    is_broken = fields.Boolean(
        string="Broken binding",
        compute="_compute_is_broken",
        search="_search_is_broken",
        help="It hosts bookings, but is no longer active in Zoom.",
    )
    reset_message = fields.Char(
        string="Time of reset", compute="_compute_reset_message"
    )
    today_count = fields.Integer(
        string="Meetings today",
        compute="_compute_meeting_figures",
        search="_search_today_count",
    )
    next_meeting_id = fields.Many2one(
        "booking.zoom.meeting",
        string="Next meeting",
        compute="_compute_meeting_figures",
    )
    next_message = fields.Char(
        string="Time and customer of the next meeting",
        compute="_compute_meeting_figures",
    )
    waiting_count = fields.Integer(
        string="Meetings that wait",
        compute="_compute_meeting_figures",
        search="_search_waiting_count",
    )
    waiting_message = fields.Char(
        string="Why they wait", compute="_compute_meeting_figures"
    )
    requests_graph = fields.Text(
        string="Requests of the last 30 days", compute="_compute_requests_graph"
    )
    # Evidence, and no mark of a mail: see `user_list`.
    doubted_at = fields.Datetime(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="When Zoom first reported several users at once as lost, this one included.",
    )
    hosted_meeting_ids = fields.Many2many(
        "booking.zoom.meeting",
        string="Meetings to come",
        compute="_compute_hosted_meeting_ids",
    )

    _zoom_id_unique = models.Constraint(
        "UNIQUE(account_id, zoom_id)", "This Zoom user is already listed."
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "email")
    @api.depends_context("uid", "allowed_company_ids", "zoom_user_name_only")
    def _compute_display_name(self):
        # The name of a many2one is read as superuser, also by those who may not read
        # the Zoom user: combinations and resources can serve several companies.
        readable = self.sudo(False)._filtered_access("read")
        short = self.env.context.get("zoom_user_name_only")
        for user in self:
            if user not in readable:
                user.display_name = self.env._("Zoom user of another company")
            elif user.email and not short:
                user.display_name = f"{user.name} <{user.email}>"
            else:
                user.display_name = user.name

    @api.depends(
        "zoom_account_id", "account_id.connected_zoom_account_id", "account_id.state"
    )
    def _compute_connected(self):
        for user in self:
            account = user.account_id
            user.connected = (
                account.state == "connected"
                and account.connected_zoom_account_id == user.zoom_account_id
            )

    @api.depends(
        "request_count_ids.total",
        "request_count_ids.limit_reached",
        "account_id.daily_request_limit",
    )
    def _compute_requests_today(self):
        counts = {
            count.zoom_user_id: count
            for count in self.env["booking.zoom.request.count"].sudo()._get_today(self)
        }
        for user in self:
            count = counts.get(user._origin)
            user.request_count_today = count.total if count else 0
            left = max(user.request_limit - user.request_count_today, 0)
            # Zoom also counts the requests of other programs.
            user.limit_reached = not left or bool(count and count.limit_reached)
            user.request_remaining_today = 0 if user.limit_reached else left
            user.next_reset = self._get_next_reset()

    @api.depends(
        "request_count_ids.total",
        "request_count_ids.limit_reached",
        "account_id.daily_request_limit",
    )
    @api.depends_context("lang", "tz")
    def _compute_limit_message(self):
        counts = self.env["booking.zoom.request.count"].sudo()._get_today(self)
        refused = counts.filtered("limit_reached").zoom_user_id
        until = time_in_words(self.env, self._get_next_reset())
        for user in self:
            user.limit_message = False
            if user._origin in refused:
                user.limit_message = self.env._(
                    "Zoom refused a request because of the daily limit of this Zoom "
                    "user. Odoo has counted %(count)s requests today: other programs "
                    "use the limit, too. Waiting meetings are created automatically "
                    "from %(time)s.",
                    count=user.request_count_today,
                    time=until,
                )
            elif user.limit_reached:
                user.limit_message = self.env._(
                    "All requests for today are used. Waiting meetings are created "
                    "automatically from %(time)s.",
                    time=until,
                )

    @api.depends("broken_binding", "limit_message")
    def _compute_problem_message(self):
        for user in self:
            said = filter(None, (user.broken_binding, user.limit_message))
            user.problem_message = "\n".join(said)

    @api.depends("active", "resource_ids")
    def _compute_is_broken(self):
        bound = self._get_bound()
        for user in self:
            user.is_broken = not user.active and bool(
                user.resource_ids or user._origin in bound
            )

    @api.model
    def _search_is_broken(self, operator, value):
        if operator != "in":
            return NotImplemented
        gone = self.with_context(active_test=False).search([("active", "=", False)])
        broken = Domain("id", "in", gone._get_bound().ids)
        return broken if True in value else ~broken

    @api.depends("is_broken")
    def _compute_broken_binding(self):
        for user in self:
            user.broken_binding = user.is_broken and self.env._(
                "This user is no longer active in Zoom. Choose another Zoom user for what "
                "it hosts."
            )

    @api.depends("resource_ids")
    def _compute_consequence(self):
        """Say which combinations and booking types this Zoom user hosts."""
        # Who manages Zoom users may have no right to read bookings.
        combinations = self.env["resource.booking.combination"].sudo()
        types = combinations.env["resource.booking.type"].search(
            Domain("zoom_user_id", "in", self._origin.ids)
            | Domain("zoom_host_ids.zoom_user_id", "in", self._origin.ids)
        )
        for user in self:
            # In an unsaved form this says what saving would change.
            bindings = user._get_edited_bindings()
            concerned = combinations.search(
                Domain("zoom_user_id", "in", user._origin.ids)
                | Domain("zoom_host_ids.zoom_user_id", "in", user._origin.ids)
                | Domain("resource_ids", "in", [resource.id for resource in bindings])
            )
            hosts = {one: one._get_hosts(bindings) for one in concerned}
            lines = [
                self.env._("Hosts the combination “%(name)s”.", name=combination.name)
                for combination in concerned
                if hosts[combination] == user._origin
            ]
            lines += [
                self.env._(
                    "Is one of the Zoom users of the combination “%(name)s”.",
                    name=combination.name,
                )
                for combination in concerned
                if user._origin in hosts[combination] and len(hosts[combination]) > 1
            ]
            lines += [
                self.env._(
                    "The resources of “%(name)s” have different Zoom users, so none of "
                    "them hosts. Choose one on the combination.",
                    name=combination.name,
                )
                for combination in concerned
                if not hosts[combination]
                and user._origin in combination._get_bound_hosts(bindings)
            ]
            lines += [
                self.env._(
                    "Hosts bookings of type “%(name)s” whose combination has no Zoom "
                    "user.",
                    name=booking_type.name,
                )
                for booking_type in types
                if booking_type._get_own_zoom_hosts() == user._origin
            ]
            lines += [
                self.env._(
                    "Is one of the Zoom users of the booking type “%(name)s”.",
                    name=booking_type.name,
                )
                for booking_type in types
                if user._origin in booking_type._get_own_zoom_hosts()
                and len(booking_type._get_own_zoom_hosts()) > 1
            ]
            user.consequence = "\n".join(lines)

    @api.depends_context("limited_meeting_ids")
    def _compute_limited_meeting_ids(self):
        """The meetings that the reader of the mail may see, otherwise all that wait."""
        chosen = self.env.context.get("limited_meeting_ids")
        meetings = self.env["booking.zoom.meeting"].search(
            [("zoom_user_id", "in", self.ids), *self._get_limited_domain()]
        )
        if chosen is not None:
            meetings = meetings.filtered(lambda meeting: meeting.id in chosen)
        for user in self:
            user.limited_meeting_ids = meetings.filtered(
                lambda meeting, user=user: meeting.zoom_user_id == user
            )

    def _compute_hosted_meeting_ids(self):
        # Only those that the reader may read.
        hosted = self._get_hosted_meetings().with_env(self.env)._filtered_access("read")
        for user in self:
            user.hosted_meeting_ids = hosted.filtered(
                lambda row, user=user: row.zoom_user_id == user
            )

    @api.depends_context("lang", "tz")
    def _compute_reset_message(self):
        time = format_time(self.env, self._get_next_reset(), time_format="short")
        self.reset_message = self.env._("Resets at %(time)s", time=time)

    @api.depends_context("lang", "tz", "uid", "allowed_company_ids")
    def _compute_meeting_figures(self):
        """Count what the reader may open, in a number of queries that does not grow."""
        meetings = self.env["booking.zoom.meeting"]
        # Administrators of Odoo may have no right to read bookings.
        can_read = meetings.has_access("read")
        mine = Domain("zoom_user_id", "in", self.ids if can_read else [])
        if not can_read:
            meetings = meetings.sudo()
        labels = dict(meetings._fields["problem"]._description_selection(self.env))
        today = dict(
            meetings._read_group(mine & MEETINGS_TODAY, ["zoom_user_id"], ["__count"])
        )
        waiting = defaultdict(dict)
        for user, problem, count in meetings._read_group(
            mine & MEETINGS_WAITING, ["zoom_user_id", "problem"], ["__count"]
        ):
            # What has no problem comes in a moment.
            cause = labels[problem] if problem else ""
            waiting[user][cause] = waiting[user].get(cause, 0) + count
        coming = {
            user: (user, start)
            for user, start in meetings._read_group(
                mine & MEETINGS_TO_COME, ["zoom_user_id"], ["start:min"]
            )
        }
        starts = [start for _user, start in coming.values()]
        # A host has one meeting at a time.
        rows = {
            (row.zoom_user_id, row.start): row
            for row in meetings.search(
                mine & MEETINGS_TO_COME & Domain("start", "in", starts)
            )
        }
        for user in self:
            row = rows.get(coming.get(user._origin), meetings)
            user.today_count = today.get(user._origin, 0)
            user.next_meeting_id = row
            user.next_message = say_when_and_who(row) if row else False
            user.waiting_count = sum(waiting[user._origin].values())
            user.waiting_message = say_counts(waiting[user._origin])

    @api.model
    def _search_today_count(self, operator, value):
        return self._search_meeting_count(MEETINGS_TODAY, operator, value)

    @api.model
    def _search_waiting_count(self, operator, value):
        return self._search_meeting_count(MEETINGS_WAITING, operator, value)

    def _search_meeting_count(self, domain, operator, value):
        """Zoom users that have meetings in a domain; lists ask for no other number."""
        if (operator, value) != (">", 0):
            return NotImplemented
        groups = self.env["booking.zoom.meeting"]._read_group(domain, ["zoom_user_id"])
        return Domain("id", "in", [user.id for (user,) in groups])

    @api.depends_context("lang")
    def _compute_requests_graph(self):
        counts = self.env["booking.zoom.request.count"]
        totals = counts._get_totals_by_day(self)
        days = counts._get_last_days()
        labels = [format_date(self.env, day, date_format="MMM d") for day in days]
        for user in self:
            used = [totals.get((user._origin, day), 0) for day in days]
            user.requests_graph = make_graph(
                self.env._("Requests"), labels, used, user.request_limit
            )

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("resource_ids")
    def _onchange_resource_ids(self):
        bindings = self._get_edited_bindings()
        return warn_about_moves(
            self.env,
            Domain(
                "combination_id.resource_ids",
                "in",
                [resource.id for resource in bindings],
            ),
            lambda booking: booking.type_id._choose_zoom_hosts(
                booking.combination_id._get_hosts(bindings)
            ),
        )

    # === CRUD METHODS === #

    def write(self, vals):
        """Let people change only what a Zoom user hosts; the rest comes from Zoom.

        :raise AccessError:
        """
        if not self.env.su and not vals.keys() <= {"resource_ids"}:
            raise AccessError(
                self.env._(
                    "Zoom users are read-only here. Change them in Zoom, then fetch the "
                    "Zoom users."
                )
            )
        return super().write(vals)

    @api.model
    def get_empty_list_help(self, help_message):
        shown = super().get_empty_list_help(help_message)
        return f"{shown}{self.env['booking.zoom.account']._get_next_step_help()}"

    # === ACTION METHODS === #

    def action_sync(self):
        """Fetch the users of the accounts of these Zoom users."""
        accounts = self.account_id or self.env["booking.zoom.account"].search(
            [("company_id", "=", self.env.company.id), ("state", "=", "connected")]
        )
        return accounts.action_sync_users()

    def action_make_bookable(self):
        """Have each of these Zoom users host a person or room that can be booked.

        :return dict: a notification that says what comes next
        :raise UserError: none of them can host
        """
        able = self.filtered(lambda user: user._can_host())
        if not able:
            raise UserError(
                self.env._(
                    "Zoom does not let these users host now: %(names)s.",
                    names=", ".join(self.mapped("name")),
                )
            )
        combinations = able._make_bookable()
        return show_message(
            self.env._(
                "Can be booked now: %(names)s. Next, add the combination to a "
                "booking type.",
                names=", ".join(combinations.mapped("name")),
            ),
            then=RELOAD,
        )

    def action_open_today(self):
        """Open today's meetings of these Zoom users."""
        return self._open_meetings(self.env._("Meetings today"), MEETINGS_TODAY)

    def action_open_waiting(self):
        """Open the meetings of these Zoom users that wait for something."""
        return self._open_meetings(self.env._("Meetings that wait"), MEETINGS_WAITING)

    def action_open_next(self):
        """Open the booking of the next meeting of this Zoom user."""
        return self.next_meeting_id._open_booking()

    def action_open_requests(self):
        """Open the requests of these Zoom users, day by day."""
        return self.env["booking.zoom.request.count"]._open(self)

    # === BUSINESS METHODS === #

    def _make_bookable(self):
        """
        :return: a resource.booking.combination of each resource that they host
        """
        for company, users in self.grouped("company_id").items():
            users.with_company(company)._bind_own_resources()
        resources = self.resource_ids
        combinations = self.env["resource.booking.combination"]
        alone = combinations.search([("resource_ids", "in", resources.ids)]).filtered(
            lambda one: len(one.resource_ids) == 1
        )
        lacking = resources - alone.resource_ids
        return alone | combinations.create(
            [{"resource_ids": [Command.set(resource.ids)]} for resource in lacking]
        )

    def _bind_own_resources(self):
        """Give those a resource that host none: the person with their address, or a room.

        All are of the current company.
        """
        unbound = self.filtered(lambda user: not user.resource_ids)
        people = unbound._get_odoo_users()
        resources = self.env["resource.resource"]
        free = {}
        for resource in resources.search(
            [
                ("user_id", "in", [person.id for person in people.values()]),
                ("zoom_user_id", "=", False),
                ("company_id", "in", [self.env.company.id, False]),
            ]
        ):
            free.setdefault(resource.user_id, resource)
        lacking = []
        for user in unbound:
            person = people.get(user)
            if person in free:
                free.pop(person).zoom_user_id = user
            else:
                lacking.append(
                    {
                        "name": person.name if person else user.name,
                        "resource_type": "user" if person else "material",
                        "user_id": person and person.id,
                        "company_id": self.env.company.id,
                        "zoom_user_id": user.id,
                    }
                )
        resources.create(lacking)

    def _get_odoo_users(self):
        """The active Odoo users of the current company with the same addresses.

        :return dict: booking.zoom.user -> res.users
        """
        addresses = {user: email_normalize(user.email or "") for user in self}
        found = self.env["res.users"].search(
            [
                ("email_normalized", "in", [one for one in addresses.values() if one]),
                ("share", "=", False),
                ("company_ids", "in", self.env.company.ids),
            ],
            order="id desc",
        )
        by_address = {person.email_normalized: person for person in found}
        return {
            user: by_address[address]
            for user, address in addresses.items()
            if address in by_address
        }

    def _open_meetings(self, name, domain):
        return self.env["booking.zoom.meeting"]._open(
            name, Domain("zoom_user_id", "in", self.ids) & domain
        )

    @api.model
    def _get_limited_domain(self):
        """Domain of the meetings that a daily limit delays now."""
        return [
            ("problem", "=", "daily_limit"),
            ("state", "in", ("waiting", "changed")),
            ("next_attempt", ">", fields.Datetime.now()),
        ]

    def _get_edited_bindings(self):
        """The Zoom users of the resources that this form binds or releases.

        :return dict: resource.resource -> booking.zoom.user, possibly empty
        """
        self.ensure_one()
        before, after = self._origin.resource_ids, self.resource_ids._origin
        return {
            **dict.fromkeys(before - after, self.browse()),
            **dict.fromkeys(after, self._origin),
        }

    @api.model
    def _utc_today(self):
        """The day for which Zoom counts now; Odoo's clock is UTC."""
        return fields.Datetime.now().date()

    @api.model
    def _get_next_reset(self):
        """When Zoom restarts its count: the next 00:00 UTC, naive."""
        return datetime.combine(self._utc_today() + timedelta(days=1), time.min)

    def _can_host(self):
        """Whether this user can host a meeting, as far as Zoom's list says."""
        self.ensure_one()
        return self.active and self.status == "active"

    def _get_requests_left(self, urgent):
        """How many creations each of these Zoom users has left today.

        :param bool urgent: for bookings that start before the next reset
        :return dict: booking.zoom.user -> number
        """
        counts = self.env["booking.zoom.request.count"].sudo()._get_today(self)
        by_user = {count.zoom_user_id: count for count in counts}
        left = {}
        for user in self:
            count = by_user.get(user, counts.browse())
            limit = user.account_id.sudo()._daily_limit_for(urgent)
            left[user] = 0 if count.limit_reached else max(limit - count.total, 0)
        return left

    def _get_bound(self):
        """Those that host a resource, combination or type, or bookings by choice."""
        bound = self.browse()
        for model in BOUND_MODELS:
            groups = (
                self.env[model]
                .sudo()
                .with_context(active_test=False)
                ._read_group([("zoom_user_id", "in", self.ids)], ["zoom_user_id"])
            )
            bound = bound.union(*(user for (user,) in groups))
        chosen = (
            self.env["resource.booking"]
            .sudo()
            ._read_group(
                [
                    ("forced_zoom_user_id", "in", self.ids),
                    ("stop", ">", fields.Datetime.now()),
                ],
                ["forced_zoom_user_id"],
            )
        )
        return bound.union(*(user for (user,) in chosen)).with_env(self.env)

    def _ends_early(self, duration):
        """Whether Zoom ends a meeting of this host early.

        :param int duration: minutes
        """
        self.ensure_one()
        return self.license == "basic" and duration > BASIC_MEETING_MINUTES

    # === LOST HOSTS === #

    def _get_hosted_meetings(self):
        """Rows of the future bookings that these Zoom users host, superuser."""
        meetings = self.env["booking.zoom.meeting"].sudo()
        hosted = Domain("zoom_user_id", "in", self.ids)
        return meetings.search(hosted & MEETINGS_TO_COME)

    def _get_lost_label(self):
        labels = dict(self._fields["lost_reason"]._description_selection(self.env))
        return labels.get(
            self.lost_reason, self.env._("Zoom does not let this user host meetings")
        )
