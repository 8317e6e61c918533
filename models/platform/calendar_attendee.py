# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import AccessError

from ...utils import one_line


class CalendarAttendee(models.Model):
    """Who takes part in a booking's event, and who may answer, is not for everybody."""

    _inherit = "calendar.attendee"

    # === CRUD METHODS === #

    def write(self, vals):
        self._check_moves(vals)
        answered = self
        if "state" in vals:
            answered = self._filter_may_answer(vals["state"])
        result = super(CalendarAttendee, answered).write(vals)
        if "state" in vals:
            answered.event_id._sync_conference()
            answered.sudo().event_id.resource_booking_ids._trigger_due_reminders()
        return result

    def unlink(self):
        self._note_removal()
        if not self.env.su:
            self._check_removal()
        self.env["booking.conference.mail"].sudo()._note_leaving(self.sudo())
        return super().unlink()

    # === WHO MAY CHANGE WHAT === #

    def _check_moves(self, vals):
        """Refuse that unauthorised users change the person or event of an attendee.

        Attendees get mails with the join link.

        :raise AccessError:
        """
        if self.env.su or vals.keys().isdisjoint(("partner_id", "event_id")):
            return
        target = self.env["calendar.event"].browse(vals.get("event_id") or ())
        for attendee in self:
            changed = any(
                attendee[name].id != vals[name]
                for name in ("partner_id", "event_id")
                if name in vals
            )
            if changed and any(
                event._is_for_others_to_change() for event in attendee.event_id | target
            ):
                raise self._make_participation_error(attendee.event_id | target)

    def _filter_may_answer(self, state):
        """The attendees for whom this user may give this answer.

        Everybody may reset answers, as the platform does when an event is moved, but
        not a refusal.

        :param str state: the answer
        :raise AccessError: somebody else's answer
        """
        if self.env.su:
            return self
        foreign = self.filtered(
            lambda one: (
                one.partner_id != self.env.user.partner_id
                and one.event_id._is_for_others_to_change()
            )
        )
        if foreign and state != "needsAction":
            raise AccessError(
                self.env._(
                    "Only the person who is invited, or who may change the booking, can "
                    "answer the invitation to “%(event)s”.",
                    event=foreign[0].event_id.name,
                )
            )
        return self - foreign.filtered(lambda one: one.state == "declined")

    def _check_removal(self):
        """Refuse to remove attendees who must get the join link.

        :raise AccessError: the user may not change the booking
        """
        for event, attendees in self.grouped("event_id").items():
            if not event._is_for_others_to_change():
                continue
            booking = event._get_conference_booking()
            counted = attendees.sudo()._filter_may_join().with_env(self.env)
            counted |= attendees.filtered(
                lambda one, booking=booking: one.partner_id in booking.partner_ids
            )
            if counted.partner_id - self.env.user.partner_id:
                raise self._make_participation_error(event)

    @api.model
    def _make_participation_error(self, events):
        return AccessError(
            self.env._(
                "Only those who may change the booking can change who takes part in "
                "“%(event)s”. Ask a booking manager.",
                event=events[:1].name,
            )
        )

    # === STAFF ARE TOLD === #

    def _note_removal(self):
        """Tell staff which requesters are being removed from their event."""
        for event, attendees in self.grouped("event_id").items():
            booking = event._get_watched_booking() if event else None
            if booking:
                stay = (event.sudo().attendee_ids - attendees).partner_id
                gone = attendees.sudo().partner_id & booking.partner_ids
                if gone - stay:
                    names = ", ".join((gone - stay).mapped("display_name"))
                    booking._note_event_changed("removed", names=one_line(names))
