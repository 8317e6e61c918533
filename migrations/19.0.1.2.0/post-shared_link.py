# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """Have meetings read at once whose link is not their own, or that no link fits.

    Hosts who schedule with the personal meeting ID had one room for all their meetings.
    """
    cr.execute(
        """
        UPDATE booking_zoom_meeting
           SET check_at = now() AT TIME ZONE 'UTC'
         WHERE state IN ('ready', 'changed')
           AND stop > now() AT TIME ZONE 'UTC'
           AND (join_url !~ ('/j/' || zoom_id || '/?([?#]|$)')
                OR zoom_id IN (SELECT zoom_id
                                 FROM booking_zoom_meeting
                                WHERE state <> 'removed'
                                  AND stop > now() AT TIME ZONE 'UTC'
                             GROUP BY zoom_id
                               HAVING count(*) > 1))
        """
    )
