# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL, mute_logger

from ..models.conference.address_digest import address_digest, sql_address_digest
from ..models.conference.unreachable import speak_to_staff
from .common import MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

CORRECTED = "hanako@customer.example.com"
MAIL_LOGGERS = (
    "odoo.addons.mail.models.mail_mail",
    "odoo.addons.base.models.ir_mail_server",
)


class UndeliveredCase(MailCase):
    """What the ledger says is what people have got."""

    def entries(self, partner=None):
        """What a person knows, as far as the ledger says."""
        return self.env["booking.conference.mail"].search(
            [
                ("partner_id", "=", (partner or self.partner).id),
                ("retry_at", "=", False),
            ]
        )

    def minutes_later(self, minutes):
        return REMINDER_TIME + timedelta(minutes=minutes)

    def change_link(self, booking, minutes=30):
        """Zoom says so when it is read so many minutes after the reminder."""
        self.let_zoom_have_said(booking, self.minutes_later(minutes), passcode="other")

    def customers(self, mails):
        """The recipients who are no staff."""
        return [one for one in self.recipients(mails) if "customer" in one]

    def remind_customer(self, moment=REMINDER_TIME):
        """Run the reminders.

        :return list: the mails to others than staff
        """
        return self.mails_to_customer(self.remind(moment))

    @staticmethod
    def mails_to_customer(mails):
        return [mail for mail in mails if "customer" in mail.recipients[0]]


class TestUnreachable(UndeliveredCase):
    """Nothing is sent, so nothing is entered; it is sent when the cause has ended."""

    def assert_sent_later(self, booking, end, address=CUSTOMER):
        """
        :param end: what ends the cause
        """
        self.assertFalse(self.remind_customer())
        self.assertFalse(self.entries())
        end()
        (mail,) = self.remind_customer(self.minutes_later(30))
        self.assertEqual(mail.recipients, (address,))
        self.assert_says_how_to_join(mail.text, booking)
        self.assertEqual(len(self.entries()), 1)
        # And once
        self.assertFalse(self.remind_customer(self.minutes_later(31)))

    def test_contact_that_is_archived_when_the_reminder_is_due(self):
        booking = self.ready_booking()
        self.partner.active = False
        self.assert_sent_later(booking, lambda: self.partner.action_unarchive())

    def test_calendar_mails_that_are_switched_off(self):
        booking = self.ready_booking()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("calendar.block_mail", "1")
        self.assert_sent_later(
            booking, lambda: parameters.set_param("calendar.block_mail", False)
        )

    def test_link_is_hidden_while_calendar_mails_are_switched_off(self):
        booking = self.ready_booking()
        self.env["ir.config_parameter"].set_param("calendar.block_mail", "1")
        self.assertFalse(self.without_notices(self.remind()))
        self.assertFalse(booking.zoom_meeting_id.disclosed_at)

    def test_address_that_can_be_none(self):
        for address in (
            "hanako.customer.example.com",
            "hanako＠customer.example.com",
            "hanako@customer,example.com",
            "hanako@customer",
            "hanako@customer..example.com",
            "hanako@@customer.example.com",
            "hanako@customer.example.com, sato",
            "花子@customer.example.com",
            "@customer.example.com",
        ):
            with self.subTest(address=address):
                self.move_to(MONDAY - timedelta(days=2))
                self.partner.email = address
                booking = self.ready_booking()
                self.assert_sent_later(
                    booking, lambda: self.partner.write({"email": CORRECTED}), CORRECTED
                )
                booking.action_cancel()
                self.env["booking.conference.mail"].search([]).unlink()

    def test_addresses_that_are_usual(self):
        for address, recipients in (
            ("Hanako <hanako@customer.example.com>", 1),
            ('"Sato, Hanako" <hanako@customer.example.com>', 1),
            (" hanako@customer.example.com ", 1),
            ("hanako@customer.example.com, taro@customer.example.com", 2),
            ("HANAKO+x@customer.example.com", 1),
        ):
            with self.subTest(address=address):
                self.move_to(MONDAY - timedelta(days=2))
                self.partner.email = address
                booking = self.ready_booking()
                mails = self.remind_customer()
                self.assertEqual(len(self.customers(mails)), recipients)
                self.assertFalse(self.remind_customer(self.minutes_later(10)))
                booking.action_cancel()
                self.env["booking.conference.mail"].search([]).unlink()

    def test_colleague_of_somebody_unreachable_gets_the_reminder_in_time(self):
        self.partner.email = "hanako.customer.example.com"
        self.ready_booking()
        self.assertIn(STAFF, self.recipients(self.remind()))

    def test_link_that_changes_while_the_customer_is_archived(self):
        # Given a customer who knows the link and is archived
        booking = self.reminded_booking()
        self.partner.active = False
        # When it changes
        self.change_link(booking)
        self.assertFalse(self.remind_customer(self.minutes_later(5)))
        # Then the customer gets the new one when the contact is back
        self.partner.active = True
        (mail,) = self.remind_customer(self.minutes_later(10))
        self.assertEqual(mail.subject, "The Zoom information has changed")
        self.assert_says_how_to_join(mail.text, booking)

    def test_cancellation_while_the_customer_is_archived(self):
        booking = self.reminded_booking()
        self.partner.active = False
        booking.action_cancel()
        self.assertFalse(self.remind_customer(self.minutes_later(5)))
        self.partner.active = True
        (mail,) = self.remind_customer(self.minutes_later(10))
        self.assertIn("cancelled", mail.subject)

    def test_what_is_over_is_not_sent_any_more(self):
        self.ready_booking()
        self.partner.active = False
        self.remind()
        self.partner.active = True
        self.assertFalse(self.remind(MONDAY + timedelta(minutes=31)))

    def test_what_was_cancelled_meanwhile_is_not_sent_any_more(self):
        booking = self.ready_booking()
        self.partner.active = False
        self.remind()
        booking.action_cancel()
        self.partner.active = True
        self.assertFalse(self.remind_customer(self.minutes_later(5)))


