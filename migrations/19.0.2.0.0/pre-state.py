# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What a meeting row remembers is said by fewer fields.

A database may come from any earlier version: a column that came later is not there.
"""

from odoo.tools import SQL, sql

TABLE = "booking_zoom_meeting"


def migrate(cr, version):
    rename(cr, TABLE, "mark", "correlation_key")
    convert_claims(cr)
    convert_misses(cr)
    convert_answers(cr)
    convert_waiting(cr)


def rename(cr, table, old, new):
    if sql.column_exists(cr, table, old) and not sql.column_exists(cr, table, new):
        sql.rename_column(cr, table, old, new)


def add(cr, name, column_type):
    if not sql.column_exists(cr, TABLE, name):
        sql.create_column(cr, TABLE, name, column_type)


def drop(cr, *names):
    for name in names:
        cr.execute(
            SQL(
                "ALTER TABLE %s DROP COLUMN IF EXISTS %s",
                SQL.identifier(TABLE),
                SQL.identifier(name),
            )
        )


def convert_claims(cr):
    """A claim was its end, and is its start."""
    if not sql.column_exists(cr, TABLE, "claimed_until"):
        return
    rename(cr, TABLE, "claimed_until", "claimed_at")
    cr.execute(
        """
        UPDATE booking_zoom_meeting
           SET claimed_at = claimed_at - interval '3 minutes'
         WHERE claimed_at IS NOT NULL
        """
    )


def convert_misses(cr):
    """How often Zoom did not find a meeting becomes since when."""
    add(cr, "missing_since", "timestamp")
    for counter, condition in (
        ("gone_count", SQL("gone_count > 0")),
        (
            "search_misses",
            SQL("search_misses > 0 AND unanswered_since IS NOT NULL"),
        ),
    ):
        if sql.column_exists(cr, TABLE, counter):
            cr.execute(
                SQL(
                    """
                    UPDATE booking_zoom_meeting
                       SET missing_since = (now() AT TIME ZONE 'UTC')::timestamp(0)
                     WHERE %s
                    """,
                    condition,
                )
            )
            drop(cr, counter)


def convert_answers(cr):
    """What Zoom made of a meeting stands in one field."""
    if not sql.column_exists(cr, TABLE, "answered_start"):
        return
    add(cr, "answered", "jsonb")
    cr.execute(
        """
        UPDATE booking_zoom_meeting
           SET answered = jsonb_strip_nulls(jsonb_build_object(
                   'start', to_char(answered_start, 'YYYY-MM-DD HH24:MI:SS'),
                   'duration', NULLIF(answered_duration, 0),
                   'topic', answered_topic))
         WHERE answered_start IS NOT NULL
            OR answered_duration > 0
            OR answered_topic IS NOT NULL
        """
    )
    drop(cr, "answered_start", "answered_duration", "answered_topic")


def convert_waiting(cr):
    """Since when something waits: for the meeting while there is none, else a reading."""
    # Before the model does, which would fill it on every row.
    add(cr, "awaited_since", "timestamp")
    if not sql.column_exists(cr, TABLE, "wanted_at"):
        return
    cr.execute(
        """
        UPDATE booking_zoom_meeting
           SET awaited_since = wanted_at
         WHERE state = 'waiting'
        """
    )
    drop(cr, "wanted_at")
