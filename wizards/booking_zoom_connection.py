# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import secrets
import time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from ..exceptions import ZoomConnectionLost, ZoomError, ZoomRejected
from ..models.zoom.unexportable import TOKEN_FIELDS, refuse_export
from ..models.zoom.zoom_advice import advice
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_oauth import code_challenge, new_code_verifier
from ..tools.zoom_scopes import missing_scopes
from ..utils import lock_rows

# In the browser's session: id of a Zoom account, as text -> digest of the state of
# the consent that was begun there.
SESSION_KEY = "resource_booking_zoom_consents"

# The first tokens of a new server-to-server app may lack its scopes for some seconds.
SCOPE_TRIES = 3
SCOPE_WAIT = 2.0  # seconds


def state_digest(state):
    """What is kept of OAuth's ``state``, so that only the browser knows it."""
    return hashlib.sha256(state.encode()).hexdigest()


class BookingZoomConnection(models.TransientModel):
    """A link to Zoom in the making: from the consent to the confirmation.

    A fresh pair of tokens waits here while nobody has decided yet, because giving
    consent twice for the same app and account ends the first pair at Zoom.
    """

    _name = "booking.zoom.connection"
    _inherit = ["booking.zoom.unlogged"]
    _description = "Link to Zoom in the Making"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "booking.zoom.account", required=True, ondelete="cascade"
    )
    step = fields.Selection(
        [
            ("consent", "Waiting for consent"),
            ("retry", "Zoom could not be read"),
            ("confirm", "Waiting for confirmation"),
            ("refused", "Refused"),
            ("done", "Linked"),
        ],
        default="consent",
        required=True,
    )
    message = fields.Text(readonly=True)
    state_digest = fields.Char(exportable=False, index=True)
    code_verifier = fields.Char(exportable=False)
    redirect_uri = fields.Char()
    client_id = fields.Char(exportable=False)
    client_secret = fields.Char(exportable=False)
    access_token = fields.Char(exportable=False)
    refresh_token = fields.Char(exportable=False)
    token_expires_at = fields.Datetime(exportable=False)
    api_url = fields.Char(exportable=False)
    granted_scopes = fields.Text()
    old_zoom_account_id = fields.Char(related="account_id.connected_zoom_account_id")
    old_email = fields.Char(related="account_id.connected_email")
    new_zoom_account_id = fields.Char(readonly=True)
    new_email = fields.Char(readonly=True)
    meeting_count = fields.Integer(
        string="Future meetings left behind", compute="_compute_meeting_count"
    )

    def _compute_meeting_count(self):
        for link in self:
            link.meeting_count = (
                self.env["booking.zoom.meeting"]
                .sudo()
                .search_count(link.account_id._get_issued_meetings_domain())
            )

    def _export_rows(self, fields, **kwargs):
        refuse_export(
            self.env, fields, ("client_secret", "code_verifier", *TOKEN_FIELDS)
        )
        return super()._export_rows(fields, **kwargs)

    # === WAYS OF LINKING === #

    @api.model
    def _start_consent(self, account):
        """Begin the authorisation code flow, bound to the browser's session.

        :return dict: act_url to Zoom's consent page
        """
        state = secrets.token_urlsafe(32)
        verifier = new_code_verifier()
        self.search([("account_id", "=", account.id)]).unlink()
        link = self.create(
            {
                "account_id": account.id,
                "state_digest": state_digest(state),
                "code_verifier": verifier,
                "redirect_uri": account.redirect_uri,
                "client_id": account.client_id,
                "client_secret": account.client_secret,
            }
        )
        if request:
            begun = request.session.get(SESSION_KEY, {})
            request.session[SESSION_KEY] = {
                **begun,
                str(account.id): link.state_digest,
            }
        url = account._get_oauth().authorize_url(
            link.redirect_uri, state, code_challenge(verifier)
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    @api.model
    def _connect_server_to_server(self, account):
        """Link with the app's own credentials.

        :raise UserError: what is missing or what Zoom answered
        """
        if not account.zoom_account_id:
            raise UserError(
                self.env._(
                    "Please enter the Zoom account ID. You find it in the Zoom App "
                    "Marketplace, on the page “App Credentials” of the app."
                )
            )
        try:
            grant = self._ask_for_grant(account)
        except (ZoomConnectionLost, ZoomRejected) as error:
            raise UserError(
                self.env._(
                    "Zoom knows this app, but gives it no access to the Zoom account "
                    "%(account)s. Compare the account ID with the page “App "
                    "Credentials”, and check that the app is a “Server-to-Server "
                    "OAuth app” and is activated. (%(told)s)",
                    account=account.zoom_account_id,
                    told=error,
                )
            ) from error
        except ZoomError as error:
            raise UserError(advice(self.env, error)) from error
        self.search([("account_id", "=", account.id)]).unlink()
        link = self.create(
            {
                "account_id": account.id,
                "client_id": account.client_id,
                "client_secret": account.client_secret,
                # Zoom has no "me" for server-to-server apps, and gives tokens for
                # the account that was asked for only.
                "new_zoom_account_id": account.zoom_account_id,
                **account._prepare_grant_vals(grant),
            }
        )
        link._apply()
        if link.step == "refused":
            raise UserError(link.message)
        return link._next_action()

    @api.model
    def _ask_for_grant(self, account):
        """Tokens with all scopes that the app has, which come late to a new one.

        :rtype: TokenGrant
        :raise ZoomError:
        """
        for tries_left in reversed(range(SCOPE_TRIES)):
            grant = account._get_oauth().account_credentials(account.zoom_account_id)
            if not tries_left or not missing_scopes(grant.scopes):
                break
            time.sleep(SCOPE_WAIT)
        return grant

    @api.model
    def _take(self, state):
        """Find the link that was begun with this state; it works once.

        To be committed before the code is exchanged: of two callbacks at the same
        time one goes on.

        :param str state: as it came back from Zoom
        :return: id, or False if there is none
        """
        link = self.search([("state_digest", "=", state_digest(state))], limit=1)
        lock_rows(link)
        link.state_digest = False
        return link.id

    def _exchange(self, code):
        """Exchange the authorisation code for tokens and keep them here.

        To be committed at once: Zoom hands them out once.

        :return: what Zoom answered when it refused, in plain words; nothing is kept
            of the link then
        """
        self.ensure_one()
        lock_rows(self)
        try:
            grant = self._get_oauth().exchange_code(
                code, self.redirect_uri, self.code_verifier
            )
        except ZoomError as error:
            self.unlink()
            return advice(self.env, error)
        self.write(
            {
                "step": "retry",
                "code_verifier": False,
                **self.account_id._prepare_grant_vals(grant),
            }
        )
        return None

    # === ACTION METHODS === #

    def action_confirm(self):
        """Replace the Zoom account that was linked before by the new one."""
        self._check_step("confirm")
        self._decide()
        return self._next_action()

    def action_retry(self):
        """Ask Zoom again whose tokens these are."""
        self._check_step("retry")
        self._apply()
        return self._next_action()

    def action_discard(self):
        """Keep what was linked before and end the new tokens."""
        self._check_step("confirm", "retry")
        account = self.account_id
        if account.connected_client_id and account.state != "disconnected":
            # The form named the app that is not linked after all.
            account.write(
                {
                    "auth_method": "authorization_code"
                    if account.refresh_token
                    else "account_credentials",
                    "client_id": account.connected_client_id,
                    "client_secret": account.client_secret
                    if account.client_id == account.connected_client_id
                    else account.connected_client_secret,
                    "zoom_account_id": account.connected_zoom_account_id,
                }
            )
        self._refuse(False)
        return account._get_form_action()

    def _check_step(self, *steps):
        self.ensure_one()
        self.check_access("write")
        if self.step not in steps:
            raise UserError(
                self.env._("This link is settled already. Please begin again.")
            )

    def _next_action(self):
        """The page on which the person goes on."""
        self.ensure_one()
        if self.step in ("retry", "confirm", "refused"):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "resource_booking_zoom.booking_zoom_connection_action"
            )
            return {**action, "res_id": self.id}
        return self.account_id._get_form_action()

    def _get_next_path(self):
        """Where the browser goes on."""
        action = self._next_action()
        return f"/odoo/action-{action['id']}/{action['res_id']}"

    # === HELPERS === #

    def _get_oauth(self):
        """Zoom's OAuth endpoints with the app that this link was begun with."""
        return self.account_id._build_oauth(self.client_id, self.client_secret)

    def _get_client(self):
        return ZoomClient(self.account_id._get_api_url(self.api_url), self.access_token)

    def _get_token_vals(self):
        """The tokens, as values of the account; what Zoom left out is left out."""
        names = (*TOKEN_FIELDS, "token_expires_at", "api_url", "granted_scopes")
        return {name: self[name] for name in names if self[name]}

    def _drop_tokens(self):
        self.write(
            {
                "state_digest": False,
                "code_verifier": False,
                "client_secret": False,
                "access_token": False,
                "refresh_token": False,
                "token_expires_at": False,
            }
        )
