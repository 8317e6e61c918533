# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

import icalendar

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user

from .common import MONDAY, TUESDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

URL = "https://meet.example.com/room-7f3"
PASSCODE = "kQ4-own"
ADMIN = "admin@example.com"
NUMBER = "555 0100"
BLOCK = "o_web_conference_info"
LEFT = "Somebody who left knows the join link"
AFTER_REMINDER = REMINDER_TIME + timedelta(minutes=5)


class LinkChoiceCase(MailCase):
    """What a person decides about the join link of a booking."""

    def choose(self, bookings, choice, **values):
        """Choose in the dialog, as staff do."""
        action = {
            "manual": bookings.action_enter_link,
            "none": bookings.action_no_link,
            "usual": bookings.action_usual_link,
        }[choice]()
        form = Form(
            self.env[action["res_model"]].with_context(**action["context"]),
        )
        self.assertEqual(form.choice, choice)
        for name, value in values.items():
            form[name] = value
        wizard = form.save()
        said = f"{wizard.message}\n{wizard.warning}"
        wizard.action_apply()
        return said

    def enter_link(self, bookings, **values):
        entered = {"url": URL, "number": NUMBER, "passcode": PASSCODE}
        return self.choose(bookings, "manual", **{**entered, **values})

    def assert_says_own_link(self, text):
        for said in (URL, NUMBER, PASSCODE):
            self.assertIn(said, text)

    def assert_does_not_say_own_link(self, text):
        for said in (URL, NUMBER, PASSCODE):
            self.assertNotIn(said, text)


