# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from lxml.html import fromstring

from odoo import Command
from odoo.fields import Datetime
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from odoo.addons.resource_booking.tests.common import create_test_data

from ..models.zoom.readings import awaits_reading
from ..tools import zoom_pace
from .zoom_simulator import ZoomSimulator

# A Friday; the platform's test data offers Mondays and Tuesdays, 08:00 to 17:00 UTC.
NOW = datetime(2027, 2, 26, 9, 0)
MONDAY = datetime(2027, 3, 1, 8, 0)
TUESDAY = MONDAY + timedelta(days=1)
GUEST = "guest@example.com"

# Requests that may fail.
CREATE = {"method": "POST", "path": r"/users/.*/meetings"}
SEARCH = {"method": "GET", "path": r"/users/.*/meetings"}
READ = {"method": "GET", "path": r"/meetings/\d"}
UPDATE = {"method": "PATCH", "path": r"/meetings/"}
DELETE = {"method": "DELETE", "path": r"/meetings/"}


class ZoomMixin:
    """A clock that is moved, and a Zoom on loopback that follows it."""

    @classmethod
    def start_zoom(cls):
        """Start the clock and the simulator; point the module to it."""
        cls.frozen = freeze_time(NOW, tick=True)
        cls.clock = cls.frozen.start()
        cls.addClassCleanup(cls.frozen.stop)
        # An earlier class may have been later: a pacer would wait until then.
        zoom_pace._pacers.clear()
        cls.zoom = ZoomSimulator()
        cls.zoom.start()
        cls.addClassCleanup(cls.zoom.stop)
        cls.zoom.clock.set(NOW.replace(tzinfo=UTC))
        # As on a server that runs it.
        cron = cls.env.ref("resource_booking_zoom.ir_cron_sync_meetings")
        cron.nextcall = NOW + timedelta(days=10 * 365)
        parameters = cls.env["ir.config_parameter"].sudo()
        parameters.set_param("resource_booking_zoom.oauth_url", cls.zoom.url)
        parameters.set_param("resource_booking_zoom.api_url", f"{cls.zoom.url}/v2")

    @classmethod
    def create_connected_account(cls, company=None, account_id="account-1", users=2):
        """Link a new Zoom account of the simulator, server-to-server.

        :return: booking.zoom.account; its users are ``zoom_user_ids``
        """
        company = company or cls.env.company
        zoom_account = cls.zoom.add_account(account_id=account_id, plan="business")
        app = cls.zoom.add_app(
            zoom_account,
            client_id=f"client-{account_id}",
            client_secret=f"secret-{account_id}",
            kind="account_credentials",
        )
        for number in range(1, users + 1):
            cls.zoom.add_user(
                zoom_account,
                email=f"host{number}@{account_id}.example.com",
                first_name=f"Host{number}",
                last_name="Zoom",
                type=2,
            )
        account = cls.env["booking.zoom.account"].create(
            {
                "company_id": company.id,
                "auth_method": "account_credentials",
                "client_id": app.client_id,
                "client_secret": app.client_secret,
                "zoom_account_id": account_id,
                "alert_email": "admin@example.com",
                "plan": "business",
            }
        )
        account.action_connect()
        return account

    @classmethod
    def create_staff(cls, login, group="user", **values):
        """Somebody who handles bookings, those of others only as a manager."""
        groups = f"base.group_user,resource_booking.group_{group}"
        return new_test_user(cls.env, login, groups, **values)

    @classmethod
    def create_manager(cls, login="manager", **values):
        return cls.create_staff(login, "manager", **values)

    @classmethod
    def create_other_account(cls, **values):
        """The Zoom account of another company."""
        company = cls.env["res.company"].create({"name": "Second Clinic"})
        account = cls.create_connected_account(company, "account-2")
        account.write(values)
        return account

    def clear_zoom(self):
        """Let Zoom forget what earlier tests did; accounts and users stay."""
        self.move_to(NOW)
        self.zoom.faults.clear()
        state = self.zoom.state
        for memory in (
            state.meetings,
            state.requests,
            state.host_counts,
            state.account_counts,
            state.recent,
        ):
            memory.clear()

    def move_to(self, moment):
        """Set the clock, Odoo's and Zoom's.

        :param moment: naive UTC
        """
        self.clock.move_to(moment)
        self.zoom.clock.set(moment.replace(tzinfo=UTC))
        # Time never goes back for a pacer but here: it would wait for hours.
        zoom_pace._pacers.clear()

    def wait(self, **delta):
        """Let time pass; the clock ticks, too."""
        self.move_to(Datetime.now() + timedelta(**delta))

    def later(self, **delta):
        """Let time pass and run the scheduled action."""
        self.wait(**delta)
        self.sync_meetings()

    def run_cron(self, name):
        """Run a scheduled action as the server does; it must not fail."""
        self.env.flush_all()
        cron = self.env.ref(f"resource_booking_zoom.{name}")
        self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def sync_meetings(self):
        self.run_cron("ir_cron_sync_meetings")

    def wake_ups(self, name="ir_cron_send_reminders"):
        """When a scheduled action is to run, that of the mails if none is named."""
        cron = self.env.ref(f"resource_booking_zoom.{name}")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        return triggers.mapped("call_at")

    def forget_wake_ups(self):
        self.env["ir.cron.trigger"].search([]).unlink()

    def send_reminders(self):
        """Run the mails; meetings that they wait for are read, as the server does."""
        self.run_cron("ir_cron_send_reminders")
        asked = [("check_at", "<=", Datetime.now()), ("awaited_since", "!=", False)]
        rows = (
            self.env["booking.zoom.meeting"].search(asked).filtered("booking_id.start")
        )
        get_last_moment = self.env["booking.conference.mail"]._get_last_moment
        if any(awaits_reading(row, get_last_moment(row.booking_id)) for row in rows):
            self.sync_meetings()
            self.run_cron("ir_cron_send_reminders")

    def press_button(self, record, method, headers=None, **context):
        """Press a button of the backend in the browser of an HttpCase.

        :return: the action that follows
        """
        answer = self._press(record, method, headers, context)
        self.assertNotIn("error", answer, answer)
        return answer["result"]

    def press_in_vain(self, record, method):
        """Press a button of the backend; return what is said why it does nothing."""
        return self._press(record, method, None, {})["error"]["data"]["message"]

    def _press(self, record, method, headers, context):
        self.env.flush_all()
        params = {
            "model": record._name,
            "method": method,
            "args": [record.ids],
            "kwargs": {"context": context},
        }
        answer = self.url_open(
            f"/web/dataset/call_button/{record._name}/{method}",
            json={"params": params},
            headers=headers,
        )
        self.env.invalidate_all()
        return answer.json()

    def assert_ended(self, pair):
        """Zoom has ended this pair of tokens, by the next run of the action."""
        self.sync_meetings()
        self.assertFalse(pair.current)

    # === WHAT ZOOM HAS === #

    def live_meetings(self):
        return sorted(self.zoom.live_meetings(), key=lambda meeting: meeting.start_time)

    def requests(self, method, path="/meetings"):
        """Requests of this kind that Zoom has received."""
        return self.zoom.requests_of(method, path)

    def counted_requests(self):
        """Creations and updates, which count towards the limit."""
        return len(self.requests("POST", "/meetings")) + len(self.requests("PATCH"))


