# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The switches of the simulator: attributes of ``ZoomSimulator``.

The defaults are what Zoom does, as far as it is known.
"""

import datetime as dt

DEFAULTS = {
    # Seconds that every REST answer takes.
    "latency": 0.0,
    # /oauth/authorize consents at once, for the first account of the app.
    "auto_consent": False,
    # The address in token answers: "" the simulator's own, None left out.
    "api_url_in_token": "",
    # A replaced access token goes on working until it expires.
    "old_access_token_survives": False,
    # Server-to-server tokens may say "me" (the owner of the account).
    "s2s_me_allowed": True,
    # Zoom's sources disagree between 90 days and 15 years.
    "refresh_token_lifetime": dt.timedelta(days=90),
    # Create and update requests of a host on a UTC day.
    "daily_limit": 100,
    # Whether refused create and update requests count, too.
    "count_refused": False,
    # The headers of that refusal: "bare" as seen, "full" as documented, "none".
    "daily_429_headers": "bare",
    # Its words: of the "user" as seen, "general" as on Zoom's page on rate limits,
    # "older" as seen before.
    "daily_429_words": "user",
    # Its status: 429; with the older words also 400 (code 300) and 300.
    "daily_429_status": 429,
    # The category of creations: "Light" in Zoom's OpenAPI of March 2026, "Medium" in
    # most other texts.
    "create_category": "Light",
    # The rate headers of accepted writes: of the "account" or of the "host".
    "write_headers": "account",
    # Titles are kept without blanks around, and with "-" for an emoji.
    "rewrites_topics": False,
    # Starts are kept rounded down to so many minutes.
    "start_step": 1,
    # The first so many tokens of a server-to-server app have none of its scopes.
    "tokens_without_scopes": 0,
    # Whether the limits per second are enforced.
    "enforce_qps": True,
}