class TestEnteredLink(LinkChoiceCase):
    """A link of any tool, entered by hand."""

    def test_goes_into_reminder_and_costs_nothing(self):
        booking = self.book()
        self.deliver_mails()
        self.enter_link(booking)
        self.sync_meetings()
        self.assertEqual(self.deliver_mails(), [])
        mails = self.remind()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assert_says_own_link(mail.html)
            self.assert_says_own_link(mail.text)
        content = self.mail_to(CUSTOMER, mails).attachments["invitation.ics"]
        (entry,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
        self.assert_says_own_link(str(entry["DESCRIPTION"]))
        self.assertEqual(self.counted_requests(), 0)

    def test_clears_the_problem_and_counts_as_ready(self):
        self.r_materials.zoom_user_id = False
        booking = self.book()
        self.assertEqual(booking.join_link_state, "stuck")
        self.enter_link(booking)
        self.assertEqual(booking.join_link_state, "manual")
        self.assertFalse(booking.zoom_meeting_id)
        self.assertFalse(booking._lacks_join_link())
        found = self.env["resource.booking"].search(
            [("join_link_state", "=", "manual")]
        )
        self.assertEqual(found, booking)
        groups = found._read_group([], ["join_link_state"], ["__count"])
        self.assertEqual(groups, [("manual", 1)])

    def test_stays_hidden_until_the_reminder(self):
        booking = self.book()
        self.deliver_mails()
        self.enter_link(booking)
        self.assertFalse(booking.videocall_location)
        self.assertFalse(booking.meeting_id.videocall_location)
        self.assertEqual(booking._get_portal_conference()["link"], None)
        booking.start = MONDAY + timedelta(minutes=30)
        for mail in self.deliver_mails():
            self.assert_does_not_say_own_link(mail.html + mail.text)
        self.remind(REMINDER_TIME + timedelta(minutes=30))
        self.assertEqual(booking._get_portal_conference()["link"]["url"], URL)

    def test_is_shown_at_once_where_the_type_says_so(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.sync_meetings()
        self.send()
        self.enter_link(booking)
        self.assertEqual(booking.meeting_id.videocall_location, URL)
        self.assertEqual(booking.videocall_location, URL)
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assert_says_own_link(mails[0].text)

    def test_replaces_a_meeting_that_people_know(self):
        booking = self.reminded_booking()
        first = booking.zoom_meeting_id.join_url
        said = self.enter_link(booking)
        self.assertIn("deletes 1 Zoom meetings. That takes no request.", said)
        self.assertIn("2 people know the present join link", said)
        self.sync_meetings()
        self.assertEqual(self.live_meetings(), [])
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        mail = self.mail_to(CUSTOMER, mails)
        self.assertIn("information has changed", mail.subject)
        self.assert_says_own_link(mail.text)
        self.assertNotIn(first, mail.text)
        self.assertEqual(self.send(), [])
        # One creation, before; the deletion is free.
        self.assertEqual(self.counted_requests(), 1)

    def test_changed_by_hand_is_mailed_to_those_who_know_it(self):
        booking = self.book()
        self.enter_link(booking)
        self.remind()
        self.enter_link(booking, url="https://meet.example.com/other")
        (mail,) = [one for one in self.send() if CUSTOMER in one.recipients]
        self.assertIn("https://meet.example.com/other", mail.text)

    def test_staff_hear_that_somebody_who_left_knows_it(self):
        # Given a booking of two, who were told its link
        booking = self.book(partner=self.partner | self.partner.copy())
        self.enter_link(booking)
        self.remind()
        # When one leaves it
        booking.partner_ids = self.partner
        for mail in (
            self.mail_to(address, self.of_subject(LEFT, mails))
            for mails in [self.send()]
            for address in (STAFF, ADMIN)
        ):
            # Then staff are told, once, and what to do
            self.assertIn("enter another one", mail.text)
            self.assert_does_not_say_own_link(mail.text)
        self.assertFalse(self.of_subject(LEFT, self.send()))
        activity = booking.activity_ids
        self.assertEqual(activity.summary, LEFT)
        # When they enter another link, then that is over
        self.enter_link(booking, url="https://meet.example.com/other")
        self.assertFalse(self.of_subject(LEFT, self.send()))
        self.assertFalse(booking.activity_ids)
        # And if another one leaves, they are told again
        booking.partner_ids = self.partner.copy()
        self.assertTrue(self.of_subject(LEFT, self.send()))

    def of_subject(self, said, mails):
        return [mail for mail in mails if said in mail.subject]

    def somebody_leaves(self):
        """A booking of two, one of whom knows its link by hand and leaves."""
        self.leaver = self.partner.copy()
        booking = self.book(partner=self.partner | self.leaver)
        self.enter_link(booking)
        self.remind()
        booking.partner_ids = self.partner
        return booking

    def test_staff_hear_again_of_who_leaves_after_a_new_passcode(self):
        # Given that staff replaced the passcode only
        booking = self.somebody_leaves()
        self.assertTrue(self.of_subject(LEFT, self.send()))
        self.enter_link(booking, passcode="n3w-own")
        self.assertFalse(self.of_subject(LEFT, self.send()))
        self.assertFalse(booking.activity_ids)
        # When somebody leaves who got that, then they are told again
        booking.partner_ids = self.partner.copy()
        self.assertTrue(self.of_subject(LEFT, self.send()))
        self.assertEqual(booking.activity_ids.summary, LEFT)

    def test_staff_hear_once_of_who_left_however_often_it_is_moved(self):
        booking = self.somebody_leaves()
        self.send()
        for start in (TUESDAY, MONDAY + timedelta(hours=1)):
            booking.start = start
            self.assertFalse(self.of_subject(LEFT, self.send()))
        self.assertEqual(booking.activity_ids.summary, LEFT)

    def test_staff_hear_again_of_who_leaves_again(self):
        booking = self.somebody_leaves()
        self.send()
        leaver = self.leaver
        # When that person comes back
        booking.partner_ids |= leaver
        self.assertFalse(self.of_subject(LEFT, self.send()))
        self.assertFalse(booking.activity_ids)
        # and leaves once more, then they are told again
        booking.partner_ids -= leaver
        self.assertTrue(self.of_subject(LEFT, self.send()))

    def test_staff_hear_nothing_of_a_link_that_is_dead(self):
        # When the type has no tool any more
        booking = self.somebody_leaves()
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        mails = self.send()
        # Then those who know the link hear that it is dead, and staff have nothing to do
        self.assertTrue(self.of_subject("no longer works", mails))
        self.assertFalse(self.of_subject(LEFT, mails))
        self.assertFalse(booking.activity_ids)

    def test_staff_hear_nothing_of_who_did_not_know_it(self):
        booking = self.book(partner=self.partner | self.partner.copy())
        self.enter_link(booking)
        booking.partner_ids = self.partner
        self.remind()
        self.assertFalse(booking.activity_ids)

    def test_typed_on_a_new_event(self):
        # Given a booking that somebody schedules in the calendar
        booking = self.book(None)
        action = booking.action_schedule()
        events = self.env["calendar.event"].with_context(action["context"])
        for disclosure, shown in (("reminder", False), ("issued", URL)):
            self.rbt.link_disclosure = disclosure
            with self.subTest(disclosure):
                # When they type a video link there
                form = Form(events)
                form.start, form.stop = MONDAY, MONDAY + timedelta(minutes=30)
                form.videocall_location = URL
                event = form.save()
                # Then it is the booking's, and hidden as any other
                self.assertEqual(event.resource_booking_ids, booking)
                self.assertEqual(booking.manual_join_url, URL)
                self.assertEqual(event.videocall_location, shown)
                self.sync_meetings()
                self.assertEqual(self.counted_requests(), 0)
                booking.action_unschedule()
                self.choose(booking, "usual")

    def test_typed_on_a_new_event_by_whoever_may_not_change_the_booking(self):
        booking = self.book(None)
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        values = {
            "name": "Consultation",
            "start": MONDAY,
            "stop": MONDAY + timedelta(minutes=30),
            "videocall_location": URL,
            "resource_booking_ids": [Command.set(booking.ids)],
        }
        with self.assertRaises(AccessError):
            self.env["calendar.event"].with_user(employee).create(values)
        self.assertFalse(booking.join_link_choice)

    def test_taken_back_gives_a_zoom_meeting_again(self):
        booking = self.book()
        self.enter_link(booking)
        self.remind()
        self.choose(booking, "usual")
        self.assertFalse(booking.manual_join_url or booking.manual_join_passcode)
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")
        mails = self.send()
        self.assertIn(
            booking.zoom_meeting_id.join_url, self.mail_to(CUSTOMER, mails).text
        )
        self.assertEqual(self.counted_requests(), 1)

    def test_change_of_the_event_keeps_it(self):
        booking = self.book()
        self.enter_link(booking)
        booking.meeting_id.start = MONDAY + timedelta(minutes=15)
        booking.write({"name": "Renamed"})
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "manual")
        self.assertEqual(self.counted_requests(), 0)
        self.assertEqual(self.requests("DELETE"), [])

    def test_mails_no_change_of_the_date(self):
        booking = self.ready_booking()
        self.enter_link(booking)
        self.assertEqual(self.deliver_mails(), [])
        booking.action_confirm()
        # The platform's order is that of their creation, which is the same.
        attendees = booking.meeting_id.attendee_ids.sorted("id")
        answers = attendees.mapped("state")
        self.choose(booking, "none")
        self.assertEqual(booking.meeting_id.attendee_ids.sorted("id"), attendees)
        self.assertEqual(attendees.mapped("state"), answers)
        self.assertEqual(self.deliver_mails(), [])

    def test_of_another_tool_with_a_fixed_url(self):
        self.use_other_tool("https://teams.example.com/fixed")
        booking = self.book()
        self.enter_link(booking)
        self.deliver_mails()
        mails = self.remind()
        self.assert_says_own_link(mails[0].text)
        self.assertNotIn("teams.example.com", mails[0].text)
        self.choose(booking, "usual")
        self.assertIn("teams.example.com", self.send()[0].text)

    def test_only_urls(self):
        booking = self.book()
        for url in (
            "javascript:alert(1)",
            "ftp://a.example.com/",
            "room",
            "a b.com",
            " ",
        ):
            with self.subTest(url=url), self.assertRaises(UserError):
                self.enter_link(booking, url=url)
        self.enter_link(booking, url=" meet.example.com/x\n")
        self.assertEqual(booking.manual_join_url, "https://meet.example.com/x")

    def test_bookings_that_are_over_stay(self):
        booking = self.ready_booking()
        self.move_to(TUESDAY)
        with self.assertRaises(UserError):
            self.enter_link(booking)

    def test_many_at_once(self):
        bookings = self.book() | self.book(MONDAY + timedelta(hours=1))
        pending = self.book(None)
        self.enter_link(bookings | pending)
        self.assertEqual(
            (bookings | pending).mapped("join_link_choice"), ["manual"] * 3
        )

    def test_who_may(self):
        booking = self.book()
        member = self.create_staff("member")
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        values = {"join_link_choice": "manual", "manual_join_url": URL}
        for user in (member, employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                booking.with_user(user).write(values)
        self.rbc_mon.resource_ids[0].user_id = member
        own = self.book(MONDAY + timedelta(hours=1), combination_id=self.rbc_mon.id)
        own.with_user(member).write(values)
        self.assertEqual(own.join_link_state, "manual")

    def test_is_secret(self):
        booking = self.book()
        self.enter_link(booking)
        employee = new_test_user(self.env, login="employee", groups="base.group_user")
        portal = new_test_user(self.env, login="portal", groups="base.group_portal")
        booking.message_subscribe(portal.partner_id.ids)
        for user in (employee, portal):
            for name in (
                "manual_join_url",
                "manual_join_passcode",
                "manual_join_number",
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    booking.with_user(user).read([name])
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    booking.with_user(user).search([(name, "like", "k")])
        said = "".join(booking.message_ids.mapped("body"))
        self.assert_does_not_say_own_link(said)
        self.assertFalse(booking.copy().join_link_choice)

    def test_link_of_the_bookings_own_meeting_is_refused(self):
        # Given two bookings with meetings
        booking, other = self.book(), self.book(MONDAY + timedelta(minutes=30))
        self.sync_meetings()
        url, number = (
            booking.zoom_meeting_id.join_url,
            booking.zoom_meeting_id.zoom_id_formatted,
        )
        said = "a meeting that Odoo has created"
        # When somebody enters the link of one of them, on the event or in the dialog
        with self.assertRaisesRegex(ValidationError, said), self.cr.savepoint():
            booking.meeting_id.videocall_location = url
        self.env.invalidate_all()
        for one in (booking, other):
            with self.assertRaisesRegex(ValidationError, said), self.cr.savepoint():
                self.enter_link(one, url=url, number=False)
            # or a link without number, and its number
            with self.assertRaisesRegex(ValidationError, said), self.cr.savepoint():
                self.enter_link(one, number=number)
        # Then both meetings stay
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 2)
        self.assertFalse((booking | other).filtered("join_link_choice"))

    def test_what_is_typed_is_for_who_typed_it(self):
        booking = self.book()
        one, another = self.create_manager("one"), self.create_manager("two")
        dialog = self.env["booking.link.choice"].with_user(one)
        dialog = dialog.create({"booking_ids": booking.ids, "url": URL})
        self.assertEqual(dialog.url, URL)
        with self.assertRaises(AccessError):
            dialog.with_user(another).read(["url"])

    def test_link_cannot_be_taken_back_when_the_booking_has_begun(self):
        booking = self.book()
        self.enter_link(booking)
        self.move_to(MONDAY + timedelta(minutes=5))
        with self.assertRaisesRegex(UserError, "No booking changes"):
            self.choose(booking, "usual")
        self.assertEqual(booking.join_link_choice, "manual")


class TestNoLink(LinkChoiceCase):
    """A booking that is to have no link."""

    def test_reminder_without_a_word_about_links(self):
        booking = self.book()
        self.deliver_mails()
        self.choose(booking, "none")
        self.sync_meetings()
        mails = self.remind()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertNotIn("o_web_conference", mail.html)
            self.assertNotIn("link", mail.text.lower())
        self.assertEqual(self.counted_requests(), 0)
        self.assertEqual(self.without_notices(self.send()), [])
        notices = self.env["booking.conference.notice"].search([])
        self.assertFalse(notices.filtered(lambda one: one.cause == "link_missing"))

    def test_people_who_know_the_link_hear_that_it_is_dead(self):
        booking = self.reminded_booking()
        self.choose(booking, "none")
        self.sync_meetings()
        self.assertEqual(self.live_meetings(), [])
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertIn("has not been cancelled", self.mail_to(CUSTOMER, mails).text)
        self.assertEqual(self.send(), [])
        # Taken back, they get a new one.
        self.choose(booking, "usual")
        self.sync_meetings()
        self.assertIn(
            booking.zoom_meeting_id.join_url, self.mail_to(CUSTOMER, self.send()).text
        )

    def test_of_a_fixed_url(self):
        self.use_other_tool("https://teams.example.com/fixed")
        booking = self.book()
        self.deliver_mails()
        self.remind()
        self.choose(booking, "none")
        (mail,) = [one for one in self.send() if CUSTOMER in one.recipients]
        self.assertIn("no longer works", mail.text)

    def test_page_and_calendar_mails_say_nothing(self):
        booking = self.book()
        self.deliver_mails()
        self.choose(booking, "none")
        self.assertEqual(
            booking._get_portal_conference(), {"link": None, "notice": False}
        )
        booking.start = MONDAY + timedelta(minutes=30)
        for mail in self.deliver_mails():
            self.assertNotIn("link", mail.text.lower())
