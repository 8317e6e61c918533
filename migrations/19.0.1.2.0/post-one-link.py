# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields


def migrate(cr, version):
    """Take other addresses off events whose booking has a tool; keep them for staff.

    Mails would show two links.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    bookings = env["resource.booking"].search(
        [
            ("type_id.web_conference_tool", "in", ("zoom", "other")),
            ("meeting_id.videocall_location", "!=", False),
            ("stop", ">", fields.Datetime.now()),
        ]
    )
    for booking in bookings:
        url = booking.meeting_id.videocall_location
        if url != booking._get_open_url():
            booking._message_log(
                body=Markup("%s %s")
                % (env._("The address entered on the calendar event was removed:"), url)
            )
    bookings._show_open_url()
