# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, email_normalize, plaintext2html
from odoo.tools.mail import email_split_and_format_normalize

from ...const import KEPT_FOR
from ...utils import (
    ENTERED_BY_OTHERS,
    active_lang,
    delete_some,
    in_own_transaction,
    unlogged,
)
from .ledger_queries import find_links_of_leavers
from .unreachable import get_unreached, get_unwritten

_logger = logging.getLogger(__name__)

# Told by an activity only: a mail would come too late.
WITHOUT_MAIL = ("host_absent",)
# These do not depend on the start: moved, a booking is not told again.
OF_LEAVERS = ("link_kept", "link_known")
# More bookings in one mail are only counted.
LISTED = 50


class Recipient(NamedTuple):
    email: str  # formatted, a valid address
    lang: str | None  # of an active language
    user_id: int | bool  # False for the administrator


class BookingConferenceNotice(models.Model):
    """What the staff of a booking are to be told, or were told.

    The code that finds something out notes it here, in its own transaction. The scheduled
    action of the reminders writes one mail per cause and recipient about all bookings
    that were noted, and puts an activity on each booking. When the cause is over, the
    activity goes.

    Activities alone cannot say what staff were told: staff delete them, the platform
    deletes them with their user, and the administrator has none. Nor can a customer
    or the sync create them in time: a row here is one statement, and the database
    lets it in once.
    """

    _name = "booking.conference.notice"
    _inherit = ["booking.unlogged"]
    _description = "Notice to the staff of a booking"
    _order = "start, id"

    booking_id = fields.Many2one(
        "resource.booking", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="booking_id.type_id.company_id")
    # The label is the subject of the mail and the summary of the activity.
    cause = fields.Selection(
        [
            ("link_missing", "A booking starts soon and has no join link"),
            ("link_kept", "A former join link still works"),
            ("link_known", "Somebody who left knows the join link"),
            ("unreachable", "A customer cannot be reached by e-mail"),
            ("mail_failing", "The e-mails of a booking cannot be written"),
            ("declined", "A booking was declined by all customers"),
            ("event_changed", "The calendar event of a booking was changed"),
            ("host_gone", "A join link no longer works"),
            ("host_absent", "Customer waits, host absent"),
        ],
        required=True,
    )
    start = fields.Datetime(
        string="Start time", help="The start of the booking when it was noted."
    )
    detail = fields.Text(help="What else staff should know; never a join link.")
    told_at = fields.Datetime(help="When staff were told; empty until then.")
    activity_ids = fields.One2many(
        "mail.activity", "conference_notice_id", string="Open activities"
    )

    _once = models.UniqueIndex(
        "(booking_id, cause, COALESCE(start, 'infinity'),"
        " (CASE WHEN cause IN ('unreachable', 'event_changed') THEN md5(detail) ELSE '' END))",
        "Staff are told once.",
    )
    _untold_idx = models.Index("(cause) WHERE told_at IS NULL")

    def unlink(self):
        self.activity_ids.unlink()
        return super().unlink()

    # === NOTING === #

    @api.model
    def _note(self, bookings, cause, detail=""):
        """Note for the staff of these bookings, once per booking, cause and start.

        What somebody who left knows is noted once per booking.

        :param bookings: resource.booking, of any size
        :param str cause: key of the field ``cause``
        :param str detail: plain text; of ``unreachable`` and ``event_changed`` each
            one is told
        :return: the bookings for which this was not noted before
        """
        self._fields["cause"].convert_to_cache(cause, self)  # one that exists
        if cause in OF_LEAVERS:
            bookings -= self.search(
                [("booking_id", "in", bookings.ids), ("cause", "=", cause)]
            ).booking_id
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

    @api.model
    def _note_absent_hosts(self):
        """Note the bookings whose customer waits for the host.

        The caller has mails to send. A failure must not stop them.
        """
        try:
            in_own_transaction(
                self,
                lambda notices: (
                    notices._note(
                        notices.env["resource.booking"]._get_awaiting_host(),
                        "host_absent",
                    ).ids
                ),
            )
        except Exception:
            _logger.exception("Absent hosts could not be noted")

    # === TELLING === #

    @api.model
    def _get_causes_to_tell(self):
        """Causes with something to tell, or with activities that may be over."""
        groups = self._read_group(self._get_open_domain(), ["cause"])
        return [cause for (cause,) in groups]

    @api.model
    def _get_open_domain(self):
        return ["|", ("told_at", "=", False), ("activity_ids", "!=", False)]

    @api.model
    def _tell(self, causes):
        """Tell staff what is new; remove the activities of what is over.

        :param list causes: keys of the field ``cause``
        """
        notices = self.search([*self._get_open_domain(), ("cause", "in", causes)])
        over = notices.filtered(lambda notice: not notice._is_true())
        new = (notices - over).filtered(lambda notice: not notice.told_at)
        over.activity_ids.unlink()
        # If it happens again, it is told.
        over.filtered(
            lambda notice: not notice.told_at or notice.cause in OF_LEAVERS
        ).unlink()
        for together in new.grouped(lambda one: (one.cause, one.company_id)).values():
            together._tell_together()

    def _is_true(self):
        """Whether it is still of use to tell this, or to go on showing it."""
        booking = self.booking_id
        if not booking.active or booking.stop and booking.stop <= fields.Datetime.now():
            return False
        if self.cause == "link_missing":
            # Moved, it gets another reminder.
            return booking.start == self.start and booking._lacks_join_link()
        if self.cause == "host_gone":
            return booking._lacks_join_link()
        if self.cause == "declined":
            return booking._is_declined()
        if self.cause == "host_absent":
            return booking in booking._get_awaiting_host()
        # What was just noted is told; staff may have mended it since they were told.
        if self.told_at and self.cause == "unreachable":
            return bool(get_unreached(booking.meeting_id))
        if self.told_at and self.cause == "mail_failing":
            return bool(get_unwritten(booking.meeting_id, self.create_date))
        if self.cause == "link_known":
            return ("manual", booking.id) in find_links_of_leavers(self.env)
        if self.cause == "link_kept":
            # Otherwise it was deleted. It is forgotten when it is replaced.
            return booking._gets_own_link()
        # "event_changed" is forgotten when it is over.
        return True

    def _tell_together(self):
        """Write one mail to each recipient, and put activities on the bookings.

        What cannot be written keeps nothing else from being written. Notices whose
        mails all failed stay untold until the next run.
        """
        people, by_address = {}, defaultdict(self.browse)
        for notice in self.filtered(lambda one: one.cause not in WITHOUT_MAIL):
            for address, recipient in get_people_to_tell(notice.booking_id).items():
                people.setdefault(address, recipient)
                by_address[address] |= notice
        reached = missed = self.browse()
        for address, notices in by_address.items():
            if self._try(notices._send_to, people[address]):
                reached |= notices
            else:
                missed |= notices
        told = self - (missed - reached)
        if not self._try(told._create_activities):
            for notice in told:
                notice._try(notice._create_activities)
        told.told_at = fields.Datetime.now()

    def _try(self, work, *args):
        """
        :return bool: False when it failed, and the log says why
        """
        try:
            with self.env.cr.savepoint():
                work(*args)
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, *ENTERED_BY_OTHERS):
            raise
        except Exception:
            _logger.exception("Notice to staff failed: %s %s", self, self[0].cause)
            return False
        return True

    def _send_to(self, recipient):
        """Write one mail about these notices, all of one cause.

        :param recipient: see get_people_to_tell
        """
        template = self.env.ref(
            "resource_booking_zoom.mail_template_staff_notice", raise_if_not_found=False
        )
        if not template:
            _logger.warning("The mail template of notices was deleted: no mail is sent")
            return
        template.with_context(
            lang=recipient.lang, notices=self.ids, reader_id=recipient.user_id
        ).send_mail(
            self[0].id,
            email_layout_xmlid="resource_booking_zoom.mail_layout",
            email_values={"email_to": recipient.email, "recipient_ids": []},
        )

    def _create_activities(self):
        """Put an activity on each booking for each of its staff.

        A booking that nobody can be assigned to shows it, too. The platform sends no
        mail of its own: many bookings may be concerned at once.
        """
        nobody = self.env["res.users"]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                notice._prepare_activity_vals(user)
                for notice in self
                for user in notice.booking_id._get_staff_to_assign() or [nobody]
            ]
        )

    def _prepare_activity_vals(self, user):
        """
        :param user: res.users, possibly empty
        """
        booking = self.booking_id
        lang = (user or self.company_id).partner_id.lang
        notice = self.with_context(
            lang=active_lang(self.env, lang), tz=user.tz or booking._get_zone()
        )
        summary, happened, to_do = notice._get_texts()
        texts = filter(None, (happened, notice._get_detail(), to_do))
        values = {
            "res_model_id": self.env["ir.model"]._get_id(booking._name),
            "res_id": booking.id,
            "user_id": user.id,
            "summary": summary,
            "note": plaintext2html("\n\n".join(texts)),
            "date_deadline": fields.Date.context_today(notice),
            "automated": True,
            "conference_notice_id": self.id,
        }
        kind = self.env.ref(
            "resource_booking_zoom.mail_activity_type_check", raise_if_not_found=False
        )
        # Without ours, the platform takes its first one.
        return {**values, "activity_type_id": kind.id} if kind else values

    # === WHAT IT SAYS === #

    def _get_together(self):
        """The notices of the mail that is being written."""
        return self.browse(self.env.context.get("notices") or self.ids)

    def _get_listed(self):
        """Those that the mail lists; the others are only counted."""
        return self._get_together()[:LISTED]

    def _get_detail(self):
        """What there is to say about this booking, in the language of the reader."""
        if self.detail or self.cause != "link_missing":
            return self.detail or ""
        booking = self.booking_id
        # A mail tells all its times in the booking's zone, an activity in its user's.
        zone = self.env.context.get("tz") or booking._get_zone()
        booking = booking.with_context(tz=zone)
        return (
            booking._get_join_problem()
            or booking._get_join_wait()
            or self.env._("The meeting is being created.")
        )

    def _get_subject(self):
        summary, count = self._get_texts()[0], len(self._get_together())
        if count > 1:
            return self.env._(
                "[Caution!] %(summary)s (%(count)s bookings)",
                summary=summary,
                count=count,
            )
        return self.env._("[Caution!] %(summary)s", summary=summary)

    def _get_texts(self):
        """Summary, what has happened, what staff can do: in the reader's language."""
        labels = dict(self._fields["cause"]._description_selection(self.env))
        tool = self.booking_id._get_conference_tool_name()
        return labels[self.cause], *{
            "link_missing": (
                self.env._(
                    "The reminder went out without a join link, because the meeting "
                    "does not exist yet. If it can still be created before the start, "
                    "the link goes to the customer automatically."
                ),
                self.booking_id._say_what_helps(),
            ),
            "link_kept": (
                self.env._(
                    "Somebody who no longer takes part knows the join link. No "
                    "new meeting can be created now, so the link keeps working. As soon as "
                    "a new meeting can be created, it is, and those who take part "
                    "receive its link."
                ),
                self.env._(
                    "If that is too late, watch the waiting room of the meeting."
                ),
            ),
            "link_known": (
                self.env._(
                    "Somebody who no longer takes part knows the join link. It was "
                    "entered by hand, so Odoo cannot replace it, and it keeps working."
                ),
                self.env._(
                    "Press “Change the link” on the booking and enter another one: those "
                    "who take part receive it automatically."
                ),
            ),
            "unreachable": (
                self.env._("The mail with the join link could not be sent."),
                self.env._(
                    "Correct the e-mail address of the contact: the mail is then sent "
                    "automatically. Or call the customer."
                ),
            ),
            "mail_failing": (
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
                self.env._("Somebody changed the event in the calendar."),
                self.env._(
                    "Check the booking: reschedule or cancel it, or call the customer."
                ),
            ),
            "host_gone": (
                self.env._(
                    "The customer has received the join link, but its host was deleted "
                    "or deactivated in %(tool)s, so the link no longer works.",
                    tool=tool,
                ),
                self.env._(
                    "Choose another host for the resource: everybody then receives a "
                    "new link automatically. Or activate the host in %(tool)s again.",
                    tool=tool,
                ),
            ),
            "host_absent": (
                self.env._(
                    "The booking has begun and a customer has come to the meeting. The "
                    "host has not."
                ),
                self.env._("Start the meeting, or call the customer."),
            ),
        }[self.cause]

    # === CLEAN-UP === #

    @api.autovacuum
    def _gc_long_over(self):
        before = fields.Datetime.now() - KEPT_FOR
        return delete_some(self, [("create_date", "<", before)])


def get_people_to_tell(booking):
    """The administrator of the booking's company, and the staff of the booking.

    The administrator comes first: who is both may see all bookings.

    :return dict: normalized address -> Recipient
    """
    addresses, lang = booking._get_administrators()
    people = [
        (address, lang, False)
        for address in email_split_and_format_normalize(addresses)
    ]
    people += [
        (user.email_formatted, user.lang, user.id)
        for user in booking._get_staff_to_tell()
    ]
    by_address = {}
    for email, lang, user_id in people:
        if address := email_normalize(email):
            recipient = Recipient(email, active_lang(booking.env, lang), user_id)
            by_address.setdefault(address, recipient)
    return by_address
