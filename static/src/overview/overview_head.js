// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {Component, onWillStart, onWillUpdateProps} from "@odoo/owl";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const LEVELS = {danger: "btn-danger", warning: "btn-warning"};
const STATES = {
    connected: "text-bg-success",
    disconnected: "text-bg-secondary",
    lost: "text-bg-danger",
};

/** The state of the connection, and what needs a look; each figure opens its list. */
export class ZoomOverviewHead extends Component {
    static template = "resource_booking_zoom.OverviewHead";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.levels = LEVELS;
        this.states = STATES;
        onWillStart(() => this.load());
        onWillUpdateProps(() => this.load());
    }

    async load() {
        this.head = await this.orm.call("booking.zoom.overview", "get_head", []);
    }

    async open(key) {
        const action = await this.orm.call("booking.zoom.overview", "open_figure", [
            key,
        ]);
        this.action.doAction(action);
    }

    openAccount() {
        this.action.doAction("resource_booking_zoom.booking_zoom_account_open_action");
    }
}

class ZoomOverviewRenderer extends KanbanRenderer {
    static template = "resource_booking_zoom.OverviewRenderer";
    static components = {...KanbanRenderer.components, ZoomOverviewHead};
}

registry.category("views").add("zoom_overview_kanban", {
    ...kanbanView,
    Renderer: ZoomOverviewRenderer,
});
