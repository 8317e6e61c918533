# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from urllib.parse import urlencode

from odoo import api, models
from odoo.exceptions import MissingError
from odoo.fields import Datetime

from ...const import INVITATION_ROUTE

ANSWERS = {"accept": "accepted", "decline": "declined"}


class CalendarAttendee(models.Model):
    """The page on which somebody answers the invitation to a booking.

    It never tells the link: mails are forwarded.
    """

    _inherit = "calendar.attendee"

    def _has_field_access(self, field, operation):
        """Keep the token from those who could answer with it in another's name.

        The platform lets every employee read it, search by it, and write it.
        """
        return super()._has_field_access(field, operation) and (
            self.env.su
            or field.name != "access_token"
            or self._may_use_token(operation)
        )

    def _may_use_token(self, operation):
        if not self.ids:
            # Searching by it would find out, letter by letter.
            return operation == "write"
        own = self.env.user.partner_id
        try:
            others = self.sudo().filtered(lambda one: one.partner_id != own)
        except MissingError:
            # What is read together may hold rows that were deleted since.
            others = self.sudo().exists().filtered(lambda one: one.partner_id != own)
        bookings = (
            event._get_conference_booking()
            for event in others.event_id.with_context(active_test=False)
        )
        return all(
            booking.with_env(self.env).has_access("read")
            for booking in bookings
            if booking
        )

    @api.model
    def _get_invited(self, token, series=False):
        """The attendee with this token, superuser, if it is of our concern.

        :param str token: from the link in a mail
        :param bool series: whether the answer is for all events of a recurrence
        :return: empty when no booking with a web conference is concerned
        """
        attendee = self.sudo().search([("access_token", "=", token)], limit=1)
        events = attendee.event_id.with_context(active_test=False)
        if series:
            events |= events.recurrence_id.calendar_event_ids
        ours = any(event._get_conference_booking() for event in events)
        return attendee if ours else attendee.browse()

    def _get_invitation_url(self, answer=None, series=False):
        """Address of the page, in the language of the mail that was sent."""
        self.ensure_one()
        query = {"token": self.access_token}
        if answer:
            query["answer"] = answer
        if series:
            query["series"] = 1
        path = f"{INVITATION_ROUTE}?{urlencode(query)}"
        lang = self.partner_id.lang
        if lang in self.env["res.lang"]._get_frontend():
            return self.env["ir.http"]._url_lang(path, lang)
        return path

    def _get_invitation_page(self, asked=None, series=False):
        """What the page says and offers.

        :param str asked: the answer whose link was followed, if any
        :param bool series: whether the answer is for all events of a recurrence
        :return dict: values of the template
        """
        self.ensure_one()
        event = self.event_id.with_context(active_test=False)
        booking = event._get_conference_booking()
        series = series and bool(event.recurrence_id)
        takes_place = booking.active and event.active
        offered = [
            answer
            for answer, state in ANSWERS.items()
            if takes_place and event.stop > Datetime.now() and self.state != state
        ]
        return {
            "attendee": self,
            "booking": booking,
            "event": event,
            "period": booking._say_period(event.start),
            "own_time": self._get_own_time(),
            "takes_place": takes_place,
            "removed": self._is_meeting_removed(booking),
            "asked": asked if asked in offered else None,
            # Whoever followed one link is asked that alone.
            "answers": [asked] if asked in offered else offered,
            "last": self._is_last_requester(booking),
            "restores": self._is_meeting_removed(booking)
            and self.partner_id in booking.partner_ids,
            "kind": "recurrence" if series else "meeting",
            "series": series,
        }

    def _is_meeting_removed(self, booking):
        """Whether there is no meeting because all requesters have declined."""
        return booking.web_conference_tool == "zoom" and booking._is_declined()

    def _is_last_requester(self, booking):
        """Whether the Zoom meeting goes when this attendee declines."""
        going = self.event_id.attendee_ids.filtered(
            lambda one: (
                one.partner_id in booking.partner_ids and one.state != "declined"
            )
        )
        return booking.web_conference_tool == "zoom" and going == self
