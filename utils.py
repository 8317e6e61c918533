# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What every room may use: transactions of their own, what only our code says, text."""

import random
import re
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from email.utils import getaddresses
from functools import lru_cache, partial
from hashlib import sha256
from typing import NamedTuple

import psycopg2
import pytz
from babel.dates import format_timedelta
from markupsafe import escape
from psycopg2.errors import ExclusionViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL, format_date, format_datetime, format_time, get_lang
from odoo.tools.constants import GC_UNLINK_LIMIT

# === TRANSACTIONS === #

# Refused by a constraint that holds for two transactions at once.
ENTERED_BY_OTHERS = (UniqueViolation, ExclusionViolation)


def lock_rows(records, wait=True):
    """Lock the records' rows until the transaction ends.

    Call it before changing rows that others may be changing too: a transaction that
    lost fails here, early and without an error in the log. Other transactions can
    still refer to the rows.

    :param bool wait: wait for other transactions; else skip the rows they hold
    :return: the locked records
    :raise psycopg2.errors.SerializationFailure: another transaction changed them
    """
    if not records:
        return records
    cr = records.env.cr
    # Losing against another worker is normal: the caller tries again.
    with unlogged(cr):
        if not wait:
            return records.try_lock_for_update(allow_referencing=True)
        # One round trip to the database.
        records.env.execute_query(
            SQL(
                "SET LOCAL lock_timeout = '45s';"
                "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                SQL.identifier(records._table),
                tuple(records.ids),
            )
        )
    return records


@contextmanager
def unlogged(cr):
    """Do not log failing statements in this block.

    Odoo logs it with its values. The exception goes on to whoever can tell whether
    it is an error, or only another transaction that was quicker.
    """
    if "execute" in vars(cr):
        yield
        return
    cr.execute = partial(cr.execute, log_exceptions=False)
    try:
        yield
    finally:
        # The method of the class becomes visible again.
        del cr.execute


@contextmanager
def undone_if_refused(env):
    """A savepoint in the middle of a save: what the save has noted so far is kept.

    Odoo's own savepoint would post the tracked changes, and forget which bookings are
    being saved.
    """
    env.flush_all()
    noted = dict(env.cr.cache)
    try:
        with env.cr.savepoint(flush=False):
            yield
            env.flush_all()
    except Exception:
        env.transaction.clear()
        env.cr.cache.update(noted)
        raise


def in_own_transaction(records, work, *args):
    """Do ``work(records, *args)`` in a short transaction of its own.

    Odoo runs at REPEATABLE READ: whoever updates a row that another transaction
    has changed meanwhile gets a serialization failure instead of the new value, and
    who enters what another one has just entered is refused without having seen it.
    So the call is repeated in a new transaction, which reads again.

    :param records: recordset, handed over in the new environment
    :param work: function of the records; returns plain values, no records
    :return: what it returned, after its transaction was committed
    :raise psycopg2.Error: when it failed five times in a row, or was refused twice
    """
    for attempt in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
        try:
            with records.env.registry.cursor() as cr:
                return work(records.with_env(records.env(cr=cr)), *args)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, *ENTERED_BY_OTHERS) as error:
            refused = isinstance(error, ENTERED_BY_OTHERS)
            if attempt == (2 if refused else MAX_TRIES_ON_CONCURRENCY_FAILURE):
                raise
            time.sleep(random.uniform(0.0, 0.05 * 2**attempt))


def delete_some(model, domain):
    """Delete one batch of records, for Odoo's daily clean-up.

    :return tuple: how many were deleted, and whether more are left
    """
    found = model.search(domain, limit=GC_UNLINK_LIMIT)
    found.unlink()
    return len(found), len(found) == GC_UNLINK_LIMIT


def describe(error):
    """Describe an exception for the log; database errors without the row's values."""
    if isinstance(error, psycopg2.Error):
        return f"{type(error).__name__}: {error.diag.message_primary or ''}"
    return repr(error)


def find_overtaken(error):
    """The database's refusal of a transaction that another one overtook.

    Odoo repeats the whole request then, unless somebody takes it for another error:
    templates wrap whatever is raised in them.

    :return: the exception from which this one comes, or None
    """
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


# === WHAT ONLY OUR CODE SAYS === #
#
# Flags that only our own code can set. Any RPC call brings a context, but JSON cannot
# hold this object.

