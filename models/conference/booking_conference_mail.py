# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import NamedTuple

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import groupby

from ...const import (
    KEPT_FOR,
    PARAM_REMINDER_WAIT,
    READ_AHEAD,
)
from ...engine.mail_timing import get_retry_pause, is_mail_held
from ...tools import ics
from ...utils import (
    active_lang,
    delete_some,
    describe,
    get_addresses,
    in_own_transaction,
    known_zone,
    one_line,
    own_time,
    tell_story,
)
from .address_digest import address_digest
from .ledger_queries import (
    find_dead,
    find_due_reminders,
    find_links_of_leavers,
    find_undelivered,
    find_untold,
)
from .mail_writing import send_mails
from .outbox import get_messages_of
from .unreachable import (
    are_mails_blocked,
    note_undelivered,
    note_unreachable,
    speak_to_staff,
)
from .unsent_mails import find_unsent, get_event_id, queue_again

_logger = logging.getLogger(__name__)

# A mail without a link is held until this long before the start.
DEFAULT_WAIT_MINUTES = 10

# Maximum number of mails per transaction, which takes some seconds; what they share is
# read once. A booking with more mails lets the others go first.
MAILS_TOGETHER = 20

# When other workers changed the same rows at every try, the mail is tried again later.
LOST_WAIT = timedelta(seconds=5)


class NotQueued(Exception):
    """The platform made no mail."""


# Kind of an entry -> the line in the booking's history.
STORY_OF_KIND = {
    "reminder": "reminded",
    "link": "link_sent",
    "changed": "link_changed",
    "cancelled": "dead_link_told",
}
# What a person's entries about one booking share until it changes.
SHARED_BY_ENTRIES = [
    "event_id",
    "booking_id",
    "partner_id",
    "type_id",
    "company_id",
    "start",
    "stop",
    "tz",
    "calendar_uid",
    "organizer_id",
    "link_id",
]


class MailKind(NamedTuple):
    """One kind of mail: functions of the model that find what is due and send it.

    To add a kind, define it and add it to KINDS.
    """

    name: str
    find: Callable  # () -> what is due, each hashable
    send: Callable  # (list of them) -> those of which there are more to send, or None
    event_of: Callable = lambda _model, _what: None  # whose link the mail tells


OTHER_LINK = MailKind(
    "other link for those who stay",
    lambda model: find_links_of_leavers(model.env),
    lambda model, links: model._replace_known_links(links),
)
REMINDER = MailKind(
    "reminder",
    lambda model: find_due_reminders(model.env),
    lambda model, due: model._send_reminders(due),
    lambda _model, due: due[0],
)
FOLLOW_UP = MailKind(
    "link that comes late, or another one",
    lambda model: list(dict.fromkeys((one[0],) for one in find_untold(model.env))),
    lambda model, due: model._send_follow_ups(due),
    lambda _model, due: due[0],
)
DEAD_LINK = MailKind(
    "link that works no longer",
    lambda model: find_dead(model.env),
    lambda model, row_ids: model._send_dead_link_mails(row_ids),
)
UNSENT = MailKind(
    "mail that no server took",
    lambda model: find_unsent(model.env),
    lambda model, mail_ids: queue_again(model.env, mail_ids),
    lambda model, mail_id: get_event_id(model.env, mail_id),
)
# In the order in which a run sends them.
KINDS = (
    # First: no mail below tells a link that somebody who left knows.
    OTHER_LINK,
    # The soonest booking first.
    REMINDER,
    # After the reminders: who has just got the link by one needs no second mail.
    FOLLOW_UP,
    # After the links: who has just got another one need not hear that the old one is dead.
    DEAD_LINK,
    # Last: a mail above supersedes one that was not sent.
    UNSENT,
)
# At the end of the run: what it found out is told in one mail.
TO_STAFF = MailKind(
    "notice to staff",
    lambda model: model.env["booking.conference.notice"]._get_causes_to_tell(),
    lambda model, causes: model.env["booking.conference.notice"]._tell(causes),
)


