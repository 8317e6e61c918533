# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must hold when all is over: Zoom against the bookings. Plain functions."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta

ERROR = re.compile(r"\S+ \S+ \d+ (ERROR|CRITICAL) ")
EXPLAINED = (
    # The platform deletes the mails of an event with it, also while it sends them; those
    # that are left in its queue are sent by the next run.
    ("odoo.addons.mail.models.mail_mail", "MissingError", "mail.mail("),
    # Its queue of mails repeats nothing that another worker was quicker with; what it then
    # leaves is sent by the next run.
    ("odoo.sql_db", "bad query: b' UPDATE \"mail_", "could not serialize"),
    ("odoo.sql_db", "bad query: b' UPDATE \"mail_", "current transaction is aborted"),
    # It then reads which mail that was, to log it.
    ("odoo.sql_db", 'bad query: b\'SELECT "mail_message"', "transaction is aborted"),
    ("odoo.addons.mail.models.mail_mail", "SerializationFailure"),
    ("Job 'Mail: Email Queue Manager'", "InFailedSqlTransaction"),
    # So it calls an action whose workers were killed three times in a row.
    ("odoo.addons.base.models.ir_cron", "timed out"),
)
# Meetings are read back within so long before a mail with their link is written.
READ_BEFORE = timedelta(minutes=2)
ROUNDING = timedelta(seconds=2)


def find_wrong(bookings, rows, state):
    """What is wrong in the end.

    :param list bookings: the live ones, as Odoo reads them
    :param list rows: the current meeting rows, as Odoo reads them
    :param dict state: what the simulator knows
    :return list: of sentences
    """
    wrong = []
    live = {str(one["id"]): one for one in state["meetings"] if not one["deleted"]}
    row_of = {row["booking_id"][0]: row for row in rows if row["booking_id"]}
    for booking in bookings:
        row = row_of.pop(booking["id"], None)
        meeting = row and live.pop(row["zoom_id"], None)
        if not meeting:
            wrong.append(f"booking {booking['id']} has no meeting: {row}")
            continue
        start = datetime.fromisoformat(booking["start"])
        zoom_start = datetime.fromisoformat(meeting["start_time"].rstrip("Z"))
        if zoom_start.replace(tzinfo=None) != start:
            wrong.append(f"booking {booking['id']}: {start}, Zoom {zoom_start}")
        if meeting["duration"] != round(booking["duration"] * 60):
            wrong.append(f"booking {booking['id']}: other duration")
    wrong += [f"row without booking: {row}" for row in row_of.values()]
    wrong += [f"meeting {number} is of no booking" for number in live]
    # A refresh token that is used twice ends the link. An access token is refused, once,
    # to whoever was under way while another worker got the next one.
    wrong += [
        f"a token was used after it was replaced: {path}"
        for path in state["stale_token_paths"]
        if not path.startswith("/v2/")
    ]
    return wrong


def find_over_limit(state, limit):
    """The hosts for which Zoom counts more requests of today than are allowed.

    :param int limit: what Odoo is set to; the simulator must allow more
    """
    return [
        f"host {host}: {count} requests, {limit} are allowed"
        for host, count in state["counts"].items()
        if count > limit
    ]


def find_over_pace(state):
    """Whether Zoom has refused requests since there were too many in a second."""
    refused = state["refused_for_second"]
    return [f"{refused} requests were too many for their second"] if refused else []


def find_wrong_mails(entries, mails, customers, state, removed_hosts=()):
    """What is wrong with the links that people were sent.

    :param list entries: of the ledger, those with a link: dicts of ``address``,
        ``zoom_id``, ``written`` (naive UTC) and ``live`` (whether its event exists)
    :param list mails: those that arrived, with ``address`` and ``zoom_ids``
    :param dict customers: number of a meeting -> address of its booking's customer
    :param dict state: what the simulator knows
    :param removed_hosts: Zoom users who were deleted in Zoom, with their meetings
    :return list: of sentences
    """
    sent = Counter((mail.address, one) for mail in mails for one in mail.zoom_ids)
    entered = {(entry["address"], entry["zoom_id"]) for entry in entries}
    # A mail leaves the queue with the event of its booking.
    told = Counter(
        (entry["address"], entry["zoom_id"]) for entry in entries if entry["live"]
    )
    wrong = [
        f"{address} was sent meeting {number}, and the ledger does not know"
        # A worker that is killed while it sends a mail has it sent again.
        for address, number in sorted(sent.keys() - entered)
    ]
    wrong += [
        f"the ledger says that {address} was sent meeting {number}, and no mail came"
        for address, number in told - sent
    ]
    return (
        wrong
        + _find_outsiders(sent, customers)
        + _find_dead(entries, state, removed_hosts)
    )


def _find_outsiders(sent, customers):
    """Those who were sent the link of somebody else's booking."""
    knowing = defaultdict(set)
    for address, number in sent:
        knowing[number].add(address)
    wrong = []
    for number, addresses in knowing.items():
        known = {customers[number]} if number in customers else addresses
        if addresses - known or len(known) > 1:
            told = ", ".join(sorted(addresses))
            wrong.append(f"meeting {number} of one customer was sent to {told}")
    return wrong


def _find_dead(entries, state, removed_hosts):
    """Links that did not work when their mail was written."""
    meetings = {str(one["id"]): one for one in state["meetings"]}
    wrong = []
    for entry in entries:
        meeting = meetings.get(entry["zoom_id"])
        deleted_at = meeting and meeting["deleted_at"]
        if not deleted_at:
            continue
        gone = datetime.fromisoformat(deleted_at.rstrip("Z")).replace(tzinfo=None)
        # What others delete is known when the meeting is read before the mail.
        removed = meeting["host_id"] in removed_hosts
        if gone < entry["written"] - (READ_BEFORE if removed else ROUNDING):
            wrong.append(
                f"{entry['address']} was sent meeting {entry['zoom_id']} at "
                f"{entry['written']}, which was gone at {gone}"
            )
    return wrong


def find_untold(bookings, rows, mails, customers):
    """Customers who never got the link that their booking has in the end."""
    sent = {(mail.address, one) for mail in mails for one in mail.zoom_ids}
    live = {booking["id"] for booking in bookings}
    return [
        f"{customers[row['zoom_id']]} was not sent meeting {row['zoom_id']}"
        for row in rows
        if row["zoom_id"]
        and row["booking_id"]
        and row["booking_id"][0] in live
        and (customers.get(row["zoom_id"]), row["zoom_id"]) not in sent
    ]


def find_errors(records):
    """Errors in Odoo's log that no injected fault explains.

    :param list records: of the log, each with its traceback
    """
    return [
        record
        for record in records
        if ERROR.match(record)
        and not any(all(word in record for word in words) for words in EXPLAINED)
    ]
