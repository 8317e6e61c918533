// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {
    choose,
    fill,
    hides,
    newRecord,
    openApp,
    openConfiguration,
    openMenu,
    openRow,
    openZoom,
    save,
    shows,
} from "./steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Bind a Zoom user to a room and book the room for a customer. */
tours.add("test_tour_staff_books", {
    steps: () => [
        ...openApp(),
        ...openConfiguration("resource_booking.menu_resource_resource", "Resources"),
        ...openRow("Consulting room"),
        ...choose("zoom_user_id", "Host1"),
        ...save(),
        shows("zoom_message", "hosted by Host1"),
        ...openMenu("resource_booking.resource_booking_menu", "Bookings"),
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        ...newRecord(),
        ...choose("partner_ids", "Tour Customer"),
        ...choose("type_id", "Online advice"),
        fill("start", "03/01/2027 10:00:00"),
        ...save(),
        {
            content: "The booking is scheduled",
            trigger: ".o_arrow_button_current:contains('Scheduled')",
        },
        shows("zoom_user_id", "Host1"),
        shows("join_link_state", "Link waiting"),
        hides("join_link_url"),
    ],
});

/** Read the link on the booking; try again what Zoom has refused. */
tours.add("test_tour_staff_reads", {
    steps: () => [
        shows("join_link_state", "Link ready"),
        {
            content: "The link can be copied",
            trigger:
                ".o_field_widget[name='join_link_url']:has(a[href*='/j/']) .o_clipboard_button",
        },
        {
            content: "The meeting ID is written in groups",
            trigger:
                ".o_field_widget[name='join_link_number']:contains(/^\\d{3} \\d{3,4} \\d{4}$/)",
        },
        {
            content: "The passcode is there",
            trigger:
                ".o_field_widget[name='join_link_passcode']:contains(/^\\S{4,10}$/)",
        },
        ...openZoom("resource_booking_zoom.booking_zoom_meeting_menu", "Zoom meetings"),
        {
            content: "One meeting is ready",
            trigger: ".o_data_row:contains('Host1') [name='state']:contains('Ready')",
        },
        ...openRow("Refused by Zoom"),
        shows("problem_message", "Zoom refuses the meeting"),
        {
            content: "Try again",
            trigger: "button[name='action_retry']:contains('Retry now')",
            run: "click",
        },
        {
            content: "It is going on",
            trigger: ".o_notification:contains('Retrying now')",
        },
        shows("problem_message", "Zoom refuses the meeting"),
    ],
});

/** Find what is to be done about a booking, and tick it off. */
tours.add("test_tour_staff_checks", {
    steps: () => [
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
        {
            content: "Only that booking is listed, with a warning",
            trigger:
                ".o_list_view:not(:has(.o_data_row:eq(1))) .o_data_row .o-mail-ActivityButton",
        },
        ...openRow("Online advice"),
        {
            content: "It says what happened and what to do",
            trigger:
                ".o-mail-Activity:contains('calendar event of a booking was changed'):contains('Somebody archived it.'):contains('reschedule or cancel')",
        },
        {
            content: "Tick it off",
            trigger: ".o-mail-Activity-markDone",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: ".o-mail-ActivityMarkAsDone button[aria-label='Done']",
            run: "click",
        },
        {
            content: "Nothing is left to do",
            trigger: "body:not(:has(.o-mail-Activity))",
        },
        {
            content: "The history tells it",
            trigger: ".o-mail-Message:contains('Web conference: please check')",
        },
    ],
});

/** Read why a meeting waits, and what keeps Odoo from sending it all the same. */
tours.add("test_tour_staff_asks_why", {
    steps: () => [
        shows("join_link_state", "Link waiting"),
        shows("join_link_wait", "is switched off"),
        {
            content: "Have it sent",
            trigger: "button[name='action_retry_link']:contains('Send now')",
            run: "click",
        },
        {
            content: "It says why not",
            trigger:
                ".o_notification:contains('Not retried: 1.'):contains('is switched off')",
        },
    ],
});
