# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import unittest
from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..engine.story import Chapter, find_event
from .common import CREATE, MONDAY, TUESDAY
from .mail_common import REMINDER_TIME, MailCase

LATER = MONDAY + timedelta(hours=1)
NEW = Chapter("waiting", None, False, MONDAY, 30, None, 0)
READY = Chapter("ready", None, True, MONDAY, 30, MONDAY, 30)
MOVING = READY._replace(state="changed", start=LATER)


class TestEvents(unittest.TestCase):
    """What is worth a line in the history of a booking."""

    def check(self, event, before, after, is_over=False):
        self.assertEqual(find_event(before, after, is_over), event)

    def test_link_appears(self):
        self.check("issued", NEW, READY)
        self.check("issued", READY._replace(has_link=False), READY)

    def test_request_under_way_is_nothing(self):
        self.check(None, NEW, NEW._replace(sent_start=MONDAY, sent_duration=30))
        self.check(None, READY, READY)

    def test_zoom_has_the_new_time(self):
        self.check("moved", MOVING, MOVING._replace(state="ready", sent_start=LATER))
        longer = READY._replace(state="changed", duration=45)
        self.check("moved", longer, longer._replace(state="ready", sent_duration=45))

    def test_time_that_zoom_has_otherwise_is_mended_before_it_is_told(self):
        drifted = READY._replace(state="changed", sent_start=LATER)
        self.check(None, READY, drifted)
        self.check("moved", drifted, READY)

    def test_limit_is_told_as_it_is_met(self):
        limited = NEW._replace(problem="daily_limit")
        self.check("limit", NEW, limited)
        self.check("limit", MOVING, MOVING._replace(problem="account_limit"))
        self.check(None, limited, limited._replace(problem="account_limit"))

    def test_failure_and_retry_are_nothing(self):
        down = NEW._replace(problem="unavailable")
        self.check(None, NEW, down)
        self.check(None, down, NEW)

    def test_deletion(self):
        removing = READY._replace(state="removing")
        removed = READY._replace(state="removed")
        self.check(None, READY, removing)
        self.check("removed", removing, removed)
        self.check("removed", READY, removed)
        self.check(None, removed, removed)

    def test_nothing_is_deleted_that_nobody_knew_or_that_is_over(self):
        removed = READY._replace(state="removed")
        self.check(None, NEW, NEW._replace(state="removed"))
        self.check(None, READY._replace(state="removing"), removed, is_over=True)


