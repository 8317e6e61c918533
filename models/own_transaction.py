# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
import time

from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL


def lock_rows(records):
    """Lock the records' rows until the transaction ends; waits for whoever has them.

    To be called before secrets are written: Odoo logs a statement that fails, with
    its values, and after this one an UPDATE does not fail for another transaction.
    It keeps nobody from referring to the rows.

    :raise psycopg2.errors.SerializationFailure: somebody has changed them meanwhile
    """
    if not records:
        return
    records.env.cr.execute(SQL("SET LOCAL lock_timeout = '45s'"))
    records.env.cr.execute(
        SQL(
            "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
            SQL.identifier(records._table),
            tuple(records.ids),
        ),
        # To have been slower than another worker is no error: one tries again.
        log_exceptions=False,
    )


def in_own_transaction(records, method, *args):
    """Call ``records.method(*args)`` in a short transaction of its own.

    Odoo runs at REPEATABLE READ: whoever updates a row that another transaction
    has changed meanwhile gets a serialization failure instead of the new value.
    So the call is repeated in a new transaction, which reads again.

    :param records: recordset, given to the method in the new environment
    :param str method: its name; returns plain values, no records
    :return: what the method returned, after its transaction was committed
    :raise psycopg2.OperationalError: when it failed five times in a row
    """
    for attempt in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
        try:
            with records.env.registry.cursor() as cr:
                return getattr(records.with_env(records.env(cr=cr)), method)(*args)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            if attempt == MAX_TRIES_ON_CONCURRENCY_FAILURE:
                raise
            time.sleep(random.uniform(0.0, 0.05 * 2**attempt))
