# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What tells one link from another without being one: of URL and passcode.

Once in Python, once in SQL; a test keeps them equal.
"""

from hashlib import sha256

from odoo.tools import SQL


def link_digest(url, passcode):
    """
    :param str url:
    :param passcode: str, or None or False where there is none
    :return str: hexadecimal
    """
    return sha256(f"{url}\n{passcode or ''}".encode()).hexdigest()


def sql_link_digest(url, passcode):
    """The same as an SQL expression.

    :param SQL url:
    :param SQL passcode: may be NULL
    """
    return SQL(
        "encode(sha256(convert_to(%s || chr(10) || coalesce(%s, ''), 'UTF8')), 'hex')",
        url,
        passcode,
    )
