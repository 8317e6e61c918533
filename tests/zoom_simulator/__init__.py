# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A Zoom on loopback, for tests, demonstration and measurement.

In a program: ``with ZoomSimulator() as sim: …``. On its own:
``python -m zoom_simulator --port 0`` from the folder that holds this package.
It knows nothing of Odoo and needs only Python's standard library.
"""

from . import webhooks
from .faults import Fault
from .simulator import ZoomSimulator
from .state import ADMIN_SCOPES, Account, App, Meeting, RequestLog, TokenPair, User

__all__ = [
    "ADMIN_SCOPES",
    "Account",
    "App",
    "Fault",
    "Meeting",
    "RequestLog",
    "TokenPair",
    "User",
    "ZoomSimulator",
    "webhooks",
]