class BookingConferenceMail(models.Model):
    """The ledger of mails that say how to join, or that the link no longer works.

    A row means that a person got a mail: in the same transaction, it was put into Odoo's
    mail queue for a valid address. If that mail fails, or the person's address changes,
    the row no longer counts (section "Undelivered mails"). A person's last row on an
    event, the one that is not superseded, says what the person knows. Rows outlive event
    and booking: cancelling deletes both, and whoever knew the link must hear of it.

    A person is a contact. Two contacts with one address are two people: each has an
    invitation to answer, and each gets a mail.
    """

    _name = "booking.conference.mail"
    _inherit = ["booking.unlogged"]
    _description = "Web Conference Mail"
    _order = "id desc"

    event_id = fields.Many2one("calendar.event", index=True, ondelete="set null")
    # Stays when the event goes; empty in rows that are older than this field.
    booking_id = fields.Many2one(
        "resource.booking", index="btree_not_null", ondelete="set null"
    )
    alarm_id = fields.Many2one("calendar.alarm", index=True, ondelete="set null")
    # Empty once the contact is deleted; the person may still know the link.
    partner_id = fields.Many2one("res.partner", index=True, ondelete="set null")
    type_id = fields.Many2one(
        "resource.booking.type", index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one("res.company", index=True)
    start = fields.Datetime(string="Start time", required=True)
    stop = fields.Datetime()
    tz = fields.Char(string="Time zone of the booking")
    # The UID in the calendar files that people got.
    calendar_uid = fields.Char(string="ID in calendars")
    organizer_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="set null"
    )
    kind = fields.Selection(
        [
            ("reminder", "Reminder"),
            ("link", "Join link"),
            ("changed", "Changed join link"),
            ("calendar", "Invitation or date change"),
            ("cancelled", "Join link no longer works"),
        ],
        required=True,
    )
    reason = fields.Selection(
        [
            ("cancelled", "Booking cancelled"),
            ("left", "You no longer take part"),
            ("dead", "The link no longer works"),
        ],
        help="Why the join link no longer works.",
    )
    # The mail's subject, in the recipient's language.
    reason_label = fields.Char(compute="_compute_reason_label")
    link_id = fields.Integer(
        index="btree_not_null",
        help="The tool's reference of the join link that was told.",
    )
    # Not the link itself: readers of the ledger must not learn it.
    link_digest = fields.Char(
        help="Digest of the join link that was told; empty if none was."
    )
    superseded = fields.Boolean(help="The person got a later mail.")
    # Emptied when the platform deletes its messages with the event.
    mail_message_id = fields.Many2one(
        "mail.message",
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="The mail, with its delivery status.",
    )
    address_digest = fields.Char(
        groups=fields.NO_ACCESS, help="Digest of the address that it went to."
    )
    # Merging contacts changes partner_id. Rows of two people must not clash then, or the
    # platform deletes all rows of one of them.
    person = fields.Integer(
        groups=fields.NO_ACCESS, help="ID of the contact when the mail was written."
    )
    retry_at = fields.Datetime(
        groups=fields.NO_ACCESS,
        help="The mail did not reach the person. It is sent again from then on.",
    )

    _once = models.UniqueIndex(
        "(event_id, alarm_id, start, person, kind) WHERE retry_at IS NULL",
        "Each reminder is sent once to each attendee.",
    )
    _known_idx = models.Index("(event_id, partner_id) WHERE superseded IS NOT TRUE")
    _to_come_idx = models.Index("(stop) WHERE superseded IS NOT TRUE")
    _retry_idx = models.Index("(retry_at) WHERE retry_at IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_reason_label(self):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for entry in self:
            entry.reason_label = labels.get(entry.reason)

    @api.depends("type_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.type_id.sudo().name or ""

    # === SCHEDULED ACTION === #

    @api.model
    def _cron_send_reminders(self):
        """Send what is due, and commit after every few mails.

        A booking with more mails continues after all others, and after what became due
        meanwhile.
        """
        cron = self.env["ir.cron"]
        self._note_undelivered()
        work = self._get_work()
        self._ask_for_link_checks(work)
        work = self._without_unchecked(work)
        cron._commit_progress(remaining=len(work))
        seen = set(work)
        while work:
            batch, rest = work[:MAILS_TOGETHER], work[MAILS_TOGETHER:]
            left = self._send_batch(batch)
            work = [*rest, *left]
            time_left = cron._commit_progress(len(batch), remaining=len(work))
            if left and time_left:
                due = self._without_unchecked(self._get_work())
                new = [one for one in due if one not in seen]
                seen.update(new)
                work = [*new, *work]
            if not time_left and work:
                # Else the framework would call again only after a minute.
                self.env["resource.booking"]._get_reminder_cron()._trigger()
                break
        else:
            self.env["booking.conference.notice"]._note_absent_hosts()
            self._send_batch([(TO_STAFF, what) for what in TO_STAFF.find(self)])
        if seen:
            # Checks may be too old for the mails that had to wait.
            self._ask_for_link_checks(self._get_work())

    @api.model
    def _get_work(self):
        """What is due now, in the order of KINDS.

        :return list: of pairs, a MailKind and one of what it found
        """
        return [(kind, what) for kind in KINDS for what in kind.find(self)]

    @api.model
    def _send_batch(self, batch):
        """Send these together; if that fails, one by one.

        One booking that cannot be rendered must not block the others. The next run
        tries it again.

        :param list batch: see _get_work
        :return list: what has more mails to send
        """
        try:
            return in_own_transaction(
                self, lambda records: records._send_together(batch)
            )
        except Exception as error:
            _logger.info("Mails are sent one by one: %s", type(error).__name__)
        left = []
        for one in batch:
            try:
                left += in_own_transaction(
                    self, lambda records, one: records._send_together([one]), one
                )
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                # Somebody saves the booking all the time.
                again = fields.Datetime.now() + LOST_WAIT
                self.env["resource.booking"]._get_reminder_cron()._trigger(at=again)
            except Exception:
                kind, what = one
                _logger.exception("Web conference mail failed: %s %s", kind.name, what)
        return left

    @api.model
    def _send_together(self, batch):
        """
        :return list: what of the batch has more mails to send
        """
        left = []
        for kind, group in groupby(batch, itemgetter(0)):
            more = kind.send(self, [what for _kind, what in group])
            left += [(kind, what) for what in more or ()]
        self._wake_mail_queue()
        return left

    @api.model
    def _wake_mail_queue(self):
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    # === CHECKING LINKS BEFORE A MAIL === #

    @api.model
    def _ask_for_link_checks(self, work):
        """Have the tool asked about the links that mails are about to tell.

        :param list work: see _get_work
        """
        soon = [
            event_id for event_id, _alarm_id in find_due_reminders(self.env, READ_AHEAD)
        ]
        told = filter(None, (kind.event_of(self, what) for kind, what in work))
        bookings = self._get_bookings(self._browse_events({*soon, *told}))
        try:
            moments = bookings._check_links_before_mail()
        except Exception as error:
            # Other mails go out whatever comes of it.
            _logger.info("Links not checked: %s", describe(error))
            moments = [fields.Datetime.now() + timedelta(seconds=5)]
        if moments:
            self.env["resource.booking"]._get_reminder_cron()._trigger(at=moments)

    @api.model
    def _without_unchecked(self, work):
        """Leave out the mails that wait until a link has been checked.

        :param list work: see _get_work
        """
        events = [kind.event_of(self, what) for kind, what in work]
        bookings = self._get_bookings(self._browse_events(set(filter(None, events))))
        awaited = set(
            bookings.filtered(
                lambda one: one._awaits_link_check(self._get_last_moment(one))
            ).meeting_id.ids
        )
        return [
            one
            for one, event_id in zip(work, events, strict=True)
            if event_id not in awaited
        ]

    @api.model
    def _browse_events(self, event_ids):
        return self.env["calendar.event"].browse(sorted(event_ids)).exists()

    @api.model
    def _get_bookings(self, events):
        """The bookings of these events."""
        return self.env["resource.booking"].union(
            *(event._get_conference_booking() for event in events)
        )

    # === OTHER LINK === #

    @api.model
    def _replace_known_links(self, links):
        """Give those who remain a link that those who left do not know."""
        known = find_links_of_leavers(self.env, links)
        for tool, of_tool in groupby(known, itemgetter(0)):
            kept = self.env["resource.booking"]._replace_join_links(
                tool, [link_id for _tool, link_id in of_tool]
            )
            for booking, until in kept.items():
                if not until:
                    booking._forget_for_staff("link_kept")
                elif booking._note_for_staff("link_kept"):
                    booking._get_reminder_cron()._trigger(at=until)

    # === REMINDERS === #

    @api.model
    def _send_reminders(self, due):
        """Send each booking's reminder to those who have not got it yet.

        :param list due: of (event id, alarm id), with the id of the last attendee
            mailed before, if any
        :return list: those that have more to send
        """
        # Browse together, to read together.
        events = self.env["calendar.event"].browse([event_id for event_id, *_ in due])
        alarms = self.env["calendar.alarm"].browse(
            [alarm_id for _, alarm_id, *_ in due]
        )
        may_join = events.attendee_ids._filter_may_join().grouped("event_id")
        nobody = events.attendee_ids.browse()
        room, left, to_send = 2 * MAILS_TOGETHER, [], {}
        for event, alarm, one in zip(events, alarms, due, strict=True):
            if room <= 0:
                left.append(one)
                continue
            booking = event._get_conference_booking()
            if not booking or not (
                booking._expects_join_link() or booking._is_without_link()
            ):
                continue
            attendees = self._get_recipients(may_join.get(event, nobody), alarm)
            note_unreachable(attendees)
            if are_mails_blocked(self.env):
                booking._note_for_staff(
                    "mail_failing",
                    speak_to_staff(event)._(
                        "An administrator has switched off calendar mails."
                    ),
                )
                continue
            if self._is_held(booking):
                continue
            attendees, more_after = attendees._take_some(MAILS_TOGETHER, *one[2:])
            if not attendees:
                continue
            room -= len(attendees)
            to_send[alarm] = to_send.get(alarm, nobody) | attendees
            if booking._lacks_join_link():
                booking._note_for_staff("link_missing")
            if more_after:
                left.append((event.id, alarm.id, more_after))
        sent = self.browse().union(
            *(send_mails(self, to, "reminder", alarm) for alarm, to in to_send.items())
        )
        sent._tell_story()
        return left

    @api.model
    def _get_recipients(self, attendees, alarm):
        """Who of these should get this reminder, and got neither it nor a later one.

        People who cannot be reached stay due: somebody may enter an address in time.

        :param attendees: of one event, who may learn how to join
        """
        event = attendees.event_id
        sent = event.web_conference_mail_ids.filtered(
            lambda entry: (
                entry.kind == "reminder"
                and not entry.retry_at
                and entry.start == event.start
                and entry.alarm_id
                and entry.alarm_id.duration_minutes <= alarm.duration_minutes
            )
        )
        reminded = sent.partner_id | self._get_pausing(event)
        return attendees.filtered(lambda one: one.partner_id not in reminded)

    @api.model
    def _is_held(self, booking):
        """Whether mails with the link of this booking are held for now."""
        if booking._is_without_link():
            return False
        last_moment = self._get_last_moment(booking)
        has_link = bool(booking._get_join_link())
        return is_mail_held(
            last_moment,
            fields.Datetime.now(),
            has_link=has_link,
            is_being_checked=has_link and booking._awaits_link_check(last_moment),
            is_imminent=not has_link and booking._is_join_link_imminent(),
        )

    @api.model
    def _is_last_moment(self, booking):
        """Whether the start is too near to hold a mail any longer.

        :param booking: resource.booking
        """
        return fields.Datetime.now() >= self._get_last_moment(booking)

    @api.model
    def _get_last_moment(self, booking):
        """From when on mails of the booking go out without a link, naive UTC."""
        return booking.start - self._get_lead_time()

    @api.model
    def _get_lead_time(self):
        """How long before the start a reminder goes out even without a link."""
        parameters = self.env["ir.config_parameter"].sudo()
        minutes = parameters.get_param(PARAM_REMINDER_WAIT, DEFAULT_WAIT_MINUTES)
        try:
            return timedelta(minutes=max(int(minutes), 0))
        except ValueError:
            return timedelta(minutes=DEFAULT_WAIT_MINUTES)

    # === FOLLOW-UPS === #

    @api.model
    def _send_follow_ups(self, due):
        """Send attendees of these events the link that they do not know yet.

        :param list due: of (event id,), with the id of the last attendee mailed before,
            if any
        :return list: those that have more to send
        """
        after = {event_id: rest for event_id, *rest in due}
        if are_mails_blocked(self.env):
            return []
        room, left, to_send = 2 * MAILS_TOGETHER, {}, {}
        for event_id, kind, attendee_ids in find_untold(self.env, list(after)):
            attendees = (
                self.env["calendar.attendee"].browse(attendee_ids)._filter_may_join()
            )
            note_unreachable(attendees)
            booking = attendees.event_id._get_conference_booking()
            if not attendees or not booking._get_join_link() or self._is_held(booking):
                continue
            if room <= 0:
                left[event_id] = (event_id, *after[event_id])
                continue
            attendees, more_after = attendees._take_some(
                MAILS_TOGETHER, *after[event_id]
            )
            room -= len(attendees)
            to_send[kind] = to_send.get(kind, attendees.browse()) | attendees
            if more_after:
                # Two kinds of mails: continue after the one that got less far.
                before = left.get(event_id, (event_id, more_after))[1]
                left[event_id] = (event_id, min(before, more_after))
        sent = self.browse().union(
            *(send_mails(self, to, kind) for kind, to in to_send.items())
        )
        sent._tell_story()
        return list(left.values())

    # === DEAD LINKS === #

    @api.model
    def _send_dead_link_mails(self, row_ids):
        """Tell people that the link they know no longer works."""
        told = self.browse(find_dead(self.env, row_ids))
        template = self.env.ref(
            "resource_booking_zoom.mail_template_cancelled", raise_if_not_found=False
        )
        if not told or not template or are_mails_blocked(self.env):
            return
        # Deleted contacts cannot be told.
        told.filtered(lambda one: not one.partner_id).superseded = True
        told = told.filtered(lambda one: one.partner_id._can_get_mail())
        entries = told._take_one_a_person()._supersede()
        mails = template.send_mail_batch(
            entries.ids, email_layout_xmlid="resource_booking_zoom.mail_layout"
        )
        entries._keep_messages(self._note_recipients(mails))
        entries._tell_story()

    def _take_one_a_person(self):
        """The last entry of each person; supersede the others.

        Contacts may have been merged that were each told a link.
        """
        last = {}
        for told in self:
            same = told._get_of_same_person().filtered(lambda one: not one.superseded)
            last[told.partner_id, told.calendar_uid] = (told | same).sorted("id")[-1]
            same.superseded = True
        return self.browse([told.id for told in last.values()])

    @api.model
    def _note_recipients(self, mails):
        """Let the platform track the delivery of these mails, as it does for others.

        :param mails: mail.mail about entries of the ledger, each to one contact
        :return dict: see _keep_messages
        """
        mails.is_notification = True
        notes = self.env["mail.notification"].create(
            [
                {
                    "mail_mail_id": mail.id,
                    "mail_message_id": mail.mail_message_id.id,
                    "res_partner_id": mail.recipient_ids.id,
                    "notification_type": "email",
                    "is_read": True,
                }
                for mail in mails
            ]
        )
        return get_messages_of(notes)

    def _get_own_time(self):
        """The booking's start in the recipient's time zone, if that differs."""
        zone = known_zone(self.tz, "UTC")
        return own_time(self.partner_id, self.start, zone)

    def _get_dead_reason(self):
        event = self.event_id
        booking = event.resource_booking_ids.filtered("active")
        if not event.active or not booking:
            # Deleting a booking type deletes the booking, but not the event.
            return "cancelled"
        if self.partner_id not in event.attendee_ids.partner_id:
            return "left"
        return "dead"

    # === ENTRIES === #

    @api.model
    def _enter(self, attendees, kind, alarm=None):
        """Enter mails into the ledger; the database refuses a second entry.

        Each entry needs its mail in the same transaction, see _keep_messages. If two
        workers write the same follow-up, both update the same former entry: one of them
        starts over and finds nothing to do.

        :param attendees: each person once for each event
        """
        told = {(one.event_id, one.partner_id) for one in attendees}
        former = attendees.event_id.web_conference_mail_ids.filtered(
            lambda entry: (
                not entry.superseded and (entry.event_id, entry.partner_id) in told
            )
        )
        former.superseded = True
        entries = self.create(
            [
                {
                    **self._prepare_entry(attendee.event_id),
                    "alarm_id": alarm and alarm.id,
                    "partner_id": attendee.partner_id.id,
                    "person": attendee.partner_id.id,
                    "address_digest": address_digest(attendee.partner_id),
                    "kind": kind,
                }
                for attendee in attendees
            ]
        )
        self.flush_model()
        return entries

    @api.model
    def _prepare_entry(self, event):
        """What entries about this event share."""
        booking = event._get_conference_booking()
        link = booking._get_join_link()
        return {
            "event_id": event.id,
            "booking_id": booking.id,
            "type_id": booking.type_id.id,
            "company_id": booking.type_id.company_id.id,
            "start": event.start,
            "stop": event.stop,
            "tz": booking._get_zone(),
            "calendar_uid": event._get_ics_uid(),
            "organizer_id": event.partner_id.id,
            "link_id": link and link.link_id,
            "link_digest": link and link.digest,
        }

    def _keep_messages(self, messages):
        """Store on each entry the mail that it stands for.

        :param dict messages: (id of what the mail is about, contact's id) -> id of the
            mail.message
        :raise NotQueued: an entry has no mail
        """
        for entry in self:
            # A mail about a dead link is about the entry: the event may be gone.
            about = entry if entry.kind == "cancelled" else entry.event_id
            message = messages.get((about.id, entry.partner_id.id))
            if not message:
                raise NotQueued(f"No mail was made for contact {entry.partner_id.id}")
            entry.mail_message_id = message

    def _tell_story(self):
        """Tell in the history of the bookings who was sent what.

        Not of a mail that is sent again, since the first one did not arrive.
        """
        for kind, of_kind in self.grouped("kind").items():
            names = {}
            for booking, entries in of_kind.grouped("booking_id").items():
                again = entries.event_id.web_conference_mail_ids.filtered(
                    lambda one, kind=kind: one.retry_at and one.kind == kind
                )
                people = entries.partner_id - again.partner_id
                if people:
                    names[booking] = ", ".join(
                        map(one_line, people.mapped("display_name"))
                    )
            tell_story(
                self.env["resource.booking"].union(*names), STORY_OF_KIND[kind], names
            )

    def _supersede(self, kind="cancelled", **values):
        """Enter that these people's link no longer works.

        :param str kind: any other than "cancelled" keeps what they knew
        :param values: values of the new entries that differ from the old ones
        """
        self.superseded = True
        entries = self.create(
            [
                {
                    **told._read_format(SHARED_BY_ENTRIES, load=None)[0],
                    "person": told.partner_id.id,
                    "address_digest": address_digest(told.partner_id)
                    if kind == "cancelled"
                    else told.address_digest,
                    # Until the new entry gets a mail of its own.
                    "mail_message_id": told.mail_message_id.id,
                    "kind": kind,
                    "reason": kind == "cancelled" and told._get_dead_reason(),
                    "link_digest": kind != "cancelled" and told.link_digest,
                    **values,
                }
                for told in self
            ]
        )
        self.env.flush_all()
        return entries

    @api.model
    def _note_leaving(self, attendees):
        """Keep the event's time for attendees who are about to be removed.

        It is not known once the event is gone. Whoever removes them is told like everybody
        else, since that person's calendar has the link too.
        """
        now = fields.Datetime.now()
        pairs = {(one.event_id.id, one.partner_id.id) for one in attendees}
        told = self.search(
            [
                ("event_id", "in", attendees.event_id.ids),
                ("partner_id", "in", attendees.partner_id.ids),
                ("superseded", "=", False),
                ("kind", "!=", "cancelled"),
                # As they know it, or as it is now.
                "|",
                ("stop", ">", now),
                ("event_id.stop", ">", now),
            ]
        ).filtered(lambda one: (one.event_id.id, one.partner_id.id) in pairs)
        for event, of_event in told.grouped("event_id").items():
            times = {"start": event.start, "stop": event.stop}
            moved = of_event.filtered(
                lambda one, times=times: any(one[name] != times[name] for name in times)
            )
            # A new entry: there may be a reminder for that time already.
            moved._supersede("calendar", **times)
        if told:
            self.env["resource.booking"]._get_reminder_cron()._trigger()

    # === UNDELIVERED MAILS === #

    @api.model
    def _note_undelivered(self):
        """Find mails that did not reach people, until no more are found.

        Each time, the person's mail before that becomes the last one, which may not have
        arrived either.
        """
        while in_own_transaction(self, lambda ledger: ledger._take_back_some()):
            pass

    @api.model
    def _take_back_some(self):
        """
        :return bool: whether any mails were found that did not reach people
        """
        found = find_undelivered(self.env)
        for entry_id, moved in found:
            self.browse(entry_id)._take_back(moved)
        self.env.flush_all()
        return bool(found)

    def _take_back(self, moved):
        """This entry's mail did not reach the person: make it due again.

        :param bool moved: whether the person's address has changed since
        """
        same = self._get_of_same_person()
        digest = address_digest(self.partner_id)
        if moved:
            lost = same.filtered(
                lambda one: (
                    one.kind != "cancelled"
                    and one.address_digest
                    and one.address_digest != digest
                )
            )
            retry_at = fields.Datetime.now()
        else:
            lost = self
            tries = same.filtered(
                lambda one: one.retry_at and one.address_digest == digest
            )
            retry_at = fields.Datetime.now() + get_retry_pause(len(tries))
            if self.event_id:
                note_undelivered(self.event_id, self.partner_id)
            self.env["resource.booking"]._get_reminder_cron()._trigger(at=retry_at)
        lost.filtered(lambda one: not one.retry_at).retry_at = retry_at
        lost.superseded = True
        known = same.filtered(lambda one: not one.retry_at).sorted("id")[-1:]
        known.superseded = False

    def _get_of_same_person(self):
        """All entries of this person about this booking."""
        return self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("calendar_uid", "=", self.calendar_uid),
            ]
        )

    @api.model
    def _get_pausing(self, event):
        """Contacts to whose address a mail failed recently."""
        now = fields.Datetime.now()
        return event.web_conference_mail_ids.filtered(
            lambda entry: (
                entry.retry_at
                and entry.retry_at > now
                and entry.address_digest == address_digest(entry.partner_id)
            )
        ).partner_id

    # === CALENDAR FILES === #

    def _process_attachments_for_template_post(self, _mail_template):
        """Attach a file that takes a cancelled booking out of the calendar.

        The platform calls this for whatever is sent from a template.

        :return dict: id -> ``attachments``, a list of (name, content as Base64)
        """
        files = {
            entry.id: entry._get_cancel_ics()
            for entry in self
            if entry.calendar_uid and entry.reason in ("cancelled", "left")
        }
        return {
            entry_id: {"attachments": [("cancelled.ics", b64encode(content))]}
            for entry_id, content in files.items()
            if content
        }

    def _get_cancel_ics(self):
        lang = active_lang(self.env, self.partner_id.lang)
        name = self.type_id.with_context(lang=lang).name
        return ics.cancel_entry(
            uid=self.calendar_uid,
            # A later revision than any of the earlier files.
            sequence=self.event_id._get_ics_sequence(),
            start=self.start,
            stop=self.stop,
            summary=one_line(name) or "",
            organizer=_address(self.organizer_id)
            or _address(self.company_id.partner_id),
            attendee=_address(self.partner_id),
        )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("start", "<", before)])


def _address(partner):
    """The bare address: the field may also contain a name."""
    return next(iter(get_addresses(partner.email)), "")
