# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models


class ResourceBooking(models.Model):
    """The booking's page in the portal, which tells the link to who has its address."""

    _inherit = "resource.booking"

    def write(self, vals):
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
        # Without rewriting the event, which would mail everybody.
        left.with_context(syncing_booking_ids=left.ids).write({"access_token": False})
