# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml.html import fromstring

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.modules.module import load_script
from odoo.tests import Form, new_test_user

from .common import MONDAY
from .mail_common import CUSTOMER, STAFF, MailCase

ADMIN = "admin@example.com"
OTHER_ROOM = "https://meet.example.com/other-room"
SERIES = {
    "recurrency": True,
    "rrule_type": "weekly",
    "interval": 1,
    "end_type": "count",
    "count": 3,
    "wed": True,
}


class GuardCase(MailCase):
    def setUp(self):
        super().setUp()
        self.booking = self.ready_booking()
        self.event = self.booking.meeting_id

    def notices(self):
        """The texts of the notices that are sent now, by address."""
        mails = [mail for mail in self.send() if "[Caution!]" in mail.subject]
        return {
            address: " ".join(mail.text.split())
            for mail in mails
            for address in mail.recipients
        }

    def assert_told(self, sentence):
        notices = self.notices()
        self.assertEqual(sorted(notices), [ADMIN, STAFF])
        for text in notices.values():
            self.assertIn(sentence, text)


class TestOneAppointment(GuardCase):
    """The event of a booking with a tool stays one appointment with a time."""

    def assert_refused(self, sentence, change):
        with self.assertRaisesRegex(ValidationError, sentence), self.cr.savepoint():
            change()
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.event.active)
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)

    def test_event_is_not_repeated(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        for name, change in {
            "another weekday": SERIES,
            "the same weekday": {**SERIES, "wed": False, "mon": True},
            "for all events": {**SERIES, "recurrence_update": "all_events"},
            "for future events": {**SERIES, "recurrence_update": "future_events"},
            "by rule": {"recurrency": True, "rrule": "FREQ=DAILY;COUNT=2"},
        }.items():
            for user in (self.env.user, employee):
                with self.subTest(name, user=user.name):
                    event = self.event.with_user(user)
                    self.assert_refused(
                        "cannot be repeated",
                        # The platform takes out of it what it has used.
                        lambda event=event, change=change: event.write(dict(change)),
                    )

    def test_event_is_put_into_no_series(self):
        recurrences = self.env["calendar.recurrence"]
        self.assert_refused(
            "cannot be repeated",
            lambda: recurrences.create(
                {
                    "base_event_id": self.event.id,
                    "calendar_event_ids": [Command.link(self.event.id)],
                    "rrule_type": "daily",
                }
            ),
        )

    def test_event_that_is_made_for_a_booking_is_not_repeated(self):
        pending = self.book(None, combination_id=self.rbc_mon.id)
        values = {
            "name": "Weekly",
            "start": MONDAY + timedelta(hours=2),
            "stop": MONDAY + timedelta(hours=2, minutes=30),
            "resource_booking_ids": [Command.set(pending.ids)],
            **SERIES,
        }
        self.assert_refused(
            "cannot be repeated", lambda: self.env["calendar.event"].create(values)
        )

    def test_event_does_not_last_all_day(self):
        self.assert_refused(
            "cannot last all day",
            lambda: self.event.write(
                {
                    "allday": True,
                    "start_date": MONDAY.date(),
                    "stop_date": MONDAY.date(),
                }
            ),
        )

    def test_calendar_elsewhere_that_repeats_it_is_told_to_staff(self):
        self.event.with_context(dont_notify=True).write({**SERIES, "mon": True})
        self.assert_told("cannot be repeated")

    def test_events_of_other_bookings_are_repeated(self):
        self.rbt.web_conference_tool = "none"
        self.event.write({**SERIES, "wed": False, "mon": True})
        series = self.env["calendar.event"].search(
            [("recurrence_id", "=", self.event.recurrence_id.id)]
        )
        self.assertEqual(len(series), 3)

    def test_booking_whose_event_was_repeated_before_zoom_can_be_saved(self):
        self.rbt.web_conference_tool = "none"
        self.event.write({**SERIES, "wed": False, "mon": True})
        self.rbt.web_conference_tool = "zoom"
        self.booking.description = "Saved"
        self.booking.start = MONDAY + timedelta(hours=1)
        self.assertTrue(self.event.active)


class TestEventByHand(GuardCase):
    """Staff are told what somebody does to the event in the calendar."""

    def test_event_that_is_archived(self):
        self.event.active = False
        self.assert_told("archived the event in the calendar")
        self.assertTrue(self.booking.event_archived)
        self.event.active = True
        self.assertFalse(self.booking.event_archived)

    def test_event_that_is_archived_and_restored_at_once(self):
        self.event.active = False
        self.event.active = True
        self.assertFalse(self.notices())

    def test_event_that_is_deleted(self):
        self.event.unlink()
        self.assert_told("deleted the event in the calendar")
        # And when it was to be
        self.assertEqual(self.booking.state, "pending")

    def test_notice_of_a_deleted_event_says_when_it_was_to_be(self):
        self.event.unlink()
        self.assert_told("Monday, March 1, 2027")

    def test_customer_who_is_removed_from_the_event(self):
        self.event.partner_ids -= self.partner
        self.assert_told("removed Secret Customer from the event")

    def test_employee_removes_no_customer(self):
        employee = new_test_user(self.env, "employee", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.event.with_user(employee).partner_ids = [
                Command.unlink(self.partner.id)
            ]

    def test_what_staff_do_with_the_booking_is_not_told(self):
        guest = self.env["res.partner"].create({"name": "G", "email": "g@example.com"})
        self.booking.partner_ids |= guest
        self.booking.partner_ids -= self.partner
        self.booking.start = MONDAY + timedelta(hours=1)
        self.booking.action_unschedule()
        self.booking.start = MONDAY
        self.booking.action_cancel()
        self.assertFalse(self.notices())

    def test_booking_that_is_deleted_is_not_told(self):
        self.booking.unlink()
        self.assertFalse(self.notices())

    def test_copy_of_the_event_is_no_appointment_of_the_booking(self):
        copy = self.event.copy()
        self.assertFalse(copy.resource_booking_ids)
        self.assertFalse(copy.videocall_location)
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)


class TestOneLink(GuardCase):
    """A mail of a booking with a tool has one link."""

    def test_other_address_is_refused_with_a_sentence_that_helps(self):
        with self.assertRaisesRegex(ValidationError, "press “Enter a link”"):
            self.booking.videocall_location = OTHER_ROOM
            self.env.flush_all()

    def test_other_address_on_the_event_becomes_the_link_of_the_booking(self):
        # When staff enter a video link on the event
        with Form(self.event) as form:
            form.videocall_location = OTHER_ROOM
            form.name = "Renamed"
        # Then it is the only one, and hidden as any other
        self.assertEqual(self.event.name, "Renamed")
        self.assertFalse(self.event.videocall_location)
        self.assertEqual(self.booking._get_join_link().url, OTHER_ROOM)
        self.sync_meetings()
        self.assertEqual(self.live_meetings(), [])
        mail = self.mail_to(CUSTOMER, self.remind())
        self.assertIn(OTHER_ROOM, mail.text)

    def test_only_who_may_change_the_booking_enters_an_address_on_the_event(self):
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        with self.assertRaisesRegex(AccessError, "Ask a booking manager"):
            self.event.with_user(employee).videocall_location = OTHER_ROOM
        self.assertFalse(self.booking.join_link_choice)

    def test_new_booking_with_another_address_is_refused(self):
        with self.assertRaises(ValidationError):
            self.book(MONDAY + timedelta(hours=2), videocall_location=OTHER_ROOM)

    def test_booking_without_tool_takes_it(self):
        self.rbt.web_conference_tool = "none"
        self.event.videocall_location = OTHER_ROOM
        self.assertEqual(self.event.videocall_location, OTHER_ROOM)
        self.booking.description = "Saved"
        self.assertEqual(self.event.videocall_location, OTHER_ROOM)

    def test_room_of_a_calendar_elsewhere_is_left_out(self):
        self.event.with_context(dont_notify=True).write(
            {"videocall_location": OTHER_ROOM, "name": "From elsewhere"}
        )
        self.assertFalse(self.event.videocall_location)
        self.assertEqual(self.event.name, "From elsewhere")

    def enter_before_the_upgrade(self):
        self.env.flush_all()
        for table, record in (
            ("calendar_event", self.event),
            ("resource_booking", self.booking),
        ):
            self.cr.execute(
                f"UPDATE {table} SET videocall_location = %s WHERE id = %s",
                [OTHER_ROOM, record.id],
            )
        self.env.invalidate_all()

    def test_booking_with_another_address_from_before_can_be_saved(self):
        self.enter_before_the_upgrade()
        self.booking.description = "Saved"
        self.assertFalse(self.event.videocall_location)

    def test_upgrade_takes_the_other_address_out_of_mails_and_keeps_it_for_staff(self):
        # Given an address that staff entered, and the platform's own template
        self.use_template(self.env.ref("calendar.calendar_template_meeting_reminder"))
        self.enter_before_the_upgrade()
        # When the module is upgraded
        script = "resource_booking_zoom/migrations/19.0.1.2.0/post-one-link.py"
        load_script(script, "post-one-link").migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        # Then the mail has one link, and the booking's log the other one
        mail = self.mail_to(CUSTOMER, self.remind())
        links = fromstring(mail.html).xpath("//a/@href")
        rooms = {link for link in links if "/j/" in link or link == OTHER_ROOM}
        self.assertEqual(rooms, {self.booking.zoom_meeting_id.join_url})
        self.assertIn(OTHER_ROOM, str(self.booking.message_ids.mapped("body")))


class TestDeclined(GuardCase):
    """Staff see and hear that all customers have declined."""

    def attendee(self, partner):
        return self.event.attendee_ids.filtered(lambda one: one.partner_id == partner)

    def found(self, **flags):
        bookings = self.env["resource.booking"]
        return self.booking in bookings.search([("declined_by_all", "=", True)])

    def test_last_customer_who_declines_is_told_to_staff(self):
        guest = self.env["res.partner"].create({"name": "G", "email": "g@example.com"})
        self.booking.partner_ids |= guest
        self.deliver_mails()
        # When one of two declines
        self.attendee(self.partner).do_decline()
        self.assertFalse(self.notices())
        self.assertFalse(self.booking.declined_by_all)
        self.assertFalse(self.found())
        # And the other one
        self.attendee(guest).do_decline()
        # Then staff are told, once, and see it
        self.assert_told("All customers have declined")
        self.assertTrue(self.booking.declined_by_all)
        self.assertTrue(self.found())
        self.assertFalse(self.notices())

    def test_last_customer_who_accepted_leaves(self):
        guest = self.env["res.partner"].create({"name": "G", "email": "g@example.com"})
        self.booking.partner_ids |= guest
        self.deliver_mails()
        self.attendee(self.partner).do_decline()
        self.booking.partner_ids -= guest
        self.assert_told("All customers have declined")

    def test_booking_that_is_taken_up_again_shows_it_no_more(self):
        self.attendee(self.partner).do_decline()
        self.attendee(self.partner).do_accept()
        self.assertFalse(self.notices())
        self.assertFalse(self.booking.declined_by_all)
        self.assertFalse(self.found())

    def test_staff_who_decline_are_not_told(self):
        self.attendee(self.staff.partner_id).do_decline()
        self.assertFalse(self.notices())

    def test_booking_with_another_tool(self):
        self.use_other_tool(OTHER_ROOM)
        self.attendee(self.partner).do_decline()
        self.assert_told("All customers have declined")

    def test_booking_without_tool_is_as_before(self):
        self.rbt.web_conference_tool = "none"
        self.attendee(self.partner).do_decline()
        self.assertFalse(self.booking.declined_by_all)
        self.assertFalse(self.notices())

    def test_form_says_so(self):
        self.attendee(self.partner).do_decline()
        with Form(self.booking) as form:
            self.assertTrue(form.declined_by_all)
