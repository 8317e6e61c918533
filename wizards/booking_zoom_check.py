# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from ..engine.checks import compare_addresses, why_stopped
from ..engine.decide import NOT_COUNTED_BY_ZOOM
from ..exceptions import (
    ZoomError,
    ZoomHostDayLimit,
    ZoomMeetingGone,
    ZoomOutcomeUnknown,
)
from ..models.zoom.account_setup import word_missing_address
from ..models.zoom.zoom_advice import advice
from ..tools.zoom_payload import (
    format_meeting_id,
    meeting_create_payload,
    new_correlation_key,
)
from ..utils import in_own_transaction, time_in_words

_logger = logging.getLogger(__name__)

# Scheduled actions without which no meeting is created and no mail is sent.
ACTIONS = (
    "resource_booking_zoom.ir_cron_sync_meetings",
    "resource_booking_zoom.ir_cron_send_reminders",
    "resource_booking_zoom.ir_cron_sync_users",
    "mail.ir_cron_mail_scheduler_action",
)
# The trial meeting exists for a second or two.
TRIAL_MINUTES = 30
# Longer than it takes, answers that do not come included.
TRIAL_TIME = timedelta(minutes=5)
# Events that have been set up and did not come for so long may not come at all.
EVENTS_OLD = timedelta(days=30)


class Result(NamedTuple):
    """Of one trial."""

    state: str  # of booking.zoom.check.line
    message: str


