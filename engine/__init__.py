# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Decides what a meeting needs next and what an answer of Zoom means; runs the requests.

So for what else is decided: when mails are held, who hosts, which steps of the set-up are
done, what administrators are told. Plain Python: nothing here knows Odoo or a database.
"""
