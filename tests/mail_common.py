# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user

from .common import MONDAY, ZoomCase
from .smtp_sink import SmtpSink

# The reminder of the module's own alarm is due one hour before the start.
REMINDER_TIME = MONDAY - timedelta(hours=1)
CUSTOMER = "customer@example.com"
STAFF = "staff@example.com"


class MailMixin:
    """Mails are really sent, to a mail server on loopback."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_mails()

    @classmethod
    def set_up_mails(cls):
        """Start the mail server and let Odoo use it; the bookings are set up."""
        cls.smtp = SmtpSink()
        cls.smtp.start()
        cls.addClassCleanup(cls.smtp.stop)
        servers = cls.env["ir.mail_server"]
        servers.search([]).active = False
        servers.create(
            {
                "name": "Sink",
                "smtp_host": cls.smtp.host,
                "smtp_port": cls.smtp.port,
                "smtp_encryption": "none",
            }
        )
        cls.env.company.email = "office@example.com"
        cls.staff = cls.users[0]
        cls.staff.email = STAFF

    def setUp(self):
        super().setUp()
        # Odoo connects to no mail server in tests unless told to.
        model = self.registry["ir.mail_server"]
        self.enterContext(patch.object(model, "_disable_send", lambda _self: False))
        self.env["mail.mail"].search([]).unlink()
        self.smtp.clear()

    def send(self):
        """Run the mails now, at the time that it is."""
        self.send_reminders()
        return self.deliver_mails()

    def deliver_mails(self):
        """Let the mail queue run.

        :return list: what the mail server has received since the last call
        """
        self.env.flush_all()
        self.env.ref("mail.ir_cron_mail_scheduler_action").method_direct_trigger()
        self.env.invalidate_all()
        mails = self.smtp.mails
        self.smtp.clear()
        return mails

    def mail_to(self, address, mails):
        """The one mail to that address."""
        found = [mail for mail in mails if address in mail.recipients]
        self.assertEqual(len(found), 1, f"mails to {address}")
        return found[0]

    @staticmethod
    def recipients(mails):
        return sorted(address for mail in mails for address in mail.recipients)


class MailCase(MailMixin, ZoomCase):
    """Bookings, their mails, and what these say."""

    def remind(self, moment=REMINDER_TIME):
        """Run the reminders at a moment.

        :return list: the mails that arrived
        """
        self.deliver_mails()
        self.move_to(moment)
        self.send_reminders()
        return self.deliver_mails()

    def send_after_check(self):
        """As the server does: the mail waits until the meeting was read."""
        mails = self.send()
        self.sync_meetings()
        return mails + self.send()

    @staticmethod
    def let_zoom_have_said(booking, moment=REMINDER_TIME, **values):
        """Make it so that Zoom says this of the meeting when it is read then."""
        booking.zoom_meeting_id.write({**values, "checked_at": moment})

    @staticmethod
    def without_notices(mails):
        """Those that are no notices to staff and administrator."""
        return [mail for mail in mails if "[Caution!]" not in mail.subject]

    def ready_booking(self, **values):
        """A booking whose meeting is issued, its invitations sent."""
        booking = self.book(**values)
        self.sync_meetings()
        self.deliver_mails()
        return booking

    def reminded_booking(self):
        """A booking whose customer and staff know how to join."""
        booking = self.ready_booking()
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])
        return booking

    def secrets_of(self, booking):
        """What must not be known before its time: name -> text."""
        row = booking.zoom_meeting_id
        return {
            "join URL": row.join_url,
            "passcode": row.passcode,
            "meeting ID": row.zoom_id,
            "meeting ID in groups": row.zoom_id_formatted,
        }

    def assert_says_how_to_join(self, text, booking):
        row = booking.zoom_meeting_id
        for name, secret in self.secrets_of(booking).items():
            if name == "meeting ID":
                continue  # as a number it is only part of the URL
            self.assertTrue(secret, name)
            self.assertIn(secret, text, name)
        self.assertTrue(row.zoom_id in row.join_url)

    def assert_both_may_join(self, mails, booking, subject=""):
        """Customer and staff have a mail each, which says how to join."""
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn(subject, mail.subject)
            self.assert_says_how_to_join(mail.text, booking)

    def assert_tells_nothing(self, text, booking):
        for name, secret in self.secrets_of(booking).items():
            self.assertTrue(secret, name)
            self.assertNotIn(secret, text, name)

    def invite_curious_employee(self, booking):
        """An employee who may not read the booking puts himself on the event."""
        curious = new_test_user(
            self.env, "curious", groups="base.group_user", email="curious@example.com"
        )
        booking.meeting_id.with_user(curious).with_context(
            skip_attendee_notification=True
        ).write({"partner_ids": [Command.link(curious.partner_id.id)]})

    def create_template(self, body, **values):
        return self.env["mail.template"].create(
            {
                "name": "Reminder of an administrator",
                "model_id": self.env.ref("calendar.model_calendar_attendee").id,
                "subject": "Soon: {{ object.event_id.name }}",
                "body_html": body,
                "lang": "{{ object.partner_id.lang }}",
                "use_default_to": True,
                **values,
            }
        )

    def use_alarms(self, *alarms):
        self.rbt.alarm_ids = [Command.set([alarm.id for alarm in alarms])]

    def use_template(self, template):
        """Let the reminder of the type use this template."""
        self.rbt.alarm_ids.mail_template_id = template
