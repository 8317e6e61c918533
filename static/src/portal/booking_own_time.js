// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

const DAY = {year: "numeric", month: "numeric", day: "numeric"};
const TIME = {hour: "numeric", minute: "2-digit"};

/** Beside the free slots of a booking: the visitor's own time, where that differs. */
export class BookingOwnTime extends Interaction {
    static selector = ".o_booking_calendar:has(.o_booking_own_zone)";

    start() {
        const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
        const zoneEl = this.el.querySelector(".o_booking_own_zone");
        const format = (moment, timeZone, options) =>
            new Intl.DateTimeFormat(document.documentElement.lang || "en", {
                ...options,
                timeZone,
            }).format(moment);
        for (const slotEl of this.el.querySelectorAll(".o_booking_own_time")) {
            const moment = new Date(slotEl.dataset.start);
            const differs = (options) =>
                format(moment, own, options) !==
                format(moment, zoneEl.dataset.zone, options);
            if (!differs({...DAY, ...TIME})) {
                continue;
            }
            const day = differs(DAY) ? {weekday: "short"} : {};
            slotEl.querySelector("span").textContent = format(moment, own, {
                ...day,
                ...TIME,
            });
            slotEl.hidden = false;
            zoneEl.querySelector("strong").textContent = own;
            zoneEl.hidden = false;
        }
    }
}

registry
    .category("public.interactions")
    .add("resource_booking_zoom.own_time", BookingOwnTime);
