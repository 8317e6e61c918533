# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class BookingZoomMeeting(models.Model):
    """Meetings whose link somebody knows who left."""

    _inherit = "booking.zoom.meeting"

    def _replace_or_keep(self):
        """Issue new meetings in place of these; where the limit does not allow one
        now, the old one stays until it does.
        """
        for row in self:
            if row.state != "removing" and row._may_create_now():
                values = row.booking_id._prepare_zoom_meeting_vals()
                row._replace(row._keep_issued_host(values))
                self._trigger_sync()
                row.booking_id._forget_for_staff("link_kept")
            elif row.booking_id._note_for_staff("link_kept"):
                self.env["resource.booking"]._get_reminder_cron()._trigger(
                    at=row.zoom_user_id._get_next_reset()
                )

    def _may_create_now(self):
        """Whether a creation for this host would be admitted today."""
        host = self.zoom_user_id
        reset = host._get_next_reset()
        limit = host.account_id._daily_limit_for(self._is_urgent(reset))
        count = self.env["booking.zoom.request.count"]._get_today(host)
        return (
            host.connected
            and host._can_host()
            and not count.limit_reached
            and count.total < limit
            and not self._get_account_rest()
        )
