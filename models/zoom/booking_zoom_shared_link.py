# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import fields, models

from ...const import CURRENT_STATES
from ...utils import lock_rows

_logger = logging.getLogger(__name__)

# A meeting that was read so lately need not be read again.
READ_LATELY = timedelta(minutes=5)

# After so long a new case is told anew.
TOLD_FOR = timedelta(days=1)


class BookingZoomMeeting(models.Model):
    """Two customers must never meet in one room.

    A host who schedules with the personal meeting ID has one room for all meetings,
    and Zoom answers its link for each of them. The host may decide so later, too.
    """

    _inherit = "booking.zoom.meeting"

    def _withhold_shared(self, foreign=False):
        """Give nobody a link that is not the meeting's alone; have it issued anew.

        :param bool foreign: whether Zoom's link opens another meeting
        :return: those of these rows whose link is given to nobody
        """
        current = self.filtered(lambda row: row.state in CURRENT_STATES)
        shared = current._get_sharing()
        withheld = current if foreign else (current & shared)._get_disclosable()
        # Of others, whoever saves them is not waited for.
        others = lock_rows((shared - self)._get_disclosable(), wait=False)
        for row in withheld | others:
            row._withhold()
        withheld._check_meetings_of_host()
        return withheld

    def _get_disclosable(self):
        """Those whose link could be given to somebody."""
        return self.filtered(lambda row: row.state in CURRENT_STATES and row.join_url)

    def _get_sharing(self):
        """The rows that have the same number as one of these, whichever company's."""
        numbers = self.filtered("zoom_id").mapped("zoom_id")
        if not numbers:
            return self.browse()
        rows = self.search(
            [
                ("zoom_id", "in", numbers),
                ("state", "!=", "removed"),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        return self.browse().union(
            *(same for same in rows.grouped("zoom_id").values() if len(same) > 1)
        )

    def _withhold(self):
        """Take the link away; issue the meeting anew, but not again and again."""
        self.ensure_one()
        _logger.warning("Meeting row %s: its link is not its own alone", self.id)
        booking = self.booking_id
        wanted = booking and booking._needs_zoom_meeting()
        if wanted and not self.reissue_count and self.start > fields.Datetime.now():
            values = booking._prepare_zoom_meeting_vals()
            self._replace({**self._keep_issued_host(values), "reissue_count": 1})
            return
        self.write(
            {
                "join_url": False,
                "passcode": False,
                "problem": "shared_link",
                "problem_detail": False,
                "next_attempt": False,
                "check_at": False,
            }
        )
        self.state = self._get_state()

    def _check_meetings_of_host(self):
        """Have the other meetings of these hosts read, which may have become the same."""
        if not self:
            return
        lately = fields.Datetime.now() - READ_LATELY
        others = self.search(
            [
                ("zoom_user_id", "in", self.zoom_user_id.ids),
                ("id", "not in", self.ids),
                ("state", "in", CURRENT_STATES),
                ("join_url", "!=", False),
                ("stop", ">", fields.Datetime.now()),
                ("last_attempt", "<", lately),
            ]
        )
        free = lock_rows(others, wait=False)
        if free:
            free._check_now()
