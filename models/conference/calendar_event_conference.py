# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import datetime

from odoo import api, fields, models
from odoo.tools import email_normalize

from ...tools import ics
from ...utils import active_lang, is_ours, lock_rows, one_line, saving
from .link_words import word_link_notice
from .meeting_access import filter_may_open, get_meeting_paths
from .outbox import Outbox

_logger = logging.getLogger(__name__)

# Revisions of calendar entries are counted in seconds from here; 32 bits are enough.
FIRST_REVISION = datetime(2026, 1, 1)


class CalendarEvent(models.Model):
    """Mails and calendar files (.ics) of bookings with a web conference tool."""

    _inherit = "calendar.event"

    web_conference_mail_ids = fields.One2many(
        "booking.conference.mail", "event_id", groups=fields.NO_ACCESS
    )

    # Each run of the reminders begins with the events to come.
    _stop_idx = models.Index("(stop)")

    conference_state = fields.Char(
        string="Online meeting",
        compute="_compute_conference",
        exportable=False,
        help="How far the booking's meeting is; for the staff of the booking.",
    )
    conference_start_path = fields.Char(
        string="Start the meeting", compute="_compute_conference", exportable=False
    )
    conference_join_path = fields.Char(
        string="Join the meeting", compute="_compute_conference", exportable=False
    )

    # === COMPUTE METHODS === #

    @api.depends_context("lang", "uid")
    @api.depends("active", "resource_booking_ids.type_id.web_conference_tool", "stop")
    def _compute_conference(self):
        """Every employee reads events: these fields are for the staff of the booking."""
        booking_of = {event: event._get_conference_booking() for event in self}
        bookings = self.env["resource.booking"].union(
            *(booking.with_env(self.env) for booking in booking_of.values())
        )
        may_open = filter_may_open(bookings)
        paths = get_meeting_paths(may_open)
        for event, booking in booking_of.items():
            start_path, join_path = paths.get(booking.id, (False, False))
            event.conference_start_path = start_path
            event.conference_join_path = join_path
            event.conference_state = (
                booking.with_env(self.env) in may_open
                and event.active
                and booking.with_context(lang=self.env.lang)._get_join_state()
            )

    # === ACTION METHODS === #

    def action_start_conference(self):
        return self._get_conference_booking().action_start_conference()

    def action_join_conference(self):
        return self._get_conference_booking().action_join_conference()

    # === THE BOOKING OF AN EVENT === #

    def _get_conference_booking(self):
        """The booking of this event, if its type uses a web conference tool."""
        self.ensure_one()
        bookings = self.sudo().resource_booking_ids
        # No filtered(): that would not read them together with other events' bookings.
        for booking in bookings:
            if booking.type_id._has_conference_tool():
                return booking
        return bookings.browse()

    def _write_quietly(self, vals):
        """Write without mails to attendees and without rewriting the booking."""
        # Not as what a synchronised calendar or the web shop writes.
        quiet = self.with_context(skip_attendee_notification=True, dont_notify=False)
        with saving(self.sudo().resource_booking_ids):
            return not self or quiet.write(vals)

    def _lock_mails(self):
        """Lock the mails of these events: they are deleted too, and may be being sent."""
        # The ledger forgets the messages that are deleted.
        lock_rows(self.sudo().web_conference_mail_ids)
        messages = self.env["mail.message"].sudo()
        messages = messages.search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        lock_rows(messages)
        lock_rows(messages.notification_ids)
        lock_rows(messages.mail_ids)

    def _setup_alarms(self):
        triggers = super()._setup_alarms()
        for event in self:
            event._get_conference_booking()._trigger_reminders()
        return triggers

    # === MAILS === #

    def _get_mail_sender(self, email_from):
        """The author of a booking's mails: the organizer, else the company.

        Authors can read their messages. So nobody is one who may not read the booking.

        :param email_from: the template's sender, or None
        :return dict: ``author_id`` and ``email_from``
        """
        self.ensure_one()
        booking = self._get_conference_booking()
        organizer = self.user_id
        # In the web shop, the organizer is the visitor.
        if organizer and not organizer.share and booking._is_readable_by(organizer):
            return {"author_id": organizer.partner_id.id, "email_from": email_from}
        company = booking.type_id.company_id or organizer.company_id or self.env.company
        persons = organizer | self.env.user
        if email_normalize(email_from or "") in persons.mapped("email_normalized"):
            email_from = None
        return {
            "author_id": company.partner_id.id,
            "email_from": email_from or company.email_formatted or None,
        }

    @api.model
    def _get_contact_details_description(self, organizer, partners):
        # In the web shop, the visitor is the organizer, and without a name at first.
        unnamed = partners.with_context(active_test=False).filtered(
            lambda one: any(user._is_public() for user in one.user_ids)
        )
        return super()._get_contact_details_description(
            organizer.filtered(lambda user: not user.share), partners - unnamed
        )

    def message_notify(self, **kwargs):
        """Send in our layout, and let only the recipients read the calendar file.

        The platform attaches it to the event, which every employee can read.
        """
        if is_ours(self.env, "web_conference_mail"):
            kwargs["email_layout_xmlid"] = "resource_booking_zoom.mail_layout"
            usual = is_ours(self.env, "web_conference_usual_sender")
            email_from = None if usual else kwargs.get("email_from")
            kwargs.update(self._get_mail_sender(email_from))
        message = super().message_notify(**kwargs)
        if len(self) == 1 and self._get_conference_booking():
            files = message.sudo().attachment_ids
            files.filtered(lambda file: file.res_model == self._name).write(
                {"res_model": message._name, "res_id": message.id}
            )
        outbox = self.env.context.get("web_conference_outbox")
        if isinstance(outbox, Outbox):
            outbox.put(message.sudo())
        return message

    def _skip_send_mail_status_update(self):
        # A calendar synchronised elsewhere sends its own mails, but does not know
        # the link.
        if is_ours(self.env, "web_conference_reminder"):
            return False
        return super()._skip_send_mail_status_update()

    # === CALENDARS ELSEWHERE === #

    def _google_values(self):
        # Called only by google_calendar, which creates a Meet link for every event
        # without a URL.
        values = super()._google_values()
        if self._get_conference_booking():
            values.pop("conferenceData", None)
        return values

    def _need_video_call(self):
        # Called only by microsoft_calendar, which does the same with a Teams link.
        return not self._get_conference_booking() and super()._need_video_call()

    # === CALENDAR FILES === #

    def _get_ics_file(self):
        files = super()._get_ics_file()
        for event in self:
            if files.get(event.id) and event._get_conference_booking():
                try:
                    files[event.id] = event._edit_ics(files[event.id])
                except ics.UnreadableFile:
                    # The mail goes without.
                    _logger.warning("Event %s has no calendar file", event.id)
                    del files[event.id]
        return files

    def _edit_ics(self, content):
        """Add how to join, or while that is hidden, when the link comes.

        :param bytes content: the platform's file
        :return bytes:
        """
        lines, url, label = [], None, None
        booking = self._get_ics_booking()
        conference = booking and booking._get_disclosed_conference()
        if conference:
            url, label = ics.quote_url(conference["url"]), conference["tool"]
            lines = _describe(booking.env, conference, url)
        elif booking:
            lines = list(filter(None, [word_link_notice(booking)]))
        return ics.edit_entry(
            content,
            uid=self._get_ics_uid(),
            sequence=self._get_ics_sequence(),
            summary=one_line(self._get_customer_summary()),
            lines=lines,
            url=url,
            label=label,
        )

    def _get_ics_uid(self):
        """The same in all files of this event, and unique across databases."""
        parameters = self.env["ir.config_parameter"].sudo()
        return f"event-{self.id}@{parameters.get_param('database.uuid')}"

    def _get_ics_sequence(self):
        """The revision of the file: a later file replaces an earlier one.

        It is the time, since disclosing a link changes nothing on the event and calendar
        programs must take over the link all the same.
        """
        return int((fields.Datetime.now() - FIRST_REVISION).total_seconds())

    def _get_ics_booking(self):
        """The booking in the requester's language, if the file may say how to join.

        One file is made for all recipients of a mail. Mails to people who may not join
        switch it off in the context.
        """
        booking = self._get_conference_booking()
        if is_ours(self.env, "web_conference_not_in_ics"):
            return None
        if not self.env.su and not booking.with_env(self.env).has_access("read"):
            return None
        if not booking._is_to_be_joined():
            return None
        lang = active_lang(self.env, booking.partner_ids[:1].lang)
        return booking.with_context(lang=lang)


def _describe(env, conference, url):
    """How to join, as text.

    :param env: environment in the language of the file
    :param dict conference: see resource.booking._get_disclosed_conference
    """
    lines = [f"{conference['tool']}: {url}"]
    if conference["number"]:
        lines.append(env._("Meeting ID: %(id)s", id=conference["number"]))
    if conference["passcode"]:
        lines.append(env._("Passcode: %(passcode)s", passcode=conference["passcode"]))
    if conference["phones"]:
        lines.append(env._("By phone"))
        lines += [_describe_phone(env, phone) for phone in conference["phones"]]
    if conference["phones"] and conference["phone_passcode"]:
        lines.append(
            env._("Passcode by phone: %(digits)s", digits=conference["phone_passcode"])
        )
    return lines


def _describe_phone(env, phone):
    city = f" ({phone.city})" if phone.city else ""
    toll_free = env._(", toll-free") if phone.is_free else ""
    return f"{phone.country}: {phone.number}{city}{toll_free}"
