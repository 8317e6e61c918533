# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

from psycopg2.errors import ExclusionViolation

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from .common import MONDAY, ZoomCase

HOUR = timedelta(hours=1)


class OverlapCase(ZoomCase):
    """Two rooms, open all week, that share a Zoom user and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.make_calendar("UTC")
        cls.room, cls.other_room = cls.make_rooms(cls.calendar, 2)
        cls.rooms = cls.room | cls.other_room
        cls.rooms.resource_ids.zoom_user_id = cls.host
        cls.rbt.write(
            {
                "resource_calendar_id": cls.calendar.id,
                "combination_rel_ids": [
                    Command.clear(),
                    *(
                        Command.create({"combination_id": room.id, "sequence": number})
                        for number, room in enumerate(cls.rooms)
                    ),
                ],
            }
        )

    @classmethod
    def make_rooms(cls, calendar, count):
        """So many combinations of one room each."""
        resources = cls.env["resource.resource"].create(
            [
                {
                    "name": f"Room {number}",
                    "resource_type": "material",
                    "calendar_id": calendar.id,
                    "tz": calendar.tz,
                }
                for number in range(count)
            ]
        )
        return cls.env["resource.booking.combination"].create(
            [{"resource_ids": [Command.set(one.ids)]} for one in resources]
        )

    def book_room(self, room, start=MONDAY, **values):
        return self.book(start, combination_id=room.id, **values)

    def slots(self, booking, day=MONDAY, days=1):
        """Free times of a pending booking, naive UTC."""
        start = fields.Datetime.context_timestamp(booking, day.replace(hour=0))
        found = booking._get_available_slots(start, start + timedelta(days=days))
        return [
            slot.astimezone(UTC).replace(tzinfo=None)
            for day_slots in found.values()
            for slot in day_slots
        ]


class TestFreeSlots(OverlapCase):
    """A time at which the Zoom user is busy is not offered."""

    def test_time_of_another_room_with_the_same_zoom_user_is_not_offered(self):
        self.book_room(self.room)
        offered = self.slots(self.book(None))
        self.assertNotIn(MONDAY, offered)
        self.assertIn(MONDAY + timedelta(minutes=30), offered)
        self.assertIn(MONDAY - timedelta(minutes=30), offered)

    def test_time_is_offered_when_another_zoom_user_is_free(self):
        self.book_room(self.room)
        self.other_room.zoom_user_id = self.other_host
        self.assertIn(MONDAY, self.slots(self.book(None)))

    def test_time_of_a_cancelled_booking_is_offered_again(self):
        self.book_room(self.room).action_cancel()
        self.assertIn(MONDAY, self.slots(self.book(None)))

    def test_booking_does_not_stand_in_its_own_way(self):
        booking = self.book_room(self.room)
        self.assertIn(MONDAY, self.slots(booking))

    def test_types_without_zoom_do_not_mind(self):
        self.book_room(self.room)
        plain = self.rbt.copy({"web_conference_tool": "none"})
        self.assertIn(MONDAY, self.slots(self.book(None, type_id=plain.id)))

    def test_bookings_of_another_type_count(self):
        other_type = self.rbt.copy({"name": "Other type"})
        self.book_room(self.room, type_id=other_type.id)
        self.assertNotIn(MONDAY, self.slots(self.book(None)))

    def test_default_host_of_the_type_counts(self):
        self.rooms.resource_ids.zoom_user_id = False
        self.rbt.zoom_user_id = self.host
        self.book_room(self.room)
        self.assertNotIn(MONDAY, self.slots(self.book(None)))

    def test_combination_is_chosen_whose_zoom_user_is_free(self):
        self.book_room(self.room)
        (third,) = self.make_rooms(self.calendar, 1)
        third.zoom_user_id = self.other_host
        self.rbt.combination_rel_ids = [
            Command.create({"combination_id": third.id, "sequence": 99})
        ]
        self.assertEqual(self.book(MONDAY).combination_id, third)

    def test_hosts_are_asked_in_one_query(self):
        def meeting_queries(booking, method, *args):
            with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
                getattr(booking, method)(*args)
            return sum("FROM booking_zoom_meeting" in line for line in logs.output)

        more = self.make_rooms(self.calendar, 6)
        more[:3].zoom_user_id = self.other_host
        more[3:].zoom_user_id = self.host
        self.rbt.combination_rel_ids = [
            Command.create({"combination_id": room.id}) for room in more
        ]
        self.book_room(self.room)
        pending = self.book(None)
        start = fields.Datetime.context_timestamp(pending, MONDAY)
        self.assertEqual(
            meeting_queries(
                pending, "_get_available_slots", start, start + timedelta(days=28)
            ),
            1,
        )
        # The platform asks for one after another until one is free, here the third.
        draft = self.env["resource.booking"].new(
            {
                "type_id": self.rbt.id,
                "combination_auto_assign": False,
                "start": MONDAY,
            }
        )
        self.assertEqual(meeting_queries(draft, "_get_best_combination"), 3)

    def another_room_whose_zoom_user_is_free(self):
        """At MONDAY the Zoom user of the first room hosts elsewhere.

        :return: a room of the type that has another one
        """
        (elsewhere,) = self.make_rooms(self.calendar, 1)
        elsewhere.zoom_user_id = self.host
        self.other_room.zoom_user_id = self.other_host
        other_type = self.rbt.copy(
            {"combination_rel_ids": [Command.create({"combination_id": elsewhere.id})]}
        )
        self.book(MONDAY, type_id=other_type.id)
        return self.other_room

    def test_moved_booking_takes_a_room_whose_zoom_user_is_free(self):
        free = self.another_room_whose_zoom_user_is_free()
        booking = self.book(MONDAY + HOUR)
        self.assertEqual(booking.combination_id, self.room)
        self.env.flush_all()
        booking.start = MONDAY
        self.assertEqual(booking.combination_id, free)
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)

    def test_moved_event_takes_a_room_whose_zoom_user_is_free(self):
        free = self.another_room_whose_zoom_user_is_free()
        booking = self.book(MONDAY + HOUR)
        self.env.flush_all()
        duration = booking.stop - booking.start
        booking.meeting_id.write({"start": MONDAY, "stop": MONDAY + duration})
        self.assertEqual(booking.combination_id, free)
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)

    def test_booking_that_becomes_one_in_zoom_takes_a_room_that_is_free(self):
        free = self.another_room_whose_zoom_user_is_free()
        plain = self.rbt.copy({"web_conference_tool": "none"})
        booking = self.book(MONDAY, type_id=plain.id)
        self.assertEqual(booking.combination_id, self.room)
        self.env.flush_all()
        booking.type_id = self.rbt
        self.assertEqual(booking.combination_id, free)
        self.assertEqual(booking.zoom_meeting_id.zoom_user_id, self.other_host)

    def test_booking_that_is_undone_leaves_the_time_free(self):
        # Given that somebody has looked while a booking was there
        pending = self.book(None)
        with closing(self.env.cr.savepoint()):
            self.book_room(self.room)
            self.assertNotIn(MONDAY, self.slots(pending))
        # Then the time is free after that booking was undone
        self.assertIn(MONDAY, self.slots(pending))

    def test_times_are_looked_up_anew_after_each_change(self):
        pending = self.book(None)
        self.assertIn(MONDAY, self.slots(pending))
        other = self.book_room(self.room)
        self.assertNotIn(MONDAY, self.slots(pending))
        other.start = MONDAY + HOUR
        self.assertIn(MONDAY, self.slots(pending))
        self.assertNotIn(MONDAY + HOUR, self.slots(pending))
        other.unlink()
        self.assertIn(MONDAY + HOUR, self.slots(pending))


class TestTimeZones(OverlapCase):
    """The same moment is busy, whatever clock a calendar goes by."""

    def test_change_to_summer_time(self):
        # Given a calendar in Berlin, where 2027-03-28 has no 02:00 to 03:00
        self.calendar.tz = "Europe/Berlin"
        self.rooms.resource_ids.tz = "Europe/Berlin"
        berlin = self.book(None).with_context(tz="Europe/Berlin")
        before, after = datetime(2027, 3, 28, 0, 30), datetime(2027, 3, 28, 1, 0)
        # When the half hours at both sides of the change are taken
        self.book_room(self.room, before)
        self.book_room(self.room, after)
        # Then these are missing, and no others
        offered = self.slots(berlin, datetime(2027, 3, 28, 12))
        self.assertNotIn(before, offered)
        self.assertNotIn(after, offered)
        self.assertIn(before - timedelta(minutes=30), offered)
        self.assertIn(after + timedelta(minutes=30), offered)

    def test_change_to_winter_time(self):
        # 2027-10-31 has 02:00 to 03:00 twice: 00:00 and 01:00 UTC.
        self.calendar.tz = "Europe/Berlin"
        self.rooms.resource_ids.tz = "Europe/Berlin"
        berlin = self.book(None).with_context(tz="Europe/Berlin")
        first, second = datetime(2027, 10, 31, 0), datetime(2027, 10, 31, 1)
        self.book_room(self.room, second)
        self.assertNotIn(second, self.slots(berlin, datetime(2027, 10, 31, 12)))
        self.assertTrue(self.book_room(self.other_room, first).meeting_id)

    def test_booking_across_the_change_keeps_its_length(self):
        self.calendar.tz = "Europe/Berlin"
        self.rooms.resource_ids.tz = "Europe/Berlin"
        booking = self.book_room(self.room, datetime(2027, 3, 28, 0), duration=2)
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(meeting.duration, 120)
        self.assertEqual(booking.zoom_meeting_id.stop, datetime(2027, 3, 28, 2))

    def test_types_of_two_time_zones_share_a_zoom_user(self):
        # Given a booking at 08:00 UTC, which is 17:00 in Tokyo
        self.book_room(self.room)
        tokyo = self.make_calendar("Asia/Tokyo")
        room = self.make_rooms(tokyo, 1)
        room.zoom_user_id = self.host
        japanese = self.rbt.copy(
            {
                "name": "Tokyo",
                "resource_calendar_id": tokyo.id,
                "combination_rel_ids": [
                    Command.clear(),
                    Command.create({"combination_id": room.id}),
                ],
            }
        )
        pending = self.book(None, type_id=japanese.id).with_context(tz="Asia/Tokyo")
        offered = self.slots(pending)
        self.assertNotIn(MONDAY, offered)
        self.assertIn(MONDAY + timedelta(minutes=30), offered)
        with self.assertRaises(ValidationError):
            pending.start = MONDAY


class TestOverlapRefused(OverlapCase):
    """An overlap on one Zoom user is refused, whatever way it is written."""

    def setUp(self):
        super().setUp()
        self.taken = self.book_room(self.room)

    @contextmanager
    def assertRefused(self, *texts):
        """The change is refused, and undone, with a sentence that says all that."""
        with self.assertRaises(ValidationError) as refused:
            yield refused
        for text in texts:
            self.assertIn(text, str(refused.exception))

    def test_new_booking(self):
        with self.assertRefused("Host1 Zoom", "Secret Customer"):
            self.book_room(self.other_room)

    def test_booking_made_with_its_start(self):
        with self.assertRefused("Host1 Zoom"):
            self.env["resource.booking"].create(
                {
                    "partner_ids": [Command.set(self.partner.ids)],
                    "type_id": self.rbt.id,
                    "combination_auto_assign": False,
                    "combination_id": self.other_room.id,
                    "start": MONDAY,
                }
            )

    def test_moved_booking(self):
        booking = self.book_room(self.other_room, MONDAY + HOUR)
        with self.assertRefused("Host1 Zoom"):
            booking.start = MONDAY + timedelta(minutes=15)

    def test_moved_event(self):
        booking = self.book_room(self.other_room, MONDAY + HOUR)
        with self.assertRefused("Host1 Zoom"):
            booking.meeting_id.write(
                {"start": MONDAY, "stop": MONDAY + timedelta(minutes=30)}
            )

    def test_longer_booking(self):
        booking = self.book_room(self.other_room, MONDAY - HOUR)
        with self.assertRefused("Host1 Zoom"):
            booking.duration = 1.25

    def test_other_combination(self):
        (third,) = self.make_rooms(self.calendar, 1)
        third.zoom_user_id = self.other_host
        self.rbt.combination_rel_ids = [Command.create({"combination_id": third.id})]
        booking = self.book_room(third)
        with self.assertRefused("Host1 Zoom"):
            booking.combination_id = self.other_room

    def test_other_type(self):
        plain = self.rbt.copy({"web_conference_tool": "none"})
        booking = self.book_room(self.other_room, type_id=plain.id)
        with self.assertRefused("Host1 Zoom"):
            booking.type_id = self.rbt

    def test_booking_that_comes_back_from_the_archive(self):
        booking = self.book_room(self.other_room, MONDAY + HOUR)
        booking.active = False
        self.taken.start = MONDAY + HOUR
        with self.assertRefused("Host1 Zoom"):
            booking.active = True

    def test_event_that_comes_back_from_the_archive(self):
        booking = self.book_room(self.other_room, MONDAY + HOUR)
        booking.meeting_id.active = False
        self.taken.start = MONDAY + HOUR
        with self.assertRefused("Host1 Zoom"):
            booking.meeting_id.active = True

    def test_neighbours_are_fine(self):
        minutes = timedelta(minutes=30)
        self.assertTrue(self.book_room(self.other_room, MONDAY - minutes).meeting_id)
        self.assertTrue(self.book_room(self.other_room, MONDAY + minutes).meeting_id)

    def test_earlier_booking_of_the_same_host_is_fine(self):
        # A new row must not count as endless before its end is known.
        bookings = self.env["resource.booking"].create(
            [
                {
                    "partner_ids": [Command.set(self.partner.ids)],
                    "type_id": self.rbt.id,
                    "combination_auto_assign": False,
                    "combination_id": self.room.id,
                    "start": MONDAY + hours * HOUR,
                }
                for hours in (3, 2, 1)
            ]
        )
        self.assertEqual(set(bookings.mapped("join_link_state")), {"waiting"})

    def test_two_bookings_swap_their_times_through_a_third(self):
        other = self.book_room(self.other_room, MONDAY + HOUR)
        with self.assertRefused("Host1 Zoom"):
            other.start = MONDAY
        other.start = MONDAY + 2 * HOUR
        self.taken.start = MONDAY + HOUR
        other.start = MONDAY
        self.assertEqual(self.taken.zoom_meeting_id.start, MONDAY + HOUR)
        self.assertEqual(other.zoom_meeting_id.start, MONDAY)

    def test_customer_of_another_booking_is_not_named_to_who_may_not_read_it(self):
        # Given somebody who may book, but only sees bookings of his own
        user = self.create_staff("booker")
        booking = (
            self.env["resource.booking"]
            .with_user(user)
            .create(
                {
                    "partner_ids": [Command.set(user.partner_id.ids)],
                    "type_id": self.rbt.id,
                    "combination_auto_assign": False,
                    "combination_id": self.other_room.id,
                }
            )
        )
        with self.assertRefused("Host1 Zoom", "another booking") as refused:
            booking.start = MONDAY
        self.assertNotIn("Secret Customer", str(refused.exception))

    # === CHANGES OF TOOL AND BINDING === #

    def test_binding_of_the_combination(self):
        self.other_room.zoom_user_id = self.other_host
        other = self.book_room(self.other_room)
        with self.assertRefused("Host1 Zoom", "Secret Customer"):
            self.other_room.zoom_user_id = self.host
        self.assertEqual(other.zoom_meeting_id.zoom_user_id, self.other_host)

    def test_binding_of_the_resource(self):
        self.other_room.resource_ids.zoom_user_id = self.other_host
        self.book_room(self.other_room)
        with self.assertRefused("Host1 Zoom", "Secret Customer"):
            self.other_room.resource_ids.zoom_user_id = self.host

    def test_binding_of_the_zoom_user(self):
        self.other_room.resource_ids.zoom_user_id = self.other_host
        self.book_room(self.other_room)
        with self.assertRefused("Host1 Zoom", "Secret Customer"):
            self.host.resource_ids = [Command.link(self.other_room.resource_ids.id)]

    def test_default_host_of_the_type(self):
        self.other_room.resource_ids.zoom_user_id = False
        self.rbt.zoom_user_id = self.other_host
        self.book_room(self.other_room)
        with self.assertRefused("Host1 Zoom", "Secret Customer"):
            self.rbt.zoom_user_id = self.host

    def test_tool_of_the_type(self):
        plain = self.rbt.copy({"web_conference_tool": "none", "name": "Plain"})
        self.book_room(self.other_room, type_id=plain.id)
        with self.assertRefused("Host1 Zoom", "Secret Customer"):
            plain.web_conference_tool = "zoom"

    def test_refused_change_of_binding_leaves_nothing(self):
        self.other_room.resource_ids.zoom_user_id = self.other_host
        other = self.book_room(self.other_room)
        with self.assertRefused("Host1 Zoom"):
            self.other_room.resource_ids.zoom_user_id = self.host
        self.assertEqual(self.other_room.zoom_user_id, self.other_host)
        self.assertEqual(other.zoom_meeting_id.zoom_user_id, self.other_host)

    def test_past_bookings_do_not_matter(self):
        self.other_room.resource_ids.zoom_user_id = self.other_host
        self.book_room(self.other_room)
        self.move_to(MONDAY + HOUR)
        self.other_room.resource_ids.zoom_user_id = self.host
        self.assertEqual(self.other_room.zoom_user_id, self.host)

    # === THE DATABASE === #

    def test_database_has_the_last_word(self):
        row = self.taken.zoom_meeting_id
        other = self.book_room(self.other_room, MONDAY + HOUR).zoom_meeting_id
        with (
            self.assertRaises(ExclusionViolation) as refused,
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            other.start = MONDAY + timedelta(minutes=29)
            other.flush_recordset()
        self.assertIn(
            "Please choose another time",
            row._sql_error_to_message(refused.exception),
        )
