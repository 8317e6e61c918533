# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
import os
import random

from odoo import api, fields, models
from odoo.tools import SQL

# After so many seconds nothing counts any more, also of a process that was killed.
COUNTS_FOR = 120

# Workers are forked: with the process id, this names each of them, on whatever machine.
_server = f"{random.SystemRandom().getrandbits(64):x}"


def get_process():
    """What names this process among those of all servers."""
    return f"{_server}-{os.getpid()}"


class BookingZoomPace(models.Model):
    """The requests of the last second, for the next process that works on an account.

    A process keeps below Zoom's limit per second by its own pacer, see `tools.zoom_pace`.
    One process at a time runs the scheduled action, on whichever server: each leaves here
    what the next one must count as well, also if it is killed.
    """

    _name = "booking.zoom.pace"
    _inherit = ["booking.unlogged"]
    _description = "Zoom Requests of the Last Second"
    _rec_name = "account_id"
    _log_access = False

    account_id = fields.Many2one(
        "booking.zoom.account", required=True, ondelete="cascade"
    )
    process = fields.Char(required=True)
    turns = fields.Json(required=True)
    pending = fields.Integer(
        required=True, help="Requests that may have been sent since then."
    )
    # Of the database's clock, which all servers share.
    noted_at = fields.Float(string="Seconds of the epoch", required=True)

    _account_unique = models.Constraint(
        "UNIQUE(account_id)", "There is one pace per account."
    )

    @api.model
    def _note(self, account_id, turns, pending=0):
        """Leave the requests of this process to the next one.

        :param dict turns: see Pacer.get_turns
        :param int pending: requests that are about to be sent besides
        """
        self._execute_unlogged(
            SQL(
                """
                INSERT INTO booking_zoom_pace
                            (account_id, process, turns, pending, noted_at)
                     SELECT id, %(process)s, %(turns)s::jsonb, %(pending)s,
                            extract(epoch FROM clock_timestamp())
                       FROM booking_zoom_account
                      WHERE id = %(account)s
                ON CONFLICT (account_id) DO UPDATE
                        SET process = excluded.process, turns = excluded.turns,
                            pending = excluded.pending, noted_at = excluded.noted_at
                  RETURNING id""",
                account=account_id,
                process=get_process(),
                turns=json.dumps(turns),
                pending=pending,
            )
        )

    @api.model
    def _get_of_others(self, account_id):
        """What another process has left.

        :return tuple: arguments of Pacer.take_over; None if this process was the last one
        """
        rows = self._execute_unlogged(
            SQL(
                """
                SELECT turns, pending, extract(epoch FROM clock_timestamp()) - noted_at
                  FROM booking_zoom_pace
                 WHERE account_id = %s
                   AND process <> %s
                   AND extract(epoch FROM clock_timestamp()) - noted_at < %s""",
                account_id,
                get_process(),
                COUNTS_FOR,
            )
        )
        for turns, pending, ago in rows:
            return turns, pending, float(ago)
        return None
