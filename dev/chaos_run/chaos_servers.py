# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Servers with one database: each with its own processes, port and data folder."""

import os
import shutil
import signal
from contextlib import ExitStack, suppress

import psutil
import services
import testdb

WORKERS = 2


class Server:
    """An Odoo as it runs on a machine of its own.

    The folder of the attachments is the only one that it shares with the others.
    """

    def __init__(self, name, database, smtp_port):
        self.name = name
        self.port = services.free_port()
        self.url = f"http://{services.LOOPBACK}:{self.port}"
        self.is_up = False
        self._database = database
        self._smtp_port = smtp_port
        self._data = services.FOLDER / name
        self._running = ExitStack()
        self._process = None

    def start(self):
        files = testdb.filestore(self._database).parent
        files.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            (self._data / "filestore").symlink_to(files)
        self._process = self._running.enter_context(
            services.odoo_server(
                *(self._database, self.port, self._smtp_port),
                f"--data-dir={self._data}",
                workers=WORKERS,
                name=self.name,
            )
        )
        self.is_up = True

    def stop(self):
        self.is_up = False
        self._running.close()

    def kill(self):
        """As when the machine fails: nothing ends what it does."""
        self.is_up = False
        os.killpg(self._process.pid, signal.SIGKILL)
        self._running.close()

    def get_workers(self):
        """Its processes, as it has forked them."""
        if not self.is_up:
            return []
        try:
            return psutil.Process(self._process.pid).children()
        except psutil.NoSuchProcess:
            return []

    def get_log(self):
        return services.log_records(self.name)

    def clear(self):
        shutil.rmtree(self._data, ignore_errors=True)


class Servers:
    """All of them, and the load balancer before them: it asks who is up."""

    def __init__(self, database, smtp_port, count):
        self.all = [
            Server(f"chaos_server{number}", database, smtp_port)
            for number in range(1, count + 1)
        ]

    def __enter__(self):
        try:
            for server in self.all:
                server.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        for server in self.all:
            server.stop()

    def choose(self, choice):
        """One that is up, as a load balancer chooses.

        :param random.Random choice:
        """
        return choice.choice([one for one in self.all if one.is_up] or self.all)

    def get_workers(self):
        return [worker for server in self.all for worker in server.get_workers()]

    def get_logs(self):
        return [record for server in self.all for record in server.get_log()]

    def clear(self):
        for server in self.all:
            server.clear()


class Visitor:
    """A person behind the load balancer, who is logged in on each server."""

    def __init__(self, servers, browsers, choice):
        self._servers = servers
        self._browsers = browsers  # url -> Browser
        self._choice = choice

    def call(self, *arguments, **keywords):
        server = self._servers.choose(self._choice)
        return self._browsers[server.url].call(*arguments, **keywords)
