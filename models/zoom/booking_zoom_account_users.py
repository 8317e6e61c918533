# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...exceptions import ZoomError
from ...utils import in_own_transaction
from .zoom_advice import advice

_logger = logging.getLogger(__name__)


class BookingZoomAccount(models.Model):
    """The users of the Zoom account, read from Zoom."""

    _inherit = "booking.zoom.account"

    # === SCHEDULED ACTION === #

    @api.model
    def _cron_sync_users(self):
        """Refresh the Zoom users of every linked account, one commit per account."""
        accounts = self.search([("state", "=", "connected")])
        linked = {account: account.connected_zoom_account_id for account in accounts}
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(accounts))
        for account, zoom_account_id in linked.items():
            try:
                answers = account._read_users()
                # They took seconds, in which others may have written on the account.
                in_own_transaction(
                    account,
                    lambda account, *args: account._store_users(*args),
                    answers,
                    zoom_account_id,
                )
            except ZoomError as error:
                self.env.cr.rollback()
                account._log_zoom_error("users could not be fetched", error)
            except Exception:
                # One company's trouble must not stop the others.
                self.env.cr.rollback()
                _logger.exception("Zoom users of account %s not stored", account.id)
            cron._commit_progress(1)
        self.env["booking.zoom.meeting"]._reconcile()

    def _sync_users(self):
        """Read all users from Zoom and store them.

        :return int: how many could not be brought up to date
        :raise ZoomError: nothing was changed then
        """
        self.ensure_one()
        return self._store_users(self._read_users())

    def _read_users(self):
        """Every user as Zoom lists it.

        :raise ZoomError:
        """
        return self._call_zoom(
            lambda client: client.list_all_users(
                self._get_known_zoom_ids(self.connected_zoom_account_id)
            )
        )

    def _get_known_zoom_ids(self, zoom_account_id):
        """Zoom's ids of the users of that Zoom account who were active lately."""
        users = self.sudo().zoom_user_ids
        return users.filtered(
            lambda user: user.active and user.zoom_account_id == zoom_account_id
        ).mapped("zoom_id")

    def _store_users(self, answers, zoom_account_id=None):
        """Make the Zoom users equal to Zoom's list.

        :param list answers: every user as Zoom lists it, all pages
        :param str zoom_account_id: of the Zoom account that was asked, if another one
            may have been linked since: then nothing is stored
        :return int: how many Zoom users could not be brought up to date
        """
        account = self.sudo()
        if zoom_account_id and zoom_account_id != account.connected_zoom_account_id:
            return 0
        users = self.env["booking.zoom.user"].sudo()
        left = users._store_zoom_users(account, answers)
        account.state_message = False
        if not left:
            account.users_synced_at = fields.Datetime.now()
        return left

    # === ACTION METHODS === #

    def action_sync_users(self):
        """Fetch the users of the Zoom account, all pages.

        :raise UserError: what Zoom answered, in plain words
        """
        left = 0
        for account in self:
            account.check_access("write")
            try:
                left += account._sync_users()
            except ZoomError as error:
                raise UserError(advice(self.env, error)) from error
        message = self.env._(
            "%(count)s Zoom users are up to date.",
            count=sum(self.sudo().mapped("zoom_user_count")),
        )
        if left:
            message = self.env._(
                "%(count)s Zoom users are not up to date: Zoom does not list them. They "
                "stay as they are for now. Please fetch the Zoom users again.",
                count=left,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_zoom_users(self):
        """Open the list of Zoom users of this account."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_user_action"
        )
