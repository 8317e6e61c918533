# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Faults, killed workers, mail gateways and hosts that go; ``dev/chaos`` runs it.

The random choices follow from the seed.  What other processes do in between does not, so a
seed makes a failure likely to come again, not certain.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import psutil
import requests
import services
import testdb
from chaos_mails import MailGateway
from chaos_servers import Servers, Visitor
from chaos_verdict import (
    find_errors,
    find_over_limit,
    find_over_pace,
    find_untold,
    find_wrong,
    find_wrong_mails,
)
from webclient import Browser, Refused
from zoom_simulator import webhooks

DATABASE = "resource_booking_zoom_chaos"
HOSTS = 20
REMOVED_HOSTS = 2  # deleted in Zoom on the way
DAILY_LIMIT = 100
# Admits so few requests per second that the servers must share them.
PLAN = "pro"
WEBHOOK_ROUTE = "/resource_booking_zoom/webhook"
EVENT_ATTEMPTS = 3
DOWN_SECONDS = 5  # how long a server is down
# Zoom's own limit is lifted, or nobody could see that it was exceeded.
NO_LIMIT = 100_000
SLOT = timedelta(minutes=30)
CLIENTS = 3  # people who book at the same time
SETTLE_ROUNDS = 12
SETTLE_SECONDS = 25
# kind of fault, share of the requests, values
FAULTS = (
    ("drop_before", 0.03, {}),
    ("drop_after", 0.04, {}),
    ("malformed", 0.02, {}),
    ("html", 0.02, {}),
    ("status", 0.02, {"status": 503}),
    ("status", 0.02, {"status": 502, "executes": True}),
    ("delay", 0.05, {"delay": 0.5}),
    # Answers that drip, or have no end.
    ("drip_head", 0.01, {"pause": 4.0}),
    ("drip_body", 0.01, {"pause": 4.0}),
    ("endless", 0.01, {}),
)
# Each reminder is due as soon as the booking is made: its link is sent when it is there.
REMIND_DAYS = 30
MANY_MOVES = 8  # of a customer who cannot decide

SETUP = """
calendar = env.ref("resource_booking_zoom.resource_calendar_always_demo")
hosts = env["booking.zoom.user"].search([("email", "like", "chaos%%@")], order="email")
combinations = []
for host in hosts:
    resource = env["resource.resource"].create({
        "name": host.name, "resource_type": "material", "calendar_id": calendar.id,
        "zoom_user_id": host.id})
    combinations.append(env["resource.booking.combination"].create(
        {"resource_ids": [(6, 0, resource.ids)]}).id)
alarm = env["calendar.alarm"].create({
    "name": "Chaos", "alarm_type": "email", "duration": %(days)d, "interval": "days",
    "mail_template_id": env.ref("resource_booking_zoom.mail_template_reminder").id})
booking_type = env["resource.booking.type"].create({
    "name": "Chaos", "resource_calendar_id": calendar.id, "duration": 0.5,
    "modifications_deadline": 0, "web_conference_tool": "zoom",
    "alarm_ids": [(6, 0, alarm.ids)],
    "combination_rel_ids": [(0, 0, {"combination_id": one}) for one in combinations]})
env["res.partner"].create([
    {"name": f"Customer {number}", "email": f"chaos{number:04}@example.com"}
    for number in range(%(customers)d)])
env["booking.zoom.account"].search([]).write(
    {"plan": %(plan)r, "daily_request_limit": %(limit)d, "reserve_requests": 0})
# whoever logs in on another server must not change the address in mails
env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
env.cr.commit()
"""
# What 00:00 UTC does, and the full limit.
NEXT_DAY = f"""
UPDATE booking_zoom_account SET daily_request_limit = {DAILY_LIMIT};
UPDATE booking_zoom_meeting SET next_attempt = NULL, problem = NULL
 WHERE problem = 'daily_limit' OR problem IS NULL;
DELETE FROM booking_zoom_change_count
"""

