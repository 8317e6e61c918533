# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.modules.module import load_script
from odoo.tools import SQL, sql

from ..models.conference.address_digest import address_digest
from .mail_common import CUSTOMER, REMINDER_TIME, MailCase

SCRIPTS = "resource_booking_zoom/migrations/19.0.1.2.0"


class TestMigrationOfTheLedger(MailCase):
    """A ledger of 19.0.1.1.x learns which mails its entries stand for."""

    def setUp(self):
        super().setUp()
        self.booking = self.ready_booking()
        self.remind()
        self.entries = self.booking.meeting_id.web_conference_mail_ids
        self.messages = {one: one.mail_message_id for one in self.entries}
        self.env.cr.execute(
            """UPDATE booking_conference_mail
                  SET mail_message_id = NULL, address_digest = NULL, person = NULL"""
        )
        self.env.invalidate_all()

    def migrate(self):
        self.env.flush_all()
        load_script(f"{SCRIPTS}/post-ledger.py", "post-ledger").migrate(
            self.cr, "19.0.1.1.0"
        )
        self.env.invalidate_all()

    def test_entries_know_their_mails(self):
        self.migrate()
        for entry, message in self.messages.items():
            self.assertTrue(message)
            self.assertEqual(entry.mail_message_id, message)
            self.assertEqual(entry.person, entry.partner_id.id)
            self.assertEqual(entry.address_digest, address_digest(entry.partner_id))
        self.assertFalse(self.remind(REMINDER_TIME + timedelta(minutes=1)))

    def test_who_was_told_only_as_the_ledger_says_is_told(self):
        # Given a customer who was archived when the reminder was due
        entry = self.entries.filtered(lambda one: one.partner_id == self.partner)
        self.messages[entry].unlink()
        # Then the reminder is due
        self.migrate()
        mails = self.remind(REMINDER_TIME + timedelta(minutes=1))
        self.assertEqual(self.recipients(mails), [CUSTOMER])
        self.assert_says_how_to_join(mails[0].text, self.booking)

    def test_index_takes_the_place_of_the_constraint(self):
        # Given the table as it was called then
        table, name = "booking_zoom_reminder", "booking_zoom_reminder_once"
        self.cr.execute("ALTER TABLE booking_conference_mail RENAME TO " + table)
        sql.add_constraint(self.cr, table, name, "UNIQUE(event_id, partner_id, kind)")
        load_script(f"{SCRIPTS}/pre-ledger.py", "pre-ledger").migrate(
            self.cr, "19.0.1.1.0"
        )
        self.assertFalse(
            self.env.execute_query(SQL("SELECT FROM pg_class WHERE relname = %s", name))
        )

    def test_names_of_contacts_are_one_line(self):
        self.env.cr.execute(
            "UPDATE res_partner SET name = %s WHERE id = %s",
            ("Bob\r\nBcc: x", self.partner.id),
        )
        self.migrate()
        self.assertEqual(self.partner.name, "Bob Bcc: x")
