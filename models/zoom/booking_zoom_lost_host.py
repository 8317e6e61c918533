# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import timedelta

from odoo import api, fields, models

from ...const import CURRENT_STATES

_logger = logging.getLogger(__name__)

# So many hosts that are lost at once are believed only when Zoom says so again, after
# this time: its list has been wrong.
MANY_LOST = 2
ASK_AGAIN_AFTER = timedelta(minutes=10)


class BookingZoomUser(models.Model):
    """Zoom users who were deactivated or deleted: what they host cannot be joined."""

    _inherit = "booking.zoom.user"

    lost_reason = fields.Selection(
        [
            ("deactivated", "Deactivated in Zoom"),
            ("pending", "Invited in Zoom, and has not accepted"),
            ("deleted", "Not a user of the Zoom account any more"),
        ],
        string="Why it cannot host",
        readonly=True,
    )
    lost_told = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="The reason of which the administrator was told.",
    )
    doubted_at = fields.Datetime(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="When Zoom said, of several at once, that this user cannot host any more.",
    )
    hosted_meeting_ids = fields.Many2many(
        "booking.zoom.meeting",
        string="Meetings to come",
        compute="_compute_hosted_meeting_ids",
    )

    def _compute_hosted_meeting_ids(self):
        # Those that the reader may read.
        hosted = self._get_hosted_meetings().with_env(self.env)._filtered_access("read")
        for user in self:
            user.hosted_meeting_ids = hosted.filtered(
                lambda row, user=user: row.zoom_user_id == user
            )

    def _get_hosted_meetings(self):
        """Rows of the bookings to come that these Zoom users host, superuser."""
        return (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id", "in", self.ids),
                    ("state", "in", CURRENT_STATES),
                    ("stop", ">", fields.Datetime.now()),
                ]
            )
        )

    def _filter_doubted(self):
        """Of Zoom users whom Zoom does not list as active now, those it must say so again of.

        One that is lost is believed at once. When several are, their customers would
        all be told that their links are dead because a list was wrong once.
        """
        hosting = self._get_hosted_meetings().zoom_user_id
        if len(hosting) < MANY_LOST:
            return self.browse()
        now = fields.Datetime.now()
        doubted = hosting.filtered(
            lambda user: not user.doubted_at or user.doubted_at > now - ASK_AGAIN_AFTER
        )
        if doubted:
            doubted.filtered(lambda user: not user.doubted_at).doubted_at = now
            self.env["ir.cron"]._get_zoom_action("ir_cron_sync_users")._trigger(
                at=now + ASK_AGAIN_AFTER
            )
            _logger.warning(
                "Zoom does not list the users %s as active any more; they are left as "
                "they are until it says so again in %s.",
                doubted.ids,
                ASK_AGAIN_AFTER,
            )
        return doubted

    def _note_found(self):
        """Zoom lists this user as active: what was said of a loss is over."""
        if self.lost_reason or self.doubted_at:
            self.write({"lost_told": False, "doubted_at": False})

    def _get_lost_cause(self):
        """Why the user cannot host, as far as the list of users or a refusal tells."""
        return self.lost_reason or "refused"

    def _get_lost_label(self):
        labels = dict(self._fields["lost_reason"]._description_selection(self.env))
        return labels.get(
            self.lost_reason, self.env._("Zoom does not let this user host meetings")
        )

    def _spread_loss(self):
        """These Zoom users can host no more, or again: let those know whom it concerns."""
        hosted = self._get_hosted_meetings()
        hosted.booking_id._show_open_url()
        found = hosted.filtered(lambda row: row.zoom_user_id._can_host())
        found.booking_id._forget_for_staff("host_gone")
        if hosted:
            self.env["resource.booking"]._get_reminder_cron()._trigger()


class BookingZoomAccount(models.Model):
    """The mail to the administrator about Zoom users who cannot host any more."""

    _inherit = "booking.zoom.account"

    lost_user_ids = fields.Many2many(
        "booking.zoom.user",
        string="Zoom users that cannot host",
        compute="_compute_lost_user_ids",
        context={"active_test": False},
    )

    @api.depends_context("lost_user_ids")
    def _compute_lost_user_ids(self):
        """The Zoom users of the mail that is being written, else all of them."""
        chosen = self.env.context.get("lost_user_ids")
        for account in self:
            account.lost_user_ids = account._get_lost_users().filtered(
                lambda user: chosen is None or user.id in chosen
            )

    def _get_lost_users(self):
        """Zoom users that cannot host what they are to host."""
        rows = (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "in", self.ids),
                    ("problem", "in", ("host_inactive", "host_refused")),
                    ("state", "in", CURRENT_STATES),
                    ("stop", ">", fields.Datetime.now()),
                ]
            )
        )
        return rows.zoom_user_id

    def _refresh_users(self):
        """Have the users fetched unless they have been lately."""
        recent = fields.Datetime.now() - ASK_AGAIN_AFTER
        if not self.users_synced_at or self.users_synced_at < recent:
            self.env["ir.cron"]._get_zoom_action("ir_cron_sync_users")._trigger()

    def _tell_lost_users(self):
        """Tell the administrator, and the staff of those who know a link; once a cause."""
        lost = self._get_lost_users().filtered(
            lambda user: user.lost_told != user._get_lost_cause()
        )
        for user in lost:
            user.lost_told = user._get_lost_cause()
        if lost:
            self._send_to_administrator(
                "mail_template_hosts_lost", lost_user_ids=lost.ids
            )
        known = lost._get_hosted_meetings().filtered("disclosed_at")
        for user, rows in known.grouped("zoom_user_id").items():
            rows.booking_id._note_for_staff("host_gone", user.name)
