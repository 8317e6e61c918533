# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Zoom's webhooks: who signed the bytes, and what they say. Pure functions."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from .zoom_payload import parse_meeting

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

# Zoom names no tolerance. Longer, and a recorded event could be played again; shorter,
# and clocks that differ would refuse true ones.
TOLERANCE = 300  # seconds
# Zoom's largest bodies have some kilobytes.
MAX_BODY = 1 << 20  # bytes

# Fields of Zoom's meeting of which we hold a copy: type in JSON, name in parse_meeting.
_COPIED_FIELDS = {
    "topic": (str, "topic"),
    "start_time": (str, "start"),
    "duration": (int, "duration"),
    "join_url": (str, "join_url"),
    "password": (str, "passcode"),
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
class Event:
    """What we use of an event; texts that it does not have are empty.

    ``happened_at`` is naive UTC, None when the event does not say it. ``facts`` are
    what a changed meeting is like now, as :func:`parse_meeting` names it: None if that
    cannot be told from the event.
    """

    name: str
    account_id: str = ""
    client_id: str = ""
    zoom_id: str = ""
    plain_token: str = ""
    happened_at: datetime | None = None
    facts: dict | None = None


def is_timely(timestamp, now):
    """Whether an event was signed within the tolerance, before or after `now`.

    :param str timestamp: the header ``x-zm-request-timestamp``, unix seconds
    :param float now: unix seconds
    """
    # Not int() alone: that takes spaces, signs and digits of all alphabets.
    if not re.fullmatch("[0-9]{1,12}", timestamp or ""):
        return False
    return abs(now - int(timestamp)) <= TOLERANCE


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
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent("no JSON") from error
    name = _get(body, "event", str)
    payload = _get(body, "payload", dict)
    values = {
        "account_id": _get(payload, "account_id", str, ""),
        "client_id": _get(payload, "client_id", str, ""),
    }
    if name == URL_VALIDATION:
        values["plain_token"] = _get(payload, "plainToken", str)
    elif name == APP_DEAUTHORIZED:
        values["happened_at"] = _parse_moment(payload.get("deauthorization_time"))
    elif name in MEETING_EVENTS:
        meeting = _get(payload, "object", dict)
        values["zoom_id"] = _parse_meeting_id(meeting.get("id"))
        if name == "meeting.updated":
            values["facts"] = _parse_facts(meeting)
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


def _parse_meeting_id(value):
    """Zoom writes it as a number in some events and as a text in others."""
    if not _has_type(value, (int, str)) or not re.fullmatch("[0-9]{1,20}", str(value)):
        raise MalformedEvent("no meeting id")
    return str(value)


def _parse_facts(meeting):
    """What a changed meeting is like now, as far as the event tells.

    :param dict meeting: the id and the changed fields only
    :return: the copied fields as :func:`parse_meeting` names them; None if other
        fields changed, too, or cannot be understood
    """
    types = {field: kind for field, (kind, _name) in _COPIED_FIELDS.items()}
    types.update(_SILENT_FIELDS)
    if not all(
        field in types and _has_type(value, types[field])
        for field, value in meeting.items()
    ):
        return None
    try:
        parsed = parse_meeting(meeting)
    except (ValueError, OverflowError):
        return None
    names = [
        name for field, (_kind, name) in _COPIED_FIELDS.items() if field in meeting
    ]
    return {name: parsed[name] for name in names} or None


def _has_type(value, kind):
    # In Python a truth value is a number as well.
    return isinstance(value, kind) and not isinstance(value, bool)


def _parse_moment(value):
    """Naive UTC of a text like 2020-06-17T13:52:28.632Z, None if it is none."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return None
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        return None
