# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.fields import Command

from .common import CREATE, MONDAY, NOW, TUESDAY, ZoomCase
from .zoom_simulator.limits import DAY_MESSAGE

RESET = NOW.replace(hour=0, minute=0) + timedelta(days=1)


class TestRetry(ZoomCase):
    """ "Retry now" asks once, what Zoom answers counts, and what is said is so."""

    def setUp(self):
        super().setUp()
        self.account.reserve_requests = 0
        # Tuesdays have another Zoom user.
        self.r_materials[1].zoom_user_id = self.other_host

    def book_several(self, count, day=MONDAY):
        """Bookings of a day as staff make them; their meeting rows."""
        bookings = [
            self.book(day + number * timedelta(minutes=30)) for number in range(count)
        ]
        return self.env["resource.booking"].union(*bookings).zoom_meeting_id

    def refuse_in_zoom(self):
        """Zoom has counted 100 of the first host; Odoo has not."""
        self.zoom.set_count(self.host.zoom_id, 100)

    def posts(self):
        return [one.status for one in self.requests("POST", "/meetings")]

    def press(self, rows):
        """Press the button as a person in Tokyo; what is said."""
        rows = rows.with_context(lang="en_US", tz="Asia/Tokyo")
        return rows.action_retry()["params"]

    def limited_rows(self, count):
        self.refuse_in_zoom()
        rows = self.book_several(count)
        self.sync_meetings()
        self.zoom.state.requests.clear()
        return rows

    # === AT THE LIMIT === #

    def test_problem_stays_on_the_screen_until_zoom_has_answered(self):
        (row,) = self.limited_rows(1)
        self.press(row)
        self.assertEqual(row.problem, "daily_limit")

    def test_refused_again_it_waits_as_before(self):
        (row,) = self.limited_rows(1)
        self.press(row)
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(self.posts(), [429])
        self.assertRecordValues(
            row, [{"problem": "daily_limit", "next_attempt": RESET}]
        )

    def test_each_click_asks_once(self):
        (row,) = self.limited_rows(1)
        for _time in range(2):
            self.press(row)
            self.sync_meetings()
        self.assertEqual(self.posts(), [429] * 2)

    def test_admitted_it_is_issued_and_the_others_go_on(self):
        # Given bookings that wait since Zoom refused one of them
        rows = self.limited_rows(4)
        # When Zoom admits requests again, and a person asks for one
        self.zoom.set_count(self.host.zoom_id, 0)
        self.press(rows[2])
        self.sync_meetings()
        # Then all of them are issued
        self.assertEqual(set(rows.mapped("state")), {"ready"})
        self.assertFalse(self.host.limit_reached)

    def test_of_many_at_one_limit_one_is_asked(self):
        rows = self.limited_rows(4)
        said = self.press(rows)
        self.sync_meetings()
        self.assertEqual(self.posts(), [429])
        self.assertEqual(set(rows.mapped("problem")), {"daily_limit"})
        self.assertIn("Retrying now. Meetings: 1.", said["message"])
        self.assertIn("Not retried: 3. They wait until 2/27/27, 9:00", said["message"])
        self.assertIn(self.host.name, said["message"])
        self.assertEqual(said["type"], "warning")

    def test_own_count_does_not_decide_either(self):
        self.account.daily_request_limit = 1
        self.book_many(1)
        row = self.book(MONDAY + timedelta(hours=3)).zoom_meeting_id
        self.sync_meetings()
        self.assertEqual(row.problem, "daily_limit")
        self.press(row)
        self.sync_meetings()
        self.assertEqual(row.state, "ready")
        # And without a click the limit holds
        (other,) = self.book_many(1, start=MONDAY + timedelta(hours=5))
        self.sync_meetings()
        self.assertEqual(other.problem, "daily_limit")

    def test_other_zoom_user_is_asked_as_well(self):
        rows = self.limited_rows(2)
        self.zoom.stop()
        others = self.book_several(2, TUESDAY)
        try:
            self.sync_meetings()
        finally:
            self.zoom.start()
        said = self.press(rows | others)
        self.sync_meetings()
        self.assertEqual(set(others.mapped("state")), {"ready"})
        self.assertIn("Meetings: 3.", said["message"])
        self.assertIn("Not retried: 1.", said["message"])

    def test_account_at_its_limit(self):
        # Given a free account at its limit
        self.account.plan = "free"
        self.zoom.refuse(429, 429, DAY_MESSAGE, **CREATE, times=None)
        rows = self.book_several(2) | self.book_several(2, TUESDAY)
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("problem")), {"account_limit"})
        self.zoom.state.requests.clear()
        # When a person asks while it lasts
        said = self.press(rows)
        self.sync_meetings()
        # Then Zoom is asked once
        self.assertEqual(self.posts(), [429])
        self.assertIn("Not retried: 3.", said["message"])
        self.assertEqual(set(rows.mapped("problem")), {"account_limit"})
        # And when it is over, once is enough for all
        self.zoom.faults.clear()
        self.press(rows[1])
        self.sync_meetings()
        self.assertEqual(set(rows.mapped("state")), {"ready"})

    # === ELSE === #

    def test_change_that_is_held_is_sent(self):
        booking = self.book()
        self.sync_meetings()
        for number in (1, 2, 3):
            booking.start = MONDAY + number * timedelta(hours=1)
            self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertEqual(row.state, "changed")
        said = self.press(row)
        self.sync_meetings()
        self.assertEqual(row.state, "ready")
        self.assertEqual(said["type"], "success")

    def test_parked_row_is_tried_again(self):
        self.zoom.refuse(400, 300, "No.", method="POST")
        (row,) = self.book_several(1)
        self.sync_meetings()
        self.assertRecordValues(row, [{"problem": "refused", "next_attempt": False}])
        self.press(row)
        self.sync_meetings()
        self.assertRecordValues(row, [{"state": "ready", "problem": False}])

    def test_what_cannot_be_asked_is_said(self):
        self.r_materials[0].zoom_user_id = False
        self.rbc_mon.resource_ids = [Command.set(self.r_materials[0].ids)]
        row = self.book(combination_id=self.rbc_mon.id).zoom_meeting_id
        self.assertEqual(row.problem, "no_host")
        said = self.press(row)
        self.assertIn("Nothing was retried.", said["message"])
        self.assertIn("Nobody hosts this booking in Zoom.", said["message"])
        self.assertEqual(row.problem, "no_host")

    def test_nothing_waits(self):
        booking = self.book()
        self.sync_meetings()
        said = self.press(booking.zoom_meeting_id)
        self.assertEqual(said["message"], "Nothing was retried. No meeting is waiting.")

    def test_account_that_is_not_linked_is_said(self):
        booking = self.book(TUESDAY)
        self.account.action_disconnect()
        self.sync_meetings()
        said = self.press(booking.zoom_meeting_id)
        self.assertIn("The Zoom account is not connected.", said["message"])
        self.assertEqual(booking.zoom_meeting_id.problem, "not_linked")


