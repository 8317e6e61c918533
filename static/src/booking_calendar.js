// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {CalendarModel} from "@web/views/calendar/calendar_model";
import {_t} from "@web/core/l10n/translation";
import {calendarView} from "@web/views/calendar/calendar_view";
import {registry} from "@web/core/registry";

/** Beside the calendar, the colours are explained by the state of the meeting. */
class BookingCalendarModel extends CalendarModel {
    get defaultFilterLabel() {
        return _t("No meeting");
    }
}

registry.category("views").add("resource_booking_zoom_calendar", {
    ...calendarView,
    Model: BookingCalendarModel,
});
