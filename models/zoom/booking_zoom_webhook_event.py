# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
import logging
from datetime import timedelta

from odoo import api, fields, models

from ...tools.zoom_webhook import APP_DEAUTHORIZED
from ...utils import delete_some, in_own_transaction, lock_rows

_logger = logging.getLogger(__name__)

BATCH = 1000
# A changed topic of 200 characters is longer in no way of writing it.
LONGEST_FACTS = 4000
# Events are processed within seconds. One that cannot be holds up the others.
EVENTS_KEPT = timedelta(days=7)


class BookingZoomWebhookEvent(models.Model):
    """What Zoom has told and the scheduled action has not looked at yet.

    Noting it waits for nobody: the rows of meetings and accounts are locked by others
    now and then, and while a request about a meeting is under way it cannot be told
    whether an event speaks of that very request.
    """

    _name = "booking.zoom.webhook.event"
    _inherit = ["booking.zoom.unlogged"]
    _description = "Event of Zoom"
    _order = "id"
    # No reference to another table: adding a row would wait for the one it refers to,
    # or fail with it, and a failed statement is logged with its values.
    _log_access = False

    zoom_account_id = fields.Char(string="Zoom account ID", required=True)
    name = fields.Char(required=True)
    zoom_id = fields.Char(string="Meeting ID")
    facts = fields.Text(
        exportable=False,
        help="What the meeting is like now, as JSON; it may hold the passcode.",
    )
    happened_at = fields.Datetime(required=True)

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
        account._trigger_meetings()

    @api.model
    def _process_pending(self):
        """Do what follows from the noted events.

        To be called while no request to Zoom is under way. A failure must not stop
        what comes after.
        """
        try:
            in_own_transaction(self, lambda records: records._apply())
        except Exception:
            _logger.exception("Zoom's events could not be worked off")

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
        """Have the meetings read back from Zoom that these events are about.

        :param account: the booking.zoom.account of all of them
        :return: those events that wait for the next run, since somebody saves their
            meeting now, which may take long
        """
        by_meeting = self.filtered("zoom_id").grouped("zoom_id")
        rows = self.env["booking.zoom.meeting"].search(
            account._get_told_domain(list(by_meeting))
        )
        told = rows.filtered(lambda row: not by_meeting[row.zoom_id]._is_echo(row))
        free = lock_rows(told, wait=False)
        if free:
            free._check_now()
        return self.browse().union(*(by_meeting[row.zoom_id] for row in told - free))

    def _is_echo(self, row):
        """Whether all these events say what Zoom last told us of this meeting.

        That is so of the events that our own requests cause.

        :param row: the current booking.zoom.meeting
        """
        if not row.sent_start:
            return False
        known = {**row._get_accepted_facts(), "join_url": row.join_url}
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
