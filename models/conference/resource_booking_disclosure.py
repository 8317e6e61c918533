# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from datetime import timedelta
from hashlib import sha256

from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, consteq, format_date, format_time, get_lang

from ...const import STAFF
from ...engine.mail_timing import get_wake_ups
from ...utils import known_zone, lock_rows, say_period

REQUESTERS = "web_conference_requesters"


class Requesters:
    """Who asked for bookings before they are saved. An object, so that no RPC call can
    forge it."""

    def __init__(self):
        self.partners = {}  # by the booking's id


class ResourceBooking(models.Model):
    """How people join the booking, when they may know, and where they read it."""

    _inherit = "resource.booking"

    other_conference_url = fields.Char(
        related="type_id.videocall_location",
        # As superuser, a portal user could search by it.
        related_sudo=False,
        string="Web conference URL",
        groups=STAFF,
    )
    # Of the last token. The platform deletes it with the booking, but whoever has the
    # page's address should still see that the booking is cancelled.
    access_token_digest = fields.Char(
        compute="_compute_access_token_digest",
        store=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )
    declined_by_all = fields.Boolean(
        compute="_compute_declined_by_all",
        search="_search_declined_by_all",
        groups=STAFF,
        help="All who requested the booking have declined: there is no online meeting, "
        "but the time is still reserved.",
    )
    event_archived = fields.Boolean(compute="_compute_event_archived", groups=STAFF)
    link_notice = fields.Char(
        string="When people get the join link",
        compute="_compute_link_notice",
        groups=STAFF,
    )

    # Lists show what is to come.
    _stop_idx = models.Index("(stop)")

    # === COMPUTE METHODS === #

    @api.depends("access_token")
    def _compute_access_token_digest(self):
        for booking in self:
            token = booking.access_token
            booking.access_token_digest = (
                _digest(token) if token else booking.access_token_digest
            )

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
                and known._get_link_notice()
            )

    @api.model
    def _search_declined_by_all(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The platform checks access only to fields named in the domain.
        self._check_field_access(self._fields["declined_by_all"], "read")
        declined = Domain(
            "id",
            "in",
            SQL(
                """(
                SELECT booking.id
                  FROM resource_booking booking
                  JOIN resource_booking_type type ON type.id = booking.type_id
                  JOIN calendar_attendee attendee
                    ON attendee.event_id = booking.meeting_id
                  JOIN res_partner_resource_booking_rel requester
                    ON requester.resource_booking_id = booking.id
                   AND requester.res_partner_id = attendee.partner_id
                 WHERE booking.active
                   AND type.web_conference_tool <> 'none'
              GROUP BY booking.id
                HAVING every(attendee.state IS NOT DISTINCT FROM 'declined'))"""
            ),
        )
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

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.keys().isdisjoint({"partner_id", "partner_ids"}):
            return super().write(vals)
        former = self.env.context.get(REQUESTERS)
        if not isinstance(former, Requesters):
            former = Requesters()
        # Writing the one field, the platform writes the other within.
        for booking in self:
            former.partners.setdefault(booking.id, booking.partner_ids)
        bookings = self.with_context(**{REQUESTERS: former})
        return super(ResourceBooking, bookings).write(vals)

    def _sync_meeting(self):
        former = self.env.context.get(REQUESTERS)
        booking = self.with_context(**{REQUESTERS: None})
        if isinstance(former, Requesters):
            # Before the platform invites others, whose mails lead to the page.
            for closed in booking._close_page_to_former_requesters(former.partners):
                del former.partners[closed.id]
        return super(ResourceBooking, booking)._sync_meeting()

    # === BUSINESS METHODS === #

    @api.model
    def _get_fields_off_event(self):
        return super()._get_fields_off_event() | {"access_token_digest"}

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

    # === THE LINK === #

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

    def _get_disclosed_link(self):
        """How to join, or None while people must not know.

        :return JoinLink:
        """
        self.ensure_one()
        link = self._get_join_link()
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

    # === THE LINK HAS CHANGED === #

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
        return {"link": link, "notice": not link and self._get_link_notice()}

    def _get_link_notice(self):
        """When the link comes, for people who must not know it yet."""
        moment = self._get_link_moment()
        if moment:
            said = self._say_moment(moment, self._get_zone())
            if self._gets_own_link():
                return self.env._(
                    "The %(tool)s link comes with the reminder, by e-mail on %(date)s at "
                    "%(time)s (%(zone)s).",
                    tool=self.type_id._get_conference_tool_name(),
                    **said,
                )
            return self.env._(
                "The link comes with the reminder, by e-mail on %(date)s at %(time)s "
                "(%(zone)s).",
                **said,
            )
        if self._is_link_on_its_way() or self._get_reminder_moments():
            return self.env._("You receive the link by e-mail as soon as it is ready.")
        # Nothing will send it. The booking type warns staff of that.
        contact = self._get_conference_contact()
        return self.env._(
            "The link is not sent automatically. Please ask for it before the "
            "meeting: %(contact)s",
            contact=", ".join(filter(None, contact.values())),
        )

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

    def _say_moment(self, moment, zone):
        """A moment in words, in the language of the environment.

        :param moment: naive UTC
        :return dict: ``date``, ``time`` and ``zone``
        """
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
        return {
            "date": format_date(self.env, local.date(), date_format="long"),
            "time": format_time(self.env, moment, tz=zone, time_format="short"),
            "zone": zone,
        }

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

    def _get_reminder_cron(self):
        return self.env.ref("resource_booking_zoom.ir_cron_send_reminders")

    # === THE LINK THAT IS SHOWN AT ONCE === #

    def _get_open_url(self):
        """The URL that all invited people may see from the start, if any."""
        self.ensure_one()
        if not self.type_id._has_conference_tool():
            return self.type_id.videocall_location
        if self.type_id.link_disclosure != "issued":
            return False
        if self.type_id._has_fixed_url():
            return self.type_id.videocall_location
        link = self.meeting_id and self._get_join_link()
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

    # === THE PAGE IN THE PORTAL === #

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

    def _get_answer_url(self):
        """Where the only requester answers. Of several, each has an address of their own."""
        attendees = self.meeting_id.attendee_ids.filtered(
            lambda one: one.partner_id in self.partner_ids
        )
        return attendees._get_invitation_url() if len(attendees) == 1 else False

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


def _digest(access_token):
    return sha256(access_token.encode()).hexdigest()
