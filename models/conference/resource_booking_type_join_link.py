# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ...utils import active_lang
from .mail_writing import get_templates


class ResourceBookingType(models.Model):
    """Which tool bookings of a type use, and when customers learn how to join."""

    _name = "resource.booking.type"
    _inherit = ["resource.booking.type", "booking.conference.tool.type"]

    web_conference_tool = fields.Selection(
        [
            ("none", "None"),
            ("other", "Another tool with a fixed URL"),
        ],
        string="Web conference tool",
        default="none",
        required=True,
        tracking=True,
    )
    link_disclosure = fields.Selection(
        [
            ("reminder", "With the reminder"),
            ("issued", "As soon as it exists"),
        ],
        string="Show the join link",
        default="reminder",
        required=True,
        help="When customers learn how to join.",
    )
    lacks_reminder = fields.Boolean(
        string="Without e-mail reminder",
        compute="_compute_lacks_reminder",
        search="_search_lacks_reminder",
        help="There is a web conference, but no e-mail reminder with its join link.",
    )

    conference_warning = fields.Text(
        string="Please check", compute="_compute_conference_warning"
    )

    # === COMPUTE METHODS === #

    @api.depends("lacks_reminder", "link_disclosure")
    def _compute_conference_warning(self):
        """A tool overrides this to name with @api.depends what its warnings depend on."""
        for booking_type in self:
            booking_type.conference_warning = "\n".join(booking_type._get_warnings())

    @api.depends("web_conference_tool", "alarm_ids.alarm_type")
    def _compute_lacks_reminder(self):
        for booking_type in self:
            booking_type.lacks_reminder = (
                booking_type._has_conference_tool()
                and not booking_type._has_email_reminder()
            )

    @api.model
    def _search_lacks_reminder(self, operator, value):
        if operator != "in":
            return NotImplemented
        lacks = Domain("web_conference_tool", "!=", "none") & Domain(
            "alarm_ids", "not any", [("alarm_type", "=", "email")]
        )
        found = Domain.FALSE
        if True in value:
            found |= lacks
        if False in value:
            found |= ~lacks
        return found

    # === CONSTRAINTS AND ONCHANGES === #

    @api.constrains("web_conference_tool", "videocall_location")
    def _check_other_tool_has_url(self):
        for booking_type in self:
            if booking_type._has_fixed_url() and not booking_type.videocall_location:
                raise ValidationError(
                    self.env._(
                        "Please enter the meeting URL of “%(name)s”: another web "
                        "conference tool needs a fixed URL.",
                        name=booking_type.name,
                    )
                )

    @api.onchange("web_conference_tool")
    def _onchange_web_conference_tool(self):
        if self._has_conference_tool():
            self._add_email_reminder()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        types = super().create(vals_list)
        types.filtered(lambda one: one._has_conference_tool())._add_email_reminder()
        return types

    def write(self, vals):
        tools = {one: one.web_conference_tool for one in self}
        result = super().write(vals)
        changed = self.filtered(lambda one: one.web_conference_tool != tools[one])
        hosted = self.filtered(lambda one: one._has_conference_tool())
        (changed & hosted)._add_email_reminder()
        if changed or vals.keys() & {
            "link_disclosure",
            "alarm_ids",
            "videocall_location",
        }:
            (changed | hosted)._refresh_future_events()
        if vals.keys() & self._get_link_fields():
            self._sync_links()
        return result

    def unlink(self):
        # The database deletes the bookings, so none of their methods runs.
        bookings = self.env["resource.booking"].sudo()
        bookings = bookings.search([("type_id", "in", self.ids)])
        self.env["booking.conference.mail"].sudo()._note_leaving(
            bookings.meeting_id.attendee_ids
        )
        bookings._retire_links()
        return super().unlink()

    # === ACTION METHODS === #

    def action_edit_mail(self):
        """Open the mail of the reminder; where there are several, their list."""
        templates = self._get_reminder_templates()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.mail_template_action"
        )
        if len(templates) == 1:
            form = self.env.ref("mail.email_template_form").id
            return {**action, "views": [(form, "form")], "res_id": templates.id}
        return {**action, "domain": [("id", "in", templates.ids)]}

    def action_preview_mail(self):
        """Show the first reminder as the next booking's customer gets it."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The reminder of the next booking"),
            "res_model": "mail.template.preview",
            "views": [
                (
                    self.env.ref(
                        "resource_booking_zoom.mail_template_preview_view_form"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
            "context": {
                "default_mail_template_id": self._get_reminder_templates()[:1].id,
                "default_booking_type_id": self.id,
            },
        }

    # === BUSINESS METHODS === #

    def _get_reminder_templates(self):
        """The mails of the type's reminders, that of the first reminder first.

        :raise UserError: there is none
        """
        self.ensure_one()
        alarms = self.alarm_ids.filtered(lambda alarm: alarm.alarm_type == "email")
        templates = alarms.sorted("duration_minutes", reverse=True).mail_template_id
        if not templates:
            raise UserError(
                self.env._(
                    "There is no e-mail reminder. Add one to the default reminders."
                )
            )
        return templates

    def _get_warnings(self):
        warnings = super()._get_warnings()
        if not self.lacks_reminder:
            return warnings
        if self.link_disclosure == "issued":
            return [
                *warnings,
                self.env._(
                    "There is no e-mail reminder: customers receive the join link only "
                    "once, as soon as it exists. Add one to the default reminders."
                ),
            ]
        return [
            *warnings,
            self.env._(
                "There is no e-mail reminder: customers would never receive the join "
                "link. Add one to the default reminders."
            ),
        ]

    def _has_conference_tool(self):
        """Whether bookings of this type get a join link; False for an empty recordset."""
        return self.web_conference_tool not in (False, "none")

    def _has_fixed_url(self):
        """Whether all bookings share a URL; other tools issue a link for each."""
        return self.web_conference_tool == "other"

    def _get_conference_tool_name(self):
        """What mails call the tool."""
        if not self._has_conference_tool() or self._has_fixed_url():
            return self.env._("Web conference")
        names = self._fields["web_conference_tool"]._description_selection(self.env)
        return dict(names)[self.web_conference_tool]

    def _has_email_reminder(self):
        self.ensure_one()
        return "email" in self.alarm_ids.mapped("alarm_type")

    def _add_email_reminder(self):
        """Add an e-mail reminder to types without one: it carries the join link."""
        alarm = self.env.ref(
            "resource_booking_zoom.calendar_alarm_reminder", raise_if_not_found=False
        )
        for booking_type in self:
            if alarm and not booking_type._has_email_reminder():
                booking_type.alarm_ids = [Command.link(alarm.id)]

    def _refresh_future_events(self):
        """Update reminders and URL of future events to the type, without mails."""
        bookings = (
            self.env["resource.booking"]
            .sudo()
            .search(
                Domain("type_id", "in", self.ids)
                & Domain("meeting_id", "!=", False)
                & Domain("stop", ">", fields.Datetime.now())
            )
        )
        for booking_type, of_type in bookings.grouped("type_id").items():
            alarms = booking_type.alarm_ids
            of_type.meeting_id.filtered(
                lambda event, alarms=alarms: event.alarm_ids != alarms
            )._write_quietly({"alarm_ids": [Command.set(alarms.ids)]})
        bookings._show_open_url()
        # People who know another link are told of the new one.
        bookings._get_reminder_cron()._trigger()

    def _render_sample_reminder(self, partner):
        """The reminder of this type as that person would get it, with sample values.

        :param partner: res.partner; need not have a booking
        :return dict: values of a mail.mail
        """
        lang = active_lang(self.env, partner.lang)
        translated = self.with_context(lang=lang)
        name = translated.name or translated.env._("Online meeting")
        # The template needs an event. It is rolled back, and other modules that send
        # events to other calendars do so after a commit only.
        with self.env.registry.cursor() as cr:
            env = self.env(cr=cr, user=SUPERUSER_ID)
            alarm = self.with_env(env).alarm_ids.filtered(
                lambda one: one.alarm_type == "email"
            )[:1]
            start = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
            event = (
                env["calendar.event"]
                .with_context(no_mail_to_attendees=True)
                .create(
                    {
                        "name": name,
                        "start": start + timedelta(days=1),
                        "stop": start + timedelta(days=1, hours=self.duration or 0.5),
                        "partner_ids": [Command.set(partner.ids)],
                        "user_id": self.env.uid,
                    }
                )
            )
            template = get_templates(env, "reminder", alarm)[0]
            mail_id = template.with_context(template_preview_lang=lang).send_mail(
                event.attendee_ids[:1].id,
                email_layout_xmlid="resource_booking_zoom.mail_layout",
                email_values={"email_to": partner.email_formatted, "recipient_ids": []},
            )
            (values,) = (
                env["mail.mail"]
                .browse(mail_id)
                .read(["subject", "body_html", "email_from", "email_to", "reply_to"])
            )
            cr.rollback()
        values.pop("id")
        return values
