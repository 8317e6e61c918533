# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""An employee without rights to bookings writes in the calendar, and learns nothing."""

from contextlib import nullcontext
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from .common import GUEST
from .leak_common import EMPLOYEE, MANAGER
from .mail_common import CUSTOMER, STAFF, MailCase

FIVE_MINUTES = timedelta(minutes=5)
CURIOUS = "curious@example.com"


class CuriousCase(MailCase):
    """A booking, its customer, and an employee who has nothing to do with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.curious = new_test_user(cls.env, "curious", EMPLOYEE, email=CURIOUS)
        cls.manager = new_test_user(
            cls.env, "manager", MANAGER, email="manager@example.com"
        )

    def setUp(self):
        super().setUp()
        self.booking = self.ready_booking()
        self.event = self.booking.meeting_id
        self.row = self.attendee_of(self.booking)

    def assert_refused(self, record, values, user=None):
        with self.assertRaises(AccessError), self.cr.savepoint():
            record.with_user(user or self.curious).write(values)

    def assert_reminded(self):
        """Customer and staff know how to join, and nobody else."""
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    def find_messages(self):
        """Those about the booking's event, as superuser: all of them."""
        return self.env["mail.message"].search(
            [("model", "=", "calendar.event"), ("res_id", "=", self.event.id)]
        )

    def assert_reads_no_link(self, user):
        """Of no message and no file, by list or by its id."""
        messages = self.find_messages()
        telling = messages.filtered(
            lambda one: self.booking.zoom_meeting_id.join_url in one.body
        )
        self.assertTrue(telling)
        as_user = self.env["mail.message"].with_user(user)
        self.assertFalse(as_user.search([("id", "in", telling.ids)]))
        for message in telling:
            with self.assertRaises(AccessError):
                as_user.browse(message.id).read(["body"])
        files = telling.attachment_ids
        self.assertTrue(files)
        self.assertFalse(files.with_user(user)._filtered_access("read"))


class TestRecipients(CuriousCase):
    """Who gets a mail does not follow from what employees can write."""

    def test_employee_cannot_put_her_own_contact_into_the_row_of_a_customer(self):
        self.assert_refused(self.row, {"partner_id": self.curious.partner_id.id})
        self.assert_refused(
            self.event,
            {
                "attendee_ids": [
                    Command.update(
                        self.row.id, {"partner_id": self.curious.partner_id.id}
                    )
                ]
            },
        )
        self.assert_reminded()

    def test_employee_cannot_move_a_row_of_her_own_to_the_event(self):
        other = (
            self.env["calendar.event"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Lunch",
                    "start": self.event.start,
                    "stop": self.event.stop,
                    "partner_ids": [Command.set(self.curious.partner_id.ids)],
                }
            )
        )
        row = other.attendee_ids
        self.assert_refused(row, {"event_id": self.event.id})
        self.assert_refused(self.row, {"event_id": other.id})
        self.assert_refused(
            self.event, {"attendee_ids": [Command.link(row.id)]}, self.curious
        )
        self.deliver_mails()
        self.assert_reminded()

    def test_employee_who_adds_herself_is_told_nothing(self):
        self.event.with_user(self.curious).partner_ids = [
            Command.link(self.curious.partner_id.id)
        ]
        mails = self.deliver_mails()
        self.assert_reminded()
        for mail in mails:
            self.assert_tells_nothing(mail.everything, self.booking)

    def test_employee_may_invite_a_colleague_who_is_told_nothing(self):
        colleague = self.env["res.partner"].create(
            {"name": "Colleague", "email": "colleague@example.com"}
        )
        self.event.with_user(self.curious).partner_ids = [Command.link(colleague.id)]
        mail = self.mail_to("colleague@example.com", self.deliver_mails())
        self.assert_tells_nothing(mail.everything, self.booking)
        self.assert_reminded()

    def test_employee_cannot_take_the_customer_off_the_event(self):
        partner = self.partner
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.row.with_user(self.curious).unlink()
        self.assert_refused(self.event, {"partner_ids": [Command.unlink(partner.id)]})
        self.assert_refused(
            self.event, {"partner_ids": [Command.set(self.curious.partner_id.ids)]}
        )
        self.assert_reminded()

    def test_employee_may_take_herself_off_again(self):
        event = self.event.with_user(self.curious)
        own = self.curious.partner_id
        event.partner_ids = [Command.link(own.id)]
        event.partner_ids = [Command.unlink(own.id)]
        self.assertNotIn(own, self.event.attendee_ids.partner_id)

    def test_guest_of_a_manager_is_reminded(self):
        guest = self.create_guest()
        self.event.with_user(self.manager).partner_ids = [Command.link(guest.id)]
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, GUEST, STAFF])

    def test_manager_may_change_rows_of_a_booking(self):
        guest = self.create_guest()
        self.event.with_user(self.manager).partner_ids = [Command.link(guest.id)]
        row = self.attendee_of(self.booking, guest).with_user(self.manager)
        row.partner_id = self.manager.partner_id
        self.assertEqual(row.partner_id, self.manager.partner_id)
        row.unlink()
        self.assertFalse(row.exists())

    def test_events_without_booking_are_the_employees_own(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": self.event.start,
                "stop": self.event.stop,
                "partner_ids": [Command.set(self.partner.ids)],
            }
        )
        event = event.with_user(self.curious)
        event.user_id = self.curious
        event.attendee_ids.partner_id = self.curious.partner_id
        event.attendee_ids.state = "declined"
        event.attendee_ids.unlink()
        self.assertEqual(event.user_id, self.curious)


