# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The scopes that the Zoom app needs.

An app has classic scopes (``meeting:write:admin``) or granular ones
(``meeting:write:meeting:admin``), depending on when it was made; apps of master
accounts have ``:master`` ones.
"""


def _variants(*scopes):
    """The scopes for one's own data, those of the account, those of a master one."""
    suffixes = ("", ":admin", ":master")
    return frozenset(scope + suffix for scope in scopes for suffix in suffixes)


# Zoom's OpenAPI, March 2026. From the granular scope that is shown to the
# administrator to all scopes of which any one will do.
REQUIRED_SCOPES = {
    # Zoom lets only an app of the whole account list users: one for the user's own
    # data sees nobody else, so it is here that such an app is told apart.
    "user:read:list_users:admin": frozenset(
        {
            "user:read:list_users:admin",
            "user:read:list_users:master",
            "user:read:admin",
            "user:write:admin",
            "user:read:master",
            "user:write:master",
            "user:master",
        }
    ),
    "user:read:user:admin": (
        _variants("user:read:user", "user:read", "user:write") | {"user:master"}
    ),
    "meeting:write:meeting:admin": (
        _variants("meeting:write:meeting", "meeting:write") | {"meeting:master"}
    ),
    "meeting:update:meeting:admin": (
        _variants("meeting:update:meeting", "meeting:write") | {"meeting:master"}
    ),
    "meeting:delete:meeting:admin": (
        _variants("meeting:delete:meeting", "meeting:write") | {"meeting:master"}
    ),
    "meeting:read:meeting:admin": (
        _variants("meeting:read:meeting", "meeting:read") | {"meeting:master"}
    ),
    "meeting:read:list_meetings:admin": (
        _variants("meeting:read:list_meetings", "meeting:read") | {"meeting:master"}
    ),
}


def required_scopes():
    """The granular scopes to add to the Zoom app.

    :rtype: list[str]
    """
    return list(REQUIRED_SCOPES)


def missing_scopes(granted):
    """Those of :func:`required_scopes` that nothing granted stands for.

    :param granted: scopes of a token
    :rtype: list[str]
    """
    granted = set(granted)
    return [
        scope
        for scope, alternatives in REQUIRED_SCOPES.items()
        if not granted & alternatives
    ]
