# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must hold when all is over: Zoom against the bookings. Plain functions."""

from datetime import datetime


def find_wrong(bookings, rows, state):
    """What is wrong in the end.

    :param list bookings: the live ones, as Odoo reads them
    :param list rows: the current meeting rows, as Odoo reads them
    :param dict state: what the simulator knows
    :return list: of sentences
    """
    wrong = []
    live = {str(one["id"]): one for one in state["meetings"] if not one["deleted"]}
    row_of = {row["booking_id"][0]: row for row in rows if row["booking_id"]}
    for booking in bookings:
        row = row_of.pop(booking["id"], None)
        meeting = row and live.pop(row["zoom_id"], None)
        if not meeting:
            wrong.append(f"booking {booking['id']} has no meeting: {row}")
            continue
        start = datetime.fromisoformat(booking["start"])
        zoom_start = datetime.fromisoformat(meeting["start_time"].rstrip("Z"))
        if zoom_start.replace(tzinfo=None) != start:
            wrong.append(f"booking {booking['id']}: {start}, Zoom {zoom_start}")
        if meeting["duration"] != round(booking["duration"] * 60):
            wrong.append(f"booking {booking['id']}: other duration")
    wrong += [f"row without booking: {row}" for row in row_of.values()]
    wrong += [f"meeting {number} is of no booking" for number in live]
    wrong += [
        f"a token was used after it was replaced: {path}"
        for path in state["stale_token_paths"]
    ]
    return wrong


def find_over_limit(state, limit):
    """The hosts for which Zoom counts more requests of today than are allowed.

    :param int limit: what Odoo is set to; the simulator must allow more
    """
    return [
        f"host {host}: {count} requests, {limit} are allowed"
        for host, count in state["counts"].items()
        if count > limit
    ]
