# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the simulated Zoom knows: accounts, users, apps, tokens, meetings.

Plain data and lookups. Everything is read and changed under one lock,
``State.lock``, which the callers hold.
"""

import base64
import collections
import datetime as dt
import secrets
import string
import threading
from dataclasses import dataclass, field

# The granular scopes of an app that an administrator manages (Zoom's OpenAPI,
# March 2026), for all the calls that the simulator knows.
ADMIN_SCOPES = (
    "user:read:user:admin",
    "user:read:list_users:admin",
    "user:read:settings:admin",
    "meeting:write:meeting:admin",
    "meeting:read:meeting:admin",
    "meeting:read:list_meetings:admin",
    "meeting:update:meeting:admin",
    "meeting:update:status:admin",
    "meeting:delete:meeting:admin",
)

# As Zoom writes them; nobody has these.
DIAL_IN_NUMBERS = (
    ("US", "US", "San Jose", "+1 5559006833", "toll"),
    ("US", "US", "Houston", "+1 5552487799", "toll"),
    ("US", "US", "Tacoma", "+1 5552158782", "toll"),
    ("US", "US", "", "+1 8005550100", "tollfree"),
    ("JP", "Japan", "Tokyo", "+81 3 0000 1488", "toll"),
)
_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(eq=False)
class Account:
    """A Zoom account: the customer of Zoom who has users."""

    account_id: str
    plan: str = "pro"  # free, pro or business: decides the rate limits
    timezone: str = "UTC"
    name: str = ""
    # Answers "Access to the Zoom REST API has been denied for this account."
    denied: bool = False
    # The installer allowed the app to act on other users of the account.
    shared_access: bool = True
    # A passcode is required, so one is made when none is given.
    require_passcode: bool = True
    # "One security option" is locked on (Zoom's page on meeting security).
    enforce_security: bool = False
    # Settings that an administrator has locked: what a meeting says of them is ignored.
    locked_settings: dict = field(default_factory=dict)
    # What all meetings name as global_dial_in_numbers.
    dial_in_numbers: tuple = DIAL_IN_NUMBERS
    # Requests a day by label; None: the table of the plan.
    daily_limits: dict = None


@dataclass(eq=False)
class App:
    """An app of Zoom's Marketplace, with the accounts that have it."""

    client_id: str
    client_secret: str
    kind: str = "authorization_code"
    redirect_uris: list = None  # None: every address on loopback
    scopes: tuple = ADMIN_SCOPES
    webhook_secret: str = None
    accounts: list = field(default_factory=list)


@dataclass(eq=False)
class User:
    """A user of an account: who hosts meetings."""

    account: Account
    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    type: int = 2  # 1 Basic, 2 Licensed, 4 unassigned, 99 none
    status: str = "active"  # active, inactive, pending
    role: str = "Member"  # Owner, Admin, Member
    timezone: str = ""
    language: str = "en-US"
    cluster: str = "us04"
    join_origin: str = ""  # of join and start URLs; empty: the cluster's
    pmi: int = 0
    # The user's setting "use personal meeting ID when scheduling". It holds where a
    # creation does not say (mattermost-plugin-zoom 106, zoom/api 41).
    use_pmi: bool = False
    # As if Zoom, or an administrator of it, did not let an app decide on that.
    insists_on_pmi: bool = False
    created_at: dt.datetime = None
    can_host: bool = True
    embed_password_in_join_link: bool = True
    # The expired invitation of a pending user: answers 1120.
    invitation_expired: bool = False
    settings: dict = field(default_factory=dict)

    @property
    def display_name(self):
        names = [self.first_name, self.last_name]
        if self.language == "jp-JP":  # as Zoom writes Japanese; family name first
            names.reverse()
        return " ".join(names).strip()

    @property
    def may_host(self):
        """Whether Zoom lets this user have meetings."""
        return self.can_host and self.status == "active" and self.type in (1, 2, 3)


@dataclass(eq=False)
class Meeting:
    """A meeting; a deleted one is kept and marked."""

    id: int
    uuid: str
    account_id: str
    host_id: str
    host_email: str
    topic: str
    type: int
    start_time: dt.datetime  # aware UTC; None for instant meetings
    duration: int  # minutes
    timezone: str
    agenda: str
    password: str
    join_url: str
    created_at: dt.datetime
    settings: dict = field(default_factory=dict)
    status: str = "waiting"
    deleted: bool = False
    deleted_at: dt.datetime = None
    updates: int = 0  # accepted PATCH requests

    def delete(self, now):
        """Mark it as deleted.

        :param now: aware UTC
        """
        self.deleted, self.deleted_at = True, now

    @property
    def end_time(self):
        return self.start_time and self.start_time + dt.timedelta(minutes=self.duration)


