# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import JOIN_ROUTE, STAFF, START_OTHERS, START_ROUTE
from ...utils import tell_story

# Meetings overrun: staff can open one for so long after its end.
OVERRUN = timedelta(hours=2)
# Who starts a meeting again within this time has reloaded the page, or lost the connection.
STARTED_LATELY = timedelta(hours=1)


class ResourceBooking(models.Model):
    """How staff start or join the meeting of a booking.

    Pages and mails have addresses of Odoo, which ask who is there. The join link and the
    link that starts the meeting are for the browser that follows them.
    """

    _inherit = "resource.booking"

    conference_start_path = fields.Char(
        string="Start the meeting",
        compute="_compute_conference_paths",
        groups=STAFF,
        exportable=False,
    )
    conference_join_path = fields.Char(
        string="Join the meeting",
        compute="_compute_conference_paths",
        groups=STAFF,
        exportable=False,
    )

    # === COMPUTE METHODS === #

    @api.depends_context("uid")
    @api.depends(
        "active", "combination_id", "stop", "type_id.web_conference_tool", "user_id"
    )
    def _compute_conference_paths(self):
        paths = self._get_conference_paths()
        for booking in self:
            start_path, join_path = paths.get(booking.id, (False, False))
            booking.conference_start_path = start_path
            booking.conference_join_path = join_path

    # === ACTION METHODS === #

    def action_start_conference(self):
        """Open the meeting as its host."""
        return self._open_in_new_tab(self._get_start_path())

    def action_join_conference(self):
        """Open the meeting as a participant."""
        return self._open_in_new_tab(self._get_join_path())

    @api.model
    def _open_in_new_tab(self, path):
        return {"type": "ir.actions.act_url", "url": path, "target": "new"}

    # === BUSINESS METHODS === #

    def _get_start_path(self):
        return f"{START_ROUTE}/{self.id}"

    def _get_join_path(self):
        return f"{JOIN_ROUTE}/{self.id}"

    def _get_conference_paths(self):
        """Where the current user starts and joins these bookings, in one go for all.

        :return dict: booking id -> start path, join path; each False if the user may not
            or if there is no meeting to be opened
        """
        open_now = self.filtered(lambda booking: booking.sudo()._is_to_be_opened())
        startable = open_now._filter_may_start()
        joinable = open_now._filter_may_open()
        return {
            booking.id: (
                booking in startable
                and booking.sudo()._can_be_started()
                and booking._get_start_path(),
                booking in joinable and booking._get_join_path(),
            )
            for booking in open_now
        }

    def _is_to_be_opened(self):
        """Whether there is a meeting that can be opened and is not long over."""
        self.ensure_one()
        return bool(not self._is_long_over() and self._get_join_link())

    def _is_long_over(self):
        """Whether the booking is cancelled, or over and does not overrun any more."""
        latest = fields.Datetime.now() - OVERRUN
        return not self.active or not self.stop or self.stop <= latest

    def _get_start_url(self):
        """The URL that starts the meeting as its host, for the browser alone.

        :return str:
        :raise UserError: says why the meeting cannot be started
        """
        if self._is_long_over():
            raise UserError(self.env._("This booking is over, or was cancelled."))
        return self._ask_for_start_url()

    def _filter_own(self):
        """The bookings whose resources the current user is."""
        user = self.env.user
        if not user._is_internal():
            return self.browse()
        return self.filtered(
            lambda one: user in one.sudo().combination_id.resource_ids.user_id
        )

    def _filter_may_open(self):
        """The bookings whose meeting the current user may join as staff."""
        if not self.env.user._is_internal():
            return self.browse()
        return self._filter_own() | self._filtered_access("read")

    def _filter_may_start(self):
        """The bookings whose meeting the current user may start.

        Whoever starts a meeting is its host.
        """
        if self.env.user.has_group(START_OTHERS):
            return self._filter_may_open()
        return self._filter_own()._filter_trusted_hosts()

    def _note_start(self):
        """Tell the story that the current user has started the meeting."""
        tell_story(self, "started", again_after=STARTED_LATELY)
