# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

from ..utils import unlogged


class BookingUnlogged(models.AbstractModel):
    """Rows that several workers change, and whose values must not be logged.

    Odoo logs no failed statement on them: usually another transaction was quicker, and
    this one is repeated.
    """

    _name = "booking.unlogged"
    _description = "Rows Without Log of Errors"

    def _create(self, data_list):
        with unlogged(self.env.cr):
            return super()._create(data_list)

    def _write_multi(self, vals_list):
        with unlogged(self.env.cr):
            return super()._write_multi(vals_list)

    def unlink(self):
        with unlogged(self.env.cr):
            return super().unlink()

    def _execute_unlogged(self, query):
        """Execute a statement on this model's table.

        :param SQL query:
        :return list: its rows
        """
        self.flush_model()
        with unlogged(self.env.cr):
            rows = self.env.execute_query(query)
        self.invalidate_model()
        return rows
