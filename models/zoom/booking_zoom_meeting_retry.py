# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter

from odoo import fields, models
from odoo.fields import Domain

from ...const import COUNTED, CURRENT_STATES
from ...utils import lock_rows, time_in_words
from .booking_zoom_meeting import ENGINE


class BookingZoomMeeting(models.Model):
    """A person wants Zoom to be asked now, whatever Odoo knows of its limits.

    What Zoom answers counts: where it admits a request, those that waited for the same
    limit go on.
    """

    _inherit = "booking.zoom.meeting"

    retry_asked = fields.Boolean(
        readonly=True,
        groups=ENGINE,
        help="Zoom is asked once, whatever is known of its limits.",
    )

    # === ACTION METHODS === #

    def action_retry(self):
        """Ask Zoom now for what waits, and say what is asked and what is not."""
        self.check_access("read")
        self.env["resource.booking"].check_access("write")
        rows = self.sudo()
        bookings = rows.booking_id
        rows._sync_with_bookings(bookings)
        # A new row may have taken the place of an old one.
        rows |= bookings.zoom_meeting_id
        waiting = rows.filtered(lambda row: row.state not in ("ready", "removed"))
        asked, left = waiting.sorted("start")._choose_to_ask()
        now = fields.Datetime.now()
        for row in asked:
            # What is wrong stays on the screen until Zoom has answered.
            told = {"problem": row.problem, "problem_detail": row.problem_detail}
            row._reset_attempts()
            # With a problem and no next try it would not be tried.
            row.write({**told, "next_attempt": now, "retry_asked": True})
        self._trigger_sync()
        return self._say_what_is_asked(len(asked), left)

    def _choose_to_ask(self):
        """Part the rows into those that Zoom is asked for and those that must wait.

        Of those that a limit stops the first is asked: its answer is that of all.

        :return tuple: rows, and a Counter of the sentences why others are not asked
        """
        asked, left, probed = self.browse(), Counter(), set()
        for row in self:
            reason = row._get_reason_not_to_ask()
            limit = not reason and row._get_known_limit()
            if limit and limit in probed:
                reason = row._say_limit(limit)
            if reason:
                left[reason] += 1
                continue
            probed.add(limit)
            asked |= row
        return asked, left

    def _get_reason_not_to_ask(self):
        """Why asking Zoom now would not help, in the reader's language; or False."""
        now = fields.Datetime.now()
        if self.state == "removing":
            if self.successor_id.state == "waiting":
                return self.env._("They are removed when the new meeting is there.")
        elif self._get_host_problem():
            return self._get_problem_sentence()
        elif (
            self.state == "waiting" and self.start <= now and not self.unanswered_since
        ):
            return self.env._("No meeting is created for what has begun.")
        if self.stop <= now:
            return self.env._("What is over stays as it is.")
        if not self.zoom_user_id.connected:
            return self.env._(
                "The Zoom account is not linked. Ask an administrator to link it."
            )
        return False

    def _get_known_limit(self):
        """The Zoom account or the Zoom user that limit_reached, as far as Odoo knows."""
        if self._get_account_rest():
            return self.zoom_user_id.account_id
        counted = self.state in ("waiting", "changed") and not self.unanswered_since
        count = self.env["booking.zoom.request.count"]._get_today(self.zoom_user_id)
        if counted and (self.problem == "daily_limit" or count._get_used_up()):
            return self.zoom_user_id
        return None

    def _say_limit(self, limit):
        """Until when those wait for which Zoom is not asked.

        :param limit: booking.zoom.account or booking.zoom.user
        """
        until = limit._name == "booking.zoom.account" and self._get_account_rest()
        until = until or self.zoom_user_id._get_next_reset()
        return self.env._(
            "They wait until %(time)s for the daily limit of %(name)s, unless Zoom "
            "admits the one that is asked for now.",
            time=time_in_words(self.env, until),
            name=limit.display_name,
        )

    def _say_what_is_asked(self, asked, left):
        """The notification after the button.

        :param int asked: for how many meetings Zoom is asked
        :param left: Counter of the sentences why it is not asked for others
        """
        said = [
            self.env._(
                "Zoom is asked now. Meetings: %(count)s. The answer shows here in a "
                "moment.",
                count=asked,
            )
            if asked
            else self.env._("Zoom is not asked.")
        ]
        said += [
            self.env._(
                "Not asked for: %(count)s. %(reason)s", count=count, reason=reason
            )
            for reason, count in left.items()
        ]
        if not asked and not left:
            said.append(self.env._("Nothing waits."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if asked and not left else "warning",
                "message": " ".join(said),
                "sticky": bool(left),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === AFTER THE REQUEST === #

    def _record_admitted(self, job):
        """Zoom has admitted what a person wanted, whatever limit was known.

        :param Job job:
        """
        account = self.zoom_user_id.account_id
        self._go_on(
            [
                ("zoom_user_id.account_id", "=", account.id),
                ("problem", "=", "account_limit"),
            ]
        )
        if job.kind not in COUNTED:
            return
        count = self.env["booking.zoom.request.count"]._get_today(self.zoom_user_id)
        if count.limit_reached:
            count.write({"limit_reached": False, "limit_unclear": False})
            self._go_on(
                [
                    ("zoom_user_id", "=", self.zoom_user_id.id),
                    ("problem", "=", "daily_limit"),
                ]
            )

    def _go_on(self, domain):
        """Work again the others in the domain; those that somebody has come later."""
        rows = self.search(
            Domain(domain)
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("stop", ">", fields.Datetime.now())
        )
        lock_rows(rows - self, wait=False)._reset_attempts()
