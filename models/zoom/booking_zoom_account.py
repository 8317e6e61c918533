# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all

from ...const import (
    CURRENT_STATES,
    DAILY_REQUEST_LIMIT,
    OAUTH_CALLBACK_ROUTE,
    READ_TIMEOUT,
    WEBHOOK_ROUTE,
)
from ...exceptions import (
    ZoomBadAnswer,
    ZoomClientRefused,
    ZoomConnectionLost,
    ZoomError,
    ZoomTokenInvalid,
)
from ...tools.zoom_client import ZoomClient
from ...tools.zoom_pace import get_pacer
from ...tools.zoom_scopes import missing_scopes, required_scopes
from ...tools.zoom_webhook import (
    APP_DEAUTHORIZED,
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
from ...utils import active_lang, in_own_transaction, lock_rows
from .zoom_advice import advice

PASTED_FIELDS = ("client_id", "client_secret", "zoom_account_id", "webhook_secret")

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


# Held back by the limit, or since then by something else that passes by itself or
# with the link.
WAITING = (
    "daily_limit",
    "account_limit",
    "not_linked",
    "scope_missing",
    "unavailable",
    "unclear",
)

# So many meetings of one account that Zoom does not find at once are not believed.
MANY_GONE = 5

# After so long a new case is told anew.
TOLD_FOR = timedelta(days=1)

# When the administrator is told of a broken link: at once, then after so many days.
TELL_AFTER_DAYS = (0, 1, 3, 7)

ASK_AGAIN_AFTER = timedelta(minutes=10)

# Zoom is read after these, and nothing else follows: an old one does no harm.
REPEATABLE = (*MEETING_EVENTS, *USER_EVENTS)


class BookingZoomAccount(models.Model):
    _name = "booking.zoom.account"
    _inherit = ["booking.zoom.token.mixin"]
    _description = "Zoom Account"
    _rec_name = "company_id"
    _check_company_auto = True

    _secret_fields = (
        "client_secret",
        "access_token",
        "refresh_token",
        "connected_client_secret",
        "webhook_secret",
    )

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [
            ("disconnected", "Not linked"),
            ("connected", "Linked"),
            ("lost", "Link broken"),
        ],
        default="disconnected",
        required=True,
        readonly=True,
        copy=False,
    )
    state_message = fields.Char(readonly=True, copy=False)
    auth_method = fields.Selection(
        [
            ("authorization_code", "A Zoom administrator gives consent (OAuth)"),
            ("account_credentials", "Server-to-server"),
        ],
        string="Way of linking",
        default="authorization_code",
        required=True,
    )
    zoom_account_id = fields.Char(
        string="Zoom account ID",
        copy=False,
        help="Typed in for server-to-server, else as Zoom says it at linking.",
    )
    # What the tokens belong to. The fields above may name the next app and account
    # already, while this link goes on working.
    connected_zoom_account_id = fields.Char(
        string="Linked Zoom account ID",
        readonly=True,
        copy=False,
        help="The Zoom account that is linked, or was linked last.",
    )
    connected_client_id = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    connected_client_secret = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    connected_email = fields.Char(string="Linked by", readonly=True, copy=False)
    connected_at = fields.Datetime(string="Linked on", readonly=True, copy=False)
    database_uuid = fields.Char(
        groups="base.group_system",
        copy=False,
        exportable=False,
        help="The database that was linked. In a copy of it nothing is sent to Zoom.",
    )
    missing_scopes = fields.Text(compute="_compute_missing_scopes")
    required_scopes = fields.Text(compute="_compute_setup_values")
    redirect_uri = fields.Char(string="Redirect URL", compute="_compute_setup_values")
    webhook_secret = fields.Char(
        string="Webhook secret token",
        groups="base.group_system",
        copy=False,
        exportable=False,
    )
    alert_email = fields.Char(
        string="Administrator's e-mail",
        default=lambda self: self.env.company.email,
        help="Who is told when Zoom's daily limit keeps meetings from being issued. "
        "Several addresses are separated by commas.",
    )
    daily_request_limit = fields.Integer(
        string="Requests per Zoom user and day",
        default=DAILY_REQUEST_LIMIT,
        help="Zoom admits 100 creations and changes of meetings per Zoom user "
        "and day, from all programs together. The day begins at 00:00 UTC.",
    )
    reserve_requests = fields.Integer(
        string="Kept for imminent bookings",
        default=10,
        help="So many of the day's requests are kept for bookings that begin, or whose "
        "reminder is due, before the next reset at 00:00 UTC.",
    )
    updates_per_booking = fields.Integer(
        string="Changes per booking and day",
        default=5,
        help="So many changes of one booking are sent to Zoom a day. Others are joined: "
        "Zoom learns what holds before the reminder and the start. The join link stays "
        "the same meanwhile, and works.",
    )
    moves_per_booking = fields.Integer(
        string="Moves per booking and day",
        default=10,
        help="So often customers may move one booking in the portal on one day.",
    )
    plan = fields.Selection(
        [
            ("free", "Free (2 or 4 requests per second)"),
            ("pro", "Pro (20 or 30 requests per second)"),
            ("business", "Business or higher (60 or 80 requests per second)"),
        ],
        string="Zoom plan",
        default="free",
        required=True,
        help="How fast Zoom may be called, which depends on the kind of request, and "
        "whose a daily limit can be: paid plans have none for the account.",
    )
    zoom_user_ids = fields.One2many("booking.zoom.user", "account_id")
    zoom_user_count = fields.Integer(compute="_compute_zoom_user_count")
    users_synced_at = fields.Datetime(string="Users fetched on", readonly=True)
    # Names, since an administrator need not be allowed to read booking types.
    unreminded_types = fields.Text(
        string="Booking types without e-mail reminder",
        compute="_compute_unreminded_types",
        compute_sudo=True,
    )
    alert_recipient = fields.Char(
        string="Alerts go to",
        compute="_compute_alert_recipient",
        help="The administrator's e-mail, else the company's, else whoever linked Zoom.",
    )
    at_risk_meeting_ids = fields.Many2many(
        "booking.zoom.meeting",
        string="Bookings at risk",
        compute="_compute_at_risk_meeting_ids",
        help="Bookings to come whose meeting is not in Zoom as it should be.",
    )
    limited_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users at their daily limit",
        compute="_compute_limited_user_ids",
    )
    alert_tz = fields.Char(string="Time zone of the alert", compute="_compute_alert_tz")
    gone_since = fields.Datetime(
        string="Meetings not found since",
        readonly=True,
        copy=False,
        help="Zoom did not find many meetings at once. They are not issued anew before "
        "an administrator says so, or Zoom finds them again.",
    )
    gone_count = fields.Integer(
        string="Meetings not found", compute="_compute_gone_count"
    )
    shared_link_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the administrator was told that meetings had a link in common.",
    )
    shared_meeting_ids = fields.Many2many(
        "booking.zoom.meeting", compute="_compute_shared_meeting_ids"
    )
    lost_since = fields.Datetime(readonly=True, copy=False)
    lost_mails = fields.Integer(
        string="Mails about the broken link", readonly=True, copy=False
    )
    lost_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users that cannot host",
        compute="_compute_lost_user_ids",
        context={"active_test": False},
    )
    webhook_url = fields.Char(
        string="Event notification URL", compute="_compute_webhook_url"
    )
    webhook_events = fields.Char(
        string="Events to subscribe", compute="_compute_webhook_url"
    )

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "A company has one Zoom account at most."
    )
    _zoom_account_unique = models.Constraint(
        "UNIQUE(zoom_account_id)",
        "This Zoom account is linked to another company already.",
    )
    _connected_once = models.UniqueIndex(
        "(connected_zoom_account_id) WHERE state <> 'disconnected'",
        "This Zoom account is linked to another company already.",
    )
    _limits_sensible = models.Constraint(
        "CHECK(daily_request_limit BETWEEN 1 AND 100 AND reserve_requests >= 0)",
        "Zoom admits 100 requests per Zoom user and day: the daily limit is a number "
        "from 1 to 100, and the reserve cannot be negative.",
    )
    _booking_limits_sensible = models.Constraint(
        "CHECK(updates_per_booking >= 1 AND moves_per_booking >= 1)",
        "One change and one move per booking and day are the least.",
    )

    # === COMPUTE METHODS === #

    @api.depends("granted_scopes", "state")
    def _compute_missing_scopes(self):
        for account in self:
            granted = (account.granted_scopes or "").split()
            # Zoom names what it has granted; if it does not, nothing is known.
            known = granted and account.state == "connected"
            account.missing_scopes = "\n".join(missing_scopes(granted) if known else [])

    def _compute_setup_values(self):
        self.required_scopes = "\n".join(required_scopes())
        for account in self:
            base_url = account.get_base_url().rstrip("/")
            account.redirect_uri = base_url + OAUTH_CALLBACK_ROUTE

    @api.depends("zoom_user_ids")
    def _compute_zoom_user_count(self):
        counts = dict(
            self.env["booking.zoom.user"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.zoom_user_count = counts.get(account, 0)

    def _compute_unreminded_types(self):
        types = self.env["resource.booking.type"]
        for account in self:
            unreminded = types.search(
                [
                    ("web_conference_tool", "=", "zoom"),
                    ("lacks_reminder", "=", True),
                    ("company_id", "in", [account.company_id.id, False]),
                ]
            )
            account.unreminded_types = "\n".join(unreminded.mapped("name"))

    def _compute_at_risk_meeting_ids(self):
        for account in self:
            account.at_risk_meeting_ids = (
                self.env["booking.zoom.meeting"]
                .sudo()
                .search(
                    [
                        ("zoom_user_id.account_id", "=", account.id),
                        ("state", "in", CURRENT_STATES),
                        ("start", ">", fields.Datetime.now()),
                        "|",
                        ("state", "!=", "ready"),
                        # A ready meeting outlives a broken link.
                        ("problem", "not in", (False, "not_linked")),
                    ]
                )
            )

    @api.depends("alert_email", "company_id.email", "connected_email")
    def _compute_alert_recipient(self):
        for account in self:
            account.alert_recipient = (
                account.alert_email
                or account.company_id.email
                or account.connected_email
            )

    @api.depends_context("limited_user_ids")
    def _compute_limited_user_ids(self):
        """The Zoom users of the mail that is being written, else all that rest."""
        chosen = self.env.context.get("limited_user_ids")
        limited = self._get_limited_users()
        for account in self:
            account.limited_user_ids = limited.filtered(
                lambda user, account=account: (
                    user.account_id == account and (chosen is None or user.id in chosen)
                )
            )

    @api.depends("company_id")
    def _compute_alert_tz(self):
        for account in self:
            company = account.company_id
            account.alert_tz = (
                company.partner_id.tz or company.resource_calendar_id.tz or "UTC"
            )

    @api.depends("gone_since")
    def _compute_gone_count(self):
        for account in self:
            account.gone_count = len(account._get_gone_meetings())

    def _compute_shared_meeting_ids(self):
        meetings = self.env["booking.zoom.meeting"].sudo()
        for account in self:
            account.shared_meeting_ids = meetings.search(
                [
                    ("zoom_user_id.account_id", "=", account.id),
                    ("state", "in", CURRENT_STATES),
                    ("stop", ">", fields.Datetime.now()),
                    "|",
                    ("reissue_count", ">", 0),
                    ("problem", "=", "shared_link"),
                ]
            )

    @api.depends_context("lost_user_ids")
    def _compute_lost_user_ids(self):
        """The Zoom users of the mail that is being written, else all of them."""
        chosen = self.env.context.get("lost_user_ids")
        for account in self:
            account.lost_user_ids = account._get_lost_users().filtered(
                lambda user: chosen is None or user.id in chosen
            )

    def _compute_webhook_url(self):
        self.webhook_events = ", ".join(
            # Not that the app was removed: Zoom tells it of public apps only.
            ("meeting.updated", "meeting.deleted", *USER_EVENTS)
        )
        for account in self:
            account.webhook_url = account.get_base_url().rstrip("/") + WEBHOOK_ROUTE

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("company_id")
    def _onchange_company_id(self):
        if not self.alert_email:
            self.alert_email = self.company_id.email

    @api.constrains("alert_email")
    def _check_alert_email(self):
        for account in self.filtered("alert_email"):
            for address in account.alert_email.split(","):
                if not email_normalize(address):
                    raise UserError(
                        self.env._(
                            "“%(address)s” is not an e-mail address. Please correct "
                            "the administrator's e-mail.",
                            address=address.strip(),
                        )
                    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._strip_pasted(vals) for vals in vals_list]
        self._release_disconnected([vals.get("zoom_account_id") for vals in vals_list])
        return super().create(vals_list)

    def write(self, vals):
        vals = self._strip_pasted(vals)
        self._release_disconnected([vals.get("zoom_account_id")])
        return super().write(vals)

    # === ACTION METHODS === #

    @api.model
    def action_open_company_account(self):
        """Open the one Zoom account of the current company, new if there is none.

        :return dict: an act_window of the record
        :raise UserError: there is none yet, and the user may not create it
        """
        account = self.search([("company_id", "=", self.env.company.id)], limit=1)
        account_id = account.id or self._create_company_account()
        # Not this transaction's: its record cannot be read here.
        return self.browse(account_id)._get_form_action()

    def action_connect(self):
        """Begin to link the Zoom account.

        :return dict: an act_url to Zoom's consent page; for server-to-server the
            link is made at once
        :raise UserError: what is missing, or what Zoom answered
        """
        self.ensure_one()
        self.check_access("write")
        if not (self.client_id and self.client_secret):
            raise UserError(
                self.env._(
                    "Please enter the client ID and the client secret of your Zoom "
                    "app first. You find both in the Zoom App Marketplace, on the "
                    "page “App Credentials” of the app."
                )
            )
        if self.auth_method == "account_credentials":
            return self.env["booking.zoom.connection"]._connect_server_to_server(self)
        return self.env["booking.zoom.connection"]._start_consent(self)

    def action_disconnect(self):
        """Release the Zoom account: the tokens are revoked, meetings stay as they are.

        Linking the same account again goes on where this one ended.
        """
        self.check_access("write")
        self._plan_revocations()
        self._forget_tokens()
        self.write({"state": "disconnected"})
        self._trigger_meetings()
        return True

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

    def action_issue_gone_anew(self):
        """Believe Zoom: issue new meetings for those that it does not find."""
        for account in self:
            account.check_access("write")
            account.gone_since = False
            account._get_gone_meetings()._issue_anew()

    # === BUSINESS METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_disconnected(self):
        if any(account.state != "disconnected" for account in self):
            raise UserError(
                self.env._("Please press “Unlink” before you delete the Zoom account.")
            )
        if (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search_count([("zoom_user_id.account_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "Meetings were issued with this Zoom account, and only its record "
                    "knows them. Please keep it unlinked instead of deleting it."
                )
            )

    @api.model
    def _strip_pasted(self, vals):
        """Take the spaces off that come along when something is pasted."""
        return {
            name: value.strip() if name in PASTED_FIELDS and value else value
            for name, value in vals.items()
        }

    def _release_disconnected(self, zoom_account_ids):
        """Let go of Zoom accounts that other companies have unlinked.

        :param list zoom_account_ids: those that are wanted here, may hold nothing
        """
        wanted = [one for one in zoom_account_ids if one]
        if not wanted:
            return
        unlinked = self.sudo().search(
            [
                ("zoom_account_id", "in", wanted),
                ("state", "=", "disconnected"),
                ("id", "not in", self.ids),
            ]
        )
        unlinked.write({"zoom_account_id": False})
        unlinked.flush_recordset()

    @api.model
    def _create_company_account(self):
        """Before the form opens, which can then be loaded again.

        :return int: id of the current company's account
        """
        if not self.has_access("create"):
            raise UserError(
                self.env._(
                    "There is no Zoom account for %(company)s yet. Please ask an "
                    "administrator of Odoo to open this page and to link one.",
                    company=self.env.company.name,
                )
            )
        return in_own_transaction(
            self, lambda records: records._get_or_create_company_account()
        )

    @api.model
    def _get_or_create_company_account(self):
        """:return int: id of the current company's account"""
        company = self.env.company
        account = self.search([("company_id", "=", company.id)], limit=1)
        if not account:
            email = company.email if email_normalize(company.email) else False
            # If somebody else creates it at the same time, this is called again.
            account = self.create({"company_id": company.id, "alert_email": email})
        return account.id

    def _trigger_meetings(self):
        """Wake the scheduled action that works the meeting rows."""
        self.env["booking.zoom.meeting"]._trigger_sync()

    def _daily_limit_for(self, urgent):
        """How many creations and updates a Zoom user may use up today.

        :param bool urgent: for a booking that begins before the next reset
        """
        limit = min(self.daily_request_limit, DAILY_REQUEST_LIMIT)
        return limit if urgent else max(limit - self.reserve_requests, 0)

    def _get_form_action(self):
        """Action that shows this account."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_account_action"
        )
        return {**action, "res_id": self.id}

    def _get_issued_meetings_domain(self):
        """Domain of the future meetings that exist in the linked Zoom account."""
        return [
            ("zoom_user_id.account_id", "in", self.ids),
            ("state", "in", CURRENT_STATES),
            ("zoom_id", "!=", False),
            ("stop", ">", fields.Datetime.now()),
        ]

    def _resume_meetings(self):
        """Work again what the end of the link had stopped."""
        meetings = self.env["booking.zoom.meeting"].sudo()
        meetings._sync_future_bookings(
            [("type_id.company_id", "in", [*self.company_id.ids, False])]
        )
        meetings._resume([("zoom_user_id.account_id", "in", self.ids)])
        self._trigger_meetings()

    # === TOKENS === #

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
            api_url=self._get_api_url(),
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

    def _get_database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _is_copied_database(self):
        """Whether this is a copy of the database that was linked.

        The tokens are those of the original then: they must not be used, renewed or
        revoked here.
        """
        return self.sudo().database_uuid != self._get_database_uuid()

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

    # === MAILS TO THE ADMINISTRATOR === #

    def _send_to_administrator(self, template, **context):
        """Put a mail of ours into the queue and wake it.

        :param str template: XML id in this module
        :param context: for the computed fields that the template prints
        """
        self._send_about_account(template, None, **context)

    def _send_about_account(self, template, email_values, **context):
        """Put a mail of ours into the queue and wake it.

        :param str template: XML id in this module
        :param email_values: what differs from the template: dict, or None
        :param context: for the computed fields that the template prints; ``reader_id``
            and ``reader_lang`` when it is not for the administrator
        """
        self.ensure_one()
        record = self.env.ref(
            f"resource_booking_zoom.{template}", raise_if_not_found=False
        )
        if not record:
            _logger.warning(
                "The mail template %s was deleted: nobody is told", template
            )
            return
        record.with_context(**context).send_mail(
            self.id,
            email_layout_xmlid="resource_booking_zoom.mail_layout",
            email_values=email_values,
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _get_backend_url(self):
        """Where the reader of a mail finds this account in Odoo.

        :return str: a full URL, empty for staff, who have no rights to it
        """
        self.ensure_one()
        if self.env.context.get("reader_id"):
            return ""
        return f"{self.get_base_url()}/odoo/{self._name}/{self.id}"

    @api.model
    def _watch(self):
        """Tell the administrators what they have to know, a transaction per account.

        What to tell follows from what is stored, so nothing is lost when a worker
        dies. A mail that cannot be written stops nothing else; the next run tries
        again.
        """
        for account in self.search([("connected_at", "!=", False)]):
            for tell in (
                type(account)._tell_limit,
                type(account)._tell_all_clear,
                type(account)._tell_gone,
                type(account)._tell_shared_link,
                type(account)._tell_lost_connection,
                type(account)._tell_lost_users,
            ):
                try:
                    in_own_transaction(account, tell)
                except Exception:
                    _logger.exception(
                        "Zoom account %s: %s failed", account.id, tell.__name__
                    )

    # === THE LIMIT IS REACHED === #

    def _get_limited_users(self):
        """Zoom users that used up their limit today while bookings wait for them.

        Where only the reserve holds bookings back nothing is lost: they begin after
        the next reset, and an alert now would be missing when the limit bites.
        """
        meetings = (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "in", self.ids),
                    *self.env["booking.zoom.user"]._get_limited_domain(),
                ]
            )
        )
        counts = self.env["booking.zoom.request.count"].sudo()
        return counts._get_today(meetings.zoom_user_id)._get_used_up().zoom_user_id

    def _get_users_to_alert(self):
        """Zoom users at their limit of which nobody was told today."""
        users = self._get_limited_users()
        counts = self.env["booking.zoom.request.count"].sudo()._get_today(users)
        return users - counts.filtered("alerted_at").zoom_user_id

    def _tell_limit(self):
        """Tell of the Zoom users that reached their limit; each is told of once a day.

        Those of one run are in one mail.
        """
        users = self._get_users_to_alert()
        if users:
            counts = self.env["booking.zoom.request.count"].sudo()
            counts._get_today(users).alerted_at = fields.Datetime.now()
            self._send_to_administrator(
                "mail_template_limit_alert", limited_user_ids=users.ids
            )
            self._tell_limit_to_staff(users.limited_meeting_ids)

    def _tell_limit_to_staff(self, meetings):
        """Tell the staff of bookings that wait, each of their own bookings only.

        :param meetings: booking.zoom.meeting rows that the limit holds back
        """
        by_user = defaultdict(meetings.browse)
        for meeting in meetings:
            for user in meeting.booking_id._get_staff_to_tell():
                by_user[user] |= meeting
        # Those have had a mail about all bookings; two users may share an address.
        told = set(email_normalize_all(self.alert_recipient or ""))
        for user, rows in by_user.items():
            address = email_normalize(user.email)
            if not address or address in told:
                continue
            told.add(address)
            try:
                with self.env.cr.savepoint():
                    self._send_about_account(
                        "mail_template_limit_alert",
                        {"email_to": user.email_formatted, "recipient_ids": []},
                        limited_user_ids=rows.zoom_user_id.ids,
                        limited_meeting_ids=rows.ids,
                        reader_id=user.id,
                        reader_lang=active_lang(self.env, user.lang),
                    )
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Limit alert to user %s failed", user.id)

    # === NOTHING WAITS ANY MORE === #

    def _tell_all_clear(self):
        """Tell those who had an alert that all their meetings are issued."""
        alerted = (
            self.env["booking.zoom.request.count"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "=", self.id),
                    ("alerted_at", "!=", False),
                    ("cleared_at", "=", False),
                ]
            )
        )
        waiting = alerted and self.env["booking.zoom.meeting"].sudo().search_count(
            [
                ("zoom_user_id.account_id", "=", self.id),
                ("state", "in", ("waiting", "changed")),
                ("start", ">", fields.Datetime.now()),
                "|",
                ("problem", "in", WAITING),
                # It was tried and is tried again in a moment, or its turn is to come.
                "&",
                ("problem", "=", False),
                "|",
                ("state", "=", "waiting"),
                ("attempt_count", ">", 0),
            ],
            limit=1,
        )
        if alerted and not waiting:
            alerted.cleared_at = fields.Datetime.now()
            self._send_to_administrator("mail_template_limit_cleared")

    # === MEETINGS THAT ZOOM DOES NOT FIND === #

    def _get_gone_meetings(self):
        """Current rows of the account that Zoom did not find when it last answered.

        That it does not answer, or that the link is broken, does not mean that it
        finds them; whose host cannot host is not asked for.
        """
        return (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "in", self.ids),
                    ("state", "in", CURRENT_STATES),
                    ("zoom_id", "!=", False),
                    ("missing_since", "!=", False),
                    ("problem", "not in", ("no_host", "host_inactive", "host_refused")),
                    ("stop", ">", fields.Datetime.now()),
                ]
            )
        )

    def _are_many_gone(self, meeting):
        """Whether Zoom does not find many meetings, this one included.

        :param meeting: booking.zoom.meeting that Zoom has just not found
        """
        gone = self._get_gone_meetings() | meeting
        return len(gone.filtered(lambda row: row.state in CURRENT_STATES)) >= MANY_GONE

    def _tell_gone(self):
        """Set the brake and tell the administrator; release it when all are found."""
        gone = len(self._get_gone_meetings())
        if not self.gone_since and gone >= MANY_GONE:
            self.gone_since = fields.Datetime.now()
            self._send_to_administrator("mail_template_meetings_gone")
        elif self.gone_since and not gone:
            self.gone_since = False

    # === ONE LINK FOR SEVERAL MEETINGS === #

    def _tell_shared_link(self):
        """Tell it once, and again only if it happens anew later."""
        now = fields.Datetime.now()
        if self.shared_meeting_ids:
            if not self.shared_link_since:
                self.shared_link_since = now
                self._send_to_administrator("mail_template_shared_link")
        elif self.shared_link_since and self.shared_link_since < now - TOLD_FOR:
            self.shared_link_since = False

    # === CONNECTION LOST === #

    def _tell_lost_connection(self):
        """Note when the link broke or was mended; tell the administrator."""
        if self.state != "lost":
            if self.lost_since:
                self.write({"lost_since": False, "lost_mails": 0})
            return
        now = fields.Datetime.now()
        self.lost_since = self.lost_since or now
        age = now - self.lost_since
        due = sum(age >= timedelta(days=days) for days in TELL_AFTER_DAYS)
        if due > self.lost_mails:
            self.lost_mails = due
            self._send_to_administrator("mail_template_connection_lost")

    # === HOSTS THAT ARE LOST === #

    def _get_lost_users(self):
        """Zoom users that cannot host what they are to host."""
        rows = (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "in", self.ids),
                    ("problem", "in", ("host_inactive", "host_refused")),
                    ("state", "in", CURRENT_STATES),
                    ("stop", ">", fields.Datetime.now()),
                ]
            )
        )
        return rows.zoom_user_id

    def _refresh_users(self):
        """Have the users fetched unless they have been lately."""
        recent = fields.Datetime.now() - ASK_AGAIN_AFTER
        if not self.users_synced_at or self.users_synced_at < recent:
            self.env.ref("resource_booking_zoom.ir_cron_sync_users")._trigger()

    def _tell_lost_users(self):
        """Tell the administrator, and the staff of those who know a link; once a cause."""
        lost = self._get_lost_users().filtered(
            lambda user: user.lost_told != user._get_lost_cause()
        )
        for user in lost:
            user.lost_told = user._get_lost_cause()
        if lost:
            self._send_to_administrator(
                "mail_template_hosts_lost", lost_user_ids=lost.ids
            )
        known = lost._get_hosted_meetings().filtered("disclosed_at")
        for user, rows in known.grouped("zoom_user_id").items():
            rows.booking_id._note_for_staff("host_gone", user.name)

    # === WEBHOOK === #

    @api.model
    def _receive_webhook(self, signature, timestamp, raw, request_id=""):
        """Take an event, of whichever account; called as superuser.

        :param str signature: as the header says it
        :param str timestamp: as the header says it
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
            in_own_transaction(account, lambda account: account._note_event(event))
        return 204, None

    def _get_signers(self, signature, timestamp, raw):
        """The accounts whose secret has signed these bytes, lately enough to be heard."""
        if not signature or not is_timely(timestamp, time.time(), REPEAT_TOLERANCE):
            return self.browse()
        return self.search([("webhook_secret", "!=", False)]).filtered(
            lambda account: is_signed(account.webhook_secret, signature, timestamp, raw)
        )

    def _note_event(self, event):
        """Have the scheduled actions do what follows from an event of this account.

        :param Event event:
        """
        self.ensure_one()
        if event.name in USER_EVENTS:
            cron = self.env.ref("resource_booking_zoom.ir_cron_sync_users")
            cron._trigger()
        elif event.name in MEETING_EVENTS:
            meetings = self.env["booking.zoom.meeting"]
            # Most meetings of a Zoom account have nothing to do with bookings.
            if meetings.search_count(self._get_told_domain([event.zoom_id]), limit=1):
                self.env["booking.zoom.webhook.event"]._note(self, event)
        elif event.name == APP_DEAUTHORIZED:
            if self.connected_client_id == event.client_id:
                self.env["booking.zoom.webhook.event"]._note(self, event)

    def _get_told_domain(self, zoom_ids):
        """Domain of the current rows that events of this account are about."""
        return [
            ("zoom_id", "in", zoom_ids),
            ("state", "in", CURRENT_STATES),
            ("zoom_user_id.account_id", "=", self.id),
            ("zoom_user_id.zoom_account_id", "=", self.connected_zoom_account_id),
        ]

    def _record_deauthorized(self, happened_at):
        """The app was removed in Zoom, which has ended the tokens.

        :param happened_at: naive UTC; what happened before the link was made anew
            does not concern it
        """
        self.ensure_one()
        if self.state != "connected" or (
            self.connected_at and happened_at < self.connected_at
        ):
            return
        lang = self.company_id.partner_id.lang or self.env.lang
        self._forget_tokens()
        self.write(
            {
                "state": "lost",
                "state_message": self.with_context(lang=lang).env._(
                    "The app was removed from the Zoom account, or its permission was "
                    "taken away there. To go on, please link the account again."
                ),
            }
        )
