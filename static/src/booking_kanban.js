// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {SearchModel} from "@web/search/search_model";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {registry} from "@web/core/registry";

/** A phone opens the bookings with this view: begin with those of today. */
class BookingKanbanSearchModel extends SearchModel {
    load(config) {
        if (!this.env.isSmall) {
            return super.load(config);
        }
        const context = {search_default_today: 1, ...config.context};
        return super.load({...config, context});
    }
}

registry.category("views").add("resource_booking_zoom_kanban", {
    ...kanbanView,
    SearchModel: BookingKanbanSearchModel,
});
