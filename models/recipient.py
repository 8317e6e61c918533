# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What is entered for a person may be damaged: what can be made of it all the same.

No nicety of a mail keeps a booking from being saved or a mail from being sent.
"""

import re
from email.utils import getaddresses
from functools import lru_cache

import pytz

# What a mail server takes: the platform sends nothing to others. A domain without a
# dot is a mistake for one with a dot, or with a comma for it.
ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*",
    re.ASCII | re.IGNORECASE,
)
# Line and paragraph separators of Unicode too: Python's mail headers refuse them.
BREAKS = re.compile(
    r"[\s\x00-\x1f\x7f\x85\u2028\u2029]*[\x00-\x1f\x7f\x85\u2028\u2029]\s*"
)


def get_addresses(text):
    """The addresses in a contact's field, if all of it can be one.

    A part that is none may be half of one: then the mail would reach somebody else.

    :param text: as it was entered, or False
    :return list: of str; empty when a part of the text cannot be an address
    """
    text = (text or "").strip(" \t\r\n,;")
    for found in (
        re.split(r"[\s,;]+", text),
        [address for _name, address in getaddresses([text])],
    ):
        if all(map(ADDRESS.fullmatch, found)):
            return found
    return []


def one_line(text):
    """The text without line breaks and control characters, as a header needs it.

    :param text: str, or None or False
    """
    return BREAKS.sub(" ", text).strip() if text else text


@lru_cache
def known_zone(*names):
    """The first time zone of these that the server knows, or False.

    :param names: of zones as ``Asia/Tokyo``, each possibly empty
    """
    for name in filter(None, names):
        try:
            pytz.timezone(name)
        except pytz.UnknownTimeZoneError:
            continue
        return name
    return False


def active_lang(env, code):
    """A person's language, or another one if it was switched off.

    :param code: as ``ja_JP``, possibly empty
    :return: str, or None where neither the person nor the context has one
    """
    context_lang = env.context.get("lang")
    if not code:
        return context_lang
    active = [one for one, _name in env["res.lang"].get_installed()]
    wanted = (code, context_lang, env.company.partner_id.lang, "en_US", *active)
    return next(one for one in wanted if one in active)
