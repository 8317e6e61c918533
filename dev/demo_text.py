# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the demonstration writes times, mails and addresses."""

import re
import textwrap
from datetime import datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
UTC = ZoneInfo("UTC")


def tell(text):
    print(textwrap.indent(text, "   "))


def in_tokyo(moment):
    """A moment as people in Tokyo write it."""
    return f"{moment.astimezone(TOKYO):%a %d %b %Y %H:%M} JST"


def from_odoo(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def names_time(text, moment):
    """Whether a text has this time of Tokyo, in English or Japanese writing."""
    moment = moment.astimezone(TOKYO)
    english = rf"\b{moment.hour % 12 or 12}:{moment:%M}(:00)?\s{moment:%p}\b"
    japanese = rf"\b{moment.hour}:{moment:%M}\b|{moment.hour}時{moment:%M}分"
    return re.search(f"{english}|{japanese}", text)


def show(mail):
    """Print a mail as a person reads its text part."""
    tell(f"Subject: {mail.subject}")
    tell(f"To:      {', '.join(mail.recipients)}")
    # the layout's empty lines, and the invisible letters that fill a mailbox's preview
    text = re.sub("[\u034f\u200b\u00a0]", "", mail.text)
    text = re.sub(r"\n\s*\n+", "\n\n", text).strip()
    tell(textwrap.indent(f"\n{text}\n", "  | ", lambda line: True))


def tell_arrival(mail):
    """Say that a mail has come, with its links in full: who opens one plays the reader."""
    tell(f"{', '.join(mail.recipients)}: {mail.subject}")
    links = re.findall(r'https?://[^\s<>"\])]+', mail.text)
    for link in dict.fromkeys(links):
        tell(f"  {link}")


def shorten(url):
    """A URL that fits into a line."""
    return url if len(url) <= 100 else f"{url[:97]}…"
