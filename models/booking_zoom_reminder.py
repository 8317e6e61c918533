# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import PARAM_REMINDER_WAIT, WEB_CONFERENCE_TOOLS
from .own_transaction import in_own_transaction

_logger = logging.getLogger(__name__)

# A mail that is written this long before the start is worth waiting for the link.
DEFAULT_WAIT_MINUTES = 10


class BookingZoomReminder(models.Model):
    """The ledger of reminders of bookings with a web conference.

    A row says that an attendee has got the mail of an alarm for a start. "Got"
    means put into Odoo's mail queue, in the same transaction.
    """

    _name = "booking.zoom.reminder"
    _description = "Sent Web Conference Reminder"
    _order = "id desc"

    event_id = fields.Many2one(
        "calendar.event", required=True, index=True, ondelete="cascade"
    )
    alarm_id = fields.Many2one("calendar.alarm", index=True, ondelete="cascade")
    attendee_id = fields.Many2one(
        "calendar.attendee", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", index=True)
    start = fields.Datetime(required=True)
    kind = fields.Selection([("reminder", "Reminder")], required=True)

    _once = models.Constraint(
        "UNIQUE(event_id, alarm_id, start, attendee_id, kind)",
        "Each reminder is sent once to each attendee.",
    )

    # === SCHEDULED ACTION === #

    @api.model
    def _cron_send_reminders(self):
        """Send what is due, a commit per booking."""
        cron = self.env["ir.cron"]
        due = self._get_due()
        cron._commit_progress(remaining=len(due))
        for number, (event_id, alarm_id) in enumerate(due, start=1):
            try:
                in_own_transaction(self, "_send", event_id, alarm_id)
            except Exception:
                # One booking that cannot be rendered must not keep the others
                # from their mails; it is tried again at the next run.
                _logger.exception("Reminder of calendar event %s failed", event_id)
            if not cron._commit_progress(1) and number < len(due):
                # The framework alone would come back only after a minute.
                self.env.ref("resource_booking_zoom.ir_cron_send_reminders")._trigger()
                break

    @api.model
    def _get_due(self):
        """Events whose reminder is due, with the alarm, soonest first.

        Of several alarms that are due at once, as for a booking made shortly before
        its start, the one nearest to the start is sent.

        :return list: of (event id, alarm id)
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT due.event_id, due.alarm_id
                  FROM (SELECT DISTINCT ON (event.id)
                               event.id AS event_id, alarm.id AS alarm_id, event.start
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
                               * interval '1 minute' <= %(now)s
                      ORDER BY event.id, alarm.duration_minutes) due
                 WHERE EXISTS (
                       SELECT FROM calendar_attendee attendee
                         JOIN res_partner partner ON partner.id = attendee.partner_id
                        WHERE attendee.event_id = due.event_id
                          AND partner.email <> ''
                          AND attendee.state IS DISTINCT FROM 'declined'
                          AND NOT EXISTS (
                              SELECT FROM booking_zoom_reminder sent
                               WHERE sent.attendee_id = attendee.id
                                 AND sent.event_id = due.event_id
                                 AND sent.alarm_id = due.alarm_id
                                 AND sent.start = due.start
                                 AND sent.kind = 'reminder'))
              ORDER BY due.start, due.event_id
                """,
                tools=WEB_CONFERENCE_TOOLS,
                now=fields.Datetime.now(),
            )
        )

    # === SENDING === #

    @api.model
    def _send(self, event_id, alarm_id):
        """Send one reminder of one booking to those who have not got it yet."""
        event = self.env["calendar.event"].browse(event_id)
        alarm = self.env["calendar.alarm"].browse(alarm_id)
        booking = event._get_conference_booking()
        if not booking or self._waits_for_link(booking):
            return
        attendees = self._get_recipients(event, alarm)
        if not attendees:
            return
        self._claim(event, alarm, attendees)
        booking._disclose_conference()
        # The template does not take over the attendees' context.
        ours = {"web_conference_reminder": True}
        attendees.with_context(
            **ours, calendar_template_ignore_recurrence=True
        )._notify_attendees(
            self._get_template(alarm).with_context(**ours), notify_author=True
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    @api.model
    def _get_template(self, alarm):
        """The alarm's template; where somebody has deleted it, this module's own."""
        return (
            alarm.mail_template_id
            or self.env.ref(
                "resource_booking_zoom.mail_template_reminder", raise_if_not_found=False
            )
            or self.env.ref("calendar.calendar_template_meeting_reminder")
        )

    @api.model
    def _waits_for_link(self, booking):
        """Whether the mail is held because its link may come in time."""
        return not booking._has_conference_link() and (
            fields.Datetime.now() < booking.start - self._get_wait()
        )

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
        """Attendees who are to get the mail and have not.

        Somebody without an address stays due, for one may be entered in time.
        """
        sent = self.search(
            [
                ("event_id", "=", event.id),
                ("alarm_id", "=", alarm.id),
                ("start", "=", event.start),
                ("kind", "=", "reminder"),
            ]
        )
        return event.attendee_ids.filtered(
            lambda attendee: (
                attendee.email
                and attendee.state != "declined"
                and attendee not in sent.attendee_id
            )
        )

    @api.model
    def _claim(self, event, alarm, attendees):
        """Enter the mails into the ledger: the database refuses a second entry."""
        booking = event._get_conference_booking()
        self.create(
            [
                {
                    "event_id": event.id,
                    "alarm_id": alarm.id,
                    "attendee_id": attendee.id,
                    "company_id": booking.type_id.company_id.id,
                    "start": event.start,
                    "kind": "reminder",
                }
                for attendee in attendees
            ]
        )
        self.env.flush_all()
