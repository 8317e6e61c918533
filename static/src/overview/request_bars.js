// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";
import {registry} from "@web/core/registry";

/** Bars as high as a part of the daily limit, so that a busy Zoom user looks busy. */
class RequestBars extends JournalDashboardGraphField {
    getBarChartConfig() {
        const config = super.getBarChartConfig();
        const {limit} = this.data[0];
        config.options.scales.x.display = false;
        config.options.scales.y.suggestedMax = limit;
        config.data.datasets[0].backgroundColor = this.data[0].values.map(({value}) =>
            value < limit ? "#8595a2" : "#d9534f"
        );
        return config;
    }
}

registry.category("fields").add("zoom_request_bars", {
    ...journalDashboardGraphField,
    component: RequestBars,
});
