# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""From Zoom's JSON to typed values, or to one error that names the field.

The only place that looks into an answer, or into the body of an event. Whatever comes:
wrong types, numbers without end, halves of characters, links to elsewhere. Values are
never told, for they may be secret. Plain functions.
"""

import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..exceptions import ZoomBadAnswer

MAX_DURATION = 1440  # minutes; Zoom's OpenAPI, March 2026
# Zoom's numbers have 9 to 11 digits; they are 64-bit integers (Zoom's OpenAPI).
_NUMBER = re.compile("[1-9][0-9]{0,18}")
_IDENTIFIER = re.compile("[A-Za-z0-9_.=+-]{1,64}")
_MAX_NUMBER_LENGTH = 25  # digits of any number in JSON
_MAX_TEXT = 1000
_MAX_PASSCODE = 100  # Zoom's has 10 at most
_MAX_URL = 2000
# Zoom's own domains: the commercial one, its other name, and that for governments.
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*(?:zoom\.us|zoom\.com|zoomgov\.com)")
# The characters of RFC 3986: no blank, quotation mark, backslash or line break.
_URL = re.compile(r"https://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_ZONE = re.compile("[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*")
# A meeting of before, or of after, is a mistake; databases have no year 0.
_YEARS = range(2000, 2200)
# What a header can carry (RFC 6750), and a form.
_TOKEN = re.compile("[!-~]{1,8000}")
_TOKEN_LIFETIME = 3600  # seconds; Zoom's documentation; real answers say 3599
_SHORTEST_LIFETIME, _LONGEST_LIFETIME = 60, 86_400  # seconds
# ISO 3166, and what people dial: with blanks, hyphens and brackets between the digits.
_COUNTRY = re.compile("[A-Z]{2}")
_PHONE_NUMBER = re.compile(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){3,19}")
_PHONE_PASSCODE = re.compile("[0-9]{1,20}")
_MAX_PHONE_NUMBERS = 1000  # Zoom has some hundred
_MAX_CITY = 60
_LICENSES = {1: "basic", 2: "licensed"}
_STATUSES = ("active", "inactive", "pending")


@dataclass(frozen=True)
class DialIn:
    """A telephone number by which people join meetings.

    :param str country: two letters of ISO 3166
    :param str number: as people dial it
    :param str city: maybe empty
    :param bool is_free: whether the call costs nothing
    """

    country: str
    number: str
    city: str = ""
    is_free: bool = False


@dataclass(frozen=True)
class Meeting:
    """A meeting as Zoom has it.

    :param str zoom_id: digits
    :param str join_url: at Zoom; whose meeting it opens, `is_own_link` says
    :param str passcode: empty if there is none
    :param topic: one line; None, as of all that follow, if Zoom's cannot be used
    :param start: naive, UTC
    :param duration: minutes
    :param waiting_room: bool
    :param join_before_host: bool
    :param tuple dial_in: of DialIn, maybe empty
    :param str phone_passcode: the digits that callers enter, empty if there are none
    """

    zoom_id: str
    join_url: str = field(repr=False)
    passcode: str = field(default="", repr=False)
    topic: str | None = None
    start: datetime | None = None
    duration: int | None = None
    waiting_room: bool | None = None
    join_before_host: bool | None = None
    dial_in: tuple = field(default=(), repr=False)
    phone_passcode: str = field(default="", repr=False)

    @property
    def is_own_link(self):
        """Whether the link opens this meeting.

        Not that of the host's personal room, which is the same for everybody.
        """
        path = urlsplit(self.join_url).path.rstrip("/")
        return path == f"/j/{self.zoom_id}"


@dataclass(frozen=True)
class StartLink:
    """How to start a meeting now.

    :param str host_id: Zoom's id of the user who hosts it
    :param str url: logs whoever opens it in as that user: never stored, never told
    """

    host_id: str
    url: str = field(repr=False)


@dataclass(frozen=True)
class ListedMeeting:
    """A meeting in a list, which holds no passcode.

    :param zoom_id: None if Zoom's cannot be used, as well as
    :param agenda: which Zoom cuts at 250 characters
    """

    zoom_id: str | None
    agenda: str | None = field(repr=False)


@dataclass(frozen=True)
class User:
    """A user of the Zoom account.

    :param str zoom_id: empty for a pending user
    :param str license: ``basic``, ``licensed`` or ``other``
    :param str status: ``active``, ``inactive`` or ``pending``
    :param str account_id: in the answer about a single user only
    """

    zoom_id: str
    email: str = ""
    name: str = ""
    license: str = "other"
    status: str = "active"
    account_id: str = ""


@dataclass(frozen=True)
class UnreadUser:
    """A user of whom nothing is known but that there is one.

    :param str zoom_id:
    """

    zoom_id: str


@dataclass(frozen=True)
class TokenGrant:
    """Tokens that Zoom handed out.

    :param refresh_token: None for server-to-server, which just asks again
    :param int expires_in: seconds that the access token lives
    :param frozenset scopes: of the access token
    :param api_url: as Zoom says it; pass it through ``trusted_api_url``
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    scopes: frozenset
    api_url: str | None


