# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models


class ResourceBookingType(models.Model):
    """What a conference tool tells about its booking types: all that is asked of it.

    Here are the answers for a tool with a fixed URL. Others override these methods, and
    call super(): most answers are added to those of other tools.
    """

    _inherit = "resource.booking.type"

    conference_warning = fields.Text(
        string="Please check", compute="_compute_conference_warning"
    )

    @api.depends("lacks_reminder", "link_disclosure")
    def _compute_conference_warning(self):
        """A tool overrides this to name with @api.depends what its warnings depend on."""
        for booking_type in self:
            booking_type.conference_warning = "\n".join(booking_type._get_warnings())

    def _get_warnings(self):
        """What keeps people from their join link, in the reader's language."""
        return []

    @api.model
    def _get_link_fields(self):
        """Names of the type's fields that links of its bookings to come follow."""
        return {"company_id", "name", "web_conference_tool"}

    def _sync_links(self):
        """One of these fields has changed. Send no request here, but wake an action."""
