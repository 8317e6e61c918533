# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.modules.module import load_script
from odoo.tools import SQL, sql

from .mail_common import MailCase

SCRIPTS = "resource_booking_zoom/migrations/19.0.2.0.0"
OLD_LEDGER = "booking.zoom.reminder"
LEDGER = "booking.conference.mail"


def reverse(names):
    return {new: old for old, new in names.items()}


class TestMigrationOfNames(MailCase):
    """A database of 19.0.1.x keeps everything under the new names."""

    def setUp(self):
        super().setUp()
        self.script = load_script(f"{SCRIPTS}/pre-rename.py", "pre-rename")
        self.booking = self.ready_booking()
        self.remind()
        self.entries = self.booking.meeting_id.web_conference_mail_ids
        self.env.flush_all()

    def give_old_names(self):
        """Make the database what it was before."""
        self.env.flush_all()
        for (model, field), values in self.script.VALUES.items():
            self.script.rename_values(self.cr, model, field, reverse(values))
        for model, names in self.script.FIELDS.items():
            for new, old in reverse(names).items():
                self.script.rename_field(self.cr, model, new, old)
        for new, old in reverse(self.script.MODELS).items():
            self.script.rename_model(self.cr, new, old)

    def migrate(self):
        self.env.flush_all()
        self.script.migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()

    def query(self, text, *values):
        return self.env.execute_query(SQL(text, *values))

    def names_on_the_table(self, table):
        return sorted(
            self.env.execute_query(
                SQL(
                    """SELECT indexname FROM pg_indexes WHERE tablename = %(table)s
                        UNION
                       SELECT conname FROM pg_constraint
                        WHERE conrelid = %(table)s::regclass""",
                    table=table,
                )
            )
        )

    def test_ledger_has_its_entries_and_its_constraints(self):
        # Given the ledger as it was called
        names = self.names_on_the_table("booking_conference_mail")
        before = self.entries.read(["kind", "link_digest", "link_id"])
        self.give_old_names()
        self.assertTrue(sql.table_exists(self.cr, "booking_zoom_reminder"))
        # When the database is upgraded
        self.migrate()
        # Then nothing is lost, and nothing has an old name
        self.assertEqual(self.entries.read(["kind", "link_digest", "link_id"]), before)
        self.assertEqual(self.names_on_the_table("booking_conference_mail"), names)

    def test_what_people_stored_goes_along(self):
        # Given a filter, an export, an attachment and a template of the old names
        self.give_old_names()
        account = "booking.zoom.account"
        ((filter_id,),) = self.query(
            """INSERT INTO ir_filters (name, model_id, domain, context, sort, active)
               VALUES ('lost', %s, %s, '{}', '[]', TRUE) RETURNING id""",
            account,
            "[('state', '=', 'broken'), ('linked_at', '!=', False)]",
        )
        ((template_id,),) = self.query(
            """INSERT INTO mail_template (name, model, body_html)
               VALUES ('{"en_US": "own"}', %s, %s) RETURNING id""",
            OLD_LEDGER,
            '{"en_US": "<p t-if=\\"object.meeting_id\\">x</p>"}',
        )
        ((file_id,),) = self.query(
            """INSERT INTO ir_attachment (name, res_model, res_id, type)
               VALUES ('a', %s, 1, 'binary') RETURNING id""",
            OLD_LEDGER,
        )
        # When the database is upgraded
        self.migrate()
        # Then they name what there is now
        self.assertEqual(
            self.query("SELECT domain FROM ir_filters WHERE id = %s", filter_id),
            [("[('state', '=', 'lost'), ('connected_at', '!=', False)]",)],
        )
        self.assertEqual(
            self.query(
                "SELECT model, body_html ->> 'en_US' FROM mail_template WHERE id = %s",
                template_id,
            ),
            [(LEDGER, '<p t-if="object.link_id">x</p>')],
        )
        self.assertEqual(
            self.query("SELECT res_model FROM ir_attachment WHERE id = %s", file_id),
            [(LEDGER,)],
        )

    def test_filter_by_a_field_that_is_gone_is_archived(self):
        filters = self.env["ir.filters"].create(
            [
                {"name": "gone", "model_id": model, "domain": f"[('{field}', '!=', 0)]"}
                for model, field in (
                    ("booking.zoom.request.count", "cleared_at"),
                    ("booking.zoom.request.count", "total"),
                )
            ]
        )
        self.give_old_names()
        self.migrate()
        self.assertEqual(filters.mapped("active"), [False, True])

    def test_account_that_lost_its_connection_stays_so(self):
        self.account.state = "lost"
        self.give_old_names()
        self.assertEqual(
            self.query(
                "SELECT state FROM booking_zoom_account WHERE id = %s", self.account.id
            ),
            [("broken",)],
        )
        self.migrate()
        self.assertEqual(self.account.state, "lost")

    def test_two_companies_that_had_one_account_after_another(self):
        # Given an account that one company has released and another one uses
        other = self.env["booking.zoom.account"].create(
            {"company_id": self.env["res.company"].create({"name": "Other"}).id}
        )
        zoom_account_id = self.account.connected_zoom_account_id
        other.connected_zoom_account_id = zoom_account_id
        self.assertTrue(zoom_account_id)
        self.env.flush_all()
        self.cr.execute("DROP INDEX booking_zoom_account_connected_once")
        self.give_old_names()
        self.cr.execute(
            """CREATE UNIQUE INDEX booking_zoom_account_linked_once
                   ON booking_zoom_account (linked_zoom_account_id)
                WHERE state <> 'unlinked'"""
        )
        # When the database is upgraded, then each keeps its state
        self.migrate()
        self.assertEqual(self.account.state, "connected")
        self.assertEqual(other.state, "disconnected")


