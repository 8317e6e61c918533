# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import hashlib
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from ..exceptions import ZoomError
from ..models.zoom_advice import advice
from ..tools.zoom_client import ZoomClient
from ..tools.zoom_oauth import code_challenge, new_code_verifier

SESSION_STATE_KEY = "resource_booking_zoom_oauth_state"


def _digest(state):
    return hashlib.sha256(state.encode()).hexdigest()


class BookingZoomLink(models.TransientModel):
    """A link to Zoom in the making: from the consent to the confirmation.

    A fresh pair of tokens waits here while nobody has decided yet, because giving
    consent twice for the same app and account ends the first pair at Zoom.
    """

    _name = "booking.zoom.link"
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
    access_token = fields.Char(exportable=False)
    refresh_token = fields.Char(exportable=False)
    token_expires_at = fields.Datetime(exportable=False)
    api_url = fields.Char(exportable=False)
    granted_scopes = fields.Text()
    old_zoom_account_id = fields.Char(related="account_id.zoom_account_id")
    old_email = fields.Char(related="account_id.linked_email")
    new_zoom_account_id = fields.Char(readonly=True)
    new_email = fields.Char(readonly=True)
    meeting_count = fields.Integer(
        string="Future meetings left behind", compute="_compute_meeting_count"
    )

    def _compute_meeting_count(self):
        for link in self:
            link.meeting_count = self.env["booking.zoom.meeting"].search_count(
                link.account_id._get_issued_meetings_domain()
            )

    # === WAYS OF LINKING === #

    @api.model
    def _start_consent(self, account):
        """Begin the authorisation code flow, bound to the browser's session.

        :return dict: act_url to Zoom's consent page
        """
        if not request:
            raise UserError(
                self.env._("Please link the account in a browser: Zoom asks there.")
            )
        state = secrets.token_urlsafe(32)
        verifier = new_code_verifier()
        self.sudo().search([("account_id", "=", account.id)]).unlink()
        self.create(
            {
                "account_id": account.id,
                "state_digest": _digest(state),
                "code_verifier": verifier,
            }
        )
        request.session[SESSION_STATE_KEY] = state
        url = account._get_oauth().authorize_url(
            account.redirect_uri, state, code_challenge(verifier)
        )
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    @api.model
    def _link_server_to_server(self, account):
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
            grant = account._get_oauth().account_credentials(account.zoom_account_id)
        except ZoomError as error:
            raise UserError(advice(self.env, error)) from error
        link = self.create(
            {"account_id": account.id, **account._prepare_grant_vals(grant)}
        )
        link._apply()
        if link.step != "done":
            raise UserError(link.message)
        return link._next_action()

    @api.model
    def _take(self, state):
        """Return the link that was begun with this state; it works once.

        :param str state: as it came back from Zoom
        :return: an empty recordset if there is none
        """
        link = self.search([("state_digest", "=", _digest(state))], limit=1)
        link.state_digest = False
        return link

    def _exchange(self, code):
        """Exchange the authorisation code for tokens and keep them here.

        :raise UserError: what Zoom answered; nothing is kept then
        """
        account = self.account_id
        try:
            grant = account._get_oauth().exchange_code(
                code, account.redirect_uri, self.code_verifier
            )
        except ZoomError as error:
            raise UserError(advice(self.env, error)) from error
        self.write({"code_verifier": False, **account._prepare_grant_vals(grant)})

    # === WHAT BECOMES OF THE TOKENS === #

    def _apply(self):
        """Ask Zoom whose tokens these are; link, or say why not yet.

        Sets ``step`` and ``message``; never raises for an answer of Zoom, because
        the tokens must not be lost by a rollback.
        """
        self.ensure_one()
        try:
            self._identify()
        except ZoomError as error:
            self.write({"step": "retry", "message": advice(self.env, error)})
            return
        other = self._get_other_company_account()
        if other:
            self._refuse(other)
        elif self._replaces_account():
            self.step = "confirm"
        else:
            self._store()

    def _identify(self):
        """Read from Zoom which account and user the tokens belong to."""
        client = ZoomClient(
            self.account_id._get_api_url(self.api_url), self.access_token
        )
        if self.account_id.auth_method == "account_credentials":
            # Zoom has no "me" for server-to-server apps.
            self.new_zoom_account_id = self.account_id.zoom_account_id
            return
        answer = client.get_user("me")
        self.new_zoom_account_id = answer.get("account_id")
        self.new_email = answer.get("email")

    def _get_other_company_account(self):
        """The account record of another company that holds the same Zoom account."""
        return (
            self.env["booking.zoom.account"]
            .sudo()
            .search(
                [
                    ("zoom_account_id", "=", self.new_zoom_account_id),
                    ("id", "!=", self.account_id.id),
                    ("state", "!=", "unlinked"),
                ],
                limit=1,
            )
        )

    def _refuse(self, other):
        """Refuse to link a Zoom account of another company, whose link must live."""
        if other.client_id == self.account_id.sudo().client_id:
            # The consent has ended the other company's pair: it gets the new one.
            other.write(self._get_token_vals())
        else:
            self._revoke()
        self._discard_tokens()
        self.write(
            {
                "step": "refused",
                "message": self.env._(
                    "The Zoom account %(email)s is linked to the company "
                    "“%(company)s” already, and one Zoom account can serve one "
                    "company only. Nothing was changed. Sign in to Zoom with another "
                    "account, or unlink it there first.",
                    email=self.new_email or self.new_zoom_account_id,
                    company=other.company_id.name,
                ),
            }
        )

    def _replaces_account(self):
        """Whether meetings or users of another Zoom account would be left behind."""
        old = self.account_id.zoom_account_id
        return bool(
            old
            and old != self.new_zoom_account_id
            and (self.account_id.state != "unlinked" or self.meeting_count)
        )

    def _store(self):
        """Make the tokens those of the account and fetch its users."""
        account = self.account_id
        released = (
            self.env["booking.zoom.account"]
            .sudo()
            .search(
                [
                    ("zoom_account_id", "=", self.new_zoom_account_id),
                    ("id", "!=", account.id),
                ]
            )
        )
        released.zoom_account_id = False
        self.env.flush_all()
        account.sudo().write(
            {
                **self._get_token_vals(),
                "zoom_account_id": self.new_zoom_account_id,
                "linked_email": self.new_email,
                "linked_at": fields.Datetime.now(),
                "database_uuid": account._get_database_uuid(),
                "state": "linked",
                "state_message": False,
            }
        )
        self._discard_tokens()
        self.step = "done"
        self._fetch_users()
        account._resume_meetings()

    def _fetch_users(self):
        """Fetch the users; if that fails the link stands and says what is wrong."""
        account = self.account_id.sudo()
        client = ZoomClient(account._get_api_url(), account.access_token)
        try:
            answers = client.list_users("active") + client.list_users("inactive")
        except ZoomError as error:
            account.state_message = advice(self.env, error)
            return
        self.env["booking.zoom.user"].sudo()._store_zoom_users(account, answers)
        account.users_synced_at = fields.Datetime.now()

    # === ACTION METHODS === #

    def action_confirm(self):
        """Replace the Zoom account that was linked before by the new one."""
        self.ensure_one()
        if self.step != "confirm":
            raise UserError(
                self.env._("This link is settled already. Please begin again.")
            )
        self.account_id._revoke_tokens()
        self._store()
        return self._next_action()

    def action_retry(self):
        """Ask Zoom again whose tokens these are."""
        self.ensure_one()
        self._apply()
        return self._next_action()

    def action_discard(self):
        """Keep what was linked before and end the new tokens."""
        self.ensure_one()
        self._revoke()
        self._discard_tokens()
        self.write({"step": "refused", "message": False})
        return self.account_id._get_form_action()

    def _next_action(self):
        """The page on which the person goes on."""
        self.ensure_one()
        if self.step in ("retry", "confirm"):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "resource_booking_zoom.booking_zoom_link_action"
            )
            return {**action, "res_id": self.id}
        return self.account_id._get_form_action()

    # === HELPERS === #

    def _get_token_vals(self):
        names = (
            "access_token",
            "refresh_token",
            "token_expires_at",
            "api_url",
            "granted_scopes",
        )
        return {name: self[name] for name in names}

    def _discard_tokens(self):
        self.write(
            {
                "access_token": False,
                "refresh_token": False,
                "token_expires_at": False,
                "code_verifier": False,
            }
        )

    def _revoke(self):
        """End tokens at Zoom that nobody will use."""
        if not self.access_token:
            return
        try:
            self.account_id._get_oauth().revoke(self.access_token)
        except ZoomError as error:
            self.account_id._log_zoom_error("tokens could not be revoked", error)
