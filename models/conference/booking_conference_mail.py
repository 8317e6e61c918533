# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta
from itertools import islice
from operator import itemgetter

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, groupby

from ...const import PARAM_REMINDER_WAIT, WEB_CONFERENCE_TOOLS
from ...utils import ENTERED_BY_OTHERS, OURS, in_own_transaction, lock_rows
from .link_digest import address_digest, sql_address_digest
from .outbox import Outbox

_logger = logging.getLogger(__name__)

# A mail that is written this long before the start is worth waiting for the link.
DEFAULT_WAIT_MINUTES = 10
# So many are put into the mail queue in one transaction, some seconds long: what they
# share is read once. One booking has no more at a time, so that others need not wait.
MAILS_TOGETHER = 20


class NotQueued(Exception):
    """The platform has made no mail."""


class BookingConferenceMail(models.Model):
    """The ledger of mails that tell how to join, or that one cannot any more.

    A row says that a person has got a mail. "Got" means put into Odoo's mail queue,
    in the same transaction, for an address that can be one. A mail that then fails,
    and one to another address than the person has now, count no longer: see
    booking_conference_mail_undelivered. The last row of a person on an event, the one that is
    not superseded, says what the person knows. Rows outlive event and booking: both
    are deleted on cancellation, and who knew the link must hear of it.

    A person is a contact. Two contacts with one address are two people, who each have
    an invitation of their own to answer; they get a mail each.
    """

    _name = "booking.conference.mail"
    _inherit = ["booking.zoom.unlogged"]
    _description = "Booking"
    _order = "id desc"

    event_id = fields.Many2one("calendar.event", index=True, ondelete="set null")
    alarm_id = fields.Many2one("calendar.alarm", index=True, ondelete="set null")
    # Empty when the person is deleted, who may go on knowing the link.
    partner_id = fields.Many2one("res.partner", index=True, ondelete="set null")
    type_id = fields.Many2one(
        "resource.booking.type", index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one("res.company", index=True)
    start = fields.Datetime(required=True)
    stop = fields.Datetime()
    tz = fields.Char(string="Time zone of the booking")
    # Of the entry in people's calendars.
    calendar_uid = fields.Char(string="ID in calendars")
    organizer_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="set null"
    )
    kind = fields.Selection(
        [
            ("reminder", "Reminder"),
            ("link", "Link"),
            ("changed", "Other link"),
            ("calendar", "Invitation or date change"),
            ("cancelled", "Link no longer works"),
        ],
        required=True,
    )
    reason = fields.Selection(
        [
            ("cancelled", "Booking cancelled"),
            ("left", "You no longer take part"),
            ("dead", "The link no longer works"),
        ],
        help="Why the link no longer works.",
    )
    # The subject of the mail: in the recipient's language.
    reason_label = fields.Char(compute="_compute_reason_label")
    meeting_id = fields.Many2one(
        "booking.zoom.meeting", index="btree_not_null", ondelete="set null"
    )
    # Not the link: whoever reads the ledger must not learn it.
    link_digest = fields.Char(help="Which link was told; empty when none was.")
    superseded = fields.Boolean(help="The person has got a later mail.")
    # Emptied when the platform deletes its messages with the event.
    mail_message_id = fields.Many2one(
        "mail.message",
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="The mail: what became of it is known there.",
    )
    address_digest = fields.Char(
        groups=fields.NO_ACCESS, help="Which address it went to."
    )
    # Merging contacts changes the contact of each row: two rows that were two people's
    # must not clash then, or the platform deletes all rows of the one.
    person = fields.Integer(
        groups=fields.NO_ACCESS, help="ID of the contact when the mail was written."
    )
    retry_at = fields.Datetime(
        groups=fields.NO_ACCESS,
        help="The mail did not reach the person; another one is due from then on.",
    )

    _once = models.UniqueIndex(
        "(event_id, alarm_id, start, person, kind) WHERE retry_at IS NULL",
        "Each reminder is sent once to each attendee.",
    )
    _known_idx = models.Index("(event_id, partner_id) WHERE superseded IS NOT TRUE")

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
        """Send what is due, a few mails to a commit.

        A booking with more mails than that goes on when all others had their turn.
        What becomes due meanwhile has its turn before.
        """
        cron = self.env["ir.cron"]
        self._note_undelivered()
        work = self._get_work()
        self._ask_for_readings(work)
        work = self._without_unread(work)
        cron._commit_progress(remaining=len(work))
        seen = set(work)
        while work:
            batch, rest = work[:MAILS_TOGETHER], work[MAILS_TOGETHER:]
            left = self._send_batch(batch)
            work = [*rest, *left]
            time_left = cron._commit_progress(len(batch), remaining=len(work))
            if left and time_left:
                due = self._without_unread(self._get_work())
                new = [one for one in due if one not in seen]
                seen.update(new)
                work = [*new, *work]
            if not time_left and work:
                # The framework alone would come back only after a minute.
                self.env["resource.booking"]._get_reminder_cron()._trigger()
                break
        else:
            # What this run has found out is told together, and at once.
            causes = self.env["booking.conference.notice"]._get_causes_to_tell()
            self._send_batch([("_tell_staff", cause) for cause in causes])
        if seen:
            # Some may have waited for the others too long.
            self._ask_for_readings(self._get_work())

    @api.model
    def _send_batch(self, batch):
        """Send together, or if that fails each on its own.

        One booking that cannot be rendered must not keep the others from their
        mails; it is tried again at the next run.

        :param list batch: of what is to be done, see _get_work
        :return list: what of it goes on, since there are more mails
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
            except Exception:
                _logger.exception("Web conference mail failed: %s %s", *one)
        return left

    @api.model
    def _send_together(self, batch):
        """
        :return list: what of the batch goes on, since there are more mails
        """
        left = []
        for method, group in groupby(batch, itemgetter(0)):
            more = getattr(self, method)([what for _method, what in group])
            left += [(method, what) for what in more or ()]
        self._wake_mail_queue()
        return left

    @api.model
    def _get_work(self):
        """What is to be done now.

        :return list: of pairs, a method of this model and one of what it takes a list
        """
        return [("_send", due) for due in self._get_due()]

    @api.model
    def _get_due(self, ahead=timedelta()):
        """Events whose reminder is due, with the alarm, soonest first.

        Of several alarms that are due at once, as for a booking made shortly before
        its start, the one nearest to the start is sent.

        :param timedelta ahead: also those that are due within this time
        :return list: of (event id, alarm id)
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT due.event_id, due.alarm_id
                  FROM (SELECT DISTINCT ON (event.id)
                               event.id AS event_id, alarm.id AS alarm_id, event.start,
                               alarm.duration_minutes, booking.id AS booking_id
                          FROM calendar_event event
                          JOIN resource_booking booking ON booking.meeting_id = event.id
                          JOIN resource_booking_type type ON type.id = booking.type_id
                          JOIN calendar_alarm_calendar_event_rel rel
                            ON rel.calendar_event_id = event.id
                          JOIN calendar_alarm alarm ON alarm.id = rel.calendar_alarm_id
                         WHERE type.web_conference_tool IN %(tools)s
                           AND event.active
                           AND alarm.alarm_type = 'email'
                           AND event.stop > %(now)s
                           AND event.start - alarm.duration_minutes
                               * interval '1 minute' <= %(until)s
                      ORDER BY event.id, alarm.duration_minutes) due
                 WHERE EXISTS (
                       SELECT FROM calendar_attendee attendee
                         JOIN res_partner partner ON partner.id = attendee.partner_id
                        WHERE attendee.event_id = due.event_id
                          AND attendee.state IS DISTINCT FROM 'declined'
                          AND (partner.email <> ''
                               OR EXISTS (
                                  SELECT FROM res_partner_resource_booking_rel requester
                                   WHERE requester.res_partner_id = partner.id
                                     AND requester.resource_booking_id
                                         = due.booking_id))
                          AND NOT EXISTS (
                              SELECT FROM booking_conference_mail sent
                                JOIN calendar_alarm former ON former.id = sent.alarm_id
                               WHERE sent.partner_id = attendee.partner_id
                                 AND sent.event_id = due.event_id
                                 AND former.duration_minutes <= due.duration_minutes
                                 AND sent.start = due.start
                                 AND sent.kind = 'reminder'
                                 AND sent.retry_at IS NULL)
                          AND NOT %(pauses)s)
              ORDER BY due.start, due.event_id
                """,
                tools=WEB_CONFERENCE_TOOLS,
                now=fields.Datetime.now(),
                until=fields.Datetime.now() + ahead,
                pauses=self._sql_pauses(
                    SQL("failed.event_id = due.event_id"), SQL("partner")
                ),
            )
        )

    @api.model
    def _sql_pauses(self, same_event, partner):
        """Whether a mail to the person's address has failed not long ago.

        :param SQL same_event: condition on the table ``failed``, of this model
        :param SQL partner: alias of res_partner
        """
        return SQL(
            """EXISTS (
                SELECT FROM booking_conference_mail failed
                 WHERE failed.partner_id = %(partner)s.id
                   AND %(same_event)s
                   AND failed.retry_at > %(now)s
                   AND failed.address_digest = %(digest)s)""",
            partner=partner,
            same_event=same_event,
            now=fields.Datetime.now(),
            digest=sql_address_digest(partner),
        )

    # === REMINDERS === #

    @api.model
    def _send(self, due):
        """Send one reminder of each booking to those who have not got it yet.

        :param list due: of (event id, alarm id), and id of the attendee after whom the
            booking goes on, if so
        :return list: those of which there are more to send
        """
        # Browsed together, they are read together.
        events = self.env["calendar.event"].browse([event_id for event_id, *_ in due])
        alarms = self.env["calendar.alarm"].browse(
            [alarm_id for _, alarm_id, *_ in due]
        )
        room, left = 2 * MAILS_TOGETHER, []
        for event, alarm, one in zip(events, alarms, due, strict=True):
            if room <= 0:
                left.append(one)
                continue
            booking = event._get_conference_booking()
            if not booking or not booking._expects_conference_link():
                continue
            attendees = self._get_recipients(event, alarm)
            self._note_unreachable(attendees)
            if self._are_mails_blocked():
                booking._note_for_staff(
                    "mail_failing",
                    self._speak_to_staff(event)._(
                        "An administrator has switched off calendar mails."
                    ),
                )
                continue
            if self._waits_for_link(booking):
                continue
            attendees, more_after = attendees._take_some(MAILS_TOGETHER, *one[2:])
            if not attendees:
                continue
            room -= len(attendees)
            self._tell(attendees, "reminder", alarm)
            if not booking._has_conference_link():
                booking._note_for_staff("link_missing")
            if more_after:
                left.append((event.id, alarm.id, more_after))
        return left

    @api.model
    def _waits_for_link(self, booking):
        """Whether the mail is held because its link may come, or be read, in time."""
        if booking._has_conference_link():
            return booking._get_join_meeting()._awaits_reading()
        return (
            not self._is_last_moment(booking)
            or booking.zoom_meeting_id._is_about_to_be_issued()
        )

    @api.model
    def _is_last_moment(self, booking):
        """Whether the start is so near that a mail cannot be held any longer.

        :param booking: resource.booking, or its booking.zoom.meeting
        """
        return fields.Datetime.now() >= booking.start - self._get_wait()

    @api.model
    def _get_wait(self):
        """How long before the start a reminder goes out even without a link."""
        parameters = self.env["ir.config_parameter"].sudo()
        minutes = parameters.get_param(PARAM_REMINDER_WAIT, DEFAULT_WAIT_MINUTES)
        try:
            return timedelta(minutes=max(int(minutes), 0))
        except ValueError:
            return timedelta(minutes=DEFAULT_WAIT_MINUTES)

    @api.model
    def _get_recipients(self, event, alarm):
        """Attendees who are to get the mail and have not, nor one nearer to the start.

        Whoever cannot be reached stays due: an address may be entered in time.
        """
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
        return event.attendee_ids.filtered(
            lambda attendee: attendee.partner_id not in reminded
        )._filter_may_join()

    @api.model
    def _get_pausing(self, event):
        """Contacts to whose address a mail has failed not long ago."""
        now = fields.Datetime.now()
        return event.web_conference_mail_ids.filtered(
            lambda entry: (
                entry.retry_at
                and entry.retry_at > now
                and entry.address_digest == address_digest(entry.partner_id)
            )
        ).partner_id

    # === SENDING, FOR ALL KINDS === #

    @api.model
    def _tell(self, attendees, kind, alarm=None):
        """Send attendees of one booking a mail that says how to join.

        Where it fails it is tried for each alone: what is damaged of one of them keeps
        no other from the mail. Staff hear of who gets none.

        :param attendees: who can be reached, each person once
        :param str kind: of the entry in the ledger
        :param alarm: the calendar.alarm of a reminder
        """
        booking = attendees.event_id._get_conference_booking()
        row = booking._get_join_meeting()
        if not row.disclosed_at:
            # In the order of who cancels the booking: the row, then the event, which
            # an entry of the ledger keeps from being deleted meanwhile.
            lock_rows(row)
        templates = self._get_templates(kind, alarm)
        if not self._is_last_moment(booking):
            # Somebody may mend a template that cannot be rendered.
            templates = islice(templates, 1)
        templates = list(templates)
        if not templates:
            _logger.error("No mail template is left for web conference mails")
            booking._note_for_staff(
                "mail_failing",
                self._speak_to_staff(attendees.event_id)._("No mail template is left."),
            )
            return
        if len(attendees) > 1 and self._try_to_tell(attendees, kind, alarm, templates):
            return
        failed = attendees.filtered(
            lambda one: not self._try_to_tell(one, kind, alarm, templates)
        )
        failed._note_failing_mails()

    @api.model
    def _try_to_tell(self, attendees, kind, alarm, templates):
        """Enter and write the mails, all of them or none.

        :return bool: False when it failed, and the log says why
        """
        booking = attendees.event_id._get_conference_booking()
        try:
            with self.env.cr.savepoint():
                entries = self._claim(attendees, kind, alarm)
                booking._disclose_conference()
                # Whose name and address the mail bears.
                attendees = attendees.with_company(
                    booking.type_id.company_id
                ).with_context(
                    web_conference_reminder=OURS,
                    web_conference_follows=None
                    if booking._has_conference_link()
                    else OURS,
                    calendar_template_ignore_recurrence=True,
                )
                entries._keep_messages(self._notify(attendees, templates))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except ENTERED_BY_OTHERS:
            # Of several it is tried for each alone; of one another worker has done it.
            return len(attendees) == 1
        except Exception:
            log = _logger.exception if len(attendees) == 1 else _logger.info
            log("Web conference mail of event %s failed", attendees.event_id.id)
            return False
        return True

    @api.model
    def _notify(self, attendees, templates):
        """Send the first of the templates that can be rendered.

        :return dict: contact's id -> id of the mail.message
        """
        *others, last = templates
        for template in others:
            try:
                with self.env.cr.savepoint():
                    return self._notify_with(attendees, template)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Mail template %s cannot be rendered", template.id)
        return self._notify_with(attendees, last)

    @api.model
    def _notify_with(self, attendees, template):
        outbox = Outbox()
        attendees = attendees.with_context(web_conference_outbox=outbox)
        attendees._notify_attendees(template, notify_author=True)
        return outbox.get_messages()

    @api.model
    def _get_templates(self, kind, alarm=None):
        """The template of the mail, then those to use where it is broken or deleted.

        Looked up when they are needed, the first one most of the time.
        """
        if alarm and alarm.mail_template_id:
            yield alarm.mail_template_id
        own = {"link": "mail_template_link", "changed": "mail_template_changed"}
        names = [
            f"resource_booking_zoom.{own.get(kind, 'mail_template_reminder')}",
            "resource_booking_zoom.mail_template_reminder",
            "calendar.calendar_template_meeting_reminder",
        ]
        for name in dict.fromkeys(names):
            template = self.env.ref(name, raise_if_not_found=False)
            if template and template != (alarm and alarm.mail_template_id):
                yield template

    @api.model
    def _wake_mail_queue(self):
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    @api.model
    def _claim(self, attendees, kind, alarm=None):
        """Enter mails into the ledger: the database refuses a second entry.

        Each entry needs its mail in the same transaction, see _keep_messages. Two who write the same follow-up at once update the same former entry: one of
        them begins anew, and finds nothing to do.
        """
        event = attendees.event_id
        booking = event._get_conference_booking()
        linked = booking._has_conference_link()
        former = event.web_conference_mail_ids.filtered(
            lambda entry: (
                not entry.superseded and entry.partner_id in attendees.partner_id
            )
        )
        former.superseded = True
        entries = self.create(
            [
                {
                    "event_id": event.id,
                    "alarm_id": alarm and alarm.id,
                    "partner_id": partner.id,
                    "person": partner.id,
                    "address_digest": address_digest(partner),
                    "type_id": booking.type_id.id,
                    "company_id": booking.type_id.company_id.id,
                    "start": event.start,
                    "stop": event.stop,
                    "tz": booking._get_zone(),
                    "calendar_uid": event._get_ics_uid(),
                    "organizer_id": event.partner_id.id,
                    "kind": kind,
                    "meeting_id": linked and booking._get_join_meeting().id,
                    "link_digest": linked and booking._get_link_digest(),
                }
                for partner in attendees.partner_id
            ]
        )
        self.flush_model()
        return entries

    def _keep_messages(self, messages):
        """Note with each entry the mail that it stands for.

        :param dict messages: contact's id -> id of the mail.message
        :raise NotQueued: there is none for one of the entries
        """
        for entry in self:
            if entry.partner_id.id not in messages:
                raise NotQueued(f"No mail was made for contact {entry.partner_id.id}")
            entry.mail_message_id = messages[entry.partner_id.id]
