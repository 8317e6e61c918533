# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ...const import (
    DAILY_REQUEST_LIMIT,
    LONGEST_PAUSE,
    OAUTH_CALLBACK_ROUTE,
    WEBHOOK_ROUTE,
)
from ...engine.setup_steps import get_steps, is_to_be_tried
from ...exceptions import ZoomError, ZoomTokenInvalid
from ...tools.zoom_scopes import missing_scopes, required_scopes
from ...tools.zoom_webhook import ATTENDANCE_EVENTS, USER_EVENTS
from ...utils import CLOSE, in_own_transaction, show_message
from .access_tokens import provide_token
from .account_setup import (
    find_soonest_start,
    gather_facts,
    word_lost_connections,
    word_missing_address,
    word_next_step,
    word_step,
)
from .account_troubles import (
    find_gone_meetings,
    find_limited_counts,
    find_lost_users,
    search_meetings,
)
from .outcomes import issue_anew
from .user_list import read_users, store_users
from .zoom_advice import advice

_logger = logging.getLogger(__name__)

# Who sees above bookings that the connection is lost, or not there yet.
TOLD_OF_CONNECTION = ("resource_booking.group_manager", "base.group_system")

PASTED_FIELDS = ("client_id", "client_secret", "zoom_account_id", "webhook_secret")

SETUP_STATES = [("done", "Done"), ("to_do", "To do"), ("problem", "Problem")]

