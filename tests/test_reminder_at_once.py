# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import threading
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.conference.booking_conference_mail import DEAD_LINK, REMINDER
from ..models.conference.ledger_queries import find_dead
from ..utils import in_own_transaction
from .at_once_common import START, AtOnceCase

LOGGERS = (
    "odoo.sql_db",
    "odoo.addons.resource_booking_zoom.models.conference.booking_conference_mail",
    "odoo.addons.resource_booking_zoom.models.conference.mail_writing",
)


class WorkerKilled(Exception):
    """Ends a transaction as a kill does."""


@tagged("post_install", "-at_install")
class TestReminderAtOnce(AtOnceCase):
    """Each gets each reminder once, whoever works or saves at the same moment."""

    tool = "other"

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*LOGGERS))
        frozen = freeze_time(START - timedelta(minutes=30), tick=True)
        frozen.start()
        self.addCleanup(frozen.stop)
        with self.transaction() as env:
            booking = env["resource.booking"].browse(self.bookings[0])
            booking.start = START
            self.event_id = booking.meeting_id.id
            self.alarm_id = booking.meeting_id.alarm_ids.id
            self.mails(env).unlink()  # the invitations
        self.work = [(REMINDER, (self.event_id, self.alarm_id))]

    def beside(self, method):
        """Begin something in another thread and connection.

        :return: the thread
        """
        thread = threading.Thread(target=method)
        thread.start()
        self.addCleanup(thread.join, 30)
        return thread

    def kinds(self):
        with self.transaction() as env:
            return sorted(self.ledger(env).mapped("kind"))

    def count_mails(self):
        with self.transaction() as env:
            return len(self.mails(env))

    def test_of_two_workers_one_sends(self):
        # Given a worker that has queued the mails and not committed yet
        with self.transaction() as env:
            env["booking.conference.mail"]._send_together(self.work)
            # When another one does the same
            other = self.beside(self.send_batch)
            self.assertTrue(self.is_anybody_held(env))
        other.join(30)
        # Then each requester has got one mail
        self.assertEqual(self.kinds(), ["reminder", "reminder"])
        self.assertEqual(self.count_mails(), 2)

    def send_batch(self):
        with self.transaction() as env:
            env["booking.conference.mail"]._send_batch(self.work)

    def test_worker_that_is_killed_after_it_has_queued_the_mails(self):
        with self.assertRaises(WorkerKilled), self.transaction() as env:
            env["booking.conference.mail"]._send_together(self.work)
            self.assertEqual(len(self.mails(env)), 2)
            raise WorkerKilled
        self.assertEqual(self.count_mails(), 0)
        self.send_batch()
        self.send_batch()
        self.assertEqual(self.count_mails(), 2)

    def test_who_is_being_reminded_while_the_booking_is_cancelled_hears_of_it(self):
        # Given a worker that has queued the mails and not committed yet
        with self.transaction() as env:
            env["booking.conference.mail"]._send_together(self.work)
            # When somebody cancels, who cannot know of the mails
            other = self.beside(self.cancel)
            self.assertTrue(self.is_anybody_held(env))
        other.join(30)
        # Then those who have the link are told that the booking was cancelled
        with self.transaction() as env:
            ledger = env["booking.conference.mail"]
            work = [(DEAD_LINK, one) for one in find_dead(env)]
            ledger._send_together(work)
        self.assertEqual(
            self.kinds(), ["cancelled", "cancelled", "reminder", "reminder"]
        )
        # The platform has taken the reminder out of the queue, with the event
        self.assertEqual(self.count_mails(), 2)

    def cancel(self):
        with self.transaction() as env:
            booking = env["resource.booking"].browse(self.bookings[0])
            # As the server repeats a request that met another one
            in_own_transaction(booking, lambda records: records.action_cancel())