class BookingZoomCheck(models.TransientModel):
    """Tries everything that bookings with Zoom need, really."""

    _name = "booking.zoom.check"
    _description = "Check of the Zoom Account"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "booking.zoom.account", required=True, readonly=True, ondelete="cascade"
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Try a meeting with",
        domain="[('account_id', '=', account_id)]",
        help="Leave it empty to try everything else.",
    )
    request_remaining_today = fields.Integer(
        related="zoom_user_id.request_remaining_today"
    )
    line_ids = fields.One2many("booking.zoom.check.line", "check_id", readonly=True)

    # === ACTION METHODS === #

    @api.model
    def _open(self, account):
        """:return dict: act_window of a new check of this account"""
        hosts = account.zoom_user_ids.filtered(
            lambda user: user._can_host() and not user.limit_reached
        )
        check = self.create(
            {
                "account_id": account.id,
                "zoom_user_id": (hosts.filtered("resource_ids") or hosts)[:1].id,
            }
        )
        return check._get_action()

    def action_check(self):
        """Try everything, and show a line for each.

        :return dict: act_window of this check
        """
        self.ensure_one()
        self.account_id.check_access("write")
        self.line_ids.unlink()
        self.line_ids = [
            Command.create({"name": name, **result._asdict()})
            for name, result in self._check_all()
        ]
        return self._get_action()

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    # === THE TRIALS === #

    def _check_all(self):
        """:return: pairs of a name and its Result, in the order in which they are tried"""
        connection = self._check_token()
        yield self.env._("Connection"), connection
        for name, attempt in (
            (self.env._("Scopes"), self._check_scopes),
            (self.env._("Zoom users"), self._check_users),
            (self.env._("Trial meeting"), self._check_meeting),
        ):
            if connection.state == "problem":
                yield name, Result("skipped", self.env._("The connection comes first."))
            else:
                yield name, attempt()
        yield self.env._("Odoo's address"), self._check_address()
        yield self.env._("Outgoing mail"), self._check_mail()
        yield self.env._("Scheduled actions"), self._check_actions()
        yield self.env._("Events from Zoom"), self._check_events()

    def _check_token(self):
        account = self.account_id.sudo()
        if account.state == "disconnected":
            return Result(
                "problem",
                self.env._("The Zoom account is not connected. Press “Connect”."),
            )
        try:
            # A new one shows whether Zoom still accepts the app and its secret.
            account._get_client(rejected=account.access_token)
        except ZoomError as error:
            return Result("problem", advice(self.env, error))
        return Result("ok", self.env._("Zoom has renewed the access token."))

    def _check_scopes(self):
        # This transaction does not see what came with the new token.
        granted, missing = in_own_transaction(
            self.account_id.sudo(),
            lambda account: (account.granted_scopes, account.missing_scopes),
        )
        if not granted:
            return Result(
                "warning",
                self.env._(
                    "Zoom does not say which scopes the app has. The other lines show "
                    "whether they suffice."
                ),
            )
        if missing:
            return Result(
                "problem",
                self.env._(
                    "The Zoom app lacks these scopes: %(names)s. Add them in the Zoom "
                    "App Marketplace, then press “Connect again”.",
                    names=", ".join(missing.split()),
                ),
            )
        return Result("ok", self.env._("The Zoom app has all scopes."))

    def _check_users(self):
        try:
            count = self.account_id.sudo()._call_zoom(
                lambda client: client.count_users_of_first_page()
            )
        except ZoomError as error:
            return Result("problem", advice(self.env, error))
        if not count:
            return Result(
                "problem",
                self.env._(
                    "Zoom lists no active user. Check the users in Zoom's administration."
                ),
            )
        return Result("ok", self.env._("Zoom lists its users."))

    def _check_address(self):
        configured, browsed = (
            self.account_id.get_base_url(),
            self._get_browsed_address(),
        )
        match compare_addresses(configured, browsed):
            case "loopback":
                return Result(
                    "problem",
                    self.env._(
                        "Mails and Zoom get the address %(address)s, which works on the "
                        "server itself only. Enter the address that your customers use "
                        "in the system parameter “web.base.url”.",
                        address=configured,
                    ),
                )
            case "http":
                return Result(
                    "problem",
                    self.env._(
                        "Mails and Zoom get the address %(address)s, without https. Have "
                        "Odoo answer by https, and enter that address in the system "
                        "parameter “web.base.url”.",
                        address=configured,
                    ),
                )
            case "differs":
                return Result(
                    "warning",
                    self.env._(
                        "Mails and Zoom get the address %(address)s, but you use "
                        "%(browsed)s. If yours is the right one, enter it in the system "
                        "parameter “web.base.url”.",
                        address=configured,
                        browsed=browsed,
                    ),
                )
        return Result(
            "ok", self.env._("Mails and Zoom get %(address)s.", address=configured)
        )

    def _get_browsed_address(self):
        """Where the browser finds Odoo, as far as it says so."""
        # Behind a proxy, Odoo itself may know neither the scheme nor the host.
        return (request and request.httprequest.headers.get("Origin")) or ""

    def _check_mail(self):
        """Send a sample of the reminder to the user."""
        partner = self.env.user.partner_id
        if not partner.email_formatted or not partner.email_normalized:
            return Result("problem", word_missing_address(self.env))
        company = self.account_id.company_id
        booking_type = (
            self.env["resource.booking.type"]
            .sudo()
            .search(
                [
                    ("web_conference_tool", "=", "zoom"),
                    ("company_id", "in", [company.id, False]),
                ],
                limit=1,
            )
        )
        try:
            values = booking_type._render_sample_reminder(partner)
        except Exception as error:
            _logger.warning(
                "The sample of the reminder cannot be rendered", exc_info=True
            )
            return Result(
                "problem",
                self.env._(
                    "The text of the reminder has a mistake: %(error)s", error=error
                ),
            )
        mail = self.env["mail.mail"].sudo().create({**values, "auto_delete": False})
        mail.send()
        if mail.state != "sent":
            return Result(
                "problem",
                self.env._(
                    "The mail could not be sent. Check the outgoing mail server in the "
                    "settings. %(reason)s",
                    reason=mail.failure_reason or "",
                ),
            )
        mail.unlink()
        if not company.email:
            return Result(
                "warning",
                self.env._(
                    "The reminder was sent to %(address)s, but the company %(company)s "
                    "has no e-mail address. Enter one, or mails of the system fail.",
                    address=partner.email_normalized,
                    company=company.name,
                ),
            )
        return Result(
            "ok",
            self.env._(
                "The reminder was sent to %(address)s, with sample values. See whether "
                "it has arrived.",
                address=partner.email_normalized,
            ),
        )

    def _check_actions(self):
        crons = [self.env.ref(name, raise_if_not_found=False) for name in ACTIONS]
        crons = [cron.sudo() for cron in crons if cron]
        now, names = fields.Datetime.now(), defaultdict(list)
        for cron in crons:
            names[why_stopped(cron, now)].append(cron.name)
        if names["off"] or len(crons) < len(ACTIONS):
            return Result(
                "problem",
                self.env._(
                    "Switched off or deleted: %(names)s. Switch them on under Settings > "
                    "Technical > Scheduled Actions, or upgrade this module.",
                    names=", ".join(names["off"]) or "?",
                ),
            )
        if names["late"]:
            return Result(
                "problem",
                self.env._(
                    "Have not run for long: %(names)s. Check that the Odoo server has "
                    "workers for scheduled actions (“max_cron_threads”).",
                    names=", ".join(names["late"]),
                ),
            )
        if names["failing"]:
            return Result(
                "problem",
                self.env._(
                    "Fail at each run: %(names)s. The log of the Odoo server says why.",
                    names=", ".join(names["failing"]),
                ),
            )
        return Result("ok", self.env._("The scheduled actions run."))

    def _check_events(self):
        account = self.account_id.sudo()
        if not account.webhook_secret:
            return Result(
                "ok",
                self.env._(
                    "Not set up, which is all right: Odoo then notices changes made in "
                    "Zoom before the reminder."
                ),
            )
        if not account.last_event_at:
            return Result(
                "warning",
                self.env._(
                    "None has come yet. Compare the event notification URL and the "
                    "secret token with the Zoom app."
                ),
            )
        moment = time_in_words(self.env, account.last_event_at)
        if account.last_event_at < fields.Datetime.now() - EVENTS_OLD:
            return Result(
                "warning",
                self.env._(
                    "The last one came on %(time)s. Check the event subscription of the "
                    "Zoom app.",
                    time=moment,
                ),
            )
        return Result("ok", self.env._("The last one came on %(time)s.", time=moment))

    # === THE TRIAL MEETING === #

    def _check_meeting(self):
        """Create, read and delete a meeting. It uses one of the host's requests."""
        host = self.zoom_user_id
        if not host:
            return Result(
                "skipped",
                self.env._("Choose a Zoom user above to try a meeting with it."),
            )
        if host.account_id != self.account_id:
            raise UserError(self.env._("This Zoom user belongs to another account."))
        account, key = self.account_id.sudo(), new_correlation_key()
        if not in_own_transaction(host.sudo(), _reserve_request):
            return Result(
                "problem",
                self.env._(
                    "%(host)s has no request left today that is not reserved. Choose "
                    "another Zoom user, or try again after 00:00 UTC.",
                    host=host.name,
                ),
            )
        day = host._utc_today()
        start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        payload = meeting_create_payload(
            self.env._("Trial meeting of Odoo"),
            start + timedelta(days=1),
            TRIAL_MINUTES,
            key,
        )
        # Written down before it exists: whatever happens to this worker, the scheduled
        # action finds the meeting and deletes it.
        meetings = self.env["booking.zoom.meeting"].sudo()
        trial = meetings.browse(in_own_transaction(host.sudo(), _note_trial, key))
        try:
            meeting = account._call_zoom(
                lambda client: client.create_meeting(host.zoom_id, payload)
            )
        except ZoomOutcomeUnknown as error:
            in_own_transaction(trial, _leave_trial)
            return Result(
                "problem",
                self.env._(
                    "%(reason)s If Zoom has created the trial meeting, Odoo deletes it.",
                    reason=advice(self.env, error),
                ),
            )
        except ZoomError as error:
            in_own_transaction(trial, _forget_trial)
            in_own_transaction(host.sudo(), _note_refusal, error, day)
            return Result("problem", advice(self.env, error))
        in_own_transaction(trial, _number_trial, meeting.zoom_id)
        return self._read_and_delete(meeting, trial)

    def _read_and_delete(self, meeting, trial):
        """
        :param Meeting meeting: as Zoom has just created it
        :param trial: its booking.zoom.meeting
        """
        account = self.account_id.sudo()
        problem = None
        try:
            account._call_zoom(lambda client: client.get_meeting(meeting.zoom_id))
        except ZoomError as error:
            problem = advice(self.env, error)
        try:
            account._call_zoom(lambda client: client.delete_meeting(meeting.zoom_id))
            in_own_transaction(trial, _forget_trial)
        except ZoomMeetingGone:
            in_own_transaction(trial, _forget_trial)
            problem = problem or self.env._("Somebody deleted it meanwhile.")
        except ZoomError as error:
            in_own_transaction(trial, _leave_trial)
            problem = self.env._(
                "The trial meeting %(number)s was created, but Zoom has not deleted it. "
                "Odoo tries again. %(reason)s",
                number=format_meeting_id(meeting.zoom_id),
                reason=advice(self.env, error),
            )
        if problem:
            return Result("problem", problem)
        if not meeting.is_own_link:
            return Result(
                "warning",
                self.env._(
                    "Zoom gave the link of %(host)s's personal room, which is the same "
                    "for all meetings. Switch off “Use Personal Meeting ID” in this "
                    "user's settings in Zoom.",
                    host=self.zoom_user_id.name,
                ),
            )
        return Result(
            "ok",
            self.env._(
                "A meeting of %(host)s was created, read and deleted. It used one "
                "request of today.",
                host=self.zoom_user_id.name,
            ),
        )


