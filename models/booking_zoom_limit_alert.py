# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from .own_transaction import in_own_transaction


class BookingZoomAccount(models.Model):
    """The mail to the administrator when Zoom's daily limit bites."""

    _inherit = "booking.zoom.account"

    limited_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users at their daily limit",
        compute="_compute_limited_user_ids",
    )

    @api.depends_context("limited_user_ids")
    def _compute_limited_user_ids(self):
        """The Zoom users of the mail that is being written, else all that rest."""
        chosen = self.env.context.get("limited_user_ids")
        for account in self:
            users = account._get_limited_users()
            if chosen is not None:
                users = users.filtered(lambda user: user.id in chosen)
            account.limited_user_ids = users

    def _get_limited_users(self):
        """Zoom users with bookings that their limit stops today.

        Bookings that only the reserve holds back, and that begin after the next
        reset, do not count: they lose nothing by waiting.
        """
        users = self.env["booking.zoom.user"]
        meetings = (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "in", self.ids),
                    *users._get_limited_domain(),
                ]
            )
        )
        for user in meetings.zoom_user_id:
            stopped = meetings.filtered(
                lambda meeting, user=user: meeting.zoom_user_id == user
            )
            if user._is_at_limit() or any(stopped.mapped("starts_before_reset")):
                users |= user
        return users

    @api.model
    def _alert_limits(self):
        """Tell the administrators of the Zoom users that reached their limit.

        What to tell follows from the rows, so nothing is lost when a worker dies;
        each Zoom user is told of once a day, those of one run in one mail.
        """
        for account in self.search([("state", "=", "linked")]):
            if account._get_users_to_alert():
                in_own_transaction(account, "_send_limit_alert")

    def _get_users_to_alert(self):
        counts = self.env["booking.zoom.request.count"].sudo()
        return self._get_limited_users().filtered(
            lambda user: not counts._get_today(user).alerted_at
        )

    def _send_limit_alert(self):
        users = self._get_users_to_alert()
        counts = self.env["booking.zoom.request.count"].sudo()
        for user in users:
            counts._get_today(user).alerted_at = fields.Datetime.now()
        template = self.env.ref("resource_booking_zoom.mail_template_limit_alert")
        template.with_context(limited_user_ids=users.ids).send_mail(self.id)
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
