# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import fields
from odoo.modules.module import load_script

from .common import MONDAY, ZoomCase

SCRIPT = "resource_booking_zoom/migrations/19.0.1.2.0/post-shared_link.py"


class TestSharedLinkMigration(ZoomCase):
    """Links that an earlier version has taken are looked at once more."""

    def row(self, hours, number, url):
        (row,) = self.book_many(1, start=MONDAY + timedelta(days=7, hours=hours))
        row.write({"zoom_id": number, "join_url": url, "state": "ready"})
        return row

    def test_only_links_that_may_be_shared_are_read(self):
        # Given meetings with a link of their own, with the host's, and of one number
        own = self.row(0, "811", "https://zoom.us/j/811?pwd=x")
        personal = self.row(1, "812", "https://zoom.us/j/555?pwd=x")
        named = self.row(2, "813", "https://zoom.us/my/jill")
        same = self.row(3, "814", "https://zoom.us/j/814") | self.row(
            4, "814", "https://zoom.us/j/814"
        )
        self.env.flush_all()
        # When the database is brought up to date
        # (the database's clock is not moved, and it is before the bookings)
        load_script(SCRIPT, "post-shared_link").migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        # Then those that may be shared are read
        rows = own | personal | named | same
        due = rows.filtered("check_at")
        self.assertEqual(due, personal | named | same)
        self.assertLess(max(due.mapped("check_at")), fields.Datetime.now())
