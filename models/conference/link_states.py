# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.fields import Domain
from odoo.tools import SQL

# The cases are what ``_get_link_cases`` of resource.booking returns.


def find_states(links, cases):
    """
    :param links: records of a tool
    :param cases: of these, pairs of a state and a domain
    :return dict: record -> state, of those that have one
    """
    states = {}
    for state, domain in cases:
        found = links.filtered_domain(domain)
        states |= dict.fromkeys(found, state)
        links -= found
    return states


def get_paths(all_cases):
    """The fields of the tools' records that the state of a booking depends on."""
    return sorted(
        {
            f"{name}.{condition.field_expr}"
            for name, cases in all_cases.items()
            for _state, domain in cases
            for condition in domain.iter_conditions()
        }
    )


def get_domain(all_cases, values):
    """
    :param values: states, False for bookings without one
    :return Domain: on bookings
    """
    found = Domain("join_link_choice", "in", [state for state in values if state])
    rest = Domain("join_link_choice", "=", False)
    for name, cases in all_cases.items():
        wanted, others = Domain.FALSE, Domain.TRUE
        for state, domain in cases:
            if state in values:
                wanted |= others & domain
            others &= ~domain
        found |= rest & Domain(name, "any", wanted)
        rest &= ~Domain(name, "any", ~others)
    return found | rest if False in values else found


def get_case(links, alias, cases, query):
    """
    :param links: model of the tool's records
    :param str alias: of their table in the query
    :return SQL: the state of a record, NULL if it has none
    """
    whens = [
        SQL(
            "WHEN %s THEN %s",
            domain.optimize_full(links)._to_sql(links, alias, query),
            state,
        )
        for state, domain in cases
    ]
    return SQL("CASE %s END", SQL(" ").join(whens))


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
