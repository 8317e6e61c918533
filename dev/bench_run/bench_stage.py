# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where the benches run: a Zoom simulator with 50 users, a database linked to it."""

import json
from contextlib import ExitStack, contextmanager

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
        account = {"account_id": ACCOUNT}
        self.zoom.control("POST", "/accounts", plan="pro", **account)
        app = {"client_id": "bench-client", "client_secret": "bench-secret"}
        kind = "account_credentials"
        self.zoom.control("POST", "/apps", kind=kind, **account, **app)
        self.zoom.add_users(ACCOUNT, [f"bench{number:02}" for number in range(HOSTS)])

    def set_zoom(self, **settings):
        self.zoom.control("POST", "/settings", **settings)

    # --- Odoo -----------------------------------------------------------------------------

    def fresh_copy(self):
        """A copy of the prepared database, and a Zoom that has counted nothing yet.

        The name is always the same.
        """
        limits = {"enforce_qps": True, "daily_limit": DAILY_LIMIT}
        self.set_zoom(latency=0, create_category="Light", **limits)
        counts = {user["id"]: 0 for user in self.zoom.state["users"]}
        self.zoom.control("POST", "/counts", **counts)
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
        options["zoom"] = dict(self.zoom)
        done = testdb.run_odoo(
            *(database, "shell", *services.smtp_arguments(self.mails.port)),
            code=f"import bench_inside\nbench_inside.run(env.cr, {bench!r}, {options!r})",
        )
        return json.loads(done.stdout.splitlines()[-1])

    def server(self):
        """A running Odoo with cron workers of its own, on the copy that is in use."""
        return services.odoo_server(RUN, self.port, self.mails.port, workers=2)

    def sql(self, query, *values):
        return testdb.sql(query, *values, database=RUN)
