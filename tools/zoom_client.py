# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The calls of Zoom's REST API that this module needs, named as Zoom names them."""

import logging
import random
import re
import time
from contextlib import suppress
from urllib.parse import quote

from ..exceptions import (
    ZoomBadAnswer,
    ZoomHostUnknown,
    ZoomRejected,
    ZoomUnavailable,
)
from .zoom_answers import (
    UnreadUser,
    parse_listed_meeting,
    parse_meeting,
    parse_start_link,
    parse_user,
)
from .zoom_errors import rest_error
from .zoom_http import BearerAuth, send

_logger = logging.getLogger(__name__)

# Creations and updates of meetings count towards the host's 100 a day.
COUNTED_METHODS = ("POST", "PATCH")
# 60,000 users or meetings. A list that does not end before is none that can be used.
MAX_PAGES = 200
LIST_TIME = 60.0  # seconds, all pages together
START_TIME = 8.0  # seconds: somebody waits to start a meeting
# Users whom a list does not name are asked for one after another, while somebody waits.
MAX_MISSING = 50


class ZoomClient:
    """Speaks for one Zoom account. May be used by several threads at once.

    Every method raises a :class:`ZoomError` by cause; those that change something
    raise :class:`ZoomOutcomeUnknown` when they cannot tell whether they did. An answer
    that cannot be used is a :class:`ZoomBadAnswer`.

    :param str api_url: ``https://api.zoom.us/v2`` or the like
    :param str access_token: not refreshed here
    :param float read_timeout: seconds, ``zoom_http.READ_TIMEOUT`` by default
    :param Pacer pacer: lets each request wait for its turn
    """

    def __init__(self, api_url, access_token, *, read_timeout=None, pacer=None):
        self._api_url = api_url.rstrip("/")
        self.access_token = access_token
        # The client of the next access token, once there is one.
        self.successor = None
        self._read_timeout = read_timeout
        self._pacer = pacer

    def __repr__(self):
        return f"{type(self).__name__}({self._api_url!r}, access_token='***')"

    # === USERS === #

    def get_user(self, user_id="me"):
        """One user of the account.

        :param str user_id: Zoom's id, e-mail address, or ``me`` (whoever linked the
            account; not meant for server-to-server apps)
        :rtype: User
        """
        return parse_user(self._call("GET", f"/users/{_segment(user_id)}"))

    def list_users(self, status="active", page_size=300):
        """All users of the account with that status, from all pages.

        Pending users have no id yet. One who cannot be read is named in the log, and
        known to be there if the id is good.

        :param str status: ``active``, ``inactive`` or ``pending``
        :rtype: list[User | UnreadUser]
        :raise ZoomUnavailable: the list could not be read to its end
        """
        # Zoom's own client reckons with an answer without this member.
        items = self._list(
            "/users", "users", {"status": status}, page_size, may_lack=True
        )
        users = []
        for number, item in enumerate(items, 1):
            try:
                users.append(parse_user(item))
            except ZoomBadAnswer as error:
                _log_unread(f"number {number} of the {status} ones", error)
                if error.zoom_id:
                    users.append(UnreadUser(error.zoom_id))
        return users

    def count_users_of_first_page(self):
        """How many active users Zoom lists first: whether it lists any at all.

        :rtype: int
        """
        page = self._call("GET", "/users", params={"status": "active"})
        found = page.get("users", [])
        if not isinstance(found, list):
            raise ZoomBadAnswer("users")
        return len(found)

    def list_all_users(self, known=()):
        """The users who can host, or could until lately, from all pages.

        Pending users have no id yet and cannot host: they are not asked for.

        Of `known` users whom no list names, 50 are asked for by themselves: those whom
        Zoom does not know either are gone. There are more when Zoom's list is wrong,
        or when hundreds were deleted at once: the others are taken to be there still,
        as :class:`UnreadUser`. Which ones are asked for is left to chance, so
        that whoever was deleted is missing from the answer of some later call.

        :param known: ids of users
        :rtype: list[User | UnreadUser]
        """
        users = self.list_users("active") + self.list_users("inactive")
        missing = list(set(known) - {user.zoom_id for user in users})
        random.shuffle(missing)
        for user_id in missing[:MAX_MISSING]:
            with suppress(ZoomHostUnknown):
                users.append(self._get_listed_user(user_id))
        return users + [UnreadUser(user_id) for user_id in missing[MAX_MISSING:]]

    def _get_listed_user(self, user_id):
        """A user whom the list does not name, though there may be one."""
        try:
            user = self.get_user(user_id)
        except ZoomBadAnswer as error:
            _log_unread("asked for by itself", error)
            return UnreadUser(user_id)
        if user.zoom_id != user_id:
            raise ZoomUnavailable("Zoom's answer is of no such user.")
        return user

    # === MEETINGS === #

    def create_meeting(self, user_id, payload):
        """Create a meeting hosted by that user. Counts towards the host's 100 a day.

        :param dict payload: see :func:`.zoom_payload.meeting_create_payload`
        :return: what Zoom made of it, without the URL that logs in as the host
        :rtype: Meeting
        """
        path = f"/users/{_segment(user_id)}/meetings"
        return parse_meeting(self._call("POST", path, expected=201, json=payload))

    def get_meeting(self, meeting_id):
        """One meeting, without the URL that logs in as the host.

        :rtype: Meeting
        :raise ZoomMeetingGone: it does not exist any more
        """
        meeting = parse_meeting(self._call("GET", f"/meetings/{_segment(meeting_id)}"))
        if meeting.zoom_id != str(meeting_id):
            raise ZoomBadAnswer("id")
        return meeting

    def get_start_link(self, meeting_id):
        """How to start one meeting now; the only call that returns such a link.

        :rtype: StartLink
        :raise ZoomMeetingGone: it does not exist any more
        """
        answer = self._call(
            "GET",
            f"/meetings/{_segment(meeting_id)}",
            deadline=time.monotonic() + START_TIME,
        )
        return parse_start_link(answer)

    def update_meeting(self, meeting_id, payload):
        """Change what `payload` names. Counts towards the host's 100 a day.

        Zoom answers with nothing: to learn what became of it, get the meeting.

        :param dict payload: see :func:`.zoom_payload.meeting_update_payload`
        :raise ZoomMeetingGone: it does not exist any more
        """
        path = f"/meetings/{_segment(meeting_id)}"
        self._call("PATCH", path, expected=204, json=payload)

    def delete_meeting(self, meeting_id):
        """Delete a meeting, without a mail from Zoom to its host.

        :raise ZoomMeetingGone: somebody did so before
        """
        path = f"/meetings/{_segment(meeting_id)}"
        params = {"schedule_for_reminder": "false"}
        self._call("DELETE", path, expected=204, params=params)

    def list_meetings(self, user_id, type="scheduled", page_size=300):
        """All meetings that the user hosts, from all pages.

        :param str type: as Zoom has them; ``scheduled`` is live, upcoming and past
            but not expired
        :rtype: list[ListedMeeting]
        :raise ZoomUnavailable: the list could not be read to its end
        """
        path = f"/users/{_segment(user_id)}/meetings"
        items = self._list(path, "meetings", {"type": type}, page_size)
        return [parse_listed_meeting(item) for item in items]

    # === REQUEST HELPERS === #

    def _call(
        self, method, path, *, expected=200, params=None, json=None, deadline=None
    ):
        """Send one request; return the answer's object, or {} for a 204.

        Only the status that Zoom documents for a call is a success of it: a 200 from
        a captive portal is none.
        """
        call = _kind_of_call(method, path)
        if self._pacer:
            self._pacer.wait(call)
        token = self._get_newest_token()
        answer = send(
            method,
            self._api_url + path,
            auth=BearerAuth(token),
            params=params,
            json=json,
            read_timeout=self._read_timeout,
            deadline=deadline,
            secrets=(token,),
        )
        if self._pacer:
            self._pacer.learn(call, answer.headers.get("X-RateLimit-Category"))
        if answer.status != expected or (expected != 204 and answer.data is None):
            raise rest_error(answer, counted=method in COUNTED_METHODS)
        return answer.data or {}

    def _get_newest_token(self):
        """The token to be used now: whoever waited for a turn may have an old one."""
        newest = self
        while newest.successor:
            newest = newest.successor
        return newest.access_token

    def _list(self, path, key, params, page_size, may_lack=False):
        """The items of all pages, or an exception: half a list misleads.

        The last page has an empty ``next_page_token``.

        :param bool may_lack: whether a page without items may lack the `key`, too
        """
        deadline = time.monotonic() + LIST_TIME
        items, tokens = [], [""]
        while len(tokens) <= MAX_PAGES and time.monotonic() < deadline:
            page = self._page(
                path, {**params, "page_size": page_size}, tokens[-1], deadline
            )
            found = page.get(key, [] if may_lack else None)
            if not isinstance(found, list):
                raise ZoomBadAnswer(key)
            items += found
            token = page.get("next_page_token") or ""
            if not token:
                return items
            if not isinstance(token, str):
                raise ZoomBadAnswer("next_page_token")
            if token in tokens:
                raise ZoomUnavailable(f"Zoom's list of {key} repeats itself.")
            tokens.append(token)
        raise ZoomUnavailable(f"Zoom's list of {key} does not end.")

    def _page(self, path, params, token, deadline):
        if not token:
            return self._call("GET", path, params=params, deadline=deadline)
        params = {**params, "next_page_token": token}
        try:
            return self._call("GET", path, params=params, deadline=deadline)
        except ZoomRejected as error:
            # The same query was accepted for the page before, so it is the token:
            # it lives 15 minutes.
            raise ZoomUnavailable(
                error.message,
                code=error.code,
                http_status=error.http_status,
                tracking_id=error.tracking_id,
            ) from error


def _log_unread(who, error):
    _logger.warning(
        "Zoom user %s, %s: not read, %s", error.zoom_id or "without id", who, error
    )


def _kind_of_call(method, path):
    """The request without the ids in its address: ``GET /users/*/meetings``."""
    return f"{method} " + re.sub(r"(/[a-z]+)/[^/]+", r"\1/*", path)


def _segment(value):
    """An id or e-mail address as one segment of a path.

    :raise ZoomRejected: it would lead to another address; nothing was sent
    """
    text = str(value or "")
    if text in ("", ".", ".."):
        raise ZoomRejected(f"{text!r} is no id of Zoom's.")
    return quote(text, safe="")
