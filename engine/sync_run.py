# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""One run of the scheduled action, without Odoo: the database is behind a `Port`."""

import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import chain, zip_longest
from typing import NamedTuple, Protocol

from ..const import PARALLEL_REQUESTS
from ..exceptions import ZoomBadAnswer, ZoomError, ZoomOutcomeUnknown, ZoomTokenInvalid
from ..tools.zoom_client import ZoomClient
from .job import Outcome, run_job

_logger = logging.getLogger(__name__)

# Unknown outcomes in a row that count as an outage. In one, each creation that is tried
# may cost one of the day's requests.
MANY_UNCLEAR = 3
# Rows that are looked up together. A booking that is made meanwhile and begins sooner
# waits for this many others at most.
LOOK_AHEAD = 4 * PARALLEL_REQUESTS
# Seconds. Zoom takes less than one. Slower requests take no place of others.
SLOW_AFTER = 2.0
# An account with this many slow requests gets no new one: it would be slow, too.
MANY_SLOW = 3
# Maximum number of threads, slow requests included.
MOST_THREADS = 4 * PARALLEL_REQUESTS
# Seconds between two looks for new work while requests are under way.
LOOK_EVERY = 0.5
# Seconds. Slow requests make a run longer than Odoo plans it, but Odoo ends a worker that
# takes 120 s for all its actions.
LONGEST_RUN = 45.0
# Seconds that a run waits for its last answers. Later ones are lost: their claims run out,
# and Zoom is searched for what they did.
LAST_WAIT = 45.0


class Port(Protocol):
    """What a run needs of the database. Rows and accounts are named by their ids.

    Each method that writes does so in a short transaction of its own.
    """

    def commit_progress(self, worked=0, remaining=None):
        """Commit, and tell the framework.

        :return float: seconds that are left for this run
        """

    def count_due(self, skipped_ids):
        """How many rows are due, but for these."""

    def find_due(self, is_read, limit, skipped_ids, waiting):
        """Rows that are due, soonest first.

        :param bool is_read: rows that are only read, or the others
        :param waiting: accounts whose rows are left for later
        :return list: of ids
        """

    def group_due(self, ids, skipped_ids, waiting):
        """Those of the rows that are still due.

        :return dict: account -> ids of its rows
        """

    def get_due_of_account(self, account, skipped_ids):
        """Rows of the account that are due.

        :return list: of ids
        """

    def take_pace(self, account, pacer):
        """Let the pacer count what another process has just sent for the account."""

    def note_pace(self, account, turns):
        """Leave the pace of the account to the next process.

        :param dict turns: see Pacer.get_turns
        """

    def claim(self, ids, account, turns, pending):
        """Note that requests for these rows of an account are about to be sent.

        :param dict turns: see Pacer.get_turns; for the next process, should this one die
        :param int pending: requests besides that may be sent by then
        :return tuple: list of Job, ids of rows that somebody else has locked
        """

    def record(self, outcome, wait):
        """Write down what came back.

        :param bool wait: for whoever saves the booking of the row now
        :return bool: False if somebody has the row
        """

    def record_no_token(self, ids, error=None):
        """Note that no request can be sent for these rows now.

        :param ZoomError error: None if Zoom does not answer
        :return list: ids of rows that somebody else has locked
        """

    def notify_bookings(self, ids, wait):
        """Tell the bookings of these rows of what was recorded.

        :param bool wait: for whoever saves the bookings now
        :return list: ids of rows whose booking somebody saves now
        """

    def find_token(self, account, rejected):
        """The access token, if no request is needed for it.

        :param str rejected: an access token that Zoom has refused
        :return: Provided, or None
        """

    def renew_token(self, account, rejected):
        """Prepare a request for a new access token.

        :return: with the methods ``begin(executor)``, which returns a future or None if
            somebody else has the account, ``finish(future)`` and ``give_up()``
        """

    def describe(self, error):
        """An exception for the log, without values of the database.

        :rtype: str
        """


class Request(NamedTuple):
    """A job that is under way."""

    account: int
    client: ZoomClient
    since: float  # of the monotonic clock

    def is_slow(self):
        return time.monotonic() - self.since > SLOW_AFTER


