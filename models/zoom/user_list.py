# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Zoom's list of users: read from Zoom, and the Zoom users in Odoo made equal to it.

What follows for bindings and bookings is done here, too. Accounts are
booking.zoom.account.
"""

import logging
from datetime import timedelta

from odoo import Command, fields
from odoo.tools import email_normalize

from ...tools.zoom_answers import UnreadUser

_logger = logging.getLogger(__name__)

# Users that were fetched within this time are not fetched again.
FETCHED_LATELY = timedelta(minutes=10)
# Zoom's list no longer has so many hosts at once: it must say so again, this much later.
MANY_LOST = 2
ASK_AGAIN_AFTER = timedelta(minutes=10)
# Status in Zoom -> why the user cannot host.
LOST_REASONS = {"inactive": "deactivated", "pending": "pending"}


def trigger_fetch(env, at=None):
    """Have the users of all accounts fetched soon."""
    env.ref("resource_booking_zoom.ir_cron_sync_users")._trigger(at=at)


def refresh_users(account):
    """Have the users fetched soon, unless they were fetched lately."""
    recent = fields.Datetime.now() - FETCHED_LATELY
    if not account.users_synced_at or account.users_synced_at < recent:
        trigger_fetch(account.env)


def read_users(account):
    """Every user as Zoom lists it.

    :raise ZoomError:
    """
    return account._call_zoom(
        lambda client: client.list_all_users(
            get_known_ids(account, account.connected_zoom_account_id)
        )
    )


def get_known_ids(account, zoom_account_id):
    """Zoom's ids of the active users of that Zoom account, as stored here."""
    users = account.sudo().zoom_user_ids
    return users.filtered(
        lambda user: user.active and user.zoom_account_id == zoom_account_id
    ).mapped("zoom_id")


def store_users(account, answers, zoom_account_id=None):
    """Make the Zoom users of an account equal to Zoom's complete list.

    :param list answers: of User, all pages; and of UnreadUser, which stay as they are
    :param str zoom_account_id: of the Zoom account that was asked; if another one is
        connected now, nothing is stored
    :return int: how many Zoom users could not be updated
    """
    account = account.sudo()
    if zoom_account_id and zoom_account_id != account.connected_zoom_account_id:
        return 0
    left = _make_equal(account, answers)
    account.state_message = False
    if not left:
        account.users_synced_at = fields.Datetime.now()
    return left


def _make_equal(account, answers):
    users = account.env["booking.zoom.user"]
    zoom_account_id = account.connected_zoom_account_id
    known = {
        user.zoom_id: user
        for user in users.with_context(active_test=False).search(
            [("account_id", "=", account.id)]
        )
    }
    unheard = {answer.zoom_id for answer in answers if isinstance(answer, UnreadUser)}
    if unheard:
        _logger.warning(
            "Zoom account %s: %s users could not be read; they stay as they are until "
            "the next time.",
            zoom_account_id,
            len(unheard),
        )
    # Invited users have no ID yet.
    wanted = {
        answer.zoom_id: _prepare_user_vals(answer, zoom_account_id)
        for answer in answers
        if answer.zoom_id and answer.zoom_id not in unheard
    }
    if not any(values["active"] for values in wanted.values()):
        # Every account has at least an active owner.
        _logger.warning(
            "Zoom account %s: Zoom lists no active user; the list is ignored.",
            zoom_account_id,
        )
        return len(known)
    could_host = users.browse(user.id for user in known.values() if user._can_host())
    lost = could_host.filtered(
        lambda user: (
            user.zoom_account_id == zoom_account_id
            and user.zoom_id not in unheard
            and not wanted.get(user.zoom_id, {}).get("active")
        )
    )
    for user in _filter_doubted(lost):
        wanted.pop(user.zoom_id, None)
        unheard.add(user.zoom_id)
    seen = users.create(
        [
            {**values, "account_id": account.id}
            for zoom_id, values in wanted.items()
            if zoom_id not in known
        ]
    )
    found_again = users.browse()
    for zoom_id in wanted.keys() & known.keys():
        user, values = known[zoom_id], {**wanted[zoom_id], "is_refused": False}
        if values["active"]:
            if user.lost_reason or user.doubted_at:
                found_again |= user
            values["doubted_at"] = False
        _write_changes(user, values)
        seen |= user
    # If Zoom refuses one of them from now on, that is news.
    users.env["booking.zoom.alert"]._forget_refusals(found_again)
    gone = known.keys() - wanted.keys() - unheard
    vanished = users.browse().union(*(known[zoom_id] for zoom_id in gone))
    for user in vanished:
        _write_changes(
            user, {"active": False, "status": "inactive", "lost_reason": "deleted"}
        )
    hand_over_bindings(vanished, seen.filtered("active"))
    able = (seen | could_host).filtered(lambda user: user._can_host())
    _update_meetings(seen, vanished, turned=(could_host | able) - (could_host & able))
    return len(unheard)


