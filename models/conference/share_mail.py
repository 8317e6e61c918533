# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from markupsafe import Markup

from ...utils import find_overtaken, one_line

_logger = logging.getLogger(__name__)

# What the platform's dialog sends
SHARED = "portal.portal_share_template"
CHOOSE_TIME = "resource_booking_zoom.mail_template_choose_time"
WITH_TIME = "resource_booking_zoom.mail_template_shared"
LAYOUT = "resource_booking_zoom.mail_layout"


class Share:
    """With whom a booking is being shared.

    The context passes this object to the template. It is no dict, so that no RPC call
    can forge it.
    """

    def __init__(self, partner, url, note):
        self.partner = partner
        self.url = url
        self.note = note


def translate_note(booking, note):
    """The note in the reader's language, if it is the type's advice.

    The platform's dialog proposes that, in the language of whoever shares.
    """
    advice = {
        (booking.type_id.with_context(lang=code).requester_advice or "").strip()
        for code, _name in booking.env["res.lang"].get_installed()
    }
    known = note and note.strip() in advice
    return booking.type_id.requester_advice if known else note


def write_share_mail(booking, share):
    """The mail that asks to choose a time, or tells it, as our template has it.

    :param Share share:
    :return dict: for ``message_post``; None if the template cannot be used
    """
    booking.check_access("read")
    # sudo: customers in the web shop, too, but they read no templates
    name = WITH_TIME if booking.start else CHOOSE_TIME
    template = booking.env(su=True).ref(name, raise_if_not_found=False)
    if not template or not template.active:
        return None
    template = template.with_context(
        lang=booking.env.context.get("lang"), web_conference_share=share
    )
    try:
        with booking.env.cr.savepoint():
            mail = {
                name: template._render_field(field, booking.ids)[booking.id]
                for name, field in (
                    ("subject", "subject"),
                    ("body", "body_html"),
                    ("email_from", "email_from"),
                )
            }
            files = template.attachment_ids.copy(
                {"res_model": "mail.compose.message", "res_id": 0}
            )
    except Exception as error:
        overtaken = find_overtaken(error)
        if overtaken:
            raise overtaken from None
        # The platform's mail goes out instead.
        _logger.exception("The mail that shares booking %s failed", booking.id)
        return None
    values = {
        "subject": one_line(mail["subject"]),
        "body": Markup(mail["body"]),
        "attachment_ids": files.ids,
    }
    if not booking._is_shared_by_system() and mail["email_from"]:
        values["author_id"] = booking.env.user.partner_id.id
        values["email_from"] = one_line(mail["email_from"])
    return values


def say_share(booking, partner):
    """What the platform's mail says with which the user shares the booking.

    :return dict: ``subject``, ``greeting``, ``sentence`` and ``button``
    """
    said = {"user": booking._get_shared_by(), "type": booking.type_id.name}
    if booking.start:
        subject = booking.env._("Your booking: %(type)s", **said)
        sentence = booking.env._(
            "%(user)s sends you your booking “%(type)s”: %(period)s.",
            period=booking._say_period(booking.start),
            **said,
        )
    else:
        subject = booking.env._("Please choose a time: %(type)s", **said)
        sentence = booking.env._(
            "%(user)s invites you to choose a time for “%(type)s”.", **said
        )
    return {
        "subject": subject,
        "greeting": booking.env._("Dear %(name)s,", name=partner.name),
        "sentence": sentence,
        "button": booking.env._("Open your booking")
        if booking.start
        else booking.env._("Choose a time"),
    }
