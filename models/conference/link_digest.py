# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What tells a link, or an address, from another without being one.

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


def address_digest(partner):
    """Of the address that mails to a contact go to.

    Of several addresses it is the text as it was entered.

    :return str: hexadecimal
    """
    return sha256(
        (partner.email_normalized or partner.email or "").encode()
    ).hexdigest()


def sql_address_digest(partner):
    """The same as an SQL expression.

    :param SQL partner: table or alias of res_partner
    """
    return SQL(
        "encode(sha256(convert_to(coalesce(nullif(%(partner)s.email_normalized, ''), "
        "%(partner)s.email, ''), 'UTF8')), 'hex')",
        partner=partner,
    )


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