class TestMigrationOfState(MailCase):
    """A meeting row of 19.0.1.x goes on where it was, with fewer fields."""

    def setUp(self):
        super().setUp()
        self.row = self.ready_booking().zoom_meeting_id
        self.env.flush_all()
        self.cr.execute(
            """
            ALTER TABLE booking_zoom_meeting
                    DROP COLUMN answered,
                    DROP COLUMN claimed_at,
                    DROP COLUMN missing_since,
                     ADD COLUMN mark varchar,
                     ADD COLUMN claimed_until timestamp,
                     ADD COLUMN search_misses integer,
                     ADD COLUMN gone_count integer,
                     ADD COLUMN answered_start timestamp,
                     ADD COLUMN answered_duration integer,
                     ADD COLUMN answered_topic varchar,
                     ADD COLUMN wanted_at timestamp
            """
        )
        self.cr.execute("ALTER TABLE booking_zoom_meeting DROP COLUMN correlation_key")

    def migrate(self, **values):
        for name, value in values.items():
            self.cr.execute(
                SQL(
                    "UPDATE booking_zoom_meeting SET %s = %s WHERE id = %s",
                    SQL.identifier(name),
                    value,
                    self.row.id,
                )
            )
        script = load_script(f"{SCRIPTS}/pre-state.py", "pre-state")
        script.migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()

    def test_key_and_claim(self):
        self.migrate(mark="abc", claimed_until="2027-03-01 08:03:00")
        self.assertEqual(self.row.correlation_key, "abc")
        self.assertEqual(str(self.row.claimed_at), "2027-03-01 08:00:00")

    def test_meeting_that_zoom_did_not_find(self):
        self.migrate(gone_count=1)
        self.assertTrue(self.row.missing_since)

    def test_meeting_that_zoom_finds(self):
        self.migrate(gone_count=0, search_misses=0)
        self.assertFalse(self.row.missing_since)

    def test_what_zoom_made_of_it(self):
        self.migrate(answered_topic="Kept", answered_start="2027-03-01 08:00:00")
        self.assertEqual(
            self.row.answered, {"topic": "Kept", "start": "2027-03-01 08:00:00"}
        )

    def test_ready_meeting_of_the_first_version_waits_for_nothing(self):
        # Given a database without either column
        self.cr.execute(
            """ALTER TABLE booking_zoom_meeting
                 DROP COLUMN wanted_at, DROP COLUMN awaited_since"""
        )
        # When it is upgraded, then no mail seems to wait for a reading already
        self.migrate()
        self.assertFalse(self.row.awaited_since)

    def test_again_changes_nothing(self):
        self.migrate(mark="abc")
        self.migrate()
        self.assertEqual(self.row.correlation_key, "abc")


class TestMigrationOfTemplates(MailCase):
    def test_text_that_somebody_has_edited_stays(self):
        # Given a template that was edited, and one that was not
        edited = self.env.ref("resource_booking_zoom.mail_template_limit_alert")
        other = self.env.ref("resource_booking_zoom.mail_template_limit_cleared")
        for template, write_date in ((edited, "2027-01-02"), (other, "2027-01-01")):
            self.cr.execute(
                """UPDATE mail_template SET create_date = '2027-01-01', write_date = %s
                    WHERE id = %s""",
                (write_date, template.id),
            )
        # When the database is upgraded
        script = load_script(f"{SCRIPTS}/pre-templates.py", "pre-templates")
        script.migrate(self.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        # Then that one is deleted, and created again with the module's data
        self.assertEqual((edited | other).exists(), edited)

    def test_edited_reminder_is_no_longer_signed_by_visitors_of_the_shop(self):
        # Given a reminder of an older version, whose text somebody has edited
        template = self.env.ref("resource_booking_zoom.mail_template_reminder")
        new = "event.user_id.signature and not event.user_id.share"
        for lang in ("en_US", "ja_JP"):
            translated = template.with_context(lang=lang)
            self.assertIn(new, translated.body_html)
            translated.body_html = translated.body_html.replace(
                new, "event.user_id.signature"
            ).replace("We look forward", "We still look forward")
        self.env.flush_all()
        # When the database is upgraded
        path = "resource_booking_zoom/migrations/19.0.5.0.0/post-signature.py"
        script = load_script(path, "post-signature")
        script.migrate(self.cr, "19.0.4.0.0")
        self.env.invalidate_all()
        # Then only the condition has changed
        for lang in ("en_US", "ja_JP"):
            self.assertIn(new, template.with_context(lang=lang).body_html)
        self.assertIn("We still look forward", template.body_html)
