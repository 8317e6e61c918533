# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...utils import delete_some

HOUR = timedelta(hours=1)


class BookingZoomHour(models.Model):
    """An hour of a person or room, written by each who books it with a list of hosts.

    With one Zoom user for each, the database refuses the second booking of the same
    moment. Where there are several, it would get another one. Whoever books another
    hour is not hindered.
    """

    _name = "booking.zoom.hour"
    _inherit = ["booking.unlogged"]
    _description = "Hour of a Resource"
    _rec_name = "resource_id"

    resource_id = fields.Many2one(
        "resource.resource", required=True, index=True, ondelete="cascade"
    )
    start = fields.Datetime(string="Start time", required=True, index=True)

    _resource_start_unique = models.Constraint(
        "UNIQUE(resource_id, start)", "There is one row per resource and hour."
    )

    @api.model
    def _take(self, wanted):
        """Let nobody else book these persons and rooms at these times in the same moment.

        :param dict wanted: resource.booking -> values of its meeting row
        :raise psycopg2.errors.SerializationFailure: somebody has; Odoo repeats the
            request, which then sees what is free
        """
        # In one order, so that nobody waits for whoever waits for oneself.
        hours = sorted(
            {
                (resource.id, hour)
                for booking, values in wanted.items()
                for resource in booking.sudo().combination_id.resource_ids
                for hour in _list_hours(values["start"], values["duration"])
            }
        )
        if hours:
            self._execute_unlogged(
                SQL(
                    """
                    SET LOCAL lock_timeout = '45s';
                    INSERT INTO booking_zoom_hour
                           (resource_id, start, create_date, write_date)
                    VALUES %s
                        ON CONFLICT (resource_id, start) DO UPDATE
                       SET write_date = EXCLUDED.write_date
                 RETURNING id
                    """,
                    SQL(", ").join(
                        SQL(
                            "(%s, %s, now() AT TIME ZONE 'UTC', "
                            "now() AT TIME ZONE 'UTC')",
                            *hour,
                        )
                        for hour in hours
                    ),
                )
            )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_over(self):
        return delete_some(self, [("start", "<", fields.Datetime.now() - 24 * HOUR)])


def _list_hours(start, minutes):
    """The hours that a meeting touches, by their beginnings."""
    hour, stop = start.replace(minute=0, second=0, microsecond=0), start
    stop += timedelta(minutes=minutes)
    while hour < stop:
        yield hour
        hour += HOUR
