# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Keeps the requests of one Zoom account below its limits per second.

Zoom has a limit for each category of calls. Its texts do not agree on the category of
a call, so the one counts that its answers name.
"""

import threading
import time
from collections import deque
from math import inf

from ..const import REQUESTS_PER_SECOND

# Seconds in which no more requests are made than Zoom admits in one: they do not all
# take equally long to get there.
WINDOW = 1.03
# Of a call that Zoom has not answered yet.
UNKNOWN = "Medium"

_pacers = {}
_lock = threading.Lock()


class Pacer:
    """Lets callers through, so many in a second; what a pause left over is made up.

    :param dict per_second: category -> requests that the account admits per second
    """

    def __init__(self, per_second):
        self._turns = {
            category: deque([-inf] * number, maxlen=number)
            for category, number in per_second.items()
        }
        self._categories = {}  # call -> category
        self._lock = threading.Lock()

    def wait(self, call):
        """Return when the caller may make its request.

        :param str call: names the kind of request
        """
        with self._lock:
            now = time.monotonic()
            queues = self._get_queues(call)
            at = max(now, *(max(turns[0] + WINDOW, turns[-1]) for turns in queues))
            for turns in queues:
                turns.append(at)
        time.sleep(at - now)

    def learn(self, call, category):
        """Note to which category Zoom says that the call belongs.

        :param str category: as an answer names it, may be empty or unknown
        """
        category = (category or "").strip().capitalize()
        if category in self._turns:
            self._categories[call] = category

    def get_turns(self):
        """The turns that count for the next ones.

        :return dict: category -> seconds from now on; those that are to come are positive
        """
        with self._lock:
            now = time.monotonic()
            return {
                category: [round(at - now, 3) for at in turns if at > now - WINDOW]
                for category, turns in self._turns.items()
            }

    def take_over(self, turns, pending, ago):
        """Count the turns of another process, too.

        :param dict turns: see get_turns
        :param int pending: requests that it may have sent besides, until now
        :param float ago: seconds since it noted that
        """
        with self._lock:
            now = time.monotonic()
            for category, mine in self._turns.items():
                theirs = [now - ago + at for at in turns.get(category, ())]
                mine.extend(sorted([*mine, *theirs, *[now] * pending])[-mine.maxlen :])

    def _get_queues(self, call):
        """What the request counts for.

        Zoom may count a call that is not known yet in any category, and it goes at
        the pace that most of Zoom's texts have for it.
        """
        category = self._categories.get(call)
        if category:
            return [self._turns[category]]
        slow = len(self._turns[UNKNOWN])
        return [turns for turns in self._turns.values() if len(turns) >= slow]


def get_pacer(account_id, plan):
    """Return the pacer of an account, one per process.

    :param str account_id: Zoom's account id
    :param str plan: ``free``, ``pro`` or ``business``; another one makes a new pacer
    """
    with _lock:
        return _pacers.setdefault((account_id, plan), Pacer(REQUESTS_PER_SECOND[plan]))
