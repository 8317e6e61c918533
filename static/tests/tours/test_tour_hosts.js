// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {choose, fill, hides, openApp, shows} from "./steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function press(name, text) {
    return {
        content: `Press ${text}`,
        trigger: `.o_form_view button[name="${name}"]:contains("${text}")`,
        run: "click",
    };
}

function enter(field, text) {
    return {
        content: `Enter ${field}`,
        trigger: `.modal .o_field_widget[name="${field}"] input`,
        run: `edit ${text}`,
    };
}

function says(text) {
    return {
        content: `The dialog says: ${text}`,
        trigger: `.modal .o_field_widget[name="message"]:contains("${text}")`,
    };
}

function apply() {
    return [
        {
            content: "Apply",
            trigger: ".modal footer button[name='action_apply']",
            run: "click",
        },
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
    ];
}

/** Enter a link by hand; the dialog says what that costs. */
tours.add("test_tour_hosts_enter_link", {
    steps: () => [
        shows("join_link_state", "Link ready"),
        press("action_enter_link", "Enter a link"),
        says("That takes no request"),
        enter("url", "https://meet.example.com/room"),
        enter("passcode", "room-passcode"),
        ...apply(),
        shows("manual_join_url", "https://meet.example.com/room"),
        hides("join_link_url"),
    ],
});

/** Take the link back. */
tours.add("test_tour_hosts_take_back", {
    steps: () => [
        press("action_usual_link", "Take back"),
        says("1 Zoom requests"),
        ...apply(),
        shows("join_link_state", "Link waiting"),
    ],
});

/** Change the host of one booking; the dialog says what that costs. */
tours.add("test_tour_hosts_change_host", {
    steps: () => [
        shows("zoom_user_id", "Host1"),
        press("action_change_host", "Change host"),
        ...choose("zoom_user_id", "Host2", ".modal"),
        says("1 of the 90 requests left today"),
        ...apply(),
        shows("zoom_user_id", "Host2"),
        shows("join_link_state", "Link waiting"),
    ],
});

/** Choose all bookings of the list and issue their meetings anew. */
tours.add("test_tour_hosts_issue_anew", {
    steps: () => [
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "None of them is one's own",
            trigger: ".o_list_view .o_view_nocontent",
        },
        {
            content: "Show the bookings of all",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {
            content: "Choose both",
            trigger:
                ".o_list_view:has(.o_data_row:eq(1)) thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Open the actions",
            trigger: ".o_cp_action_menus .dropdown-toggle:contains('Actions')",
            run: "click",
        },
        {
            content: "Issue anew",
            trigger: ".o-dropdown--menu .o-dropdown-item:contains('Issue anew')",
            run: "click",
        },
        says("Bookings that change, and no others: 2."),
        ...apply(),
        {
            content: "Both wait",
            trigger: ".o_list_view:has(.o_data_row:contains('Link waiting'):eq(1))",
        },
    ],
});

/** The page of "Change host", to which mails link. */
tours.add("test_tour_hosts_mail_host", {
    steps: () => [
        ...choose("zoom_user_id", "Host2"),
        {
            content: "It says what it costs",
            trigger: ".o_field_widget[name='message']:contains('requests left today')",
        },
        {
            content: "Apply",
            trigger: ".o_statusbar_buttons button[name='action_apply']",
            run: "click",
        },
        shows("zoom_user_id", "Host2"),
        shows("join_link_state", "Link waiting"),
    ],
});

/** The page of "Enter a link", to which mails link. */
tours.add("test_tour_hosts_mail_link", {
    steps: () => [
        fill("url", "https://meet.example.com/room"),
        {
            content: "Apply",
            trigger: ".o_statusbar_buttons button[name='action_apply']",
            run: "click",
        },
        shows("manual_join_url", "https://meet.example.com/room"),
    ],
});

/** Bind people to the Zoom users with their addresses. */
tours.add("test_tour_hosts_bind", {
    steps: () => [
        ...openApp(),
        {
            content: "Open the menu Zoom",
            trigger:
                ".o_menu_sections [data-menu-xmlid='resource_booking_zoom.booking_zoom_menu']",
            run: "click",
        },
        {
            content: "Open the menu Zoom users",
            trigger:
                ".dropdown-menu [data-menu-xmlid='resource_booking_zoom.booking_zoom_user_menu']",
            run: "click",
        },
        {
            content: "Press Bind by e-mail",
            trigger: ".o_control_panel button:contains('Bind by e-mail')",
            run: "click",
        },
        {
            content: "The Zoom user with the address is proposed",
            trigger:
                ".modal .o_data_row:contains('Consultant') [name='zoom_user_id']:contains('Host1')",
        },
        {
            content: "Press Bind",
            trigger: ".modal footer button[name='action_apply']",
            run: "click",
        },
        {
            content: "It is done",
            trigger: ".o_notification:contains('Bound to Zoom users: 1.')",
        },
    ],
});
