# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from markupsafe import Markup

from odoo import models

from ...const import WEB_CONFERENCE_TOOLS
from ...utils import active_lang, is_ours
from .calendar_attendee_conference import BLOCK_MARKER, FOLLOWS_MARKER, NOTICE_MARKER
from .mail_message import MAILED_MODELS

MARKERS = (BLOCK_MARKER, FOLLOWS_MARKER, NOTICE_MARKER)
# The module's own templates that carry the link.
OWN_TEMPLATES = (
    "mail_template_reminder",
    "mail_template_link",
    "mail_template_changed",
)

# Who may edit what mails say, and the administrators of bookings.
SENDERS_CHOSEN_BY = (
    "base.group_system",
    "mail.group_mail_template_editor",
    "resource_booking.group_manager",
)


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Append how to join, or when the link comes, if the template does not say it.

        Also in previews: whoever deletes the placeholder sees that the link stays.
        """
        rendered = super()._render_field(field, res_ids, *args, **kwargs)
        if field == "body_html" and self._gets_web_conference():
            for attendee in self.env["calendar.attendee"].browse(rendered):
                body = rendered[attendee.id] or ""
                if not any(marker in body for marker in MARKERS):
                    lang = self.env.context.get("template_preview_lang") or active_lang(
                        self.env, attendee.partner_id.lang
                    )
                    block = attendee.with_context(lang=lang).web_conference_info
                    rendered[attendee.id] = Markup(body) + Markup(block or "")
        return rendered

    def _render_lang(self, res_ids, engine="inline_template"):
        """Use an active language if the recipient's is not active."""
        langs = super()._render_lang(res_ids, engine)
        if self._gets_web_conference() or self.model in MAILED_MODELS:
            return {
                res_id: lang and active_lang(self.env, lang)
                for res_id, lang in langs.items()
            }
        return langs

    def _gets_web_conference(self):
        """Whether the mail being rendered goes to people who may join."""
        if self.model != "calendar.attendee":
            return False
        if "template_preview_lang" in self.env.context:
            return self._is_web_conference_reminder()
        return is_ours(self.env, "web_conference_mail")

    def _may_name_sender(self):
        """Whether this template may name the sender of mails about bookings.

        Replies quote the link. Every employee can write templates and use them in an
        alarm.
        """
        # They may write it without belonging to these groups.
        writers = self.sudo().create_uid | self.sudo().user_id
        return all(
            writer._is_superuser() or any(map(writer.has_group, SENDERS_CHOSEN_BY))
            for writer in writers
        )

    def _is_web_conference_reminder(self):
        """Whether mails with the link use this template."""
        own = [
            self.env.ref(f"resource_booking_zoom.{name}", raise_if_not_found=False)
            for name in OWN_TEMPLATES
        ]
        if self in own:
            return True
        types = self.env["resource.booking.type"].sudo()
        return bool(
            types.search_count(
                [
                    ("web_conference_tool", "in", WEB_CONFERENCE_TOOLS),
                    (
                        "alarm_ids",
                        "any",
                        [
                            ("alarm_type", "=", "email"),
                            ("mail_template_id", "in", self.ids),
                        ],
                    ),
                ],
                limit=1,
            )
        )
