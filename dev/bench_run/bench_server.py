# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Benches on a running server, whose own cron workers do the work."""

import hashlib
import hmac
import json
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle

import requests
import services
import testdb
from bench_stage import ACCOUNT, RUN, WEBHOOK_SECRET
from webclient import Browser

LATENCY = 0.2  # seconds that Zoom takes for an answer
# Requests per second that the plan "pro" admits, by the category of creations.
PRO_LIMITS = {"Light": 30, "Medium": 20}
PATIENCE = 180  # seconds
EVENTS_AT_ONCE = 8

WAKE = """
WITH cron AS (UPDATE ir_cron SET active = TRUE
               WHERE id = (SELECT res_id FROM ir_model_data
                            WHERE module = 'resource_booking_zoom'
                              AND name = 'ir_cron_sync_meetings') RETURNING id)
INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT id, now() AT TIME ZONE 'UTC' FROM cron
"""
SLEEP = "UPDATE ir_cron SET active = FALSE"
# The longest time for which Odoo does not look at a cron by itself.
QUIET = "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 hour'"


def drain(stage, count, sequential, category):
    """Let a server work off ``count`` waiting bookings.

    :param str category: to which Zoom says that creations belong
    :param int sequential: how many meetings a plain script makes beside it, one request
        after another
    :return dict: ``rate`` and ``sequential`` (meetings per second), ``refused``
    """
    _prepare(stage, count)
    stage.set_zoom(create_category=category)
    before = stage.zoom.state["requests"]
    with stage.server():
        seconds = _time_until_ready(stage, count)
    made = stage.zoom.control("GET", f"/requests?since={before}")["requests"]
    return {
        "rate": count / seconds,
        "refused": sum(one["status"] != 201 for one in made if "/v2/" in one["path"]),
        "sequential": sequential / _one_after_another(stage, sequential),
    }


def dripping(stage, count, pause):
    """How long bookings take whose host has nothing to do with an answer that drips.

    :param int count: of the bookings
    :param float pause: seconds between two bytes of the answer for one of them; 0: all
        answers come at once
    :return float: seconds until all others are ready
    """
    _prepare(stage, count)
    if pause:
        fault = {"method": "POST", "path": "/meetings$", "kind": "drip_body"}
        stage.zoom.control("POST", "/faults", pause=pause, **fault)
    with stage.server():
        seconds = _time_until_ready(stage, count - bool(pause))
        if pause and _count_ready(stage) == count:
            raise services.Unavailable("no answer has dripped")
    return seconds


def _prepare(stage, count):
    """So many waiting bookings, which no scheduled action sees before it is woken."""
    stage.fresh_copy()
    stage.fill(count=count)
    stage.sql(f"{SLEEP};{QUIET}")
    stage.set_zoom(latency=LATENCY)


def _time_until_ready(stage, count):
    """Wake the scheduled action, and wait for so many ready meetings.

    :return float: seconds
    """

    def are_ready():
        # A server that has just started may not listen yet.
        _notify()
        return _count_ready(stage) >= count

    start = time.monotonic()
    stage.sql(WAKE)
    if not services.wait_for(are_ready, PATIENCE, pause=0.05):
        ready = _count_ready(stage)
        raise services.Unavailable(f"{ready} of {count} are ready in {PATIENCE} s")
    return time.monotonic() - start


def _notify():
    """As saving a booking does."""
    testdb.sql("SELECT pg_notify('cron_trigger', %s)", RUN)


def _count_ready(stage):
    ((count,),) = stage.sql(
        "SELECT count(*) FROM booking_zoom_meeting WHERE state = 'ready'"
    )
    return count


