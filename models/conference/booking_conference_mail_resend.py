# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models

TO_STAFF = ("booking.conference.notice", "booking.zoom.account")
# A mail to staff that could not be sent for so long is left.
TO_STAFF_FOR = timedelta(days=1)


class BookingConferenceMail(models.Model):
    """Mails that no mail server took, because none could be reached.

    The platform never tries them again, so a minute's outage would cost people their
    link. What is not true any more stays unsent: another mail has told people since.
    """

    _inherit = "booking.conference.mail"

    @api.model
    def _get_work(self):
        # Last: a mail that follows takes the place of one that was not sent.
        return [
            *super()._get_work(),
            *(("_queue_again", one) for one in self._get_unsent()),
        ]

    @api.model
    def _get_unsent(self, mail_ids=None):
        """Mails about bookings to come that surely have not been sent, and are true.

        :return list: of ids of mail.mail
        """
        domain = [
            ("state", "=", "exception"),
            # Empty only when the platform could not connect.
            ("failure_type", "=", False),
            ("model", "in", ("calendar.event", self._name, *TO_STAFF)),
        ]
        if mail_ids is not None:
            domain.append(("id", "in", mail_ids))
        mails = self.env["mail.mail"].search(domain)
        to_staff = mails.filtered(lambda mail: mail.model in TO_STAFF)
        unsent = self._filter_of_use(to_staff)
        mails -= to_staff
        for model, of_model in mails.grouped("model").items():
            to_come = [
                ("id", "in", of_model.mapped("res_id")),
                ("stop", ">", fields.Datetime.now()),
            ]
            by_id = of_model.grouped("res_id")
            for record in self.env[model].search(to_come):
                unsent |= self._filter_true(by_id[record.id], record)
        return sorted(unsent.ids)

    @api.model
    def _filter_of_use(self, mails):
        """Mails of today to staff and administrator: what they tell may still help."""
        recent = fields.Datetime.now() - TO_STAFF_FOR
        mails = mails.filtered(lambda mail: mail.create_date > recent)
        notices = self.env["booking.conference.notice"]
        about = mails.filtered(lambda mail: mail.model == notices._name)
        true = notices.browse(about.mapped("res_id")).exists()
        true = true.filtered(lambda notice: notice._is_true())
        return mails - about.filtered(lambda mail: mail.res_id not in true.ids)

    @api.model
    def _filter_true(self, mails, about):
        """Those of the mails about this event, or this entry, that are true.

        What was sent without an entry in the ledger is the platform's own matter.
        """
        if about._name == self._name:
            return mails.filtered(lambda _mail: not about.superseded)
        known = self._get_true_entries(about)
        # An entry is made in the same transaction as its mail.
        return mails.filtered(
            lambda mail: (
                mail.recipient_ids
                and mail.recipient_ids
                <= known.filtered(
                    lambda entry: entry.create_date == mail.create_date
                ).partner_id
            )
        )

    @api.model
    def _get_true_entries(self, event):
        """The last that attendees were told, where it is so."""
        booking = event._get_conference_booking()
        if not booking:
            return self.browse()
        digest = booking._has_conference_link() and booking._get_link_digest()
        partners = event.attendee_ids._filter_may_join().partner_id
        return event.web_conference_mail_ids.filtered(
            lambda entry: (
                not entry.superseded
                and entry.start == event.start
                and entry.partner_id in partners
                and entry.link_digest in (False, digest)
            )
        )

    @api.model
    def _queue_again(self, mail_ids):
        """Queue these mails, unless others have taken their place meanwhile."""
        self.env["mail.mail"].browse(self._get_unsent(mail_ids)).mark_outgoing()
