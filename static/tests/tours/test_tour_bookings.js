// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const ROW = ".o_list_view .o_data_row";

/** Search for a text, as people do: type and press Enter. */
const search = (text) => [
    {
        content: `Search for ${text}`,
        trigger: ".o_searchview_input",
        run: `edit ${text}`,
    },
    {
        content: "Press Enter",
        trigger: `.o_searchview_autocomplete .o-dropdown-item:contains("${text}")`,
        run: "click",
    },
];

const removeFilter = (text) => ({
    content: `Remove the filter ${text}`,
    trigger: `.o_searchview_facet:contains("${text}") .o_facet_remove`,
    run: "click",
});

/** Find bookings, group them, and try one again. */
tours.add("test_tour_bookings", {
    steps: () => [
        {
            content: "The calendar shows the state by colour: ready is green",
            trigger:
                ".o_calendar_view .fc-event.o_calendar_color_10:contains('Yamada')",
        },
        {
            content: "What needs attention is red",
            trigger: ".o_calendar_view .fc-event.o_calendar_color_1:contains('Suzuki')",
        },
        {
            content: "The colours are explained beside the calendar",
            trigger: ".o_calendar_sidebar:contains('Needs attention')",
        },
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "It says who comes, who hosts and in which state",
            trigger: `${ROW}:contains('Yamada'):contains('Host1'):contains('Link ready')`,
        },
        ...search("Yamada"),
        {
            content: "Only that customer is left",
            trigger: `.o_list_view:not(:has(${ROW}:contains('Suzuki'))) .o_data_row:contains('Yamada')`,
        },
        removeFilter("Yamada"),
        {
            content: "Everybody is there again",
            trigger: `${ROW}:contains('Suzuki')`,
        },
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Those of today",
            trigger: ".o_filter_menu .o_menu_item:contains('Today')",
            run: "click",
        },
        {
            content: "Only today's booking is left",
            trigger: `.o_list_view:not(:has(${ROW}:contains('Suzuki'))) .o_data_row:contains('Yamada')`,
        },
        {
            content: "Group by host",
            trigger: ".o_group_by_menu .o_menu_item:contains('Host')",
            run: "click",
        },
        {
            content: "The host is a group",
            trigger: ".o_group_header:contains('Host1'):contains('(1)')",
        },
        removeFilter("Host"),
        removeFilter("Today"),
        {
            content: "Choose the booking that needs attention",
            trigger: `${ROW}:contains('Suzuki'):contains('Needs attention') .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "Retry it",
            trigger: ".o_control_panel button[name='action_retry_link']",
            run: "click",
        },
        {
            content: "It is going on",
            trigger: ".o_notification:contains('Retrying now')",
        },
    ],
});

/** A phone shows cards of today's bookings. */
tours.add("test_tour_bookings_phone", {
    steps: () => [
        {
            content: "Cards are open, only of today",
            trigger:
                ".o_kanban_view:not(:contains('Suzuki')) .o_kanban_record:contains('Yamada')",
        },
        {
            content: "The card says customer, time, host and state",
            trigger:
                ".o_kanban_record:contains('Yamada'):contains('8:00'):contains('Host1'):contains('Link ready')",
        },
        {
            content: "Open the booking",
            trigger: ".o_kanban_record:contains('Yamada')",
            run: "click",
        },
        {
            content: "The form is open",
            trigger: ".o_form_view .o_form_renderer",
        },
    ],
});

/** Nothing is booked today: that is said, and how to see others. */
tours.add("test_tour_bookings_phone_empty", {
    steps: () => [
        {
            content: "Nothing is booked today",
            trigger: ".o_kanban_view .o_nocontent_help:contains('No bookings')",
        },
    ],
});
