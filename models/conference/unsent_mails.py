# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Mails that no mail server took: those that still help are queued again."""

from datetime import timedelta

from odoo import fields

# Mails to staff that are older than this are not sent any more.
TO_STAFF_FOR = timedelta(days=1)
LEDGER = "booking.conference.mail"


def find_unsent(env, mail_ids=None):
    """Mails about future bookings that were surely not sent, and are still true.

    :return list: of ids of mail.mail
    """
    alerts = env["resource.booking"]._get_models_of_alerts()
    models_for_staff = ("booking.conference.notice", *alerts)
    domain = [
        ("state", "=", "exception"),
        # Empty only if the platform could not connect.
        ("failure_type", "=", False),
        ("model", "in", ("calendar.event", LEDGER, *models_for_staff)),
    ]
    if mail_ids is not None:
        domain.append(("id", "in", mail_ids))
    mails = env["mail.mail"].search(domain)
    to_staff = mails.filtered(lambda mail: mail.model in models_for_staff)
    unsent = _filter_of_use(to_staff)
    mails -= to_staff
    for model, of_model in mails.grouped("model").items():
        to_come = [
            ("id", "in", of_model.mapped("res_id")),
            ("stop", ">", fields.Datetime.now()),
        ]
        by_id = of_model.grouped("res_id")
        for record in env[model].search(to_come):
            unsent |= _filter_true(by_id[record.id], record)
    return sorted(unsent.ids)


def queue_again(env, mail_ids):
    """Queue these mails again, unless later ones superseded them."""
    env["mail.mail"].browse(find_unsent(env, mail_ids)).mark_outgoing()


def get_event_id(env, mail_id):
    """The event whose link the mail tells, or None."""
    mail = env["mail.mail"].browse(mail_id)
    return mail.res_id if mail.model == "calendar.event" else None


def _filter_of_use(mails):
    """Recent mails to staff and administrators that may still help."""
    recent = fields.Datetime.now() - TO_STAFF_FOR
    mails = mails.filtered(lambda mail: mail.create_date > recent)
    notices = mails.env["booking.conference.notice"]
    about = mails.filtered(lambda mail: mail.model == notices._name)
    true = notices.browse(about.mapped("res_id")).exists()
    true = true.filtered(lambda notice: notice._is_true())
    return mails - about.filtered(lambda mail: mail.res_id not in true.ids)


def _filter_true(mails, about):
    """The mails about this event, or this entry, that are still true.

    Mails without an entry in the ledger are up to the platform.
    """
    if about._name == LEDGER:
        return mails.filtered(lambda _mail: not about.superseded)
    known = _get_true_entries(about)
    # Entry and mail are created in one transaction.
    return mails.filtered(
        lambda mail: (
            mail.recipient_ids
            and mail.recipient_ids
            <= known.filtered(
                lambda entry: entry.create_date == mail.create_date
            ).partner_id
        )
    )


def _get_true_entries(event):
    """What attendees were told last, where it is still true."""
    booking = event._get_conference_booking()
    if not booking:
        return event.web_conference_mail_ids.browse()
    link = booking._get_join_link()
    digest = link and link.digest
    partners = event.attendee_ids._filter_may_join().partner_id
    return event.web_conference_mail_ids.filtered(
        lambda entry: (
            not entry.superseded
            and entry.start == event.start
            and entry.partner_id in partners
            and entry.link_digest in (False, digest)
        )
    )
