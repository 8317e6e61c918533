# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pages that join and start URLs open: for users whose ``join_origin`` is the simulator."""

from .messages import HTML_TYPE, Answer

PREFIXES = ("/j/", "/s/")
TITLE = "Launch Meeting"
# Says on the console that it was reached, for whoever drives the browser.
LAUNCH = f"<h1>{TITLE}</h1><script>console.log('{TITLE}')</script>"


def handle(sim, request):
    """Answer the browser of a guest or a host, and note where it came from."""
    prefix, number = request.path[:3], request.path[3:]
    with sim.state.lock:
        meeting = sim.state.meetings.get(int(number) if number.isdigit() else None)
        found = meeting and not meeting.deleted
        people = sim.state.guests if prefix == "/j/" else sim.state.hosts
        people.append((number, found, request.headers.get("Referer")))
    if not found:
        return Answer(
            404, "<h1>This meeting link is invalid (3,001)</h1>", content_type=HTML_TYPE
        )
    return Answer(200, LAUNCH, content_type=HTML_TYPE)
