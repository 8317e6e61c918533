# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from lxml.html import fromstring
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.fields import Datetime
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from ..models.zoom.account_setup import gather_facts
from ..models.zoom.account_troubles import find_lost_users
from ..models.zoom.user_list import hand_over_bindings
from .common import CREATE, MONDAY
from .test_overlap import OverlapCase

HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)


class AnyHostCase(OverlapCase):
    """Three rooms without a Zoom user of their own; the type has a list of two."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rooms |= cls.make_rooms(cls.calendar, 1)
        cls.rooms.resource_ids.zoom_user_id = False
        cls.rbt.write(
            {
                "combination_rel_ids": [
                    Command.create({"combination_id": cls.rooms[2].id, "sequence": 9})
                ],
                "zoom_user_id": cls.host.id,
                "zoom_host_ids": [Command.create({"zoom_user_id": cls.other_host.id})],
            }
        )
        cls.account.reserve_requests = 0

    def book_at(self, *starts, **values):
        bookings = self.env["resource.booking"]
        for start in starts:
            bookings |= self.book(start, **values)
        self.env.flush_all()
        return bookings

    def make_host(self, name):
        """One more Zoom user of the account."""
        return self.host.copy({"zoom_id": name.lower(), "name": name})

    def list_host(self, host):
        """Add one to the list of the type."""
        self.rbt.zoom_host_ids = [Command.create({"zoom_user_id": host.id})]

    def book_elsewhere(self, host, start=MONDAY):
        """Let that one host a booking of another type, in another room."""
        room = self.make_rooms(self.calendar, 1)
        room.resource_ids.zoom_user_id = host
        other_type = self.rbt.copy(
            {
                "zoom_user_id": False,
                "zoom_host_ids": False,
                "combination_rel_ids": [Command.create({"combination_id": room.id})],
            }
        )
        self.book_at(start, type_id=other_type.id)

    def hosts_of(self, bookings):
        return [one.zoom_meeting_id.zoom_user_id.name.split()[0] for one in bookings]

    def slots(self, booking, start=MONDAY):
        """The slots of that day, naive UTC."""
        begin = Datetime.context_timestamp(booking.with_context(tz="UTC"), start)
        found = booking._get_available_slots(begin, begin + timedelta(days=1))
        return [
            slot.replace(tzinfo=None) for moments in found.values() for slot in moments
        ]


class TestAnyHost(AnyHostCase):
    """Bookings get a Zoom user that is free."""

    # === AT THE SAME TIME === #

    def test_two_customers_at_the_same_time(self):
        bookings = self.book_at(MONDAY, MONDAY)
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Host2"])
        self.sync_meetings()
        self.assertEqual(
            {meeting.host_id for meeting in self.live_meetings()},
            {self.host.zoom_id, self.other_host.zoom_id},
        )

    def test_a_slot_is_offered_while_any_is_free(self):
        pending = self.book(None)
        for offered in (True, True, False):
            self.assertEqual(MONDAY in self.slots(pending), offered)
            if offered:
                self.book_at(MONDAY)
        self.assertIn(MONDAY + HALF, self.slots(pending))

    def test_third_customer_is_refused_and_in_the_portal_learns_of_nobody(self):
        self.book_at(MONDAY, MONDAY)
        booking = self.book(None, combination_id=self.rooms[2].id)
        for using_portal, said in (
            (False, "None of these Zoom users"),
            (True, "has just been taken"),
        ):
            with self.subTest(said), self.assertRaises(ValidationError) as refused:
                booking.with_context(using_portal=using_portal).start = MONDAY
                self.env.flush_all()
            self.assertIn(said, str(refused.exception))

    def test_no_slot_for_which_the_host_would_change_in_between(self):
        # Given that each is busy for one half of an hour
        bookings = self.book_at(MONDAY, MONDAY + HALF)
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Host2"])
        # When somebody needs the whole hour
        pending = self.book(None)
        pending.duration = 1
        offered = self.slots(pending, MONDAY - HOUR)
        self.assertNotIn(MONDAY, offered)
        self.assertIn(MONDAY - HALF, offered)
        self.assertIn(MONDAY + HALF, offered)
        # And whoever insists is refused
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            pending.start = MONDAY
            self.env.flush_all()
        self.env.invalidate_all()
        pending.start = MONDAY + HALF
        self.assertEqual(self.hosts_of(pending), ["Host1"])

    def test_pause_is_kept_by_slots_and_choice(self):
        self.account.meeting_pause = 30
        pending = self.book(None)
        self.book_at(MONDAY + HALF)
        self.assertIn(MONDAY, self.slots(pending))
        (second,) = self.book_at(MONDAY)
        self.assertEqual(self.hosts_of(second), ["Host2"])
        self.assertEqual(second.zoom_meeting_id.pause, 30)
        offered = self.slots(pending)
        self.assertNotIn(MONDAY, offered)
        self.assertNotIn(MONDAY + HALF, offered)
        # Host2 has paused
        self.assertIn(MONDAY + HOUR, offered)
        (third,) = self.book_at(MONDAY + HOUR)
        self.assertEqual(self.hosts_of(third), ["Host2"])

    def test_bookings_that_are_made_together(self):
        pending = self.book_at(None, None, None, None)
        for booking in pending:
            booking.write({"combination_auto_assign": False})
        vals_list = [
            {
                "partner_ids": [Command.set(self.partner.ids)],
                "type_id": self.rbt.id,
                "combination_auto_assign": False,
                "combination_id": room.id,
                "start": start,
            }
            for start in (MONDAY, MONDAY + HALF)
            for room in self.rooms[:2]
        ]
        made = self.env["resource.booking"].create(vals_list)
        self.env.flush_all()
        self.assertEqual(sorted(self.hosts_of(made[:2])), ["Host1", "Host2"])
        self.assertEqual(sorted(self.hosts_of(made[2:])), ["Host1", "Host2"])

    def test_slot_that_is_offered_for_another_room_can_be_booked(self):
        # Given a room for which each of the list is busy for one half of an hour
        third = self.make_host("Third")
        self.rooms[1].resource_ids.zoom_user_id = third
        self.rooms[2].resource_ids.zoom_user_id = third
        self.book_elsewhere(self.host)
        self.book_elsewhere(self.other_host, MONDAY + HALF)
        # When somebody needs the whole hour
        pending = self.book(None)
        pending.write({"duration": 1, "combination_auto_assign": True})
        self.assertIn(MONDAY, self.slots(pending))
        # Then it is that of the other room
        pending.start = MONDAY
        self.env.flush_all()
        self.assertEqual(pending.combination_id, self.rooms[1])
        self.assertEqual(self.hosts_of(pending), ["Third"])

    def test_hours_of_resources_are_kept_until_they_are_over(self):
        hours = self.env["booking.zoom.hour"]
        (booking,) = self.book_at(MONDAY + HALF)
        booking.duration = 1.5
        self.env.flush_all()
        taken = hours.search([("resource_id", "in", self.rooms.resource_ids.ids)])
        self.assertEqual(taken.resource_id, booking.combination_id.resource_ids)
        self.assertEqual(set(taken.mapped("start")), {MONDAY, MONDAY + HOUR})
        hours._gc_over()
        self.assertEqual(taken.exists(), taken)
        self.move_to(MONDAY + timedelta(days=2))
        hours._gc_over()
        self.assertFalse(taken.exists())

    # === WHO === #

    def test_who_has_most_requests_left(self):
        self.use_up(self.host, 3)
        starts = [MONDAY + number * HOUR for number in range(5)]
        # Meetings that wait take requests, too
        self.assertEqual(
            self.hosts_of(self.book_at(*starts)),
            ["Host2", "Host2", "Host2", "Host1", "Host2"],
        )

    def test_reserve_counts_where_the_reminder_goes_out_before_the_reset(self):
        # Given that the one has used up all, the other all but the reserve
        self.account.reserve_requests = 20
        self.use_up(self.host, 100)
        self.use_up(self.other_host, 80)
        start = self.host._get_next_reset() + HALF
        (early,) = self.book_at(start + HOUR)
        self.assertEqual(self.hosts_of(early), ["Host1"])
        early.action_cancel()
        # When it is the morning in Japan, and the reminder goes out before 00:00 UTC
        self.rbt.alarm_ids = self.create_alarm(60)
        self.assertEqual(self.hosts_of(self.book_at(start)), ["Host2"])

    def test_license_first_where_the_type_is_longer_than_forty_minutes(self):
        self.host.sudo().license = "basic"
        self.use_up(self.other_host, 50)
        (short,) = self.book_at(MONDAY)
        self.assertEqual(self.hosts_of(short), ["Host1"])
        self.rbt.duration = 1
        long = self.book_at(MONDAY + HOUR, MONDAY + HOUR)
        self.assertEqual(self.hosts_of(long), ["Host2", "Host1"])
        self.assertIn("Licensed Zoom users host first", self.rbt.conference_warning)

    def test_list_of_the_combination_comes_before_that_of_the_type(self):
        self.rooms[0].zoom_host_ids = [
            Command.create({"zoom_user_id": self.other_host.id})
        ]
        bookings = self.book_at(MONDAY, MONDAY)
        self.assertEqual(self.hosts_of(bookings), ["Host2", "Host1"])

    def test_host_of_the_list_who_hosts_elsewhere_is_busy(self):
        self.book_elsewhere(self.host)
        self.assertEqual(self.hosts_of(self.book_at(MONDAY)), ["Host2"])
        self.assertNotIn(MONDAY, self.slots(self.book(None)))

    def test_inactive_one_is_neither_chosen_nor_offered(self):
        self.host.sudo().write({"active": False, "status": "inactive"})
        pending = self.book(None)
        self.assertIn(MONDAY, self.slots(pending))
        self.assertEqual(self.hosts_of(self.book_at(MONDAY)), ["Host2"])
        self.assertNotIn(MONDAY, self.slots(pending))
        self.assertIn("not active in Zoom", self.rbt.conference_warning)

    def test_bookings_wait_where_all_are_inactive(self):
        hosts = self.host | self.other_host
        hosts.sudo().write({"active": False, "status": "inactive"})
        (booking,) = self.book_at(MONDAY)
        self.assertEqual(booking.zoom_meeting_id.problem, "host_inactive")
        self.assertIn("none of its Zoom users is active", self.rbt.conference_warning)
        hosts.sudo().write({"active": True, "status": "active"})
        booking.zoom_meeting_id._sync_future_bookings([("id", "=", booking.id)])
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")

    def test_whom_zoom_refuses_gets_no_more(self):
        booking, other = self.book_at(MONDAY, MONDAY + HOUR)
        booking.zoom_meeting_id.write({"problem": "host_refused"})
        self.use_up(self.other_host, 50)
        self.assertEqual(self.hosts_of(self.book_at(MONDAY + 2 * HOUR)), ["Host2"])

    # === NOT ISSUED YET === #

    def test_meeting_leaves_a_host_at_its_limit(self):
        bookings = self.book_at(MONDAY, MONDAY + HOUR)
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Host2"])
        self.use_up(self.host)
        self.sync_meetings()
        self.assertEqual(bookings.mapped("join_link_state"), ["ready", "ready"])
        self.assertEqual(self.hosts_of(bookings), ["Host2", "Host2"])
        self.assertEqual(len(self.live_meetings()), 2)
        story = bookings[0].message_ids.mapped("body")
        self.assertTrue(any("Host1 Zoom → Host2 Zoom" in line for line in story))

    def test_meeting_leaves_a_host_whom_zoom_says_is_at_its_limit(self):
        (booking,) = self.book_at(MONDAY)
        self.zoom.state.host_counts.clear()
        self.limit_in_zoom(self.host)
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")
        self.assertEqual(self.hosts_of(booking), ["Host2"])
        self.assertTrue(self.host.limit_reached)
        story = booking.message_ids.mapped("subtype_id.name")
        self.assertNotIn("limit", " ".join(filter(None, story)).lower())

    def limit_in_zoom(self, host):
        """Let another program have used up what Zoom admits."""
        day = self.zoom.clock.now().date()
        self.zoom.state.host_counts[host.zoom_id, day] = 100

    def test_meetings_wait_where_all_are_at_their_limit(self):
        (booking,) = self.book_at(MONDAY)
        self.use_up(self.host)
        self.use_up(self.other_host)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "daily_limit")
        self.assertEqual(self.hosts_of(booking), ["Host1"])
        self.assertFalse(self.live_meetings())

    def test_waiting_meeting_goes_to_who_is_added_to_the_list(self):
        (booking,) = self.book_at(MONDAY)
        self.use_up(self.host)
        self.use_up(self.other_host)
        self.sync_meetings()
        third = self.make_host("Third")
        self.list_host(third)
        self.env.flush_all()
        self.assertEqual(self.hosts_of(booking), ["Third"])
        self.assertFalse(booking.zoom_meeting_id.problem)

    def test_meeting_waits_where_the_other_one_is_busy(self):
        first, second = self.book_at(MONDAY, MONDAY)
        self.use_up(self.host)
        self.sync_meetings()
        self.assertEqual(self.hosts_of(first | second), ["Host1", "Host2"])
        self.assertEqual(first.zoom_meeting_id.problem, "daily_limit")
        self.assertEqual(second.join_link_state, "ready")

    def test_waiting_meeting_goes_to_who_gets_free_later(self):
        first, second = self.book_at(MONDAY, MONDAY)
        self.use_up(self.host)
        self.sync_meetings()
        self.assertEqual(first.zoom_meeting_id.problem, "daily_limit")
        second.action_cancel()
        self.sync_meetings()
        self.assertEqual(self.hosts_of(first), ["Host2"])
        self.assertEqual(first.join_link_state, "ready")
        story = first.message_ids.mapped("body")
        self.assertTrue(any("Host1 Zoom → Host2 Zoom" in line for line in story))

    def test_meeting_of_an_inactive_host_goes_to_who_gets_free_later(self):
        first, second = self.book_at(MONDAY, MONDAY)
        self.lose(self.host)
        self.sync_meetings()
        self.assertEqual(first.zoom_meeting_id.problem, "host_inactive")
        second.start = MONDAY + HOUR
        self.env.flush_all()
        self.sync_meetings()
        self.assertEqual(self.hosts_of(first), ["Host2"])
        self.assertEqual(first.join_link_state, "ready")

    def test_one_who_gets_free_takes_one_of_those_who_wait(self):
        third = self.make_host("Third")
        self.list_host(third)
        bookings = self.book_at(MONDAY, MONDAY, MONDAY)
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Host2", "Third"])
        for host in self.host | third:
            self.use_up(host)
        self.sync_meetings()
        self.assertEqual(
            bookings.mapped("join_link_state"), ["stuck", "ready", "stuck"]
        )
        bookings[1].action_cancel()
        self.sync_meetings()
        left = bookings[0] | bookings[2]
        self.assertEqual(self.hosts_of(left), ["Host2", "Third"])
        self.assertEqual(left.mapped("join_link_state"), ["ready", "stuck"])

    def test_meeting_leaves_a_host_who_is_deactivated(self):
        first, second = self.book_at(MONDAY, MONDAY)
        third, fourth = self.book_at(MONDAY + HOUR, MONDAY + 2 * HOUR)
        self.assertEqual(self.hosts_of(first | third), ["Host1", "Host1"])
        self.lose(self.host)
        # Nobody else was free for the first
        self.assertEqual(self.hosts_of(first | third), ["Host1", "Host2"])
        self.assertEqual(first.zoom_meeting_id.problem, "host_inactive")
        self.sync_meetings()
        self.assertEqual(third.join_link_state, "ready")

    def test_meeting_leaves_a_host_whom_zoom_does_not_know_any_more(self):
        (booking,) = self.book_at(MONDAY)
        users = dict(self.zoom.state.users)
        self.addCleanup(self.zoom.state.users.update, users)
        self.zoom.remove_user(users[self.host.zoom_id])
        self.sync_meetings()
        self.assertEqual(self.hosts_of(booking), ["Host2"])
        self.assertEqual(booking.join_link_state, "ready")

    def refuse(self, host):
        """Zoom does not let this user host, though it lists it as active."""
        self.addCleanup(self.zoom.faults.clear)
        values = {**CREATE, "host": host.zoom_id, "times": None}
        return self.zoom.refuse(400, 3161, "Not allowed hosting.", **values)

    def test_meeting_leaves_at_once_a_host_whom_zoom_refuses(self):
        # Given that the users were fetched a moment ago
        self.account.users_synced_at = Datetime.now()
        refusal = self.refuse(self.host)
        # When meetings are to be created one after the other
        bookings = self.rbt.env["resource.booking"]
        for number in range(3):
            bookings |= self.book_at(MONDAY + number * HOUR)
            self.sync_meetings()
        # Then the other one hosts them, and Zoom is not asked in vain again
        self.assertEqual(bookings.mapped("join_link_state"), ["ready"] * 3)
        self.assertEqual(set(self.hosts_of(bookings)), {"Host2"})
        self.assertEqual(refusal.hits, 1)
        self.assertEqual(find_lost_users(self.account), self.host)
        # Until Zoom's list says it anew
        self.run_cron("ir_cron_sync_users")
        self.assertFalse(find_lost_users(self.account))
        self.zoom.faults.clear()
        (last,) = self.book_at(MONDAY + 3 * HOUR)
        self.assertEqual(self.hosts_of(last), ["Host1"])

    def test_meeting_waits_where_zoom_refuses_all_of_the_list(self):
        refusals = [self.refuse(host) for host in self.host | self.other_host]
        (booking,) = self.book_at(MONDAY)
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.problem, "host_refused")
        self.assertEqual([refusal.hits for refusal in refusals], [1, 1])

    def lose(self, host):
        """Zoom says that a user is no longer active."""
        user = self.zoom.state.users[host.zoom_id]
        user.status = "inactive"
        self.addCleanup(setattr, user, "status", "active")
        for _time in range(2):
            self.run_cron("ir_cron_sync_users")
            self.move_to(Datetime.now() + timedelta(minutes=11))
        self.assertFalse(host.active)

    # === ISSUED === #

    def test_issued_meeting_never_moves_by_itself(self):
        bookings = self.book_at(MONDAY, MONDAY + HOUR)
        self.sync_meetings()
        links = bookings.mapped("zoom_meeting_id.join_url")
        self.use_up(self.host)
        self.env["booking.zoom.meeting"]._reconcile()
        self.sync_meetings()
        self.lose(self.host)
        self.env["booking.zoom.meeting"]._reconcile()
        self.sync_meetings()
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Host2"])
        self.assertEqual(bookings.mapped("zoom_meeting_id.join_url"), links)
        self.assertEqual(bookings[0].zoom_meeting_id.problem, "host_inactive")

    def test_moved_meeting_stays_with_its_host_who_is_free(self):
        (booking,) = self.book_at(MONDAY)
        self.sync_meetings()
        link = booking.zoom_meeting_id.join_url
        self.use_up(self.host, 50)
        booking.start = MONDAY + HOUR
        self.sync_meetings()
        self.assertEqual(self.hosts_of(booking), ["Host1"])
        self.assertEqual(booking.zoom_meeting_id.join_url, link)
        self.assertEqual(booking.join_link_state, "ready")

    def test_moved_meeting_gets_another_host_where_its_own_is_busy(self):
        booking, other = self.book_at(MONDAY, MONDAY + HOUR)
        self.change_host(other, self.host)
        self.sync_meetings()
        old, asked = booking.zoom_meeting_id.join_url, len(self.zoom.requests)
        booking.start = MONDAY + HOUR
        self.env.flush_all()
        self.assertEqual(self.hosts_of(booking | other), ["Host2", "Host1"])
        # The new meeting comes before the old one goes
        self.sync_meetings()
        self.sync_meetings()
        kinds = [
            one.method
            for one in self.zoom.requests[asked:]
            if "/meetings" in one.path and one.method in ("POST", "DELETE")
        ]
        self.assertEqual(kinds, ["POST", "DELETE"])
        self.assertEqual(booking.join_link_state, "ready")
        self.assertNotEqual(booking.zoom_meeting_id.join_url, old)
        self.assertEqual(len(self.live_meetings()), 2)

    def change_host(self, booking, host):
        action = booking.action_change_host()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        with Form(wizard) as form:
            form.zoom_user_id = host
        form.record.action_apply()
        self.env.flush_all()

    # === STAFF === #

    def test_host_that_staff_have_chosen_stays_until_it_is_taken_back(self):
        (booking,) = self.book_at(MONDAY)
        self.sync_meetings()
        # The other one of the same list
        self.change_host(booking, self.other_host)
        self.assertEqual(self.hosts_of(booking), ["Host2"])
        self.sync_meetings()
        (other,) = self.book_at(MONDAY + HOUR, combination_id=self.rooms[2].id)
        self.change_host(other, self.other_host)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            booking.start = MONDAY + HOUR
            self.env.flush_all()
        self.env.invalidate_all()
        booking._change_host(self.host.browse())
        self.assertFalse(booking.forced_zoom_user_id)
        booking.start = MONDAY + HOUR
        self.env.flush_all()
        self.assertEqual(self.hosts_of(booking), ["Host1"])

    def test_more_zoom_users_move_nothing_and_fewer_move_theirs(self):
        self.rbt.zoom_host_ids.unlink()
        (booking,) = self.book_at(MONDAY)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.book_at(MONDAY, combination_id=self.rooms[1].id)
        self.env.invalidate_all()
        with Form(self.rbt) as form, form.zoom_host_ids.new() as line:
            line.zoom_user_id = self.other_host
        (second,) = self.book_at(MONDAY)
        self.sync_meetings()
        self.assertEqual(self.hosts_of(booking | second), ["Host1", "Host2"])
        # Whoever takes one away is warned first
        booking.unlink()
        with (
            self.assertLogs("odoo.tests.form.onchange", "WARNING") as logs,
            Form(self.rbt) as form,
        ):
            form.zoom_host_ids.remove(0)
        self.assertIn("already hosts 1 future meetings", logs.output[-1])
        self.assertEqual(self.hosts_of(second), ["Host1"])

    def test_exchange_within_the_list_moves_only_what_it_must(self):
        third = self.make_host("Third")
        bookings = self.book_at(MONDAY, MONDAY)
        self.sync_meetings()
        with Form(self.rbt) as form:
            form.zoom_host_ids.remove(0)
            with form.zoom_host_ids.new() as line:
                line.zoom_user_id = third
        self.env.flush_all()
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Third"])

    def test_exchange_of_places_within_the_list(self):
        third = self.make_host("Third")
        self.list_host(third)
        bookings = self.book_at(MONDAY, MONDAY, MONDAY)
        self.sync_meetings()
        links = bookings.mapped("zoom_meeting_id.join_url")
        with Form(self.rbt) as form:
            with form.zoom_host_ids.edit(0) as line:
                line.zoom_user_id = third
            with form.zoom_host_ids.edit(1) as line:
                line.zoom_user_id = self.other_host
        self.env.flush_all()
        hosts = self.rbt.zoom_host_ids.zoom_user_id
        self.assertEqual(hosts.mapped("name"), ["Third", "Host2 Zoom"])
        self.assertEqual(bookings.mapped("zoom_meeting_id.join_url"), links)
        # Nobody is in it twice
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.rbt.zoom_host_ids.zoom_user_id = third
            self.env.flush_all()

    def test_lines_that_are_changed_by_themselves_count_at_once(self):
        bookings = self.book_at(MONDAY, MONDAY)
        third = self.make_host("Third")
        self.rbt.zoom_host_ids.zoom_user_id = third
        self.env.flush_all()
        self.assertEqual(self.hosts_of(bookings), ["Host1", "Third"])

    def test_binding_a_resource_leaves_meetings_whose_host_is_in_the_list(self):
        (booking,) = self.book_at(MONDAY)
        room = booking.combination_id
        room.zoom_host_ids = [Command.create({"zoom_user_id": self.host.id})]
        self.sync_meetings()
        binding = self.env["booking.zoom.binding"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "resource_id": room.resource_ids.id,
                            "zoom_user_id": self.other_host.id,
                        }
                    )
                ]
            }
        )
        self.assertFalse(binding.message)
        binding.action_apply()
        self.env.flush_all()
        self.assertEqual(room._get_hosts(), self.other_host | self.host)
        self.assertEqual(self.hosts_of(booking), ["Host1"])
        # Without the list it would move
        room.zoom_host_ids.unlink()
        self.env.flush_all()
        self.assertEqual(self.hosts_of(booking), ["Host2"])

    def test_texts_say_who_hosts(self):
        text = "hosted by the one of these that is free: Host1 Zoom, Host2 Zoom"
        self.assertIn(text, self.rbt.zoom_consequence)
        self.assertIn(
            f"Is one of the Zoom users of the booking type “{self.rbt.name}”.",
            self.other_host.consequence,
        )
        room = self.rooms[0]
        room.zoom_host_ids = [Command.create({"zoom_user_id": self.host.id})]
        room.resource_ids.zoom_user_id = self.other_host
        text = "the one of these that is free: Host2 Zoom, Host1 Zoom"
        self.assertIn(text, room.zoom_message)
        self.assertIn(text, room.resource_ids.zoom_message)
        self.assertIn("Is one of the Zoom users of the combi", self.host.consequence)
        self.assertFalse(self.rbt.conference_warning)

    def test_texts_name_a_few_of_many(self):
        for number in range(20):
            more = self.make_host(f"M{number}")
            self.list_host(more)
        named = "Host1 Zoom, Host2 Zoom, M0, M1, M2, …"
        self.assertTrue(self.rbt.zoom_consequence.splitlines()[0].endswith(named))
        self.assertTrue(self.book(None).zoom_choice_message.endswith(named))

    def test_copy_of_a_type_has_the_list_too(self):
        copied = self.rbt.copy()
        self.assertEqual(copied.zoom_host_ids.zoom_user_id, self.other_host)
        self.assertNotEqual(copied.zoom_host_ids, self.rbt.zoom_host_ids)

    def test_first_step_is_done_with_a_list_alone(self):
        self.rbt.zoom_user_id = False
        facts = gather_facts(self.account.sudo())
        self.assertTrue(facts.has_hosts)
        self.assertNotIn(self.rbt.name, facts.types_without_host)
        self.assertEqual(self.hosts_of(self.book_at(MONDAY)), ["Host2"])
        self.rbt.zoom_host_ids.unlink()
        facts = gather_facts(self.account.sudo())
        self.assertIn(self.rbt.name, facts.types_without_host)

    def test_pending_booking_names_nobody_yet(self):
        booking = self.book(None)
        self.assertFalse(booking.zoom_user_id)
        self.assertIn("Host1 Zoom, Host2 Zoom", booking.zoom_choice_message)
        self.assertFalse(self.book(MONDAY).zoom_choice_message)
        self.assertEqual(booking._get_usual_host(), self.host.browse())

    def test_successor_of_a_user_takes_the_place_in_lists(self):
        successor = self.make_host("Anew")
        hand_over_bindings(
            self.other_host.sudo(), successor.sudo().with_context(active_test=False)
        )
        self.assertEqual(self.rbt.zoom_host_ids.zoom_user_id, self.other_host)
        successor.sudo().email = self.other_host.email
        hand_over_bindings(self.other_host.sudo(), successor.sudo())
        self.assertEqual(self.rbt.zoom_host_ids.zoom_user_id, successor)

    def test_successor_who_is_in_the_list_already(self):
        successor = self.make_host("Anew")
        self.list_host(successor)
        successor.sudo().email = self.other_host.email
        hand_over_bindings(self.other_host.sudo(), successor.sudo())
        self.assertEqual(self.rbt.zoom_host_ids.zoom_user_id, successor)

    def test_user_of_a_list_who_is_lost_is_told(self):
        self.other_host.sudo().write({"active": False, "status": "inactive"})
        self.assertTrue(self.other_host.is_broken)

    # === OTHER COMPANY, RIGHTS === #

    def test_zoom_user_of_another_company_is_refused(self):
        foreign = self.create_other_account().zoom_user_ids[:1]
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.list_host(foreign)
            self.env.flush_all()

    def test_zoom_user_of_another_company_does_not_count_on_a_combination(self):
        foreign = self.create_other_account().zoom_user_ids[:1]
        self.rooms[0].zoom_host_ids = [
            Command.create({"zoom_user_id": one.id})
            for one in (foreign, self.other_host)
        ]
        self.assertEqual(self.hosts_of(self.book_at(MONDAY)), ["Host2"])

    def test_staff_without_management_book_and_read(self):
        user = self.create_staff("any-host-user")
        self.assertEqual(
            self.rbt.with_user(user).zoom_host_ids.zoom_user_id.ids, self.other_host.ids
        )
        booking = self.book(None).with_user(user)
        booking.sudo().message_subscribe(user.partner_id.ids)
        booking.start = MONDAY
        self.env.flush_all()
        self.assertEqual(self.hosts_of(booking.sudo()), ["Host1"])

    # === COST === #

    def test_queries_do_not_grow_with_the_list(self):
        pending = self.book(None)
        counts = []
        for count in (0, 20):
            for number in range(count):
                more = self.make_host(f"M{number}")
                self.list_host(more)
            self.env.flush_all()
            self.env.invalidate_all()
            self.slots(pending)
            before = self.env.cr.sql_log_count
            self.slots(pending)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestCustomerAccepts(AnyHostCase, HttpCase):
    """A customer who has declined may change the mind, by the links in the mail."""

    def answer(self, booking, answer):
        attendee = self.attendee_of(booking)
        link = f"/calendar/meeting/{answer}?token={attendee.access_token}"
        self.env.flush_all()
        page = self.url_open(f"{link}&id={booking.meeting_id.id}")
        (form,) = (
            form
            for form in fromstring(page.content).cssselect("form[method='post']")
            if f"/meeting/{answer}" in form.get("action")
        )
        fields = {one.get("name"): one.get("value") for one in form.cssselect("input")}
        page = self.url_open(form.get("action"), fields)
        self.env.invalidate_all()
        return page

    def test_customer_who_comes_too_late_learns_of_no_zoom_user(self):
        (booking,) = self.book_at(MONDAY, combination_id=self.rooms[2].id)
        self.assertTrue(self.answer(booking, "decline").ok)
        self.assertFalse(booking.zoom_meeting_id)
        self.assertEqual(
            self.hosts_of(self.book_at(MONDAY, MONDAY)), ["Host1", "Host2"]
        )
        with mute_logger("odoo.http"):
            page = self.answer(booking, "accept")
        self.assertIn("has just been taken", page.text)
        self.assertNotIn("Host1", page.text)
        self.assertNotIn("Host2", page.text)
        self.assertFalse(booking.zoom_meeting_id)

    def test_customer_who_comes_in_time_gets_who_is_free(self):
        (booking,) = self.book_at(MONDAY, combination_id=self.rooms[2].id)
        self.answer(booking, "decline")
        self.book_at(MONDAY)
        self.assertTrue(self.answer(booking, "accept").ok)
        self.assertEqual(self.hosts_of(booking), ["Host2"])
