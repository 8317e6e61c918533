// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function tells(line, names = "") {
    return {
        content: `The history tells: ${line}`,
        trigger: `.o-mail-Message:contains("${line}"):contains("${names}")`,
    };
}

/** Read what has happened to a booking, and look at its meeting. */
tours.add("test_tour_story", {
    steps: () => [
        tells(
            "The meeting was created in Zoom, and the join link is ready.",
            "Host1 Zoom"
        ),
        tells("The reminder was sent.", "Tour Customer"),
        {
            content: "Open the Zoom meeting",
            trigger: "button[name='action_open_zoom_meeting']",
            run: "click",
        },
        {
            content: "It is ready",
            trigger: ".o_arrow_button_current[data-value='ready']",
        },
    ],
});
