# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..engine.job import Outcome
from ..models.zoom.claims import prepare_job
from ..models.zoom.outcomes import record_outcome
from ..tools.zoom_answers import Meeting
from ..tools.zoom_payload import new_correlation_key
from ..utils import in_own_transaction
from .at_once_common import START, TransactionsCase

MOVED = START + timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestRecordAtOnce(TransactionsCase):
    """A booking is saved while what came back of its creation is recorded."""

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            company = self.create_company(env)
            account = env["booking.zoom.account"].create({"company_id": company.id})
            host = env["booking.zoom.user"].create(
                {"account_id": account.id, "zoom_id": "at-once", "name": "Host"}
            )
            row = env["booking.zoom.meeting"].create(
                {
                    "zoom_user_id": host.id,
                    "start": START,
                    "duration": 30,
                    "topic": "Consultation",
                    "correlation_key": new_correlation_key(),
                    "unanswered_since": fields.Datetime.now(),
                    "claimed_at": fields.Datetime.now(),
                }
            )
            self.company_id, self.account_id, self.row_id = (
                company.id,
                account.id,
                row.id,
            )
            self.job = prepare_job(row, "create")
        self.addCleanup(self.delete_records)

    def row(self, env):
        return env["booking.zoom.meeting"].browse(self.row_id)

    def delete_records(self):
        with self.transaction() as env:
            self.row(env).unlink()
            env["booking.zoom.account"].browse(self.account_id).unlink()
            self.delete_company(env["res.company"].browse(self.company_id))

    def record(self, pids):
        """Record the answer, as the scheduled action does."""
        answer = Meeting(
            zoom_id="81234567890",
            join_url="https://zoom.us/j/81234567890",
            passcode="abc123",
            topic="Consultation",
            start=START,
            duration=30,
        )
        with self.transaction() as env:

            def record_here(row):
                pids.append(row.env.cr._cnx.get_backend_pid())
                record_outcome(row, Outcome(self.job, (answer,)))

            in_own_transaction(self.row(env), record_here)

    def test_answer_waits_for_who_saves_the_booking_and_both_are_kept(self):
        pids = []
        with ThreadPoolExecutor(1) as recorder:
            with self.transaction() as env:
                # Given a person whose save is not committed yet
                row = self.row(env)
                row.start = MOVED
                env.flush_all()
                # When the answer to the creation comes
                recorded = recorder.submit(self.record, pids)
                self.assertTrue(self.is_held(env, pids))
            recorded.result(timeout=20)
        # Then neither the meeting nor the new time is lost
        with self.transaction() as env:
            row = self.row(env)
            self.assertEqual(row.zoom_id, "81234567890")
            self.assertEqual((row.start, row.sent_start), (MOVED, START))
            self.assertEqual(row.state, "changed")
        # and it was the database that made the second attempt necessary
        self.assertEqual(len(pids), 2)
