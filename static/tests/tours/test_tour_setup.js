// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {
    connectAccount,
    fill,
    isDisconnected,
    openApp,
    openConfiguration,
    openRow,
    openZoom,
    save,
    shows,
} from "./steps";
import {registry} from "@web/core/registry";

const head = (step) => `.o_zoom_step[name="${step}_step"] .o_zoom_step_head`;

const isStep = (step, state, text) => ({
    content: `The step ${step} is ${state}`,
    trigger: `${head(step)}[data-state="${state}"]${text ? `:contains("${text}")` : ""}`,
});

const isFolded = (step) => ({
    content: `The step ${step} is folded`,
    trigger: `.o_zoom_step[name="${step}_step"]:not(:has(.o_zoom_step_body:visible))`,
});

const press = (step, button) => ({
    content: `Press ${button}`,
    trigger: `.o_zoom_step[name="${step}_step"] button:contains("${button}")`,
    run: "click",
});

const openAccount = () =>
    openConfiguration("resource_booking_zoom.booking_zoom_account_menu");

/** The five steps, one after another, in a database where nothing is set up. */
registry.category("web_tour.tours").add("test_tour_setup", {
    steps: () => [
        ...openApp(),
        ...openAccount(),
        isStep("app", "problem", "works on the server itself only"),
        isStep("connect", "to_do"),
        {
            content: "The way to Zoom's marketplace",
            trigger: "a[href='https://marketplace.zoom.us/']",
        },
        {
            content: "The picture shows where the values belong",
            trigger: "img[src$='/zoom_general_app.svg']",
            run() {
                if (!this.anchor.naturalWidth) {
                    throw new Error("There is no such picture");
                }
            },
        },
        ...connectAccount(),
        isStep("app", "done"),
        isFolded("app"),
        isStep("connect", "done", "owner@zoom.example"),
        {
            content: "Unfold the app",
            trigger: head("app"),
            run: "click",
        },
        {
            content: "Its values are there",
            trigger: ".o_field_widget[name='client_id'] input",
        },
        isStep("bind", "to_do"),
        press("bind", "Open the Zoom users"),
        ...openRow("room@zoom.example"),
        {
            content: "Nothing can be bound yet: make the room bookable",
            trigger: "button[name='action_make_bookable']",
            run: "click",
        },
        shows("resource_ids", "Room"),
        shows("consequence", "Hosts the combination “Room”"),
        ...openAccount(),
        isStep("bind", "done", "1 of 300"),
        isStep("tool", "to_do"),
        press("tool", "Open the booking types"),
        fill("name", "Online advice"),
        {
            content: "Zoom is chosen already",
            trigger:
                ".o_field_widget[name='web_conference_tool'] [data-value='zoom']:checked",
        },
        {
            content: "The room is offered already",
            trigger:
                ".o_field_widget[name='combination_rel_ids'] .o_data_row:contains('Room')",
        },
        ...save(),
        ...openAccount(),
        isStep("tool", "done", "Online advice"),
        isStep("reminder", "done"),
        isFolded("reminder"),
        {
            content: "Try it",
            trigger: "button[name='action_try_booking']",
            run: "click",
        },
        {
            content: "The first type is chosen already",
            trigger: ".o_field_widget[name='type_id'] input:value('Online advice')",
        },
        ...openAccount(),
        {
            content: "Open the check",
            trigger: ".o_statusbar_buttons button[name='action_check']",
            run: "click",
        },
        {
            content: "It says what the trial meeting costs",
            trigger: ".modal :contains('It costs one of this user')",
        },
        {
            content: "Try everything",
            trigger: ".modal button[name='action_check']:contains('Check everything')",
            run: "click",
        },
        {
            content: "A meeting was tried",
            trigger:
                ".modal .o_data_row:contains('Trial meeting'):contains('was created, read and deleted')",
        },
        {
            content: "What is wrong is said, too",
            trigger: `.modal .o_data_row:contains("Odoo's address"):contains("Problem")`,
        },
    ],
});

/** Settings lead to the account, and so does an empty list. */
registry.category("web_tour.tours").add("test_tour_setup_ways", {
    steps: () => [
        {
            content: "The bookings have a page of their own",
            trigger: ".settings_tab .tab:contains('Resource Bookings')",
            run: "click",
        },
        {
            content: "It says what comes next",
            trigger: "#booking_zoom_account:contains('Make an app in Zoom')",
        },
        {
            content: "Open the account",
            trigger: "#booking_zoom_account button:contains('Open the Zoom account')",
            run: "click",
        },
        isDisconnected(),
        ...openApp(),
        ...openZoom("resource_booking_zoom.booking_zoom_meeting_menu"),
        {
            content: "An empty list leads on",
            trigger: ".o_view_nocontent a:contains('Make an app in Zoom')",
            run: "click",
        },
        isDisconnected(),
    ],
});