def _prepare_user_vals(answer, zoom_account_id):
    """What is stored of a user as Zoom lists it.

    :param User answer:
    :param str zoom_account_id: of the Zoom account that was asked
    """
    return {
        "zoom_id": answer.zoom_id,
        "email": answer.email,
        "name": answer.name or answer.email or answer.zoom_id,
        "license": answer.license,
        "status": answer.status,
        "zoom_account_id": zoom_account_id,
        "active": answer.status == "active",
        "lost_reason": LOST_REASONS.get(answer.status, False),
    }


def _write_changes(user, values):
    """Write only what differs, so that a refresh changes few rows."""
    changes = {name: value for name, value in values.items() if user[name] != value}
    if changes:
        user.write(changes)


def _filter_doubted(users):
    """Users whose loss Zoom must repeat before Odoo believes it.

    A single loss is believed at once. If several are lost together, a list that was
    wrong once would tell all their customers that their links are dead.

    :return: those of these Zoom users, whom Zoom does not list as active now
    """
    hosting = users._get_hosted_meetings().zoom_user_id
    if len(hosting) < MANY_LOST:
        return users.browse()
    now = fields.Datetime.now()
    doubted = hosting.filtered(
        lambda user: not user.doubted_at or user.doubted_at > now - ASK_AGAIN_AFTER
    )
    if doubted:
        doubted.filtered(lambda user: not user.doubted_at).doubted_at = now
        trigger_fetch(users.env, at=now + ASK_AGAIN_AFTER)
        _logger.warning(
            "Zoom no longer lists the users %s as active; they stay as they are until it "
            "repeats that in %s.",
            doubted.ids,
            ASK_AGAIN_AFTER,
        )
    return doubted


# === WHAT FOLLOWS === #


def hand_over_bindings(users, successors):
    """Let users with the same e-mail host what those hosted who have vanished.

    Another account has other users. In the same one, somebody who was deleted and
    invited again has a new ID.
    """
    by_email = {email_normalize(user.email or ""): user for user in successors}
    by_email.pop(False, None)
    for user in users:
        successor = by_email.get(email_normalize(user.email or ""))
        if not successor:
            continue
        if user.resource_ids:
            successor.resource_ids = [
                Command.link(resource.id) for resource in user.resource_ids
            ]
        for model, name in (
            ("resource.booking.combination", "forced_zoom_user_id"),
            ("resource.booking", "forced_zoom_user_id"),
            ("resource.booking.type", "zoom_user_id"),
        ):
            records = users.env[model].with_context(active_test=False)
            records.search([(name, "=", user.id)]).write({name: successor.id})
        listed = users.env["booking.zoom.host"].search([("zoom_user_id", "=", user.id)])
        listed._hand_over(successor)


def _update_meetings(seen, vanished, turned):
    """
    :param seen: booking.zoom.user in Zoom's list
    :param vanished: those who are no longer in it
    :param turned: those who can host again, or cannot any more
    """
    meetings = seen.env["booking.zoom.meeting"]
    meetings._sync_future_bookings(
        [("zoom_meeting_ids.zoom_user_id", "in", (seen | vanished).ids)]
    )
    meetings._resume(
        [
            ("zoom_user_id", "in", seen.filtered("active").ids),
            ("problem", "=", "host_refused"),
        ]
    )
    hosted = turned._get_hosted_meetings()
    # Also takes an URL away that no longer works.
    hosted.booking_id._on_join_link_changed()
    lost = hosted.filtered(lambda row: not row.zoom_user_id._can_host())
    lost.booking_id._on_join_link_unavailable()
    meetings._trigger_sync()