SAVING = "resource_booking_zoom_saving"


class _Ours:
    def __repr__(self):
        return "<said by resource_booking_zoom>"


OURS = _Ours()


def is_ours(env, key):
    """Whether our own code has put this key into the context.

    :param str key: of the context
    """
    return env.context.get(key) is OURS


@contextmanager
def saving(bookings):
    """Mark bookings as being saved; their meetings and mails follow at the end.

    :param bookings: resource.booking
    """
    counts = bookings.env.cr.cache.setdefault(SAVING, Counter())
    counts.update(bookings.ids)
    try:
        yield
    finally:
        counts.subtract(bookings.ids)


def get_saved_ids(env):
    """
    :return set: ids of the bookings that are being saved in this transaction
    """
    counts = env.cr.cache.get(SAVING, {})
    return {booking_id for booking_id, count in counts.items() if count > 0}


# === WHAT PEOPLE ENTERED === #
#
# People enter damaged addresses, names and time zones. That must not stop a booking from
# being saved, or a mail from being sent.

# Addresses that mail servers accept; the platform skips others. A domain without a dot is a
# typing mistake.
ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*",
    re.ASCII | re.IGNORECASE,
)
# Including the line separators of Unicode, which Python refuses in mail headers.
BREAKS = re.compile(
    r"[\s\x00-\x1f\x7f\x85\u2028\u2029]*[\x00-\x1f\x7f\x85\u2028\u2029]\s*"
)


def get_addresses(text):
    """The addresses in a contact's e-mail field, if every part is valid.

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
    """Remove line breaks and control characters, for a mail header.

    :param text: str, or None or False
    """
    return BREAKS.sub(" ", text).strip() if text else text


@lru_cache
def known_zone(*names):
    """The first of these time zones that the server knows, or False.

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
    """A person's language, or a fallback if it is not active.

    :param code: as ``ja_JP``, possibly empty
    :return: str, or None where neither the person nor the context has one
    """
    context_lang = env.context.get("lang")
    if not code:
        return context_lang
    active = [one for one, _name in env["res.lang"].get_installed()]
    wanted = (code, context_lang, env.company.partner_id.lang, "en_US", *active)
    return next(one for one in wanted if one in active)


# === TIMES === #


def own_time(partner, moment, zone):
    """A moment in the reader's own time zone, as a sentence.

    :param partner: who reads it, in the language of the context
    :param moment: naive UTC
    :param str zone: the time zone that the mail uses otherwise
    :return str: empty when both are the same
    """
    env, own = partner.env, known_zone(partner.tz)
    if not own or not zone or own == zone:
        return ""
    return env._(
        "Start in your time zone: %(date)s at %(time)s (%(zone)s)",
        **say_moment(env, moment, own),
    )


def say_moment(env, moment, zone):
    """A moment in words, in the language of the environment.

    :param moment: naive UTC
    :param str zone: the time zone to tell it in
    :return dict: ``date``, ``time`` and ``zone``
    """
    local = pytz.utc.localize(moment).astimezone(pytz.timezone(zone))
    return {
        "date": format_date(env, local.date(), date_format="long"),
        "time": format_time(env, moment, tz=zone, time_format="short"),
        "zone": zone,
    }


def time_in_words(env, moment):
    """A moment in the time zone and format of the user at the screen.

    :param moment: naive UTC
    :rtype: str
    """
    return format_datetime(env, moment, tz=env.context.get("tz"), dt_format="short")


def say_span(env, **units):
    """A span of time in words, as ``1 hour 30 minutes``.

    :param units: how many, by babel's name of the unit: ``hour=1, minute=30``
    """
    lang = get_lang(env).code
    said = " ".join(
        format_timedelta(
            timedelta(**{f"{unit}s": count}),
            granularity=unit,
            threshold=float("inf"),  # never in another unit
            locale=lang,
        )
        for unit, count in units.items()
        if count
    )
    # Unicode's Japanese has spaces, Japanese texts have none.
    return said.replace(" ", "") if lang.startswith("ja") else said


def say_period(env, start, stop, zone):
    """A period of less than a day in words, in the language of the environment.

    :param datetime start: naive UTC, as ``stop``
    :param str zone: the time zone to tell it in
    """
    local = start.replace(tzinfo=pytz.utc).astimezone(pytz.timezone(zone))
    return env._(
        "%(date)s, %(start)s – %(stop)s (%(zone)s)",
        date=format_date(env, local.date(), date_format="full"),
        start=format_time(env, start, tz=zone, time_format="short"),
        stop=format_time(env, stop, tz=zone, time_format="short"),
        zone=zone,
    )


