// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const press = (content, trigger) => ({
    content,
    trigger,
    run: "click",
    expectUnloadPage: true,
});

const fill = (name, text) => ({
    content: `Enter ${name}`,
    trigger: `input[name='${name}']`,
    run: `edit ${text}`,
});

/** From the product's page to the order, with a free appointment. */
tours.add("test_tour_shop", {
    steps: () => [
        press("Put it into the cart", "#add_to_cart"),
        press(
            "Choose a time",
            "a[name='website_sale_main_button']:contains('Schedule bookings')"
        ),
        press(
            "Nothing is free this month",
            ".o_booking_calendar .alert a:contains('next month')"
        ),
        {
            content: "Open the day",
            trigger: ".o_booking_calendar button[id$='2027-03-01']",
            run: "click",
        },
        {
            content: "Pick a time",
            trigger: ".slots-dropdown.show button:contains('10:00')",
            run: "click",
        },
        {
            ...fill("partner_name", "Hanako Yamada"),
            trigger: ".modal.show [name=partner_name]",
        },
        {
            ...fill("partner_email", "buyer@example.com"),
            trigger: ".modal.show [name=partner_email]",
        },
        press("Confirm", ".modal.show button[type='submit']"),
        fill("name", "Hanako Yamada"),
        fill("email", "buyer@example.com"),
        fill("phone", "+32 485 118 218"),
        fill("street", "Street 1"),
        fill("city", "Brussels"),
        fill("zip", "1000"),
        {
            content: "Choose the country",
            trigger: "#o_country_id",
            run: "selectByLabel Belgium",
        },
        press("Save the address", "a[name='website_sale_main_button']"),
        press(
            "Order",
            "button[name='o_payment_submit_button']:contains('Confirm Order')"
        ),
        {
            content: "It is ordered",
            trigger: "#wrap:contains('Thank you')",
        },
    ],
});

/** Why the meeting of a cart's booking waits. */
tours.add("test_tour_shop_staff", {
    steps: () => [
        {
            content: "The calendar explains the colour",
            trigger: ".o_calendar_sidebar:contains('Only held, no link yet')",
        },
        {
            content: "Change to the list",
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "Open the booking that is only held",
            trigger: ".o_data_row:contains('Only held, no link yet') td.o_data_cell",
            run: "click",
        },
        {
            content: "It says what it waits for",
            trigger:
                ".o_form_view:contains('What it waits for') [name='join_link_wait']:contains('unless its order is paid')",
        },
        {
            content: "Nothing can be sent now",
            trigger:
                ".o_form_view:not(:has(button[name='action_retry_link']:contains('Send now')))",
        },
    ],
});
