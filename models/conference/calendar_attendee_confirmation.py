# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime
from urllib.parse import urlencode

from odoo import models

from ...utils import is_ours

INVITATION = "calendar.calendar_template_meeting_invitation"
CONFIRMATION = "resource_booking_zoom.mail_template_confirmation"
# What previews say, as the samples within the templates do
SAMPLE_ZONE = "Asia/Tokyo"
SAMPLE_MOMENT = datetime(2027, 5, 4, 1)


class CalendarAttendee(models.Model):
    """Those who asked for the booking get a confirmation instead of an invitation."""

    _inherit = "calendar.attendee"

    # === BUSINESS METHODS === #

    def _confirm(self, mail_template, send):
        """Send the confirmation to the requesters among those who are invited.

        :param mail_template: the platform's, which is about to be sent
        :param send: function of attendees and template
        :return: the attendees who need the platform's mail no more
        """
        system = self.env(su=True)
        confirmation = system.ref(CONFIRMATION, raise_if_not_found=False)
        invitation = system.ref(INVITATION, raise_if_not_found=False)
        if mail_template != invitation or not (confirmation and confirmation.active):
            return self.browse()
        requesters = self.filtered(
            lambda one: (
                one.partner_id in one.event_id._get_conference_booking().partner_ids
            )
        )
        attendees, template = requesters._let_system_send(confirmation)
        failed = attendees._filter_not_notified(send, template)
        return requesters - failed.with_env(self.env)

    def _is_asked(self):
        """Whether the mail asks for an answer: not of those who chose the time.

        Whoever invites them later, in another's name, puts ``web_conference_chosen``
        into the context.
        """
        self.ensure_one()
        shown = "template_preview_lang" in self.env.context
        return (
            (shown or is_ours(self.env, "web_conference_mail"))
            and self.state == "needsAction"
            and not is_ours(self.env, "web_conference_chosen")
            # Who pays for it in the web shop has chosen it there.
            and not self.event_id._get_conference_booking()._is_only_held()
        )

    def _get_answer_url(self, answer):
        """The page on which the recipient of the mail answers.

        :param str answer: "accept" or "decline"
        :return: False if no answer is asked for
        """
        if not self._is_asked():
            return False
        if "template_preview_lang" in self.env.context:
            return "https://www.example.com/booking"
        # It leads to the page in the recipient's language.
        query = urlencode({"token": self.access_token, "id": self.event_id.id})
        return f"{self.get_base_url()}/calendar/meeting/{answer}?{query}"

    def _get_previewed_notice(self):
        """When the link comes: of this booking to those who may read it, else a sample."""
        bookings = self.env["resource.booking"]
        return self._get_notice_values() or {
            "notice": self.env._(
                "The link comes with the reminder, by e-mail on %(date)s at %(time)s "
                "(%(zone)s).",
                **bookings._say_moment(SAMPLE_MOMENT, SAMPLE_ZONE),
            )
        }
