# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, email_normalize
from odoo.tools.mail import email_split_and_format_normalize

from ...const import KEPT_FOR
from ...utils import active_lang, delete_some, unlogged

_logger = logging.getLogger(__name__)

# More bookings in one mail are only counted.
LISTED = 50


class BookingConferenceNotice(models.Model):
    """What the staff of a booking are to be told, or were told.

    Whoever finds something out notes it here, in the own transaction. The scheduled
    action of the reminders writes one mail per cause and recipient about all bookings
    that were noted, and drops what is not true any more.
    """

    _name = "booking.conference.notice"
    _inherit = ["booking.zoom.unlogged"]
    _description = "Notice to the staff of a booking"
    _order = "start, id"

    booking_id = fields.Many2one(
        "resource.booking", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="booking_id.type_id.company_id")
    cause = fields.Selection(
        [
            ("link_missing", "The reminder went out without a join link"),
            ("link_kept", "A former join link still works"),
            ("unreachable", "A customer cannot be reached by e-mail"),
            ("mail_failing", "The e-mails of a booking fail"),
            ("declined", "All customers declined"),
            ("event_changed", "The calendar event was changed"),
            ("host_gone", "The join link no longer works"),
        ],
        required=True,
    )
    start = fields.Datetime(help="The start of the booking when it was noted.")
    detail = fields.Text(help="What else staff should know; never a join link.")
    told_at = fields.Datetime(help="When the mail was written; empty until then.")
    together_ids = fields.Many2many(
        "booking.conference.notice",
        string="Told together",
        compute="_compute_together_ids",
    )

    _once = models.UniqueIndex(
        "(booking_id, cause, COALESCE(start, 'infinity'),"
        " (CASE WHEN cause IN ('unreachable', 'event_changed') THEN md5(detail) ELSE '' END))",
        "Staff are told once.",
    )
    _untold_idx = models.Index("(cause) WHERE told_at IS NULL")

    @api.depends_context("notices")
    def _compute_together_ids(self):
        """The notices of the mail that is being written."""
        for notice in self:
            notice.together_ids = notice.browse(
                self.env.context.get("notices") or notice.ids
            )

    # === NOTING === #

    @api.model
    def _note(self, bookings, cause, detail=""):
        """Note for the staff of these bookings, once per booking, cause and start.

        :param bookings: resource.booking, of any size
        :param str cause: key of the field ``cause``
        :param str detail: plain text; of ``unreachable`` and ``event_changed`` each
            one is told
        :return: the bookings for which this was not noted before
        """
        self._fields["cause"].convert_to_cache(cause, self)  # one that exists
        if not bookings:
            return bookings
        now = fields.Datetime.now()
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s)",
                *(booking.id, cause, booking.start or None, detail),
                *(self.env.uid, now, self.env.uid, now),
            )
            for booking in bookings
        ]
        self.flush_model()
        # Another worker may note the same at this moment.
        with unlogged(self.env.cr):
            noted = self.env.execute_query(
                SQL(
                    """
                    INSERT INTO booking_conference_notice
                                (booking_id, cause, start, detail,
                                 create_uid, create_date, write_uid, write_date)
                         VALUES %s
                    ON CONFLICT DO NOTHING
                      RETURNING booking_id
                    """,
                    SQL(", ").join(rows),
                )
            )
        if noted:
            bookings._get_reminder_cron()._trigger()
        return bookings.browse(booking_id for (booking_id,) in noted)

    # === TELLING === #

    @api.model
    def _get_causes_to_tell(self):
        return [
            cause for (cause,) in self._read_group([("told_at", "=", False)], ["cause"])
        ]

    @api.model
    def _tell(self, causes):
        """Write the mails that these causes wait for; drop what is not true any more.

        :param list causes: keys of the field ``cause``
        """
        waiting = self.search([("told_at", "=", False), ("cause", "in", causes)])
        true = waiting.filtered(lambda notice: notice._is_true())
        (waiting - true).unlink()
        for notices in true.grouped(lambda one: (one.cause, one.company_id)).values():
            notices._tell_together()

    def _is_true(self):
        """Whether it is still of use to tell this."""
        booking = self.booking_id
        if not booking.active or booking.stop and booking.stop <= fields.Datetime.now():
            return False
        if self.cause == "link_missing":
            # Moved, it gets another reminder.
            return booking.start == self.start and not booking._get_join_link()
        if self.cause == "host_gone":
            return not booking._get_join_link()
        if self.cause == "declined":
            return booking._is_declined()
        return True

    def _tell_together(self):
        """Write one mail to each recipient about those notices that concern them.

        A mail that cannot be written keeps no other from being written.
        """
        recipients = {}
        for notice in self:
            for person in notice.booking_id._get_people_to_tell():
                key = email_normalize(person["email"])
                person = recipients.setdefault(key, {**person, "ids": []})
                person["ids"].append(notice.id)
        told = self.browse()
        for person in recipients.values():
            try:
                with self.env.cr.savepoint():
                    self._send_notices(person)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception("Notice to staff failed: %s %s", self, self.cause)
            else:
                told |= self.browse(person["ids"])
        told.told_at = fields.Datetime.now()

    @api.model
    def _send_notices(self, person):
        """
        :param dict person: as of _get_people_to_tell, and ``ids`` of the notices
        """
        template = self.env.ref(
            "resource_booking_zoom.mail_template_staff_notice", raise_if_not_found=False
        )
        if not template:
            _logger.warning("The mail template of notices was deleted: nobody is told")
            return
        template.with_context(
            lang=person["lang"], notices=person["ids"], reader_id=person["user_id"]
        ).send_mail(
            person["ids"][0],
            email_layout_xmlid="resource_booking_zoom.mail_layout",
            email_values={"email_to": person["email"], "recipient_ids": []},
        )

    # === WHAT THE MAIL SAYS === #

    def _get_listed(self):
        """Those that the mail lists; the others are only counted."""
        return self.together_ids[:LISTED]

    def _get_detail(self):
        """What there is to say about this booking, in the language of the reader."""
        if self.detail or self.cause != "link_missing":
            return self.detail or ""
        return self.booking_id._get_join_problem() or self.env._(
            "The meeting is being created."
        )

    def _get_subject(self):
        subject = self._get_texts()[0]
        if len(self.together_ids) > 1:
            return self.env._(
                "%(subject)s (%(count)s bookings)",
                subject=subject,
                count=len(self.together_ids),
            )
        return subject

    def _get_texts(self):
        """Subject, what has happened, what staff can do: in the reader's language."""
        return {
            "link_missing": (
                self.env._("[Caution!] A booking starts soon and has no join link"),
                self.env._(
                    "The reminder went out without a join link, because the meeting "
                    "does not exist yet. If it can still be created before the start, "
                    "the link goes to the customer automatically."
                ),
                self.env._(
                    "Create a meeting by hand and send its link to the customer, or "
                    "call the customer."
                ),
            ),
            "link_kept": (
                self.env._("[Caution!] A former join link still works"),
                self.env._(
                    "Somebody who no longer takes part knows the join link. Zoom "
                    "allows no new meeting now, so the link keeps working. As soon as "
                    "a new meeting can be created, it is, and those who take part "
                    "receive its link."
                ),
                self.env._(
                    "If that is too late, watch the waiting room of the meeting."
                ),
            ),
            "unreachable": (
                self.env._("[Caution!] A customer cannot be reached by e-mail"),
                self.env._("The mail with the join link could not be sent."),
                self.env._(
                    "Correct the e-mail address of the contact: the mail is then sent "
                    "automatically. Or call the customer."
                ),
            ),
            "mail_failing": (
                self.env._("[Caution!] The e-mails of a booking cannot be written"),
                self.env._(
                    "The mail with the join link could not be written. It is tried "
                    "again every few minutes."
                ),
                self.env._(
                    "Check the mail template of the reminder and the contacts of the "
                    "booking, or send the join link to the customer by hand."
                ),
            ),
            "declined": (
                self.env._("[Caution!] A booking was declined by all customers"),
                self.env._(
                    "All customers have declined. There is no online meeting any "
                    "more, and no reminder is sent. The time is still reserved."
                ),
                self.env._(
                    "Ask the customer, then cancel the booking or agree on another "
                    "time. If the customer accepts again, the join link is sent "
                    "automatically."
                ),
            ),
            "event_changed": (
                self.env._("[Caution!] The calendar event of a booking was changed"),
                self.env._("Somebody changed the event in the calendar."),
                self.env._(
                    "Check the booking: reschedule or cancel it, or call the customer."
                ),
            ),
            "host_gone": (
                self.env._("[Caution!] A join link no longer works"),
                self.env._(
                    "The customer has received the join link, but its Zoom user was "
                    "deleted or deactivated in Zoom, so the link no longer works."
                ),
                self.env._(
                    "Choose another Zoom user for the resource: everybody then "
                    "receives a new link automatically. Or activate the user in Zoom "
                    "again."
                ),
            ),
        }[self.cause]

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("create_date", "<", before)])


