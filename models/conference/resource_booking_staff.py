# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from typing import NamedTuple

from odoo import models
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_and_format_normalize

from ...utils import active_lang


class Recipient(NamedTuple):
    email: str  # formatted, a valid address
    lang: str | None  # of an active language
    user_id: int | bool  # False for the administrator


class ResourceBooking(models.Model):
    """Who is told what keeps people from joining a booking."""

    _inherit = "resource.booking"

    def _note_for_staff(self, cause, detail=""):
        """Note that the staff of these bookings are to be told.

        The scheduled action of the reminders tells them soon, by mail and by an
        activity on the booking; once per booking, cause and start of the booking.

        :param str cause: key of the field ``cause`` of booking.conference.notice
        :param str detail: plain text about it, such as who cannot be reached and why;
            never a join link. Of ``unreachable`` and ``event_changed`` each one is told.
        :return: the bookings for which this was not noted before, superuser
        """
        notices = self.env["booking.conference.notice"].sudo()
        return notices._note(self.sudo(), cause, detail)

    def _forget_for_staff(self, cause):
        """This is over: its activities go, and if it happens again, it is told again."""
        self.env["booking.conference.notice"].sudo().search(
            [("booking_id", "in", self.ids), ("cause", "=", cause)]
        ).unlink()

    def _on_attendance_changed(self, check_at):
        """A tool calls this when a customer or the host has come to the meeting.

        :param datetime check_at: when to see whether the customer waits for the host,
            naive UTC
        """
        self._get_reminder_cron()._trigger(at=check_at)

    def _get_people_to_tell(self):
        """The administrator of the booking's company, and the staff of the booking.

        The administrator comes first: who is both may see all bookings.

        :return dict: normalized address -> Recipient
        """
        addresses, lang = self._get_administrators()
        people = [
            (address, lang, False)
            for address in email_split_and_format_normalize(addresses)
        ]
        people += [
            (user.email_formatted, user.lang, user.id)
            for user in self._get_staff_to_tell()
        ]
        by_address = {}
        for email, lang, user_id in people:
            if address := email_normalize(email):
                recipient = Recipient(email, active_lang(self.env, lang), user_id)
                by_address.setdefault(address, recipient)
        return by_address

    def _get_staff_to_tell(self):
        """The organizer, if that person may read the booking, and its resources' users.

        :return: res.users
        """
        self.ensure_one()
        organizer = self.user_id.filtered(
            lambda user: not user._is_superuser() and self._is_readable_by(user)
        )
        users = organizer | self.combination_id.resource_ids.user_id
        return users.filtered("active")

    def _get_staff_partners(self):
        """The active users of the booking's resources, as partners."""
        users = self.sudo().combination_id.resource_ids.user_id
        return users.filtered("active").partner_id

    def _get_staff_to_assign(self):
        """Those of the staff who can open the booking and see its activities.

        :return: res.users
        """
        return self._get_staff_to_tell().filtered(
            lambda user: user._is_internal() and self._is_readable_by(user)
        )

    def _get_backend_url(self):
        """Where the reader of a mail finds this booking in Odoo.

        :return str: a full URL, empty for staff who may not read it
        """
        self.ensure_one()
        reader = self.env["res.users"].browse(self.env.context.get("reader_id"))
        if reader and not self._is_readable_by(reader):
            return ""
        return f"{self.get_base_url()}/odoo/{self._name}/{self.id}"
