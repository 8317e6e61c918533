# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Keeps the requests of one Zoom account below its limit per second."""

import threading
import time

# Zoom's clock and ours do not tick together: stay a little below the limit.
SHARE_OF_LIMIT = 0.95

_pacers = {}
_lock = threading.Lock()


class Pacer:
    """Lets callers through one after another, evenly spaced.

    :param float per_second: how many requests the account admits per second
    """

    def __init__(self, per_second):
        self._gap = 1 / (per_second * SHARE_OF_LIMIT)
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self):
        """Return when the caller may make its request."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._gap
        time.sleep(at - now)


def get_pacer(account_id, per_second):
    """Return the pacer of an account, one per process.

    :param str account_id: Zoom's account id
    :param float per_second: requests per second; another value makes a new pacer
    """
    with _lock:
        return _pacers.setdefault((account_id, per_second), Pacer(per_second))
