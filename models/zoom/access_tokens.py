# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""The access token of a Zoom account: whether it is valid, and how it is renewed.

The account's row stays locked while Zoom is asked: Zoom's refresh tokens rotate, and a
second renewal with the same one would end the connection. That the connection is lost is
noted under the same lock, so that a new connection is not marked as lost.

Accounts are booking.zoom.account, superuser.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...const import READ_TIMEOUT
from ...exceptions import ZoomBadAnswer, ZoomClientRefused, ZoomConnectionLost
from ...tools.zoom_client import ZoomClient
from ...tools.zoom_pace import get_pacer
from ...utils import lock_rows
from .zoom_advice import advice

# A token that expires within this time is not used for a new request.
TOKEN_MARGIN = timedelta(minutes=2)


@dataclass(frozen=True)
class Provided:
    """What a client needs, as plain data; or the error that only a person can mend."""

    token: str = field(default="", repr=False)
    api_url: str = ""
    zoom_account_id: str = ""
    plan: str = ""
    error: Exception | None = None

    def build_client(self):
        return ZoomClient(
            self.api_url,
            self.token,
            read_timeout=READ_TIMEOUT,
            pacer=self.get_pacer(),
        )

    def get_pacer(self):
        return get_pacer(self.zoom_account_id, self.plan)


def find_token(account, rejected=None):
    """The access token if it is valid, without asking Zoom or waiting for a lock.

    :param str rejected: an access token that Zoom has refused
    :return: Provided, or None when Zoom must be asked
    """
    connected = account.state == "connected" and not account._is_copied_database()
    if not connected or needs_token(account, rejected):
        return None
    return _provide(account)


def provide_token(account, rejected=None):
    """The access token, renewed if it must be.

    :param str rejected: an access token that Zoom has refused
    :rtype: Provided
    :raise ZoomError: the token cannot be renewed now
    """
    lock_rows(account)
    return _record_grant(account, lambda: _get_grant_request(account, rejected)())


class TokenRenewal:
    """A new access token that another thread asks Zoom for.

    Whoever began it need not wait: the row is locked by a transaction of its own.

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
                return _get_grant_request(self._account, self._rejected)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody has just written on the account.
            return None
        except ZoomConnectionLost as error:
            return partial(_fail, error)
        return None

    def finish(self, future):
        """Store what Zoom has granted, and release the account.

        :rtype: Provided
        :raise ZoomError: the token cannot be renewed now
        """
        with self._cr:
            return _record_grant(self._account, future.result)

    def give_up(self):
        """Release the account without an answer."""
        self._cr.close()


def _provide(account):
    return Provided(
        token=account.access_token,
        api_url=account._get_api_url(),
        # The token's own: another account may be connected while it is used.
        zoom_account_id=account.connected_zoom_account_id,
        plan=account.plan,
    )


def needs_token(account, rejected=None):
    """Whether the access token has expired, is about to, or was rejected."""
    token, soon = account.access_token, fields.Datetime.now() + TOKEN_MARGIN
    expired = not account.token_expires_at or account.token_expires_at <= soon
    return expired or not token or token == rejected


def _get_grant_request(account, rejected):
    """The request for a new access token, if this one is not valid.

    :return: function without parameters, plain HTTP, that returns a TokenGrant or None
    :raise ZoomConnectionLost: only a person can fix that
    """
    if account.state != "connected":
        raise ZoomConnectionLost(account.env._("The Zoom account is not connected."))
    if account._is_copied_database():
        raise ZoomConnectionLost(
            account.env._(
                "This database is a copy of the connected one, and a copy sends "
                "nothing to Zoom. If you connect the same Zoom account here, the "
                "original database loses its connection."
            )
        )
    if not needs_token(account, rejected):
        return _ask_nothing
    # Of the app that the tokens belong to.
    oauth = account._build_oauth(*account._get_connected_app())
    if account.refresh_token:
        return partial(oauth.refresh, account.refresh_token)
    # Server-to-server has none. The method on the form may be that of the next
    # connection.
    return partial(oauth.account_credentials, account.connected_zoom_account_id)


def _ask_nothing():
    """The token is valid: somebody else has renewed it."""


def _fail(error):
    raise error


def _record_grant(account, get_grant):
    """Store what Zoom has granted, or what is wrong with the connection.

    :param get_grant: function that returns a TokenGrant, None if nothing was asked
    :rtype: Provided
    """
    try:
        grant = get_grant()
    except (ZoomConnectionLost, ZoomClientRefused) as error:
        if account.state == "connected":
            account.write({"state": "lost", "state_message": _advise(account, error)})
        return Provided(error=error)
    except ZoomBadAnswer as error:
        # The present tokens stay.
        account.state_message = _advise(account, error)
        return Provided(error=error)
    if grant:
        values = account._prepare_grant_vals(grant)
        if account.state_message and account.state == "connected":
            # Zoom answers again, so the last problem is over.
            values["state_message"] = False
        account.write(values)
    return _provide(account)


def _advise(account, error):
    return advice(account._in_language_of_company().env, error)
