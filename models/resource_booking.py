# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from contextlib import contextmanager

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ..const import CURRENT_STATES
from .own_transaction import lock_rows
from .recipient import active_lang, one_line
from .said_by_us import get_saved_ids, saving

STAFF = "resource_booking.group_user"
# What of a booking decides on its Zoom meeting.
SCHEDULING_FIELDS = {
    "active",
    "combination_auto_assign",
    "combination_id",
    "duration",
    "meeting_id",
    "partner_ids",
    "start",
    "type_id",
}


class Invited:
    """Who was invited to bookings before they were saved; no RPC call can say it."""

    def __init__(self, partners):
        self.partners = partners


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    web_conference_tool = fields.Selection(
        related="type_id.web_conference_tool",
        # As superuser, a portal user could search by it.
        related_sudo=False,
        groups=STAFF,
    )
    zoom_meeting_ids = fields.One2many(
        "booking.zoom.meeting", "booking_id", string="Zoom meetings", groups=STAFF
    )
    zoom_meeting_id = fields.Many2one(
        "booking.zoom.meeting",
        string="Zoom meeting",
        compute="_compute_zoom_meeting_id",
        search="_search_zoom_meeting_id",
        groups=STAFF,
    )
    zoom_user_id = fields.Many2one(
        "booking.zoom.user",
        string="Zoom user",
        compute="_compute_zoom_user_id",
        groups=STAFF,
        help="Who hosts the meeting in Zoom.",
    )
    zoom_state = fields.Selection(
        [
            ("waiting", "Zoom link waiting"),
            ("ready", "Zoom link ready"),
            ("changed", "Zoom change waiting"),
            ("stuck", "Zoom needs attention"),
        ],
        string="Zoom",
        compute="_compute_zoom_state",
        search="_search_zoom_state",
        groups=STAFF,
    )
    zoom_join_url = fields.Char(
        related="zoom_meeting_id.join_url", groups=STAFF, exportable=False
    )
    zoom_id_formatted = fields.Char(
        related="zoom_meeting_id.zoom_id_formatted", groups=STAFF
    )
    zoom_passcode = fields.Char(
        related="zoom_meeting_id.passcode", groups=STAFF, exportable=False
    )
    other_conference_url = fields.Char(
        related="type_id.videocall_location",
        related_sudo=False,  # as above
        string="Web conference URL",
        groups=STAFF,
    )
    zoom_problem_message = fields.Text(
        related="zoom_meeting_id.problem_message", groups=STAFF
    )
    zoom_held_message = fields.Char(
        related="zoom_meeting_id.held_message", groups=STAFF
    )

    # === COMPUTE METHODS === #

    @api.depends("zoom_meeting_ids.state")
    def _compute_zoom_meeting_id(self):
        for booking in self:
            booking.zoom_meeting_id = booking.zoom_meeting_ids.filtered(
                lambda row: row.state in CURRENT_STATES
            )[:1]

    @api.model
    def _search_zoom_meeting_id(self, operator, value):
        current = Domain("state", "in", CURRENT_STATES)
        if operator == "in" and False in value:
            found = ~Domain("zoom_meeting_ids", "any", current)
            ids = [one for one in value if one]
            return found | Domain(
                "zoom_meeting_ids", "any", current & Domain("id", "in", ids)
            )
        if operator == "in":
            return Domain(
                "zoom_meeting_ids", "any", current & Domain("id", "in", value)
            )
        if operator in ("any", "any!"):
            return Domain("zoom_meeting_ids", operator, current & Domain(value))
        return NotImplemented

    @api.depends(
        "combination_id.zoom_user_id",
        "type_id.web_conference_tool",
        "type_id.zoom_user_id",
        "type_id.company_id",
    )
    def _compute_zoom_user_id(self):
        for booking in self:
            booking.zoom_user_id = booking.type_id._get_zoom_host(
                booking.combination_id
            )

    @api.depends("zoom_meeting_id.state", "zoom_meeting_id.problem")
    def _compute_zoom_state(self):
        for booking in self:
            row = booking.zoom_meeting_id
            booking.zoom_state = "stuck" if row.problem else row.state

    @api.model
    def _search_zoom_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = Domain("state", "in", CURRENT_STATES)
        wanted = Domain.FALSE
        for state in value:
            if state == "stuck":
                wanted |= current & Domain("problem", "!=", False)
            elif state:
                wanted |= Domain("state", "=", state) & Domain("problem", "=", False)
        found = Domain("zoom_meeting_ids", "any", wanted)
        if False in value:
            found |= ~Domain("zoom_meeting_ids", "any", current)
        return found

    @api.depends("type_id.web_conference_tool", "type_id.link_disclosure")
    def _compute_videocall_location(self):
        # The platform prints this URL in the portal and in every mail: it stays
        # empty as long as the link is not to be known.
        now = fields.Datetime.now()
        hosted = self.filtered(lambda booking: booking.type_id._has_conference_tool())
        for booking in hosted:
            if booking.stop and booking.stop <= now:
                # What is over stays as it was.
                booking.videocall_location = booking.videocall_location
            else:
                booking.videocall_location = booking._get_open_url()
        return super(ResourceBooking, self - hosted)._compute_videocall_location()

    def _get_open_url(self):
        """The URL that everybody invited may see from the start, if any."""
        self.ensure_one()
        if not self.type_id._has_conference_tool():
            return self.type_id.videocall_location
        if self.type_id.link_disclosure != "issued":
            return False
        if self.type_id.web_conference_tool == "other":
            return self.type_id.videocall_location
        row = self.sudo().zoom_meeting_id
        return row.join_url if self.meeting_id and row._is_usable() else False

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        bookings._sync_zoom_meetings()
        return bookings

    def write(self, vals):
        if vals.keys() == {"meeting_id"} and get_saved_ids(self.env).issuperset(
            self.ids
        ):
            # The platform ties a booking that is being saved to its event: the
            # rest follows when all of it is saved.
            return super().write(vals)
        with self._refused_as_a_whole():
            if not SCHEDULING_FIELDS.isdisjoint(vals):
                self._lock_conference()
            invited = self._get_invited_partners()
            if vals.get("active") is False:
                self.env["booking.zoom.reminder"].sudo()._note_leaving(
                    self.sudo().meeting_id.attendee_ids
                )
            before = self.with_context(web_conference_invited=Invited(invited))
            result = super(ResourceBooking, before).write(vals)
            self._remove_former_attendees(invited)
            self._sync_zoom_meetings()
            if "type_id" in vals:
                self._show_open_url()
        return result

    def unlink(self):
        # The database takes the booking off all of them.
        lock_rows(self.sudo().zoom_meeting_ids)
        return super().unlink()

    def _sync_meeting(self):
        """Let the events follow, of all bookings but those that are being saved.

        The platform asks the context which these are, and anybody can write there.
        """
        known = self.with_context(
            syncing_booking_ids=sorted(get_saved_ids(self.env)),
            web_conference_invited=None,
        )
        before = self.env.context.get("web_conference_invited")
        with saving(self):
            if isinstance(before, Invited):
                # Who leaves now is not mailed the link with the date change.
                self._remove_former_attendees(before.partners)
            return super(ResourceBooking, known)._sync_meeting()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for booking, vals in zip(self, vals_list, strict=True):
            if booking.type_id.sudo()._has_conference_tool():
                # The link is one booking's alone.
                vals.pop("videocall_location", None)
        return vals_list

    @contextmanager
    def _refused_as_a_whole(self):
        """Undo everything when the portal's change is refused.

        The portal shows the refusal and commits: a booking must not stay at a time
        that was refused.
        """
        if not self.env.context.get("using_portal"):
            yield
            return
        try:
            with self.env.cr.savepoint():
                yield
        except ExclusionViolation as taken:
            raise ValidationError(
                self.env._("This time has just been taken. Please choose another time.")
            ) from taken

    # === ACTION METHODS === #

    def action_retry_zoom(self):
        """Try again now what keeps the Zoom meetings of these bookings waiting."""
        return self.zoom_meeting_id.action_retry()

    # === ZOOM MEETINGS === #

    def _lock_conference(self):
        """Lock what the scheduled actions change of these bookings.

        To be called before the platform saves them, which may take long: whoever was
        slower than a scheduled action begins anew before the work is done.
        """
        bookings = self.sudo()
        shown = bookings.filtered(lambda one: one.type_id.link_disclosure == "issued")
        lock_rows(shown)
        lock_rows(shown.meeting_id)
        lock_rows(bookings.zoom_meeting_id)

    def _sync_zoom_meetings(self):
        """Make the meeting rows say what Zoom should hold for these bookings."""
        self.env["booking.zoom.meeting"].sudo()._sync_with_bookings(
            self.sudo().with_context(active_test=False)
        )

    def _needs_zoom_meeting(self):
        """Whether a Zoom meeting should exist for this booking now."""
        self.ensure_one()
        event = self.meeting_id
        return bool(
            self.type_id.web_conference_tool == "zoom"
            and self.active
            and self.start
            and event.active
            and self.stop > fields.Datetime.now()
            and not self._is_declined()
        )

    def _is_declined(self):
        """Whether all who requested the booking have declined it."""
        # Asked for each mail to each of hundreds of requesters.
        requesters = set(self.partner_ids.ids)
        return {
            attendee.state
            for attendee in self.meeting_id.attendee_ids
            if attendee.partner_id.id in requesters
        } == {"declined"}

    def _prepare_zoom_meeting_vals(self):
        """What the current row of this booking should say."""
        self.ensure_one()
        lang = self.partner_ids[:1].lang
        booking_type = self.type_id.with_context(lang=active_lang(self.env, lang))
        return {
            "booking_id": self.id,
            "company_id": self.type_id.company_id.id,
            "zoom_user_id": self.zoom_user_id.id,
            "start": self.start,
            "duration": max(round(self.duration * 60), 1),
            "topic": one_line(booking_type.name)[:200],
        }

    def _show_open_url(self, wait=True):
        """Put the URL on the event where it may be seen from the start.

        Written on the event alone: a write on the booking would mail everybody that
        the date has changed.

        :param bool wait: for whoever saves a booking or its event now
        :return: the bookings whose event shows what it should
        """
        events = defaultdict(self.env["calendar.event"].browse)
        for booking in self.sudo():
            url = booking._get_open_url()
            if (booking.meeting_id.videocall_location or False) != (url or False):
                events[url] |= booking.meeting_id
        changed = self.env["calendar.event"].union(*events.values()).sudo()
        # The platform writes the URL on the booking, too.
        free = lock_rows(changed.resource_booking_ids, wait).meeting_id
        free = lock_rows(free, wait)
        for url, events_of_url in events.items():
            (events_of_url & free)._write_quietly({"videocall_location": url})
        return self.filtered(lambda one: one.sudo().meeting_id not in changed - free)

    def _is_readable_by(self, user):
        """Whether this user, in whichever of their companies, may read the booking.

        :param user: res.users
        """
        # The companies of whoever asks need not be those of the user.
        booking = self.with_user(user).with_context(allowed_company_ids=None)
        return booking.has_access("read")

    def _get_name_for_user(self):
        """The booking's name if the user may read it, else nothing of its customer."""
        booking = self.with_user(self.env.uid)
        if not self.env.context.get("using_portal") and booking.has_access("read"):
            return booking.display_name
        return self.env._("another booking")

    # === PEOPLE WHO LEFT === #

    def _get_invited_partners(self):
        """Requesters and staff of each scheduled booking with a conference tool."""
        return {
            booking: booking.partner_ids | booking._get_staff_partners()
            for booking in self
            if booking.type_id.sudo()._has_conference_tool() and booking.meeting_id
        }

    def _get_staff_partners(self):
        """Those of the booking's resources who still work here."""
        users = self.sudo().combination_id.resource_ids.user_id
        return users.filtered("active").partner_id

    def _remove_former_attendees(self, invited):
        """Take those off the event who left; the platform never does.

        :param dict invited: booking -> partners, as they were before
        """
        for booking, now in self._get_invited_partners().items():
            gone = invited.get(booking, now) - now
            if gone:
                booking.meeting_id.sudo()._write_quietly(
                    {"partner_ids": [Command.unlink(partner.id) for partner in gone]}
                )

    def _add_new_attendees(self, invited):
        """Invite the staff who came when the event itself was moved.

        The platform does so only when the booking is saved.

        :param dict invited: booking -> partners, as they were before
        """
        for booking, now in self._get_invited_partners().items():
            new = now - invited.get(booking, now)
            if new:
                with saving(booking):
                    booking.meeting_id.sudo().partner_ids = [
                        Command.link(partner.id) for partner in new
                    ]
