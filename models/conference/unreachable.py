# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Who cannot be reached by mail, and what staff are told of it."""

from ...utils import active_lang, one_line


def are_mails_blocked(env):
    """Whether an administrator has switched off all calendar mails."""
    parameters = env["ir.config_parameter"].sudo()
    return bool(parameters.get_param("calendar.block_mail"))


def speak_to_staff(event):
    """
    :return: environment in the language of the booking's organizer
    """
    booking = event._get_conference_booking()
    lang = booking.user_id.lang or booking.type_id.company_id.partner_id.lang
    return event.with_context(lang=active_lang(event.env, lang)).env


def note_unreachable(attendees):
    """Tell staff in time about customers who cannot get mail.

    :param attendees: of one event, who should get a mail now
    """
    unreachable = attendees.filtered(lambda one: not one.partner_id._can_get_mail())
    for attendee in unreachable:
        partner = attendee.partner_id
        words = speak_to_staff(attendee.event_id)
        reason = partner.with_env(words)._get_unreachable_reason()
        _note_for_staff(attendee.event_id, partner, reason)


def note_undelivered(event, partner):
    """Tell staff that a mail to this person failed."""
    words = speak_to_staff(event)
    _note_for_staff(event, partner, words._("The mail was not delivered."))


def _note_for_staff(event, partner, reason):
    """Tell staff who cannot be reached, unless it is one of them."""
    booking = event._get_conference_booking()
    if booking and partner not in booking._get_staff_partners():
        detail = f"{one_line(partner.display_name)}: {reason}"
        booking._note_for_staff("unreachable", detail)


def get_unreached(event):
    """Customers to whom no mail can be sent, or whose last mail failed.

    :return: res.partner
    """
    none, last = event.web_conference_mail_ids.browse(), {}
    for entry in event.web_conference_mail_ids.sorted("id"):
        last[entry.partner_id] = entry
    return _get_customers(event).filtered(
        lambda one: not one._can_get_mail() or last.get(one, none).retry_at
    )


def get_unwritten(event, since):
    """Customers who can get mail, and for whom none was written since then.

    :param datetime since: naive UTC
    :return: res.partner
    """
    written = event.web_conference_mail_ids.filtered(
        lambda entry: entry.create_date >= since
    )
    customers = _get_customers(event) - written.partner_id
    return customers.filtered(lambda one: one._can_get_mail())


def _get_customers(event):
    """Who takes part in the booking, without its staff; empty without a booking."""
    booking = event and event._get_conference_booking()
    if not booking:
        return event.env["res.partner"]
    invited = event.attendee_ids._filter_may_join().partner_id
    return invited - booking._get_staff_partners()
