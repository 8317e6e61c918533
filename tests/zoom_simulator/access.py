# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who may call what: tokens, scopes, accounts.

The texts are Zoom's OpenAPI, March 2026, and answers seen in public reports.
"""

from .messages import ZoomError

QUERY_MESSAGE = (
    "Invalid access token, this access token is not supported as query parameter"
    " string."
)
# For a need: the classic scopes without their ":admin", then the granular one.
SCOPES = {
    "user": (("user:read", "user:write"), "user:read:user"),
    "users": (("user:read", "user:write"), "user:read:list_users"),
    "user_settings": (("user:read",), "user:read:settings"),
    "create": (("meeting:write",), "meeting:write:meeting"),
    "read": (("meeting:read",), "meeting:read:meeting"),
    "list": (("meeting:read",), "meeting:read:list_meetings"),
    "update": (("meeting:write",), "meeting:update:meeting"),
    "delete": (("meeting:write",), "meeting:delete:meeting"),
    "status": (("meeting:write",), "meeting:update:status"),
}
# Needs that no scope for one's own data satisfies.
ADMIN_ONLY = ("users",)


def find_token(sim, request, log):
    """The pair of a request's access token, or Zoom's refusal."""
    if "access_token" in request.query:
        raise ZoomError(401, 124, QUERY_MESSAGE)
    kind, text = request.authorization
    pair = sim.state.by_access_token.get(text) if kind == "bearer" else None
    if pair is None:
        raise ZoomError(401, 124, "Invalid access token.")
    dead = pair.revoked_at or (pair.replaced_at and not sim.old_access_token_survives)
    if dead:
        sim.state.stale_token_uses.append(log)
        raise ZoomError(401, 124, "Invalid access token.")
    if pair.access_expires_at <= sim.clock.now():
        raise ZoomError(401, 124, "Access token is expired.")
    if pair.account.denied:
        # The status is documented, the code is not.
        message = "Access to the Zoom REST API has been denied for this account."
        raise ZoomError(403, 403, message)
    return pair


def check_scope(pair, need):
    """Refuse a token without any of the scopes for a need (4711)."""
    if has_scope(pair, need, admin=True):
        return
    if need not in ADMIN_ONLY and has_scope(pair, need, admin=False):
        return
    granular = SCOPES[need][1]
    wanted = [f"{granular}:admin"]
    if need not in ADMIN_ONLY:
        wanted.insert(0, granular)
    names = ", ".join(wanted)
    message = f"Invalid access token, does not contain scopes:[{names}]."
    raise ZoomError(400, 4711, message)


def has_scope(pair, need, admin):
    """Whether a token holds a scope for a need, on that level."""
    classic, granular = SCOPES[need]
    suffix = ":admin" if admin else ""
    return any(f"{name}{suffix}" in pair.scopes for name in (*classic, granular))


def caller_of(sim, pair):
    """The user that ``me`` stands for."""
    return pair.user or sim.state.owner_of(pair.account)


def find_target(sim, pair, key, need):
    """The user that a path names: ``me``, an id or an e-mail address."""
    if key == "me":
        if pair.user is None and not sim.s2s_me_allowed:
            raise ZoomError(401, 124, "Invalid access token.")
        user = caller_of(sim, pair)
    else:
        user = sim.state.find_user(pair.account, key)
    if user is None:
        raise ZoomError(404, 1001, f"User does not exist: {key}.")
    check_foreign(sim, pair, user, need)
    if user.status == "pending" and user.invitation_expired:
        message = (
            "A valid invitation to join the Zoom account was not found for this user."
        )
        raise ZoomError(400, 1120, message)
    return user


def check_foreign(sim, pair, user, need):
    """Acting on another user takes an admin scope and shared access."""
    if pair.user is None or user is pair.user:
        return
    if not has_scope(pair, need, admin=True):
        raise ZoomError(401, 124, "Invalid access token.")
    if not pair.account.shared_access:
        # The status and the text are documented, the code is not.
        message = "authenticated user has not permitted access to the targeted resource"
        raise ZoomError(403, 403, message)
