# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta
from unittest.mock import patch

from lxml.html import fromstring

from odoo.tests import new_test_user, tagged

from ..tools import zoom_answers
from .common import MONDAY, HttpBookingCase
from .mail_common import REMINDER_TIME, MailMixin
from .many_common import ManyTourMixin
from .zoom_simulator import join

END = MONDAY + timedelta(minutes=30)


@tagged("post_install", "-at_install")
class TestTourCustomer(ManyTourMixin, MailMixin, HttpBookingCase):
    """A customer with a phone, without a user, from one mail to the next."""

    browser_size = "375x667"
    touch_enabled = True

    def link(self, mail, words):
        """Where the link of a mail leads that says so."""
        (link,) = fromstring(mail.html).xpath(f"//a[normalize-space()='{words}']")
        return link.get("href").removeprefix(self.base_url())

    def test_tour_pick_move_cancel(self):
        # Given a booking of a Zoom type that was shared with its customer
        booking = self.book(start=None)
        wizard = self.env["portal.share"].with_context(
            active_model="resource.booking", active_id=booking.id
        )
        wizard.create({"partner_ids": self.partner.ids}).action_send_mail()
        mail = self.mail_to("customer@example.com", self.deliver_mails())
        self.assertIn("Please choose a time", mail.subject)
        # When the customer follows it, picks a time and then another one
        self.start_tour(self.link(mail, "Choose a time"), "test_tour_customer")
        # Then the meeting is made where the customer has chosen
        moved_to = MONDAY + timedelta(days=7, hours=3)
        self.assertEqual(booking.start, moved_to)
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time, moved_to.replace(tzinfo=UTC))
        # and the first time was confirmed, without a question, the other one is told
        confirmed, moved = (
            mail
            for mail in self.deliver_mails()
            if "customer@example.com" in mail.recipients
        )
        self.assertEqual(
            confirmed.subject, "Confirmation: your booking on March 1, 2027"
        )
        self.assertIn("Your booking is confirmed.", confirmed.text)
        self.assertIn("Date updated", moved.subject)
        # When the customer cancels, then the meeting is removed
        link = self.link(confirmed, "Change or cancel")
        self.start_tour(link, "test_tour_customer_cancels")
        self.sync_meetings()
        self.assertFalse(booking.active)
        self.assertFalse(self.live_meetings())


@tagged("post_install", "-at_install")
class TestTourCustomerJapanese(MailMixin, HttpBookingCase):
    """A Japanese customer with a phone, from the invitation to Join."""

    browser_size = "375x667"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner.write({"lang": "ja_JP", "name": "佐藤 花子"})
        cls.rbt.name = "Online advice"
        cls.rbt.with_context(lang="ja_JP").name = "オンライン相談"
        # Zoom's page behind the join URL is the simulator's, which no link may lead to.
        cls.enterClassContext(
            patch.object(zoom_answers, "is_join_url", lambda url: bool(url))
        )
        for user in cls.zoom.state.users.values():
            user.join_origin = cls.zoom.url
        cls.reception = new_test_user(
            cls.env,
            login="reception",
            groups="base.group_user,base.group_partner_manager,"
            "resource_booking.group_manager",
            email="reception@example.com",
        )

    def share(self, booking):
        """Staff press Share.

        Booking and mail follow each other: saving the access token mails a date
        change, too.

        :return str: the link in the mail that the customer gets
        """
        wizard = self.env["portal.share"].with_user(self.reception)
        wizard.with_context(
            active_model="resource.booking", active_id=booking.id
        ).create({"partner_ids": self.partner.ids}).action_send_mail()
        mails = self.deliver_mails()
        links = [
            link.get("href")
            for mail in mails
            if mail.html and "customer@example.com" in mail.recipients
            for link in fromstring(mail.html).iter("a")
            if "access_token" in link.get("href")
        ]
        return links[-1]

    def open(self, link, tour):
        """Follow a link on a phone whose language is Japanese."""
        self.start_tour(link, tour, cookies={"frontend_lang": "ja_JP"})
        self.env.invalidate_all()

    def press_join(self, link):
        """Press the button; returns when the browser shows Zoom's page.

        No tab is opened without a finger, so it is the same one.
        """
        button = "document.querySelector('.o_web_conference_join a')"
        self.browser_js(
            link,
            code=f"{button}.removeAttribute('target'), {button}.click()",
            ready=f"Boolean({button})",
            success_signal=join.TITLE,
        )

    def run_alarms(self):
        """The platform's reminders and this module's, when they are due."""
        self.env.flush_all()
        self.env.ref("calendar.ir_cron_scheduler_alarm").method_direct_trigger()
        self.send_reminders()
        return self.deliver_mails()

    def test_tour_from_the_invitation_to_join(self):
        # Given a booking that staff have made and shared
        booking = self.book()
        invitation = self.mail_to("customer@example.com", self.deliver_mails())
        notice = "Zoomの参加用URLは、2027年3月1日 7:00（UTC）の直前お知らせメールで"
        self.assertIn(notice, invitation.text)
        link = self.share(booking)
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertTrue(meeting.join_url.startswith(self.zoom.url))
        # When the customer follows the link in the mail, it says when the link comes
        self.open(link, "test_tour_customer_waits_ja")
        # and before the reminder is due, nothing is sent
        self.move_to(REMINDER_TIME - timedelta(minutes=1))
        self.assertFalse(self.run_alarms())
        # When it is due, then the customer gets the link, once
        self.move_to(REMINDER_TIME)
        reminder = self.mail_to("customer@example.com", self.run_alarms())
        self.assertEqual(
            reminder.subject, "【直前のお知らせ】2027年3月1日のご予約について"
        )
        self.assertIn(meeting.join_url, reminder.text)
        self.assertFalse(self.run_alarms())
        # and joins from the same page; Zoom does not learn whose booking it is
        self.open(link, "test_tour_customer_joins_ja")
        self.press_join(link)
        self.assertEqual(self.zoom.state.guests, [(str(meeting.id), True, None)])
        # When the booking is over, then the button is gone
        self.move_to(END)
        self.open(link, "test_tour_customer_is_over_ja")
