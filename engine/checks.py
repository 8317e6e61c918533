# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What can be told of an installation from a few values. Pure functions."""

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from .setup_steps import is_loopback

# A scheduled action is late when it should have begun this long ago. Odoo wakes its workers
# every minute, and one run takes a few minutes at most.
LATE_AFTER = timedelta(minutes=15)

PORTS = {"http": 80, "https": 443}


class Action(NamedTuple):
    """A scheduled action."""

    name: str
    active: bool
    due_at: object  # datetime, naive UTC


class LateActions(NamedTuple):
    switched_off: tuple  # names
    late: tuple


def compare_addresses(configured, browsed):
    """
    :param str configured: Odoo's address as it stands in mails and in Zoom
    :param str browsed: the one in the browser; empty if that is not known
    :return str: what is wrong with the first one: ``loopback``, ``http``, ``differs``;
        empty if nothing is
    """
    if is_loopback(configured):
        return "loopback"
    if urlsplit(configured).scheme != "https":
        return "http"
    if browsed and _get_origin(configured) != _get_origin(browsed):
        return "differs"
    return ""


def _get_origin(address):
    parts = urlsplit(address.lower())
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def find_late_actions(actions, now):
    """
    :param actions: iterable of Action
    :param now: naive UTC
    :rtype: LateActions
    """
    actions = list(actions)
    return LateActions(
        tuple(one.name for one in actions if not one.active),
        tuple(
            one.name
            for one in actions
            if one.active and one.due_at and one.due_at < now - LATE_AFTER
        ),
    )
