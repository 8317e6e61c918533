# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import http
from odoo.http import request

from ..const import WEBHOOK_ROUTE
from ..tools.zoom_webhook import MAX_BODY


class ZoomWebhookDispatcher(http.HttpDispatcher):
    """Leaves the raw body as it is, because Zoom has signed it.

    Odoo's own dispatcher would read some bodies as forms, and pass what strangers write
    in them to the method as arguments.
    """

    routing_type = "zoom_webhook"

    @classmethod
    def is_compatible_with(cls, request):
        return request.httprequest.path == WEBHOOK_ROUTE

    def dispatch(self, endpoint, args):
        # Other modules, as utm, look into it after each request.
        self.request.params = {}
        return endpoint()


class ZoomWebhookController(http.Controller):
    @http.route(
        WEBHOOK_ROUTE,
        type=ZoomWebhookDispatcher.routing_type,
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY,
    )
    def webhook(self):
        """Receive what Zoom reports; one address for all companies."""
        received = request.httprequest
        status, answer = (
            request.env["booking.zoom.webhook.event"]
            .sudo()
            ._receive(
                received.headers.get("x-zm-signature", ""),
                received.headers.get("x-zm-request-timestamp", ""),
                received.get_data(),
                received.headers.get("x-zm-request-id", ""),
            )
        )
        if answer is None:
            return request.make_response("", status=status)
        return request.make_json_response(answer, status=status)
