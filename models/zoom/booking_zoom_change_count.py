# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...utils import delete_some

# How many of the reserved requests one booking can use each day.
RESERVE_USES = 2
# Only the counts of today are read.
DAYS_KEPT = timedelta(days=7)


class BookingZoomChangeCount(models.Model):
    """Creations and updates per booking and UTC day.

    A booking that gets another Zoom user, or is cancelled and restored, gets another
    meeting. This row remembers how many of the day's requests the booking has used.
    """

    _name = "booking.zoom.change.count"
    _inherit = ["booking.unlogged"]
    _description = "Zoom Requests per Booking and Day"
    _rec_name = "booking_id"

    booking_id = fields.Many2one("resource.booking", required=True, ondelete="cascade")
    date = fields.Date(string="Day (UTC)", required=True, index=True)
    create_count = fields.Integer(string="Creations", default=0, required=True)
    update_count = fields.Integer(string="Changes", default=0, required=True)
    reserve_count = fields.Integer(string="Of the reserve", default=0, required=True)
    last_at = fields.Datetime(string="Last request", required=True)

    _booking_date_unique = models.Constraint(
        "UNIQUE(booking_id, date)", "There is one count per booking and day."
    )

    @api.model
    def _get_today(self, bookings):
        """Today's counts of these bookings: booking -> count, possibly empty."""
        found = self.search(
            [
                ("booking_id", "in", bookings.ids),
                ("date", "=", fields.Datetime.now().date()),
            ]
        )
        counts = {count.booking_id: count for count in found}
        none = dict.fromkeys([*bookings, bookings.browse()], self.browse())
        return {**none, **counts}

    def _may_use_reserve(self):
        return not self or self.reserve_count < RESERVE_USES

    @api.model
    def _note(self, booking, kind, of_reserve):
        """Count a request before it is sent.

        :param booking: resource.booking
        :param str kind: ``create`` or ``update``
        :param bool of_reserve: whether it is one of those reserved for imminent bookings
        """
        created, updated = (1, 0) if kind == "create" else (0, 1)
        now = fields.Datetime.now()
        self._execute_unlogged(
            SQL(
                """
                INSERT INTO booking_zoom_change_count AS count
                       (booking_id, date, create_count, update_count, reserve_count,
                        last_at, create_date, write_date)
                VALUES (%(booking)s, %(today)s, %(created)s, %(updated)s, %(reserve)s,
                        %(now)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                    ON CONFLICT (booking_id, date) DO UPDATE
                   SET create_count = count.create_count + %(created)s,
                       update_count = count.update_count + %(updated)s,
                       reserve_count = count.reserve_count + %(reserve)s,
                       last_at = %(now)s,
                       write_date = now() AT TIME ZONE 'UTC'
             RETURNING id
                """,
                booking=booking.id,
                today=now.date(),
                created=created,
                updated=updated,
                reserve=int(of_reserve),
                now=now,
            )
        )

    @api.model
    def _give_back(self, booking, kind, date, of_reserve):
        """Take back the count of a request that Zoom certainly did not execute."""
        count = self.search([("booking_id", "=", booking.id), ("date", "=", date)])
        column = f"{kind}_count"
        if count[column]:
            count.write(
                {
                    column: count[column] - 1,
                    "reserve_count": max(count.reserve_count - of_reserve, 0),
                }
            )

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now().date() - DAYS_KEPT
        return delete_some(self, [("date", "<", before)])
