# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from contextlib import nullcontext
from datetime import timedelta
from hashlib import sha256

from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, consteq, format_date, get_lang

from ...const import STAFF
from ...engine.mail_timing import get_wake_ups
from ...utils import (
    JoinLink,
    active_lang,
    is_customer,
    known_zone,
    lock_rows,
    one_line,
    own_time,
    say_period,
    say_span,
    tell_story,
    unlogged,
)
from .ledger_queries import count_people_who_know_links, sql_manual_links
from .link_states import (
    find_states,
    get_case,
    get_domain,
    get_paths,
    sql_declined_by_all,
)
from .link_words import notify_of_sending, word_link_notice, word_link_notice_of_shared
from .meeting_access import get_join_path, get_meeting_paths, get_start_path
from .portal_moves import prepare_move, word_refusal
from .share_mail import (
    LAYOUT,
    SHARED,
    Share,
    say_share,
    translate_note,
    write_share_mail,
)
from .typed_link import LINK_FIELDS, clean_choice

# Who starts a meeting again within this time has reloaded the page, or lost the connection.
STARTED_LATELY = timedelta(hours=1)
# The states in which the web shop cancels bookings that have expired.
EXPIRING_STATES = ("pending", "scheduled")
PARTNER_FIELDS = {"partner_id", "partner_ids"}

# Odoo's colours: blue, green, yellow, red, violet, cyan.
STATE_COLORS = {
    "waiting": 4,
    "held": 2,
    "ready": 10,
    "changed": 3,
    "stuck": 1,
    "manual": 11,
    "none": 7,
}

# What the booking's history tells of it.
STORY_OF_CHOICE = {
    "manual": "link_by_hand",
    "none": "no_link",
    False: "usual_link",
}

REQUESTERS = "web_conference_requesters"


class Requesters:
    """Who asked for bookings before they are saved. An object, so that no RPC call can
    forge it."""

    def __init__(self):
        self.partners = {}  # by the booking's id


