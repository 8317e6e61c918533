// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {connectAccount, isDisconnected, openApp, openConfiguration} from "./steps";
import {registry} from "@web/core/registry";

const reload = () => [
    {
        content: "Press F5",
        trigger: ".o_form_view",
        run: () => window.location.reload(),
        expectUnloadPage: true,
    },
    isDisconnected(),
];

/** Open the page, load it again, and link. */
registry.category("web_tour.tours").add("test_tour_account_page_reloaded", {
    steps: () => [
        ...openApp(),
        ...openConfiguration("resource_booking_zoom.booking_zoom_account_menu"),
        isDisconnected(),
        ...reload(),
        ...reload(),
        ...connectAccount(),
    ],
});

/** From a bookmark. */
registry.category("web_tour.tours").add("test_tour_account_page_bookmarked", {
    steps: () => [isDisconnected(), ...connectAccount()],
});
