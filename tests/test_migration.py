# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.modules.module import load_script

from .mail_common import MailCase

SCRIPT = "resource_booking_zoom/migrations/19.0.1.1.0/post-migration.py"


class TestMigration(MailCase):
    """A database of an earlier version is brought up to date."""

    def setUp(self):
        super().setUp()
        self.booking = self.ready_booking()
        self.event = self.booking.meeting_id
        self.remind()
        self.entries = self.event.web_conference_mail_ids
        self.files = self.find_files()
        self.assertTrue(self.entries)
        self.assertTrue(self.files)

    def find_files(self):
        return (
            self.env["mail.message"]
            .search([("model", "=", self.event._name), ("res_id", "=", self.event.id)])
            .attachment_ids.filtered(lambda file: file.mimetype == "text/calendar")
        )

    def migrate(self):
        self.env.flush_all()
        load_script(SCRIPT, "post-migration").migrate(self.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def make_old(self, files):
        """As the platform leaves them."""
        files.write({"res_model": self.event._name, "res_id": self.event.id})

    def test_ledger_learns_whose_calendar_entry_it_was(self):
        uid = self.event._get_ics_uid()
        self.entries.write({"calendar_uid": False, "organizer_id": False})
        self.migrate()
        self.assertEqual(set(self.entries.mapped("calendar_uid")), {uid})
        self.assertEqual(self.entries.organizer_id, self.event.partner_id)

    def test_ledger_that_is_complete_stays(self):
        self.entries.write({"calendar_uid": "kept", "organizer_id": self.partner.id})
        self.migrate()
        self.assertEqual(set(self.entries.mapped("calendar_uid")), {"kept"})
        self.assertEqual(self.entries.organizer_id, self.partner)

    def test_calendar_file_is_read_by_those_only_who_got_its_mail(self):
        owners = {file: file.res_id for file in self.files}
        self.make_old(self.files)
        self.migrate()
        self.assertEqual(set(self.files.mapped("res_model")), {"mail.message"})
        self.assertEqual({file: file.res_id for file in self.files}, owners)

    def test_calendar_file_of_several_mails_stays(self):
        file, other = self.files[:2]
        self.make_old(file)
        self.env["mail.message"].browse(other.res_id).attachment_ids += file
        self.migrate()
        self.assertEqual(file.res_model, "calendar.event")

    def test_calendar_file_of_a_booking_without_tool_stays(self):
        self.make_old(self.files)
        self.booking.type_id.web_conference_tool = "none"
        self.make_old(self.files)
        self.migrate()
        self.assertEqual(set(self.files.mapped("res_model")), {"calendar.event"})
