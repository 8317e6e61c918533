# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Which values the row of a booking's meeting should have: host, time, pause, title, settings.

What holds of an existing meeting is kept. Rows are booking.zoom.meeting, bookings are
resource.booking, both superuser.
"""

from ...const import CURRENT_STATES
from ...engine.facts import SETTINGS
from ...engine.meeting_title import tells_customer
from .host_finder import HostFinder, make_span


def prepare_wanted(bookings, times_chosen, entered):
    """The values of the rows that these bookings need.

    :param bool times_chosen: see booking.zoom.meeting._sync_with_bookings
    :param entered: Spans of meetings that others have just saved
    :return dict: booking -> values
    :raise ValidationError: none of several Zoom users is free
    """
    wanted, rows, hosts = {}, {}, {}
    for booking in bookings:
        row, listed = booking._get_last_row(), booking._get_hosts()
        host = row.zoom_user_id & listed or listed[:1]
        (values,) = _prepare_options(row, booking, host, times_chosen).values()
        if len(listed) > 1 and not row._stays_with(listed, values):
            rows[booking], hosts[booking] = row, listed
        else:
            wanted[booking] = values
    if rows:
        users = bookings.env["booking.zoom.user"].union(*hosts.values())
        finder = HostFinder(rows, users, [*map(make_span, wanted.values()), *entered])
        for booking, row in rows.items():
            options = _prepare_options(row, booking, hosts[booking], times_chosen)
            wanted[booking] = finder.choose(row, options)
            if not wanted[booking]:
                raise booking._make_all_busy_error(hosts[booking])
    if times_chosen:
        bookings.env["booking.zoom.hour"]._take(
            {
                booking: values
                for booking, values in wanted.items()
                if not booking._get_last_row()._has_time(values)
                and booking._may_have_several_hosts()
            }
        )
    return wanted


def _prepare_options(row, booking, hosts, times_chosen=True):
    """The values of the row that follows on this one, for each who may host it.

    :param hosts: booking.zoom.user, possibly none
    :param bool times_chosen: see prepare_wanted
    :return dict: booking.zoom.user, superuser -> values
    """
    values = booking._prepare_zoom_meeting_vals(hosts[:1])
    options = {}
    for host in hosts.sudo() or [hosts]:
        pause = booking.type_id._get_zoom_pause(host)
        option = {**values, "zoom_user_id": host.id, "pause": pause}
        if row.state in CURRENT_STATES:
            options[host] = _keep_told(row, keep_what_holds(row, option))
        else:
            options[host] = _keep_pause(row, option, times_chosen)
    return options


def choose_among(booking, hosts):
    """The values of the row of this booking if one of these hosts it.

    :param hosts: booking.zoom.user
    :return dict: None if all are busy
    """
    row = booking._get_last_row()
    options = _prepare_options(row, booking, hosts)
    return HostFinder({booking: row}, hosts).choose(row, options)


def keep_what_holds(row, values):
    """Keep the pause, and an issued host when the booking has no Zoom user now."""
    if not values["zoom_user_id"] and (row.zoom_id or row.unanswered_since):
        values = {**values, "zoom_user_id": row.zoom_user_id.id}
    return _keep_pause(row, values)


def _keep_pause(row, values, times_chosen=True):
    """Keep the pause until the time changes.

    So bookings made before it was set are not refused.

    :param bool times_chosen: see prepare_wanted
    """
    if (row.start, row.duration) == (values["start"], values["duration"]):
        return {**values, "pause": row.pause}
    return values if times_chosen else {**values, "pause": 0}


def _keep_told(row, values):
    """Keep what Zoom was told of an existing meeting, whatever the type says now.

    A title follows the booking's resources and the customer whom it names. What the
    type leaves to Zoom again needs no request.
    """
    if not row._is_issued() or row._moves_to(values["zoom_user_id"]):
        return values
    kept = {
        "title": row.title,
        "topic": row.topic,
        "combination_id": row.combination_id.id,
        "customer_id": row.customer_id.id,
    }
    for name in SETTINGS:
        kept[name] = values[name] and row[name]
    combination = row.booking_id.combination_id
    customer = tells_customer(row.title) and row.booking_id.partner_ids[:1]
    same = combination == row.combination_id and (
        not customer or customer == row.customer_id
    )
    if row.title and not same:
        kept["topic"] = row.booking_id._get_zoom_topic(row.title)
        kept["combination_id"] = combination.id
        kept["customer_id"] = customer and customer.id
    return {**values, **kept}
