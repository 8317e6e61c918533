# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Zoom's OAuth: consent, tokens, rotation, revocation.

The flow is that of Zoom's OAuth pages; the refusals
``{"reason": …, "error": …}`` are real answers found in public reports. Where
no real answer is known, the comment says so.
"""

import base64
import datetime as dt
import hashlib
import hmac
import html
import ipaddress
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from .messages import HTML_TYPE, TEXT_TYPE, Answer
from .state import AuthorizationCode, TokenPair, new_token_text

CODE_LIFETIME = dt.timedelta(minutes=5)
ACCESS_LIFETIME = dt.timedelta(hours=1)
EXPIRES_IN = 3599  # seconds; the docs say 3600, real answers say this


class TokenRefusal(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, reason, error, status=400):
        super().__init__(reason)
        self.reason, self.error, self.status = reason, error, status

    def answer(self):
        return Answer(self.status, {"reason": self.reason, "error": self.error})


def handle(sim, request, log):
    """Answer a request below ``/oauth/``."""
    routes = {
        ("GET", "/oauth/authorize"): authorize,
        ("POST", "/oauth/token"): token,
        ("POST", "/oauth/revoke"): revoke,
    }
    function = routes.get((request.method, request.path))
    if function is None:
        return Answer(404, "Not Found", content_type=TEXT_TYPE)
    try:
        with sim.state.lock:
            answer = function(sim, request, log)
    except TokenRefusal as refusal:
        return refusal.answer()
    log.executed = answer.status in (200, 302)
    return answer


# --- consent -----------------------------------------------------------------


def authorize(sim, request, log):
    """The consent page, or at once the redirect that follows from it."""
    query = request.query
    app = sim.state.apps.get(query.get("client_id"))
    if app is None or app.kind != "authorization_code":
        text = f"Invalid client_id: {query.get('client_id', '')} (4,702)"
        return Answer(400, text, content_type=TEXT_TYPE)
    if not redirect_allowed(app, query.get("redirect_uri", "")):
        return _authorize_error("Invalid redirect url")
    if query.get("response_type") != "code":
        return _authorize_error("Invalid response type")  # real text unknown
    if query.get("code_challenge_method", "plain") not in ("plain", "S256"):
        return _authorize_error("Invalid code challenge method")  # unknown, too
    decision = query.get("simulate") or ("allow" if sim.auto_consent else "")
    account = _consenting_account(sim, app, query)
    if decision == "deny":
        # How Zoom really redirects is not known; this is RFC 6749.
        return _redirect(query, error="access_denied")
    if decision != "allow":
        return Answer(200, consent_page(sim, app, query), content_type=HTML_TYPE)
    if account is None:
        return _authorize_error("The app is not installed in this account")
    return _redirect(query, code=_new_code(sim, app, account, query).code)


def redirect_allowed(app, uri):
    """Whether the app may send people there (case-sensitive, exact)."""
    if app.redirect_uris is not None:
        return uri in app.redirect_uris
    host = urlsplit(uri).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def consent_page(sim, app, query):
    """A page on which a person chooses the account, and allows or denies."""
    rows = [
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'/>",
        "<title>Zoom (simulated)</title></head><body>",
        "<h1>Zoom (simulated)</h1>",
        f"<p>The app <b>{html.escape(app.client_id)}</b> asks for access.</p>",
    ]
    for account in app.accounts:
        owner = sim.state.owner_of(account)
        label = f"{account.name or account.account_id} ({owner.email if owner else ''})"
        allow = _with_decision(query, "allow", account.account_id)
        rows.append(
            f"<p><a class='allow' data-account='{html.escape(account.account_id)}'"
            f" href='{allow}'>Allow</a> {html.escape(label)}</p>"
        )
    rows.append(f"<p><a class='deny' href='{_with_decision(query, 'deny')}'>Deny</a>")
    rows.append("</p></body></html>")
    return "".join(rows)


def _with_decision(query, decision, account_id=None):
    parameters = dict(query, simulate=decision)
    if account_id:
        parameters["account_id"] = account_id
    return html.escape("/oauth/authorize?" + urlencode(parameters))


def _consenting_account(sim, app, query):
    wanted = query.get("account_id")
    for account in app.accounts:
        if wanted in (None, account.account_id):
            return account
    return None


def _authorize_error(message):
    body = {"status": False, "errorCode": 4700, "errorMessage": message, "result": None}
    return Answer(400, body)


def _redirect(query, **parameters):
    if "state" in query:
        parameters["state"] = query["state"]
    parts = urlsplit(query["redirect_uri"])
    pairs = parse_qsl(parts.query, True) + list(parameters.items())
    location = urlunsplit(parts._replace(query=urlencode(pairs)))
    return Answer(302, None, {"Location": location})


def _new_code(sim, app, account, query):
    wanted = query.get("user_id")
    user = sim.state.find_user(account, wanted) if wanted else None
    code = AuthorizationCode(
        code=secrets.token_urlsafe(24),
        app=app,
        account=account,
        user=user or sim.state.owner_of(account),
        redirect_uri=query["redirect_uri"],
        challenge=query.get("code_challenge"),
        challenge_method=query.get("code_challenge_method", "plain"),
        expires_at=sim.clock.now() + CODE_LIFETIME,
    )
    sim.state.codes[code.code] = code
    return code


# --- tokens ------------------------------------------------------------------


def token(sim, request, log):
    """``POST /oauth/token``: the three grants that Zoom gives."""
    app = _authenticate(sim, request)
    form = request.form()
    if "refresh_token" in request.query or "code" in request.query:
        # Since February 2023 no token is taken from the query any more.
        raise TokenRefusal("Invalid Token!", "invalid_request")
    grant = form.get("grant_type") or request.query.get("grant_type")
    if not grant:
        raise TokenRefusal("Missing grant type.", "invalid_request")
    if grant == "authorization_code" and app.kind == grant:
        pair = _exchange_code(sim, app, form)
    elif grant == "refresh_token" and app.kind == "authorization_code":
        pair = _refresh(sim, app, form, log)
    elif grant == "account_credentials" and app.kind == grant:
        pair = _account_credentials(sim, app, dict(request.query, **form))
    else:
        raise TokenRefusal("unsupported grant type", "unsupported_grant_type")
    return Answer(200, _token_body(sim, pair))


def revoke(sim, request, log):
    """``POST /oauth/revoke`` with the access token: both tokens die."""
    app = _authenticate(sim, request)
    pair = sim.state.by_access_token.get(request.form().get("token"))
    if pair is None or pair.app is not app:
        raise TokenRefusal("Invalid Token!", "invalid_request")
    if not pair.current:
        sim.state.stale_token_uses.append(log)
        raise TokenRefusal("Invalid Token!", "invalid_request")
    pair.revoked_at = sim.clock.now()
    return Answer(200, {"status": "success"})


def kill_tokens(sim, app, account):
    """End every current pair of an app in an account."""
    for pair in sim.state.tokens:
        if pair.app is app and pair.account is account and pair.current:
            pair.revoked_at = sim.clock.now()


def _authenticate(sim, request):
    client_id, secret = request.basic()
    app = sim.state.apps.get(client_id)
    if app is None or not hmac.compare_digest(
        app.client_secret.encode(), (secret or "").encode()
    ):
        raise TokenRefusal("Invalid client_id or client_secret", "invalid_client")
    return app


def _exchange_code(sim, app, form):
    text = form.get("code", "")
    code = sim.state.codes.get(text)
    unusable = code is None or code.used or code.app is not app
    if unusable or code.expires_at <= sim.clock.now():
        # Whether an expired code gets a text of its own is not known.
        raise TokenRefusal(f"Invalid authorization code {text}", "invalid_request")
    code.used = True
    if form.get("redirect_uri") != code.redirect_uri:
        # The text is Zoom's (4709); the shape of the answer is not known.
        raise TokenRefusal("Redirect URI mismatch.", "invalid_request")
    if not _verifier_fits(code, form.get("code_verifier")):
        # Zoom names only the error; the text is not known.
        raise TokenRefusal("Invalid code verifier.", "invalid_grant")
    # Only the last consent of an account to an app counts (4741).
    kill_tokens(sim, app, code.account)
    return _new_pair(sim, app, code.account, code.user, app.scopes)


def _verifier_fits(code, verifier):
    if not code.challenge:
        return True
    if not verifier:
        return False
    if code.challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(verifier.encode(), code.challenge.encode())


def _refresh(sim, app, form, log):
    now = sim.clock.now()
    old = sim.state.by_refresh_token.get(form.get("refresh_token"))
    if old and not old.current:
        sim.state.stale_token_uses.append(log)
    unusable = old is None or old.app is not app or not old.current
    if unusable or old.refresh_expires_at <= now:
        raise TokenRefusal("Invalid Token!", "invalid_grant")
    old.replaced_at = now
    return _new_pair(
        sim, app, old.account, old.user, old.scopes, generation=old.generation + 1
    )


def _account_credentials(sim, app, parameters):
    for account in app.accounts:
        if account.account_id == parameters.get("account_id"):
            break
    else:
        # Often quoted, never confirmed.
        raise TokenRefusal("Bad Request", "invalid_request")
    for pair in sim.state.tokens:
        if pair.app is app and pair.account is account and pair.current:
            pair.replaced_at = sim.clock.now()
    issued = sum(pair.app is app for pair in sim.state.tokens)
    # Seen with new apps, for some seconds.
    scopes = () if issued < sim.tokens_without_scopes else app.scopes
    return _new_pair(sim, app, account, None, scopes, refreshable=False)


def _new_pair(sim, app, account, user, scopes, generation=1, refreshable=True):
    now = sim.clock.now()
    pair = TokenPair(
        access_token=new_token_text(),
        refresh_token=new_token_text() if refreshable else None,
        app=app,
        account=account,
        user=user,
        scopes=tuple(scopes),
        generation=generation,
        issued_at=now,
        access_expires_at=now + ACCESS_LIFETIME,
        refresh_expires_at=now + sim.refresh_token_lifetime,
    )
    sim.state.add_token(pair)
    return pair


def _token_body(sim, pair):
    body = {"access_token": pair.access_token, "token_type": "bearer"}
    if pair.refresh_token:
        body["refresh_token"] = pair.refresh_token
    body["expires_in"] = EXPIRES_IN
    body["scope"] = " ".join(pair.scopes)
    if sim.api_url_in_token is not None:
        body["api_url"] = sim.api_url_in_token or sim.url
    return body
