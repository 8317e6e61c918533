# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, timedelta

import icalendar

from odoo import Command
from odoo.tests import new_test_user

from .common import MONDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

HALF_HOUR = timedelta(minutes=30)
OFFICE = "1 Main Street, Tokyo"


class TestIcs(MailCase):
    """The calendar file that is attached to mails about a booking."""

    def entry(self, mails, address=CUSTOMER):
        """The one calendar entry in the mail to that address, parsed."""
        return self.parse(self.mail_to(address, mails).attachments["invitation.ics"])

    def parse(self, content):
        (entry,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
        return entry

    def invited(self, **values):
        """A booking with its invitations, before Zoom has made the meeting.

        :return tuple: the booking, the mails
        """
        self.deliver_mails()
        return self.book(**values), self.deliver_mails()

    def reminded_entry(self):
        return self.entry(self.remind())

    def test_invitation_change_and_reminder_are_one_entry(self):
        # Given the files of an invitation, of a later start and of the reminder
        booking, mails = self.invited()
        self.sync_meetings()
        invitation = self.entry(mails)
        self.move_to(MONDAY - timedelta(days=1))
        booking.start = MONDAY + HALF_HOUR
        self.sync_meetings()
        change = self.entry(self.deliver_mails())
        reminder = self.entry(self.remind(REMINDER_TIME + HALF_HOUR))
        # Then they are one entry, each later file a later revision of it
        entries = [invitation, change, reminder]
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        uid = f"event-{booking.meeting_id.id}@{uuid}"
        self.assertEqual([str(one["UID"]) for one in entries], [uid] * 3)
        sequences = [int(one["SEQUENCE"]) for one in entries]
        self.assertEqual(sequences, sorted(set(sequences)))
        self.assertEqual(
            [one.start for one in entries],
            [start.replace(tzinfo=UTC) for start in (MONDAY, MONDAY + HALF_HOUR)]
            + [(MONDAY + HALF_HOUR).replace(tzinfo=UTC)],
        )
        # And only the last says how to join
        url = booking.zoom_meeting_id.join_url
        self.assertEqual([one.get("URL") for one in entries], [None, None, url])
        for hidden in (invitation, change):
            self.assert_tells_nothing(hidden.to_ical().decode(), booking)

    def test_reminder_says_how_to_join_in_every_field(self):
        self.rbt.location = False
        booking = self.ready_booking()
        row = booking.zoom_meeting_id
        entry = self.reminded_entry()
        self.assertEqual(entry["URL"], row.join_url)
        self.assertEqual(entry["LOCATION"], row.join_url)
        self.assertIn(f"Zoom: {row.join_url}", entry["DESCRIPTION"])
        self.assertIn(f"Meeting ID: {row.zoom_id_formatted}", entry["DESCRIPTION"])
        self.assertIn(f"Passcode: {row.passcode}", entry["DESCRIPTION"])
        (conference,) = entry.conferences
        self.assertEqual(conference.uri, row.join_url)
        self.assertEqual(conference.feature, "VIDEO")
        self.assertEqual(conference.label, "Zoom")
        self.assertEqual(entry["CONFERENCE"].params["VALUE"], "URI")

    def test_place_is_kept(self):
        booking = self.ready_booking(location=OFFICE)
        entry = self.reminded_entry()
        self.assertEqual(entry["LOCATION"], OFFICE)
        self.assertEqual(entry["URL"], booking.zoom_meeting_id.join_url)

    def test_description_is_kept(self):
        booking = self.ready_booking()
        booking.meeting_id._write_quietly({"description": "<p>Bring, please: ID</p>"})
        text = self.reminded_entry()["DESCRIPTION"]
        self.assertIn("Bring, please: ID", text)
        self.assertIn(booking.zoom_meeting_id.join_url, text)

    def test_url_with_special_characters_arrives_as_it_is(self):
        url = "https://teams.example.com/" + "long/" * 20 + "room,1;a?p=%2F&q='x~"
        self.use_other_tool(url)
        self.book()
        mails = self.remind()
        entry = self.entry(mails)
        self.assertEqual(entry["URL"], url)
        self.assertEqual(entry["CONFERENCE"], url)
        file = self.mail_to(CUSTOMER, mails).attachments["invitation.ics"]
        unfolded = file.decode().replace("\r\n ", "")
        self.assertIn(f"URL:{url}\r\n", unfolded)
        self.assertNotIn("Meeting ID", entry["DESCRIPTION"])

    def test_url_that_is_no_uri_breaks_no_line(self):
        self.use_other_tool("https://teams.example.com/会議 \\n1")
        self.book()
        entry = self.reminded_entry()
        encoded = "https://teams.example.com/%E4%BC%9A%E8%AD%B0%20%5Cn1"
        self.assertEqual(entry["URL"], encoded)
        self.assertEqual(entry["CONFERENCE"], encoded)

    def test_meeting_without_passcode_has_no_line_for_it(self):
        booking = self.ready_booking()
        self.let_zoom_have_said(booking, passcode=False)
        self.assertNotIn("Passcode", self.reminded_entry()["DESCRIPTION"])

    def test_file_has_the_lines_that_the_standard_demands(self):
        # Given a booking with long Japanese texts
        text = "身分証明書をお持ちください; \\n、" * 20
        booking = self.book(
            name="会議室での長いご相談、" * 5, location="東京都千代田区" * 5
        )
        booking.meeting_id._write_quietly({"description": f"<p>{text}</p>"})
        self.sync_meetings()
        # When the reminder arrives
        file = self.mail_to(CUSTOMER, self.remind()).attachments["invitation.ics"]
        # Then its lines end with CRLF, and no character is torn apart
        lines = file.split(b"\r\n")
        self.assertEqual(lines.pop(), b"")
        for line in lines:
            self.assertNotIn(b"\n", line)
            line.decode()
        # And what they say is what was written
        entry = self.parse(file)
        self.assertEqual(entry["SUMMARY"], booking.name)
        self.assertEqual(entry["LOCATION"], booking.location)
        self.assertIn(text, entry["DESCRIPTION"])
        # And each thing that the standard demands is there once
        for name in ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "ORGANIZER"):
            start = name.encode()
            found = [
                line for line in lines if line.startswith((start + b":", start + b";"))
            ]
            self.assertEqual(len(found), 1, name)

    def test_first_of_a_series_is_one_appointment(self):
        # Given a series whose first event is that of a booking, from before Zoom was used
        self.rbt.web_conference_tool = "none"
        booking = self.book()
        booking.meeting_id.write(
            {
                "recurrency": True,
                "rrule_type": "weekly",
                "interval": 1,
                "end_type": "count",
                "count": 3,
                "mon": True,
            }
        )
        self.rbt.web_conference_tool = "zoom"
        self.sync_meetings()
        self.deliver_mails()
        self.assertNotIn("RRULE", self.reminded_entry())
        # And the others of the series have no link
        others = booking.meeting_id.recurrence_id.calendar_event_ids
        self.assertEqual(len(others), 3)
        for event in others - booking.meeting_id:
            self.assert_tells_nothing(event._get_ics_file()[event.id].decode(), booking)

    def test_alarm_rings_before_the_start(self):
        self.ready_booking()
        (alarm,) = self.reminded_entry().walk("VALARM")
        self.assertEqual(alarm["TRIGGER"].dt, -timedelta(hours=1))
        self.assertEqual(alarm["ACTION"], "DISPLAY")
        self.assertTrue(alarm["DESCRIPTION"])

    def test_invitation_has_the_link_where_it_may_be_known_at_once(self):
        url = "https://teams.example.com/room"
        self.use_other_tool(url, link_disclosure="issued")
        self.assertEqual(self.entry(self.invited()[1])["URL"], url)

    def test_change_after_the_reminder_has_the_link(self):
        booking = self.ready_booking()
        self.remind()
        booking.start = MONDAY + HALF_HOUR
        entry = self.entry(self.deliver_mails())
        self.assertEqual(entry["URL"], booking.zoom_meeting_id.join_url)

    def test_who_may_not_join_gets_no_link(self):
        # Given an employee who may not read the booking and put himself on the event
        booking = self.ready_booking()
        self.remind()
        self.invite_curious_employee(booking)
        # When the booking is moved after the reminder
        booking.start = MONDAY + HALF_HOUR
        mails = self.deliver_mails()
        # Then his mail and file tell nothing, those of others how to join
        mail = self.mail_to("curious@example.com", mails)
        self.assert_tells_nothing(mail.everything, booking)
        self.assertNotIn("URL", self.entry(mails, "curious@example.com"))
        self.assertIn("URL", self.entry(mails, CUSTOMER))
        self.assertIn("URL", self.entry(mails, STAFF))

    def test_who_may_not_read_the_booking_makes_a_file_without_link(self):
        booking = self.ready_booking()
        self.remind()
        curious = new_test_user(self.env, "curious", groups="base.group_user")
        event = booking.meeting_id.with_user(curious)
        content = event._get_ics_file()[event.id].decode()
        self.assert_tells_nothing(content, booking)

    def test_events_without_web_conference_are_left_to_the_platform(self):
        alarm = self.create_alarm(60)
        event = self.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": MONDAY,
                "stop": MONDAY + HALF_HOUR,
                "alarm_ids": [Command.set(alarm.ids)],
            }
        )
        entry = self.parse(event._get_ics_file()[event.id])
        self.assertNotIn("SEQUENCE", entry)
        (alarm,) = entry.walk("VALARM")
        self.assertEqual(alarm["TRIGGER"].dt, timedelta(hours=1))
