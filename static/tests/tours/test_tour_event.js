// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

const BUTTON = "button[name='set_discuss_videocall_location']";

/** The form of an event offers a meeting of Odoo, or does not. */
const says = (offered) => [
    {
        content: "The form is open",
        trigger: ".o_form_view .o_field_widget[name='location']",
    },
    {
        content: `A meeting of Odoo is ${offered ? "" : "not "}offered`,
        trigger: offered
            ? `.o_form_view:has(${BUTTON})`
            : `.o_form_view:not(:has(${BUTTON}))`,
    },
];

registry.category("web_tour.tours").add("test_tour_event_offers_odoo_meeting", {
    steps: () => says(true),
});

registry.category("web_tour.tours").add("test_tour_event_offers_no_odoo_meeting", {
    steps: () => says(false),
});

/** Staff schedule a booking in the calendar. */
registry.category("web_tour.tours").add("test_tour_new_event_offers_no_odoo_meeting", {
    steps: () => [
        {
            content: "Press Schedule on the booking",
            trigger: "button[name='action_schedule']",
            run: "click",
        },
        {
            content: "Press New in the calendar",
            trigger: ".o_calendar_button_new, .o-calendar-button-new",
            run: "click",
        },
        ...says(false),
        {
            content: "A link can be entered, and what becomes of it is said",
            trigger:
                ".o_form_view:contains('becomes the join link of the booking') .o_field_widget[name='videocall_location'] input",
        },
    ],
});
