# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

# Found in a rendered mail, it says that the mail has the block.
BLOCK_MARKER = "o_web_conference_info"

# Shown when a template is previewed; a meeting that does not exist.
SAMPLE = {
    "tool": "Zoom",
    "url": "https://zoom.us/j/00000000000",
    "meeting_id": "000 0000 0000",
    "passcode": "000000",
}


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

    @api.depends_context("lang", "uid", "su", "template_preview_lang")
    @api.depends("event_id")
    def _compute_web_conference_info(self):
        for attendee in self:
            values = attendee._get_web_conference_values()
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

    def _get_web_conference_values(self):
        """What the block says, or nothing as long as it must not be known."""
        booking = self.event_id._get_conference_booking()
        if not booking:
            return None
        readable = self.env.su or booking.with_env(self.env).has_access("read")
        values = booking._get_disclosed_conference() if readable else None
        if not values and "template_preview_lang" in self.env.context:
            return SAMPLE
        return values

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.event_id._sync_zoom_meetings()
        return result