class TestZoomUserAtTheLimit(ZoomCase):
    """The Zoom user says that Zoom refused, and until when."""

    def test_refusal_by_zoom_is_said_although_odoo_counts_little(self):
        self.zoom.set_count(self.host.zoom_id, 100)
        self.book_many(1)
        self.sync_meetings()
        host = self.host.with_context(lang="en_US", tz="Asia/Tokyo")
        self.assertIn("Zoom refused a request", host.limit_message)
        self.assertIn("2/27/27, 9:00", host.limit_message)
        self.assertEqual(host.problem_message, host.limit_message)

    def test_own_count_is_said(self):
        self.account.write({"daily_request_limit": 2, "reserve_requests": 0})
        self.book_many(3)
        self.sync_meetings()
        self.assertIn("All requests for today are used", self.host.problem_message)
        self.assertFalse(self.other_host.problem_message)

    def test_list_and_form_show_it(self):
        views = self.env["booking.zoom.user"].get_views(
            [(False, "list"), (False, "form")]
        )["views"]
        self.assertIn('name="problem_message"', views["list"]["arch"])
        self.assertIn('name="limit_message"', views["form"]["arch"])

    def test_it_is_over_at_the_reset(self):
        self.zoom.set_count(self.host.zoom_id, 100)
        self.book_many(1)
        self.sync_meetings()
        self.move_to(RESET)
        self.env.invalidate_all()
        self.assertFalse(self.host.limit_message)
