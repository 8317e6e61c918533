# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import secrets
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..exceptions import (
    ZoomBadAnswer,
    ZoomConnectionLost,
    ZoomError,
    ZoomRejected,
    ZoomScopeMissing,
)
from ..models.zoom.account_troubles import search_meetings
from ..models.zoom.user_list import get_known_ids, store_users, trigger_fetch
from ..models.zoom.zoom_advice import advice
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_oauth import code_challenge, new_code_verifier
from ..tools.zoom_scopes import missing_scopes
from ..utils import lock_rows

# In the browser's session: id of a Zoom account, as text -> digest of the ``state`` of
# the consent that was started in this browser.
SESSION_KEY = "resource_booking_zoom_consents"

# The first tokens of a new server-to-server app may lack its scopes for some seconds.
SCOPE_TRIES = 3
SCOPE_WAIT = 2.0  # seconds

# When the users are fetched again if that failed while connecting.
FETCH_AGAIN = timedelta(minutes=5)


def state_digest(state):
    """What is stored of OAuth's ``state``, so that only the browser knows it."""
    return hashlib.sha256(state.encode()).hexdigest()


class BookingZoomConnection(models.TransientModel):
    """A connection to Zoom from the consent to the confirmation.

    New tokens wait here until somebody decides: giving consent twice for the same app
    and account invalidates the first tokens.
    """

    _name = "booking.zoom.connection"
    _inherit = ["booking.zoom.token.mixin"]
    _description = "Connection to Zoom"
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
            ("done", "Connected"),
        ],
        default="consent",
        required=True,
    )
    message = fields.Text(readonly=True)
    state_digest = fields.Char(exportable=False, index=True)
    code_verifier = fields.Char(exportable=False)
    redirect_uri = fields.Char()
    old_zoom_account_id = fields.Char(related="account_id.connected_zoom_account_id")
    old_email = fields.Char(related="account_id.connected_email")
    new_zoom_account_id = fields.Char(readonly=True)
    new_email = fields.Char(readonly=True)
    meeting_count = fields.Integer(
        string="Future meetings left behind", compute="_compute_meeting_count"
    )

    _secret_fields = (
        "client_secret",
        "access_token",
        "refresh_token",
        "code_verifier",
    )

    # === COMPUTE METHODS === #

    def _compute_meeting_count(self):
        for connection in self:
            issued = Domain("zoom_id", "!=", False)
            connection.meeting_count = len(
                search_meetings(connection.account_id, issued)
            )

    # === ACTION METHODS === #

    def action_confirm(self):
        """Replace the connected Zoom account by the new one."""
        self._check_step("confirm")
        self._decide()
        return self._next_action()

    def action_retry(self):
        """Ask Zoom again whose tokens these are."""
        self._check_step("retry")
        self._apply()
        return self._next_action()

    def action_discard(self):
        """Keep the connected Zoom account and revoke the new tokens."""
        self._check_step("confirm", "retry")
        account = self.account_id
        if account.connected_client_id and account.state != "disconnected":
            # The form named the app that is not connected after all.
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
                self.env._("This connection is already completed. Please start again.")
            )

    def _next_action(self):
        """The page on which the person continues."""
        self.ensure_one()
        if self.step in ("retry", "confirm", "refused"):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "resource_booking_zoom.booking_zoom_connection_action"
            )
            return {**action, "res_id": self.id}
        return self.account_id._get_form_action()

    def _get_next_path(self):
        """The same as a path for the browser."""
        action = self._next_action()
        return f"/odoo/action-{action['id']}/{action['res_id']}"

    # === BY CONSENT OF A ZOOM ADMINISTRATOR === #

    @api.model
    def _start_consent(self, account):
        """Start the authorization code flow, bound to the browser's session.

        :return dict: act_url to Zoom's consent page
        """
        state = secrets.token_urlsafe(32)
        verifier = new_code_verifier()
        self.search([("account_id", "=", account.id)]).unlink()
        connection = self.create(
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
            started = request.session.get(SESSION_KEY, {})
            request.session[SESSION_KEY] = {
                **started,
                str(account.id): connection.state_digest,
            }
        url = connection._get_oauth().authorize_url(
            connection.redirect_uri, state, code_challenge(verifier)
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    @api.model
    def _take(self, state):
        """Find the connection that was started with this state; it works once.

        The caller commits before the code is exchanged, so that only one of two
        simultaneous callbacks continues.

        :param str state: as it came back from Zoom
        :return: id, or False if there is none
        """
        connection = self.search([("state_digest", "=", state_digest(state))], limit=1)
        lock_rows(connection)
        connection.state_digest = False
        return connection.id

    def _exchange(self, code):
        """Exchange the authorization code for tokens and store them here.

        The caller commits at once, because Zoom issues them once only.

        :return: why Zoom refused, in plain words; the connection is deleted then
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
                **self._prepare_grant_vals(grant),
            }
        )
        return None

    # === SERVER-TO-SERVER === #

    @api.model
    def _connect_server_to_server(self, account):
        """Connect with the app's own credentials.

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
        connection = self.create(
            {
                "account_id": account.id,
                "client_id": account.client_id,
                "client_secret": account.client_secret,
                # Zoom has no "me" for server-to-server apps, and issues tokens only
                # for the account that was asked for.
                "new_zoom_account_id": account.zoom_account_id,
                **self._prepare_grant_vals(grant),
            }
        )
        connection._apply()
        if connection.step == "refused":
            raise UserError(connection.message)
        return connection._next_action()

    @api.model
    def _ask_for_grant(self, account):
        """Tokens with all scopes of the app; a new app gets them with a delay.

        :rtype: TokenGrant
        :raise ZoomError:
        """
        for tries_left in reversed(range(SCOPE_TRIES)):
            grant = account._get_oauth().account_credentials(account.zoom_account_id)
            if not tries_left or not missing_scopes(grant.scopes):
                break
            time.sleep(SCOPE_WAIT)
        return grant

    # === NEW TOKENS: CONNECT, ASK FOR CONFIRMATION, OR REFUSE === #

    def _apply(self):
        """Ask Zoom whose tokens these are, then connect or say why not yet.

        Never raises for an answer of Zoom, because a rollback would lose the tokens.

        :return tuple: ``step`` and ``message``, as they are set
        """
        self.ensure_one()
        try:
            self._identify()
        except ZoomScopeMissing as error:
            # A token never gains a scope: another try would fail, too.
            self._refuse(self._get_scope_advice(error))
        except ZoomError as error:
            self.write({"step": "retry", "message": advice(self.env, error)})
        else:
            self._decide()
        return self.step, self.message

    def _identify(self):
        """Read from Zoom which account and user the tokens belong to.

        :raise ZoomError:
        """
        if self.new_zoom_account_id:
            return
        user = self._get_client().get_user("me")
        if not user.account_id:
            raise ZoomBadAnswer("account_id")
        self.write({"new_zoom_account_id": user.account_id, "new_email": user.email})

    def _decide(self):
        """Connect, ask for confirmation, or refuse: depends on what is connected."""
        other = self._get_other_company_account()
        if other:
            self._refuse_account_of(other)
        elif self._replaces_account() and self.step != "confirm":
            self.write({"step": "confirm", "message": False})
        else:
            self._store()

    def _get_other_company_account(self):
        """The account record of another company that holds the same Zoom account."""
        return (
            self.env["booking.zoom.account"]
            .sudo()
            .search(
                [
                    ("connected_zoom_account_id", "=", self.new_zoom_account_id),
                    ("id", "!=", self.account_id.id),
                    ("state", "!=", "disconnected"),
                ],
                limit=1,
            )
        )

    def _replaces_account(self):
        """Whether meetings or users of another Zoom account would be left behind."""
        account = self.account_id
        old = account.connected_zoom_account_id
        return bool(
            old
            and old != self.new_zoom_account_id
            and (account.state != "disconnected" or self.meeting_count)
        )

    def _refuse_account_of(self, other):
        """Refuse the Zoom account of another company, which must stay connected.

        :param other: booking.zoom.account of that company, superuser
        """
        refusal = self.env._(
            "The Zoom account of %(email)s is already connected to the company "
            "“%(company)s”, and one Zoom account can serve only one company. Nothing "
            "was changed. Sign in to Zoom with another account, or disconnect it there "
            "first.",
            email=self.new_email or self.new_zoom_account_id,
            company=other.company_id.name,
        )
        if other.connected_client_id == self.client_id:
            # The consent has ended the other company's tokens: it gets the new ones.
            other.write(
                {
                    **self._get_token_vals(),
                    "database_uuid": other._get_database_uuid(),
                    "state": "connected",
                    "state_message": False,
                }
            )
            self._drop_tokens()
            other._resume_meetings()
        self._refuse(refusal)

    def _refuse(self, message):
        """End this connection, and its tokens.

        :param message: why, in plain words
        """
        if self.access_token:
            self.env["booking.zoom.revocation"].sudo()._plan(
                self.client_id, self.client_secret, self.access_token
            )
        self._drop_tokens()
        self.write({"step": "refused", "message": message})

    def _get_scope_advice(self, error):
        """Name all missing scopes, not only those of one request."""
        missing = missing_scopes((self.granted_scopes or "").split())
        if missing:
            error.scopes = tuple(missing)
        return advice(self.env, error)

    def _store(self):
        """Move the tokens to the account and store the users of its Zoom account."""
        account = self.account_id.sudo()
        users, problem = self._read_users()
        if (account.connected_client_id, account.connected_zoom_account_id) != (
            self.client_id,
            self.new_zoom_account_id,
        ):
            # Otherwise the new tokens have already ended the old ones.
            account._plan_revocations()
        self._release_elsewhere()
        account.write(
            {
                "refresh_token": False,
                "api_url": False,
                "granted_scopes": False,
                **self._get_token_vals(),
                "zoom_account_id": self.new_zoom_account_id,
                "connected_zoom_account_id": self.new_zoom_account_id,
                "connected_client_id": self.client_id,
                "connected_client_secret": self.client_secret,
                "connected_email": self.new_email,
                "connected_at": fields.Datetime.now(),
                "database_uuid": account._get_database_uuid(),
                "state": "connected",
                "state_message": problem,
            }
        )
        self._drop_tokens()
        self.write({"step": "done", "message": False})
        self.env.flush_all()
        self._store_users(users)

    def _read_users(self):
        """Read the users from Zoom, before a write locks anything.

        :return tuple: Zoom's list, or None and what is wrong in plain words; the
            account is connected all the same
        """
        try:
            known = get_known_ids(self.account_id, self.new_zoom_account_id)
            return self._get_client().list_all_users(known), False
        except ZoomError as error:
            return None, advice(self.env, error)

    def _release_elsewhere(self):
        """Take the Zoom account's ID from companies that no longer hold it."""
        accounts = self.env["booking.zoom.account"].sudo()
        former = accounts.search(
            [
                ("zoom_account_id", "=", self.new_zoom_account_id),
                ("id", "!=", self.account_id.id),
            ]
        )
        former.write({"zoom_account_id": False})
        former.flush_recordset()

    def _store_users(self, users):
        """Store the users and resume the meetings that waited for the connection.

        :param users: Zoom's list, None to fetch it later
        """
        account = self.account_id.sudo()
        if users is None:
            trigger_fetch(self.env, at=fields.Datetime.now() + FETCH_AGAIN)
        try:
            with self.env.cr.savepoint():
                if users is not None:
                    store_users(account, users)
                account._resume_meetings()
        except UserError as refusal:
            # Two bookings may not share a Zoom user: no reason to lose the tokens.
            account.state_message = str(refusal)

    # === HELPERS === #

    def _get_client(self):
        return ZoomClient(self._get_api_url(), self.access_token)

    def _get_token_vals(self):
        """The tokens, as values of the account; without what Zoom left out."""
        names = (
            "access_token",
            "refresh_token",
            "token_expires_at",
            "api_url",
            "granted_scopes",
        )
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
