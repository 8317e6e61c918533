// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {isAt, openApp, openRow, shows} from "./steps";
import {registry} from "@web/core/registry";

const chooseFilter = (label) => [
    {
        content: "Open the filters",
        trigger: ".o_searchview_dropdown_toggler",
        run: "click",
    },
    {
        content: `Choose ${label}`,
        trigger: `.o_filter_menu .o_menu_item:contains(/^${label}$/)`,
        run: "click",
    },
    {
        content: "It is chosen",
        trigger: `.o_searchview_facet:contains('${label}')`,
    },
];

/** See who waits for the host, then to which bookings nobody came. */
registry.category("web_tour.tours").add("test_tour_attendance", {
    steps: () => [
        ...openApp(),
        {
            content: "One thing is to be done",
            trigger: ".o-mail-ActivityMenu-counter:contains('1')",
            run: "click",
        },
        {
            content: "Open the bookings that it is about",
            trigger: ".o-mail-ActivityGroup[data-model_name='resource.booking']",
            run: "click",
        },
        ...openRow("Waiting Customer"),
        {
            content: "The customer waits for the host",
            trigger:
                ".o-mail-Activity:contains('Customer waits, host absent'):contains('call the customer')",
        },
        shows("attendance_customer_at", "12:00"),
        {
            content: "The host has not come",
            trigger:
                ".o_form_view:contains('Host came'):not(:has([name='attendance_host_at']:contains(':')))",
        },
        ...openApp(),
        isAt("Bookings"),
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Take the filter away",
            trigger: ".o_searchview_facet .o_facet_remove",
            run: "click",
        },
        ...chooseFilter("Nobody came"),
        {
            content: "One booking is proposed",
            trigger: ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row",
        },
        ...openRow("Missing Customer"),
        {
            content: "The booking says so",
            trigger: ".o_group:contains('No customer has come to the meeting yet.')",
        },
        shows("attendance_host_at", "9:01"),
    ],
});
