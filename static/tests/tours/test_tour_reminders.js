// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {fill, isAt, openApp, openConfiguration, openMenu, openRow, save} from "./steps";
import {registry} from "@web/core/registry";

const EDITOR = ".o_field_widget[name='body_html'] .odoo-editor-editable";

/** A booking manager says when customers are reminded and what the mail says. */
registry.category("web_tour.tours").add("test_tour_reminders", {
    steps: () => [
        ...openApp(),
        ...openConfiguration("resource_booking_zoom.calendar_alarm_menu", "Reminders"),
        ...openRow("Online advice"),
        fill("duration", "2"),
        ...save(),
        ...openConfiguration("resource_booking_zoom.mail_template_menu", "Mail texts"),
        {
            content: "Mails to customers are listed",
            trigger: ".o_data_row:contains('Zoom information has changed')",
        },
        ...openMenu("resource_booking.resource_booking_type_menu", "Types"),
        ...openRow("Online advice"),
        {
            content: "Edit the mail of the type",
            trigger: "button[name='action_edit_mail']",
            run: "click",
        },
        isAt("Booking: Reminder with web conference link"),
        {
            content: "Write a greeting first",
            trigger: EDITOR,
            run: "editor Please be on time.",
        },
        ...save(),
        ...openMenu("resource_booking.resource_booking_type_menu", "Types"),
        ...openRow("Online advice"),
        {
            content: "Look at the mail of the next booking",
            trigger: "button[name='action_preview_mail']",
            run: "click",
        },
        {
            content: "It says what was written, and how to join",
            trigger:
                ".modal .o_field_widget[name='mail_html']:contains('Please be on time.'):contains('/j/')",
        },
        {
            content: "It is no sample",
            trigger:
                ".modal .o_field_widget[name='mail_html']:not(:contains('Sample values'))",
        },
        {
            content: "It goes to the customer",
            trigger:
                ".modal .o_field_widget[name='partner_ids']:contains('Tour Customer')",
        },
        {
            content: "Close it",
            trigger: ".modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "It is closed",
            trigger: "body:not(:has(.modal))",
        },
    ],
});
