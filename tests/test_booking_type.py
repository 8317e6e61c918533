# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form

from odoo.addons.mail.tests.common import MailCase

from .common import MONDAY, TUESDAY, ZoomCase

FIXED_URL = "https://teams.example.com/l/meetup"


class TypeCase(ZoomCase, MailCase):
    def setUp(self):
        super().setUp()
        self.alarm = self.env.ref("resource_booking_zoom.calendar_alarm_reminder")

    def attendances(self, booking):
        return booking.meeting_id.attendee_ids.mapped("state")

    def assertQuiet(self, booking):
        """What is done in the block mails nobody and resets no answer."""
        booking.meeting_id.attendee_ids.write({"state": "accepted"})
        self.env.flush_all()
        return self.QuietBlock(self, booking)

    class QuietBlock:
        def __init__(self, case, booking):
            self.case, self.booking = case, booking

        def __enter__(self):
            self.mocked = self.case.mock_mail_gateway()
            self.mocked.__enter__()

        def __exit__(self, *exception):
            self.case.env.flush_all()
            self.case.env.cr.postcommit.run()
            self.mocked.__exit__(*exception)
            if not exception[0]:
                self.case.assertFalse(self.case._new_mails)
                self.case.assertFalse(self.case._mails)
                self.case.assertEqual(
                    set(self.case.attendances(self.booking)), {"accepted"}
                )


class TestBookingType(TypeCase):
    """What staff choose on the booking type, and what they are told."""

    def test_tool_is_on_form_list_and_search(self):
        for view in ("form", "list", "search"):
            arch = self.env["resource.booking.type"].get_view(view_type=view)["arch"]
            self.assertIn("web_conference_tool", arch)

    def test_types_are_found_by_tool(self):
        types = self.env["resource.booking.type"]
        self.assertIn(self.rbt, types.search([("web_conference_tool", "=", "zoom")]))
        self.assertNotIn(self.rbt, types.search([("web_conference_tool", "=", "none")]))

    def test_new_type_has_no_tool(self):
        with Form(self.env["resource.booking.type"]) as form:
            form.name = "New"
        self.assertEqual(form.record.web_conference_tool, "none")
        self.assertFalse(form.record.alarm_ids)

    # === REMINDER === #

    def test_zoom_type_gets_an_email_reminder(self):
        self.assertEqual(self.rbt.alarm_ids, self.alarm)
        created = self.env["resource.booking.type"].create(
            {"name": "Created", "web_conference_tool": "zoom"}
        )
        self.assertEqual(created.alarm_ids, self.alarm)

    def test_form_shows_the_reminder_that_is_added(self):
        with Form(self.env["resource.booking.type"]) as form:
            form.name = "New"
            form.web_conference_tool = "zoom"
            self.assertEqual(list(form.alarm_ids.ids), self.alarm.ids)
        self.assertEqual(form.record.alarm_ids, self.alarm)

    def create_with(self, alarm):
        """The alarms of a new type that is created with this one."""
        values = {"name": "Created", "web_conference_tool": "zoom"}
        values["alarm_ids"] = [Command.set(alarm.ids)]
        return self.env["resource.booking.type"].create(values).alarm_ids

    def test_type_with_an_email_reminder_keeps_its_own(self):
        own = self.create_alarm(24 * 60)
        self.assertEqual(self.create_with(own), own)

    def test_popup_is_no_email_reminder(self):
        popup = self.create_alarm(15, kind="notification")
        self.assertEqual(self.create_with(popup), popup | self.alarm)

    def test_type_whose_reminder_was_taken_away_says_so(self):
        with Form(self.rbt) as form:
            self.assertNotIn("no e-mail reminder", form.conference_warning or "")
            form.alarm_ids.clear()
            self.assertIn("no e-mail reminder", form.conference_warning)

    # === WHAT IS POINTED OUT === #

    def test_combinations_without_zoom_user_are_pointed_out(self):
        message = self.rbt.conference_warning
        self.assertNotIn(self.rbc_mon.name, message.splitlines()[0])
        self.r_materials.zoom_user_id = False
        for combination in self.rbt.combination_rel_ids.combination_id:
            self.assertIn(combination.name, self.rbt.conference_warning)

    def test_combination_added_in_the_form_is_pointed_out_at_once(self):
        self.rbcs[3:].zoom_user_id = self.host
        self.assertFalse(self.rbt.conference_warning)
        (spare,) = self.env["resource.booking.combination"].create(
            [{"resource_ids": [Command.set(self.r_users[3].ids)]}]
        )
        with Form(self.rbt) as form:
            with form.combination_rel_ids.new() as line:
                line.combination_id = spare
            self.assertIn(spare.name, form.conference_warning)

    def test_basic_host_of_a_long_type_is_pointed_out(self):
        self.rbt.zoom_user_id = self.host
        self.host.license = "basic"
        self.assertFalse(self.rbt.conference_warning)
        with Form(self.rbt) as form:
            form.duration = 40 / 60
            self.assertFalse(form.conference_warning)
            form.duration = 41 / 60
            self.assertIn("after 40 minutes", form.conference_warning)
            self.assertIn("takes 41 minutes", form.conference_warning)
            self.assertIn("Host1 Zoom", form.conference_warning)
        self.host.license = "licensed"
        self.assertFalse(self.rbt.conference_warning)

    def test_missing_link_is_pointed_out(self):
        self.account.state = "lost"
        self.assertIn("No Zoom account is connected", self.rbt.conference_warning)

    def test_types_without_zoom_are_not_warned_of_zoom(self):
        self.r_materials.zoom_user_id = False
        self.rbt.web_conference_tool = "none"
        self.assertFalse(self.rbt.conference_warning)

    def test_booking_manager_reads_the_hints(self):
        manager = self.create_manager("mgr")
        self.r_materials.zoom_user_id = False
        with Form(self.rbt.with_user(manager)) as form:
            self.assertIn(self.rbc_mon.name, form.conference_warning)

    # === ANOTHER TOOL === #

    def test_other_tool_needs_a_url(self):
        with self.assertRaises(ValidationError):
            self.rbt.write({"web_conference_tool": "other"})
        self.use_other_tool(FIXED_URL)
        with self.assertRaises(ValidationError):
            self.rbt.videocall_location = False

    def test_other_tool_needs_a_url_when_created(self):
        with self.assertRaises(ValidationError):
            self.env["resource.booking.type"].create(
                {"name": "Teams", "web_conference_tool": "other"}
            )


