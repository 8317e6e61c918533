# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tools import format_datetime


def time_in_words(env, moment):
    """A moment as whoever is at the screen reads it, in the own time zone.

    :param moment: naive UTC
    :rtype: str
    """
    return format_datetime(env, moment, tz=env.context.get("tz"), dt_format="short")
