# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.constants import GC_UNLINK_LIMIT

KEPT = timedelta(days=365)
# Worked off within seconds; those that cannot be hold up the others.
EVENTS_KEPT = timedelta(days=7)


class BookingZoomMeeting(models.Model):
    """What is long over is deleted, so that the tables do not grow for ever."""

    _inherit = "booking.zoom.meeting"

    @api.autovacuum
    def _gc_long_over(self):
        """Delete what nothing follows from any more.

        :return tuple: how many records were deleted, and whether more are left
        """
        now = fields.Datetime.now()
        before = now - KEPT
        done, more = 0, False
        for model, domain in (
            ("booking.conference.mail", [("start", "<", before)]),
            ("booking.conference.notice", [("create_date", "<", before)]),
            ("booking.zoom.meeting", [("stop", "<", before)]),
            ("booking.zoom.request.count", [("date", "<", before.date())]),
            ("booking.zoom.change.count", [("date", "<", now.date() - EVENTS_KEPT)]),
            ("booking.zoom.webhook.event", [("happened_at", "<", now - EVENTS_KEPT)]),
        ):
            found = self.env[model].search(domain, limit=GC_UNLINK_LIMIT)
            done += len(found)
            more |= len(found) == GC_UNLINK_LIMIT
            found.unlink()
        return done, more
