# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import TransactionCase

from ..engine.problems import PROBLEMS


class TestProblems(TransactionCase):
    """The table says of each problem what follows from it."""

    def test_each_problem_stands_in_the_table_once(self):
        field = self.env["booking.zoom.meeting"]._fields["problem"]
        self.assertCountEqual(
            [problem.name for problem in PROBLEMS], field.get_values(self.env)
        )
