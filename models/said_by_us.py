# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What only our code may say to the code that it calls.

A context comes along with every RPC call, so anybody can put into it what JSON can
hold. It cannot hold this object, and nobody outside can say what is being saved.
"""

from collections import Counter
from contextlib import contextmanager

SAVING = "resource_booking_zoom_saving"


class _Ours:
    def __repr__(self):
        return "<said by resource_booking_zoom>"


OURS = _Ours()


def is_ours(env, key):
    """Whether our own code has put this key into the context.

    :param str key: of the context
    """
    return env.context.get(key) is OURS


@contextmanager
def saving(bookings):
    """The bookings are being saved: what follows from that is done at the end of it.

    :param bookings: resource.booking
    """
    counts = bookings.env.cr.cache.setdefault(SAVING, Counter())
    counts.update(bookings.ids)
    try:
        yield
    finally:
        counts.subtract(bookings.ids)


def get_saved_ids(env):
    """
    :return set: ids of the bookings that are being saved in this transaction
    """
    counts = env.cr.cache.get(SAVING, {})
    return {booking_id for booking_id, count in counts.items() if count > 0}
