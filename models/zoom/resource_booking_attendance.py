# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import STAFF
from ...engine.attendance import EARLY, NOBODY_WAIT, Attendance, get_end


class ResourceBooking(models.Model):
    """Who has come to the booking's meeting, where Zoom reports it."""

    _inherit = "resource.booking"

    attendance_reported = fields.Boolean(
        compute="_compute_attendance",
        groups=STAFF,
        help="Zoom reports who comes to this meeting.",
    )
    attendance_started_at = fields.Datetime(
        string="Meeting started", compute="_compute_attendance", groups=STAFF
    )
    attendance_host_at = fields.Datetime(
        string="Host came", compute="_compute_attendance", groups=STAFF
    )
    attendance_customer_at = fields.Datetime(
        string="Customer came", compute="_compute_attendance", groups=STAFF
    )
    attendance_ended_at = fields.Datetime(
        string="Meeting ended", compute="_compute_attendance", groups=STAFF
    )
    nobody_came = fields.Boolean(
        compute="_compute_nobody_came",
        search="_search_nobody_came",
        groups=STAFF,
        help="Fifteen minutes after the start no customer has come to the meeting.",
    )

    # === COMPUTE METHODS === #

    @api.depends("zoom_meeting_ids.state", "zoom_meeting_ids.start")
    def _compute_attendance(self):
        rows = self.sudo().zoom_meeting_id
        told = self.env["booking.zoom.attendance"]._get_of(rows)
        for booking in self:
            row = booking.sudo().zoom_meeting_id
            attendance = told.get(row, Attendance())
            secret = row.zoom_user_id.account_id.webhook_secret
            booking.attendance_reported = bool(row and secret)
            booking.attendance_started_at = attendance.started_at
            booking.attendance_host_at = attendance.host_joined_at
            booking.attendance_customer_at = attendance.customer_joined_at
            booking.attendance_ended_at = get_end(attendance)

    @api.depends("zoom_meeting_ids.state", "zoom_meeting_ids.start")
    def _compute_nobody_came(self):
        found = self.search([("id", "in", self.ids), ("nobody_came", "in", [True])])
        for booking in self:
            booking.nobody_came = booking in found

    @api.model
    def _search_nobody_came(self, operator, value):
        """Bookings that took place without a customer, as far as Zoom reports it.

        An account counts from the time on when it has reported a first customer: that
        is when the events were chosen in Zoom.
        """
        if operator != "in":
            return NotImplemented
        # The platform checks access only to fields named in the domain.
        self._check_field_access(self._fields["nobody_came"], "read")
        alone = Domain("active", "=", True) & Domain(
            "id",
            "in",
            SQL(
                """(
                SELECT meeting.booking_id
                  FROM booking_zoom_meeting meeting
                  JOIN booking_zoom_user host ON host.id = meeting.zoom_user_id
                  JOIN booking_zoom_account account ON account.id = host.account_id
                  JOIN (SELECT zoom_account_id, min(customer_joined_at) AS since
                          FROM booking_zoom_attendance
                      GROUP BY zoom_account_id) reported
                    ON reported.zoom_account_id = account.id
                   AND reported.since < meeting.start
                 WHERE meeting.booking_id IS NOT NULL
                   AND meeting.state IN ('ready', 'changed')
                   AND meeting.start <= %(before)s
                   AND account.webhook_secret <> ''
                   AND NOT EXISTS (
                       SELECT FROM booking_zoom_attendance attendance
                        WHERE attendance.zoom_meeting_id = meeting.id
                          AND attendance.customer_seen_at
                              >= meeting.start - %(early)s))""",
                before=fields.Datetime.now() - NOBODY_WAIT,
                early=EARLY,
            ),
        )
        found = Domain.FALSE
        if True in value:
            found |= alone
        if False in value:
            found |= ~alone
        return found
