# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What people read about the join link while they do not have it: when it comes."""

from ...utils import RELOAD, is_ours, say_moment, say_span, show_message


def word_link_notice(booking):
    """When the link comes, for people who must not know it yet.

    :return: str, False if there is none to come
    """
    env = booking.env
    if booking._is_without_link():
        return False
    # Whoever is mailed while it is held is just about to keep it.
    if booking._is_only_held() and not is_ours(env, "web_conference_mail"):
        return env._("The link comes after the booking is confirmed.")
    moment = booking._get_link_moment()
    if moment:
        said = say_moment(env, moment, booking._get_zone())
        if booking._gets_own_link():
            return env._(
                "The %(tool)s link comes with the reminder, by e-mail on %(date)s at "
                "%(time)s (%(zone)s).",
                tool=booking.type_id._get_conference_tool_name(),
                **said,
            )
        return env._(
            "The link comes with the reminder, by e-mail on %(date)s at %(time)s "
            "(%(zone)s).",
            **said,
        )
    if booking._is_link_on_its_way() or booking._get_reminder_moments():
        return env._("You receive the link by e-mail as soon as it is ready.")
    # Nothing will send it. The booking type warns staff of that.
    contact = booking._get_conference_contact()
    return env._(
        "The link is not sent automatically. Please ask for it before the "
        "meeting: %(contact)s",
        contact=", ".join(filter(None, contact.values())),
    )


def word_link_notice_of_shared(booking):
    """The same for a booking that is shared, perhaps before it has a time.

    :return: str, empty if the link is known or nothing sends it
    """
    env = booking.env
    if booking.start:
        hidden = booking._is_to_be_joined() and not booking._get_disclosed_link()
        return word_link_notice(booking) if hidden else ""
    if booking._is_join_link_disclosed():
        return env._("You receive the link by e-mail as soon as it is ready.")
    alarms = booking.type_id.alarm_ids.filtered(lambda one: one.alarm_type == "email")
    if not alarms:
        return ""
    first = max(alarms, key=lambda one: one.duration_minutes)
    time = say_span(env, **{first.interval.removesuffix("s"): first.duration})
    if booking._gets_own_link():
        return env._(
            "The %(tool)s link comes with the reminder, by e-mail %(time)s before "
            "the start.",
            tool=booking.type_id._get_conference_tool_name(),
            time=time,
        )
    return env._(
        "The link comes with the reminder, by e-mail %(time)s before the start.",
        time=time,
    )


def notify_of_sending(env, ready, waiting, left):
    """The message after staff had the link sent.

    :param int ready: number of bookings whose link is sent now
    :param int waiting: number of those whose link does not exist yet
    :param int left: number of the others
    :return dict: an action
    """
    said = []
    if ready:
        said.append(
            env._("The join link is being sent. Bookings: %(count)s.", count=ready)
        )
    if waiting:
        said.append(
            env._(
                "The join link is sent as soon as it exists. Bookings: %(count)s.",
                count=waiting,
            )
        )
    if left:
        said.append(
            env._(
                "Nothing is sent for bookings without join link, and for those that "
                "are only held, over, cancelled or declined by all: %(count)s.",
                count=left,
            )
        )
    kind = "warning" if left or waiting else "success"
    return show_message(" ".join(said), kind, bool(left), RELOAD)
