# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all

from ...utils import active_lang

_logger = logging.getLogger(__name__)


class BookingZoomAccount(models.Model):
    """The mail to the administrator when Zoom's daily limit bites."""

    _inherit = "booking.zoom.account"

    limited_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users at their daily limit",
        compute="_compute_limited_user_ids",
    )
    alert_tz = fields.Char(string="Time zone of the alert", compute="_compute_alert_tz")

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
