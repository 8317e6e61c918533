# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Why a meeting waits, and other sentences about meetings, in the reader's language.

Each takes a row of booking.zoom.meeting and changes nothing.
"""

from odoo import fields
from odoo.tools import format_time

from ...engine.checks import STOPPED, why_stopped
from ...engine.facts import SETTINGS
from ...engine.overlaps import overlap_without_pause
from ...engine.problems import LIMITS
from ...engine.waiting import (
    NOT_TO_SEND,
    UNFINISHED,
    has_begun_without,
    why_waits,
)
from ...utils import time_in_words
from .access_tokens import needs_token
from .account_setup import list_names

# These keep a meeting waiting whatever its problem is.
SAYS_MORE = {*STOPPED, *NOT_TO_SEND} - {"held"}


def describe_problem(meeting, *, detail=True):
    """What is wrong with the meeting and what to do; False if nothing is.

    :param bool detail: whether to add what Zoom said
    """
    sentence = _get_problem_sentence(meeting)
    if sentence and detail and meeting.problem_detail:
        return f"{sentence} ({meeting.problem_detail})"
    return sentence


def describe_differences(env, differences, missing):
    """What Zoom has otherwise than it was told, and why; False if nothing.

    :param dict differences: see `engine.facts.find_differences`
    :param missing: the countries, res.country, of which Zoom has no telephone number
    """
    lines = list_differences(env, differences, missing)
    if not differences.keys().isdisjoint(SETTINGS):
        lines.append(
            env._(
                "The Zoom account has this setting locked, or somebody has changed it in "
                "the meeting."
            )
        )
    if "topic" in differences:
        lines.append(
            env._("The title in Zoom is “%(title)s”.", title=differences["topic"])
        )
    return "\n".join(lines) or False


def list_differences(env, differences, missing):
    """Those that many meetings may have alike, a sentence for each.

    See `describe_differences`.
    """
    sentences = {
        "waiting_room": {
            True: env._("The waiting room is on in Zoom. Odoo has asked for off."),
            False: env._("The waiting room is off in Zoom. Odoo has asked for on."),
        },
        "join_before_host": {
            True: env._(
                "In Zoom people can join before the host. Odoo has asked that they "
                "cannot."
            ),
            False: env._(
                "In Zoom nobody can join before the host. Odoo has asked that people "
                "can."
            ),
        },
    }
    lines = [
        sentences[name][kept] for name, kept in differences.items() if name in SETTINGS
    ]
    if missing:
        lines.append(
            env._(
                "Zoom has no telephone number of these countries: %(countries)s. Choose "
                "them in the Zoom account, under Audio Conferencing.",
                countries=", ".join(missing.mapped("name")),
            )
        )
    return lines


def describe_wait(meeting, now):
    """What happens next with a meeting that waits; False if nothing.

    If it has a problem, that says more, unless nothing is sent at all. (What only holds
    its time needs the problem mended, too, before anything is sent.)

    :param datetime now: naive UTC
    """
    if meeting.state not in UNFINISHED:
        return False
    reason = find_wait(meeting, now)
    if meeting.problem and reason not in SAYS_MORE:
        return False
    return describe_reason(meeting, reason)


def find_wait(meeting, now):
    """Why a meeting waits, apart from its problem, see ``why_waits``.

    :param datetime now: naive UTC
    """
    row = meeting.sudo()
    account = row.zoom_user_id.account_id
    return why_waits(
        row,
        now,
        waits_for_successor=row.successor_id.state == "waiting",
        stopped=why_stopped(row._get_sync_cron(), now),
        needs_token=account.state == "connected" and needs_token(account),
    )


def describe_reason(meeting, reason):
    """
    :param str reason: see ``why_waits``
    """
    env = meeting.env
    if reason == "held":
        return _describe_hold(meeting)
    if reason in STOPPED:
        return _describe_stop(env, meeting._get_sync_cron(), reason)
    if reason == "later":
        return _describe_next_attempt(meeting)
    return {
        "over": env._("The booking is over. Its meeting in Zoom stays as it is."),
        "superseded": env._(
            "The meeting is deleted in Zoom when the new one is ready."
        ),
        "asking": env._("Odoo is asking Zoom right now."),
        "begun": env._(
            "The booking began before its meeting was created. No meeting is created "
            "any more."
        ),
        "unrecorded": env._(
            "The Odoo server stopped before it had recorded Zoom's answer. Odoo takes "
            "this up again within a minute."
        ),
        "token": env._(
            "Odoo renews its access to Zoom, then sends this to Zoom when its turn "
            "comes, usually within a minute."
        ),
        "soon": env._(
            "Odoo sends this to Zoom when its turn comes, usually within a minute."
        ),
    }[reason]


def _describe_stop(env, action, reason):
    """
    :param action: ir.cron
    :param str reason: see ``why_stopped``
    """
    if reason == "off":
        return env._(
            "Nothing is sent to Zoom: the scheduled action “%(name)s” is switched off. "
            "Ask an administrator to switch it on.",
            name=action.name,
        )
    if reason == "late":
        return env._(
            "Nothing is sent to Zoom: the scheduled action “%(name)s” has not run since "
            "it was due on %(time)s. Ask an administrator whether the Odoo server has "
            "workers for scheduled actions.",
            name=action.name,
            time=time_in_words(env, action.nextcall),
        )
    return env._(
        "Nothing is sent to Zoom: the scheduled action “%(name)s” has failed since "
        "%(time)s. Ask an administrator to look into the log of the Odoo server.",
        name=action.name,
        time=time_in_words(env, action.first_failure_date),
    )


def _describe_next_attempt(meeting):
    env = meeting.env
    told = {"time": time_in_words(env, meeting.next_attempt)}
    if meeting.state == "removing":
        return env._("The meeting is deleted in Zoom on %(time)s.", **told)
    if meeting.state == "changed":
        return env._(
            "The change is sent to Zoom on %(time)s: Odoo sends changes of one booking "
            "together, and new meetings first. The join link stays the same and works.",
            **told,
        )
    return env._("The meeting is created in Zoom on %(time)s.", **told)


def _describe_hold(meeting):
    env = meeting.env
    expiration = meeting.sudo().booking_id._get_expiration()
    if not expiration:
        # The module is gone whose bookings expire.
        return describe_reason(meeting, "soon")
    return env._(
        "The booking only holds its time and expires on %(time)s, unless its order is "
        "paid or confirmed before. Its meeting is created then.",
        time=time_in_words(env, expiration),
    )


def _get_problem_sentence(meeting):
    env = meeting.env
    host = meeting.sudo().zoom_user_id.display_name
    combination = meeting.sudo().booking_id.combination_id
    if meeting.problem == "no_host" and combination._get_hosts():
        return env._(
            "The Zoom user belongs to another company. Choose one of the company of "
            "the booking type."
        )
    if meeting.problem == "no_host" and combination._get_bound_hosts():
        return env._(
            "The resources have different Zoom users (%(names)s), so none hosts. Choose "
            "one on the combination.",
            names=list_names(combination._get_bound_hosts().mapped("name")),
        )
    if meeting.problem == "gone" and meeting.sudo().zoom_user_id.account_id.gone_since:
        return env._(
            "Zoom does not find this meeting and others. Nothing is created anew until "
            "an administrator says on the page of the Zoom account that they are gone."
        )
    if has_begun_without(meeting.sudo(), fields.Datetime.now()):
        # Nothing follows automatically any more, so none of the sentences below may say so.
        if meeting.problem in (*LIMITS, "request_limit"):
            return env._(
                "Zoom had no request left for this meeting before the booking began."
            )
        if meeting.problem == "unavailable":
            return env._("Zoom could not be reached before the booking began.")
        if meeting.problem == "bad_answer":
            return env._("Zoom's answer could not be used before the booking began.")
    if meeting.problem == "bad_answer" and meeting.next_attempt:
        return env._("Zoom's answer cannot be used. Odoo asks again automatically.")
    return {
        "no_host": env._(
            "Nobody hosts this booking in Zoom. Choose a Zoom user on its resource or "
            "combination, or a default Zoom user on the booking type."
        ),
        "host_inactive": _describe_lost_host(meeting, host),
        "host_refused": env._(
            "Zoom does not let %(host)s host the meeting. Correct the user in Zoom and "
            "fetch the Zoom users, or choose another Zoom user.",
            host=host,
        ),
        "daily_limit": env._(
            "%(host)s has no Zoom request left today for this meeting. Waiting meetings "
            "are created automatically after 00:00 UTC.",
            host=host,
        ),
        "account_limit": env._(
            "The Zoom account has used all requests for today. Waiting meetings are "
            "created automatically."
        ),
        "request_limit": env._(
            "The Zoom account has used up its requests of this kind for today. Odoo "
            "tries again automatically."
        ),
        "not_linked": env._(
            "The Zoom account is not connected. Ask an administrator to connect it."
        ),
        "scope_missing": env._(
            "The Zoom app lacks a scope. Ask an administrator to add it and to connect "
            "the account again."
        ),
        "refused": env._(
            "Zoom refuses the meeting. Correct the booking, or press “Retry now”."
        ),
        "failed": env._(
            "Odoo could not work on this meeting, because of an error of its own. The "
            "server's log says which. Press “Retry now” when it is mended."
        ),
        "unclear": env._(
            "Zoom's answer did not arrive. Odoo looks for the meeting in Zoom before it "
            "sends anything again."
        ),
        "unavailable": env._(
            "Zoom could not be reached. Odoo tries again automatically."
        ),
        "gone": env._(
            "Zoom does not find the meeting. Odoo asks again automatically, then creates "
            "a new one."
        ),
        "bad_answer": env._(
            "Zoom's answer cannot be used. Look the meeting up in Zoom, then press "
            "“Retry now”. No second meeting is created."
        ),
        "shared_link": env._(
            "Zoom answered with a join link that also opens another meeting, or the "
            "personal room of %(host)s. Nobody gets it. Switch “Use Personal Meeting "
            "ID” off in Zoom, then press “Retry now”.",
            host=host,
        ),
        "in_progress": env._(
            "The meeting is in progress in Zoom. It is deleted afterwards."
        ),
    }.get(meeting.problem, False)


def _describe_lost_host(meeting, host):
    env = meeting.env
    if meeting.zoom_id:
        return env._(
            "The Zoom user %(host)s was deactivated or deleted in Zoom: nobody can "
            "join this meeting. Activate the user in Zoom and fetch the Zoom users, or "
            "choose another Zoom user. Everybody who has the old join link then gets "
            "the new one.",
            host=host,
        )
    return env._(
        "The Zoom user %(host)s cannot host the meeting. Activate the user in Zoom "
        "and fetch the Zoom users, or choose another Zoom user.",
        host=host,
    )


def say_when_and_who(meeting):
    """When the meeting starts in the reader's time zone, and with whom."""
    env = meeting.env
    local = fields.Datetime.context_timestamp(meeting, meeting.start)
    if local.date() == fields.Date.context_today(meeting):
        when = format_time(env, meeting.start, time_format="short")
    else:
        when = time_in_words(env, meeting.start)
    customer = meeting.booking_id.partner_ids[:1].name or meeting.booking_title
    return env._("%(time)s %(customer)s", time=when, customer=customer)


def describe_clash(env, clash):
    """Which two bookings one Zoom user would host at a time, or too close."""
    one, other = clash
    bookings = env["resource.booking"]
    named = {
        "host": env["booking.zoom.user"].browse(one.host_id).name,
        "booking": bookings.browse(one.booking_id)._get_name_for_user(),
        "other": bookings.browse(other.booking_id)._get_name_for_user(),
    }
    if overlap_without_pause(one, other):
        return env._("%(host)s: %(booking)s and %(other)s", **named)
    return env._(
        "%(host)s: %(booking)s and %(other)s need a pause of %(minutes)s minutes between "
        "them",
        minutes=max(one.pause, other.pause),
        **named,
    )
