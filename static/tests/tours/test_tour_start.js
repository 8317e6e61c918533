// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const START = "button[name='action_start_conference']";
const JOIN = "button[name='action_join_conference']";

function popover(event) {
    return [
        {
            content: "Open the booking in the calendar",
            trigger: `.o_calendar_view .fc-event:contains("${event}")`,
            run: "click",
        },
        {
            content: "It says how far the meeting is",
            trigger: ".o_cw_popover:contains('Link ready')",
        },
    ];
}

function offers(path, text) {
    return {
        content: `The popover offers ${text}`,
        trigger: `.o_cw_popover a[target='_blank'][href^='/resource_booking_zoom/${path}/']:contains('${text}')`,
    };
}

const EDIT = {
    content: "Open its form",
    trigger: ".o_cw_popover_edit",
    run: "click",
};

/** Whoever is booked starts. */
tours.add("test_tour_start", {
    steps: () => [
        ...popover("Tour Customer"),
        offers("start", "Start"),
        offers("join", "Join"),
        EDIT,
        {content: "Start as host", trigger: `.o_form_statusbar ${START}`},
        {content: "Or join", trigger: `.o_form_statusbar ${JOIN}`},
    ],
});

/** Others join. */
tours.add("test_tour_join", {
    steps: () => [
        ...popover("Tour Customer"),
        offers("join", "Join"),
        {
            content: "Nothing starts it",
            trigger: ".o_cw_popover:not(:has(a[href*='/start/']))",
        },
        EDIT,
        {
            content: "Join only",
            trigger: `.o_form_statusbar:not(:has(${START})) ${JOIN}`,
        },
    ],
});

/** The history of the booking says who has started it. */
tours.add("test_tour_started", {
    steps: () => [
        {
            content: "Somebody has started it",
            trigger:
                ".o-mail-Message:contains('doctor'):contains('Started the online meeting as host.')",
        },
    ],
});
