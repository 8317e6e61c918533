# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..const import START_OTHERS
from ..models.conference.meeting_access import filter_own
from .booking_link_choice import get_chosen_bookings, get_next_action

MANAGER = "resource_booking.group_manager"


class BookingZoomHostChange(models.TransientModel):
    """Change the host of some bookings, or issue their meetings anew; says what it costs."""

    _name = "booking.zoom.host.change"
    _description = "Change of Host"

    booking_ids = fields.Many2many("resource.booking", string="Bookings")
    mode = fields.Selection(
        [
            ("host", "Another Zoom user"),
            ("anew", "A new meeting with the same Zoom user"),
            ("usual", "The usual Zoom user, as combination and type say"),
        ],
        string="Change to",
        default="host",
        required=True,
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="New host",
        domain="[('id', 'in', candidate_ids)]",
    )
    candidate_ids = fields.Many2many(
        "booking.zoom.user", compute="_compute_candidate_ids"
    )
    not_offered = fields.Text(compute="_compute_candidate_ids")
    message = fields.Text(string="What it costs", compute="_compute_message")
    warning = fields.Text(compute="_compute_message")

    # === COMPUTE METHODS === #

    @api.model
    def default_get(self, fields_list):
        bookings = get_chosen_bookings(self.env)
        values = super().default_get(fields_list)
        return {**values, "booking_ids": [Command.set(bookings.ids)]}

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Change host")

    @api.depends("booking_ids")
    def _compute_candidate_ids(self):
        for wizard in self:
            able, reasons = wizard._get_movable()._find_hosts()
            wizard.candidate_ids = able
            labels = self.env["resource.booking"]._get_reason_labels()
            # Who hosts already, or serves another company, is no news.
            told = {
                reason: count
                for reason, count in reasons.items()
                if reason not in ("present", "company")
            }
            wizard.not_offered = bool(told) and self.env._(
                "Not offered: %(reasons)s.",
                reasons=", ".join(
                    f"{labels[reason]} ({count})" for reason, count in told.items()
                ),
            )

    @api.depends("booking_ids", "mode", "zoom_user_id")
    def _compute_message(self):
        for wizard in self:
            wizard.message = "\n".join(wizard._get_costs())
            wizard.warning = "\n".join(wizard._get_warnings())

    def _get_movable(self):
        return self.booking_ids._origin._filter_movable()

    def _get_bookings(self):
        """The bookings that change, grouped by their new host.

        :return dict: booking.zoom.user -> bookings; empty users for bookings without
        """
        movable = self._get_movable()
        hosts = {}
        for booking in movable:
            present = booking.sudo().zoom_meeting_id.zoom_user_id
            if self.mode == "anew":
                hosts[booking] = present
            elif self.mode == "usual":
                hosts[booking] = booking._get_usual_host().sudo()
            else:
                hosts[booking] = self.zoom_user_id._origin.sudo()
        return movable.filtered(
            lambda one: (
                self.mode == "anew"
                or hosts[one] != one.sudo().zoom_meeting_id.zoom_user_id
                or self.mode == "usual"
                and one.forced_zoom_user_id
            )
        ).grouped(hosts.get)

    def _get_costs(self):
        """Requests and mails, in plain words."""
        if self.mode == "host" and not self.zoom_user_id:
            return []
        groups = self._get_bookings()
        bookings = self.env["resource.booking"].union(*groups.values())
        if not bookings:
            return []
        lines = [
            self.env._(
                "Bookings that change, and no others: %(count)s.", count=len(bookings)
            )
        ]
        left = self._get_requests_left(groups)
        for host, of_host in groups.items():
            if host:
                lines.append(
                    self.env._(
                        "%(host)s: %(count)s of the %(left)s requests left today.",
                        host=host.name,
                        count=len(of_host),
                        left=left[host],
                    )
                )
        people = bookings._count_people_who_know_link()
        lines.append(
            self.env._(
                "%(count)s people know the present join link and get a mail with the "
                "new one. The old one works until then.",
                count=people,
            )
            if people
            else self.env._("Nobody knows the join link yet, so nobody is mailed.")
        )
        return lines

    @api.model
    def _get_requests_left(self, groups):
        hosts = self.env["booking.zoom.user"].sudo().union(*groups)
        starts = [start for some in groups.values() for start in some.mapped("start")]
        urgent = bool(starts) and max(starts) < hosts._get_next_reset()
        return hosts._get_requests_left(urgent)

    def _get_warnings(self):
        lines = []
        left = len(self.booking_ids) - len(self._get_movable())
        if left:
            lines.append(
                self.env._(
                    "%(count)s bookings stay as they are: they have begun, have no Zoom "
                    "meeting, or use a link entered by hand.",
                    count=left,
                )
            )
        if self.mode == "host" and self._loses_start():
            lines.append(
                self.env._(
                    "You cannot start meetings as this host: it is not your own Zoom "
                    "user. If you hold them, have a booking manager change the host."
                )
            )
        if self.mode == "host" and not self.candidate_ids:
            lines.append(self.env._("No other Zoom user can host all these bookings."))
        return lines

    def _loses_start(self):
        """Whether the present user could start these meetings, and will not any more."""
        user, host = self.env.user, self.zoom_user_id._origin
        if not host or any(user.has_group(one) for one in (MANAGER, START_OTHERS)):
            return False
        own = filter_own(self._get_movable())
        return bool(own) and host not in user.sudo().resource_ids.zoom_user_id

    # === ACTION METHODS === #

    def action_apply(self):
        """Change the hosts, if that is still possible."""
        self.ensure_one()
        groups = self._get_bookings()
        bookings = self.env["resource.booking"].union(*groups.values())
        bookings.check_access("write")
        if self.mode == "host":
            self._check_host(bookings)
        elif self.mode == "anew":
            self._check_requests_left(groups)
        if not bookings:
            raise UserError(self.env._("No booking changes by this."))
        if self.mode == "anew":
            bookings._issue_anew()
        else:
            bookings._change_host(
                self.zoom_user_id.browse()
                if self.mode == "usual"
                else self.zoom_user_id
            )
        return get_next_action(self.booking_ids)

    def _check_host(self, bookings):
        """
        :raise UserError: the Zoom user cannot take over these bookings, or not any more
        """
        if not self.zoom_user_id:
            raise UserError(self.env._("Please choose the new host."))
        reason = self._get_movable()._judge_hosts(self.zoom_user_id)[
            self.zoom_user_id.id
        ]
        if reason:
            raise UserError(
                self.env._(
                    "%(host)s cannot host these bookings: %(reason)s.",
                    host=self.zoom_user_id.name,
                    reason=bookings._get_reason_labels()[reason],
                )
            )

    def _check_requests_left(self, groups):
        """
        :raise UserError: a Zoom user has too few requests left today
        """
        left = self._get_requests_left(groups)
        for host, bookings in groups.items():
            if host and len(bookings) > left[host]:
                raise UserError(
                    self.env._(
                        "%(host)s has only %(left)s requests left today. The present "
                        "meetings stay.",
                        host=host.name,
                        left=left[host],
                    )
                )
