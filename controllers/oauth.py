# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import consteq

from ..const import OAUTH_CALLBACK_ROUTE
from ..wizards.booking_zoom_link import SESSION_STATE_KEY


class ZoomOAuthController(http.Controller):
    @http.route(OAUTH_CALLBACK_ROUTE, type="http", auth="user", methods=["GET"])
    def oauth_callback(self, code=None, state=None, error=None, **kwargs):
        """Where Zoom sends the administrator's browser back to.

        :param str code: authorisation code, lives five minutes and works once
        :param str state: what we had sent along
        :param str error: why there is no code, "access_denied" when refused
        """
        if not request.env.user.has_group("base.group_system"):
            return self._page(
                request.env._(
                    "Only an administrator of Odoo can link the Zoom account. "
                    "Please ask one to do it."
                )
            )
        link = self._take_link(state)
        if not link:
            return self._page(
                request.env._(
                    "This page was opened without a link to Zoom being begun in this "
                    "browser, or it was opened twice. Nothing was changed. Please "
                    "press “Link with Zoom” again."
                )
            )
        if error or not code:
            return self._page(
                request.env._(
                    "Zoom was not given consent, so nothing was changed. To link the "
                    "account, press “Link with Zoom” again and choose “Allow”."
                )
            )
        try:
            with request.env.cr.savepoint():
                link._exchange(code)
        except UserError as refusal:
            return self._page(str(refusal))
        link._apply()
        if link.step == "refused":
            return self._page(link.message)
        action = link._next_action()
        return request.redirect(f"/odoo/action-{action['id']}/{action['res_id']}")

    def _take_link(self, state):
        """The link that this browser has begun with this state, else none."""
        links = request.env["booking.zoom.link"]
        expected = request.session.pop(SESSION_STATE_KEY, None)
        if not state or not expected or not consteq(state.encode(), expected.encode()):
            return links
        return links._take(state)

    def _page(self, message):
        """A readable page that says what happened and leads back."""
        account_action = request.env.ref(
            "resource_booking_zoom.booking_zoom_account_open_action"
        )
        return request.render(
            "resource_booking_zoom.oauth_page",
            {"message": message, "back_url": f"/odoo/action-{account_action.id}"},
        )
