# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Mails that say how to join: entered into the ledger, rendered and queued."""

import logging

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...utils import ENTERED_BY_OTHERS, OURS
from .outbox import Outbox
from .unreachable import speak_to_staff

_logger = logging.getLogger(__name__)


def send_mails(ledger, attendees, kind, alarm=None):
    """Send attendees of bookings a mail that says how to join.

    What the mails share is read and written once. If that fails, try one by one, so
    that one damaged contact does not block the others. Staff hear who got none.

    :param ledger: booking.conference.mail, superuser
    :param attendees: who can be reached, each person once for each event
    :param str kind: of the entries in the ledger
    :param alarm: the calendar.alarm of reminders
    :return: the entries of those who got it
    """
    bookings = ledger._get_bookings(attendees.event_id)
    # Lock in the same order as a cancellation: first the meetings, then the events,
    # which cannot be deleted once an entry refers to them.
    bookings._lock_join_link()
    templates = get_templates(ledger.env, kind, alarm)
    if not templates:
        _logger.error("No mail template is left for web conference mails")
        for event in attendees.event_id:
            words = speak_to_staff(event)
            event._get_conference_booking()._note_for_staff(
                "mail_failing", words._("No mail template is left.")
            )
        return ledger.browse()
    entries, failed = ledger.browse(), attendees.browse()
    for alike in _group_alike(attendees):
        # If the first template fails here, it may still be right for most of them.
        entered = len(alike) > 1 and _try_to_send(
            ledger, alike, kind, alarm, templates[:1]
        )
        if entered:
            entries |= entered
            continue
        for attendee in alike:
            booking = attendee.event_id._get_conference_booking()
            # Before, there is time to repair a template that cannot be rendered.
            usable = templates if ledger._is_last_moment(booking) else templates[:1]
            entered = _try_to_send(ledger, attendee, kind, alarm, usable)
            if entered is None:
                failed |= attendee
            else:
                entries |= entered
    failed._note_failing_mails()
    return entries


def _group_alike(attendees):
    """Attendees whose mails share their sender, and whether they tell a link."""

    def shared(attendee):
        booking = attendee.event_id._get_conference_booking()
        return booking.type_id.company_id, booking._lacks_join_link()

    return [
        # The mail bears the company's name and address.
        alike.with_company(company).with_context(
            web_conference_reminder=OURS,
            web_conference_follows=OURS if lacks else None,
            calendar_template_ignore_recurrence=True,
        )
        for (company, lacks), alike in attendees.grouped(shared).items()
    ]


def _try_to_send(ledger, attendees, kind, alarm, templates):
    """Enter and create the mails, all or none.

    :return: the entries, or None if it failed; the log says why
    """
    try:
        with ledger.env.cr.savepoint():
            entries = ledger._enter(attendees, kind, alarm)
            ledger._get_bookings(attendees.event_id)._disclose_join_link()
            entries._keep_messages(_notify(attendees, templates))
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except ENTERED_BY_OTHERS:
        # Several: try one by one. One: another worker has done it.
        return ledger.browse() if len(attendees) == 1 else None
    except Exception:
        log = _logger.exception if len(attendees) == 1 else _logger.info
        log("Web conference mail of events %s failed", attendees.event_id.ids)
        return None
    return entries


def _notify(attendees, templates):
    """Send with the first template that can be rendered.

    :return dict: see Outbox.get_messages
    """
    *others, last = templates
    for template in others:
        try:
            with attendees.env.cr.savepoint():
                return _notify_with(attendees, template)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("Mail template %s cannot be rendered", template.id)
    return _notify_with(attendees, last)


def _notify_with(attendees, template):
    outbox = Outbox()
    attendees = attendees.with_context(web_conference_outbox=outbox)
    attendees._notify_attendees(template, notify_author=True)
    return outbox.get_messages()


def get_templates(env, kind, alarm=None):
    """The mail's template, then the ones to use if it is broken or deleted."""
    own = {"link": "mail_template_link", "changed": "mail_template_changed"}
    names = (
        f"resource_booking_zoom.{own.get(kind, 'mail_template_reminder')}",
        "resource_booking_zoom.mail_template_reminder",
        "calendar.calendar_template_meeting_reminder",
    )
    found = [env.ref(name, raise_if_not_found=False) for name in names]
    chosen = alarm and alarm.mail_template_id
    return list(dict.fromkeys(filter(None, [chosen, *found])))
