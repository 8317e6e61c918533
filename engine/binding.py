# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Proposals for who hosts which resource. Pure functions."""

from collections import defaultdict
from typing import NamedTuple


class Need(NamedTuple):
    """What the bookings of a resource need of the requests of a day."""

    last_week: int  # bookings of the seven days before today
    next_week: int  # of the seven days from today on
    busiest_day: int  # most bookings of one of these days


def match_by_email(people, hosts):
    """Which host has the e-mail address of which person.

    :param dict people: key -> addresses, normalized
    :param dict hosts: key -> address, normalized; an address of two hosts decides nothing
    :return dict: key of the person -> key of the host; without those who have none, or
        whose addresses lead to several
    """
    by_address = defaultdict(list)
    for host, address in hosts.items():
        if address:
            by_address[address].append(host)
    found = {}
    for person, addresses in people.items():
        matches = {host for one in addresses for host in by_address.get(one, ())}
        if len(matches) == 1:
            found[person] = matches.pop()
    return found


def get_need(by_day, today):
    """
    :param dict by_day: date -> number of bookings
    :param date today:
    :rtype: Need
    """
    return Need(
        sum(count for day, count in by_day.items() if day < today),
        sum(count for day, count in by_day.items() if day >= today),
        max(by_day.values(), default=0),
    )
