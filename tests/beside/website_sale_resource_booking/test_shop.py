# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import re
from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from lxml.html import fromstring
from requests.cookies import RequestsCookieJar

from odoo.exceptions import ValidationError
from odoo.fields import Command, Datetime
from odoo.tests import tagged

from odoo.addons.account_payment.models import payment_transaction as accounting

from ...common import MONDAY, NOW, HttpBookingCase
from ...mail_common import REMINDER_TIME, STAFF, MailMixin

BUYER = "buyer@example.com"
MARCH = "/shop/booking/1/schedule/2027/3"


class Shopper:
    """A visitor of the web shop without a user, in a browser of their own."""

    def __init__(self, case):
        self.case = case
        self.cookies = RequestsCookieJar()

    def open(self, path, data=None, json=None):
        """Open a page, or send a form or JSON to it.

        :return: requests.Response
        """
        self.case.opener.cookies = self.cookies
        response = self.case.url_open(path, data=data, json=json, timeout=30)
        self.case.env.invalidate_all()
        self.case.assertEqual(response.status_code, 200, response.url)
        return response

    def add_to_cart(self, product):
        values = {
            "product_template_id": product.product_tmpl_id.id,
            "product_id": product.id,
            "quantity": 1,
        }
        answer = self.open("/shop/cart/add", json={"params": values}).json()
        self.case.assertNotIn("error", answer)

    def get_forms(self):
        """The forms of the free times in the cart's calendar: start -> fields."""
        page = fromstring(self.open(MARCH).text)
        forms = [
            dict(form.fields) for form in page.forms if "/confirm" in form.get("action")
        ]
        return {datetime.fromisoformat(one["when"][:19]): one for one in forms}

    def choose(self, form):
        """Choose the time of this form.

        :return: requests.Response after the redirection
        """
        return self.open(
            "/shop/booking/1/confirm",
            {**form, "partner_name": "Buyer", "partner_email": BUYER},
        )

    def hold(self, product, start=MONDAY):
        """Put an appointment into the cart, and choose its time.

        :return: resource.booking
        """
        self.add_to_cart(product)
        self.choose(self.get_forms()[start])
        order = self.case.env["sale.order"].search([], order="id desc", limit=1)
        return order.resource_booking_ids

    def enter_address(self):
        page = fromstring(self.open("/shop/address").text)
        (token,) = page.xpath("//form//input[@name='csrf_token']/@value")[:1]
        address = {
            "csrf_token": token,
            "name": "Buyer",
            "email": BUYER,
            "phone": "+32 485 118 218",
            "street": "Street 1",
            "city": "Brussels",
            "zip": "1000",
            "country_id": self.case.env.ref("base.be").id,
        }
        answer = self.open("/shop/address/submit", address).json()
        self.case.assertIn("redirectUrl", answer, answer)

    def order(self):
        """Order what costs nothing.

        :return: requests.Response of the last page
        """
        self.enter_address()
        return self.open("/shop/payment/validate")


