# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What tells an address from another without being one.

Once in Python, once in SQL; a test keeps them equal.
"""

from hashlib import sha256

from odoo.tools import SQL


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
