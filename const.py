# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Names and numbers that several files share."""

from datetime import timedelta

DEFAULT_OAUTH_URL = "https://zoom.us"
DEFAULT_API_URL = "https://api.zoom.us/v2"
PARAM_OAUTH_URL = "resource_booking_zoom.oauth_url"
PARAM_API_URL = "resource_booking_zoom.api_url"
PARAM_REMINDER_WAIT = "resource_booking_zoom.reminder_wait_minutes"

OAUTH_CALLBACK_ROUTE = "/resource_booking_zoom/oauth/callback"
WEBHOOK_ROUTE = "/resource_booking_zoom/webhook"
START_ROUTE = "/resource_booking_zoom/start"
JOIN_ROUTE = "/resource_booking_zoom/join"
INVITATION_ROUTE = "/my/bookings/invitation"

STAFF = "resource_booking.group_user"
START_OTHERS = "resource_booking_zoom.group_start_others"

# Zoom: 100 create and update requests per host and UTC day (rate limits, 2026-02).
DAILY_REQUEST_LIMIT = 100
# A meeting of a Basic host ends after so many minutes (Zoom support, since 2022-07).
BASIC_MEETING_MINUTES = 40

# Requests per second of an account, by plan and category (Zoom's rate limits, 2026-02).
REQUESTS_PER_SECOND = {
    "free": {"Light": 4, "Medium": 2, "Heavy": 1},
    "pro": {"Light": 30, "Medium": 20, "Heavy": 10},
    "business": {"Light": 80, "Medium": 60, "Heavy": 40},
}

# Seconds to wait for an answer; Zoom takes less than one.
READ_TIMEOUT = 10.0
# Requests under way at the same time. With fewer, Zoom's latency would set the pace; more
# would not be faster.
PARALLEL_REQUESTS = 16

# Minutes between two meetings of a Zoom user: nobody needs more.
LONGEST_PAUSE = 240

# States of a meeting row that stands for what its booking needs now.
CURRENT_STATES = ("waiting", "ready", "changed")

# A row's requests, repetitions included, take less than this; after it the claim
# of a worker that died may be taken over.
CLAIM_DURATION = timedelta(minutes=3)
# Zoom may list a new meeting late. When a POST got no answer, the host's meetings are
# searched until this time has passed; then the POST is repeated.
UNCLEAR_WAIT = timedelta(minutes=2)
# The scheduled action, which is woken at once, has issued a meeting after this time if
# it can be issued at all. No mail goes out without the link before, unless the meeting has
# a problem.
ISSUE_TIME = timedelta(minutes=1)
# Before a mail tells a link, its meeting is read; the reading begins this long before the
# mail is due.
READ_AHEAD = timedelta(minutes=1)
# How long a mail waits for the reading while Zoom does not answer. Shorter than ASK_AGAIN in
# models/zoom/readings.py: else a mail that went out unread would be held a second time.
LONGEST_READING_HOLD = timedelta(minutes=10)
# The daily clean-up deletes what has been over for this time.
KEPT_FOR = timedelta(days=365)
# Kinds of requests that count towards the daily limit.
COUNTED = ("create", "update")
