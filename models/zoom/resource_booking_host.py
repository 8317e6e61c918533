# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...const import BASIC_MEETING_MINUTES, STAFF, START_OTHERS
from ...engine.hosts import Host, Wanted, why_not
from ...utils import TimeTaken, is_customer, lock_rows
from .account_setup import list_names
from .wanted import choose_among

MANAGER = "resource_booking.group_manager"
HOST_FIELDS = {"forced_zoom_user_id", "host_chosen_by_id"}


class ResourceBooking(models.Model):
    """Another host for single bookings, and new meetings in place of present ones."""

    _inherit = "resource.booking"

    forced_zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Own Zoom user",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=STAFF,
        help="Hosts this booking, whatever its combination and type say.",
    )
    host_chosen_by_id = fields.Many2one(
        "res.users",
        string="Zoom user chosen by",
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    # === CONSTRAINTS === #

    @api.constrains("forced_zoom_user_id")
    def _check_forced_host_company(self):
        for booking in self:
            host = booking.sudo().forced_zoom_user_id
            if host and not booking._is_host_of_company(host):
                raise ValidationError(
                    self.env._(
                        "%(host)s belongs to another company than the booking type. "
                        "Choose a Zoom user of the type's company.",
                        host=host.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        chosen = bookings.filtered(lambda one: one.sudo().forced_zoom_user_id)
        if chosen:
            chosen._note_who_chose_host()
        return bookings

    def write(self, vals):
        if "forced_zoom_user_id" in vals:
            lock_rows(self.sudo().zoom_meeting_id)
            self._note_who_chose_host()
        return super().write(vals)

    @api.model
    def _get_fields_off_event(self):
        return super()._get_fields_off_event() | HOST_FIELDS

    def _note_who_chose_host(self):
        # As superuser only the server itself writes: a Zoom user who has come back with
        # a new ID is still the one that somebody chose.
        if not self.env.su:
            self.sudo().write({"host_chosen_by_id": self.env.uid})

    # === ACTION METHODS === #

    def action_change_host(self):
        """Ask who is to host these bookings."""
        return self._ask_for_host("host", self.env._("Change host"))

    def action_issue_anew(self):
        """Ask whether these bookings are to get new meetings."""
        return self._ask_for_host("anew", self.env._("Issue anew"))

    def action_usual_host(self):
        """Ask whether the host of combination and type is to host these bookings again."""
        return self._ask_for_host("usual", self.env._("Take back"))

    def _ask_for_host(self, mode, title):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_zoom_host_change_action"
        )
        context = {
            "default_booking_ids": self.ids,
            "default_mode": mode,
            "in_dialog": True,
        }
        return {**action, "name": title, "target": "new", "context": context}

    # === WHO HOSTS === #

    def _get_hosts(self, combination=None):
        """The Zoom users of whom any may host this booking, in their order.

        :param combination: resource.booking.combination, instead of the booking's own
        """
        if combination is None:
            combination = self.combination_id
        bound = self._get_own_host() or combination._get_hosts()
        return self.type_id._choose_zoom_hosts(bound)

    def _may_have_several_hosts(self):
        """Whether others of the same type and combination can have another Zoom user."""
        return len(self.type_id._get_zoom_hosts(self.combination_id)) > 1

    def _get_own_host(self):
        """The Zoom user that somebody has chosen for this booking alone."""
        forced = self.sudo().forced_zoom_user_id
        # The type may have moved to another company since.
        return forced if self._is_host_of_company(forced) else forced.browse()

    def _is_host_of_company(self, host):
        company = self.type_id.sudo().company_id
        return not company or host.company_id == company

    def _get_usual_host(self):
        """Who would host this booking if nobody had chosen another one."""
        hosts = self.type_id._get_zoom_hosts(self.combination_id)
        present = self.sudo().zoom_meeting_id.zoom_user_id.with_env(self.env)
        if len(hosts) < 2:
            return hosts
        if present in hosts or not self.start:
            return hosts & present
        values = choose_among(self.sudo(), hosts)
        return hosts.browse(values and values["zoom_user_id"])

    def _get_last_row(self):
        """The row of the present meeting, else of the last one, superuser."""
        booking = self.sudo()
        return booking.zoom_meeting_id or booking.zoom_meeting_ids.sorted("id")[-1:]

    def _make_all_busy_error(self, hosts):
        """Why the booking cannot take place then.

        :param hosts: booking.zoom.user, of whom none is free
        :rtype: ValidationError
        """
        if is_customer(self.env):
            # Customers must not learn of Zoom users.
            return TimeTaken(self.env)
        return ValidationError(
            self.env._(
                "None of these Zoom users is free for “%(booking)s”: %(hosts)s. Please "
                "choose another time, or add a Zoom user.",
                booking=self._get_name_for_user(),
                hosts=list_names(hosts.sudo().mapped("name")),
            )
        )

    # === WHO STARTS === #

    def _filter_trusted_hosts(self):
        # Nobody makes just any Zoom user the host of an own booking, and starts it.
        bookings = super()._filter_trusted_hosts()
        return bookings.filtered(lambda one: one.sudo()._is_host_trusted(self.env.user))

    def _is_host_trusted(self, user):
        """Whether this user, whose booking it is, may act as its host.

        Either the settings name the host, or somebody chose it who may start everything
        or manages the bookings, or it is the user's own Zoom user.

        :param user: res.users
        """
        if self.type_id.web_conference_tool != "zoom":
            return True
        forced = self.forced_zoom_user_id
        if not forced or forced in user.sudo().resource_ids.zoom_user_id:
            return True
        chooser = self.host_chosen_by_id
        return bool(chooser) and any(
            chooser.has_group(group) for group in (MANAGER, START_OTHERS)
        )

    # === ANOTHER HOST === #

    def _filter_movable(self):
        """The bookings whose meeting can still be created at another host."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda one: one.sudo()._needs_zoom_meeting() and one.start > now
        )

    def _find_hosts(self):
        """Zoom users that could host all these bookings, besides who does now.

        :return tuple: booking.zoom.user, and a Counter of reasons why others cannot, see
            ``why_not``
        """
        users = self.env["booking.zoom.user"].search([("connected", "=", True)])
        reasons = self._judge_hosts(users)
        able = users.filtered(lambda user: reasons[user.id] is None)
        return able, Counter(filter(None, reasons.values()))

    def _judge_hosts(self, users):
        """Why each of these Zoom users cannot host all these bookings.

        :param users: booking.zoom.user
        :return dict: id -> reason or None, see ``why_not``
        """
        wanted = [booking._describe_wanted() for booking in self.sudo()]
        if not wanted or not users:
            return dict.fromkeys(users.ids)
        busy = self.env["booking.zoom.meeting"]._get_busy(
            users,
            min(one.start for one in wanted),
            max(one.stop for one in wanted),
        )
        urgent = max(self.mapped("start")) < users._get_next_reset()
        left = users._get_requests_left(urgent)
        return {
            user.id: why_not(
                Host(
                    user.id,
                    user.company_id.id,
                    user._can_host(),
                    BASIC_MEETING_MINUTES if user.license == "basic" else None,
                    left[user],
                ),
                wanted,
                busy[user.id],
            )
            for user in users.sudo()
        }

    def _describe_wanted(self):
        row = self.zoom_meeting_id
        return Wanted(
            self.id,
            self.type_id.company_id.id or None,
            row.zoom_user_id.id or None,
            self.start,
            self.stop,
            row.pause,
        )

    def _change_host(self, host):
        """Let this Zoom user host these bookings; new meetings come before old ones go.

        :param host: booking.zoom.user; empty for who would host them otherwise
        """
        usual = self.filtered(
            lambda one: (
                not host or one.type_id._get_zoom_hosts(one.combination_id) == host
            )
        )
        usual.write({"forced_zoom_user_id": False})
        (self - usual).write({"forced_zoom_user_id": host.id})

    # === NEW MEETINGS === #

    def _issue_anew(self):
        """Replace the meetings of these bookings; the old ones go when the new are ready."""
        rows = lock_rows(self.sudo().zoom_meeting_id)
        for row in rows:
            if row.zoom_id or row.unanswered_since:
                row._issue_another()
            else:
                row._reset_attempts()
        rows._trigger_sync()

    @api.model
    def _get_reason_labels(self):
        """Why Zoom users are not offered: reason -> words, in the reader's language."""
        return {
            "present": self.env._("hosts them already"),
            "inactive": self.env._("not active in Zoom"),
            "company": self.env._("another company"),
            "license": self.env._(
                "Basic license, which ends meetings after %(count)s minutes",
                count=BASIC_MEETING_MINUTES,
            ),
            "requests": self.env._("no requests left today"),
            "busy": self.env._("busy at that time"),
        }
