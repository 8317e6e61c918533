# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...const import BASIC_MEETING_MINUTES, LONGEST_PAUSE
from .account_setup import list_names
from .booking_zoom_host import saved_as_a_whole
from .cost_of_changes import warn_about_moves, warn_about_removals


class ResourceBookingType(models.Model):
    """Who hosts the bookings of a type in Zoom, and what keeps Zoom from it."""

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

    _zoom_pause_sensible = models.Constraint(
        f"CHECK(zoom_pause BETWEEN 0 AND {LONGEST_PAUSE})",
        "The pause between meetings must be between 0 and 240 minutes.",
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

    def _get_warnings(self):
        warnings = super()._get_warnings()
        if self.web_conference_tool != "zoom":
            return warnings
        return self._get_connection_warnings() + self._get_host_warnings() + warnings

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
        return super(ResourceBookingType, saved_as_a_whole(self)).write(vals)

    @api.model
    def _get_link_fields(self):
        return super()._get_link_fields() | {"zoom_user_id", "zoom_host_ids"}

    def _sync_links(self):
        self.env["booking.zoom.meeting"]._sync_future_bookings(
            [("type_id", "in", self.ids)]
        )
        return super()._sync_links()

    # === BUSINESS METHODS === #

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
