# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What ``dev/trial.py`` does in Odoo's shell.

The first step runs in the oldest versions too: it names only what all of them have.
"""

from datetime import timedelta

from odoo import fields
from odoo.modules import get_module_path

MODULE = "resource_booking_zoom"
URL = "https://zoom.us/j/{}?pwd=x"


def fill(env):
    """Bookings whose meeting is ready, waiting and stuck; what people store."""
    account = env["booking.zoom.account"].create({"company_id": env.company.id})
    host = env["booking.zoom.user"].create(
        {
            "account_id": account.id,
            "zoom_id": "host",
            "name": "Host",
            "email": "host@example.com",
        }
    )
    room = env["resource.resource"].create(
        {"name": "Room", "resource_type": "material", "zoom_user_id": host.id}
    )
    combination = env["resource.booking.combination"].create(
        {"resource_ids": [(6, 0, room.ids)]}
    )
    booking_type = env["resource.booking.type"].create(
        {
            "name": "Consultation",
            "web_conference_tool": "zoom",
            "combination_rel_ids": [(0, 0, {"combination_id": combination.id})],
        }
    )
    customer = env["res.partner"].create({"name": "Mai", "email": "mai@example.com"})
    start = fields.Datetime.now().replace(hour=9, minute=0, second=0) + timedelta(7)
    start -= timedelta(days=max(start.weekday() - 4, 0))
    for state, problem in (
        ("ready", None),
        ("waiting", None),
        ("waiting", "host_refused"),
    ):
        booking = env["resource.booking"].create(
            {
                "type_id": booking_type.id,
                "partner_ids": [(6, 0, customer.ids)],
                "combination_id": combination.id,
                "combination_auto_assign": False,
                "start": start,
                "duration": 0.5,
            }
        )
        start += timedelta(hours=1)
        env.flush_all()
        number = str(90000000000 + booking.id) if state == "ready" else None
        env.cr.execute(
            """UPDATE booking_zoom_meeting
                  SET state = %s, problem = %s, zoom_id = %s, join_url = %s
                WHERE booking_id = %s""",
            (state, problem, number, number and URL.format(number), booking.id),
        )
    names = own_fields(env)
    shown = "".join(f"<field name='{name}'/>" for name in names)
    env["ir.ui.view"].create(
        {
            "name": "Own view",
            "model": "resource.booking",
            "inherit_id": get_form(env).id,
            "arch": f"<sheet position='inside'>{shown}</sheet>",
        }
    )
    env["ir.exports"].create(
        {
            "name": "Own list",
            "resource": "resource.booking",
            "export_fields": [(0, 0, {"name": name}) for name in names],
        }
    )


def check(env):
    """The links are there, all views can be shown, and what people have stored is used."""
    meetings = env["booking.zoom.meeting"].search([])
    assert len(meetings) == 3, meetings
    ready = meetings.filtered("zoom_id")
    assert ready.state == "ready", ready.mapped("state")
    assert ready.join_url == URL.format(ready.zoom_id), "the link is another one"
    assert ready.booking_id.join_link_url == ready.join_url, "the booking lost its link"
    states = {meeting.booking_id.join_link_state for meeting in meetings}
    assert states == {"ready", "waiting", "stuck"}, states
    stuck = meetings.filtered("problem")
    assert stuck.problem_message == stuck.booking_id.join_link_problem != "", stuck
    view = env["ir.ui.view"].search([("name", "=", "Own view")])
    assert view.active, "the own view was switched off"
    get_form(env)._check_xml()
    menus = own_records(env, "ir.ui.menu").with_context(lang="ja_JP").mapped("name")
    assert any(not name.isascii() for name in menus), f"no Japanese menu: {menus}"
    for model in own_records(env, "ir.model"):
        if not env[model.model]._abstract:
            kinds = ("form", "list", "search")
            env[model.model].get_views([(False, kind) for kind in kinds])
    names = env["ir.exports.line"].search([]).mapped("name")
    env["resource.booking"].search([]).export_data(names)


def uninstall(env):
    """Nothing is left that raises."""
    env["ir.ui.view"].search([("name", "=", "Own view")]).unlink()
    env["ir.module.module"].search([("name", "=", MODULE)]).button_immediate_uninstall()
    env = env(context={})
    env.cr.rollback()
    assert env["resource.booking"].search_count([]) == 3, "bookings are gone"
    env["resource.booking"].get_views([(False, "form"), (False, "list")])


def get_form(env):
    return env["ir.ui.view"].search(
        [
            ("model", "=", "resource.booking"),
            ("type", "=", "form"),
            ("inherit_id", "=", False),
        ],
        limit=1,
    )


def own_records(env, model):
    """What the module has made of a model."""
    found = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", model)]
    )
    return env[model].browse(found.mapped("res_id"))


def own_fields(env):
    """The fields of bookings that the module's own views show."""
    views = env["ir.ui.view"].search([("model", "=", "resource.booking")])
    text = "".join(views.mapped("arch_db"))
    return sorted(
        field.name
        for field in own_records(env, "ir.model.fields")
        if field.model == "resource.booking" and f'name="{field.name}"' in text
    )


def run(env, folder, names):
    """Take some of the steps with the module of a folder."""
    path = get_module_path(MODULE)
    assert path.startswith(folder), f"{path} is another module"
    for name in names:
        {"fill": fill, "check": check, "uninstall": uninstall}[name](env)
        env.cr.commit()
        print(f"{name}: done")
