# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.intervals import Intervals

from .account_setup import list_names
from .booking_zoom_host import saved_as_a_whole
from .cost_of_changes import warn_about_moves
from .free_hosts import FreeHosts

SYNC_FIELDS = {
    "resource_ids",
    "forced_zoom_user_id",
    "zoom_user_id",
    "zoom_host_ids",
}


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
    zoom_host_ids = fields.One2many(
        "booking.zoom.host",
        "combination_id",
        string="More Zoom users",
        copy=True,
        help="Each booking gets one of the Zoom users that is free then: a licensed one if "
        "it takes more than 40 minutes, then the one with most requests left today, then "
        "the first.",
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

    @api.depends(
        "zoom_user_id",
        "forced_zoom_user_id",
        "resource_ids.zoom_user_id",
        "zoom_host_ids.zoom_user_id",
    )
    def _compute_zoom_message(self):
        for combination in self:
            # A shared resource may have a Zoom user of another company: read as superuser.
            bound = combination._get_bound_hosts().sudo()
            of_resources = combination._get_host_of_resources().sudo()
            # In an unsaved form this says what saving would change.
            chosen = combination.zoom_user_id.sudo()
            host = chosen or of_resources
            hosts = combination._get_hosts(chosen=host).sudo()
            if len(hosts) > 1 and any(user._can_host() for user in hosts):
                message = self.env._(
                    "Each booking gets the one of these that is free: %(hosts)s.",
                    hosts=list_names(
                        [
                            user.name
                            if user._can_host()
                            else self.env._(
                                "%(host)s (not active in Zoom)", host=user.name
                            )
                            for user in hosts
                        ]
                    ),
                )
            elif host and not host._can_host():
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

    @api.onchange("zoom_user_id", "zoom_host_ids")
    def _onchange_zoom_user_id(self):
        hosts = self._get_hosts(
            chosen=self.zoom_user_id or self._get_host_of_resources()
        )
        return warn_about_moves(
            self.env,
            Domain("combination_id", "in", self._origin.ids),
            lambda booking: booking.type_id._choose_zoom_hosts(hosts),
        )

    # === WHO HOSTS === #

    def _get_hosts(self, bindings=None, chosen=None):
        """The Zoom users of whom any may host this combination, in their order.

        :param dict bindings: see _get_host
        :param chosen: booking.zoom.user, to be taken as the first one
        """
        combination = self.sudo()
        if chosen is None:
            chosen = combination.zoom_user_id
        if bindings:
            chosen = combination._get_host(bindings)
        hosts, listed = chosen.sudo(), combination.zoom_host_ids.zoom_user_id
        if listed:
            # A union reads each of its records by itself.
            hosts |= listed
        return hosts._origin.with_env(self.env)

    def _say_who_hosts(self, hosts):
        """Who hosts this combination; the reader may have no right to read them.

        :param hosts: booking.zoom.user, not empty
        :rtype: str
        """
        hosts = hosts.sudo()
        if len(hosts) == 1:
            return self.env._(
                "%(combination)s: hosted by %(host)s",
                combination=self.name,
                host=hosts.name,
            )
        return self.env._(
            "%(combination)s: hosted by the one of these that is free: %(hosts)s",
            combination=self.name,
            hosts=list_names(hosts.mapped("name")),
        )

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
        result = super(ResourceBookingCombination, saved_as_a_whole(self)).write(vals)
        if vals.keys() & SYNC_FIELDS:
            self._sync_zoom_meetings()
        return result

    def _sync_zoom_meetings(self):
        """Move future meetings of these combinations to their present host."""
        self.env["booking.zoom.meeting"]._sync_future_bookings(
            [("combination_id", "in", self.ids)]
        )

    # === FREE SLOTS === #

    def _get_intervals(self, start_dt, end_dt, tz=None):
        """Leave out times when no Zoom user of the combination is free."""
        free_hosts = self.env.context.get("zoom_free_hosts")
        if not isinstance(free_hosts, FreeHosts):
            return super()._get_intervals(start_dt, end_dt, tz)
        result = Intervals([])
        for combination in self:
            free = super(ResourceBookingCombination, combination)._get_intervals(
                start_dt, end_dt, tz
            )
            result |= free_hosts.restrict(combination.id, free, start_dt, end_dt)
        return result
