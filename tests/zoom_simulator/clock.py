# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The simulator's clock: real time until somebody moves it.

Daily limits, tokens and "in the past" are judged by this clock. The limits per
second are not: they protect against real speed, see ``limits.monotonic``.
"""

import datetime as dt
import threading


class Clock:
    """A clock in UTC that tests can set, move and give back to real time."""

    def __init__(self):
        self._lock = threading.Lock()
        self._standing = None  # aware datetime while the clock stands still
        self._offset = dt.timedelta(0)

    def now(self):
        """The time of the simulator, as an aware UTC datetime."""
        with self._lock:
            return self._now()

    def set(self, moment):
        """Stop the clock at a moment (datetime; a naive one is taken as UTC)."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        with self._lock:
            self._standing = moment.astimezone(dt.UTC)

    def advance(self, delta=None, **kwargs):
        """Move the clock by a timedelta, or by the keywords of one.

        A clock that stands still goes on standing still; one that follows real
        time goes on following it, at a distance.
        """
        step = (delta or dt.timedelta(0)) + dt.timedelta(**kwargs)
        with self._lock:
            if self._standing is None:
                self._offset += step
            else:
                self._standing += step

    def reset(self):
        """Follow real time again."""
        with self._lock:
            self._standing = None
            self._offset = dt.timedelta(0)

    def _now(self):
        if self._standing is not None:
            return self._standing
        return dt.datetime.now(dt.UTC) + self._offset


def to_zoom(moment):
    """Zoom's notation of a UTC moment: ``2026-05-31T00:00:00Z``, or None."""
    return moment and moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def next_midnight(moment):
    """The next 00:00 UTC after a moment: when the daily limits are reset."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + dt.timedelta(days=1)
