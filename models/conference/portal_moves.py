# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""How often a customer may move a booking in the portal: each move costs a request."""

from odoo import fields
from odoo.exceptions import ValidationError


def is_move(booking, start):
    """Whether `start` differs from the booking's present start.

    :param start: naive UTC, or as text
    """
    return bool(
        booking.type_id._has_conference_tool()
        and booking.start
        and booking.start != fields.Datetime.to_datetime(start)
    )


def check_move(booking, start):
    """Refuse to move the booking if it was moved too often today.

    :param start: naive UTC, or as text
    :raise ValidationError:
    """
    refusal = is_move(booking, start) and booking._get_portal_move_refusal()
    if refusal:
        raise ValidationError(refusal)


def prepare_move(booking, vals):
    """The values of a move in the portal, including the new count.

    :param dict vals: with the new ``start``
    :raise ValidationError: the booking was moved too often today
    """
    if not (booking.type_id._has_conference_tool() and booking.start):
        return vals
    if not is_move(booking, vals["start"]):
        # The platform would mail everybody that the date has changed.
        return {name: vals[name] for name in vals if name != "start"}
    check_move(booking, vals["start"])
    return {
        **vals,
        "portal_moved_on": fields.Datetime.now().date(),
        "portal_move_count": _count_moves_today(booking) + 1,
    }


def word_refusal(booking):
    """Why the booking cannot be moved in the portal today, False if it can."""
    most = booking._get_moves_a_day()
    if not most or _count_moves_today(booking) < most:
        return False
    contact = booking._get_conference_contact()
    return booking.env._(
        "A booking can be moved %(count)s times a day, and today this one has been. "
        "It keeps its time. To change it, please move it tomorrow or contact us: "
        "%(contact)s",
        count=most,
        contact=", ".join(filter(None, contact.values())),
    )


def _count_moves_today(booking):
    booking = booking.sudo()
    today = booking.portal_moved_on == fields.Datetime.now().date()
    return booking.portal_move_count if today else 0
