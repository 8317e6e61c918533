# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re

# The placeholder as templates hold it, whatever else is in the tag.
PLACEHOLDER = re.compile(
    r"<t\b[^>]*\bt-out=[\"']object\.web_conference_info[^>]*?(?:/>|>.*?</t>)", re.DOTALL
)


def uninstall_hook(env):
    """Leave reminders that still work: no template may name our field."""
    stock = env.ref(
        "calendar.calendar_template_meeting_reminder", raise_if_not_found=False
    )
    ours = env.ref(
        "resource_booking_zoom.mail_template_reminder", raise_if_not_found=False
    )
    if stock and ours:
        env["calendar.alarm"].search(
            [("mail_template_id", "=", ours.id)]
        ).mail_template_id = stock
    # Types and events have the alarm: it is left to them.
    env["ir.model.data"].search(
        [("module", "=", "resource_booking_zoom"), ("model", "=", "calendar.alarm")]
    ).unlink()
    _remove_placeholder(env)


def _remove_placeholder(env):
    languages = [code for code, _name in env["res.lang"].get_installed()]
    templates = (
        env["mail.template"]
        .with_context(active_test=False)
        .search([("model", "=", "calendar.attendee")])
    )
    for language in languages:
        for template in templates.with_context(lang=language):
            body = template.body_html or ""
            if "web_conference_info" in body:
                template.body_html = PLACEHOLDER.sub("", body)
