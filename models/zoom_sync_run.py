# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import psycopg2

from odoo.fields import Domain

from ..const import PARALLEL_REQUESTS
from ..exceptions import ZoomError, ZoomOutcomeUnknown, ZoomTokenInvalid
from ..tools.zoom_job import run_job
from .own_transaction import in_own_transaction

_logger = logging.getLogger(__name__)

# So many requests one after another whose outcome is unknown are an outage: in one,
# each creation that is tried may cost one of the day's requests.
MANY_UNCLEAR = 3
# Rows that are looked up at once: the search weighs all that wait against each other.
# A booking that is made meanwhile and begins sooner waits for so many others at most.
LOOK_AHEAD = 4 * PARALLEL_REQUESTS


class ZoomSyncRun:
    """One run of the scheduled action: keeps requests under way, records answers.

    Threads do HTTP only; the database is used by the thread that called.

    :param meetings: an empty recordset of booking.zoom.meeting, as superuser
    """

    def __init__(self, meetings):
        self._meetings = meetings
        self._clients = {}  # account -> client
        self._pending = {}  # future of an outcome -> (account, client)
        self._repeated = set()  # ids of rows that had a new token once
        self._queue = []  # ids of rows that were due a moment ago, soonest first
        self._unclear = Counter()  # account -> outcomes unknown, one after another
        self.skipped_ids = set()  # rows that cannot be worked in this run

    def work(self):
        """Claim the soonest due rows and do their requests until the time is up."""
        cron = self._meetings.env["ir.cron"]
        seconds_left = cron._commit_progress(remaining=self._count_due())
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as executor:
            try:
                while True:
                    worked = 0
                    if seconds_left and len(self._pending) < PARALLEL_REQUESTS:
                        worked += self._submit_due(executor)
                    if self._pending:
                        worked += self._record_finished(executor)
                    seconds_left = cron._commit_progress(worked)
                    if not worked and not self._pending:
                        break
            finally:
                # Whatever ends the run: what Zoom has answered is written down.
                left = [future.result() for future in self._pending]
                self._record_all(left)
        cron._commit_progress(remaining=self._count_due())

    def _count_due(self):
        return self._meetings.search_count(self._get_domain())

    def _get_domain(self):
        return self._meetings._get_due_domain() & Domain(
            "id", "not in", list(self.skipped_ids)
        )

    # === BEFORE THE REQUESTS === #

    def _submit_due(self, executor):
        """Claim due rows and hand their jobs to the threads.

        :return int: how many rows were looked after
        """
        rows = self._take_due()
        for account, account_rows in rows.grouped(
            lambda row: row.zoom_user_id.account_id
        ).items():
            try:
                self._submit_account(executor, account, account_rows)
            except Exception:
                # One account's trouble must not stop the others.
                _logger.exception("Meeting rows %s left for later", account_rows.ids)
                self.skipped_ids.update(account_rows.ids)
        return len(rows)

    def _take_due(self):
        """The next rows that are due, soonest first."""
        domain = self._get_domain()
        while True:
            if not self._queue:
                self._queue = self._meetings.search(domain, limit=LOOK_AHEAD).ids
            ids = self._queue[:PARALLEL_REQUESTS]
            del self._queue[:PARALLEL_REQUESTS]
            rows = self._meetings.search(domain & Domain("id", "in", ids))
            if rows or not ids:
                return rows

    def _submit_account(self, executor, account, rows):
        if self._unclear[account] >= MANY_UNCLEAR:
            in_own_transaction(rows, "_record_outage")
            return
        try:
            client = self._get_client(account)
        except ZoomError as error:
            in_own_transaction(rows, "_record_no_token", error)
            return
        for job in self._claim(rows):
            self._submit(executor, account, client, job)

    def _get_client(self, account, rejected=None):
        """The account's client; one renewal serves all rows of a batch."""
        client = self._clients.get(account)
        if not client or client.access_token == rejected:
            client = account._get_client(rejected=rejected)
            self._clients[account] = client
        return client

    def _claim(self, rows):
        """Claim rows together; if one of them is poisoned, one by one.

        :return list: of jobs
        """
        try:
            return self._claim_together(rows)
        except psycopg2.Error:
            # The database's trouble, not a row's.
            raise
        except Exception:
            _logger.exception("Meeting rows %s could not be claimed together", rows.ids)
        jobs = []
        for row in rows:
            try:
                jobs += self._claim_together(row)
            except psycopg2.Error:
                raise
            except Exception as error:
                in_own_transaction(row, "_park", type(error).__name__)
        return jobs

    def _claim_together(self, rows):
        jobs, locked_ids = in_own_transaction(rows, "_claim")
        self.skipped_ids.update(locked_ids)
        return jobs

    def _submit(self, executor, account, client, job):
        future = executor.submit(run_job, client, job)
        self._pending[future] = account, client

    # === AFTER THE REQUESTS === #

    def _record_finished(self, executor):
        """Record what has come back, or wait for the first.

        :return int: how many requests are finished
        """
        finished, _running = wait(self._pending, return_when=FIRST_COMPLETED)
        done = []
        for future in finished:
            account, client = self._pending.pop(future)
            outcome = future.result()
            if isinstance(outcome.error, ZoomOutcomeUnknown):
                self._unclear[account] += 1
            elif not outcome.error:
                self._unclear[account] = 0
            refused = isinstance(outcome.error, ZoomTokenInvalid)
            if not refused or not self._repeat(executor, account, client, outcome):
                done.append(outcome)
        self._record_all(done)
        return len(finished)

    def _repeat(self, executor, account, client, outcome):
        """Do a job again, once, whose access token Zoom has refused.

        :return bool: whether it is under way again
        """
        row_id = outcome.job.row_id
        if row_id in self._repeated:
            return False
        self._repeated.add(row_id)
        try:
            client = self._get_client(account, client.access_token)
        except ZoomError as error:
            self._record(outcome)
            row = self._meetings.browse(row_id)
            in_own_transaction(row, "_record_no_token", error)
            return True
        self._submit(executor, account, client, outcome.job)
        return True

    def _record_all(self, outcomes):
        """Write down what came back, then let others know of it."""
        for outcome in outcomes:
            self._record(outcome)
        if outcomes:
            self._spread(self._meetings.browse(one.job.row_id for one in outcomes))

    def _record(self, outcome):
        """Write down what came back; a failure of that stops no other row.

        The claim of a row whose answer could not be written runs out, and Zoom is
        searched for the meeting then.
        """
        row = self._meetings.browse(outcome.job.row_id)
        method = "_record_failure" if outcome.error else "_record_success"
        what = outcome.error or outcome.answers
        try:
            in_own_transaction(row, method, outcome.job, what)
        except Exception:
            _logger.exception("Meeting row %s: %s failed", row.id, method)

    def _spread(self, rows):
        """Tell bookings and reminders together; if one of them fails, one by one."""
        try:
            in_own_transaction(rows, "_spread")
        except Exception:
            if len(rows) == 1:
                _logger.exception("Meeting row %s: nobody was told", rows.id)
                return
            for row in rows:
                self._spread(row)
