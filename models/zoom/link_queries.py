# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What bookings ask the database about their meetings, as SQL for many bookings at once.

What the queries of links mean is said in conference/booking_conference_tool.py.
"""

from odoo import fields
from odoo.tools import SQL

from ...const import CURRENT_STATES
from ...engine.attendance import EARLY, NOBODY_WAIT
from ...engine.problems import PASSING, WITHHOLDING_LINK
from ...utils import sql_link_digest

DIGEST = sql_link_digest(SQL("meeting.join_url"), SQL("meeting.passcode"))


def sql_given_links():
    return SQL(
        """
        SELECT 'zoom' AS tool, meeting.booking_id, meeting.id AS link_id,
               %(digest)s AS digest
          FROM booking_zoom_meeting meeting
         WHERE meeting.state IN ('ready', 'changed')
           AND meeting.join_url <> ''
           AND (meeting.problem IS NULL
                OR meeting.problem NOT IN %(withholding)s)
           AND meeting.stop > %(now)s
           AND %(hosted)s""",
        digest=DIGEST,
        withholding=WITHHOLDING_LINK,
        hosted=_sql_hosted("meeting"),
        now=fields.Datetime.now(),
    )


def sql_replaceable_links():
    return SQL(
        """
        SELECT 'zoom' AS tool, meeting.booking_id, meeting.id AS link_id,
               %(digest)s AS digest, meeting.start
          FROM booking_zoom_meeting meeting
     LEFT JOIN booking_zoom_meeting successor
            ON successor.id = meeting.successor_id
         WHERE (meeting.state IN ('ready', 'changed') AND %(hosted)s
                OR meeting.state = 'removing'
               AND successor.state = 'waiting'
               AND successor.problem NOT IN %(passing)s)
           AND meeting.stop > %(now)s
           AND meeting.start > %(now)s""",
        digest=DIGEST,
        hosted=_sql_hosted("meeting"),
        passing=PASSING,
        now=fields.Datetime.now(),
    )


def sql_hopeful_links():
    return SQL(
        """
        SELECT FROM booking_zoom_meeting meeting
         WHERE meeting.booking_id = booking.id
           AND meeting.state IN %(current)s
           AND (meeting.state <> 'waiting' AND %(hosted)s
                OR meeting.state = 'waiting'
               AND (coalesce(told.link_id, 0) = 0
                    OR %(hosted)s
                   AND (meeting.problem IS NULL
                        OR meeting.problem IN %(passing)s)
                    OR EXISTS (
                       SELECT FROM booking_zoom_meeting former
                        WHERE former.id = told.link_id
                          AND former.successor_id = meeting.id
                          AND former.state = 'removing'
                          AND %(former_hosted)s)))""",
        current=CURRENT_STATES,
        passing=PASSING,
        hosted=_sql_hosted("meeting"),
        former_hosted=_sql_hosted("former"),
    )


def sql_nobody_came():
    """Bookings that took place without a customer, as far as Zoom reports it.

    An account counts from the time on when it has reported a first customer: that
    is when the events were chosen in Zoom.
    """
    return SQL(
        """(
            SELECT meeting.booking_id
              FROM booking_zoom_meeting meeting
              JOIN booking_zoom_user host ON host.id = meeting.zoom_user_id
              JOIN booking_zoom_account account ON account.id = host.account_id
              JOIN (SELECT zoom_account_id, min(customer_joined_at) AS since
                      FROM booking_zoom_attendance
                  GROUP BY zoom_account_id) reported
                ON reported.zoom_account_id = account.id
               AND reported.since < meeting.start
             WHERE meeting.booking_id IS NOT NULL
               AND meeting.state IN ('ready', 'changed')
               AND meeting.start <= %(before)s
               AND account.webhook_secret <> ''
               AND NOT EXISTS (
                   SELECT FROM booking_zoom_attendance attendance
                    WHERE attendance.zoom_meeting_id = meeting.id
                      AND attendance.customer_seen_at
                          >= meeting.start - %(early)s))""",
        before=fields.Datetime.now() - NOBODY_WAIT,
        early=EARLY,
    )


def _sql_hosted(alias):
    """Whether the Zoom user of a meeting can host it, see ``_can_host``.

    :param str alias: of booking_zoom_meeting
    """
    return SQL(
        "EXISTS (SELECT FROM booking_zoom_user host WHERE host.id = %s"
        " AND host.active AND host.status = 'active')",
        SQL.identifier(alias, "zoom_user_id"),
    )
