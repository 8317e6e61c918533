# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import models

from .calendar_attendee import BLOCK_MARKER, FOLLOWS_MARKER


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Append how to join to mails whose template does not say it.

        While that is hidden, append when it comes.
        """
        rendered = super()._render_field(field, res_ids, *args, **kwargs)
        if (
            field == "body_html"
            and self.model == "calendar.attendee"
            and self.env.context.get("web_conference_mail")
        ):
            for attendee in self.env["calendar.attendee"].browse(rendered):
                body = rendered[attendee.id] or ""
                if BLOCK_MARKER not in body and FOLLOWS_MARKER not in body:
                    lang = attendee.partner_id.lang or self.env.lang
                    attendee = attendee.with_context(lang=lang)
                    block = (
                        attendee.web_conference_info
                        or attendee._get_web_conference_notice()
                    )
                    rendered[attendee.id] = Markup(body) + Markup(block or "")
        return rendered
