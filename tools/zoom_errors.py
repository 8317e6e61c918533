# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What an answer means: from Zoom's statuses, codes and words to exceptions."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ..const import DAILY_REQUEST_LIMIT
from ..exceptions import (
    ZoomAccessDenied,
    ZoomAccountDayLimit,
    ZoomConnectionLost,
    ZoomDayLimit,
    ZoomHostDayLimit,
    ZoomHostMayNotHost,
    ZoomHostUnknown,
    ZoomMeetingGone,
    ZoomOutcomeUnknown,
    ZoomRejected,
    ZoomScopeMissing,
    ZoomSecondLimit,
    ZoomTokenInvalid,
    ZoomUnavailable,
)

# Zoom's page "OAuth error messages": app disabled, owner of the token gone, no
# authentication for it, disabled by an administrator, out of tolerance, revoked.
CONNECTION_LOST_CODES = frozenset({4717, 4735, 4737, 4738, 4740, 4741})

# Zoom's OpenAPI, March 2026.
_CAUSES = {
    124: ZoomTokenInvalid,
    **dict.fromkeys(CONNECTION_LOST_CODES, ZoomConnectionLost),
    # no such user; not of this account; invitation expired
    **dict.fromkeys((1001, 1010, 1120), ZoomHostUnknown),
    # not allowed by the plan; may not schedule; no meeting licence
    **dict.fromkeys((200, 3000, 3161), ZoomHostMayNotHost),
    3001: ZoomMeetingGone,
}


def rest_error(answer, counted=False):
    """The exception for an answer of Zoom's REST API that is not the expected one.

    :param Answer answer:
    :param bool counted: whether the request counts towards the host's 100 a day
    :rtype: ZoomError
    """
    if _is_host_day_limit(answer):
        return ZoomHostDayLimit(retry_at=retry_after(answer.headers), **answer.details)
    error = transient_error(answer, counted)
    if error:
        return error
    if _is_scope_missing(answer):
        return ZoomScopeMissing(scopes=_scopes_named(answer.message), **answer.details)
    cause = _CAUSES.get(answer.code)
    # With 403 the code says little: Zoom's own material gives 3001, that of a
    # deleted meeting, to a user who lacks permission.
    if answer.status == 403 and cause is not ZoomConnectionLost:
        cause = ZoomAccessDenied
    elif answer.status == 401:
        cause = cause or ZoomTokenInvalid
    if cause:
        return cause(**answer.details)
    return ZoomRejected(field_errors=answer.field_errors, **answer.details)


def transient_error(answer, counted=False):
    """The exception for an answer that settles nothing, None for any other.

    That is a limit, or anything but Zoom's own refusal (4xx): a failure of the
    server, a redirect, a success that is not the one expected.

    :param Answer answer:
    :param bool counted: as in :func:`rest_error`
    :rtype: ZoomError | None
    """
    if answer.status == 429:
        return _limit_error(answer, counted)
    # A refusal without Zoom's own words comes from something in between: a proxy, a
    # firewall, a maintenance page. 408: it gave up waiting.
    of_zoom = answer.data is not None or answer.code is not None
    if 400 <= answer.status < 500 and answer.status != 408:
        if of_zoom or answer.status == 401:
            return None
    kind = ZoomUnavailable if answer.harmless else ZoomOutcomeUnknown
    return kind(**answer.details)


def retry_after(headers, now=None):
    """The moment in ``Retry-After``, or None.

    Zoom writes an ISO date ("2020-05-31T00:00:00Z", Zoom's page on rate limits);
    HTTP itself knows a date of its own and seconds.

    :param datetime.datetime now: aware; for seconds
    :return: aware, UTC
    :rtype: datetime.datetime | None
    """
    value = (headers.get("Retry-After") or "").strip()
    try:
        if value.isascii() and value.isdigit():
            return (now or datetime.now(UTC)) + timedelta(seconds=int(value))
        moment = _iso_datetime(value) or parsedate_to_datetime(value)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def whose_day_limit(plan, named_limit, host_total, host_limit, others_refused):
    """Whose limit a creation or update met that Zoom refused "for the day".

    Zoom has one text for all limits a day (rate limits, 2026-02). On paid plans the
    account has none for these calls; on the free plan one host alone cannot tell.

    :param str plan: ``free``, ``pro`` or ``business``
    :param int named_limit: the number in the headers, None if there is none
    :param int host_total: counted requests of the host today, this one included
    :param int host_limit: how many the host may make
    :param bool others_refused: whether another host met such a refusal today
    :return str: ``host``, ``account``, or ``unclear``: as the host's, until another
        one is refused, too
    """
    if plan != "free" or named_limit == DAILY_REQUEST_LIMIT or host_total >= host_limit:
        return "host"
    return "account" if others_refused else "unclear"


def _limit_error(answer, counted):
    """Which limit a 429 is about."""
    message = answer.message.lower()
    kind = answer.headers.get("X-RateLimit-Type", "").strip().lower()
    details = {"retry_at": retry_after(answer.headers), **answer.details}
    if "daily" not in message and kind != "daily-limit":
        return ZoomSecondLimit(**details)
    if counted:
        limit = answer.headers.get("X-RateLimit-Limit", "").strip()
        is_number = limit.isascii() and limit.isdigit() and len(limit) < 10
        named = int(limit) if is_number else None
        return ZoomDayLimit(named_limit=named, **details)
    return ZoomAccountDayLimit(**details)


def _is_host_day_limit(answer):
    """Whether the words say that the host's 100 of the day are used up.

    They decide, whatever status, code or headers come with them: those were seen of
    the account, and without ``Retry-After`` (Zoom developer forum 18928, 81149). The
    last form is an older one (429, or 400 with code 300, or HTTP 300).
    """
    message = answer.message.lower()
    return answer.status >= 300 and (
        "meeting create/update" in message
        or "particular user" in message
        or ("created/updated" in message and "single user" in message)
    )


def _is_scope_missing(answer):
    """400 with 4711, formerly 4700, a code that also stands for other things."""
    message = answer.message.lower()
    return answer.code == 4711 or ("does not contain" in message and "scope" in message)


def _scopes_named(message):
    """The scopes in Zoom's message, of which there are several forms.

    ``…does not contain scopes:[user:read:list_users:admin].``,
    ``…does not contain scopes:["a:b","c:d"].``,
    ``…does not contain role:read:admin scope.``
    """
    listed = re.sub(r"scopes?:", " ", message)
    return tuple(re.findall(r"\w+(?::\w+)+", listed, re.ASCII))


def _iso_datetime(value):
    """None when `value` is not ISO 8601."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
