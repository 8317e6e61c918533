// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {stepUtils} from "@web_tour/tour_utils";

const CONFIGURATION = "resource_booking.resource_booking_type_configuration_menu";
const ZOOM = "resource_booking_zoom.booking_zoom_menu";
const menu = (xmlid) => `[data-menu-xmlid="${xmlid}"]`;

export function isAt(title) {
    return {
        content: `The page ${title} is open`,
        trigger: `.o_breadcrumb .o_last_breadcrumb_item:contains("${title}")`,
    };
}

/** Open the app from the home page. */
export function openApp() {
    return stepUtils.goToAppSteps(
        "resource_booking.resource_booking_main_menu",
        "Open Resource Bookings"
    );
}

/**
 * Open a menu of the app and wait for its page.
 * @param {String} xmlid
 * @param {String} title what the breadcrumb says then
 */
export function openMenu(xmlid, title) {
    return [
        {
            content: `Open the menu ${xmlid}`,
            trigger: `.o_menu_sections ${menu(xmlid)}`,
            run: "click",
        },
        isAt(title),
    ];
}

/**
 * As openMenu, for a menu below another one.
 * @param {String} parent
 * @param {String} xmlid
 * @param {String} title none for a form, which has no fixed one
 */
function openBelow(parent, xmlid, title) {
    return [
        {
            content: `Open the menu ${parent}`,
            trigger: `.o_menu_sections ${menu(parent)}`,
            run: "click",
        },
        {
            content: `Open the menu ${xmlid}`,
            trigger: `.dropdown-menu ${menu(xmlid)}`,
            run: "click",
        },
        ...(title ? [isAt(title)] : []),
    ];
}

/** Open a menu below Configuration. */
export function openConfiguration(xmlid, title) {
    return openBelow(CONFIGURATION, xmlid, title);
}

/** Open a menu below Zoom. */
export function openZoom(xmlid, title) {
    return openBelow(ZOOM, xmlid, title);
}

export function newRecord() {
    return [
        {
            content: "Press New",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "An empty form is open",
            trigger: ".o_form_view .o_form_renderer",
        },
    ];
}

export function openRow(text) {
    return [
        {
            content: `Open the row ${text}`,
            trigger: `.o_list_view .o_data_row .o_data_cell:contains("${text}")`,
            run: "click",
        },
        {
            content: "Its form is open",
            trigger: ".o_form_view .o_form_renderer",
        },
    ];
}

/** Fill in a text field of the form. */
export function fill(field, text) {
    return {
        content: `Enter ${field}`,
        trigger: `.o_field_widget[name="${field}"] :is(input, textarea)`,
        run: `edit ${text}`,
    };
}

/** Choose a record in a many2one, or add it to tags. */
export function choose(field, text, within = ".o_form_view") {
    return [
        {
            content: `Search ${text} for ${field}`,
            trigger: `${within} .o_field_widget[name="${field}"] input`,
            run: `edit ${text}`,
        },
        {
            content: `Choose ${text}`,
            trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option):contains("${text}")`,
            run: "click",
        },
    ];
}

/** Choose a value of a selection. */
export function select(field, text) {
    return [
        {
            content: `Open the values of ${field}`,
            trigger: `.o_form_view .o_field_widget[name="${field}"] input`,
            run: "click",
        },
        {
            content: `Choose ${text}`,
            trigger: `.o_select_menu_item:contains("${text}")`,
            run: "click",
        },
    ];
}

export function save() {
    return stepUtils.saveForm();
}

/** A field shows a text; "" is any. */
export function shows(field, text) {
    return {
        content: `${field} shows ${text}`,
        trigger: `.o_form_view .o_field_widget[name="${field}"]:contains("${text}")`,
    };
}

/** A field of the form is not shown. */
export function hides(field) {
    return {
        content: `${field} is not shown`,
        trigger: `.o_form_view:not(:has(.o_field_widget[name="${field}"]:visible))`,
    };
}

/** The page of the Zoom account shows one that is not connected. */
export function isDisconnected() {
    return {
        content: "The account is not connected yet",
        trigger: ".o_arrow_button_current[data-value='disconnected']",
    };
}

/** On the page of the Zoom account: enter the app's credentials and connect. */
export function connectAccount() {
    return [
        fill("client_id", "tour-client-id"),
        fill("client_secret", "tour-client-secret"),
        ...save(),
        {
            // Zoom's consent page is pressed by the test: it is no page of Odoo.
            content: "Go to Zoom and come back",
            trigger: "button[name='action_connect']:contains('Connect')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The account is connected",
            trigger: ".o_arrow_button_current[data-value='connected']",
            timeout: 20000,
        },
    ];
}
