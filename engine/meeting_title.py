# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The title of a meeting, from a text with placeholders. Pure functions."""

import re

TYPE, NUMBER, RESOURCE, CUSTOMER = "type", "number", "resource", "customer"
PLACEHOLDERS = (TYPE, NUMBER, RESOURCE, CUSTOMER)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def find_unknown(title):
    """What stands in braces in the text and is no placeholder.

    :param str title: with placeholders
    :return list: without the braces
    """
    found = _PLACEHOLDER.findall(title or "")
    return [name for name in found if name not in PLACEHOLDERS]


def tells_customer(title):
    """Whether the text has the placeholder of the customer's name."""
    return CUSTOMER in _PLACEHOLDER.findall(title or "")


def fill_title(title, values):
    """The title, one line.

    What is filled in is not searched for placeholders again.

    :param str title: with placeholders
    :param dict values: placeholder -> text or nothing; one that lacks stays as it is
    :rtype: str
    """
    filled = _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]) or "", title)
    return " ".join(filled.split())