# Lets the time pass that rows wait for; only when no worker lives that could hold a claim.
FORWARD = """
UPDATE booking_zoom_meeting
   SET next_attempt = next_attempt - interval '10 minutes',
       claimed_at = claimed_at - interval '10 minutes',
       missing_since = missing_since - interval '10 minutes',
       unanswered_since = unanswered_since - interval '10 minutes',
       check_at = check_at - interval '10 minutes';
UPDATE booking_zoom_change_count SET last_at = last_at - interval '10 minutes';
UPDATE ir_cron SET nextcall = nextcall - interval '10 minutes' WHERE active
"""
# Notes each process that asks Zoom for something.
WATCH = """
CREATE TABLE chaos_process (process text);
CREATE FUNCTION note_process() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO chaos_process VALUES (NEW.process); RETURN NULL; END $$;
CREATE TRIGGER note_process AFTER INSERT OR UPDATE ON booking_zoom_pace
   FOR EACH ROW EXECUTE FUNCTION note_process()
"""
UNSETTLED = """
SELECT (SELECT count(*) FROM booking_zoom_meeting
         WHERE state IN ('waiting', 'changed', 'removing')
           AND stop > now() AT TIME ZONE 'UTC')
     + (SELECT count(*) FROM mail_mail WHERE state = 'outgoing')
     + (SELECT count(*) FROM booking_zoom_meeting row
          JOIN resource_booking booking ON booking.id = row.booking_id
         WHERE row.state = 'ready' AND booking.active
           AND row.stop > now() AT TIME ZONE 'UTC'
           AND NOT EXISTS (SELECT FROM booking_conference_mail entry
                            WHERE entry.link_id = row.id
                              AND entry.link_digest IS NOT NULL
                              AND entry.superseded IS NOT TRUE))
"""
LEDGER = """
SELECT partner.email, row.zoom_id, entry.create_date, entry.event_id IS NOT NULL
  FROM booking_conference_mail entry
  JOIN res_partner partner ON partner.id = entry.partner_id
  JOIN booking_zoom_meeting row ON row.id = entry.link_id
 WHERE entry.link_digest IS NOT NULL
"""
CUSTOMERS = """
SELECT row.zoom_id, partner.email
  FROM booking_zoom_meeting row
  JOIN res_partner_resource_booking_rel rel ON rel.resource_booking_id = row.booking_id
  JOIN res_partner partner ON partner.id = rel.res_partner_id
 WHERE row.zoom_id IS NOT NULL
"""
DECLINED = "SELECT count(*) FROM calendar_attendee WHERE state = 'declined'"


