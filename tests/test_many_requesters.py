# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from ..models.conference.booking_conference_mail import MAILS_TOGETHER
from .common import MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, MailCase

LOGGERS = (
    "odoo.addons.resource_booking_zoom.models.conference.booking_conference_mail",
    "odoo.addons.resource_booking_zoom.models.conference.mail_writing",
    "odoo.addons.resource_booking_zoom.models.conference.calendar_attendee_conference",
)
MANY = 3 * MAILS_TOGETHER


class TestManyRequesters(MailCase):
    """One booking with very many requesters keeps no other waiting."""

    def create_people(self, count):
        return self.env["res.partner"].create(
            [
                {"name": f"Member {number}", "email": f"member{number}@example.com"}
                for number in range(count)
            ]
        )

    def set_up_crowd(self, start=MONDAY, other=MONDAY + timedelta(minutes=30)):
        """A booking of many, and one of the customer's."""
        self.people = self.create_people(MANY)
        with patch.object(
            self.registry["mail.mail"], "send", lambda *_args, **_options: True
        ):
            self.crowd = self.book(start, self.people)
            self.single = self.book(other)
        self.sync_meetings()
        self.env["mail.mail"].search([]).unlink()

    def get_order(self):
        """Whom the run has reminded, in this order."""
        entries = self.env["booking.conference.mail"].search([], order="id")
        return entries.partner_id.mapped("email")

    def run_reminders(self, moment):
        self.move_to(moment)
        self.send_reminders()

    def assert_all_reminded_once(self):
        entries = self.env["booking.conference.mail"].search([])
        reminded = entries.filtered(lambda one: one.partner_id in self.people)
        self.assertEqual(len(reminded), MANY)
        self.assertEqual(reminded.partner_id, self.people)

    def test_another_booking_is_reminded_among_the_first(self):
        self.set_up_crowd()
        self.run_reminders(REMINDER_TIME + timedelta(minutes=30))
        order = self.get_order()
        self.assertLessEqual(order.index(CUSTOMER), MAILS_TOGETHER + 1)
        self.assert_all_reminded_once()

    def test_what_becomes_due_meanwhile_does_not_wait_for_the_end(self):
        self.set_up_crowd(other=MONDAY + timedelta(minutes=60))
        due = REMINDER_TIME + timedelta(minutes=60)
        model = self.registry["booking.conference.mail"]
        send_batch = model._send_batch

        def send_and_let_time_pass(ledger, batch):
            left = send_batch(ledger, batch)
            self.move_to(max(due, fields.Datetime.now()))
            return left

        for booking in (self.single, self.crowd):
            self.let_zoom_have_said(booking, due)
        with patch.object(model, "_send_batch", send_and_let_time_pass):
            self.run_reminders(due - timedelta(seconds=1))
        order = self.get_order()
        self.assertLessEqual(order.index(CUSTOMER), 2 * MAILS_TOGETHER + 1)
        self.assert_all_reminded_once()

    def test_those_that_fail_keep_no_others_of_their_booking(self):
        self.set_up_crowd()
        damaged = self.people[: MAILS_TOGETHER + 1]
        model = self.registry["calendar.attendee"]
        compute = model._compute_web_conference_info

        def fail_for_some(attendees):
            if attendees.partner_id & damaged:
                raise ValueError("damaged")
            compute(attendees)

        with (
            patch.object(model, "_compute_web_conference_info", fail_for_some),
            mute_logger(*LOGGERS),
        ):
            self.run_reminders(REMINDER_TIME + timedelta(minutes=30))
        order = self.get_order()
        self.assertIn(CUSTOMER, order)
        self.assertFalse(set(order) & set(damaged.mapped("email")))
        self.assertLessEqual(set((self.people - damaged).mapped("email")), set(order))

    def test_changed_link_is_told_a_slice_at_a_time(self):
        self.set_up_crowd()
        moment = REMINDER_TIME + timedelta(minutes=30)
        self.run_reminders(moment)
        later = moment + timedelta(minutes=1)
        for booking in (self.crowd, self.single):
            self.let_zoom_have_said(booking, later, passcode="another")
        ledger = self.env["booking.conference.mail"]
        ledger.search([]).flush_recordset()
        last = ledger.search([], limit=1).id
        self.run_reminders(later)
        order = ledger.search([("id", ">", last)], order="id").partner_id.mapped(
            "email"
        )
        self.assertEqual(len(order), MANY + 2)
        self.assertLessEqual(order.index(CUSTOMER), 2 * MAILS_TOGETHER + 1)

    def test_saving_costs_no_more_for_each_than_without_a_tool(self):
        """Queries that each requester adds, as few as on the platform alone."""

        def count(tool, people, start):
            self.rbt.web_conference_tool = tool
            self.env.flush_all()
            before = self.cr.sql_log_count
            with patch.object(
                self.registry["mail.mail"], "send", lambda *_args, **_options: True
            ):
                self.book(start, people)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        people = self.create_people(20)
        cost = {}
        for hours, tool in enumerate(("none", "zoom")):
            start = MONDAY + timedelta(hours=2 * hours)
            # The first one fills caches.
            few = [
                count(tool, people[:5], start + timedelta(minutes=30 * number))
                for number in range(2)
            ]
            cost[tool] = count(tool, people, start + timedelta(hours=1)) - few[1]
        self.assertLessEqual(cost["zoom"], cost["none"] + 15)
