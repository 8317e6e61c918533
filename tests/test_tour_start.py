# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from ..tools import zoom_answers
from .common import MONDAY, HttpBookingCase
from .many_common import ManyTourMixin
from .zoom_simulator import join


@tagged("post_install", "-at_install")
class TestTourStart(ManyTourMixin, HttpBookingCase):
    """Whoever is booked starts the meeting; the others join."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.name = "Tour Customer"
        cls.doctor, cls.colleague = (
            cls.create_staff(login, tz="UTC") for login in ("doctor", "colleague")
        )
        cls.rbc_mon.resource_ids.filtered("user_id")[:1].user_id = cls.doctor
        # Zoom's pages are the simulator's, to which no link may lead otherwise.
        cls.enterClassContext(
            patch.object(zoom_answers, "is_zoom_url", lambda url: bool(url))
        )
        for user in cls.zoom.state.users.values():
            user.join_origin = cls.zoom.url

    @staticmethod
    def on_the_day(action):
        """The same calendar for a browser, whose clock is not set."""
        return action.copy(
            {"context": {"initial_date": f"{MONDAY:%Y-%m-%d}"}, "path": False}
        )

    def press(self, url, button, login):
        """Press the button; returns when the browser shows Zoom's page.

        No tab is opened without a finger, so it is the same one.
        """
        selector = f"document.querySelector(\"button[name='{button}']\")"
        self.browser_js(
            url,
            code="odoo.loader.modules.get('@web/core/browser/browser').browser.open"
            " = (path) => location.assign(path) || window;"
            f"{selector}.click()",
            ready=f"Boolean({selector})",
            success_signal=join.TITLE,
            login=login,
        )

    def test_tour_start_and_join(self):
        # Given a booking of the doctor, which a colleague follows, on the day
        booking = self.book(combination_id=self.rbc_mon.id)
        booking.message_subscribe(self.colleague.partner_id.ids)
        event = booking.meeting_id
        event.partner_ids = [Command.link(self.colleague.partner_id.id)]
        self.sync_meetings()
        self.move_to(MONDAY)
        (meeting,) = self.live_meetings()
        bookings = self.env.ref("resource_booking.resource_booking_action")
        events = self.env.ref("calendar.action_calendar_event")
        # Then the doctor can start it, and the colleague can join it, from the calendars
        # and the forms behind them
        for login, tour, action in (
            ("doctor", "start", bookings),
            ("doctor", "start", events),
            ("colleague", "join", bookings),
        ):
            url = f"/odoo/action-{self.on_the_day(action).id}"
            self.start_tour(url, f"test_tour_{tour}", login=login)
        # When the doctor presses the button, then that is the host in Zoom
        form = f"/odoo/action-{bookings.id}/{booking.id}"
        self.press(form, "action_start_conference", "doctor")
        self.assertEqual(self.zoom.state.hosts, [(str(meeting.id), True, None)])
        # and the history tells who has started it
        self.start_tour(form, "test_tour_started", login="colleague")
