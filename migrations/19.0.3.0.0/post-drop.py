# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """Drop what earlier versions left: their own scripts have read it by now."""
    cr.execute("ALTER TABLE booking_zoom_account DROP COLUMN IF EXISTS gone_since")
    cr.execute(
        "ALTER TABLE booking_zoom_request_count DROP COLUMN IF EXISTS alerted_at"
    )
    cr.execute("DROP INDEX IF EXISTS booking_conference_mail__meeting_id_index")
