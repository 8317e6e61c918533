// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {Component, onWillStart, useState} from "@odoo/owl";
import {ControlPanel} from "@web/search/control_panel/control_panel";
import {useService} from "@web/core/utils/hooks";

/** Says above bookings that there is no connection to Zoom, to those who are told. */
export class ZoomConnectionWarning extends Component {
    static template = "resource_booking_zoom.ConnectionWarning";
    static props = {};

    setup() {
        this.action = useService("action");
        const orm = useService("orm");
        this.state = useState({notice: {}});
        onWillStart(() => {
            // Bookings do not wait for it, and an error here must not hide them.
            orm.silent
                .call("booking.zoom.account", "get_connection_notice", [])
                .then((notice) => (this.state.notice = notice))
                .catch(() => (this.state.notice = {}));
        });
    }

    openAccount() {
        this.action.doAction("resource_booking_zoom.booking_zoom_account_open_action");
    }
}

ControlPanel.components = {...ControlPanel.components, ZoomConnectionWarning};
