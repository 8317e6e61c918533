# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2

from odoo.tests import BaseCase, tagged
from odoo.tools import config

MODULE = "resource_booking_zoom"
# Of the machine, and of the markup in other modules' descriptions.
HARMLESS = ("Running as user 'root'", "<string>:")

BOOK_WITH_GOOGLE = """
import json
from odoo.addons.resource_booking_zoom.utils import OURS
from datetime import datetime, timedelta
env["ir.config_parameter"].set_param("calendar.block_mail", "1")
calendar = env["resource.calendar"].create({"name": "Always", "tz": "Asia/Tokyo"})
calendar.attendance_ids.unlink()
calendar.attendance_ids = [
    (0, 0, {"name": "d", "dayofweek": str(day), "hour_from": 0, "hour_to": 24,
            "day_period": "morning"}) for day in range(7)]
resource = env["resource.resource"].create(
    {"name": "Room", "resource_type": "material", "calendar_id": calendar.id})
combination = env["resource.booking.combination"].create(
    {"resource_ids": [(6, 0, resource.ids)]})
booking_type = env["resource.booking.type"].create(
    {"name": "Online", "resource_calendar_id": calendar.id,
     "web_conference_tool": "zoom", "duration": 0.5,
     "combination_rel_ids": [(0, 0, {"combination_id": combination.id})]})
start = (datetime.now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
customer = env["res.partner"].create({"name": "Customer", "email": "c@example.com"})
booking = env["resource.booking"].create(
    {"type_id": booking_type.id, "start": start,
     "partner_ids": [(6, 0, customer.ids)]})
event = booking.meeting_id
plain = env["calendar.event"].create(
    {"name": "Plain", "start": start, "stop": start + timedelta(hours=1)})
reminder = event.with_context(web_conference_reminder=OURS)
print("RESULT", json.dumps({
    "zoom_event_asks_google": "conferenceData" in event._google_values(),
    "plain_event_asks_google": "conferenceData" in plain._google_values(),
    "reminder_is_swallowed": reminder._skip_send_mail_status_update(),
    "row": booking.zoom_meeting_id.problem,
    "alarm_template": booking_type.alarm_ids.mail_template_id.get_external_id(),
}))
env.cr.commit()
"""

AFTER_UNINSTALL = """
import json
env.cr.execute("SELECT count(*) FROM mail_template WHERE body_html::text LIKE %s",
               ["%web_conference_info%"])
(named,) = env.cr.fetchone()
env.cr.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'booking_zoom%'")
(tables,) = env.cr.fetchone()
booking = env["resource.booking"].search([], limit=1)
booking.write({"description": "still works"})
env["calendar.alarm_manager"]._send_reminder()
emails = env["calendar.alarm"].search([("alarm_type", "=", "email")])
print("RESULT", json.dumps({
    "templates_with_placeholder": named,
    "tables": tables,
    "alarms_without_template": len(emails.filtered(lambda a: not a.mail_template_id)),
    "bookings": env["resource.booking"].search_count([]),
    "event_has_alarm": bool(booking.meeting_id.alarm_ids),
}))
"""


@tagged("post_install", "-at_install")
class TestLifecycle(BaseCase):
    """Install, upgrade, uninstall and install again, beside google_calendar."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = f"{config['db_name'][0]}_life"
        cls.drop_database()
        cls.addClassCleanup(cls.drop_database)
        cls.logs = {}
        modules = f"google_calendar,{MODULE}"
        cls.logs["install"] = cls.odoo("-i", modules, "--stop-after-init")
        cls.booked = cls.shell(BOOK_WITH_GOOGLE)
        cls.logs["upgrade"] = cls.odoo("-u", MODULE, "--stop-after-init")
        cls.logs["uninstall"] = cls.odoo_command("module", "uninstall", MODULE)
        cls.left = cls.shell(AFTER_UNINSTALL)
        cls.logs["install again"] = cls.odoo("-i", MODULE, "--stop-after-init")

    @classmethod
    def drop_database(cls):
        connection = psycopg2.connect(
            dbname="postgres",
            host=config["db_host"] or None,
            port=config["db_port"] or None,
            user=config["db_user"] or None,
            password=config["db_password"] or None,
        )
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{cls.database}" WITH (FORCE)')

    @classmethod
    def odoo(cls, *arguments):
        options = ("--no-http", "--max-cron-threads=0", "--log-level=warn")
        return cls.run_odoo(
            "-c", config["config"], "-d", cls.database, *options, *arguments
        )

    @classmethod
    def odoo_command(cls, command, subcommand, module):
        return cls.run_odoo(
            command, subcommand, "-c", config["config"], "-d", cls.database, module
        )

    @classmethod
    def shell(cls, script):
        """Run a script in Odoo's shell; it prints one line of JSON as its result."""
        out = cls.run_odoo(
            *("shell", "-c", config["config"], "-d", cls.database),
            *("--no-http", "--log-level=warn", "--shell-interface=python"),
            text=script,
        )
        (line,) = [row for row in out.splitlines() if row.startswith("RESULT ")]
        return json.loads(line.removeprefix("RESULT "))

    @classmethod
    def run_odoo(cls, *arguments, text=""):
        """Run Odoo's command; all that it printed.

        Its database server is the one of this process.
        """
        executable = Path(sys.executable).with_name("odoo")
        done = subprocess.run(
            [executable, *arguments],
            input=text,
            capture_output=True,
            text=True,
            env={**os.environ, "ODOO_RC": config["config"]},
            timeout=600,
        )
        output = done.stdout + done.stderr
        if done.returncode:
            raise AssertionError(f"odoo {' '.join(arguments)}:\n{output[-4000:]}")
        return output

    def test_every_step_is_without_warnings(self):
        for step, log in self.logs.items():
            with self.subTest(step):
                complaints = [
                    line
                    for line in log.splitlines()
                    if any(word in line for word in ("WARNING", "ERROR", "Traceback"))
                    and not any(text in line for text in HARMLESS)
                ]
                self.assertFalse(complaints, "\n".join(complaints))

    def test_google_is_not_asked_for_another_video_link(self):
        self.assertTrue(self.booked["plain_event_asks_google"])
        self.assertFalse(self.booked["zoom_event_asks_google"])

    def test_reminder_is_not_left_to_google(self):
        self.assertFalse(self.booked["reminder_is_swallowed"])

    def test_type_got_the_reminder_of_the_module(self):
        (xmlid,) = self.booked["alarm_template"].values()
        self.assertEqual(xmlid, f"{MODULE}.mail_template_reminder")

    def test_uninstall_leaves_no_placeholder_in_any_template(self):
        self.assertEqual(self.left["templates_with_placeholder"], 0)

    def test_uninstall_leaves_reminders_that_have_a_template(self):
        self.assertEqual(self.left["alarms_without_template"], 0)
        self.assertTrue(self.left["event_has_alarm"])

    def test_uninstall_removes_the_tables_and_keeps_the_bookings(self):
        self.assertEqual(self.left["tables"], 0)
        self.assertEqual(self.left["bookings"], 1)
