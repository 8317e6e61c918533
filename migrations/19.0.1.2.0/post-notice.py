# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Of what staff were told before, they are not told again."""
    for cause, condition in (
        ("link_missing", "row.missing_told_for = booking.start"),
        ("link_kept", "row.kept_told_at IS NOT NULL"),
    ):
        cr.execute(
            f"""
            INSERT INTO booking_conference_notice
                        (booking_id, cause, start, detail, told_at,
                         create_uid, create_date, write_uid, write_date)
                 SELECT booking.id, %s, booking.start, '', row.write_date,
                        row.write_uid, row.write_date, row.write_uid, row.write_date
                   FROM booking_zoom_meeting row
                   JOIN resource_booking booking ON booking.id = row.booking_id
                  WHERE {condition}
            ON CONFLICT DO NOTHING
            """,
            [cause],
        )
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in ("mail_template_link_missing", "mail_template_link_kept"):
        template = env.ref(f"resource_booking_zoom.{name}", raise_if_not_found=False)
        if template:
            template.unlink()
