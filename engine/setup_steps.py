# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""How far the set-up of an account has come: five steps, and what keeps each from it.

Pure functions.
"""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

# In the order in which they are taken.
STEPS = ("app", "connect", "bind", "tool", "reminder")

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class SetupFacts:
    """What is known of an account and of what depends on it."""

    state: str  # of the account
    has_credentials: bool
    address: str  # Odoo's own, which Zoom and customers get
    trouble: str = ""  # what Zoom answered last, in words
    missing_scopes: tuple = ()
    has_hosts: bool = False  # anything is bound to a Zoom user
    lost_hosts: tuple = ()  # names of bound Zoom users that cannot host
    zoom_types: tuple = ()  # names of the booking types with Zoom …
    types_without_combination: tuple = ()  # … and of those that lack something
    types_without_host: tuple = ()
    types_without_reminder: tuple = ()
    has_company_email: bool = False
    has_alert_email: bool = False
    has_meetings: bool = False  # was any ever issued, or wanted


class Problem(NamedTuple):
    cause: str
    names: tuple = ()  # of what it is about


class Step(NamedTuple):
    state: str  # done, to_do or problem
    problems: tuple = ()


def is_loopback(address):
    """Whether only the server itself can open this address."""
    return urlsplit(address).hostname in LOOPBACK


def get_steps(facts):
    """
    :param SetupFacts facts:
    :return dict: name of each step, in order -> Step
    """
    connected = facts.state == "connected"
    results = {
        "app": (facts.has_credentials or connected, _find_app_problems(facts)),
        "connect": (connected, _find_connection_problems(facts)),
        "bind": (facts.has_hosts, _take(lost_hosts=facts.lost_hosts)),
        "tool": (
            bool(facts.zoom_types),
            _take(
                types_without_combination=facts.types_without_combination,
                types_without_host=facts.types_without_host,
            ),
        ),
        "reminder": (bool(facts.zoom_types), _find_mail_problems(facts)),
    }
    steps = {}
    for name in STEPS:
        done, problems = results[name]
        state = "problem" if problems else "done" if done else "to_do"
        steps[name] = Step(state, tuple(problems))
    return steps


def get_next_step(steps):
    """The first step that somebody has to do something about, None if all are done.

    :param dict steps: of `get_steps`
    """
    return next((name for name, step in steps.items() if step.state != "done"), None)


def is_to_be_tried(facts):
    """Whether everything is set up, and nobody has booked anything yet.

    :param SetupFacts facts:
    """
    return get_next_step(get_steps(facts)) is None and not facts.has_meetings


def _take(**names_by_cause):
    return [Problem(cause, names) for cause, names in names_by_cause.items() if names]


def _find_app_problems(facts):
    problems = _take(missing_scopes=facts.missing_scopes)
    if is_loopback(facts.address):
        # Whoever has connected from the server itself is trying things out.
        if facts.state != "connected":
            problems.append(Problem("loopback", (facts.address,)))
    elif urlsplit(facts.address).scheme != "https":
        problems.append(Problem("http", (facts.address,)))
    return problems


def _find_connection_problems(facts):
    if facts.state == "lost":
        return [Problem("lost", (facts.trouble,))]
    if facts.state == "connected" and facts.trouble:
        return [Problem("trouble", (facts.trouble,))]
    return []


def _find_mail_problems(facts):
    problems = _take(types_without_reminder=facts.types_without_reminder)
    if not facts.has_company_email:
        problems.append(Problem("no_company_email"))
    if not facts.has_alert_email:
        problems.append(Problem("no_alert_email"))
    return problems
