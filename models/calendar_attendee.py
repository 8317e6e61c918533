# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

# Found in a rendered mail, it says that the mail has the block.
BLOCK_MARKER = "o_web_conference_info"


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    web_conference_info = fields.Html(
        string="Web conference",
        compute="_compute_web_conference_info",
        search="_search_web_conference_info",
        sanitize=False,
        exportable=False,
        help="How to join: tool, URL, meeting ID and passcode. Empty until the link "
        "may be known.",
    )

    @api.depends_context("lang", "uid", "su")
    @api.depends("event_id")
    def _compute_web_conference_info(self):
        for attendee in self:
            booking = attendee.event_id._get_conference_booking()
            values = attendee._get_web_conference_values(booking)
            attendee.web_conference_info = values and self.env[
                "ir.qweb"
            ].sudo()._render(
                "resource_booking_zoom.web_conference_block",
                values,
                lang=self.env.lang,
            )

    @api.model
    def _search_web_conference_info(self, operator, value):
        # Only there so that the field is offered as a placeholder: nothing of a
        # link may be found by searching.
        return [("id", "=", False)]

    def _get_web_conference_values(self, booking):
        """What the block says, or nothing as long as it must not be known.

        :param booking: resource.booking as superuser, or none
        """
        if not booking or not (
            self.env.su or booking.with_env(self.env).has_access("read")
        ):
            return None
        return booking._get_disclosed_conference()

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.event_id._sync_zoom_meetings()
        return result
