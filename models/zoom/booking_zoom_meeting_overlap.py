# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta
from itertools import chain, combinations
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import CURRENT_STATES

# Where the transaction remembers when Zoom users are busy.
BUSY = "resource_booking_zoom_busy"


class Span(NamedTuple):
    """A time, naive UTC, at which a Zoom user hosts a booking."""

    host_id: int
    start: datetime
    stop: datetime
    booking_id: int


class BookingZoomMeeting(models.Model):
    """A Zoom user hosts one booking at a time; warnings before hosts change."""

    _inherit = "booking.zoom.meeting"

    # === OVERLAPS === #

    def _takes_other_time(self, values):
        """Whether a row, or a new one, would take time of a host that it has not."""
        return any(
            self._fields[name].convert_to_write(self[name], self) != values[name]
            for name in ("zoom_user_id", "start", "duration")
        )

    def _check_host_free(self, wanted):
        """Refuse that a Zoom user hosts two bookings at once, and name them.

        :param list wanted: values of the rows that are about to be written
        :raise ValidationError:
        """
        spans = [
            Span(
                values["zoom_user_id"],
                values["start"],
                values["start"] + timedelta(minutes=values["duration"]),
                values["booking_id"],
            )
            for values in wanted
            if values["zoom_user_id"]
        ]
        if not spans:
            return
        hosts = self.env["booking.zoom.user"].browse({span.host_id for span in spans})
        busy = self._get_busy(
            hosts, min(span.start for span in spans), max(span.stop for span in spans)
        )
        rewritten = {values["booking_id"] for values in wanted}
        spans += [
            span
            for span in chain.from_iterable(busy.values())
            if span.booking_id not in rewritten
        ]
        clashes = {
            (one, other)
            for one, other in combinations(spans, 2)
            if one.host_id == other.host_id
            and one.start < other.stop
            and other.start < one.stop
        }
        if clashes and self.env.context.get("using_portal"):
            # Customers neither know Zoom users nor other customers.
            raise ValidationError(
                self.env._("This time has just been taken. Please choose another time.")
            )
        if clashes:
            raise ValidationError(
                self.env._(
                    "A Zoom user can host one booking at a time. Please choose another "
                    "time or another Zoom user:\n\n- %(lines)s",
                    lines="\n- ".join(sorted(map(self._describe_clash, clashes))),
                )
            )

    def _describe_clash(self, clash):
        one, other = clash
        bookings = self.env["resource.booking"]
        return self.env._(
            "%(host)s: %(booking)s and %(other)s",
            host=self.env["booking.zoom.user"].browse(one.host_id).name,
            booking=bookings.browse(one.booking_id)._get_name_for_user(),
            other=bookings.browse(other.booking_id)._get_name_for_user(),
        )

    @api.model
    def _get_busy(self, zoom_users, start, stop, except_booking_id=None):
        """When Zoom users host bookings within a span of time, in one query.

        Remembered until a meeting is written, or the transaction ends: each time that
        a booking is saved the platform asks several times.

        :param start: naive UTC
        :param stop: naive UTC
        :return: dict of Zoom user's id to list of Span
        """
        known = self.env.cr.cache.setdefault(BUSY, {}).setdefault((start, stop), {})
        missing = set(zoom_users.ids) - known.keys()
        if missing:
            known.update({host_id: [] for host_id in missing})
            for span in self._read_busy(missing, start, stop):
                known[span.host_id].append(span)
        return {
            host_id: [
                span
                for span in known[host_id]
                if not except_booking_id or span.booking_id != except_booking_id
            ]
            for host_id in zoom_users.ids
        }

    def _read_busy(self, zoom_user_ids, start, stop):
        """As above; not with records: a month of a busy company is 10,000 rows."""
        self.flush_model(["zoom_user_id", "start", "stop", "booking_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT zoom_user_id, start, stop, booking_id
                  FROM booking_zoom_meeting
                 WHERE zoom_user_id = ANY(%(hosts)s)
                   AND state IN %(states)s
                   AND start < %(stop)s
                   AND stop > %(start)s
                """,
                hosts=list(zoom_user_ids),
                states=CURRENT_STATES,
                start=start,
                stop=stop,
            )
        )
        return [Span(*row) for row in rows]

    @api.model_create_multi
    def create(self, vals_list):
        self.env.cr.cache.pop(BUSY, None)
        return super().create(vals_list)

    def write(self, vals):
        self.env.cr.cache.pop(BUSY, None)
        return super().write(vals)

    def unlink(self):
        self.env.cr.cache.pop(BUSY, None)
        return super().unlink()

    # === WARNINGS BEFORE A CHANGE OF BINDING === #

    @api.model
    def _warn_about_moves(self, bookings, get_host):
        """Onchange warning: how many issued meetings would get another host.

        :param bookings: domain of the bookings concerned
        :param get_host: function that names the host, booking.zoom.user, that a
            booking would have after the change
        :return: what an onchange returns, or None
        """
        # A booking that loses its Zoom user keeps the meeting that people know.
        moved = sum(
            get_host(row.booking_id)
            not in (row.zoom_user_id, row.zoom_user_id.browse())
            for row in self._search_issued(bookings)
        )
        return self._prepare_warning(
            moved
            and self.env._(
                "%(count)s future meetings are issued already by another Zoom user. "
                "If you save, they are issued anew by the new one: that takes "
                "%(count)s of its requests of the day, and their links change. "
                "Discard the change to keep them.",
                count=moved,
            )
        )

    @api.model
    def _warn_about_removals(self, bookings):
        """Onchange warning: how many issued meetings would be removed from Zoom.

        :param bookings: domain of the bookings concerned
        """
        removed = len(self._search_issued(bookings))
        return self._prepare_warning(
            removed
            and self.env._(
                "%(count)s future meetings are issued already. If you save, they are "
                "removed from Zoom. Discard the change to keep them.",
                count=removed,
            )
        )

    @api.model
    def _search_issued(self, bookings):
        """Current rows of these bookings that Zoom has, superuser."""
        return self.sudo().search(
            Domain("booking_id", "any", bookings)
            & Domain("state", "in", CURRENT_STATES)
            & Domain("zoom_id", "!=", False)
            & Domain("stop", ">", fields.Datetime.now())
        )

    def _prepare_warning(self, message):
        if not message:
            return None
        title = self.env._("Issued Zoom meetings")
        return {"warning": {"title": title, "message": message, "type": "dialog"}}
