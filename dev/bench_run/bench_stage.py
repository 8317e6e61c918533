# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where the benches run: a Zoom simulator with 50 users, a database linked to it."""

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests
import services
import testdb

PREPARED = "resource_booking_zoom_bench"
RUN = f"{PREPARED}_run"
HOSTS = 50
DAILY_LIMIT = 100  # creations and updates of a Zoom user
ACCOUNT = "BenchAccount000000001"
WEBHOOK_SECRET = "bench-webhook-secret"


class Stage:
    """A prepared database, of which each bench gets a fresh copy.

    :param bool quick: small numbers
    """

    def __init__(self, quick):
        self.quick = quick

    def __enter__(self):
        with ExitStack() as stack:
            stack.enter_context(services.fresh_database(PREPARED))
            self.zoom = stack.enter_context(services.zoom_simulator())
            self.mails = stack.enter_context(services.MailSink())
            self.port = services.free_port()
            self.url = f"http://{services.LOOPBACK}:{self.port}"
            services.prepare_database(PREPARED, self.zoom["url"], self.url)
            self._add_account()
            self.inside_of(PREPARED, "prepare", account=ACCOUNT)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception):
        try:
            return self._stack.__exit__(*exception)
        finally:
            testdb.drop(RUN)
            testdb.drop(PREPARED)

    def pick(self, full, quick):
        return quick if self.quick else full

    # --- Zoom -----------------------------------------------------------------------------

    def _add_account(self):
        self.simulator("POST", "/accounts", account_id=ACCOUNT, plan="pro")
        self.simulator(
            "POST",
            "/apps",
            account_id=ACCOUNT,
            kind="account_credentials",
            client_id="bench-client",
            client_secret="bench-secret",
        )
        for number in range(HOSTS):
            self.simulator(
                "POST",
                "/users",
                account_id=ACCOUNT,
                email=f"bench{number:02}@zoom.example",
                first_name=f"Bench{number:02}",
                last_name="Host",
                type=2,
            )

    def simulator(self, verb, where, **body):
        """Use the simulator's control interface."""
        return control(self.zoom["url"], verb, where, **body)

    def requests_since(self, number=0):
        """Requests to Zoom after the first so many.

        :return: (list of dict, number of all)
        """
        answer = self.simulator("GET", f"/requests?since={number}")
        return answer["requests"], answer["next"]

    # --- Odoo -----------------------------------------------------------------------------

    def fresh_copy(self):
        """A copy of the prepared database, and a Zoom that has counted nothing yet.

        The name is always the same.
        """
        self.simulator(
            "POST",
            "/settings",
            latency=0,
            enforce_qps=True,
            daily_limit=DAILY_LIMIT,
            create_category="Light",
        )
        users = self.simulator("GET", "/state")["users"]
        self.simulator("POST", "/counts", **{user["id"]: 0 for user in users})
        testdb.copy(PREPARED, RUN)
        return RUN

    def inside(self, bench, **options):
        """Run a bench with Odoo's ORM, in a process and on a database of its own."""
        return self.inside_of(self.fresh_copy(), bench, **options)

    @contextmanager
    def copies(self, names):
        """Copies of the prepared database that are there at the same time.

        :return dict: name -> database
        """
        databases = {name: f"{RUN}_{name}" for name in names}
        try:
            for database in databases.values():
                testdb.copy(PREPARED, database)
            yield databases
        finally:
            for database in databases.values():
                testdb.drop(database)

    def fill(self, **options):
        """Put bookings into the copy that is in use."""
        return self.inside_of(RUN, "fill", **options)

    def inside_of(self, database, bench, **options):
        """Run a bench with Odoo's ORM, in a process of its own."""
        options |= {"database": database, "zoom": self.zoom["url"]}
        options["smtp_port"] = self.mails.port
        script = Path(__file__).with_name("bench_inside.py")
        done = subprocess.run(
            [sys.executable, script, bench, json.dumps(options)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise services.Unavailable(f"{bench} failed:\n{done.stderr[-4000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    @contextmanager
    def server(self):
        """A running Odoo with cron workers of its own, on the copy that is in use."""
        with services.odoo_server(RUN, self.port, self.mails.port, workers=2) as odoo:
            yield odoo

    def sql(self, query, *values, database=RUN):
        with testdb.open_cursor(database) as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else None


def control(zoom_url, verb, where, **body):
    """Use the simulator's control interface.

    :raise requests.HTTPError: it refuses
    """
    response = requests.request(
        verb, f"{zoom_url}/_simulator{where}", json=body, timeout=60
    )
    response.raise_for_status()
    return response.json()
