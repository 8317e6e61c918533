# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from . import invitation
from . import oauth
from . import portal
from . import start
from . import webhook
