# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from werkzeug.exceptions import MethodNotAllowed

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..const import JOIN_ROUTE, START_ROUTE
from ..models.conference.meeting_access import (
    filter_may_open,
    filter_may_start,
    get_join_path,
    get_start_url,
    is_to_be_opened,
)


class StartController(http.Controller):
    """Staff open the meeting of a booking.

    The addresses hold no secret and can stand in mails. Where they lead is neither kept
    by Odoo nor by the browser, and Zoom does not learn where the browser came from.
    """

    @http.route(
        f"{START_ROUTE}/<int:booking_id>", type="http", auth="user", methods=["GET"]
    )
    def start(self, booking_id):
        """Start the meeting as its host, with a link that is fetched from Zoom now."""
        booking = self._get_booking(booking_id)
        if not filter_may_open(booking):
            return self._refuse_stranger()
        if not filter_may_start(booking):
            return self._refuse(
                403,
                request.env._(
                    "Whoever starts the meeting is its host. This is for the "
                    "users of the booked resources, and for the group “Start meetings "
                    "of others”. You can join the meeting."
                ),
                booking,
            )
        try:
            url = get_start_url(booking.sudo())
        except UserError as error:
            return self._refuse(409, error.args[0], booking, again=True)
        booking._note_start()
        return self._leave_for(url)

    @http.route(
        f"{JOIN_ROUTE}/<int:booking_id>", type="http", auth="user", methods=["GET"]
    )
    def join(self, booking_id):
        """Join the meeting as a participant."""
        booking = self._get_booking(booking_id)
        if not filter_may_open(booking):
            return self._refuse_stranger()
        link = is_to_be_opened(booking.sudo()) and booking.sudo()._get_join_link()
        if not link:
            return self._refuse(
                409,
                booking.sudo()._get_join_problem()
                or request.env._(
                    "There is no meeting to join now. If one is being created, please "
                    "try again in a moment."
                ),
                booking,
                again=True,
            )
        return self._leave_for(link.url)

    def _get_booking(self, booking_id):
        """The booking, or none; in all companies of the user, as from a mail."""
        if request.httprequest.method != "GET":
            # Software that looks whether a link works starts no meeting.
            raise MethodNotAllowed(valid_methods=["GET"])
        bookings = request.env["resource.booking"].with_context(
            allowed_company_ids=request.env.user.company_ids.ids, active_test=False
        )
        return bookings.browse(booking_id).exists()

    def _leave_for(self, url):
        response = request.redirect(url, code=303, local=False)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _refuse_stranger(self):
        return self._refuse(
            403,
            request.env._(
                "This booking does not exist, or you may not open its meeting."
            ),
        )

    def _refuse(self, status, message, booking=None, again=False):
        """A page that says why the meeting is not opened, and what else can be done.

        :param booking: that the user may open
        :param bool again: whether trying again may help
        """
        join_path = False
        if booking and is_to_be_opened(booking.sudo()):
            join_path = get_join_path(booking)
        return request.render(
            "resource_booking_zoom.start_refused",
            {
                "message": message,
                "again": again and request.httprequest.path,
                "join_path": join_path != request.httprequest.path and join_path,
                "back_url": booking
                and booking.has_access("read")
                and f"/odoo/resource.booking/{booking.id}",
            },
            status=status,
            headers=[("Cache-Control", "no-store")],
        )