@tagged("post_install", "-at_install")
class TestStory(MailCase):
    """The history of a booking, as staff read it."""

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()

    def story(self, booking, lang="en_US"):
        """Its lines: what happened, and the names that go with it."""
        prefix = "resource_booking_zoom.story_"
        return [
            (
                subtype.with_context(lang=lang).description,
                message.preview or "",
            )
            for message in booking.message_ids.sorted("id")
            for subtype in message.subtype_id
            if subtype.get_external_id()[subtype.id].startswith(prefix)
        ]

    def test_from_the_meeting_to_the_reminder(self):
        booking = self.book(combination_id=self.rbc_mon.id)
        self.assertFalse(self.story(booking))
        self.sync_meetings()
        booking.start = LATER
        self.sync_meetings()
        self.remind(REMINDER_TIME + timedelta(hours=1))
        self.assertEqual(
            self.story(booking),
            [
                (
                    "The meeting was created in Zoom, and the join link is ready.",
                    "Host1 Zoom",
                ),
                (
                    "Zoom has the booking's new time. The join link stays the same.",
                    "",
                ),
                (
                    "The reminder was sent.",
                    ", ".join((self.partner | self.staff.partner_id).mapped("name")),
                ),
            ],
        )

    def test_another_host(self):
        booking = self.ready_booking(combination_id=self.rbc_mon.id)
        self.r_materials[0].zoom_user_id = self.other_host
        self.sync_meetings()
        self.assertEqual(
            self.story(booking)[1:],
            [
                (
                    "The meeting moves to another host, with a new join link.",
                    "Host1 Zoom → Host2 Zoom",
                ),
                (
                    "The meeting was created in Zoom, and the join link is ready.",
                    "Host2 Zoom",
                ),
                (
                    "The meeting was deleted in Zoom. Its join link no longer works.",
                    "",
                ),
            ],
        )

    def test_cancelled_and_link_dead(self):
        booking = self.reminded_booking()
        lines = len(self.story(booking))
        self.flush_tracking()
        booking.with_context(tracking_disable=False).action_cancel()
        self.flush_tracking()
        # The platform tells that it is cancelled
        tracked = booking.message_ids.sudo().tracking_value_ids
        self.assertIn("Canceled", tracked.mapped("new_value_char"))
        self.sync_meetings()
        self.send()
        self.assertEqual(
            [line for line, _names in self.story(booking)[lines:]],
            [
                "The meeting was deleted in Zoom. Its join link no longer works.",
                "An e-mail says that the join link no longer works.",
            ],
        )

    def test_limit_and_retries_are_one_line(self):
        self.zoom.fail(**CREATE, status=503, times=3)
        self.account.daily_request_limit = 1
        self.account.reserve_requests = 0
        self.ready_booking(combination_id=self.rbc_mon.id)
        booking = self.book(TUESDAY, combination_id=self.rbc_tue.id)
        for _number in range(3):
            self.sync_meetings()
            self.move_to(self.env.cr.now() + timedelta(hours=1))
            booking.action_retry_link()
        lines = [line for line, _names in self.story(booking)]
        self.assertEqual(len(lines), 1)
        self.assertIn("daily limit is reached", lines[0])

    def test_link_by_hand(self):
        booking = self.ready_booking()
        lines = len(self.story(booking))
        for choice, url in (
            ("manual", "https://teams.example.com/secret"),
            ("none", False),
            (False, False),
            (False, False),
        ):
            booking._choose_link(choice, url)
        self.assertEqual(
            self.story(booking)[lines:],
            [
                ("The join link was entered by hand.", ""),
                ("This booking is to have no join link.", ""),
                ("The web conference tool gives the join link again.", ""),
            ],
        )

    def test_nobody_gets_a_mail_and_no_customer_reads_it(self):
        booking = self.ready_booking()
        notes = self.env["mail.notification"]
        before = notes.search_count([])
        reader = new_test_user(self.env, login="reader", groups="base.group_portal")
        booking.partner_ids = [Command.link(reader.partner_id.id)]
        # Followers of everything
        booking.message_subscribe(
            reader.partner_id.ids,
            subtype_ids=self.env["mail.message.subtype"].search([]).ids,
        )
        self.deliver_mails()
        before = notes.search_count([])
        booking._note_start()
        self.assertEqual(len(self.story(booking)), 2)
        self.assertFalse(self.deliver_mails())
        self.assertEqual(notes.search_count([]), before)
        read = booking.with_user(reader).message_ids.mapped("subtype_id.description")
        self.assertNotIn("Started the online meeting as host.", read)

    def test_no_secrets(self):
        booking = self.reminded_booking()
        booking._note_start()
        told = str(booking.message_ids.read())
        self.assert_tells_nothing(told, booking)

    def test_names_are_no_markup(self):
        self.partner.name = "Yama<b>da & Co"
        booking = self.reminded_booking()
        (message,) = booking.message_ids.filtered(
            lambda one: one.subtype_id.description == "The reminder was sent."
        )
        self.assertIn("Yama&lt;b&gt;da &amp; Co", message.body)

    def test_mail_that_is_sent_again_is_no_line(self):
        booking = self.reminded_booking()
        lines = self.story(booking)
        entries = booking.meeting_id.sudo().web_conference_mail_ids
        entry = entries.filtered(lambda one: one.partner_id == self.partner)
        entry._take_back(moved=False)
        self.move_to(entry.retry_at)
        self.assertIn("customer@example.com", self.recipients(self.send()))
        self.assertEqual(self.story(booking), lines)

    def test_many_bookings_take_few_queries(self):
        bookings = self.book_many(9).booking_id

        def count(bookings):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            bookings._note_start()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(bookings[:1])
        self.assertEqual(count(bookings[1:2]), count(bookings[2:]))
