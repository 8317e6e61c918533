# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..exceptions import ZoomBadAnswer, ZoomError, ZoomScopeMissing
from ..models.zoom.zoom_advice import advice
from ..tools.zoom_scopes import missing_scopes

# How soon the users are fetched again when that failed at linking.
FETCH_AGAIN = timedelta(minutes=5)


class BookingZoomConnection(models.TransientModel):
    """What becomes of a fresh pair of tokens: linked, asked about, or refused."""

    _inherit = "booking.zoom.connection"

    def _apply(self):
        """Ask Zoom whose tokens these are; link, or say why not yet.

        Never raises for an answer of Zoom, because the tokens must not be lost by a
        rollback.

        :return tuple: ``step`` and ``message``, as they are set
        """
        self.ensure_one()
        try:
            self._identify()
        except ZoomScopeMissing as error:
            # A token never gains a scope: trying again would be in vain.
            self._refuse(self._get_scope_advice(error))
        except ZoomError as error:
            self.write({"step": "retry", "message": advice(self.env, error)})
        else:
            self._decide()
        return self.step, self.message

    def _identify(self):
        """Read from Zoom which account and user the tokens belong to.

        :raise ZoomError:
        """
        if self.new_zoom_account_id:
            return
        user = self._get_client().get_user("me")
        if not user.account_id:
            raise ZoomBadAnswer("account_id")
        self.write({"new_zoom_account_id": user.account_id, "new_email": user.email})

    def _decide(self):
        """Link, ask, or refuse: by what is linked already."""
        other = self._get_other_company_account()
        if other:
            self._refuse_account_of(other)
        elif self._replaces_account() and self.step != "confirm":
            self.write({"step": "confirm", "message": False})
        else:
            self._store()

    def _get_other_company_account(self):
        """The account record of another company that holds the same Zoom account."""
        return (
            self.env["booking.zoom.account"]
            .sudo()
            .search(
                [
                    ("connected_zoom_account_id", "=", self.new_zoom_account_id),
                    ("id", "!=", self.account_id.id),
                    ("state", "!=", "disconnected"),
                ],
                limit=1,
            )
        )

    def _refuse_account_of(self, other):
        """Refuse to link a Zoom account of another company, whose link must live.

        :param other: booking.zoom.account of that company, superuser
        """
        refusal = self.env._(
            "The Zoom account of %(email)s is linked to the company “%(company)s” "
            "already, and one Zoom account can serve one company only. Nothing was "
            "changed. Sign in to Zoom with another account, or unlink it there first.",
            email=self.new_email or self.new_zoom_account_id,
            company=other.company_id.name,
        )
        if other.connected_client_id == self.client_id:
            # The consent has ended the other company's pair: it gets the new one.
            other.write(
                {
                    **self._get_token_vals(),
                    "database_uuid": other._get_database_uuid(),
                    "state": "connected",
                    "state_message": False,
                }
            )
            self._drop_tokens()
            other._resume_meetings()
        self._refuse(refusal)

    def _refuse(self, message):
        """End the link in the making, and its tokens.

        :param message: why, in plain words
        """
        if self.access_token:
            self.env["booking.zoom.revocation"].sudo()._plan(
                self.client_id, self.client_secret, self.access_token
            )
        self._drop_tokens()
        self.write({"step": "refused", "message": message})

    def _get_scope_advice(self, error):
        """Name all the scopes that are missing, not only those of one request."""
        missing = missing_scopes((self.granted_scopes or "").split())
        if missing:
            error.scopes = tuple(missing)
        return advice(self.env, error)

    def _replaces_account(self):
        """Whether meetings or users of another Zoom account would be left behind."""
        account = self.account_id
        old = account.connected_zoom_account_id
        return bool(
            old
            and old != self.new_zoom_account_id
            and (account.state != "disconnected" or self.meeting_count)
        )

    def _store(self):
        """Make the tokens those of the account, with the users of its Zoom account."""
        account = self.account_id.sudo()
        users, problem = self._read_users()
        if (account.connected_client_id, account.connected_zoom_account_id) != (
            self.client_id,
            self.new_zoom_account_id,
        ):
            # Else the new pair has ended the old one.
            account._plan_revocations()
        self._release_elsewhere()
        account.write(
            {
                "refresh_token": False,
                "api_url": False,
                "granted_scopes": False,
                **self._get_token_vals(),
                "zoom_account_id": self.new_zoom_account_id,
                "connected_zoom_account_id": self.new_zoom_account_id,
                "connected_client_id": self.client_id,
                "connected_client_secret": self.client_secret,
                "connected_email": self.new_email,
                "connected_at": fields.Datetime.now(),
                "database_uuid": account._get_database_uuid(),
                "state": "connected",
                "state_message": problem,
            }
        )
        self._drop_tokens()
        self.write({"step": "done", "message": False})
        self.env.flush_all()
        self._settle_users(users)

    def _read_users(self):
        """Read the users from Zoom, before anything is locked by a write.

        :return tuple: Zoom's list, or None and what is wrong in plain words; the
            link stands all the same
        """
        try:
            known = self.account_id._get_known_zoom_ids(self.new_zoom_account_id)
            return self._get_client().list_all_users(known), False
        except ZoomError as error:
            return None, advice(self.env, error)

    def _settle_users(self, users):
        """Store the users and work what waited for the link.

        :param users: Zoom's list, None to fetch it again by itself
        """
        account = self.account_id.sudo()
        if users is None:
            self.env.ref("resource_booking_zoom.ir_cron_sync_users")._trigger(
                at=fields.Datetime.now() + FETCH_AGAIN
            )
        try:
            with self.env.cr.savepoint():
                if users is not None:
                    account._store_users(users)
                account._resume_meetings()
        except UserError as refusal:
            # Two bookings may not be on one Zoom user: no reason to lose the tokens.
            account.state_message = str(refusal)

    def _release_elsewhere(self):
        """Take the Zoom account's id from companies that do not hold it any more."""
        accounts = self.env["booking.zoom.account"].sudo()
        former = accounts.search(
            [
                ("zoom_account_id", "=", self.new_zoom_account_id),
                ("id", "!=", self.account_id.id),
            ]
        )
        former.write({"zoom_account_id": False})
        former.flush_recordset()
