# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter, defaultdict
from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...const import BASIC_MEETING_MINUTES, LONGEST_PAUSE
from ...engine.meeting_title import PLACEHOLDERS, find_unknown, tells_customer
from ...utils import RELOAD, lock_rows, show_message
from .account_setup import list_names
from .booking_zoom_host import saved_as_a_whole
from .cost_of_changes import (
    say_cost_of_telling,
    search_issued,
    search_told_otherwise,
    warn_about_moves,
    warn_about_removals,
)
from .meeting_words import list_differences

TOLD = ("zoom_title", "zoom_waiting_room", "zoom_join_before_host")


class ResourceBookingType(models.Model):
    """Who hosts the bookings of a type in Zoom, and what Zoom and customers are told.

    What Zoom is told holds for meetings that are issued from then on. Existing ones change
    when somebody asks for it.
    """

    _inherit = "resource.booking.type"

    web_conference_tool = fields.Selection(
        selection_add=[("zoom", "Zoom"), ("other",)],
        ondelete={"zoom": "set default"},
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
    zoom_host_ids = fields.One2many(
        "booking.zoom.host",
        "type_id",
        string="More Zoom users",
        copy=True,
        help="Each booking gets one of the Zoom users that is free then: a licensed one if "
        "it takes more than 40 minutes, then the one with most requests left today, then "
        "the first. So several customers can book the same time, each with another "
        "combination.",
    )
    has_own_zoom_pause = fields.Boolean(
        string="Own pause",
        help="Bookings of this type have a pause of their own between meetings of a Zoom "
        "user, instead of the one of the Zoom account.",
    )
    zoom_pause = fields.Integer(
        string="Pause between meetings (minutes)",
        help="Minimum time between a meeting of this type and any other of the same Zoom "
        "user. The longer pause of two neighbours counts. Existing bookings keep the pause "
        "with which they got their time.",
    )
    zoom_consequence = fields.Text(
        string="Resulting hosts", compute="_compute_zoom_consequence"
    )
    zoom_title = fields.Char(
        string="Title in Zoom",
        translate=True,
        help="All who join see it. Placeholders: {type}, {number} (of the booking), "
        "{resource} and {customer}. Leave it empty for the name of the booking type.",
    )
    zoom_title_tells_customer = fields.Boolean(
        compute="_compute_zoom_title_tells_customer"
    )
    zoom_waiting_room = fields.Selection(
        [("on", "On"), ("off", "Off")],
        string="Waiting room",
        help="Whether people wait in Zoom until the host admits them. Empty: as set in "
        "Zoom.",
    )
    zoom_join_before_host = fields.Selection(
        [("on", "On"), ("off", "Off")],
        string="Join before host",
        help="Whether people can join before the host has started the meeting. Empty: as "
        "set in Zoom.",
    )
    zoom_told_otherwise = fields.Text(
        string="Existing meetings", compute="_compute_zoom_told_otherwise"
    )
    zoom_differences = fields.Text(
        string="Different in Zoom", compute="_compute_zoom_differences"
    )
    zoom_dial_in_country_ids = fields.Many2many(
        "res.country",
        "resource_booking_type_dial_in_country_rel",
        string="Dial-in countries",
        help="Who learns the join link also learns telephone numbers of these countries to "
        "join by, up to three of each, as far as the Zoom account has them.",
    )

    _zoom_pause_sensible = models.Constraint(
        f"CHECK(zoom_pause BETWEEN 0 AND {LONGEST_PAUSE})",
        "The pause between meetings must be between 0 and 240 minutes.",
    )

    # === CONSTRAINTS === #

    @api.constrains("zoom_user_id", "zoom_host_ids", "company_id")
    def _check_zoom_user_company(self):
        for booking_type in self:
            company = booking_type.company_id
            for host in booking_type.sudo()._get_own_zoom_hosts():
                if company and company != host.company_id:
                    raise ValidationError(
                        self.env._(
                            "The Zoom user %(host)s belongs to another company than the "
                            "booking type “%(name)s”. Choose one of the type's company.",
                            host=host.name,
                            name=booking_type.name,
                        )
                    )

    @api.constrains("zoom_title")
    def _check_zoom_title(self):
        for booking_type in self:
            titles = booking_type._get_zoom_titles()
            unknown = list(dict.fromkeys(chain(*map(find_unknown, titles))))
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The title in Zoom has no placeholder {%(unknown)s}. There are: "
                        "%(known)s.",
                        unknown="}, {".join(unknown),
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    @api.constrains("zoom_waiting_room", "zoom_join_before_host")
    def _check_zoom_waiting_room(self):
        for booking_type in self:
            if (
                booking_type.zoom_waiting_room
                == "on"
                == (booking_type.zoom_join_before_host)
            ):
                raise ValidationError(
                    self.env._(
                        "In Zoom nobody can join before the host while the waiting room "
                        "is on. Switch off one of the two."
                    )
                )

    # === COMPUTE METHODS === #

    @api.depends(
        "web_conference_tool",
        "zoom_user_id",
        "zoom_host_ids.zoom_user_id",
        "duration",
        "company_id",
        "combination_rel_ids.combination_id.zoom_user_id",
        "combination_rel_ids.combination_id.zoom_host_ids.zoom_user_id",
    )
    def _compute_conference_warning(self):
        return super()._compute_conference_warning()

    @api.depends(
        "web_conference_tool",
        "zoom_user_id",
        "zoom_host_ids.zoom_user_id",
        "company_id",
        "combination_rel_ids.combination_id.zoom_user_id",
        "combination_rel_ids.combination_id.zoom_host_ids.zoom_user_id",
    )
    def _compute_zoom_consequence(self):
        """Say who hosts the bookings with each combination."""
        for booking_type in self:
            lines = []
            for combination in booking_type.combination_rel_ids.combination_id:
                hosts = booking_type._get_zoom_hosts(combination)
                if hosts:
                    lines.append(combination._say_who_hosts(hosts))
            booking_type.zoom_consequence = "\n".join(lines)

    @api.depends("zoom_title")
    @api.depends_context("lang")
    def _compute_zoom_title_tells_customer(self):
        for booking_type in self:
            booking_type.zoom_title_tells_customer = any(
                map(tells_customer, booking_type._get_zoom_titles())
            )

    @api.depends("name", "web_conference_tool", *TOLD)
    @api.depends_context("lang")
    def _compute_zoom_told_otherwise(self):
        """Say how many meetings differ, and what it costs to change them.

        Not before the type is saved: what is being edited may cost something else.
        """
        zoom = self.filtered(
            lambda one: one.web_conference_tool == "zoom" and not one._is_told_edited()
        )
        (self - zoom).zoom_told_otherwise = False
        rows = search_told_otherwise(zoom._origin)
        by_type = rows.grouped(lambda row: row.booking_id.type_id.id)
        for booking_type in zoom:
            found = by_type.get(booking_type._origin.id)
            booking_type.zoom_told_otherwise = found and say_cost_of_telling(found)

    @api.depends("web_conference_tool", "zoom_dial_in_country_ids", *TOLD)
    @api.depends_context("lang")
    def _compute_zoom_differences(self):
        """Say what Zoom makes of the settings, for example if the account locks them."""
        telling = self.filtered(
            lambda one: (
                one.web_conference_tool == "zoom"
                and (
                    one.zoom_waiting_room
                    or one.zoom_join_before_host
                    or one.zoom_dial_in_country_ids
                )
            )
        )
        types, counts = telling._origin, defaultdict(Counter)
        for row in search_issued(self.env, Domain("type_id", "in", types.ids)):
            lines = list_differences(self.env, *row._find_differences())
            counts[row.booking_id.type_id.id].update(lines)
        for booking_type in self:
            booking_type.zoom_differences = "\n".join(
                self.env._(
                    "%(count)s existing meetings: %(difference)s",
                    count=count,
                    difference=difference,
                )
                for difference, count in counts[booking_type._origin.id].items()
            )

    def _get_zoom_titles(self):
        """The titles in all languages; that of the reader as it is being edited."""
        self.ensure_one()
        field, stored = self._fields["zoom_title"], None
        if self._origin:
            stored = field._get_stored_translations(self._origin)
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        titles = {
            lang: title for lang, title in (stored or {}).items() if lang in languages
        }
        titles[field.translation_lang(self.env)] = self.zoom_title
        return list(filter(None, titles.values()))

    def _is_told_edited(self):
        """Whether somebody is changing on a form what Zoom is told."""
        saved = self._origin
        return any(self[name] != saved[name] for name in ("name", *TOLD))

    @api.onchange("web_conference_tool")
    def _onchange_web_conference_tool(self):
        warning = super()._onchange_web_conference_tool()
        if warning or self.web_conference_tool == "zoom":
            return warning
        return warn_about_removals(self.env, Domain("type_id", "in", self._origin.ids))

    @api.onchange("zoom_user_id", "zoom_host_ids")
    def _onchange_zoom_user_id(self):
        return warn_about_moves(
            self.env,
            Domain("type_id", "in", self._origin.ids),
            lambda booking: self._get_zoom_hosts(booking.combination_id),
        )

    # === CRUD METHODS === #

    def write(self, vals):
        chosen = {}
        if "zoom_dial_in_country_ids" in vals:
            chosen = {one: one.zoom_dial_in_country_ids for one in self}
        result = super(ResourceBookingType, saved_as_a_whole(self)).write(vals)
        changed = self.filtered(
            lambda one: one in chosen and one.zoom_dial_in_country_ids != chosen[one]
        )
        if changed:
            changed._read_meetings_that_tell_numbers()
        return result

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        # The platform writes them without write() and constraints.
        result = super()._update_field_translations(
            field_name, translations, *args, **kwargs
        )
        if field_name == "zoom_title":
            self._check_zoom_title()
            self._sync_links()
        return result

    @api.model
    def _get_link_fields(self):
        return super()._get_link_fields() | {"zoom_user_id", "zoom_host_ids", *TOLD}

    def _sync_links(self):
        self.env["booking.zoom.meeting"]._sync_future_bookings(
            [("type_id", "in", self.ids)]
        )
        return super()._sync_links()

    def _read_meetings_that_tell_numbers(self):
        """Read the meetings whose pages tell telephone numbers: others are chosen now.

        All are read before a mail anyway.
        """
        rows = search_issued(self.env, Domain("type_id", "in", self.ids)).filtered(
            lambda row: row.dial_in or row.booking_id._is_join_link_disclosed()
        )
        if rows:
            lock_rows(rows)._check_now()

    # === ACTION METHODS === #

    def action_tell_zoom(self):
        """Change existing meetings in Zoom to what these types say now."""
        self.check_access("write")
        rows = search_told_otherwise(self)
        rows._tell_anew()
        return show_message(
            self.env._("Odoo changes %(count)s meetings in Zoom now.", count=len(rows)),
            then=RELOAD,
        )

    # === WHO HOSTS === #

    def _get_zoom_hosts(self, combination):
        """The Zoom users of whom any may host bookings of this type and combination."""
        return self._choose_zoom_hosts(combination._get_hosts())

    def _choose_zoom_hosts(self, bound):
        """The Zoom users of the combination, else those of this type, in their order.

        Those of another company do not count.

        :param bound: the Zoom users of the combination, possibly none
        """
        if self.web_conference_tool != "zoom":
            return self.env["booking.zoom.user"]
        company = self.sudo().company_id

        def keep_own(hosts):
            return hosts.filtered(
                lambda host: not company or host.company_id == company
            )

        hosts = keep_own(bound.sudo()) or keep_own(self.sudo()._get_own_zoom_hosts())
        return hosts.with_env(self.env)

    def _get_own_zoom_hosts(self):
        """The Zoom users that are chosen here, in their order."""
        return (self.zoom_user_id | self.zoom_host_ids.zoom_user_id)._origin

    def _get_zoom_pause(self, host):
        """Minutes between a new booking of this type and others of the same Zoom user.

        :param host: booking.zoom.user; without one, the company's account says it
        """
        booking_type = self.sudo()
        if booking_type.has_own_zoom_pause:
            return booking_type.zoom_pause
        account = host.sudo().account_id
        if not account:
            company = booking_type.company_id or self.env.company
            account = account.search([("company_id", "=", company.id)], limit=1)
        return account.meeting_pause

    # === WARNINGS === #

    def _get_warnings(self):
        warnings = super()._get_warnings()
        if self.web_conference_tool != "zoom":
            return warnings
        return self._get_connection_warnings() + self._get_host_warnings() + warnings

    def _get_connection_warnings(self):
        """Why no Zoom meeting can be created at all."""
        accounts = self.env["booking.zoom.account"].sudo()
        domain = [("state", "=", "connected")]
        if self.company_id:
            domain.append(("company_id", "=", self.company_id.id))
        if accounts.search_count(domain, limit=1):
            return []
        return [
            self.env._(
                "No Zoom account is connected. An administrator connects one under "
                "Configuration > Zoom account."
            )
        ]

    def _get_host_warnings(self):
        """What is wrong with the Zoom users of the combinations."""
        lines = []
        minutes = round(self.duration * 60)
        for combination in self.combination_rel_ids.combination_id:
            # A type of all companies may have a host that the reader may not read.
            hosts = self._get_zoom_hosts(combination).sudo()
            if len(hosts) > 1:
                lines += self._get_warnings_of_several(combination, hosts)
                continue
            host, foreign = hosts, combination._get_hosts().sudo()
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

    def _get_warnings_of_several(self, combination, hosts):
        """What is wrong with Zoom users of whom any may host.

        :param hosts: booking.zoom.user, superuser
        """
        able = hosts.filtered(lambda user: user._can_host())
        if not able:
            return [
                self.env._(
                    "“%(combination)s”: none of its Zoom users is active in Zoom "
                    "(%(hosts)s).",
                    combination=combination.name,
                    hosts=list_names(hosts.mapped("name")),
                )
            ]
        lines, minutes = [], round(self.duration * 60)
        if able != hosts:
            lines.append(
                self.env._(
                    "“%(combination)s”: %(hosts)s: not active in Zoom. The other Zoom "
                    "users of the list host.",
                    combination=combination.name,
                    hosts=list_names((hosts - able).mapped("name")),
                )
            )
        short = able.filtered(lambda user: user._ends_early(minutes))
        if short:
            lines.append(
                self.env._(
                    "“%(combination)s”: %(hosts)s: Basic license, so Zoom ends the "
                    "meeting after %(limit)s minutes. This type takes %(minutes)s "
                    "minutes. Licensed Zoom users host first.",
                    combination=combination.name,
                    hosts=list_names(short.mapped("name")),
                    limit=BASIC_MEETING_MINUTES,
                    minutes=minutes,
                )
            )
        return lines
