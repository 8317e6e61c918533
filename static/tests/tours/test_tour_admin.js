// Copyright 2026 the resource_booking_zoom contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import {
    choose,
    connectAccount,
    fill,
    hides,
    isDisconnected,
    newRecord,
    openApp,
    openConfiguration,
    openMenu,
    openRow,
    openZoom,
    save,
    select,
    shows,
} from "./steps";
import {registry} from "@web/core/registry";

const openAccount = () => [
    ...openConfiguration("resource_booking_zoom.booking_zoom_account_menu"),
    isDisconnected(),
    {
        content: "The redirect URL can be copied",
        trigger:
            ".o_field_widget[name='redirect_uri']:contains('/resource_booking_zoom/oauth/callback')",
    },
    {
        content: "The scopes can be copied",
        trigger: ".o_field_widget[name='required_scopes'] button",
    },
    ...connectAccount(),
    {
        content: "It says who gave consent",
        trigger:
            ".o_zoom_step[name='connect_step'] .o_zoom_step_message:contains('owner@zoom.example')",
    },
    {
        content: "See its users",
        trigger: "button[name='action_open_zoom_users']:contains('2')",
        run: "click",
    },
    {
        content: "Both users of the Zoom account are listed",
        trigger:
            ".o_data_row:contains('owner@zoom.example') ~ .o_data_row:contains('room@zoom.example')",
    },
    {
        content: "Of the day's requests none is used",
        trigger:
            ".o_data_row:contains('room@zoom.example') [name='request_count_today']:contains('0')",
    },
];

const addResource = () => [
    ...openConfiguration("resource_booking.menu_resource_resource", "Resources"),
    ...newRecord(),
    fill("name", "Quiet room"),
    ...select("resource_type", "Material"),
    ...save(),
    ...openMenu("resource_booking.resource_booking_combination_menu", "ombinations"),
    ...newRecord(),
    {
        content: "Add a resource",
        trigger: ".o_field_widget[name='resource_ids'] .o_field_x2many_list_row_add a",
        run: "click",
    },
    {
        content: "Choose the room",
        trigger: ".modal .o_data_row .o_data_cell:contains('Quiet room')",
        run: "click",
    },
    {
        content: "The room is in the combination",
        trigger:
            "body:not(:has(.modal)) .o_field_widget[name='resource_ids'] .o_data_row:contains('Quiet room')",
    },
    ...save(),
    shows("zoom_message", "No resource has a Zoom user"),
];

const addType = () => [
    ...openMenu("resource_booking.resource_booking_type_menu", "Types"),
    ...newRecord(),
    fill("name", "Online advice"),
    {
        content: "Add a combination",
        trigger:
            ".o_field_widget[name='combination_rel_ids'] .o_field_x2many_list_row_add a",
        run: "click",
    },
    ...choose("combination_id", "Quiet room", ".o_selected_row"),
    {
        content: "There is no reminder yet",
        trigger: ".o_field_widget[name='alarm_ids']:not(:has(.o_tag))",
    },
    hides("zoom_user_id"),
    {
        content: "Choose Zoom",
        trigger: ".o_field_widget[name='web_conference_tool'] [data-value='zoom']",
        run: "click",
    },
    {
        content: "A reminder is added: it carries the link",
        trigger:
            ".o_field_widget[name='alarm_ids'] .o_tag:contains('Web conference link')",
    },
    shows("conference_warning", "“Quiet room” has no Zoom user"),
    hides("videocall_location"),
    ...save(),
    shows("conference_warning", "“Quiet room” has no Zoom user"),
];

const bindZoomUser = () => [
    ...openZoom("resource_booking_zoom.booking_zoom_user_menu", "Zoom users"),
    ...openRow("room@zoom.example"),
    ...choose("resource_ids", "Quiet room"),
    ...save(),
    shows("consequence", "Hosts the combination “Quiet room”"),
    ...openMenu("resource_booking.resource_booking_type_menu", "Types"),
    {
        content: "The list tells the tool",
        trigger:
            ".o_data_row:contains('Online advice') [name='web_conference_tool']:contains('Zoom')",
    },
    ...openRow("Online advice"),
    shows("alarm_ids", "Web conference link"),
    hides("conference_warning"),
];

registry.category("web_tour.tours").add("test_tour_admin", {
    steps: () => [
        ...openApp(),
        ...openAccount(),
        ...addResource(),
        ...addType(),
        ...bindZoomUser(),
    ],
});
