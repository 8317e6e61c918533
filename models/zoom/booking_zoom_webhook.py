# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import time

from odoo import api, fields, models

from ...const import CURRENT_STATES, WEBHOOK_ROUTE
from ...tools.zoom_webhook import (
    APP_DEAUTHORIZED,
    MEETING_EVENTS,
    REPEAT_TOLERANCE,
    URL_VALIDATION,
    USER_EVENTS,
    MalformedEvent,
    is_signed,
    is_timely,
    loggable,
    parse_event,
    validation_answer,
)
from ...utils import in_own_transaction

_logger = logging.getLogger(__name__)

# Zoom is read after these, and nothing else follows: an old one does no harm.
REPEATABLE = (*MEETING_EVENTS, *USER_EVENTS)


class BookingZoomAccount(models.Model):
    """What Zoom tells by itself.

    Zoom waits three seconds for the answer, so nothing is asked of Zoom here and no
    row is changed that others change: events are noted, and the scheduled actions
    woken. What they read from Zoom decides, not what the event says.
    """

    _inherit = "booking.zoom.account"

    webhook_url = fields.Char(
        string="Event notification URL", compute="_compute_webhook_url"
    )
    webhook_events = fields.Char(
        string="Events to subscribe", compute="_compute_webhook_url"
    )

    def _compute_webhook_url(self):
        self.webhook_events = ", ".join(
            # Not that the app was removed: Zoom tells it of public apps only.
            ("meeting.updated", "meeting.deleted", *USER_EVENTS)
        )
        for account in self:
            account.webhook_url = account.get_base_url().rstrip("/") + WEBHOOK_ROUTE

    @api.model
    def _receive_webhook(self, signature, timestamp, raw, request_id=""):
        """Take an event, of whichever account; called as superuser.

        :param str signature: as the header says it
        :param str timestamp: as the header says it
        :param bytes raw: the body
        :param str request_id: Zoom's, for the log
        :return tuple: HTTP status, and what to answer as JSON or None
        """
        signers = self._get_signers(signature, timestamp, raw)
        if not signers:
            _logger.info("Zoom's event %s: not signed", loggable(request_id))
            return 403, None
        try:
            event = parse_event(raw)
        except MalformedEvent as error:
            _logger.info("Zoom's event %s: %s", loggable(request_id), error)
            return 400, None
        if not is_timely(timestamp, time.time()) and event.name not in REPEATABLE:
            _logger.info("Zoom's event %s: too old", loggable(request_id))
            return 403, None
        _logger.info("Zoom's event %s: %s", loggable(request_id), loggable(event.name))
        if event.name == URL_VALIDATION:
            secret = signers[0].webhook_secret
            return 200, validation_answer(secret, event.plain_token)
        # An app, and so its secret, may serve several Zoom accounts.
        account = signers.filtered(
            lambda one: (
                one.state != "disconnected"
                and one.connected_zoom_account_id == event.account_id
            )
        )
        if account:
            # Odoo's own repetition of a request waits for seconds.
            in_own_transaction(account, lambda account: account._note_event(event))
        return 204, None

    def _get_signers(self, signature, timestamp, raw):
        """The accounts whose secret has signed these bytes, lately enough to be heard."""
        if not signature or not is_timely(timestamp, time.time(), REPEAT_TOLERANCE):
            return self.browse()
        return self.search([("webhook_secret", "!=", False)]).filtered(
            lambda account: is_signed(account.webhook_secret, signature, timestamp, raw)
        )

    def _note_event(self, event):
        """Have the scheduled actions do what follows from an event of this account.

        :param Event event:
        """
        self.ensure_one()
        if event.name in USER_EVENTS:
            cron = self.env["ir.cron"]._get_zoom_action("ir_cron_sync_users")
            cron._trigger()
        elif event.name in MEETING_EVENTS:
            meetings = self.env["booking.zoom.meeting"]
            # Most meetings of a Zoom account have nothing to do with bookings.
            if meetings.search_count(self._get_told_domain([event.zoom_id]), limit=1):
                self.env["booking.zoom.webhook.event"]._note(self, event)
        elif event.name == APP_DEAUTHORIZED:
            if self.connected_client_id == event.client_id:
                self.env["booking.zoom.webhook.event"]._note(self, event)

    def _get_told_domain(self, zoom_ids):
        """Domain of the current rows that events of this account are about."""
        return [
            ("zoom_id", "in", zoom_ids),
            ("state", "in", CURRENT_STATES),
            ("zoom_user_id.account_id", "=", self.id),
            ("zoom_user_id.zoom_account_id", "=", self.connected_zoom_account_id),
        ]

    def _record_deauthorized(self, happened_at):
        """The app was removed in Zoom, which has ended the tokens.

        :param happened_at: naive UTC; what happened before the link was made anew
            does not concern it
        """
        self.ensure_one()
        if self.state != "connected" or (
            self.connected_at and happened_at < self.connected_at
        ):
            return
        lang = self.company_id.partner_id.lang or self.env.lang
        self._forget_tokens()
        self.write(
            {
                "state": "lost",
                "state_message": self.with_context(lang=lang).env._(
                    "The app was removed from the Zoom account, or its permission was "
                    "taken away there. To go on, please link the account again."
                ),
            }
        )
