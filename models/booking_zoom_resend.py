# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class BookingZoomReminder(models.Model):
    """Mails that no mail server took, because none could be reached.

    The platform never tries them again, so a minute's outage would cost people their
    link.
    """

    _inherit = "booking.zoom.reminder"

    @api.model
    def _get_work(self):
        unsent = self._get_unsent()
        return [*super()._get_work(), *([("_queue_again", unsent)] if unsent else [])]

    @api.model
    def _get_unsent(self):
        """Mails about bookings to come that surely have not been sent.

        :return list: of ids of mail.mail
        """
        mails = self.env["mail.mail"].search(
            [
                ("state", "=", "exception"),
                # Empty only when the platform could not connect.
                ("failure_type", "=", False),
                ("model", "in", ("calendar.event", self._name)),
            ]
        )
        if not mails:
            return []
        now = fields.Datetime.now()
        to_come = self.search([("stop", ">", now)])
        events = set(to_come.event_id.ids)
        entries = set(to_come.ids)
        return mails.filtered(
            lambda mail: (
                mail.res_id in (entries if mail.model == self._name else events)
            )
        ).ids

    @api.model
    def _queue_again(self, mail_ids):
        self.env["mail.mail"].browse(mail_ids).mark_outgoing()
        self._wake_mail_queue()
