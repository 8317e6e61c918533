# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many records by SQL, for the tests and for ``dev/bench``."""

from odoo.tools import SQL


def clone(record, count, **values):
    """Copy a record's database row.

    :param values: column -> value or SQL, in which ``n`` counts from 0
    :return SQL: the id of the nth copy
    """
    cr, table = record.env.cr, record._table
    cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = %s AND column_name <> 'id'",
        [table],
    )
    columns = {name: SQL("t.%s", SQL.identifier(name)) for (name,) in cr.fetchall()}
    columns.update(values)
    cr.execute(
        SQL(
            "SELECT setval(%s, nextval(%s) + %s) - %s",
            f"{table}_id_seq",
            f"{table}_id_seq",
            count,
            count,
        )
    )
    new_id = SQL("%s + n", cr.fetchone()[0])
    cr.execute(
        SQL(
            "INSERT INTO %s (id, %s) SELECT %s, %s "
            "FROM %s t, generate_series(0, %s - 1) n WHERE t.id = %s",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            new_id,
            SQL(", ").join(
                value if isinstance(value, SQL) else SQL("%s", value)
                for value in columns.values()
            ),
            SQL.identifier(table),
            count,
            record.id,
        )
    )
    return new_id
