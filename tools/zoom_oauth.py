# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Zoom's OAuth: linking an account, refreshing its tokens, letting go of it."""

import base64
import hashlib
import re
import secrets
from urllib.parse import urlencode, urlsplit

from requests.auth import HTTPBasicAuth

from ..const import DEFAULT_OAUTH_URL
from ..exceptions import (
    ZoomClientRefused,
    ZoomCodeRefused,
    ZoomConnectionLost,
    ZoomRejected,
    ZoomUnavailable,
)
from .zoom_answers import parse_grant
from .zoom_errors import CONNECTION_LOST_CODES, transient_error
from .zoom_http import send

# Seconds. Generous: Zoom rotates the refresh token, so an answer that is given up on
# may have held the only valid one.
TOKEN_READ_TIMEOUT = 30.0

# Zoom's page "OAuth error messages": client, client secret, one of them missing.
_CLIENT_CODES = frozenset({"invalid_client", 4702, 4704, 4706})


class ZoomOAuth:
    """One app of Zoom's Marketplace, as a confidential client.

    Secrets travel in the Authorization header and the form body, never in a URL: Zoom
    refuses them there since 2023, and URLs are logged. No request is repeated.

    :param str oauth_url: ``https://zoom.us`` unless there is reason
    :param float read_timeout: seconds, TOKEN_READ_TIMEOUT by default
    """

    def __init__(self, oauth_url, client_id, client_secret, *, read_timeout=None):
        self._oauth_url = (oauth_url or DEFAULT_OAUTH_URL).rstrip("/")
        self._client_id = client_id or ""
        self._client_secret = client_secret or ""
        self._read_timeout = read_timeout

    def __repr__(self):
        return (
            f"{type(self).__name__}({self._oauth_url!r}, {self._client_id!r}, "
            "client_secret='***')"
        )

    def authorize_url(self, redirect_uri, state, code_challenge):
        """Where the administrator consents.

        There is no ``scope``: the scopes are those of the app in the Marketplace.

        :param str code_challenge: see :func:`code_challenge`
        :rtype: str
        """
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._oauth_url}/oauth/authorize?{urlencode(query)}"

    def exchange_code(self, code, redirect_uri, code_verifier):
        """Tokens for an authorization code, which works once and for five minutes.

        :rtype: TokenGrant
        :raise ZoomCodeRefused: Zoom does not accept the code, or not with this
            redirect URI or verifier
        :raise ZoomClientRefused: wrong client id or secret
        :raise ZoomOutcomeUnknown: the code may be used up: start the linking again
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": code_verifier,
        }
        answer = self._post("/oauth/token", form, (code, code_verifier))
        return _grant(answer, _exchange_refused)

    def refresh(self, refresh_token):
        """A new pair of tokens; the old refresh token is dead from then on.

        :rtype: TokenGrant
        :raise ZoomConnectionLost: Zoom does not accept the refresh token any more
        :raise ZoomClientRefused: wrong client id or secret
        :raise ZoomUnavailable: surely not sent: the refresh token is still good
        :raise ZoomOutcomeUnknown: the answer is lost, and with it perhaps the link
        :raise ZoomBadAnswer: the same, for it holds no tokens that can be used
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        answer = self._post("/oauth/token", form, (refresh_token,))
        return _grant(answer, _refresh_refused)

    def account_credentials(self, account_id):
        """A token of a server-to-server app.

        A lost answer does no harm, one asks again: it is ZoomUnavailable.

        :rtype: TokenGrant
        :raise ZoomConnectionLost: Zoom knows the client, but gives it no token for that
            account: wrong account id, app not activated or of another kind. Zoom
            documents no code that would tell them apart; its reason is kept.
        :raise ZoomClientRefused: wrong client id or secret
        """
        form = {"grant_type": "account_credentials", "account_id": account_id}
        answer = self._post("/oauth/token", form, harmless=True)
        return _grant(answer, _account_refused)

    def revoke(self, access_token):
        """Make both tokens of the pair worthless.

        :raise ZoomConnectionLost: they were so before
        """
        answer = self._post("/oauth/revoke", {"token": access_token}, (access_token,))
        if answer.status != 200:
            raise _refusal(answer, _refresh_refused)

    def _post(self, path, form, form_secrets=(), harmless=False):
        return send(
            "POST",
            self._oauth_url + path,
            # as bytes: requests would encode text as Latin-1
            auth=HTTPBasicAuth(self._client_id.encode(), self._client_secret.encode()),
            form=form,
            read_timeout=self._read_timeout or TOKEN_READ_TIMEOUT,
            harmless=harmless,
            # Zoom does repeat them: "Invalid authorization code <code>"
            secrets=(self._client_secret, *form_secrets),
        )


def new_code_verifier():
    """A secret of this one linking (RFC 7636), to be kept until the callback."""
    return secrets.token_urlsafe(64)


def code_challenge(verifier):
    """What the authorize page is told of the verifier (RFC 7636, method S256).

    :rtype: str
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def trusted_api_url(url):
    """The base of the REST API for a host that Zoom's token answer named.

    :param url: ``https://api-eu.zoom.us`` or the like
    :return: with ``/v2``; None when tokens must not be sent there
    :rtype: str | None
    """
    try:
        parts = urlsplit(url or "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    # Strict on purpose: parsers disagree on what "https://evil.example\.zoom.us" is.
    if not re.fullmatch(r"([a-z0-9-]+\.)*zoom\.us", host):
        return None
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc:
        return None
    return f"https://{host}/v2"


# === READING THE ANSWERS === #


def _grant(answer, refused):
    """The tokens in an answer.

    :param refused: from an answer to the class of exception for Zoom's refusal
    """
    if answer.status != 200:
        raise _refusal(answer, refused)
    if answer.data is None and answer.harmless:
        raise ZoomUnavailable(**answer.details)
    return parse_grant(answer.data or {})


def _refusal(answer, refused):
    error = transient_error(answer)
    if error:
        return error
    if answer.code in _CLIENT_CODES:
        return ZoomClientRefused(**answer.details)
    if answer.code in CONNECTION_LOST_CODES:
        return ZoomConnectionLost(**answer.details)
    return refused(answer)(**answer.details)


def _exchange_refused(answer):
    # Zoom said `invalid_request` for an unknown code, OAuth wants `invalid_grant`:
    # either way it is the code, of which this is the only use.
    return ZoomCodeRefused if _is_token_refusal(answer) else ZoomRejected


def _refresh_refused(answer):
    # A link is declared dead only by Zoom's own words, since a person must mend it.
    # 4711 is "Refresh token invalid." here; the message came with `invalid_request`
    # until 2022, and with status 401.
    dead = (
        answer.code in ("invalid_grant", 4711)
        or answer.message.lower().rstrip("!. ") == "invalid token"
    )
    return ZoomConnectionLost if dead and _is_token_refusal(answer) else ZoomRejected


def _account_refused(answer):
    return ZoomConnectionLost if _is_token_refusal(answer) else ZoomRejected


def _is_token_refusal(answer):
    """Whether the token endpoint itself refused, not something on the way to it."""
    return answer.status in (400, 401) and answer.code is not None
