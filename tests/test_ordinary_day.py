# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import ExclusionViolation, SerializationFailure

from odoo.tests import tagged

from ..models.conference.mail_writing import send_mails
from ..models.zoom.booking_zoom_meeting import sync_again
from ..models.zoom.outcomes import notify_bookings
from ..utils import in_own_transaction
from .at_once_common import START, AtOnceCase

URL = "https://zoom.us/j/81234567890?pwd=s3cret"


@tagged("post_install", "-at_install")
class TestOrdinaryDay(AtOnceCase):
    """Two who write the same leave no error in the log, and no secret.

    Odoo logs a statement that fails, with its values, before it repeats the request.
    """

    def setUp(self):
        super().setUp()
        self.enterContext(self.assertNoLogs("odoo.sql_db", "ERROR"))
        self.booking_id = self.bookings[0]
        with self.transaction() as env:
            self.booking(env).start = START
            self.row_id = self.booking(env).zoom_meeting_id.id

    def delete_records(self):
        with self.transaction() as env:
            self.row(env).unlink()
        super().delete_records()

    def booking(self, env):
        return env["resource.booking"].browse(self.booking_id)

    def row(self, env):
        return env["booking.zoom.meeting"].browse(self.row_id)

    def record_meanwhile(self, **values):
        """What the scheduled action commits while somebody saves the booking."""
        with self.transaction() as env:
            self.row(env).write({"join_url": URL, "passcode": "s3cret", **values})

    def save_while_it_is_recorded(self, method, *args):
        self.save_while(self.record_meanwhile, method, *args)

    def save_while(self, meanwhile, method, *args):
        """Let the booking be saved by somebody who has not seen what is committed."""
        tries = []

        def save(booking, method, *args):
            tries.append(booking.start)  # its snapshot is from now on
            if len(tries) == 1:
                meanwhile()
            getattr(booking, method)(*args)
            booking.env.flush_all()

        model = self.registry["resource.booking"]
        model._save_for_test = save
        try:
            with self.transaction() as env:
                in_own_transaction(
                    self.booking(env),
                    lambda records: records._save_for_test(method, *args),
                )
        finally:
            del model._save_for_test
        # It was the database that made the second attempt necessary.
        self.assertEqual(len(tries), 2)

    def test_booking_is_moved_while_an_answer_is_recorded(self):
        moved = START + timedelta(hours=1)
        self.save_while_it_is_recorded("write", {"start": moved})
        with self.transaction() as env:
            self.assertEqual(
                (self.row(env).start, self.row(env).join_url), (moved, URL)
            )

    def test_booking_is_cancelled_while_an_answer_is_recorded(self):
        self.save_while_it_is_recorded("action_cancel")
        with self.transaction() as env:
            self.assertEqual(self.row(env).state, "removed")

    def test_booking_is_deleted_while_an_answer_is_recorded(self):
        self.save_while_it_is_recorded("unlink")
        with self.transaction() as env:
            self.assertEqual(self.row(env).state, "removed")
        self.ids["resource.booking"].remove(self.booking_id)

    def test_who_is_slower_fails_before_the_platform_has_saved_anything(self):
        # Given a transaction that has not seen what is recorded
        with self.transaction() as env:
            booking = self.booking(env)
            self.assertTrue(booking.start)
            self.record_meanwhile()
            # When the booking is moved
            with (
                patch.object(self.registry["calendar.event"], "write") as save_event,
                self.assertRaises(SerializationFailure),
            ):
                booking.start = START + timedelta(hours=1)
            # Then the platform has its work still before it
            save_event.assert_not_called()
            env.cr.rollback()

    def test_booking_is_moved_while_its_link_is_shown_on_the_event(self):
        with self.transaction() as env:
            self.booking(env).type_id.link_disclosure = "issued"

        def show():
            self.record_meanwhile(state="ready", zoom_id="81234567890")
            with self.transaction() as env:
                in_own_transaction(self.row(env), notify_bookings)

        self.save_while(show, "write", {"start": START + timedelta(hours=1)})
        with self.transaction() as env:
            event = self.booking(env).meeting_id
            self.assertEqual(event.videocall_location, URL)
            self.assertEqual(event.start, START + timedelta(hours=1))

    def test_look_through_of_all_bookings_writes_nothing_while_answers_are_recorded(
        self,
    ):
        with self.transaction() as env:
            self.assertTrue(self.booking(env).zoom_meeting_id.state)
            self.record_meanwhile()
            env["booking.zoom.meeting"]._sync_with_bookings(self.booking(env))
            env.flush_all()

    def test_booking_that_was_deleted_meanwhile_is_left_out_of_the_look_through(self):
        with self.transaction() as env:
            ids = [self.booking_id, 2**31 - 1]
            sync_again(env["resource.booking"].browse(ids))

    def test_booking_is_cancelled_while_its_link_is_mailed(self):
        self.record_meanwhile(state="ready", zoom_id="81234567890")

        def mail():
            with self.transaction() as env:
                event = self.booking(env).meeting_id
                ledger = env["booking.conference.mail"]
                send_mails(ledger, event.attendee_ids, "reminder", event.alarm_ids)

        with ThreadPoolExecutor(1) as executor:
            # Given somebody who has begun to cancel the booking
            with self.transaction() as env:
                booking = self.booking(env)
                booking._lock_conference()
                # When its link is mailed
                mailed = executor.submit(mail)
                self.assertTrue(self.is_anybody_held(env))
                # Then they do not wait for each other
                booking.action_cancel()
            self.assertIsInstance(mailed.exception(20), SerializationFailure)

    def test_two_bookings_take_one_time(self):
        # Given a transaction that sees the time as free
        outcome = []
        with self.transaction() as env:
            second = env["resource.booking"].browse(self.bookings[1])
            self.assertFalse(second.start)
            free = START + timedelta(hours=2)
            # When somebody else takes it meanwhile
            with self.transaction() as other:
                self.booking(other).start = free
            try:
                second.start = free
            except ExclusionViolation as refused:
                outcome.append(refused)
            env.cr.rollback()
        # Then it is refused
        self.assertTrue(outcome)

    def test_two_workers_count_a_request_of_one_host(self):
        with self.transaction() as env, self.transaction() as other:
            for one in (env, other):
                self.assertTrue(self.row(one).zoom_user_id.name)
            self.assertTrue(self.reserve(other))
            other.cr.commit()
            with self.assertRaises(SerializationFailure):
                self.reserve(env)
            env.cr.rollback()

    def reserve(self, env):
        counts = env["booking.zoom.request.count"]
        return counts._reserve(self.row(env).zoom_user_id, "create", 100)

    def test_two_workers_follow_a_mail_up(self):
        with self.transaction() as env:
            entry_id = self.create(
                env,
                "booking.conference.mail",
                {
                    "event_id": self.booking(env).meeting_id.id,
                    "start": START,
                    "kind": "link",
                    "company_id": self.ids["res.company"][0],
                },
            ).id
        with self.transaction() as env:
            entry = env["booking.conference.mail"].browse(entry_id)
            self.assertFalse(entry.superseded)
            with self.transaction() as other:
                entry.with_env(other).superseded = True
            entry.superseded = True
            with self.assertRaises(SerializationFailure):
                env.flush_all()
            env.cr.rollback()
