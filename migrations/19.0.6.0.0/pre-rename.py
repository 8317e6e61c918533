# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tools import SQL, sql

# Words that mean nothing else: fields of bookings, which other models reach by a path, a
# button and filters.
NAMES = {
    "zoom_state": "join_link_state",
    "zoom_color": "join_link_color",
    "zoom_problem_message": "join_link_problem",
    "zoom_held_message": "join_link_wait",
    "zoom_join_url": "join_link_url",
    "zoom_passcode": "join_link_passcode",
    "action_retry_zoom": "action_retry_link",
    "groupby_zoom_state": "groupby_join_link_state",
    **{
        f"{prefix}zoom_{name}": f"{prefix}link_{name}"
        for name in ("at_risk", "held", "ready", "stuck", "waiting")
        for prefix in ("", "search_default_")
    },
}
# Where people, Studio and other modules store them. The views of this module are loaded one
# after another: the later ones must fit the new ones meanwhile.
STORED = {
    "ir_filters": ("domain", "context", "sort"),
    "ir_exports_line": ("name",),
    "ir_ui_view": ("arch_db",),
    "ir_ui_view_custom": ("arch",),
    "ir_act_window": ("domain", "context"),
    "ir_act_server": ("code",),
    "mail_template": ("subject", "body_html"),
    "base_automation": ("filter_domain", "filter_pre_domain"),
}


def migrate(cr, version):
    """Let what people have stored name the state of any tool's link."""
    for table, columns in STORED.items():
        known = sql.table_columns(cr, table)
        for column in columns:
            if column in known:
                for old, new in NAMES.items():
                    replace(cr, table, column, rf"\m{old}\M", new)
    replace(
        cr,
        "ir_ui_view",
        "arch_db",
        r"group\[@name='zoom'\]",
        "group[@name='online_meeting']",
        SQL("model = 'resource.booking'"),
    )
    # Of booking types; combinations still have a field of this name.
    replace(
        cr,
        "ir_ui_view",
        "arch_db",
        r"\mzoom_message\M",
        "conference_warning",
        SQL("model = 'resource.booking.type'"),
    )
    replace(
        cr,
        "ir_exports_line",
        "name",
        r"(^|\mtype_id/)zoom_message$",
        r"\1conference_warning",
        SQL(
            """name ~ '/' OR export_id IN (
                SELECT id FROM ir_exports WHERE resource = 'resource.booking.type')"""
        ),
    )
    # A word that fields of others may have.
    replace(
        cr,
        "ir_ui_view",
        "arch_db",
        r"\mheld_message\M",
        "wait_message",
        SQL("model = 'booking.zoom.meeting'"),
    )
    replace(
        cr,
        "ir_exports_line",
        "name",
        r"(^|\mzoom_meeting_ids?/)held_message$",
        r"\1wait_message",
        SQL(
            """name ~ '/' OR export_id IN (
                SELECT id FROM ir_exports WHERE resource = 'booking.zoom.meeting')"""
        ),
    )


def replace(cr, table, column, old, new, condition=None):
    """
    :param str old: a regular expression
    """
    name = SQL.identifier(column)
    kind = sql.table_columns(cr, table)[column]["udt_name"]
    cr.execute(
        SQL(
            """UPDATE %(table)s
                  SET %(name)s = regexp_replace(%(name)s::text, %(old)s, %(new)s, 'g')
                                 ::%(kind)s
                WHERE %(name)s::text ~ %(old)s AND (%(condition)s)""",
            table=SQL.identifier(table),
            name=name,
            kind=SQL.identifier(kind),
            old=old,
            new=new,
            condition=condition or SQL("TRUE"),
        )
    )