def _one_after_another(stage, count):
    """Make meetings as a script does that waits for each answer.

    :return float: seconds
    """
    found = stage.sql(
        "SELECT account.access_token, host.zoom_id FROM booking_zoom_account account "
        "JOIN booking_zoom_user host ON host.account_id = account.id"
    )
    begin = datetime.now(UTC) + timedelta(days=200)
    start = time.monotonic()
    for number, (token, host) in zip(range(count), cycle(found), strict=False):
        response = requests.post(
            f"{stage.zoom['url']}/v2/users/{host}/meetings",
            json={
                "topic": "Consultation",
                "type": 2,
                "start_time": f"{begin + timedelta(hours=number):%FT%TZ}",
                "duration": 30,
            },
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        response.raise_for_status()
    return time.monotonic() - start


def ready(stage, count):
    """Book through the web client in an idle system and wait for each link.

    :return dict: ``median`` and ``p95``, seconds from the commit to the state *ready*
    """
    stage.fresh_copy()
    stage.sql(QUIET)
    stage.set_zoom(latency=LATENCY)
    with stage.server():
        browser = Browser(stage.url)
        browser.log_in(*services.ADMIN)
        (zoom_type,) = browser.search(
            "resource.booking.type", ("name", "=", "Bench zoom")
        )
        (customer,) = browser.search(
            "res.partner", ("email", "=", "customer@bench.example")
        )
        first = datetime.now(UTC) + timedelta(days=3)
        first = first.replace(minute=0, second=0, microsecond=0)
        taken = []
        for number in range(count + 1):
            start = first + timedelta(minutes=30 * number)
            with _Watch() as watch:
                browser.create(
                    "resource.booking",
                    type_id=zoom_type,
                    partner_ids=[(6, 0, [customer])],
                    start=f"{start:%F %T}",
                )
            taken.append(watch.seconds)
            # not in step with what the server does by the clock
            time.sleep(random.uniform(0.3, 1.3))
    taken = sorted(taken[1:])  # the first one warms the caches
    return {
        "median": statistics.median(taken),
        "p95": taken[min(int(0.95 * len(taken)), len(taken) - 1)],
    }


def webhook(stage, count):
    """Let events of Zoom arrive, several at a time, while waiting bookings are issued.

    :return dict: ``median`` and ``longest``, seconds until the answer
    """
    stage.fresh_copy()
    stage.fill(count=count)
    stage.set_zoom(latency=LATENCY)
    with stage.server(), ThreadPoolExecutor(EVENTS_AT_ONCE) as executor:
        requests.get(f"{stage.url}/web/login", timeout=60)  # load the registry
        stage.sql(WAKE)
        _notify()
        taken = list(executor.map(lambda number: _tell(stage, number), range(count)))
    return {"median": statistics.median(taken), "longest": max(taken)}


def _tell(stage, number):
    """Tell Odoo, signed as Zoom does, that a meeting was edited.

    :return float: seconds until the answer
    """
    event = {
        "event": "meeting.updated",
        "event_ts": int(time.time() * 1000),
        "payload": {
            "account_id": ACCOUNT,
            "object": {"id": 80000000000 + number, "topic": "Edited"},
        },
    }
    body, moment = json.dumps(event).encode(), str(int(time.time()))
    message = b"v0:" + moment.encode() + b":" + body
    digest = hmac.new(WEBHOOK_SECRET.encode(), message, hashlib.sha256).hexdigest()
    start = time.monotonic()
    response = requests.post(
        f"{stage.url}/resource_booking_zoom/webhook",
        data=body,
        headers={
            "Content-Type": "application/json",
            "x-zm-request-timestamp": moment,
            "x-zm-signature": f"v0={digest}",
        },
        timeout=60,
    )
    response.raise_for_status()
    return time.monotonic() - start


class _Watch:
    """Sees in the database when a new meeting row appears and when it is ready."""

    LAST = "SELECT id, state FROM booking_zoom_meeting ORDER BY id DESC LIMIT 1"

    def __enter__(self):
        self._connection = testdb.connect(RUN)
        self._cursor = self._connection.cursor()
        self._before = self._look()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._thread.join()
        self._connection.close()
        if self.seconds is None:
            raise services.Unavailable("a booking got no link in time")

    def _look(self):
        self._cursor.execute(self.LAST)
        return self._cursor.fetchone() or (0, "")

    def _watch(self):
        self.seconds = committed = None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            row_id, state = self._look()
            if row_id != self._before[0]:
                committed = committed or time.monotonic()
                if state == "ready":
                    self.seconds = time.monotonic() - committed
                    return
            time.sleep(0.01)
