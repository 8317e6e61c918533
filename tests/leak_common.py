# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from .common import MONDAY
from .leak_finder import Finder
from .leak_reader import Reader, is_refusal
from .leak_secrets import Secrets, readings
from .mail_common import MailCase

HALF_HOUR = timedelta(minutes=30)
OTHER_URL = (
    "https://teams.example.com/l/meetup-join/19%3ameeting_Zq7wK4/0?pwd=Tk9xQ2vRbL8s"
)
# Of the booking whose link is entered by hand: URL, passcode, meeting ID.
BY_HAND = ("https://meet.example.com/by-hand/Vx83pQ", "hN5wJ2", "70455501337")
QUARTER = HALF_HOUR / 2
# When the reminders of all bookings are due.
DISCLOSED = MONDAY - QUARTER
ICS = "invitation.ics"
PORTAL = "base.group_portal"
EMPLOYEE = "base.group_user,base.group_allow_export"
BOOKER = f"{EMPLOYEE},resource_booking.group_user"
MANAGER = f"{EMPLOYEE},resource_booking.group_manager"
# Booking users may read the types, so the URL that a type has for all its bookings.
KNOWN_TO_BOOKERS = "resource.booking.type"


class Said(dict):
    """A context that comes along with a call."""


class LeakCase(MailCase, HttpCase):
    """A customer with a Zoom booking, one of another tool, one by hand; everybody else.

    Both meetings are issued, all mails sent; no reminder is due yet.
    """

    link_disclosure = "reminder"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        model = cls.registry["ir.mail_server"]
        cls.enterClassContext(
            patch.object(model, "_disable_send", lambda _server: False)
        )
        # The platform's test data switches the tracking of changes off.
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False})
        cls.rbt = cls.rbt.with_env(cls.env)
        cls.create_people()
        cls.create_bookings()
        cls.talk_about_bookings()
        cls.run_action("mail.ir_cron_mail_scheduler_action")
        cls.mails = cls.smtp.mails
        cls.find_secrets()

    @classmethod
    def find_secrets(cls):
        """Look up where in the database the secrets are now."""
        finder = Finder(cls.env, cls.secrets)
        cls.models = finder.models
        cls.holders = [
            (model, field, records.ids)
            for (model, field), records in finder.holders.items()
        ]
        with cls.quiet():
            cls.paths = finder.get_paths()

    @classmethod
    def create_people(cls):
        cls.staff.group_ids += cls.env.ref("resource_booking.group_user")
        cls.customer = cls.create_user("customer", PORTAL)
        cls.manager = cls.create_user("manager", MANAGER)
        # And those who have nothing to do with the bookings.
        branch = cls.env["res.company"].create({"name": "Branch"})
        cls.portal_user = cls.create_user("portal_user", PORTAL)
        cls.employee = cls.create_user("employee", EMPLOYEE)
        cls.booker = cls.create_user("booker", BOOKER)
        cls.branch_manager = cls.create_user(
            "branch_manager",
            MANAGER,
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        cls.public = cls.env.ref("base.public_user")

    @classmethod
    def create_user(cls, login, groups, **values):
        return new_test_user(
            cls.env, login, groups, email=f"{login}@example.com", **values
        )

    @classmethod
    def create_bookings(cls):
        cls.rbt.write(
            {
                "company_id": cls.account.company_id.id,
                "link_disclosure": cls.link_disclosure,
                "zoom_dial_in_country_ids": [Command.link(cls.env.ref("base.jp").id)],
            }
        )
        cls.other_type = cls.rbt.copy(
            {
                "name": "Consultation with another tool",
                "web_conference_tool": "other",
                "videocall_location": OTHER_URL,
            }
        )
        partner = cls.customer.partner_id
        cls.zoom_booking = cls.book(partner=partner)
        cls.other_booking = cls.book(
            MONDAY + HALF_HOUR,
            partner=partner,
            type_id=cls.other_type.id,
            duration=1 / 12,
        )
        by_hand_type = cls.rbt.copy({"name": "Consultation by hand"})
        cls.booking_by_hand = cls.book(
            MONDAY + HALF_HOUR + QUARTER,
            partner=partner,
            type_id=by_hand_type.id,
            duration=1 / 12,
        )
        url, passcode, number = BY_HAND
        cls.booking_by_hand._choose_link("manual", url, number, passcode)
        cls.bookings = cls.zoom_booking | cls.other_booking | cls.booking_by_hand
        cls.run_action("resource_booking_zoom.ir_cron_sync_meetings")
        row = cls.zoom_booking.zoom_meeting_id
        cls.zoom_secrets = Secrets(row.join_url, row.passcode, row.zoom_id)
        cls.phone_passcode = row.phone_passcode
        cls.other_secrets = Secrets(OTHER_URL)
        cls.secrets_by_hand = Secrets(*BY_HAND)
        cls.secrets = [cls.zoom_secrets, cls.other_secrets, cls.secrets_by_hand]

    @classmethod
    def talk_about_bookings(cls):
        """Everything that people receive: dates, notes, changes, answers."""
        events = cls.bookings.meeting_id
        # A curious employee follows the events, as every employee can.
        events.message_subscribe(cls.employee.partner_id.ids)
        cls.bookings.message_subscribe(cls.customer.partner_id.ids)
        for booking in cls.bookings:
            booking.description = "Bring your card"
            for thread in (booking, booking.meeting_id):
                thread.message_post(body="See you", subtype_xmlid="mail.mt_comment")
        events.attendee_ids.do_tentative()
        cls.run_action("resource_booking_zoom.ir_cron_sync_meetings")

    @classmethod
    def run_action(cls, name):
        cls.env.flush_all()
        cls.env.ref(name).method_direct_trigger()
        cls.env.invalidate_all()

    @classmethod
    def disclose(cls):
        """Let the reminders go out.

        :return list: the mails that arrived
        """
        cls.move_to(cls, DISCLOSED)
        cls.smtp.clear()
        cls.run_action("resource_booking_zoom.ir_cron_send_reminders")
        # The mails wait until the meetings have been read.
        cls.run_action("resource_booking_zoom.ir_cron_sync_meetings")
        cls.run_action("resource_booking_zoom.ir_cron_send_reminders")
        cls.run_action("mail.ir_cron_mail_scheduler_action")
        return cls.smtp.mails

    def enter_registry_test_mode(self):
        return nullcontext()  # a case with a server is in it already

    @staticmethod
    def quiet():
        """Hundreds of refusals are what is wanted."""
        return mute_logger(
            "odoo.http", "odoo.models", "odoo.addons.base.models.ir_model"
        )

    # === WHAT AN EMPLOYEE WRITES === #

    def make_mischief(self):
        """The employee tries to be told how to join, over RPC, in every way.

        :return list: what was refused
        """
        self.env.flush_all()
        reader = Reader(self, self.employee)
        refused = []
        with self.quiet(), mute_logger("odoo.sql_db"):
            for model, method, *args in self.get_mischief():
                context = args.pop() if isinstance(args[-1], Said) else {}
                answer = reader.call(
                    model, method, *args, context={"active_test": False, **context}
                )
                if is_refusal(answer):
                    refused.append((model, method))
        self.env.invalidate_all()
        return refused

    def get_mischief(self):
        """All that an employee can write on calendar, attendees, partners, messages.

        :return iterator: of (model, method, arguments …)
        """
        own, me = self.employee.partner_id.id, self.employee.id
        for event in self.bookings.meeting_id:
            yield from self.get_mischief_of(event, own, me)
        row = self.lunch.attendee_ids.id
        for event in self.bookings.meeting_id:
            yield "calendar.attendee", "write", [row], {"event_id": event.id}
            yield (
                "calendar.event",
                "write",
                event.ids,
                {"attendee_ids": [Command.link(row)]},
            )
        for partner in (self.customer | self.staff).partner_id:
            yield "res.partner", "write", partner.ids, {"email": self.employee.email}
            yield "res.partner", "write", partner.ids, {"parent_id": own}
        alarm = self.rbt.alarm_ids[:1]
        yield "calendar.alarm", "write", alarm.ids, {"mail_template_id": False}
        messages = self.env["mail.message"].sudo()
        for message in messages.search([("model", "=", "calendar.event")]):
            ids = message.ids
            yield "mail.message", "write", ids, {"author_id": own}
            yield (
                "mail.message",
                "write",
                ids,
                {"partner_ids": [Command.link(own)]},
            )
            yield "mail.message", "write", ids, {"message_type": "comment"}
            yield (
                "mail.notification",
                "create",
                {
                    "mail_message_id": message.id,
                    "res_partner_id": own,
                    "notification_type": "inbox",
                },
            )
            yield "mail.message", "toggle_message_starred", ids

    def get_mischief_of(self, event, own, me):
        ids = event.ids
        soon = event.start + timedelta(minutes=5)
        said = Said(
            syncing_booking_ids=self.bookings.ids,
            using_portal=True,
            web_conference_mail=True,
            web_conference_reminder=True,
            web_conference_follows=True,
            template_preview_lang="en_US",
            default_author_id=own,
            default_partner_ids=[own],
            default_res_partner_id=own,
        )
        for attendee in event.attendee_ids:
            row = attendee.ids
            for values in (
                {"partner_id": own},
                {"event_id": self.lunch.id},
                {"email": self.employee.email},
                {"state": "declined"},
                {"common_name": "Me", "access_token": "guessed"},
            ):
                yield "calendar.attendee", "write", row, values
            yield "calendar.attendee", "do_decline", row
            yield "calendar.attendee", "unlink", row
        yield "calendar.attendee", "create", {"event_id": event.id, "partner_id": own}
        for values in (
            {"user_id": me},
            {"partner_ids": [Command.link(own)]},
            {"partner_ids": [Command.set([own])]},
            {"attendee_ids": [Command.create({"partner_id": own})]},
            {"resource_booking_ids": [Command.clear()]},
            {"description": "<p>${object.videocall_location}</p>"},
            {"res_model": "res.partner", "res_id": own},
            {"message_follower_ids": [Command.create({"partner_id": own})]},
        ):
            yield "calendar.event", "write", ids, values
            yield "calendar.event", "write", ids, values, said
        yield "calendar.event", "message_subscribe", ids, [own]
        yield "calendar.event", "action_join_meeting", ids, own
        yield "calendar.event", "action_sendmail", ids
        yield "calendar.event", "action_sendmail", ids, said
        yield "calendar.event", "write", ids, {"start": str(soon)}
        yield "calendar.event", "copy", ids
        for booking in event.sudo().resource_booking_ids:
            yield "resource.booking", "message_subscribe", booking.ids, [own]
            yield (
                "resource.booking",
                "write",
                booking.ids,
                {"partner_ids": [Command.link(own)]},
            )
            yield "resource.booking", "write", booking.ids, {"user_id": me}

    # === WHAT PEOPLE FIND === #

    def assert_mail_has_it(self, mail, booking):
        """Text, HTML and calendar file say how to join."""
        for text in (mail.text, mail.html, mail.attachments[ICS].decode()):
            self.assert_all_in(text, booking)

    def assert_all_in(self, text, booking):
        """The text says all of how to join this booking, and nothing of the other."""
        for one, secrets in zip(self.bookings, self.secrets, strict=True):
            expected = secrets.names if one == booking else set()
            self.assertEqual(secrets.found_in(text), expected)

    def assert_nothing_in(self, texts, known=None):
        """None of the texts gives a secret away.

        :param texts: iterable of (place, text)
        :param known: the place whose text may tell the other tool's URL
        """
        found = {}
        for place, text in texts:
            names = self.zoom_secrets.found_in(text)
            names |= self.secrets_by_hand.found_in(text)
            if any(self.phone_passcode in reading for reading in readings(text)):
                names.add("passcode by phone")
            if place != known:
                names |= self.other_secrets.found_in(text)
            if names:
                found[place] = sorted(names)
        self.assertFalse(found)

    def assert_finds_nothing(self, user, known=None):
        """The user reads and searches everything, and learns nothing.

        :param known: a model that may tell the other tool's URL
        """
        self.env.flush_all()
        reader = Reader(self, user)
        with self.quiet():
            self._assert_finds_nothing(reader, known)

    def _assert_finds_nothing(self, reader, known):
        self.assert_nothing_in(reader.read_all(self.models), known)
        self.assert_nothing_in(self.get_pages(reader))
        for model, field, ids in self.holders:
            if model != known:
                self.assert_nothing_in(reader.read_records(model, field, ids))
        paths = [
            path
            for path in self.paths
            if path.holder != known and reader.can_read(path.model)
        ]
        self.assertTrue(paths)
        told = {str(path): reader.get_oracles(path) for path in paths}
        self.assertFalse({path: names for path, names in told.items() if names})
        for path in paths:
            if len(path.fields) <= 2:
                self.assert_nothing_in(reader.read_path(path))

    def get_pages(self, reader, token=False):
        """What the browser shows.

        :param bool token: open the pages of the bookings with their access token
        :return iterator: of (address, text)
        """
        for url in self.get_urls(token):
            yield url, reader.get(url)
        for url, params in self.get_fetches(token):
            yield url, reader.post(url, **params)

    def get_urls(self, token):
        yield from ("/my", "/my/bookings", "/odoo")
        for booking in self.bookings:
            page = f"/my/bookings/{booking.id}"
            query = f"access_token={booking._portal_ensure_token()}" if token else ""
            yield f"{page}?{query}"
            yield f"{page}/schedule?{query}"
            yield f"{page}/schedule/2027/3?{query}"
            yield f"/mail/view?model=resource.booking&res_id={booking.id}&{query}"
            yield f"/mail/view?model=calendar.event&res_id={booking.meeting_id.id}"
        files = self.env["ir.attachment"].sudo().search([], limit=15, order="id desc")
        for file in files:
            yield f"/web/content/{file.id}?download=1"

    def get_fetches(self, token):
        """What the pages fetch by themselves."""
        for thread in [*self.bookings, *self.bookings.meeting_id]:
            params = {"thread_model": thread._name, "thread_id": thread.id}
            yield "/mail/thread/messages", params
            if token and thread._name == "resource.booking":
                params["token"] = thread._portal_ensure_token()
            yield "/mail/chatter_fetch", params
            yield "/portal/chatter_init", params
        for box in ("inbox", "history", "starred"):
            yield f"/mail/{box}/messages", {}
        fetch = ["failures", "systray_get_activities", "init_messaging"]
        yield "/mail/data", {"fetch_params": fetch}
        yield "/calendar/notify", {}
        yield "/web/session/get_session_info", {}
