# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
import logging
import time
from datetime import timedelta

from odoo import api, fields, models

from ...const import CURRENT_STATES
from ...engine.facts import get_accepted_facts
from ...tools.zoom_webhook import (
    APP_DEAUTHORIZED,
    ATTENDANCE_EVENTS,
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
from ...utils import delete_some, in_own_transaction, lock_rows
from .user_list import trigger_fetch

_logger = logging.getLogger(__name__)

BATCH = 1000
# A changed topic of 200 characters is shorter, however it is encoded.
LONGEST_FACTS = 4000
# Events are processed within seconds. One that cannot be holds up the others.
EVENTS_KEPT = timedelta(days=7)
# An old one does no harm: they make Odoo read from Zoom, or bear their own time.
REPEATABLE = (*MEETING_EVENTS, *USER_EVENTS, *ATTENDANCE_EVENTS)


class BookingZoomWebhookEvent(models.Model):
    """What Zoom reported and the scheduled action has not processed yet.

    Without these rows an event would be lost while somebody else locks its meeting or
    account, since Zoom waits three seconds for an answer only. And while a request
    about a meeting is under way nobody can tell whether the event reports that request.
    """

    _name = "booking.zoom.webhook.event"
    _inherit = ["booking.unlogged"]
    _description = "Event of Zoom"
    _order = "id"
    # No reference to another table: a new row would wait for the one it refers to, or
    # fail with it, and PostgreSQL logs a failed statement with its values.
    _log_access = False

    zoom_account_id = fields.Char(string="Zoom account ID", required=True)
    name = fields.Char(required=True)
    zoom_id = fields.Char(string="Meeting ID")
    facts = fields.Text(
        exportable=False,
        help="The meeting as it is now, as JSON; may contain the passcode.",
    )
    happened_at = fields.Datetime(required=True)

    # === RECEIVING === #

    @api.model
    def _receive(self, signature, timestamp, raw, request_id=""):
        """Take an event, of any account; called as superuser.

        :param str signature: of the header
        :param str timestamp: of the header
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
        self.env["booking.zoom.webhook.receipt"]._note(signers)
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
            in_own_transaction(
                self, lambda events, *args: events._accept(*args), account.id, event
            )
        return 204, None

    @api.model
    def _get_signers(self, signature, timestamp, raw):
        """The accounts whose secret has signed these bytes, not too long ago."""
        accounts = self.env["booking.zoom.account"]
        if not signature or not is_timely(timestamp, time.time(), REPEAT_TOLERANCE):
            return accounts
        return accounts.search([("webhook_secret", "!=", False)]).filtered(
            lambda account: is_signed(account.webhook_secret, signature, timestamp, raw)
        )

    @api.model
    def _accept(self, account_id, event):
        """Have the scheduled actions do what follows from an event.

        :param int account_id: of the booking.zoom.account that it is about
        :param Event event:
        """
        account = self.env["booking.zoom.account"].browse(account_id)
        if event.name in USER_EVENTS:
            trigger_fetch(self.env)
        elif event.name in MEETING_EVENTS:
            meetings = self.env["booking.zoom.meeting"]
            # Most meetings of a Zoom account have nothing to do with bookings.
            if meetings.search_count(
                self._get_rows_domain(account, [event.zoom_id]), limit=1
            ):
                self._note(account, event)
        elif event.name in ATTENDANCE_EVENTS:
            rows = self.env["booking.zoom.meeting"].search(
                self._get_rows_domain(account, [event.zoom_id])
            )
            # The rows of meetings may be locked for long, those of attendance are not.
            self.env["booking.zoom.attendance"]._record(rows, event)
        elif event.name == APP_DEAUTHORIZED:
            if account.connected_client_id == event.client_id:
                self._note(account, event)

    @api.model
    def _get_rows_domain(self, account, zoom_ids):
        """Domain of the current rows that events of an account are about."""
        return [
            ("zoom_id", "in", zoom_ids),
            ("state", "in", CURRENT_STATES),
            ("zoom_user_id.account_id", "=", account.id),
            ("zoom_user_id.zoom_account_id", "=", account.connected_zoom_account_id),
        ]

    @api.model
    def _note(self, account, event):
        """Note an event for the scheduled action.

        :param account: booking.zoom.account
        :param Event event:
        """
        facts = event.facts and json.dumps(event.facts, default=str)
        self.create(
            {
                "zoom_account_id": account.connected_zoom_account_id,
                "name": event.name,
                "zoom_id": event.zoom_id,
                "facts": facts if facts and len(facts) <= LONGEST_FACTS else False,
                "happened_at": event.happened_at or fields.Datetime.now(),
            }
        )
        self.env["booking.zoom.meeting"]._trigger_sync()

    # === PROCESSING === #

    @api.model
    def _process_pending(self):
        """Do what follows from the noted events.

        The caller has no request to Zoom under way. A failure must not stop what comes
        after.
        """
        try:
            in_own_transaction(self, lambda records: records._apply())
        except Exception:
            _logger.exception("Zoom's events could not be processed")

    @api.model
    def _apply(self):
        events = self.search([], limit=BATCH)
        waiting = self.browse()
        by_account = events.grouped("zoom_account_id")
        accounts = self.env["booking.zoom.account"].search(
            [
                ("connected_zoom_account_id", "in", list(by_account)),
                ("state", "!=", "disconnected"),
            ]
        )
        for account in accounts:
            told = by_account[account.connected_zoom_account_id]
            for event in told.filtered(lambda one: one.name == APP_DEAUTHORIZED):
                account._record_deauthorized(event.happened_at)
            waiting |= told._check_meetings(account)
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        if waiting:
            cron._trigger(at=fields.Datetime.now() + timedelta(seconds=5))
        if len(events) == BATCH:
            cron._trigger()
        (events - waiting).unlink()

    def _check_meetings(self, account):
        """Have the meetings of these events read back from Zoom.

        :param account: the booking.zoom.account of all of them
        :return: events that wait for the next run, since somebody else has their
            meeting now, which may take long
        """
        by_meeting = self.filtered("zoom_id").grouped("zoom_id")
        rows = self.env["booking.zoom.meeting"].search(
            self._get_rows_domain(account, list(by_meeting))
        )
        told = rows.filtered(lambda row: not by_meeting[row.zoom_id]._is_echo(row))
        free = lock_rows(told, wait=False)
        if free:
            free._check_now()
        return self.browse().union(*(by_meeting[row.zoom_id] for row in told - free))

    def _is_echo(self, row):
        """Whether all these events report what Odoo knows: our own requests cause such.

        :param row: the current booking.zoom.meeting
        """
        if not row.sent_start:
            return False
        known = {**get_accepted_facts(row._take_snapshot()), "join_url": row.join_url}
        known["passcode"] = row.passcode or ""
        known = json.loads(json.dumps(known, default=str))
        return all(
            event.facts and json.loads(event.facts).items() <= known.items()
            for event in self
        )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - EVENTS_KEPT
        return delete_some(self, [("happened_at", "<", before)])
