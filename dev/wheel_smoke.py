# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What an installed package must do: run in Odoo's shell by ``dev/wheel --try``."""

import sys

from odoo.modules import get_module_path

MODULE = "resource_booking_zoom"


def try_it(env):
    """Install, show every view, book, and uninstall."""
    path = get_module_path(MODULE)
    assert path.startswith(sys.prefix), f"{path} is not the installed package"
    env["res.lang"]._activate_lang("ja_JP")
    env["ir.module.module"]._load_module_terms([MODULE], ["ja_JP"])
    menus = env["ir.ui.menu"].with_context(lang="ja_JP").search([])
    own = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", "ir.ui.menu")]
    )
    names = [menu.name for menu in menus if menu.id in own.mapped("res_id")]
    assert any(not name.isascii() for name in names), f"no Japanese menu: {names}"
    for model in own.search([("module", "=", MODULE), ("model", "=", "ir.model")]):
        name = env["ir.model"].browse(model.res_id).model
        if not env[name]._abstract:
            env[name].get_views([(False, "form"), (False, "list"), (False, "search")])
    booking_type = env["resource.booking.type"].create(
        {"name": "Smoke", "web_conference_tool": "zoom"}
    )
    booking = env["resource.booking"].create(
        {
            "type_id": booking_type.id,
            "partner_ids": [(6, 0, env.user.partner_id.ids)],
        }
    )
    assert booking.join_link_state is not None
    env.cr.commit()
    env["ir.module.module"].search([("name", "=", MODULE)]).button_immediate_uninstall()
    env = env(context={})
    env.cr.rollback()
    # The booking is still there, and can be opened.
    left = env["resource.booking"].search([("type_id.name", "=", "Smoke")])
    assert len(left) == 1, "the booking is gone"
    env["resource.booking"].get_views([(False, "form"), (False, "list")])
    print("smoke: installed, used and uninstalled")


try_it(env)  # noqa: F821  Odoo's shell defines it
