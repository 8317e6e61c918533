# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..const import DEFAULT_API_URL, DEFAULT_OAUTH_URL, PARAM_API_URL, PARAM_OAUTH_URL
from ..exceptions import ZoomError, ZoomLinkDead, ZoomTokenInvalid
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_oauth import ZoomOAuth, trusted_api_url
from .own_transaction import in_own_transaction

_logger = logging.getLogger(__name__)

# A token that ends within this time is not used for a new request any more.
TOKEN_MARGIN = timedelta(minutes=2)


class BookingZoomAccount(models.Model):
    """The tokens of the account: their use, renewal and end."""

    _inherit = "booking.zoom.account"

    def _call_zoom(self, call):
        """Call Zoom; an access token that Zoom refuses is renewed once.

        :param call: function of a ZoomClient
        :raise ZoomError: what the call, or the renewal of the token, raised
        """
        client = self._get_client()
        try:
            return call(client)
        except ZoomTokenInvalid:
            return call(self._get_client(rejected=client.access_token))

    def _get_client(self, rejected=None):
        """Return a client of this account with a valid access token.

        :param str rejected: an access token that Zoom has refused
        :raise ZoomError: the account is not linked, or the token cannot be renewed
        """
        self.ensure_one()
        account = self.sudo()
        try:
            token, api_url = in_own_transaction(account, "_renew_token", rejected)
        except ZoomLinkDead as error:
            in_own_transaction(account, "_mark_broken", str(error), rejected)
            raise
        return ZoomClient(api_url, token)

    def _renew_token(self, rejected):
        """Return the access token, renewed if it must be, and the API's address.

        The row stays locked meanwhile: Zoom's refresh tokens rotate, and a second
        renewal with the same one would end the link.

        :return tuple: access token, base URL of the API
        """
        self.env.cr.execute(SQL("SET LOCAL lock_timeout = '45s'"))
        self.env.cr.execute(
            SQL(
                "SELECT id FROM booking_zoom_account WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )
        if self.state != "linked":
            raise ZoomLinkDead("The Zoom account is not linked.")
        if self.database_uuid != self._get_database_uuid():
            raise ZoomLinkDead("This is a copy of the database that was linked.")
        soon = fields.Datetime.now() + TOKEN_MARGIN
        expired = not self.token_expires_at or self.token_expires_at <= soon
        if expired or not self.access_token or self.access_token == rejected:
            self._store_grant(self._request_grant())
        return self.access_token, self._get_api_url()

    def _request_grant(self):
        """Ask Zoom for a new access token.

        :return TokenGrant:
        :raise ZoomError:
        """
        oauth = self._get_oauth()
        if self.auth_method == "account_credentials":
            return oauth.account_credentials(self.zoom_account_id)
        if not self.refresh_token:
            raise ZoomLinkDead("There is no refresh token.")
        return oauth.refresh(self.refresh_token)

    def _get_oauth(self):
        """Return Zoom's OAuth endpoints with this account's app."""
        account = self.sudo()
        parameters = self.env["ir.config_parameter"].sudo()
        url = parameters.get_param(PARAM_OAUTH_URL) or DEFAULT_OAUTH_URL
        return ZoomOAuth(url, account.client_id, account.client_secret)

    def _get_api_url(self, grant_api_url=None):
        """Return the base URL of the REST API, with version.

        The system parameter wins; else the address that Zoom's token answer names
        is followed, if it is Zoom's.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        configured = parameters.get_param(PARAM_API_URL)
        named = trusted_api_url(grant_api_url or self.sudo().api_url or "")
        return configured or named or DEFAULT_API_URL

    def _get_database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _prepare_grant_vals(self, grant):
        """Values of the token fields, also those of a link in the making."""
        return {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "token_expires_at": fields.Datetime.now()
            + timedelta(seconds=grant.expires_in),
            "api_url": grant.api_url,
            "granted_scopes": " ".join(sorted(grant.scopes)),
        }

    def _store_grant(self, grant):
        """Keep a token answer of Zoom."""
        values = self._prepare_grant_vals(grant)
        if not grant.scopes:
            values.pop("granted_scopes")
        self.sudo().write(values)

    def _mark_broken(self, message, rejected=None):
        """Note that the link is dead, unless somebody has renewed it meanwhile."""
        if self.state == "linked" and (
            not rejected or self.access_token in (rejected, False)
        ):
            self.write({"state": "broken", "state_message": message})

    def _forget_tokens(self):
        self.sudo().write(
            {
                "access_token": False,
                "refresh_token": False,
                "token_expires_at": False,
                "api_url": False,
                "granted_scopes": False,
                "state_message": False,
            }
        )

    def _revoke_tokens(self):
        """Tell Zoom to end the tokens; a failure must not keep us from unlinking."""
        for account in self.sudo().filtered("access_token"):
            try:
                account._get_oauth().revoke(account.access_token)
            except ZoomError as error:
                account._log_zoom_error("tokens could not be revoked", error)

    def _log_zoom_error(self, what, error):
        """Log a failure of Zoom; its message holds no secrets."""
        _logger.warning(
            "Zoom account of %s: %s: %s", self.sudo().company_id.name, what, error
        )