class Chaos:
    def __init__(self, servers, zoom, options, gateway):
        self.servers, self.zoom = servers, zoom
        self.gateway = gateway
        self.options = options
        self.random = random.Random(options.seed)
        self.counts = Counter()
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.customers = iter(())
        self.removed_hosts = set()
        self.errors = []
        # So low that some hosts reach it.
        self.limit = max(options.bookings // HOSTS, 2)

    # --- the simulator ------------------------------------------------------------------

    def remove_hosts(self, browser, seed):
        """Delete Zoom users when half of the bookings are made; tell Odoo after a while."""
        choice = random.Random(seed)
        self.wait_for_bookings(1 / 2)
        users = self.zoom.state["users"]
        hosts = [user["id"] for user in users if user["email"].startswith("chaos")]
        for host in choice.sample(hosts, REMOVED_HOSTS):
            meetings = self.zoom.live_meetings
            self.zoom.control("DELETE", f"/users/{host}")
            self.removed_hosts.add(host)
            for meeting in meetings:
                if meeting["host_id"] == host:
                    self.send_event("meeting.deleted", meeting, choice)
        self.stopping.wait(choice.uniform(0.5, 2.0))
        account = ("action_sync_users", [self.account])
        self.do(browser, "users fetched", *account, model="booking.zoom.account")

    def send_event(self, name, meeting, choice):
        """What Zoom reports; it asks again when it gets no answer in time."""
        start = datetime.fromisoformat(meeting["start_time"])
        deleted = SimpleNamespace(**{**meeting, "start_time": start})
        body = webhooks.meeting_event(name, deleted, datetime.now(UTC))
        self.counts["events sent"] += 1
        for _attempt in range(EVENT_ATTEMPTS):
            url = self.servers.choose(choice).url + WEBHOOK_ROUTE
            with suppress(OSError):
                status, _text = webhooks.deliver(url, self.zoom["webhook_secret"], body)
                self.counts[f"events answered with {status}"] += 1
                if status == 204:
                    return

    def start_faults(self):
        for kind, share, values in FAULTS:
            values = {"kind": kind, "probability": share, "times": None, **values}
            self.zoom.control("POST", "/faults", path="/v2/", **values)
        self.zoom.control("POST", "/settings", latency=0.05)

    # --- Odoo ---------------------------------------------------------------------------

    def browser(self, server=None):
        browser = Browser((server or self.servers.all[0]).url)
        browser.log_in(*services.ADMIN)
        return browser

    def visitor(self):
        browsers = {server.url: self.browser(server) for server in self.servers.all}
        return Visitor(self.servers, browsers, random.Random(self.random.random()))

    def sql(self, query):
        return testdb.sql(query, database=DATABASE)

    # --- chaos --------------------------------------------------------------------------

    def prepare(self, browser):
        names = [f"chaos{number:02}" for number in range(HOSTS)]
        names += [f"spare{number}" for number in range(REMOVED_HOSTS)]
        self.zoom.add_users(self.zoom["account_id"], names)
        self.account, page = browser.begin_to_connect(
            self.zoom,
            webhook_secret=self.zoom["webhook_secret"],
            alert_email="admin@demo.example.com",
        )
        browser.open(page.xpath("//a[@class='allow']/@href")[0])
        self.zoom.control("POST", "/settings", daily_limit=NO_LIMIT)
        self.zoom.control("PATCH", f"/accounts/{self.zoom['account_id']}", plan=PLAN)
        values = {
            "plan": PLAN,
            "limit": self.limit,
            "days": REMIND_DAYS,
            "customers": self.options.bookings,
        }
        testdb.run_odoo(DATABASE, "shell", code=SETUP % values)
        self.sql(WATCH)
        (self.type,) = browser.search("resource.booking.type", ("name", "=", "Chaos"))
        customers = browser.search("res.partner", ("email", "like", "chaos%@"))
        self.customers = iter(customers)
        self.combinations = browser.search(
            "resource.booking.combination", ("type_rel_ids.type_id", "=", self.type)
        )
        start = datetime.now(UTC) + timedelta(days=1)
        self.first = start.replace(hour=0, minute=0, second=0, microsecond=0)

    def run(self):
        self.start_faults()
        shares = [self.options.bookings // CLIENTS] * CLIENTS
        shares[0] += self.options.bookings % CLIENTS
        # they log in before the first worker is killed
        visitors = [self.visitor() for _one in range(CLIENTS + 1)]
        seed = self.random.random
        with ThreadPoolExecutor(CLIENTS + 2) as threads:
            try:
                killer = threads.submit(self.kill, seed())
                people = [threads.submit(self.remove_hosts, visitors.pop(), seed())]
                for visitor, share in zip(visitors, shares, strict=True):
                    people.append(threads.submit(self.behave, visitor, share, seed()))
                self.take_servers_down(random.Random(seed()))
                for one in people:
                    one.result()
            finally:
                self.stopping.set()
            killer.result()
        self.zoom.control("DELETE", "/faults")

    def take_servers_down(self, choice):
        """Stop each of several servers, or let its machine fail; start it again.

        Meanwhile the others have to do all.
        """
        several = self.servers.all if len(self.servers.all) > 1 else []
        for number, server in enumerate(choice.sample(several, len(several)), start=1):
            self.wait_for_bookings(number / (len(several) + 1))
            if choice.random() < 0.5:
                server.stop()
                self.counts["servers stopped"] += 1
            else:
                server.kill()
                self.counts["servers failed"] += 1
            self.errors += find_errors(server.get_log())
            time.sleep(DOWN_SECONDS)
            server.start()

    def wait_for_bookings(self, share):
        """Wait until people have tried to make so many of the bookings."""
        tries = ("made", "made: refused", "made: killed")
        wanted = self.options.bookings * share
        while sum(self.counts[what] for what in tries) < wanted:
            time.sleep(0.2)

    def behave(self, browser, bookings, seed):
        """Make bookings, and move and cancel some of them."""
        choice = random.Random(seed)
        mine = []
        for _number in range(bookings):
            booking = self.do(browser, "made", "create", self.booking_vals(choice))
            mine += [booking] if booking else []
            dice = choice.random()
            if mine and dice < 0.35:
                one = choice.choice(mine)
                for _move in range(MANY_MOVES if dice < 0.05 else 1):
                    values = {"start": self.slot(choice)}
                    self.do(browser, "moved", "write", [one], values)
            elif mine and dice < 0.45:
                one = mine.pop(choice.randrange(len(mine)))
                self.do(browser, "cancelled", "action_cancel", [one])
            elif mine and dice < 0.5:
                one = mine.pop(choice.randrange(len(mine)))
                self.do(browser, "deleted", "unlink", [one])

    def do(self, browser, what, method, *arguments, model="resource.booking"):
        """One click; it may be refused, or meet a worker that is killed."""
        try:
            result = browser.call(model, method, *arguments)
        except Refused:
            what, result = f"{what}: refused", None
        except requests.RequestException:
            what, result = f"{what}: killed", None
        with self.lock:
            self.counts[what] += 1
        return result

    def slot(self, choice):
        return f"{self.first + choice.randrange(600) * SLOT:%Y-%m-%d %H:%M:%S}"

    def booking_vals(self, choice):
        return {
            "type_id": self.type,
            "partner_ids": [(6, 0, [self.take_customer()])],
            "combination_auto_assign": False,
            "combination_id": choice.choice(self.combinations),
            "start": self.slot(choice),
        }

    def take_customer(self):
        """A customer who has no booking yet."""
        with self.lock:
            return next(self.customers)

    def kill(self, seed):
        """Kill workers of Odoo, and let the access token expire now and then."""
        choice = random.Random(seed)
        while not self.stopping.wait(choice.uniform(0.3, 2.0)):
            if self.counts["kills"] >= self.options.kills:
                return
            workers = self.servers.get_workers()
            if workers:
                with suppress(psutil.NoSuchProcess):
                    choice.choice(workers).kill()
                    self.counts["kills"] += 1
            if choice.random() < 0.2:
                self.sql("UPDATE booking_zoom_account SET token_expires_at = NULL")
                self.counts["tokens expired"] += 1

    # --- the end ------------------------------------------------------------------------

    def mend_hosts(self, browser):
        """Bind other Zoom users in place of those that were deleted, as staff do."""
        browser.call("booking.zoom.account", "action_sync_users", [self.account])
        spare = browser.search("booking.zoom.user", ("email", "like", "spare%@"))
        for host in self.removed_hosts:
            (bound,) = browser.search(
                "resource.resource",
                ("zoom_user_id.zoom_id", "=", host),
                ("zoom_user_id.active", "in", (True, False)),
            )
            browser.write("resource.resource", bound, zoom_user_id=spare.pop())

    def keep_errors(self):
        """Note what Odoo has logged, before it is started again."""
        self.errors += find_errors(self.servers.get_logs())

    def end_day(self):
        """Whether the limit of the first day was kept; then it is lifted.

        To be called when no worker lives.

        :return list: what is wrong, as sentences
        """
        state = self.zoom.state
        reached = [one for one in state["counts"].values() if one >= self.limit]
        self.counts["hosts at their limit"] = len(reached)
        self.sql(NEXT_DAY)
        return find_over_limit(state, self.limit)

    def is_settled(self):
        """Whether nothing waits; else the scheduled actions are woken."""
        # As ``_trigger()`` does; by themselves the workers look once a minute.
        testdb.sql(f"NOTIFY cron_trigger, '{DATABASE}'")
        return self.sql(UNSETTLED) == [(0,)]

    def verdict(self):
        """What is wrong in the end, as sentences."""
        browser = self.browser()
        state = self.zoom.state
        rows = browser.call(
            "booking.zoom.meeting",
            "search_read",
            [("state", "in", ("waiting", "ready", "changed"))],
            ["booking_id", "zoom_id", "state", "problem", "start", "duration"],
        )
        bookings = browser.call(
            "resource.booking",
            "search_read",
            [("meeting_id", "!=", False), ("type_id", "=", self.type)],
            ["start", "duration"],
        )
        self.counts["mails"] = len(self.gateway.mails)
        self.counts["links opened by the gateway"] = self.gateway.opened
        customers = dict(self.sql(CUSTOMERS))
        entries = [
            dict(zip(("address", "zoom_id", "written", "live"), entry, strict=True))
            for entry in self.sql(LEDGER)
        ]
        mails = list(self.gateway.mails)
        wrong = find_wrong(bookings, rows, state)
        wrong += find_wrong_mails(entries, mails, customers, state, self.removed_hosts)
        wrong += find_untold(bookings, rows, mails, customers)
        if self.sql(DECLINED) != [(0,)]:
            wrong.append("somebody has declined by opening a link")
        wrong += find_over_limit(state, DAILY_LIMIT)
        wrong += find_over_pace(state)
        self.counts["requests to Zoom"] = state["requests"]
        processes = self.sql("SELECT DISTINCT process FROM chaos_process")
        servers = {process.split("-")[0] for (process,) in processes}
        self.counts["starts of a server that asked Zoom"] = len(servers)
        if self.counts["events sent"] and not self.counts["events answered with 204"]:
            wrong.append("no server has taken an event")
        if len(servers) < len(self.servers.all):
            wrong.append("a server has done nothing")
        link = browser.read("booking.zoom.account", self.account, "state")["state"]
        if link != "connected":
            wrong.append(f"the account is {link}")
        self.counts["bookings in the end"] = len(bookings)
        return wrong


def settle(chaos):
    """Start Odoo again and again, with time gone by, until nothing waits."""
    for number in range(SETTLE_ROUNDS):
        # No worker is alive here, so no claim is taken from anybody.
        chaos.sql(FORWARD)
        with chaos.servers:
            if services.wait_for(chaos.is_settled, SETTLE_SECONDS, pause=2):
                print(f"settled in round {number + 1}")
                return chaos.verdict()
            chaos.keep_errors()
    with chaos.servers:
        return [f"{chaos.sql(UNSETTLED)[0][0]} things wait", *chaos.verdict()]


def main():
    parser = argparse.ArgumentParser(
        prog="dev/chaos", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bookings", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--servers", type=int, default=2)
    options = parser.parse_args()
    services.end_on_signals()
    with (
        services.fresh_database(DATABASE),
        services.zoom_simulator() as zoom,
        services.MailSink() as mails,
    ):
        servers = Servers(DATABASE, mails.port, options.servers)
        address = servers.all[0].url
        services.prepare_database(DATABASE, zoom["url"], address)
        with MailGateway(address, lambda: servers.choose(random).url) as gateway:
            mails.on_mail = gateway.receive
            chaos = Chaos(servers, zoom, options, gateway)
            with servers:
                chaos.prepare(chaos.browser())
                start = time.monotonic()
                chaos.run()
                print(f"chaos: {time.monotonic() - start:.0f} s, seed {options.seed}")
                chaos.mend_hosts(chaos.browser())
                chaos.keep_errors()
            wrong = chaos.end_day()
            wrong += settle(chaos)
            chaos.keep_errors()
            wrong += chaos.errors
        servers.clear()
    for what, count in sorted(chaos.counts.items()):
        print(f"{count:6} {what}")
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    print(
        "Zoom has exactly what the bookings say, and people what Zoom has."
        if not wrong
        else f"{len(wrong)} wrong"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
