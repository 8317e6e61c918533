# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What the overview counts and shows. Days are those of the reader's time zone."""

import json

from odoo.fields import Domain

from ...const import CURRENT_STATES

# Domains of booking.zoom.meeting.
MEETINGS_TODAY = (
    Domain("state", "in", CURRENT_STATES)
    & Domain("start", ">=", "today")
    & Domain("start", "<", "today +1d")
)
MEETINGS_TO_COME = Domain("state", "in", CURRENT_STATES) & Domain("stop", ">", "now")
MEETINGS_WAITING = (
    Domain("stop", ">", "now")
    & Domain("state", "!=", "removed")
    & (
        Domain("problem", "!=", False)
        | Domain("state", "in", ("waiting", "changed"))
        & Domain("only_held", "=", False)
    )
)
MEETINGS_WITHOUT_HOST = MEETINGS_TO_COME & Domain("problem", "=", "no_host")


def say_counts(counts):
    """The causes with their counts, the most frequent first.

    :param dict counts: label -> int; those without label are left out
    :return str: as "Refused by Zoom: 2, Zoom not reachable: 1"
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{label}: {count}" for label, count in ranked if label)


def make_graph(key, labels, values, limit):
    """What the widget for the small bar chart takes.

    :param str key: what the values are
    :param list labels: of str, one for each day
    :param list values: of int
    :param int limit: of each value
    :return str: JSON
    """
    bars = [
        {"label": label, "value": value, "type": "past"}
        for label, value in zip(labels, values, strict=True)
    ]
    return json.dumps([{"key": key, "values": bars, "limit": limit}])
