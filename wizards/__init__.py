# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from . import booking_zoom_check
from . import booking_zoom_check_line
from . import booking_zoom_connection
from . import booking_link_choice
from . import booking_zoom_binding
from . import booking_zoom_host_change
from . import mail_template_preview
