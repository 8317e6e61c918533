# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager, nullcontext

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...utils import (
    OURS,
    TimeTaken,
    active_lang,
    get_saved_ids,
    is_customer,
    one_line,
    saving,
)

# Fields of a booking that affect its meeting.
SCHEDULING_FIELDS = {
    "active",
    "combination_auto_assign",
    "combination_id",
    "duration",
    "meeting_id",
    "partner_ids",
    "start",
    "type_id",
}
# The address of a booking's page, which concerns no meeting.
PAGE_FIELDS = {"access_token", "access_token_digest"}


class Invited:
    """Who was invited before the save. An object, so that no RPC call can forge it."""

    def __init__(self, partners):
        self.partners = partners


# In the context while a booking itself deletes its event.
LETS_GO = "resource_booking_zoom_lets_go"


class ResourceBooking(models.Model):
    _inherit = "resource.booking"
    # Most bookings have no name of their own: people look for the customer.
    _rec_names_search = ["name", "partner_ids"]

    # === COMPUTE METHODS === #

    def _compute_display_name(self):
        """Name bookings, too, whose customers were archived or deleted.

        The platform raises there: nobody could open them, or be assigned an activity.
        """
        left = self.browse()
        if not self.env.context.get("using_portal"):
            left = self.filtered(
                lambda one: one.id and not one.name and not one.partner_ids
            )
        result = super(ResourceBooking, self - left)._compute_display_name()
        for booking in left:
            booking.display_name = booking._get_conference_title()
        return result

    # === CONSTRAINTS AND ONCHANGES === #

    @api.constrains("combination_id", "meeting_id", "type_id")
    def _check_scheduling(self):
        with self._told_to_customers():
            return super()._check_scheduling()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        for booking, vals in zip(bookings, vals_list, strict=True):
            booking._check_room(vals.get("videocall_location"))
        bookings._sync_conference()
        return bookings

    def write(self, vals):
        if vals.keys() == {"meeting_id"} and get_saved_ids(self.env).issuperset(
            self.ids
        ):
            # The platform sets the event of a booking that is being saved. Everything
            # else happens when the booking itself is saved.
            return super().write(vals)
        with self._refused_as_a_whole():
            if not SCHEDULING_FIELDS.isdisjoint(vals):
                self._lock_conference()
            invited = self._get_invited_partners()
            if vals.get("active") is False:
                self.env["booking.conference.mail"].sudo()._note_leaving(
                    self.sudo().meeting_id.attendee_ids
                )
            before = self.with_context(web_conference_invited=Invited(invited))
            # Writing the event mails everybody a date change.
            alone = vals and vals.keys() <= self._get_fields_off_event()
            with saving(self) if alone else nullcontext():
                result = super(ResourceBooking, before).write(vals)
            if vals.get("videocall_location"):
                for booking in self:
                    booking._check_room(vals["videocall_location"])
            self._remove_former_attendees(invited)
            if not vals or not vals.keys() <= PAGE_FIELDS:
                self._sync_conference()
            if "type_id" in vals:
                self._show_open_url()
        return result

    def unlink(self):
        # The database clears the booking on their records.
        self._lock_meetings(former=True)
        booking = self.with_context(**{LETS_GO: OURS})
        return super(ResourceBooking, booking).unlink()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for booking, vals in zip(self, vals_list, strict=True):
            if booking.type_id.sudo()._has_conference_tool():
                # Each booking has a link of its own.
                vals.pop("videocall_location", None)
        return vals_list

    # === ACTION METHODS === #

    def action_unschedule(self):
        # Staff do this on purpose: no notice.
        booking = self.with_context(**{LETS_GO: OURS})
        return super(ResourceBooking, booking).action_unschedule()

    # === BUSINESS METHODS === #

    def _sync_meeting(self):
        """Update the events of all bookings except those being saved.

        The platform reads these from the context, which any RPC call can set.
        """
        known = self.with_context(
            syncing_booking_ids=sorted(get_saved_ids(self.env)),
            web_conference_invited=None,
        )
        before = self.env.context.get("web_conference_invited")
        with saving(self):
            if isinstance(before, Invited):
                # Those who leave now must not get the link in the date change mail.
                self._remove_former_attendees(before.partners)
            return super(ResourceBooking, known)._sync_meeting()

    def _get_best_combination(self):
        with self._told_to_customers():
            return super()._get_best_combination()

    @contextmanager
    def _told_to_customers(self):
        """Tell customers what to do, where the platform tells staff what is wrong."""
        try:
            yield
        except ValidationError as refusal:
            if not is_customer(self.env):
                raise
            raise TimeTaken(self.env) from refusal

    @contextmanager
    def _refused_as_a_whole(self):
        """Undo everything if a change in the portal or the web shop is refused.

        These show the refusal and commit: without this, the booking would keep the
        refused time.
        """
        if not is_customer(self.env):
            yield
            return
        try:
            with self.env.cr.savepoint():
                yield
        except ExclusionViolation as taken:
            raise TimeTaken(self.env) from taken

    # === PEOPLE WHO LEFT === #

    def _get_invited_partners(self):
        """Requesters and staff of each scheduled booking with a conference tool.

        :return dict: booking -> partners
        """
        return {
            booking: booking.partner_ids | booking._get_staff_partners()
            for booking in self
            if booking.type_id.sudo()._has_conference_tool() and booking.meeting_id
        }

    def _remove_former_attendees(self, invited):
        """Remove attendees who left the booking; the platform never does.

        :param dict invited: booking -> partners, as they were before
        """
        for booking, now in self._get_invited_partners().items():
            gone = invited.get(booking, now) - now
            if gone:
                booking.meeting_id.sudo()._write_quietly(
                    {"partner_ids": [Command.unlink(partner.id) for partner in gone]}
                )

    def _add_new_attendees(self, invited):
        """Invite staff who joined when the event itself was moved.

        The platform invites them only when the booking is saved.

        :param dict invited: booking -> partners, as they were before
        """
        for booking, now in self._get_invited_partners().items():
            new = now - invited.get(booking, now)
            if new:
                with saving(booking):
                    booking.meeting_id.sudo().partner_ids = [
                        Command.link(partner.id) for partner in new
                    ]

    # === CHANGES OF THE EVENT === #

    def _refuse_or_note(self, change):
        """Refuse a change that the booking cannot follow.

        A synchronised calendar has made it already. Refusing it would stop the
        synchronisation of all events, so staff are told instead.

        :param str change: see _describe_event_change
        :raise ValidationError:
        """
        if not self.env.context.get("dont_notify"):
            raise ValidationError(self._describe_event_change(change))
        self._note_event_changed(change)

    def _note_event_changed(self, change, **values):
        """Tell staff what happened to the event of a booking.

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

    # === ONE ROOM === #

    def _prepare_meeting_vals(self):
        booking = self
        if not self.partner_ids:
            # The platform raises where all customers are archived, as the visitors of
            # the web shop are: nothing could be saved, and no cart would expire.
            booking = self.with_context(active_test=False)
        values = super(ResourceBooking, booking)._prepare_meeting_vals()
        if self.type_id.sudo()._has_conference_tool():
            # Not what was entered before the type had a tool.
            values["videocall_location"] = self._get_open_url()
        return values

    def _check_room(self, url):
        """Refuse any other video address: people would meet in two rooms.

        :param url: str or False
        :raise ValidationError:
        """
        booking = self.sudo()
        if not url or not booking.type_id._has_conference_tool():
            return
        if booking.stop and booking.stop <= fields.Datetime.now():
            return
        if url != booking._get_open_url():
            raise ValidationError(
                self.env._(
                    "This booking is held with %(tool)s, whose link is added to the "
                    "mails automatically. Another address would send people to two "
                    "rooms. To use another address for this booking, press “Enter a "
                    "link”. To use it for all, enter it on a booking type with “Another "
                    "tool with a fixed URL”.",
                    tool=booking._get_conference_tool_name(),
                )
            )
