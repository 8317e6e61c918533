# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user

from odoo.addons.mail.tests.common import MailCase

from ..utils import saving
from .common import MONDAY, TUESDAY, ZoomCase

HOUR = timedelta(hours=1)


class BackendCase(ZoomCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.create_manager()

    def book_as_staff(self, start=MONDAY, **values):
        return self.book(start, user_id=self.manager.id, **values).with_user(
            self.manager
        )


class TestBookingBackend(BackendCase):
    """What staff do with bookings, without ever waiting for Zoom."""

    # === THE WAY OF A BOOKING === #

    def test_booking_through_the_form(self):
        with Form(
            self.env["resource.booking"].with_user(self.manager).with_context(tz="UTC")
        ) as form:
            form.type_id = self.rbt
            form.partner_ids.add(self.partner)
            form.start = MONDAY
            self.assertEqual(form.zoom_user_id, self.host)
        booking = form.record
        self.assertEqual(booking.join_link_state, "waiting")
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")
        self.assertTrue(booking.zoom_meeting_id.join_url)
        # And so it is while somebody edits the form
        self.assertEqual(booking.new(origin=booking).join_link_state, "ready")

    def test_move_updates_the_same_meeting(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        booking.start = MONDAY + HOUR
        self.assertEqual(booking.join_link_state, "changed")
        self.sync_meetings()
        self.assertEqual(self.live_meetings(), [meeting])
        self.assertEqual(meeting.start_time, (MONDAY + HOUR).replace(tzinfo=UTC))
        self.assertEqual(booking.join_link_state, "ready")

    def test_longer_booking(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        booking.duration = 1.5
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.duration, 90)

    def test_cancel(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        booking.action_cancel()
        self.assertFalse(booking.zoom_meeting_id)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_unschedule_and_schedule_again(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        (old,) = self.live_meetings()
        booking.action_unschedule()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        booking.start = MONDAY + HOUR
        self.sync_meetings()
        (new,) = self.live_meetings()
        self.assertNotEqual(new.id, old.id)

    def test_delete(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        booking.unlink()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_cancelled_before_it_was_issued(self):
        booking = self.book_as_staff()
        booking.action_cancel()
        self.sync_meetings()
        self.assertFalse(self.counted_requests())

    def test_cancelled_booking_set_pending_again(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        booking.action_cancel()
        booking.active = True
        self.assertEqual(booking.state, "pending")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        booking.start = TUESDAY
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)

    def test_archived_booking_and_back(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        booking.action_archive()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        booking.action_unarchive()
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)

    def test_many_bookings_at_once(self):
        bookings = self.book_as_staff()
        for number in range(1, 4):
            bookings |= self.book_as_staff(MONDAY + number * HOUR)
        self.sync_meetings()
        bookings.action_cancel()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    # === TIME GOES BY === #

    def test_booking_moved_to_the_past_loses_its_meeting(self):
        self.move_to(MONDAY + 4 * HOUR)
        booking = self.book_as_staff(MONDAY + 6 * HOUR)
        self.sync_meetings()
        booking.start = MONDAY + HOUR
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_booking_in_the_past_gets_no_meeting(self):
        self.move_to(MONDAY + 4 * HOUR)
        booking = self.book_as_staff(MONDAY + HOUR)
        self.assertFalse(booking.zoom_meeting_id)

    def test_booking_that_is_over_is_left_alone(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        self.move_to(MONDAY + HOUR)
        row = booking.zoom_meeting_id
        booking.description = "written later"
        booking.partner_ids = [Command.link(self.users[1].partner_id.id)]
        self.rbc_mon.zoom_user_id = self.other_host
        self.rbt.name = "Other name"
        booking.action_cancel()
        self.sync_meetings()
        self.assertEqual(row.zoom_user_id, self.host)
        self.assertEqual(len(self.live_meetings()), 1)
        self.assertFalse(self.requests("PATCH"))

    # === ANSWERS OF THOSE INVITED === #

    def test_declined_by_all_requesters_removes_the_meeting(self):
        other = self.env["res.partner"].create({"name": "Second requester"})
        booking = self.book_as_staff(partner=self.partner | other)
        self.sync_meetings()
        first, second = booking.meeting_id.attendee_ids.filtered(
            lambda attendee: attendee.partner_id in booking.partner_ids
        )
        first.do_decline()
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)
        second.do_decline()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        # One accepts again
        first.do_accept()
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)
        self.assertEqual(booking.join_link_state, "ready")

    def test_declined_by_staff_changes_nothing(self):
        booking = self.book_as_staff()
        self.sync_meetings()
        booking.meeting_id.attendee_ids.filtered(
            lambda attendee: attendee.partner_id not in booking.partner_ids
        ).do_decline()
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)

    # === PEOPLE WHO LEAVE === #

    def test_requester_who_leaves_is_taken_off_the_event(self):
        second = self.env["res.partner"].create(
            {"name": "Second", "email": "second@example.com"}
        )
        booking = self.book_as_staff(partner=self.partner | second)
        self.assertIn(second, booking.meeting_id.partner_ids)
        booking.partner_ids = [Command.unlink(second.id)]
        self.assertNotIn(second, booking.meeting_id.partner_ids)
        self.assertNotIn(second, booking.meeting_id.attendee_ids.partner_id)
        self.assertIn(self.partner, booking.meeting_id.partner_ids)

    def test_requester_who_leaves_is_not_mailed(self):
        second = self.env["res.partner"].create(
            {"name": "Second", "email": "second@example.com"}
        )
        booking = self.book_as_staff(partner=self.partner | second)
        with self.mock_mail_gateway():
            with saving(booking):
                booking.partner_ids = [Command.unlink(second.id)]
            self.env.flush_all()
        self.assertFalse(self._new_mails)

    def test_staff_of_the_former_combination_leave_the_event(self):
        booking = self.book_as_staff(combination_id=self.rbc_mon.id)
        staff, new_staff = self.users[0].partner_id, self.users[2].partner_id
        self.assertIn(staff, booking.meeting_id.partner_ids)
        self.r_calendars[2].attendance_ids = self.r_calendars[0].attendance_ids.mapped(
            lambda one: one.copy({"calendar_id": self.r_calendars[2].id})
        )
        booking.combination_id = self.rbc_both
        self.assertNotIn(staff, booking.meeting_id.partner_ids)
        self.assertIn(new_staff, booking.meeting_id.partner_ids)

    def test_people_added_by_hand_stay(self):
        guest = self.env["res.partner"].create({"name": "Guest"})
        booking = self.book_as_staff(partner=self.partner)
        booking.meeting_id.partner_ids = [Command.link(guest.id)]
        second = self.env["res.partner"].create({"name": "Second"})
        booking.partner_ids = [Command.set(second.ids)]
        self.assertIn(guest, booking.meeting_id.partner_ids)
        self.assertIn(second, booking.meeting_id.partner_ids)
        self.assertNotIn(self.partner, booking.meeting_id.partner_ids)

    def test_types_without_tool_keep_what_the_platform_does(self):
        self.rbt.web_conference_tool = "none"
        second = self.env["res.partner"].create({"name": "Second"})
        booking = self.book_as_staff(partner=self.partner | second)
        booking.partner_ids = [Command.unlink(second.id)]
        self.assertIn(second, booking.meeting_id.partner_ids)

    # === RIGHTS === #

    def test_booking_user_sees_the_link_of_own_bookings_only(self):
        user = self.create_staff("booker")
        own = self.book(partner=user.partner_id)
        other = self.book(MONDAY + HOUR)
        self.sync_meetings()
        self.assertTrue(own.with_user(user).join_link_url)
        self.assertTrue(own.zoom_meeting_id.with_user(user).join_url)
        with self.assertRaises(AccessError):
            other.zoom_meeting_id.with_user(user).read(["join_url"])

    def test_employees_without_booking_rights_see_nothing(self):
        user = new_test_user(self.env, "employee", groups="base.group_user")
        booking = self.book()
        self.sync_meetings()
        with self.assertRaises(AccessError):
            booking.with_user(user).read(["join_link_url"])
        event = booking.meeting_id.with_user(user).sudo(False)
        self.assertFalse(event.videocall_location)

    # === LISTS === #

    def test_bookings_are_found_by_their_state_in_zoom(self):
        waiting = self.book(MONDAY + HOUR)
        ready = self.book()
        stuck = self.book(TUESDAY)
        pending = self.book(None)
        self.rbc_tue.zoom_user_id = False
        self.r_materials[1].zoom_user_id = False
        bookings = waiting | ready | stuck | pending

        def found(*domain):
            return self.env["resource.booking"].search(
                [("id", "in", bookings.ids), *domain]
            )

        ready.zoom_meeting_id.write({"state": "ready"})
        self.assertEqual(found(("join_link_state", "=", "waiting")), waiting)
        self.assertEqual(found(("join_link_state", "=", "ready")), ready)
        self.assertEqual(found(("join_link_state", "=", "stuck")), stuck)
        self.assertEqual(found(("join_link_state", "=", False)), pending)
        self.assertEqual(found(("join_link_state", "!=", False)), bookings - pending)
        self.assertEqual(
            found(("join_link_state", "in", ("waiting", "ready"))), waiting | ready
        )
        self.assertEqual(found(("zoom_meeting_id", "=", False)), pending)
        row = ready.zoom_meeting_id
        self.assertEqual(found(("zoom_meeting_id", "=", row.id)), ready)
        self.assertEqual(found(("zoom_meeting_id.state", "=", "ready")), ready)


class TestCostOfSaving(BackendCase):
    """Saving a booking of a Zoom type costs little more than of any other."""

    def queries(self, booking, **values):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        booking.write(values)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def costs(self):
        """Queries by kind of change, for one booking after another."""
        pending = self.book(None)
        return {
            "schedule": self.queries(pending, start=MONDAY),
            "description": self.queries(pending, description="Something"),
            "move": self.queries(pending, start=MONDAY + HOUR),
        }

    def test_extra_queries_are_few(self):
        self.costs()  # warm the caches
        zoom = self.costs_of("zoom")
        none = self.costs_of("none")
        extra = {kind: zoom[kind] - none[kind] for kind in zoom}
        # How long hosts pause and who else may host are two or three of each; seven when
        # it is scheduled are for the customer's own mail.
        self.assertLessEqual(extra["description"], 17)
        self.assertLessEqual(extra["move"], 25)
        self.assertLessEqual(extra["schedule"], 22)

    def costs_of(self, tool):
        self.env["resource.booking"].search(
            [("type_id", "=", self.rbt.id)]
        ).action_cancel()
        self.rbt.web_conference_tool = tool
        return self.costs()

    def test_nothing_is_said_to_zoom_while_saving(self):
        sent = len(self.zoom.requests)
        booking = self.book()
        booking.start = MONDAY + HOUR
        booking.combination_id = self.rbc_mon
        self.rbt.name = "Other name"
        self.rbc_mon.zoom_user_id = self.other_host
        booking.action_cancel()
        self.rbt.web_conference_tool = "none"
        self.env.flush_all()
        self.assertEqual(len(self.zoom.requests), sent)
