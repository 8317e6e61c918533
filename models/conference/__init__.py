# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""True for every conference tool: who may know the link and when, the ledger of mails.

Nothing here knows how a tool issues its links.
"""

from . import booking_conference_mail
from . import booking_conference_notice
from . import booking_conference_tool
from . import booking_conference_tool_type
from . import calendar_alarm_conference
from . import calendar_attendee_conference
from . import calendar_event_conference
from . import mail_activity
from . import mail_mail
from . import mail_message
from . import mail_template
from . import res_partner_mail
from . import resource_booking_join_link
from . import resource_booking_type_join_link
