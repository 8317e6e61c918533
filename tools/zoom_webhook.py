# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Zoom's webhooks: who signed the bytes, and what they say. Pure functions."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from .zoom_answers import (
    is_join_url,
    is_passcode,
    load_object,
    parse_duration,
    parse_number,
    parse_start,
    parse_topic,
    parse_utc,
)

URL_VALIDATION = "endpoint.url_validation"
APP_DEAUTHORIZED = "app_deauthorized"
MEETING_EVENTS = (
    "meeting.updated",
    "meeting.deleted",
    "meeting.permanently_deleted",
    "meeting.recovered",
)
USER_EVENTS = (
    "user.activated",
    "user.deactivated",
    "user.deleted",
    "user.disassociated",
)
# Who comes and goes: what happened, and the member of the event that says when. Others
# say it by the time of the event only; a scheduled meeting that starts has its planned time.
_ATTENDANCE = {
    "meeting.started": ("started", None),
    "meeting.ended": ("ended", "end_time"),
    "meeting.participant_joined": ("joined", "join_time"),
    "meeting.participant_left": ("left", "leave_time"),
    # To be let in, and for a host who has not started the meeting.
    "meeting.participant_joined_waiting_room": ("joined", "date_time"),
    "meeting.participant_jbh_waiting": ("joined", None),
}
ATTENDANCE_EVENTS = tuple(_ATTENDANCE)

# Seconds. Zoom names no tolerance. Longer, and a recorded event could be played again;
# shorter, and clocks that differ would refuse true ones.
TOLERANCE = 300
# Zoom repeats an event 5, 25 and 85 minutes later, whether signed anew it does not say.
# To play one again that has Zoom read does no harm.
REPEAT_TOLERANCE = 7200
# Zoom's largest bodies have some kilobytes.
MAX_BODY = 1 << 20  # bytes

# Fields of Zoom's meeting of which we hold a copy: our name, and what reads the value
# with the help of the whole object. None is what cannot be used.
_COPIED_FIELDS = {
    "topic": ("topic", lambda value, _meeting: parse_topic(value)),
    "start_time": (
        "start",
        lambda value, meeting: parse_start(value, meeting.get("timezone")),
    ),
    "duration": ("duration", lambda value, _meeting: parse_duration(value)),
    "join_url": (
        "join_url",
        lambda value, _meeting: value if is_join_url(value) else None,
    ),
    "password": (
        "passcode",
        lambda value, _meeting: value if is_passcode(value) else None,
    ),
}
# They come along with the others, and nothing follows from them.
_SILENT_FIELDS = {
    "id": (int, str),
    "uuid": str,
    "host_id": str,
    "type": int,
    "timezone": str,
    "agenda": str,
}


class MalformedEvent(ValueError):
    """The body is none that Zoom sends."""


@dataclass(frozen=True)
class Participant:
    """Who came or left; texts that the event does not have are empty.

    ``zoom_id`` is that of a Zoom user who was signed in, ``is_host`` whether the meeting
    is that user's.
    """

    is_host: bool
    zoom_id: str = ""
    email: str = ""

    def __repr__(self):
        return "<participant>"  # in no log


@dataclass(frozen=True)
class Event:
    """What we use of an event; texts that it does not have are empty.

    ``happened_at`` is naive UTC, None when the event does not say it. ``facts`` are
    what a changed meeting is like now, as :class:`.zoom_answers.Meeting` names it: None
    if that cannot be told from the event. ``attendance`` is ``started``, ``ended``,
    ``joined`` or ``left``; ``participant`` says who it was, and is not to be stored.
    """

    name: str
    account_id: str = ""
    client_id: str = ""
    zoom_id: str = ""
    plain_token: str = ""
    happened_at: datetime | None = None
    facts: dict | None = None
    attendance: str = ""
    participant: Participant | None = None


def is_timely(timestamp, now, tolerance=TOLERANCE):
    """Whether an event was signed within the tolerance before `now`, or just after.

    :param str timestamp: the header ``x-zm-request-timestamp``, unix seconds
    :param float now: unix seconds
    :param float tolerance: seconds; after `now` it is TOLERANCE
    """
    # Not int() alone: that takes spaces, signs and digits of all alphabets.
    if not re.fullmatch("[0-9]{1,12}", timestamp or ""):
        return False
    return -TOLERANCE <= now - int(timestamp) <= tolerance


