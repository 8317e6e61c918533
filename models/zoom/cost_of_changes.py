# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What a change of settings would do to existing meetings, said before it is saved.

Bookings are a domain of resource.booking; rows of booking.zoom.meeting are the
superuser's. Nothing is changed here.
"""

from odoo import fields
from odoo.fields import Domain

from ...engine.facts import SETTINGS
from .zoom_overview import MEETINGS_TO_COME


def search_issued(env, bookings):
    """Current rows of these bookings that exist in Zoom.

    :param bookings: domain
    """
    issued = Domain("booking_id", "any", bookings) & Domain("zoom_id", "!=", False)
    return env["booking.zoom.meeting"].sudo().search(issued & MEETINGS_TO_COME)


# === ANOTHER HOST, OR ANOTHER TOOL === #


def warn_about_moves(env, bookings, get_hosts):
    """Onchange warning: how many existing meetings would get another host.

    :param bookings: domain of the bookings concerned
    :param get_hosts: function that names the Zoom users of whom any may host a booking
        after the change
    :return: what an onchange returns, or None
    """
    moved = _get_moved(env, bookings, get_hosts)
    return _make_warning(
        env,
        moved
        and env._(
            "Another Zoom user already hosts %(count)s future meetings. If you save, the "
            "new one hosts them: that takes %(count)s of its requests for today, their "
            "join links change, and %(people)s people who know them get a mail. Discard "
            "the change to keep them.",
            count=len(moved),
            people=moved.booking_id._count_people_who_know_link(),
        ),
    )


def get_moved_by(env, bindings):
    """Existing meetings that would get another host by these bindings.

    :param dict bindings: resource.resource -> booking.zoom.user
    """
    resource_ids = [resource.id for resource in bindings]
    return _get_moved(
        env,
        Domain("combination_id.resource_ids", "in", resource_ids),
        lambda booking: booking.type_id._choose_zoom_hosts(
            booking.combination_id._get_hosts(bindings)
        ),
    )


def _get_moved(env, bookings, get_hosts):
    def is_moved(row):
        hosts = get_hosts(row.booking_id)
        # A booking without Zoom user keeps its meeting, see keep_what_holds.
        return hosts and row.zoom_user_id not in hosts

    return search_issued(env, bookings).filtered(
        lambda row: not row.booking_id.forced_zoom_user_id and is_moved(row)
    )


def warn_about_removals(env, bookings):
    """Onchange warning: how many existing meetings would be deleted in Zoom.

    :param bookings: domain of the bookings concerned
    """
    removed = len(search_issued(env, bookings))
    return _make_warning(
        env,
        removed
        and env._(
            "%(count)s future meetings exist already. If you save, they are deleted in "
            "Zoom. Discard the change to keep them.",
            count=removed,
        ),
    )


def _make_warning(env, message):
    if not message:
        return None
    title = env._("Existing Zoom meetings")
    return {"warning": {"title": title, "message": message, "type": "dialog"}}


# === WHAT ZOOM IS TOLD === #


def search_told_otherwise(types):
    """Existing meetings to come of which Zoom would be told something else now.

    :param types: resource.booking.type
    """
    now = fields.Datetime.now()
    return search_issued(types.env, Domain("type_id", "in", types.ids)).filtered(
        lambda row: row.start > now and is_told_otherwise(row)
    )


def is_told_otherwise(row):
    """Whether to tell Zoom what the type says now would take a request."""
    told = row.booking_id._prepare_zoom_told_vals()
    return told["topic"] != row.topic or any(
        told[name] and told[name] != row[name] for name in SETTINGS
    )


def say_cost_of_telling(rows):
    """What it costs to tell Zoom anew of these meetings, by Zoom user."""
    env = rows.env
    left = rows.zoom_user_id._get_requests_left(urgent=False)
    lines = [
        env._(
            "%(host)s: %(count)s requests, %(left)s left today",
            host=host.name,
            count=len(of_host),
            left=left[host],
        )
        for host, of_host in rows.grouped("zoom_user_id").items()
    ]
    return env._(
        "%(count)s existing meetings keep what Zoom was told of them before. To change "
        "them takes one request each, and those beyond today's limit wait until after "
        "00:00 UTC:\n%(lines)s",
        count=len(rows),
        lines="\n".join(sorted(lines)),
    )
