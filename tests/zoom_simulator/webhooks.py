# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Zoom's webhooks: bodies, signature, delivery on request.

Written from Zoom's page on webhooks, February 2026, and its webhook OpenAPI,
March 2026. Nothing is sent unless somebody asks, and nothing is repeated.
"""

import datetime as dt
import hashlib
import hmac
import http.client
import json
import secrets
from urllib.parse import urlsplit

from .clock import to_zoom

TIMEOUT = 3  # seconds in which Zoom wants an answer
# In these events the meeting's id is a text, in the others it is a number.
TEXT_ID_EVENTS = (
    "meeting.started",
    "meeting.ended",
    "meeting.participant_joined",
    "meeting.participant_left",
    "meeting.participant_joined_waiting_room",
    "meeting.participant_jbh_waiting",
)
# When the participant came or left; Zoom tells no time of who waits for the host.
PARTICIPANT_TIMES = {
    "meeting.participant_joined": "join_time",
    "meeting.participant_left": "leave_time",
    "meeting.participant_joined_waiting_room": "date_time",
}


def digest(secret, message):
    """Hex HMAC-SHA256 of bytes or text, with a secret text as key."""
    message = message.encode() if isinstance(message, str) else message
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def sign(secret, raw, timestamp):
    """The ``x-zm-signature`` of a raw body (bytes) at a unix time (s)."""
    return "v0=" + digest(secret, b"v0:%d:" % int(timestamp) + raw)


def headers(secret, raw, timestamp=None):
    """All headers that Zoom sends with a raw body; ``timestamp`` in unix s."""
    if timestamp is None:
        timestamp = int(dt.datetime.now(dt.UTC).timestamp())
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Zoom Marketplace/1.0a",
        "x-zm-request-id": secrets.token_hex(16),
        "x-zm-request-timestamp": str(int(timestamp)),
        "x-zm-signature": sign(secret, raw, timestamp),
    }


def encode(body):
    """A body (dict, text or bytes) as the bytes that are signed and sent."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def deliver(url, secret, body, timestamp=None):
    """POST a signed body; returns (status, text of the answer).

    :raise OSError: nobody answers, or not within 3 seconds
    """
    raw = encode(body)
    parts = urlsplit(url)
    port = parts.port or 80
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=TIMEOUT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, raw, headers(secret, raw, timestamp))
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def validate(url, secret, now):
    """Whether an address passes Zoom's URL validation."""
    body = url_validation(now)
    plain = body["payload"]["plainToken"]
    status, text = deliver(url, secret, body)
    try:
        answer = json.loads(text)
    except ValueError:
        return False
    wanted = {"plainToken": plain, "encryptedToken": digest(secret, plain)}
    return status == 200 and answer == wanted


# --- bodies ------------------------------------------------------------------


def event(name, account_id, payload, now):
    """The envelope of every event; ``now`` is an aware datetime."""
    return {
        "event": name,
        "event_ts": _milliseconds(now),
        "payload": {"account_id": account_id, **payload},
    }


def url_validation(now, plain_token=None):
    """Zoom's check of an address; it names no account."""
    return {
        "event": "endpoint.url_validation",
        "event_ts": _milliseconds(now),
        "payload": {"plainToken": plain_token or secrets.token_urlsafe(16)},
    }


def meeting_event(name, meeting, now, **details):
    """``meeting.created``, ``.deleted``, ``.started`` or ``.ended``.

    ``details`` are added to the object (``end_time``, ``participant``, …).
    """
    item = {
        "uuid": meeting.uuid,
        "id": str(meeting.id) if name in TEXT_ID_EVENTS else meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
        "start_time": to_zoom(meeting.start_time),
        "duration": meeting.duration,
        "timezone": meeting.timezone,
    }
    if name == "meeting.created":
        item.update(
            join_url=meeting.join_url,
            password=meeting.password,
            settings=dict(meeting.settings),
        )
    payload = {"object": {**item, **details}}
    if name not in TEXT_ID_EVENTS:
        payload = {**_operator(meeting), "operation": "single", **payload}
    return event(name, meeting.account_id, payload, now)


def participant_event(name, meeting, now, user=None, email=""):
    """``meeting.participant_joined``, ``.participant_left`` and who waits.

    :param user: who is signed in to Zoom as one of its users; guests are not
    :param str email: what a user of another account gives; guests have none
    """
    participant = {
        "user_id": "16778240",
        "user_name": user.first_name if user else "Jill Chill",
        "id": user.id if user else "",
        "participant_uuid": secrets.token_hex(12),
        "email": user.email if user else email,
        "registrant_id": "",
        "participant_user_id": user.id if user else "",
        "phone_number": "8615250064084",
    }
    if name == "meeting.participant_jbh_waiting":
        participant = {key: participant[key] for key in ("id", "user_name")}
    else:
        participant[PARTICIPANT_TIMES[name]] = to_zoom(now)
    return meeting_event(name, meeting, now, participant=participant)


def meeting_ended(meeting, now):
    """``meeting.ended``, with the time."""
    return meeting_event("meeting.ended", meeting, now, end_time=to_zoom(now))


def meeting_updated(meeting, now, changed, old):
    """``meeting.updated``: the id and the changed fields only, new and old."""
    payload = {
        **_operator(meeting),
        "scope": "single",
        "object": {"id": meeting.id, **changed},
        "old_object": {"id": meeting.id, **old},
        "time_stamp": _milliseconds(now),
    }
    return event("meeting.updated", meeting.account_id, payload, now)


def user_event(name, user, now):
    """``user.deactivated``, ``.activated``, ``.deleted``, ``.disassociated``."""
    payload = {
        "operator": user.email,
        "operator_id": user.id,
        "object": {
            "id": user.id,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "type": user.type,
        },
    }
    return event(name, user.account.account_id, payload, now)


def app_deauthorized(app, account, user, now):
    """``app_deauthorized``; the spec has ``event_ts`` inside the payload."""
    return {
        "event": "app_deauthorized",
        "payload": {
            "account_id": account.account_id,
            "user_id": user.id,
            "client_id": app.client_id,
            "signature": secrets.token_hex(32),
            "deauthorization_time": to_zoom(now),
            "event_ts": _milliseconds(now),
        },
    }


def _operator(meeting):
    return {"operator": meeting.host_email, "operator_id": meeting.host_id}


def _milliseconds(moment):
    return int(moment.timestamp() * 1000)
