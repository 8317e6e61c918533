# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import GUEST, MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

LOGGERS = (
    "odoo.addons.resource_booking_zoom.models.conference.booking_conference_mail",
    "odoo.addons.resource_booking_zoom.models.conference.mail_writing",
    "odoo.addons.resource_booking_zoom.models.conference.calendar_attendee_conference",
)


class DamagedCase(MailCase):
    """What is damaged of one recipient keeps no other, and no booking."""

    def setUp(self):
        super().setUp()
        self.guest = self.create_guest()

    def set_zone(self, records, zone="Asia/Nowhere"):
        """As another server's time zone data have left it."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET tz = %s WHERE id IN %s",
            (zone, tuple(records.ids)),
        )
        self.env.invalidate_all()

    def switch_language_off(self):
        """The contact was archived, the language switched off, the contact restored."""
        lang = self.env["res.lang"]._activate_lang("fr_FR")
        self.partner.lang = "fr_FR"
        self.partner.active = False
        lang.active = False
        self.partner.active = True
        self.env.invalidate_all()

    def assert_all_mailed(self, booking, mails):
        self.assertEqual(self.recipients(mails), [CUSTOMER, GUEST, STAFF])
        for mail in mails:
            self.assert_says_how_to_join(mail.text, booking)

    def assert_every_mail_goes_out(self):
        """From the invitation to the cancellation, also by those who look at it."""
        booking = self.book(partner=self.partner | self.guest)
        self.sync_meetings()
        self.assertEqual(
            self.recipients(self.deliver_mails()), [CUSTOMER, GUEST, STAFF]
        )
        self.assertTrue(booking._get_portal_conference()["notice"])
        self.assert_all_mailed(booking, self.remind())
        booking.zoom_meeting_id.passcode = "another"
        self.assert_all_mailed(booking, self.send())
        booking.start = MONDAY + timedelta(hours=4)
        self.assert_all_mailed(booking, self.deliver_mails())
        self.sync_meetings()
        booking.action_cancel()
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, GUEST, STAFF])


class TestDamagedRecipient(DamagedCase):
    def test_time_zone_that_the_server_does_not_know(self):
        self.set_zone(self.partner)
        self.assert_every_mail_goes_out()

    def test_language_that_was_switched_off(self):
        self.switch_language_off()
        self.assert_every_mail_goes_out()

    def test_language_of_the_company_that_was_switched_off(self):
        self.switch_language_off()
        self.env.cr.execute(
            "UPDATE res_partner SET lang = 'fr_FR' WHERE id = %s",
            (self.env.company.partner_id.id,),
        )
        self.env.invalidate_all()
        self.assert_every_mail_goes_out()

    def test_time_zone_of_the_booking_that_the_server_no_longer_knows(self):
        # Given a booking, and a server with other time zone data since
        booking = self.ready_booking(partner=self.partner | self.guest)
        self.set_zone(self.rbt.resource_calendar_id)
        self.set_zone(self.env.company.resource_calendar_id)
        # When its reminder is due
        self.assert_all_mailed(booking, self.remind())
        # Then its times are told in a zone that is known
        self.assertEqual(booking._get_zone(), "UTC")
        self.assertTrue(booking._say_period(booking.start))

    def test_invitation_page_of_a_contact_with_a_damaged_time_zone(self):
        booking = self.ready_booking()
        self.set_zone(self.partner)
        attendee = self.attendee_of(booking)
        self.assertFalse(attendee._get_own_time())


class TestWrittenAlone(DamagedCase):
    """A mail to several that fails is written to each alone."""

    def fail_for(self, partner):
        """Let whatever is rendered for this contact raise."""
        model = self.registry["calendar.attendee"]
        compute = model._compute_web_conference_info

        def fail_for_one(attendees):
            if partner in attendees.partner_id:
                raise ValueError("damaged")
            compute(attendees)

        self.enterContext(
            patch.object(model, "_compute_web_conference_info", fail_for_one)
        )
        self.enterContext(mute_logger(*LOGGERS))

    def test_reminder(self):
        self.ready_booking(partner=self.partner | self.guest)
        self.fail_for(self.partner)
        self.assertEqual(
            self.recipients(self.without_notices(self.remind())), [GUEST, STAFF]
        )
        self.assertFalse(
            self.env["booking.conference.mail"].search(
                [("partner_id", "=", self.partner.id)]
            )
        )

    def test_reminders_of_several_bookings(self):
        # Given four bookings that are due together, one of a damaged contact
        self.use_alarms(self.create_alarm(180))
        people = [
            *(self.partner | self.guest),
            *self.env["res.partner"].create(
                [
                    {"name": name, "email": f"{name}@example.com"}
                    for name in ("third", "fourth")
                ]
            ),
        ]
        for number, partner in enumerate(people):
            start = MONDAY + timedelta(minutes=30 * number)
            self.ready_booking(start=start, partner=partner)
        self.fail_for(self.guest)
        # When they are reminded
        mails = self.without_notices(self.remind())
        # Then all others get a mail, and staff one of each booking
        others = [CUSTOMER, "fourth@example.com", "third@example.com"]
        self.assertEqual(self.recipients(mails), sorted([*others, *[STAFF] * 4]))
        # And nobody gets a second one
        self.assertFalse(self.without_notices(self.send()))

    def test_reminder_at_the_last_moment(self):
        self.r_materials[0].zoom_user_id = False
        self.ready_booking(partner=self.partner | self.guest)
        self.fail_for(self.partner)
        mails = self.without_notices(self.remind(MONDAY - timedelta(minutes=5)))
        self.assertEqual(self.recipients(mails), [GUEST, STAFF])

    def test_link_that_changed(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        self.remind()
        self.fail_for(self.partner)
        booking.zoom_meeting_id.passcode = "another"
        self.assertEqual(
            self.recipients(self.without_notices(self.send())), [GUEST, STAFF]
        )

    def test_saving_the_booking(self):
        self.fail_for(self.partner)
        booking = self.book(partner=self.partner | self.guest)
        self.assertEqual(self.recipients(self.deliver_mails()), [GUEST, STAFF])
        booking.start = MONDAY + timedelta(hours=4)
        self.assertEqual(self.recipients(self.deliver_mails()), [GUEST, STAFF])
        # And staff hear of it
        notice = self.mail_to(STAFF, self.send())
        self.assertIn("Secret Customer", notice.text)

    def test_what_is_refused_of_the_booking_is_still_refused(self):
        self.fail_for(self.partner)
        booking = self.book()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.book(combination_id=booking.combination_id.id)

    def test_staff_hear_of_a_mail_that_fails(self):
        self.ready_booking(partner=self.partner | self.guest)
        self.fail_for(self.partner)
        mails = self.remind()
        notice = self.mail_to(
            STAFF, [one for one in mails if "[Caution!]" in one.subject]
        )
        self.assertIn("cannot be written", notice.subject)
        self.assertIn("Secret Customer", notice.text)
        # And once
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=5)))


class TestMergedContacts(DamagedCase):
    """One person, one mail."""

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_requesters_that_are_merged_before_the_reminder(self):
        third = self.env["res.partner"].create(
            {"name": "Third", "email": "third@example.com"}
        )
        booking = self.ready_booking(partner=self.partner | self.guest | third)
        self.merge(self.guest, self.partner)
        mails = self.remind()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF, "third@example.com"])
        self.assertFalse(self.send())
        # And each hears once of what follows
        booking.zoom_meeting_id.passcode = "another"
        self.assertEqual(
            self.recipients(self.send()), [CUSTOMER, STAFF, "third@example.com"]
        )
        booking.action_cancel()
        self.assertEqual(
            self.recipients(self.send()), [CUSTOMER, STAFF, "third@example.com"]
        )
        self.assertFalse(self.send())

    def test_requesters_that_are_merged_after_the_reminder(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        other = self.ready_booking(
            start=MONDAY + timedelta(minutes=30), partner=self.guest
        )
        self.assertEqual(len(self.remind(REMINDER_TIME + timedelta(minutes=30))), 5)
        self.merge(self.guest, self.partner)
        # Nobody is reminded again, but at the address that remains of what went to the
        # other one
        (mail,) = self.send()
        self.assertEqual(mail.recipients, (CUSTOMER,))
        self.assert_says_how_to_join(mail.text, other)
        self.assertFalse(self.send())
        # A change is told once
        booking.zoom_meeting_id.passcode = "another"
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, STAFF])
        # And a cancellation, also of the booking that only one of them had
        booking.action_cancel()
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, STAFF])
        other.action_cancel()
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, STAFF])
        self.assertFalse(self.send())

    def test_cancelling_at_once_after_they_are_merged(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        self.remind()
        self.merge(self.guest, self.partner)
        booking.action_cancel()
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, STAFF])
        self.assertFalse(self.send())

    def test_second_row_of_one_person_made_by_hand(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        self.env["calendar.attendee"].create(
            {"event_id": booking.meeting_id.id, "partner_id": self.partner.id}
        )
        self.deliver_mails()
        self.assert_all_mailed(booking, self.remind())
        booking.start = MONDAY + timedelta(hours=4)
        self.assertEqual(
            self.recipients(self.deliver_mails()), [CUSTOMER, GUEST, STAFF]
        )

    def test_row_that_cannot_be_entered_keeps_no_other_from_its_mail(self):
        # Given an entry that says so of a person whose contact it does not know
        booking = self.ready_booking(partner=self.partner | self.guest)
        event = booking.meeting_id
        self.env["booking.conference.mail"].create(
            {
                "event_id": event.id,
                "alarm_id": event.alarm_ids.id,
                "start": event.start,
                "person": self.partner.id,
                "kind": "reminder",
            }
        )
        # Then the others are reminded all the same
        mails = self.without_notices(self.remind())
        self.assertEqual(self.recipients(mails), [GUEST, STAFF])

    def test_two_contacts_with_one_address_are_two_people(self):
        self.guest.email = CUSTOMER
        self.ready_booking(partner=self.partner | self.guest)
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, CUSTOMER, STAFF])

    def test_contact_that_is_deleted_after_the_reminder(self):
        booking = self.ready_booking(partner=self.partner | self.guest)
        self.remind()
        booking.partner_ids = [Command.unlink(self.guest.id)]
        self.send()
        self.guest.unlink()
        booking.action_cancel()
        self.assertEqual(self.recipients(self.send()), [CUSTOMER, STAFF])
