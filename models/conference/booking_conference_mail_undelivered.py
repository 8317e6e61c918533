# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...utils import active_lang, in_own_transaction, one_line
from .link_digest import address_digest, sql_address_digest

# A mail that failed is written again after this time, then after twice as long, …
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=12)


class BookingConferenceMail(models.Model):
    """Mails that did not reach the person: they are due again.

    What became of a mail follows from the platform's notification of it, which stays
    when the mail itself is deleted. The address may have been corrected since.
    """

    _inherit = "booking.conference.mail"

    @api.model
    def _get_undelivered(self):
        """The last mails to people, about bookings to come, that have not reached them.

        Not those that no mail server took, which wait to be queued again, nor what was
        sent to somebody whose link works no longer.

        :return list: of (id, whether it went to another address than that of now)
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT told.id, told.address_digest <> %(digest)s
                  FROM booking_conference_mail told
                  JOIN res_partner partner ON partner.id = told.partner_id
             LEFT JOIN calendar_event event ON event.id = told.event_id
             LEFT JOIN mail_notification note
                    ON note.mail_message_id = told.mail_message_id
                   AND note.res_partner_id = told.partner_id
                   AND note.notification_type = 'email'
             LEFT JOIN mail_mail mail ON mail.id = note.mail_mail_id
                 WHERE told.superseded IS NOT TRUE
                   AND told.retry_at IS NULL
                   AND (told.stop > %(now)s OR event.stop > %(now)s)
                   AND (told.kind <> 'cancelled'
                        AND event.active
                        AND told.address_digest <> %(digest)s
                        AND EXISTS (
                            SELECT FROM calendar_attendee attendee
                             WHERE attendee.event_id = told.event_id
                               AND attendee.partner_id = told.partner_id)
                        OR note.notification_status = 'bounce'
                        OR note.notification_status IN ('ready', 'exception')
                       AND mail.id IS NULL
                        OR mail.state = 'cancel'
                        OR mail.state = 'exception'
                       AND mail.failure_type IS NOT NULL)
              ORDER BY told.id
                """,
                now=fields.Datetime.now(),
                digest=sql_address_digest(SQL("partner")),
            )
        )

    @api.model
    def _note_undelivered(self):
        """Find out which mails have not reached people, until no more are found.

        Each time what a person knew before becomes the last mail: it may be one that
        has not arrived either.
        """
        while in_own_transaction(
            self, lambda records: records._note_some_undelivered()
        ):
            pass

    @api.model
    def _note_some_undelivered(self):
        """
        :return bool: whether there were any
        """
        found = self._get_undelivered()
        for entry_id, moved in found:
            self.browse(entry_id)._take_back(moved)
        self.env.flush_all()
        return bool(found)

    def _take_back(self, moved):
        """The mail of this entry has not reached the person: it is due again.

        :param bool moved: whether the person has got another address since
        """
        same = self._get_of_same_person()
        digest = address_digest(self.partner_id)
        if moved:
            lost = same.filtered(
                lambda one: (
                    one.kind != "cancelled"
                    and one.address_digest
                    and one.address_digest != digest
                )
            )
            retry_at = fields.Datetime.now()
        else:
            lost = self
            tries = same.filtered(
                lambda one: one.retry_at and one.address_digest == digest
            )
            pause = min(FIRST_RETRY * 2 ** len(tries), LONGEST_RETRY)
            retry_at = fields.Datetime.now() + pause
            self._note_failure()
            self.env["resource.booking"]._get_reminder_cron()._trigger(at=retry_at)
        lost.filtered(lambda one: not one.retry_at).retry_at = retry_at
        lost.superseded = True
        known = same.filtered(lambda one: not one.retry_at).sorted("id")[-1:]
        known.superseded = False

    def _get_of_same_person(self):
        """All that this person was told of this booking."""
        return self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("calendar_uid", "=", self.calendar_uid),
            ]
        )

    def _note_failure(self):
        """Let staff know that the mail has failed."""
        if self.event_id:
            words = self._speak_to_staff(self.event_id)
            self._note_for_staff_of(
                self.event_id, self.partner_id, words._("The mail was not delivered.")
            )

    # === WHO CANNOT BE REACHED === #

    @api.model
    def _note_unreachable(self, attendees):
        """Let staff know in time of customers to whom no mail can be sent.

        :param attendees: of one event, who are to get a mail now
        """
        unreachable = attendees.filtered(lambda one: not one.partner_id._can_get_mail())
        for attendee in unreachable:
            partner = attendee.partner_id
            words = self._speak_to_staff(attendee.event_id)
            reason = partner.with_env(words)._get_unreachable_reason()
            self._note_for_staff_of(attendee.event_id, partner, reason)

    @api.model
    def _note_for_staff_of(self, event, partner, reason):
        """Let staff know who cannot be reached, unless it is one of themselves."""
        booking = event._get_conference_booking()
        if booking and partner not in booking._get_staff_partners():
            detail = f"{one_line(partner.display_name)}: {reason}"
            booking._note_for_staff("unreachable", detail)

    @api.model
    def _speak_to_staff(self, event):
        """
        :return: environment with the language of whoever organises the booking
        """
        booking = event._get_conference_booking()
        lang = booking.user_id.lang or booking.type_id.company_id.partner_id.lang
        return self.with_context(lang=active_lang(self.env, lang)).env

    @api.model
    def _are_mails_blocked(self):
        """Whether an administrator has switched off all mails of the calendar."""
        parameters = self.env["ir.config_parameter"].sudo()
        return bool(parameters.get_param("calendar.block_mail"))

    # === PROOF === #

    @api.model
    def _get_without_mail(self):
        """Entries of events that are still there whose mail was never made.

        For tests: no entry may claim a mail that nobody wrote.

        :return: booking.conference.mail
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT told.id
                  FROM booking_conference_mail told
             LEFT JOIN mail_notification note
                    ON note.mail_message_id = told.mail_message_id
                   AND note.res_partner_id = told.partner_id
                 WHERE told.event_id IS NOT NULL
                   AND told.partner_id IS NOT NULL
                   AND note.id IS NULL
                """
            )
        )
        return self.browse([row_id for (row_id,) in rows])
