# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.exceptions import UserError

TOKEN_FIELDS = ("access_token", "refresh_token")


def refuse_export(env, paths, secrets):
    """Keep secrets out of files, also those of administrators, who may read them.

    :param list paths: what is to be exported, each a list of field names
    :param secrets: names of fields
    :raise UserError: one of them is a secret
    """
    for path in paths:
        if path and path[0] in secrets:
            raise UserError(
                env._(
                    "Secrets and tokens cannot be exported. Please take the field "
                    "“%(field)s” off the list.",
                    field=path[0],
                )
            )