class BookingMixin(ZoomMixin):
    """A linked account, a Zoom type, and the platform's resources bound to users."""

    @classmethod
    def set_up_bookings(cls):
        create_test_data(cls)
        cls.start_zoom()
        cls.account = cls.create_connected_account()
        cls.host, cls.other_host = cls.account.zoom_user_ids.sorted("email")
        # The combinations of Monday, Tuesday and both days; the last one is not
        # available on either.
        cls.rbc_mon, cls.rbc_tue, cls.rbc_both = cls.rbcs[:3]
        cls.r_materials[0].zoom_user_id = cls.host
        cls.r_materials[1].zoom_user_id = cls.host
        cls.r_materials[2].zoom_user_id = cls.other_host
        cls.rbt.write(
            {
                "web_conference_tool": "zoom",
                "combination_assignment": "sorted",
                "videocall_location": False,
                "modifications_deadline": 0,
            }
        )
        cls.partner.write({"email": "customer@example.com", "name": "Secret Customer"})

    @classmethod
    def book(cls, start=MONDAY, partner=None, **values):
        """A scheduled booking, as staff make it.

        :param start: naive UTC, None for a pending booking
        """
        partner = partner or cls.partner
        booking = cls.env["resource.booking"].create(
            {
                "partner_ids": [Command.set(partner.ids)],
                "type_id": cls.rbt.id,
                "combination_auto_assign": "combination_id" not in values,
                **values,
            }
        )
        if start:
            booking.start = start
        return booking

    @classmethod
    def book_many(cls, count, start=MONDAY, minutes=5, host=None):
        """Meeting rows of so many bookings, one after another; the first host's.

        The platform's checks of each booking would cost seconds: the meeting rows
        are what is tested, so they are made from one booking each without event.
        """
        bookings = cls.env["resource.booking"].create(
            [
                {
                    "partner_ids": [Command.set(cls.partner.ids)],
                    "type_id": cls.rbt.id,
                    "combination_auto_assign": False,
                    "combination_id": cls.rbc_mon.id,
                }
                for _number in range(count)
            ]
        )
        return cls.env["booking.zoom.meeting"].create(
            [
                {
                    "booking_id": booking.id,
                    "zoom_user_id": (host or cls.host).id,
                    "start": start + timedelta(minutes=minutes * number),
                    "duration": minutes,
                    "topic": "Consultation",
                }
                for number, booking in enumerate(bookings)
            ]
        )

    @classmethod
    def make_calendar(cls, tz):
        """A calendar that is open day and night."""
        return cls.env["resource.calendar"].create(
            {
                "name": f"All week in {tz}",
                "tz": tz,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"Day {day}",
                                "dayofweek": str(day),
                                "hour_from": 0,
                                "hour_to": 24,
                                "day_period": "morning",
                            }
                        )
                        for day in range(7)
                    ),
                ],
            }
        )

    @classmethod
    def create_guest(cls):
        return cls.env["res.partner"].create({"name": "Guest", "email": GUEST})

    def attendee_of(self, booking, partner=None):
        """The customer as Odoo invites them; or somebody else."""
        partner = partner or self.partner
        return booking.meeting_id.attendee_ids.filtered(
            lambda one: one.partner_id == partner
        )

    def count_of_today(self, host=None):
        """What the host has used of Zoom's requests today."""
        return self.env["booking.zoom.request.count"]._get_today(host or self.host)

    def use_up(self, host, requests=100):
        """Count so many requests of today as sent for a host."""
        for _number in range(requests):
            self.env["booking.zoom.request.count"]._reserve(host, "create")
        self.env.invalidate_all()

    def create_alarm(self, minutes, template=None, kind="email"):
        """An alarm; with the platform's own template unless one is given."""
        values = {"mail_template_id": template.id} if template else {}
        return self.env["calendar.alarm"].create(
            {
                "name": f"{minutes} minutes before",
                "alarm_type": kind,
                "duration": minutes,
                "interval": "minutes",
                **values,
            }
        )

    def use_other_tool(self, url="https://teams.example.com/room", **values):
        """Give the type a fixed URL of another tool; return it."""
        self.rbt.write(
            {"web_conference_tool": "other", "videocall_location": url, **values}
        )
        return url


