# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An Odoo with a Zoom and a mail server, all on loopback, for demonstration.

The database has the module, English and Japanese, and if wanted its demonstration data; it is
made anew each time.  Nothing here needs the internet.
"""

import ctypes
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import requests
import testdb
from testdb import Unavailable

sys.path.append(str(testdb.ROOT / "tests"))
from smtp_sink import SmtpSink  # noqa: E402  # knows nothing of Odoo's tests

LOOPBACK = "127.0.0.1"
ADMIN = ("admin", "admin")
FOLDER = testdb.STATE / "demo"
START_SECONDS = 60  # how long a server may take until it answers
STOP_SECONDS = 10
QUIET_PORTS = range(20000, 32000)
# Lines of Odoo's log that tell of a defect.
LOG_TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PR_SET_PDEATHSIG = 1  # of prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def wait_for(get, seconds, pause=0.2):
    """Ask again and again until there is an answer.

    :return: the answer, or what is false after so many seconds
    """
    deadline = time.monotonic() + seconds
    while not (answer := get()) and time.monotonic() < deadline:
        time.sleep(pause)
    return answer


# --- the database -----------------------------------------------------------------------

# What an administrator would do first: demonstration data, people who may log in.
DEMONSTRATION = """
from odoo.tools.convert import convert_file
from odoo.modules.module import Manifest
for path in Manifest.for_addon("resource_booking_zoom")["demo"]:
    convert_file(env, "resource_booking_zoom", path, {}, "init", noupdate=True)
admin = env.ref("base.user_admin")
admin.write({
    "tz": "Asia/Tokyo",
    "email": "admin@demo.example.com",
    "group_ids": [(4, env.ref("resource_booking.group_manager").id)],
})
env.company.resource_calendar_id.tz = "Asia/Tokyo"
env.company.write({"name": "Demo Company", "email": "info@demo.example.com"})
"""
# Where Zoom and Odoo are.
ADDRESSES = """
env["ir.config_parameter"].set_param("resource_booking_zoom.oauth_url", %r)
env["ir.config_parameter"].set_param("resource_booking_zoom.api_url", %r + "/v2")
env["ir.config_parameter"].set_param("web.base.url", %r)
env.cr.commit()
"""


@contextmanager
def fresh_database(name):
    """A new database with the module; nobody else makes one of this name meanwhile.

    :raise Unavailable: somebody is using it, or the module cannot be installed
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        held = testdb.lock(name, wait=False)
    except BlockingIOError:
        raise Unavailable(
            f"the database {name} is in use: another demonstration is running"
        ) from None
    with held:
        # a copy of the tests' database is there in a second
        with testdb.database() as tested:
            testdb.copy(tested, name)
        yield name


def prepare_database(name, zoom_url, odoo_url, code=DEMONSTRATION):
    """Run this Python, and point the module to the simulator."""
    code += ADDRESSES % (zoom_url, zoom_url, odoo_url)
    testdb.run_odoo(name, "shell", code=code)


# --- processes --------------------------------------------------------------------------


def free_port(wanted=0):
    """A TCP port of loopback on which nobody listens.

    :param int wanted: this one, or 0 for any
    :raise Unavailable: somebody listens there
    """
    # Not one that the system may give to a connection before the server takes it.
    for port in [wanted] if wanted else random.sample(QUIET_PORTS, 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
                return port
            except OSError as error:
                problem = f"port {port} cannot be used: {error.strerror}"
    raise Unavailable(problem)


def _die_with_parent():
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _spawn(command, **kwargs):
    # A group of its own: Ctrl-C reaches this program only, which then stops the others.
    return subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,
        **kwargs,
    )


