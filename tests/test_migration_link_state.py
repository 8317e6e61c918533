# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.modules.module import load_script
from odoo.tests import TransactionCase, tagged

SCRIPT = "resource_booking_zoom/migrations/19.0.5.0.0/pre-rename.py"


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
