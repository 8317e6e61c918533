# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import (
    ZoomConnectionLost,
    ZoomError,
    ZoomLimit,
    ZoomOutcomeUnknown,
    ZoomUnavailable,
)
from ...utils import in_own_transaction

_logger = logging.getLogger(__name__)

# Longer than a request to Zoom takes: then its worker has died and another one tries.
TRY_AGAIN_AFTER = timedelta(minutes=2)
GIVE_UP_AFTER = timedelta(days=7)


class BookingZoomRevocation(models.Model):
    """Tokens that nobody uses any more and that Zoom must end.

    Without these rows tokens would stay valid in Zoom whenever it cannot be reached at
    the moment in which somebody disconnects. And Zoom would be called before the commit,
    while rows are locked, although no rollback can restore tokens that Zoom has ended.
    """

    _name = "booking.zoom.revocation"
    _inherit = ["booking.unlogged"]
    _description = "Tokens to End in Zoom"
    # No reference to another table: PostgreSQL logs a failed statement with its values.
    _log_access = False

    client_id = fields.Char(exportable=False)
    client_secret = fields.Char(exportable=False)
    access_token = fields.Char(exportable=False)
    planned_at = fields.Datetime(string="Planned on", required=True)
    next_attempt = fields.Datetime(string="Next try", required=True)

    @api.model
    def _plan(self, client_id, client_secret, access_token):
        """Have tokens ended after the commit, or later if that fails.

        :param str client_id: of the app that the tokens belong to
        :param str client_secret: of the same
        :param str access_token: Zoom ends its refresh token, too
        """
        now = fields.Datetime.now()
        self.create(
            {
                "client_id": client_id,
                "client_secret": client_secret,
                "access_token": access_token,
                "planned_at": now,
                "next_attempt": now,
            }
        )
        self.env["booking.zoom.meeting"]._trigger_sync()
        self.env.cr.postcommit.add(self._process_pending)

    @api.model
    def _process_pending(self):
        """End what is due; nothing is locked while Zoom is called."""
        try:
            while taken := in_own_transaction(self, lambda records: records._take()):
                revocation_id, oauth, access_token = taken
                if self._end(oauth, access_token):
                    in_own_transaction(
                        self.browse(revocation_id), lambda records: records.unlink()
                    )
        except Exception:
            _logger.exception("Tokens could not be ended in Zoom")

    @api.model
    def _take(self):
        """Claim the oldest row that is due.

        :return tuple: id, ZoomOAuth and access token; None if nothing is due
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "SELECT id FROM booking_zoom_revocation WHERE next_attempt <= %s "
                "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
                now,
            ),
            # Another worker was quicker: that is no error.
            log_exceptions=False,
        )
        due = self.browse(found for (found,) in self.env.cr.fetchall())
        if not due:
            return None
        due.next_attempt = now + TRY_AGAIN_AFTER
        accounts = self.env["booking.zoom.account"]
        oauth = accounts._build_oauth(due.client_id, due.client_secret)
        return due.id, oauth, due.access_token

    @api.model
    def _end(self, oauth, access_token):
        """Ask Zoom to end tokens.

        :return bool: whether nothing is left to do
        """
        try:
            oauth.revoke(access_token)
        except ZoomConnectionLost:
            # Ended before, maybe by a request whose answer was lost.
            return True
        except (ZoomUnavailable, ZoomOutcomeUnknown, ZoomLimit) as error:
            _logger.info("Tokens will be ended in Zoom later: %s", error)
            return False
        except ZoomError as error:
            _logger.warning("Zoom does not end unused tokens: %s", error)
        return True

    @api.autovacuum
    def _gc_given_up(self):
        """Delete tokens that could not be ended for days."""
        given_up = self.search(
            [("planned_at", "<", fields.Datetime.now() - GIVE_UP_AFTER)]
        )
        if given_up:
            _logger.warning(
                "%s pairs of tokens could not be ended in Zoom for days; remove the app "
                "in Zoom if it is no longer used.",
                len(given_up),
            )
            given_up.unlink()
