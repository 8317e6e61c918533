# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.exceptions import UserError

from ...utils import JoinLink, show_message


class BookingConferenceTool(models.AbstractModel):
    """What a conference tool tells about its bookings: all that is asked of it.

    Here are the answers for a tool with a fixed URL. A tool that issues a link for each
    booking overrides these methods of ``resource.booking``. It answers for the bookings of
    its own type whose link it decides, see ``_gets_own_link``, and calls super() for the
    others. ``_needs_own_link`` says which of them should have one now.

    At the least it overrides ``_sync_conference``, ``_get_join_link``, ``_get_link_cases``,
    ``_sql_given_links`` and ``_sql_hopeful_links``, and of the type ``_sync_links``.
    """

    _name = "booking.conference.tool"
    _description = "What bookings ask of their web conference tool"

    # === WHAT THE TOOL IS TOLD === #

    def _sync_conference(self):
        """Follow a change of these bookings, of their events, or of who takes part.

        Called in the user's transaction: send no request here, but wake an action.
        """

    def _on_reminders_changed(self):
        """The moments of reminders have changed, at which links are to be ready."""

    def _retire_links(self):
        """These bookings are being deleted with their type, by the database."""

    def _lock_meetings(self, *, former=False):
        """Lock the records of the tool that saving or deleting these bookings changes.

        :param bool former: also those that were issued earlier
        """

    def _disclose_join_link(self):
        """From now on those invited may know the link, if there is one."""
        # Not stored, and depends on more than @api.depends can express.
        self.env["calendar.attendee"].invalidate_model(["web_conference_info"])

    def _lock_join_link(self):
        """Lock what is changed when the link is disclosed."""

    @api.model
    def _replace_join_links(self, tool, link_ids):
        """Give those who remain another link than those who left know.

        :param str tool: key of web_conference_tool
        :param list link_ids: see JoinLink
        :return dict: booking -> until when it keeps its link, None if it does not
        """
        return {}

    def action_retry_link(self):
        """Let the tools retry now what waits, for staff.

        :return dict: an action that says what was retried
        """
        return show_message(self.env._("No meeting is waiting."), "warning")

    # === WHAT THE TOOL IS ASKED === #

    @api.model
    def _get_fields_off_event(self):
        """Names of fields that change nothing on the event of a booking."""
        return set()

    def _gets_own_link(self):
        """Whether the tool issues a link for this booking alone."""
        booking_type = self.type_id
        return booking_type._has_conference_tool() and not booking_type._has_fixed_url()

    def _needs_own_link(self):
        """Whether such a link should be there now.

        One that is only held keeps its time, but gets none yet, see ``_is_only_held``.
        """
        return self._gets_own_link() and self._is_to_be_joined()

    def _get_join_link(self):
        """How to join this booking now.

        :return JoinLink: None when there is no link that can be given to people
        """
        self.ensure_one()
        url = self.type_id._has_fixed_url() and self.type_id.videocall_location
        return JoinLink(url) if url else None

    def _expects_join_link(self):
        """Whether there is a link, or one will come."""
        if self._gets_own_link():
            return bool(self.sudo().join_link_state)
        return bool(self._get_join_link())

    def _is_join_link_imminent(self):
        """Whether the link may be there within a moment."""
        return False

    def _is_join_link_disclosed(self):
        """Whether those invited may know the link: the type says so, or one of our mails
        about the booking has gone out.

        A tool that knows whether the present link was told may be stricter.
        """
        return self.type_id.link_disclosure == "issued" or bool(
            self.meeting_id.sudo().web_conference_mail_ids
        )

    def _get_sample_conference(self):
        """What previews show of a link, of this booking or of none.

        :return dict: see ``_get_disclosed_conference``
        """
        return {
            "tool": self.type_id._get_conference_tool_name(),
            "url": "https://www.example.com/meeting",
        }

    def _say_what_helps(self):
        """What staff can do while there is no link, in the language of the reader."""
        return self.env._(
            "Press “Enter a link” on the booking: the customer gets the link "
            "automatically. Or call the customer."
        )

    def _get_join_problem(self):
        """Why there is no link yet, for staff, in the language of the reader."""
        return ""

    def _get_join_wait(self):
        """What happens next with a link that waits, for staff, as the problem."""
        return ""

    @api.model
    def _get_link_cases(self):
        """How far the links are that tools keep in records, see ``join_link_state``.

        :return dict: name of the field with a tool's records, a one2many -> pairs of a
            state and a domain on them; the first that fits counts. It fits one record of
            a booking at most.
        """
        return {}

    def _can_be_started(self):
        """Whether the tool tells staff how to start the meeting as its host."""
        return False

    def _filter_trusted_hosts(self):
        """Of the current user's own bookings those that this user may start.

        Whoever starts a meeting is signed in as its host.
        """
        return self

    def _ask_for_start_url(self):
        """Ask the tool for a URL that starts the meeting as its host.

        Called in the user's transaction: it may be called again, so change nothing. The
        URL is for the browser alone: do not store it, do not log it.

        :return str:
        :raise UserError: says why the meeting cannot be started
        """
        raise UserError(
            self.env._(
                "Meetings of this tool cannot be started from here. Please join the "
                "meeting, or start it in the tool."
            )
        )

    @api.model
    def _get_awaiting_host(self):
        """Bookings whose customer has come, and whose host is absent after the start."""
        return self.browse()

    def _get_moves_a_day(self):
        """How often a customer may move the booking in a day, False for no limit."""
        return False

    def _get_choice_costs(self, choice):
        """What the tool does when a person decides how people join these bookings.

        :param choice: see ``_choose_link``
        :return list: sentences for that person
        """
        return []

    def _get_last_start(self):
        """When a cancelled booking was to begin, naive UTC, if anything tells."""
        return self.start

    def _get_administrators(self):
        """Whom to tell when something is wrong that staff may not be able to mend.

        :return tuple: addresses as they were entered, and their language
        """
        return "", None

    @api.model
    def _get_models_of_alerts(self):
        """The models that mails to these administrators are about, as names."""
        return ()

    # === CHECKED BEFORE A MAIL TELLS IT === #

    def _awaits_link_check(self, last_moment):
        """Whether mails wait until the tool has said that the link is right.

        :param last_moment: after which a mail cannot wait any longer, naive UTC
        """
        return False

    def _check_links_before_mail(self):
        """Ask the tool about links that mails are about to tell.

        :return list: when the mails may go on, naive UTC
        """
        return []

    def _check_told_link(self):
        """Ask the tool about a link that a mail which could not wait has told."""

    # === ALL LINKS AT ONCE, FOR THE LEDGER OF MAILS === #
    #
    # A fixed URL needs no row here. A tool adds a query to those of super().

    @api.model
    def _sql_given_links(self):
        """The links of bookings to come that can be given to people, see
        ``_get_join_link``.

        :return list: of SQL, queries with the columns tool, booking_id, link_id, digest
        """
        return []

    @api.model
    def _sql_replaceable_links(self):
        """Links of bookings to come that get another one if somebody who left knows it.

        Also those that are replaced already, as long as something that does not pass
        soon, as the limit, keeps the new one from being created.

        :return list: of SQL, queries with the columns tool, booking_id, link_id, digest,
            start
        """
        return []

    @api.model
    def _sql_hopeful_links(self):
        """Queries that find rows if a link works, or another one follows soon.

        The current meeting works, or is about to be created, or the one that people
        were told works as long as it is not.

        :return list: of SQL, queries that refer to ``booking.id`` and ``told.link_id``
        """
        return []
