# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tools import mute_logger

from ..engine import job as zoom_job
from ..models.zoom.claims import claim
from ..models.zoom.outcomes import notify_bookings, record_no_token, record_outcome
from .common import MONDAY, NOW, ZoomCase
from .mail_common import MailMixin

LOGGER = "odoo.addons.resource_booking_zoom.models.zoom.shared_links"
SHORTLY_BEFORE_REMINDER = MONDAY - timedelta(hours=1, minutes=14)


class TestSharedLink(MailMixin, ZoomCase):
    """Two customers never meet in one room, whatever a host has set in Zoom."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(LOGGER))
        self.user = self.zoom.state.users[self.host.zoom_id]
        for name in ("use_pmi", "insists_on_pmi"):
            self.addCleanup(setattr, self.user, name, False)

    def two_bookings(self):
        return self.book(), self.book(MONDAY + timedelta(minutes=30))

    def rows(self, *bookings):
        return [booking.zoom_meeting_id for booking in bookings]

    def assert_nobody_gets_it(self, row):
        self.assertFalse(row._is_usable())
        self.assertFalse(row.join_url or row.passcode)

    def mails_to_administrator(self):
        return (
            self.env["mail.mail"]
            .sudo()
            .search([("subject", "like", "several meetings the same join link")])
        )

    def test_host_who_schedules_with_the_personal_room_gets_meetings_of_their_own(self):
        self.user.use_pmi = True
        bookings = self.two_bookings()
        self.sync_meetings()
        for row in self.rows(*bookings):
            self.assertEqual(row.state, "ready")
            self.assertIn(f"/j/{row.zoom_id}", row.join_url)
        self.assertEqual(self.counted_requests(), 2)

    def test_personal_room_that_zoom_insists_on_is_given_to_nobody(self):
        # Given a Zoom that answers the personal room whatever it is asked
        self.user.insists_on_pmi = True
        bookings = self.two_bookings()
        # When the scheduled action runs for a day
        for hours in range(24):
            self.move_to(NOW + timedelta(hours=hours))
            self.sync_meetings()
        # Then each booking has cost two requests, and says what is wrong
        self.assertEqual(self.counted_requests(), 4)
        for row in self.rows(*bookings):
            self.assert_nobody_gets_it(row)
            self.assertEqual(row.problem, "shared_link")
            self.assertFalse(row.next_attempt)
            self.assertIn("Use Personal Meeting ID", row.problem_message)
            self.assertNotIn(str(self.user.pmi), row.problem_message)
        # and the administrator was told once
        (mail,) = self.mails_to_administrator()
        self.assertIn(self.host.name, mail.body_html)
        self.assertNotIn(str(self.user.pmi), mail.body_html)

    def test_meeting_that_is_issued_anew_replaces_the_first(self):
        # Given a Zoom that answers the personal room once
        self.user.insists_on_pmi = True
        booking = self.book()
        (job,), _locked = claim(booking.zoom_meeting_id)
        outcome = zoom_job.run_job(self.account._get_client(), job)
        self.user.insists_on_pmi = False
        first = booking.zoom_meeting_id
        record_outcome(first, outcome)
        # When the scheduled action goes on
        self.sync_meetings()
        self.sync_meetings()
        # Then the booking has another meeting, and the first is gone
        row = booking.zoom_meeting_id
        self.assertNotEqual(row, first)
        self.assertEqual(row.state, "ready")
        self.assertEqual(first.state, "removed")
        self.assertEqual([str(one.id) for one in self.live_meetings()], [row.zoom_id])
        self.assertEqual(len(self.mails_to_administrator()), 1)

    def test_setting_that_is_ticked_later_concerns_all_meetings_of_the_host(self):
        # Given two meetings that customers could have the links of
        bookings = self.two_bookings()
        self.sync_meetings()
        before = self.rows(*bookings)
        for meeting in self.live_meetings():
            self.zoom.tick_personal_room(meeting)
        # When one of them is read before its reminder
        self.move_to(SHORTLY_BEFORE_REMINDER - timedelta(minutes=10))
        before[0]._check_now()
        self.sync_meetings()
        self.sync_meetings()
        # Then both are issued anew, and both links are their own
        for old, row in zip(before, self.rows(*bookings), strict=True):
            self.assertNotEqual(row, old)
            self.assertEqual(row.state, "ready")
            self.assertEqual(old.state, "removed")
            self.assertIn(f"/j/{row.zoom_id}", row.join_url)
        self.assertEqual(self.counted_requests(), 4)

    def test_setting_that_is_ticked_between_reminder_and_check_is_not_mailed(self):
        booking = self.book()
        self.sync_meetings()
        self.zoom.tick_personal_room(self.live_meetings()[0])
        self.user.insists_on_pmi = True
        self.move_to(MONDAY - timedelta(hours=1))
        self.sync_meetings()
        self.send_reminders()
        self.assert_nobody_gets_it(booking.zoom_meeting_id)
        bodies = "".join(self.env["mail.mail"].sudo().search([]).mapped("body_html"))
        self.assertNotIn(str(self.user.pmi), bodies)

    def test_retry_now_after_the_setting_is_switched_off(self):
        self.user.insists_on_pmi = True
        booking = self.book()
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "shared_link")
        self.user.insists_on_pmi = False
        booking.zoom_meeting_id.action_retry()
        self.sync_meetings()
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertRecordValues(row, [{"state": "ready", "problem": False}])
        self.assertEqual([str(one.id) for one in self.live_meetings()], [row.zoom_id])

    def test_failed_read_does_not_bring_the_link_back(self):
        self.user.insists_on_pmi = True
        booking = self.book()
        self.sync_meetings()
        self.sync_meetings()
        row = booking.zoom_meeting_id
        row.action_retry()
        self.assert_nobody_gets_it(row)
        record_no_token(row)
        self.assert_nobody_gets_it(row)
        row._reset_attempts()
        self.assert_nobody_gets_it(row)

    def make_row(self, start, number, company=None, **values):
        """A ready row beside the others."""
        (row,) = self.book_many(1, start=start)
        row.write(
            {
                "zoom_id": number,
                "join_url": f"https://zoom.us/j/{number}",
                "passcode": "x",
                "state": "ready",
                "sent_start": row.start,
                "sent_duration": row.duration,
                "sent_topic": row.topic,
                **values,
            }
        )
        if company:
            row.company_id = company
        return row

    def test_number_that_another_company_has_is_withheld_from_both(self):
        # Given a meeting of another company, and one here whose number is the same
        company = self.env["res.company"].create({"name": "Second Clinic"})
        other = self.make_row(MONDAY + timedelta(days=1), "5551112222", company)
        booking = self.book()
        with patch(
            "odoo.addons.resource_booking_zoom.tests.zoom_simulator.state.State"
            ".new_meeting_id",
            return_value=5551112222,
        ):
            self.sync_meetings()
        # Then neither link is anybody's
        for row in (other, booking.zoom_meeting_id):
            self.assertFalse(row._is_usable())
        self.assertFalse(other.join_url)

    def test_two_workers_that_record_one_number_at_the_same_time(self):
        # Given two rows that were recorded without a look at each other
        rows = self.make_row(MONDAY, "5551112222") | self.make_row(
            MONDAY + timedelta(hours=1), "5551112222"
        )
        # When either worker lets others know of it
        notify_bookings(rows[0])
        # Then both are withheld
        for row in rows:
            self.assertFalse(row._is_usable())

    def test_other_row_that_somebody_saves_is_withheld_afterwards(self):
        one = self.make_row(MONDAY, "5551112222")
        other = self.make_row(MONDAY + timedelta(hours=1), "5551112222")
        meetings = type(one)
        try_lock = meetings.try_lock_for_update
        with patch.object(
            meetings,
            "try_lock_for_update",
            lambda rows, **how: try_lock(rows - other, **how),
        ):
            left = notify_bookings(one)
        self.assertIn(one.id, left)
        self.assertFalse(notify_bookings(one))
        self.assertFalse(one._is_usable() or other._is_usable())

    def test_meeting_that_is_over_or_removed_shares_nothing(self):
        row = self.make_row(MONDAY, "5551112222")
        self.make_row(NOW - timedelta(days=1), "5551112222")
        self.make_row(MONDAY + timedelta(hours=1), "5551112222", state="removed")
        notify_bookings(row)
        self.assertTrue(row._is_usable())

    def test_customers_who_have_the_link_get_the_new_one(self):
        # Given a reminder that is sent, and a host who ticks the setting then
        booking = self.book()
        self.sync_meetings()
        self.move_to(MONDAY - timedelta(hours=1))
        self.sync_meetings()
        self.send_reminders()
        self.assertTrue(booking.zoom_meeting_id.disclosed_at)
        self.zoom.tick_personal_room(self.live_meetings()[0])
        self.move_to(MONDAY - timedelta(minutes=40))
        booking.zoom_meeting_id._check_now()
        # When it is read
        self.sync_meetings()
        self.sync_meetings()
        self.send_reminders()
        # Then they hear of the new one
        row = booking.zoom_meeting_id
        bodies = self.env["mail.mail"].sudo().search([]).mapped("body_html")
        self.assertTrue(any(row.zoom_id_formatted in (body or "") for body in bodies))

    def test_second_reissue_takes_a_person(self):
        self.user.insists_on_pmi = True
        booking = self.book()
        self.sync_meetings()
        self.sync_meetings()
        for _time in range(3):
            booking.write({"description": "saved again"})
            self.sync_meetings()
        self.assertEqual(self.counted_requests(), 2)
        booking.partner_ids = [Command.set(self.partner.ids)]
        self.assertEqual(self.counted_requests(), 2)