def is_signed(secret, signature, timestamp, raw):
    """Whether the bytes were signed with this secret; compares in constant time.

    :param str secret: the app's secret token; an empty one signs nothing
    :param str signature: the header ``x-zm-signature``
    :param str timestamp: the header ``x-zm-request-timestamp``
    :param bytes raw: the body as it was received
    """
    if not secret or not signature:
        return False
    message = b"v0:" + _encode(timestamp) + b":" + raw
    return hmac.compare_digest(
        _encode("v0=" + _digest(secret, message)), _encode(signature)
    )


def validation_answer(secret, plain_token):
    """What Zoom wants to read when it checks the address.

    :rtype: dict
    """
    return {
        "plainToken": plain_token,
        "encryptedToken": _digest(secret, _encode(plain_token)),
    }


def parse_event(raw):
    """Read a body.

    :param bytes raw: signed, so it is Zoom's; that does not make it well-formed
    :rtype: Event
    :raise MalformedEvent:
    """
    body = load_object(raw)
    if body is None:
        raise MalformedEvent("no JSON object")
    name = _get(body, "event", str)
    payload = _get(body, "payload", dict)
    values = {
        "account_id": _get(payload, "account_id", str, ""),
        "client_id": _get(payload, "client_id", str, ""),
    }
    if name == URL_VALIDATION:
        values["plain_token"] = _get(payload, "plainToken", str)
    elif name == APP_DEAUTHORIZED:
        # Zoom's own example has no zone: 2024-09-08 15:58:40
        values["happened_at"] = parse_utc(payload.get("deauthorization_time"))
    elif name in MEETING_EVENTS:
        meeting = _get(payload, "object", dict)
        values["zoom_id"] = parse_number(meeting.get("id"))
        if not values["zoom_id"]:
            raise MalformedEvent("no meeting id")
        if name == "meeting.updated":
            values["facts"] = _parse_facts(meeting)
    elif name in ATTENDANCE_EVENTS:
        values.update(_parse_attendance(name, body, payload))
    return Event(name=name, **values)


def loggable(text):
    """A name or number from outside that may be written to a log, or a dash."""
    return text if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text or "") else "-"


def _digest(secret, message):
    return hmac.new(_encode(secret), message, hashlib.sha256).hexdigest()


def _encode(text):
    # JSON may hold halves of characters, which UTF-8 cannot.
    return (text or "").encode("utf-8", "backslashreplace")


def _get(owner, name, kind, *default):
    """A member of a JSON object, of the type that Zoom gives it.

    :raise MalformedEvent:
    """
    if not isinstance(owner, dict):
        raise MalformedEvent(f"no object around {name}")
    value = owner.get(name, *default)
    if not isinstance(value, kind):
        raise MalformedEvent(f"no {name}")
    return value


def _parse_facts(meeting):
    """What a changed meeting is like now, as far as the event tells.

    :param dict meeting: the id and the changed fields only
    :return: the copied fields; None if other fields changed, too, or cannot be
        understood
    """
    facts = {}
    for name, value in meeting.items():
        if name in _COPIED_FIELDS:
            ours, read = _COPIED_FIELDS[name]
            facts[ours] = read(value, meeting)
            if facts[ours] is None:
                return None
        elif not _has_type(value, _SILENT_FIELDS.get(name, ())):
            return None
    return facts or None


def _parse_attendance(name, body, payload):
    """Who came to which meeting or left it, and when.

    :return dict: values of :class:`Event`
    """
    meeting = _get(payload, "object", dict)
    values = {"zoom_id": parse_number(meeting.get("id"))}
    if not values["zoom_id"]:
        raise MalformedEvent("no meeting id")
    values["attendance"], when = _ATTENDANCE[name]
    told = meeting
    if values["attendance"] in ("joined", "left"):
        told = _get(meeting, "participant", dict)
        host = meeting.get("host_id")
        zoom_id = told.get("id") or told.get("participant_user_id")
        values["participant"] = Participant(
            is_host=bool(host) and zoom_id == host,
            zoom_id=zoom_id if isinstance(zoom_id, str) else "",
            email=_get(told, "email", str, ""),
        )
    # Zoom's own example of a participant who joins has another name than its schema.
    said = (told.get(one) for one in (when, "date_time") if one)
    values["happened_at"] = next(filter(None, map(parse_utc, said)), None)
    values["happened_at"] = values["happened_at"] or _parse_milliseconds(body)
    return values


def _parse_milliseconds(body):
    """When the event happened, naive UTC; None if it does not say it."""
    told = body.get("event_ts")
    if not _has_type(told, (int, float)):
        return None
    try:
        moment = datetime.fromtimestamp(told / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return moment.replace(tzinfo=None, microsecond=0)


def _has_type(value, kind):
    # In Python a truth value is a number as well.
    return isinstance(value, kind) and not isinstance(value, bool)
