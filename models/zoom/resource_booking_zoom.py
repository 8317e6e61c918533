# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from collections import Counter
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...const import BASIC_MEETING_MINUTES, CURRENT_STATES, STAFF, START_OTHERS
from ...engine.attendance import Attendance, get_end
from ...engine.hosts import Host, Wanted, why_not
from ...engine.meeting_title import (
    CUSTOMER,
    NUMBER,
    RESOURCE,
    TYPE,
    fill_title,
    tells_customer,
)
from ...tools.zoom_payload import MAX_TOPIC_LENGTH
from ...utils import (
    JoinLink,
    TimeTaken,
    active_lang,
    in_own_transaction,
    is_customer,
    lock_rows,
    one_line,
)
from .account_setup import list_names
from .cost_of_changes import is_told_otherwise
from .free_hosts import Watch, find_free_hosts
from .link_queries import (
    sql_given_links,
    sql_hopeful_links,
    sql_nobody_came,
    sql_replaceable_links,
)
from .readings import (
    ask_before_mail,
    awaits_reading,
    is_stale,
    is_to_be_read,
    plan_check,
)
from .wanted import choose_among

MANAGER = "resource_booking.group_manager"
HOST_FIELDS = {"forced_zoom_user_id", "host_chosen_by_id"}


class ResourceBooking(models.Model):
    """A booking's Zoom meeting, who hosts it, who has come, and the hosts' free time."""

    _inherit = "resource.booking"

    zoom_meeting_ids = fields.One2many(
        "booking.zoom.meeting", "booking_id", string="Zoom meetings", groups=STAFF
    )
    zoom_meeting_id = fields.Many2one(
        "booking.zoom.meeting",
        string="Zoom meeting",
        compute="_compute_zoom_meeting_id",
        search="_search_zoom_meeting_id",
        groups=STAFF,
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        compute="_compute_zoom_user_id",
        groups=STAFF,
        help="Who hosts the meeting in Zoom.",
    )
    zoom_choice_message = fields.Char(
        string="Who may host", compute="_compute_zoom_user_id", groups=STAFF
    )
    # Of the present meeting. `zoom_user_id` is who should host.
    zoom_host_id = fields.Many2one(
        related="zoom_meeting_id.zoom_user_id", string="Host", groups=STAFF
    )
    zoom_problem = fields.Selection(
        related="zoom_meeting_id.problem", string="Zoom problem", groups=STAFF
    )
    zoom_id_formatted = fields.Char(
        related="zoom_meeting_id.zoom_id_formatted", groups=STAFF
    )
    zoom_difference_message = fields.Text(
        related="zoom_meeting_id.difference_message", groups=STAFF
    )
    forced_zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Own Zoom user",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF,
        help="Hosts this booking, whatever its combination and type say.",
    )
    host_chosen_by_id = fields.Many2one(
        "res.users",
        string="Zoom user chosen by",
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    attendance_reported = fields.Boolean(
        compute="_compute_attendance",
        groups=STAFF,
        help="Zoom reports who comes to this meeting.",
    )
    attendance_started_at = fields.Datetime(
        string="Meeting started", compute="_compute_attendance", groups=STAFF
    )
    attendance_host_at = fields.Datetime(
        string="Host came", compute="_compute_attendance", groups=STAFF
    )
    attendance_customer_at = fields.Datetime(
        string="Customer came", compute="_compute_attendance", groups=STAFF
    )
    attendance_ended_at = fields.Datetime(
        string="Meeting ended", compute="_compute_attendance", groups=STAFF
    )
    nobody_came = fields.Boolean(
        compute="_compute_nobody_came",
        search="_search_nobody_came",
        groups=STAFF,
        help="Fifteen minutes after the start no customer has come to the meeting.",
    )

    # === CONSTRAINTS === #

    @api.constrains("join_link_choice", "manual_join_url", "manual_join_number")
    def _check_entered_link_lasts(self):
        """Entered by hand, the link of a booking would take its own meeting away.

        A meeting that Odoo has created goes when its booking no longer needs it.
        """
        by_hand = self.filtered(lambda one: one.sudo().join_link_choice == "manual")
        numbers = {
            number
            for one in by_hand.sudo()
            for number in find_numbers(one.manual_join_url, one.manual_join_number)
        }
        if numbers and self.env["booking.zoom.meeting"].sudo().search_count(
            [("zoom_id", "in", list(numbers))], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "This is a meeting that Odoo has created for a booking: Odoo deletes "
                    "it when that booking does not need it any more. Leave the link as it "
                    "is, or enter that of a meeting that you have created yourself."
                )
            )

    @api.constrains("forced_zoom_user_id")
    def _check_forced_host_company(self):
        for booking in self:
            host = booking.sudo().forced_zoom_user_id
            if host and not booking._is_host_of_company(host):
                raise ValidationError(
                    self.env._(
                        "%(host)s belongs to another company than the booking type. "
                        "Choose a Zoom user of the type's company.",
                        host=host.name,
                    )
                )

    # === COMPUTE METHODS === #

    @api.depends("zoom_meeting_ids.state")
    def _compute_zoom_meeting_id(self):
        for booking in self:
            booking.zoom_meeting_id = booking.zoom_meeting_ids.filtered(
                lambda row: row.state in CURRENT_STATES
            )[:1]

    @api.model
    def _search_zoom_meeting_id(self, operator, value):
        current = Domain("state", "in", CURRENT_STATES)
        if operator == "in" and False in value:
            found = ~Domain("zoom_meeting_ids", "any", current)
            ids = [one for one in value if one]
            return found | Domain(
                "zoom_meeting_ids", "any", current & Domain("id", "in", ids)
            )
        if operator == "in":
            return Domain(
                "zoom_meeting_ids", "any", current & Domain("id", "in", value)
            )
        if operator in ("any", "any!"):
            return Domain("zoom_meeting_ids", operator, current & Domain(value))
        return NotImplemented

    @api.depends(
        "forced_zoom_user_id",
        "combination_id.zoom_user_id",
        "combination_id.zoom_host_ids.zoom_user_id",
        "type_id.web_conference_tool",
        "type_id.zoom_user_id",
        "type_id.zoom_host_ids.zoom_user_id",
        "type_id.company_id",
        "zoom_meeting_id.zoom_user_id",
    )
    def _compute_zoom_user_id(self):
        for booking in self:
            hosts = listed = booking._get_hosts()
            if len(hosts) > 1:
                # Which one is chosen when the booking is saved.
                hosts &= booking.sudo().zoom_meeting_id.zoom_user_id
            booking.zoom_user_id = hosts
            booking.zoom_choice_message = bool(listed and not hosts) and self.env._(
                "The one of these that is free: %(hosts)s",
                hosts=list_names(listed.sudo().mapped("name")),
            )

    @api.depends("zoom_meeting_id.problem_message")
    def _compute_join_link_problem(self):
        return super()._compute_join_link_problem()

    @api.depends("zoom_meeting_id.wait_message")
    def _compute_join_link_wait(self):
        return super()._compute_join_link_wait()

    @api.depends("zoom_meeting_ids.state", "zoom_meeting_ids.start")
    def _compute_attendance(self):
        rows = self.sudo().zoom_meeting_id
        told = self.env["booking.zoom.attendance"]._get_of(rows)
        for booking in self:
            row = booking.sudo().zoom_meeting_id
            attendance = told.get(row, Attendance())
            secret = row.zoom_user_id.account_id.webhook_secret
            booking.attendance_reported = bool(row and secret)
            booking.attendance_started_at = attendance.started_at
            booking.attendance_host_at = attendance.host_joined_at
            booking.attendance_customer_at = attendance.customer_joined_at
            booking.attendance_ended_at = get_end(attendance)

    @api.depends("zoom_meeting_ids.state", "zoom_meeting_ids.start")
    def _compute_nobody_came(self):
        found = self.search([("id", "in", self.ids), ("nobody_came", "in", [True])])
        for booking in self:
            booking.nobody_came = booking in found

    @api.model
    def _search_nobody_came(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The platform checks access only to fields named in the domain.
        self._check_field_access(self._fields["nobody_came"], "read")
        alone = Domain("active", "=", True) & Domain("id", "in", sql_nobody_came())
        found = Domain.FALSE
        if True in value:
            found |= alone
        if False in value:
            found |= ~alone
        return found

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        chosen = bookings.filtered(lambda one: one.sudo().forced_zoom_user_id)
        if chosen:
            chosen._note_who_chose_host()
        return bookings

    def write(self, vals):
        if "forced_zoom_user_id" in vals:
            lock_rows(self.sudo().zoom_meeting_id)
            self._note_who_chose_host()
        result = super().write(vals)
        if "type_id" in vals:
            rows = self.sudo().zoom_meeting_id.filtered(lambda row: row._is_issued())
            rows.filtered(is_told_otherwise)._tell_anew()
        return result

    @api.model
    def _get_fields_off_event(self):
        return super()._get_fields_off_event() | HOST_FIELDS

    def _note_who_chose_host(self):
        # As superuser only the server itself writes: a Zoom user who has come back with
        # a new ID is still the one that somebody chose.
        if not self.env.su:
            self.sudo().write({"host_chosen_by_id": self.env.uid})

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists sort and group by the host and problem of the present meeting.

        By nothing else of it: a column that can be grouped by is as good as read.
        """
        column = {"zoom_host_id": "zoom_user_id", "zoom_problem": "problem"}.get(
            field_expr
        )
        if not column:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        meetings, meeting = self._join_current_link(alias, "zoom_meeting_ids", query)
        return meetings._field_to_sql(meeting, column, query)

    # === ACTION METHODS === #

    def action_open_zoom_meeting(self):
        """Open the row of the Zoom meeting: what is wanted, and what Zoom has accepted."""
        return self.zoom_meeting_id.get_formview_action()

    def action_retry_link(self):
        of_others = super().action_retry_link()
        meetings = self.zoom_meeting_id
        return meetings.action_retry() if meetings else of_others

    def action_change_host(self):
        """Ask who is to host these bookings."""
        return self._ask_for_host("host", self.env._("Change host"))

    def action_issue_anew(self):
        """Ask whether these bookings are to get new meetings."""
        return self._ask_for_host("anew", self.env._("Issue anew"))

    def action_usual_host(self):
        """Ask whether the host of combination and type is to host these bookings again."""
        return self._ask_for_host("usual", self.env._("Take back"))

    def _ask_for_host(self, mode, title):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_host_change_action"
        )
        context = {
            "default_booking_ids": self.ids,
            "default_mode": mode,
            "in_dialog": True,
        }
        return {**action, "name": title, "target": "new", "context": context}

    # === ZOOM MEETINGS === #

    def _needs_zoom_meeting(self):
        """Whether a Zoom meeting should exist for this booking now."""
        zoom = self.type_id.web_conference_tool == "zoom"
        return zoom and self._needs_own_link()

    def _get_zoom_time(self):
        """When the meeting should be, as values of its row."""
        return {
            "start": self.start,
            "duration": max(round(self.duration * 60), 1),
        }

    def _prepare_zoom_meeting_vals(self, host=None):
        """The wanted values of the meeting row of this booking.

        :param host: booking.zoom.user, possibly none; by default who should host it now
        """
        self.ensure_one()
        if host is None:
            host = self.zoom_user_id
        return {
            "booking_id": self.id,
            "company_id": self.type_id.company_id.id,
            "zoom_user_id": host.id,
            **self._get_zoom_time(),
            "pause": self.type_id._get_zoom_pause(host),
            "only_held": self._is_only_held(),
            **self._prepare_zoom_told_vals(),
        }

    def _prepare_zoom_told_vals(self):
        """Title and settings of the meeting row, as the type says them now."""
        booking_type = self._get_type_for_customer()
        title = one_line(booking_type.zoom_title) or False
        return {
            "title": title,
            # A title follows the resources of its booking, and the customer it names.
            "combination_id": title and self.combination_id.id,
            "customer_id": tells_customer(title) and self.partner_ids[:1].id,
            "topic": self._get_zoom_topic(title),
            "waiting_room": booking_type.zoom_waiting_room,
            "join_before_host": booking_type.zoom_join_before_host,
        }

    def _get_zoom_topic(self, title):
        """The title of the meeting, which Zoom shows to all who join.

        :param title: with placeholders; without one it is the name of the type
        """
        name = self._get_type_for_customer().name
        if not title:
            # Nothing else is read: each save of a booking comes here.
            return one_line(name)[:MAX_TOPIC_LENGTH]
        values = {
            TYPE: name,
            NUMBER: str(self.id),
            RESOURCE: self.combination_id.name,
        }
        if tells_customer(title):
            values[CUSTOMER] = self.partner_ids[:1].name
        return (fill_title(title, values) or one_line(name))[:MAX_TOPIC_LENGTH]

    def _get_type_for_customer(self):
        """The booking type, in the language of the customer."""
        lang = self.partner_ids[:1].lang
        return self.type_id.with_context(lang=active_lang(self.env, lang))

    # === JOIN LINK, see conference/booking_conference_tool.py === #

    def _sync_conference(self):
        self.env["booking.zoom.meeting"].sudo()._sync_with_bookings(
            self.sudo().with_context(active_test=False)
        )
        return super()._sync_conference()

    def _on_reminders_changed(self):
        meetings = self.sudo().zoom_meeting_id
        plan_check(meetings)
        meetings._weigh_again()
        return super()._on_reminders_changed()

    def _retire_links(self):
        now = fields.Datetime.now()
        meetings = self.sudo().zoom_meeting_id.filtered(lambda row: row.stop > now)
        if meetings:
            meetings._retire()
            meetings._trigger_sync()
        return super()._retire_links()

    def _lock_meetings(self, *, former=False):
        bookings = self.sudo()
        lock_rows(bookings.zoom_meeting_ids if former else bookings.zoom_meeting_id)
        return super()._lock_meetings(former=former)

    def _disclose_join_link(self):
        rows = self.sudo().zoom_meeting_id
        hidden = rows.filtered(lambda row: row._is_usable() and not row.disclosed_at)
        hidden.disclosed_at = fields.Datetime.now()
        return super()._disclose_join_link()

    def _lock_join_link(self):
        rows = self._get_checked_meetings()
        lock_rows(rows.filtered(lambda row: not row.disclosed_at))
        return super()._lock_join_link()

    def _get_meeting_to_join(self):
        """The meeting that people join, superuser; none if they join another way."""
        zoom = self.type_id.web_conference_tool == "zoom" and self._gets_own_link()
        return (
            self.sudo().zoom_meeting_id
            if zoom
            else self.env["booking.zoom.meeting"].sudo()
        )

    @api.model
    def _replace_join_links(self, tool, link_ids):
        if tool != "zoom":
            return super()._replace_join_links(tool, link_ids)
        return self.env["booking.zoom.meeting"].browse(link_ids)._replace_or_keep()

    def _get_join_link(self):
        """How to join this booking now.

        While a booking is being moved to another host, its mails must not tell the
        link that is about to go.
        """
        self.ensure_one()
        row, hosts = self._get_meeting_to_join(), self.sudo()._get_hosts()
        if not row:
            return super()._get_join_link()
        if not row._is_usable() or (hosts and row.zoom_user_id not in hosts):
            return None
        return JoinLink(
            row.join_url,
            row.zoom_id_formatted,
            row.passcode,
            row.id,
            row._get_phone_numbers(),
            row.phone_passcode,
        )

    def _is_join_link_imminent(self):
        meeting = self._get_meeting_to_join()
        return meeting._is_about_to_be_issued() or super()._is_join_link_imminent()

    def _is_join_link_disclosed(self):
        meeting = self._get_meeting_to_join()
        if not meeting:
            return super()._is_join_link_disclosed()
        return self.type_id.link_disclosure == "issued" or bool(meeting.disclosed_at)

    def _get_sample_conference(self):
        if self and self.type_id.web_conference_tool != "zoom":
            return super()._get_sample_conference()
        return {
            "tool": "Zoom",
            "url": "https://zoom.us/j/00000000000",
            "number": "000 0000 0000",
            "passcode": "000000",
        }

    def _say_what_helps(self):
        if self.type_id.web_conference_tool != "zoom":
            return super()._say_what_helps()
        return self.env._(
            "Press “Change host” or “Enter a link” on the booking: the customer "
            "gets the link automatically. Or call the customer."
        )

    def _get_join_problem(self):
        meeting = self._get_meeting_to_join()
        return meeting.problem_message or super()._get_join_problem()

    def _get_join_wait(self):
        meeting = self._get_meeting_to_join()
        return meeting.wait_message or super()._get_join_wait()

    @api.model
    def _get_link_cases(self):
        waiting = Domain("state", "=", "waiting")
        current = Domain("state", "in", CURRENT_STATES)
        return {
            **super()._get_link_cases(),
            "zoom_meeting_ids": [
                ("stuck", current & Domain("problem", "!=", False)),
                ("held", waiting & Domain("only_held", "=", True)),
                *((state, Domain("state", "=", state)) for state in CURRENT_STATES),
            ],
        }

    def _can_be_started(self):
        meeting = self._get_meeting_to_join()
        return bool(meeting and self._get_join_link()) or super()._can_be_started()

    def _ask_for_start_url(self):
        meeting = self._get_meeting_to_join()
        if not meeting:
            return super()._ask_for_start_url()
        if not self._get_join_link():
            raise UserError(
                self._get_join_problem()
                or self.env._(
                    "The Zoom meeting is not ready yet. Please try again in a moment."
                )
            )
        return meeting._ask_for_start_url()

    def _get_moves_a_day(self):
        if self.type_id.web_conference_tool != "zoom":
            return super()._get_moves_a_day()
        accounts = self.env["booking.zoom.account"].sudo()
        company = self.sudo().type_id.company_id or self.env.company
        account = accounts.search([("company_id", "=", company.id)], limit=1)
        default = accounts.default_get(["moves_per_booking"])["moves_per_booking"]
        return account.moves_per_booking or default

    def _get_choice_costs(self, choice):
        costs = super()._get_choice_costs(choice)
        zoom = self.filtered(lambda one: one.type_id.web_conference_tool == "zoom")
        issued = self.sudo().zoom_meeting_id.filtered("zoom_id")
        if not choice and zoom:
            costs.append(
                self.env._(
                    "Odoo creates their Zoom meetings again: %(count)s Zoom requests.",
                    count=len(zoom),
                )
            )
        elif issued:
            costs.append(
                self.env._(
                    "Odoo deletes %(count)s Zoom meetings. That takes no request.",
                    count=len(issued),
                )
            )
        return costs

    def _get_last_start(self):
        last = self.zoom_meeting_ids.sorted("id")[-1:]
        return super()._get_last_start() or last.start

    def _get_administrators(self):
        of_others = super()._get_administrators()
        if any(of_others):
            return of_others
        # Also of bookings whose tool names nobody, as one with a fixed URL.
        company = self.type_id.company_id or self.user_id.company_id
        # Also where nobody hosts the booking yet
        account = self.zoom_user_id.account_id or self.env[
            "booking.zoom.account"
        ].search([("company_id", "=", company.id)], limit=1)
        return account.alert_recipient or "", account.company_id.partner_id.lang

    @api.model
    def _get_models_of_alerts(self):
        return (*super()._get_models_of_alerts(), "booking.zoom.account")

    def _get_checked_meetings(self):
        """The meetings whose links are read back from Zoom before a mail tells them."""
        zoom = self.filtered(lambda one: one.type_id.web_conference_tool == "zoom")
        return zoom.sudo().zoom_meeting_id

    def _awaits_link_check(self, last_moment):
        meetings = self._get_checked_meetings()
        return awaits_reading(meetings, last_moment) or super()._awaits_link_check(
            last_moment
        )

    def _check_links_before_mail(self):
        moments = super()._check_links_before_mail()
        meetings = self._get_checked_meetings()
        asked = meetings.filtered(is_to_be_read)
        if asked:
            moments += in_own_transaction(asked, ask_before_mail)
        return moments

    def _check_told_link(self):
        stale = self._get_checked_meetings().filtered(is_stale)
        if stale:
            stale._check_now()
        return super()._check_told_link()

    @api.model
    def _get_awaiting_host(self):
        attendance = self.env["booking.zoom.attendance"].sudo()
        return super()._get_awaiting_host() | attendance._get_awaiting().booking_id

    @api.model
    def _sql_given_links(self):
        return [*super()._sql_given_links(), sql_given_links()]

    @api.model
    def _sql_replaceable_links(self):
        return [*super()._sql_replaceable_links(), sql_replaceable_links()]

    @api.model
    def _sql_hopeful_links(self):
        return [*super()._sql_hopeful_links(), sql_hopeful_links()]

    # === WHO HOSTS === #

    def _get_hosts(self, combination=None):
        """The Zoom users of whom any may host this booking, in their order.

        :param combination: resource.booking.combination, instead of the booking's own
        """
        if combination is None:
            combination = self.combination_id
        bound = self._get_own_host() or combination._get_hosts()
        return self.type_id._choose_zoom_hosts(bound)

    def _may_have_several_hosts(self):
        """Whether others of the same type and combination can have another Zoom user."""
        return len(self.type_id._get_zoom_hosts(self.combination_id)) > 1

    def _get_own_host(self):
        """The Zoom user that somebody has chosen for this booking alone."""
        forced = self.sudo().forced_zoom_user_id
        # The type may have moved to another company since.
        return forced if self._is_host_of_company(forced) else forced.browse()

    def _is_host_of_company(self, host):
        company = self.type_id.sudo().company_id
        return not company or host.company_id == company

    def _get_usual_host(self):
        """Who would host this booking if nobody had chosen another one."""
        hosts = self.type_id._get_zoom_hosts(self.combination_id)
        present = self.sudo().zoom_meeting_id.zoom_user_id.with_env(self.env)
        if len(hosts) < 2:
            return hosts
        if present in hosts or not self.start:
            return hosts & present
        values = choose_among(self.sudo(), hosts)
        return hosts.browse(values and values["zoom_user_id"])

    def _get_last_row(self):
        """The row of the present meeting, else of the last one, superuser."""
        booking = self.sudo()
        return booking.zoom_meeting_id or booking.zoom_meeting_ids.sorted("id")[-1:]

    def _make_all_busy_error(self, hosts):
        """Why the booking cannot take place then.

        :param hosts: booking.zoom.user, of whom none is free
        :rtype: ValidationError
        """
        if is_customer(self.env):
            # Customers must not learn of Zoom users.
            return TimeTaken(self.env)
        return ValidationError(
            self.env._(
                "None of these Zoom users is free for “%(booking)s”: %(hosts)s. Please "
                "choose another time, or add a Zoom user.",
                booking=self._get_name_for_user(),
                hosts=list_names(hosts.sudo().mapped("name")),
            )
        )

    # === WHO STARTS === #

    def _filter_trusted_hosts(self):
        # Nobody makes just any Zoom user the host of an own booking, and starts it.
        bookings = super()._filter_trusted_hosts()
        return bookings.filtered(lambda one: one.sudo()._is_host_trusted(self.env.user))

    def _is_host_trusted(self, user):
        """Whether this user, whose booking it is, may act as its host.

        Either the settings name the host, or somebody chose it who may start everything
        or manages the bookings, or it is the user's own Zoom user.

        :param user: res.users
        """
        if self.type_id.web_conference_tool != "zoom":
            return True
        forced = self.forced_zoom_user_id
        if not forced or forced in user.sudo().resource_ids.zoom_user_id:
            return True
        chooser = self.host_chosen_by_id
        return bool(chooser) and any(
            chooser.has_group(group) for group in (MANAGER, START_OTHERS)
        )

    # === ANOTHER HOST === #

    def _filter_movable(self):
        """The bookings whose meeting can still be created at another host."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda one: one.sudo()._needs_zoom_meeting() and one.start > now
        )

    def _find_hosts(self):
        """Zoom users that could host all these bookings, besides who does now.

        :return tuple: booking.zoom.user, and a Counter of reasons why others cannot, see
            ``why_not``
        """
        users = self.env["booking.zoom.user"].search([("connected", "=", True)])
        reasons = self._judge_hosts(users)
        able = users.filtered(lambda user: reasons[user.id] is None)
        return able, Counter(filter(None, reasons.values()))

    def _judge_hosts(self, users):
        """Why each of these Zoom users cannot host all these bookings.

        :param users: booking.zoom.user
        :return dict: id -> reason or None, see ``why_not``
        """
        wanted = [booking._describe_wanted() for booking in self.sudo()]
        if not wanted or not users:
            return dict.fromkeys(users.ids)
        busy = self.env["booking.zoom.meeting"]._get_busy(
            users,
            min(one.start for one in wanted),
            max(one.stop for one in wanted),
        )
        urgent = max(self.mapped("start")) < users._get_next_reset()
        left = users._get_requests_left(urgent)
        return {
            user.id: why_not(
                Host(
                    user.id,
                    user.company_id.id,
                    user._can_host(),
                    BASIC_MEETING_MINUTES if user.license == "basic" else None,
                    left[user],
                ),
                wanted,
                busy[user.id],
            )
            for user in users.sudo()
        }

    def _describe_wanted(self):
        row = self.zoom_meeting_id
        return Wanted(
            self.id,
            self.type_id.company_id.id or None,
            row.zoom_user_id.id or None,
            self.start,
            self.stop,
            row.pause,
        )

    @api.model
    def _get_reason_labels(self):
        """Why Zoom users are not offered: reason -> words, in the reader's language."""
        return {
            "present": self.env._("hosts them already"),
            "inactive": self.env._("not active in Zoom"),
            "company": self.env._("another company"),
            "license": self.env._(
                "Basic license, which ends meetings after %(count)s minutes",
                count=BASIC_MEETING_MINUTES,
            ),
            "requests": self.env._("no requests left today"),
            "busy": self.env._("busy at that time"),
        }

    def _change_host(self, host):
        """Let this Zoom user host these bookings; new meetings come before old ones go.

        :param host: booking.zoom.user; empty for who would host them otherwise
        """
        usual = self.filtered(
            lambda one: (
                not host or one.type_id._get_zoom_hosts(one.combination_id) == host
            )
        )
        usual.write({"forced_zoom_user_id": False})
        (self - usual).write({"forced_zoom_user_id": host.id})

    # === NEW MEETINGS === #

    def _issue_anew(self):
        """Replace the meetings of these bookings; the old ones go when the new are ready."""
        rows = lock_rows(self.sudo().zoom_meeting_id)
        for row in rows:
            if row.zoom_id or row.unanswered_since:
                row._issue_another()
            else:
                row._reset_attempts()
        rows._trigger_sync()

    # === FREE SLOTS === #

    @api.constrains("combination_id", "meeting_id", "type_id")
    def _check_scheduling(self):
        """Check calendars and resources only.

        The meeting row checks the Zoom user afterwards, in every case, with a better
        message.
        """
        # Choose the combination first: that choice respects Zoom users.
        self.mapped("combination_id")
        return super(
            ResourceBooking, self.with_context(ignore_zoom_users=True)
        )._check_scheduling()

    def _get_intervals(self, start_dt, end_dt, combination=None):
        """Leave out times when a combination's Zoom user hosts others, or has its pause."""
        if (
            self.type_id.web_conference_tool != "zoom"
            or self._is_link_chosen()
            or self.env.context.get("ignore_zoom_users")
        ):
            return super()._get_intervals(start_dt, end_dt, combination)
        candidates = (
            combination
            or self.combination_id
            or self.type_id.combination_rel_ids.combination_id
        )
        free_hosts = find_free_hosts(self, candidates, start_dt, end_dt)
        watch = self.env.context.get("zoom_watch")
        if isinstance(watch, Watch):
            watch.free_hosts = free_hosts
        if free_hosts.is_limited():
            candidates = candidates.with_context(zoom_free_hosts=free_hosts)
        return super()._get_intervals(start_dt, end_dt, candidates)

    def _get_available_slots(self, start_dt, end_dt):
        """Leave out slots at which the host would have to change in between."""
        watch = Watch()
        booking = self.with_context(zoom_watch=watch)
        slots = super(ResourceBooking, booking)._get_available_slots(start_dt, end_dt)
        return watch.free_hosts.filter_slots(slots) if watch.free_hosts else slots


def find_numbers(url, number):
    """What may be Zoom's number of a meeting, in a link that somebody has entered.

    :param url: possibly empty, as is ``number``
    :return set: digits
    """
    parts = urlsplit(url or "").path.split("/")
    return {
        part for part in (*parts, re.sub(r"\D", "", number or "")) if part.isdigit()
    }
