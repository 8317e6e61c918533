# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command
from odoo.modules.neutralize import get_neutralization_queries

from .common import MONDAY, TUESDAY
from .leak_finder import Finder
from .leak_secrets import Secrets
from .mail_common import REMINDER_TIME, MailCase


class TestNeutralize(MailCase):
    """A neutralized copy cannot reach Zoom."""

    def _neutralize(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["resource_booking_zoom"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()

    def test_tokens_and_secrets_are_gone(self):
        self.account.write({"webhook_secret": "hook", "refresh_token": "refresh"})
        self.env["booking.zoom.revocation"]._plan("client", "hush", "token")
        self._neutralize()
        self.assertRecordValues(
            self.account,
            [
                {
                    "state": "lost",
                    "access_token": False,
                    "refresh_token": False,
                    "client_secret": False,
                    "connected_client_secret": False,
                    "webhook_secret": False,
                }
            ],
        )
        self.assertFalse(self.env["booking.zoom.connection"].search([]))
        self.assertFalse(self.env["booking.zoom.revocation"].search([]))
        self.assertFalse(any(self.account.zoom_user_ids.mapped("connected")))

    def test_nothing_is_sent_any_more(self):
        booking = self.book()
        self._neutralize()
        self.zoom.state.requests.clear()
        self.sync_meetings()
        self.run_cron("ir_cron_sync_users")
        self.assertFalse(self.zoom.requests)
        self.assertEqual(booking.zoom_meeting_id.problem, "not_linked")

    def test_links_of_customers_are_gone(self):
        self.rbt.write(
            {
                "link_disclosure": "issued",
                "zoom_dial_in_country_ids": [Command.link(self.env.ref("base.jp").id)],
            }
        )
        booking = self.ready_booking()
        row = booking.zoom_meeting_id
        secrets = [Secrets(row.join_url, row.passcode, row.zoom_id)]
        # It has ten digits.
        secrets.append(Secrets(row.join_url, row.phone_passcode))
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        self.assertTrue(Finder(self.env, secrets).holders)
        self._neutralize()
        holders = Finder(self.env, secrets).holders
        # The number alone opens no meeting.
        holders.pop(("booking.zoom.meeting", "zoom_id"), None)
        holders.pop(("booking.zoom.meeting", "zoom_id_formatted"), None)
        holders.pop(("resource.booking", "zoom_id_formatted"), None)
        self.assertFalse(holders)

    def test_mails_that_lead_to_the_page_are_gone(self):
        booking = self.book(None)
        share = self.env["portal.share"].with_context(
            active_model=booking._name,
            active_id=booking.id,
            mail_notify_force_send=False,
        )
        share.create({"partner_ids": self.partner.ids}).action_send_mail()
        waiting = self.env["mail.mail"].search([("model", "=", booking._name)])
        self.assertIn(booking.access_token, "".join(waiting.mapped("body_html")))
        self._neutralize()
        self.assertFalse(waiting.exists())

    def test_links_entered_by_hand_are_gone(self):
        # Given a link by hand, known to everybody, and a dialog in which one was typed
        self.rbt.link_disclosure = "issued"
        booking = self.book()
        url, passcode = "https://meet.example.com/room-7f3", "kQ4-own"
        booking._choose_link("manual", url, "555 0100", passcode)
        self.env["booking.link.choice"].create({"url": url, "passcode": passcode})
        self.assertEqual(booking.meeting_id.videocall_location, url)
        self._neutralize()
        self.assertEqual(booking.join_link_choice, "none")
        self.assertFalse(Finder(self.env, [Secrets(url, passcode, "5550100")]).holders)

    def test_account_that_was_not_linked_stays_so(self):
        self.account.action_disconnect()
        self._neutralize()
        self.assertEqual(self.account.state, "disconnected")

    def test_links_of_a_type_that_has_no_tool_any_more_are_gone(self):
        # Given links at once, which no mail has told, and bookings that are over
        self.rbt.link_disclosure = "issued"
        self.partner.email = self.staff.email = False
        bookings = self.book() | self.book(MONDAY + timedelta(hours=1))
        bookings[1]._choose_link("manual", "https://meet.example.com/room-7f3")
        self.sync_meetings()
        self.move_to(TUESDAY)
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        shown = bookings.meeting_id.mapped("videocall_location")
        self.assertEqual(len(shown), 2)
        self.assertTrue(all(shown))
        self._neutralize()
        for records in (bookings, bookings.meeting_id):
            self.assertFalse(any(records.mapped("videocall_location")))