# So many combinations are proposed for the first booking type.
FEW = 20


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
            ("disconnected", "Not connected"),
            ("connected", "Connected"),
            ("lost", "Connection lost"),
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
        string="Connection method",
        default="authorization_code",
        required=True,
    )
    zoom_account_id = fields.Char(
        string="Zoom account ID",
        copy=False,
        help="Entered for server-to-server; otherwise Zoom provides it when connecting.",
    )
    # What the tokens belong to. The fields above may already name the next app and
    # account, while this connection still works.
    connected_zoom_account_id = fields.Char(
        string="Connected Zoom account ID",
        readonly=True,
        copy=False,
        help="The Zoom account that is connected, or was connected last.",
    )
    connected_client_id = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    connected_client_secret = fields.Char(
        groups="base.group_system", copy=False, exportable=False
    )
    connected_email = fields.Char(string="Connected by", readonly=True, copy=False)
    connected_at = fields.Datetime(string="Connected on", readonly=True, copy=False)
    database_uuid = fields.Char(
        groups="base.group_system",
        copy=False,
        exportable=False,
        help="The connected database. A copy of it sends nothing to Zoom.",
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
        help="Receives a mail when Zoom's daily limit delays meetings. Separate several "
        "addresses with commas.",
    )
    company_email = fields.Char(
        related="company_id.email",
        string="Company's e-mail",
        readonly=False,
        help="The sender of invitations and reminders.",
    )
    daily_request_limit = fields.Integer(
        string="Requests per Zoom user and day",
        default=DAILY_REQUEST_LIMIT,
        help="Zoom allows 100 creations and changes of meetings per Zoom user and day, "
        "for all programs together. The day starts at 00:00 UTC.",
    )
    reserve_requests = fields.Integer(
        string="Reserved for imminent bookings",
        default=10,
        help="Requests reserved each day for bookings that start, or whose reminder is "
        "due, before the next reset at 00:00 UTC.",
    )
    updates_per_booking = fields.Integer(
        string="Changes per booking and day",
        default=5,
        help="Maximum number of changes of one booking that are sent to Zoom each day. "
        "Further changes are combined and sent before the reminder and the start. The "
        "join link stays the same and works meanwhile.",
    )
    moves_per_booking = fields.Integer(
        string="Moves per booking and day",
        default=10,
        help="How often customers can move one booking in the portal each day.",
    )
    meeting_pause = fields.Integer(
        string="Pause between meetings (minutes)",
        help="Minimum time between two meetings of one Zoom user. Booking types can have "
        "their own. Existing bookings keep the pause with which they got their time.",
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
        help="Zoom's limit per second depends on it and on the kind of request. Paid "
        "plans have no daily limit for the account as a whole.",
    )
    zoom_user_ids = fields.One2many("booking.zoom.user", "account_id")
    zoom_user_count = fields.Integer(compute="_compute_zoom_user_count")
    users_synced_at = fields.Datetime(string="Users fetched on", readonly=True)
    alert_recipient = fields.Char(
        string="Alerts go to",
        compute="_compute_alert_recipient",
        help="The administrator's e-mail, or the company's, or that of whoever connected "
        "Zoom.",
    )
    at_risk_meeting_ids = fields.Many2many(
        "booking.zoom.meeting",
        string="Bookings at risk",
        compute="_compute_at_risk_meeting_ids",
        help="Future bookings whose meeting is missing or outdated in Zoom.",
    )
    limited_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users at their daily limit",
        compute="_compute_limited_user_ids",
    )
    alert_tz = fields.Char(string="Time zone of the alert", compute="_compute_alert_tz")
    alert_ids = fields.One2many(
        "booking.zoom.alert",
        "account_id",
        groups="base.group_system",
        exportable=False,
    )
    gone_since = fields.Datetime(
        string="Meetings not found since",
        compute="_compute_gone_since",
        compute_sudo=True,
        help="Zoom did not find many meetings at once. No new ones replace them until an "
        "administrator confirms, or Zoom finds them again.",
    )
    gone_count = fields.Integer(
        string="Meetings not found", compute="_compute_gone_count"
    )
    shared_meeting_ids = fields.Many2many(
        "booking.zoom.meeting", compute="_compute_shared_meeting_ids"
    )
    lost_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users that cannot host",
        compute="_compute_lost_user_ids",
        context={"active_test": False},
    )
    # The steps of the set-up: what is done, to do or wrong, and sentences about it.
    app_step = fields.Selection(
        SETUP_STATES, string="Make an app in Zoom", compute="_compute_setup"
    )
    connect_step = fields.Selection(
        SETUP_STATES, string="Connect Odoo and Zoom", compute="_compute_setup"
    )
    bind_step = fields.Selection(
        SETUP_STATES, string="Choose who hosts", compute="_compute_setup"
    )
    tool_step = fields.Selection(
        SETUP_STATES, string="Use Zoom for bookings", compute="_compute_setup"
    )
    reminder_step = fields.Selection(
        SETUP_STATES, string="Remind with the join link", compute="_compute_setup"
    )
    step_messages = fields.Json(
        compute="_compute_setup", help="Step -> what to do, or how things are."
    )
    to_be_tried = fields.Boolean(
        compute="_compute_setup", help="All is set up, and nobody has booked yet."
    )
    webhook_url = fields.Char(
        string="Event notification URL", compute="_compute_webhook_url"
    )
    webhook_events = fields.Char(
        string="Events to subscribe", compute="_compute_webhook_url"
    )
    last_event_at = fields.Datetime(
        string="Last event received",
        compute="_compute_last_event_at",
        compute_sudo=True,
    )

    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "A company can have only one Zoom account."
    )
    _zoom_account_unique = models.Constraint(
        "UNIQUE(zoom_account_id)",
        "This Zoom account is already connected to another company.",
    )
    _connected_once = models.UniqueIndex(
        "(connected_zoom_account_id) WHERE state <> 'disconnected'",
        "This Zoom account is already connected to another company.",
    )
    _limits_sensible = models.Constraint(
        "CHECK(daily_request_limit BETWEEN 1 AND 100 AND reserve_requests >= 0)",
        "Zoom allows 100 requests per Zoom user and day: the daily limit must be between "
        "1 and 100, and the reserve cannot be negative.",
    )
    _booking_limits_sensible = models.Constraint(
        "CHECK(updates_per_booking >= 1 AND moves_per_booking >= 1)",
        "At least one change and one move per booking and day must be allowed.",
    )
    _pause_sensible = models.Constraint(
        f"CHECK(meeting_pause BETWEEN 0 AND {LONGEST_PAUSE})",
        "The pause between meetings must be between 0 and 240 minutes.",
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id.name")
    @api.depends_context("lang", "uid")
    def _compute_display_name(self):
        title = self.env._("Zoom account")
        several = len(self.env.user.company_ids) > 1
        for account in self:
            name = account.company_id.name
            account.display_name = f"{title} ({name})" if several else title

    @api.depends("granted_scopes", "state")
    def _compute_missing_scopes(self):
        for account in self:
            granted = (account.granted_scopes or "").split()
            # Zoom names what it has granted; otherwise nothing is known.
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

    def _compute_at_risk_meeting_ids(self):
        coming = Domain("start", ">", fields.Datetime.now())
        # A ready meeting works without a connection.
        troubled = Domain("state", "!=", "ready") | Domain(
            "problem", "not in", (False, "not_linked")
        )
        for account in self:
            account.at_risk_meeting_ids = search_meetings(account, coming & troubled)

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
        """The Zoom users of the mail being written, otherwise all that are paused."""
        chosen = self.env.context.get("limited_user_ids")
        limited = find_limited_counts(self).zoom_user_id
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

    @api.depends("alert_ids.cause", "alert_ids.since")
    def _compute_gone_since(self):
        for account in self:
            alerts = account.alert_ids.filtered(
                lambda row: row.cause == "meetings_gone"
            )
            account.gone_since = alerts.since

    @api.depends("gone_since")
    def _compute_gone_count(self):
        for account in self:
            account.gone_count = len(find_gone_meetings(account))

    def _compute_shared_meeting_ids(self):
        shared = Domain("reissue_count", ">", 0) | Domain("problem", "=", "shared_link")
        for account in self:
            account.shared_meeting_ids = search_meetings(account, shared)

    @api.depends_context("lost_user_ids")
    def _compute_lost_user_ids(self):
        """The Zoom users of the mail being written, otherwise all of them."""
        chosen = self.env.context.get("lost_user_ids")
        for account in self:
            account.lost_user_ids = find_lost_users(account).filtered(
                lambda user: chosen is None or user.id in chosen
            )

    def _compute_last_event_at(self):
        receipts = self.env["booking.zoom.webhook.receipt"].search(
            [("account_id", "in", self.ids)]
        )
        moments = {one.account_id.id: one.received_at for one in receipts}
        for account in self:
            account.last_event_at = moments.get(account._origin.id)

    def _compute_webhook_url(self):
        self.webhook_events = ", ".join(
            # Zoom reports the removal of public apps only.
            ("meeting.updated", "meeting.deleted", *USER_EVENTS, *ATTENDANCE_EVENTS)
        )
        for account in self:
            account.webhook_url = account.get_base_url().rstrip("/") + WEBHOOK_ROUTE

    @api.depends(
        "state",
        "auth_method",
        "client_id",
        "client_secret",
        "zoom_account_id",
        "alert_email",
        "company_email",
    )
    @api.depends_context("lang")
    def _compute_setup(self):
        # Administrators may have no rights to bookings, managers none to the app.
        for account, privileged in zip(self, self.sudo(), strict=True):
            facts = gather_facts(privileged)
            steps = get_steps(facts)
            for name, step in steps.items():
                account[f"{name}_step"] = step.state
            account.to_be_tried = is_to_be_tried(facts)
            account.step_messages = {
                name: word_step(self.env, name, step, privileged, facts)
                for name, step in steps.items()
            }

    # === CONSTRAINTS AND ONCHANGES === #

    @api.onchange("company_id", "company_email")
    def _onchange_company_id(self):
        if not self.alert_email:
            self.alert_email = self.company_email

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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_disconnected(self):
        if any(account.state != "disconnected" for account in self):
            raise UserError(
                self.env._(
                    "Please press “Disconnect” before you delete the Zoom account."
                )
            )
        if (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search_count([("zoom_user_id.account_id", "in", self.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "Meetings were created with this Zoom account, and only this record "
                    "knows them. Please keep it disconnected instead of deleting it."
                )
            )

    @api.model
    def _strip_pasted(self, vals):
        """Strip pasted credentials."""
        return {
            name: value.strip() if name in PASTED_FIELDS and value else value
            for name, value in vals.items()
        }

    def _release_disconnected(self, zoom_account_ids):
        """Release Zoom accounts that other companies have disconnected.

        :param list zoom_account_ids: those that are entered here, some may be empty
        """
        wanted = [one for one in zoom_account_ids if one]
        if not wanted:
            return
        disconnected = self.sudo().search(
            [
                ("zoom_account_id", "in", wanted),
                ("state", "=", "disconnected"),
                ("id", "not in", self.ids),
            ]
        )
        disconnected.write({"zoom_account_id": False})
        disconnected.flush_recordset()

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
        """Start to connect the Zoom account.

        :return dict: an act_url to Zoom's consent page; server-to-server connects at
            once
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
        """Revoke the tokens and release the Zoom account; meetings stay as they are.

        If the same account is connected again, everything resumes.
        """
        self.check_access("write")
        self._plan_revocations()
        self._forget_tokens()
        self.write({"state": "disconnected"})
        self.env["booking.zoom.meeting"]._trigger_sync()
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
                "%(count)s Zoom users are not up to date, because Zoom does not list "
                "them. They stay as they are for now. Please fetch the Zoom users again.",
                count=left,
            )
        return show_message(message, "warning" if left else "success", then=CLOSE)

    def action_open_zoom_users(self):
        """Open the list of Zoom users of this account."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_user_action"
        )

    def action_check(self):
        """Open the page on which everything is tried.

        :return dict: an act_window
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["booking.zoom.check"]._open(self)

    def action_send_sample(self):
        """Mail the reminder to the user as customers get it, with sample values.

        :return dict: a notification that says what became of it
        """
        self.ensure_one()
        self.check_access("write")
        check = self.env["booking.zoom.check"].new({"account_id": self.id})
        result = check._check_mail()
        if result.state == "ok":
            return show_message(result.message)
        return show_message(result.message, "danger", sticky=True)

    def action_open_types(self):
        """Open the booking types, or a new one with Zoom if there is none.

        :return dict: an act_window
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking.resource_booking_type_action"
        )
        if self.env["resource.booking.type"].search_count([], limit=1):
            return action
        # Whoever has made a few bookable wants to offer them.
        hosted = self.env["resource.booking.combination"].search(
            [("zoom_user_id.account_id", "=", self.id)], limit=FEW + 1
        )
        return {
            **action,
            "views": [(False, "form")],
            "context": {
                "default_web_conference_tool": "zoom",
                "default_combination_rel_ids": [
                    Command.create({"combination_id": combination.id})
                    for combination in hosted
                    if len(hosted) <= FEW
                ],
            },
        }

    def action_try_booking(self):
        """Open a new booking, of the user and with Zoom.

        :return dict: an act_window
        :raise UserError: no mail could reach the user
        """
        self.ensure_one()
        if not self.env.user.partner_id.email_normalized:
            raise UserError(word_missing_address(self.env))
        booking_type = self.env["resource.booking.type"].search(
            [
                ("web_conference_tool", "=", "zoom"),
                ("company_id", "in", [self.company_id.id, False]),
            ],
            limit=1,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bookings"),
            "res_model": "resource.booking",
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {
                "default_type_id": booking_type.id,
                "default_partner_ids": [Command.set(self.env.user.partner_id.ids)],
                "default_start": find_soonest_start(booking_type),
            },
        }

    def action_issue_gone_anew(self):
        """Create new meetings for those that Zoom does not find."""
        for account in self:
            account.check_access("write")
            alerts = account.sudo().alert_ids
            alerts.filtered(lambda row: row.cause == "meetings_gone").unlink()
            issue_anew(find_gone_meetings(account))

    # === BUSINESS METHODS === #

    @api.model
    def _create_company_account(self):
        """Create the record before the form opens, so that the page can be reloaded.

        :return int: id of the current company's account
        """
        if not self.has_access("create"):
            raise UserError(
                self.env._(
                    "There is no Zoom account for %(company)s yet. Please ask an Odoo "
                    "administrator to open this page and to connect one.",
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
            addresses = filter(email_normalize, (company.email, self.env.user.email))
            email = next(addresses, False)
            # If somebody else creates it at the same time, this is repeated.
            account = self.create({"company_id": company.id, "alert_email": email})
        return account.id

    @api.model
    def _get_next_step_help(self):
        """What an empty list of Zoom's says: which step comes next, and a link to it.

        :return Markup: empty if all steps are done
        """
        account = self.sudo().search([("company_id", "=", self.env.company.id)])
        return word_next_step(self.env, account)

    @api.model
    def get_connection_notice(self):
        """What the web client shows above bookings while there is no connection.

        :return dict: ``level`` and ``text``; empty for people who are not told: staff
            cannot do anything about it
        """
        if not any(map(self.env.user.has_group, TOLD_OF_CONNECTION)):
            return {}
        # Managers of bookings may not read why.
        accounts = self.sudo().search([("company_id", "in", self.env.companies.ids)])
        if warning := word_lost_connections(accounts):
            return {"level": "danger", "text": warning}
        # One meeting, and somebody knows the way.
        if self.env["booking.zoom.meeting"].sudo().search_count([], limit=1):
            return {}
        # Nor is the way sought where all types have another tool.
        types = self.env["resource.booking.type"].sudo()
        with_tool = [
            ("web_conference_tool", "!=", "none"),
            ("company_id", "in", [*self.env.companies.ids, False]),
        ]
        tools = types.search(with_tool).mapped("web_conference_tool")
        if tools and "zoom" not in tools:
            return {}
        return {
            "level": "info",
            "text": self.env._(
                "Zoom is being set up. The page of the Zoom account says what comes next."
            ),
        }

    def _get_backend_url(self):
        """Where the reader of a mail finds this account in Odoo.

        :return str: a full URL, empty for staff, who have no rights to it
        """
        self.ensure_one()
        if self.env.context.get("reader_id"):
            return ""
        return f"{self.get_base_url()}/odoo/{self._name}/{self.id}"

    def _in_language_of_company(self):
        lang = self.company_id.partner_id.lang or self.env.lang
        return self.with_context(lang=lang)

    def _daily_limit_for(self, urgent):
        """How many creations and updates a Zoom user can use today.

        :param bool urgent: for a booking that starts before the next reset
        """
        limit = min(self.daily_request_limit, DAILY_REQUEST_LIMIT)
        return limit if urgent else max(limit - self.reserve_requests, 0)

    def _get_form_action(self):
        """Action that shows this account."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_account_action"
        )
        return {**action, "res_id": self.id}

    def _resume_meetings(self):
        """Resume the meetings that waited for the connection."""
        meetings = self.env["booking.zoom.meeting"].sudo()
        meetings._sync_future_bookings(
            [("type_id.company_id", "in", [*self.company_id.ids, False])]
        )
        meetings._resume([("zoom_user_id.account_id", "in", self.ids)])
        meetings._trigger_sync()

    # === TOKENS === #

    def _call_zoom(self, call):
        """Call Zoom; if it rejects the access token, renew it once.

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
        :raise ZoomError: the account is not connected, or the token cannot be renewed
        """
        self.ensure_one()
        provided = in_own_transaction(self.sudo(), provide_token, rejected)
        if provided.error:
            raise provided.error
        return provided.build_client()

    def _get_connected_app(self):
        """The app that the tokens belong to, as (client id, client secret).

        The form may already name another app, for the next connection. If it names the
        same app, its secret is the valid one: it may have been replaced.
        """
        account = self.sudo()
        if account.client_id == account.connected_client_id:
            return account.client_id, account.client_secret
        return account.connected_client_id, account.connected_client_secret

    def _get_database_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _is_copied_database(self):
        """Whether this is a copy of the connected database.

        The tokens belong to the original then and must not be used, renewed or revoked
        here.
        """
        return self.sudo().database_uuid != self._get_database_uuid()

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
        """Have Zoom end the tokens; the caller deletes them here."""
        for account in self.sudo():
            if account.access_token and not account._is_copied_database():
                self.env["booking.zoom.revocation"].sudo()._plan(
                    *account._get_connected_app(), account.access_token
                )

    # === ZOOM USERS === #

    @api.model
    def _cron_sync_users(self):
        """Refresh the Zoom users of every connected account, one commit per account."""
        accounts = self.search([("state", "=", "connected")])
        connected = {account: account.connected_zoom_account_id for account in accounts}
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(accounts))
        for account, zoom_account_id in connected.items():
            try:
                answers = read_users(account)
                # It took seconds, and others may have written on the account meanwhile.
                in_own_transaction(account, store_users, answers, zoom_account_id)
            except ZoomError as error:
                self.env.cr.rollback()
                # Its message contains no secrets.
                _logger.warning(
                    "Zoom account of %s: users could not be fetched: %s",
                    account.company_id.name,
                    error,
                )
            except Exception:
                # A failure of one company must not stop the others.
                self.env.cr.rollback()
                _logger.exception("Zoom users of account %s not stored", account.id)
            cron._commit_progress(1)
        self.env["booking.zoom.meeting"]._reconcile()

    def _sync_users(self):
        """Read all users from Zoom and store them.

        :return int: how many could not be updated
        :raise ZoomError: nothing was changed then
        """
        self.ensure_one()
        return store_users(self, read_users(self))

    # === WEBHOOK === #

    def _record_deauthorized(self, happened_at):
        """The app was removed in Zoom, which has ended the tokens.

        :param happened_at: naive UTC; ignored if before the present connection
        """
        self.ensure_one()
        if self.state != "connected" or (
            self.connected_at and happened_at < self.connected_at
        ):
            return
        self._forget_tokens()
        self.write(
            {
                "state": "lost",
                "state_message": self._in_language_of_company().env._(
                    "The app was removed from the Zoom account, or its permission was "
                    "withdrawn there. To continue, please connect the account again."
                ),
            }
        )
