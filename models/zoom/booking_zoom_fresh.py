# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import fields, models

from ...const import ISSUE_TIME, LONGEST_HOLD, READ_WITHIN
from ...utils import lock_rows
from .booking_zoom_meeting import ENGINE

_logger = logging.getLogger(__name__)

# A mail that has waited in vain is no reason for the next ones to wait, too; after this
# time one waits again.
ASK_AGAIN = timedelta(hours=1)


class BookingZoomMeeting(models.Model):
    """Meetings are read shortly before a mail tells their link.

    Somebody may have changed the passcode in Zoom, or deleted the meeting. Reading does
    not count towards Zoom's limit.
    """

    _inherit = "booking.zoom.meeting"

    checked_at = fields.Datetime(
        string="Last check",
        readonly=True,
        help="When Zoom last said what the meeting is like.",
    )
    awaited_since = fields.Datetime(
        readonly=True,
        groups=ENGINE,
        help="Since when a mail waits for the meeting to be read.",
    )

    def _is_fresh(self):
        """Whether Zoom has said lately what the meeting is like, and finds it."""
        return bool(
            self.checked_at
            and self.checked_at > fields.Datetime.now() - READ_WITHIN
            and not self.gone_count
        )

    def _can_be_read(self):
        """Whether the scheduled action reads the meeting when it is asked to."""
        return bool(
            self._is_usable()
            and self.zoom_user_id.connected
            and self.problem != "not_linked"
        )

    def _get_awaited_since(self):
        """Since when a mail waits for a reading that did not come yet, or None."""
        since = self.awaited_since
        if (
            not since
            or since <= fields.Datetime.now() - ASK_AGAIN
            or self.checked_at
            and since <= self.checked_at
        ):
            return None
        return since

    def _is_to_be_read(self):
        """Whether the meeting must be asked for before a mail tells its link."""
        return (
            not self._is_fresh()
            and self._can_be_read()
            and not self._get_awaited_since()
        )

    def _awaits_reading(self):
        """Whether a mail with the link is held until the meeting has been read.

        That is so while Zoom answers; an outage holds it for some minutes at most.
        """
        if self._is_fresh() or not self._can_be_read():
            return False
        since = self._get_awaited_since()
        if not since:
            return True
        if not self.check_at:
            # Zoom does not let us read it.
            return False
        last = self.start - self.env["booking.conference.mail"]._get_wait()
        # What Zoom does not find is issued anew in a moment, or an administrator
        # decides.
        until = last if self.gone_count else min(since + LONGEST_HOLD, last)
        return fields.Datetime.now() < max(until, since + ISSUE_TIME)

    def _read_if_stale(self):
        """Have meetings read whose links people have just been told."""
        stale = self.filtered(lambda row: not row._is_fresh() and row._can_be_read())
        if stale:
            stale._check_now()

    def _ask_before_mail(self):
        """Have the meetings read at once, for mails wait to tell their links.

        :return bool: False when somebody has some of the rows, which are left out
        """
        free = lock_rows(self, wait=False)
        asked = free.filtered(lambda row: row._is_to_be_read())
        if asked:
            # Whether Zoom still does not find a meeting is not asked at once.
            asked.filtered(
                lambda row: not (row.gone_count and row.check_at)
            )._check_now()
            now = fields.Datetime.now()
            asked.awaited_since = now
            self.env["resource.booking"]._get_reminder_cron()._trigger(
                at=[now + ISSUE_TIME, now + LONGEST_HOLD]
            )
        return free == self
