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
            trigger: "#modal_cancel.show form[action*='/cancel'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page says so",
            trigger: ".o_booking_question h1:contains('This booking is cancelled')",
        },
    ],
});

/** The page is Japanese, and what this module adds fits on the phone. */
const isJapanesePage = () => [
    {
        content: "The page is Japanese",
        trigger: "#booking_content:contains('オンライン相談')",
    },
    {
        content: "It is not wider than the phone",
        trigger: "#booking_content",
        run() {
            const {clientWidth, scrollWidth} = document.documentElement;
            if (clientWidth > 375 || scrollWidth > clientWidth) {
                throw new Error(`${scrollWidth} of ${clientWidth} pixels`);
            }
        },
    },
];

const noJoin = () => ({
    content: "Nothing to join",
    trigger: "#booking_content:not(:contains('参加する')):not(:has(a[href*='/j/']))",
});

registry.category("web_tour.tours").add("test_tour_customer_waits_ja", {
    steps: () => [
        ...isJapanesePage(),
        {
            content: "It tells when the link comes",
            trigger:
                ".o_web_conference_notice:contains('Zoomの参加用URLは、2027年3月1日 7:00（UTC）の直前お知らせメールでお送りします。')",
        },
        noJoin(),
    ],
});

registry.category("web_tour.tours").add("test_tour_customer_joins_ja", {
    steps: () => [
        ...isJapanesePage(),
        {
            content: "ID and passcode, for those who join by phone",
            trigger:
                "#booking_content:contains('ミーティングID'):contains('パスコード')",
        },
        {
            content: "Join, in another tab",
            trigger:
                ".o_web_conference_join a.btn:contains('参加する')[href*='/j/'][target='_blank']",
        },
    ],
});

registry.category("web_tour.tours").add("test_tour_customer_is_over_ja", {
    steps: () => [...isJapanesePage(), noJoin()],
});
