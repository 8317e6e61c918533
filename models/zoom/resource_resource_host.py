# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .cost_of_changes import warn_about_moves

# Administrators who connect Zoom need not have booking rights.
STAFF_OR_SYSTEM = "resource_booking.group_user,base.group_system"


class ResourceResource(models.Model):
    _inherit = "resource.resource"

    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF_OR_SYSTEM,
        help="Hosts the Zoom meetings of the bookings of this resource.",
    )
    zoom_message = fields.Text(
        string="Resulting hosts",
        compute="_compute_zoom_message",
        groups=STAFF_OR_SYSTEM,
    )

    @api.depends("zoom_user_id")
    def _compute_zoom_message(self):
        """Say who hosts the combinations of this resource."""
        combinations = self.env["resource.booking.combination"].search(
            [("resource_ids", "in", self._origin.ids)]
        )
        for resource in self:
            # In an unsaved form this says what saving would change.
            bindings = resource._get_edited_binding()
            lines = []
            for combination in combinations:
                if resource._origin not in combination.resource_ids:
                    continue
                # A shared resource may have a Zoom user of another company: read as superuser.
                hosts = combination._get_hosts(bindings)
                if hosts:
                    line = combination._say_who_hosts(hosts)
                elif combination._get_bound_hosts(bindings):
                    line = self.env._(
                        "%(combination)s: its resources have different Zoom users, so "
                        "none hosts. Choose one on the combination.",
                        combination=combination.name,
                    )
                else:
                    line = self.env._(
                        "%(combination)s: no Zoom user", combination=combination.name
                    )
                lines.append(line)
            resource.zoom_message = "\n".join(lines)

    @api.constrains("zoom_user_id", "company_id")
    def _check_zoom_user_company(self):
        for resource in self:
            host = resource.sudo().zoom_user_id
            if host and resource.company_id and resource.company_id != host.company_id:
                raise ValidationError(
                    self.env._(
                        "The Zoom user %(host)s belongs to another company than the "
                        "resource %(resource)s. Choose one of the resource's company.",
                        host=host.name,
                        resource=resource.name,
                    )
                )

    @api.onchange("zoom_user_id")
    def _onchange_zoom_user_id(self):
        bindings = self._get_edited_binding()
        return warn_about_moves(
            self.env,
            Domain("combination_id.resource_ids", "in", self._origin.ids),
            lambda booking: booking.type_id._choose_zoom_hosts(
                booking.combination_id._get_hosts(bindings)
            ),
        )

    def _get_edited_binding(self):
        """The binding that the form shows: resource.resource -> booking.zoom.user."""
        return {self._origin: self.zoom_user_id._origin}

    def write(self, vals):
        result = super().write(vals)
        if "zoom_user_id" in vals:
            self.env["resource.booking.combination"].sudo().with_context(
                active_test=False
            ).search([("resource_ids", "in", self.ids)])._sync_zoom_meetings()
        return result
