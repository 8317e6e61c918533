# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The main job from end to end, step by step.

Each step does what a person would do, over HTTP, and tells what came back.  A step fails when
Odoo, the Zoom simulator and the mails do not agree.
"""

import re
import textwrap
import time
from datetime import datetime, timedelta

import requests
import services
from demo_text import TOKYO, UTC, from_odoo, in_tokyo, names_time, shorten, show, tell
from webclient import Browser, Refused

DATABASE = "resource_booking_zoom_demo"
ADMIN_EMAIL = "admin@demo.example.com"
STAFF = ("tanaka", "tanaka")
STAFF_EMAIL = "tanaka@demo.example.com"
CRON_SECONDS = 90  # how long Odoo's scheduled actions may take; they need about one
MODULE = "resource_booking_zoom"


class StepFailed(Exception):
    """What a step saw is not what it should be."""


def check(condition, complaint):
    if not condition:
        raise StepFailed(complaint)


def wait_for(what, get):
    """Wait until there is an answer, and tell how long that took."""
    start = time.monotonic()
    answer = services.wait_for(get, CRON_SECONDS)
    check(answer, f"{what} did not come within {CRON_SECONDS} s")
    tell(f"{time.monotonic() - start:.1f} s later: {what}")
    return answer


def wait_for_mail(what, mails, address, text):
    """The first mail to this address with this text in its subject or its plain part."""

    def get():
        found = [one for one in mails.to(address) if text in one.subject + one.text]
        return found[0] if found else None

    return wait_for(what, get)


class Walk:
    """The steps, in order; what one learns the next ones use."""

    def __init__(self, stage):
        self.stage = stage
        self.zoom = stage.zoom
        self.mails = stage.mails
        self.admin = Browser(stage.odoo_url)
        self.staff = Browser(stage.odoo_url)
        self.customer = Browser(stage.odoo_url)
        self.steps = (
            ("connect the Zoom account", self.connect_account),
            ("list the Zoom users", self.list_users),
            ("bind a Zoom user", self.bind_user),
            ("share a booking with a customer", self.share_booking),
            ("the customer picks a slot", self.pick_slot),
            ("the scheduled action issues the meeting", self.issue_meeting),
            ("until the reminder nobody is told the link", self.link_is_hidden),
            ("the customer moves the booking", self.move_booking),
            ("the reminder is sent", self.send_reminder),
            ("a cancelled booking loses its meeting", self.cancel_booking),
            ("at Zoom's daily limit the administrator is told", self.reach_limit),
            ("Odoo's log", self.read_log),
        )

    def run(self):
        """Take the steps.

        :return str: the name of the step that failed, or None
        """
        for number, (name, step) in enumerate(self.steps, 1):
            print(f"\n{number}. {name[0].upper()}{name[1:]}")
            try:
                step()
            except (StepFailed, Refused, requests.RequestException) as error:
                print(f"   FAILED: {error}")
                return name
        return None

    def the_meeting(self):
        """The one meeting that Zoom has."""
        meetings = self.zoom.live_meetings
        check(len(meetings) == 1, f"Zoom has {len(meetings)} meetings, not one")
        return meetings[0]

    # --- the steps ----------------------------------------------------------------------

    def connect_account(self):
        """As an administrator's browser does: consent at Zoom, and back."""
        self.admin.log_in(*services.ADMIN)
        self.account, page = self.admin.begin_to_connect(
            self.zoom, alert_email=ADMIN_EMAIL, plan="business"
        )
        tell(f"Odoo sends the browser to {shorten(page.base_url)}")
        tell(f"Zoom shows “{page.findtext('.//title')}” and asks for consent: Allow")
        response, page = self.admin.open(page.xpath("//a[@class='allow']/@href")[0])
        for one in (*response.history, response):
            tell(f"  {one.status_code} {shorten(one.url)}")
        message = page.xpath("string(//p[contains(@class, 'o_zoom_oauth_message')])")
        check(not message, message)
        names = ("state", "connected_email", "zoom_account_id", "missing_scopes")
        account = self.admin.read("booking.zoom.account", self.account, *names)
        check(account["state"] == "connected", f"the account is {account['state']}")
        check(not account["missing_scopes"], f"missing: {account['missing_scopes']}")
        ours, theirs = account["zoom_account_id"], self.zoom["account_id"]
        check(ours == theirs, f"linked with {ours}, not {theirs}")
        tell(f"Connected: Zoom account {theirs} by {account['connected_email']}")

    def list_users(self):
        names = ["name", "email", "license", "status", "zoom_id"]
        self.users = self.admin.call("booking.zoom.user", "search_read", [], names)
        for user in self.users:
            tell(f"{user['email']:<22} {user['license']:<9} {user['name']}")
        ours = {user["zoom_id"] for user in self.users}
        theirs = {user["id"] for user in self.zoom.state["users"]}
        check(ours == theirs, f"Zoom has {len(theirs)} users")

    def bind_user(self):
        by_name = {user["email"].partition("@")[0]: user for user in self.users}
        self.host, self.second_host = by_name["tanaka"], by_name["suzuki"]
        for host, xml_id in (
            (self.host, "resource_tanaka_demo"),
            (self.second_host, "resource_suzuki_demo"),
        ):
            resource = self.admin.id_of(f"{MODULE}.{xml_id}")
            self.admin.write("resource.resource", resource, zoom_user_id=host["id"])
            row = self.admin.read("resource.resource", resource, "name", "zoom_message")
            tell(f"{host['email']} hosts for {row['name']}. What follows:")
            tell(textwrap.indent(row["zoom_message"], "  "))
        xml_id = f"{MODULE}.resource_booking_type_online_demo"
        self.booking_type = self.admin.id_of(xml_id)
        names = ("name", "web_conference_tool", "conference_warning")
        row = self.admin.read("resource.booking.type", self.booking_type, *names)
        check(row["web_conference_tool"] == "zoom", "the booking type is not of Zoom")
        check(not row["conference_warning"], row["conference_warning"])
        tell(f"Booking type “{row['name']}” uses Zoom, nothing is missing.")

    def share_booking(self):
        """The administrator, who manages bookings, sends one by Odoo's share dialog.

        Who is booked has a booking user's rights and sees the own bookings only.
        """
        self.staff.log_in(*STAFF)
        partner = self.partner = self.admin.id_of(f"{MODULE}.res_partner_customer_demo")
        self.address = self.admin.read("res.partner", partner, "email")["email"]
        # somebody comes along who reads Japanese
        self.companion = "sato@customer.example.com"
        companion = self.admin.create(
            "res.partner", name="佐藤 健", email=self.companion, lang="ja_JP"
        )
        people = [(6, 0, [partner, companion])]
        self.booking = self.admin.create(
            "resource.booking", type_id=self.booking_type, partner_ids=people
        )
        share = self.admin.call(
            "portal.share",
            "create",
            {
                "res_model": "resource.booking",
                "res_id": self.booking,
                "partner_ids": [(6, 0, [partner])],
            },
            # as the button has it: the dialog shows the link, so the page gets an address
            context={"active_model": "resource.booking", "active_id": self.booking},
        )
        self.admin.call("portal.share", "action_send_mail", [share])
        mail = wait_for_mail(
            "the link to the booking", self.mails, self.address, "/mail/view"
        )
        tell(f"Mail to {mail.recipients[0]}: “{mail.subject}”")
        found = re.findall(r'href="([^"]*/mail/view[^"]*)"', mail.html)
        check(found, "the mail has no link to the booking")
        self.share_url = found[0].replace("&amp;", "&")

    def pick_slot(self):
        """Two days ahead and by day, so that the reminder is not due yet."""
        response, page = self.customer.open(self.share_url)
        check("/my/bookings/" in response.url, f"the link leads to {response.url}")
        tell(f"The link in the mail opens {response.url}")
        earliest = datetime.now(UTC) + timedelta(days=2)
        self.start = self.take_slot(page, earliest)

    def take_slot(self, page, earliest):
        """Go from the booking's page to its calendar and confirm a slot.

        :param page: the portal's page of the booking
        :param earliest: aware; the first slot by daylight from then on is taken
        :return: its start, aware
        """
        buttons = page.xpath("//a[contains(@href, '/schedule')]/@href")
        check(buttons, "the page of the booking offers no button to schedule it")
        _response, page = self.customer.open(buttons[0])
        for _month in range(2):
            forms = {
                datetime.fromisoformat(form.fields["when"]): form
                for form in page.xpath("//form[.//input[@name='when']]")
            }
            slots = [
                start
                for start in sorted(forms)
                if start >= earliest and 9 <= start.astimezone(TOKYO).hour < 17
            ]
            if slots:
                break
            (following,) = page.xpath("//a[@title='Next month']/@href")
            _response, page = self.customer.open(following)
        check(slots, "no free slot is offered")
        tell(f"{len(slots)} free slots are offered from {in_tokyo(earliest)} on")
        response, self.booking_page = self.customer.submit(forms[slots[0]])
        check("error=" not in response.url, f"the slot is refused: {response.url}")
        row = self.staff.read("resource.booking", self.booking, "start", "state")
        check(row["start"] and from_odoo(row["start"]) == slots[0], f"Odoo has {row}")
        tell(f"Confirmed: {in_tokyo(slots[0])}, the booking is {row['state']}")
        return slots[0]

    def issue_meeting(self):
        wait_for("the meeting is ready", self.is_ready)
        row = self.read_meeting()
        meeting = self.the_meeting()
        tell(f"Meeting ID {row['zoom_id_formatted']}, passcode {row['passcode']}")
        tell(f"Join URL   {row['join_url']}")
        tell(
            f"Zoom has   “{meeting['topic']}”, {in_tokyo(datetime.fromisoformat(meeting['start_time']))},"
            f" {meeting['duration']} minutes"
        )
        self.compare(row, meeting)
        self.tell_requests(1)

    def is_ready(self):
        names = ("join_link_state", "join_link_problem")
        row = self.staff.read("resource.booking", self.booking, *names)
        check(row["join_link_state"] != "stuck", row["join_link_problem"])
        return row["join_link_state"] == "ready"

    def read_meeting(self):
        """The meeting as Odoo has it."""
        row = self.staff.read("resource.booking", self.booking, "zoom_meeting_id")
        names = ("zoom_id", "zoom_id_formatted", "join_url", "passcode", "start")
        meeting = row["zoom_meeting_id"][0]
        return self.staff.read("booking.zoom.meeting", meeting, *names)

    def compare(self, row, meeting):
        """Odoo must have what Zoom has, and Zoom what the booking says."""
        check(row["zoom_id"] == str(meeting["id"]), f"Zoom's ID is {meeting['id']}")
        check(row["join_url"] == meeting["join_url"], f"Zoom: {meeting['join_url']}")
        check(row["passcode"] == meeting["password"], "Zoom has another passcode")
        check(meeting["host_id"] == self.host["zoom_id"], "another Zoom user hosts")
        start = datetime.fromisoformat(meeting["start_time"])
        check(start == self.start, f"Zoom has it at {meeting['start_time']}")

    def tell_requests(self, expected):
        names = ("request_count_today", "request_limit", "next_reset")
        row = self.staff.read("booking.zoom.user", self.host["id"], *names)
        tell(
            f"{self.host['email']} has used {row['request_count_today']} of "
            f"{row['request_limit']} requests of today; next reset "
            f"{in_tokyo(from_odoo(row['next_reset']))}"
        )
        used = row["request_count_today"]
        check(used == expected, f"{used} requests are counted, not {expected}")
        counted = self.zoom.state["counts"].get(self.host["zoom_id"])
        check(used == counted, f"Zoom has counted {counted}")

    def link_is_hidden(self):
        url = self.the_meeting()["join_url"]
        _response, page = self.customer.open(self.share_url)
        check(url not in page.text_content(), "the portal shows the link")
        check(not page.xpath(f"//a[@href='{url}']"), "the portal has the link")
        for mail in self.mails.mails:
            check(url not in mail.message.as_string(), f"“{mail.subject}” has the link")
            check(url not in mail.html, f"“{mail.subject}” has the link")
        tell(f"Neither the portal nor the {len(self.mails.mails)} mails so far")

    def move_booking(self):
        """To the next slot by day, within 24 hours: the reminder is due at once."""
        before = self.the_meeting()
        earliest = datetime.now(UTC) + timedelta(minutes=5)
        self.start = self.take_slot(self.booking_page, earliest)

        def moved():
            meeting = self.the_meeting()
            start = datetime.fromisoformat(meeting["start_time"])
            return meeting if start == self.start else None

        meeting = wait_for("Zoom has the new time", moved)
        check(meeting["id"] == before["id"], "Zoom has a new one, not the moved one")
        tell("It is the same meeting.")
        wait_for("the booking is ready again", self.is_ready)
        self.compare(self.read_meeting(), meeting)
        self.tell_requests(2)

    def send_reminder(self):
        """The type's reminder is due a day before: now."""
        mail = wait_for_mail("the reminder", self.mails, self.address, "Reminder: ")
        self.reminder = mail
        show(mail)
        self.check_reminder(mail)
        tell("Join URL, meeting ID, passcode and time are those that Zoom has.")
        url = self.the_meeting()["join_url"]
        self.reminder_ja = wait_for_mail("in Japanese", self.mails, self.companion, url)
        self.check_reminder(self.reminder_ja)
        tell(f"Who reads Japanese, {self.companion}, got: {self.reminder_ja.subject}")
        wait_for_mail("to who is booked, too", self.mails, STAFF_EMAIL, mail.subject)

    def check_reminder(self, mail):
        """The mail must tell what Zoom has, in both its parts."""
        meeting = self.the_meeting()
        for part, text in (("plain", mail.text), ("html", mail.html)):
            content = text.replace("&amp;", "&")
            for what, wanted in (
                ("join URL", meeting["join_url"]),
                ("meeting ID", self.read_meeting()["zoom_id_formatted"]),
                ("passcode", meeting["password"]),
            ):
                check(wanted in content, f"the {part} part lacks the {what} {wanted}")
            check(names_time(content, self.start), f"the {part} part lacks the time")

    def book_by_manager(self, combination, days):
        """A booking that a manager schedules, at 10 o'clock in so many days; its id."""
        start = datetime.now(TOKYO).replace(hour=10, minute=0, second=0, microsecond=0)
        start = (start + timedelta(days=days)).astimezone(UTC)
        booking = self.admin.create(
            "resource.booking",
            type_id=self.booking_type,
            partner_ids=[(6, 0, [self.partner])],
            combination_auto_assign=False,
            combination_id=self.admin.id_of(f"{MODULE}.{combination}"),
        )
        self.admin.write("resource.booking", booking, start=f"{start:%F %T}")
        tell(f"The manager books {in_tokyo(start)}")
        return booking

    def cancel_booking(self):
        booking = self.book_by_manager("resource_booking_combination_suzuki_demo", 3)
        wait_for("the meeting", lambda: len(self.zoom.live_meetings) == 2)
        (meeting,) = (
            one
            for one in self.zoom.live_meetings
            if one["host_id"] == self.second_host["zoom_id"]
        )
        tell(f"Zoom has meeting {meeting['id']} of {self.second_host['email']}")
        self.admin.call("resource.booking", "action_cancel", [booking])
        wait_for(
            "cancelled, and Zoom has it no more",
            lambda: meeting["id"] not in [one["id"] for one in self.zoom.live_meetings],
        )

    def reach_limit(self):
        """Other programs may use up the limit, too: Zoom says so, nobody else."""
        host = self.second_host
        self.zoom.control("POST", "/counts", **{host["zoom_id"]: 100})
        tell(f"Zoom has counted 100 requests of {host['email']} today.")
        booking = self.book_by_manager("resource_booking_combination_suzuki_demo", 4)
        mail = wait_for_mail(
            "the mail to the administrator", self.mails, ADMIN_EMAIL, "[Caution!]"
        )
        self.limited, self.alert = booking, mail
        names = ("join_link_state", "join_link_problem")
        row = self.admin.read("resource.booking", booking, *names)
        state = row["join_link_state"]
        check(state == "stuck", f"the booking is {state}")
        tell(f"The booking says: {row['join_link_problem']}")
        show(mail)
        check(host["email"] in mail.text, "the mail does not name the Zoom user")

    def read_log(self):
        trouble, met = services.log_trouble()
        for record in trouble:
            tell(record)
        check(not trouble, "Odoo has logged warnings or errors")
        tell(f"No warning, no error; {met} transactions met another and were repeated.")
