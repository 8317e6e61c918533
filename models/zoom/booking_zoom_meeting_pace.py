# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.change_pace import get_send_at
from ...utils import time_in_words

# With fewer requests than these and the reserve left, creations of a host go first.
CREATIONS_FIRST = 20
# So long an update waits for creations that can be made now.
CREATIONS_WAIT = timedelta(minutes=1)


class BookingZoomMeeting(models.Model):
    """Changes of one booking are joined, so that it does not use up its host's day."""

    _inherit = "booking.zoom.meeting"

    held_message = fields.Char(
        string="When Zoom is told", compute="_compute_held_message"
    )

    @api.depends("state", "problem", "next_attempt")
    @api.depends_context("lang", "tz")
    def _compute_held_message(self):
        now = fields.Datetime.now()
        for row in self:
            row.held_message = False
            if row.problem or not row.next_attempt or row.next_attempt <= now:
                continue
            told = {"time": time_in_words(self.env, row.next_attempt)}
            if row.state == "changed":
                row.held_message = self.env._(
                    "The change is sent to Zoom on %(time)s: changes of one booking "
                    "are joined. The join link stays the same and works.",
                    **told,
                )
            elif row.state == "waiting":
                row.held_message = self.env._(
                    "The meeting is created in Zoom on %(time)s: changes of one "
                    "booking are joined.",
                    **told,
                )

    # === BEFORE THE REQUEST === #

    def _get_held_until(self, kind, used, reset):
        """Until when a creation or update of this booking waits.

        :param str kind: ``create`` or ``update``
        :param used: booking.zoom.change.count of today, may be empty
        :param reset: when Zoom counts anew, naive UTC
        :return: naive UTC, None if it is sent now
        """
        now = fields.Datetime.now()
        send_at = now
        if used:
            reminders = self.booking_id._get_reminder_moments()
            send_at = get_send_at(
                kind,
                used.create_count,
                used.update_count,
                used.last_at,
                self.zoom_user_id.account_id.updates_per_booking,
                [*reminders, self.start if self.start > now else self.stop],
                reset,
                now,
            )
        if send_at <= now and kind == "update" and self._has_to_yield():
            send_at = now + CREATIONS_WAIT
        return send_at if send_at > now else None

    def _has_to_yield(self):
        """Whether creations of the host must go before this update.

        The link of a meeting works at any time; a booking without meeting has none.
        """
        host = self.zoom_user_id
        counts = self.env["booking.zoom.request.count"]
        limit = host.account_id._daily_limit_for(urgent=False) - CREATIONS_FIRST
        if counts._get_today(host).total <= limit:
            return False
        return bool(
            self.search_count(
                self._get_due_domain()
                & Domain("zoom_user_id", "=", host.id)
                & Domain("state", "=", "waiting"),
                limit=1,
            )
        )

    def _hold(self, until):
        """Send this later; nothing is wrong with it."""
        self.write({"problem": False, "problem_detail": False, "next_attempt": until})

    def _weigh_again(self):
        """Decide anew when held changes are sent: there are other reminders now."""
        held = self.filtered(
            lambda row: (
                row.state in ("waiting", "changed")
                and not row.problem
                and row.next_attempt
            )
        )
        if held:
            held.next_attempt = False
            self._trigger_sync()

    def _reserve_request(self, kind, reset, used):
        """Use up one of the host's requests of today, if there is one for this booking.

        :param str kind: ``create`` or ``update``
        :param reset: when Zoom counts anew, naive UTC
        :param used: booking.zoom.change.count of today, may be empty
        :return bool: whether the request may be made
        """
        host, account = self.zoom_user_id, self.zoom_user_id.account_id
        counts = self.env["booking.zoom.request.count"]
        of_reserve = False
        if self.retry_asked:
            # What Zoom answers counts, not what is known here.
            counts._reserve(host, kind)
            used._note(self.booking_id, kind, of_reserve)
            return True
        granted = counts._reserve(host, kind, account._daily_limit_for(urgent=False))
        if not granted and self._is_urgent(reset) and used._may_use_reserve():
            limit = account._daily_limit_for(urgent=True)
            granted = of_reserve = counts._reserve(host, kind, limit)
        if granted and self.booking_id:
            used._note(self.booking_id, kind, of_reserve)
        return granted

    def _give_back_request(self, kind):
        """Return a request that Zoom surely did not execute."""
        host, date = self.zoom_user_id, self.last_attempt.date()
        of_reserve = self.env["booking.zoom.request.count"]._give_back(host, kind, date)
        if self.booking_id:
            self.env["booking.zoom.change.count"]._give_back(
                self.booking_id, kind, date, of_reserve
            )
