# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pictures of the main screens, taken from the demonstration; ``dev/screenshots`` runs it."""

import argparse
import shutil
import sys
from pathlib import Path

import demo_walk
import services
import testdb
from playwright.sync_api import sync_playwright

FOLDER = testdb.ROOT / "docs/images"
DATABASE = "resource_booking_zoom_screenshots"
SIZE = {"width": 1280, "height": 800}
MAIL_SIZE = {"width": 720, "height": 100}
LIST_HEIGHT = 420
IN_JAPANESE = ("zoom_account", "zoom_users", "booking_type", "booking")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Days before today, so that the graph has something to show.
HISTORY = """
from datetime import date, timedelta
hosts = env["booking.zoom.user"].search([("resource_ids", "!=", False)], order="email")
for days in range(1, 10):
    for number, host in enumerate(hosts):
        created = (days * 7 + number * 11) % 40 + 5
        changed = (days * 5 + number * 3) % 25
        env["booking.zoom.request.count"].create({
            "zoom_user_id": host.id,
            "date": date.today() - timedelta(days=days),
            "create_count": created,
            "update_count": changed,
            "total": created + changed,
        })
env.cr.commit()
"""


class Camera:
    """Chromium, logged in at Odoo.

    :param browser: of playwright
    :param str suffix: of the names of the pictures, "_ja" for Japanese
    """

    def __init__(self, browser, stage, folder, suffix):
        self.stage = stage
        self.folder = folder
        self.suffix = suffix
        self.context = browser.new_context(viewport=SIZE, timezone_id="Asia/Tokyo")
        self.page = self.context.new_page()
        self.page.goto(f"{stage.odoo_url}/web/login")
        self.page.fill("input[name=login]", demo_walk.ADMIN[0])
        self.page.fill("input[name=password]", demo_walk.ADMIN[1])
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def shoot(self, name, path, selector, whole=False, before=None):
        """One picture of a page of Odoo.

        :param str selector: what must be there before
        :param bool whole: as high as the form, not only what fits on a screen
        :param before: called with the page once it is open
        """
        if self.suffix and name not in IN_JAPANESE:
            return
        self.page.set_viewport_size(SIZE)
        self.page.goto(self.stage.odoo_url + path)
        self.page.wait_for_selector(".o_control_panel")
        if before:
            before(self.page)
        self.page.wait_for_selector(selector)
        if whole:
            sheet = self.page.locator(".o_form_sheet_bg, #wrapwrap").first
            height = sheet.evaluate("node => node.scrollHeight") + 160
            self.page.set_viewport_size({**SIZE, "height": max(height, 400)})
        elif self.page.locator(".o_list_view").count():
            self.page.set_viewport_size({**SIZE, "height": LIST_HEIGHT})
        self.page.mouse.move(0, 0)  # no tooltip
        self._save(self.page, name)

    def shoot_mail(self, name, mail):
        page = self.context.new_page()
        page.set_viewport_size(MAIL_SIZE)
        page.set_content(mail.part("html"))
        page.set_viewport_size(
            {**MAIL_SIZE, "height": page.evaluate("document.body.scrollHeight") + 20}
        )
        self._save(page, name)
        page.close()

    def _save(self, page, name):
        page.wait_for_timeout(700)  # animations
        path = self.folder / f"{name}{self.suffix}.png"
        page.screenshot(path=path)
        print(f"   {path.name}: {path.stat().st_size // 1024} KB")


def take_pictures(camera, walk):
    """Every main screen, once."""

    def action(name, module=demo_walk.MODULE):
        return f"/odoo/action-{walk.admin.id_of(f'{module}.{name}')}"

    shoot = camera.shoot
    shoot(
        "zoom_account",
        action("booking_zoom_account_open_action"),
        ".o_form_view",
        whole=True,
    )
    shoot("zoom_users", action("booking_zoom_user_action"), ".o_data_row")
    shoot(
        "zoom_user",
        f"{action('booking_zoom_user_action')}/{walk.host['id']}",
        ".o_form_view",
        whole=True,
    )
    types = action("resource_booking_type_action", "resource_booking")
    shoot("booking_type", f"{types}/{walk.booking_type}", ".o_form_view", whole=True)
    shoot("booking_types", types, ".o_data_row")
    bookings = action("resource_booking_action", "resource_booking")
    shoot("booking", f"{bookings}/{walk.booking}", ".o_form_view", whole=True)
    shoot("booking_at_limit", f"{bookings}/{walk.limited}", ".o_form_view", whole=True)
    shoot(
        "bookings",
        bookings,
        ".o_data_row",
        before=show_all_bookings,
    )
    shoot("zoom_meetings", action("booking_zoom_meeting_action"), ".o_data_row")
    shoot(
        "zoom_requests",
        action("booking_zoom_request_count_action"),
        ".o_graph_view canvas",
        before=lambda page: page.click(".o_switch_view.o_graph"),
    )
    resource = walk.admin.id_of(f"{demo_walk.MODULE}.resource_tanaka_demo")
    shoot(
        "resource",
        f"{action('action_resource_resource_tree', 'resource')}/{resource}",
        ".o_form_view",
        whole=True,
    )
    combination = walk.admin.id_of(
        f"{demo_walk.MODULE}.resource_booking_combination_tanaka_demo"
    )
    combinations = action("resource_booking_combination_action", "resource_booking")
    shoot("combination", f"{combinations}/{combination}", ".o_form_view", whole=True)


def show_all_bookings(page):
    """As a list, and not only one's own."""
    page.click(".o_switch_view.o_list")
    page.click(".o_facet_remove")


def options():
    parser = argparse.ArgumentParser(prog="dev/screenshots", description=__doc__)
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER,
        help="where they go (default: docs/images)",
    )
    return parser.parse_args()


def main():
    folder = options().folder
    folder.mkdir(parents=True, exist_ok=True)
    services.end_on_signals()
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        sys.exit("dev/screenshots: chromium is missing; dev/setup installs it")
    try:
        take_all(folder, executable)
    except services.Unavailable as error:
        sys.exit(f"dev/screenshots: {error}")


def take_all(folder, executable):
    """Walk through the demonstration and take the pictures of what it leaves."""
    with services.stage(DATABASE, tell=demo_walk.tell) as stage:
        walk = demo_walk.Walk(stage)
        failed = walk.run()
        if failed:
            sys.exit(f"dev/screenshots: the demonstration fails at the step: {failed}")
        services.run_in_odoo(DATABASE, HISTORY)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable, args=["--no-sandbox"]
            )
            print("\nPictures")
            for language, suffix in (("en_US", ""), ("ja_JP", "_ja")):
                user = walk.admin.id_of("base.user_admin")
                walk.admin.call("res.users", "write", [user], {"lang": language})
                camera = Camera(browser, stage, folder, suffix)
                take_pictures(camera, walk)
            camera = Camera(browser, stage, folder, "")
            camera.shoot_mail("reminder_mail", walk.reminder)
            camera.shoot_mail("reminder_mail_ja", walk.reminder_ja)
            camera.shoot_mail("limit_mail", walk.alert)
            browser.close()


if __name__ == "__main__":
    main()