class RefusedCase(UndeliveredCase):
    """The mail server may refuse addresses, and Odoo logs that."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*MAIL_LOGGERS))
        self.addCleanup(self.smtp.refuse)


class TestFailed(RefusedCase):
    """A mail was queued, and did not arrive where the person is."""

    def assert_sent_to_the_corrected_address(self, booking):
        """One mail says what is true."""
        self.partner.email = CORRECTED
        (mail,) = self.remind_customer(self.minutes_later(10))
        self.assertEqual(mail.recipients, (CORRECTED,))
        self.assert_says_how_to_join(mail.text, booking)
        self.assertFalse(self.remind_customer(self.minutes_later(11)))

    def test_address_that_is_corrected_after_the_reminder(self):
        booking = self.ready_booking()
        self.assertEqual(len(self.remind_customer()), 1)
        self.assert_sent_to_the_corrected_address(booking)

    def test_same_address_in_other_words_is_no_other_address(self):
        self.ready_booking()
        self.assertEqual(len(self.remind_customer()), 1)
        self.partner.email = "Hanako <Customer@Example.com>"
        self.assertFalse(self.remind_customer(self.minutes_later(10)))

    def test_address_that_is_corrected_after_the_link_changed(self):
        # Given a customer to whom two mails have gone astray
        booking = self.reminded_booking()
        self.change_link(booking)
        self.assertEqual(len(self.remind_customer(self.minutes_later(5))), 1)
        self.assert_sent_to_the_corrected_address(booking)

    def test_address_that_is_changed_after_the_booking_was_cancelled(self):
        booking = self.reminded_booking()
        booking.action_cancel()
        self.assertEqual(len(self.remind_customer(self.minutes_later(5))), 1)
        self.partner.email = CORRECTED
        self.assertFalse(self.remind_customer(self.minutes_later(10)))

    def test_recipient_that_the_mail_server_refuses_for_some_minutes(self):
        booking = self.ready_booking()
        self.smtp.refuse(CUSTOMER)
        self.assertFalse(self.remind_customer())
        self.smtp.refuse()
        mails = self.remind_customer(self.minutes_later(1))
        mails += self.remind_customer(self.minutes_later(8))
        (mail,) = mails
        self.assert_says_how_to_join(mail.text, booking)
        self.assertFalse(self.remind_customer(self.minutes_later(30)))

    def test_recipient_that_is_refused_for_good_is_tried_now_and_then(self):
        self.ready_booking()
        self.smtp.refuse(CUSTOMER)
        for minute in range(60):
            self.remind(self.minutes_later(minute))
        tries = self.env["booking.conference.mail"].search_count(
            [("partner_id", "=", self.partner.id)]
        )
        self.assertLessEqual(tries, 5)
        self.assertGreaterEqual(tries, 3)

    def test_mail_that_somebody_cancels_in_the_queue(self):
        self.ready_booking()
        self.deliver_mails()
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        self.env["mail.mail"].search(
            [("recipient_ids", "in", self.partner.id)]
        ).cancel()
        self.deliver_mails()
        mails = self.remind_customer(self.minutes_later(1))
        mails += self.remind_customer(self.minutes_later(8))
        self.assertEqual(len(mails), 1)

    def test_cancellation_that_is_refused(self):
        booking = self.reminded_booking()
        self.smtp.refuse(CUSTOMER)
        booking.action_cancel()
        self.assertFalse(self.remind_customer(self.minutes_later(5)))
        self.smtp.refuse()
        mails = self.remind_customer(self.minutes_later(6))
        mails += self.remind_customer(self.minutes_later(15))
        (mail,) = mails
        self.assertIn("cancelled", mail.subject)
        self.assertFalse(self.remind_customer(self.minutes_later(30)))

    def test_invitation_with_the_link_that_is_refused(self):
        # Given a booking type that tells the link at once
        self.rbt.link_disclosure = "issued"
        booking = self.ready_booking()
        # When the customer is not told of a change
        self.smtp.refuse(CUSTOMER)
        booking.start = MONDAY + timedelta(hours=1)
        self.sync_meetings()
        self.deliver_mails()
        # Then the link comes as soon as it can
        self.smtp.refuse()
        moment = REMINDER_TIME - timedelta(hours=20)
        mails = self.remind_customer(moment)
        mails += self.remind_customer(moment + timedelta(minutes=10))
        (mail,) = mails
        self.assert_says_how_to_join(mail.text, booking)


class TestAddresses(UndeliveredCase):
    def test_database_and_python_agree_on_addresses(self):
        for address in (
            False,
            "",
            CUSTOMER,
            "Hanako <Customer@Example.com>",
            "a@example.com, Ü@example.com",
            "HANAKO.customer",
        ):
            self.partner.email = address
            self.env.flush_all()
            ((digest,),) = self.env.execute_query(
                SQL(
                    "SELECT %s FROM res_partner partner WHERE id = %s",
                    sql_address_digest(SQL("partner")),
                    self.partner.id,
                )
            )
            self.assertEqual(digest, address_digest(self.partner))


class TestStaffHear(RefusedCase):
    """Staff hear in time, and once, of a customer who cannot be reached."""

    CAUTION = "[Caution!] A customer cannot be reached by e-mail"

    def notices(self, mails):
        return [
            mail
            for mail in mails
            if "[Caution!]" in mail.subject and STAFF in mail.recipients
        ]

    def assert_told(self, mails, reason, subject=CAUTION):
        (notice,) = self.notices(mails)
        self.assertEqual(notice.subject, subject)
        self.assertIn(reason, notice.text)

    def assert_told_once(self, reason, subject=CAUTION):
        """When the reminder is due, and not again however often the action runs."""
        self.assert_told(self.remind(), reason, subject)
        for minute in (1, 10, 30, 55):
            self.assertFalse(self.notices(self.remind(self.minutes_later(minute))))

    def test_address_that_can_be_none(self):
        self.ready_booking()
        self.partner.email = "hanako.customer.example.com"
        self.assert_told_once("Secret Customer: The e-mail address is not valid.")

    def test_no_address(self):
        self.ready_booking()
        self.partner.email = False
        self.assert_told_once("Secret Customer: No e-mail address is entered.")

    def test_archived_contact(self):
        self.ready_booking()
        self.partner.active = False
        self.assert_told_once("Secret Customer: The contact is archived.")

    def test_archived_contact_who_was_invited_by_the_portal(self):
        booking = self.ready_booking()
        self.env.cr.execute(
            "UPDATE calendar_attendee SET create_uid = %s WHERE event_id = %s",
            (self.env.ref("base.public_user").id, booking.meeting_id.id),
        )
        self.env.invalidate_all()
        self.partner.active = False
        self.assert_told_once("Secret Customer: The contact is archived.")

    def test_before_the_link_is_there(self):
        # Given a booking whose meeting cannot be issued
        self.r_materials[0].zoom_user_id = False
        self.ready_booking()
        self.partner.email = "hanako.customer.example.com"
        # Then staff hear of the customer when the reminder is due, not at the start
        self.assert_told(self.remind(), "not valid")

    def test_calendar_mails_that_are_switched_off(self):
        self.ready_booking()
        self.env["ir.config_parameter"].set_param("calendar.block_mail", "1")
        self.assert_told_once(
            "An administrator has switched off calendar mails.",
            "[Caution!] The e-mails of a booking cannot be written",
        )

    def test_mail_that_is_refused(self):
        self.ready_booking()
        self.smtp.refuse(CUSTOMER)
        self.assertFalse(self.notices(self.remind()))
        self.assert_told(
            self.remind(self.minutes_later(1)),
            "Secret Customer: The mail was not delivered.",
        )
        for minute in (6, 20, 50):
            self.assertFalse(self.notices(self.remind(self.minutes_later(minute))))

    def test_action_is_woken_when_a_mail_is_refused(self):
        self.ready_booking()
        self.smtp.refuse(CUSTOMER)
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        self.assert_wakes(self.deliver_mails)

    def test_action_is_woken_when_an_address_is_corrected(self):
        self.partner.email = "hanako.customer.example.com"
        self.ready_booking()
        self.remind()
        self.assert_wakes(lambda: self.partner.write({"email": CORRECTED}))

    def assert_wakes(self, act):
        """The reminders run again at once."""
        self.forget_wake_ups()
        act()
        self.env.flush_all()
        self.assertLessEqual(min(self.wake_ups()), fields.Datetime.now())

    def test_colleague_without_an_address_is_no_customer(self):
        self.ready_booking()
        self.staff.partner_id.email = False
        self.assertFalse(
            [mail for mail in self.remind() if mail.subject == self.CAUTION]
        )

    def test_in_the_language_of_the_organiser(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        booking = self.ready_booking()
        booking.user_id.lang = "ja_JP"
        self.assertEqual(speak_to_staff(booking.meeting_id).lang, "ja_JP")


class TestOneLine(UndeliveredCase):
    """Names with line breaks reach no header."""

    NAME = "Bob\r\nBcc: curious@example.com"

    def break_names(self):
        """As an earlier version, or an import, has left them."""
        self.env.cr.execute(
            "UPDATE res_partner SET name = %s, complete_name = %s WHERE id IN %s",
            (
                self.NAME,
                self.NAME,
                (
                    self.partner.id,
                    self.env.company.partner_id.id,
                    self.env.user.partner_id.id,
                    self.staff.partner_id.id,
                ),
            ),
        )
        self.env.cr.execute(
            """UPDATE resource_booking_type
                  SET name = jsonb_build_object('en_US', %s::text)""",
            (self.NAME,),
        )
        self.env.cr.execute("UPDATE res_company SET name = %s", (self.NAME,))
        self.env.invalidate_all()

    def assert_delivered(self, mails):
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            headers = mail.raw.split(b"\r\n\r\n")[0].lower()
            self.assertFalse(mail.message["Bcc"])
            self.assertNotIn(b"\nbcc:", headers)

    def test_mails_of_a_booking_go_out(self):
        self.break_names()
        booking = self.book(name=self.NAME)
        self.sync_meetings()
        self.assert_delivered(self.deliver_mails())
        self.assert_delivered(self.remind())
        self.change_link(booking)
        self.assert_delivered(self.remind(self.minutes_later(1)))
        booking.start = MONDAY + timedelta(hours=1)
        self.assert_delivered(self.deliver_mails())
        booking.action_cancel()
        self.assert_delivered(self.remind(self.minutes_later(2)))

    def test_name_that_is_entered_becomes_one_line(self):
        self.partner.name = self.NAME
        self.assertEqual(self.partner.name, "Bob Bcc: curious@example.com")
        new = self.env["res.partner"].create({"name": "Line\u2028break\x00"})
        self.assertEqual(new.name, "Line break")
