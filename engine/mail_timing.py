# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""When a mail with a join link is held, and when a failed one is repeated.

Pure functions. Moments are naive UTC.
"""

from datetime import timedelta

from ..const import ISSUE_TIME, LONGEST_READING_HOLD, READ_AHEAD

# A mail that failed is repeated after this time, then after twice as long, …
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=12)


def is_mail_held(last_moment, now, has_link, is_being_checked, is_imminent):
    """Whether a reminder, or another mail with the link, is held for now.

    :param datetime last_moment: from then on it goes out without a link, unless
        ``is_imminent``
    :param bool has_link: whether there is a link to tell
    :param bool is_being_checked: the tool still has to say that this link is right
    :param bool is_imminent: the link may come within a moment
    """
    if has_link:
        return is_being_checked
    return is_imminent or now < last_moment


def get_wake_ups(reminders, last_moment, now):
    """When mails may be due of a booking whose tool issues its link.

    Links are read shortly before. What is held for want of a link goes out at the last
    moment.

    :param list reminders: when reminders are due
    :param datetime last_moment: see ``is_mail_held``
    :return list: moments; without reminders none
    """
    if not reminders:
        return []
    return [
        *reminders,
        *(moment - READ_AHEAD for moment in reminders),
        max(last_moment, now + 2 * ISSUE_TIME),
    ]


def is_check_awaited(last_moment, now, awaited_since, is_missing):
    """Whether a mail is still held until the tool has said that its link is right.

    An outage holds it for some minutes at most. What the tool does not find is
    replaced in a moment, or an administrator decides: that is worth all the time.

    :param datetime last_moment: see ``is_mail_held``
    :param datetime awaited_since: when the tool was asked
    :param bool is_missing: whether the tool did not find it
    """
    until = last_moment
    if not is_missing:
        until = min(until, awaited_since + LONGEST_READING_HOLD)
    return now < max(until, awaited_since + ISSUE_TIME)


def get_retry_pause(failures):
    """How long to wait before a mail is repeated.

    :param int failures: how often it had failed before
    :rtype: timedelta
    """
    return min(FIRST_RETRY * 2 ** min(failures, 10), LONGEST_RETRY)