# === WHAT THE SCREEN SHOWS === #

# What the client does after it has shown a message.
CLOSE = {"type": "ir.actions.act_window_close"}
RELOAD = {"type": "ir.actions.client", "tag": "soft_reload"}


def show_message(message, kind="success", sticky=False, then=None):
    """The action that shows a message in the corner of the screen.

    :param str kind: ``success``, ``warning`` or ``danger``
    :param bool sticky: until somebody closes it
    :param dict then: the next action
    :return dict:
    """
    params = {"type": kind, "message": message, "sticky": sticky, "next": then}
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": params,
    }


# === CUSTOMERS === #


def is_customer(env):
    """Whether a customer is at the screen: in the portal, or in the web shop."""
    return bool(env.context.get("using_portal")) or not env.user._is_internal()


class TimeTaken(ValidationError):
    """Tells customers to choose another time, and nothing of who has this one."""

    def __init__(self, env):
        said = env._("This time has just been taken. Please choose another time.")
        super().__init__(said)
        # The web shop (website_sale_resource_booking 19.0.1.0.1) reads it.
        self.name = said


# === THE STORY OF A BOOKING === #


def tell_story(bookings, event, bodies=None, again_after=None):
    """Add a line to the chatter of bookings, in one go for all; nobody gets a mail.

    The subtype's description is the line, in the language of whoever reads it.

    :param bookings: resource.booking
    :param str event: a subtype of the module, without ``story_``
    :param dict bodies: booking -> names that go with the line: of people, Zoom users, …;
        never a sentence, never a secret
    :param timedelta again_after: leave the line out if the same author's last one of
        this kind is younger
    """
    env = bookings.env
    subtype = env.ref(f"resource_booking_zoom.story_{event}", raise_if_not_found=False)
    if not bookings or not subtype:
        return
    author, messages = env.user.partner_id, env["mail.message"].sudo()
    of_kind = [
        ("model", "=", bookings._name),
        ("res_id", "in", bookings.ids),
        ("subtype_id", "=", subtype.id),
    ]
    if again_after:
        since = fields.Datetime.now() - again_after
        lately = [("author_id", "=", author.id), ("date", ">", since)]
        told = messages.search([*of_kind, *lately]).mapped("res_id")
        bookings = bookings.filtered(lambda booking: booking.id not in told)
    messages.create(
        [
            {
                "author_id": author.id,
                "email_from": author.email_formatted,
                "model": bookings._name,
                "res_id": booking.id,
                "body": escape((bodies or {}).get(booking) or ""),
                "subtype_id": subtype.id,
                "message_type": "notification",
                "is_internal": True,
                # As of a mail: the platform would ask for each line where replies go.
                "reply_to": author.email_formatted,
            }
            for booking in bookings
        ]
    )


# === JOIN LINKS === #


class PhoneNumber(NamedTuple):
    """A telephone number by which people join a booking."""

    country: str  # in the language of who reads it
    number: str
    city: str
    is_free: bool
    url: str  # that a telephone dials


class JoinLink(NamedTuple):
    """How to join a booking, whatever the tool."""

    url: str
    number: str | bool = False  # the tool's number of the meeting, as people read it
    passcode: str | bool = False
    link_id: int | bool = False  # of the tool's record, see _sql_given_links
    phones: tuple = ()  # of PhoneNumber
    phone_passcode: str | bool = False  # that callers enter

    @property
    def digest(self):
        """Identifies the link without revealing it."""
        return link_digest(self.url, self.passcode)


def link_digest(url, passcode):
    """
    :param str url:
    :param passcode: str, or None or False where there is none
    :return str: hexadecimal
    """
    return sha256(f"{url}\n{passcode or ''}".encode()).hexdigest()


def sql_link_digest(url, passcode):
    """The same as an SQL expression; a test keeps them equal.

    :param SQL url:
    :param SQL passcode: may be NULL
    """
    return SQL(
        "encode(sha256(convert_to(%s || chr(10) || coalesce(%s, ''), 'UTF8')), 'hex')",
        url,
        passcode,
    )
