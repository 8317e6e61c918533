# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Faults on request: slow, broken or missing answers."""

import random
import re
import threading
import zlib
from dataclasses import dataclass, field
from functools import cache

from .messages import HTML_TYPE, JSON_TYPE, XML_TYPE, Answer

KINDS = {
    # kind: (whether Zoom executes the request by default, default status)
    "delay": (True, None),
    "status": (False, 503),
    "html": (False, 502),
    "xml": (False, 500),
    "drop_before": (False, None),
    "drop_after": (True, None),
    "malformed": (True, None),
    "body": (False, 200),
    # One byte at a time, and a pause after each (`pause`).
    "drip_head": (True, None),
    "drip_body": (True, None),
    # Without end: chunk after chunk, or one line of a header.
    "endless": (True, None),
    "endless_head": (True, None),
    # A small answer that unpacks to 700 MB.
    "gzip_bomb": (True, None),
}

_HTML_PAGE = (
    "<html><head><title>Zoom</title></head>"
    "<body><h1>We are temporarily down for maintenance</h1></body></html>"
)


@dataclass(eq=False)
class Fault:
    """What goes wrong, for which requests, and how often.

    ``path`` is a regular expression searched in the path (``/v2/…`` or
    ``/oauth/…``). ``times`` None means for ever; the first ``skip`` matching
    requests pass unharmed. ``delay`` (seconds) works with every kind, and is
    waited *after* a request was executed: a client that gives up meets an
    unknown outcome. ``executes`` overrides whether Zoom executes the request.
    """

    method: str = None
    path: str = ""
    kind: str = "status"
    times: int = 1
    delay: float = 0.0
    status: int = None
    body: object = None
    headers: dict = None
    host: object = None  # a user or the id of one
    pause: float = 0.1  # seconds between two bytes that drip
    skip: int = 0
    probability: float = 1.0
    executes: bool = None
    hits: int = field(default=0, init=False)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault: {self.kind}")
        executes, status = KINDS[self.kind]
        if self.executes is None:
            self.executes = executes
        if self.status is None:
            self.status = status

    @property
    def spent(self):
        return self.times is not None and self.hits >= self.times

    def matches(self, method, path, host_id):
        host = getattr(self.host, "id", self.host)
        return (
            not self.spent
            and (not self.method or self.method.upper() == method)
            and (host is None or host == host_id)
            and bool(re.search(self.path, path))
        )

    def apply(self, answer):
        """The answer that the caller gets (``answer`` None: not executed)."""
        changed = getattr(self, f"_{self.kind}")(answer)
        changed.delay = self.delay
        changed.headers.update(self.headers or {})
        return changed

    def _delay(self, answer):
        return answer or Answer(503, _error_body(503))

    def _status(self, _answer):
        return self._made(self.body if self.body is not None else {}, JSON_TYPE)

    def _html(self, _answer):
        return self._made(self.body or _HTML_PAGE, HTML_TYPE)

    def _xml(self, _answer):
        return self._made(self.body or _error_body(self.status), XML_TYPE)

    def _body(self, _answer):
        return self._made(self.body, JSON_TYPE)

    def _malformed(self, answer):
        """The first half of the true answer, or of a made-up one."""
        answer = answer or Answer(200, {"id": 81234567890, "topic": "cut off"})
        content = answer.content() or b'{"id": 812345'
        status = self.status or answer.status
        return Answer(200 if status == 204 else status, content[: len(content) // 2])

    def _drip_head(self, answer):
        answer = answer or Answer(200, {"filler": "x" * 1000})
        answer.drip = ("head", self.pause)
        return answer

    def _drip_body(self, answer):
        answer = answer or Answer(200, {"filler": "x" * 1000})
        answer.drip = ("body", self.pause)
        return answer

    def _endless(self, answer):
        answer = answer or Answer(200, {})
        answer.endless = "body"
        return answer

    def _endless_head(self, answer):
        answer = answer or Answer(200, {})
        answer.endless = "head"
        return answer

    def _gzip_bomb(self, answer):
        answer = answer or Answer(200, {})
        answer.body = _make_gzip_bomb()
        answer.headers["Content-Encoding"] = "gzip"
        return answer

    def _drop_before(self, _answer):
        return Answer(0, dropped=True)

    def _drop_after(self, _answer):
        return Answer(0, dropped=True)

    def _made(self, body, content_type):
        if body == {} and self.kind == "status":
            body = _error_body(self.status)
        return Answer(self.status, body, content_type=content_type)


class Faults:
    """The faults that wait for their requests; the oldest that fits wins."""

    def __init__(self):
        self._lock = threading.Lock()
        self._waiting = []

    def add(self, fault):
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self):
        with self._lock:
            self._waiting.clear()

    def __len__(self):
        with self._lock:
            return len(self._waiting)

    def take(self, method, path, host_id):
        """The fault for this request, or None; a used-up one is forgotten."""
        with self._lock:
            for fault in self._waiting:
                if not fault.matches(method, path, host_id):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if random.random() >= fault.probability:
                    continue
                fault.hits += 1
                self._waiting = [item for item in self._waiting if not item.spent]
                return fault
        return None


@cache
def _make_gzip_bomb():
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    blanks = b" " * (1 << 20)
    first = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    # Nothing in it refers to what was before: it may be repeated.
    next_one = packer.compress(blanks) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + next_one * 699


def _error_body(status):
    return {"code": status, "message": "Internal error."}
