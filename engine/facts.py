# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What Zoom was told of a meeting, and what it has made of it. Pure functions."""

from datetime import datetime, timedelta
from typing import NamedTuple

from ..tools.zoom_payload import meeting_facts

# Zoom may round a start or a duration by this much.
ROUNDING = timedelta(minutes=5)
# Facts that are sent again when somebody changes them in Zoom.
_SENT_AGAIN = ("start", "duration")
# Facts of which Zoom is told only if somebody has chosen them.
SETTINGS = ("waiting_room", "join_before_host")


class Facts(NamedTuple):
    """What Zoom is told of a meeting.

    The settings are ``on``, ``off``, or None for what is left to Zoom.
    """

    start: datetime
    duration: int
    topic: str
    waiting_room: str | None = None
    join_before_host: str | None = None


def _get_told(facts):
    """The facts by name, without settings that are left to Zoom."""
    return {
        name: value
        for name, value in facts._asdict().items()
        if value or name not in SETTINGS
    }


def accept(facts):
    """Changes of the row: Zoom has accepted these."""
    return {f"sent_{name}": value for name, value in _get_told(facts).items()}


def compare_facts(case, meeting):
    """What Zoom has accepted of what it was told, and what it made of it.

    What Zoom accepts counts as sent, though it keeps another title or a rounded start.
    What differs from Zoom's own answer later was changed by somebody: a start and a
    duration are sent again then; whoever changes the topic or a setting means it.

    :param Case case: see `engine.decide`
    :param Meeting meeting: Zoom's answer
    :return dict: changes of the row
    """
    row, job, now = case.row, case.job, case.now
    changes, answered = {}, {} if job.kind == "update" else dict(row.answered)
    asked = _get_facts(job.sent)
    for name, sent in _get_told(job.sent).items():
        kept = getattr(meeting, name)
        if kept is None:
            taken = case.is_counted
        else:
            answered[name] = kept
            # Zoom ignores a start that is over (Zoom's OpenAPI, March 2026).
            over = name == "start" and asked[name] <= now
            taken = case.is_counted or over or kept == asked[name]
        if taken:
            changes[f"sent_{name}"] = sent
        elif name in _SENT_AGAIN and kept and not _is_as_accepted(row, name, kept):
            changes[f"sent_{name}"] = kept
    return {**changes, "answered": answered}


def get_accepted_facts(row):
    """What Zoom has answered of a meeting, as far as it is known.

    :param Row row: of which something was sent
    :return dict: names and values as those of `zoom_answers.Meeting`
    """
    facts = {**_get_facts(row.sent), **_drop_unknown(row.answered)}
    return _drop_unknown(facts)


def _get_facts(sent):
    """What Zoom answers if it keeps what it was sent."""
    return meeting_facts(**sent._replace(topic=sent.topic or "")._asdict())


def _drop_unknown(facts):
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _is_as_accepted(row, name, kept):
    """Whether Zoom still has what it had made of what it was sent.

    :param str name: start or duration
    :param kept: what Zoom has now
    """
    if not row.sent_start:
        return False
    known = get_accepted_facts(row)[name]
    if kept == known or row.answered.get(name):
        return kept == known
    # The first that is heard of what Zoom made of it.
    far = kept - known
    return abs(far if name == "start" else timedelta(minutes=far)) <= ROUNDING


def find_differences(row):
    """What Zoom has otherwise than it was told: topic and settings.

    Nothing while a change is on its way.

    :param Row row:
    :return dict: name of the fact -> what Zoom has
    """
    if row.state != "ready":
        return {}
    asked = _get_facts(row.wanted)
    return {
        name: row.answered[name]
        for name in ("topic", *SETTINGS)
        if asked[name] is not None and row.answered.get(name) not in (None, asked[name])
    }
