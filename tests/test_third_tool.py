# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import inspect
from datetime import timedelta
from unittest.mock import patch

import icalendar

from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import Form, tagged

from ..hooks import uninstall_hook
from ..models.conference.booking_conference_tool import BookingConferenceTool
from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, REMINDER_TIME, MailMixin
from .test_rooms import get_methods, read_room
from .third_tool import SampleBooking, SampleType, ThirdToolMixin

URL = "https://sample.example.com/meeting-1"
OTHER_URL = "https://sample.example.com/meeting-2"
# Its own: what it calls from the methods below.
OWN = {"_sync_sample_meetings", "_get_sample_time", "_get_sample_meeting"}


@tagged("post_install", "-at_install")
class TestThirdTool(ThirdToolMixin, MailMixin, HttpBookingCase):
    """A tool that answers what is asked of it has everything else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_third_tool()
        cls.desk = cls.create_manager("desk", tz="UTC")

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.meeting = self.booking.sample_ids
        self.deliver_mails()

    def remind(self):
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        return self.deliver_mails()

    def as_desk(self, booking):
        return booking.with_user(self.desk)

    def page(self):
        return self.url_open(self.booking.get_portal_url()).text

    def test_it_overrides_nothing_but_what_is_documented(self):
        room = read_room("conference")
        depends = {
            "_compute_conference_warning",
            "_compute_join_link_problem",
            "_compute_join_link_wait",
        }
        for model, file in (
            (SampleBooking, "booking_conference_tool.py"),
            (SampleType, "booking_conference_tool_type.py"),
        ):
            overridden = {name for name, one in vars(model).items() if callable(one)}
            self.assertLessEqual(overridden - OWN, get_methods(room[file]) | depends)

    def test_each_tool_leaves_the_bookings_of_others_alone(self):
        # Given a booking of neither tool, which Zoom had before
        self.rbt.web_conference_tool = "zoom"
        self.booking.forced_zoom_user_id = self.other_host
        self.use_other_tool(URL)
        told = {
            "former": False,
            "choice": False,
            "last_moment": MONDAY,
            "tool": "other",
            "link_ids": [],
        }
        for name, method in vars(BookingConferenceTool).items():
            if not inspect.isfunction(method) or name == "_gets_own_link":
                continue
            names = told.keys() & set(inspect.signature(method).parameters)
            with (
                self.subTest(name),
                patch.object(BookingConferenceTool, name, autospec=True) as base,
            ):
                # Methods of the model add to what other tools answer.
                adds = getattr(method, "_api_model", False)
                kept = self.booking if name.startswith("_filter") else ["of another"]
                base.return_value = kept
                base.side_effect = method if adds else None
                answer = getattr(self.booking, name)(
                    **{one: told[one] for one in names}
                )
                base.assert_called()
                if not adds:
                    self.assertEqual(answer, kept)

    def test_badge_filters_and_groups(self):
        waiting = self.booking
        stuck, ready, none = (
            self.book(MONDAY.replace(hour=hour)) for hour in (9, 10, 11)
        )
        stuck.sample_ids._refuse("Nobody is licensed.")
        ready.sample_ids._answer(URL)
        none._choose_link("none")
        bookings = self.as_desk(waiting | stuck | ready | none)
        states = dict(zip(("waiting", "stuck", "ready", "none"), bookings, strict=True))
        ours = [("id", "in", bookings.ids)]
        for state, booking in states.items():
            with self.subTest(state=state):
                self.assertEqual(booking.join_link_state, state)
                self.assertTrue(booking.join_link_color)
                found = booking.search([("join_link_state", "=", state), *ours])
                self.assertEqual(found, booking)
        groups = bookings._read_group(ours, ["join_link_state"], ["id:recordset"])
        self.assertEqual(dict(groups), states)
        self.assertEqual(
            bookings.search([("join_link_state", "in", ("waiting", "stuck")), *ours]),
            self.as_desk(waiting | stuck),
        )
        self.assertEqual(
            bookings.search(ours, order="join_link_state, id").mapped(
                "join_link_state"
            ),
            ["none", "ready", "stuck", "waiting"],
        )
        # Booking and calendar say what is wrong, and that a link is there
        with Form(self.as_desk(stuck)) as form:
            self.assertEqual(form.join_link_problem, "Nobody is licensed.")
            self.assertFalse(form.join_link_url)
        with Form(self.as_desk(ready)) as form:
            self.assertEqual(form.join_link_url, URL)
            self.assertEqual(form.join_link_passcode, "pass-3")
        self.assertEqual(ready.meeting_id.conference_state, "Link ready")

    def test_link_is_read_by_those_who_read_the_booking(self):
        self.meeting._answer(URL)
        own = self.booking.combination_id.resource_ids.user_id
        own.group_ids += self.env.ref("resource_booking.group_user")
        other_company = self.env["res.company"].create({"name": "Other company"})
        others = self.create_staff("others")
        abroad = self.create_manager(
            "abroad",
            company_id=other_company.id,
            company_ids=other_company.ids,
        )
        self.rbt.company_id = self.env.company
        for user, may_read in ((own, True), (others, False), (abroad, False)):
            with self.subTest(user.login):
                meeting = self.meeting.with_user(user)
                self.assertEqual(meeting.has_access("read"), may_read)

    def test_mails_calendar_file_and_page(self):
        # Given a link that comes after the booking
        self.assertIn("The Sample link comes with the reminder", self.page())
        self.meeting._answer(URL)
        self.assertEqual(self.send(), [])
        self.assertNotIn(URL, self.page())
        # When the reminder is due
        mail = self.mail_to(CUSTOMER, self.remind())
        # Then it has the link, and so have its calendar file and the page
        file = icalendar.Calendar.from_ical(mail.attachments["invitation.ics"])
        said = str(file.walk("VEVENT")[0]["DESCRIPTION"])
        for text in (mail.text, said, self.page()):
            self.assertIn(URL, text)
            self.assertIn("pass-3", text)
            self.assertIn("+81 3 0000 0000", text)
            self.assertIn("4321", text)
        # When the tool gives another link
        self.meeting._answer(OTHER_URL)
        # Then people are told
        self.assertIn(OTHER_URL, self.mail_to(CUSTOMER, self.send()).text)
        self.assertEqual(self.send(), [])
        # When the booking is cancelled, they learn that it no longer works
        self.booking.action_cancel()
        self.assertEqual(self.meeting.state, "removed")
        self.assertIn("no longer works", self.mail_to(CUSTOMER, self.send()).text)

    def test_reminder_waits_for_the_link(self):
        self.assertEqual(self.remind(), [])
        self.meeting._answer(URL)
        self.assertIn(URL, self.mail_to(CUSTOMER, self.send()).text)

    def test_staff_are_told_when_the_link_is_missing(self):
        self.desk.email = "desk@example.com"
        self.booking.user_id = self.desk
        self.deliver_mails()
        self.meeting._refuse("Nobody is licensed.")
        self.move_to(MONDAY - timedelta(minutes=9))
        self.send_reminders()
        mail = self.mail_to("desk@example.com", self.deliver_mails())
        self.assertIn("[Caution!]", mail.subject)
        self.assertIn("Nobody is licensed.", mail.text)

    def test_staff_join(self):
        booking = self.as_desk(self.booking)
        self.assertFalse(booking.conference_join_path)
        self.meeting._answer(URL)
        self.authenticate("desk", "desk")
        answer = self.url_open(booking.conference_join_path, allow_redirects=False)
        self.assertEqual(answer.headers["Location"], URL)
        # The tool does not say that staff can start it.
        self.assertFalse(booking.conference_start_path)

    def test_fixed_url_needs_no_tool_that_keeps_links(self):
        for name in ("given", "replaceable", "hopeful"):
            self.enterContext(
                patch.object(
                    self.registry["resource.booking"],
                    f"_sql_{name}_links",
                    lambda _self: [],
                )
            )
        self.use_other_tool(URL)
        self.assertIn(URL, self.mail_to(CUSTOMER, self.remind()).text)
        self.rbt.videocall_location = OTHER_URL
        self.assertIn(OTHER_URL, self.mail_to(CUSTOMER, self.send()).text)
        self.booking.action_cancel()
        self.assertIn("was cancelled", self.mail_to(CUSTOMER, self.send()).text)

    def test_meeting_is_there_while_it_is_needed_and_follows_its_time(self):
        self.meeting._answer(URL)
        self.booking.start = MONDAY.replace(hour=11)
        self.assertEqual(self.meeting.start, self.booking.start)
        self.assertEqual(self.booking.join_link_state, "changed")
        self.meeting._answer(URL)
        self.assertEqual(self.booking.join_link_state, "ready")
        declined = self.book(MONDAY.replace(hour=9))
        attendees = declined.meeting_id.attendee_ids
        customers = attendees.filtered(
            lambda one: one.partner_id in declined.partner_ids
        )
        customers.do_decline()
        archived = self.book(MONDAY.replace(hour=10))
        archived.meeting_id.active = False
        with patch.object(
            self.registry["resource.booking"], "_is_only_held", return_value=True
        ):
            self.assertFalse(self.book(MONDAY.replace(hour=12)).sample_ids)
        rows = (declined | archived).sample_ids
        self.assertEqual(rows.mapped("state"), ["removed", "removed"])

    def test_customer_moves_it_as_often_as_the_tool_says(self):
        first, second = (MONDAY.replace(hour=hour) for hour in (9, 10))
        self.pick(self.booking, first)
        page = self.pick(self.booking, second)
        self.assertIn("A booking can be moved 1 times a day", page)
        self.assertEqual(self.booking.start, first)

    def test_choice_of_another_link(self):
        self.meeting._answer(URL)
        action = self.booking.action_enter_link()
        dialog = Form(self.env[action["res_model"]].with_context(**action["context"]))
        dialog.url = OTHER_URL
        self.assertIn("Sample deletes 1 meetings.", dialog.message)
        dialog.save().action_apply()
        self.assertEqual(self.meeting.state, "removed")
        self.assertEqual(self.booking.join_link_state, "manual")
        self.assertIn(OTHER_URL, self.mail_to(CUSTOMER, self.remind()).text)

    def test_type_warns_and_its_bookings_follow(self):
        with Form(self.rbt.with_user(self.desk)) as form:
            self.assertNotIn("region", form.conference_warning or "")
        self.rbt.sample_region = False
        self.assertIn("Please choose a region.", self.rbt.conference_warning)
        self.rbt.web_conference_tool = "zoom"
        self.assertEqual(self.meeting.state, "removed")
        self.assertTrue(self.booking.zoom_meeting_id)
        self.rbt.web_conference_tool = "sample"
        self.assertFalse(self.booking.zoom_meeting_id)
        current = self.booking.sample_ids - self.meeting
        current._answer(URL)
        self.assertEqual(self.booking._get_join_link().url, URL)
        self.rbt.unlink()
        self.assertEqual(current.state, "removed")

    def test_preview_of_a_mail_names_no_other_tool(self):
        attendee = self.booking.meeting_id.attendee_ids[0]
        preview = attendee.with_context(template_preview_lang="en_US")
        said = preview.web_conference_info
        self.assertIn("Sample: how to join", said)
        for word in ("Zoom", "zoom.us", "Meeting ID", "Passcode"):
            self.assertNotIn(word, said)

    def test_link_stays_when_the_module_goes(self):
        self.meeting._answer(URL)
        uninstall_hook(self.env)
        self.assertEqual(self.booking.videocall_location, URL)
        self.assertEqual(self.booking.meeting_id.videocall_location, URL)

    def test_copy_for_testing_has_no_link_on_the_event(self):
        self.rbt.link_disclosure = "issued"
        self.meeting._answer(URL)
        self.assertEqual(self.booking.meeting_id.videocall_location, URL)
        self.assertIn(URL, self.mail_to(CUSTOMER, self.send()).text)
        self.env.flush_all()
        for query in get_neutralization_queries(["resource_booking_zoom"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.booking.meeting_id.videocall_location)
        self.assertFalse(self.booking.videocall_location)
        messages = self.env["mail.message"].search(
            [("model", "in", ("calendar.event", "booking.conference.mail"))]
        )
        self.assertNotIn(URL, "".join(map(str, messages.mapped("body"))))