class ZoomSyncRun:
    """One run of the scheduled action: sends requests, records answers.

    Threads talk to Zoom. The calling thread claims and records rows, and looks for new
    work twice a second at least: it waits neither for Zoom nor for somebody who saves a
    booking.

    :param Port port:
    """

    def __init__(self, port):
        self._port = port
        self._executor = ThreadPoolExecutor(MOST_THREADS, "resource_booking_zoom")
        self._clients = {}  # account -> (client, id of the Zoom account it is for)
        self._pacers = {}  # account -> Pacer
        self._requests = {}  # future of an outcome -> Request
        self._renewals = {}  # future of a token -> (account, its renewal)
        self._refused = {}  # account -> (refused token, outcomes to be repeated)
        self._unrecorded = []  # outcomes whose row somebody saves now
        self._untold_ids = set()  # rows whose booking or event somebody saves now
        self._repeated = set()  # ids of rows that had a new token once
        self._queue = []  # ids of rows that were due a moment ago, soonest first
        self._unclear = Counter()  # account -> outcomes unknown, one after another
        self.skipped_ids = set()  # rows that cannot be worked in this run

    def work(self):
        """Claim due rows, soonest first, and do their requests until the time is up."""
        end = time.monotonic() + LONGEST_RUN
        seconds_left = self._port.commit_progress(remaining=self._count_due())
        try:
            while time.monotonic() < end:
                worked, under_way = 0, self._is_under_way()
                if seconds_left or under_way:
                    worked += self._submit_due(hurry=not seconds_left)
                worked += self._record_finished()
                seconds_left = self._port.commit_progress(worked)
                if not worked and not under_way:
                    break
        finally:
            # Record answers that have arrived, whatever ends the run.
            self._end()
        self._port.commit_progress(remaining=self._count_due())

    def _is_under_way(self):
        return bool(
            self._requests
            or self._renewals
            or self._refused
            or self._unrecorded
            or self._untold_ids
        )

    def _count_due(self):
        return self._port.count_due(self.skipped_ids)

    # === BEFORE THE REQUESTS === #

    def _submit_due(self, hurry):
        """Claim due rows and hand their jobs to the threads.

        :param bool hurry: whether the time is up
        :return int: number of rows
        """
        quick = sum(not request.is_slow() for request in self._requests.values())
        threads = len(self._requests) + len(self._renewals)
        if quick >= PARALLEL_REQUESTS or threads + PARALLEL_REQUESTS > MOST_THREADS:
            return 0
        due = self._take_due(self._get_waiting_accounts(hurry))
        for account, ids in due.items():
            try:
                self._submit_account(account, ids)
            except Exception as error:
                # One account's trouble must not stop the others.
                _logger.error(
                    "Meeting rows %s left for later: %s",
                    ids,
                    self._port.describe(error),
                )
                self.skipped_ids.update(ids)
        return sum(map(len, due.values()))

    def _get_waiting_accounts(self, hurry):
        """The accounts that get no new request now, since Zoom is slow or a token is due.

        :param bool hurry: whether one slow request is enough
        """
        slow = Counter(
            request.account for request in self._requests.values() if request.is_slow()
        )
        waiting = {
            account for account, count in slow.items() if hurry or count >= MANY_SLOW
        }
        return waiting.union(self._refused, self._get_renewing())

    def _take_due(self, waiting):
        """The next rows that are due, soonest first.

        :param waiting: accounts whose rows are left for later
        :return dict: account -> ids of its rows
        """
        while True:
            if not self._queue:
                self._queue = self._look_ahead(waiting)
            ids = self._queue[:PARALLEL_REQUESTS]
            del self._queue[:PARALLEL_REQUESTS]
            due = self._port.group_due(ids, self.skipped_ids, waiting)
            if due or not ids:
                return due

    def _look_ahead(self, waiting):
        """Rows that are due, soonest first; rows to read and other rows take turns.

        So a thousand readings before reminders delay no new booking, and new bookings
        delay no reading.

        :return list: of ids
        """
        queues = [
            self._port.find_due(is_read, LOOK_AHEAD, self.skipped_ids, waiting)
            for is_read in (False, True)
        ]
        turns = chain.from_iterable(zip_longest(*queues))
        return [row_id for row_id in turns if row_id][:LOOK_AHEAD]

    def _submit_account(self, account, ids):
        if self._unclear[account] >= MANY_UNCLEAR:
            self.skipped_ids.update(self._port.record_no_token(ids))
            return
        if not self._has_client(account):
            if not self._renew(account):
                self.skipped_ids.update(ids)
            return
        for job in self._claim(account, ids):
            self._submit(account, job)

    def _claim(self, account, ids):
        under_way = sum(one.account == account for one in self._requests.values())
        jobs, locked_ids = self._port.claim(
            ids, account, self._pacers[account].get_turns(), len(ids) + under_way
        )
        self.skipped_ids.update(locked_ids)
        return jobs

    def _has_client(self, account, rejected=None):
        """Whether the account has a client with a valid token."""
        client, _zoom_account_id = self._clients.get(account, (None, None))
        if client and client.access_token != rejected:
            return True
        provided = self._port.find_token(account, rejected)
        if not provided:
            return False
        self._set_client(account, provided)
        return True

    def _set_client(self, account, provided):
        """Use a new token, also for requests that are queued already."""
        former, zoom_account_id = self._clients.get(account, (None, None))
        pacer = provided.get_pacer()
        if self._pacers.get(account) != pacer:
            self._pacers[account] = pacer
            self._port.take_pace(account, pacer)
        client = provided.build_client()
        if former and zoom_account_id == provided.zoom_account_id:
            former.successor = client
        self._clients[account] = client, provided.zoom_account_id

    def _renew(self, account, rejected=None):
        """Ask Zoom for a new access token in a thread.

        :param str rejected: the access token that Zoom has refused
        :return bool: False when somebody else has the account now
        """
        renewal = self._port.renew_token(account, rejected)
        future = renewal.begin(self._executor)
        if not future:
            return False
        # Zoom usually answers at once: wait a moment, but for one account at a time.
        patience = 0 if self._renewals else LOOK_EVERY
        if wait([future], patience).done:
            self._use_token(future, account, renewal)
        else:
            self._renewals[future] = account, renewal
        return True

    def _get_renewing(self):
        return {account for account, _renewal in self._renewals.values()}

    def _submit(self, account, job):
        """Start a job, unless another Zoom account was connected meanwhile.

        With the token of another account Zoom would say that the meeting is gone.
        """
        # Dropped by the job before, if that was of another account, too.
        client, zoom_account_id = self._clients.get(account, (None, None))
        if job.zoom_account_id != zoom_account_id:
            self._clients.pop(account, None)
            error = ZoomTokenInvalid("Another Zoom account was connected.")
            self._record_all([Outcome(job, error=error)])
            return
        future = self._executor.submit(run_job, client, job)
        self._requests[future] = Request(account, client, time.monotonic())

    # === AFTER THE REQUESTS === #

    def _record_finished(self):
        """Record answers that have arrived; wait a moment if there is none.

        :return int: number of finished requests
        """
        finished = self._wait()
        for future in finished & self._renewals.keys():
            self._use_token(future, *self._renewals.pop(future))
        self._repeat_refused()
        done = []
        for future in finished & self._requests.keys():
            request = self._requests.pop(future)
            outcome = future.result()
            self._count_unclear(request.account, outcome.error)
            refused = isinstance(outcome.error, ZoomTokenInvalid)
            if not refused or not self._repeat(request, outcome):
                done.append(outcome)
        self._record_all(done)
        return len(finished)

    def _wait(self):
        """Wait a moment for an answer.

        :return set: the futures that are finished
        """
        futures = {*self._requests, *self._renewals}
        if futures:
            return wait(futures, LOOK_EVERY, FIRST_COMPLETED).done
        if self._is_under_way():
            time.sleep(LOOK_EVERY)
        return futures

    def _count_unclear(self, account, error):
        if isinstance(error, ZoomOutcomeUnknown):
            self._unclear[account] += 1
        elif not error:
            self._unclear[account] = 0

    def _repeat(self, request, outcome):
        """Repeat a job once, after Zoom refused its access token.

        :return bool: False if it was repeated before
        """
        row_id = outcome.job.row_id
        if row_id in self._repeated:
            return False
        self._repeated.add(row_id)
        rejected = request.client.access_token
        _token, outcomes = self._refused.setdefault(request.account, (rejected, []))
        outcomes.append(outcome)
        return True

    def _repeat_refused(self):
        """Go on with the jobs whose account has a new token by now."""
        for account, (rejected, _outcomes) in list(self._refused.items()):
            if account in self._get_renewing():
                continue
            if self._has_client(account, rejected):
                self._submit_refused(account)
            else:
                # If somebody else has locked the account, that one may renew it.
                self._renew(account, rejected)

    def _submit_refused(self, account):
        _rejected, outcomes = self._refused.pop(account, (None, []))
        for outcome in outcomes:
            self._submit(account, outcome.job)

    def _use_token(self, future, account, renewal):
        """Go on with a new token, or record that there is none."""
        # Read before: when the connection is lost nothing is due any more.
        ids = self._port.get_due_of_account(account, self.skipped_ids)
        try:
            provided = renewal.finish(future)
            error = provided.error
        except ZoomError as failure:
            error = failure
        except Exception as failure:
            _logger.error(
                "Zoom account %s: no token: %s", account, self._port.describe(failure)
            )
            error = ZoomTokenInvalid(type(failure).__name__)
        if not error:
            self._set_client(account, provided)
            self._submit_refused(account)
            return
        self._clients.pop(account, None)
        _rejected, outcomes = self._refused.pop(account, (None, []))
        self._record_all(outcomes)
        ids = {*ids, *(outcome.job.row_id for outcome in outcomes)}
        try:
            self.skipped_ids.update(self._port.record_no_token(ids, error))
        except Exception as failure:
            _logger.error("Meeting rows %s: %s", ids, self._port.describe(failure))
            self.skipped_ids.update(ids)

    def _record_all(self, outcomes, wait=False):
        """Record outcomes, then tell the bookings.

        :param bool wait: wait for locked rows; else they are done later
        """
        outcomes = [*self._unrecorded, *outcomes]
        self._unrecorded = [one for one in outcomes if not self._record(one, wait)]
        told_ids = self._untold_ids | {
            one.job.row_id for one in outcomes if one not in self._unrecorded
        }
        if told_ids:
            self._untold_ids = set(self._notify_bookings(sorted(told_ids), wait))

    def _record(self, outcome, wait):
        """Record an outcome. If that fails, the other rows go on.

        :return bool: False if somebody has locked the row
        """
        try:
            return self._port.record(outcome, wait)
        except Exception as error:
            self._log_unrecorded(outcome, error)
            return self._record_unwritten(outcome, wait, type(error).__name__)

    def _record_unwritten(self, outcome, wait, reason):
        """Show on a row that its answer could not be recorded.

        If that fails, too, the claim runs out, and Odoo asks Zoom again.

        :param str reason: class of the exception
        """
        zoom_id = outcome.answers[0].zoom_id if outcome.answers else ""
        error = ZoomBadAnswer(reason, zoom_id=zoom_id)
        try:
            return self._port.record(Outcome(outcome.job, error=error), wait)
        except Exception as failure:
            self._log_unrecorded(outcome, failure)
            return True

    def _log_unrecorded(self, outcome, error):
        row_id, described = outcome.job.row_id, self._port.describe(error)
        _logger.error("Meeting row %s not recorded: %s", row_id, described)

    def _notify_bookings(self, ids, wait):
        """Tell all bookings together, or one by one if that fails.

        :return list: ids of the rows whose booking somebody saves now
        """
        try:
            return self._port.notify_bookings(ids, wait)
        except Exception as error:
            if len(ids) == 1:
                described = self._port.describe(error)
                _logger.error("Meeting row %s: nobody was told: %s", *ids, described)
                return []
            return [
                left_id
                for row_id in ids
                for left_id in self._notify_bookings([row_id], wait)
            ]

    def _end(self):
        """Wait for the last answers and record them."""
        end = time.monotonic() + LAST_WAIT
        finished = wait({*self._requests, *self._renewals}, LAST_WAIT).done
        for future, (account, renewal) in self._renewals.items():
            if future in finished:
                self._use_token(future, account, renewal)
            else:
                renewal.give_up()
        self._renewals.clear()
        late = wait(self._requests, max(end - time.monotonic(), 0)).done
        outcomes = [future.result() for future in late]
        outcomes += chain(*(refused for _token, refused in self._refused.values()))
        self._record_all(outcomes, wait=True)
        for account, pacer in self._pacers.items():
            self._port.note_pace(account, pacer.get_turns())
        self._executor.shutdown(wait=False, cancel_futures=True)
