# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..engine.hosts import Host, Wanted, why_not
from ..engine.overlaps import Span
from ..models.zoom.user_list import hand_over_bindings
from .common import MONDAY
from .mail_common import CUSTOMER, STAFF, MailCase

HALF = timedelta(minutes=30)


class HostCase(MailCase):
    def open(self, bookings, mode="host"):
        action = {
            "host": bookings.action_change_host,
            "anew": bookings.action_issue_anew,
            "usual": bookings.action_usual_host,
        }[mode]()
        model = bookings.env[action["res_model"]]
        form = Form(model.with_context(**action["context"]))
        self.assertEqual(form.mode, mode)
        return form

    def change(self, bookings, host=None, mode="host"):
        """Change the host in the dialog, as staff do.

        :return str: what the dialog said before
        """
        form = self.open(bookings, mode)
        if host:
            form.zoom_user_id = host
        said = form.message or ""
        form.save().action_apply()
        return said


class TestChangeHost(HostCase):
    """Another Zoom user for single bookings."""

    def test_only_this_booking_moves(self):
        booking, other = self.book(), self.book(MONDAY + HALF)
        self.sync_meetings()
        kept = other.zoom_meeting_id.join_url
        said = self.change(booking, self.other_host)
        self.assertIn("Bookings that change, and no others: 1.", said)
        self.assertIn("Host2 Zoom: 1 of the 90 requests left today", said)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)
        self.assertEqual(other.zoom_meeting_id.zoom_user_id, self.host)
        self.assertEqual(other.zoom_meeting_id.join_url, kept)
        self.assertEqual(len(self.live_meetings()), 2)
        self.assertEqual(self.counted_requests(), 3)

    def test_new_meeting_comes_before_the_old_one_goes(self):
        booking = self.ready_booking()
        self.change(booking, self.other_host)
        self.sync_meetings()
        kinds = [
            one.method
            for one in self.zoom.state.requests
            if "/meetings" in one.path and one.method in ("POST", "DELETE")
        ]
        self.assertEqual(kinds, ["POST", "POST", "DELETE"])

    def test_host_of_another_company_is_refused_and_never_used(self):
        booking = self.book()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        account = self.env["booking.zoom.account"].create({"company_id": company.id})
        foreign = self.env["booking.zoom.user"].create(
            {"account_id": account.id, "zoom_id": "foreign", "name": "Foreign"}
        )
        with self.assertRaisesRegex(ValidationError, "another company"):
            booking.forced_zoom_user_id = foreign
        # A type that moves to another company takes nobody along.
        self.env.invalidate_all()
        booking.forced_zoom_user_id = self.other_host
        booking.type_id.company_id = company
        self.assertNotEqual(booking.zoom_user_id, self.other_host)

    def test_who_chooses_is_told_that_only_others_can_start(self):
        # Given somebody who is booked, and has no other rights
        booking = self.book()
        staff = self.create_staff("staff")
        booking.combination_id.resource_ids[:1].user_id = staff
        # When that person or a manager is about to choose another Zoom user
        form = self.open(booking.with_user(staff))
        form.zoom_user_id = self.other_host.with_user(staff)
        self.assertIn("You cannot start", form.warning)
        staff.group_ids += self.env.ref("resource_booking.group_manager")
        form = self.open(booking.with_user(staff))
        form.zoom_user_id = self.other_host.with_user(staff)
        self.assertFalse(form.warning)

    def test_mails_the_new_link_and_no_change_of_the_date(self):
        booking = self.reminded_booking()
        said = self.change(booking, self.other_host)
        self.assertIn("2 people know the present join link", said)
        self.assertEqual(self.deliver_mails(), [])
        self.sync_meetings()
        mails = self.send_after_check()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        mail = self.mail_to(CUSTOMER, mails)
        self.assertIn("information has changed", mail.subject)
        self.assert_says_how_to_join(mail.text, booking)

    def test_offers_only_who_can(self):
        booking = self.book()
        self.assertEqual(self.open(booking).candidate_ids.ids, self.other_host.ids)

    def test_offers_nobody_who_is_busy(self):
        booking = self.book()
        self.book_many(1, start=MONDAY + timedelta(minutes=10), host=self.other_host)
        form = self.open(booking)
        self.assertFalse(form.candidate_ids.ids)
        self.assertIn("busy at that time (1)", form.not_offered)
        self.assertIn("No other Zoom user", form.warning)

    def test_offers_nobody_without_requests(self):
        booking = self.book()
        self.use_up(self.other_host, 90)
        form = self.open(booking)
        self.assertFalse(form.candidate_ids.ids)
        self.assertIn("no requests left today (1)", form.not_offered)

    def test_refuses_who_has_become_busy_meanwhile(self):
        booking = self.book()
        form = self.open(booking)
        form.zoom_user_id = self.other_host
        wizard = form.save()
        self.book_many(1, start=MONDAY, host=self.other_host)
        with self.assertRaisesRegex(UserError, "busy at that time"):
            wizard.action_apply()

    def test_is_taken_back(self):
        booking = self.ready_booking()
        self.change(booking, self.other_host)
        self.assertEqual(booking.forced_zoom_user_id, self.other_host)
        self.sync_meetings()
        self.change(booking, mode="usual")
        self.assertFalse(booking.forced_zoom_user_id)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.host)

    def test_survives_a_move_and_a_rebinding(self):
        booking = self.ready_booking()
        self.change(booking, self.other_host)
        booking.start = MONDAY + HALF
        self.rbc_mon.resource_ids.zoom_user_id = self.host
        self.assertEqual(booking.zoom_user_id, self.other_host)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)

    def test_rebinding_says_before_what_it_costs_and_leaves_it_alone(self):
        booking, moved = self.book(), self.book(MONDAY + HALF)
        self.change(moved, self.other_host)
        self.sync_meetings()
        self.remind()
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as logs:
            with Form(self.r_materials[0]) as form:
                form.zoom_user_id = self.other_host
        self.assertIn("already hosts 1 future meetings", logs.output[-1])
        self.assertIn("takes 1 of its requests", logs.output[-1])
        self.assertIn("2 people who know them get a mail", logs.output[-1])
        self.assertEqual(booking.zoom_user_id, self.other_host)
        self.assertEqual(moved.zoom_user_id, self.other_host)

    def test_is_handed_over_to_the_same_person_with_another_id(self):
        booking = self.ready_booking()
        self.change(booking, self.other_host)
        successor = self.env["booking.zoom.user"].create(
            {
                "account_id": self.account.id,
                "zoom_id": "another",
                "name": "Host2 Zoom",
                "email": self.other_host.email,
            }
        )
        hand_over_bindings(self.other_host, successor)
        self.assertEqual(booking.forced_zoom_user_id, successor)

    def test_what_cannot_move_stays(self):
        booking, by_hand = self.book(), self.book(MONDAY + HALF)
        by_hand._choose_link("manual", "https://meet.example.com/room")
        pending = self.book(None)
        form = self.open(booking | by_hand | pending)
        self.assertIn("2 bookings stay as they are", form.warning)
        form.zoom_user_id = self.other_host
        form.save().action_apply()
        self.assertEqual(booking.zoom_user_id, self.other_host)
        self.assertFalse(by_hand.forced_zoom_user_id)

    def test_frees_a_booking_from_the_limit(self):
        self.use_up(self.host, 100)
        booking = self.book()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "daily_limit")
        self.change(booking, self.other_host)
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")

    def test_of_many_bookings_in_few_queries(self):
        bookings = self.env["resource.booking"].union(
            *(self.book(MONDAY + number * HALF) for number in range(6))
        )
        self.env.invalidate_all()
        bookings[:1]._find_hosts()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            able, _reasons = bookings._find_hosts()
        self.assertEqual(able, self.other_host)

    def test_booking_user_moves_own_bookings(self):
        member = self.create_staff("member")
        self.rbc_mon.resource_ids[0].user_id = member
        booking = self.book()
        self.env = self.env(user=member)
        self.addCleanup(setattr, self, "env", self.env(user=1))
        booking = booking.with_env(self.env)
        self.change(booking, self.other_host.with_env(self.env))
        self.assertEqual(booking.zoom_user_id, self.other_host)


