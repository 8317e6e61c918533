# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tools import SQL

# Of bookings, which filters and exports of other models reach by a path.
FIELDS = {
    "zoom_state": "join_link_state",
    "zoom_color": "join_link_color",
    "zoom_problem_message": "join_link_problem",
}
STORED = {
    "ir_filters": ("domain", "context", "sort"),
    "ir_exports_line": ("name",),
}


def migrate(cr, version):
    """Let filters and exports that people have stored name the state of any tool's link."""
    for table, columns in STORED.items():
        for column in columns:
            for old, new in FIELDS.items():
                cr.execute(
                    SQL(
                        "UPDATE %(table)s SET %(column)s ="
                        " regexp_replace(%(column)s, %(old)s, %(new)s, 'g')"
                        " WHERE %(column)s ~ %(old)s",
                        table=SQL.identifier(table),
                        column=SQL.identifier(column),
                        old=rf"\m{old}\M",
                        new=new,
                    )
                )
    cr.execute(
        """
        UPDATE ir_exports_line line
           SET name = 'conference_warning'
          FROM ir_exports export
         WHERE export.id = line.export_id
           AND export.resource = 'resource.booking.type'
           AND line.name = 'zoom_message'
        """
    )
