// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {newRecord, openApp, shows} from "./steps";
import {registry} from "@web/core/registry";

const isWarned = (view) => ({
    content: `The connection is said to be lost above ${view}`,
    trigger: `${view} .o_zoom_connection_warning:contains('connection to Zoom is lost')`,
});

/** The warning stands above each view of bookings, and leads to the account. */
registry.category("web_tour.tours").add("test_tour_connection_lost", {
    steps: () => [
        ...openApp(),
        isWarned(".o_calendar_view"),
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        isWarned(".o_list_view"),
        ...newRecord(),
        isWarned(".o_form_view"),
        {
            content: "Open the account",
            trigger: ".o_zoom_connection_warning button",
            run: "click",
        },
        {
            content: "It says the same, and what to do",
            trigger:
                ".o_form_view .alert-danger:contains('The connection to Zoom is lost')",
        },
        shows("state_message", "Zoom does not accept the client ID"),
    ],
});
