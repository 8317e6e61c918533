# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The simulator as a Python object: set up, switches, inspection."""

import http.client
import re
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from . import oauth, webhooks
from .clock import Clock
from .faults import Fault, Faults
from .server import Server
from .state import (
    ADMIN_SCOPES,
    Account,
    App,
    State,
    User,
    new_join_url,
    new_user_id,
)
from .switches import DEFAULTS


class ZoomSimulator:
    """A Zoom on loopback: OAuth at ``url/oauth/…``, REST at ``url/v2/…``.

    :param port: TCP port, 0 for a free one; kept over stop and start
    """

    def __init__(self, port=0):
        self.clock = Clock()
        self.faults = Faults()
        self.state = State()
        self._port = port
        self._server = None
        self._restore_switches()

    def _restore_switches(self):
        for name, value in DEFAULTS.items():
            setattr(self, name, value)

    # --- running -------------------------------------------------------------

    def start(self):
        """Listen; returns the simulator."""
        if self._server is None:
            self._server = Server(self, self._port)
            self._port = self._server.server_port
            self._server.start()
        return self

    def stop(self):
        """Close the port and every open connection; what is known is kept."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()

    @property
    def url(self):
        """``http://127.0.0.1:PORT``; known from the first start on."""
        return f"http://127.0.0.1:{self._port}"

    def reset(self):
        """Forget everything: what is known, faults, switches, the moved clock."""
        self.state = State()
        self.faults.clear()
        self.clock.reset()
        self._restore_switches()

    # --- set up --------------------------------------------------------------

    def add_account(self, account_id=None, plan="pro", **values):
        """A new account; ``plan`` is free, pro or business."""
        if plan not in ("free", "pro", "business"):
            raise ValueError(f"unknown plan: {plan}")
        account = Account(account_id or new_user_id(), plan, **values)
        with self.state.lock:
            self.state.accounts[account.account_id] = account
        return account

    def add_app(
        self,
        account,
        client_id=None,
        client_secret=None,
        kind="authorization_code",
        redirect_uris=None,
        scopes=ADMIN_SCOPES,
        webhook_secret=None,
    ):
        """A new app, installed in an account.

        :param kind: ``authorization_code`` or ``account_credentials``
        :param redirect_uris: exact addresses; None: all on loopback
        """
        app = App(
            client_id or secrets.token_urlsafe(16),
            client_secret or secrets.token_urlsafe(24),
            kind,
            None if redirect_uris is None else list(redirect_uris),
            tuple(scopes),
            webhook_secret or secrets.token_urlsafe(16),
        )
        with self.state.lock:
            self.state.apps[app.client_id] = app
            self.install_app(app, account)
        return app

    def install_app(self, app, account):
        """Make an app known to one more account."""
        with self.state.lock:
            if account not in app.accounts:
                app.accounts.append(account)

    def uninstall_app(self, app, account):
        """Take an app away from an account: its tokens there die."""
        with self.state.lock:
            app.accounts.remove(account)
            oauth.kill_tokens(self, app, account)

    def add_user(self, account, email=None, **values):
        """A new user; the first of an account is its owner.

        Values are the fields of ``state.User``: ``id``, ``first_name``,
        ``last_name``, ``type``, ``status``, ``role``, ``can_host``, …
        """
        with self.state.lock:
            number = len(self.state.users) + 1
            values.setdefault("id", new_user_id())
            if not self.state.users_of(account):
                values.setdefault("role", "Owner")
            values.setdefault("pmi", 4_000_000_000 + number)
            values.setdefault("created_at", self.clock.now())
            email = email or f"user{number}@example.com"
            user = User(account=account, email=email, **values)
            self.state.users[user.id] = user
        return user

    def remove_user(self, user):
        """Delete a user, and the meetings with it."""
        with self.state.lock:
            self.state.users.pop(user.id, None)
            for meeting in self.live_meetings(user):
                meeting.delete(self.clock.now())

    def edit_in_portal(self, meeting, **values):
        """Change a meeting as its host does in Zoom's own pages.

        Nothing is counted; a new passcode brings a new link unless one is given.
        """
        with self.state.lock:
            host = self.state.users.get(meeting.host_id)
            if "password" in values and "join_url" not in values and host:
                values["join_url"] = new_join_url(host, meeting.id, values["password"])
            for name, value in values.items():
                if not hasattr(meeting, name):
                    raise ValueError(f"a meeting has no {name}")
                setattr(meeting, name, value)

    def tick_personal_room(self, meeting):
        """Let the host tick "use personal meeting ID" for a meeting that exists."""
        with self.state.lock:
            host = self.state.users[meeting.host_id]
            meeting.settings["use_pmi"] = True
            meeting.join_url = new_join_url(host, meeting.id, meeting.password, True)

    def delete_in_portal(self, meeting):
        """Delete a meeting as its host does in Zoom's own pages."""
        with self.state.lock:
            meeting.delete(self.clock.now())

    def fail(self, **values):
        """Let requests fail; the values are those of a `Fault`, which is returned."""
        return self.faults.add(Fault(**values))

    def refuse(self, status, code, message, **values):
        """Let requests be refused, in Zoom's words."""
        body = {"code": code, "message": message}
        return self.fail(status=status, body=body, **values)

    # --- inspection ----------------------------------------------------------

    @property
    def meetings(self):
        """All meetings by id (int); deleted ones are marked, not gone."""
        return self.state.meetings

    def live_meetings(self, host=None):
        """The meetings that are not deleted, of one host (user or id) or all."""
        host_id = getattr(host, "id", host)
        with self.state.lock:
            return [
                meeting
                for meeting in self.state.meetings.values()
                if not meeting.deleted and host_id in (None, meeting.host_id)
            ]

    @property
    def requests(self):
        """All requests to OAuth and REST, oldest first (``RequestLog``)."""
        return self.state.requests

    def requests_of(self, method=None, path=""):
        """Requests with a method whose path holds a text or fits a pattern."""
        with self.state.lock:
            return [
                request
                for request in self.state.requests
                if method in (None, request.method)
                and (path in request.path or re.search(path, request.path))
            ]

    @property
    def tokens(self):
        """All token pairs that were issued, oldest first (``TokenPair``)."""
        return self.state.tokens

    @property
    def stale_token_uses(self):
        """The requests that used a replaced or revoked token."""
        return self.state.stale_token_uses

    def revoke_tokens(self, app=None, account=None):
        """Kill current pairs, as an administrator does in Zoom's pages."""
        with self.state.lock:
            for pair in self.state.tokens:
                wanted = app in (None, pair.app) and account in (None, pair.account)
                if wanted and pair.current:
                    pair.revoked_at = self.clock.now()

    def count_today(self, host):
        """Counted create and update requests of a host on this UTC day."""
        key = getattr(host, "id", host), self.clock.now().date()
        with self.state.lock:
            return self.state.host_counts[key]

    def set_count(self, host, number):
        """Pretend that a host made so many requests today."""
        key = getattr(host, "id", host), self.clock.now().date()
        with self.state.lock:
            self.state.host_counts[key] = number

    # --- what others do ------------------------------------------------------

    def authorize(self, authorize_url, account=None, user=None, deny=False):
        """Consent (or refuse) in a person's place; returns where Zoom redirects.

        :param account: the account that consents, as object or id
        :param user: the user who consents; the owner of the account if not given
        :raise ValueError: Zoom does not redirect; the text is its answer
        """
        parts = urlsplit(authorize_url)
        query = dict(parse_qsl(parts.query, True))
        query["simulate"] = "deny" if deny else "allow"
        if account is not None:
            query["account_id"] = getattr(account, "account_id", account)
        if user is not None:
            query["user_id"] = getattr(user, "id", user)
            if account is None and hasattr(user, "account"):
                query["account_id"] = user.account.account_id
        # Not with ``requests``: tests of others patch it.
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        try:
            connection.request("GET", f"{parts.path}?{urlencode(query)}")
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 302:
            raise ValueError(f"{response.status}: {text}")
        return response.headers["Location"]

    def send_webhook(self, url, app, body, timestamp=None):
        """POST a signed event; returns (status, text). See ``webhooks``."""
        return webhooks.deliver(url, app.webhook_secret, body, timestamp)

    def validate_webhook(self, url, app):
        """Whether an address answers Zoom's URL validation correctly."""
        return webhooks.validate(url, app.webhook_secret, self.clock.now())
