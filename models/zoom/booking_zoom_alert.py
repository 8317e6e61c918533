# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import NamedTuple

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all

from ...const import KEPT_FOR
from ...engine.alerts import Rule, Told, decide_alerts
from ...engine.problems import DELAYING
from ...utils import active_lang, in_own_transaction
from .account_troubles import (
    are_many_gone,
    find_gone_meetings,
    find_limited_counts,
    find_lost_users,
)

_logger = logging.getLogger(__name__)


class Alert(NamedTuple):
    """One cause of alerts.

    ``find(account)`` returns the subjects of the cause as it is now: key -> record, an
    empty record if it concerns no booking at present. ``tell(account, subjects)`` sends
    the mails about records that nobody was told of.
    """

    find: Callable
    tell: Callable
    rule: Rule = Rule()


class BookingZoomAlert(models.Model):
    """What the administrator of a Zoom account was told, so that it is told once.

    A row is written together with the mail. It is deleted when the cause is over.
    """

    _name = "booking.zoom.alert"
    _inherit = ["booking.unlogged"]
    _description = "Alert to the Zoom Administrator"
    _order = "since desc, id desc"
    _rec_name = "cause"

    account_id = fields.Many2one(
        "booking.zoom.account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    cause = fields.Char(required=True)
    # The ID of the record that the alert is about; of a lost host also the reason.
    key = fields.Char(required=True)
    since = fields.Datetime(string="Told on", required=True)
    told_count = fields.Integer(string="Mails", required=True)

    _told_once = models.Constraint(
        "UNIQUE(account_id, cause, key)", "This alert is noted already."
    )

    # === WHAT ADMINISTRATORS ARE TOLD === #

    @api.model
    def _get_alerts(self):
        """Every cause, in the order in which administrators are told.

        :return dict: cause -> Alert
        """
        return {
            # Once per Zoom user and day. The counts of requests show it.
            "daily_limit": Alert(
                self._find_limits, self._tell_limits, Rule(remembered=KEPT_FOR)
            ),
            "limit_cleared": Alert(
                self._find_cleared_limits,
                _mail("mail_template_limit_cleared"),
                Rule(remembered=KEPT_FOR),
            ),
            "meetings_gone": Alert(
                self._find_gone_meetings, _mail("mail_template_meetings_gone")
            ),
            "shared_link": Alert(
                self._find_shared_links,
                _mail("mail_template_shared_link"),
                Rule(remembered=timedelta(days=1)),
            ),
            "connection_lost": Alert(
                self._find_lost_connection,
                _mail("mail_template_connection_lost"),
                Rule(told_after=[timedelta(days=days) for days in (0, 1, 3, 7)]),
            ),
            "hosts_lost": Alert(self._find_lost_hosts, self._tell_lost_hosts),
            # Whenever the users are fetched, Zoom is asked again: that a refusal is
            # absent for a moment does not mean that it is over.
            "hosts_refused": Alert(
                self._find_refused_hosts,
                self._tell_lost_hosts,
                Rule(remembered=KEPT_FOR),
            ),
        }

    @api.model
    def _watch(self):
        """Tell every administrator what is due.

        What is due follows from what is stored, so nothing is lost when a worker dies.
        Each alert has a transaction of its own: if its mail cannot be written, the
        others are sent, and the next run tries again.
        """
        accounts = self.env["booking.zoom.account"]
        for account in accounts.search([("connected_at", "!=", False)]):
            for cause in self._get_alerts():
                try:
                    in_own_transaction(
                        self,
                        lambda alerts, *args: alerts._tell_due(*args),
                        account.id,
                        cause,
                    )
                except Exception:
                    _logger.exception(
                        "Zoom account %s: alert “%s” failed", account.id, cause
                    )

    @api.model
    def _tell_due(self, account_id, cause):
        """Tell what is due of one cause, all of it in one mail."""
        account = self.env["booking.zoom.account"].browse(account_id)
        alert = self._get_alerts()[cause]
        rows = self.search([("account_id", "=", account.id), ("cause", "=", cause)])
        known = {row.key: row for row in rows}
        subjects = alert.find(account)
        now = fields.Datetime.now()
        decision = decide_alerts(
            alert.rule,
            {key: bool(subject) for key, subject in subjects.items()},
            {row.key: Told(row.since, row.told_count) for row in rows},
            now,
        )
        for key in decision.forget:
            known[key].unlink()
        for key, told_count in decision.told_counts.items():
            if key in known:
                known[key].told_count = told_count
            else:
                self.create(
                    {
                        "account_id": account.id,
                        "cause": cause,
                        "key": key,
                        "since": now,
                        "told_count": told_count,
                    }
                )
        if decision.told_counts:
            told = [subjects[key] for key in decision.told_counts]
            alert.tell(account, reduce(or_, told))

    # === THE LIMIT IS REACHED, AND NOTHING WAITS ANY MORE === #

    def _find_limits(self, account):
        return {str(count.id): count for count in find_limited_counts(account)}

    def _tell_limits(self, account, counts):
        users = counts.zoom_user_id
        _send(account, "mail_template_limit_alert", limited_user_ids=users.ids)
        self._tell_limits_to_staff(account, users.limited_meeting_ids)

    def _tell_limits_to_staff(self, account, meetings):
        """Tell the staff of bookings that wait, each of their own bookings only.

        :param meetings: booking.zoom.meeting rows that the limit delays
        """
        by_user = defaultdict(meetings.browse)
        for meeting in meetings:
            for user in meeting.booking_id._get_staff_to_tell():
                by_user[user] |= meeting
        # Administrators have had a mail about all bookings; two users may share an address.
        told = set(email_normalize_all(account.alert_recipient or ""))
        for user, rows in by_user.items():
            address = email_normalize(user.email)
            if not address or address in told:
                continue
            told.add(address)
            try:
                with self.env.cr.savepoint():
                    _send(
                        account,
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

    def _find_cleared_limits(self, account):
        """The limits of which somebody was told, when no meeting waits any more."""
        rows = self.search(
            [
                ("account_id", "=", account.id),
                ("cause", "in", ("daily_limit", "limit_cleared")),
            ]
        ).grouped("cause")
        told = {row.key for row in rows.get("daily_limit", ())}
        told -= {row.key for row in rows.get("limit_cleared", ())}
        if not told or self._has_waiting_meetings(account):
            return {}
        return dict.fromkeys(told, account)

    def _has_waiting_meetings(self, account):
        return bool(
            self.env["booking.zoom.meeting"].search_count(
                [
                    ("zoom_user_id.account_id", "=", account.id),
                    ("state", "in", ("waiting", "changed")),
                    ("start", ">", fields.Datetime.now()),
                    ("only_held", "=", False),
                    "|",
                    ("problem", "in", DELAYING),
                    # It is retried soon, or was not tried yet.
                    "&",
                    ("problem", "=", False),
                    "|",
                    ("state", "=", "waiting"),
                    ("attempt_count", ">", 0),
                ],
                limit=1,
            )
        )

    # === WHAT CONCERNS THE ACCOUNT AS A WHOLE === #

    def _find_gone_meetings(self, account):
        """Many meetings that Zoom does not find, until it finds all of them again.

        While this alert is there no meeting of the account is issued again: see
        ``booking.zoom.account.gone_since``.
        """
        some_gone = account.gone_since and find_gone_meetings(account)
        return _whole(account, some_gone or are_many_gone(account))

    def _find_shared_links(self, account):
        return _whole(account, account.shared_meeting_ids)

    def _find_lost_connection(self, account):
        return _whole(account, account.state == "lost")

    # === HOSTS ARE LOST === #

    def _find_lost_hosts(self, account):
        """Zoom users that Zoom's list no longer has as active, and why."""
        hosting = find_lost_users(account)
        users = self.env["booking.zoom.user"].with_context(active_test=False)
        lost = users.search(
            [("account_id", "=", account.id), ("lost_reason", "!=", False)]
        )
        return {f"{user.id} {user.lost_reason}": user & hosting for user in lost}

    def _find_refused_hosts(self, account):
        """Zoom users whom Zoom lists as active, but does not let host."""
        hosting = find_lost_users(account)
        refused = hosting.filtered(lambda user: not user.lost_reason)
        return {str(user.id): user for user in refused}

    @api.model
    def _forget_refusals(self, users):
        """These Zoom users were lost and are active again.

        :param users: booking.zoom.user
        """
        self.search(
            [
                ("cause", "=", "hosts_refused"),
                ("key", "in", [str(user.id) for user in users]),
            ]
        ).unlink()

    def _tell_lost_hosts(self, account, users):
        _send(account, "mail_template_hosts_lost", lost_user_ids=users.ids)
        # Nobody needs to be told that a link is dead which nobody knows.
        known = users._get_hosted_meetings().filtered("disclosed_at")
        for user, rows in known.grouped("zoom_user_id").items():
            rows.booking_id._on_join_link_unavailable("host_gone", user.name)


def _send(account, template, email_values=None, **context):
    """Put a mail about an account into the queue and wake it.

    :param str template: XML id in this module
    :param dict email_values: what differs from the template
    :param context: for the computed fields that the template prints; ``reader_id`` and
        ``reader_lang`` when it is not for the administrator
    """
    record = account.env.ref(
        f"resource_booking_zoom.{template}", raise_if_not_found=False
    )
    if not record:
        _logger.warning("The mail template %s was deleted: nobody is told", template)
        return
    record.with_context(**context).send_mail(
        account.id,
        email_layout_xmlid="resource_booking_zoom.mail_layout",
        email_values=email_values,
    )
    account.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()


def _mail(template):
    """A ``tell`` that sends one mail about the account."""
    return lambda account, _subjects: _send(account, template)


def _whole(account, is_so):
    """The subjects of a cause that concerns the account as a whole."""
    return {str(account.id): account} if is_so else {}
