# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import datetime
from urllib.parse import urlencode

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import MissingError
from odoo.fields import Datetime
from odoo.tools.misc import clean_context

from ...const import INVITATION_ROUTE, STAFF
from ...utils import (
    OURS,
    find_overtaken,
    is_customer,
    is_ours,
    known_zone,
    one_line,
    own_time,
    say_moment,
)
from .link_words import word_link_notice
from .meeting_access import get_start_path
from .outbox import Outbox

_logger = logging.getLogger(__name__)

# Mark the block in a rendered mail, or the sentence that replaces it while there is no
# link, or while the link is hidden.
BLOCK_MARKER = "o_web_conference_info"

FOLLOWS_MARKER = "o_web_conference_follows"

NOTICE_MARKER = "o_web_conference_notice"

INVITATION = "calendar.calendar_template_meeting_invitation"
CONFIRMATION = "resource_booking_zoom.mail_template_confirmation"
# What previews say, as the samples within the templates do
SAMPLE_ZONE = "Asia/Tokyo"
SAMPLE_MOMENT = datetime(2027, 5, 4, 1)

ANSWERS = {"accept": "accepted", "decline": "declined"}


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    web_conference_info = fields.Html(
        string="Web conference",
        compute="_compute_web_conference_info",
        search="_search_web_conference_info",
        sanitize=False,
        exportable=False,
        help="How to join: tool, URL, meeting ID and passcode. Empty until the link "
        "may be known.",
    )

    # === COMPUTE METHODS === #

    @api.depends_context(
        "lang",
        "uid",
        "su",
        "template_preview_lang",
        "web_conference_confirmation",
        "web_conference_follows",
        "web_conference_mail",
        "web_conference_preview",
    )
    @api.depends("event_id", "state")
    def _compute_web_conference_info(self):
        for attendee in self:
            view, values = attendee._get_web_conference_view()
            if values:
                values = {**values, **attendee._get_page_values()}
            attendee.web_conference_info = values and self.env[
                "ir.qweb"
            ].sudo()._render(
                f"resource_booking_zoom.{view}", values, lang=self.env.lang
            )

    @api.model
    def _search_web_conference_info(self, operator, value):
        # Needed so that the editor offers the field as a placeholder. Searching must
        # not reveal a link.
        return [("id", "=", False)]

    def _compute_mail_tz(self):
        """The booking's time zone, also if the person's own one is damaged.

        The platform takes the person's zone first, and fails if that is unknown.
        """
        ours = self.filtered(lambda one: one.event_id._get_conference_booking())
        for attendee in ours:
            attendee.mail_tz = attendee.event_id._get_conference_booking()._get_zone()
        return super(CalendarAttendee, self - ours)._compute_mail_tz()

    # === BUSINESS METHODS === #

    def _get_web_conference_view(self):
        """What the placeholder shows: the name of a view and its values."""
        context = self.env.context
        if "template_preview_lang" in context:
            if is_ours(self.env, "web_conference_confirmation"):
                return "web_conference_notice", self._get_previewed_notice()
            values = self._get_previewed_values() or self._get_sample_values()
            return "web_conference_block", values
        values = self._get_web_conference_values()
        if values:
            return "web_conference_block", values
        if is_ours(self.env, "web_conference_follows"):
            return "web_conference_follows", self._get_contact_values()
        if is_ours(self.env, "web_conference_mail"):
            return "web_conference_notice", self._get_notice_values()
        return "web_conference_block", None

    def _get_web_conference_values(self):
        """What the block says, or None while the link must not be known."""
        booking = self._get_readable_booking()
        # The superuser renders a mail for this attendee.
        if not booking or self.env.su and not self._filter_may_join():
            return None
        values = booking._get_disclosed_conference()
        return values and {**values, "start_url": self._get_start_url()}

    def _get_start_url(self):
        """Where the attendee starts the meeting, in the mail to whom it belongs."""
        booking = self._get_readable_booking()
        users = self.partner_id.user_ids & booking.combination_id.resource_ids.user_id
        if (
            not is_ours(self.env, "web_conference_mail")
            or not users.filtered(lambda user: user._is_internal())
            or not booking._can_be_started()
        ):
            return False
        return f"{booking.get_base_url()}{get_start_path(booking)}"

    def _get_previewed_values(self):
        """What the reminder will say, for staff who may read it on the booking."""
        if not is_ours(self.env, "web_conference_preview"):
            return None
        if self.env.su or not self.env.user.has_group(STAFF):
            return None
        booking = self._get_readable_booking()
        return booking and booking._get_conference(booking._get_join_link())

    def _get_page_values(self):
        """Where a requester changes or cancels the booking, in the mail to that person.

        A booking that was never shared gets its page's address now.
        """
        if "template_preview_lang" in self.env.context:
            return {"page_url": "https://www.example.com/booking", "can_change": True}
        booking = self._get_readable_booking()
        mailed = is_ours(self.env, "web_conference_mail")
        if not mailed or self.partner_id not in booking.partner_ids:
            return {}
        if booking._is_only_held():
            # The web shop changes the address next, and mails it.
            return {}
        return {
            "page_url": f"{booking.get_base_url()}{booking.get_portal_url()}",
            "can_change": not booking.is_overdue,
        }

    def _get_sample_values(self):
        """Sample values for template previews."""
        booking = self._get_readable_booking()
        return {**booking._get_sample_conference(), "sample": True}

    def _get_contact_values(self):
        """Whom to ask while there is no link."""
        booking = self._get_readable_booking()
        return booking._get_conference_contact() if booking else None

    def _get_notice_values(self):
        """When the link comes, in the booking's and the recipient's time zone."""
        booking = self._get_readable_booking()
        if not booking or not booking._is_to_be_joined():
            return None
        if booking._is_without_link() and is_ours(self.env, "web_conference_reminder"):
            # The reminder itself says when the booking begins.
            return None
        moment, own_zone = booking._get_link_moment(), known_zone(self.partner_id.tz)
        own_moment = False
        if moment and own_zone and own_zone != booking._get_zone():
            own_moment = self.env._(
                "Your time: %(date)s at %(time)s (%(zone)s)",
                **say_moment(self.env, moment, own_zone),
            )
        # The confirmation tells the time itself.
        confirmation = is_ours(self.env, "web_conference_confirmation")
        return {
            "own_start": not confirmation and self._get_own_time(),
            "notice": word_link_notice(booking),
            "own_moment": own_moment,
        }

    def _get_conference_tool_name(self):
        """The tool's name in mails, also for people who may not read the booking."""
        return self.event_id._get_conference_booking()._get_conference_tool_name()

    def _get_readable_booking(self):
        """The booking with a web conference, superuser, for those who may read it."""
        booking = self.event_id._get_conference_booking()
        readable = self.env.su or booking.with_env(self.env).has_access("read")
        return booking if readable else booking.browse()

    def _get_own_time(self):
        """The booking's start in the attendee's time zone, if that differs."""
        return own_time(self.partner_id, self.event_id.start, self.mail_tz)

    def _filter_may_join(self):
        """The attendees who may learn how to join, and when.

        Not those who declined. Employees can add themselves to any event. So a person
        added by hand counts only if whoever added that person may read the booking.
        Staff who left the company stay partners, with archived users.
        """
        bookings = {one: one._get_conference_booking() for one in self.event_id}
        invited = {
            # An archived contact may be restored in time, see _can_get_mail.
            event: booking.with_context(active_test=False).partner_ids
            | booking._get_staff_partners()
            for event, booking in bookings.items()
        }
        return self.filtered(
            lambda attendee: (
                attendee.state != "declined"
                and (
                    attendee.partner_id in invited[attendee.event_id]
                    or not attendee._is_of_former_user()
                    and bookings[attendee.event_id]._is_readable_by(attendee.create_uid)
                )
            )
        )

    def _take_one_a_person(self):
        """One attendee per event and person.

        Contacts may have been merged or added twice.
        """
        first = {(one.event_id, one.partner_id): one.id for one in self[::-1]}
        return self.filtered(lambda one: first[one.event_id, one.partner_id] == one.id)

    def _take_some(self, limit, after=0):
        """The next attendees to mail, each person once, whom a mail can reach.

        :param int limit: how many at most
        :param int after: id of the last attendee mailed before
        :return tuple: the attendees, and the id of the last one, or 0 if there are no
            more
        """
        rest = self._take_one_a_person().filtered(
            lambda one: one.id > after and one.partner_id._can_get_mail()
        )
        some = rest.sorted("id")[:limit]
        return some, some[-1:].id if len(rest) > limit else 0

    def _is_of_former_user(self):
        users = self.partner_id.with_context(active_test=False).user_ids
        return bool(users) and not any(users.mapped("active"))

    # === MAILS OF THE PLATFORM === #

    def _notify_attendees(self, mail_template, notify_author=False, force_send=False):
        """Let invitations and date changes say how to join, or when the link comes.

        The system sends them: whoever creates a message can read it, and whoever moves
        an event may not be allowed to read the booking.
        """

        def send(attendees, template, force_send=False):
            # Leave our mails to the queue. If the request sent them too, some would
            # arrive twice, and one of the two would fail with an error.
            return super()._notify_attendees(template, notify_author, force_send)

        concerned = self.filtered(lambda one: one.event_id._get_conference_booking())
        if not mail_template or not concerned:
            return send(self, mail_template, force_send)
        ours = concerned.sudo()._filter_may_join().with_env(self.env)
        # People who may not join get the platform's mail, without a link in its file.
        # sudo: whoever invites others may not read their tokens.
        others = (concerned - ours).sudo().with_context(web_conference_not_in_ics=OURS)
        if self - concerned:
            send(self - concerned, mail_template, force_send)
        if others:
            others._notify_each(send, mail_template.sudo())
        if not ours:
            return None
        # Not the sender, and nobody who gets a mail from another calendar.
        told = ours.filtered(
            lambda one: (
                one._should_notify_attendee(notify_author)
                and not one.event_id._skip_send_mail_status_update()
            )
        )
        # Not stored, and computed of more than the database can watch.
        self.invalidate_model(["web_conference_info"])
        told._open_pages()
        if is_ours(self.env, "web_conference_reminder"):
            return send(*told._let_system_send(mail_template))
        told = told._take_one_a_person()
        told -= told._confirm(mail_template, send)
        attendees, template = told._let_system_send(mail_template)
        attendees._notify_each(send, template)
        self.env["booking.conference.mail"]._wake_mail_queue()
        return None

    def _open_pages(self):
        """Give the bookings of requesters the address of their page.

        Done while a mail is written, what it changes would fail as an error of the mail.
        """
        for event, attendees in self.grouped("event_id").items():
            booking = event._get_conference_booking()
            asked_for = attendees.partner_id & booking.partner_ids
            if asked_for and not booking._is_only_held():
                booking._portal_ensure_token()

    def _let_system_send(self, template):
        """The attendees and the template, for the superuser to send.

        The template does not take over the attendees' context.
        """
        context = self._prepare_mail_context()
        if not template._may_name_sender():
            context["web_conference_usual_sender"] = OURS
        system = self.env(user=SUPERUSER_ID, context=context)
        return self.with_env(system), template.with_env(system)

    def _prepare_mail_context(self):
        """The caller's context, without keys that would change the mail.

        A caller could add default recipients, or ask for the sample of a preview.
        """
        context = clean_context(self.env.context)
        context.pop("template_preview_lang", None)
        if is_customer(self.env):
            context["web_conference_chosen"] = OURS
        return {**context, "web_conference_mail": OURS}

    def _notify_each(self, send, template):
        """Send a mail to all; note for staff whom it could not be written to.

        :param send: function of attendees and template
        """
        self._filter_not_notified(send, template)._note_failing_mails()

    def _filter_not_notified(self, send, template):
        """Send a mail to all; if that fails, one by one.

        A damaged recipient must not keep the booking from being saved.

        :param send: function of attendees and template
        :return: the attendees for whom it failed
        """
        # Errors of the booking itself must not count as failed mails.
        self.env.flush_all()
        if len(self) != 1 and (not self or self._try_to_notify(send, template)):
            return self.browse()
        return self.filtered(lambda one: not one._try_to_notify(send, template))

    def _try_to_notify(self, send, template):
        """
        :return bool: False if it failed; the log says why
        """
        outbox = Outbox()
        recipients = self.with_context(web_conference_outbox=outbox)
        try:
            with self.env.cr.savepoint():
                send(recipients, template)
                if is_ours(self.env, "web_conference_mail"):
                    self._note_calendar_mail(outbox.get_messages())
        except Exception as error:
            overtaken = find_overtaken(error)
            if overtaken:
                raise overtaken from None
            log = _logger.exception if len(self) == 1 else _logger.info
            log("Calendar mail of events %s failed", self.event_id.ids)
            return False
        return True

    def _note_failing_mails(self):
        """Tell the staff of the bookings who gets no mail."""
        for event, attendees in self.grouped("event_id").items():
            names = ", ".join(attendees.partner_id.mapped("display_name"))
            event._get_conference_booking()._note_for_staff(
                "mail_failing", one_line(names)
            )

    def _note_calendar_mail(self, messages):
        """Enter into the ledger who got the link in a mail of the platform.

        :param dict messages: see Outbox.get_messages
        """
        for event, attendees in self.grouped("event_id").items():
            booking = event._get_conference_booking()
            told = attendees.filtered(
                lambda one: (
                    (one.event_id.id, one.partner_id.id) in messages
                    and one.partner_id._can_get_mail()
                )
            )
            if told and booking._get_disclosed_conference():
                entries = self.env["booking.conference.mail"]._enter(told, "calendar")
                entries._keep_messages(messages)
                booking._disclose_join_link()
                # This mail could not wait. If its link is wrong, the right one follows.
                booking._check_told_link()

    # === A CONFIRMATION INSTEAD OF THE INVITATION === #

    def _confirm(self, mail_template, send):
        """Send the confirmation to the requesters among those who are invited.

        :param mail_template: the platform's, which is about to be sent
        :param send: function of attendees and template
        :return: the attendees who need the platform's mail no more
        """
        system = self.env(su=True)
        confirmation = system.ref(CONFIRMATION, raise_if_not_found=False)
        invitation = system.ref(INVITATION, raise_if_not_found=False)
        if mail_template != invitation or not (confirmation and confirmation.active):
            return self.browse()
        requesters = self.filtered(
            lambda one: (
                one.partner_id in one.event_id._get_conference_booking().partner_ids
            )
        )
        attendees, template = requesters._let_system_send(confirmation)
        failed = attendees._filter_not_notified(send, template)
        return requesters - failed.with_env(self.env)

    def _is_asked(self):
        """Whether the mail asks for an answer: not of those who chose the time.

        Whoever invites them later, in another's name, puts ``web_conference_chosen``
        into the context.
        """
        self.ensure_one()
        shown = "template_preview_lang" in self.env.context
        return (
            (shown or is_ours(self.env, "web_conference_mail"))
            and self.state == "needsAction"
            and not is_ours(self.env, "web_conference_chosen")
            # Who pays for it in the web shop has chosen it there.
            and not self.event_id._get_conference_booking()._is_only_held()
        )

    def _get_answer_url(self, answer):
        """The page on which the recipient of the mail answers.

        :param str answer: "accept" or "decline"
        :return: False if no answer is asked for
        """
        if not self._is_asked():
            return False
        if "template_preview_lang" in self.env.context:
            return "https://www.example.com/booking"
        # It leads to the page in the recipient's language.
        query = urlencode({"token": self.access_token, "id": self.event_id.id})
        return f"{self.get_base_url()}/calendar/meeting/{answer}?{query}"

    def _get_previewed_notice(self):
        """When the link comes: of this booking to those who may read it, else a sample."""
        return self._get_notice_values() or {
            "notice": self.env._(
                "The link comes with the reminder, by e-mail on %(date)s at %(time)s "
                "(%(zone)s).",
                **say_moment(self.env, SAMPLE_MOMENT, SAMPLE_ZONE),
            )
        }

    # === THE INVITATION'S PAGE === #

    def _has_field_access(self, field, operation):
        """Hide the token from people who could answer for somebody else with it.

        The platform lets every employee read, search and write it.
        """
        return super()._has_field_access(field, operation) and (
            self.env.su
            or field.name != "access_token"
            or self._may_use_token(operation)
        )

    def _may_use_token(self, operation):
        if not self.ids:
            # A search could find it letter by letter.
            return operation == "write"
        own = self.env.user.partner_id
        try:
            others = self.sudo().filtered(lambda one: one.partner_id != own)
        except MissingError:
            # Records read together may include deleted ones.
            others = self.sudo().exists().filtered(lambda one: one.partner_id != own)
        bookings = (
            event._get_conference_booking()
            for event in others.event_id.with_context(active_test=False)
        )
        return all(
            booking.with_env(self.env).has_access("read")
            for booking in bookings
            if booking
        )

    @api.model
    def _get_invited(self, token, series=False):
        """The attendee with this token, as superuser.

        :param str token: from the link in a mail
        :param bool series: whether the answer is for all events of a recurrence
        :return: empty if no booking with a web conference is concerned
        """
        attendee = self.sudo().search([("access_token", "=", token)], limit=1)
        events = attendee.event_id.with_context(active_test=False)
        if series:
            events |= events.recurrence_id.calendar_event_ids
        ours = any(event._get_conference_booking() for event in events)
        return attendee if ours else attendee.browse()

    def _get_invitation_url(self, answer=None, series=False):
        """The page's address, in the language of the mail."""
        self.ensure_one()
        query = {"token": self.access_token}
        if answer:
            query["answer"] = answer
        if series:
            query["series"] = 1
        path = f"{INVITATION_ROUTE}?{urlencode(query)}"
        lang = self.partner_id.lang
        if lang in self.env["res.lang"]._get_frontend():
            return self.env["ir.http"]._url_lang(path, lang)
        return path

    def _get_invitation_page(self, asked=None, series=False):
        """What the page says and offers.

        :param str asked: the answer whose link was followed, if any
        :param bool series: whether the answer is for all events of a recurrence
        :return dict: values of the template
        """
        self.ensure_one()
        event = self.event_id.with_context(active_test=False)
        booking = event._get_conference_booking()
        series = series and bool(event.recurrence_id)
        takes_place = booking.active and event.active
        offered = [
            answer
            for answer, state in ANSWERS.items()
            if takes_place and event.stop > Datetime.now() and self.state != state
        ]
        return {
            "attendee": self,
            "booking": booking,
            "event": event,
            "period": booking._say_period(event.start),
            "own_time": self._get_own_time(),
            "takes_place": takes_place,
            "removed": self._is_meeting_removed(booking),
            "asked": asked if asked in offered else None,
            # Ask only about the link that was followed.
            "answers": [asked] if asked in offered else offered,
            "last": self._is_last_requester(booking),
            "restores": self._is_meeting_removed(booking)
            and self.partner_id in booking.partner_ids,
            "kind": "recurrence" if series else "meeting",
            "series": series,
        }

    def _is_meeting_removed(self, booking):
        """Whether there is no meeting because all requesters declined."""
        return booking._gets_own_link() and booking._is_declined()

    def _is_last_requester(self, booking):
        """Whether the meeting is removed if this attendee declines."""
        going = self.event_id.attendee_ids.filtered(
            lambda one: (
                one.partner_id in booking.partner_ids and one.state != "declined"
            )
        )
        return booking._gets_own_link() and going == self
