// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {choose, save} from "./steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Choose whose telephone numbers customers learn. */
tours.add("test_tour_dial_in_choose", {
    steps: () => [
        {
            // A list that is open closes when the page scrolls.
            content: "Scroll to the field",
            trigger: ".o_field_widget[name='zoom_dial_in_country_ids'] input",
            run: "click",
        },
        ...choose("zoom_dial_in_country_ids", "Japan"),
        ...save(),
    ],
});

/** The booking's page says how to join by telephone. */
tours.add("test_tour_dial_in_customer", {
    steps: () => [
        {
            content: "The page has the number, which a telephone dials",
            trigger:
                ".o_web_conference_phones:contains('Japan') a[href^='tel:+81300001488,,']",
        },
    ],
});
