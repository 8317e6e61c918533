# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import fields
from odoo.tools import SQL

from ...utils import sql_link_digest


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


def sql_declined_by_all():
    """Ids of the bookings that all who requested them have declined."""
    return SQL(
        """(
        SELECT booking.id
          FROM resource_booking booking
          JOIN resource_booking_type type ON type.id = booking.type_id
          JOIN calendar_attendee attendee
            ON attendee.event_id = booking.meeting_id
          JOIN res_partner_resource_booking_rel requester
            ON requester.resource_booking_id = booking.id
           AND requester.res_partner_id = attendee.partner_id
         WHERE booking.active
           AND type.web_conference_tool <> 'none'
      GROUP BY booking.id
        HAVING every(attendee.state IS NOT DISTINCT FROM 'declined'))"""
    )