class HttpBookingCase(BookingMixin, HttpCase):
    """Bookings, and requests to Odoo as browsers make them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_bookings()

    def setUp(self):
        super().setUp()
        self.clear_zoom()

    def call(self, model, method, *args, **kwargs):
        """Call a method as the web client does."""
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def pick(self, booking, start):
        """Press the slot that begins then; the text of the page that follows."""
        self.env.flush_all()
        page = fromstring(self.url_open(booking.get_portal_url()).content)
        form = {
            "when": f"{start.isoformat()}+00:00",
            "csrf_token": page.cssselect("input[name='csrf_token']")[0].get("value"),
        }
        response = self.url_open(booking.get_portal_url(suffix="/confirm"), form)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return " ".join(fromstring(response.content).text_content().split())

    def start_booking_tour(self, booking, name):
        """Run a tour that begins on the form of the booking, as the "reception"."""
        action = self.env.ref("resource_booking.resource_booking_action")
        path = f"/odoo/action-{action.id}/{booking.id}"
        self.start_tour(path, name, login="reception")
        self.env.invalidate_all()

    def start_type_tour(self, name):
        """Run a tour that begins on the form of the booking type, as a manager."""
        self.create_manager("reception")
        action = self.env.ref("resource_booking.resource_booking_type_action")
        path = f"/odoo/action-{action.id}/{self.rbt.id}"
        self.start_tour(path, name, login="reception")


@tagged("post_install", "-at_install")
class ZoomCase(BookingMixin, TransactionCase):
    """Bookings, a linked account and a Zoom on loopback; new cursors see the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_bookings()

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.move_to(NOW)
        self.zoom.faults.clear()
        # Zoom does not roll back: an earlier test may have ended this token.
        self.account._get_client(rejected=self.account.access_token)
        self.env.invalidate_all()
        self.clear_zoom()
