# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tools import SQL, sql

# Table and column that said that an administrator was told -> what an alert says now, as
# expressions of that table: account, cause, key, since, told_count.
MARKS = {
    ("booking_zoom_request_count", "alerted_at"): (
        "(SELECT account_id FROM booking_zoom_user WHERE id = mark.zoom_user_id)",
        "'daily_limit'",
        "id::text",
        "alerted_at",
        "1",
    ),
    ("booking_zoom_request_count", "cleared_at"): (
        "(SELECT account_id FROM booking_zoom_user WHERE id = mark.zoom_user_id)",
        "'limit_cleared'",
        "id::text",
        "cleared_at",
        "1",
    ),
    ("booking_zoom_account", "gone_since"): (
        "id",
        "'meetings_gone'",
        "id::text",
        "gone_since",
        "1",
    ),
    ("booking_zoom_account", "shared_link_since"): (
        "id",
        "'shared_link'",
        "id::text",
        "shared_link_since",
        "1",
    ),
    ("booking_zoom_account", "broken_since"): (
        "id",
        "'connection_lost'",
        "id::text",
        "broken_since",
        "COALESCE(broken_mails, 0)",
    ),
    ("booking_zoom_user", "lost_told"): (
        "account_id",
        "CASE lost_told WHEN 'refused' THEN 'hosts_refused' ELSE 'hosts_lost' END",
        "CASE lost_told WHEN 'refused' THEN id::text ELSE id || ' ' || lost_told END",
        "now() AT TIME ZONE 'UTC'",
        "1",
    ),
}


def migrate(cr, version):
    """What administrators were told before they are not told again."""
    for (table, column), values in MARKS.items():
        # Not every 19.0.1.x had all of them.
        if not sql.column_exists(cr, table, column):
            continue
        cr.execute(
            SQL(
                """
                INSERT INTO booking_zoom_alert
                            (account_id, cause, key, since, told_count,
                             create_uid, create_date, write_uid, write_date)
                     SELECT %s, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
                       FROM %s mark
                      WHERE %s IS NOT NULL
                ON CONFLICT DO NOTHING
                """,
                SQL(", ").join(SQL(value) for value in values),
                SQL.identifier(table),
                SQL.identifier(column),
            )
        )
