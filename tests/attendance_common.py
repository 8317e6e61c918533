# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta

from odoo import fields

from .common import MONDAY
from .zoom_simulator import webhooks


class AttendanceMixin:
    """Zoom reports over HTTP who comes to meetings; for a WebhookCase."""

    start = MONDAY

    def at(self, minutes):
        """Set the clock to so many minutes after the start."""
        self.move_to(self.start + timedelta(minutes=minutes))

    def report(self, meeting, name, user=None, email="", minutes=None):
        """Let Zoom report something that happens now.

        :param str name: of the event, without "meeting."
        :param user: the simulator's user who is signed in
        :param int minutes: when it happened, after the start; None for now
        :return dict: the body
        """
        now = self.now()
        if minutes is not None:
            now = (self.start + timedelta(minutes=minutes)).replace(tzinfo=UTC)
        name = f"meeting.{name}"
        if name == "meeting.ended":
            body = webhooks.meeting_ended(meeting, now)
        elif name == "meeting.started":
            body = webhooks.meeting_event(name, meeting, now)
        else:
            body = webhooks.participant_event(name, meeting, now, user, email)
        self.assertEqual(self.deliver(body), 204)
        return body

    def host_of(self, meeting):
        return self.zoom.state.users[meeting.host_id]

    def issued(self, booking):
        """Issue the meeting of a booking.

        :return: Zoom's meeting
        """
        return self.issue(booking)[1]

    @staticmethod
    def times(booking):
        """Minutes after the start: started, host, customer, ended."""
        told = (
            booking.attendance_started_at,
            booking.attendance_host_at,
            booking.attendance_customer_at,
            booking.attendance_ended_at,
        )
        return [
            round(
                (fields.Datetime.to_datetime(one) - booking.start).total_seconds() / 60
            )
            if one
            else None
            for one in told
        ]
