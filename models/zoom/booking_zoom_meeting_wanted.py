# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import CHECK_BEFORE, CURRENT_STATES, ISSUE_TIME
from ...utils import lock_rows
from .booking_zoom_meeting import SENT_FIELDS

HOST_PROBLEMS = ("no_host", "host_inactive")
# Ended by what happens to the account or its users, not to the booking.
RESUMABLE = ("not_linked", "scope_missing", "account_limit", "host_refused")


class BookingZoomMeeting(models.Model):
    """What should be: the rows follow their bookings, without any HTTP."""

    _inherit = "booking.zoom.meeting"

    # === WHAT SHOULD BE === #

    @api.model
    def _sync_future_bookings(self, domain):
        """Make the rows right for the bookings in the domain that have not ended.

        :param domain: of resource.booking
        """
        bookings = self.env["resource.booking"].sudo()
        future = Domain("stop", ">", fields.Datetime.now())
        self.sudo()._sync_with_bookings(
            bookings.with_context(active_test=False).search(future & Domain(domain))
        )

    @api.model
    def _sync_with_bookings(self, bookings):
        """Make the rows say what Zoom should hold for these bookings; no HTTP.

        :param bookings: resource.booking, superuser
        :raise ValidationError: a Zoom user would host two bookings at once
        """
        if not bookings:
            return
        now = fields.Datetime.now()
        rows = {
            row.booking_id: row
            for row in bookings.zoom_meeting_ids
            if row.state in CURRENT_STATES
        }
        wanted, unwanted = [], self.browse()
        for booking in bookings:
            row = rows.get(booking, self.browse())
            if booking._needs_zoom_meeting():
                if row or booking.start > now:
                    values = booking._prepare_zoom_meeting_vals()
                    wanted.append((row, row._keep_issued_host(values)))
            elif row and row.stop > now:
                unwanted |= row
        self._check_host_free(
            [values for row, values in wanted if row._takes_other_time(values)]
        )
        # The scheduled action may be recording an answer now.
        touched = [row.id for row, values in wanted if row and row._is_touched(values)]
        lock_rows(unwanted | self.browse(touched))
        # What leaves a time goes to the database before what comes to it.
        changed = unwanted
        unwanted._retire()
        unwanted.flush_recordset()
        for row, values in wanted:
            if row:
                changed |= row._want(values)
        changed.flush_recordset()
        changed |= self._add([values for row, values in wanted if not row])
        changed.flush_recordset()
        if changed:
            self._trigger_sync()

    @api.model
    def _add(self, vals_list):
        """New rows; they say at once when nobody can host them."""
        rows = self.create(vals_list)
        for row in rows:
            row.problem = row._get_host_problem()
        return rows

    def _keep_issued_host(self, values):
        """A booking that loses its Zoom user keeps the meeting that people know."""
        if not values["zoom_user_id"] and (self.zoom_id or self.unanswered_since):
            return {**values, "zoom_user_id": self.zoom_user_id.id}
        return values

    def _moves_to(self, zoom_user_id):
        """Whether an issued meeting would need another host, which Zoom cannot do."""
        issued = self.zoom_id or self.unanswered_since
        return bool(issued and self.zoom_user_id.id != zoom_user_id)

    def _want(self, values):
        """Note what is wanted now.

        :return: the current row if anything differs from before, else nothing
        """
        if self._moves_to(values["zoom_user_id"]):
            return self._replace(values)
        changes = self._get_changes(values)
        if changes:
            # Else who wrote last would be written, and meet who records an answer.
            self.write(changes)
        if changes or self._has_other_host_problem():
            self._reset_attempts()
            return self
        return self.browse()

    def _get_changes(self, values):
        """Those of the values that differ from what the row says."""
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }

    def _has_other_host_problem(self):
        """Whether a problem of the host has begun or ended."""
        problem = self._get_host_problem()
        return problem != self.problem and bool(
            problem or self.problem in HOST_PROBLEMS
        )

    def _is_touched(self, values):
        """Whether the row is written when this is wanted."""
        return bool(self._get_changes(values)) or self._has_other_host_problem()

    def _replace(self, values):
        """Have another meeting issued; this one is removed when that one is ready.

        :param dict values: of the new row
        :return: both rows
        """
        self._retire()
        self.flush_recordset()
        self.successor_id = self._add([values])
        # Those that waited for this one now wait for the new one.
        self.search(
            [("successor_id", "=", self.id), ("state", "=", "removing")]
        ).successor_id = self.successor_id
        return self | self.successor_id

    def _retire(self):
        """The meeting is not wanted any more: it must be removed from Zoom."""
        for row in self:
            issued = row.zoom_id or row.unanswered_since
            row.state = "removing" if issued else "removed"
        self._reset_attempts()
        if any(self.mapped("disclosed_at")):
            # People know this link: they are told that it works no longer.
            self.env["resource.booking"]._get_reminder_cron()._trigger()

    def _reset_attempts(self):
        """Forget earlier failures: something has changed."""
        for row in self:
            host_problem = row._get_host_problem()
            row.write(
                {
                    "state": row._get_state(),
                    "problem": host_problem,
                    # That explains why Zoom did not find it.
                    "gone_count": 0 if host_problem else row.gone_count,
                    "problem_detail": False,
                    "attempt_count": 0,
                    "reissue_count": 0,
                    "wanted_at": fields.Datetime.now(),
                    "awaited_since": False,
                    "next_attempt": False,
                }
            )

    def _get_state(self):
        """The state that follows from what is wanted and what Zoom has accepted."""
        if self.state in ("removing", "removed"):
            return self.state
        if not self.zoom_id:
            return "waiting"
        if self.unanswered_since or not self.join_url:
            # What Zoom has now is what was wanted before, or what was sent; or it has
            # named no link that can be used.
            return "changed"
        equal = all(self[name] == self[sent] for name, sent in SENT_FIELDS.items())
        return "ready" if equal else "changed"

    def _get_host_problem(self):
        """Why nobody can host the meeting, if so."""
        if self.state in ("removing", "removed"):
            return False
        if not self.zoom_user_id:
            return "no_host"
        return False if self.zoom_user_id._can_host() else "host_inactive"

    def _is_usable(self):
        """Whether the join URL may be given to people: it works, or soon will again.

        The meeting of a Zoom user who cannot host any more cannot be joined. False for
        an empty recordset.
        """
        return bool(
            self.join_url
            and self.state in ("ready", "changed")
            and self.problem not in ("shared_link", "host_refused")
            and not self._get_host_problem()
        )

    def _is_about_to_be_issued(self):
        """Whether nobody can say yet that the meeting cannot be issued at once."""
        return bool(
            self.state == "waiting"
            and not self.problem
            and self.wanted_at
            and self.wanted_at > fields.Datetime.now() - ISSUE_TIME
        )

    def write(self, vals):
        """Wake the reminders that are held for a meeting that is not issued now."""
        held = self.browse()
        if vals.get("problem"):
            ledger = self.env["booking.conference.mail"]
            held = self.filtered(
                lambda row: (
                    row.state == "waiting"
                    and not row.problem
                    and ledger._is_last_moment(row)
                )
            )
        result = super().write(vals)
        if held:
            held.booking_id._trigger_due_reminders()
        return result

    def _plan_check(self):
        """Have the meetings read back from Zoom shortly before reminders and start."""
        now = fields.Datetime.now()
        # The booking may have been deleted while its meeting was made.
        wanted = self.filtered(lambda row: row.booking_id and row.zoom_id)
        for row in wanted.filtered(lambda row: row.state in CURRENT_STATES):
            if row.check_at and (
                row.check_at <= now or row.check_at == row.next_attempt
            ):
                # Due, or put off since Zoom did not answer; planned again afterwards.
                continue
            moments = [*row.booking_id._get_reminder_moments(), row.start]
            planned = [moment - CHECK_BEFORE for moment in moments if moment > now]
            check_at = min(
                (at for at in planned if not row.checked_at or at > row.checked_at),
                default=False,
            )
            if row.check_at != check_at:
                row.check_at = check_at

    def _check_now(self):
        """Have the meetings read back from Zoom at once, as after a webhook."""
        self.check_at = fields.Datetime.now()
        self._trigger_sync()

    @api.model
    def _resume(self, domain):
        """Work again the rows in the domain that an account-wide problem stopped."""
        self.search(
            Domain(domain)
            & Domain("state", "in", (*CURRENT_STATES, "removing"))
            & Domain("problem", "in", RESUMABLE)
        )._reset_attempts()

    @api.model
    def _trigger_sync(self):
        self.env["ir.cron"]._get_zoom_action("ir_cron_sync_meetings")._trigger()
