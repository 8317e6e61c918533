// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {fill, save, select, shows} from "./steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const WARNING = ".alert:contains('Zoom learns the name of each customer')";

/** Choose what Zoom is told; have existing meetings changed. */
tours.add("test_tour_told", {
    steps: () => [
        fill("zoom_title", "{type} {customer} && click body"),
        {
            content: "The form warns",
            trigger: WARNING,
        },
        fill("zoom_title", "{type} #{number} && click body"),
        {
            content: "The form warns no more",
            trigger: `.o_form_view:not(:has(${WARNING}))`,
        },
        ...select("zoom_waiting_room", "Off"),
        ...save(),
        shows("zoom_told_otherwise", "1 existing"),
        shows("zoom_told_otherwise", "Host1 Zoom: 1 requests"),
        {
            content: "Have it changed",
            trigger: "button[name='action_tell_zoom']",
            run: "click",
        },
        {
            content: "Odoo says so",
            trigger: ".o_notification:contains('1 meetings in Zoom now')",
        },
        {
            content: "Nothing is left to change",
            trigger: ".o_form_view:not(:has(button[name='action_tell_zoom']))",
        },
    ],
});

/** The booking says what Zoom has otherwise. */
tours.add("test_tour_told_difference", {
    steps: () => [shows("zoom_difference_message", "The waiting room is on in Zoom")],
});
