// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * The head of one step of the set-up: number, title, state, and a sentence. Folds what
 * follows it within the step, see setup_step.scss; a step that is done starts folded.
 */
export class ZoomSetupStep extends Component {
    static template = "resource_booking_zoom.SetupStep";
    static props = {
        ...standardFieldProps,
        number: {type: Number},
        string: {type: String},
        step: {type: String},
    };

    setup() {
        // Null as long as nobody has folded or unfolded it by hand.
        this.chosen = useState({open: null});
    }

    get state() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const {selection} = this.props.record.fields[this.props.name];
        return Object.fromEntries(selection)[this.state];
    }

    get message() {
        return this.props.record.data.step_messages?.[this.props.step];
    }

    get open() {
        return this.chosen.open ?? this.state !== "done";
    }

    toggle() {
        this.chosen.open = !this.open;
    }
}

registry.category("fields").add("zoom_setup_step", {
    component: ZoomSetupStep,
    supportedTypes: ["selection"],
    extractProps: ({options, string}) => ({
        number: options.number,
        step: options.step,
        string,
    }),
    fieldDependencies: [{name: "step_messages", type: "json"}],
});