def _stop(process):
    """End one process by its id, and what it has started and left behind."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # Workers whose server did not wait for them would go on working in the database.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Zoom(dict):
    """A simulator that runs: what it printed (``url``, ``client_id``, …), and its controls."""

    def control(self, verb, where, **body):
        """Use its control interface.

        :raise requests.HTTPError: it refuses
        """
        response = requests.request(
            verb, f"{self['url']}/_simulator{where}", json=body, timeout=60
        )
        response.raise_for_status()
        return response.json()

    @property
    def state(self):
        return self.control("GET", "/state")

    @property
    def live_meetings(self):
        return [one for one in self.state["meetings"] if not one["deleted"]]

    def add_users(self, account, names):
        """Users who may hold meetings, with the addresses ``NAME@zoom.example``."""
        for name in names:
            self.control(
                "POST",
                "/users",
                account_id=account,
                email=f"{name}@zoom.example",
                first_name=name.title(),
                last_name="Host",
                type=2,
            )


@contextmanager
def zoom_simulator(port=0):
    """The simulator as a program of its own, with an account, an app and users."""
    command = [sys.executable, "-m", "zoom_simulator", "--port", port, "--seed-demo"]
    process = _spawn(
        command, cwd=testdb.ROOT / "tests", stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        if not line:
            raise Unavailable("the Zoom simulator does not start")
        yield Zoom(json.loads(line))
    finally:
        _stop(process)
        process.stdout.close()


@contextmanager
def odoo_server(database, port, smtp_port, *arguments, workers=0, name="odoo"):
    """Odoo with its own scheduled actions; its log is ``FOLDER/<name>.log``.

    :param arguments: more of Odoo's
    :param int workers: processes for HTTP, 0 for one process with threads
    """
    log = FOLDER / f"{name}.log"
    log.unlink(missing_ok=True)
    command = testdb.odoo_command(
        *(database, "server", *arguments),
        *(f"--workers={workers}", "--max-cron-threads=2", f"--logfile={log}"),
        *(f"--http-interface={LOOPBACK}", f"--http-port={port}"),
        *(f"--gevent-port={free_port()}", *smtp_arguments(smtp_port)),
    )
    with open(FOLDER / f"{name}.err", "w") as words:
        process = _spawn(command, cwd=testdb.ROOT, stdout=words, stderr=words)

    def answers():
        if process.poll() is not None:
            raise Unavailable(f"Odoo does not start, see {log}")
        with suppress(requests.RequestException):
            return requests.get(f"http://{LOOPBACK}:{port}/web/health", timeout=5).ok

    try:
        if not wait_for(answers, START_SECONDS):
            raise Unavailable(f"Odoo does not answer, see {log}")
        yield process
    finally:
        _stop(process)


def smtp_arguments(port):
    return f"--smtp={LOOPBACK}", f"--smtp-port={port}"


def log_records(name="odoo"):
    """The records of Odoo's log since it was started, each with its traceback."""
    text = (FOLDER / f"{name}.log").read_text()
    records = re.split(r"^(?=\d{4}-\d\d-\d\d \S+ \d+ [A-Z]+ )", text, flags=re.M)
    return [record.rstrip() for record in records]


def log_trouble():
    """The warnings and errors that Odoo has logged since it was started.

    :return: (list of records, number of transactions that met another one)
    """
    trouble = [record for record in log_records() if LOG_TROUBLE.match(record)]
    # Odoo logs these as errors, and then repeats the transaction.
    met = [record for record in trouble if "could not serialize access" in record]
    return [record for record in trouble if record not in met], len(met)


def launch_chromium(playwright):
    """
    :raise Unavailable: there is none
    """
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not executable:
        raise Unavailable("chromium is missing; dev/setup installs it")
    return playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])


# --- mail -------------------------------------------------------------------------------


class MailSink(SmtpSink):
    """A mail server on loopback that keeps what it gets."""

    def __init__(self, port=0):
        super().__init__(free_port(port))
        self._controller.ready_timeout = START_SECONDS
        self.on_mail = None  # called with each new mail

    async def handle_DATA(self, *arguments):
        answer = await super().handle_DATA(*arguments)
        if self.on_mail:
            self.on_mail(self.mails[-1])
        return answer

    def to(self, address):
        """The mails that this address has got, oldest first."""
        return [mail for mail in self.mails if address in mail.recipients]


# --- all of it --------------------------------------------------------------------------


@dataclass
class Stage:
    """What runs, and where."""

    odoo_url: str
    zoom: dict
    mails: MailSink
    odoo: subprocess.Popen


@contextmanager
def stage(database, port=0, zoom_port=0, smtp_port=0, tell=print, code=DEMONSTRATION):
    """Start everything on a fresh database, and stop everything at the end.

    :param str code: Python that prepares the database
    :param tell: called with one line per step
    :raise Unavailable: something cannot be started
    """
    port = free_port(port)
    odoo_url = f"http://{LOOPBACK}:{port}"
    with fresh_database(database), zoom_simulator(zoom_port) as zoom:
        tell(f"Zoom simulator: {zoom['url']}")
        with MailSink(smtp_port) as mails:
            tell(f"Mail server:    {LOOPBACK}:{mails.port}")
            prepare_database(database, zoom["url"], odoo_url, code)
            tell(f"Database:       {database}, new")
            with odoo_server(database, port, mails.port) as odoo:
                tell(f"Odoo 19:        {odoo_url}, log in .odoo/demo/odoo.log")
                yield Stage(odoo_url, zoom, mails, odoo)


def end_on_signals():
    """Let SIGTERM end the program as Ctrl-C does, so that everything is stopped."""

    def interrupt(*_arguments):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
