# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ...const import BASIC_MEETING_MINUTES, CURRENT_STATES, WEB_CONFERENCE_TOOLS


class ResourceBookingType(models.Model):
    _inherit = "resource.booking.type"

    web_conference_tool = fields.Selection(
        [
            ("none", "None"),
            ("zoom", "Zoom"),
            ("other", "Another tool with a fixed URL"),
        ],
        string="Web conference tool",
        default="none",
        required=True,
        tracking=True,
        help="Zoom: each booking gets a Zoom meeting of its own. Another tool: each "
        "booking uses the meeting URL of this type.",
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Default Zoom user",
        index="btree_not_null",
        ondelete="set null",
        domain="[('company_id', '=?', company_id)]",
        help="Hosts the bookings whose combination has no Zoom user.",
    )
    link_disclosure = fields.Selection(
        [
            ("reminder", "With the reminder"),
            ("issued", "As soon as it is issued"),
        ],
        string="Show the link",
        default="reminder",
        required=True,
        help="When customers learn how to join.",
    )
    zoom_message = fields.Text(string="Please check", compute="_compute_zoom_message")
    lacks_reminder = fields.Boolean(
        string="Without e-mail reminder",
        compute="_compute_lacks_reminder",
        search="_search_lacks_reminder",
        help="There is a web conference, but no reminder by e-mail that has its link.",
    )
    zoom_consequence = fields.Text(
        string="What follows", compute="_compute_zoom_consequence"
    )

    # === COMPUTE METHODS === #

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
        lacks = Domain("web_conference_tool", "in", WEB_CONFERENCE_TOOLS) & Domain(
            "alarm_ids", "not any", [("alarm_type", "=", "email")]
        )
        found = Domain.FALSE
        if True in value:
            found |= lacks
        if False in value:
            found |= ~lacks
        return found

    @api.depends(
        "web_conference_tool",
        "zoom_user_id",
        "duration",
        "company_id",
        "lacks_reminder",
        "link_disclosure",
        "combination_rel_ids.combination_id.zoom_user_id",
    )
    def _compute_zoom_message(self):
        for booking_type in self:
            lines = []
            if booking_type.web_conference_tool == "zoom":
                lines += booking_type._get_connection_warnings()
                lines += booking_type._get_host_warnings()
            if booking_type.lacks_reminder and booking_type.link_disclosure == "issued":
                lines.append(
                    self.env._(
                        "There is no e-mail reminder: customers receive the link only "
                        "once, as soon as it is issued. Add one to the default "
                        "reminders."
                    )
                )
            elif booking_type.lacks_reminder:
                lines.append(
                    self.env._(
                        "There is no e-mail reminder: customers would never receive "
                        "the link. Add one to the default reminders."
                    )
                )
            booking_type.zoom_message = "\n".join(lines)

    @api.depends(
        "web_conference_tool",
        "zoom_user_id",
        "company_id",
        "combination_rel_ids.combination_id.zoom_user_id",
    )
    def _compute_zoom_consequence(self):
        """Say who hosts the bookings with each combination."""
        for booking_type in self:
            lines = []
            for combination in booking_type.combination_rel_ids.combination_id:
                host = booking_type._get_zoom_host(combination).sudo()
                if host:
                    lines.append(
                        self.env._(
                            "%(combination)s: hosted by %(host)s",
                            combination=combination.name,
                            host=host.name,
                        )
                    )
            booking_type.zoom_consequence = "\n".join(lines)

    def _get_connection_warnings(self):
        """Why no Zoom meeting can be issued at all."""
        accounts = self.env["booking.zoom.account"].sudo()
        domain = [("state", "=", "connected")]
        if self.company_id:
            domain.append(("company_id", "=", self.company_id.id))
        if accounts.search_count(domain, limit=1):
            return []
        return [
            self.env._(
                "No Zoom account is linked. An administrator links it under "
                "Configuration > Zoom account."
            )
        ]

    def _get_host_warnings(self):
        """What is wrong with the Zoom users of the combinations."""
        lines = []
        minutes = round(self.duration * 60)
        for combination in self.combination_rel_ids.combination_id:
            # A type of all companies may be hosted where the reader may not look.
            host = self._get_zoom_host(combination).sudo()
            foreign = combination.sudo().zoom_user_id
            if not host and foreign:
                lines.append(
                    self.env._(
                        "“%(combination)s”: its Zoom user belongs to another company, "
                        "and this type has no default Zoom user: its bookings get no "
                        "meeting.",
                        combination=combination.name,
                    )
                )
            elif not host:
                lines.append(
                    self.env._(
                        "“%(combination)s” has no Zoom user, and this type has no "
                        "default Zoom user: its bookings get no meeting.",
                        combination=combination.name,
                    )
                )
            elif not host._can_host():
                lines.append(
                    self.env._(
                        "“%(combination)s”: the Zoom user %(host)s is not active in "
                        "Zoom.",
                        combination=combination.name,
                        host=host.name,
                    )
                )
            elif host._ends_early(minutes):
                lines.append(
                    self.env._(
                        "“%(combination)s”: %(host)s has a Basic license, so Zoom ends "
                        "the meeting after %(limit)s minutes. This type takes "
                        "%(minutes)s minutes.",
                        combination=combination.name,
                        host=host.name,
                        limit=BASIC_MEETING_MINUTES,
                        minutes=minutes,
                    )
                )
        return lines

    @api.constrains("web_conference_tool", "videocall_location")
    def _check_other_tool_has_url(self):
        for booking_type in self:
            if (
                booking_type.web_conference_tool == "other"
                and not booking_type.videocall_location
            ):
                raise ValidationError(
                    self.env._(
                        "Please enter the meeting URL of “%(name)s”: another web "
                        "conference tool needs a fixed URL.",
                        name=booking_type.name,
                    )
                )

    @api.constrains("zoom_user_id", "company_id")
    def _check_zoom_user_company(self):
        for booking_type in self:
            host = booking_type.sudo().zoom_user_id
            company = booking_type.company_id
            if host and company and company != host.company_id:
                raise ValidationError(
                    self.env._(
                        "The Zoom user %(host)s belongs to another company than the "
                        "booking type “%(name)s”. Choose one of the type's company.",
                        host=host.name,
                        name=booking_type.name,
                    )
                )

    @api.onchange("web_conference_tool")
    def _onchange_web_conference_tool(self):
        if self._has_conference_tool():
            self._add_email_reminder()
        if self.web_conference_tool == "zoom":
            return None
        return self.env["booking.zoom.meeting"]._warn_about_removals(
            Domain("type_id", "in", self._origin.ids)
        )

    @api.onchange("zoom_user_id")
    def _onchange_zoom_user_id(self):
        return self.env["booking.zoom.meeting"]._warn_about_moves(
            Domain("type_id", "in", self._origin.ids),
            lambda booking: self._get_zoom_host(booking.combination_id)._origin,
        )

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
        if vals.keys() & {
            "web_conference_tool",
            "zoom_user_id",
            "name",
            "company_id",
        }:
            self.env["booking.zoom.meeting"]._sync_future_bookings(
                [("type_id", "in", self.ids)]
            )
        if changed or vals.keys() & {
            "link_disclosure",
            "alarm_ids",
            "videocall_location",
        }:
            (changed | hosted)._refresh_future_events()
        return result

    def unlink(self):
        # The database deletes the bookings by itself, so none of their methods runs.
        meetings = self.env["booking.zoom.meeting"].sudo()
        rows = meetings.search(
            [
                ("booking_id.type_id", "in", self.ids),
                ("state", "in", CURRENT_STATES),
                ("stop", ">", fields.Datetime.now()),
            ]
        )
        bookings = self.env["resource.booking"].sudo()
        self.env["booking.conference.mail"].sudo()._note_leaving(
            bookings.search([("type_id", "in", self.ids)]).meeting_id.attendee_ids
        )
        result = super().unlink()
        if rows:
            rows._retire()
            meetings._trigger_sync()
        return result

    # === BUSINESS METHODS === #

    def _get_zoom_host(self, combination):
        """The Zoom user who hosts bookings of this type with this combination."""
        return self._choose_zoom_host(combination.sudo().zoom_user_id)

    def _choose_zoom_host(self, bound):
        """The Zoom user of the combination, else the default one of this type.

        An inactive one is never replaced silently; one of another company is none.

        :param bound: the Zoom user of the combination, or none
        """
        company = self.sudo().company_id
        for host in (bound.sudo(), self.sudo().zoom_user_id):
            if self.web_conference_tool != "zoom":
                break
            if host and (not company or host.company_id == company):
                return host.with_env(self.env)
        return self.env["booking.zoom.user"]

    def _has_conference_tool(self):
        """Whether bookings of this type get a link of ours; none has none."""
        return self.web_conference_tool in WEB_CONFERENCE_TOOLS

    def _get_conference_tool_name(self):
        """What mails call the tool."""
        zoom = self.web_conference_tool == "zoom"
        return "Zoom" if zoom else self.env._("Web conference")

    def _has_email_reminder(self):
        self.ensure_one()
        return "email" in self.alarm_ids.mapped("alarm_type")

    def _add_email_reminder(self):
        """Give the types an e-mail reminder that have none: it carries the link."""
        alarm = self.env.ref(
            "resource_booking_zoom.calendar_alarm_reminder", raise_if_not_found=False
        )
        for booking_type in self:
            if alarm and not booking_type._has_email_reminder():
                booking_type.alarm_ids = [Command.link(alarm.id)]

    def _refresh_future_events(self):
        """Let reminders and URL of future events follow the type, without mails."""
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
        # Who was told another link is told of the change.
        bookings._get_reminder_cron()._trigger()
