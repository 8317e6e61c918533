# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Nobody learns how to join who may not, and not before it is time."""

import base64
import html
from urllib.parse import quote

from lxml.html import fromstring

from odoo import Command
from odoo.tests import BaseCase, tagged

from .common import MONDAY
from .leak_common import DISCLOSED, HALF_HOUR, ICS, KNOWN_TO_BOOKERS, LeakCase
from .leak_reader import Reader, is_refusal
from .leak_secrets import Secrets
from .mail_common import CUSTOMER, STAFF, MailCase


@tagged("post_install", "-at_install")
class TestSecrets(BaseCase):
    """Nothing is found when nothing is recognised: so this is tested first."""

    URL = "https://us05web.zoom.us/j/81234567890?pwd=aB3/xY.1&from=x"

    def setUp(self):
        super().setUp()
        self.secrets = Secrets(self.URL, "q7Kd2x", "81234567890")

    def test_url_is_recognised_in_any_disguise(self):
        ics = f"DESCRIPTION:{self.URL[:30]}\r\n {self.URL[30:]}"
        for text in (
            self.URL,
            self.URL.upper(),
            html.escape(self.URL),
            quote(self.URL, safe=""),
            self.URL.replace("/", "\\/").replace("&", "\\u0026"),
            self.URL.replace("=", "=3D"),
            ics,
            base64.b64encode(ics.encode()).decode(),
        ):
            with self.subTest(text=text):
                self.assertGreaterEqual(
                    self.secrets.found_in(f"before {text} after"),
                    {"URL", "path", "pwd"},
                )

    def test_part_of_the_url_is_recognised(self):
        self.assertIn(
            "path", self.secrets.found_in("/j/81234567890?pwd=aB3/xY.1&from=x")
        )
        self.assertEqual(self.secrets.found_in("?p=aB3%2FxY.1"), {"pwd"})

    def test_meeting_id_is_recognised_in_groups(self):
        for text in (
            "81234567890",
            "812 3456 7890",
            "812-3456-7890",
            "812&nbsp;3456&nbsp;7890",
            "812%203456%207890",
            "812\u202f3456\u202f7890",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.secrets.found_in(text), {"meeting ID"})

    def test_passcode_is_recognised(self):
        self.assertEqual(self.secrets.found_in("Passcode: q7Kd2x."), {"passcode"})

    def test_other_texts_are_harmless(self):
        for text in ("https://us05web.zoom.us/j/1", "8123456789", "q7kd2x", "q7Kd2xy"):
            with self.subTest(text=text):
                self.assertFalse(self.secrets.found_in(text))


def to_others(mails):
    """Those that go to neither the customer nor the staff of the bookings."""
    return [mail for mail in mails if not {CUSTOMER, STAFF} & {*mail.recipients}]


class OutsidersMixin:
    """Who has nothing to do with the bookings finds nothing, at any time."""

    def test_other_portal_user_finds_nothing(self):
        self.assert_finds_nothing(self.portal_user)

    def test_employee_finds_nothing(self):
        self.assert_finds_nothing(self.employee)

    def test_staff_of_other_bookings_find_nothing(self):
        self.assert_finds_nothing(self.booker, KNOWN_TO_BOOKERS)

    def test_other_company_finds_nothing(self):
        self.assert_finds_nothing(self.branch_manager)


class TestBeforeDisclosure(OutsidersMixin, LeakCase):
    """The meetings are issued; only staff of the bookings may know how to join."""

    def test_mails_tell_nothing(self):
        recipients = set(MailCase.recipients(self.mails))
        self.assertGreaterEqual(recipients, {CUSTOMER, STAFF, "employee@example.com"})
        self.assert_nothing_in((mail.subject, mail.everything) for mail in self.mails)

    def test_public_finds_nothing(self):
        reader = Reader(self, self.public)
        with self.quiet():
            self.assertTrue(
                is_refusal(reader.call("resource.booking", "search_read", []))
            )
            self.assert_nothing_in(self.get_pages(reader))

    def test_who_has_the_address_of_the_booking_finds_nothing(self):
        reader = Reader(self, self.public)
        with self.quiet():
            pages = dict(self.get_pages(reader, token=True))
        self.assert_nothing_in(pages.items())
        page = pages[next(url for url in pages if "/my/bookings/" in url)]
        self.assertIn("The Zoom link comes with the reminder", page)

    def test_who_answers_an_invitation_finds_nothing(self):
        for attendee in self.bookings.meeting_id.attendee_ids:
            query = f"token={attendee.access_token}&id={attendee.event_id.id}"
            for answer in ("view", "accept", "decline"):
                url = f"/calendar/meeting/{answer}?{query}"
                asked = self.url_open(url, timeout=30).text
                form = {
                    field.name: field.value
                    for field in fromstring(asked).cssselect("form input")
                }
                done = self.url_open(url, form, timeout=30).text
                for page in (asked, done):
                    self.assertIn(
                        attendee.event_id.resource_booking_ids.type_id.name, page
                    )
                    self.assert_nothing_in([(answer, page)])
        self.assert_nothing_in(
            (mail.subject, mail.everything) for mail in self.deliver_mails()
        )

    def test_customer_finds_nothing(self):
        self.assert_finds_nothing(self.customer)

    def test_staff_of_the_booking_find_everything(self):
        # So what reads in vain for others does read.
        for user in (self.manager, self.staff):
            reader = Reader(self, user)
            with self.quiet():
                answers = "".join(
                    text for _model, text in reader.read_all(["resource.booking"])
                )
            for secrets in self.secrets:
                self.assertEqual(secrets.found_in(answers), secrets.names)

    def test_staff_of_the_booking_find_it_by_searching(self):
        # So what searches in vain for others does find.
        reader = Reader(self, self.manager)
        told = {path.dotted for path in self.paths if reader.get_oracles(path)}
        self.assertLessEqual(
            {
                "zoom_meeting_id.join_url",
                "zoom_meeting_ids.passcode",
                "zoom_meeting_id.zoom_id",
                "manual_join_url",
                "manual_join_passcode",
                "type_id.videocall_location",
            },
            told,
        )


