# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A browser's side of Odoo, without a browser: pages, forms, and the web client's calls."""

from urllib.parse import urljoin

import requests
from lxml import html

TIMEOUT = 60  # seconds; the first page of a new database builds its style sheets


class Refused(Exception):
    """Odoo or Zoom refused; the text is what a person would read."""


class Browser:
    """A session with cookies.

    :param str url: where Odoo is
    """

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = "en-US,en"

    # --- pages --------------------------------------------------------------------------

    def open(self, url):
        """Follow a link, redirects included.

        :return: (requests.Response, lxml document)
        """
        return self._read(self.session.get(urljoin(self.url, url), timeout=TIMEOUT))

    def submit(self, form):
        """Send a form as it stands (lxml), as a press on its button does."""
        return self._read(
            self.session.request(
                form.method,
                form.action,
                data=dict(form.form_values()),
                timeout=TIMEOUT,
            )
        )

    def _read(self, response):
        if not response.ok:
            raise Refused(f"{response.status_code} at {response.url}")
        page = html.fromstring(response.content, base_url=response.url)
        page.make_links_absolute()
        return response, page

    # --- the web client -----------------------------------------------------------------

    def log_in(self, login, password):
        """Fill in the log-in page.

        :raise Refused: wrong password
        """
        _response, page = self.open("/web/login")
        (form,) = page.xpath("//form[.//input[@name='password']]")
        form.fields.update({"login": login, "password": password})
        response, _page = self.submit(form)
        if "/web/login" in response.url:
            raise Refused(f"{login} cannot log in")

    def call(self, model, method, *arguments, **keywords):
        """Call a method as the web client does.

        :raise Refused: the text of the error dialog
        """
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {
                "model": model,
                "method": method,
                "args": arguments,
                "kwargs": keywords,
            },
        }
        response = self.session.post(
            f"{self.url}/web/dataset/call_kw/{model}/{method}",
            json=body,
            timeout=TIMEOUT,
        )
        response.raise_for_status()
        answer = response.json()
        if "error" in answer:
            data = answer["error"].get("data") or {}
            raise Refused(data.get("message") or answer["error"]["message"])
        return answer.get("result")

    def create(self, model, **values):
        return self.call(model, "create", values)

    def write(self, model, record_id, **values):
        return self.call(model, "write", [record_id], values)

    def search(self, model, *domain):
        return self.call(model, "search", list(domain))

    def read(self, model, record_id, *names):
        """Some fields of one record."""
        (row,) = self.call(model, "read", [record_id], names)
        return row

    def id_of(self, xml_id):
        """The id of a record of the demonstration data."""
        name = xml_id.split(".")
        return self.call("ir.model.data", "check_object_reference", *name)[1]

    # --- Zoom ---------------------------------------------------------------------------

    def begin_to_connect(self, zoom, **values):
        """Make an account for an app of the simulator, and press *Connect*.

        :return: (id of the account, lxml document: where Zoom asks for consent)
        """
        values |= {key: zoom[key] for key in ("client_id", "client_secret")}
        account = self.create("booking.zoom.account", **values)
        action = self.call("booking.zoom.account", "action_connect", [account])
        return account, self.open(action["url"])[1]
