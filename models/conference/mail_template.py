# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.rendering_tools import parse_inline_template

from ...utils import OURS, active_lang, is_ours
from .calendar_attendee_conference import (
    BLOCK_MARKER,
    CONFIRMATION,
    FOLLOWS_MARKER,
    NOTICE_MARKER,
)

MARKERS = (BLOCK_MARKER, FOLLOWS_MARKER, NOTICE_MARKER)
# The module's own templates that carry the link.
OWN_TEMPLATES = (
    "mail_template_reminder",
    "mail_template_link",
    "mail_template_changed",
    "mail_template_confirmation",
)

# Who may edit what mails say, and the administrators of bookings.
SENDERS_CHOSEN_BY = (
    "base.group_system",
    "mail.group_mail_template_editor",
    "resource_booking.group_manager",
)

EDITORS = "mail.group_mail_template_editor"
# What booking managers may change who are no editors of templates: not who gets the mail.
TEXTS = ("subject", "body_html")
# The placeholder of the join link can be put back.
PLACEHOLDER = ("t-out", "object.web_conference_info")


class KnownCode:
    """The code that a template had before its text was edited.

    The context passes this object through. It is no set, since JSON must not hold it.
    """

    def __init__(self, code):
        self.code = code


class MailTemplate(models.Model):
    _inherit = "mail.template"

    is_own_mail = fields.Boolean(
        string="Mail of web conferences",
        compute="_compute_is_own_mail",
        search="_search_is_own_mail",
        help="Mails of this module, whose texts booking managers may edit.",
    )
    is_booking_mail = fields.Boolean(
        string="Mail about bookings",
        compute="_compute_is_booking_mail",
        search="_search_is_booking_mail",
        help="Mails about bookings: those of this module, and the reminders of booking "
        "types.",
    )

    # === COMPUTE METHODS === #

    def _compute_is_own_mail(self):
        own = set(self._get_own_ids())
        for template in self:
            template.is_own_mail = template.id in own

    @api.model
    def _search_is_own_mail(self, operator, value):
        return _search_ids(self._get_own_ids(), operator, value)

    def _compute_is_booking_mail(self):
        found = set(self._get_own_ids() + self._get_reminder_ids())
        for template in self:
            template.is_booking_mail = template.id in found

    @api.model
    def _search_is_booking_mail(self, operator, value):
        found = self._get_own_ids() + self._get_reminder_ids()
        return _search_ids(found, operator, value)

    # === CRUD METHODS === #

    def write(self, vals):
        return super(MailTemplate, self._admit_text(vals)).write(vals)

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        templates = self._admit_text([field_name])
        return super(MailTemplate, templates)._update_field_translations(
            field_name, translations, *args, **kwargs
        )

    # === ACTION METHODS === #

    def action_reset_text(self):
        """Bring back the mail as the module delivers it.

        The platform's own button is for template editors only.
        """
        self.check_access("write")
        if set(self.ids) - set(self._get_own_ids()):
            raise UserError(self.env._("Only mails of this module can be reset here."))
        self.sudo().reset_template()

    # === WHO MAY EDIT === #

    def _admit_text(self, names):
        """Let booking managers edit the text of this module's mails.

        Where an administrator restricts the editing of templates, the platform refuses
        others each template that contains code, whatever they change in it.

        :param names: of the fields that are about to be written
        :return: the same records, for the platform's method
        """
        restricted = not self.env.su and not self.env.user.has_group(EDITORS)
        if not restricted or not self or set(self.ids) - set(self._get_own_ids()):
            return self
        self.check_access("write")
        if set(names) - set(TEXTS):
            raise AccessError(
                self.env._(
                    "You may change the subject and the text of this mail. To change "
                    "anything else, ask an administrator for the group “%(group)s”.",
                    group=self.env.ref(EDITORS).sudo().name,
                )
            )
        known = KnownCode({template.id: template._get_code() for template in self})
        return self.with_context(web_conference_known_code=known)

    def _check_access_right_dynamic_template(self):
        """Admit the code that these templates had before."""
        known = self.env.context.get("web_conference_known_code")
        if isinstance(known, KnownCode) and all(
            template._get_code() <= known.code.get(template.id, set())
            for template in self
        ):
            return None
        return super()._check_access_right_dynamic_template()

    def _get_code(self):
        """All code in the subject and the text, in all languages.

        :return set: pairs of the name of a directive and its value
        """
        found = {PLACEHOLDER}
        for lang, _name in self.env["res.lang"].get_installed():
            template = self.sudo().with_context(lang=lang)
            subject = parse_inline_template(template.subject or "")
            found.update(("subject", *code) for _text, *code in subject if code[0])
            body = html.fragment_fromstring(template.body_html or "", "div")
            for node in body.iter():
                found.update(
                    (name, value)
                    for name, value in node.attrib.items()
                    if name.startswith("t-")
                )
        return found

    def _check_can_be_rendered(self, *args, **kwargs):
        """Leave out templates of records that the user may not read.

        The platform would refuse every change of them.
        """
        readable = self.filtered(
            lambda one: not one.model or self.env[one.model].has_access("read")
        )
        return super(MailTemplate, readable)._check_can_be_rendered(*args, **kwargs)

    @api.model
    def _get_own_ids(self):
        """The module's own templates."""
        data = self.env["ir.model.data"].sudo()
        own = data.search(
            [("module", "=", "resource_booking_zoom"), ("model", "=", self._name)]
        )
        return own.mapped("res_id")

    @api.model
    def _get_reminder_ids(self):
        """The templates that reminders of booking types use."""
        alarms = self.env["calendar.alarm"].sudo()
        reminders = alarms.search([("alarm_type", "=", "email")])
        return reminders.filtered("booking_type_ids").mail_template_id.ids

    # === RENDERING === #

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Append how to join, or when the link comes, if the template does not say it.

        Also in previews: whoever deletes the placeholder sees that the link stays.
        """
        template = self
        if self == self.env.ref(CONFIRMATION, raise_if_not_found=False):
            template = self.with_context(web_conference_confirmation=OURS)
        rendered = super(MailTemplate, template)._render_field(
            field, res_ids, *args, **kwargs
        )
        if field == "body_html" and self._gets_web_conference():
            for attendee in template.env["calendar.attendee"].browse(rendered):
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
        ours = self.env["mail.message"]._get_conference_models()
        if self._gets_web_conference() or self.model in ours:
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
                    ("web_conference_tool", "!=", "none"),
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


def _search_ids(ids, operator, value):
    """What a search for a computed boolean finds.

    :param list ids: of the records that have it
    :return Domain:
    """
    if operator != "in":
        return NotImplemented
    found = Domain.FALSE
    if True in value:
        found |= Domain("id", "in", ids)
    if False in value:
        found |= Domain("id", "not in", ids)
    return found
