# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from functools import partial

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...exceptions import ZoomBadAnswer, ZoomClientRefused, ZoomConnectionLost
from ...utils import lock_rows


class ZoomTokenRenewal:
    """A new access token that another thread asks Zoom for.

    The account's row stays locked meanwhile, by a transaction of its own, as in
    ``booking.zoom.account._provide_token``: whoever began it need not wait.

    :param account: booking.zoom.account, superuser
    :param str rejected: an access token that Zoom has refused
    """

    def __init__(self, account, rejected=None):
        self._rejected = rejected
        self._cr = account.env.registry.cursor()
        self._account = account.with_env(account.env(cr=self._cr))

    def begin(self, executor):
        """Lock the account and have Zoom asked.

        :return: future for `finish`; None when somebody else has the account now
        """
        try:
            request = self._get_request()
        except BaseException:
            self._cr.close()
            raise
        if not request:
            self._cr.close()
            return None
        return executor.submit(request)

    def _get_request(self):
        """What is to be asked, as plain HTTP; None when the row is not to be had."""
        try:
            if lock_rows(self._account, wait=False):
                return self._account._get_grant_request(self._rejected) or _ask_nothing
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody has just written on the account.
            return None
        except ZoomConnectionLost as error:
            return partial(_fail, error)
        return None

    def finish(self, future):
        """Store what Zoom has granted, and release the account.

        :return Provided: maybe with an error that only a person can mend
        :raise ZoomError: the token cannot be renewed now
        """
        with self._cr:
            try:
                return self._account._record_grant(future.result())
            except (ZoomConnectionLost, ZoomClientRefused) as error:
                return self._account._record_lost_connection(error)
            except ZoomBadAnswer as error:
                return self._account._record_bad_grant(error)

    def give_up(self):
        """Release the account without an answer."""
        self._cr.close()


def _ask_nothing():
    """The token is valid: somebody else has renewed it."""


def _fail(error):
    raise error
