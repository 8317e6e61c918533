# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from datetime import datetime
from urllib.parse import quote

from odoo import fields, models

from ...utils import active_lang, is_ours, one_line

try:
    import vobject
except ImportError:  # then the platform attaches no calendar files either
    vobject = None

_logger = logging.getLogger(__name__)

# Revisions of calendar entries are counted in seconds from here; 32 bits are enough.
FIRST_REVISION = datetime(2026, 1, 1)


class CalendarEvent(models.Model):
    """The calendar file (.ics) of bookings with a web conference tool.

    The platform writes it anew for every mail: with another UID each time, so that
    calendar programs add an entry instead of changing the one they have, and with
    alarms after the start.
    """

    _inherit = "calendar.event"

    def _get_ics_file(self):
        files = super()._get_ics_file()
        for event in self:
            if files.get(event.id) and event._get_conference_booking():
                try:
                    files[event.id] = event._edit_ics(files[event.id])
                except vobject.base.ParseError:
                    # A name or an address with a line break; the mail goes without.
                    _logger.warning("Event %s has no calendar file", event.id)
                    del files[event.id]
        return files

    def _edit_ics(self, content):
        """Make one entry of all files of this event, and say how to join.

        :param bytes content: the platform's file
        :return bytes:
        """
        calendar = vobject.readOne(content.decode(), transform=False)
        entry = calendar.vevent
        _replace(entry, "uid", self._get_ics_uid())
        _replace(entry, "summary", one_line(entry.summary.value))
        _replace(entry, "sequence", str(self._get_ics_sequence()))
        # Of a series too, the booking is one appointment with a link of its own.
        entry.contents.pop("rrule", None)
        for alarm in entry.contents.get("valarm", ()):
            _ring_before_start(alarm)
        booking = self._get_ics_booking()
        if booking:
            self._add_conference(entry, booking)
        return fold_lines(calendar.serialize())

    def _get_ics_uid(self):
        """The same for each file of this event, and for no event elsewhere."""
        parameters = self.env["ir.config_parameter"].sudo()
        return f"event-{self.id}@{parameters.get_param('database.uuid')}"

    def _get_ics_sequence(self):
        """A later file is a later revision: it says what is true by now.

        A link that may be known from now on changes nothing on the event, and must
        arrive all the same: so it is the time that counts.
        """
        return int((fields.Datetime.now() - FIRST_REVISION).total_seconds())

    def _get_ics_booking(self):
        """The booking, in the requester's language, if the file may say how to join.

        Mails to people who may not join switch it off in the context, for one file
        is made for all recipients of a mail.
        """
        booking = self._get_conference_booking()
        if is_ours(self.env, "web_conference_not_in_ics"):
            return None
        if not self.env.su and not booking.with_env(self.env).has_access("read"):
            return None
        if not booking._is_to_be_joined():
            return None
        lang = active_lang(self.env, booking.partner_ids[:1].lang)
        return booking.with_context(lang=lang)

    def _add_conference(self, entry, booking):
        """Say how to join in the fields where calendar programs look for it.

        While that is hidden, say when it comes.

        :param entry: vobject's VEVENT
        :param booking: the resource.booking, in the language of the file
        """
        conference = booking._get_disclosed_conference()
        lines = [entry.description.value] if "description" in entry.contents else []
        if conference:
            # What no URI may contain would break the lines of the file.
            url = quote(conference["url"].strip(), safe="!#$%&'()*+,/:;=?@[]~")
            _add_uri(entry, "url", url)
            video = _add_uri(entry, "conference", url)  # RFC 7986
            label = conference["tool"].replace('"', "'")
            video.params.update(VALUE=["URI"], FEATURE=["VIDEO"], LABEL=[label])
            if not self.location:
                _replace(entry, "location", url)
            lines += _describe(booking.env, conference, url)
        else:
            lines.append(booking._get_link_notice())
        _replace(entry, "description", "\n".join(lines))


def _describe(env, conference, url):
    """How to join as text, for whoever reads the entry.

    :param env: environment that decides the language
    :param dict conference: see resource.booking._get_disclosed_conference
    """
    lines = [f"{conference['tool']}: {url}"]
    if conference["meeting_id"]:
        lines.append(env._("Meeting ID: %(id)s", id=conference["meeting_id"]))
    if conference["passcode"]:
        lines.append(env._("Passcode: %(passcode)s", passcode=conference["passcode"]))
    return lines


def fold_lines(text):
    """Break lines that are longer than 75 octets (RFC 5545, 3.1).

    vobject leaves alone what has fewer characters, as Japanese of 200 octets.

    :param str text: what vobject has written
    :return bytes:
    """
    lines = []
    for line in text.replace("\r\n ", "").split("\r\n"):
        if len(line.encode()) <= 75:
            lines.append(line)
            continue
        octets = 0
        folded = ""
        for character in line:
            size = len(character.encode())
            if octets + size > 75:
                folded += "\r\n "
                octets = 1
            folded += character
            octets += size
        lines.append(folded)
    return "\r\n".join(lines).encode()


def _replace(entry, name, value):
    """Let the property be there once, with this value."""
    entry.contents.pop(name, None)
    entry.add(name).value = value


def _add_uri(entry, name, uri):
    """Add a property whose value, unlike a text, is not escaped."""
    entry.contents.pop(name, None)
    line = entry.add(name)
    line.value = uri
    line.encoded = True
    return line


def _ring_before_start(alarm):
    """The platform's alarms are as long after the start as they should be before."""
    delay = alarm.trigger.value.lstrip("+-")
    if delay.startswith("P"):  # else it is a moment
        alarm.trigger.value = f"-{delay}"
    _replace(alarm, "action", "DISPLAY")
