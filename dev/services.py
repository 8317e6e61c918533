# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An Odoo with a Zoom and a mail server, all on loopback, for demonstration.

The database has the module, English and Japanese, and if wanted its demonstration data; it is
made anew each time.  Nothing here needs the internet.
"""

import ctypes
import fcntl
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
from dataclasses import dataclass, field
from email import message_from_bytes, policy

import requests
import testdb
from aiosmtpd.controller import Controller

LOOPBACK = "127.0.0.1"
FOLDER = testdb.STATE / "demo"
START_SECONDS = 60  # how long a server may take until it answers
STOP_SECONDS = 10
QUIET_PORTS = range(20000, 32000)
# Lines of Odoo's log that tell of a defect.
LOG_TROUBLE = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DONE = "the end was reached"
PR_SET_PDEATHSIG = 1  # of prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Unavailable(Exception):
    """A service cannot be started; the text says why."""


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
    with open(FOLDER / f"{name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"the database {name} is in use: another demonstration is running"
            ) from None
        try:
            # a copy of the tests' database is there in a second
            with testdb.database() as tested:
                testdb.copy(tested, name)
        except RuntimeError as error:
            raise Unavailable(str(error)) from None
        yield name


def prepare_database(name, zoom_url, odoo_url, code=DEMONSTRATION):
    """Run this Python, and point the module to the simulator."""
    run_in_odoo(name, code + ADDRESSES % (zoom_url, zoom_url, odoo_url))


def run_in_odoo(database, code):
    """Run Python in Odoo's shell.

    :raise Unavailable: it failed
    """
    command = [
        testdb.STATE / "venv/bin/odoo",
        "shell",
        "-c",
        testdb.CONF,
        "-d",
        database,
    ]
    done = subprocess.run(
        [*command, "--no-http", "--log-level=warn"],
        cwd=testdb.ROOT,
        # the shell ends well whatever becomes of its input
        input=f"{code}\nprint({DONE!r})\n",
        capture_output=True,
        text=True,
    )
    if done.returncode or DONE not in done.stdout:
        raise Unavailable(f"the database cannot be prepared:\n{done.stderr}")


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


@contextmanager
def zoom_simulator(port=0):
    """The simulator as a program of its own, with an account, an app and users.

    :return dict: what it printed: ``url``, ``client_id``, ``client_secret``, …
    """
    command = [sys.executable, "-m", "zoom_simulator", "--port", port, "--seed-demo"]
    process = _spawn(
        command, cwd=testdb.ROOT / "tests", stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        if not line:
            raise Unavailable("the Zoom simulator does not start")
        yield json.loads(line)
    finally:
        _stop(process)
        process.stdout.close()


@contextmanager
def odoo_server(database, port, smtp_port, workers=0, name="odoo", data_dir=None):
    """Odoo with its own scheduled actions; its log is ``FOLDER/<name>.log``.

    :param int workers: processes for HTTP, 0 for one process with threads
    :param data_dir: a folder of its own, instead of the one that all share
    """
    log = FOLDER / f"{name}.log"
    log.unlink(missing_ok=True)
    command = [
        *(testdb.STATE / "venv/bin/odoo", "-c", testdb.CONF, "-d", database),
        *(
            f"--workers={workers}",
            "--max-cron-threads=2",
            f"--http-interface={LOOPBACK}",
        ),
        *(f"--http-port={port}", f"--gevent-port={free_port()}"),
        *(f"--smtp={LOOPBACK}", f"--smtp-port={smtp_port}"),
        f"--logfile={log}",
        *([f"--data-dir={data_dir}"] if data_dir else []),
    ]
    with open(FOLDER / f"{name}.err", "w") as words:
        process = _spawn(command, cwd=testdb.ROOT, stdout=words, stderr=words)
    try:
        _wait_until_it_answers(process, f"http://{LOOPBACK}:{port}/web/health", log)
        yield process
    finally:
        _stop(process)


def _wait_until_it_answers(process, url, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise Unavailable(f"Odoo does not start, see {log}")


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


@dataclass
class Mail:
    """A mail as it arrived: envelope and content."""

    recipient: str
    message: object
    at: float = field(default_factory=time.monotonic)

    @property
    def subject(self):
        return str(self.message["Subject"])

    def part(self, kind):
        """The text of the part ``plain`` or ``html``."""
        part = self.message.get_body(preferencelist=(kind,))
        return part.get_content() if part else ""


class MailSink:
    """A mail server on loopback that keeps what it gets."""

    def __init__(self, port=0):
        self.mails = []
        self.on_mail = None  # called with each new mail
        self._controller = Controller(
            self, hostname=LOOPBACK, port=free_port(port), ready_timeout=START_SECONDS
        )
        self.port = self._controller.port

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_exception):
        self._controller.stop()

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            mail = Mail(recipient, message)
            self.mails.append(mail)
            if self.on_mail:
                self.on_mail(mail)
        return "250 OK"

    def to(self, address):
        """The mails that this address has got, oldest first."""
        return [mail for mail in self.mails if mail.recipient == address]


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