class ShopCase(MailMixin, HttpBookingCase):
    """An appointment in the web shop."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {
                "name": "Consultation",
                "type": "service",
                "list_price": 0,
                "resource_booking_type_id": cls.rbt.id,
                "website_published": True,
            }
        )
        cls.website = cls.env["website"].get_current_website()
        # One combination, one Zoom user: who holds a time has it alone.
        cls.rbt.combination_rel_ids.filtered(
            lambda rel: rel.combination_id != cls.rbc_mon
        ).unlink()

    def setUp(self):
        super().setUp()
        # Zoom does not roll back: an earlier test may have ended this token.
        self.account._get_client(rejected=self.account.access_token)
        self.clear_zoom()
        self.visitor = Shopper(self)

    def expire(self, moment):
        """Let the shop cancel what has expired by then."""
        self.move_to(moment)
        self.env.flush_all()
        cron = self.env.ref("website_sale_resource_booking.cron_expire")
        self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def remind(self, moment=REMINDER_TIME):
        self.deliver_mails()
        self.move_to(moment)
        self.send_reminders()
        return self.deliver_mails()

    def woken(self):
        """The moments for which the action that asks Zoom has been woken."""
        cron = self.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        return triggers.mapped("call_at")

    def assert_costs_nothing(self):
        """Zoom has heard nothing of any meeting."""
        self.sync_meetings()
        self.assertFalse(self.counted_requests())
        self.assertFalse(self.live_meetings())


@tagged("post_install", "-at_install")
class TestShop(ShopCase):
    """Appointments are bought in the web shop; a cart only holds its time."""

    def test_purchase_ends_in_a_reminder_with_its_link(self):
        # Given somebody has put an appointment into the cart and chosen its time
        booking = self.visitor.hold(self.product)
        self.assertEqual((booking.start, booking.state), (MONDAY, "scheduled"))
        # Then it costs no request, and nobody hears of a link
        self.assert_costs_nothing()
        self.assertFalse([m for m in self.deliver_mails() if "Zoom" in m.everything])
        # When it is ordered
        self.env["ir.cron.trigger"].search([]).unlink()
        page = self.visitor.order()
        self.assertTrue(page.url.endswith("/shop/confirmation"), page.url)
        self.assertEqual(booking.sale_order_state, "sale")
        self.assertEqual(booking.state, "confirmed")
        # Then the meeting is created at once
        self.assertLessEqual(min(self.woken()), Datetime.now())
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(self.counted_requests(), 1)
        self.assertEqual(booking.join_link_state, "ready")
        # and the buyer gets the page of the booking, from the company
        mails = self.deliver_mails()
        shared = [mail for mail in mails if "My Company sends you" in mail.text]
        self.assertEqual([mail.recipients for mail in shared], [(BUYER,)])
        self.assertIn("office@example.com", shared[0].message["From"])
        # and a confirmation that asks nothing, and leads to no former address
        (confirmed,) = (mail for mail in mails if "Confirmation:" in mail.subject)
        self.assertEqual(confirmed.recipients, (BUYER,))
        self.assertIn("Your booking is confirmed.", confirmed.text)
        self.assertIn("comes with the reminder", confirmed.text)
        self.assertNotIn("Accept", confirmed.text)
        self.assertNotIn("Public user", confirmed.everything)
        self.assertIn("office@example.com", confirmed.message["From"])
        for mail in (confirmed, shared[0]):
            for token in re.findall(r"access_token=([\w-]+)", mail.html):
                self.assertEqual(token, booking.access_token)
        self.assertIn(booking.access_token, shared[0].html)
        # and its link comes with the reminder
        self.assertFalse([one for one in mails if meeting.join_url in one.everything])
        reminder = self.mail_to(BUYER, self.remind())
        self.assertIn(meeting.join_url, reminder.text)
        self.assertNotIn("Public user", reminder.everything)
        self.assertFalse(self.remind())

    def test_payment_that_the_system_records_asks_the_buyer_nothing(self):
        # Given a time that somebody has chosen
        booking = self.visitor.hold(self.product)
        self.visitor.enter_address()
        self.deliver_mails()
        # When a scheduled action finds that it is paid
        system = self.env.ref("base.user_root")
        booking.sale_order_id.with_user(system).action_confirm()
        self.assertEqual(booking.state, "confirmed")
        # Then its mails come from the company, and ask nothing
        mails = [mail for mail in self.deliver_mails() if BUYER in mail.recipients]
        (confirmed,) = (mail for mail in mails if "Confirmation:" in mail.subject)
        self.assertIn("Your booking is confirmed.", confirmed.text)
        self.assertNotIn("Accept", confirmed.text)
        (shared,) = (mail for mail in mails if "sends you" in mail.text)
        self.assertIn("My Company sends you", shared.text)
        self.assertIn("office@example.com", shared.message["From"])

    def test_hold_that_expires_costs_no_request(self):
        # Given a time that is held
        booking = self.visitor.hold(self.product)
        self.assert_costs_nothing()
        row = booking.zoom_meeting_id
        # When nobody pays for it in time
        self.expire(NOW + timedelta(minutes=59))
        self.assertTrue(booking.active)
        self.expire(NOW + timedelta(minutes=61))
        self.assertFalse(booking.active)
        # Then Zoom has heard nothing of it, and others can have the time
        self.assert_costs_nothing()
        self.assertEqual(row.state, "removed")
        other = Shopper(self)
        other.add_to_cart(self.product)
        self.assertIn(MONDAY, other.get_forms())
        self.assertFalse(self.remind())

    def test_held_time_is_taken(self):
        # Given two visitors who look at the same times
        other = Shopper(self)
        other.add_to_cart(self.product)
        seen = other.get_forms()
        # When one of them chooses one
        booking = self.visitor.hold(self.product)
        # Then it is not offered any more
        self.assertNotIn(MONDAY, other.get_forms())
        # and the other one is told so, but not by whom
        page = other.choose(seen[MONDAY])
        self.assertIn("no longer available", page.text)
        (error,) = parse_qs(urlsplit(page.url).query)["error"]
        self.assertIn("has just been taken", error)
        self.assertNotIn(self.host.name, error)
        self.assertNotIn(booking.prereserved_name, error)

    def test_host_holds_one_time_in_two_types(self):
        # Given a held time, and another type with the same Zoom user
        self.visitor.hold(self.product)
        # When staff book the Zoom user for that time, then they are refused
        self.r_materials[2].zoom_user_id = self.host
        other = self.rbt.copy({"name": "Other"})
        rel = {"combination_id": self.rbc_both.id}
        other.combination_rel_ids = [Command.clear(), Command.create(rel)]
        with self.assertRaisesRegex(ValidationError, "one booking at a time"):
            self.book(type_id=other.id, combination_id=self.rbc_both.id)

    def test_moved_hold_costs_nothing(self):
        booking = self.visitor.hold(self.product)
        self.visitor.choose(self.visitor.get_forms()[MONDAY + timedelta(hours=2)])
        self.assertEqual(booking.start, MONDAY + timedelta(hours=2))
        self.assert_costs_nothing()
        self.visitor.order()
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.start_time.hour, 10)

    def test_no_reminder_before_it_is_kept(self):
        # Given a time that is held for a week
        self.product.resource_booking_timeout = 7 * 24
        booking = self.visitor.hold(self.product)
        # When its reminder would be due, then nobody gets one
        self.assertFalse(self.remind())
        self.assert_costs_nothing()
        # When it is ordered then, then the link comes at once
        self.visitor.order()
        self.sync_meetings()
        self.send_reminders()
        (meeting,) = self.live_meetings()
        told = [m for m in self.deliver_mails() if meeting.join_url in m.everything]
        self.assertEqual(
            sorted(address for mail in told for address in mail.recipients),
            [BUYER, STAFF],
        )
        self.assertTrue(booking.zoom_meeting_id.disclosed_at)

    def test_fixed_url_is_told_when_the_booking_is_kept(self):
        # Given a type with a fixed URL, which all may know from the start
        self.rbt.write(
            {
                "web_conference_tool": "other",
                "videocall_location": "https://meet.example.com/room",
                "link_disclosure": "issued",
            }
        )
        booking = self.visitor.hold(self.product)
        # Then nobody learns it while the time is only held
        self.send_reminders()
        self.assertFalse(self.deliver_mails())
        self.assertFalse(booking.meeting_id.videocall_location)
        self.assertEqual(
            booking._get_portal_conference()["notice"],
            "The link comes after the booking is confirmed.",
        )
        # When it is ordered
        self.visitor.order()
        self.send_reminders()
        # Then the link comes
        self.assertEqual(
            booking.meeting_id.videocall_location, "https://meet.example.com/room"
        )
        mails = [mail for mail in self.deliver_mails() if BUYER in mail.recipients]
        self.assertTrue([m for m in mails if "meet.example.com/room" in m.text])

    def test_staff_see_why_it_waits(self):
        booking = self.visitor.hold(self.product)
        kept = self.book(MONDAY + timedelta(hours=3))
        bookings = self.env["resource.booking"].with_user(self.users[0])
        self.users[0].group_ids += self.env.ref("resource_booking.group_user")
        held = bookings.search([("join_link_state", "=", "held")])
        self.assertEqual(held.ids, booking.ids)
        waiting = bookings.search([("join_link_state", "=", "waiting")])
        self.assertEqual(waiting.ids, kept.ids)
        self.assertEqual(
            dict(
                bookings._read_group(
                    [("start", "!=", False)], ["join_link_state"], ["id:array_agg"]
                )
            ),
            {"held": booking.ids, "waiting": kept.ids},
        )
        self.assertEqual(held.join_link_state, "held")
        self.assertEqual(
            held.with_context(tz="UTC").join_link_wait,
            "The booking only holds its time and expires on 2/26/27, 10:00\u202fAM, "
            "unless its order is paid or confirmed before. Its meeting is created then.",
        )
        self.assertEqual(self.host.waiting_count, 1)
        # When staff want to hurry it, they are told why not
        said = booking.action_retry_link()["params"]["message"]
        self.assertIn("only holds its time", said)
        said = booking.action_send_link()["params"]["message"]
        self.assertIn("only held", said)
        self.sync_meetings()
        self.assertEqual(self.counted_requests(), 1)

    def test_paid_online(self):
        # Given an appointment that costs something
        self.product.list_price = 50
        booking = self.visitor.hold(self.product)
        self.visitor.enter_address()
        self.assert_costs_nothing()
        # When it is paid
        order = booking.sale_order_id
        method = self.env.ref("payment.payment_method_unknown")
        provider = self.env["payment.provider"].create(
            {"name": "Bank", "payment_method_ids": [Command.set(method.ids)]}
        )
        payment = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_direct",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        payment._set_done()
        # There is no chart of accounts, which the payment would be entered in.
        with patch.object(accounting.PaymentTransaction, "_post_process"):
            payment._post_process()
        # Then it gets its meeting
        self.assertFalse(booking._is_only_held())
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(booking.zoom_meeting_id.zoom_id, str(meeting.id))

    def test_staff_confirm_the_order(self):
        # Given an appointment that is to be paid by bank transfer
        self.product.list_price = 50
        booking = self.visitor.hold(self.product)
        self.visitor.enter_address()
        self.assert_costs_nothing()
        # When staff confirm the order
        booking.sale_order_id.action_confirm()
        # Then the meeting is created
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)
        # When they cancel it, then the meeting goes
        booking.sale_order_id._action_cancel()
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