class ResourceBooking(models.Model):
    """The join link of a booking: how far it is, who may know it and when, who is told.

    What only a tool knows is asked of it, see booking_conference_tool.py.
    """

    _name = "resource.booking"
    _inherit = ["resource.booking", "booking.conference.tool"]

    web_conference_tool = fields.Selection(
        related="type_id.web_conference_tool",
        # Read as superuser, a portal user could search by it.
        related_sudo=False,
        groups=STAFF,
    )
    other_conference_url = fields.Char(
        related="type_id.videocall_location",
        # As superuser, a portal user could search by it.
        related_sudo=False,
        string="Web conference URL",
        groups=STAFF,
    )
    join_link_state = fields.Selection(
        [
            ("waiting", "Link waiting"),
            ("held", "Only held, no link yet"),
            ("ready", "Link ready"),
            ("changed", "Change waiting"),
            ("stuck", "Needs attention"),
            ("manual", "Link entered by hand"),
            ("none", "No link"),
        ],
        string="Join link",
        compute="_compute_join_link_state",
        search="_search_join_link_state",
        groups=STAFF,
    )
    join_link_color = fields.Integer(
        string="Colour of the join link's state",
        compute="_compute_join_link_color",
        groups=STAFF,
    )
    join_link_problem = fields.Text(
        string="What is wrong", compute="_compute_join_link_problem", groups=STAFF
    )
    join_link_wait = fields.Char(
        string="What it waits for", compute="_compute_join_link_wait", groups=STAFF
    )
    # The link that can be given to people now.
    join_link_url = fields.Char(
        string="Join URL",
        compute="_compute_join_link_url",
        groups=STAFF,
        exportable=False,
    )
    join_link_number = fields.Char(
        string="Meeting ID", compute="_compute_join_link_url", groups=STAFF
    )
    join_link_passcode = fields.Char(
        string="Passcode",
        compute="_compute_join_link_url",
        groups=STAFF,
        exportable=False,
    )
    join_link_choice = fields.Selection(
        [("manual", "Link entered by hand"), ("none", "No link")],
        string="Own choice of the join link",
        copy=False,
        groups=STAFF,
        help="Empty: the web conference tool of the booking type decides.",
    )
    manual_join_url = fields.Char(
        string="Join URL entered by hand", copy=False, groups=STAFF, exportable=False
    )
    manual_join_number = fields.Char(
        string="Meeting ID entered by hand", copy=False, groups=STAFF, exportable=False
    )
    manual_join_passcode = fields.Char(
        string="Passcode entered by hand", copy=False, groups=STAFF, exportable=False
    )
    link_notice = fields.Char(
        string="When people get the join link",
        compute="_compute_link_notice",
        groups=STAFF,
    )
    declined_by_all = fields.Boolean(
        compute="_compute_declined_by_all",
        search="_search_declined_by_all",
        groups=STAFF,
        help="All who requested the booking have declined: there is no online meeting, "
        "but the time is still reserved.",
    )
    event_archived = fields.Boolean(compute="_compute_event_archived", groups=STAFF)
    conference_start_path = fields.Char(
        string="Start the meeting",
        compute="_compute_conference_paths",
        groups=STAFF,
        exportable=False,
    )
    conference_join_path = fields.Char(
        string="Join the meeting",
        compute="_compute_conference_paths",
        groups=STAFF,
        exportable=False,
    )
    # Of the last token. The platform deletes it with the booking, but whoever has the
    # page's address should still see that the booking is cancelled.
    access_token_digest = fields.Char(
        compute="_compute_access_token_digest",
        store=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    # On this record, since the move writes it anyway.
    portal_moved_on = fields.Date(
        string="Day of the last moves (UTC)", copy=False, groups=fields.NO_ACCESS
    )
    portal_move_count = fields.Integer(
        string="Moves on that day", copy=False, groups=fields.NO_ACCESS
    )
    # Not a moment: what counts as sent since then must not depend on clocks.
    link_asked_from = fields.Integer(
        copy=False,
        groups=fields.NO_ACCESS,
        help="The first entry in the ledger of mails after staff had the link sent to "
        "everybody: who has only earlier ones gets it. 0: nobody asked for it.",
    )

    _manual_link_has_url = models.Constraint(
        "CHECK(join_link_choice IS DISTINCT FROM 'manual' OR manual_join_url <> '')",
        "Please enter the URL of the join link.",
    )

    # Lists show what is to come.
    _stop_idx = models.Index("(stop)")

    # === COMPUTE METHODS === #

    @api.depends(lambda self: ("join_link_choice", *get_paths(self._get_link_cases())))
    def _compute_join_link_state(self):
        states = [
            (name, find_states(self[name], cases))
            for name, cases in self._get_link_cases().items()
        ]
        for booking in self:
            found = (
                of_tool[link]
                for name, of_tool in states
                for link in booking[name]
                if link in of_tool
            )
            booking.join_link_state = booking.join_link_choice or next(found, False)

    @api.model
    def _search_join_link_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return get_domain(self._get_link_cases(), value)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists sort and group by the state."""
        if field_expr != "join_link_state":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        states = [self._field_to_sql(alias, "join_link_choice", query)]
        for name, cases in self._get_link_cases().items():
            links, link = self._join_current_link(alias, name, query)
            states.append(get_case(links, link, cases, query))
        return SQL("coalesce(%s)", SQL(", ").join(states))

    def _join_current_link(self, alias, name, query):
        """Join the tool's record that a booking's state is of; it has one at most.

        :param str alias: of resource_booking
        :param str name: of the field with the tool's records
        :return tuple: model of the records, superuser, and their alias
        """
        field = self._fields[name]
        links = self.env[field.comodel_name].sudo()
        link = query.make_alias(alias, name)
        current = Domain.OR(domain for _state, domain in self._get_link_cases()[name])
        condition = SQL(
            "%s = %s AND %s",
            links._field_to_sql(link, field.inverse_name),
            SQL.identifier(alias, "id"),
            current.optimize_full(links)._to_sql(links, link, query),
        )
        query.add_join("LEFT JOIN", link, links._table, condition)
        return links, link

    @api.depends("join_link_state")
    def _compute_join_link_color(self):
        for booking in self:
            booking.join_link_color = STATE_COLORS.get(booking.join_link_state, 0)

    @api.depends("join_link_state")
    @api.depends_context("lang", "tz")
    def _compute_join_link_problem(self):
        """A tool overrides this to name with @api.depends what its answers depend on."""
        for booking in self:
            booking.join_link_problem = booking._get_join_problem()

    @api.depends("join_link_state")
    @api.depends_context("lang", "tz")
    def _compute_join_link_wait(self):
        """By itself: it asks more of the database, and lists do not show it."""
        for booking in self:
            booking.join_link_wait = booking._get_join_wait()

    @api.depends("join_link_state")
    def _compute_join_link_url(self):
        for booking in self:
            link = booking._get_join_link()
            booking.join_link_url = link and link.url
            booking.join_link_number = link and link.number
            booking.join_link_passcode = link and link.passcode

    @api.depends("type_id.web_conference_tool", "type_id.link_disclosure")
    def _compute_videocall_location(self):
        # The platform prints this URL in the portal and in every mail. So it stays empty
        # while the link is hidden.
        now = fields.Datetime.now()
        hosted = self.filtered(lambda booking: booking.type_id._has_conference_tool())
        for booking in hosted:
            if booking.stop and booking.stop <= now:
                # Past bookings stay as they were.
                booking.videocall_location = booking.videocall_location
            else:
                booking.videocall_location = booking._get_open_url()
        others = self - hosted
        result = super(ResourceBooking, others)._compute_videocall_location()
        for booking in others:
            # The platform forgets what was entered on the event.
            url = booking.meeting_id.videocall_location
            if url and booking._origin.type_id == booking.type_id:
                booking.videocall_location = url
        return result

    @api.depends("type_id.web_conference_tool", "start", "stop", "active")
    @api.depends_context("lang")
    def _compute_link_notice(self):
        """For staff, while a reminder is to bring it."""
        for booking in self:
            known = booking._origin.sudo()
            booking.link_notice = (
                known.type_id._has_conference_tool()
                and known._is_to_be_joined()
                and known._get_link_moment()
                and word_link_notice(known)
            )

    @api.depends(
        "active",
        "partner_ids",
        "meeting_id.attendee_ids.state",
        "meeting_id.attendee_ids.partner_id",
        "type_id.web_conference_tool",
    )
    def _compute_declined_by_all(self):
        for booking in self:
            booking.declined_by_all = (
                booking.active
                and booking.type_id._has_conference_tool()
                and booking.sudo()._is_declined()
            )

    @api.model
    def _search_declined_by_all(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The platform checks access only to fields named in the domain.
        self._check_field_access(self._fields["declined_by_all"], "read")
        declined = Domain("id", "in", sql_declined_by_all())
        found = Domain.FALSE
        if True in value:
            found |= declined
        if False in value:
            found |= ~declined
        return found

    @api.depends("meeting_id.active", "type_id.web_conference_tool")
    def _compute_event_archived(self):
        for booking in self:
            event = booking.sudo().meeting_id
            booking.event_archived = (
                bool(event)
                and not event.active
                and booking.type_id._has_conference_tool()
            )

    @api.depends_context("uid")
    @api.depends(
        "active", "combination_id", "stop", "type_id.web_conference_tool", "user_id"
    )
    def _compute_conference_paths(self):
        paths = get_meeting_paths(self)
        for booking in self:
            start_path, join_path = paths.get(booking.id, (False, False))
            booking.conference_start_path = start_path
            booking.conference_join_path = join_path

    @api.depends("access_token")
    def _compute_access_token_digest(self):
        for booking in self:
            token = booking.access_token
            booking.access_token_digest = (
                _digest(token) if token else booking.access_token_digest
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([clean_choice(self.env, vals) for vals in vals_list])

    def write(self, vals):
        if self._is_moved_in_portal(vals):
            if len(self) > 1:
                return all([booking.write(vals) for booking in self])
            vals = prepare_move(self, vals)
            if not vals:
                return True
        held = self._filter_only_held()
        quiet = self._keep_quiet_while_held(held, vals)
        chooses = not LINK_FIELDS.isdisjoint(vals)
        if chooses:
            vals = clean_choice(self.env, vals)
            self._lock_conference()
            before = {one: one._get_chosen_link() for one in self}
        # Errors are logged with the values, and those of a choice are secret.
        with unlogged(self.env.cr) if chooses else nullcontext():
            bookings = quiet._remember_requesters(vals)
            result = super(ResourceBooking, bookings).write(vals)
            if chooses:
                self.flush_recordset(LINK_FIELDS)
        if chooses:
            quiet._on_link_chosen(before)
        if "expiration" in vals:
            self._on_holds_changed(held)
        return result

    def _keep_quiet_while_held(self, held, vals):
        """Mail nobody when the shop saves bookings that only hold their time.

        It saves them at each step, and the platform mails date changes. Who pays for them
        is invited just before they are kept.
        """
        if not self or held != self or not vals.keys().isdisjoint(PARTNER_FIELDS):
            return self
        return self.with_context(no_mail_to_attendees=True)

    def _remember_requesters(self, vals):
        """Note who asked for the bookings, for ``_sync_meeting``, before others do."""
        if vals.keys().isdisjoint(PARTNER_FIELDS):
            return self
        former = self.env.context.get(REQUESTERS)
        if not isinstance(former, Requesters):
            former = Requesters()
        # Writing the one field, the platform writes the other within.
        for booking in self:
            former.partners.setdefault(booking.id, booking.partner_ids)
        return self.with_context(**{REQUESTERS: former})

    def _sync_meeting(self):
        former = self.env.context.get(REQUESTERS)
        booking = self.with_context(**{REQUESTERS: None})
        if isinstance(former, Requesters):
            # Before the platform invites others, whose mails lead to the page.
            for closed in booking._close_page_to_former_requesters(former.partners):
                del former.partners[closed.id]
        return super(ResourceBooking, booking)._sync_meeting()

    @api.model
    def _get_fields_off_event(self):
        own = {"access_token", "access_token_digest", "link_asked_from"}
        return super()._get_fields_off_event() | own | LINK_FIELDS

    def _lock_conference(self):
        """Lock the rows of these bookings that scheduled actions also change.

        Call it before the platform saves: a transaction that lost against a scheduled
        action then starts again early, before the slow work.
        """
        bookings = self.sudo()
        shown = bookings.filtered(lambda one: one.type_id.link_disclosure == "issued")
        lock_rows(shown)
        lock_rows(shown.meeting_id)
        bookings._lock_meetings()

    # === ACTION METHODS === #

    def action_start_conference(self):
        """Open the meeting as its host."""
        return self._open_in_new_tab(get_start_path(self))

    def action_join_conference(self):
        """Open the meeting as a participant."""
        return self._open_in_new_tab(get_join_path(self))

    @api.model
    def _open_in_new_tab(self, path):
        return {"type": "ir.actions.act_url", "url": path, "target": "new"}

    def _note_start(self):
        """Tell the story that the current user has started the meeting."""
        tell_story(self, "started", again_after=STARTED_LATELY)

    def action_send_link(self):
        """Send everybody who takes part the join link now, even if they have it.

        The scheduled action of the reminders writes the mails. What has no link yet is
        sent as soon as it has one.
        """
        self.check_access("write")
        bookings = self.filtered(
            lambda one: (
                one.sudo()._is_to_be_joined()
                and one._expects_join_link()
                and not one._is_only_held()
            )
        )
        if bookings:
            ((following,),) = self.env.execute_query(
                SQL("SELECT coalesce(max(id), 0) + 1 FROM booking_conference_mail")
            )
            bookings.sudo().write({"link_asked_from": following})
            self._get_reminder_cron()._trigger()
        waiting = bookings.filtered(lambda one: not one._get_join_link())
        return notify_of_sending(
            self.env, len(bookings - waiting), len(waiting), len(self - bookings)
        )

    def action_enter_link(self):
        """Ask for a join link for these bookings."""
        return self._ask_for_link_choice("manual")

    def action_no_link(self):
        """Ask whether these bookings are to have no join link."""
        return self._ask_for_link_choice("none")

    def action_usual_link(self):
        """Ask whether these bookings get the link of their tool again."""
        return self._ask_for_link_choice("usual")

    def _ask_for_link_choice(self, choice):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_link_choice_action"
        )
        title = {
            "manual": self.env._("Enter a link"),
            "none": self.env._("No link"),
            "usual": self.env._("Take back"),
        }[choice]
        context = {
            "default_booking_ids": self.ids,
            "default_choice": choice,
            "in_dialog": True,
        }
        return {**action, "name": title, "target": "new", "context": context}

    # === THE LINK === #

    def _is_to_be_joined(self):
        """Whether the booking is scheduled, not over and not declined by all."""
        self.ensure_one()
        return bool(
            self.active
            and self.meeting_id.active
            and self.stop
            and self.stop > fields.Datetime.now()
            and not self._is_declined()
        )

    def _gets_own_link(self):
        return not self._is_link_chosen() and super()._gets_own_link()

    def _get_join_link(self):
        if not self._is_link_chosen():
            return super()._get_join_link()
        booking = self.sudo()
        if self._is_without_link() or not booking.type_id._has_conference_tool():
            return None
        return JoinLink(
            booking.manual_join_url,
            booking.manual_join_number,
            booking.manual_join_passcode,
        )

    def _lacks_join_link(self):
        """Whether people wait for a link that is not there."""
        return not self._get_join_link() and not self._is_without_link()

    def _get_join_state(self):
        """How far the meeting is, in the language of the reader; False if there is none."""
        if not self._gets_own_link():
            return self.env._("Link ready") if self._get_join_link() else False
        labels = dict(self._fields["join_link_state"]._description_selection(self.env))
        return labels.get(self.sudo().join_link_state, False)

    def _get_disclosed_link(self):
        """How to join, or None while people must not know.

        :return JoinLink:
        """
        self.ensure_one()
        link = not self._is_only_held() and self._get_join_link()
        return link if link and self._is_join_link_disclosed() else None

    def _get_disclosed_conference(self):
        """The same for templates.

        :return dict: ``tool`` (name), ``url``, ``number`` (in groups), ``passcode``,
            ``phones`` (of PhoneNumber), ``phone_passcode``
        """
        return self._get_conference(self._get_disclosed_link())

    def _get_conference(self, link):
        """What templates say of a link, None without one.

        :param JoinLink link: or None
        """
        return link and {
            "tool": self._get_conference_tool_name(),
            "url": link.url,
            "number": link.number,
            "passcode": link.passcode,
            "phones": link.phones,
            "phone_passcode": link.phone_passcode,
        }

    def _get_conference_tool_name(self):
        """What mails call the tool."""
        if self._is_link_chosen():
            return self.env._("Web conference")
        return self.type_id._get_conference_tool_name()

    def _get_open_url(self):
        """The URL that all invited people may see from the start, if any."""
        self.ensure_one()
        booking_type = self.type_id
        if not booking_type._has_conference_tool():
            return booking_type.videocall_location
        if self._is_only_held() or booking_type.link_disclosure != "issued":
            return False
        if not self._is_link_chosen() and booking_type._has_fixed_url():
            return booking_type.videocall_location
        link = (self._is_link_chosen() or self.meeting_id) and self._get_join_link()
        return link.url if link else False

    def _show_open_url(self, wait=True):
        """Put the URL on the event if people may see it from the start.

        Write on the event only: a write on the booking would mail everybody a date
        change.

        :param bool wait: whether to wait for bookings and events that somebody is saving
        :return: the bookings whose event is up to date
        """
        events = defaultdict(self.env["calendar.event"].browse)
        for booking in self.sudo():
            url = booking._get_open_url()
            if (booking.meeting_id.videocall_location or False) != (url or False):
                events[url] |= booking.meeting_id
        changed = self.env["calendar.event"].union(*events.values()).sudo()
        # The platform writes the URL on the booking, too.
        free = lock_rows(changed.resource_booking_ids, wait).meeting_id
        free = lock_rows(free, wait)
        for url, events_of_url in events.items():
            (events_of_url & free)._write_quietly({"videocall_location": url})
        return self.filtered(lambda one: one.sudo().meeting_id not in changed - free)

    # === THE LINK HAS CHANGED === #

    def _sync_conference(self):
        result = super()._sync_conference()
        self._forget_asked_links()
        self._note_declined()
        return result

    def _on_join_link_changed(self, wait=True):
        """A tool calls this when join links may have been created, changed or restored.

        :param bool wait: whether to wait for bookings and events that somebody is saving
        :return: the bookings whose event is up to date; the others are being saved
        """
        free = self._show_open_url(wait)
        works = free.filtered(lambda booking: booking._get_join_link())
        works._forget_for_staff("host_gone")
        works._trigger_due_reminders()
        return free

    def _on_join_link_unavailable(self, cause=None, detail=""):
        """A tool calls this when no join link can come now, or when it no longer works.

        The reminders look again at what waits for it.

        :param str cause: what to tell staff, see ``_note_for_staff``
        :return: the bookings whose staff had not been told before
        """
        told = self._note_for_staff(cause, detail) if cause else self.browse()
        # Also for deleted bookings, of which only mails are left.
        self._get_reminder_cron()._trigger()
        return told

    def _on_attendance_changed(self, check_at):
        """A tool calls this when a customer or the host has come to the meeting.

        :param datetime check_at: when to see whether the customer waits for the host,
            naive UTC
        """
        self._get_reminder_cron()._trigger(at=check_at)

    def _forget_asked_links(self):
        """Where the date was removed, nobody has asked for the link of the next one."""
        undated = self.sudo().filtered(
            lambda one: not one.meeting_id and one.link_asked_from
        )
        if undated:
            undated.write({"link_asked_from": 0})

    # === WHAT A PERSON DECIDES === #

    def _on_link_chosen(self, before):
        """
        :param dict before: booking -> see ``_get_chosen_link``
        """
        self._on_join_link_changed()
        changed = self.filtered(lambda one: one._get_chosen_link() != before[one])
        changed._forget_for_staff("link_known")
        for choice, bookings in changed.grouped("join_link_choice").items():
            tell_story(bookings, STORY_OF_CHOICE[choice])

    def _choose_link(self, choice, url=False, number=False, passcode=False):
        """Decide how people join these bookings.

        :param choice: ``manual``, ``none``, or False for what the tool gives
        :param url: of a link entered by hand, like number and passcode
        :raise ValidationError: this is no URL
        """
        self.write(
            {
                "join_link_choice": choice,
                "manual_join_url": url,
                "manual_join_number": number,
                "manual_join_passcode": passcode,
            }
        )

    def _get_chosen_link(self):
        """What people must be told anew if it differs."""
        return self.join_link_choice, self.manual_join_url, self.manual_join_passcode

    def _is_link_chosen(self):
        """Whether somebody decided about the link of this booking, so no tool does."""
        return bool(self.sudo().join_link_choice)

    def _is_without_link(self):
        """Whether somebody decided that this booking has no join link."""
        return self.sudo().join_link_choice == "none"

    def _can_choose_link(self):
        """Whether a choice has an effect: the booking has a tool, and is not over."""
        return bool(
            self.active
            and self.type_id._has_conference_tool()
            and not (self.stop and self.stop <= fields.Datetime.now())
        )

    def _can_take_link_back(self):
        """Whether the tool can give a link again: after the start it issues none."""
        return bool(
            self.type_id._has_fixed_url()
            or not self.start
            or self.start > fields.Datetime.now()
        )

    def _count_people_who_know_link(self):
        """How many people know the present join links of these bookings.

        They get a mail when it changes.
        """
        return count_people_who_know_links(self.sudo().meeting_id)

    @api.model
    def _sql_replaceable_links(self):
        return [*super()._sql_replaceable_links(), sql_manual_links()]

    @api.model
    def _replace_join_links(self, tool, link_ids):
        if tool != "manual":
            return super()._replace_join_links(tool, link_ids)
        # Only staff can.
        self.browse(link_ids)._note_for_staff("link_known")
        return {}

    # === BOOKINGS THAT ONLY HOLD THEIR TIME === #
    #
    # They expire unless somebody keeps them. The web shop makes them
    # (`website_sale_resource_booking`, with its field `expiration`): a cart holds its time
    # until it is paid. Nobody gets a link before. Another module whose bookings expire
    # overrides ``_get_expiration`` and ``_sql_only_held``.

    def _is_only_held(self):
        """Whether the booking is cancelled automatically unless somebody keeps it."""
        return bool(self._get_expiration())

    def _filter_only_held(self):
        if not self._can_expire():
            return self.browse()
        return self.filtered(lambda booking: booking._is_only_held())

    def _on_holds_changed(self, before):
        """
        :param before: those of these bookings that only held their time
        """
        after = self._filter_only_held()
        kept = before - after
        ((after - before) | kept)._show_open_url()
        kept._trigger_reminders()
        kept._trigger_due_reminders()

    def _get_expiration(self):
        """When the booking expires unless somebody keeps it before, naive UTC.

        :return: False if it does not expire
        """
        self.ensure_one()
        expiration = self._can_expire() and self["expiration"]
        # Others' state need not be computed for this.
        return bool(expiration) and self.state in EXPIRING_STATES and expiration

    @api.model
    def _can_expire(self):
        """Whether a module is installed whose bookings expire."""
        field = self._fields.get("expiration")
        return bool(field and field.store and field.type == "datetime")

    @api.model
    def _sql_only_held(self):
        """The same as ``_is_only_held`` for all bookings at once.

        :return SQL: condition on the table ``booking``
        """
        if not self._can_expire():
            return SQL("FALSE")
        return SQL(
            "(booking.expiration IS NOT NULL AND booking.state IN %s)", EXPIRING_STATES
        )

    # === WHEN THE LINK COMES === #

    def _get_reminder_moments(self):
        """When the e-mail reminders of the booking are due, naive UTC."""
        self.ensure_one()
        alarms = self.meeting_id.alarm_ids.filtered(
            lambda alarm: alarm.alarm_type == "email"
        )
        return [
            self.meeting_id.start - timedelta(minutes=alarm.duration_minutes)
            for alarm in alarms
        ]

    def _get_link_moment(self):
        """When the first reminder brings the link, naive UTC.

        None if the link comes at once, with the next run, or not automatically.
        """
        self.ensure_one()
        first = min(self._get_reminder_moments(), default=None)
        if not first or first <= fields.Datetime.now() or self._is_link_on_its_way():
            return None
        return first

    def _is_link_on_its_way(self):
        """Whether the link is mailed as soon as it exists, before any reminder.

        That is so if people may know it, or know a link that it replaces.
        """
        if self._is_join_link_disclosed():
            return True
        told = self.meeting_id.sudo().web_conference_mail_ids
        return any(entry.link_digest and not entry.superseded for entry in told)

    def _get_wake_up_moments(self):
        """When the scheduled action has to run for reminders of the booking, naive UTC."""
        moments = self._get_reminder_moments()
        if not moments or not self._gets_own_link():
            return moments
        last_moment = self.env["booking.conference.mail"]._get_last_moment(self)
        return get_wake_ups(moments, last_moment, fields.Datetime.now())

    def _trigger_reminders(self):
        """Wake the scheduled action when reminders of these bookings are due."""
        now = fields.Datetime.now()
        moments = {
            max(moment, now)
            for booking in self
            if booking.meeting_id.stop and booking.meeting_id.stop > now
            for moment in booking._get_wake_up_moments()
        }
        if moments:
            self._get_reminder_cron()._trigger(at=sorted(moments))

    def _trigger_due_reminders(self):
        """Wake the scheduled action if mails about these bookings may be due now."""
        now = fields.Datetime.now()
        ledger = self.env["booking.conference.mail"].sudo()
        if (
            any(at <= now for one in self for at in one._get_reminder_moments())
            or "issued" in self.type_id.mapped("link_disclosure")
            or ledger.search_count([("event_id", "in", self.meeting_id.ids)], limit=1)
        ):
            self._get_reminder_cron()._trigger()

    def _get_reminder_cron(self):
        return self.env.ref("resource_booking_zoom.ir_cron_send_reminders")

    # === WORDS === #

    def _get_conference_title(self):
        """The booking's name for staff, without a time, which would need a time zone."""
        self.ensure_one()
        customer, booking_type = self.partner_ids[:1], self.type_id
        if self.name or not customer:
            return self.name or booking_type.display_name
        return self._get_name_formatted(customer, booking_type)

    def _get_zone(self):
        """The time zone in which people read the booking's times."""
        company = self.type_id.company_id or self.env.company
        return known_zone(
            self.type_id.resource_calendar_id.tz,
            company.resource_calendar_id.tz,
            "UTC",
        )

    def _say_period(self, start):
        """When the booking takes place, in words, in its time zone.

        :param datetime start: naive UTC, or empty
        :return str: empty if there is no start
        """
        self.ensure_one()
        if not start:
            return ""
        stop = start + timedelta(hours=self.duration)
        return say_period(self.env, start, stop, self._get_zone())

    def _say_day(self, day):
        """A day in words, with the day of the week."""
        return format_date(self.env, day, date_format="full")

    def _say_month(self, day):
        """The month of a day in words, with the year where the language has it."""
        return format_skeleton("yMMMM", day, locale=get_lang(self.env).code)

    def _get_conference_contact(self):
        """Whom to ask if the link does not come: the organizer, else the company.

        :return dict: ``name``, ``phone``, ``email``, each possibly empty
        """
        self.ensure_one()
        user = self.sudo().user_id.filtered("active")
        company = self.sudo().type_id.company_id or user.company_id or self.env.company
        organizer = user.partner_id.filtered(lambda _one: not user._is_superuser())
        return {
            "name": organizer.name or company.name,
            "phone": organizer.phone or company.phone,
            "email": organizer.email or company.email,
        }

    # === WHO OF THE STAFF IS TOLD === #

    def _note_for_staff(self, cause, detail=""):
        """Note that the staff of these bookings are to be told.

        The scheduled action of the reminders tells them soon, by mail and by an
        activity on the booking; once per booking, cause and start of the booking.

        :param str cause: key of the field ``cause`` of booking.conference.notice
        :param str detail: plain text about it, such as who cannot be reached and why;
            never a join link. Of ``unreachable`` and ``event_changed`` each one is told.
        :return: the bookings for which this was not noted before, superuser
        """
        notices = self.env["booking.conference.notice"].sudo()
        return notices._note(self.sudo(), cause, detail)

    def _forget_for_staff(self, cause):
        """This is over: its activities go, and if it happens again, it is told again."""
        self.env["booking.conference.notice"].sudo().search(
            [("booking_id", "in", self.ids), ("cause", "=", cause)]
        ).unlink()

    def _get_staff_to_tell(self):
        """The organizer, if that person may read the booking, and its resources' users.

        :return: res.users
        """
        self.ensure_one()
        organizer = self.user_id.filtered(
            lambda user: not user._is_superuser() and self._is_readable_by(user)
        )
        users = organizer | self.combination_id.resource_ids.user_id
        return users.filtered("active")

    def _get_staff_partners(self):
        """The active users of the booking's resources, as partners."""
        users = self.sudo().combination_id.resource_ids.user_id
        return users.filtered("active").partner_id

    def _get_staff_to_assign(self):
        """Those of the staff who can open the booking and see its activities.

        :return: res.users
        """
        return self._get_staff_to_tell().filtered(
            lambda user: user._is_internal() and self._is_readable_by(user)
        )

    def _get_backend_url(self):
        """Where the reader of a mail finds this booking in Odoo.

        :return str: a full URL, empty for staff who may not read it
        """
        self.ensure_one()
        reader = self.env["res.users"].browse(self.env.context.get("reader_id"))
        if reader and not self._is_readable_by(reader):
            return ""
        return f"{self.get_base_url()}/odoo/{self._name}/{self.id}"

    # === WHO MAY READ === #

    def _is_readable_by(self, user):
        """Whether this user, in whichever of their companies, may read the booking.

        :param user: res.users
        """
        # The current user's companies need not be this user's.
        booking = self.with_user(user).with_context(allowed_company_ids=None)
        return booking.has_access("read")

    def _get_name_for_user(self):
        """The booking's name if the user may read it, else a name without the customer."""
        booking = self.with_user(self.env.uid)
        if not self.env.context.get("using_portal") and booking.has_access("read"):
            return booking.display_name
        return self.env._("another booking")

    # === DECLINED BY ALL === #

    def _is_declined(self):
        """Whether all who requested the booking have declined it."""
        # Called for each mail to each of hundreds of requesters: keep it fast.
        requesters = set(self.partner_ids.ids)
        return {
            attendee.state
            for attendee in self.meeting_id.attendee_ids
            if attendee.partner_id.id in requesters
        } == {"declined"}

    def _note_declined(self):
        """Tell staff which of these bookings nobody will come to."""
        declined = self.sudo().filtered(
            lambda booking: booking._is_to_be_taken_up() and booking.meeting_id.active
        )
        declined._note_for_staff("declined")

    def _is_to_be_taken_up(self):
        """Whether the booking is in the future and all requesters declined."""
        self.ensure_one()
        return bool(
            self.active
            and self.type_id._has_conference_tool()
            and self.stop
            and self.stop > fields.Datetime.now()
            and self._is_declined()
        )

    # === THE PAGE IN THE PORTAL === #

    def _get_portal_conference(self):
        """What the booking's portal page says about the web conference.

        :return dict: ``link`` (see _get_disclosed_conference) or ``notice``, a sentence
            that says when the link comes; both may be empty. None if the booking has no
            web conference tool.
        """
        self.ensure_one()
        if not self.type_id._has_conference_tool():
            return None
        if not self._is_to_be_joined():
            return {"link": None, "notice": False}
        link = self._get_disclosed_conference()
        return {"link": link, "notice": not link and word_link_notice(self)}

    def _get_answer_url(self):
        """Where the only requester answers. Of several, each has an address of their own."""
        attendees = self.meeting_id.attendee_ids.filtered(
            lambda one: one.partner_id in self.partner_ids
        )
        return attendees._get_invitation_url() if len(attendees) == 1 else False

    def _close_page_to_former_requesters(self, requesters):
        """Change the page's address when somebody who has it leaves.

        :param dict requesters: booking's id -> partners, as they were before
        :return: the bookings that somebody has left
        """
        left = self.sudo().filtered(
            lambda booking: (
                requesters.get(booking.id, booking.partner_ids) - booking.partner_ids
                and booking.access_token
                and booking.type_id._has_conference_tool()
            )
        )
        left.write({"access_token": False, "access_token_digest": False})
        return left

    def _is_former_access_token(self, access_token):
        """Whether this token opened the page until the booking was cancelled."""
        self.ensure_one()
        digest = self.sudo().access_token_digest
        return bool(
            access_token
            and digest
            and not self.active
            and self.type_id._has_conference_tool()
            and consteq(digest, _digest(access_token))
        )

    def _is_moved_in_portal(self, vals):
        return bool(self and self.env.context.get("using_portal") and vals.get("start"))

    def _get_portal_move_refusal(self):
        """Why the booking cannot be moved in the portal today, False if it can."""
        self.ensure_one()
        return word_refusal(self)

    # === SHARING A BOOKING === #

    def message_post_with_source(self, source_ref, **kwargs):
        """Share bookings with a web conference in words and a layout of our own."""
        partner = (kwargs.get("render_values") or {}).get("partner")
        if (
            not isinstance(source_ref, str)
            or source_ref != SHARED
            or len(self) != 1
            or not isinstance(partner, models.BaseModel)
            or not self.type_id._has_conference_tool()
        ):
            return super().message_post_with_source(source_ref, **kwargs)
        booking = self.with_context(lang=active_lang(self.env, partner.lang))
        values = kwargs.pop("render_values")
        note = translate_note(booking, values.get("note"))
        values = {**values, "note": note}
        share = Share(partner, values.get("share_link"), note)
        kwargs.update(booking._get_share_sender(), email_layout_xmlid=LAYOUT)
        mail = write_share_mail(booking, share)
        if mail:
            return booking.message_post(**{**kwargs, **mail})
        kwargs["subject"] = one_line(booking._say_share(partner)["subject"])
        return super(ResourceBooking, booking).message_post_with_source(
            source_ref, **kwargs, render_values=values
        )

    def _say_share(self, partner):
        """What the platform's mail says with which the user shares the booking.

        :return dict: ``subject``, ``greeting``, ``sentence`` and ``button``
        """
        self.ensure_one()
        return say_share(self, partner)

    def _is_shared_by_system(self):
        """Whether nobody presses *Share*: the web shop does for who has just paid.

        It does so as the visitor, or as the system that records a payment.
        """
        return is_customer(self.env) or self.env.user._is_superuser()

    def _get_share_sender(self):
        """The author of what the system shares: the company, if it has an address.

        :return dict: for ``message_post``
        """
        company = self.sudo().type_id.company_id or self.env.company.sudo()
        if not self._is_shared_by_system() or not company.email:
            return {}
        return {
            "author_id": company.partner_id.id,
            "email_from": company.email_formatted,
        }

    # What the template asks for. Staff may choose it by hand: then the requester is
    # written to.

    def _get_share(self):
        share = self.env.context.get("web_conference_share")
        return share if isinstance(share, Share) else None

    def _get_shared_name(self):
        """The name of whom the mail is for."""
        share = self._get_share()
        return (share.partner if share else self.partner_ids[:1]).name or ""

    def _get_shared_by(self):
        """The name of who shares the booking."""
        if self._is_shared_by_system():
            return self._get_conference_contact()["name"]
        return self.env.user.name

    def _get_shared_url(self):
        """Where the reader of the mail chooses a time."""
        share = self._get_share()
        if share:
            return share.url
        if "template_preview_lang" in self.env.context:
            return "https://www.example.com/booking"
        return f"{self.get_base_url()}{self._get_share_url(redirect=True)}"

    def _get_shared_note(self):
        """What the user has written for the reader."""
        share = self._get_share()
        return share.note if share else self.type_id.requester_advice

    def _get_shared_duration(self):
        """How long the booking takes, in words."""
        hours, minutes = divmod(round(self.duration * 60), 60)
        return say_span(self.env, hour=hours, minute=minutes)

    def _get_shared_period(self):
        """When the booking takes place, in words."""
        return self._say_period(self.start)

    def _get_shared_own_time(self):
        """Its start in the reader's time zone, if that differs."""
        share = self._get_share()
        partner = share.partner if share else self.partner_ids[:1]
        partner = partner.with_env(self.env)
        return self.start and own_time(partner, self.start, self._get_zone())

    def _get_shared_notice(self):
        """When the link comes; empty if nothing sends it, or if it is known."""
        self.check_access("read")
        # sudo: the event may be private
        return word_link_notice_of_shared(self.sudo())


def _digest(access_token):
    return sha256(access_token.encode()).hexdigest()