class TestOrganiser(CuriousCase):
    """Mails come from the organiser only if that person may read the booking."""

    def test_employee_cannot_make_herself_organiser(self):
        self.assert_refused(self.event, {"user_id": self.curious.id})
        self.assert_refused(self.event, {"user_id": False})

    def test_saving_the_organiser_that_is_there_is_no_change(self):
        self.event.with_user(self.curious).write({"user_id": self.event.user_id.id})

    def test_manager_may_choose_the_organiser(self):
        self.event.with_user(self.manager).user_id = self.manager
        self.assert_reminded()
        self.assertEqual(self.telling().author_id, self.manager.partner_id)

    def telling(self):
        url = self.booking.zoom_meeting_id.join_url
        return self.find_messages().filtered(lambda one: url in one.body)

    def test_organiser_who_may_not_read_the_booking_is_no_author(self):
        self.event.user_id = self.curious
        self.deliver_mails()
        mails = self.remind()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        company = self.env.company.partner_id
        self.assertEqual(self.telling().author_id, company)
        for mail in mails:
            self.assertIn("office@example.com", str(mail.message["From"]))
            self.assertNotIn(CURIOUS, mail.everything)
        self.assert_reads_no_link(self.curious)

    def test_employee_gets_no_replies_by_a_template_of_her_own(self):
        # Given an employee who may not edit the templates of others
        self.restrict_templates()
        self.booking.user_id = self.manager
        template = (
            self.env["mail.template"]
            .with_user(self.curious)
            .create(
                {
                    "name": "Hers",
                    "model_id": self.env["ir.model"]._get_id("calendar.attendee"),
                    "subject": "Soon",
                    "body_html": "<p>Soon.</p>",
                    "email_from": "elsewhere@example.com",
                }
            )
        )
        # When she lets an alarm use her own, whose sender would get the replies
        alarm = self.event.alarm_ids.with_user(self.curious)
        alarm.mail_template_id = template
        mail = self.mail_to(CUSTOMER, self.remind())
        # Then the mail is the organiser's all the same
        self.assert_says_how_to_join(mail.html, self.booking)
        self.assertNotIn("elsewhere", mail.everything)

    def restrict_templates(self):
        editors = self.env.ref("mail.group_mail_template_editor")
        self.env.ref("base.group_user").implied_ids -= editors
        self.curious.group_ids -= editors


class TestMessages(CuriousCase):
    """Messages and files with a link are made by the system."""

    def setUp(self):
        super().setUp()
        self.assert_reminded()

    def assert_made_by_the_system(self):
        told = self.find_messages().filtered(
            lambda one: self.booking.zoom_meeting_id.join_url in one.body
        )
        root = self.env.ref("base.user_root")
        self.assertEqual(told.create_uid, root)
        self.assertEqual(told.attachment_ids.create_uid, root)

    def test_employee_who_sends_the_invitation_again_cannot_read_it(self):
        self.event.with_user(self.curious).action_sendmail()
        self.assertIn(CUSTOMER, self.recipients(self.deliver_mails()))
        self.assert_made_by_the_system()
        self.assert_reads_no_link(self.curious)

    def test_employee_who_moves_the_event_cannot_read_the_date_change(self):
        self.event.with_user(self.curious).write(
            {
                "start": self.event.start + FIVE_MINUTES,
                "stop": self.event.stop + FIVE_MINUTES,
            }
        )
        self.assertIn(CUSTOMER, self.recipients(self.deliver_mails()))
        self.assert_made_by_the_system()
        self.assert_reads_no_link(self.curious)

    def test_event_without_organiser_is_nobodys_to_read(self):
        self.event.user_id = False
        self.deliver_mails()
        self.event.with_user(self.curious).action_sendmail()
        self.assertIn(CUSTOMER, self.recipients(self.deliver_mails()))
        self.assert_reads_no_link(self.curious)

    def test_whoever_sends_is_not_mailed(self):
        """As the platform has it: who moves an event knows."""
        self.staff.group_ids += self.env.ref("resource_booking.group_user")
        self.event.with_user(self.staff).action_sendmail()
        self.assertNotIn(STAFF, self.recipients(self.deliver_mails()))

    def test_defaults_of_the_caller_do_not_reach_the_messages(self):
        context = {
            "default_author_id": self.curious.partner_id.id,
            "default_partner_ids": self.curious.partner_id.ids,
            "default_notification_ids": [
                Command.create({"res_partner_id": self.curious.partner_id.id})
            ],
        }
        self.event.with_user(self.curious).with_context(**context).action_sendmail()
        self.deliver_mails()
        self.assert_reads_no_link(self.curious)

    def test_customers_get_no_sample_link(self):
        event = self.event.with_user(self.curious)
        event.with_context(template_preview_lang="en_US").action_sendmail()
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assertNotIn("00000000000", mail.everything)
        self.assert_says_how_to_join(mail.html, self.booking)


