# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import SQL

from ...utils import RELOAD, show_message


class ResourceBooking(models.Model):
    """Staff have the join link sent now, or once more."""

    _inherit = "resource.booking"

    # Not a moment: what counts as sent since then must not depend on clocks.
    link_asked_from = fields.Integer(
        copy=False,
        groups=fields.NO_ACCESS,
        help="The first entry in the ledger of mails after staff had the link sent to "
        "everybody: who has only earlier ones gets it. 0: nobody asked for it.",
    )

    # === ACTION METHODS === #

    def action_send_link(self):
        """Send everybody who takes part the join link now, even if they have it.

        The scheduled action of the reminders writes the mails. What has no link yet is
        sent as soon as it has one.
        """
        self.check_access("write")
        bookings = self.filtered(
            lambda one: (
                one.sudo()._is_to_be_joined()
                and one._expects_join_link()
                and not one._is_only_held()
            )
        )
        if bookings:
            ((following,),) = self.env.execute_query(
                SQL("SELECT coalesce(max(id), 0) + 1 FROM booking_conference_mail")
            )
            bookings.sudo().write({"link_asked_from": following})
            self._get_reminder_cron()._trigger()
        waiting = bookings.filtered(lambda one: not one._get_join_link())
        return self._say_what_is_sent(
            len(bookings - waiting), len(waiting), len(self - bookings)
        )

    @api.model
    def _get_fields_off_event(self):
        return super()._get_fields_off_event() | {"link_asked_from"}

    def _forget_asked_links(self):
        """Where the date was removed, nobody has asked for the link of the next one."""
        undated = self.sudo().filtered(
            lambda one: not one.meeting_id and one.link_asked_from
        )
        if undated:
            undated.write({"link_asked_from": 0})

    def _say_what_is_sent(self, ready, waiting, left):
        """The notification after the button.

        :param int ready: number of bookings whose link is sent now
        :param int waiting: number of those whose link does not exist yet
        :param int left: number of the others
        """
        said = []
        if ready:
            said.append(
                self.env._(
                    "The join link is being sent. Bookings: %(count)s.", count=ready
                )
            )
        if waiting:
            said.append(
                self.env._(
                    "The join link is sent as soon as it exists. Bookings: %(count)s.",
                    count=waiting,
                )
            )
        if left:
            said.append(
                self.env._(
                    "Nothing is sent for bookings without join link, and for those that "
                    "are only held, over, cancelled or declined by all: %(count)s.",
                    count=left,
                )
            )
        kind = "warning" if left or waiting else "success"
        return show_message(" ".join(said), kind, bool(left), RELOAD)
