# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...utils import OURS, active_lang, get_saved_ids, is_ours, one_line

# In the context while a booking itself deletes its event.
LETS_GO = "resource_booking_zoom_lets_go"


class CalendarEvent(models.Model):
    """What somebody does to the event of a booking by hand is refused, or said.

    The platform lets everybody change events. What a booking cannot follow is refused
    with a sentence; what it follows is told to its staff.
    """

    _inherit = "calendar.event"

    @api.constrains("allday", "recurrency", "recurrence_id")
    def _check_suits_booking(self):
        """One booking is one appointment with a time.

        The platform archives an event that does not fit into the series that is made
        of it, so the booking would lose its meeting.
        """
        for event in self:
            booking = event._get_watched_booking()
            if not booking:
                continue
            if event.recurrency or event.recurrence_id:
                booking._refuse_or_note("repeated")
            if event.allday:
                booking._refuse_or_note("allday")

    def write(self, vals):
        archived = self.browse()
        if vals.get("active") is False:
            archived = self.filtered(lambda event: event._get_watched_booking())
        result = super().write(vals)
        for event in archived:
            event._get_conference_booking()._note_event_changed("archived")
        if vals.get("active"):
            for event in self:
                event._get_conference_booking()._forget_for_staff("event_changed")
        return result

    def unlink(self):
        if not is_ours(self.env, LETS_GO):
            for event in self:
                event._get_watched_booking()._note_event_changed("deleted")
        return super().unlink()

    def _get_watched_booking(self):
        """The booking to come of this event, unless it is being saved, superuser."""
        booking = self._get_conference_booking()
        event = self.sudo()
        watched = (
            booking.active
            and booking.id not in get_saved_ids(self.env)
            and event.active
            and event.stop > fields.Datetime.now()
        )
        return booking if watched else booking.browse()


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def unlink(self):
        for event, attendees in self.grouped("event_id").items():
            booking = event._get_watched_booking() if event else None
            if booking:
                stay = (event.sudo().attendee_ids - attendees).partner_id
                gone = attendees.sudo().partner_id & booking.partner_ids
                if gone - stay:
                    names = ", ".join((gone - stay).mapped("display_name"))
                    booking._note_event_changed("removed", names=one_line(names))
        return super().unlink()


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    def action_unschedule(self):
        # Staff know what they do here.
        booking = self.with_context(**{LETS_GO: OURS})
        return super(ResourceBooking, booking).action_unschedule()

    def unlink(self):
        booking = self.with_context(**{LETS_GO: OURS})
        return super(ResourceBooking, booking).unlink()

    def _refuse_or_note(self, change):
        """Refuse what the booking cannot follow.

        What a calendar elsewhere has done is done already: refused, it would keep all
        of its events from being synchronized. Then staff are told.

        :param str change: see _describe_event_change
        :raise ValidationError:
        """
        if not self.env.context.get("dont_notify"):
            raise ValidationError(self._describe_event_change(change))
        self._note_event_changed(change)

    def _note_event_changed(self, change, **values):
        """Let staff know what happened to the event of a booking.

        :param str change: see _describe_event_change
        """
        for booking in self:
            lang = active_lang(self.env, booking.user_id.lang)
            said = booking.with_context(lang=lang)._describe_event_change(
                change, user=one_line(self.env.user.name), **values
            )
            booking._note_for_staff("event_changed", said)

    def _describe_event_change(self, change, **values):
        """
        :param str change: what happened, a key of the sentences below
        :param values: that the sentence names
        """
        return {
            "archived": self.env._(
                "%(user)s archived the event in the calendar. The booking has no "
                "online meeting and no reminder until somebody restores the event."
            ),
            "deleted": self.env._(
                "%(user)s deleted the event in the calendar. The booking is no longer "
                "scheduled."
            ),
            "removed": self.env._(
                "%(user)s removed %(names)s from the event in the calendar."
            ),
            "repeated": self.env._(
                "This event belongs to a booking with a web conference and cannot be "
                "repeated. Please create one booking for each date."
            ),
            "allday": self.env._(
                "This event belongs to a booking with a web conference, which starts "
                "at a certain time. It cannot last all day."
            ),
        }[change] % values
