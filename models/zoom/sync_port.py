# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The database, as a run of the scheduled action sees it."""

import logging

import psycopg2

from odoo.fields import Domain

from ...utils import describe, in_own_transaction
from .access_tokens import TokenRenewal, find_token
from .claims import claim
from .outcomes import notify_bookings, park, record_no_token, record_outcome

_logger = logging.getLogger(__name__)


class SyncPort:
    """Implements `engine.sync_run.Port`.

    :param env: of the scheduled action, superuser
    """

    def __init__(self, env):
        self._cron = env["ir.cron"]
        self._meetings = env["booking.zoom.meeting"]
        self._accounts = env["booking.zoom.account"]
        self._pace = env["booking.zoom.pace"]

    def commit_progress(self, worked=0, remaining=None):
        return self._cron._commit_progress(worked, remaining=remaining)

    def describe(self, error):
        return describe(error)

    # === WHAT IS DUE === #

    def count_due(self, skipped_ids):
        return self._meetings.search_count(self._get_due_domain(skipped_ids))

    def find_due(self, is_read, limit, skipped_ids, waiting):
        read = Domain("state", "=", "ready")
        domain = self._get_due_domain(skipped_ids, waiting)
        part = read if is_read else ~read
        return self._meetings.search(domain & part, limit=limit).ids

    def group_due(self, ids, skipped_ids, waiting):
        domain = self._get_due_domain(skipped_ids, waiting) & Domain("id", "in", ids)
        grouped = self._meetings.search(domain).grouped(
            lambda row: row.zoom_user_id.account_id
        )
        return {account.id: rows.ids for account, rows in grouped.items()}

    def get_due_of_account(self, account, skipped_ids):
        of_account = Domain("zoom_user_id.account_id", "=", account)
        return self._meetings.search(self._get_due_domain(skipped_ids) & of_account).ids

    def _get_due_domain(self, skipped_ids, waiting=()):
        domain = self._meetings._get_due_domain()
        domain &= Domain("id", "not in", list(skipped_ids))
        if waiting:
            domain &= Domain("zoom_user_id.account_id", "not in", list(waiting))
        return domain

    # === ROWS === #

    def take_pace(self, account, pacer):
        left = in_own_transaction(self._pace, lambda pace: pace._get_of_others(account))
        if left:
            pacer.take_over(*left)

    def note_pace(self, account, turns):
        in_own_transaction(self._pace, lambda pace: pace._note(account, turns))

    def claim(self, ids, account, turns, pending):
        """Claim rows together; if one of them is poisoned, one by one."""
        rows = self._meetings.browse(ids)

        def note_and_claim(rows):
            rows.env["booking.zoom.pace"]._note(account, turns, pending)
            return claim(rows)

        try:
            return in_own_transaction(rows, note_and_claim)
        except psycopg2.Error:
            # The database's trouble, not a row's.
            raise
        except Exception as error:
            _logger.exception("Meeting rows %s could not be claimed", ids)
            reason = type(error).__name__
        if len(ids) == 1:
            in_own_transaction(rows, park, reason)
            return [], []
        parts = [self.claim([row_id], account, turns, pending) for row_id in ids]
        return (
            [job for jobs, _locked in parts for job in jobs],
            [row_id for _jobs, locked in parts for row_id in locked],
        )

    def record(self, outcome, wait):
        row = self._meetings.browse(outcome.job.row_id)
        return in_own_transaction(row, record_outcome, outcome, wait)

    def record_no_token(self, ids, error=None):
        rows = self._meetings.browse(ids)
        return in_own_transaction(rows, record_no_token, error)

    def notify_bookings(self, ids, wait):
        rows = self._meetings.browse(ids)
        return in_own_transaction(rows, notify_bookings, wait)

    # === TOKENS === #

    def find_token(self, account, rejected):
        return find_token(self._accounts.browse(account), rejected)

    def renew_token(self, account, rejected):
        return TokenRenewal(self._accounts.browse(account), rejected)
