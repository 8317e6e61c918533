# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.intervals import Intervals


class ResourceBookingCombination(models.Model):
    _inherit = "resource.booking.combination"

    forced_zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Forced Zoom user",
        index="btree_not_null",
        ondelete="set null",
        help="Used instead of the Zoom users of the resources.",
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        compute="_compute_zoom_user_id",
        inverse="_inverse_zoom_user_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="Hosts the Zoom meetings of this combination. Taken from its resources, "
        "unless set here.",
    )
    zoom_message = fields.Text(string="Zoom", compute="_compute_zoom_message")

    # === COMPUTE METHODS === #

    @api.depends("forced_zoom_user_id", "resource_ids.zoom_user_id")
    def _compute_zoom_user_id(self):
        for combination in self:
            combination.zoom_user_id = combination._get_host()

    def _inverse_zoom_user_id(self):
        for combination in self:
            chosen = combination.zoom_user_id
            # Forms also send a value that the resources have set: only a different
            # one was chosen by hand.
            by_hand = chosen != combination._get_host_of_resources()
            combination.forced_zoom_user_id = chosen if by_hand else False
        # An emptied field falls back to the resources.
        self.env.add_to_compute(self._fields["zoom_user_id"], self)

    @api.depends("zoom_user_id", "forced_zoom_user_id", "resource_ids.zoom_user_id")
    def _compute_zoom_message(self):
        for combination in self:
            # A shared resource may have a Zoom user of another company: read as superuser.
            bound = combination._get_bound_hosts().sudo()
            of_resources = combination._get_host_of_resources().sudo()
            # In an unsaved form this says what saving would change.
            chosen = combination.zoom_user_id.sudo()
            host = chosen or of_resources
            if host and not host._can_host():
                message = self.env._(
                    "The Zoom user %(host)s is not active in Zoom: no meeting can be "
                    "created. Choose another one.",
                    host=host.display_name,
                )
            elif chosen and (chosen != of_resources or combination.forced_zoom_user_id):
                message = self.env._("Set here; overrides the resources.")
            elif host:
                message = self.env._(
                    "%(host)s, taken from the resources.", host=host.name
                )
            elif len(bound) > 1:
                message = self.env._(
                    "The resources have different Zoom users (%(names)s), so none "
                    "hosts. Choose one here.",
                    names=", ".join(bound.mapped("name")),
                )
            else:
                message = self.env._(
                    "No resource has a Zoom user. The default Zoom user of the "
                    "booking type hosts, if there is one."
                )
            combination.zoom_message = message

    @api.onchange("zoom_user_id")
    def _onchange_zoom_user_id(self):
        host = (self.zoom_user_id or self._get_host_of_resources())._origin
        return self.env["booking.zoom.meeting"]._warn_about_moves(
            Domain("combination_id", "in", self._origin.ids),
            lambda booking: booking.type_id._choose_zoom_host(host),
        )

    # === WHO HOSTS === #

    def _get_host(self, bindings=None):
        """The Zoom user of this combination, if there is one.

        :param dict bindings: resource.resource -> booking.zoom.user, to be taken
            instead of the present bindings of these resources
        """
        return self.forced_zoom_user_id or self._get_host_of_resources(bindings)

    def _get_host_of_resources(self, bindings=None):
        """The Zoom user of the resources; empty if they have different ones."""
        bound = self._get_bound_hosts(bindings)
        return bound if len(bound) == 1 else bound.browse()

    def _get_bound_hosts(self, bindings=None):
        """All Zoom users that are bound to the resources."""
        bindings = bindings or {}
        hosts = self.env["booking.zoom.user"]
        for resource in self.resource_ids:
            hosts |= bindings.get(resource._origin, resource.zoom_user_id)
        return hosts

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"resource_ids", "forced_zoom_user_id", "zoom_user_id"}:
            self._sync_zoom_meetings()
        return result

    def _sync_zoom_meetings(self):
        """Move future meetings of these combinations to their present host."""
        self.env["booking.zoom.meeting"]._sync_future_bookings(
            [("combination_id", "in", self.ids)]
        )

    # === FREE SLOTS === #

    def _get_intervals(self, start_dt, end_dt, tz=None):
        """Leave out times when the combination's Zoom user hosts other bookings."""
        busy = self.env.context.get("zoom_busy_intervals")
        if not busy:
            return super()._get_intervals(start_dt, end_dt, tz)
        result = Intervals([])
        for combination in self:
            free = super(ResourceBookingCombination, combination)._get_intervals(
                start_dt, end_dt, tz
            )
            result |= free - (busy.get(combination.id) or Intervals([]))
        return result
