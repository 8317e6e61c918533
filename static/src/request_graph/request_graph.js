// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {_t} from "@web/core/l10n/translation";
import {formatInteger} from "@web/views/fields/formatters";
import {graphView} from "@web/views/graph/graph_view";
import {onWillStart} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const COLOR = "#d9534f";

/**
 * A plugin of Chart.js that draws the limit as a dashed line.
 * @param {Number} limit
 */
const limitLine = (limit) => ({
    id: "zoomLimit",
    afterDatasetsDraw({ctx, chartArea, scales}) {
        const y = scales.y.getPixelForValue(limit);
        ctx.save();
        ctx.strokeStyle = COLOR;
        ctx.fillStyle = COLOR;
        ctx.setLineDash([6, 4]);
        ctx.beginPath();
        ctx.moveTo(chartArea.left, y);
        ctx.lineTo(chartArea.right, y);
        ctx.stroke();
        ctx.textAlign = "right";
        ctx.fillText(_t("Daily limit: %(limit)s", {limit}), chartArea.right, y - 4);
        ctx.restore();
    },
});

/** Requests are whole numbers, and each Zoom user has so many a day. */
class RequestGraphRenderer extends GraphRenderer {
    setup() {
        super.setup();
        const orm = useService("orm");
        onWillStart(async () => {
            this.limit = await orm.call(
                "booking.zoom.request.count",
                "get_daily_limit",
                []
            );
        });
    }

    /** Whether each bar is one day of one Zoom user: only then the limit says something. */
    hasLimit() {
        const {groupBy, mode, stacked} = this.model.metaData;
        const names = groupBy.map((group) => group.fieldName);
        const daily = groupBy.some(
            (group) => group.fieldName === "date" && group.interval === "day"
        );
        const ofOne =
            this.model.searchParams.context.zoom_one_user ||
            (names.includes("zoom_user_id") && !stacked);
        return Boolean(this.limit && mode !== "pie" && daily && ofOne);
    }

    formatValue(value) {
        return formatInteger(value);
    }

    getChartConfig() {
        const config = super.getChartConfig();
        if (this.hasLimit()) {
            config.plugins = [...(config.plugins || []), limitLine(this.limit)];
        }
        return config;
    }

    getScaleOptions() {
        const scales = super.getScaleOptions();
        if (scales.y) {
            scales.y.ticks.precision = 0;
            scales.y.ticks.callback = (value) => this.formatValue(value);
            if (this.hasLimit()) {
                scales.y.suggestedMax = this.limit * 1.1;
            }
        }
        return scales;
    }
}

registry.category("views").add("zoom_request_graph", {
    ...graphView,
    Renderer: RequestGraphRenderer,
});
