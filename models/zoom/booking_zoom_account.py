# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ...const import CURRENT_STATES, DAILY_REQUEST_LIMIT, OAUTH_CALLBACK_ROUTE
from ...tools.zoom_scopes import missing_scopes, required_scopes
from ...utils import in_own_transaction, lock_rows
from .unexportable import TOKEN_FIELDS, refuse_export

SECRET_FIELDS = (
    "client_secret",
    "connected_client_secret",
    "webhook_secret",
    *TOKEN_FIELDS,
)
PASTED_FIELDS = ("client_id", "client_secret", "zoom_account_id", "webhook_secret")


class BookingZoomAccount(models.Model):
    _name = "booking.zoom.account"
    _inherit = ["booking.zoom.unlogged"]
    _description = "Zoom Account"
    _rec_name = "company_id"
    _check_company_auto = True

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
    client_id = fields.Char(
        string="Client ID", groups="base.group_system", copy=False, exportable=False
    )
    client_secret = fields.Char(
        groups="base.group_system", copy=False, exportable=False
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
    granted_scopes = fields.Text(readonly=True, copy=False)
    missing_scopes = fields.Text(compute="_compute_missing_scopes")
    required_scopes = fields.Text(compute="_compute_setup_values")
    redirect_uri = fields.Char(string="Redirect URL", compute="_compute_setup_values")
    webhook_secret = fields.Char(
        string="Webhook secret token",
        groups="base.group_system",
        copy=False,
        exportable=False,
    )
    access_token = fields.Char(groups="base.group_system", copy=False, exportable=False)
    refresh_token = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    token_expires_at = fields.Datetime(
        groups="base.group_system", copy=False, exportable=False
    )
    api_url = fields.Char(groups="base.group_system", copy=False, exportable=False)
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
        # A statement that fails is logged: the one that may fail holds no secret.
        parts = [self._split_secrets(vals) for vals in vals_list]
        accounts = super().create([vals for vals, _secrets in parts])
        for account, (_vals, secrets) in zip(accounts, parts, strict=True):
            if secrets:
                account.write(secrets)
        return accounts

    def write(self, vals):
        vals = self._strip_pasted(vals)
        self._release_disconnected([vals.get("zoom_account_id")])
        vals, secrets = self._split_secrets(vals)
        result = super().write(vals)
        if secrets:
            self.flush_recordset()
            lock_rows(self)
            super().write(secrets)
        return result

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
    def _split_secrets(self, vals):
        """Part values into those that may be logged and those that must not.

        :return tuple: two dicts
        """
        secrets = {name: vals[name] for name in SECRET_FIELDS if name in vals}
        return {name: vals[name] for name in vals if name not in secrets}, secrets

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

    def _export_rows(self, fields, **kwargs):
        refuse_export(self.env, fields, SECRET_FIELDS)
        return super()._export_rows(fields, **kwargs)

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

    # === BUSINESS METHODS === #

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
