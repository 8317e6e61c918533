# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Zoom's rate limits: per second, per day and account, per day and host.

The table and the texts are of Zoom's page on rate limits, February 2026; the
headers were documented until 2023 and seen since. The bare headers of the
100-a-day answer were seen on Zoom's developer forum.
"""

import time

from .clock import next_midnight, to_zoom
from .messages import ZoomError

LIGHT = "Light"
MEDIUM = "Medium"

# By plan: requests per second, and per day where the plan has such a limit.
PER_SECOND = {
    "free": {LIGHT: 4, MEDIUM: 2},
    "pro": {LIGHT: 30, MEDIUM: 20},
    "business": {LIGHT: 80, MEDIUM: 60},
}
PER_DAY = {"free": {LIGHT: 6000, MEDIUM: 2000}}

HOST_MESSAGE = (
    "You have exceeded the daily rate limit ({limit}) of Meeting Create/Update API"
    " requests permitted for this particular user. You may resume these requests at"
    " GMT 00:00:00."
)
OLDER_HOST_MESSAGE = (
    "A maximum of {limit} meetings can be created/updated for a single user in one day."
)
SECOND_MESSAGE = (
    "You have reached the maximum per-second rate limit for this API. Try again later."
)
DAY_MESSAGE = (
    "You have reached the maximum daily rate limit for this API. Refer to the response"
    " header for details on when you can make another request."
)


def monotonic():
    """Real seconds, also where a test froze the clock of this process.

    ``time.monotonic`` is among the functions that freezing replaces.
    """
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def check_account(sim, account, label):
    """Count a request on the account; the headers for its answer.

    Raises the 429 of the second or of the day; a refused request is not counted.
    """
    now = sim.clock.now()
    per_second = PER_SECOND[account.plan][label]
    recent = sim.state.recent[account.account_id, label]
    moment = monotonic()
    while recent and recent[0] <= moment - 1:
        recent.popleft()
    if sim.enforce_qps and len(recent) >= per_second:
        headers = _headers(label, per_second, 0, "QPS")
        sim.state.refused_for_second += 1
        raise ZoomError(429, 429, SECOND_MESSAGE, headers=headers)
    per_day = _daily_limits(account).get(label)
    key = (account.account_id, label, now.date())
    if per_day is not None and sim.state.account_counts[key] >= per_day:
        headers = _headers(label, per_day, 0, "Daily-limit")
        headers["Retry-After"] = to_zoom(next_midnight(now))
        raise ZoomError(429, 429, DAY_MESSAGE, headers=headers)
    recent.append(moment)
    sim.state.account_counts[key] += 1
    if per_day is not None:
        left = per_day - sim.state.account_counts[key]
        return _headers(label, per_day, left, "Daily-limit")
    return _headers(label, per_second, max(per_second - len(recent), 0), "QPS")


def check_host(sim, host, label):
    """Refuse a create or update of a host whose day is used up."""
    if sim.count_today(host) < sim.daily_limit:
        return
    words = {
        "user": HOST_MESSAGE,
        "general": DAY_MESSAGE,
        "older": OLDER_HOST_MESSAGE,
    }
    message = words[sim.daily_429_words].format(limit=sim.daily_limit)
    if sim.daily_429_headers == "none":
        headers = {}
    elif sim.daily_429_headers == "full":
        headers = _headers(label, sim.daily_limit, 0, "Daily-limit")
        headers["Retry-After"] = to_zoom(next_midnight(sim.clock.now()))
    else:
        # What was seen: the account's quota, no type and no Retry-After.
        limit = _daily_limits(host.account).get(label, 6000)
        key = (host.account.account_id, label, sim.clock.now().date())
        left = max(limit - sim.state.account_counts[key], 0)
        headers = _headers(label, limit, left)
    status = sim.daily_429_status
    raise ZoomError(status, 429 if status == 429 else 300, message, headers=headers)


def count_host(sim, host):
    """Note a create or update on the host's UTC day."""
    sim.state.host_counts[host.id, sim.clock.now().date()] += 1


def host_headers(sim, host, label):
    """What was seen in 2021 on accepted writes: a count down from 100."""
    left = max(sim.daily_limit - sim.count_today(host), 0)
    return _headers(label, sim.daily_limit, left)


def _daily_limits(account):
    if account.daily_limits is not None:
        return account.daily_limits
    return PER_DAY.get(account.plan, {})


def _headers(label, limit, remaining, kind=None):
    headers = {
        "X-RateLimit-Category": label,
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
    }
    if kind:
        headers["X-RateLimit-Type"] = kind
    return headers
