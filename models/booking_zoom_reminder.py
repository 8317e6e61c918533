# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta
from itertools import islice
from operator import itemgetter

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, groupby, split_every

from ..const import PARAM_REMINDER_WAIT, WEB_CONFERENCE_TOOLS
from .own_transaction import in_own_transaction
from .said_by_us import OURS

_logger = logging.getLogger(__name__)

# A mail that is written this long before the start is worth waiting for the link.
DEFAULT_WAIT_MINUTES = 10
# So many are put into the mail queue in one transaction, some seconds long: what they
# share is read once.
MAILS_TOGETHER = 20


class BookingZoomReminder(models.Model):
    """The ledger of mails that tell how to join, or that one cannot any more.

    A row says that a person has got a mail. "Got" means put into Odoo's mail queue,
    in the same transaction. The last row of a person on an event, the one that is
    not superseded, says what the person knows. Rows outlive event and booking: both
    are deleted on cancellation, and who knew the link must hear of it.
    """

    _name = "booking.zoom.reminder"
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

    _once = models.Constraint(
        "UNIQUE(event_id, alarm_id, start, partner_id, kind)",
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
        """Send what is due, a few mails to a commit."""
        cron = self.env["ir.cron"]
        self._ask_for_readings()
        due = self._without_unread(self._get_work())
        cron._commit_progress(remaining=len(due))
        done = 0
        for batch in split_every(MAILS_TOGETHER, due, list):
            self._send_batch(batch)
            done += len(batch)
            if not cron._commit_progress(len(batch)) and done < len(due):
                # The framework alone would come back only after a minute.
                self.env["resource.booking"]._get_reminder_cron()._trigger()
                break
        if due:
            # Some may have waited for the others too long.
            self._ask_for_readings()

    @api.model
    def _send_batch(self, batch):
        """Send together, or if that fails each on its own.

        One booking that cannot be rendered must not keep the others from their
        mails; it is tried again at the next run.

        :param list batch: of what is to be done, see _get_work
        """
        try:
            in_own_transaction(self, "_send_together", batch)
            return
        except Exception as error:
            _logger.info("Mails are sent one by one: %s", type(error).__name__)
        for one in batch:
            try:
                in_own_transaction(self, "_send_together", [one])
            except Exception:
                _logger.exception("Web conference mail failed: %s %s", *one)

    @api.model
    def _send_together(self, batch):
        for method, group in groupby(batch, itemgetter(0)):
            getattr(self, method)([what for _method, what in group])
        self._wake_mail_queue()

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
                               alarm.duration_minutes
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
                          AND partner.email <> ''
                          AND attendee.state IS DISTINCT FROM 'declined'
                          AND NOT EXISTS (
                              SELECT FROM booking_zoom_reminder sent
                                JOIN calendar_alarm former ON former.id = sent.alarm_id
                               WHERE sent.partner_id = attendee.partner_id
                                 AND sent.event_id = due.event_id
                                 AND former.duration_minutes <= due.duration_minutes
                                 AND sent.start = due.start
                                 AND sent.kind = 'reminder'))
              ORDER BY due.start, due.event_id
                """,
                tools=WEB_CONFERENCE_TOOLS,
                now=fields.Datetime.now(),
                until=fields.Datetime.now() + ahead,
            )
        )

    # === REMINDERS === #

    @api.model
    def _send(self, due):
        """Send one reminder of each booking to those who have not got it yet.

        :param list due: of (event id, alarm id)
        """
        # Browsed together, they are read together.
        event_ids, alarm_ids = zip(*due, strict=True)
        events = self.env["calendar.event"].browse(event_ids)
        alarms = self.env["calendar.alarm"].browse(alarm_ids)
        for event, alarm in zip(events, alarms, strict=True):
            booking = event._get_conference_booking()
            if not booking or not booking._expects_conference_link():
                continue
            if self._waits_for_link(booking):
                continue
            attendees = self._get_recipients(event, alarm)
            if not attendees:
                continue
            self._tell(attendees, "reminder", alarm)
            if not booking._has_conference_link():
                booking.zoom_meeting_id._tell_staff_of_missing_link()

    @api.model
    def _waits_for_link(self, booking):
        """Whether the mail is held because its link may come, or be read, in time."""
        if booking._has_conference_link():
            return booking._get_linked_meeting()._awaits_reading()
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

        Somebody without an address stays due, for one may be entered in time.
        """
        sent = event.web_conference_reminder_ids.filtered(
            lambda entry: (
                entry.kind == "reminder"
                and entry.start == event.start
                and entry.alarm_id
                and entry.alarm_id.duration_minutes <= alarm.duration_minutes
            )
        )
        reminded = sent.partner_id
        return event.attendee_ids.filtered(
            lambda attendee: attendee.email and attendee.partner_id not in reminded
        )._filter_may_join()

    # === SENDING, FOR ALL KINDS === #

    @api.model
    def _tell(self, attendees, kind, alarm=None):
        """Send attendees of one booking a mail that says how to join.

        :param str kind: of the entry in the ledger
        :param alarm: the calendar.alarm of a reminder
        """
        booking = attendees.event_id._get_conference_booking()
        templates = self._get_templates(kind, alarm)
        if not self._is_last_moment(booking):
            # Somebody may mend a template that cannot be rendered.
            templates = islice(templates, 1)
        templates = list(templates)
        if not templates:
            _logger.error("No mail template is left for web conference mails")
            return
        self._claim(attendees, kind, alarm)
        booking._disclose_conference()
        # Whose name and address the mail bears.
        attendees = attendees.with_company(booking.type_id.company_id).with_context(
            web_conference_reminder=OURS,
            web_conference_follows=None if booking._has_conference_link() else OURS,
            calendar_template_ignore_recurrence=True,
        )
        self._notify(attendees, templates)

    @api.model
    def _notify(self, attendees, templates):
        """Send the first of the templates that can be rendered."""
        *others, last = templates
        for template in others:
            try:
                with self.env.cr.savepoint():
                    attendees._notify_attendees(template, notify_author=True)
                    return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Mail template %s cannot be rendered", template.id)
        attendees._notify_attendees(last, notify_author=True)

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
        """Enter the mails into the ledger: the database refuses a second entry.

        Two who write the same follow-up at once update the same former entry: one of
        them begins anew, and finds nothing to do.
        """
        event = attendees.event_id
        booking = event._get_conference_booking()
        linked = booking._has_conference_link()
        former = event.web_conference_reminder_ids.filtered(
            lambda entry: (
                not entry.superseded and entry.partner_id in attendees.partner_id
            )
        )
        former.superseded = True
        self.create(
            [
                {
                    "event_id": event.id,
                    "alarm_id": alarm and alarm.id,
                    "partner_id": attendee.partner_id.id,
                    "type_id": booking.type_id.id,
                    "company_id": booking.type_id.company_id.id,
                    "start": event.start,
                    "stop": event.stop,
                    "tz": booking.type_id.resource_calendar_id.tz,
                    "calendar_uid": event._get_ics_uid(),
                    "organizer_id": event.partner_id.id,
                    "kind": kind,
                    "meeting_id": linked and booking._get_linked_meeting().id,
                    "link_digest": linked and booking._get_link_digest(),
                }
                for attendee in attendees
            ]
        )
        self.flush_model()
