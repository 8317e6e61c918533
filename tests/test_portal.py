# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import defaultdict
from datetime import UTC, timedelta
from unittest.mock import patch

from lxml.html import fromstring

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import MONDAY, TUESDAY, HttpBookingCase

HALF_HOUR = timedelta(minutes=30)


@tagged("post_install", "-at_install")
class TestPortal(HttpBookingCase):
    """What customers do with the bookings that staff have shared with them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One combination for Mondays, one for Tuesdays.
        cls.rbt.combination_rel_ids[2:].unlink()

    def open(self, booking, suffix="", **form):
        """A page of the booking, as who has its link sees it.

        :param form: what is posted, by a button of the page
        """
        url = booking.get_portal_url(suffix=suffix)
        self.env.flush_all()
        if form:
            page = fromstring(self.url_open(booking.get_portal_url()).content)
            token = page.cssselect("input[name='csrf_token']")[0].get("value")
            form["csrf_token"] = token
        response = self.url_open(url, form)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return fromstring(response.content)

    def pick(self, booking, start):
        """Press the slot that begins then; it need not be offered."""
        return self.open(booking, "/confirm", when=f"{start.isoformat()}+00:00")

    def cancel(self, booking):
        return self.open(booking, "/cancel", sure="yes")

    def offered(self, booking):
        """The beginnings that the page of March offers, naive UTC."""
        page = self.open(booking, "/schedule/2027/3")
        return [
            form.cssselect('input[name="when"]')[0].get("value")[:16]
            for form in page.cssselect("form[id^='modal-confirm']")
        ]

    def has_button(self, page, text):
        return any(text in "".join(link.itertext()) for link in page.cssselect("a.btn"))

    # === THE WAY OF A CUSTOMER === #

    def test_customer_picks_moves_and_cancels(self):
        # Given a pending booking that staff have shared
        booking = self.book(None)
        self.assertTrue(self.has_button(self.open(booking), "Schedule"))
        self.sync_meetings()
        self.assertFalse(self.counted_requests())

        # When the customer picks a slot
        self.assertIn("2027-03-01T08:00", self.offered(booking))
        self.pick(booking, MONDAY)
        # Then the booking is confirmed and gets its meeting
        self.assertEqual(booking.state, "confirmed")
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, MONDAY.replace(tzinfo=UTC))

        # When the customer moves it with the button
        self.assertTrue(self.has_button(self.open(booking), "Reschedule"))
        self.pick(booking, MONDAY + HALF_HOUR)
        self.sync_meetings()
        # Then the same meeting has moved
        (moved,) = self.live_meetings()
        self.assertEqual(moved.id, meeting.id)
        self.assertEqual(moved.start_time, (MONDAY + HALF_HOUR).replace(tzinfo=UTC))

        # When the customer cancels
        self.cancel(booking)
        self.assertEqual(booking.state, "canceled")
        self.sync_meetings()
        # Then the meeting is gone
        self.assertFalse(self.live_meetings())

    def test_customer_moves_to_the_day_of_another_zoom_user(self):
        self.r_materials[1].zoom_user_id = self.other_host
        booking = self.book(None)
        self.pick(booking, MONDAY)
        self.sync_meetings()
        self.pick(booking, TUESDAY)
        self.sync_meetings()
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.host_id, self.other_host.zoom_id)
        self.assertEqual(meeting.start_time, TUESDAY.replace(tzinfo=UTC))

    def test_picking_does_not_wait_for_zoom(self):
        booking = self.book(None)
        sent = len(self.zoom.requests)
        self.pick(booking, MONDAY)
        self.cancel(booking)
        self.assertEqual(len(self.zoom.requests), sent)

    def test_booking_past_its_deadline_cannot_be_moved(self):
        self.rbt.modifications_deadline = 24
        booking = self.book()
        self.move_to(MONDAY - timedelta(hours=2))
        page = self.open(booking)
        self.assertFalse(self.has_button(page, "Reschedule"))
        self.assertFalse(page.cssselect("a[data-bs-target='#modal_cancel']"))

    # === THE LINK === #

    def test_page_shows_no_link(self):
        booking = self.book(None)
        self.pick(booking, MONDAY)
        self.sync_meetings()
        row = booking.zoom_meeting_id
        html = self.url_open(booking.get_portal_url()).text
        for secret in (row.join_url, row.zoom_id, row.passcode):
            self.assertTrue(secret)
            self.assertNotIn(secret, html)
        self.assertNotIn("zoom.us", html)

    def test_page_shows_the_link_when_the_type_says_so(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book(None)
        self.pick(booking, MONDAY)
        self.assertNotIn("zoom.us", self.url_open(booking.get_portal_url()).text)
        self.sync_meetings()
        page = self.open(booking)
        self.assertTrue(page.cssselect(f'a[href="{booking.zoom_meeting_id.join_url}"]'))

    def test_portal_user_finds_nothing_of_zoom(self):
        user = new_test_user(
            self.env, "ptl", groups="base.group_portal", password="ptl-password"
        )
        booking = self.book(partner=user.partner_id)
        self.sync_meetings()
        self.authenticate("ptl", "ptl-password")
        for url in ("/my/bookings", booking.get_portal_url()):
            html = self.url_open(url).text
            self.assertIn(f"#{booking.id}", html)
            self.assertNotIn("zoom.us", html)
            self.assertNotIn(booking.zoom_meeting_id.zoom_id, html)

    # === ANY FREE ZOOM USER === #

    def let_any_host(self, rooms=3):
        """So many rooms on Mondays, and two Zoom users of whom any may host."""
        resources = self.env["resource.resource"].union(
            *(
                self.r_materials[0].copy({"name": f"Room {number}"})
                for number in range(rooms)
            )
        )
        resources.zoom_user_id = False
        combinations = self.env["resource.booking.combination"].create(
            [{"resource_ids": [Command.set(one.ids)]} for one in resources]
        )
        self.rbt.write(
            {
                "combination_rel_ids": [
                    Command.clear(),
                    *(
                        Command.create({"combination_id": one.id})
                        for one in combinations
                    ),
                ],
                "zoom_user_id": self.host.id,
                "zoom_host_ids": [Command.create({"zoom_user_id": self.other_host.id})],
            }
        )

    def test_as_many_customers_at_once_as_zoom_users(self):
        self.let_any_host()
        first, second, third = (self.book(None) for _number in range(3))
        for booking in (first, second):
            self.assertIn("2027-03-01T08:00", self.offered(booking))
            self.pick(booking, MONDAY)
            self.assertEqual(booking.state, "confirmed")
        self.sync_meetings()
        self.assertEqual(
            {meeting.host_id for meeting in self.live_meetings()},
            {self.host.zoom_id, self.other_host.zoom_id},
        )
        # A room is left, but no Zoom user
        self.assertNotIn("2027-03-01T08:00", self.offered(third))
        self.assertIn("2027-03-01T08:30", self.offered(third))
        page = self.pick(third, MONDAY)
        self.assertIn("no longer available", page.text_content())
        self.assertNotIn("Host", page.text_content())
        self.assertNothingChanged(third, False)

    def test_customer_moves_to_a_time_at_which_only_another_host_is_free(self):
        self.let_any_host()
        first, second, third = (
            self.book(MONDAY + number * HALF_HOUR) for number in range(3)
        )
        self.sync_meetings()
        self.assertEqual(
            [one.zoom_meeting_id.zoom_user_id for one in (first, second, third)],
            [self.host, self.other_host, self.host],
        )
        link = first.zoom_meeting_id.join_url
        self.pick(first, third.start)
        self.assertEqual(first.start, third.start)
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(first.zoom_meeting_id.zoom_user_id, self.other_host)
        self.assertNotEqual(first.zoom_meeting_id.join_url, link)
        self.assertEqual(len(self.live_meetings()), 3)

    # === REFUSED === #

    def test_slot_of_a_busy_zoom_user_is_not_offered(self):
        # Given another type whose room shares the Zoom user
        other = self.make_other_type()
        self.book(type_id=other.id)
        self.assertNotIn("2027-03-01T08:00", self.offered(self.book(None)))
        self.assertIn("2027-03-01T08:30", self.offered(self.book(None)))

    def make_other_type(self):
        """A type with a room of its own that has the same Zoom user."""
        room = self.r_materials[0].copy({"name": "Other room"})
        room.zoom_user_id = self.host
        combination = self.env["resource.booking.combination"].create(
            [{"resource_ids": [(6, 0, room.ids)]}]
        )
        return self.rbt.copy(
            {
                "name": "Other type",
                "combination_rel_ids": [
                    (5, 0, 0),
                    (0, 0, {"combination_id": combination.id}),
                ],
            }
        )

    def assertNothingChanged(self, booking, start):
        self.env.invalidate_all()
        self.assertEqual(booking.start, start)
        self.assertEqual(booking.meeting_id.start, start)
        self.assertEqual(booking.zoom_meeting_id.start, start)

    def test_refused_pick_leaves_nothing(self):
        self.book(type_id=self.make_other_type().id)
        booking = self.book(None)
        page = self.pick(booking, MONDAY)
        self.assertIn("no longer available", page.text_content())
        self.assertNothingChanged(booking, False)
        self.assertEqual(booking.state, "pending")
        self.assertFalse(booking.combination_id)
        self.assertFalse(booking.zoom_meeting_id)

    def test_refused_move_leaves_the_booking_where_it_was(self):
        self.book(type_id=self.make_other_type().id)
        booking = self.book(MONDAY + HALF_HOUR)
        page = self.pick(booking, MONDAY)
        self.assertIn("no longer available", page.text_content())
        self.assertNothingChanged(booking, MONDAY + HALF_HOUR)

    def test_slot_that_was_taken_meanwhile_names_nobody(self):
        # Given that the other booking was not seen when slots were looked up
        other = self.book(type_id=self.make_other_type().id)
        self.assertTrue(other.zoom_meeting_id)
        booking = self.book(MONDAY + HALF_HOUR)
        meetings = self.env.registry["booking.zoom.meeting"]
        with (
            patch.object(meetings, "_get_busy", lambda *_args: defaultdict(list)),
            mute_logger("odoo.sql_db"),
        ):
            page = self.pick(booking, MONDAY)
        text = page.text_content()
        self.assertIn("has just been taken", text)
        self.assertNotIn("Secret Customer", text.replace(self.partner.name, "", 2))
        self.assertNotIn("Host1", text)
        self.assertNothingChanged(booking, MONDAY + HALF_HOUR)

    def test_slots_within_the_pause_are_not_offered(self):
        self.book()
        pending = self.book(None)
        after = f"{MONDAY + HALF_HOUR:%Y-%m-%dT%H:%M}"
        self.assertIn(after, self.offered(pending))
        self.account.meeting_pause = 30
        offered = self.offered(pending)
        self.assertNotIn(after, offered)
        self.assertIn(f"{MONDAY + 2 * HALF_HOUR:%Y-%m-%dT%H:%M}", offered)

    def test_refused_move_into_the_pause_names_nobody(self):
        self.book(type_id=self.make_other_type().id)
        self.account.meeting_pause = 30
        booking = self.book(MONDAY + 4 * HALF_HOUR)
        page = self.pick(booking, MONDAY + HALF_HOUR)
        text = page.text_content()
        self.assertIn("no longer available", text)
        self.assertNotIn("Secret Customer", text.replace(self.partner.name, "", 2))
        self.assertNotIn("Host1", text)
        self.assertNothingChanged(booking, MONDAY + 4 * HALF_HOUR)

    def test_refusal_in_the_portal_names_no_zoom_user(self):
        self.book(type_id=self.make_other_type().id)
        booking = self.book(None).with_context(using_portal=True)
        values = {
            "zoom_user_id": self.host.id,
            "start": MONDAY,
            "duration": 30,
            "booking_id": booking.id,
            "pause": 0,
        }
        with self.assertRaises(ValidationError) as refused:
            booking.env["booking.zoom.meeting"]._check_host_free([values])
        self.assertIn("has just been taken", str(refused.exception))
        self.assertNotIn("Host1", str(refused.exception))
