# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a meeting may be, and how Zoom shows it.

Fields and limits are those of Zoom's OpenAPI, March 2026; the shape of a
refusal is that of Zoom's page on errors.
"""

import datetime as dt
import re
import zlib

from . import timezones
from .clock import to_zoom
from .messages import ZoomError
from .state import (
    Meeting,
    new_join_url,
    new_meeting_uuid,
    new_passcode,
    new_start_url,
)

INVALID = "Invalid field."
AGENDA_IN_LISTS = 250  # characters
SCHEDULED, INSTANT = 2, 1
TYPES_WITH_START = (2, 8)

_START = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?")
_PASSWORD = {
    "POST": re.compile(r"[A-Za-z0-9@_*!#$%^&+=.\-]{0,10}"),
    "PATCH": re.compile(r"[A-Za-z0-9@_*\-]{0,10}"),
}
_BOOLEAN_SETTINGS = (
    "host_video",
    "participant_video",
    "join_before_host",
    "mute_upon_entry",
    "waiting_room",
    "meeting_authentication",
    "use_pmi",
    "alternative_hosts_email_notification",
    "email_notification",
    "registrants_email_notification",
    "private_meeting",
)
_CHOICE_SETTINGS = {
    "jbh_time": (0, 5, 10, 15),
    "approval_type": (0, 1, 2),
    "auto_recording": ("none", "local", "cloud"),
    "audio": ("both", "telephony", "voip", "thirdParty"),
}
DEFAULT_SETTINGS = {
    "host_video": False,
    "participant_video": False,
    "cn_meeting": False,
    "in_meeting": False,
    "join_before_host": False,
    "jbh_time": 0,
    "mute_upon_entry": False,
    "watermark": False,
    "use_pmi": False,
    "approval_type": 2,
    "audio": "both",
    "auto_recording": "none",
    "enforce_login": False,
    "enforce_login_domains": "",
    "alternative_hosts": "",
    "alternative_hosts_email_notification": True,
    "close_registration": False,
    "registrants_confirmation_email": True,
    "registrants_email_notification": True,
    "email_notification": True,
    "waiting_room": False,
    "meeting_authentication": False,
    "encryption_type": "enhanced_encryption",
    "private_meeting": False,
}


def read_body(request):
    """The JSON object of a request."""
    try:
        body = request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ZoomError(400, 300, "Request Body should be a valid JSON object.")
    return body


def validate(body, method):
    """Raise Zoom's refusal that names every wrong field, or pass."""
    checks = {
        "topic": lambda value: isinstance(value, str) and len(value) <= 200,
        "agenda": lambda value: isinstance(value, str) and len(value) <= 2000,
        "type": lambda value: value in (1, 2, 3, 8, 10),
        "duration": lambda value: _is_int(value) and 1 <= value <= 1440,
        "start_time": _is_start,
        "timezone": lambda value: value in timezones.KNOWN,
        "password": lambda value: (
            isinstance(value, str) and _PASSWORD[method].fullmatch(value)
        ),
        "default_password": lambda value: isinstance(value, bool),
        "settings": lambda value: isinstance(value, dict),
    }
    errors = [
        (name, INVALID)
        for name, check in checks.items()
        if name in body and not _passes(check, body[name])
    ]
    settings = body.get("settings")
    if isinstance(settings, dict):
        errors += _setting_errors(settings)
    if errors:
        raise ZoomError(400, 300, "Validation Failed.", errors)


def check_schedule_for(body, host):
    """Nobody in this Zoom has the privilege to schedule for others."""
    other = body.get("schedule_for")
    if other and other not in (host.id, host.email):
        raise ZoomError(400, 3000, f"You cannot schedule a meeting for {other}.")


def create(sim, host, body):
    """A new meeting of a host from a validated body."""
    now = sim.clock.now().replace(microsecond=0)
    number = sim.state.new_meeting_id()
    kind = body.get("type", SCHEDULED)
    zone = body.get("timezone") or host.timezone or host.account.timezone
    start = None
    if kind in TYPES_WITH_START:
        start = stored_start(sim, read_start(body, host.account.timezone)) or now
        start = max(start, now)
    password = body.get("password") or ""
    wants_default = body.get("default_password", True)
    if not password and wants_default and host.account.require_passcode:
        password = new_passcode()
    settings = {**DEFAULT_SETTINGS, **host.settings, "use_pmi": host.use_pmi}
    settings.update(body.get("settings", {}))
    settings["use_pmi"] = settings["use_pmi"] or host.insists_on_pmi
    meeting = Meeting(
        id=number,
        uuid=new_meeting_uuid(),
        account_id=host.account.account_id,
        host_id=host.id,
        host_email=host.email,
        topic=stored_topic(sim, body.get("topic") or "Zoom Meeting"),
        type=kind,
        start_time=start,
        duration=body.get("duration", 60),
        timezone=zone,
        agenda=body.get("agenda", ""),
        password=password,
        join_url=new_join_url(host, number, password, settings["use_pmi"]),
        created_at=now,
        settings=settings,
    )
    apply_settings(meeting, host, {})
    sim.state.meetings[number] = meeting
    return meeting


