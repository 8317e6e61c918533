# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, datetime, timedelta

import icalendar

from odoo.tests import BaseCase, tagged

from ..tools.ics import UnreadableFile, cancel_entry, edit_entry, quote_url

URL = "https://zoom.us/j/81234567890?pwd=a,b;c"
FILE = "\r\n".join(
    [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Example//EN",
        "BEGIN:VEVENT",
        "UID:20270503T090000Z - 1@host",
        "DTSTAMP:20270501T090000Z",
        "DTSTART:20270503T090000Z",
        "DTEND:20270503T093000Z",
        "SUMMARY:Consultation",
        "DESCRIPTION:Bring the form.",
        "RRULE:FREQ=DAILY;COUNT=3",
        "BEGIN:VALARM",
        "TRIGGER;RELATED=START:PT1H",
        "DESCRIPTION:Odoo",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
)


@tagged("post_install", "-at_install")
class TestIcsFile(BaseCase):
    """Calendar files, without Odoo."""

    def edit(self, content=FILE, **values):
        edited = edit_entry(
            content.encode(), uid="event-1@x", sequence=7, summary="予約", **values
        )
        return self.parse(edited)

    def parse(self, content):
        calendar = icalendar.Calendar.from_ical(content)
        (entry,) = calendar.walk("VEVENT")
        return entry

    def test_file_is_a_revision_of_one_entry(self):
        entry = self.edit()
        self.assertEqual(str(entry["UID"]), "event-1@x")
        self.assertEqual(int(entry["SEQUENCE"]), 7)
        self.assertEqual(str(entry["SUMMARY"]), "予約")
        self.assertNotIn("RRULE", entry)
        self.assertEqual(str(entry["DESCRIPTION"]), "Bring the form.")

    def test_alarm_rings_before_the_start(self):
        (alarm,) = self.edit().walk("VALARM")
        self.assertEqual(alarm["TRIGGER"].dt, -timedelta(hours=1))
        self.assertEqual(str(alarm["ACTION"]), "DISPLAY")

    def test_url_stands_where_calendar_programs_look_for_it(self):
        entry = self.edit(lines=["Zoom: x"], url=URL, label='The "Zoom"')
        for name in ("URL", "CONFERENCE", "LOCATION"):
            self.assertEqual(str(entry[name]), URL)
        self.assertEqual(entry["CONFERENCE"].params["LABEL"], "The 'Zoom'")
        self.assertEqual(str(entry["DESCRIPTION"]), "Bring the form.\nZoom: x")

    def test_place_of_the_event_stays(self):
        content = FILE.replace("RRULE:", "LOCATION:Tokyo\r\nRRULE:")
        entry = self.edit(content, url=URL, label="Zoom")
        self.assertEqual(str(entry["LOCATION"]), "Tokyo")
        self.assertEqual(str(entry["URL"]), URL)

    def test_nothing_says_how_to_join_without_a_url(self):
        entry = self.edit(lines=["It comes later."])
        for name in ("URL", "CONFERENCE", "LOCATION"):
            self.assertNotIn(name, entry)
        self.assertEqual(str(entry["DESCRIPTION"]), "Bring the form.\nIt comes later.")

    def test_url_breaks_no_line(self):
        self.assertEqual(quote_url(" https://x/a\nb c "), "https://x/a%0Ab%20c")
        self.assertEqual(quote_url(URL), URL)

    def test_damaged_file_is_told_from_others(self):
        with self.assertRaises(UnreadableFile):
            self.edit(FILE.replace("Consultation", "Consul\r\ntation"))

    def test_cancellation_is_of_the_same_entry(self):
        start = datetime(2027, 5, 3, 9, 0)
        content = cancel_entry(
            uid="event-1@x",
            sequence=8,
            start=start,
            stop=start + timedelta(hours=1),
            summary="予約",
            organizer="",
            attendee="hanako@example.com",
        )
        self.assertEqual(str(icalendar.Calendar.from_ical(content)["METHOD"]), "CANCEL")
        entry = self.parse(content)
        self.assertEqual(str(entry["UID"]), "event-1@x")
        self.assertEqual(int(entry["SEQUENCE"]), 8)
        self.assertEqual(str(entry["STATUS"]), "CANCELLED")
        self.assertEqual(entry["DTSTART"].dt, start.replace(tzinfo=UTC))
        self.assertEqual(str(entry["ATTENDEE"]), "MAILTO:hanako@example.com")
        self.assertNotIn("ORGANIZER", entry)
