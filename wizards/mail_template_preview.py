# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from lxml import html
from markupsafe import Markup

from odoo import api, fields, models

from ..utils import OURS

LAYOUT = "resource_booking_zoom.mail_layout"
CARD = "o_zoom_mail_card"


class MailTemplatePreview(models.TransientModel):
    _inherit = "mail.template.preview"

    booking_type_id = fields.Many2one("resource.booking.type")
    booking_id = fields.Many2one("resource.booking", compute="_compute_booking_id")
    mail_html = fields.Html(
        string="Mail", compute="_compute_mail_html", sanitize=False, exportable=False
    )

    @api.depends("booking_type_id")
    def _compute_booking_id(self):
        """The type's next booking that the user may read, else the last one."""
        now = fields.Datetime.now()
        for preview in self:
            of_type = [
                ("type_id", "=", preview.booking_type_id.id),
                ("meeting_id", "!=", False),
            ]
            bookings = self.env["resource.booking"]
            preview.booking_id = bookings.search(
                [*of_type, ("stop", ">", now)], order="start, id", limit=1
            ) or bookings.search(of_type, order="start desc, id desc", limit=1)

    @api.depends("mail_template_id", "booking_type_id")
    def _compute_resource_ref(self):
        """Preview reminders with a booking that has a web conference, if there is one.

        The platform takes the oldest attendee of whatever event.
        """
        readable = self.filtered(lambda one: one._can_read_records())
        (self - readable).resource_ref = False
        result = super(MailTemplatePreview, readable)._compute_resource_ref()
        bookings = self.env["resource.booking"]
        for preview in readable:
            if preview.booking_type_id:
                preview.resource_ref = _get_reference(preview.booking_id)
                continue
            if not (
                preview.mail_template_id._is_web_conference_reminder()
                and bookings.has_access("read")
            ):
                continue
            booking = bookings.search(
                [
                    ("type_id.web_conference_tool", "!=", "none"),
                    ("meeting_id", "!=", False),
                ],
                limit=1,
            )
            preview.resource_ref = _get_reference(booking) or preview.resource_ref
        return result

    def _compute_no_record(self):
        readable = self.filtered(lambda one: one._can_read_records())
        (self - readable).no_record = True
        return super(MailTemplatePreview, readable)._compute_no_record()

    def _compute_mail_template_fields(self):
        """Show the type's next booking as it is, to those who may read it.

        All other previews show sample values instead of the join link.
        """
        real = self.filtered("booking_type_id")
        super(MailTemplatePreview, self - real)._compute_mail_template_fields()
        real = real.with_context(web_conference_preview=OURS)
        return super(MailTemplatePreview, real)._compute_mail_template_fields()

    @api.depends("body_html", "lang")
    def _compute_mail_html(self):
        """The text within the layout of our mails."""
        for preview in self:
            company = preview.booking_type_id.company_id or self.env.company
            document = self.env["mail.render.mixin"]._render_encapsulate(
                LAYOUT, preview.body_html or "", {"company": company.sudo()}
            )
            (card,) = html.fromstring(document).find_class(CARD)
            preview.mail_html = Markup(html.tostring(card, encoding="unicode"))

    def action_edit_mail(self):
        return self.booking_type_id.action_edit_mail()

    def _can_read_records(self):
        """Whether the user may read what the template is about."""
        model = self.mail_template_id.sudo().model
        return not model or self.env[model].has_access("read")


def _get_reference(booking):
    """The booking's first customer as an attendee, False if there is none."""
    attendee = booking.meeting_id.attendee_ids.filtered(
        lambda one: one.partner_id in booking.partner_ids
    )[:1]
    return attendee and f"calendar.attendee,{attendee.id}"
