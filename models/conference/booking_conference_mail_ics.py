# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from base64 import b64encode

from pytz import utc

from odoo import models

from ...utils import active_lang, get_addresses, one_line
from .calendar_event_ics import fold_lines

try:
    import vobject
except ImportError:  # then the platform attaches no calendar files either
    vobject = None


class BookingConferenceMail(models.Model):
    """The calendar file that takes a booking out of people's calendars again.

    The event is deleted by then: what is needed of it is in the ledger.
    """

    _inherit = "booking.conference.mail"

    def _process_attachments_for_template_post(self, _mail_template):
        """Attach it to mails about a booking that people need not come to any more.

        Called by the platform for whatever is sent from a template.

        :return dict: id -> ``attachments``, a list of (name, content as Base64)
        """
        return {
            entry.id: {
                "attachments": [("cancelled.ics", b64encode(entry._get_cancel_ics()))]
            }
            for entry in self
            if vobject and entry.calendar_uid and entry.reason in ("cancelled", "left")
        }

    def _get_cancel_ics(self):
        """
        :return bytes: a cancellation (RFC 5546, 3.2.5) of the entry of earlier files
        """
        calendar = vobject.iCalendar()
        calendar.add("method").value = "CANCEL"
        entry = calendar.add("vevent")
        entry.add("uid").value = self.calendar_uid
        # A later revision than any of the earlier files.
        entry.add("sequence").value = str(self.event_id._get_ics_sequence())
        entry.add("status").value = "CANCELLED"
        entry.add("dtstart").value = self.start.replace(tzinfo=utc)
        entry.add("dtend").value = self.stop.replace(tzinfo=utc)
        lang = active_lang(self.env, self.partner_id.lang)
        name = self.type_id.with_context(lang=lang).name
        entry.add("summary").value = one_line(name) or ""
        organizer = _address(self.organizer_id) or _address(self.company_id.partner_id)
        if organizer:
            entry.add("organizer").value = f"MAILTO:{organizer}"
        entry.add("attendee").value = f"MAILTO:{_address(self.partner_id)}"
        return fold_lines(calendar.serialize())


def _address(partner):
    """The address alone: a name may have been entered with it."""
    return next(iter(get_addresses(partner.email)), "")
