# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ...const import CURRENT_STATES

# So many meetings of one account that Zoom does not find at once are not believed.
MANY_GONE = 5


class BookingZoomAccount(models.Model):
    """The brake for the case that Zoom does not find many meetings at once."""

    _inherit = "booking.zoom.account"

    gone_since = fields.Datetime(
        string="Meetings not found since",
        readonly=True,
        copy=False,
        help="Zoom did not find many meetings at once. They are not issued anew before "
        "an administrator says so, or Zoom finds them again.",
    )
    gone_count = fields.Integer(
        string="Meetings not found", compute="_compute_gone_count"
    )

    @api.depends("gone_since")
    def _compute_gone_count(self):
        for account in self:
            account.gone_count = len(account._get_gone_meetings())

    def _get_gone_meetings(self):
        """Current rows of the account that Zoom did not find when it last answered.

        That it does not answer, or that the link is broken, does not mean that it
        finds them; whose host cannot host is not asked for.
        """
        return (
            self.env["booking.zoom.meeting"]
            .sudo()
            .search(
                [
                    ("zoom_user_id.account_id", "in", self.ids),
                    ("state", "in", CURRENT_STATES),
                    ("gone_count", ">", 0),
                    ("problem", "not in", ("no_host", "host_inactive", "host_refused")),
                    ("stop", ">", fields.Datetime.now()),
                ]
            )
        )

    def _doubts_gone(self):
        """Whether Zoom's word that a meeting is gone is not to be believed now."""
        self.ensure_one()
        return bool(self.gone_since) or len(self._get_gone_meetings()) >= MANY_GONE

    def action_issue_gone_anew(self):
        """Believe Zoom: issue new meetings for those that it does not find."""
        for account in self:
            account.check_access("write")
            account.gone_since = False
            account._get_gone_meetings()._issue_anew()

    def _tell_gone(self):
        """Set the brake and tell the administrator; release it when all are found."""
        gone = len(self._get_gone_meetings())
        if not self.gone_since and gone >= MANY_GONE:
            self.gone_since = fields.Datetime.now()
            self._send_to_administrator("mail_template_meetings_gone")
        elif self.gone_since and not gone:
            self.gone_since = False