class TestAnswers(CuriousCase):
    """Only the person, and whoever may change the booking, answers."""

    def test_employee_cannot_decline_for_the_customer(self):
        for answer in ("declined", "accepted", "tentative"):
            self.assert_refused(self.row, {"state": answer})
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.row.with_user(self.curious).do_decline()
        self.assertEqual(self.booking.zoom_meeting_id.state, "ready")

    def test_employee_cannot_take_up_what_the_customer_has_declined(self):
        self.row.state = "declined"
        self.row.with_user(self.curious).state = "needsAction"
        self.assertEqual(self.row.state, "declined")

    def test_manager_may_answer_for_the_customer(self):
        self.row.with_user(self.manager).do_decline()
        self.assertEqual(self.row.state, "declined")

    def test_attendee_answers_for_oneself(self):
        row = self.attendee_of(self.booking, self.staff.partner_id).with_user(
            self.staff
        )
        row.do_accept()
        self.assertEqual(row.state, "accepted")

    def test_employee_may_still_move_the_event(self):
        """In the platform's calendar everybody may, and the organiser is asked anew."""
        self.booking.meeting_id.user_id = self.staff
        self.event.with_user(self.curious).write(
            {
                "start": self.event.start + FIVE_MINUTES,
                "stop": self.event.stop + FIVE_MINUTES,
            }
        )
        self.assertEqual(self.booking.start, self.event.start)


class TestContext(CuriousCase, HttpCase):
    """What only our code may say cannot come from outside."""

    def call(self, user, record, method, *args, **context):
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        with mute_logger("odoo.http"):
            answer = self.opener.post(
                f"{self.base_url()}/web/dataset/call_kw/{record._name}/{method}",
                json={
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": record._name,
                        "method": method,
                        "args": [record.ids, *args],
                        "kwargs": {"context": context},
                    },
                },
                timeout=60,
            ).json()
        self.env.invalidate_all()
        return answer

    def enter_registry_test_mode(self):
        return nullcontext()  # a case with a server is in it already

    def test_meeting_follows_whatever_is_said_to_be_saved(self):
        for said in ([self.booking.id], self.booking.id, "all", {"a": 1}):
            with self.subTest(said=said):
                start = self.event.start + FIVE_MINUTES
                answer = self.call(
                    self.manager,
                    self.event,
                    "write",
                    {
                        "start": str(start),
                        "stop": str(self.event.stop + FIVE_MINUTES),
                    },
                    syncing_booking_ids=said,
                )
                self.assertTrue(answer.get("result"), answer)
                self.assertEqual(self.booking.start, start)
                self.assertEqual(self.booking.zoom_meeting_id.start, start)

    def test_event_follows_the_booking_whatever_is_said_to_be_saved(self):
        for said in ([self.booking.id], self.booking.id, "all"):
            with self.subTest(said=said):
                start = self.booking.start + FIVE_MINUTES
                answer = self.call(
                    self.manager,
                    self.booking,
                    "write",
                    {"start": str(start)},
                    syncing_booking_ids=said,
                )
                self.assertTrue(answer.get("result"), answer)
                self.assertEqual(self.event.start, start)
                self.assertEqual(self.booking.zoom_meeting_id.start, start)

    def test_mail_that_calls_itself_a_reminder_is_entered_all_the_same(self):
        self.rbt.link_disclosure = "issued"
        answer = self.call(
            self.manager,
            self.event,
            "action_sendmail",
            web_conference_reminder=True,
            web_conference_follows=True,
            web_conference_mail=True,
        )
        self.assertTrue(answer.get("result"), answer)
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assert_says_how_to_join(mail.html, self.booking)
        known = self.event.web_conference_mail_ids.filtered("link_digest")
        self.assertIn(self.partner, known.partner_id)


class TestNamesOfZoomUsers(CuriousCase):
    """Name and e-mail of a Zoom user are for those who may read it."""

    def test_manager_of_another_company_reads_no_name_through_a_combination(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        stranger = new_test_user(
            self.env,
            "stranger",
            MANAGER,
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        self.rbc_mon.forced_zoom_user_id = self.host
        self.env.invalidate_all()
        combination = self.rbc_mon.with_user(stranger)
        names = ["zoom_user_id", "forced_zoom_user_id"]
        told = [
            combination.read(names),
            combination.web_read(
                {name: {"fields": {"display_name": {}}} for name in names}
            ),
            combination.formatted_read_group([], ["zoom_user_id"], ["__count"]),
        ]
        for answer in told:
            self.assertNotIn(self.host.email, str(answer))
            self.assertNotIn(self.host.name, str(answer))
        self.env.invalidate_all()
        mine = self.rbc_mon.with_user(self.manager).read(["zoom_user_id"])
        self.assertIn(self.host.email, str(mine))