def _reserve_request(host):
    """Count the trial before it is sent. The reserve is for bookings.

    :param host: booking.zoom.user
    :return bool: whether a request is left
    """
    limit = host.account_id._daily_limit_for(urgent=False)
    return host.env["booking.zoom.request.count"]._reserve(host, "create", limit)


def _note_refusal(host, error, day):
    """Give the request back if Zoom did not count it; note a limit that Zoom told.

    :param host: booking.zoom.user
    :param ZoomError error: of the creation
    :param day: on which the request was reserved
    """
    counts = host.env["booking.zoom.request.count"]
    if isinstance(error, NOT_COUNTED_BY_ZOOM):
        counts._give_back(host, "create", day)
    if isinstance(error, ZoomHostDayLimit):
        counts._note_limit_reached(host)


def _note_trial(host, key):
    """Have a trial meeting deleted by the scheduled action, if nobody does it before.

    :param host: booking.zoom.user
    :param str key: begins the agenda, to find the meeting by
    :return int: id of the row
    """
    now = fields.Datetime.now()
    row = host.env["booking.zoom.meeting"].create(
        {
            "state": "removing",
            "correlation_key": key,
            "unanswered_since": now,
            "next_attempt": now + TRIAL_TIME,
            "company_id": host.company_id.id,
            "zoom_user_id": host.id,
            "start": now + timedelta(days=1),
            "duration": TRIAL_MINUTES,
            "topic": host.env._("Trial meeting of Odoo"),
        }
    )
    return row.id


def _number_trial(row, zoom_id):
    """Zoom has created the meeting.

    :param row: booking.zoom.meeting
    :param str zoom_id: Zoom's number of it
    """
    row.write({"zoom_id": zoom_id, "unanswered_since": False})


def _leave_trial(row):
    """Leave the rest to the scheduled action, and have it begin."""
    row.next_attempt = False
    row._trigger_sync()


def _forget_trial(row):
    """There is no meeting, or not any more."""
    row.exists().unlink()
