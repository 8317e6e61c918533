# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.modules.module import load_script

from .common import MONDAY, READ, UPDATE, ZoomCase

MOVED = MONDAY + timedelta(hours=1)
SCRIPT = "resource_booking_zoom/migrations/19.0.1.2.0/pre-parked.py"


class TestParked(ZoomCase):
    """A row is parked if its problem has no next try, and by nothing else."""

    def setUp(self):
        super().setUp()
        # Given a change that Zoom refuses
        self.booking = self.book()
        self.sync_meetings()
        self.row = self.booking.zoom_meeting_id
        self.booking.start = MOVED
        self.zoom.fail(**UPDATE, status=400, times=1)
        self.sync_meetings()
        self.assert_parked()
        self.zoom.state.requests.clear()

    def assert_parked(self):
        self.assertRecordValues(
            self.row,
            [{"state": "changed", "problem": "refused", "next_attempt": False}],
        )

    def test_refused_change_is_not_sent_again_by_itself(self):
        self.later(days=1)
        self.assertFalse(self.requests("PATCH"))

    def test_outage_while_it_is_read_is_not_said_to_be_its_problem(self):
        # When Zoom cannot be read
        self.zoom.fail(**READ, times=None)
        self.row._check_now()
        self.later(minutes=1)
        self.assertTrue(self.requests("GET", "/meetings/"))
        # Then the screen goes on saying what is wrong, and nothing is promised
        self.assert_parked()
        # and it is read again when Zoom answers
        self.zoom.faults.clear()
        self.zoom.state.requests.clear()
        self.later(minutes=3)
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)
        self.assert_parked()

    def test_account_without_token_is_not_said_to_be_its_problem(self):
        self.account.token_expires_at = False
        self.zoom.fail(path="/oauth/token", times=None)
        self.row._check_now()
        self.later(minutes=1)
        self.assert_parked()

    def test_correction_is_sent(self):
        self.booking.start = MONDAY + timedelta(hours=2)
        self.sync_meetings()
        self.assertRecordValues(self.row, [{"state": "ready", "problem": False}])

    def test_row_of_a_link_that_broke_is_not_said_to_be_tried_again(self):
        # Given another booking, not issued yet
        other = self.book(MONDAY + timedelta(hours=3))
        # When the link is found dead
        self.zoom.revoke_tokens()
        self.zoom.fail(
            path="/oauth/token", status=400, body={"error": "invalid_client"}
        )
        self.later(minutes=1)
        # Then nobody tries before it is linked again, and the screen promises nothing
        self.assertRecordValues(
            other.zoom_meeting_id, [{"problem": "not_linked", "next_attempt": False}]
        )


class TestParkedMigration(ZoomCase):
    """Databases in which being parked was stored."""

    def setUp(self):
        super().setUp()
        self.row = self.book().zoom_meeting_id
        self.env.flush_all()
        self.cr.execute("ALTER TABLE booking_zoom_meeting ADD COLUMN parked boolean")

    def migrate(self, parked, **values):
        self.row.write(values)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE booking_zoom_meeting SET parked = %s WHERE id = %s",
            [parked, self.row.id],
        )
        load_script(SCRIPT, "pre-parked").migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()

    def test_what_was_parked_stays_parked(self):
        self.migrate(True, problem="refused", next_attempt=False)
        self.assertTrue(self.row._take_snapshot().is_parked)

    def test_what_was_not_parked_goes_on(self):
        self.migrate(False, problem="unavailable", next_attempt=False)
        self.assertIn(self.row, self.row.search(self.row._get_due_domain()))

    def test_what_others_must_end_stays(self):
        self.migrate(False, problem="no_host", next_attempt=False)
        self.assertFalse(self.row.next_attempt)
