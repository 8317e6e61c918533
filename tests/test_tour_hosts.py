# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml.html import fromstring

from odoo.tests import tagged

from .common import MONDAY, HttpBookingCase
from .many_common import ManyTourMixin


@tagged("post_install", "-at_install")
class TestTourHosts(ManyTourMixin, HttpBookingCase):
    """Staff decide how customers join a booking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rbt.write({"name": "Online advice", "link_disclosure": "issued"})
        cls.partner.name = "Tour Customer"
        cls.reception = cls.create_manager("reception", tz="UTC")

    def test_tour_change_host(self):
        # Given two bookings whose meetings exist
        booking, other = self.book(), self.book(MONDAY + timedelta(hours=1))
        self.sync_meetings()
        # When staff change the host of one of them
        self.start_booking_tour(booking, "test_tour_hosts_change_host")
        self.sync_meetings()
        # Then only that one has moved, and its old meeting is gone
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)
        self.assertEqual(other.zoom_meeting_id.zoom_user_id, self.host)
        self.assertEqual(len(self.live_meetings()), 2)
        # When they choose both in the list and issue them anew
        links = {booking.zoom_meeting_id.join_url, other.zoom_meeting_id.join_url}
        action = self.env.ref("resource_booking.resource_booking_action")
        self.start_tour(
            f"/odoo/action-{action.id}?view_type=list",
            "test_tour_hosts_issue_anew",
            login="reception",
        )
        self.sync_meetings()
        self.env.invalidate_all()
        # Then both have other links
        anew = {booking.zoom_meeting_id.join_url, other.zoom_meeting_id.join_url}
        self.assertFalse(links & anew)
        self.assertEqual(len(self.live_meetings()), 2)
        self.assertEqual(self.counted_requests(), 5)

    def test_tour_bind_by_email(self):
        # Given people with the addresses of Zoom users
        self.r_users.zoom_user_id = False
        self.r_users[0].user_id.email = self.host.email
        self.r_users[0].name = "Consultant"
        # When staff let Odoo bind them
        self.start_tour("/odoo", "test_tour_hosts_bind", login="reception")
        self.env.invalidate_all()
        # Then they are
        self.assertEqual(self.r_users[0].zoom_user_id, self.host)
        self.assertFalse(self.r_users[1].zoom_user_id)

    def test_tour_links_of_the_mail(self):
        # Given bookings that wait for the daily limit
        booking, other = self.book(), self.book(MONDAY + timedelta(hours=1))
        for _number in range(100):
            self.env["booking.zoom.request.count"]._reserve(self.host, "create")
        self.sync_meetings()
        # When the administrator follows the links in the mail
        mail = self.env["mail.mail"].search(
            [
                ("subject", "like", "could not be issued"),
                ("email_to", "=", "admin@example.com"),
            ]
        )
        links = {
            link.text: link.get("href")
            for link in fromstring(mail.body_html).xpath("//a")
            if f"/{booking.id}/" in link.get("href")
        }
        self.assertEqual(links.keys(), {"Change host", "Enter a link"})
        for text, tour in (
            ("Change host", "test_tour_hosts_mail_host"),
            ("Enter a link", "test_tour_hosts_mail_link"),
        ):
            path = links[text].replace(self.env["resource.booking"].get_base_url(), "")
            self.start_tour(path, tour, login="reception")
            self.env.invalidate_all()
            # Then the booking has another host, and after that a link
            self.assertEqual(booking.forced_zoom_user_id, self.other_host)
        self.assertEqual(booking.join_link_state, "manual")
        self.assertEqual(other.join_link_state, "stuck")

    def test_tour_enter_link(self):
        # Given a booking whose meeting exists
        booking = self.book()
        self.sync_meetings()
        # When staff enter a link
        self.start_booking_tour(booking, "test_tour_hosts_enter_link")
        self.sync_meetings()
        # Then the customer's page has it, and nothing is left in Zoom
        page = self.url_open(booking.get_portal_url()).text
        self.assertIn("https://meet.example.com/room", page)
        self.assertIn("room-passcode", page)
        self.assertEqual(self.live_meetings(), [])
        self.assertEqual(self.counted_requests(), 1)
        # When they take it back
        self.start_booking_tour(booking, "test_tour_hosts_take_back")
        self.sync_meetings()
        # Then there is a meeting again
        page = self.url_open(booking.get_portal_url()).text
        self.assertNotIn("meet.example.com", page)
        self.assertIn(booking.zoom_meeting_id.join_url, page)
