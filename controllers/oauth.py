# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.http import request

from ..const import OAUTH_CALLBACK_ROUTE
from ..utils import in_own_transaction
from ..wizards.booking_zoom_connection import SESSION_KEY, state_digest


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
        if not self._is_begun_here(state):
            return self._page_of_stranger()
        # Each step is committed by itself: what Zoom has handed out once must not be
        # lost when a later step fails.
        links = request.env["booking.zoom.connection"]
        link = links.browse(
            in_own_transaction(links, lambda links: links._take(state)) or None
        )
        if not link:
            return self._page_of_stranger()
        if error or not code:
            in_own_transaction(link, lambda link: link.unlink())
            return self._page(
                request.env._(
                    "Zoom was not given consent, so nothing was changed. To link the "
                    "account, press “Link with Zoom” again and choose “Allow”."
                )
            )
        refusal = in_own_transaction(link, lambda link: link._exchange(code))
        if refusal:
            return self._page(refusal)
        step, message = in_own_transaction(link, lambda link: link._apply())
        if step == "refused":
            return self._page(message)
        return request.redirect(
            in_own_transaction(link, lambda link: link._get_next_path())
        )

    def _is_begun_here(self, state):
        """Whether this browser has begun a link with this state; it works once."""
        begun = request.session.get(SESSION_KEY, {})
        # A stranger's state leaves the person's own one as it is.
        if not state or state_digest(state) not in begun.values():
            return False
        request.session[SESSION_KEY] = {
            account_id: digest
            for account_id, digest in begun.items()
            if digest != state_digest(state)
        }
        return True

    def _page_of_stranger(self):
        return self._page(
            request.env._(
                "This page was opened without a link to Zoom being begun in this "
                "browser, or it was opened twice. Nothing was changed. Please press "
                "“Link with Zoom” again."
            )
        )

    def _page(self, message):
        """A readable page that says what happened and leads back."""
        account_action = request.env.ref(
            "resource_booking_zoom.booking_zoom_account_open_action"
        )
        return request.render(
            "resource_booking_zoom.oauth_page",
            {"message": message, "back_url": f"/odoo/action-{account_action.id}"},
        )
