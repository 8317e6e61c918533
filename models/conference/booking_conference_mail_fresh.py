# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import READ_AHEAD
from ...utils import describe, in_own_transaction

_logger = logging.getLogger(__name__)

# A mail that has waited in vain is no reason for the next ones to wait, too; after this
# time one waits again.
ASK_AGAIN = timedelta(hours=1)


class BookingConferenceMail(models.Model):
    """Mails wait until Zoom has said what the meeting is like."""

    _inherit = "booking.conference.mail"

    @api.model
    def _ask_for_readings(self, work):
        """Have the meetings read whose links mails are about to tell.

        :param list work: see _get_work
        """
        soon = [event_id for event_id, _alarm_id in self._get_due(READ_AHEAD)]
        events = filter(None, map(self._get_event_id, work))
        meetings = self._get_join_meetings([*soon, *events])
        stale = self.env["booking.zoom.meeting"].union(*meetings.values())
        stale = stale.filtered(lambda row: row._is_to_be_read())
        if stale and not self._try_to_ask(stale):
            self.env["resource.booking"]._get_reminder_cron()._trigger(
                at=fields.Datetime.now() + timedelta(seconds=5)
            )

    @api.model
    def _try_to_ask(self, meetings):
        """Have the meetings read; other mails go out whatever comes of it.

        :return bool: False when somebody saves some of the bookings now
        """
        try:
            return in_own_transaction(
                meetings, lambda meetings: meetings._ask_before_mail()
            )
        except Exception as error:
            _logger.info(
                "Meetings %s: not asked for: %s", meetings.ids, describe(error)
            )
            return False

    @api.model
    def _without_unread(self, work):
        """Leave out the mails that wait until a meeting has been read.

        :param list work: see _get_work
        """
        events = [self._get_event_id(one) for one in work]
        meetings = self._get_join_meetings(list(filter(None, events)))
        awaited = {
            event_id for event_id, row in meetings.items() if row._awaits_reading()
        }
        return [
            one
            for one, event_id in zip(work, events, strict=True)
            if event_id not in awaited
        ]

    @api.model
    def _get_event_id(self, one):
        """The event of a piece of work that tells a link, else None.

        :param tuple one: see _get_work
        """
        method, what = one
        if method in ("_send", "_follow_up"):
            return what[0]
        if method == "_queue_again":
            mail = self.env["mail.mail"].browse(what)
            return mail.res_id if mail.model == "calendar.event" else None
        return None

    @api.model
    def _get_join_meetings(self, event_ids):
        """The meetings whose links mails about these events tell.

        :return dict: id of an event -> its booking.zoom.meeting
        """
        meetings = self.env["booking.zoom.meeting"]
        meetings.flush_model(["booking_id", "state", "join_url"])
        found = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT booking.meeting_id, meeting.id
                      FROM booking_zoom_meeting meeting
                      JOIN resource_booking booking ON booking.id = meeting.booking_id
                      JOIN resource_booking_type type ON type.id = booking.type_id
                     WHERE booking.meeting_id = ANY(%(events)s)
                       AND meeting.state IN ('ready', 'changed')
                       AND meeting.join_url <> ''
                       AND type.web_conference_tool = 'zoom'
                    """,
                    events=event_ids,
                )
            )
        )
        rows = meetings.browse(found.values())
        return dict(zip(found, rows, strict=True))
