# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from pytz import utc

from odoo import api, models
from odoo.tools.intervals import Intervals


class ResourceBooking(models.Model):
    """Free slots: those at which the Zoom user of a combination hosts nobody else."""

    _inherit = "resource.booking"

    @api.constrains("combination_id", "meeting_id", "type_id")
    def _check_scheduling(self):
        """Look at calendars and resources only.

        That the Zoom user is free is checked, and said better, when the meeting row
        follows, which it does on every way that leads here.
        """
        # Who is chosen by now must be free: that looks at Zoom users, too.
        self.mapped("combination_id")
        return super(
            ResourceBooking, self.with_context(ignore_zoom_users=True)
        )._check_scheduling()

    def _get_best_combination(self):
        """Look up once for all combinations when their Zoom users are busy."""
        if self.type_id.web_conference_tool == "zoom" and self.start:
            booking_type = self.type_id.sudo()
            candidates = booking_type.combination_rel_ids.combination_id
            # The platform asks for one after another: all are remembered.
            self.env["booking.zoom.meeting"]._get_busy(
                (candidates | self.combination_id.sudo()).zoom_user_id
                | booking_type.zoom_user_id,
                self.start,
                self.stop,
            )
        return super()._get_best_combination()

    def _get_intervals(self, start_dt, end_dt, combination=None):
        """Leave out the times at which a combination's Zoom user hosts others."""
        if self.type_id.web_conference_tool != "zoom" or self.env.context.get(
            "ignore_zoom_users"
        ):
            return super()._get_intervals(start_dt, end_dt, combination)
        candidates = (
            combination
            or self.combination_id
            or self.type_id.combination_rel_ids.combination_id
        )
        busy = self._get_busy_by_combination(candidates, start_dt, end_dt)
        if any(busy.values()):
            candidates = candidates.with_context(zoom_busy_intervals=busy)
        return super()._get_intervals(start_dt, end_dt, candidates)

    def _get_busy_by_combination(self, candidates, start_dt, end_dt):
        """When the Zoom user of each combination is busy, in one query for all.

        :param start_dt: aware
        :param end_dt: aware
        :return dict: combination id -> Intervals, aware
        """
        hosts = {one.id: self.type_id._get_zoom_host(one) for one in candidates}
        spans = self.env["booking.zoom.meeting"]._get_busy(
            self.env["booking.zoom.user"].union(*hosts.values()),
            start_dt.astimezone(utc).replace(tzinfo=None),
            end_dt.astimezone(utc).replace(tzinfo=None),
            self._origin.id,
        )
        # Some hosts may have thousands of meetings, and several combinations.
        zone, nothing = start_dt.tzinfo, self.env["resource.calendar.leaves"]
        busy = {
            host_id: Intervals(
                [
                    (
                        span.start.replace(tzinfo=utc).astimezone(zone),
                        span.stop.replace(tzinfo=utc).astimezone(zone),
                        nothing,
                    )
                    for span in spans_of_host
                ]
            )
            for host_id, spans_of_host in spans.items()
        }
        return {
            combination_id: busy.get(host.id) for combination_id, host in hosts.items()
        }
