# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml.etree import fromstring

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import MONDAY, HttpBookingCase, ZoomCase


class TestOdooMeeting(ZoomCase):
    """No meeting of Odoo beside the booking's own."""

    def room(self):
        """What the browser saves when the button is pressed."""
        url = self.env["calendar.event"].get_discuss_videocall_location()
        return {
            "access_token": url.rpartition("/")[2],
            "videocall_location": url,
            "videocall_source": "discuss",
        }

    def test_event_of_a_booking_takes_no_meeting_of_odoo(self):
        event = self.book().meeting_id
        with self.assertRaises(ValidationError) as refused:
            event.write(self.room())
        self.assertIn("is held with Zoom", str(refused.exception))

    def test_new_event_for_a_booking_takes_no_meeting_of_odoo(self):
        booking = self.book(None, combination_id=self.rbc_mon.id)
        event = self.env["calendar.event"].create(
            {
                "name": "Scheduled in the calendar",
                "start": MONDAY,
                "stop": MONDAY + timedelta(minutes=30),
                "resource_booking_ids": [Command.set(booking.ids)],
                **self.room(),
            }
        )
        self.assertFalse(event.videocall_location)

    def test_methods_of_the_button_change_nothing(self):
        event = self.book().meeting_id
        event.set_discuss_videocall_location()
        event._set_discuss_videocall_location()
        self.assertFalse(event.videocall_location)
        self.assertFalse(event.access_token)

    def test_other_events_take_it(self):
        plain = self.env["calendar.event"].create(
            {"name": "Lunch", "start": MONDAY, "stop": MONDAY + timedelta(hours=1)}
        )
        self.rbt.web_conference_tool = "none"
        for event in (plain, self.book().meeting_id):
            event.write(self.room())
            self.assertIn("/calendar/join_videocall/", event.videocall_location)

    def test_quick_form_for_a_booking_does_not_offer_it(self):
        view = self.env.ref("calendar.view_calendar_event_form_quick_create")
        events = self.env["calendar.event"]
        arch = fromstring(events.get_view(view.id)["arch"])
        (button,) = arch.xpath("//button[@name='set_discuss_videocall_location']")
        self.assertIn("or (has_web_conference)", button.get("invisible"))
        context = self.book(None).action_schedule()["context"]
        self.assertFalse(Form(events, view).has_web_conference)
        self.assertTrue(Form(events.with_context(context), view).has_web_conference)

    def test_type_that_uses_zoom_from_now_on_takes_it_off(self):
        self.rbt.web_conference_tool = "none"
        event = self.book().meeting_id
        event.write(self.room())
        self.rbt.web_conference_tool = "zoom"
        self.assertFalse(event.videocall_location)


@tagged("post_install", "-at_install")
class TestTourOdooMeeting(HttpBookingCase):
    """The calendar does not offer it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.create_manager("reception")

    def start(self, record, tour):
        self.start_tour(f"/odoo/{record._name}/{record.id}", tour, login="reception")

    def test_tour_form_of_an_event(self):
        event = self.book().meeting_id
        event.user_id = self.env["res.users"].search([("login", "=", "reception")])
        self.start(event, "test_tour_event_offers_no_odoo_meeting")
        self.rbt.web_conference_tool = "none"
        self.start(event, "test_tour_event_offers_odoo_meeting")

    def test_tour_form_of_an_event_that_is_being_made(self):
        self.start(self.book(None), "test_tour_new_event_offers_no_odoo_meeting")