class TestAfterDisclosure(OutsidersMixin, LeakCase):
    """The reminders are sent: the customer knows how to join, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminders = cls.disclose()
        cls.find_secrets()

    def setUp(self):
        super().setUp()
        self.move_to(DISCLOSED)

    def test_reminder_has_it_in_text_html_and_calendar_file(self):
        for booking in self.bookings:
            mail = self.mail_to(
                CUSTOMER,
                [one for one in self.reminders if booking.type_id.name in one.text],
            )
            self.assert_mail_has_it(mail, booking)

    def test_reminder_has_the_passcode_by_phone(self):
        # So what others search in vain can be found.
        self.assertTrue(any(self.phone_passcode in one.text for one in self.reminders))

    def test_mails_go_to_nobody_else(self):
        recipients = {*MailCase.recipients(self.reminders)}
        self.assertEqual(recipients, {CUSTOMER, STAFF})

    def test_page_of_the_booking_has_it(self):
        for user, token in ((self.customer, False), (self.public, True)):
            pages = dict(self.get_pages(Reader(self, user), token))
            for booking in self.bookings:
                url = next(one for one in pages if f"/bookings/{booking.id}?" in one)
                self.assert_all_in(pages[url], booking)

    def test_staff_of_the_booking_can_open_their_calendar_files(self):
        reader = Reader(self, self.staff)
        with self.quiet():
            files = dict(self.get_pages(reader))
        texts = "".join(text for url, text in files.items() if "/content/" in url)
        for secrets in self.secrets:
            self.assertEqual(secrets.found_in(texts), secrets.names)

    def test_public_finds_nothing(self):
        with self.quiet():
            self.assert_nothing_in(self.get_pages(Reader(self, self.public)))


class TestAfterMischief(LeakCase):
    """An employee writes whatever she can, before and after the reminders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lunch = (
            cls.env["calendar.event"]
            .with_user(cls.manager)
            .create(
                {
                    "name": "Lunch",
                    "start": MONDAY,
                    "stop": MONDAY + HALF_HOUR,
                    "partner_ids": [Command.set(cls.employee.partner_id.ids)],
                }
            )
        )

    def test_employee_finds_nothing_whatever_she_writes(self):
        refused = self.make_mischief()
        # Nothing is shown by writes that fail for another reason.
        self.assertLess(len(refused), len(list(self.get_mischief())))
        for booking in self.bookings:
            self.assertTrue(booking.meeting_id.active)
        self.reminders = self.disclose()
        recipients = set(MailCase.recipients(self.reminders))
        self.assertLessEqual({CUSTOMER, STAFF}, recipients)
        self.assert_nothing_in(
            (mail.recipients[0], mail.everything) for mail in to_others(self.reminders)
        )
        self.make_mischief()
        self.run_action("mail.ir_cron_mail_scheduler_action")
        self.assert_nothing_in(
            (mail.recipients[0], mail.everything) for mail in to_others(self.smtp.mails)
        )
        type(self).find_secrets()
        self.assert_finds_nothing(self.employee)


class TestAsSoonAsIssued(LeakCase):
    """The type lets people know from the start, those who take part."""

    link_disclosure = "issued"

    def assert_mailed(self, mails, booking):
        """The customer's last mail about the booking says how to join it."""
        mail = [
            one
            for one in mails
            if CUSTOMER in one.recipients
            and booking.type_id.name in one.text
            and ICS in one.attachments
        ][-1]
        self.assert_mail_has_it(mail, booking)

    def test_link_is_mailed_once_it_is_issued(self):
        self.send_reminders()
        mails = [*self.mails, *self.deliver_mails()]
        for booking in self.bookings:
            self.assert_mailed(mails, booking)

    def test_date_change_has_it(self):
        for booking in reversed(self.bookings):
            booking.start += HALF_HOUR
            self.sync_meetings()
            self.assert_mailed(self.deliver_mails(), booking)

    def test_page_of_the_booking_and_fields_have_it(self):
        reader = Reader(self, self.customer)
        for booking in self.bookings:
            self.assert_all_in(reader.get(f"/my/bookings/{booking.id}"), booking)
            for record in (booking, booking.meeting_id):
                answer = reader.call(
                    record._name, "read", record.ids, ["videocall_location"]
                )
                secrets = dict(zip(self.bookings, self.secrets, strict=True))[booking]
                self.assertIn("URL", secrets.found_in(answer))

    def test_others_are_not_mailed(self):
        self.send_reminders()
        mails = to_others([*self.mails, *self.deliver_mails()])
        self.assertTrue(mails)
        self.assert_nothing_in((mail.subject, mail.everything) for mail in mails)

    def test_other_portal_user_finds_nothing(self):
        self.assert_finds_nothing(self.portal_user)

    def test_public_finds_nothing(self):
        with self.quiet():
            self.assert_nothing_in(self.get_pages(Reader(self, self.public)))
