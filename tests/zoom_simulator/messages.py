# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What comes in, what goes out, and Zoom's way to say no."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

JSON_TYPE = "application/json;charset=UTF-8"
XML_TYPE = "application/xml;charset=UTF-8"
HTML_TYPE = "text/html;charset=utf-8"
TEXT_TYPE = "text/plain;charset=utf-8"


@dataclass
class Request:
    """One HTTP request, read completely."""

    method: str
    path: str  # as it was sent, without the query
    query: dict  # text by name; the last one of several
    headers: object  # case-insensitive mapping
    raw: bytes = b""

    @property
    def content_type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0].strip().lower()

    @property
    def authorization(self):
        """(kind in lower case, value) of the Authorization header."""
        kind, _space, value = (self.headers.get("Authorization") or "").partition(" ")
        return kind.lower(), value.strip()

    def basic(self):
        """(client id, secret) of a Basic header, or (None, None)."""
        kind, value = self.authorization
        if kind != "basic":
            return None, None
        try:
            text = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None, None
        name, _colon, secret = text.partition(":")
        return name, secret

    def form(self):
        """The fields of a form body; empty when the body is something else."""
        if self.content_type != "application/x-www-form-urlencoded":
            return {}
        return dict(parse_qsl(self.raw.decode("utf-8", "replace"), True))

    def json(self):
        """The JSON body; raises ``ValueError`` when it is none."""
        return json.loads(self.raw.decode("utf-8"))

    def body_for_log(self):
        """The body as a dict, whatever it was."""
        if not self.raw:
            return {}
        if self.content_type == "application/x-www-form-urlencoded":
            return self.form()
        try:
            value = self.json()
        except ValueError:
            return {"_raw": self.raw.decode("utf-8", "replace")}
        return value if isinstance(value, dict) else {"_json": value}


@dataclass
class Answer:
    """One HTTP answer; ``body`` None means no body at all (204)."""

    status: int
    body: object = None  # dict and list become JSON, text and bytes stay
    headers: dict = field(default_factory=dict)
    content_type: str = JSON_TYPE
    dropped: bool = False  # close the connection instead of answering
    delay: float = 0.0  # seconds to wait before answering
    drip: tuple = ()  # (what drips, "head" or "body"; seconds between two bytes)
    endless: str = ""  # "head" or "body": does not end before the client goes away

    def content(self):
        """The body as bytes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        if self.content_type == XML_TYPE:
            return to_xml(self.body).encode()
        return json.dumps(self.body, ensure_ascii=False).encode()


class ZoomError(Exception):
    """A refusal with Zoom's envelope ``{"code", "message"[, "errors"]}``.

    The envelope is the one of Zoom's page on errors, February 2026.
    """

    def __init__(self, status, code, message, errors=None, headers=None):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message}
        if errors:
            self.body["errors"] = [
                {"field": name, "message": text} for name, text in errors
            ]
        self.headers = headers or {}

    def answer(self):
        return Answer(self.status, self.body, dict(self.headers))


def to_xml(body):
    """The XML form of an answer, as seen on real refusals in 2024."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f"{head}<result>{_xml_children(body)}</result>"


def _xml_children(value):
    if isinstance(value, dict):
        return "".join(_xml_element(name, child) for name, child in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else escape(str(value))


def _xml_element(name, value):
    if isinstance(value, list):
        return "".join(_xml_element(name, item) for item in value)
    return f"<{name}>{_xml_children(value)}</{name}>"
