# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tools import get_lang

from ...utils import (
    get_saved_ids,
    is_ours,
    known_zone,
    say_period,
)
from .resource_booking import LETS_GO

# Fields of an event that affect the meeting or the reminders.
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

    has_web_conference = fields.Boolean(
        compute="_compute_has_web_conference",
        help="The booking's own tool holds the meeting.",
    )

    # === COMPUTE METHODS === #

    @api.depends("resource_booking_ids.type_id.web_conference_tool")
    def _compute_has_web_conference(self):
        for event in self:
            event.has_web_conference = bool(
                event._get_conference_booking() or event._is_for_conference_booking()
            )

    # === CONSTRAINTS AND ONCHANGES === #

    @api.constrains("allday", "recurrency", "recurrence_id")
    def _check_suits_booking(self):
        """A booking is one appointment with a start and an end.

        When an event becomes a series, the platform may archive it; the booking would
        lose its meeting.
        """
        for event in self:
            booking = event._get_watched_booking()
            if not booking:
                continue
            if event.recurrency or event.recurrence_id:
                booking._refuse_or_note("repeated")
            if event.allday:
                booking._refuse_or_note("allday")

    @api.constrains("videocall_location", "resource_booking_ids")
    def _check_one_room(self):
        for event in self:
            event._get_conference_booking()._check_room(event.videocall_location)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create([self._take_typed_link(vals) for vals in vals_list])
        events._sync_conference()
        return events

    def write(self, vals):
        if vals.get("videocall_location") and self.env.context.get("dont_notify"):
            # Synchronised calendars create a video room for each event.
            held = self.filtered("has_web_conference")
            if held:
                held.write(
                    {name: vals[name] for name in vals if name != "videocall_location"}
                )
                return (self - held).write(vals)
        elif vals.get("videocall_location"):
            bookings = self.env["resource.booking"].union(
                *(event._get_conference_booking() for event in self)
            )
            typed = self._filter_to_join_by(bookings, vals["videocall_location"])
            if typed:
                kept = {
                    name: vals[name] for name in vals if name != "videocall_location"
                }
                events = typed.meeting_id.with_env(self.env)
                result = events.write(kept) and (self - events).write(vals)
                typed._choose_link("manual", vals["videocall_location"])
                return result
        if "user_id" in vals:
            self._check_organizer(vals["user_id"])
        archived = self.browse()
        if vals.get("active") is False:
            archived = self.filtered(lambda event: event._get_watched_booking())
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
            self._sync_conference()
        if "alarm_ids" in vals:
            self.sudo().resource_booking_ids._on_reminders_changed()
        for event in archived:
            event._get_conference_booking()._note_event_changed("archived")
        if vals.get("active"):
            for event in self:
                event._get_conference_booking()._forget_for_staff("event_changed")
        return result

    @api.model
    def _set_videocall_location(self, vals_list):
        # With a website, the platform raises for several events at once.
        return super(CalendarEvent, self[:1])._set_videocall_location(vals_list)

    def unlink(self):
        if not is_ours(self.env, LETS_GO):
            for event in self:
                event._get_watched_booking()._note_event_changed("deleted")
        bookings = self.sudo().resource_booking_ids
        bookings._lock_conference()
        bookings.meeting_id._lock_mails()
        self.env["booking.conference.mail"].sudo()._note_leaving(
            self.sudo().attendee_ids
        )
        result = super().unlink()
        bookings.exists()._sync_conference()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for event, vals in zip(self, vals_list, strict=True):
            if event._get_conference_booking():
                # Each booking has a link of its own.
                vals["videocall_location"] = False
        return vals_list

    # === BUSINESS METHODS === #

    @api.model
    def _get_display_time(self, start, stop, zduration, zallday):
        """The platform's Japanese has the words of the English sentence, in its order."""
        lang = get_lang(self.env).code
        if zallday or zduration >= 24 or not start or not lang.startswith("ja"):
            return super()._get_display_time(start, stop, zduration, zallday)
        zone = known_zone(
            self.env.context.get("tz"), self.env.user.partner_id.tz, "UTC"
        )
        start = fields.Datetime.to_datetime(start)
        stop = start + timedelta(minutes=round(zduration * 60))
        return say_period(self.env, start, stop, zone)

    def _sync_conference(self):
        """Let the bookings follow, unless the booking itself is being saved."""
        self._get_bookings_to_follow()._sync_conference()

    def _get_bookings_to_follow(self):
        """The bookings of these events, except those being saved, as superuser."""
        saved_ids = get_saved_ids(self.env)
        bookings = self.sudo().with_context(active_test=False).resource_booking_ids
        return bookings.filtered(lambda booking: booking.id not in saved_ids)

    @api.model
    def _take_typed_link(self, vals):
        """Have a booking joined by the video address of its new event.

        :param dict vals: of the event
        :return dict: of the event, without an address that the booking hides
        """
        url = vals.get("videocall_location")
        bookings = url and self._get_bookings_of_new(vals)
        if not bookings or self.env.context.get("dont_notify"):
            return vals
        typed = self._filter_to_join_by(bookings, url)
        if not typed:
            return vals
        typed._choose_link("manual", url)
        return {**vals, "videocall_location": typed._get_open_url()}

    @api.model
    def _filter_to_join_by(self, bookings, url):
        """Those for which somebody enters this video address.

        :param bookings: with a web conference tool, superuser
        :param str url: as it is to be written on the events
        :raise AccessError: this user may not change the booking
        """
        if self.DISCUSS_ROUTE in url:
            # The room goes with the event: customers need one that stays.
            return bookings.browse()
        saved_ids = get_saved_ids(self.env)
        typed = bookings.filtered(
            lambda one: (
                one.id not in saved_ids
                and one._can_choose_link()
                and url != one._get_open_url()
            )
        ).with_env(self.env)
        # Whoever has no rights on bookings has none on an empty set of them, either.
        if typed and not typed.has_access("write"):
            raise AccessError(
                self.env._(
                    "Only those who may change the booking can enter a video link for "
                    "it. Ask a booking manager."
                )
            )
        return typed

    # === WHO MAY CHANGE WHAT, AND WHO WRITES === #

    def _is_for_others_to_change(self):
        """Whether this user must not change who takes part or who organises.

        Every employee can write every event, but events of bookings decide who gets
        the join link.
        """
        self.ensure_one()
        if self.env.su:
            return False
        booking = self._get_conference_booking()
        return bool(booking) and not booking.with_env(self.env).has_access("write")

    def _check_organizer(self, user_id):
        """
        :param user_id: the new organizer's id, or False
        :raise AccessError: that is for others to choose
        """
        for event in self:
            if (event.user_id.id or False) == (user_id or False):
                continue
            if event._is_for_others_to_change():
                raise AccessError(
                    self.env._(
                        "Only those who may change the booking can change the organizer of "
                        "“%(event)s”. Ask a booking manager.",
                        event=event.name,
                    )
                )

    # === WHAT A BOOKING CANNOT FOLLOW === #

    def _get_watched_booking(self):
        """The future booking of this event, as superuser; empty while it is being saved."""
        booking = self._get_conference_booking()
        event = self.sudo()
        watched = (
            booking.active
            and booking.id not in get_saved_ids(self.env)
            and event.active
            and event.stop > fields.Datetime.now()
        )
        return booking if watched else booking.browse()

    # === ONE ROOM === #

    def _is_for_conference_booking(self):
        """Whether this new event is for a booking with a web conference."""
        return not self.id and bool(self._get_bookings_of_new({}))

    @api.model
    def _get_bookings_of_new(self, vals):
        """The bookings with a web conference that a new event is for, as superuser.

        :param dict vals: of the event
        """
        commands = vals.get(
            "resource_booking_ids", self.env.context.get("default_resource_booking_ids")
        )
        ids = []
        for command in commands or ():
            if command[0] == Command.SET:
                ids += command[2]
            elif command[0] == Command.LINK:
                ids.append(command[1])
        bookings = self.env["resource.booking"].sudo().browse(ids).exists()
        return bookings.filtered(lambda one: one.type_id._has_conference_tool())

    def _set_discuss_videocall_location(self):
        if self.has_web_conference:
            return None
        return super()._set_discuss_videocall_location()
