# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""From our values to Zoom's JSON and back. Pure functions."""

import math
import secrets
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# Zoom's OpenAPI, March 2026.
MAX_TOPIC_LENGTH = 200
MAX_DURATION = 1440  # minutes
_SCHEDULED = 2
_LICENSES = {1: "basic", 2: "licensed"}


def meeting_create_payload(topic, start, duration, mark):
    """The body that creates a scheduled meeting.

    No ``settings``: those of the host apply. Zoom makes up the passcode.

    :param str topic: cut at 200 characters
    :param datetime.datetime start: naive, UTC
    :param float duration: minutes, rounded up, at least 1 and at most 1440
    :param str mark: begins the agenda, to find the meeting again by
    :rtype: dict
    """
    return {
        **meeting_update_payload(topic, start, duration),
        "agenda": mark,
        "default_password": True,
    }


def meeting_update_payload(topic, start, duration):
    """The body that changes a scheduled meeting; see :func:`meeting_create_payload`.

    :rtype: dict
    """
    if start.tzinfo is not None:
        raise ValueError("The start must be naive, in UTC.")
    return {
        "type": _SCHEDULED,
        "topic": topic[:MAX_TOPIC_LENGTH],
        "start_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration": _minutes(duration),
    }


def new_mark():
    """A random text that begins the agenda of one meeting and of no other.

    Letters, digits and dashes only, so that Zoom has nothing to escape in it; far
    shorter than the 250 characters at which Zoom's lists cut an agenda.

    :rtype: str
    """
    return f"rbz-{secrets.token_hex(16)}"


def find_mark(meetings, mark):
    """The meetings that were created with that mark.

    :param list meetings: as Zoom lists them
    :rtype: list[dict]
    """
    if not mark:
        raise ValueError("Every agenda begins with an empty mark.")
    return [
        meeting
        for meeting in meetings
        if str(meeting.get("agenda") or "").lstrip().startswith(mark)
    ]


def parse_meeting(answer):
    """What we keep of a meeting; no start URL, which logs in as the host.

    :param dict answer: as Zoom creates, gets or lists it; lists have no passcode
    :return: zoom_id (text), join_url, passcode, start (naive UTC or None), duration
        (minutes), host_id, topic; text that Zoom left out is empty
    :rtype: dict
    """
    return {
        "zoom_id": str(answer.get("id") or ""),
        "join_url": answer.get("join_url") or "",
        "passcode": str(answer.get("password") or ""),
        "start": _utc(answer.get("start_time"), answer.get("timezone")),
        "duration": int(answer.get("duration") or 0),
        "host_id": answer.get("host_id") or "",
        "topic": answer.get("topic") or "",
    }


def parse_user(answer):
    """What we keep of a user.

    :param dict answer: as Zoom gets or lists it
    :return: zoom_id (empty for a pending user), email, name, license (``basic``,
        ``licensed`` or ``other``), status
    :rtype: dict
    """
    names = (answer.get("first_name"), answer.get("last_name"))
    return {
        "zoom_id": str(answer.get("id") or ""),
        "email": answer.get("email") or "",
        "name": answer.get("display_name") or " ".join(filter(None, names)),
        "license": _LICENSES.get(answer.get("type"), "other"),
        "status": answer.get("status") or "active",
    }


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


def _minutes(duration):
    # A third of an hour is 20.000000000000004 minutes in binary: that is not 21.
    return min(max(math.ceil(round(duration, 2)), 1), MAX_DURATION)


def _utc(text, zone):
    """Zoom writes UTC with a ``Z``; without one it is the time in `zone`."""
    try:
        moment = datetime.fromisoformat(text or "")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone or ""))
    except (ValueError, OSError, KeyError):
        return None
    return moment.astimezone(UTC).replace(tzinfo=None)
