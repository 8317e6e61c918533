// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {hides, shows} from "./steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const ROW = ".o_list_view .o_data_row";

/** Find the booking of a tool of which the views know nothing, and give it a link. */
tours.add("test_tour_third_tool", {
    steps: () => [
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "A booking has its link",
            trigger: `${ROW} .text-bg-success:contains('Link ready')`,
        },
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Those at risk",
            trigger: ".o_filter_menu .o_menu_item:contains('No link, or a problem')",
            run: "click",
        },
        {
            content: "Only that one is left",
            trigger: `.o_list_view:not(:contains('Link ready')) .o_data_row .text-bg-danger:contains('Needs attention')`,
        },
        {
            content: "Group by the state of the link",
            trigger: ".o_group_by_menu .o_menu_item:contains('Join link')",
            run: "click",
        },
        {
            content: "Open the group",
            trigger: ".o_group_header:contains('Needs attention'):contains('(1)')",
            run: "click",
        },
        {
            content: "Open the booking",
            trigger: `${ROW} .o_data_cell[name='partner_ids']`,
            run: "click",
        },
        shows("join_link_state", "Needs attention"),
        shows("join_link_problem", "Nobody is licensed"),
        hides("zoom_user_id"),
        hides("zoom_choice_message"),
        {
            content: "Enter a link",
            trigger: "button[name='action_enter_link']:contains('Enter a link')",
            run: "click",
        },
        {
            content: "It is the link of another meeting",
            trigger: ".modal .o_field_widget[name='url'] input",
            run: "edit https://meet.example.com/room",
        },
        {
            content: "Apply",
            trigger: ".modal button[name='action_apply']",
            run: "click",
        },
        {
            content: "The booking has it",
            trigger:
                "body:not(:has(.modal)) .o_form_view a[href='https://meet.example.com/room']",
        },
    ],
});
