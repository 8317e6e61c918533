# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from . import test_administrator_mails
from . import test_binding
from . import test_booking_backend
from . import test_booking_type
from . import test_calendar_drag
from . import test_daily_limit
from . import test_drift
from . import test_lifecycle
from . import test_limit_alert
from . import test_linking
from . import test_linking_server_to_server
from . import test_meeting_faults
from . import test_meeting_sync
from . import test_neutralize
from . import test_overlap
from . import test_overlap_at_once
from . import test_portal
from . import test_reminder
from . import test_reminder_mail
from . import test_request_count
from . import test_rights
from . import test_state_machine
from . import test_token
from . import test_token_at_once
from . import test_tour_admin
from . import test_tour_staff
from . import test_uninstall_hook
from . import test_webhook
from . import test_webhook_fuzz
from . import test_webhook_signature
from . import test_zoom_client
from . import test_zoom_oauth
from . import test_zoom_payload
from . import test_zoom_simulator
from . import test_zoom_user
