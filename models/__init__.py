# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from . import booking_zoom_account
from . import booking_zoom_account_token
from . import booking_zoom_user
from . import booking_zoom_request_count
from . import booking_zoom_meeting
from . import booking_zoom_meeting_overlap
from . import booking_zoom_meeting_wanted
from . import booking_zoom_meeting_sync
from . import booking_zoom_meeting_record
from . import booking_zoom_account_mail
from . import booking_zoom_limit_alert
from . import booking_zoom_all_clear
from . import booking_zoom_gone
from . import booking_zoom_broken_link
from . import booking_zoom_webhook
from . import booking_zoom_event
from . import booking_zoom_reminder
from . import booking_zoom_followup
from . import booking_zoom_replacement
from . import calendar_alarm_manager
from . import calendar_attendee
from . import calendar_event
from . import calendar_event_ics
from . import mail_message
from . import mail_template
from . import resource_booking_combination
from . import resource_booking_type
from . import resource_booking
from . import resource_booking_conference
from . import resource_resource
