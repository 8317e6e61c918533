# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A new administrator, from an empty database to the first reminder; ``dev/newcomer`` runs it.

Everything is real but Zoom: a browser, Odoo's scheduled actions, a mail server.  The newcomer
clicks on what can be read and types into what has a label, nothing else.
"""

import argparse
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import services
from demo_text import show, tell
from demo_walk import StepFailed, check, wait_for_mail
from playwright.sync_api import Error, sync_playwright

DATABASE = "resource_booking_zoom_newcomer"
PERSON = "boss@demo.example.com"
PASSWORD = "admin"
# As Odoo's own page makes a database: the login is the address of the administrator.
EMPTY = f"""
env.ref("base.user_admin").write({{"login": {PERSON!r}, "email": {PERSON!r}}})
"""
# What it takes. More is a step backwards; fewer: say so here.
CLICKS = 14
CLICKS_TO_SEND = 2  # if the next free time is so late that the reminder is not due yet
FIELDS = 6
MINUTES = 10
GLANCE = 500  # milliseconds


class Newcomer:
    """Looks at pages and counts what is done there.

    :param page: of playwright
    :param folder: for a picture of each page before it is left, or None
    """

    def __init__(self, page, folder):
        self.page = page
        self.folder = folder
        self.clicks = self.fields = 0
        self.pages = []

    def click(self, text, kind="button", within="body"):
        """Click on what says so."""
        self._look()
        found = self.page.locator(within).get_by_role(kind, name=text, exact=True)
        found.filter(visible=True).first.click()
        self.clicks += 1

    def type(self, label, text):
        self._type(self.page.get_by_label(label, exact=True).first, text)

    def type_example(self, example, text):
        """Type where an example stands."""
        self._type(self.page.get_by_placeholder(example), text)

    def _type(self, field, text):
        field.wait_for()
        self._look()
        field.fill(text)
        field.press("Tab")
        self.fields += 1

    def read(self, text):
        """Wait until this can be read."""
        self.page.get_by_text(text).filter(visible=True).first.wait_for()

    def _look(self):
        """Remember the page, and take a picture of it."""
        # People see a page before they do something there.
        self.page.wait_for_timeout(GLANCE)
        path = urlsplit(self.page.url).path
        if path not in self.pages[-1:]:
            self.pages.append(path)
        if self.folder:
            self.page.screenshot(path=self.folder / f"{self.clicks:02}.png")


def walk(stage, newcomer):
    """Set everything up and book.

    :return: the mail with the join link, and how many clicks that may take
    """
    page, click, fill = newcomer.page, newcomer.click, newcomer.type
    page.goto(stage.odoo_url)
    fill("Email", PERSON)
    fill("Password", PASSWORD)
    click("Log in")
    # The app opens on the bookings, which say where to go.
    page.wait_for_selector(".o_main_navbar")
    page.locator(".o_navbar_apps_menu button").click()
    newcomer.clicks += 1
    click("Resource Bookings", "menuitem")
    newcomer.read("Zoom is being set up.")
    click("Open the Zoom account")
    newcomer.read("Make an app in Zoom")
    fill("Client ID", stage.zoom["client_id"])
    fill("Client secret", stage.zoom["client_secret"])
    click("Connect")
    click("Allow", "link")
    newcomer.read("Choose who hosts")
    click("Open the Zoom users")
    click("Make bookable")
    newcomer.read("Can be booked now")
    click("Open the Zoom account")
    click("Open the booking types")
    newcomer.type_example("e.g. Consultation", "Consultation")
    click("Open the Zoom account")
    fill("Company's e-mail?", "office@demo.example.com")
    click("Save manually")
    click("Try a booking")
    newcomer.read("Attendees")
    click("Save manually")
    newcomer.read("Send the link now")
    allowed = CLICKS
    # At night and on weekends: the page says when the reminder is due.
    if page.get_by_text("comes with the reminder").count():
        allowed += CLICKS_TO_SEND
        click("Send the link now")
        click("Ok", within=".modal")
    mail = wait_for_mail("the mail with the link", stage.mails, PERSON, "/j/")
    return mail, allowed


def run(stage, folder):
    with sync_playwright() as playwright:
        browser = services.launch_chromium(playwright)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(20_000)
        newcomer = Newcomer(page, folder)
        start = time.monotonic()
        try:
            mail, allowed = walk(stage, newcomer)
        except Error as error:
            page.screenshot(path=services.FOLDER / "newcomer.png")
            raise StepFailed(
                f"after {newcomer.clicks} clicks, see .odoo/demo/newcomer.png: {error}"
            ) from None
        seconds = time.monotonic() - start
        browser.close()
    show(mail)
    tell(
        f"{newcomer.clicks} clicks, {newcomer.fields} typed fields, "
        f"{len(newcomer.pages)} pages, {seconds:.0f} s"
    )
    check(newcomer.clicks <= allowed, f"{newcomer.clicks} clicks, not {allowed}")
    check(newcomer.fields <= FIELDS, f"{newcomer.fields} typed fields, not {FIELDS}")
    check(seconds < MINUTES * 60, f"it takes longer than {MINUTES} minutes")


def main():
    parser = argparse.ArgumentParser(prog="dev/newcomer", description=__doc__)
    parser.add_argument("--pictures", type=Path, help="a folder for what is seen")
    folder = parser.parse_args().pictures
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    services.end_on_signals()
    try:
        with services.stage(DATABASE, tell=tell, code=EMPTY) as stage:
            run(stage, folder)
    except (StepFailed, services.Unavailable) as error:
        sys.exit(f"FAILED: {error}")


if __name__ == "__main__":
    main()
