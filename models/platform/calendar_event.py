# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize

from ...const import WEB_CONFERENCE_TOOLS
from ...utils import get_saved_ids, is_ours, lock_rows, saving
from ..conference.outbox import Outbox

# What of an event decides on its Zoom meeting and its reminders.
RELEVANT_FIELDS = {
    "active",
    "alarm_ids",
    "allday",
    "attendee_ids",
    "duration",
    "partner_ids",
    "resource_booking_ids",
    "start",
    "start_date",
    "stop",
    "stop_date",
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    web_conference_mail_ids = fields.One2many(
        "booking.conference.mail", "event_id", groups=fields.NO_ACCESS
    )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._sync_zoom_meetings()
        return events

    def write(self, vals):
        if "user_id" in vals:
            self._check_organizer(vals["user_id"])
        relevant = not RELEVANT_FIELDS.isdisjoint(vals)
        bookings = self._get_bookings_to_follow() if relevant else None
        if bookings:
            bookings._lock_conference()
        invited = relevant and bookings._get_invited_partners()
        if vals.get("active") is False:
            self.env["booking.conference.mail"].sudo()._note_leaving(
                self.sudo().attendee_ids
            )
        result = super().write(vals)
        if relevant:
            bookings._remove_former_attendees(invited)
            bookings._add_new_attendees(invited)
            self._sync_zoom_meetings()
        if "alarm_ids" in vals:
            rows = self.sudo().resource_booking_ids.zoom_meeting_id
            rows._plan_check()
            rows._weigh_again()
        return result

    def unlink(self):
        bookings = self.sudo().resource_booking_ids
        bookings._lock_conference()
        bookings.meeting_id._lock_mails()
        self.env["booking.conference.mail"].sudo()._note_leaving(
            self.sudo().attendee_ids
        )
        result = super().unlink()
        bookings.exists()._sync_zoom_meetings()
        return result

    def _lock_mails(self):
        """Lock the mails of these events, which go with them and may be sent now."""
        messages = self.env["mail.message"].sudo()
        messages = messages.search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        lock_rows(messages)
        lock_rows(messages.notification_ids)
        lock_rows(messages.mail_ids)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for event, vals in zip(self, vals_list, strict=True):
            if event._get_conference_booking():
                # The link is one booking's alone.
                vals["videocall_location"] = False
        return vals_list

    def _sync_zoom_meetings(self):
        """Let the Zoom meetings follow, unless the booking itself is being saved."""
        self._get_bookings_to_follow()._sync_zoom_meetings()

    def _get_bookings_to_follow(self):
        """The bookings of these events that are not being saved, superuser."""
        saved_ids = get_saved_ids(self.env)
        bookings = self.sudo().with_context(active_test=False).resource_booking_ids
        return bookings.filtered(lambda booking: booking.id not in saved_ids)

    def _get_conference_booking(self):
        """The booking of this event if its type uses a web conference tool."""
        self.ensure_one()
        bookings = self.sudo().resource_booking_ids
        # Not filtered: read on together with those of the other events.
        for booking in bookings:
            if booking.type_id.web_conference_tool in WEB_CONFERENCE_TOOLS:
                return booking
        return bookings.browse()

    def _write_quietly(self, vals):
        """Write without mails to attendees and without rewriting the booking."""
        with saving(self.sudo().resource_booking_ids):
            return not self or self.with_context(skip_attendee_notification=True).write(
                vals
            )

    def _setup_alarms(self):
        triggers = super()._setup_alarms()
        for event in self:
            event._get_conference_booking()._trigger_reminders()
        return triggers

    # === WHO MAY CHANGE WHAT, AND WHO WRITES === #

    def _is_for_others_to_change(self):
        """Whether the user may not change who takes part, nor who organises.

        Every employee can write every event; those of bookings decide who learns how
        to join.
        """
        self.ensure_one()
        if self.env.su:
            return False
        booking = self._get_conference_booking()
        return bool(booking) and not booking.with_env(self.env).has_access("write")

    def _check_organizer(self, user_id):
        """
        :param user_id: the new organiser's id, or False
        :raise AccessError: that is for others to choose
        """
        for event in self:
            if (event.user_id.id or False) == (user_id or False):
                continue
            if event._is_for_others_to_change():
                raise AccessError(
                    self.env._(
                        "Only who may change the booking can change the organiser of "
                        "“%(event)s”. Ask a booking manager.",
                        event=event.name,
                    )
                )

    def _get_mail_sender(self, email_from):
        """Who writes the mails of a booking: the organiser, else the company.

        The author of a message can read it, so it is nobody who may not read the
        booking.

        :param email_from: address that the template names, or None
        :return dict: ``author_id`` and ``email_from``
        """
        self.ensure_one()
        booking = self._get_conference_booking()
        organizer = self.user_id
        if organizer and booking._is_readable_by(organizer):
            return {"author_id": organizer.partner_id.id, "email_from": email_from}
        company = booking.type_id.company_id or organizer.company_id or self.env.company
        persons = organizer | self.env.user
        if email_normalize(email_from or "") in persons.mapped("email_normalized"):
            email_from = None
        return {
            "author_id": company.partner_id.id,
            "email_from": email_from or company.email_formatted or None,
        }

    def message_notify(self, **kwargs):
        """Send in our layout, and let only those read the calendar file who get it.

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
        # A calendar that is synchronised elsewhere mails by itself, but knows
        # nothing of the link.
        if is_ours(self.env, "web_conference_reminder"):
            return False
        return super()._skip_send_mail_status_update()

    def _google_values(self):
        # Called only where google_calendar is installed, which makes a Meet link
        # for every event without a URL.
        values = super()._google_values()
        if self._get_conference_booking():
            values.pop("conferenceData", None)
        return values

    def _need_video_call(self):
        # Called only where microsoft_calendar is installed, which makes a Teams
        # link in the same way.
        return not self._get_conference_booking() and super()._need_video_call()
