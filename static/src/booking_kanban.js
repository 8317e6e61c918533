// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {SearchModel} from "@web/search/search_model";
import {_t} from "@web/core/l10n/translation";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {markup} from "@odoo/owl";
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
    props: (genericProps, view) => {
        const props = kanbanView.props(genericProps, view);
        // The platform's help is about the first booking ever.
        // Texts inside of the markup would not be found for translation.
        const title = _t("No bookings for these filters");
        const advice = _t("Remove a filter to see others.");
        const noContentHelp = markup`
            <p class="o_view_nocontent_smiling_face">${title}</p>
            <p>${advice}</p>`;
        return {...props, info: {...props.info, noContentHelp}};
    },
});
