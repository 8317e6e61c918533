# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from . import booking_unlogged

# Odoo calls the class that was imported last first: platform, then zoom, then conference.
# So `super()` leads from what a save meets first to the plain answers of any tool.
from . import conference
from . import zoom
from . import platform
