# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""When an administrator is told of something: once, again while it lasts, or no more.

Pure functions.
"""

from datetime import datetime, timedelta
from typing import NamedTuple


class Rule(NamedTuple):
    """How often a cause is told."""

    # A mail is due when the cause has lasted for so long.
    told_after: tuple = (timedelta(0),)
    # If a cause is over and returns within this time, nobody is told again.
    remembered: timedelta = timedelta(0)


class Told(NamedTuple):
    """What was told of one subject of a cause."""

    since: datetime
    told_count: int


class Decision(NamedTuple):
    told_counts: dict  # key of a subject that is to be told now -> its mails so far
    forget: list  # keys of subjects that are over


def decide_alerts(rule, subjects, told, now):
    """
    :param dict subjects: of the cause, as it is now: key -> whether anybody cares
    :param dict told: key -> Told
    :rtype: Decision
    """
    told_counts = {}
    for key, concerns_somebody in subjects.items():
        since, told_count = told.get(key, (now, 0))
        # Mails that were missed are not sent later.
        due = sum(now - since >= age for age in rule.told_after)
        if concerns_somebody and due > told_count:
            told_counts[key] = due
    forget = [
        key
        for key, (since, _told_count) in told.items()
        if key not in subjects and now - since >= rule.remembered
    ]
    return Decision(told_counts, forget)
