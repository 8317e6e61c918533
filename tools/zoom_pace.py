# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Keeps the requests of one Zoom account below its limit per second."""

import threading
import time
from collections import deque
from math import inf

# Seconds in which no more requests are made than Zoom admits in one: they do not all
# take equally long to get there.
WINDOW = 1.05

_pacers = {}
_lock = threading.Lock()


class Pacer:
    """Lets callers through, so many in a second; what a pause left over is made up.

    :param int per_second: how many requests the account admits per second
    """

    def __init__(self, per_second):
        self._turns = deque([-inf] * per_second, maxlen=per_second)
        self._lock = threading.Lock()

    def wait(self):
        """Return when the caller may make its request."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._turns[0] + WINDOW)
            self._turns.append(at)
        time.sleep(at - now)


def get_pacer(account_id, per_second):
    """Return the pacer of an account, one per process.

    :param str account_id: Zoom's account id
    :param int per_second: requests per second; another value makes a new pacer
    """
    with _lock:
        return _pacers.setdefault((account_id, per_second), Pacer(per_second))
