# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from dataclasses import fields as fields_of

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from ...engine.attendance import (
    EARLY,
    HOST_WAIT,
    Attendance,
    is_host_awaited,
    is_of_booking,
)

# What happened -> fields for the host, for a customer, for both.
TOLD = {
    "started": ("started_at",),
    "ended": ("ended_at",),
    "host joined": ("host_joined_at", "host_seen_at"),
    "host left": ("host_left_at",),
    "customer joined": ("customer_joined_at", "customer_seen_at"),
}
# Of these fields the first time is kept, of the others the last.
FIRST = ("started_at", "host_joined_at", "customer_joined_at")
TIMES = tuple(field.name for field in fields_of(Attendance))


class BookingZoomAttendance(models.Model):
    """When people came to a meeting, as Zoom reports it. Times only: nobody is named.

    A row of its own per meeting, since the meeting's row may be locked for longer than
    Zoom waits for an answer. First and last times are kept, so Zoom may repeat events
    and send them in any order.
    """

    _name = "booking.zoom.attendance"
    _inherit = ["booking.unlogged"]
    _description = "Attendance of a Zoom Meeting"
    _log_access = False

    zoom_meeting_id = fields.Many2one(
        "booking.zoom.meeting", required=True, ondelete="cascade"
    )
    zoom_account_id = fields.Many2one(
        "booking.zoom.account", required=True, index=True, ondelete="cascade"
    )
    started_at = fields.Datetime()
    host_joined_at = fields.Datetime()
    host_seen_at = fields.Datetime()
    host_left_at = fields.Datetime()
    customer_joined_at = fields.Datetime()
    customer_seen_at = fields.Datetime()
    ended_at = fields.Datetime()

    _one_per_meeting = models.UniqueIndex(
        "(zoom_meeting_id)", "A meeting has one attendance."
    )

    # === RECORDING === #

    @api.model
    def _record(self, rows, event):
        """Note what Zoom reports of these meetings.

        :param rows: booking.zoom.meeting, current ones
        :param Event event: one of the ATTENDANCE_EVENTS
        """
        now = fields.Datetime.now()
        moment = min(event.happened_at or now, now)
        for row in rows.filtered(
            lambda row: is_of_booking(moment, row.start, row.stop)
        ):
            names = TOLD.get(self._get_happening(row, event))
            if names:
                self._note(row, dict.fromkeys(names, moment))
                if event.attendance == "joined":
                    self._tell_booking(row)

    @api.model
    def _get_happening(self, row, event):
        """What happened, a key of TOLD; that a customer left is none.

        A customer may leave because the host is absent, and of several customers one
        may leave.
        """
        if not event.participant:
            return event.attendance
        is_host = self._is_host(row, event.participant)
        return f"{'host' if is_host else 'customer'} {event.attendance}"

    @api.model
    def _is_host(self, row, participant):
        """Whether this is the host, or a colleague who has a Zoom user as well.

        :param Participant participant:
        """
        if participant.is_host or not participant.zoom_id:
            return participant.is_host
        colleagues = row.zoom_user_id.account_id.zoom_user_ids
        if participant.zoom_id not in colleagues.mapped("zoom_id"):
            return False
        requesters = row.booking_id.partner_ids.mapped("email_normalized")
        return email_normalize(participant.email) not in requesters

    @api.model
    def _note(self, row, times):
        """Keep the first and the last times; forget those of the booking's former time.

        :param row: one booking.zoom.meeting
        :param dict times: field name -> naive UTC
        """
        since = row.start - EARLY
        kept = SQL(", ").join(
            SQL(
                "%(name)s = %(pick)s("
                "CASE WHEN known.%(name)s >= %(since)s THEN known.%(name)s END, "
                "EXCLUDED.%(name)s)",
                name=SQL.identifier(name),
                pick=SQL("LEAST") if name in FIRST else SQL("GREATEST"),
                since=since,
            )
            for name in TIMES
        )
        self._execute_unlogged(
            SQL(
                """
                INSERT INTO booking_zoom_attendance AS known
                            (zoom_meeting_id, zoom_account_id, %(names)s)
                     VALUES (%(meeting)s, %(account)s, %(times)s)
                ON CONFLICT (zoom_meeting_id) DO UPDATE SET %(kept)s
                  RETURNING id
                """,
                names=SQL(", ").join(map(SQL.identifier, TIMES)),
                meeting=row.id,
                account=row.zoom_user_id.account_id.id,
                times=SQL(", ").join(SQL("%s", times.get(name)) for name in TIMES),
                kept=kept,
            )
        )

    @api.model
    def _tell_booking(self, row):
        """Have the booking looked at when it may be time to tell its staff, or over."""
        now = fields.Datetime.now()
        if self._get_of(row)[row].customer_seen_at and now < row.stop:
            row.booking_id._on_attendance_changed(max(now, row.start + HOST_WAIT))

    # === READING === #

    @api.model
    def _get_of(self, rows):
        """What is known of each of these meetings.

        :param rows: booking.zoom.meeting
        :return dict: row -> Attendance
        """
        known = self.sudo().search([("zoom_meeting_id", "in", rows.ids)])
        told = {one.zoom_meeting_id: one._snapshot() for one in known}
        return {
            row: told[row].of_booking(row.start) if row in told else Attendance()
            for row in rows
        }

    def _snapshot(self):
        return Attendance(**{name: self[name] or None for name in TIMES})

    @api.model
    def _get_awaiting(self):
        """Current meetings to which a customer has come and the host has not.

        :return: booking.zoom.meeting
        """
        now = fields.Datetime.now()
        meetings = self.env["booking.zoom.meeting"]
        found = self.search(
            [
                ("customer_seen_at", "!=", False),
                ("zoom_meeting_id.state", "in", ("ready", "changed")),
                ("zoom_meeting_id.start", "<=", now - HOST_WAIT),
                ("zoom_meeting_id.stop", ">", now),
            ]
        )
        told = self._get_of(found.zoom_meeting_id)
        return meetings.union(
            *(
                row
                for row, attendance in told.items()
                if is_host_awaited(attendance, row.start, row.stop, now)
            )
        )
