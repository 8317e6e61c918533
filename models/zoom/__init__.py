# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""True for Zoom only: accounts, users, meetings, counted requests, webhooks.

Nothing here knows which mails go to whom: a booking is told that its join link changed, that
it cannot come now, or that somebody came to the meeting.
"""

from . import booking_zoom_token_mixin
from . import booking_zoom_account
from . import booking_zoom_alert
from . import booking_zoom_user
from . import booking_zoom_host
from . import booking_zoom_hour
from . import booking_zoom_request_count
from . import booking_zoom_overview
from . import booking_zoom_pace
from . import booking_zoom_attendance
from . import booking_zoom_change_count
from . import booking_zoom_meeting
from . import booking_zoom_webhook_event
from . import booking_zoom_webhook_receipt
from . import booking_zoom_revocation
from . import ir_actions_act_window
from . import resource_booking_zoom
from . import resource_booking_combination_host
from . import resource_booking_type_zoom
from . import resource_resource_host
from . import res_config_settings
