# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """A problem without next try is tried no more: what was not parked goes on."""
    cr.execute(
        """
        UPDATE booking_zoom_meeting
           SET next_attempt = now() AT TIME ZONE 'UTC'
         WHERE problem IS NOT NULL
           AND problem NOT IN ('no_host', 'host_inactive', 'not_linked')
           AND next_attempt IS NULL
           AND parked IS NOT TRUE
           AND state <> 'removed'
        """
    )
    # What was parked and had got another problem since is tried once more.
    cr.execute("ALTER TABLE booking_zoom_meeting DROP COLUMN parked")
