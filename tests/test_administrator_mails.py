# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta
from unittest.mock import patch

from ..engine import job as zoom_job
from .common import CREATE, MONDAY, NOW, ZoomCase

NEXT_DAY = datetime(2027, 2, 27, 0, 1)


class TestAdministratorMails(ZoomCase):
    """Broken links and all-clears are told to the administrator."""

    def mails(self, words):
        mails = self.env["mail.mail"].sudo().search([("subject", "like", words)])
        return mails.sorted("id")

    def lost_mails(self):
        return self.mails("The connection to Zoom is lost")

    def lose_connection(self):
        """Zoom does not take the app's secret any more."""
        self.zoom.revoke_tokens()
        (app,) = self.zoom.state.apps.values()
        self.addCleanup(setattr, app, "client_secret", app.client_secret)
        app.client_secret = "replaced"

    def test_broken_link_is_told_at_once_with_the_bookings_at_risk(self):
        booking = self.book()
        self.lose_connection()
        self.sync_meetings()
        self.assertEqual(self.account.state, "lost")
        (mail,) = self.lost_mails()
        self.assertEqual(mail.email_to, "admin@example.com")
        self.assertIn(f"【{self.account.company_id.name}】", mail.subject)
        self.assertIn(booking.zoom_meeting_id.booking_title, mail.body_html)
        for record in (booking, self.account):
            self.assertIn(f"/odoo/{record._name}/{record.id}", mail.body_html)
        self.assertIn("o_zoom_mail_card", mail.body_html)

    def test_broken_link_is_told_again_after_1_3_and_7_days(self):
        self.book(MONDAY + timedelta(days=28))
        self.lose_connection()
        self.sync_meetings()
        told = []
        for day in range(12):
            self.move_to(NOW + timedelta(days=day, minutes=5))
            self.sync_meetings()
            self.sync_meetings()
            told.append(len(self.lost_mails()))
        self.assertEqual(told, [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4])

    def test_linking_again_resumes_everything_and_ends_the_mails(self):
        booking = self.book()
        self.lose_connection()
        self.sync_meetings()
        self.account.client_secret = "replaced"
        self.account.action_connect()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        self.assertFalse(self.env["booking.zoom.alert"].search([]))
        self.move_to(NOW + timedelta(days=2))
        self.sync_meetings()
        self.assertEqual(len(self.lost_mails()), 1)

    def test_no_all_clear_while_zoom_cannot_be_reached(self):
        # Given a booking that the limit held back, and a Zoom that is down at the reset
        booking = self.book()
        self.zoom.set_count(self.zoom.state.users[self.host.zoom_id], 100)
        self.sync_meetings()
        self.zoom.fail(**CREATE)
        self.move_to(NEXT_DAY)
        self.sync_meetings()
        # Then nothing is cleared before the meeting is issued
        self.assertEqual(booking.zoom_meeting_id.state, "waiting")
        self.assertFalse(self.mails("All Zoom URLs are now issued"))
        for minutes in (1, 5, 9):
            self.move_to(NEXT_DAY + timedelta(minutes=minutes))
            self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        self.assertEqual(len(self.mails("All Zoom URLs are now issued")), 1)

    def test_no_all_clear_while_a_meeting_is_tried_again_in_a_moment(self):
        # Given a Zoom user whose requests are used up
        booking = self.book()
        self.zoom.set_count(self.zoom.state.users[self.host.zoom_id], 100)
        self.sync_meetings()
        # When Zoom asks for patience on the next day
        self.move_to(NEXT_DAY)
        self.enterContext(patch.object(zoom_job, "SECOND_LIMIT_WAIT", (0, 0)))
        self.zoom.refuse(
            429,
            429,
            "Too many requests per second.",
            **CREATE,
            times=zoom_job.SECOND_LIMIT_TRIES,
        )
        self.sync_meetings()
        # Then nothing is cleared before the meeting is issued
        self.assertEqual(booking.zoom_meeting_id.state, "waiting")
        self.assertFalse(self.mails("All Zoom URLs are now issued"))
        self.move_to(NEXT_DAY + timedelta(minutes=1))
        self.sync_meetings()
        self.assertEqual(len(self.mails("All Zoom URLs are now issued")), 1)

    def test_all_clear_follows_the_limit_alert_once(self):
        # Given a Zoom user whose requests are used up
        booking = self.book()
        self.zoom.set_count(self.zoom.state.users[self.host.zoom_id], 100)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "daily_limit")
        self.assertFalse(self.mails("All Zoom URLs are now issued"))
        # When the next day begins
        self.move_to(NEXT_DAY)
        self.sync_meetings()
        self.sync_meetings()
        # Then the meeting is issued, and that is told
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        self.assertEqual(len(self.mails("All Zoom URLs are now issued")), 1)
