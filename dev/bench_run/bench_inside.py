# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Benches that use Odoo's ORM.

Each runs in a shell of its own, on a database of its own, and prints its result as JSON.
"""

import json
import re
import resource
import statistics
import threading
import time
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytz
import services
from bench_data import (
    OFFERED,
    SLOT,
    add_bookings,
    add_history,
    book,
    fill,
    first_slot,
    let_any_host,
    prepare,
)
from bench_stage import HOSTS

from odoo import SUPERUSER_ID, api, sql_db

from odoo.addons.resource_booking_zoom import const
from odoo.addons.resource_booking_zoom.models.conference.ledger_queries import (
    find_due_reminders,
)
from odoo.addons.resource_booking_zoom.models.zoom import booking_zoom_account

PATIENCE = 240  # seconds for which a run goes on at most
LATENCY = 0.2  # seconds that Zoom takes for a reading


# --- measuring ----------------------------------------------------------------------------


class Series:
    """Times and queries of one of two things that are done in turn."""

    def __init__(self):
        self.times, self.counts = [], []

    def __enter__(self):
        self._queries, self._start = sql_db.sql_counter, time.perf_counter()

    def __exit__(self, *_exception):
        self.times.append(time.perf_counter() - self._start)
        self.counts.append(sql_db.sql_counter - self._queries)

    def told(self):
        return {
            "ms": statistics.median(self.times) * 1000,
            "queries": statistics.median(self.counts),
        }


def compared(both, **more):
    """What two series come to; neighbours are compared, which had the same noise.

    :param dict both: ``zoom`` and ``none`` -> Series
    """
    pairs = zip(both["zoom"].times, both["none"].times, strict=True)
    return {
        "ratio": statistics.median(zoom / none for zoom, none in pairs),
        **{tool: one.told() for tool, one in both.items()},
        **more,
    }


@contextmanager
def fresh(registry):
    """A cursor, as each request of HTTP has one.

    What goes on beside the request ends before the next one is measured.
    """
    with closing(registry.cursor()) as cr:
        yield cr
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def environment(cr):
    return api.Environment(cr, SUPERUSER_ID, {})


# --- the benches --------------------------------------------------------------------------


def save(env, count, zoom, **_options):
    """Make and move bookings, each in a transaction of its own."""
    registry = env.registry
    series = {
        kind: {tool: Series() for tool in ("zoom", "none")}
        for kind in ("made", "moved")
    }
    start = first_slot()
    before = zoom.state["requests"]
    for number in range(-3, count):  # the first ones warm the caches
        for tool in ("zoom", "none") if number % 2 else ("none", "zoom"):
            start += SLOT
            made, moved = (
                (series["made"][tool], series["moved"][tool])
                if number >= 0
                else (Series(), Series())
            )
            with fresh(registry) as cr, made:
                booking = book(environment(cr), tool, start)
                cr.commit()
            start += SLOT
            with fresh(registry) as cr, moved:
                booking.with_env(environment(cr)).start = start
                cr.commit()
    return {
        "requests": zoom.state["requests"] - before,
        **{kind: compared(both) for kind, both in series.items()},
    }


def slots(env, bookings, rounds, listed=0, **_options):
    """Free slots of 30 days for a pending booking of either type.

    :param int listed: how many Zoom users host in turn and may host any booking; 0 where
        each resource has one
    """
    registry = env.registry
    pending = {tool: book(env, tool, False).id for tool in ("zoom", "none")}
    env.cr.commit()
    add_bookings(
        env, "zoom", bookings, "ready", start=first_slot(), hosts=listed or OFFERED
    )
    if listed:
        let_any_host(env, listed)
    series = {tool: Series() for tool in pending}
    found = {}
    for number in range(-1, rounds):
        for tool in sorted(pending, reverse=bool(number % 2)):
            with fresh(registry) as cr:
                booking = environment(cr)["resource.booking"].browse(pending[tool])
                start = pytz.utc.localize(first_slot(days=2))
                with series[tool] if number >= 0 else Series():
                    found[tool] = booking._get_available_slots(
                        start, start + timedelta(days=33)
                    )
    return compared(series, equal=found["zoom"] == found["none"])


def rows(env, waiting, zoom, **_options):
    """Work off waiting rows as a cron worker does.

    Zoom answers at once and admits everything: what is measured is the cost of Odoo's
    side, which the pace of requests would hide.
    """
    _admit_everything(env, zoom)
    add_bookings(env, "zoom", waiting)
    zoom_before = len(zoom.state["meetings"])
    queries, cpu, start = sql_db.sql_counter, time.process_time(), time.perf_counter()
    left = _issue(env)
    seconds = time.perf_counter() - start
    cpu = time.process_time() - cpu
    queries = sql_db.sql_counter - queries
    done = waiting - left
    return {
        "waiting": waiting,
        "done": done,
        "meetings": len(zoom.state["meetings"]) - zoom_before,
        "ms": seconds / done * 1000,
        "cpu_ms": cpu / done * 1000,
        "queries": queries / done,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def endless(env, kind, zoom, **_options):
    """Work off a row whose answer does not end.

    :param str kind: of fault
    :return float: MiB that the peak of this process rises by
    """
    _admit_everything(env, zoom)
    add_bookings(env, "zoom", 50)
    _issue(env)  # warms up
    add_bookings(env, "zoom", 1, start=first_slot(days=100))
    row = env["booking.zoom.meeting"].search([("state", "=", "waiting")])
    fault = {"method": "POST", "path": "/meetings$", "kind": kind}
    zoom.control("POST", "/faults", **fault)
    env.cr.commit()
    before = _reset_peak()
    env.ref("resource_booking_zoom.ir_cron_sync_meetings").method_direct_trigger()
    rise = _get_peak() - before
    env.cr.commit()  # to see what the run has committed
    env.invalidate_all()
    if not row.unanswered_since:
        raise RuntimeError("the answer was taken")
    return rise


def _reset_peak():
    """Let the peak of this process begin anew.

    :return float: MiB in use now
    """
    Path("/proc/self/clear_refs").write_text("5")
    return _get_peak()


def _get_peak():
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(line) / 1024


def fill_history(env, past, **_options):
    """Bookings to come, beside so many that are over."""
    add_bookings(env, "zoom", 1000, "ready", hosts=HOSTS)
    add_history(env, past)


def history(env, rounds, **_options):
    """Runs that find nothing to do, and lists."""
    meetings, bookings = env["booking.zoom.meeting"], env["resource.booking"]
    domain = [("stop", ">", datetime.utcnow())]
    done = {
        "reminders": env["booking.conference.mail"]._cron_send_reminders,
        "meetings": meetings._cron_sync_meetings,
        "list of meetings": lambda: meetings.web_search_read(
            domain, {"start": {}, "state": {}, "problem_message": {}}, limit=80
        ),
        "list of bookings": lambda: bookings.web_search_read(
            domain, {"start": {}, "join_link_state": {}, "display_name": {}}, limit=80
        ),
    }
    series = {name: Series() for name in done}
    for number in range(-2, rounds):
        for name, run in done.items():
            env.invalidate_all()
            with series[name] if number >= 0 else Series():
                run()
            env.cr.commit()
    return {name: one.told() for name, one in series.items()}


def _admit_everything(env, zoom):
    """Let Zoom answer at once, and admit whatever it is asked for."""
    fast = dict.fromkeys(const.REQUESTS_PER_SECOND["business"], 10**6)
    const.REQUESTS_PER_SECOND["business"] = fast
    booking_zoom_account.DAILY_REQUEST_LIMIT = 10**6
    zoom.control("POST", "/settings", latency=0, enforce_qps=False, daily_limit=10**6)
    # Nobody may enter more than Zoom admits; here Zoom admits more.
    env.cr.execute(
        "ALTER TABLE booking_zoom_account"
        " DROP CONSTRAINT IF EXISTS booking_zoom_account_limits_sensible"
    )
    env["booking.zoom.account"].search([]).write(
        {"plan": "business", "daily_request_limit": 10**6}
    )


def _issue(env):
    """Work off waiting rows.

    :return int: how many are left
    """
    cron = env.ref("resource_booking_zoom.ir_cron_sync_meetings")
    meetings, waiting = env["booking.zoom.meeting"], [("state", "=", "waiting")]
    start = time.perf_counter()
    while meetings.search_count(waiting) and time.perf_counter() - start < PATIENCE:
        cron.method_direct_trigger()
        env.cr.commit()
    return meetings.search_count(waiting)


def reminders(env, count, rounds, zoom, **_options):
    """Send reminders of bookings of either type, all due at once.

    The reading of each meeting before its mail is not part of the comparison: the stock
    calendar does nothing of the kind, and it is the scheduled action for meetings that
    does it, in another worker. It is told by itself.
    """
    _admit_everything(env, zoom)
    # Starts within a day, so that the alarm of one day is due.
    start = datetime.utcnow() + timedelta(hours=2)
    for tool in ("zoom", "none"):
        add_bookings(env, tool, count, start=start)
    assert not _issue(env), "meetings were not issued"
    series = {tool: Series() for tool in ("zoom", "none")}
    mails = {}
    for number in range(rounds):
        for tool in ("zoom", "none") if number % 2 else ("none", "zoom"):
            _forget_mails(env, "now() AT TIME ZONE 'UTC'")
            with series[tool]:
                _send_ours(env) if tool == "zoom" else _send_stock(env)
            env.cr.rollback()
            mails[tool] = env["mail.mail"].search_count([])
    _forget_mails(env, "NULL")
    zoom.control("POST", "/settings", latency=LATENCY, enforce_qps=True)
    env["booking.zoom.account"].search([]).plan = "pro"
    env.cr.commit()
    before = zoom.state["requests"]
    start = time.perf_counter()
    _send_ours(env, env.ref("resource_booking_zoom.ir_cron_sync_meetings"))
    seconds = time.perf_counter() - start
    env.cr.rollback()
    return compared(
        series,
        mails=mails,
        read_seconds=seconds,
        read_mails=env["mail.mail"].search_count([]),
        readings=zoom.state["requests"] - before,
    )


def _forget_mails(env, checked_at):
    """Let nothing be sent yet.

    :param str checked_at: SQL, when the meetings were read
    """
    env.cr.execute("DELETE FROM booking_conference_mail")
    env.cr.execute("DELETE FROM mail_mail")
    env.cr.execute(
        "UPDATE booking_zoom_meeting SET check_at = NULL, awaited_since = NULL, "
        f"checked_at = {checked_at}"
    )
    env.cr.commit()
    env.invalidate_all()


def _send_ours(env, *others):
    """Run the reminders, and other scheduled actions by turns, until all are sent."""
    cron = env.ref("resource_booking_zoom.ir_cron_send_reminders")
    start = time.perf_counter()
    while find_due_reminders(env) and time.perf_counter() - start < PATIENCE:
        for action in (cron, *others):
            action.method_direct_trigger()
            env.cr.commit()


def _send_stock(env):
    lastcall = datetime.utcnow() - timedelta(days=1)
    env["calendar.alarm_manager"].with_context(lastcall=lastcall)._send_reminder()
    env.cr.commit()


BENCHES = {
    bench.__name__: bench
    for bench in (
        *(prepare, fill, save, slots, rows, endless),
        *(reminders, fill_history, history),
    )
}


def run(cr, name, options):
    """Run one of them, and print what it comes to."""
    options["zoom"] = services.Zoom(options["zoom"])
    print(json.dumps(BENCHES[name](environment(cr), **options)))
