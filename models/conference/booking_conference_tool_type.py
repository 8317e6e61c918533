# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models


class BookingConferenceToolType(models.AbstractModel):
    """What a conference tool tells about its booking types: all that is asked of it.

    Here are the answers for a tool with a fixed URL. Others override these methods of
    ``resource.booking.type``, and call super(): most answers are added to those of other
    tools.
    """

    _name = "booking.conference.tool.type"
    _description = "What booking types ask of their web conference tool"

    def _get_warnings(self):
        """What keeps people from their join link, in the reader's language."""
        return []

    @api.model
    def _get_link_fields(self):
        """Names of the type's fields that links of its bookings to come follow."""
        return {"company_id", "name", "web_conference_tool"}

    def _sync_links(self):
        """One of these fields has changed. Send no request here, but wake an action."""
