# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC
from urllib.parse import urlencode

from dateutil.parser import isoparse

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.resource_booking.controllers.portal import CustomerPortal

from ..models.conference.portal_moves import check_move


class BookingPortal(CustomerPortal):
    """The portal's pages of bookings with a web conference.

    The platform moves and cancels by GET, and by HEAD: software that opens a link must
    not. Bookings without a web conference stay as the platform has them.
    """

    @http.route()
    def portal_booking_page(self, booking_id, access_token=None, **kwargs):
        return self._show_cancelled(
            booking_id, access_token
        ) or super().portal_booking_page(booking_id, access_token, **kwargs)

    @http.route()
    def portal_booking_schedule(self, booking_id, access_token=None, **kwargs):
        return self._show_cancelled(
            booking_id, access_token
        ) or super().portal_booking_schedule(booking_id, access_token, **kwargs)

    @http.route()
    def portal_booking_cancel(self, booking_id, access_token=None, **kwargs):
        cancelled = self._show_cancelled(booking_id, access_token)
        if cancelled:
            return cancelled
        booking = self._get_booking_sudo(booking_id, access_token)
        if not booking.type_id._has_conference_tool():
            return super().portal_booking_cancel(booking_id, access_token, **kwargs)
        # Taken before: the platform ends the access token with the booking.
        page = booking.get_portal_url()
        if not (booking.active and booking.is_modifiable):
            return request.redirect(page)
        if request.httprequest.method != "POST":
            return self._ask(booking, "cancel", booking.start)
        super().portal_booking_cancel(booking_id, access_token, **kwargs)
        return request.redirect(page)

    @http.route()
    def portal_booking_confirm(self, booking_id, access_token, when, **kwargs):
        cancelled = self._show_cancelled(booking_id, access_token)
        if cancelled:
            return cancelled
        booking = self._get_booking_sudo(booking_id, access_token)
        if not booking.type_id._has_conference_tool():
            return super().portal_booking_confirm(
                booking_id, access_token, when, **kwargs
            )
        try:
            start = isoparse(when).astimezone(UTC).replace(tzinfo=None)
        except (OverflowError, ValueError):
            return request.redirect(booking.get_portal_url(suffix="/schedule"))
        if not booking.active:
            return request.redirect(booking.get_portal_url())
        if request.httprequest.method != "POST":
            return self._ask(booking, "confirm", start, when=when)
        try:
            check_move(booking, start)
        except ValidationError as error:
            # The platform would put it into the address as it is: a phone number
            # loses its plus sign there.
            said = urlencode({"error": error.args[0]})
            suffix = f"/schedule/{start:%Y/%m}"
            return request.redirect(
                booking.get_portal_url(suffix=suffix, query_string=f"&{said}")
            )
        return super().portal_booking_confirm(booking_id, access_token, when, **kwargs)

    def _ask(self, booking, action, start, when=None):
        """A page that says what is about to happen, with a button that does it.

        :param str action: "cancel" or "confirm"
        :param datetime start: naive UTC, or False
        :param str when: the chosen start as it was sent
        """
        return request.render(
            "resource_booking_zoom.portal_booking_ask",
            {
                "booking": booking,
                "action": action,
                "period": booking._say_period(start),
                "when": when,
            },
        )

    def _show_cancelled(self, booking_id, access_token):
        """The page that says so, for those who had the page of the booking."""
        booking = request.env["resource.booking"].sudo().browse(booking_id).exists()
        if not booking or not booking._is_former_access_token(access_token):
            return None
        return request.render(
            "resource_booking_zoom.portal_booking_cancelled",
            {
                "booking": booking,
                "period": booking._say_period(booking._get_last_start()),
                "contact": booking._get_conference_contact(),
            },
        )
