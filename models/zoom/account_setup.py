# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What the steps of the set-up must know of the database, and what they say."""

from datetime import UTC, timedelta

from markupsafe import Markup

from odoo.fields import Datetime, Domain

from ...engine.setup_steps import SetupFacts, get_next_step, get_steps

# So many names in a sentence.
NAMED = 5

# Where each step is taken, and who may: XML ids of an action and of groups.
ACCOUNT = "resource_booking_zoom.booking_zoom_account_open_action"
PLACES = {
    "app": (ACCOUNT, "base.group_system"),
    "connect": (ACCOUNT, "base.group_system"),
    "bind": (
        "resource_booking_zoom.booking_zoom_user_action",
        "resource_booking.group_manager",
    ),
    "tool": (
        "resource_booking.resource_booking_type_action",
        "resource_booking.group_manager",
    ),
    "reminder": (ACCOUNT, "base.group_system"),
}


def gather_facts(account):
    """
    :param account: one booking.zoom.account, superuser
    :rtype: SetupFacts
    """
    company = account.company_id
    bound = account.with_context(active_test=False).zoom_user_ids._get_bound()

    def name_types(domain=Domain.TRUE):
        types = account.env["resource.booking.type"].search(
            Domain("web_conference_tool", "=", "zoom")
            & Domain("company_id", "in", [company.id, False])
            & domain,
            order="name, id",
        )
        return tuple(types.mapped("name"))

    no_host = Domain("zoom_user_id", "=", False) & Domain("zoom_host_ids", "=", False)
    without_host = no_host & Domain(
        "combination_rel_ids", "any", Domain("combination_id", "any", no_host)
    )
    return SetupFacts(
        state=account.state,
        has_credentials=bool(
            account.client_id
            and account.client_secret
            and (account.auth_method == "authorization_code" or account.zoom_account_id)
        ),
        address=account.get_base_url(),
        trouble=account.state_message or "",
        missing_scopes=tuple((account.missing_scopes or "").split()),
        has_hosts=bool(bound),
        lost_hosts=tuple(
            bound.filtered(lambda user: not user._can_host()).mapped("name")
        ),
        zoom_types=name_types(),
        types_without_combination=name_types(Domain("combination_rel_ids", "=", False)),
        types_without_host=name_types(without_host),
        types_without_reminder=name_types(Domain("lacks_reminder", "=", True)),
        has_company_email=bool(account.company_email),
        has_alert_email=bool(account.alert_email),
        has_meetings=bool(
            account.env["booking.zoom.meeting"].search_count(
                [("zoom_user_id.account_id", "=", account._origin.id)], limit=1
            )
        ),
    )


def find_next_step(account):
    """
    :param account: booking.zoom.account, superuser; may be none
    :return: name of the step that comes next; None if all are done
    """
    return get_next_step(get_steps(gather_facts(account))) if account else "app"


def word_next_step(env, account):
    """Where to go next, as HTML below an empty list; empty if all is done.

    :param env: environment of the reader
    :param account: booking.zoom.account, superuser; may be none
    """
    name = find_next_step(account)
    if not name:
        return Markup()
    field = account._fields[f"{name}_step"]
    title = field._description_string(env)
    action, group = PLACES[name]
    if not env.user.has_group(group):
        return Markup("<p>%s</p>") % env._(
            "The next step is “%(step)s”. Please ask an administrator.", step=title
        )
    return Markup("<p>%s <a type='action' name='%s'>%s</a></p>") % (
        env._("Next step:"),
        action,
        title,
    )


def word_missing_address(env):
    """Why the user cannot get any mail, and what to do."""
    return env._(
        "Your user has no valid e-mail address, so no mail can reach you. Enter one in "
        "your preferences."
    )


def find_soonest_start(booking_type):
    """When a trial could begin: at a full quarter of an hour, in the next weeks.

    :param booking_type: resource.booking.type, may be empty
    :return: naive UTC, or False
    """
    if not booking_type:
        return False
    booking = booking_type.env["resource.booking"].new({"type_id": booking_type.id})
    now = Datetime.context_timestamp(booking, Datetime.now())
    # Time enough to save it.
    begin = (now + timedelta(minutes=20)).replace(second=0, microsecond=0)
    begin -= timedelta(minutes=begin.minute % 15)
    for start, stop, _work in booking._get_intervals(begin, begin + timedelta(weeks=4)):
        if start + timedelta(hours=booking_type.duration) <= stop:
            return start.astimezone(UTC).replace(tzinfo=None)
    return False


