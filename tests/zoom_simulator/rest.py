# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Zoom's REST calls, those that the module uses and a few beside them.

Labels, statuses and fields are those of Zoom's OpenAPI, March 2026.
"""

import datetime as dt
import re
import secrets
import zlib
from dataclasses import dataclass
from urllib.parse import unquote

from . import access, limits, meetings
from .clock import to_zoom
from .messages import XML_TYPE, Answer, ZoomError
from .pages import page

PREFIX = "/v2"
# An unused meeting may expire after this time, and leaves the list.
UNUSED_LIFETIME = dt.timedelta(days=30)
# How far the lists of upcoming and previous meetings reach.
LIST_REACH = dt.timedelta(days=183)


@dataclass
class Call:
    """A REST request on its way through the checks."""

    sim: object
    request: object
    log: object
    pair: object
    need: str
    label: str
    params: tuple  # the variable parts of the path, decoded
    headers: dict  # the rate headers of the answer

    def user(self):
        """The user that the path names first."""
        return access.find_target(self.sim, self.pair, self.params[0], self.need)

    def host(self):
        """The same, who must be able to host meetings."""
        user = self.user()
        check_may_host(user)
        return user

    def meeting(self, deleted=False):
        """(meeting, host) of the id in the path."""
        text = self.params[0]
        if not text.isdigit():
            raise ZoomError(400, 300, "Invalid meeting id.")
        meeting = self.sim.state.meetings.get(int(text))
        account_id = self.pair.account.account_id
        if (
            meeting is None
            or meeting.account_id != account_id
            or meeting.deleted is not deleted
        ):
            raise ZoomError(404, 3001, f"Meeting does not exist: {text}.")
        host = self.sim.state.users.get(meeting.host_id)
        if host is None:
            raise ZoomError(404, 3001, f"Meeting does not exist: {text}.")
        access.check_foreign(self.sim, self.pair, host, self.need)
        check_may_host(host)
        return meeting, host


def handle(sim, request, log):
    """Answer a request below ``/v2``, in the form that it asks for."""
    try:
        with sim.state.lock:
            answer = _dispatch(sim, request, log)
        log.executed = True
    except ZoomError as error:
        answer = error.answer()
    accept = request.headers.get("Accept") or ""
    if "json" not in accept and "*/*" not in accept:
        # Who does not ask for JSON gets XML.
        answer.content_type = XML_TYPE
    node = secrets.token_hex(16).upper()
    answer.headers["x-zm-trackingid"] = f"v=2.0;clid=us04;rid=WEB_{node}"
    return answer


def host_id_of(sim, request):
    """The id of the host that a request is about, or None."""
    path = request.path.removeprefix(PREFIX)
    found = re.match(r"/meetings/(\d+)", path)
    if found:
        meeting = sim.state.meetings.get(int(found[1]))
        return meeting and meeting.host_id
    found = re.match(r"/users/([^/]+)", path)
    if not found:
        return None
    key = unquote(found[1])
    pair = sim.state.by_access_token.get(request.authorization[1])
    if pair is None:
        return key if key in sim.state.users else None
    if key == "me":
        user = access.caller_of(sim, pair)
    else:
        user = sim.state.find_user(pair.account, key)
    return user and user.id


def check_may_host(user):
    """Refuse a user who may have no meetings."""
    if user.status == "pending":
        message = (
            "A valid invitation to join the Zoom account was not found for this user."
        )
        raise ZoomError(400, 1120, message)
    if not user.may_host:
        message = (
            "Your user account is not allowed meeting hosting and scheduling"
            " capabilities."
        )
        raise ZoomError(400, 3161, message)


def _dispatch(sim, request, log):
    pair = access.find_token(sim, request, log)
    path = request.path.removeprefix(PREFIX)
    label, need, function, params = _route(request.method, path)
    if need == "create":
        label = sim.create_category
    headers = limits.check_account(sim, pair.account, label)
    access.check_scope(pair, need)
    call = Call(sim, request, log, pair, need, label, params, headers)
    answer = function(call)
    answer.headers.update(call.headers)
    return answer


def _route(method, path):
    """(label, need, function, decoded parts of the path) of a known call."""
    for known_method, pattern, label, need, function in ROUTES:
        found = re.fullmatch(pattern, path)
        if known_method == method and found:
            return label, need, function, tuple(map(unquote, found.groups()))
    raise ZoomError(400, 2300, "This API endpoint is not recognized.")


# --- users -------------------------------------------------------------------


def get_user(call):
    """``GET /users/{userId}``"""
    return Answer(200, user_detail(call.sim, call.user()))


def list_users(call):
    """``GET /users``: one page of the users with a status."""
    status = call.request.query.get("status") or "active"
    if status not in ("active", "inactive", "pending"):
        errors = [("status", meetings.INVALID)]
        raise ZoomError(400, 300, "Validation Failed.", errors)
    users = [
        user_item(user)
        for user in call.sim.state.users_of(call.pair.account)
        if user.status == status
    ]
    question = ("users", call.pair.account.account_id, status)
    return Answer(200, page(call.sim, call.request, "users", users, question))


def get_user_settings(call):
    """``GET /users/{userId}/settings``: the little that matters here."""
    user = call.user()
    paid = user.type == 2
    several = paid and user.account.plan == "business"
    body = {
        "feature": {
            "meeting_capacity": 100,
            "concurrent_meeting": "Plus" if several else "Basic",
        },
        "schedule_meeting": {
            "embed_password_in_join_link": user.embed_password_in_join_link,
            "require_password_for_scheduling_new_meetings": (
                user.account.require_passcode
            ),
        },
        "in_meeting": {
            "waiting_room": bool(user.settings.get("waiting_room", False)),
        },
    }
    return Answer(200, body)


def user_item(user):
    """A user in a list; a pending one has no id yet."""
    item = {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "display_name": user.display_name,
        "email": user.email,
        "type": user.type,
        "pmi": user.pmi,
        "timezone": user.timezone or user.account.timezone,
        "verified": 1,
        "created_at": to_zoom(user.created_at),
        "user_created_at": to_zoom(user.created_at),
        "language": user.language,
        "status": user.status,
        "role_id": {"Owner": "0", "Admin": "1"}.get(user.role, "2"),
    }
    if user.status == "pending":
        for name in ("id", "pmi", "user_created_at"):
            del item[name]
        item["verified"] = 0
    return item


def user_detail(sim, user):
    """A user as a single get answers it."""
    detail = {
        **user_item(user),
        "id": user.id,
        "role_name": user.role,
        "use_pmi": user.use_pmi,
        "account_id": user.account.account_id,
        "account_number": 10_000_000
        + zlib.crc32(user.account.account_id.encode()) % 90_000_000,
        "cluster": user.cluster,
        "last_login_time": to_zoom(user.created_at),
    }
    if user.status == "pending":
        detail["created_at"] = to_zoom(sim.clock.now())
    return detail


# --- meetings ----------------------------------------------------------------


def create_meeting(call):
    """``POST /users/{userId}/meetings``"""
    host = call.host()
    body = _checked_write(call, host)
    meeting = meetings.create(call.sim, host, body)
    return Answer(201, meetings.as_detail(meeting, host))


def get_meeting(call):
    """``GET /meetings/{meetingId}``"""
    meeting, host = call.meeting()
    return Answer(200, meetings.as_detail(meeting, host))


def update_meeting(call):
    """``PATCH /meetings/{meetingId}``: 204 without a body."""
    meeting, host = call.meeting()
    body = _checked_write(call, host)
    meetings.update(call.sim, meeting, host, body)
    return Answer(204)


def delete_meeting(call):
    """``DELETE /meetings/{meetingId}``: 204, and not counted on the host."""
    meeting, _host = call.meeting()
    if call.request.query.get("occurrence_id"):
        raise ZoomError(400, 300, "Invalid parameter: occurrence_id.")
    meeting.delete(call.sim.clock.now())
    return Answer(204)


def set_meeting_status(call):
    """``PUT /meetings/{meetingId}/status``: end a meeting or bring it back."""
    action = meetings.read_body(call.request).get("action")
    if action not in ("end", "recover"):
        raise ZoomError(400, 300, "Validation Failed.", [("action", meetings.INVALID)])
    meeting, _host = call.meeting(deleted=action == "recover")
    if action == "recover":
        meeting.deleted, meeting.deleted_at = False, None
    else:
        meeting.status = "waiting"
    return Answer(204)


def list_meetings(call):
    """``GET /users/{userId}/meetings``: one page, oldest start first."""
    host = call.host()
    query = call.request.query
    kind = query.get("type") or "scheduled"
    if kind not in LIST_FILTERS:
        raise ZoomError(400, 300, "Validation Failed.", [("type", meetings.INVALID)])
    first, last = _date(query, "from"), _date(query, "to")
    now = call.sim.clock.now()
    found = [
        meeting
        for meeting in call.sim.live_meetings(host)
        if meeting.type != meetings.INSTANT
        and LIST_FILTERS[kind](meeting, now)
        and (not first or meeting.start_time and meeting.start_time.date() >= first)
        and (not last or meeting.start_time and meeting.start_time.date() <= last)
    ]
    found.sort(key=lambda meeting: (meeting.start_time or now, meeting.id))
    items = [meetings.as_item(meeting) for meeting in found]
    question = ("meetings", host.id, kind, first, last)
    return Answer(200, page(call.sim, call.request, "meetings", items, question))


def list_upcoming(call):
    """``GET /users/{userId}/upcoming_meetings``: the next 24 hours."""
    host = call.host()
    now = call.sim.clock.now()
    found = [
        meeting
        for meeting in call.sim.live_meetings(host)
        if meeting.end_time
        and meeting.end_time > now
        and meeting.start_time <= now + dt.timedelta(hours=24)
    ]
    found.sort(key=lambda meeting: (meeting.start_time, meeting.id))
    items = [
        {
            "id": meeting.id,
            "topic": meeting.topic,
            "start_time": to_zoom(meeting.start_time),
            "duration": meeting.duration,
            "created_at": to_zoom(meeting.created_at),
            "join_url": meeting.join_url,
            "passcode": meeting.password,
            "is_host": True,
        }
        for meeting in found
    ]
    question = ("upcoming", host.id)
    return Answer(200, page(call.sim, call.request, "meetings", items, question))


def _checked_write(call, host):
    """The body of a create or update that the host's day still has room for.

    Whether Zoom counts refused requests is not known: ``sim.count_refused``.
    """
    limits.check_host(call.sim, host, call.label)
    try:
        body = meetings.read_body(call.request)
        meetings.validate(body, call.request.method)
        meetings.check_schedule_for(body, host)
    except ZoomError:
        if call.sim.count_refused:
            limits.count_host(call.sim, host)
        raise
    limits.count_host(call.sim, host)
    if call.sim.write_headers == "host":
        call.headers = limits.host_headers(call.sim, host, call.label)
    return body


def _date(query, name):
    text = query.get(name)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        errors = [(name, meetings.INVALID)]
        raise ZoomError(400, 300, "Validation Failed.", errors) from None


def _is_scheduled(meeting, now):
    start = meeting.start_time
    return not start or start > now - UNUSED_LIFETIME


def _is_live(meeting, _now):
    return meeting.status == "started"


def _is_upcoming(meeting, now):
    if _is_live(meeting, now) or not meeting.start_time:
        return True
    return now <= meeting.end_time and meeting.start_time <= now + LIST_REACH


def _is_previous(meeting, now):
    return bool(meeting.start_time) and now - LIST_REACH <= meeting.end_time < now


LIST_FILTERS = {
    "scheduled": _is_scheduled,
    "live": _is_live,
    "upcoming": _is_upcoming,
    "upcoming_meetings": _is_upcoming,
    "previous_meetings": _is_previous,
}

ONE = r"([^/]+)"
ROUTES = (
    ("GET", "/users", limits.MEDIUM, "users", list_users),
    ("GET", f"/users/{ONE}", limits.LIGHT, "user", get_user),
    (
        "GET",
        f"/users/{ONE}/settings",
        limits.MEDIUM,
        "user_settings",
        get_user_settings,
    ),
    ("POST", f"/users/{ONE}/meetings", limits.LIGHT, "create", create_meeting),
    ("GET", f"/users/{ONE}/meetings", limits.MEDIUM, "list", list_meetings),
    ("GET", f"/users/{ONE}/upcoming_meetings", limits.MEDIUM, "list", list_upcoming),
    ("GET", f"/meetings/{ONE}", limits.LIGHT, "read", get_meeting),
    ("PATCH", f"/meetings/{ONE}", limits.LIGHT, "update", update_meeting),
    ("DELETE", f"/meetings/{ONE}", limits.LIGHT, "delete", delete_meeting),
    ("PUT", f"/meetings/{ONE}/status", limits.LIGHT, "status", set_meeting_status),
)
