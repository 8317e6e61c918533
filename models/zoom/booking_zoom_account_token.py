# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from odoo import api, fields, models

from ...const import (
    DEFAULT_API_URL,
    DEFAULT_OAUTH_URL,
    PARAM_API_URL,
    PARAM_OAUTH_URL,
    READ_TIMEOUT,
)
from ...exceptions import (
    ZoomBadAnswer,
    ZoomClientRefused,
    ZoomConnectionLost,
    ZoomTokenInvalid,
)
from ...tools.zoom_client import ZoomClient
from ...tools.zoom_oauth import ZoomOAuth, trusted_api_url
from ...tools.zoom_pace import get_pacer
from ...utils import in_own_transaction, lock_rows
from .zoom_advice import advice

_logger = logging.getLogger(__name__)

# A token that ends within this time is not used for a new request any more.
TOKEN_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Provided:
    """What a client needs, as plain data; or the error that leaves none."""

    token: str = field(default="", repr=False)
    api_url: str = ""
    zoom_account_id: str = ""
    plan: str = ""
    error: Exception | None = None

    def build_client(self):
        return ZoomClient(
            self.api_url,
            self.token,
            read_timeout=READ_TIMEOUT,
            pacer=get_pacer(self.zoom_account_id, self.plan),
        )


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
        provided = in_own_transaction(
            self.sudo(), lambda records: records._provide_token(rejected)
        )
        if provided.error:
            raise provided.error
        return provided.build_client()

    def _find_token(self, rejected=None):
        """The access token if it is valid, without asking Zoom or waiting for anybody.

        :param str rejected: an access token that Zoom has refused
        :return: Provided, or None when Zoom must be asked
        """
        valid = self.state == "connected" and not self._is_copied_database()
        if not valid or self._needs_token(rejected):
            return None
        return self._prepare_provided()

    def _provide_token(self, rejected):
        """Return the access token, renewed if it must be, and the API's address.

        The row stays locked meanwhile: Zoom's refresh tokens rotate, and a second
        renewal with the same one would end the link. That the link is dead is noted
        under the same lock, so that a link that was made meanwhile is not broken.

        :return Provided: with the ZoomError instead of all else when the link is dead
        :raise ZoomError: the token cannot be renewed now
        """
        lock_rows(self)
        try:
            request = self._get_grant_request(rejected)
            grant = request and request()
        except (ZoomConnectionLost, ZoomClientRefused) as error:
            return self._record_lost_connection(error)
        except ZoomBadAnswer as error:
            return self._record_bad_grant(error)
        return self._record_grant(grant)

    def _record_grant(self, grant):
        """Store what Zoom has granted, if anything was asked of it.

        :return Provided:
        """
        if grant:
            values = self._prepare_grant_vals(grant)
            if self.state_message and self.state == "connected":
                # What was wrong when Zoom was asked last is over.
                values["state_message"] = False
            self.write(values)
        return self._prepare_provided()

    def _record_bad_grant(self, error):
        """Say what is wrong, and keep the pair that there is.

        :param ZoomBadAnswer error:
        """
        self.state_message = self._get_advice(error)
        return Provided(error=error)

    def _record_lost_connection(self, error):
        self._mark_lost(error)
        return Provided(error=error)

    def _prepare_provided(self):
        return Provided(
            token=self.access_token,
            api_url=self._get_api_url(self.api_url),
            # The token's own: another account may be linked while it is used.
            zoom_account_id=self.connected_zoom_account_id,
            plan=self.plan,
        )

    def _get_grant_request(self, rejected):
        """Return what asks Zoom for a new access token, None if this one is valid.

        :return: function without parameters, plain HTTP, that returns a TokenGrant
        :raise ZoomConnectionLost: only a person can mend that
        """
        if self.state != "connected":
            raise ZoomConnectionLost(self.env._("The Zoom account is not linked."))
        if self._is_copied_database():
            raise ZoomConnectionLost(
                self.env._(
                    "This database is a copy of the one that was linked, and nothing "
                    "is sent to Zoom from a copy. If you link the same Zoom account "
                    "here, the link of the original database ends."
                )
            )
        if not self._needs_token(rejected):
            return None
        oauth = self._get_connected_oauth()
        if self.refresh_token:
            return partial(oauth.refresh, self.refresh_token)
        # Server-to-server has none. The way that is chosen on the form may be that
        # of the next link.
        return partial(oauth.account_credentials, self.connected_zoom_account_id)

    def _needs_token(self, rejected):
        """Whether the access token is expired, about to, or refused by Zoom."""
        soon = fields.Datetime.now() + TOKEN_MARGIN
        expired = not self.token_expires_at or self.token_expires_at <= soon
        return expired or not self.access_token or self.access_token == rejected

    def _get_oauth(self):
        """Return Zoom's OAuth endpoints with the app that the form names."""
        account = self.sudo()
        return self._build_oauth(account.client_id, account.client_secret)

    def _get_connected_oauth(self):
        """Return Zoom's OAuth endpoints with the app that the tokens belong to."""
        return self._build_oauth(*self._get_connected_app())

    def _get_connected_app(self):
        """The app that the tokens belong to, as (client id, client secret).

        Another app may be entered already, for the next link. Of the same app the
        secret may have been replaced: then the one that the form has is valid.
        """
        account = self.sudo()
        if account.client_id == account.connected_client_id:
            return account.client_id, account.client_secret
        return account.connected_client_id, account.connected_client_secret

    def _build_oauth(self, client_id, client_secret):
        parameters = self.env["ir.config_parameter"].sudo()
        url = parameters.get_param(PARAM_OAUTH_URL) or DEFAULT_OAUTH_URL
        return ZoomOAuth(url, client_id, client_secret)

    def _get_api_url(self, named):
        """Return the base URL of the REST API, with version.

        The system parameter wins; else the address that Zoom's token answer names
        is followed, if it is Zoom's.

        :param named: ``api_url`` of the token answer, may be empty
        """
        parameters = self.env["ir.config_parameter"].sudo()
        configured = parameters.get_param(PARAM_API_URL)
        return configured or trusted_api_url(named or "") or DEFAULT_API_URL

    def _get_database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _is_copied_database(self):
        """Whether this is a copy of the database that was linked.

        The tokens are those of the original then: they must not be used, renewed or
        revoked here.
        """
        return self.sudo().database_uuid != self._get_database_uuid()

    @api.model
    def _prepare_grant_vals(self, grant):
        """Values of the token fields, also those of a link in the making.

        What a token answer leaves out stays as it is.
        """
        values = {
            "access_token": grant.access_token,
            "token_expires_at": fields.Datetime.now()
            + timedelta(seconds=grant.expires_in),
        }
        if grant.refresh_token:
            values["refresh_token"] = grant.refresh_token
        if grant.api_url:
            values["api_url"] = grant.api_url
        if grant.scopes:
            values["granted_scopes"] = " ".join(sorted(grant.scopes))
        return values

    def _mark_lost(self, error):
        """Note that the link is dead, in the language of the company.

        :param ZoomError error: why
        """
        if self.state != "connected":
            return
        self.write({"state": "lost", "state_message": self._get_advice(error)})

    def _get_advice(self, error):
        """What a failure means and what to do, in the language of the company."""
        lang = self.company_id.partner_id.lang or self.env.lang
        return advice(self.with_context(lang=lang).env, error)

    def _forget_tokens(self):
        self.sudo().write(
            {
                "access_token": False,
                "refresh_token": False,
                "token_expires_at": False,
                "api_url": False,
                "granted_scopes": False,
                "connected_client_id": False,
                "connected_client_secret": False,
                "state_message": False,
            }
        )

    def _plan_revocations(self):
        """Have Zoom end the tokens; they are forgotten here by the caller."""
        for account in self.sudo():
            if account.access_token and not account._is_copied_database():
                self.env["booking.zoom.revocation"].sudo()._plan(
                    *account._get_connected_app(), account.access_token
                )

    def _log_zoom_error(self, what, error):
        """Log a failure of Zoom; its message holds no secrets."""
        _logger.warning(
            "Zoom account of %s: %s: %s", self.sudo().company_id.name, what, error
        )
