# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_and_format_normalize

_logger = logging.getLogger(__name__)


class BookingZoomMeeting(models.Model):
    """Meetings whose link somebody knows who left, and what staff hear of links."""

    _inherit = "booking.zoom.meeting"

    missing_told_for = fields.Datetime(
        readonly=True,
        copy=False,
        help="The start for which the staff were told that there is no link.",
    )
    kept_told_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the staff were told that a link must be kept for now.",
    )

    def _replace_or_keep(self):
        """Issue new meetings in place of these; where the limit does not allow one
        now, the old one stays until it does.
        """
        for row in self:
            if row.state != "removing" and row._may_create_now():
                values = row.booking_id._prepare_zoom_meeting_vals()
                row._replace(row._keep_issued_host(values))
                self._trigger_sync()
            elif not row.kept_told_at:
                row.kept_told_at = fields.Datetime.now()
                row._tell_staff("mail_template_link_kept")
                self.env["resource.booking"]._get_reminder_cron()._trigger(
                    at=row.zoom_user_id._get_next_reset()
                )

    def _may_create_now(self):
        """Whether a creation for this host would be admitted today."""
        host = self.zoom_user_id
        reset = host._get_next_reset()
        limit = host.account_id._daily_limit_for(self._is_urgent(reset))
        count = self.env["booking.zoom.request.count"]._get_today(host)
        return (
            host.linked
            and host._can_host()
            and not count.limit_reached
            and count.total < limit
            and not self._get_account_rest()
        )

    def _tell_staff_of_missing_link(self):
        """A reminder has gone out without a link: tell the staff, once per start."""
        for row in self:
            if row.missing_told_for != row.start:
                row.missing_told_for = row.start
                row._tell_staff("mail_template_link_missing")

    # === MAILS TO THE STAFF OF A BOOKING === #

    def _tell_staff(self, name):
        """Mail the users of the booking's resources and the administrator.

        A mail that cannot be written must not keep the customers from theirs.

        :param str name: of a template in this module, on this model
        """
        self.ensure_one()
        template = self.env.ref(
            f"resource_booking_zoom.{name}", raise_if_not_found=False
        )
        if not template:
            return
        try:
            with self.env.cr.savepoint():
                for address, lang in self._get_staff_addresses():
                    template.with_context(lang=lang).send_mail(
                        self.id,
                        email_layout_xmlid="mail.mail_notification_light",
                        email_values={"email_to": address, "recipient_ids": []},
                    )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("Mail to the staff of Zoom meeting %s failed", self.id)
        self.env["booking.zoom.reminder"]._wake_mail_queue()

    def _get_staff_addresses(self):
        """Who is told, each address once.

        :return list: of (formatted address, language)
        """
        partners = self.booking_id._get_staff_partners()
        account = self._get_account()
        found = [(partner.email_formatted, partner.lang) for partner in partners]
        found += [
            (address, account.company_id.partner_id.lang)
            for address in email_split_and_format_normalize(account.alert_email or "")
        ]
        by_address = {}
        for address, lang in found:
            if email_normalize(address):
                by_address.setdefault(email_normalize(address), (address, lang))
        return list(by_address.values())

    @api.model
    def _get_account(self):
        """The Zoom account of the meeting, also where nobody hosts it yet."""
        return self.zoom_user_id.account_id or self.env["booking.zoom.account"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
