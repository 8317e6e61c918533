# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""HTTP to Zoom: sessions, deadlines, retries, and what an answer says.

What an answer *means* is decided in :mod:`.zoom_errors`, what is in it in
:mod:`.zoom_answers`.
"""

import ast
import html
import logging
import re
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError
from urllib3.util.retry import Retry

from ..exceptions import ZoomOutcomeUnknown, ZoomUnavailable
from .zoom_answers import load_object, one_line
from .zoom_wire import limit_connections, read_body, set_deadline

_logger = logging.getLogger(__name__)

MODULE = "resource_booking_zoom"

# Seconds. For a byte at a time, and for the whole request: connection, retry, headers
# and body, however slowly they drip in.
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 20.0
DEADLINE = 30.0

# Zoom has no idempotency key, so only that is repeated which changed nothing for
# sure: a request whose connection never came about, and a GET that was turned away.
# A dropped or overdue answer is never repeated here (`read=False`).
_RETRIES = Retry(
    total=1,
    connect=1,
    read=False,
    other=0,
    redirect=0,
    # Not left to urllib3, which reads the refused answer to its end.
    status=0,
    raise_on_status=False,
    respect_retry_after_header=False,
)
_TURNED_AWAY = (502, 503, 504)

# These fail before a byte of the request leaves.
_NEVER_SENT = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidJSONError,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.ProxyError,
)

_MESSAGE_LENGTH = 500
_REDACTED = "***"
_LINK = re.compile(
    r"\b(?:https?:|zoommtg:|www\.)\S+|\b(?:pwd|zak|tk)=\S+", re.IGNORECASE
)
_local = threading.local()


class BrokenAnswer(OSError):
    """The body of an answer could not be read to its end."""


class ZoomAdapter(HTTPAdapter):
    """Sees to it that no request waits for ever.

    The timeouts are set here, not by the callers, so that none can be forgotten.

    :param float read_timeout: seconds without a byte from Zoom
    """

    def __init__(self, read_timeout):
        self._timeout = (CONNECT_TIMEOUT, read_timeout)
        super().__init__(max_retries=_RETRIES)

    def init_poolmanager(self, *args, **kwargs):
        result = super().init_poolmanager(*args, **kwargs)
        limit_connections(self.poolmanager)
        return result

    def proxy_manager_for(self, *args, **kwargs):
        manager = super().proxy_manager_for(*args, **kwargs)
        if isinstance(manager, urllib3.ProxyManager):
            # SOCKS brings connections of its own.
            limit_connections(manager)
        return manager

    def send(self, request, stream=False, timeout=None, **kwargs):
        if timeout is None:
            timeout = self._timeout
        return super().send(request, stream=stream, timeout=timeout, **kwargs)


class ZoomSession(requests.Session):
    """Follows no redirect: the credentials are for the one host."""

    def get_redirect_target(self, resp):
        # Not `allow_redirects=False`, which prepares the next request all the same
        # and fails when its address is wrong, as if nothing had been sent.
        return None


class BearerAuth(requests.auth.AuthBase):
    """Puts the access token into the header.

    A plain ``Authorization`` header would be replaced by a matching line of the
    server's ``.netrc``.
    """

    def __init__(self, token):
        self._token = token

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True)
class Answer:
    """What came back from Zoom, read but not judged.

    :param int status: of HTTP
    :param headers: case-insensitive
    :param data: the JSON object; None when there was none (204, HTML, XML, …)
    :param code: Zoom's number, OAuth's word, or None
    :param str message: Zoom's reason, or what else the body says of itself
    :param tuple field_errors: pairs of field name and Zoom's message
    :param bool harmless: whether the request may be repeated whatever became of it
    """

    status: int
    headers: Mapping[str, str]
    data: dict | None = field(repr=False)
    code: int | str | None
    message: str
    harmless: bool
    field_errors: tuple = ()

    @property
    def details(self):
        """What every :class:`ZoomError` keeps."""
        return {
            "message": self.message,
            "code": self.code,
            "http_status": self.status,
            "tracking_id": one_line(self.headers.get("x-zm-trackingid"))[:100] or None,
        }


def send(
    method,
    url,
    *,
    auth,
    params=None,
    json=None,
    form=None,
    read_timeout=None,
    deadline=None,
    harmless=None,
    secrets=(),
):
    """Send one request and read the answer, whatever its status.

    It ends within DEADLINE, but for a resolver of names that takes longer.

    :param requests.auth.AuthBase auth: adds the credentials
    :param dict params: query; never a secret, since URLs are logged on the way
    :param dict json: body, or `form`
    :param float read_timeout: seconds, READ_TIMEOUT by default
    :param float deadline: when it must have ended, if sooner; of the monotonic clock
    :param bool harmless: repeating does no harm; by default that of a GET
    :param secrets: texts that Zoom may repeat in its messages and that must not show
    :rtype: Answer
    :raise ZoomUnavailable: surely not sent, or `harmless`
    :raise ZoomOutcomeUnknown: sent, and no complete answer
    """
    if harmless is None:
        harmless = method == "GET"
    latest = time.monotonic() + DEADLINE
    set_deadline(min(latest, deadline or latest))
    body = {"params": params, "json": json, "data": form, "auth": auth}
    session = _session(read_timeout or READ_TIMEOUT)
    try:
        response, content = _exchange(session, method, url, body)
        if method == "GET" and response.status_code in _TURNED_AWAY:
            response, content = _exchange(session, method, url, body)
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
        # Not chained: the text of a complaint about a header holds the token.
        raise _transport_error(error, url, harmless) from None
    answer = _read(response, content, harmless, secrets)
    _logger.debug(
        "%s %s: HTTP %s, code %s, tracking id %s",
        method,
        urlsplit(url).path,
        answer.status,
        answer.code,
        answer.details["tracking_id"],
    )
    return answer


@cache
def user_agent():
    """``resource_booking_zoom/<version>``, the version being that of the manifest."""
    manifest = Path(__file__).parents[1] / "__manifest__.py"
    version = ast.literal_eval(manifest.read_text(encoding="utf-8"))["version"]
    return f"{MODULE}/{version}"


def _session(read_timeout):
    """The calling thread's session: they are not safe to share between threads.

    It keeps connections for the next request, but no cookies: one thread may speak
    for several Zoom accounts in turn.
    """
    sessions = _local.__dict__.setdefault("sessions", {})
    if read_timeout not in sessions:
        session = ZoomSession()
        session.headers.update(
            {"Accept": "application/json", "User-Agent": user_agent()}
        )
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, ZoomAdapter(read_timeout))
        sessions[read_timeout] = session
    return sessions[read_timeout]


def _exchange(session, method, url, body):
    """Send a request; return the response and its whole body."""
    # no `timeout`: ZoomAdapter sets it
    response = session.request(method, url, stream=True, **body)
    try:
        return response, read_body(response)
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
        # Whatever it is: the request was sent.
        raise BrokenAnswer(type(error).__name__) from None


def _transport_error(error, url, harmless):
    """The exception for a request without a complete answer."""
    host = re.sub(r"^\w+://|[/?#].*$", "", url)
    # The name of the innermost cause, since the texts may hold what is secret.
    cause = type(_reason(error) or error).__name__
    if _never_sent(error):
        return ZoomUnavailable(f"No connection to {host} ({cause}).")
    kind = ZoomUnavailable if harmless else ZoomOutcomeUnknown
    return kind(f"No complete answer from {host} ({cause}).")


def _never_sent(error):
    """Whether the request surely did not reach Zoom.

    In doubt it did: what urllib3 reports as an aborted connection may have broken
    after the request.
    """
    if isinstance(error, _NEVER_SENT):
        return True
    if isinstance(error, requests.exceptions.SSLError):
        causes = getattr(_reason(error), "args", ())
        return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)
    if isinstance(error, requests.exceptions.RequestException):
        return isinstance(_reason(error), ConnectTimeoutError)
    # http.client does not send what is no header, such as a token with a line break
    return isinstance(error, ValueError)


def _reason(error):
    """urllib3's reason inside the exception of requests, or None."""
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", None)


