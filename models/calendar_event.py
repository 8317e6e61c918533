# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ..const import WEB_CONFERENCE_TOOLS

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

    web_conference_reminder_ids = fields.One2many(
        "booking.zoom.reminder", "event_id", groups=fields.NO_ACCESS
    )

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._sync_zoom_meetings()
        return events

    def write(self, vals):
        relevant = not RELEVANT_FIELDS.isdisjoint(vals)
        bookings = self._get_bookings_to_follow() if relevant else None
        if bookings:
            bookings._lock_conference()
        invited = relevant and bookings._get_invited_partners()
        if vals.get("active") is False:
            self.env["booking.zoom.reminder"].sudo()._note_leaving(
                self.sudo().attendee_ids
            )
        result = super().write(vals)
        if relevant:
            bookings._remove_former_attendees(invited)
            bookings._add_new_attendees(invited)
            self._sync_zoom_meetings()
        if "alarm_ids" in vals:
            self.sudo().resource_booking_ids.zoom_meeting_id._plan_check()
        return result

    def unlink(self):
        bookings = self.sudo().resource_booking_ids
        bookings._lock_conference()
        self.env["booking.zoom.reminder"].sudo()._note_leaving(self.sudo().attendee_ids)
        result = super().unlink()
        bookings.exists()._sync_zoom_meetings()
        return result

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
        saving = self.env.context.get("syncing_booking_ids") or ()
        bookings = self.sudo().with_context(active_test=False).resource_booking_ids
        return bookings.filtered(lambda booking: booking.id not in saving)

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
        return not self or self.with_context(
            skip_attendee_notification=True,
            syncing_booking_ids=self.resource_booking_ids.ids,
        ).write(vals)

    def _setup_alarms(self):
        triggers = super()._setup_alarms()
        for event in self:
            event._get_conference_booking()._trigger_reminders()
        return triggers

    def message_notify(self, **kwargs):
        """Send in our layout, and let only those read the calendar file who get it.

        The platform attaches it to the event, which every employee can read.
        """
        if self.env.context.get("web_conference_mail"):
            kwargs["email_layout_xmlid"] = "resource_booking_zoom.mail_layout"
        message = super().message_notify(**kwargs)
        if len(self) == 1 and self._get_conference_booking():
            files = message.sudo().attachment_ids
            files.filtered(lambda file: file.res_model == self._name).write(
                {"res_model": message._name, "res_id": message.id}
            )
        return message

    def _skip_send_mail_status_update(self):
        # A calendar that is synchronised elsewhere mails by itself, but knows
        # nothing of the link.
        if self.env.context.get("web_conference_reminder"):
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
