# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import pytz

from odoo.tools import format_date, format_time

from .recipient import known_zone


def own_time(partner, moment, zone):
    """The moment as the clock of somebody elsewhere shows it.

    :param partner: who reads it, in the language of the context
    :param moment: naive UTC
    :param str zone: time zone that the mail has told already
    :return str: empty when it is the person's own
    """
    env, own = partner.env, known_zone(partner.tz)
    if not own or not zone or own == zone:
        return ""
    local = pytz.utc.localize(moment).astimezone(pytz.timezone(own))
    return env._(
        "Start in your time zone: %(date)s at %(time)s (%(zone)s)",
        date=format_date(env, local.date(), date_format="long"),
        time=format_time(env, moment, tz=own, time_format="short"),
        zone=own,
    )