# === JSON === #


def load_object(raw):
    """The JSON object in these bytes, None if they hold none.

    Not two members of one name, of which each reader chooses another. ``NaN``,
    ``Infinity`` and numbers of more digits than any of Zoom's are read as null, so
    that they spoil their field and not the whole answer.

    :param bytes raw:
    :rtype: dict | None
    """
    try:
        data = json.loads(
            raw,
            object_pairs_hook=_make_object,
            parse_constant=lambda _name: None,
            parse_int=_parse_int,
            parse_float=_parse_float,
        )
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _make_object(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("two members of one name")
    return made


def _parse_int(digits):
    return int(digits) if len(digits) <= _MAX_NUMBER_LENGTH else None


def _parse_float(digits):
    number = float(digits)
    return number if math.isfinite(number) else None


def one_line(value):
    """A text for people as one line of characters that can be shown, maybe empty.

    :param value: anything; what is no text is none
    """
    if not isinstance(value, str):
        return ""
    # Control characters, halves of characters, and those that turn the writing.
    shown = "".join(char if char.isprintable() else " " for char in value[:10_000])
    return " ".join(shown.split())


# === MEETINGS === #


def parse_meeting(data):
    """A meeting as Zoom answers its creation or a read.

    What people get must be right; what only tells whether Zoom has taken over what it
    was sent is left out where it is odd.

    :rtype: Meeting
    :raise ZoomBadAnswer: it knows the number, if that is good
    """
    zoom_id = parse_number(data.get("id"))
    if not zoom_id:
        raise ZoomBadAnswer("id")
    if not is_join_url(data.get("join_url")):
        raise ZoomBadAnswer("join_url", zoom_id=zoom_id)
    passcode = data.get("password")
    if passcode is not None and not is_passcode(passcode):
        raise ZoomBadAnswer("password", zoom_id=zoom_id)
    return Meeting(
        zoom_id=zoom_id,
        join_url=data["join_url"],
        passcode=passcode or "",
        topic=parse_topic(data.get("topic")),
        start=parse_start(data.get("start_time"), data.get("timezone")),
        duration=parse_duration(data.get("duration")),
        waiting_room=parse_setting(data, "waiting_room"),
        join_before_host=parse_setting(data, "join_before_host"),
        dial_in=parse_dial_in(data),
        phone_passcode=parse_phone_passcode(data.get("pstn_password")),
    )


def parse_start_link(data):
    """How to start a meeting, from the answer to a read.

    :rtype: StartLink
    :raise ZoomBadAnswer: it knows the number, if that is good
    """
    zoom_id = parse_number(data.get("id"))
    if not zoom_id:
        raise ZoomBadAnswer("id")
    host_id, url = data.get("host_id"), data.get("start_url")
    if not isinstance(host_id, str) or not _IDENTIFIER.fullmatch(host_id):
        raise ZoomBadAnswer("host_id", zoom_id=zoom_id)
    if not is_zoom_url(url) or urlsplit(url).path.rstrip("/") != f"/s/{zoom_id}":
        raise ZoomBadAnswer("start_url", zoom_id=zoom_id)
    return StartLink(host_id, url)


def parse_listed_meeting(data):
    """A meeting in a list.

    :param data: anything
    :rtype: ListedMeeting
    """
    if not isinstance(data, dict):
        return ListedMeeting(None, None)
    agenda = data.get("agenda")
    if agenda is None:
        # Zoom leaves out an empty one.
        agenda = ""
    return ListedMeeting(
        parse_number(data.get("id")), agenda if isinstance(agenda, str) else None
    )


def parse_number(value):
    """Zoom's number of a meeting, as text, None if it is none.

    Zoom writes it as a number in some places and as a text in others.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return str(value) if _NUMBER.fullmatch(str(value)) else None


def is_join_url(value):
    """Whether this is a link to Zoom that guests may be sent to."""
    # With a "zak" it logs in as the host.
    return is_zoom_url(value) and not re.search(
        r"(?:^|[?&])zak=", urlsplit(value).query
    )


def is_zoom_url(value):
    """Whether this is a link to Zoom that browsers may be sent to."""
    if not isinstance(value, str) or len(value) > _MAX_URL or not _URL.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(
        _HOST.fullmatch(host) and port in (None, 443) and "@" not in parts.netloc
    )


def is_passcode(value):
    """Whether people can type it."""
    return (
        isinstance(value, str) and len(value) <= _MAX_PASSCODE and value.isprintable()
    )


def parse_topic(value):
    """A title, None if it is none."""
    return one_line(value)[:_MAX_TEXT] if _is_text(value) else None


def parse_setting(data, name):
    """Whether a meeting has a setting on, None if Zoom does not say it usably."""
    value = _get_setting(data, name)
    return value if isinstance(value, bool) else None


def parse_dial_in(data):
    """The telephone numbers of a meeting; those that nobody could dial are left out."""
    listed = _get_setting(data, "global_dial_in_numbers")
    if not isinstance(listed, list):
        return ()
    numbers = {}
    for item in listed[:_MAX_PHONE_NUMBERS]:
        country, number = (
            (item.get("country"), item.get("number"))
            if isinstance(item, dict)
            else (None, None)
        )
        if _matches(_COUNTRY, country) and _matches(_PHONE_NUMBER, number):
            numbers.setdefault(
                (country, number),
                DialIn(
                    country=country,
                    number=number,
                    city=(parse_topic(item.get("city")) or "")[:_MAX_CITY],
                    is_free=item.get("type") == "tollfree",
                ),
            )
    return tuple(numbers.values())


def parse_phone_passcode(value):
    """The digits that callers enter, empty if there are none."""
    return value if _matches(_PHONE_PASSCODE, value) else ""


def parse_duration(value):
    """Minutes that Zoom admits, or None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 1 <= value <= MAX_DURATION else None


def parse_start(value, zone=None):
    """Naive UTC, None if it is no moment of our time.

    Zoom writes UTC with a ``Z``; without one it is the time in `zone`.
    """
    moment = _parse_moment(value)
    try:
        if moment and moment.tzinfo is None:
            if not isinstance(zone, str) or not _ZONE.fullmatch(zone):
                return None
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        moment = _to_naive_utc(moment)
        return moment and moment.replace(microsecond=0)
    except (ValueError, OSError, KeyError, OverflowError):
        return None


def parse_utc(value):
    """Naive UTC of a text like ``2020-06-17T13:52:28.632Z``, None if it is none.

    A text without zone is taken for UTC.
    """
    try:
        return _to_naive_utc(_parse_moment(value))
    except OverflowError:
        return None


# === USERS === #


def parse_user(data):
    """A user as Zoom lists or answers it.

    :param data: anything
    :rtype: User
    :raise ZoomBadAnswer: it knows the id, if that is good
    """
    if not isinstance(data, dict):
        raise ZoomBadAnswer("user")
    zoom_id = data.get("id")
    if zoom_id in (None, ""):
        zoom_id = ""
    elif not isinstance(zoom_id, str) or not _IDENTIFIER.fullmatch(zoom_id):
        raise ZoomBadAnswer("id")
    texts = {}
    for name in ("email", "display_name", "first_name", "last_name", "status"):
        value = data.get(name)
        if value is not None and not _is_text(value):
            raise ZoomBadAnswer(name, zoom_id=zoom_id)
        texts[name] = one_line(value)[:_MAX_TEXT]
    status = texts["status"] or "active"
    if status not in _STATUSES:
        raise ZoomBadAnswer("status", zoom_id=zoom_id)
    names = (texts["first_name"], texts["last_name"])
    return User(
        zoom_id=zoom_id,
        email=texts["email"],
        name=texts["display_name"] or " ".join(filter(None, names)),
        license=_parse_license(data.get("type")),
        status=status,
        account_id=_parse_account_id(data.get("account_id")),
    )


def _parse_license(value):
    known = isinstance(value, int) and not isinstance(value, bool)
    return _LICENSES.get(value, "other") if known else "other"


def _parse_account_id(value):
    good = isinstance(value, str) and _IDENTIFIER.fullmatch(value)
    return value if good else ""


# === TOKENS === #


def parse_grant(data):
    """The tokens in an answer. What else is odd in it costs no tokens.

    :rtype: TokenGrant
    :raise ZoomBadAnswer:
    """
    for name in ("access_token", "refresh_token"):
        value = data.get(name)
        missing = value in (None, "") and name == "refresh_token"
        if not missing and not (isinstance(value, str) and _TOKEN.fullmatch(value)):
            raise ZoomBadAnswer(name)
    scopes, api_url = data.get("scope"), data.get("api_url")
    return TokenGrant(
        access_token=data["access_token"],
        refresh_token=data.get("refresh_token") or None,
        expires_in=_parse_lifetime(data.get("expires_in")),
        scopes=frozenset(
            scope
            for scope in one_line(scopes).split()
            if re.fullmatch("[A-Za-z0-9_:.-]{1,100}", scope)
        ),
        api_url=api_url
        if isinstance(api_url, str) and _URL.fullmatch(api_url)
        else None,
    )


def _parse_lifetime(value):
    """Seconds, neither too short to use the token nor longer than any of Zoom's."""
    if isinstance(value, str) and re.fullmatch("[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _TOKEN_LIFETIME
    return int(min(max(value, _SHORTEST_LIFETIME), _LONGEST_LIFETIME))


# === HELPERS === #


def _get_setting(data, name):
    settings = data.get("settings")
    return settings.get(name) if isinstance(settings, dict) else None


def _matches(pattern, value):
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_text(value):
    """Whether this is a text that can be stored: databases and UTF-8 are strict."""
    if not isinstance(value, str) or "\0" in value:
        return False
    return not any("\ud800" <= char <= "\udfff" for char in value)


def _parse_moment(value):
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _to_naive_utc(moment):
    if not moment:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment if moment.year in _YEARS else None
