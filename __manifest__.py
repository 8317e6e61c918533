# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

{
    "name": "Resource booking: Zoom",
    "summary": "One Zoom meeting per booking, its link in the reminder mail",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Appointments",
    "website": "https://github.com/resource-booking-zoom/resource_booking_zoom",
    "author": "resource_booking_zoom contributors",
    "license": "AGPL-3",
    "depends": ["resource_booking"],
    "external_dependencies": {"python": ["requests"]},
    "data": [
        "security/ir.model.access.csv",
        "security/booking_zoom_security.xml",
        "data/mail_template_data.xml",
        "data/calendar_alarm_data.xml",
        "data/ir_cron_data.xml",
        "wizards/booking_zoom_link_views.xml",
        "views/booking_zoom_account_views.xml",
        "views/booking_zoom_meeting_views.xml",
        "views/booking_zoom_request_count_views.xml",
        "views/booking_zoom_user_views.xml",
        "views/resource_booking_combination_views.xml",
        "views/resource_booking_type_views.xml",
        "views/resource_booking_views.xml",
        "views/resource_resource_views.xml",
        "views/web_conference_templates.xml",
        "views/oauth_templates.xml",
        "views/portal_templates.xml",
        "views/menus.xml",
    ],
    "demo": [
        "demo/resource_calendar_demo.xml",
        "demo/resource_demo.xml",
        "demo/resource_booking_type_demo.xml",
    ],
    "assets": {
        "web.assets_tests": ["resource_booking_zoom/static/tests/tours/**/*"],
    },
    "uninstall_hook": "uninstall_hook",
}
