# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml.html import fromstring

from odoo import Command
from odoo.tests import tagged

from .common import MONDAY, TUESDAY, HttpBookingCase
from .mail_common import REMINDER_TIME

END = MONDAY + timedelta(minutes=30)
AS_SOON_AS = "You receive the link by e-mail as soon as it is ready."


@tagged("post_install", "-at_install")
class TestPortalJoin(HttpBookingCase):
    """How a customer joins from the page of the booking, and from when on."""

    def open(self, booking):
        """The page of the booking, as who has its link sees it."""
        self.env.flush_all()
        response = self.url_open(booking.get_portal_url())
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return fromstring(response.content)

    def ready_booking(self, **values):
        booking = self.book(**values)
        self.sync_meetings()
        return booking

    def reminded_booking(self):
        booking = self.ready_booking()
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        return booking

    def notice(self, page):
        return " ".join(
            " ".join(one.text_content().replace("\u202f", " ").split())
            for one in page.find_class("o_web_conference_notice")
        )

    def join_urls(self, page):
        """Where the buttons lead to that say Join."""
        return [
            link.get("href")
            for link in page.cssselect("a.btn")
            if link.text_content().strip() == "Join"
        ]

    def assert_joins(self, page, booking):
        row = booking.zoom_meeting_id
        self.assertEqual(self.join_urls(page), [row.join_url])
        self.assertIn(f"Meeting ID: {row.zoom_id_formatted}", self.text(page))
        self.assertIn(f"Passcode: {row.passcode}", self.text(page))
        self.assertFalse(self.notice(page))

    @staticmethod
    def text(page):
        return " ".join(page.text_content().split())

    def assert_tells_nothing(self, page, *secrets):
        source = "".join(page.itertext()) + " ".join(page.xpath("//@*"))
        for secret in secrets:
            self.assertTrue(secret)
            self.assertNotIn(secret, source)
        self.assertFalse(self.join_urls(page))

    def secrets_of(self, booking):
        row = booking.zoom_meeting_id
        return row.join_url, row.passcode, row.zoom_id, row.zoom_id_formatted

    # === BEFORE THE REMINDER === #

    def test_before_the_reminder_it_says_when_the_link_comes(self):
        self.rbt.resource_calendar_id.tz = "Europe/Berlin"
        booking = self.ready_booking()
        page = self.open(booking)
        self.assertEqual(
            self.notice(page),
            "The Zoom link comes with the reminder, by e-mail on March 1, 2027 at "
            "8:00 AM (Europe/Berlin).",
        )
        self.assert_tells_nothing(page, *self.secrets_of(booking))

    def test_first_of_several_reminders_is_named(self):
        self.rbt.alarm_ids |= self.create_alarm(24 * 60)
        self.assertIn("February 28, 2027", self.notice(self.open(self.book())))

    def test_reminder_that_is_held_comes_as_soon_as_the_link_is_ready(self):
        booking = self.book()
        self.move_to(REMINDER_TIME)
        self.assertEqual(self.notice(self.open(booking)), AS_SOON_AS)

    def test_without_reminder_it_says_whom_to_ask(self):
        self.rbt.alarm_ids = False
        booking = self.ready_booking()
        self.assertFalse(booking.meeting_id.alarm_ids)
        page = self.open(booking)
        notice = self.notice(page)
        self.assertIn("The link is not sent automatically. Please ask for it", notice)
        self.assertIn(booking._get_conference_contact()["name"], notice)
        self.assert_tells_nothing(page, *self.secrets_of(booking))

    def test_other_tool_says_it_too(self):
        url = self.use_other_tool()
        page = self.open(self.book())
        self.assertIn("The link comes with the reminder, by e-mail", self.notice(page))
        self.assert_tells_nothing(page, url)

    def test_pending_booking_says_nothing(self):
        page = self.open(self.book(None))
        self.assertFalse(self.notice(page))
        self.assertFalse(self.join_urls(page))

    # === FROM THE REMINDER TO THE END === #

    def test_from_the_reminder_on_the_customer_can_join(self):
        booking = self.reminded_booking()
        self.assert_joins(self.open(booking), booking)

    def test_until_the_last_second_the_customer_can_join(self):
        booking = self.reminded_booking()
        self.move_to(END - timedelta(seconds=30))
        self.assert_joins(self.open(booking), booking)

    def test_after_the_end_the_link_is_gone(self):
        booking = self.reminded_booking()
        secrets = self.secrets_of(booking)
        self.move_to(END)
        page = self.open(booking)
        self.assert_tells_nothing(page, *secrets)
        self.assertFalse(self.notice(page))

    def test_join_gives_away_no_access_token(self):
        page = self.open(self.reminded_booking())
        (link,) = page.cssselect(".o_web_conference_join a")
        self.assertIn("noreferrer", link.get("rel"))

    def test_meeting_without_passcode_has_no_line_for_it(self):
        booking = self.reminded_booking()
        booking.zoom_meeting_id.passcode = False
        page = self.open(booking)
        self.assertTrue(self.join_urls(page))
        self.assertNotIn("Passcode", self.text(page))

    def test_link_that_is_made_anew_is_announced(self):
        booking = self.reminded_booking()
        secrets = self.secrets_of(booking)
        self.r_materials[0].zoom_user_id = self.other_host
        page = self.open(booking)
        self.assertEqual(self.notice(page), AS_SOON_AS)
        self.assert_tells_nothing(page, *secrets)

    def test_other_tool_can_be_joined_from_the_reminder_on(self):
        url = self.use_other_tool()
        page = self.open(self.reminded_booking())
        self.assertEqual(self.join_urls(page), [url])
        self.assertNotIn("Meeting ID", self.text(page))

    def test_cancelled_booking_has_no_link(self):
        for tool in ("zoom", "other"):
            with self.subTest(tool=tool):
                self.clear_zoom()
                url = self.use_other_tool() if tool == "other" else None
                booking = self.reminded_booking()
                secrets = [url] if url else self.secrets_of(booking)
                booking.action_cancel()
                page = self.open(booking)
                self.assert_tells_nothing(page, *secrets)
                self.assertFalse(self.notice(page))

    def test_declined_booking_has_no_link(self):
        url = self.use_other_tool(link_disclosure="issued")
        booking = self.book()
        self.assertEqual(self.join_urls(self.open(booking)), [url])
        self.attendee_of(booking).do_decline()
        self.assert_tells_nothing(self.open(booking), url)

    def test_requester_who_left_does_not_learn_the_link_from_the_page(self):
        # Given two requesters who were sent the address of the page
        guest = self.env["res.partner"].create({"name": "Guest"})
        booking = self.ready_booking(partner=self.partner | guest)
        address = booking.get_portal_url()
        # When one of them leaves, and the other is reminded
        booking.partner_ids = [Command.unlink(guest.id)]
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        # Then that address leads nowhere
        self.env.flush_all()
        page = fromstring(self.url_open(address).content)
        self.env.invalidate_all()
        self.assert_tells_nothing(page, *self.secrets_of(booking))
        # And who is sent the new one can join
        self.assert_joins(self.open(booking), booking)

    def test_sharing_the_page_mails_no_change_of_date(self):
        booking = self.book()
        self.env["mail.mail"].search([]).unlink()
        booking._portal_ensure_token()
        self.assertTrue(booking.access_token)
        self.assertFalse(self.env["mail.mail"].search([]))

    def test_page_keeps_its_address_when_staff_change_or_somebody_comes(self):
        booking = self.ready_booking()
        address = booking.get_portal_url()
        guest = self.env["res.partner"].create({"name": "Guest"})
        booking.partner_ids = [Command.link(guest.id)]
        booking.start = TUESDAY
        self.assertEqual(booking.get_portal_url(), address)

    # === AS SOON AS IT IS ISSUED === #

    def test_link_that_may_be_known_at_once_is_there_once_issued(self):
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        self.assertEqual(self.notice(self.open(booking)), AS_SOON_AS)
        self.sync_meetings()
        self.assert_joins(self.open(booking), booking)

    def test_link_that_was_known_at_once_is_gone_after_the_end(self):
        self.rbt.link_disclosure = "issued"
        booking = self.ready_booking()
        secrets = self.secrets_of(booking)
        self.move_to(END)
        self.assert_tells_nothing(self.open(booking), *secrets)

    # === WITHOUT WEB CONFERENCE === #

    def test_booking_without_tool_is_left_to_the_platform(self):
        url = "https://example.com/room"
        self.rbt.write({"web_conference_tool": "none", "videocall_location": url})
        page = self.open(self.book())
        self.assertIn(url, page.xpath("//a/@href"))
        self.assertFalse(self.join_urls(page))
