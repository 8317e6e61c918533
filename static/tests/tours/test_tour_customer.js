// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";

/** Nothing of the link is on the page. */
const noLink = () => ({
    content: "The page does not tell the link",
    trigger: "body:not(:contains('zoom.us')):not(:has([href*='zoom.us']))",
});

const schedule = (button) => [
    {
        content: `Press ${button}`,
        trigger: `a.btn[href*='/schedule']:contains("${button}")`,
        run: "click",
        expectUnloadPage: true,
    },
    {
        content: "Nothing is free this month",
        trigger: ".o_booking_calendar .alert a:contains('next month')",
        run: "click",
        expectUnloadPage: true,
    },
];

const pick = (day, time) => [
    {
        content: `Open ${day}`,
        trigger: `.o_booking_calendar button[id$='${day}']`,
        run: "click",
    },
    {
        content: `Pick ${time}`,
        trigger: `.slots-dropdown.show button:contains("${time}")`,
        run: "click",
    },
    {
        content: "Confirm",
        trigger: ".modal.show button[type='submit']",
        run: "click",
        expectUnloadPage: true,
    },
    {
        content: "The booking is confirmed",
        trigger: "#booking_content .badge:contains('Confirmed')",
    },
];

/** From the shared link: pick a time, choose another one, cancel. */
registry.category("web_tour.tours").add("test_tour_customer", {
    steps: () => [
        noLink(),
        ...schedule("Schedule"),
        ...pick("2027-03-01", "10:00"),
        {
            content: "It tells when the link comes",
            trigger: "#booking_content:contains('link comes with the reminder')",
        },
        noLink(),
        ...schedule("Reschedule"),
        ...pick("2027-03-08", "11:00"),
        noLink(),
    ],
});

/** The link is issued now and still not on the page; cancel. */
registry.category("web_tour.tours").add("test_tour_customer_cancels", {
    steps: () => [
        {
            content: "The booking is there",
            trigger: "#booking_content .badge:contains('Confirmed')",
        },
        noLink(),
        {
            content: "Press Cancel",
            trigger: "a[data-bs-target='#modal_cancel']",
            run: "click",
        },
        {
            content: "Say that it is meant",
            trigger: "#modal_cancel.show a[href*='/cancel']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The booking's page is left",
            trigger: "body:not(:has(#booking_content))",
        },
    ],
});
