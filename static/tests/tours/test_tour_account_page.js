// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {fill, openApp, openConfiguration, save} from "./steps";
import {registry} from "@web/core/registry";

const isUnlinked = () => ({
    content: "The account is not linked yet",
    trigger: ".o_arrow_button_current:contains('Not linked')",
});

const reload = () => [
    {
        content: "Press F5",
        trigger: ".o_form_view",
        run: () => window.location.reload(),
        expectUnloadPage: true,
    },
    isUnlinked(),
];

/** Enter the app's credentials, save them, and go to Zoom's consent page. */
const link = () => [
    fill("client_id", "tour-client-id"),
    fill("client_secret", "tour-client-secret"),
    ...save(),
    {
        // Zoom's page is pressed by the test: it is no page of Odoo.
        content: "Go to Zoom and come back",
        trigger: "button[name='action_link']:contains('Link with Zoom')",
        run: "click",
        expectUnloadPage: true,
    },
    {
        content: "The account is linked",
        trigger: ".o_arrow_button_current:contains('Linked')",
        timeout: 20000,
    },
];

/** Open the page, load it again, and link. */
registry.category("web_tour.tours").add("test_tour_account_page_reloaded", {
    steps: () => [
        ...openApp(),
        ...openConfiguration("resource_booking_zoom.booking_zoom_account_menu"),
        isUnlinked(),
        ...reload(),
        ...reload(),
        ...link(),
    ],
});

/** From a bookmark. */
registry.category("web_tour.tours").add("test_tour_account_page_bookmarked", {
    steps: () => [isUnlinked(), ...link()],
});
