# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What the ledger of mails asks the database, one query for all bookings at once.

Each query begins with the events to come, by an index, and looks up what belongs to each
(``OFFSET 0`` in ``LATERAL`` and ``EXISTS``, which PostgreSQL then does not turn into a scan of
all rows): the cost does not grow with the bookings that are over.
"""

from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ...utils import sql_link_digest
from .address_digest import sql_address_digest

DIGEST = SQL(
    "CASE WHEN booking.join_link_choice = 'manual' THEN %s"
    " WHEN type.web_conference_tool = 'other' THEN %s ELSE link.digest END",
    sql_link_digest(
        SQL("booking.manual_join_url"), SQL("booking.manual_join_passcode")
    ),
    sql_link_digest(SQL("type.videocall_location"), SQL("NULL::text")),
)

NO_LINK = SQL(
    "SELECT NULL::text AS tool, NULL::integer AS booking_id, NULL::integer AS link_id,"
    " NULL::text AS digest, NULL::timestamp AS start WHERE FALSE"
)


def find_links_of_leavers(env, links=None):
    """Links to come that are known to somebody who takes no part any more.

    :param list links: of pairs as below; None for all
    :return list: of (tool, id of the link), soonest first
    """
    query = SQL(
        """
        SELECT link.tool, link.link_id
          FROM %(links)s link
          JOIN resource_booking booking ON booking.id = link.booking_id
         WHERE EXISTS (
               SELECT FROM (
                      SELECT partner_id, link_digest
                        FROM booking_conference_mail
                       WHERE link_id = link.link_id
                   UNION ALL
                      -- Of one entered by hand, the ledger has no reference.
                      SELECT partner_id, link_digest
                        FROM booking_conference_mail
                       WHERE booking_id = link.booking_id
                         AND link.tool = 'manual') told
                WHERE told.link_digest = link.digest
                  AND NOT EXISTS (
                      SELECT FROM calendar_attendee attendee
                       WHERE attendee.event_id = booking.meeting_id
                         AND attendee.partner_id = told.partner_id
                         AND attendee.state IS DISTINCT FROM 'declined'))
      ORDER BY link.start, link.link_id
        """,
        links=_union_all(env["resource.booking"]._sql_replaceable_links(), NO_LINK),
    )
    return [row for row in _execute(env, query) if links is None or row in links]


def find_due_reminders(env, ahead=timedelta()):
    """Events whose reminder is due, with the alarm, soonest first.

    Somebody can be mailed, or must be reported as unreachable, and has not got this
    reminder or a later one. If several alarms are due at once, as for a booking made
    shortly before its start, the one nearest to the start counts.

    :param timedelta ahead: also those due within this time
    :return list: of (event id, alarm id)
    """
    now = fields.Datetime.now()
    query = SQL(
        """
        SELECT due.event_id, due.alarm_id
          FROM (SELECT DISTINCT ON (event.id)
                       event.id AS event_id, alarm.id AS alarm_id, event.start,
                       alarm.duration_minutes, booking.id AS booking_id
                  FROM (SELECT event.id, event.start, rel.calendar_alarm_id
                          FROM calendar_event event
                    CROSS JOIN LATERAL (
                               SELECT calendar_alarm_id
                                 FROM calendar_alarm_calendar_event_rel
                                WHERE calendar_event_id = event.id
                               OFFSET 0) rel
                         WHERE event.active
                           AND event.stop > %(now)s
                        OFFSET 0) event
                  JOIN calendar_alarm alarm ON alarm.id = event.calendar_alarm_id
            CROSS JOIN LATERAL (
                       SELECT booking.id, booking.type_id
                         FROM resource_booking booking
                        WHERE booking.meeting_id = event.id
                          AND NOT %(only_held)s
                       OFFSET 0) booking
                  JOIN resource_booking_type type ON type.id = booking.type_id
                 WHERE type.web_conference_tool <> 'none'
                   AND alarm.alarm_type = 'email'
                   AND event.start - alarm.duration_minutes
                       * interval '1 minute' <= %(until)s
              ORDER BY event.id, alarm.duration_minutes) due
         WHERE EXISTS (
               SELECT FROM calendar_attendee attendee
                 JOIN res_partner partner ON partner.id = attendee.partner_id
                WHERE attendee.event_id = due.event_id
                  AND attendee.state IS DISTINCT FROM 'declined'
                  AND (partner.email <> ''
                       OR EXISTS (
                          SELECT FROM res_partner_resource_booking_rel requester
                           WHERE requester.res_partner_id = partner.id
                             AND requester.resource_booking_id
                                 = due.booking_id))
                  AND NOT EXISTS (
                      SELECT FROM booking_conference_mail sent
                        JOIN calendar_alarm former ON former.id = sent.alarm_id
                       WHERE sent.partner_id = attendee.partner_id
                         AND sent.event_id = due.event_id
                         AND former.duration_minutes <= due.duration_minutes
                         AND sent.start = due.start
                         AND sent.kind = 'reminder'
                         AND sent.retry_at IS NULL
                      OFFSET 0)
                  AND NOT %(pauses)s
               OFFSET 0)
      ORDER BY due.start, due.event_id
        """,
        now=now,
        until=now + ahead,
        only_held=env["resource.booking"]._sql_only_held(),
        pauses=_pauses(now, SQL("failed.event_id = due.event_id"), SQL("partner")),
    )
    return _execute(env, query)


def find_untold(env, event_ids=None):
    """Attendees who should know the current link and do not.

    They know another one; or they were reminded, or told that the link was dead, while
    there was none; or the type tells everybody as soon as the link exists; or staff have
    it sent again.

    :param list event_ids: None for all
    :return list: of (event id, kind of the mail, attendee ids)
    """
    now = fields.Datetime.now()
    query = SQL(
        """
        SELECT event.id,
               CASE WHEN told.link_digest <> %(digest)s THEN 'changed'
                    ELSE 'link' END AS kind,
               array_agg(DISTINCT attendee.id)
          FROM calendar_event event
    CROSS JOIN LATERAL (
               SELECT *
                 FROM resource_booking
                WHERE meeting_id = event.id
                  AND active
               OFFSET 0) booking
          JOIN resource_booking_type type ON type.id = booking.type_id
     LEFT JOIN %(links)s link
            ON link.booking_id = booking.id
           AND link.tool = type.web_conference_tool
    CROSS JOIN LATERAL (
               SELECT id, partner_id, state
                 FROM calendar_attendee
                WHERE event_id = event.id
               OFFSET 0) attendee
          JOIN res_partner partner ON partner.id = attendee.partner_id
     LEFT JOIN booking_conference_mail told
            ON told.event_id = event.id
           AND told.partner_id = attendee.partner_id
           AND told.superseded IS NOT TRUE
         WHERE event.active
           AND event.stop > %(now)s
           AND (%(events)s IS NULL OR event.id = ANY(%(events)s))
           AND type.web_conference_tool <> 'none'
           AND booking.join_link_choice IS DISTINCT FROM 'none'
           AND NOT %(only_held)s
           AND (booking.join_link_choice = 'manual'
                OR type.web_conference_tool = 'other'
                OR link.link_id IS NOT NULL)
           AND attendee.state IS DISTINCT FROM 'declined'
           AND partner.email <> ''
           AND NOT %(pauses)s
           AND (told.link_digest <> %(digest)s
                OR booking.link_asked_from > coalesce(told.id, 0)
                OR told.link_digest IS NULL
               AND (type.link_disclosure = 'issued'
                    OR told.id IS NOT NULL
                   AND EXISTS (
                       SELECT FROM calendar_alarm_calendar_event_rel rel
                         JOIN calendar_alarm alarm
                           ON alarm.id = rel.calendar_alarm_id
                        WHERE rel.calendar_event_id = event.id
                          AND alarm.alarm_type = 'email'
                          AND event.start - alarm.duration_minutes
                              * interval '1 minute' <= %(now)s)))
      GROUP BY 1, 2
      ORDER BY event.start, event.id
        """,
        now=now,
        events=event_ids,
        only_held=env["resource.booking"]._sql_only_held(),
        digest=DIGEST,
        pauses=_pauses(now, SQL("failed.event_id = event.id"), SQL("partner")),
        links=_union_all(env["resource.booking"]._sql_given_links(), NO_LINK),
    )
    return _execute(env, query)


def find_dead(env, row_ids=None):
    """Entries of people who know a link that is of no use to them any more.

    The booking was cancelled, they left it, it has no web conference now, its host cannot
    host any more, or its meeting was deleted and no other one can be issued soon. Who
    declined knows it.

    :param list row_ids: None for all
    :return list: of ids, soonest start first
    """
    now = fields.Datetime.now()
    query = SQL(
        """
        SELECT told.id
          FROM booking_conference_mail told
     LEFT JOIN calendar_event event ON event.id = told.event_id
     LEFT JOIN resource_booking booking
            ON booking.meeting_id = event.id AND booking.active
     LEFT JOIN resource_booking_type type
            ON type.id = booking.type_id
           AND type.web_conference_tool <> 'none'
     LEFT JOIN calendar_attendee attendee
            ON attendee.event_id = event.id
           AND attendee.partner_id = told.partner_id
     LEFT JOIN res_partner partner ON partner.id = told.partner_id
         WHERE told.id IN %(to_come)s
           AND told.link_digest IS NOT NULL
           AND NOT %(pauses)s
           AND (%(rows)s IS NULL OR told.id = ANY(%(rows)s))
           AND CASE WHEN attendee.id IS NULL THEN told.stop ELSE event.stop END
               > %(now)s
           AND (attendee.id IS NULL
                OR event.active IS NOT TRUE
                OR type.id IS NULL
                OR attendee.state IS DISTINCT FROM 'declined'
               AND (booking.join_link_choice = 'none'
                    OR booking.join_link_choice IS NULL
                   AND type.web_conference_tool <> 'other'
                   AND NOT EXISTS %(hopeful)s))
      ORDER BY told.start, told.id
        """,
        now=now,
        to_come=_to_come(now),
        rows=row_ids,
        pauses=_pauses(
            now, SQL("failed.calendar_uid = told.calendar_uid"), SQL("partner")
        ),
        hopeful=_union_all(
            env["resource.booking"]._sql_hopeful_links(), SQL("SELECT WHERE FALSE")
        ),
    )
    return list(dict.fromkeys(row_id for (row_id,) in _execute(env, query)))


def find_undelivered(env):
    """People's last mails about bookings to come that did not reach them.

    Not mails that no mail server took: those are queued again. Not mails about dead links,
    if only the address has changed.

    :return list: of (id, whether it went to a former address)
    """
    now = fields.Datetime.now()
    query = SQL(
        """
        SELECT told.id, told.address_digest <> %(digest)s
          FROM booking_conference_mail told
          JOIN res_partner partner ON partner.id = told.partner_id
     LEFT JOIN calendar_event event ON event.id = told.event_id
     LEFT JOIN mail_notification note
            ON note.mail_message_id = told.mail_message_id
           AND note.res_partner_id = told.partner_id
           AND note.notification_type = 'email'
     LEFT JOIN mail_mail mail ON mail.id = note.mail_mail_id
         WHERE told.id IN %(to_come)s
           AND told.retry_at IS NULL
           AND (told.kind <> 'cancelled'
                AND event.active
                AND told.address_digest <> %(digest)s
                AND EXISTS (
                    SELECT FROM calendar_attendee attendee
                     WHERE attendee.event_id = told.event_id
                       AND attendee.partner_id = told.partner_id
                    OFFSET 0)
                OR note.notification_status = 'bounce'
                OR note.notification_status IN ('ready', 'exception')
               AND mail.id IS NULL
                OR mail.state = 'cancel'
                OR mail.state = 'exception'
               AND mail.failure_type IS NOT NULL)
      ORDER BY told.id
        """,
        to_come=_to_come(now),
        digest=sql_address_digest(SQL("partner")),
    )
    return _execute(env, query)


def count_people_who_know_links(events):
    """How many people were told the present join links of these events, and take part."""
    if not events:
        return 0
    events.env.flush_all()
    ((count,),) = events.env.execute_query(
        SQL(
            """
            SELECT count(*)
              FROM booking_conference_mail told
              JOIN calendar_attendee attendee
                ON attendee.event_id = told.event_id
               AND attendee.partner_id = told.partner_id
             WHERE told.event_id IN %s
               AND told.superseded IS NOT TRUE
               AND told.link_digest IS NOT NULL
               AND attendee.state IS DISTINCT FROM 'declined'
            """,
            tuple(events.ids),
        )
    )
    return count


def sql_manual_links():
    """The links entered by hand of bookings to come, see ``_sql_replaceable_links``."""
    return SQL(
        """
        SELECT 'manual' AS tool, booking.id AS booking_id, booking.id AS link_id,
               %(digest)s AS digest, booking.start
          FROM resource_booking booking
          JOIN resource_booking_type type ON type.id = booking.type_id
         WHERE booking.join_link_choice = 'manual'
           AND type.web_conference_tool <> 'none'
           AND booking.active
           AND booking.start > %(now)s""",
        digest=sql_link_digest(
            SQL("booking.manual_join_url"), SQL("booking.manual_join_passcode")
        ),
        now=fields.Datetime.now(),
    )


def _execute(env, query):
    env.flush_all()
    return env.execute_query(query)


def _to_come(now):
    """Last entries about bookings that are not over: what was told, or the event."""
    return SQL(
        """(
        SELECT entry.id
          FROM booking_conference_mail entry
         WHERE entry.superseded IS NOT TRUE
           AND entry.stop > %(now)s
         UNION
        SELECT entry.id
          FROM calendar_event to_come
    CROSS JOIN LATERAL (
               SELECT id
                 FROM booking_conference_mail
                WHERE event_id = to_come.id
                  AND superseded IS NOT TRUE
               OFFSET 0) entry
         WHERE to_come.stop > %(now)s)""",
        now=now,
    )


def _pauses(now, same_event, partner):
    """Whether a mail to the person's address failed recently.

    :param SQL same_event: condition on the table ``failed``, of this model
    :param SQL partner: alias of res_partner
    """
    return SQL(
        """EXISTS (
            SELECT FROM booking_conference_mail failed
             WHERE failed.partner_id = %(partner)s.id
               AND %(same_event)s
               AND failed.retry_at > %(now)s
               AND failed.address_digest = %(digest)s)""",
        partner=partner,
        same_event=same_event,
        now=now,
        digest=sql_address_digest(partner),
    )


def _union_all(queries, nothing):
    """
    :param list queries: of SQL, without brackets
    :param SQL nothing: without rows, in place of no query
    :return SQL: a subquery in brackets
    """
    return SQL("(%s)", SQL(" UNION ALL ").join(queries or [nothing]))
