# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import STAFF

# Odoo's colours: blue, green, yellow, red, violet, cyan.
STATE_COLORS = {
    "waiting": 4,
    "held": 2,
    "ready": 10,
    "changed": 3,
    "stuck": 1,
    "manual": 11,
    "none": 7,
}


class ResourceBooking(models.Model):
    """How far a booking's join link is: badge, colour, filters and groups for staff.

    ``_get_link_cases`` of the tools says it once, for reading, searching and grouping.
    """

    _inherit = "resource.booking"

    join_link_state = fields.Selection(
        [
            ("waiting", "Link waiting"),
            ("held", "Only held, no link yet"),
            ("ready", "Link ready"),
            ("changed", "Change waiting"),
            ("stuck", "Needs attention"),
            ("manual", "Link entered by hand"),
            ("none", "No link"),
        ],
        string="Join link",
        compute="_compute_join_link_state",
        search="_search_join_link_state",
        groups=STAFF,
    )
    join_link_color = fields.Integer(
        string="Colour of the join link's state",
        compute="_compute_join_link_color",
        groups=STAFF,
    )
    join_link_problem = fields.Text(
        string="What is wrong", compute="_compute_join_link_problem", groups=STAFF
    )
    join_link_wait = fields.Char(
        string="What it waits for", compute="_compute_join_link_wait", groups=STAFF
    )
    # The link that can be given to people now.
    join_link_url = fields.Char(
        string="Join URL",
        compute="_compute_join_link_url",
        groups=STAFF,
        exportable=False,
    )
    join_link_number = fields.Char(
        string="Meeting ID", compute="_compute_join_link_url", groups=STAFF
    )
    join_link_passcode = fields.Char(
        string="Passcode",
        compute="_compute_join_link_url",
        groups=STAFF,
        exportable=False,
    )

    # === COMPUTE METHODS === #

    @api.depends(lambda self: ("join_link_choice", *self._get_link_paths()))
    def _compute_join_link_state(self):
        states = [
            (name, self._find_link_states(name, cases))
            for name, cases in self._get_link_cases().items()
        ]
        for booking in self:
            found = (
                of_tool[link]
                for name, of_tool in states
                for link in booking[name]
                if link in of_tool
            )
            booking.join_link_state = booking.join_link_choice or next(found, False)

    def _find_link_states(self, name, cases):
        """
        :param str name: of the field with the tool's records
        :param cases: see _get_link_cases
        :return dict: record -> state, of those that have one
        """
        links, states = self[name], {}
        for state, domain in cases:
            found = links.filtered_domain(domain)
            states |= dict.fromkeys(found, state)
            links -= found
        return states

    @api.depends("join_link_state")
    def _compute_join_link_color(self):
        for booking in self:
            booking.join_link_color = STATE_COLORS.get(booking.join_link_state, 0)

    @api.depends("join_link_state")
    @api.depends_context("lang", "tz")
    def _compute_join_link_problem(self):
        """A tool overrides this to name with @api.depends what its answers depend on."""
        for booking in self:
            booking.join_link_problem = booking._get_join_problem()

    @api.depends("join_link_state")
    @api.depends_context("lang", "tz")
    def _compute_join_link_wait(self):
        """By itself: it asks more of the database, and lists do not show it."""
        for booking in self:
            booking.join_link_wait = booking._get_join_wait()

    @api.depends("join_link_state")
    def _compute_join_link_url(self):
        for booking in self:
            link = booking._get_join_link()
            booking.join_link_url = link and link.url
            booking.join_link_number = link and link.number
            booking.join_link_passcode = link and link.passcode

    @api.model
    def _search_join_link_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("join_link_choice", "in", [state for state in value if state])
        rest = Domain("join_link_choice", "=", False)
        for name, cases in self._get_link_cases().items():
            wanted, others = Domain.FALSE, Domain.TRUE
            for state, domain in cases:
                if state in value:
                    wanted |= others & domain
                others &= ~domain
            found |= rest & Domain(name, "any", wanted)
            rest &= ~Domain(name, "any", ~others)
        return found | rest if False in value else found

    # === LISTS === #

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists sort and group by the state."""
        if field_expr != "join_link_state":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        states = [self._field_to_sql(alias, "join_link_choice", query)]
        for name, cases in self._get_link_cases().items():
            links, link = self._join_current_link(alias, name, query)
            whens = [
                SQL(
                    "WHEN %s THEN %s",
                    domain.optimize_full(links)._to_sql(links, link, query),
                    state,
                )
                for state, domain in cases
            ]
            states.append(SQL("CASE %s END", SQL(" ").join(whens)))
        return SQL("coalesce(%s)", SQL(", ").join(states))

    def _join_current_link(self, alias, name, query):
        """Join the tool's record that a booking's state is of; it has one at most.

        :param str alias: of resource_booking
        :param str name: of the field with the tool's records
        :return tuple: model of the records, superuser, and their alias
        """
        field = self._fields[name]
        links = self.env[field.comodel_name].sudo()
        link = query.make_alias(alias, name)
        current = Domain.OR(domain for _state, domain in self._get_link_cases()[name])
        condition = SQL(
            "%s = %s AND %s",
            links._field_to_sql(link, field.inverse_name),
            SQL.identifier(alias, "id"),
            current.optimize_full(links)._to_sql(links, link, query),
        )
        query.add_join("LEFT JOIN", link, links._table, condition)
        return links, link

    # === BUSINESS METHODS === #

    @api.model
    def _get_link_paths(self):
        """The fields of the tools' records that the state depends on."""
        return sorted(
            {
                f"{name}.{condition.field_expr}"
                for name, cases in self._get_link_cases().items()
                for _state, domain in cases
                for condition in domain.iter_conditions()
            }
        )

    def _get_join_state(self):
        """How far the meeting is, in the language of the reader; False if there is none."""
        if not self._gets_own_link():
            return self.env._("Link ready") if self._get_join_link() else False
        labels = dict(self._fields["join_link_state"]._description_selection(self.env))
        return labels.get(self.sudo().join_link_state, False)
