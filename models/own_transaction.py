# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import random
import time
from contextlib import contextmanager
from functools import partial

import psycopg2
from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL

# Refused by a constraint that holds for two transactions at once.
ENTERED_BY_OTHERS = (UniqueViolation, ExclusionViolation)


def lock_rows(records, wait=True):
    """Lock the records' rows until the transaction ends.

    Whoever changes rows that somebody else may be changing locks them first: here a
    transaction that was slower fails without a line in the log, and it fails before
    it has done its work. It keeps nobody from referring to the rows.

    :param bool wait: for whoever has them; else those that somebody has are left out
    :return: the records that are not left out
    :raise psycopg2.errors.SerializationFailure: somebody has changed them meanwhile
    """
    if not records:
        return records
    cr = records.env.cr
    # To have been slower than another worker is no error: one tries again.
    with unlogged(cr):
        if not wait:
            return records.try_lock_for_update(allow_referencing=True)
        # Together: each statement of its own would be one more way to the database.
        records.env.execute_query(
            SQL(
                "SET LOCAL lock_timeout = '45s';"
                "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                SQL.identifier(records._table),
                tuple(records.ids),
            )
        )
    return records


@contextmanager
def unlogged(cr):
    """Let no statement be logged that fails in here.

    Odoo logs it with its values. The exception goes on to whoever can tell whether
    it is an error, or only another transaction that was quicker.
    """
    if "execute" in vars(cr):
        yield
        return
    cr.execute = partial(cr.execute, log_exceptions=False)
    try:
        yield
    finally:
        # The method of the class shows again.
        del cr.execute


def in_own_transaction(records, method, *args):
    """Call ``records.method(*args)`` in a short transaction of its own.

    Odoo runs at REPEATABLE READ: whoever updates a row that another transaction
    has changed meanwhile gets a serialization failure instead of the new value, and
    who enters what another one has just entered is refused without having seen it.
    So the call is repeated in a new transaction, which reads again.

    :param records: recordset, given to the method in the new environment
    :param str method: its name; returns plain values, no records
    :return: what the method returned, after its transaction was committed
    :raise psycopg2.Error: when it failed five times in a row, or was refused twice
    """
    for attempt in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
        try:
            with records.env.registry.cursor() as cr:
                return getattr(records.with_env(records.env(cr=cr)), method)(*args)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, *ENTERED_BY_OTHERS) as error:
            refused = isinstance(error, ENTERED_BY_OTHERS)
            if attempt == (2 if refused else MAX_TRIES_ON_CONCURRENCY_FAILURE):
                raise
            time.sleep(random.uniform(0.0, 0.05 * 2**attempt))


def describe(error):
    """An exception for the log: the database's own one without the row's values."""
    if isinstance(error, psycopg2.Error):
        return f"{type(error).__name__}: {error.diag.message_primary or ''}"
    return repr(error)
