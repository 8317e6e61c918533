// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {registry} from "@web/core/registry";
import {save} from "./steps";

const EDITOR = ".o_field_widget[name='body_html'] .odoo-editor-editable";
const POPOVER = ".o_model_field_selector_popover";

const insertPlaceholder = () => [
    {
        content: "Type a slash",
        trigger: EDITOR,
        async run(actions) {
            await actions.editor("/");
            document
                .querySelector(EDITOR)
                .dispatchEvent(
                    new InputEvent("input", {inputType: "insertText", data: "/"})
                );
        },
    },
    {
        content: "Choose the dynamic placeholder",
        trigger: ".o-we-powerbox .o-we-command:contains('Dynamic Placeholder')",
        run: "click",
    },
    {
        content: "Search the field",
        trigger: `${POPOVER}_search input`,
        run: "edit Web conference",
    },
    {
        content: "Choose it from the list",
        trigger: `${POPOVER} button:contains('Web conference')`,
        run: "click",
    },
    {
        content: "Insert it",
        trigger: `${POPOVER} button:contains('Insert')`,
        run: "click",
    },
    {
        content: "It is in the text",
        trigger: `${EDITOR} t[t-out="object.web_conference_info"]`,
    },
];

const preview = () => [
    {
        content: "Open the preview",
        trigger: "button:contains('Preview')",
        run: "click",
    },
    {
        content: "It shows sample values",
        trigger:
            ".modal .o_field_widget[name='body_html'] .o_web_conference_info:contains('000 0000 0000')",
    },
    {
        content: "Once, and it says so",
        trigger:
            ".modal .o_field_widget[name='body_html']:contains('Sample values'):not(:has(.o_web_conference_info ~ .o_web_conference_info))",
    },
    {
        content: "Close the preview",
        trigger: ".modal button:contains('Close')",
        run: "click",
    },
];

registry.category("web_tour.tours").add("test_tour_template", {
    steps: () => [...insertPlaceholder(), ...save(), ...preview()],
});
