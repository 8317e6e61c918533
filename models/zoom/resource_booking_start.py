# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models
from odoo.exceptions import UserError

from ... import exceptions as zoom
from .zoom_advice import advice


class ResourceBooking(models.Model):
    """How staff start the Zoom meeting of a booking as its host."""

    _inherit = "resource.booking"

    def _get_join_state(self):
        """How far the Zoom meeting is, in the reader's language; False if there is none."""
        state = self.sudo().zoom_state
        labels = dict(self._fields["zoom_state"]._description_selection(self.env))
        return labels.get(state, False)

    def _can_be_started(self):
        """Whether the tool can start the meeting that people join."""
        self.ensure_one()
        link, row = self._get_join_link(), self.sudo().zoom_meeting_id
        return bool(link and link.link_id and link.link_id == row.id)

    def _get_start_url(self):
        """Ask Zoom for the URL that starts the meeting as its host.

        Whoever has it is the host: it is for the browser alone.

        :return str:
        :raise UserError: says why the meeting cannot be started
        """
        self.ensure_one()
        row = self.sudo().zoom_meeting_id
        if not self._can_be_started():
            raise UserError(self._get_start_refusal())
        host = row.zoom_user_id
        try:
            link = host.account_id._call_zoom(
                lambda client: client.get_start_link(row.zoom_id)
            )
        except zoom.ZoomMeetingGone as error:
            row._check_now()
            raise UserError(
                self.env._(
                    "Zoom does not find the meeting. Odoo asks Zoom again now and, if it "
                    "is gone, creates a new one. Please try again in a few minutes."
                )
            ) from error
        except zoom.ZoomError as error:
            raise UserError(advice(self.env, error)) from error
        if link.host_id != host.zoom_id:
            raise UserError(
                self.env._(
                    "In Zoom, somebody else than %(host)s hosts this meeting now. Ask a "
                    "booking manager to change the host of the booking.",
                    host=host.name,
                )
            )
        return link.url

    def _get_start_refusal(self):
        """Why there is no meeting to be started, for staff."""
        row = self.sudo().zoom_meeting_id
        if not row:
            return self.env._("This booking has no Zoom meeting.")
        return row.problem_message or self.env._(
            "The Zoom meeting is not ready yet. Please try again in a moment."
        )
