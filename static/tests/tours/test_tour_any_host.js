// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {choose, save, shows} from "./steps";
import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const LIST = ".o_form_view .o_field_widget[name='zoom_host_ids']";

/** Add a Zoom user to the one who hosts; the form says who hosts then. */
tours.add("test_tour_any_host", {
    steps: () => [
        shows("zoom_consequence", "Room B: hosted by Host1 Zoom"),
        {
            content: "Add a Zoom user",
            trigger: `${LIST} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        ...choose("zoom_user_id", "Host2", LIST),
        shows("zoom_consequence", "the one of these that is free: Host1 Zoom, Host2"),
        ...save(),
        {
            content: "It is in the list",
            trigger: `${LIST} .o_data_row:contains("Host2 Zoom")`,
        },
    ],
});
