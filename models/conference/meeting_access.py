# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Which of the staff may open a booking's meeting, when, and at which addresses.

The addresses hold no secret; controllers/start.py answers them.
"""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError

from ...const import JOIN_ROUTE, START_OTHERS, START_ROUTE

# Meetings overrun: staff can open one for so long after its end.
OVERRUN = timedelta(hours=2)


def get_start_path(booking):
    """Where staff start the meeting as its host."""
    return f"{START_ROUTE}/{booking.id}"


def get_join_path(booking):
    """Where staff join the meeting as participants."""
    return f"{JOIN_ROUTE}/{booking.id}"


def get_meeting_paths(bookings):
    """Where the current user starts and joins these bookings, in one go for all.

    :return dict: booking id -> start path, join path; each False if the user may not
        or if there is no meeting to be opened
    """
    open_now = bookings.filtered(lambda one: is_to_be_opened(one.sudo()))
    startable, joinable = filter_may_start(open_now), filter_may_open(open_now)
    return {
        booking.id: (
            booking in startable
            and booking.sudo()._can_be_started()
            and get_start_path(booking),
            booking in joinable and get_join_path(booking),
        )
        for booking in open_now
    }


def is_to_be_opened(booking):
    """Whether there is a meeting that can be opened and is not long over."""
    return bool(not _is_long_over(booking) and booking._get_join_link())


def get_start_url(booking):
    """The URL that starts the meeting as its host, for the browser alone.

    :return str:
    :raise UserError: says why the meeting cannot be started
    """
    if _is_long_over(booking):
        raise UserError(booking.env._("This booking is over, or was cancelled."))
    return booking._ask_for_start_url()


def filter_own(bookings):
    """The bookings whose resources the current user is."""
    user = bookings.env.user
    if not user._is_internal():
        return bookings.browse()
    return bookings.filtered(
        lambda one: user in one.sudo().combination_id.resource_ids.user_id
    )


def filter_may_open(bookings):
    """The bookings whose meeting the current user may join as staff."""
    if not bookings.env.user._is_internal():
        return bookings.browse()
    return filter_own(bookings) | bookings._filtered_access("read")


def filter_may_start(bookings):
    """The bookings whose meeting the current user may start.

    Whoever starts a meeting is its host.
    """
    if bookings.env.user.has_group(START_OTHERS):
        return filter_may_open(bookings)
    return filter_own(bookings)._filter_trusted_hosts()


def _is_long_over(booking):
    """Whether the booking is cancelled, or over and does not overrun any more."""
    latest = fields.Datetime.now() - OVERRUN
    return not booking.active or not booking.stop or booking.stop <= latest
