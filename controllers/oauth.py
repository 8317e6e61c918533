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
        """Zoom sends the administrator's browser back to this address.

        :param str code: authorisation code, lives five minutes and works once
        :param str state: as it was sent to Zoom
        :param str error: why there is no code, "access_denied" when refused
        """
        if not request.env.user.has_group("base.group_system"):
            return self._page(
                request.env._(
                    "Only an Odoo administrator can connect the Zoom account. Please ask "
                    "one to do it."
                )
            )
        if not self._is_started_here(state):
            return self._unknown_page()
        # Each step is committed separately: Zoom issues tokens once only, and a failure
        # of a later step must not lose them.
        connections = request.env["booking.zoom.connection"]
        connection = connections.browse(
            in_own_transaction(connections, lambda records: records._take(state))
            or None
        )
        if not connection:
            return self._unknown_page()
        if error or not code:
            in_own_transaction(connection, lambda connection: connection.unlink())
            return self._page(
                request.env._(
                    "Consent was not given in Zoom, so nothing was changed. To connect "
                    "the account, press “Connect” again and choose “Allow”."
                )
            )
        refusal = in_own_transaction(
            connection, lambda connection: connection._exchange(code)
        )
        if refusal:
            return self._page(refusal)
        step, message = in_own_transaction(
            connection, lambda connection: connection._apply()
        )
        if step == "refused":
            return self._page(message)
        return request.redirect(
            in_own_transaction(
                connection, lambda connection: connection._get_next_path()
            )
        )

    def _is_started_here(self, state):
        """Whether this browser has started a connection with this state; works once."""
        started = request.session.get(SESSION_KEY, {})
        # A stranger's state does not change the person's own one.
        if not state or state_digest(state) not in started.values():
            return False
        request.session[SESSION_KEY] = {
            account_id: digest
            for account_id, digest in started.items()
            if digest != state_digest(state)
        }
        return True

    def _unknown_page(self):
        return self._page(
            request.env._(
                "This browser has not started to connect Zoom, or this page was opened "
                "twice. Nothing was changed. Please press “Connect” again."
            )
        )

    def _page(self, message):
        """A page that says what happened and leads back."""
        account_action = request.env.ref(
            "resource_booking_zoom.booking_zoom_account_open_action"
        )
        return request.render(
            "resource_booking_zoom.oauth_page",
            {"message": message, "back_url": f"/odoo/action-{account_action.id}"},
        )
