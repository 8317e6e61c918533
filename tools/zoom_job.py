# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What is to be done for one meeting row, and its doing: plain data and HTTP."""

from dataclasses import dataclass, field

from ..exceptions import ZoomError, ZoomMeetingGone
from .zoom_payload import find_mark


@dataclass(frozen=True)
class Job:
    """One step for one meeting.

    ``kind`` is ``create``, ``update``, ``delete`` or ``search``; the last one looks
    for a meeting whose creation was sent and never answered.
    """

    row_id: int
    kind: str
    host: str = ""
    meeting_id: str = ""
    mark: str = ""
    payload: dict = field(default_factory=dict)
    sent: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of a job: Zoom's answers (whole meetings), or its error."""

    job: Job
    answers: tuple = ()
    error: ZoomError | None = None


def run_job(client, job):
    """Do the job.

    :param ZoomClient client:
    :param Job job:
    :return Outcome: never raises what Zoom or the network do
    """
    try:
        return Outcome(job, tuple(_STEPS[job.kind](client, job)))
    except ZoomError as error:
        return Outcome(job, error=error)


def _create(client, job):
    return [client.create_meeting(job.host, job.payload)]


def _update(client, job):
    client.update_meeting(job.meeting_id, job.payload)
    try:
        # The answer to an update is empty: what holds now must be read.
        return [client.get_meeting(job.meeting_id)]
    except ZoomError:
        return []


def _delete(client, job):
    try:
        client.delete_meeting(job.meeting_id)
    except ZoomMeetingGone:
        pass
    return []


def _search(client, job):
    found = find_mark(client.list_meetings(job.host), job.mark)
    # The list holds no passcode.
    return [client.get_meeting(meeting["id"]) for meeting in found]


_STEPS = {"create": _create, "update": _update, "delete": _delete, "search": _search}
