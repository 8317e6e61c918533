# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``/_simulator/``: what other processes see and change of the simulator.

Not a part of Zoom. All bodies are JSON objects, and so are the answers.
"""

import dataclasses
import datetime as dt
import re

from .clock import to_zoom
from .faults import Fault
from .messages import Answer
from .switches import DEFAULTS


def handle(sim, request):
    """Answer a request below ``/_simulator/``."""
    path = request.path.removeprefix("/_simulator")
    try:
        body = request.json() if request.raw else {}
        for method, pattern, function in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == request.method and found:
                with sim.state.lock:
                    result = function(sim, request, body, *found.groups())
                return Answer(200, {} if result is None else result)
    except (KeyError, TypeError, ValueError) as error:
        return Answer(400, {"error": f"{type(error).__name__}: {error}"})
    return Answer(404, {"error": "unknown"})


def show_state(sim, _request, _body):
    day = sim.clock.now().date()
    return {
        "url": sim.url,
        "now": sim.clock.now().isoformat(),
        "accounts": [account_json(item) for item in sim.state.accounts.values()],
        "apps": [app_json(item) for item in sim.state.apps.values()],
        "users": [user_json(item) for item in sim.state.users.values()],
        "meetings": [meeting_json(item) for item in sim.meetings.values()],
        "counts": {
            host_id: number
            for (host_id, date), number in sim.state.host_counts.items()
            if date == day
        },
        "requests": len(sim.requests),
        "refused_for_second": sim.state.refused_for_second,
        "faults": len(sim.faults),
        "tokens": len(sim.tokens),
        "stale_token_uses": len(sim.stale_token_uses),
        "stale_token_paths": [log.path for log in sim.stale_token_uses],
    }


def show_requests(sim, request, _body):
    since = int(request.query.get("since") or 0)
    return {
        "next": len(sim.requests),
        "requests": [request_json(item) for item in sim.requests[since:]],
    }


def move_clock(sim, _request, body):
    """``{"now": iso}`` stops it, ``{"now": null}`` is real time again."""
    if "now" in body:
        if body["now"] is None:
            sim.clock.reset()
        else:
            text = body["now"].replace("Z", "+00:00")
            sim.clock.set(dt.datetime.fromisoformat(text))
    sim.clock.advance(seconds=body.get("advance", 0))
    return {"now": sim.clock.now().isoformat()}


def add_fault(sim, _request, body):
    sim.faults.add(Fault(**body))


def clear_faults(sim, _request, _body):
    sim.faults.clear()


def add_account(sim, _request, body):
    return account_json(sim.add_account(**body))


def add_app(sim, _request, body):
    """A new app; ``account_ids`` installs it in several accounts."""
    ids = body.pop("account_ids", None) or [body.pop("account_id")]
    accounts = [sim.state.accounts[account_id] for account_id in ids]
    app = sim.add_app(accounts[0], **body)
    for account in accounts[1:]:
        sim.install_app(app, account)
    return app_json(app)


def add_user(sim, _request, body):
    account = sim.state.accounts[body.pop("account_id")]
    return user_json(sim.add_user(account, **body))


def edit_user(sim, _request, body, user_id):
    user = sim.state.users[user_id]
    _set_fields(user, body)
    return user_json(user)


def delete_user(sim, _request, _body, user_id):
    sim.remove_user(sim.state.users[user_id])


def set_counts(sim, _request, body):
    """``{host id: number}``"""
    for host_id, number in body.items():
        sim.set_count(host_id, number)


def edit_account(sim, _request, body, account_id):
    """As changed in Zoom's own pages: the plan."""
    sim.state.accounts[account_id].plan = body["plan"]


def change_settings(sim, _request, body):
    """Any switch of the simulator, by its name."""
    for name, value in body.items():
        if name not in DEFAULTS:
            raise ValueError(f"no switch is named {name}")
        if name == "refresh_token_lifetime":
            value = dt.timedelta(seconds=value)
        setattr(sim, name, value)


def edit_meeting(sim, _request, body, meeting_id):
    """As edited in Zoom's own pages: passcode, link, topic, …"""
    meeting = sim.meetings[int(meeting_id)]
    if body.get("start_time"):
        text = body["start_time"].replace("Z", "+00:00")
        body["start_time"] = dt.datetime.fromisoformat(text)
    sim.edit_in_portal(meeting, **body)
    return meeting_json(meeting)


def delete_meeting(sim, _request, _body, meeting_id):
    sim.delete_in_portal(sim.meetings[int(meeting_id)])


def revoke_tokens(sim, _request, _body):
    sim.revoke_tokens()


def reset(sim, _request, _body):
    sim.reset()


# --- as JSON -----------------------------------------------------------------


def account_json(account):
    return _fields(account)


def app_json(app):
    values = _fields(app)
    values["accounts"] = [account.account_id for account in app.accounts]
    return values


def user_json(user):
    values = _fields(user)
    values["account"] = user.account.account_id
    return values


def meeting_json(meeting):
    return _fields(meeting)


def request_json(log):
    return _fields(log)


def _fields(record):
    values = {
        field.name: getattr(record, field.name) for field in dataclasses.fields(record)
    }
    return {
        name: to_zoom(value) if isinstance(value, dt.datetime) else value
        for name, value in values.items()
    }


def _set_fields(record, values):
    for name, value in values.items():
        if not hasattr(record, name):
            raise ValueError(f"no field is named {name}")
        setattr(record, name, value)


ROUTES = (
    ("GET", "/state", show_state),
    ("GET", "/requests", show_requests),
    ("POST", "/clock", move_clock),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", clear_faults),
    ("POST", "/accounts", add_account),
    ("PATCH", "/accounts/([^/]+)", edit_account),
    ("POST", "/apps", add_app),
    ("POST", "/users", add_user),
    ("PATCH", "/users/([^/]+)", edit_user),
    ("DELETE", "/users/([^/]+)", delete_user),
    ("POST", "/counts", set_counts),
    ("POST", "/settings", change_settings),
    ("PATCH", r"/meetings/(\d+)", edit_meeting),
    ("DELETE", r"/meetings/(\d+)", delete_meeting),
    ("POST", "/revoke", revoke_tokens),
    ("POST", "/reset", reset),
)
