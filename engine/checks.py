# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What can be told of an installation from a few values. Pure functions."""

from datetime import timedelta
from urllib.parse import urlsplit

from .setup_steps import is_loopback

# A scheduled action is late when it should have begun this long ago. Odoo wakes its workers
# every minute, and one run takes a few minutes at most.
LATE_AFTER = timedelta(minutes=15)
# Why a scheduled action does not do its work, see ``why_stopped``.
STOPPED = ("off", "late", "failing")

PORTS = {"http": 80, "https": 443}


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


def why_stopped(action, now):
    """Why a scheduled action does not do its work.

    :param action: has the fields of ir.cron that are read here
    :param now: naive UTC
    :return: None, or ``off``, ``late`` (no worker runs it), ``failing`` (at each run)
    """
    if not action.active:
        return "off"
    if action.nextcall and action.nextcall < now - LATE_AFTER:
        return "late"
    failing_since = action.first_failure_date
    return "failing" if failing_since and failing_since < now - LATE_AFTER else None
