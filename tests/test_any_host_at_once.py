# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from psycopg2.errors import ExclusionViolation, SerializationFailure

from odoo.exceptions import ValidationError
from odoo.service.model import retrying
from odoo.tests import tagged

from ..models.zoom.host_changes import leave_host
from .at_once_common import START, AtOnceCase


@tagged("post_install", "-at_install")
class TestAnyHostAtOnce(AtOnceCase):
    """Two real transactions, each of which sees all Zoom users of the list as free."""

    def create_records(self, env):
        super().create_records(env)
        host = env["booking.zoom.user"].browse(self.ids["booking.zoom.user"])
        env["resource.resource"].browse(self.ids["resource.resource"]).write(
            {"zoom_user_id": False}
        )
        self.listed = host | host.create(
            {
                "account_id": host.account_id.id,
                "zoom_id": "at-once-2",
                "name": "Other host",
            }
        )
        self.listed.write({"zoom_account_id": "at-once"})
        host.account_id.connected_zoom_account_id = "at-once"
        self.ids["booking.zoom.user"] = self.listed.ids
        self.let_host(env, self.listed)

    def let_host(self, env, hosts):
        booking_type = env["resource.booking.type"].browse(
            self.ids["resource.booking.type"]
        )
        booking_type.zoom_host_ids.unlink()
        booking_type.write(
            {
                "zoom_user_id": hosts[0].id,
                "zoom_host_ids": [
                    (0, 0, {"zoom_user_id": host.id}) for host in hosts[1:]
                ],
            }
        )

    def hosts(self, env):
        bookings = env["resource.booking"].browse(self.bookings)
        return [one.zoom_meeting_id.zoom_user_id.name for one in bookings]

    def test_each_of_two_customers_gets_another_host(self):
        self.assertEqual(self.save_at_once(self.book_second), "saved")
        with self.transaction() as env:
            self.assertEqual(self.hosts(env), ["Host", "Other host"])
            bookings = env["resource.booking"].browse(self.bookings)
            self.assertEqual(bookings.mapped("start"), [START, START])
            # Nothing was told twice
            for booking in bookings:
                created = booking.message_ids.subtype_id.filtered(
                    lambda one: "story_host_changed" in (one.get_external_id()[one.id])
                )
                self.assertFalse(created)
                self.assertEqual(len(booking.zoom_meeting_ids), 1)

    def test_both_pauses_are_kept(self):
        with self.transaction() as env:
            env["booking.zoom.account"].browse(
                self.ids["booking.zoom.account"]
            ).meeting_pause = 15
        self.assertEqual(self.save_at_once(self.book_second), "saved")
        with self.transaction() as env:
            self.assertEqual(self.hosts(env), ["Host", "Other host"])

    def test_the_second_is_refused_where_no_other_is_free(self):
        with self.transaction() as env:
            self.let_host(env, self.listed.with_env(env)[:1])
        self.assertIsInstance(self.save_at_once(self.book_second), ExclusionViolation)
        self.assert_second_is_not_booked()

    def test_the_second_is_refused_where_the_others_of_the_list_are_busy(self):
        with self.transaction() as env:
            row = env["booking.zoom.meeting"].create(
                {
                    "zoom_user_id": self.listed[1].id,
                    "start": START,
                    "duration": 30,
                    "company_id": self.ids["res.company"][0],
                }
            )
        self.addCleanup(self.delete_row, row.id)
        refused = self.save_at_once(self.book_second)
        self.assertIsInstance(refused, ValidationError)
        self.assertIn("Host, Other host", str(refused))
        self.assert_second_is_not_booked()

    def delete_row(self, row_id):
        with self.transaction() as env:
            env["booking.zoom.meeting"].browse(row_id).unlink()

    def assert_second_is_not_booked(self):
        with self.transaction() as env:
            bookings = env["resource.booking"].browse(self.bookings)
            self.assertEqual(bookings.mapped("start"), [START, False])

    def test_waiting_meeting_stays_where_somebody_has_just_booked_the_other(self):
        def leave(env):
            first = env["resource.booking"].browse(self.bookings[0])
            tried.append(leave_host(first.zoom_meeting_id))
            # The transaction goes on
            first.zoom_meeting_id.problem = "daily_limit"

        tried = []
        first_id, second_id = self.bookings
        with self.transaction() as env:
            env["resource.booking"].browse(first_id).start = START
            counts, host = env["booking.zoom.request.count"], self.listed[0]
            counts._note_limit_reached(host.with_env(env))
        self.addCleanup(self.forget_requests)
        with self.transaction() as late:
            late.cr.execute("SELECT 1")  # its snapshot is older than the commit
            with self.transaction() as env:
                env["resource.booking"].browse(second_id).start = START
            leave(late)
        self.assertEqual(tried, [False])
        with self.transaction() as env:
            self.assertEqual(self.hosts(env), ["Host", "Other host"])
            first = env["resource.booking"].browse(first_id)
            self.assertEqual(first.zoom_meeting_id.problem, "daily_limit")
            story = first.message_ids.mapped("body")
            self.assertFalse([line for line in story if "→" in line])

    def forget_requests(self):
        with self.transaction() as env:
            env["booking.zoom.request.count"].search(
                [("zoom_user_id", "in", self.listed.ids)]
            ).unlink()

    def test_room_is_booked_once_though_another_host_is_free(self):
        tries = []

        def book_same_room(env):
            first, second = env["resource.booking"].browse(self.bookings)
            tries.append(bool(first.start))
            second.write({"combination_auto_assign": True})
            second.combination_id = first.combination_id
            second.start = START
            env.flush_all()

        def save(env):
            # As the server does with each request
            retrying(lambda: book_same_room(env), env)

        self.assertEqual(self.save_at_once(save), "saved")
        self.assertEqual(tries, [False, True])
        with self.transaction() as env:
            first, second = env["resource.booking"].browse(self.bookings)
            self.assertEqual([first.start, second.start], [START, START])
            self.assertNotEqual(first.combination_id, second.combination_id)
            self.assertEqual(self.hosts(env), ["Host", "Other host"])

    def book_room_of_first(self, start, **values):
        """Book the first; a transaction that began before then books the same room."""
        first_id, second_id = self.bookings
        with self.transaction() as late:
            late.cr.execute("SELECT 1")  # its snapshot is older than the commit
            with self.transaction() as env:
                env["resource.booking"].browse(first_id).start = START
            first, second = late["resource.booking"].browse(self.bookings)
            second.combination_id = first.combination_id
            second.write({**values, "start": start})
            late.flush_all()

    def test_room_is_booked_at_other_times_in_the_same_moment(self):
        self.book_room_of_first(START + timedelta(hours=1))
        with self.transaction() as env:
            first, second = env["resource.booking"].browse(self.bookings)
            self.assertEqual(second.start, START + timedelta(hours=1))
            self.assertEqual(first.combination_id, second.combination_id)

    def test_room_is_booked_once_though_the_booking_has_a_host_of_its_own(self):
        with self.assertRaises(SerializationFailure):
            self.book_room_of_first(START, forced_zoom_user_id=self.listed[1].id)
        self.assert_second_is_not_booked()

    def test_room_is_booked_once_where_the_second_begins_before_the_first(self):
        with self.assertRaises(SerializationFailure):
            self.book_room_of_first(START - timedelta(minutes=90), duration=2)
        self.assert_second_is_not_booked()
