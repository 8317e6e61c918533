# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...const import BASIC_MEETING_MINUTES, CURRENT_STATES, LONGEST_PAUSE


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
    zoom_message = fields.Text(string="Please check", compute="_compute_zoom_message")
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
        "duration",
        "company_id",
        "lacks_reminder",
        "link_disclosure",
        "combination_rel_ids.combination_id.zoom_user_id",
    )
    def _compute_zoom_message(self):
        for booking_type in self:
            booking_type.zoom_message = "\n".join(booking_type._get_warnings())

    def _get_warnings(self):
        warnings = super()._get_warnings()
        if self.web_conference_tool != "zoom":
            return warnings
        return self._get_connection_warnings() + self._get_host_warnings() + warnings

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
        warning = super()._onchange_web_conference_tool()
        if self.web_conference_tool == "zoom":
            return warning
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

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"web_conference_tool", "zoom_user_id", "name", "company_id"}:
            self.env["booking.zoom.meeting"]._sync_future_bookings(
                [("type_id", "in", self.ids)]
            )
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

        An inactive Zoom user is never replaced silently; one of another company does
        not count.

        :param bound: the Zoom user of the combination, or none
        """
        company = self.sudo().company_id
        for host in (bound.sudo(), self.sudo().zoom_user_id):
            if self.web_conference_tool != "zoom":
                break
            if host and (not company or host.company_id == company):
                return host.with_env(self.env)
        return self.env["booking.zoom.user"]

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
