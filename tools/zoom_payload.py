# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""From our values to Zoom's JSON. Pure functions; the way back is `zoom_answers`."""

import math
import re
import secrets
import unicodedata

from .zoom_answers import MAX_DURATION, parse_topic

MAX_TOPIC_LENGTH = 200  # Zoom's OpenAPI, March 2026
_SCHEDULED = 2
# What may be told of a setting: None leaves it to Zoom.
SWITCHES = {None: None, "on": True, "off": False}


def meeting_create_payload(topic, start, duration, correlation_key, **settings):
    """The body that creates a scheduled meeting.

    Of the ``settings`` those of the host apply, but for those that are given, and one
    more: a host who schedules with the personal meeting ID would have one room for all
    bookings. Zoom makes up the passcode.

    :param str topic: cut at 200 characters
    :param datetime.datetime start: naive, UTC
    :param float duration: minutes, rounded up, at least 1 and at most 1440
    :param str correlation_key: begins the agenda, to find the meeting again by
    :param settings: Zoom's name of a setting -> ``on``, ``off``, or None to say nothing
    :rtype: dict
    """
    return {
        **meeting_update_payload(topic, start, duration),
        "agenda": correlation_key,
        "default_password": True,
        "settings": {"use_pmi": False, **_get_told(settings)},
    }


def meeting_update_payload(topic, start, duration, **settings):
    """The body that changes a scheduled meeting; see :func:`meeting_create_payload`.

    :rtype: dict
    """
    if start.tzinfo is not None:
        raise ValueError("The start must be naive, in UTC.")
    payload = {
        "type": _SCHEDULED,
        "topic": topic[:MAX_TOPIC_LENGTH],
        "start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration": _minutes(duration),
    }
    told = _get_told(settings)
    return {**payload, "settings": told} if told else payload


def meeting_facts(topic, start, duration, **settings):
    """What Zoom answers if it keeps what the payload says, named as its answer's parts.

    See :func:`meeting_create_payload` and :class:`.zoom_answers.Meeting`.

    :rtype: dict
    """
    return {
        "topic": parse_topic(topic[:MAX_TOPIC_LENGTH]),
        "start": start.replace(microsecond=0),
        "duration": _minutes(duration),
        **{name: SWITCHES[value] for name, value in settings.items()},
    }


def new_correlation_key():
    """A random text that begins the agenda of one meeting and of no other.

    Letters, digits and dashes only, so that Zoom has nothing to escape in it; far
    shorter than the 250 characters at which Zoom's lists cut an agenda.

    :rtype: str
    """
    return f"rbz-{secrets.token_hex(16)}"


def find_by_key(meetings, correlation_key):
    """The meetings that were created with that key.

    :param meetings: of :class:`.zoom_answers.ListedMeeting`
    :rtype: list
    """
    if not correlation_key:
        raise ValueError("Every agenda begins with an empty key.")
    return [
        meeting
        for meeting in meetings
        if (meeting.agenda or "").lstrip().startswith(correlation_key)
    ]


def format_meeting_id(zoom_id):
    """Zoom's number grouped as Zoom writes it: 123 456 789, 812 3456 7890.

    :param str zoom_id:
    :rtype: str
    """
    digits = str(zoom_id or "")
    if not 9 <= len(digits) <= 11:
        return digits
    last = len(digits) - (4 if len(digits) > 9 else 3)
    return f"{digits[:3]} {digits[3:last]} {digits[last:]}"


def parse_meeting_id(text):
    """The digits of a meeting ID as people type or paste it, possibly not all of them.

    :param str text: with blanks or hyphens, in digits of any width
    :return str: empty when the text is no part of a meeting ID
    """
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text or ""))
    return digits if digits.isascii() and digits.isdigit() else ""


def phone_url(number, zoom_id, passcode):
    """What a telephone dials: the number, then meeting ID and passcode in the call.

    :param str number: as Zoom writes it
    :param str zoom_id: digits
    :param passcode: digits, or nothing
    :rtype: str
    """
    # Each comma is a pause, as in Zoom's own invitations; "#" would begin a fragment.
    dialled = re.sub("[^+0-9]", "", number)
    entered = f",,,,*{passcode}%23" if passcode else ""
    return f"tel:{dialled},,{zoom_id}%23{entered}"


def _get_told(settings):
    return {name: SWITCHES[value] for name, value in settings.items() if value}


def _minutes(duration):
    # A third of an hour is 20.000000000000004 minutes in binary: that is not 21.
    return min(max(math.ceil(round(duration, 2)), 1), MAX_DURATION)
