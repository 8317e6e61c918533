# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What can go wrong when Zoom is asked, one class per cause.

The scheduled actions must tell *later* from *never* from *link the account again*,
so the cause is the class. Nothing here knows Odoo, and no text in an error holds a
token, a secret, a passcode or a start URL.
"""


class ZoomError(Exception):
    """Zoom did not do what it was asked.

    :param str message: Zoom's own words where there are any
    :param code: Zoom's number (``3001``), OAuth's word (``"invalid_grant"``), or None
    :param int http_status: None when no answer arrived
    :param str tracking_id: ``x-zm-trackingid``, what Zoom's support asks for
    """

    def __init__(self, message="", *, code=None, http_status=None, tracking_id=None):
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status
        self.tracking_id = tracking_id

    def __str__(self):
        facts = (
            ("HTTP", self.http_status),
            ("code", self.code),
            ("tracking id", self.tracking_id),
        )
        details = ", ".join(f"{name} {value}" for name, value in facts if value)
        return f"{self.reason} [{details}]" if details else self.reason

    @property
    def reason(self):
        """Zoom's own words, for people; ``str()`` has the codes, too."""
        return self.message or "Zoom gave no reason."


class ZoomTokenInvalid(ZoomError):
    """The access token is expired or unknown: get a new one, repeat once."""


class ZoomConnectionLost(ZoomError):
    """No token can be had any more: the account has to be linked again."""


class ZoomClientRefused(ZoomError):
    """Zoom does not know this client id and client secret."""


class ZoomCodeRefused(ZoomError):
    """The authorization code cannot be exchanged: start the linking again."""


class ZoomScopeMissing(ZoomError):
    """The Zoom app lacks scopes; a token never gains any, so link again after.

    :param tuple scopes: those that Zoom named, may be empty
    """

    def __init__(self, message="", *, scopes=(), **details):
        super().__init__(message, **details)
        self.scopes = tuple(scopes)


class ZoomAccessDenied(ZoomError):
    """The account, or its user, does not let this app do that (HTTP 403)."""


class ZoomHostUnknown(ZoomError):
    """The Zoom user does not exist, or not in this account."""


class ZoomHostMayNotHost(ZoomError):
    """The Zoom user's licence or role does not allow the meeting."""


class ZoomMeetingGone(ZoomError):
    """The meeting was deleted, or its number has expired."""


class ZoomRejected(ZoomError):
    """The request is wrong and will be so again.

    :param tuple field_errors: pairs of field name and Zoom's message
    """

    def __init__(self, message="", *, field_errors=(), **details):
        super().__init__(message, **details)
        self.field_errors = tuple(field_errors)

    @property
    def reason(self):
        fields = "; ".join(f"{name}: {text}" for name, text in self.field_errors)
        return f"{super().reason} ({fields})" if fields else super().reason


class ZoomLimit(ZoomError):
    """Too many requests. Zoom did not execute this one.

    :param datetime.datetime retry_at: aware, UTC; None when Zoom named no time
    """

    def __init__(self, message="", *, retry_at=None, **details):
        super().__init__(message, **details)
        self.retry_at = retry_at


class ZoomSecondLimit(ZoomLimit):
    """The account's limit per second."""


class ZoomHostDayLimit(ZoomLimit):
    """One Zoom user's limit of meeting changes per UTC day; the others may go on."""


class ZoomAccountDayLimit(ZoomLimit):
    """The account's limit per day; nothing goes until it is over."""


class ZoomDayLimit(ZoomLimit):
    """A limit per day, of the host or of the account: Zoom's words do not tell.

    :param int named_limit: the number that the headers name, None if none
    """

    def __init__(self, message="", *, named_limit=None, **details):
        super().__init__(message, **details)
        self.named_limit = named_limit


class ZoomUnavailable(ZoomError):
    """Nothing was changed at Zoom, and trying later may help.

    No connection came about, or the request was one that changes nothing.
    """


class ZoomOutcomeUnknown(ZoomError):
    """The request was sent, and whether Zoom executed it cannot be told."""


class ZoomBadAnswer(ZoomOutcomeUnknown):
    """Zoom answered with what cannot be used. Whatever it was asked, it may have done.

    :param str field: whose value cannot be used; the value is not kept
    :param str zoom_id: Zoom's id of what the answer is about, if that is good
    """

    def __init__(self, field="", *, zoom_id="", **details):
        super().__init__(field, **details)
        self.field = field
        self.zoom_id = zoom_id

    @property
    def reason(self):
        return f"unusable field: {self.field}"


class ZoomMeetingRuns(ZoomError):
    """The meeting is in progress, so it cannot be deleted now."""
