# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Models, columns, values and XML ids get the names that the code has now.

All that people have stored with the old names goes along: filters, exports, defaults,
mails, attachments and templates.
"""

import re

from odoo.tools import SQL, sql

MODULE = "resource_booking_zoom"

MODELS = {
    "booking.zoom.reminder": "booking.conference.mail",
    "booking.zoom.event": "booking.zoom.webhook.event",
    "booking.zoom.link": "booking.zoom.connection",
}
# By the new names of the models.
FIELDS = {
    "booking.zoom.account": {
        "linked_zoom_account_id": "connected_zoom_account_id",
        "linked_client_id": "connected_client_id",
        "linked_client_secret": "connected_client_secret",
        "linked_email": "connected_email",
        "linked_at": "connected_at",
    },
    "booking.conference.mail": {
        "meeting_id": "link_id",
    },
    "booking.zoom.meeting": {
        "posted_at": "unanswered_since",
    },
    "booking.zoom.user": {
        "linked": "connected",
        "rests": "limit_reached",
    },
    "calendar.event": {
        "web_conference_reminder_ids": "web_conference_mail_ids",
    },
}
VALUES = {
    ("booking.zoom.account", "state"): {
        "unlinked": "disconnected",
        "linked": "connected",
        "broken": "lost",
    },
}
# What was told to administrators is in booking.zoom.alert now; nothing else says it.
UNSEARCHABLE = {
    "booking.zoom.account": (
        "broken_since",
        "broken_mails",
        "gone_since",
        "shared_link_since",
    ),
    "booking.zoom.request.count": ("alerted_at", "cleared_at"),
}
XML_IDS = {
    "mail_template_link_broken": "mail_template_connection_lost",
    "booking_zoom_link_action": "booking_zoom_connection_action",
    "booking_zoom_link_rule_company": "booking_zoom_connection_rule_company",
    "booking_zoom_link_system": "booking_zoom_connection_system",
    "booking_zoom_link_view_form": "booking_zoom_connection_view_form",
    "booking_zoom_event_nobody": "booking_zoom_webhook_event_nobody",
    "booking_zoom_reminder_manager": "booking_conference_mail_manager",
    "booking_zoom_reminder_rule_company": "booking_conference_mail_rule_company",
}
# Columns in which the platform, or a module of it, keeps the name of a model.
MODEL_COLUMNS = (
    ("ir_act_server", "model_name"),
    ("ir_act_window", "res_model"),
    ("ir_attachment", "res_model"),
    ("ir_exports", "resource"),
    ("ir_filters", "model_id"),
    ("ir_model", "model"),
    ("ir_model_data", "model"),
    ("ir_model_fields", "model"),
    ("ir_model_fields", "relation"),
    ("ir_ui_view", "model"),
    ("mail_activity", "res_model"),
    ("mail_activity_type", "res_model"),
    ("mail_followers", "res_model"),
    ("mail_message", "model"),
    ("mail_message_subtype", "res_model"),
    ("mail_template", "model"),
)


def migrate(cr, version):
    # It would take those that are disconnected for connected ones; the new one takes its place.
    cr.execute("DROP INDEX IF EXISTS booking_zoom_account_linked_once")
    for old, new in MODELS.items():
        rename_model(cr, old, new)
    for model, names in FIELDS.items():
        for old, new in names.items():
            rename_field(cr, model, old, new)
    # It says which link was told, whatever the tool.
    cr.execute(
        "ALTER TABLE booking_conference_mail"
        " DROP CONSTRAINT IF EXISTS booking_conference_mail_meeting_id_fkey"
    )
    cr.execute(
        """
        UPDATE mail_template
           SET body_html = replace(body_html::text, 'object.together_ids',
                                   'object._get_together()')::jsonb
         WHERE model = 'booking.conference.notice'
           AND body_html::text LIKE '%object.together_ids%'
        """
    )
    for (model, field), values in VALUES.items():
        rename_values(cr, model, field, values)
    for old, new in XML_IDS.items():
        rename_xml_ids(cr, re.escape(old), new)
    for model, names in UNSEARCHABLE.items():
        archive_filters(cr, model, names)


def archive_filters(cr, model, names):
    """Archive the filters that people have stored for fields that are gone.

    They would be an error when they are opened.
    """
    cr.execute(
        """
        UPDATE ir_filters
           SET active = FALSE
         WHERE model_id = %s
           AND concat_ws(' ', domain, context, sort) ~ %s
        """,
        [model, rf"\m({'|'.join(names)})\M"],
    )


def rename_model(cr, old, new):
    """Let a model, its table and what refers to it have another name."""
    old_table, new_table = old.replace(".", "_"), new.replace(".", "_")
    for table, column in MODEL_COLUMNS:
        if sql.column_exists(cr, table, column):
            cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE %s = %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    new,
                    SQL.identifier(column),
                    old,
                )
            )
    for prefix, suffix in (("model_", ""), ("(?:field|constraint)_", "_.*")):
        rename_xml_ids(cr, f"({prefix}){old_table}({suffix})", rf"\1{new_table}\2")
    rename_xml_ids(cr, f"(selection__){old_table}(__.*)", rf"\1{new_table}\2")
    if sql.table_exists(cr, old_table):
        rename_table(cr, old_table, new_table)


def rename_table(cr, old, new):
    """Rename a table with its sequence, constraints and indexes."""
    cr.execute("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass", [old])
    constraints = [name for (name,) in cr.fetchall()]
    cr.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [old])
    indexes = [name for (name,) in cr.fetchall() if name not in constraints]
    for name in constraints:
        cr.execute(
            SQL(
                "ALTER TABLE %s RENAME CONSTRAINT %s TO %s",
                SQL.identifier(old),
                SQL.identifier(name),
                SQL.identifier(name.replace(old, new)),
            )
        )
    for name in indexes:
        cr.execute(
            SQL(
                "ALTER INDEX %s RENAME TO %s",
                SQL.identifier(name),
                SQL.identifier(name.replace(old, new)),
            )
        )
    cr.execute(
        SQL(
            "ALTER SEQUENCE IF EXISTS %s RENAME TO %s",
            SQL.identifier(f"{old}_id_seq"),
            SQL.identifier(f"{new}_id_seq"),
        )
    )
    cr.execute(
        SQL("ALTER TABLE %s RENAME TO %s", SQL.identifier(old), SQL.identifier(new))
    )
    cr.execute(
        "UPDATE ir_model_constraint SET name = replace(name, %s, %s)"
        " WHERE name LIKE %s",
        [old, new, f"{old}\\_%"],
    )


def rename_field(cr, model, old, new):
    """Let a field have another name, also where people have stored it."""
    table = model.replace(".", "_")
    if sql.column_exists(cr, table, old) and not sql.column_exists(cr, table, new):
        sql.rename_column(cr, table, old, new)
    cr.execute(
        "UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s",
        [new, model, old],
    )
    rename_xml_ids(cr, f"field_{table}__{old}", f"field_{table}__{new}")
    cr.execute(
        """
        UPDATE ir_exports_line line
           SET name = regexp_replace(line.name, %s, %s)
          FROM ir_exports export
         WHERE export.id = line.export_id AND export.resource = %s
        """,
        [rf"^{old}\M", new, model],
    )
    for column in ("domain", "context", "sort"):
        cr.execute(
            SQL(
                "UPDATE ir_filters SET %s = regexp_replace(%s, %s, %s, 'g')"
                " WHERE model_id = %s",
                SQL.identifier(column),
                SQL.identifier(column),
                rf"\m{old}\M",
                new,
                model,
            )
        )
    cr.execute(
        """
        UPDATE mail_template
           SET body_html = regexp_replace(body_html::text, %(old)s, %(new)s, 'g')::jsonb,
               subject = regexp_replace(subject::text, %(old)s, %(new)s, 'g')::jsonb
         WHERE model = %(model)s
           AND concat(body_html, subject) ~ %(old)s
        """,
        {"old": rf"\m{old}\M", "new": new, "model": model},
    )


def rename_values(cr, model, field, values):
    """Let the values of a selection have other names."""
    table = model.replace(".", "_")
    for old, new in values.items():
        cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE %s = %s",
                SQL.identifier(table),
                SQL.identifier(field),
                new,
                SQL.identifier(field),
                old,
            )
        )
        cr.execute(
            """
            UPDATE ir_model_fields_selection value
               SET value = %s
              FROM ir_model_fields field
             WHERE field.id = value.field_id
               AND field.model = %s AND field.name = %s AND value.value = %s
            """,
            [new, model, field, old],
        )
        name = f"selection__{table}__{field}__"
        rename_xml_ids(cr, name + old, name + new)
        cr.execute(
            """
            UPDATE ir_default stored
               SET json_value = %s
              FROM ir_model_fields field
             WHERE field.id = stored.field_id
               AND field.model = %s AND field.name = %s AND stored.json_value = %s
            """,
            [f'"{new}"', model, field, f'"{old}"'],
        )
        cr.execute(
            "UPDATE ir_filters SET domain = regexp_replace(domain, %s, %s, 'g')"
            " WHERE model_id = %s",
            [f"(['\"]){old}\\1", f"\\1{new}\\1", model],
        )


def rename_xml_ids(cr, pattern, new):
    """
    :param str pattern: regular expression for the whole name
    """
    cr.execute(
        "UPDATE ir_model_data SET name = regexp_replace(name, %s, %s)"
        " WHERE module = %s AND name ~ %s",
        [f"^{pattern}$", new, MODULE, f"^{pattern}$"],
    )
