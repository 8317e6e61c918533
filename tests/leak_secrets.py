# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must not be found, in any disguise. Knows nothing of Odoo."""

import base64
import binascii
import html
import quopri
import re
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

# Between the digits of a meeting ID that is written in groups.
_GAP = r"(?:&nbsp;|[\s\u00a0\u2000-\u200b\u2010-\u2015\u202f._+-]){0,2}"
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class Secrets:
    """How to join one meeting, and how to recognise it.

    :param str url: of the meeting
    :param str passcode:
    :param str meeting_id: the digits
    """

    def __init__(self, url, passcode=None, meeting_id=None):
        parts = urlsplit(url)
        self.url = url
        # What a search would look for.
        self.texts = [url, *filter(None, (passcode, meeting_id))]
        pieces = {"URL": url, "path": url.partition(parts.netloc)[2]}
        for value in parse_qs(parts.query).get("pwd", ()):
            pieces["pwd"] = value
        self._pieces = {
            name: {text.lower(), unquote(text).lower()} for name, text in pieces.items()
        }
        self._patterns = {}
        if passcode:
            self._patterns["passcode"] = re.compile(
                re.escape(passcode) + "(?![A-Za-z0-9])"
            )
        if meeting_id:
            self._patterns["meeting ID"] = re.compile(_GAP.join(meeting_id))

    @property
    def names(self):
        """What there is to be found."""
        return {*self._pieces, *self._patterns}

    def found_in(self, text):
        """The names of what the text gives away.

        :param str text: as it came, however encoded
        :return set:
        """
        found = set()
        for reading in readings(text):
            small = reading.lower()
            for name, forms in self._pieces.items():
                if any(form in small for form in forms):
                    found.add(name)
            for name, pattern in self._patterns.items():
                if pattern.search(reading):
                    found.add(name)
        return found


@lru_cache(maxsize=8)  # it is searched for several secrets
def readings(text):
    """The text as it stands, and decoded in every usual way."""
    plain = _decode(text)
    found = dict.fromkeys((text, plain, _decode(plain)))
    for one in list(found):
        hidden = "\n".join(_decode_base64(one))
        found.update(dict.fromkeys((hidden, _decode(hidden))))
    return list(found)


def _decode(text):
    """Undo folded lines and the escapes of JSON, quoted-printable, HTML and URLs."""
    text = re.sub(r"\\r\\n|\\n", "\n", text).replace("\\/", "/").replace("\\t", "\t")
    text = _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    text = re.sub(r"\r?\n[ \t]", "", text)
    if "=3D" in text:
        text = quopri.decodestring(text.encode()).decode(errors="replace")
    return unquote(html.unescape(text))


def _decode_base64(text):
    for match in _BASE64.finditer(text):
        token = match[0].rstrip("=").translate(str.maketrans("-_", "+/"))
        token += "=" * (-len(token) % 4)
        try:
            yield base64.b64decode(token).decode(errors="replace")
        except binascii.Error:
            continue
