# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

# The texts that have changed.
NAMES = (
    "mail_template_cancelled",
    "mail_template_hosts_lost",
    "mail_template_limit_alert",
)


def migrate(cr, version):
    """Replace mail templates that nobody has edited by their new texts, in all languages.

    They are deleted, and created again with the module's data.
    """
    cr.execute(
        """
        DELETE FROM mail_template template
              USING ir_model_data data
              WHERE data.module = 'resource_booking_zoom'
                AND data.model = 'mail.template'
                AND data.name IN %s
                AND data.res_id = template.id
                AND template.write_date = template.create_date
          RETURNING template.id
        """,
        [NAMES],
    )
    deleted = [template_id for (template_id,) in cr.fetchall()]
    cr.execute(
        "DELETE FROM ir_model_data WHERE model = 'mail.template' AND res_id = ANY(%s)",
        [deleted],
    )
