# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class CalendarAlarmManager(models.AbstractModel):
    _inherit = "calendar.alarm_manager"

    def _get_events_by_alarm_to_notify(self, alarm_type):
        """Leave out events whose e-mail reminder carries a join link.

        booking.conference.mail sends those.
        """
        events_by_alarm = super()._get_events_by_alarm_to_notify(alarm_type)
        if alarm_type != "email" or not events_by_alarm:
            return events_by_alarm
        ids = {one for ids in events_by_alarm.values() for one in ids}
        ours = {
            event.id
            for event in self.env["calendar.event"].browse(ids)
            if event._get_conference_booking()
        }
        remaining = {
            alarm_id: [one for one in ids if one not in ours]
            for alarm_id, ids in events_by_alarm.items()
        }
        return {alarm_id: ids for alarm_id, ids in remaining.items() if ids}
