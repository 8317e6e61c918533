# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Keep that staff had a link sent: the first entry counts now, not the one before."""
    if not column_exists(cr, "resource_booking", "link_asked_after"):
        return
    cr.execute(
        "ALTER TABLE resource_booking RENAME COLUMN link_asked_after TO link_asked_from"
    )
    cr.execute(
        "UPDATE resource_booking SET link_asked_from = link_asked_from + 1 "
        "WHERE link_asked_from IS NOT NULL"
    )