class TestFutureEvents(TypeCase):
    """Events that exist already follow their type, without a mail."""

    def setUp(self):
        super().setUp()
        self.day = self.create_alarm(24 * 60)

    def make_plain(self):
        self.rbt.write(
            {
                "web_conference_tool": "none",
                "videocall_location": FIXED_URL,
                "alarm_ids": [Command.clear()],
            }
        )

    def assertUrl(self, booking, url):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(booking.videocall_location, url)
        self.assertEqual(booking.meeting_id.videocall_location, url)

    def test_events_get_the_reminder_when_the_type_becomes_zoom(self):
        self.make_plain()
        booking = self.book()
        self.assertFalse(booking.meeting_id.alarm_ids)
        with self.assertQuiet(booking):
            self.rbt.web_conference_tool = "zoom"
        self.assertEqual(booking.meeting_id.alarm_ids, self.alarm)
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")

    def test_events_follow_the_reminders_of_the_type(self):
        booking = self.book()
        with self.assertQuiet(booking):
            self.rbt.alarm_ids = self.day
        self.assertEqual(booking.meeting_id.alarm_ids, self.day)

    def test_events_that_are_over_keep_theirs(self):
        over, future = self.book(), self.book(MONDAY + timedelta(hours=4))
        self.move_to(MONDAY + timedelta(hours=2))
        self.rbt.alarm_ids = self.day
        self.assertEqual(over.meeting_id.alarm_ids, self.alarm)
        self.assertEqual(future.meeting_id.alarm_ids, self.day)

    def test_events_of_types_without_tool_are_left_alone(self):
        self.make_plain()
        booking = self.book()
        self.rbt.alarm_ids = self.day
        self.assertFalse(booking.meeting_id.alarm_ids)

    def test_many_events_are_written_at_once(self):
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.rbt.alarm_ids = self.day
            self.env.flush_all()
            after = self.cr.sql_log_count
            self.rbt.alarm_ids = self.alarm
            return after - before

        self.book()
        one = cost()
        for number in range(1, 5):
            self.book(MONDAY + timedelta(hours=number))
        # Each event sets up its own alarms; nothing else may grow.
        self.assertLessEqual((cost() - one) / 4, 8)

    # === THE URL === #

    def test_hidden_url_is_empty(self):
        booking = self.book()
        self.assertUrl(booking, False)
        self.sync_meetings()
        self.assertUrl(booking, False)

    def test_url_of_the_type_goes_when_the_type_becomes_zoom(self):
        self.make_plain()
        booking = self.book()
        self.assertUrl(booking, FIXED_URL)
        with self.assertQuiet(booking):
            self.rbt.web_conference_tool = "zoom"
        self.assertUrl(booking, False)
        self.sync_meetings()
        booking.description = "written later"
        booking.start = MONDAY + timedelta(hours=2)
        self.assertUrl(booking, False)

    def test_url_stays_hidden_for_another_tool(self):
        self.use_other_tool(FIXED_URL)
        booking = self.book()
        self.assertUrl(booking, False)
        booking.description = "written later"
        self.assertUrl(booking, False)

    def test_fixed_url_is_shown_at_once_when_the_type_says_so(self):
        self.use_other_tool(FIXED_URL)
        booking = self.book()
        with self.assertQuiet(booking):
            self.rbt.link_disclosure = "issued"
        self.assertUrl(booking, FIXED_URL)
        with self.assertQuiet(booking):
            self.rbt.videocall_location = FIXED_URL + "/2"
        self.assertUrl(booking, FIXED_URL + "/2")
        with self.assertQuiet(booking):
            self.rbt.link_disclosure = "reminder"
        self.assertUrl(booking, False)

    def test_issued_url_is_shown_when_the_type_says_so(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.assertUrl(booking, False)
        with self.assertQuiet(booking):
            self.sync_meetings()
        url = booking.zoom_meeting_id.join_url
        self.assertTrue(url)
        self.assertUrl(booking, url)
        # It survives what the platform does on each save.
        booking.description = "written later"
        self.assertUrl(booking, url)

    def test_issued_url_is_shown_when_the_type_says_so_later(self):
        booking = self.book()
        self.sync_meetings()
        with self.assertQuiet(booking):
            self.rbt.link_disclosure = "issued"
        self.assertUrl(booking, booking.zoom_meeting_id.join_url)
        with self.assertQuiet(booking):
            self.rbt.link_disclosure = "reminder"
        self.assertUrl(booking, False)

    def test_removed_meeting_leaves_no_url_when_the_type_stops_using_zoom(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.sync_meetings()
        with self.assertQuiet(booking):
            self.rbt.write(
                {"web_conference_tool": "none", "videocall_location": FIXED_URL}
            )
        self.assertUrl(booking, FIXED_URL)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_unscheduled_booking_shows_no_url(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.sync_meetings()
        booking.action_unschedule()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(booking.videocall_location)

    def test_copies_carry_no_url(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.sync_meetings()
        self.assertFalse(booking.copy().videocall_location)
        self.assertFalse(booking.meeting_id.copy().videocall_location)

    def test_booking_of_another_type_follows_it(self):
        self.rbt.link_disclosure = "issued"
        plain = self.rbt.copy(
            {"web_conference_tool": "none", "videocall_location": FIXED_URL}
        )
        booking = self.book()
        self.sync_meetings()
        booking.type_id = plain
        self.assertUrl(booking, FIXED_URL)
        booking.type_id = self.rbt
        self.assertUrl(booking, False)

    def test_bookings_that_are_over_keep_their_url(self):
        self.make_plain()
        booking = self.book()
        self.move_to(TUESDAY)
        self.rbt.web_conference_tool = "zoom"
        self.assertUrl(booking, FIXED_URL)

    # === DELETED TYPE === #

    def test_deleted_type_removes_its_meetings(self):
        self.book()
        waiting = self.book(TUESDAY)
        self.sync_meetings()
        other = self.book(TUESDAY + timedelta(hours=2)).zoom_meeting_id
        self.assertTrue(waiting.exists())
        self.rbt.unlink()
        self.assertEqual(other.state, "removed")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_deleted_type_frees_the_time_of_its_zoom_user_at_once(self):
        other_type = self.rbt.copy({"name": "Other"})
        booking = self.book()
        event = booking.meeting_id
        self.rbt.unlink()
        event.unlink()
        again = self.book(type_id=other_type.id)
        self.assertEqual(again.zoom_meeting_id.start, MONDAY)
