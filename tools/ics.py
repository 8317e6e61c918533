# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Calendar files (.ics, RFC 5545): the platform's one edited, and a cancellation."""

from urllib.parse import quote

from pytz import utc

try:
    import vobject
except ImportError:  # then the platform attaches no calendar files either
    vobject = None


class UnreadableFile(Exception):
    """A name or an address with a line break has damaged the file."""


def quote_url(url):
    """A URL without what no URI may contain: that would break the lines of the file."""
    return quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~")


def edit_entry(content, uid, sequence, summary, lines=(), url=None, label=None):
    """Edit the platform's file, so that all files of an event are one entry.

    The platform gives each a new UID, so that calendar programs add an entry instead
    of changing the one they have, and alarms that ring after the start.

    :param bytes content: the platform's file
    :param str uid: the same for each file of the event
    :param int sequence: its revision; calendar programs keep the latest
    :param str summary: one line
    :param lines: what to add to the description, each a str
    :param str url: how to join, see quote_url
    :param str label: what calendar programs call the URL
    :return bytes:
    :raise UnreadableFile:
    """
    try:
        calendar = vobject.readOne(content.decode(), transform=False)
    except vobject.base.ParseError as error:
        raise UnreadableFile from error
    entry = calendar.vevent
    _replace(entry, "uid", uid)
    _replace(entry, "sequence", str(sequence))
    _replace(entry, "summary", summary)
    # Each booking of a series is an appointment of its own, with its own link.
    entry.contents.pop("rrule", None)
    for alarm in entry.contents.get("valarm", ()):
        _ring_before_start(alarm)
    if url:
        _add_uri(entry, "url", url)
        video = _add_uri(entry, "conference", url)  # RFC 7986
        label = label.replace('"', "'")
        video.params.update(VALUE=["URI"], FEATURE=["VIDEO"], LABEL=[label])
        if "location" not in entry.contents:
            _replace(entry, "location", url)
    if lines:
        former = [entry.description.value] if "description" in entry.contents else []
        _replace(entry, "description", "\n".join([*former, *lines]))
    return calendar.serialize().encode()


def cancel_entry(uid, sequence, start, stop, summary, organizer, attendee):
    """A file that takes the entry of earlier files out of a calendar (RFC 5546, 3.2.5).

    :param str uid: of the earlier files
    :param int sequence: higher than theirs
    :param datetime start: naive UTC
    :param datetime stop: naive UTC
    :param str organizer: an address, or empty
    :param str attendee: an address
    :return bytes: None where no calendar files can be made
    """
    if not vobject:
        return None
    calendar = vobject.iCalendar()
    calendar.add("method").value = "CANCEL"
    entry = calendar.add("vevent")
    entry.add("uid").value = uid
    entry.add("sequence").value = str(sequence)
    entry.add("status").value = "CANCELLED"
    entry.add("dtstart").value = start.replace(tzinfo=utc)
    entry.add("dtend").value = stop.replace(tzinfo=utc)
    entry.add("summary").value = summary
    if organizer:
        entry.add("organizer").value = f"MAILTO:{organizer}"
    entry.add("attendee").value = f"MAILTO:{attendee}"
    return calendar.serialize().encode()


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
    """The platform's alarms ring as long after the start as they should before."""
    delay = alarm.trigger.value.lstrip("+-")
    if delay.startswith("P"):  # else it is a moment
        alarm.trigger.value = f"-{delay}"
    _replace(alarm, "action", "DISPLAY")
