# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

# Found in a rendered mail, it says that the mail has the block.
BLOCK_MARKER = "o_web_conference_info"
# The same for the sentence that stands in its place while there is no link.
FOLLOWS_MARKER = "o_web_conference_follows"

# Shown when a template is previewed; a meeting that does not exist.
SAMPLE = {
    "tool": "Zoom",
    "url": "https://zoom.us/j/00000000000",
    "meeting_id": "000 0000 0000",
    "passcode": "000000",
}


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    web_conference_info = fields.Html(
        string="Web conference",
        compute="_compute_web_conference_info",
        search="_search_web_conference_info",
        sanitize=False,
        exportable=False,
        help="How to join: tool, URL, meeting ID and passcode. Empty until the link "
        "may be known.",
    )

    @api.depends_context(
        "lang", "uid", "su", "template_preview_lang", "web_conference_follows"
    )
    @api.depends("event_id")
    def _compute_web_conference_info(self):
        for attendee in self:
            view = "resource_booking_zoom.web_conference_block"
            values = attendee._get_web_conference_values()
            if not values and self.env.context.get("web_conference_follows"):
                view = "resource_booking_zoom.web_conference_follows"
                values = attendee._get_contact_values()
            attendee.web_conference_info = values and self.env[
                "ir.qweb"
            ].sudo()._render(view, values, lang=self.env.lang)

    @api.model
    def _search_web_conference_info(self, operator, value):
        # Only there so that the field is offered as a placeholder: nothing of a
        # link may be found by searching.
        return [("id", "=", False)]

    def _get_web_conference_values(self):
        """What the block says, or nothing as long as it must not be known."""
        booking = self.event_id._get_conference_booking()
        if not booking:
            return None
        if self.env.su:
            # A mail is written: it is for this attendee.
            readable = bool(self._filter_may_join())
        else:
            readable = booking.with_env(self.env).has_access("read")
        values = booking._get_disclosed_conference() if readable else None
        if not values and "template_preview_lang" in self.env.context:
            return SAMPLE
        return values

    def _get_contact_values(self):
        """Whom to ask while there is no link; nobody may learn more by it."""
        booking = self.event_id._get_conference_booking()
        readable = self.env.su or booking.with_env(self.env).has_access("read")
        return booking._get_conference_contact() if booking and readable else None

    def _filter_may_join(self):
        """Those of one event who are to be told how to join: not who has declined.

        Every employee can put himself on an event: who was added by hand counts if
        whoever did it may read the booking. Staff who have left the company stay
        partners; their users are archived.
        """
        booking = self.event_id._get_conference_booking()
        invited = booking.partner_ids | booking._get_staff_partners()
        return self.filtered(lambda attendee: attendee.state != "declined").filtered(
            lambda attendee: (
                attendee.partner_id in invited
                or (
                    not attendee._is_of_former_user()
                    and booking.with_user(attendee.create_uid).has_access("read")
                )
            )
        )

    def _is_of_former_user(self):
        users = self.partner_id.with_context(active_test=False).user_ids
        return bool(users) and not any(users.mapped("active"))

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.event_id._sync_zoom_meetings()
            self.sudo().event_id.resource_booking_ids._trigger_due_reminders()
        return result

    def unlink(self):
        self.env["booking.zoom.reminder"].sudo()._note_leaving(self.sudo())
        return super().unlink()

    # === MAILS OF THE PLATFORM === #

    def _notify_attendees(self, mail_template, notify_author=False, force_send=False):
        """Let invitations and date changes say how to join once people may know.

        Told as superuser: who moves a booking need not be able to read it.
        """
        ours = self.browse().union(
            *(
                attendees.sudo()._filter_may_join().with_env(self.env)
                for event, attendees in self.grouped("event_id").items()
                if event._get_conference_booking()
            )
        )
        # Who may not join gets what the platform sends, and no link in its file.
        others = (self - ours).with_context(web_conference_in_ics=False)
        if not mail_template or not ours:
            return super(CalendarAttendee, others)._notify_attendees(
                mail_template, notify_author, force_send
            )
        if others:
            super(CalendarAttendee, others)._notify_attendees(
                mail_template, notify_author, force_send
            )
        ours = ours.sudo().with_context(web_conference_mail=True)
        # The template does not take over the attendees' context.
        template = mail_template.sudo().with_context(
            web_conference_mail=True,
            web_conference_follows=self.env.context.get("web_conference_follows"),
        )
        sent = super(CalendarAttendee, ours)._notify_attendees(
            template, notify_author, force_send
        )
        if sent is not False and not self.env.context.get("web_conference_reminder"):
            ours._note_calendar_mail(notify_author)
        return sent

    def _note_calendar_mail(self, notify_author):
        """Enter into the ledger who has learned the link from a mail of the platform."""
        for event, attendees in self.grouped("event_id").items():
            booking = event._get_conference_booking()
            told = attendees.filtered(
                lambda one: one.email and one._should_notify_attendee(notify_author)
            )
            if (
                told
                and booking._get_disclosed_conference()
                and not event._skip_send_mail_status_update()
            ):
                self.env["booking.zoom.reminder"]._claim(told, "calendar")
                booking._disclose_conference()
