# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What bookings, calendar and contacts tell us: methods that notice a change and call below.

A change that would tear booking and event apart is refused here. Nothing is decided here
about links, mails or Zoom.
"""

from . import calendar_alarm_manager
from . import calendar_attendee
from . import calendar_event
from . import res_partner
from . import resource_booking
