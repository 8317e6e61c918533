# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What bookings and calendar tell us: thin methods that notice, and call one below.

Nothing is decided here about links, mails or Zoom.
"""

from . import calendar_alarm_manager
from . import calendar_attendee
from . import calendar_event
from . import res_partner
from . import resource_booking