def stored_topic(sim, topic):
    """A title as Zoom keeps it: with ``sim.rewrites_topics`` not as it was sent."""
    if not sim.rewrites_topics:
        return topic
    return "".join("-" if ord(char) > 0xFFFF else char for char in topic).strip()


def stored_start(sim, start):
    """A start as Zoom keeps it: rounded down to ``sim.start_step`` minutes."""
    if not start:
        return start
    past = dt.timedelta(minutes=start.minute % sim.start_step)
    return start - past if sim.start_step > 1 else start


def update(sim, meeting, host, body):
    """Change what a validated PATCH names; a past start is ignored."""
    for name in ("agenda", "type", "duration", "timezone"):
        if name in body:
            setattr(meeting, name, body[name])
    if "topic" in body:
        meeting.topic = stored_topic(sim, body["topic"])
    start = stored_start(sim, read_start(body, meeting.timezone))
    if start and start > sim.clock.now():
        meeting.start_time = start
    if "password" in body and body["password"] != meeting.password:
        meeting.password = body["password"]
        meeting.join_url = new_join_url(
            host, meeting.id, meeting.password, meeting.settings["use_pmi"]
        )
    apply_settings(meeting, host, body.get("settings", {}))
    meeting.updates += 1


def apply_settings(meeting, host, wanted):
    """The effective settings, which need not be the wanted ones."""
    meeting.settings.update(wanted)
    meeting.settings.update(host.account.locked_settings)
    protected = ("waiting_room", "meeting_authentication")
    secured = meeting.password or any(meeting.settings[name] for name in protected)
    if host.account.enforce_security and not secured:
        # Such a request is not refused: Zoom turns one option back on.
        meeting.settings["waiting_room"] = True
    if meeting.settings["waiting_room"]:
        meeting.settings["join_before_host"] = False


def read_start(body, default_zone):
    """The start of a body as aware UTC; None when it names none."""
    text = body.get("start_time")
    if not text:
        return None
    naive = dt.datetime.fromisoformat(text.rstrip("Z"))
    zone = "UTC" if text.endswith("Z") else body.get("timezone") or default_zone
    return timezones.to_utc(naive, zone)


def as_item(meeting):
    """A meeting in a list: few fields, a short agenda."""
    item = {
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.type,
        "start_time": to_zoom(meeting.start_time),
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "agenda": meeting.agenda[:AGENDA_IN_LISTS],
        "created_at": to_zoom(meeting.created_at),
        "join_url": meeting.join_url,
    }
    if not item["agenda"]:
        del item["agenda"]
    if not item["start_time"]:
        del item["start_time"]
    return item


def as_detail(meeting, host):
    """A meeting as create and get answer it."""
    detail = {
        **as_item(meeting),
        "agenda": meeting.agenda,
        "assistant_id": "",
        "host_email": meeting.host_email,
        "status": meeting.status,
        "start_url": new_start_url(host, meeting.id),
        "settings": {
            **meeting.settings,
            "global_dial_in_countries": sorted(
                {one[0] for one in host.account.dial_in_numbers}
            ),
            "global_dial_in_numbers": [
                dict(
                    zip(
                        ("country", "country_name", "city", "number", "type"),
                        number,
                        strict=True,
                    )
                )
                for number in host.account.dial_in_numbers
            ],
        },
        "creation_source": "open_api",
        "pre_schedule": False,
    }
    if meeting.password:
        digits = str(zlib.crc32(meeting.password.encode())).zfill(10)
        detail.update(
            password=meeting.password,
            h323_password=digits,
            pstn_password=digits,
            encrypted_password=meeting.join_url.partition("pwd=")[2],
        )
    return detail


def _passes(check, value):
    """A value of an unhashable or odd type fails, too."""
    try:
        return bool(check(value))
    except TypeError:
        return False


def _is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_start(value):
    if value == "":
        return True
    if not isinstance(value, str) or not _START.fullmatch(value):
        return False
    try:
        dt.datetime.fromisoformat(value.rstrip("Z"))
    except ValueError:
        return False
    return True


def _setting_errors(settings):
    errors = [
        (f"settings.{name}", INVALID)
        for name in _BOOLEAN_SETTINGS
        if name in settings and not isinstance(settings[name], bool)
    ]
    errors += [
        (f"settings.{name}", INVALID)
        for name, choices in _CHOICE_SETTINGS.items()
        if name in settings and settings[name] not in choices
    ]
    return errors
