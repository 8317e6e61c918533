# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import (
    DEFAULT_API_URL,
    DEFAULT_OAUTH_URL,
    PARAM_API_URL,
    PARAM_OAUTH_URL,
)
from ...tools.zoom_oauth import ZoomOAuth, trusted_api_url
from ...utils import lock_rows


class BookingZoomTokenMixin(models.AbstractModel):
    """A Zoom app and its tokens.

    A Zoom account has them, and so has a connection that waits for confirmation.
    """

    _name = "booking.zoom.token.mixin"
    _inherit = ["booking.unlogged"]
    _description = "Zoom App and Tokens"

    # Neither an export nor a log may contain these.
    _secret_fields = ("client_secret", "access_token", "refresh_token")

    client_id = fields.Char(
        string="Client ID", groups="base.group_system", copy=False, exportable=False
    )
    client_secret = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    access_token = fields.Char(groups="base.group_system", copy=False, exportable=False)
    refresh_token = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    token_expires_at = fields.Datetime(
        groups="base.group_system", copy=False, exportable=False
    )
    api_url = fields.Char(groups="base.group_system", copy=False, exportable=False)
    granted_scopes = fields.Text(readonly=True, copy=False)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # PostgreSQL logs a statement that fails with its values: secrets are written
        # by a statement of their own, which cannot violate a constraint.
        parts = [self._split_secrets(vals) for vals in vals_list]
        records = super().create([vals for vals, _secrets in parts])
        for record, (_vals, secrets) in zip(records, parts, strict=True):
            if secrets:
                record.write(secrets)
        return records

    def write(self, vals):
        vals, secrets = self._split_secrets(vals)
        result = super().write(vals)
        if secrets:
            # If another transaction is quicker, the lock fails and not the update.
            self.flush_recordset()
            lock_rows(self)
            super().write(secrets)
        return result

    def _export_rows(self, fields, **kwargs):
        """Keep secrets out of files, also those of administrators, who may read them.

        :raise UserError: one of the fields is a secret
        """
        for path in fields:
            if path and path[0] in self._secret_fields:
                raise UserError(
                    self.env._(
                        "Secrets and tokens cannot be exported. Please remove the "
                        "field “%(field)s” from the list.",
                        field=path[0],
                    )
                )
        return super()._export_rows(fields, **kwargs)

    # === BUSINESS METHODS === #

    @api.model
    def _split_secrets(self, vals):
        """Separate values that may be logged from those that must not.

        :return tuple: two dicts
        """
        secrets = {name: vals[name] for name in self._secret_fields if name in vals}
        return {name: vals[name] for name in vals if name not in secrets}, secrets

    @api.model
    def _prepare_grant_vals(self, grant):
        """Values of the token fields; what a token answer leaves out is not changed.

        :param TokenGrant grant:
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

    def _get_oauth(self):
        """Zoom's OAuth endpoints, for the app of this record."""
        record = self.sudo()
        return self._build_oauth(record.client_id, record.client_secret)

    @api.model
    def _build_oauth(self, client_id, client_secret):
        parameters = self.env["ir.config_parameter"].sudo()
        url = parameters.get_param(PARAM_OAUTH_URL) or DEFAULT_OAUTH_URL
        return ZoomOAuth(url, client_id, client_secret)

    def _get_api_url(self):
        """Base URL of the REST API, with its version.

        The system parameter wins. Otherwise the address in Zoom's token answer is
        used, if it belongs to Zoom.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        configured = parameters.get_param(PARAM_API_URL)
        return configured or trusted_api_url(self.api_url or "") or DEFAULT_API_URL
