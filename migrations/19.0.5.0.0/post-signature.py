# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

# As JSON writes them
OLD = r"t-if=\"event.user_id.signature\""
NEW = r"t-if=\"event.user_id.signature and not event.user_id.share\""


def migrate(cr, version):
    """Sign no mail with the name of a visitor of the web shop.

    Only this condition is replaced, so that texts that somebody has edited get it too.
    """
    cr.execute(
        """
        UPDATE mail_template template
           SET body_html = replace(body_html::text, %(old)s, %(new)s)::jsonb
          FROM ir_model_data data
         WHERE data.module = 'resource_booking_zoom'
           AND data.model = 'mail.template'
           AND data.name IN ('mail_template_confirmation', 'mail_template_reminder')
           AND data.res_id = template.id
        """,
        {"old": OLD, "new": NEW},
    )
