# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """Let an index of the same name take the constraint's place.

    The platform would take the constraint's own index for it, and keep that.
    """
    cr.execute(
        """
        ALTER TABLE booking_zoom_reminder
            DROP CONSTRAINT IF EXISTS booking_zoom_reminder_once
        """
    )