def _read(response, content, harmless, secrets):
    """Read an answer of whatever form: JSON, XML, HTML or nothing.

    Zoom answers XML when a proxy on the way drops the Accept header, and what stands
    before Zoom answers HTML when Zoom is down.
    """
    data = load_object(content)
    if data is None:
        code, message = _markup_reason(content)
    else:
        code, message = _json_reason(data)
    return Answer(
        status=response.status_code,
        headers=response.headers,
        data=data,
        code=code,
        message=_tell(message or one_line(response.reason), secrets),
        harmless=harmless,
        field_errors=tuple(
            (_tell(name, secrets), _tell(text, secrets))
            for name, text in _get_field_errors(data or {})
        ),
    )


def _tell(message, secrets):
    """What people and the log may read of a message: no secrets and no links.

    A link may be one that lets somebody into a meeting.
    """
    for secret in filter(None, secrets):
        message = message.replace(secret, _REDACTED)
    return _LINK.sub(_REDACTED, message)[:_MESSAGE_LENGTH]


def _json_reason(data):
    """Code and message of an error in JSON.

    REST says ``code`` and ``message``, the token endpoint ``error`` and ``reason``,
    the authorize page ``errorCode`` and ``errorMessage``.
    """
    codes = (data.get(key) for key in ("code", "errorCode", "error"))
    messages = (
        data.get(key)
        for key in ("message", "reason", "errorMessage", "error_description")
    )
    found = (code for code in map(_code, codes) if code)
    return next(found, None), next(filter(None, map(one_line, messages)), "")


def _get_field_errors(data):
    """Which fields of the request Zoom found wrong, and why."""
    errors = data.get("errors")
    return [
        (one_line(error.get("field")), one_line(error.get("message")))
        for error in (errors if isinstance(errors, list) else ())[:20]
        if isinstance(error, dict)
    ]


def _markup_reason(content):
    """Code and message of an error in XML, or the title of an HTML page."""
    text = content[:65536].decode("utf-8", "replace")
    code = re.search(r"<result>\s*<code>\s*(\d+)\s*</code>", text)
    message = re.search(
        r"<(message|title)[^>]*>(.*?)</\1>", text, re.DOTALL | re.IGNORECASE
    )
    return (
        _code(code and code.group(1)),
        one_line(html.unescape(message.group(2))) if message else "",
    )


def _code(value):
    """Zoom's numbers as int, OAuth's words as text, all else as None."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if not re.fullmatch("[A-Za-z0-9_.-]{1,64}", str(value)):
        return None
    return int(value) if str(value).isdigit() else value
