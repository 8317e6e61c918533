# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.modules.module import load_script

from .common import MONDAY, NOW, ZoomCase

SCRIPT = "resource_booking_zoom/migrations/19.0.2.0.0/post-alerts.py"
OLD_COLUMNS = {
    "booking_zoom_request_count": ("alerted_at timestamp", "cleared_at timestamp"),
    "booking_zoom_account": (
        "gone_since timestamp",
        "shared_link_since timestamp",
        "broken_since timestamp",
        "broken_mails integer",
    ),
    "booking_zoom_user": ("lost_told varchar",),
}


class TestMigrationAlerts(ZoomCase):
    """What an administrator was told by 19.0.1.x is not told again."""

    def setUp(self):
        super().setUp()
        for table, columns in OLD_COLUMNS.items():
            for column in columns:
                self.cr.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

    def set_old(self, record, **values):
        self.env.flush_all()
        for column, value in values.items():
            self.cr.execute(
                f"UPDATE {record._table} SET {column} = %s WHERE id = %s",
                [value, record.id],
            )

    def mails(self):
        return self.env["mail.mail"].search([("model", "=", self.account._name)])

    def migrate(self):
        load_script(SCRIPT, "post-alerts").migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        return self.env["booking.zoom.alert"].search([], order="cause")

    def test_limit_stays_told_and_is_cleared_later(self):
        # Given a Zoom user at its limit, of which the administrator was told
        self.book()
        self.zoom.set_count(self.zoom.state.users[self.host.zoom_id], 100)
        self.sync_meetings()
        self.env["booking.zoom.alert"].search([]).unlink()
        self.mails().unlink()
        count = self.env["booking.zoom.request.count"].search([])
        self.set_old(count, alerted_at=NOW)
        # When the database is upgraded
        alert = self.migrate()
        self.assertRecordValues(
            alert, [{"account_id": self.account.id, "cause": "daily_limit"}]
        )
        self.assertEqual(count.alerted_at, NOW)
        # Then it is not told again, but the all-clear comes
        self.sync_meetings()
        self.assertFalse(self.mails())
        self.move_to(NOW + timedelta(days=1))
        self.sync_meetings()
        self.assertIn("Zoom URLs", self.mails().subject)

    def test_limit_that_was_cleared_stays_cleared(self):
        self.book()
        self.sync_meetings()
        count = self.env["booking.zoom.request.count"].search([])
        self.set_old(count, alerted_at=NOW, cleared_at=NOW)
        self.assertEqual(
            self.migrate().mapped("cause"), ["daily_limit", "limit_cleared"]
        )
        self.sync_meetings()
        self.assertFalse(self.mails())

    def test_lost_connection_counts_its_mails(self):
        self.book(MONDAY + timedelta(days=28))
        self.account.state = "lost"
        self.set_old(self.account, broken_since=NOW - timedelta(days=2), broken_mails=2)
        self.assertEqual(self.migrate().told_count, 2)
        self.sync_meetings()
        self.assertFalse(self.mails())
        self.move_to(NOW + timedelta(days=1, minutes=1))
        self.sync_meetings()
        self.assertEqual(len(self.mails()), 1)

    def test_brake_for_meetings_not_found_stays(self):
        self.set_old(self.account, gone_since=NOW, shared_link_since=NOW)
        self.assertEqual(
            self.migrate().mapped("cause"), ["meetings_gone", "shared_link"]
        )
        self.assertEqual(self.account.gone_since, NOW)

    def test_lost_hosts_stay_told(self):
        self.set_old(self.host, lost_told="deleted")
        self.set_old(self.other_host, lost_told="refused")
        self.assertRecordValues(
            self.migrate(),
            [
                {"cause": "hosts_lost", "key": f"{self.host.id} deleted"},
                {"cause": "hosts_refused", "key": str(self.other_host.id)},
            ],
        )

    def test_database_without_these_columns_is_left_alone(self):
        for table, columns in OLD_COLUMNS.items():
            for column in columns:
                name = column.split()[0]
                self.cr.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
        self.assertFalse(self.migrate())
