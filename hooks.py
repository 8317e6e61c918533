# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re

from lxml import etree, html
from psycopg2.extras import Json

from odoo import fields

# What a copy of one of our templates names, and only this module knows
NAMES = (
    "web_conference_info",
    "_get_own_time",
    "_get_conference_tool_name",
    "_get_answer_url",
    "_is_asked",
    "_get_shared_",
)


def uninstall_hook(env):
    """Leave bookings with their link and templates that can still be rendered."""
    _leave_links(env)
    _remove_activities(env)
    _put_back_stock_template(env)
    _keep_used_alarm(env)
    _remove_placeholder(env)


def _leave_links(env):
    """Give future bookings the link that only this module knows, without mails."""
    bookings = (
        env["resource.booking"]
        .with_context(active_test=False)
        .search(
            [
                ("type_id.web_conference_tool", "!=", "none"),
                ("meeting_id.stop", ">", fields.Datetime.now()),
            ]
        )
    )
    urls = bookings.grouped(_get_url_to_leave)
    env.flush_all()
    for url, of_url in urls.items():
        # Without the methods that mail people.
        env.cr.execute(
            """
            WITH known AS (
                   UPDATE calendar_event SET videocall_location = %(url)s
                    WHERE id IN %(events)s)
            UPDATE resource_booking SET videocall_location = %(url)s
             WHERE id IN %(bookings)s
            """,
            {
                "url": url,
                "events": tuple(of_url.meeting_id.ids),
                "bookings": tuple(of_url.ids),
            },
        )
    env.invalidate_all()


def _get_url_to_leave(booking):
    link = booking._get_join_link()
    if link or booking._is_without_link():
        return link.url if link else None
    return booking.type_id.videocall_location or None


def _remove_activities(env):
    """Remove them, done ones included: they keep their type from being deleted."""
    kind = env.ref(
        "resource_booking_zoom.mail_activity_type_check", raise_if_not_found=False
    )
    if kind:
        env["mail.activity"].with_context(active_test=False).search(
            [("activity_type_id", "=", kind.id)]
        ).unlink()


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
    """Take what is ours out of all templates, in all languages.

    Read and written as stored: the translations of languages that are not active
    now would raise later, too.
    """
    templates = env["mail.template"]
    templates.flush_model(["subject", "body_html"])
    env.cr.execute(
        """SELECT id, subject, body_html FROM mail_template
            WHERE concat(subject, body_html) ~ %s""",
        ["|".join(NAMES)],
    )
    for template_id, subjects, bodies in env.cr.fetchall():
        subjects = {
            lang: _without_names(text) for lang, text in (subjects or {}).items()
        }
        bodies = {
            lang: _without_placeholder(body) for lang, body in (bodies or {}).items()
        }
        env.cr.execute(
            "UPDATE mail_template SET subject = %s, body_html = %s WHERE id = %s",
            [Json(subjects), Json(bodies), template_id],
        )
    templates.invalidate_model(["subject", "body_html"])


def _names_ours(text):
    return any(name in text for name in NAMES)


def _without_names(subject):
    """The subject without the inline expressions that name what is ours."""
    return subject and re.sub(
        r"\{\{.*?\}\}", lambda m: "" if _names_ours(m[0]) else m[0], subject
    )


def _without_placeholder(body):
    """The body without the elements whose attributes name what is ours.

    :param str body: HTML with QWeb directives, possibly None
    """
    if not body or not _names_ours(body):
        return body
    root = html.fragment_fromstring(body, create_parent="div")
    for element in list(root.iter(etree.Element)):
        if (
            _names_ours(" ".join(element.attrib.values()))
            and element.getparent() is not None
        ):
            element.drop_tree()
    inner = [root.text or ""]
    inner += [html.tostring(child, encoding="unicode") for child in root]
    return "".join(inner)
