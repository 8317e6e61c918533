# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.modules.module import load_script
from odoo.tests import TransactionCase, tagged

SCRIPT = "resource_booking_zoom/migrations/19.0.6.0.0/pre-rename.py"


@tagged("post_install", "-at_install")
class TestMigrationOfLinkState(TransactionCase):
    """What people have stored follows when the state becomes that of any tool's link."""

    def migrate(self):
        self.env.flush_all()
        load_script(SCRIPT, "pre-rename").migrate(self.cr, "19.0.4.0.0")
        self.env.invalidate_all()

    def test_filters(self):
        # Given what people have kept with the names of before
        stored = self.env["ir.filters"].create(
            {
                "name": "Urgent",
                "model_id": "resource.booking",
                "domain": "['|', ('zoom_state', 'in', ['stuck']), ('zoom_host_id', '=', 1)]",
                "context": "{'group_by': ['zoom_state', 'start:day']}",
                "sort": '["zoom_state desc", "start"]',
            }
        )
        by_path = stored.copy(
            {
                "model_id": "booking.zoom.meeting",
                "domain": "[('booking_id.zoom_state', '=', 'stuck')]",
            }
        )
        self.migrate()
        # Then it names what is there now, and nothing else has changed
        self.assertEqual(
            stored.domain,
            "['|', ('join_link_state', 'in', ['stuck']), ('zoom_host_id', '=', 1)]",
        )
        self.assertEqual(
            stored.context, "{'group_by': ['join_link_state', 'start:day']}"
        )
        self.assertEqual(stored.sort, '["join_link_state desc", "start"]')
        self.assertEqual(
            by_path.domain, "[('booking_id.join_link_state', '=', 'stuck')]"
        )
        # And bookings are found by it
        bookings = self.env["resource.booking"]
        bookings.search(stored._get_eval_domain(), order="join_link_state desc, start")

    def test_exports(self):
        export = self.env["ir.exports"].create(
            {
                "name": "For the desk",
                "resource": "calendar.event",
                "export_fields": [
                    (0, 0, {"name": f"resource_booking_ids/{name}"})
                    for name in ("zoom_state", "zoom_problem_message", "zoom_user_id")
                ],
            }
        )
        self.migrate()
        self.assertEqual(
            export.export_fields.mapped("name"),
            [
                "resource_booking_ids/join_link_state",
                "resource_booking_ids/join_link_problem",
                "resource_booking_ids/zoom_user_id",
            ],
        )

    def test_warnings_of_types(self):
        exports = self.env["ir.exports"].create(
            [
                {
                    "name": "Set-up",
                    "resource": model,
                    "export_fields": [(0, 0, {"name": "zoom_message"})],
                }
                for model in (
                    "resource.booking.type",
                    "resource.booking.combination",
                )
            ]
        )
        self.migrate()
        self.assertEqual(
            exports.export_fields.mapped("name"), ["conference_warning", "zoom_message"]
        )

    def test_warnings_of_types_by_path(self):
        export = self.env["ir.exports"].create(
            {
                "name": "Bookings",
                "resource": "resource.booking",
                "export_fields": [(0, 0, {"name": "type_id/zoom_message"})],
            }
        )
        self.migrate()
        self.assertEqual(export.export_fields.name, "type_id/conference_warning")

    def test_what_a_meeting_waits_for(self):
        exports = self.env["ir.exports"].create(
            [
                {
                    "name": "Waiting",
                    "resource": model,
                    "export_fields": [(0, 0, {"name": name})],
                }
                for model, name in (
                    ("booking.zoom.meeting", "held_message"),
                    ("resource.booking", "zoom_meeting_id/held_message"),
                    ("res.partner", "held_message"),
                )
            ]
        )
        view = self.env["ir.ui.view"].create(
            {
                "name": "Our list",
                "model": "booking.zoom.meeting",
                "arch": '<list><field name="wait_message"/></list>',
            }
        )
        now = view.arch_db
        before = now.replace("wait_message", "held_message")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_ui_view SET arch_db = jsonb_build_object('en_US', %s) WHERE id = %s",
            [before, view.id],
        )
        self.migrate()
        self.assertEqual(
            exports.export_fields.mapped("name"),
            ["wait_message", "zoom_meeting_id/wait_message", "held_message"],
        )
        self.assertEqual(view.arch_db, now)

    def test_views(self):
        # Given a view that somebody has made of the form before
        form = self.env.ref("resource_booking_zoom.resource_booking_view_form")
        view = self.env["ir.ui.view"].create(
            {
                "name": "Our form",
                "model": "resource.booking",
                "inherit_id": form.id,
                "arch": """<xpath expr="//group[@name='online_meeting']" position="inside">
                    <field name="join_link_color" />
                    <button name="action_retry_link" type="object" string="Again" />
                </xpath>""",
            }
        )
        now = view.arch_db
        before = now
        for new, old in (
            ("online_meeting", "zoom"),
            ("join_link_color", "zoom_color"),
            ("action_retry_link", "action_retry_zoom"),
        ):
            before = before.replace(new, old)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_ui_view SET arch_db = jsonb_build_object('en_US', %s) WHERE id = %s",
            [before, view.id],
        )
        self.migrate()
        # Then it is of what is there now
        self.assertEqual(view.arch_db, now)

    def test_mail_templates_and_actions(self):
        template = self.env["mail.template"].create(
            {
                "name": "Ours",
                "model_id": self.env["ir.model"]._get_id("resource.booking"),
                "subject": "{{ object.zoom_state }}",
                "body_html": '<p t-out="object.zoom_problem_message"/>',
            }
        )
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Ours",
                "res_model": "resource.booking",
                "context": "{'search_default_zoom_stuck': 1}",
            }
        )
        self.migrate()
        self.assertEqual(template.subject, "{{ object.join_link_state }}")
        self.assertIn("object.join_link_problem", template.body_html)
        self.assertEqual(action.context, "{'search_default_link_stuck': 1}")
