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
        return [
            *super()._get_work(),
            *(("_queue_again", one) for one in self._get_unsent()),
        ]

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
        unsent = []
        for model, of_model in mails.grouped("model").items():
            domain = [
                ("id", "in", of_model.mapped("res_id")),
                ("stop", ">", fields.Datetime.now()),
            ]
            if model == "calendar.event":
                domain.append(("web_conference_reminder_ids", "!=", False))
            to_come = set(self.env[model].search(domain).ids)
            unsent += [mail.id for mail in of_model if mail.res_id in to_come]
        return sorted(unsent)

    @api.model
    def _queue_again(self, mail_ids):
        self.env["mail.mail"].browse(mail_ids).mark_outgoing()