def word_lost_connections(accounts):
    """What follows from lost connections, in the reader's language.

    :param accounts: booking.zoom.account
    :return str: empty while none of these accounts has lost its connection
    """
    env, lost = accounts.env, accounts.filtered(lambda one: one.state == "lost")
    if not lost:
        return ""
    if len(env.companies) > 1:
        return env._(
            "The connection to Zoom is lost (%(companies)s). Meetings are not created, "
            "moved or deleted until an administrator connects the account again.",
            companies=", ".join(lost.company_id.mapped("name")),
        )
    return env._(
        "The connection to Zoom is lost. Meetings are not created, moved or deleted "
        "until an administrator connects the account again."
    )


def list_names(names):
    """A few of the names, for a sentence."""
    more = ", …" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def word_step(env, name, step, account, facts):
    """What a step says below its title: what is wrong, what to do, or how things are.

    :param env: environment that decides the language
    :param str name: of the step
    :param Step step:
    :param account: its booking.zoom.account, superuser
    :param SetupFacts facts: of the account
    :rtype: str
    """
    if step.state == "problem":
        return "\n".join(word_problem(env, one, account) for one in step.problems)
    if step.state == "to_do":
        return _word_to_do(env, name)
    return _word_done(env, name, account, facts)


def word_problem(env, problem, account):
    """What is wrong and what to do, in the language of the environment."""
    names = list_names(problem.names)
    match problem.cause:
        case "missing_scopes":
            return env._(
                "The Zoom app lacks these scopes: %(names)s. Add them in the Zoom App "
                "Marketplace, then press “Connect again”.",
                # All of them: somebody copies them.
                names=", ".join(problem.names),
            )
        case "http":
            return env._(
                "Odoo's address is %(names)s, without https. Zoom accepts it neither as "
                "redirect URL of a published app nor for events, and customers get it "
                "in mails. Have Odoo answer by https, and enter that address in the "
                "system parameter “web.base.url”.",
                names=names,
            )
        case "loopback":
            return env._(
                "Odoo's address is %(names)s, which works on the server itself only. "
                "Enter the address that you and your customers use in the system "
                "parameter “web.base.url” before you copy the redirect URL.",
                names=names,
            )
        case "lost":
            # The page says above the steps what that means.
            return names or env._("Please connect the account again.")
        case "lost_hosts":
            return env._(
                "These Zoom users can no longer host: %(names)s. Choose other Zoom users "
                "for what is bound to them.",
                names=names,
            )
        case "types_without_combination":
            return env._(
                "These booking types have no combination of resources, so nobody can "
                "book them: %(names)s. Add one on the type.",
                names=names,
            )
        case "types_without_host":
            return env._(
                "Some combinations of these booking types have no Zoom user, so their "
                "bookings get no meeting: %(names)s. Bind their resources, or choose a "
                "default Zoom user on the type.",
                names=names,
            )
        case "types_without_reminder":
            return env._(
                "These booking types have no e-mail reminder to send the join link: "
                "%(names)s. Add one to their default reminders.",
                names=names,
            )
        case "no_company_email":
            return env._(
                "The company %(company)s has no e-mail address, so invitations and "
                "reminders may not arrive. Enter one here.",
                company=account.company_id.name,
            )
        case "no_alert_email":
            return env._(
                "There is no administrator's e-mail. Enter here who is told when "
                "meetings must wait."
            )
    return names


def _word_to_do(env, name):
    return {
        "app": env._(
            "Make an app in the Zoom App Marketplace, copy the values below into it, and "
            "its credentials into Odoo."
        ),
        "connect": env._(
            "Connect Odoo and the Zoom account. Odoo then fetches its users."
        ),
        "bind": env._(
            "Choose whose meetings each Zoom user hosts, or make the Zoom user itself "
            "bookable with one click."
        ),
        "tool": env._(
            "Choose Zoom as the web conference tool of a booking type. Each of its "
            "bookings then gets a meeting."
        ),
        "reminder": env._(
            "The reminder of a booking type carries the join link. It is added when you "
            "choose Zoom there."
        ),
    }[name]


def _word_done(env, name, account, facts):
    if name == "app":
        return env._("The credentials of the app are entered.")
    if name == "connect":
        return env._(
            "Connected with %(account)s.",
            account=account.connected_email or account.connected_zoom_account_id,
        )
    if name == "bind":
        users = account.zoom_user_ids
        return env._(
            "%(bound)s of %(all)s Zoom users host meetings.",
            bound=len(users._get_bound()),
            all=len(users),
        )
    if name == "tool":
        return env._(
            "Bookings with Zoom: %(names)s", names=list_names(facts.zoom_types)
        )
    return env._(
        "Reminders carry the join link. Alerts go to %(address)s.",
        address=account.alert_email,
    )
