# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""One request for one meeting row, and its doing: plain data and HTTP."""

import logging
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from ..exceptions import (
    ZoomBadAnswer,
    ZoomError,
    ZoomMeetingGone,
    ZoomMeetingRuns,
    ZoomOutcomeUnknown,
    ZoomRejected,
    ZoomSecondLimit,
)
from ..tools.zoom_payload import find_by_key
from .facts import Facts

_logger = logging.getLogger(__name__)

# Zoom names no time for its limit per second; others of the account use it, too.
SECOND_LIMIT_TRIES = 3
SECOND_LIMIT_WAIT = (1.0, 2.0)  # seconds, at random

# Answers to a deletion. Zoom's documentation of 2018 to 2023: in progress; has ended.
# Zoom's OpenAPI, March 2026: the host's personal rooms, which stay.
_RUNS = 3002
_NOTHING_TO_DELETE = (3007, 3018, 3037)


@dataclass(frozen=True)
class Job:
    """One step for one meeting.

    :param str kind: ``create``, ``update``, ``delete``, ``read`` or ``search``, which
        looks for a meeting whose creation was sent and never answered
    :param bool asked: a person wants it, whatever is known of Zoom's limits
    :param str host: the Zoom user's id in Zoom
    :param str zoom_account_id: the Zoom account of the host and the meeting
    :param str zoom_id: Zoom's number of the meeting
    :param str correlation_key: begins the agenda of the meeting
    :param dict payload: what Zoom is sent
    :param Facts sent: what is wanted now
    :param datetime claimed_at: tells the claim for which this is done from later ones
    """

    row_id: int
    kind: str
    asked: bool = False
    host: str = ""
    zoom_account_id: str = ""
    zoom_id: str = ""
    correlation_key: str = ""
    payload: dict = field(default_factory=dict)
    sent: Facts | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a job: Zoom's answers (of type Meeting), or its error."""

    job: Job
    answers: tuple = ()
    error: ZoomError | None = None


def run_job(client, job):
    """Do the job.

    :param ZoomClient client: keeps below the account's limit per second
    :param Job job:
    :return Outcome: never raises, for other jobs run beside this one
    """
    for attempt in range(1, SECOND_LIMIT_TRIES + 1):
        try:
            return Outcome(job, tuple(_STEPS[job.kind](client, job)))
        except ZoomSecondLimit as error:
            if attempt == SECOND_LIMIT_TRIES:
                return Outcome(job, error=error)
            time.sleep(random.uniform(*SECOND_LIMIT_WAIT))
        except ZoomError as error:
            return Outcome(job, error=error)
        except Exception as error:
            _logger.exception("Meeting row %s: %s failed", job.row_id, job.kind)
            # It may have failed before or after Zoom did it.
            return Outcome(job, error=ZoomOutcomeUnknown(type(error).__name__))


def _create(client, job):
    return [client.create_meeting(job.host, job.payload)]


def _update(client, job):
    client.update_meeting(job.zoom_id, job.payload)
    # The answer to an update is empty: what holds now must be read. The update is
    # done all the same if that fails.
    with suppress(ZoomError):
        return [client.get_meeting(job.zoom_id)]
    return []


def _delete(client, job):
    try:
        client.delete_meeting(job.zoom_id)
    except ZoomRejected as error:
        if error.code == _RUNS:
            raise ZoomMeetingRuns(error.message, code=error.code) from error
        if error.code not in _NOTHING_TO_DELETE:
            raise
    return []


def _read(client, job):
    return [client.get_meeting(job.zoom_id)]


def _search(client, job):
    listed = client.list_meetings(job.host)
    ids = dict.fromkeys(
        meeting.zoom_id for meeting in find_by_key(listed, job.correlation_key)
    )
    if None in ids or (not ids and any(meeting.agenda is None for meeting in listed)):
        # The missing one may be ours: creating another one would make two.
        raise ZoomBadAnswer("meetings")
    meetings = []
    for zoom_id in ids:
        # Zoom may list what was deleted a moment ago.
        with suppress(ZoomMeetingGone):
            # The list holds no passcode.
            meetings.append(client.get_meeting(zoom_id))
    return meetings


_STEPS = {
    "create": _create,
    "update": _update,
    "delete": _delete,
    "read": _read,
    "search": _search,
}
