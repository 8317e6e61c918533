# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.http import request

from odoo.addons.calendar.controllers.main import CalendarController
from odoo.addons.mail.controllers.mail import MailController

from ..const import INVITATION_ROUTE


class InvitationController(CalendarController):
    """Links in mails about bookings with a web conference change nothing.

    Mail gateways and previews open every link of a mail, by GET and by HEAD. So a link
    opens a page that says what would happen, and its button sends a POST.
    """

    @http.route()
    def accept_meeting(self, token, id, **kwargs):
        answer = super().accept_meeting
        return self._ask_before("accept", lambda: answer(token, id, **kwargs), token)

    @http.route()
    def decline_meeting(self, token, id, **kwargs):
        answer = super().decline_meeting
        return self._ask_before("decline", lambda: answer(token, id, **kwargs), token)

    @http.route()
    def accept_recurrence(self, token, id, **kwargs):
        answer = super().accept_recurrence
        return self._ask_before(
            "accept", lambda: answer(token, id, **kwargs), token, series=True
        )

    @http.route()
    def decline_recurrence(self, token, id, **kwargs):
        answer = super().decline_recurrence
        return self._ask_before(
            "decline", lambda: answer(token, id, **kwargs), token, series=True
        )

    @http.route()
    def view_meeting(self, token, id, **kwargs):
        attendee = request.env["calendar.attendee"]._get_invited(token)
        if not attendee or request.env.user._is_internal():
            return super().view_meeting(token, id, **kwargs)
        return request.redirect(attendee._get_invitation_url())

    @http.route(INVITATION_ROUTE, auth="calendar", methods=["GET"], website=True)
    def invitation(self, token, answer=None, series=None, **kwargs):
        """The page on which somebody answers; it changes nothing.

        :param str token: the attendee's, checked by ``auth="calendar"``
        :param str answer: the link that was followed, "accept" or "decline"
        :param str series: set when the answer is for a whole recurrence
        """
        attendee = request.env["calendar.attendee"]._get_invited(token, bool(series))
        if not attendee:
            raise request.not_found()
        return request.render(
            "resource_booking_zoom.invitation_page",
            attendee._get_invitation_page(answer, bool(series)),
        )

    def _ask_before(self, answer, record_answer, token, series=False):
        attendee = request.env["calendar.attendee"]._get_invited(token, series)
        if not attendee or request.httprequest.method == "POST":
            return record_answer()
        return request.redirect(attendee._get_invitation_url(answer, series))

    # === OTHER ROOMS === #

    @http.route()
    def calendar_join_meeting(self, token, **kwargs):
        # The platform adds whoever is logged in to the event, by GET.
        if self._is_of_conference_booking(token):
            raise request.not_found()
        return super().calendar_join_meeting(token, **kwargs)

    @http.route()
    def calendar_join_videocall(self, access_token):
        # Staff would wait in a room of Odoo, the customer in the booking's own.
        if self._is_of_conference_booking(access_token):
            raise request.not_found()
        return super().calendar_join_videocall(access_token)

    def _is_of_conference_booking(self, event_token):
        events = request.env["calendar.event"].sudo().with_context(active_test=False)
        event = events.search([("access_token", "=", event_token)], limit=1)
        return bool(event and event._get_conference_booking())


class UnfollowController(MailController):
    @http.route()
    def mail_action_unfollow(self, model, res_id, pid, token, **kwargs):
        # Mail programs send the one-click unsubscription as POST (RFC 8058).
        if request.httprequest.method != "POST" and self._is_of_booking(model, res_id):
            return request.render(
                "resource_booking_zoom.unfollow_page",
                {
                    "fields": {
                        "model": model,
                        "res_id": res_id,
                        "pid": pid,
                        "token": token,
                    }
                },
            )
        return super().mail_action_unfollow(model, res_id, pid, token, **kwargs)

    def _is_of_booking(self, model, res_id):
        if model not in ("calendar.event", "resource.booking"):
            return False
        record = request.env[model].sudo().browse(int(res_id)).exists()
        if model == "calendar.event":
            return bool(record and record._get_conference_booking())
        return record.type_id._has_conference_tool() if record else False
