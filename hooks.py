# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import etree, html
from psycopg2.extras import Json

FIELD = "web_conference_info"


def uninstall_hook(env):
    """Leave reminders that still work: no template may name our field."""
    _leave_links(env)
    _put_back_stock_template(env)
    _keep_used_alarm(env)
    _remove_placeholder(env)


def _leave_links(env):
    """Give future bookings the link that only this module knows, without mails."""
    env.flush_all()
    env.cr.execute(
        """
        UPDATE calendar_event event
           SET videocall_location = COALESCE(meeting.join_url, type.videocall_location)
          FROM resource_booking booking
          JOIN resource_booking_type type ON type.id = booking.type_id
     LEFT JOIN booking_zoom_meeting meeting
            ON meeting.booking_id = booking.id AND meeting.state IN ('ready', 'changed')
         WHERE booking.meeting_id = event.id
           AND type.web_conference_tool IN ('zoom', 'other')
           AND event.stop > now() AT TIME ZONE 'UTC'
        """
    )
    env.cr.execute(
        """
        UPDATE resource_booking booking
           SET videocall_location = event.videocall_location
          FROM calendar_event event, resource_booking_type type
         WHERE booking.meeting_id = event.id
           AND type.id = booking.type_id
           AND type.web_conference_tool IN ('zoom', 'other')
           AND event.stop > now() AT TIME ZONE 'UTC'
        """
    )
    env.invalidate_all()


def _put_back_stock_template(env):
    stock = env.ref(
        "calendar.calendar_template_meeting_reminder", raise_if_not_found=False
    )
    ours = env["ir.model.data"].search(
        [("module", "=", "resource_booking_zoom"), ("model", "=", "mail.template")]
    )
    if stock and ours:
        env["calendar.alarm"].search(
            [("mail_template_id", "in", ours.mapped("res_id"))]
        ).mail_template_id = stock


def _keep_used_alarm(env):
    """Leave our alarm where a type or an event has it: its bookings need a reminder."""
    alarm = env.ref(
        "resource_booking_zoom.calendar_alarm_reminder", raise_if_not_found=False
    )
    if not alarm:
        return
    used = env["resource.booking.type"].with_context(active_test=False).search_count(
        [("alarm_ids", "in", alarm.ids)], limit=1
    ) or env["calendar.event"].with_context(active_test=False).search_count(
        [("alarm_ids", "in", alarm.ids)], limit=1
    )
    if used:
        # What has no external id of this module is not deleted with it.
        env["ir.model.data"].search(
            [("model", "=", "calendar.alarm"), ("res_id", "=", alarm.id)]
        ).unlink()


def _remove_placeholder(env):
    """Take our field out of the bodies of all templates, in all languages.

    Read and written as stored: the translations of languages that are not active
    now would raise later, too.
    """
    templates = env["mail.template"]
    templates.flush_model(["body_html"])
    env.cr.execute(
        "SELECT id, body_html FROM mail_template WHERE body_html::text LIKE %s",
        [f"%{FIELD}%"],
    )
    for template_id, bodies in env.cr.fetchall():
        cleaned = {lang: _without_placeholder(body) for lang, body in bodies.items()}
        env.cr.execute(
            "UPDATE mail_template SET body_html = %s WHERE id = %s",
            [Json(cleaned), template_id],
        )
    templates.invalidate_model(["body_html"])


def _without_placeholder(body):
    """The body without the elements whose attributes name our field.

    :param str body: HTML with QWeb directives, possibly None
    """
    if not body or FIELD not in body:
        return body
    root = html.fragment_fromstring(body, create_parent="div")
    for element in list(root.iter(etree.Element)):
        names_field = any(FIELD in value for value in element.attrib.values())
        if names_field and element.getparent() is not None:
            element.drop_tree()
    inner = [root.text or ""]
    inner += [html.tostring(child, encoding="unicode") for child in root]
    return "".join(inner)
