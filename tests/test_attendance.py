# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import itertools
import json
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..tools.zoom_webhook import parse_event
from .attendance_common import AttendanceMixin
from .common import MONDAY
from .webhook_common import WebhookCase
from .zoom_simulator import webhooks

GUEST = "jchill@example.com"


@tagged("post_install", "-at_install")
class TestAttendanceTimes(AttendanceMixin, WebhookCase):
    """The booking says when its people came, as Zoom reports it."""

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.meeting = self.issued(self.booking)
        self.zoom.requests.clear()

    def test_a_consultation_from_start_to_end(self):
        host = self.host_of(self.meeting)
        self.assertTrue(self.booking.attendance_reported)
        self.assertEqual(self.times(self.booking), [None] * 4)
        self.at(-2)
        self.report(self.meeting, "participant_joined_waiting_room", email=GUEST)
        self.assertEqual(self.times(self.booking), [None, None, -2, None])
        self.at(1)
        self.report(self.meeting, "started")
        self.report(self.meeting, "participant_joined", host)
        self.at(2)
        self.report(self.meeting, "participant_joined", email=GUEST)
        self.assertEqual(self.times(self.booking), [1, 1, -2, None])
        self.at(28)
        self.report(self.meeting, "participant_left", email=GUEST)
        self.report(self.meeting, "participant_left", host)
        self.report(self.meeting, "ended")
        self.assertEqual(self.times(self.booking), [1, 1, -2, 28])
        # Zoom was asked nothing, and waits for no scheduled action
        self.assertFalse(self.zoom.requests)
        self.assertFalse(self.env["booking.zoom.webhook.event"].search([]))

    def test_order_and_repetition_make_no_difference(self):
        host = self.host_of(self.meeting)
        events = (
            ("participant_joined", None, -1),
            ("started", None, 0),
            ("participant_joined", host, 1),
            ("participant_joined", None, 9),
            ("ended", None, 25),
        )
        self.at(26)
        attendance = self.env["booking.zoom.attendance"]
        for order in itertools.islice(itertools.permutations(events), 0, None, 17):
            attendance.search([]).unlink()
            for name, user, minutes in (*order, *order[:2]):
                self.report(self.meeting, name, user, minutes=minutes)
            self.assertEqual(self.times(self.booking), [0, 1, -1, 25])

    def test_zoom_repeats_an_event_for_more_than_an_hour(self):
        self.at(0)
        self.report(self.meeting, "started")
        body = self.report(self.meeting, "participant_joined")
        signed = self.now().timestamp()
        self.at(86)
        self.assertEqual(self.deliver(body, timestamp=signed), 204)
        self.assertEqual(self.times(self.booking), [0, None, 0, None])

    def test_guest_who_waits_for_the_host_has_come(self):
        self.at(3)
        self.report(self.meeting, "participant_jbh_waiting")
        self.assertEqual(self.times(self.booking), [None, None, 3, None])

    def test_colleague_is_no_customer(self):
        other = self.zoom.state.users[self.other_host.zoom_id]
        self.at(1)
        self.report(self.meeting, "participant_joined", other)
        self.assertEqual(self.times(self.booking), [None, 1, None, None])

    def test_customer_who_is_a_colleague_is_the_customer(self):
        other = self.zoom.state.users[self.other_host.zoom_id]
        self.partner.email = other.email.upper()
        self.at(1)
        self.report(self.meeting, "participant_joined", other)
        self.assertEqual(self.times(self.booking), [None, None, 1, None])

    def test_host_is_known_by_the_other_id_as_well(self):
        self.at(1)
        body = webhooks.participant_event(
            "meeting.participant_joined",
            self.meeting,
            self.now(),
            self.host_of(self.meeting),
        )
        body["payload"]["object"]["participant"]["id"] = ""
        self.assertEqual(self.deliver(body), 204)
        self.assertEqual(self.times(self.booking), [None, 1, None, None])

    def test_time_is_that_of_the_event_if_zoom_gives_no_other(self):
        self.at(4)
        body = webhooks.participant_event(
            "meeting.participant_joined", self.meeting, self.now()
        )
        body["payload"]["object"]["participant"]["join_time"] = "soon"
        self.assertEqual(self.deliver(body), 204)
        self.assertEqual(self.times(self.booking), [None, None, 4, None])

    def test_time_is_never_in_the_future(self):
        self.at(4)
        self.report(self.meeting, "participant_joined", minutes=20)
        self.assertEqual(self.times(self.booking), [None, None, 4, None])

    def test_meeting_that_was_begun_again_goes_on(self):
        host = self.host_of(self.meeting)
        self.at(0)
        self.report(self.meeting, "participant_joined", host)
        self.at(5)
        self.report(self.meeting, "ended")
        self.at(7)
        self.report(self.meeting, "participant_joined", host)
        self.assertEqual(self.times(self.booking), [None, 0, None, None])

    def test_trying_it_out_the_day_before_is_forgotten(self):
        self.at(-24 * 60)
        self.report(self.meeting, "participant_joined")
        self.assertEqual(self.times(self.booking), [None] * 4)

    def test_moved_booking_begins_anew(self):
        self.at(0)
        self.report(self.meeting, "participant_joined")
        self.at(1)
        self.booking.start = MONDAY + timedelta(hours=3)
        self.sync_meetings()
        self.assertEqual(self.times(self.booking), [None] * 4)
        self.at(181)
        self.report(self.meeting, "participant_joined")
        self.assertEqual(self.times(self.booking), [None, None, 1, None])

    def test_nothing_of_a_person_is_stored_or_logged(self):
        self.at(0)
        secrets = (GUEST, "Jill Chill", "8615250064084", self.meeting.host_id)
        with self.assertLogs("odoo.addons.resource_booking_zoom", "DEBUG") as logs:
            for name in ("joined_waiting_room", "joined", "left"):
                self.report(self.meeting, f"participant_{name}", email=GUEST)
        attendance = self.env["booking.zoom.attendance"].search([])
        names = [name for name in attendance._fields if name != "display_name"]
        stored = json.dumps(attendance.read(names), default=str)
        for secret in secrets:
            self.assertNotIn(secret, stored)
            self.assertNotIn(secret, str(logs.output))
        self.assertFalse(self.env["booking.zoom.webhook.event"].search([]))
        body = webhooks.participant_event(
            "meeting.participant_joined", self.meeting, self.now(), email=GUEST
        )
        self.assertNotIn(GUEST, repr(parse_event(webhooks.encode(body))))

    def test_broken_events_are_refused(self):
        for event, payload in (
            ("meeting.started", {}),
            ("meeting.ended", {"object": {"id": "x"}}),
            ("meeting.participant_joined", {"object": {"id": self.meeting.id}}),
            (
                "meeting.participant_left",
                {"object": {"id": self.meeting.id, "participant": {"email": 7}}},
            ),
        ):
            body = webhooks.event(event, "account-1", payload, self.now())
            self.assertEqual(self.deliver(body), 400, event)
        odd = {"id": self.meeting.id, "host_id": None, "participant": {"id": [1]}}
        body = webhooks.event(
            "meeting.participant_joined", "account-1", {"object": odd}, self.now()
        )
        self.at(0)
        for moment in (10**30, -(10**30), "x", True, None):
            body["event_ts"] = moment
            self.assertEqual(self.deliver(body), 204, moment)
        self.assertEqual(self.times(self.booking), [None, None, 0, None])

    def test_meetings_of_others_are_nothing_to_us(self):
        self.at(0)
        self.meeting.id += 1
        self.report(self.meeting, "participant_joined")
        self.assertFalse(self.env["booking.zoom.attendance"].search([]))

    def test_deleted_meeting_takes_its_times_along(self):
        self.at(0)
        self.report(self.meeting, "participant_joined")
        self.assertTrue(self.env["booking.zoom.attendance"].search([]))
        self.booking.zoom_meeting_id.unlink()
        self.assertFalse(self.env["booking.zoom.attendance"].search([]))

    def test_account_page_names_the_events(self):
        events = self.account.webhook_events.split(", ")
        for name in (
            "meeting.started",
            "meeting.ended",
            "meeting.participant_joined",
            "meeting.participant_left",
            "meeting.participant_joined_waiting_room",
            "meeting.participant_jbh_waiting",
        ):
            self.assertIn(name, events)

    def test_without_event_notifications_nothing_is_shown(self):
        self.account.webhook_secret = False
        self.booking.invalidate_recordset()
        self.assertFalse(self.booking.attendance_reported)

    def test_who_reads_the_booking_reads_the_times_and_nobody_else(self):
        self.at(0)
        self.report(self.meeting, "participant_joined")
        staff = self.create_staff("reception")
        self.booking.message_subscribe(staff.partner_id.ids)
        self.assertEqual(
            self.times(self.booking.with_user(staff)), [None, None, 0, None]
        )
        customer = new_test_user(self.env, "customer", "base.group_portal")
        self.booking.partner_ids += customer.partner_id
        for field in ("attendance_customer_at", "nobody_came"):
            with self.assertRaises(AccessError):
                self.booking.with_user(customer).read([field])
        with self.assertRaises(AccessError):
            self.booking.with_user(customer).search([("nobody_came", "=", True)])
        for user in (staff, customer, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.env["booking.zoom.attendance"].with_user(user).search([])

    def test_many_bookings_are_read_together(self):
        rows = self.book_many(40, start=MONDAY + timedelta(days=1))
        rows.write({"state": "ready"})
        bookings = self.env["resource.booking"].browse(rows.booking_id.ids)
        fields = ["attendance_customer_at", "nobody_came"]
        counts = []
        for some in (bookings[:4], bookings):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(fields)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLess(counts[1], 15)


@tagged("post_install", "-at_install")
class TestNobodyCame(AttendanceMixin, WebhookCase):
    """Bookings to which no customer came are proposed to staff."""

    start = MONDAY + timedelta(hours=1)

    def nobody_came(self):
        # Not stored, and depends on the time
        self.env.flush_all()
        self.env.invalidate_all()
        bookings = self.env["resource.booking"].with_context(active_test=False)
        found = bookings.search([("nobody_came", "=", True)])
        everything = bookings.search([])
        self.assertEqual(found, everything.filtered("nobody_came"))
        self.assertEqual(
            everything - found, bookings.search([("nobody_came", "=", False)])
        )
        return found

    def setUp(self):
        super().setUp()
        self.booking = self.book(start=self.start)
        self.meeting = self.issued(self.booking)
        # An earlier one, so that Zoom has reported somebody before
        earlier = self.issued(self.book())
        self.at(-60)
        self.report(earlier, "participant_joined")

    def test_from_fifteen_minutes_after_the_start(self):
        self.at(14)
        self.assertFalse(self.nobody_came())
        self.at(15)
        self.assertEqual(self.nobody_came(), self.booking)
        self.at(60 * 24)
        self.assertEqual(self.nobody_came(), self.booking)

    def test_host_alone_is_nobody(self):
        self.at(0)
        self.report(self.meeting, "started")
        self.report(self.meeting, "participant_joined", self.host_of(self.meeting))
        self.at(15)
        self.assertEqual(self.nobody_came(), self.booking)

    def test_customer_who_comes_late_is_somebody(self):
        self.at(20)
        self.report(self.meeting, "participant_joined_waiting_room")
        self.assertFalse(self.nobody_came())

    def test_it_is_only_proposed(self):
        self.at(20)
        self.assertEqual(self.booking.state, "scheduled")
        self.assertTrue(self.booking.active)
        self.assertTrue(self.live_meetings())

    def test_never_for_cancelled_bookings(self):
        other = self.book(self.start + timedelta(hours=2))
        self.issued(other)
        self.at(-30)
        self.booking.action_cancel()
        other.meeting_id.attendee_ids.state = "declined"
        self.sync_meetings()
        self.at(60 * 5)
        self.assertFalse(self.nobody_came())

    def test_cancelled_after_the_start(self):
        self.at(16)
        self.assertEqual(self.nobody_came(), self.booking)
        self.booking.action_cancel()
        self.assertFalse(self.nobody_came())

    def test_never_without_event_notifications(self):
        self.at(20)
        self.account.webhook_secret = False
        self.assertFalse(self.nobody_came())

    def test_never_before_zoom_has_reported_anybody(self):
        self.env["booking.zoom.attendance"].search([]).unlink()
        self.at(20)
        self.assertFalse(self.nobody_came())
        self.report(self.meeting, "participant_joined")
        later = self.book(self.start + timedelta(hours=4))
        self.issued(later)
        self.at(60 * 5)
        self.assertEqual(self.nobody_came(), later)

    def test_never_without_a_meeting(self):
        self.zoom.faults.clear()
        self.booking.zoom_meeting_id.state = "waiting"
        self.at(20)
        self.assertFalse(self.nobody_came())