@dataclass(eq=False)
class TokenPair:
    """An access token with its refresh token (None for server-to-server)."""

    access_token: str
    refresh_token: str
    app: App
    account: Account
    user: User
    scopes: tuple
    generation: int  # 1 for a consent, one more with every refresh
    issued_at: dt.datetime
    access_expires_at: dt.datetime
    refresh_expires_at: dt.datetime
    replaced_at: dt.datetime = None
    revoked_at: dt.datetime = None

    @property
    def current(self):
        return not (self.replaced_at or self.revoked_at)


@dataclass(eq=False)
class AuthorizationCode:
    """What a consent was about, until the code is exchanged."""

    code: str
    app: App
    account: Account
    user: User
    redirect_uri: str
    challenge: str
    challenge_method: str
    expires_at: dt.datetime
    used: bool = False


@dataclass(eq=False)
class RequestLog:
    """One request to OAuth or REST and what became of it."""

    method: str
    path: str
    query: dict
    body: dict
    authorization_kind: str  # "bearer", "basic" or ""
    user_agent: str
    accept: str
    at: dt.datetime
    status: int = None  # None: the connection was closed without an answer
    host_id: str = None
    executed: bool = False


@dataclass(eq=False)
class PageToken:
    """Where a list goes on, and for which question it was given."""

    question: tuple
    offset: int
    expires_at: dt.datetime


class State:
    """Everything that ``ZoomSimulator.reset()`` forgets."""

    def __init__(self):
        self.lock = threading.RLock()
        self.accounts = {}  # by account id
        self.apps = {}  # by client id
        self.users = {}  # by user id
        self.meetings = {}  # by meeting id (int)
        self.tokens = []
        self.by_access_token = {}
        self.by_refresh_token = {}
        self.codes = {}
        self.page_tokens = {}
        self.requests = []
        self.stale_token_uses = []
        # Who followed join and start URLs: (number, whether it exists, referrer)
        self.guests = []
        self.hosts = []
        self.host_counts = collections.Counter()  # by (host id, UTC date)
        self.account_counts = collections.Counter()  # by (account, label, date)
        self.recent = collections.defaultdict(collections.deque)
        self.refused_for_second = 0

    def users_of(self, account):
        return [user for user in self.users.values() if user.account is account]

    def find_user(self, account, key):
        """The user of an account by id or e-mail address, or None."""
        user = self.users.get(key)
        if user and user.account is account:
            return user
        wanted = key.lower()
        for user in self.users_of(account):
            if user.email.lower() == wanted:
                return user
        return None

    def owner_of(self, account):
        """The owner of an account, else its first user, else None."""
        users = self.users_of(account)
        owners = [user for user in users if user.role == "Owner"]
        return (owners or users or [None])[0]

    def add_token(self, pair):
        self.tokens.append(pair)
        self.by_access_token[pair.access_token] = pair
        if pair.refresh_token:
            self.by_refresh_token[pair.refresh_token] = pair

    def new_meeting_id(self):
        """A free number of 11 digits: more than 32 bits hold."""
        while True:
            number = 80_000_000_000 + secrets.randbelow(19_999_999_999)
            if number not in self.meetings:
                return number


def new_user_id():
    """22 characters, as Zoom's user ids have."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def new_meeting_uuid():
    """Base64 with its padding; may contain ``/`` and ``+`` as Zoom's do."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


def new_token_text():
    """An opaque text that looks like Zoom's tokens (three parts, long)."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS512","v":"2.0"}').decode().rstrip("=")
    return f"{head}.{secrets.token_urlsafe(360)}.{secrets.token_urlsafe(64)}"


def new_passcode():
    """Six letters and digits."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _index in range(6))


def new_join_url(user, meeting_id, password, use_pmi=False):
    """The link for guests; it carries the passcode when the user wants so."""
    url = f"{_origin(user)}/j/{user.pmi if use_pmi else meeting_id}"
    if password and user.embed_password_in_join_link:
        mark = "".join(secrets.choice(_ALPHANUMERIC) for _index in range(30))
        url += f"?pwd={mark}.1"
    return url


def new_start_url(user, meeting_id):
    """The link that logs its bearer in as the host: a new one each time."""
    zak = new_token_text()
    return f"{_origin(user)}/s/{meeting_id}?zak={zak}"


def _origin(user):
    """Of the links that browsers follow."""
    return user.join_origin or f"https://{user.cluster}web.zoom.us"