class ResourceBooking(models.Model):
    _inherit = "resource.booking"

    def _note_for_staff(self, cause, detail=""):
        """Note that the staff of these bookings are to be told by mail.

        It is told once per booking, cause and start of the booking, in this
        transaction's wake.

        :param str cause: key of the field ``cause`` of booking.conference.notice
        :param str detail: plain text about it, such as who cannot be reached and why;
            never a join link. Of ``unreachable`` and ``event_changed`` each one is told.
        :return: the bookings for which this was not noted before, superuser
        """
        notices = self.env["booking.conference.notice"].sudo()
        return notices._note(self.sudo(), cause, detail)

    def _forget_for_staff(self, cause):
        """What was noted is not true any more: if it is again, it is told again."""
        self.env["booking.conference.notice"].sudo().search(
            [("booking_id", "in", self.ids), ("cause", "=", cause)]
        ).unlink()

    def _get_people_to_tell(self):
        """Who is told what keeps people from joining this booking.

        Its staff, and the administrator of the company's Zoom account. The
        administrator comes first: who is both may see all bookings.

        :return list: of dicts ``email`` (formatted, a valid address), ``lang`` (code
            of an active language, or False), ``user_id`` (False for the administrator)
        """
        account = self._get_zoom_account()
        people = [
            (address, account.company_id.partner_id.lang, False)
            for address in email_split_and_format_normalize(
                account.alert_recipient or ""
            )
        ]
        people += [
            (user.email_formatted, user.lang, user.id)
            for user in self._get_staff_to_tell()
        ]
        by_address = {}
        for email, lang, user_id in people:
            address = email_normalize(email)
            if address:
                by_address.setdefault(
                    address,
                    {
                        "email": email,
                        "lang": active_lang(self.env, lang),
                        "user_id": user_id,
                    },
                )
        return list(by_address.values())

    def _get_staff_to_tell(self):
        """The organizer, if that person may read the booking, and its resources' users.

        :return: res.users
        """
        self.ensure_one()
        organizer = self.user_id.filtered(
            lambda user: (
                user.active and not user._is_superuser() and self._can_be_read_by(user)
            )
        )
        users = self.combination_id.resource_ids.user_id
        return organizer | users.filtered("active")

    def _get_backend_url(self):
        """Where the reader of a mail finds this booking in Odoo.

        :return str: a full URL, empty for staff who may not read it
        """
        self.ensure_one()
        reader = self.env["res.users"].browse(self.env.context.get("reader_id"))
        if reader and not self._can_be_read_by(reader):
            return ""
        return f"{self.get_base_url()}/odoo/{self._name}/{self.id}"

    def _can_be_read_by(self, user):
        return self.with_user(user).has_access("read")

    def _get_zoom_account(self):
        """The Zoom account of the booking, also where nobody hosts it yet."""
        company = self.type_id.company_id or self.user_id.company_id
        return self.zoom_user_id.account_id or self.env["booking.zoom.account"].search(
            [("company_id", "=", company.id)], limit=1
        )