class TestIssueAnew(HostCase):
    """A new meeting in place of the present one."""

    def test_replaces_the_meeting_and_mails_who_knew_it(self):
        booking = self.reminded_booking()
        first = booking.zoom_meeting_id.join_url
        said = self.change(booking, mode="anew")
        self.assertIn("Host1 Zoom: 1 of the 100 requests left today", said)
        self.sync_meetings()
        self.assertNotEqual(booking.zoom_meeting_id.join_url, first)
        self.assertEqual(len(self.live_meetings()), 1)
        mails = self.send_after_check()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertNotIn(first, self.mail_to(CUSTOMER, mails).text)

    def test_refused_without_requests(self):
        booking = self.ready_booking()
        self.use_up(self.host, 89)
        with self.assertRaisesRegex(UserError, "only 0 requests left"):
            self.change(booking, mode="anew")
        self.assertEqual(booking.join_link_state, "ready")


@tagged("post_install", "-at_install")
class TestWhyNot(BaseCase):
    """Who can take over bookings, as a table."""

    START = datetime(2027, 3, 1, 8)

    def judge(self, host=None, busy=(), wanted=None, **values):
        known = {
            "id": 2,
            "company_id": 1,
            "can_host": True,
            "longest": None,
            "requests_left": 5,
        }
        wanted = wanted or [self.wanted()]
        return why_not(Host(**{**known, **values}), wanted, busy)

    def wanted(self, booking_id=7, hours=0, company_id=1, host_id=1):
        start = self.START + timedelta(hours=hours)
        return Wanted(
            booking_id, company_id, host_id, start, start + timedelta(hours=1)
        )

    def span(self, booking_id, hours):
        start = self.START + timedelta(hours=hours)
        return Span(2, start, start + timedelta(hours=1), booking_id)

    def test_reasons(self):
        self.assertIsNone(self.judge())
        self.assertEqual(self.judge(id=1), "present")
        self.assertEqual(self.judge(can_host=False), "inactive")
        self.assertEqual(self.judge(company_id=3), "company")
        self.assertIsNone(
            self.judge(wanted=[self.wanted(company_id=None)], company_id=3)
        )
        self.assertEqual(self.judge(longest=40), "license")
        self.assertIsNone(self.judge(longest=60))
        self.assertEqual(self.judge(requests_left=0), "requests")

    def test_time(self):
        self.assertEqual(self.judge(busy=[self.span(8, 0.5)]), "busy")
        # One after the other is no overlap; own bookings do not count.
        self.assertIsNone(self.judge(busy=[self.span(8, 1), self.span(9, -1)]))
        self.assertIsNone(self.judge(busy=[self.span(7, 0)]))
        both = [self.wanted(7), self.wanted(8, 0.5)]
        self.assertEqual(self.judge(wanted=both), "busy")

    def test_each_moving_booking_takes_a_request(self):
        wanted = [self.wanted(7), self.wanted(8, 1), self.wanted(9, 2, host_id=2)]
        self.assertIsNone(self.judge(wanted=wanted, requests_left=2))
        self.assertEqual(self.judge(wanted=wanted, requests_left=1), "requests")
