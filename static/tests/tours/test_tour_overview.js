// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {openApp, openZoom} from "./steps";
import {registry} from "@web/core/registry";

const CARD = ".o_zoom_overview .o_kanban_record:contains('Host1 Zoom')";
const figure = (key) => `.o_zoom_overview_head [data-figure='${key}']`;

const goBack = () => [
    {
        content: "Back to the overview",
        trigger: ".o_breadcrumb a:contains('Zoom overview')",
        run: "click",
    },
    {
        content: "The overview is open",
        trigger: CARD,
    },
];

/** Staff without manager's rights look what Zoom does, and open the figures. */
registry.category("web_tour.tours").add("test_tour_overview", {
    steps: () => [
        ...openApp(),
        ...openZoom(
            "resource_booking_zoom.booking_zoom_overview_menu",
            "Zoom overview"
        ),
        {
            content: "The account is connected",
            trigger: ".o_zoom_connection:contains('Connected')",
        },
        {
            content: "The card tells requests and the time of reset in Japan",
            trigger: `${CARD}:contains('1 / 100'):contains('9:00')`,
        },
        {
            content: "The last 30 days are a graph",
            trigger: `${CARD} .o_dashboard_graph canvas`,
        },
        {
            content: "One meeting is refused",
            trigger: `${CARD} .o_zoom_waiting:contains('Refused by Zoom: 1')`,
            run: "click",
        },
        {
            content: "It is listed alone",
            trigger:
                ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row:contains('Refused by Zoom')",
        },
        ...goBack(),
        {
            content: "Open today's meetings",
            trigger: `${CARD} button[name='action_open_today']:contains('2')`,
            run: "click",
        },
        {
            content: "Both are listed",
            trigger: ".o_list_view:not(:has(.o_data_row:eq(2))) .o_data_row:eq(1)",
        },
        ...goBack(),
        {
            content: "Open the next booking",
            trigger: `${CARD} button[name='action_open_next']:contains('Yamada')`,
            run: "click",
        },
        {
            content: "Its form is open",
            trigger:
                ".o_form_view .o_field_widget[name='partner_ids']:contains('Yamada')",
        },
        ...goBack(),
        {
            content: "One booking is at risk",
            trigger: `${figure("at_risk")}.btn-danger:contains('1')`,
            run: "click",
        },
        {
            content: "It is listed, with the reason",
            trigger:
                ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row:contains('needs attention')",
        },
        ...goBack(),
        {
            content: "Open the requests of the last 30 days",
            trigger: figure("requests"),
            run: "click",
        },
        {
            content: "They are a graph",
            trigger: ".o_graph_view canvas",
        },
        ...openZoom("resource_booking_zoom.booking_zoom_user_menu", "Zoom users"),
        ...openZoom("resource_booking_zoom.booking_zoom_meeting_menu", "Zoom meetings"),
        ...openZoom(
            "resource_booking_zoom.booking_zoom_request_count_menu",
            "Zoom requests per day"
        ),
    ],
});
