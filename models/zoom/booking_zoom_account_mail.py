# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from odoo import api, fields, models

from ...const import CURRENT_STATES
from ...utils import in_own_transaction

_logger = logging.getLogger(__name__)


class BookingZoomAccount(models.Model):
    """Mails to the administrator of the account."""

    _inherit = "booking.zoom.account"

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

    @api.depends("alert_email", "company_id.email", "connected_email")
    def _compute_alert_recipient(self):
        for account in self:
            account.alert_recipient = (
                account.alert_email
                or account.company_id.email
                or account.connected_email
            )

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
