// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const OPEN = {
    content: "Open the day",
    trigger: ".o_booking_calendar button[id$='2027-03-02']",
    run: "click",
};

/** Slots at 5 p.m. in Tokyo, for a visitor whose clock shows UTC. */
tours.add("test_tour_own_time", {
    steps: () => [
        OPEN,
        {
            content: "The own time is beside the booking's",
            trigger:
                ".slots-dropdown.show button:contains('05:00 PM'):contains(/your time: 8:00.AM/)",
            run: "click",
        },
        {
            content: "Also in the question",
            trigger:
                ".modal.show li:contains('05:00 PM'):contains(/your time: 8:00.AM/)",
        },
        {
            content: "The own zone is named, and the booking's",
            trigger:
                ".o_booking_calendar tfoot:contains('Asia/Tokyo'):contains('Your time zone: UTC')",
        },
    ],
});

/** The booking's zone is the visitor's. */
tours.add("test_tour_own_time_same", {
    steps: () => [
        OPEN,
        {
            content: "There is one time",
            trigger:
                ".slots-dropdown.show button:contains('08:00'):not(:has(.o_booking_own_time:visible))",
        },
        {
            content: "And one zone",
            trigger: ".o_booking_calendar:not(:has(.o_booking_own_zone:visible)) tfoot",
        },
    ],
});
