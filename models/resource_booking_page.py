# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from hashlib import sha256

from odoo import api, fields, models
from odoo.tools import consteq

from .said_by_us import saving


class ResourceBooking(models.Model):
    """The booking's page in the portal, which tells the link to who has its address."""

    _inherit = "resource.booking"

    # Of the last token: the platform ends it with the booking, and who has the page's
    # address is still to learn that the booking is cancelled.
    access_token_digest = fields.Char(
        compute="_compute_access_token_digest",
        store=True,
        copy=False,
        groups=fields.NO_ACCESS,
    )

    @api.depends("access_token")
    def _compute_access_token_digest(self):
        for booking in self:
            token = booking.access_token
            booking.access_token_digest = (
                _digest(token) if token else booking.access_token_digest
            )

    def write(self, vals):
        if vals and vals.keys() <= {"access_token", "access_token_digest"}:
            # Without rewriting the event, which mails everybody a change of date.
            with saving(self):
                return super().write(vals)
        if vals.keys().isdisjoint({"partner_id", "partner_ids"}):
            return super().write(vals)
        requesters = {booking: booking.partner_ids for booking in self}
        result = super().write(vals)
        self._close_page_to_former_requesters(requesters)
        return result

    def _close_page_to_former_requesters(self, requesters):
        """Give the page another address when somebody left who has this one.

        :param dict requesters: booking -> partners, as they were before
        """
        left = self.sudo().filtered(
            lambda booking: (
                requesters[booking] - booking.partner_ids
                and booking.access_token
                and booking.type_id._has_conference_tool()
            )
        )
        left.write({"access_token": False, "access_token_digest": False})

    def _is_to_be_taken_up(self):
        """Whether it is to come, and all who requested it have declined."""
        self.ensure_one()
        return bool(
            self.active
            and self.type_id._has_conference_tool()
            and self.stop
            and self.stop > fields.Datetime.now()
            and self._is_declined()
        )

    def _get_answer_url(self):
        """Where its only requester answers; of several, each has an own address."""
        attendees = self.meeting_id.attendee_ids.filtered(
            lambda one: one.partner_id in self.partner_ids
        )
        return attendees._get_invitation_url() if len(attendees) == 1 else False

    def _is_former_access_token(self, access_token):
        """Whether it opened the page until the booking was cancelled."""
        self.ensure_one()
        digest = self.sudo().access_token_digest
        return bool(
            access_token
            and digest
            and not self.active
            and self.type_id._has_conference_tool()
            and consteq(digest, _digest(access_token))
        )

    def _get_last_start(self):
        """When a cancelled booking was to begin, naive UTC, as far as it is known."""
        last = self.zoom_meeting_ids.sorted("id")[-1:]
        return self.start or last.start


def _digest(access_token):
    return sha256(access_token.encode()).hexdigest()
