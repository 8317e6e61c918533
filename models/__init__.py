# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from . import booking_unlogged

# Each room extends what those before it define.
from . import conference
from . import zoom
from . import platform
