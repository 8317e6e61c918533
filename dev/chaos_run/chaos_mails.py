# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Mails as they arrive, and a gateway that opens every link of them, as many do."""

import queue
import re
import threading
from typing import NamedTuple

import requests
from lxml import html

JOIN_LINK = re.compile(r"https?://[^\s\"'<>]+/j/(\d+)")
TIMEOUT = 30  # seconds
THREADS = 3


class Arrived(NamedTuple):
    """A mail, with the meetings whose join link it holds."""

    address: str
    subject: str
    zoom_ids: frozenset


class MailGateway:
    """Opens each link into Odoo, first by HEAD, then by GET, without a session.

    :param str url: where Odoo is, as mails say it
    :param get_url: function that names a server that is up
    """

    def __init__(self, url, get_url):
        self.mails = []
        self.opened = 0
        self._url = url
        self._get_url = get_url
        self._waiting = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, daemon=True) for _one in range(THREADS)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception):
        for _thread in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def receive(self, mail):
        """Take a mail of services.MailSink."""
        zoom_ids = frozenset(JOIN_LINK.findall(mail.html + mail.text))
        for address in mail.recipients:
            self.mails.append(Arrived(address, mail.subject, zoom_ids))
        if mail.html:
            self._waiting.put(mail.html)

    def _work(self):
        while page := self._waiting.get():
            for link in set(html.fromstring(page).xpath("//a/@href")):
                if link.startswith(self._url):
                    self._open(link.removeprefix(self._url))

    def _open(self, path):
        for method in ("HEAD", "GET"):
            try:
                requests.request(method, self._get_url() + path, timeout=TIMEOUT)
                self.opened += 1
            except requests.RequestException:
                # The worker was killed, or Odoo is being started again.
                pass
