# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import WEB_CONFERENCE_TOOLS


class ResourceBooking(models.Model):
    """Bookings that all customers declined: staff see it, and are told."""

    _inherit = "resource.booking"

    declined_by_all = fields.Boolean(
        compute="_compute_declined_by_all",
        search="_search_declined_by_all",
        groups="resource_booking.group_user",
        help="All who requested the booking have declined: there is no online meeting, "
        "but the time is still reserved.",
    )
    event_archived = fields.Boolean(
        compute="_compute_event_archived", groups="resource_booking.group_user"
    )

    @api.depends(
        "active",
        "partner_ids",
        "meeting_id.attendee_ids.state",
        "meeting_id.attendee_ids.partner_id",
        "type_id.web_conference_tool",
    )
    def _compute_declined_by_all(self):
        for booking in self:
            booking.declined_by_all = (
                booking.active
                and booking.type_id.web_conference_tool in WEB_CONFERENCE_TOOLS
                and booking.sudo()._is_declined()
            )

    @api.model
    def _search_declined_by_all(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The platform checks only fields that the domain names.
        self._check_field_access(self._fields["declined_by_all"], "read")
        declined = Domain(
            "id",
            "in",
            SQL(
                """(
                SELECT booking.id
                  FROM resource_booking booking
                  JOIN resource_booking_type type ON type.id = booking.type_id
                  JOIN calendar_attendee attendee
                    ON attendee.event_id = booking.meeting_id
                  JOIN res_partner_resource_booking_rel requester
                    ON requester.resource_booking_id = booking.id
                   AND requester.res_partner_id = attendee.partner_id
                 WHERE booking.active
                   AND type.web_conference_tool IN %s
              GROUP BY booking.id
                HAVING every(attendee.state IS NOT DISTINCT FROM 'declined'))""",
                WEB_CONFERENCE_TOOLS,
            ),
        )
        found = Domain.FALSE
        if True in value:
            found |= declined
        if False in value:
            found |= ~declined
        return found

    @api.depends("meeting_id.active", "type_id.web_conference_tool")
    def _compute_event_archived(self):
        for booking in self:
            event = booking.sudo().meeting_id
            booking.event_archived = (
                bool(event)
                and not event.active
                and booking.type_id.web_conference_tool in WEB_CONFERENCE_TOOLS
            )

    def _sync_zoom_meetings(self):
        """Everything that can make a booking declined ends here."""
        result = super()._sync_zoom_meetings()
        declined = self.sudo().filtered(
            lambda booking: (
                booking.active
                and booking.type_id.web_conference_tool in WEB_CONFERENCE_TOOLS
                and booking.meeting_id.active
                and booking.stop
                and booking.stop > fields.Datetime.now()
                and booking._is_declined()
            )
        )
        declined._note_for_staff("declined")
        return result
