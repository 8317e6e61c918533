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
MAIL_SIZE = {"width": 720, "height": 800}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Days before today, so that the graph has something to show.
HISTORY = """
from datetime import date, timedelta
hosts = env["booking.zoom.user"].search([("resource_ids", "!=", False)], order="email")
for days in range(1, 10):
    for number, host in enumerate(hosts):
        env["booking.zoom.request.count"].create({
            "zoom_user_id": host.id,
            "date": date.today() - timedelta(days=days),
            "create_count": (days * 7 + number * 11) % 40 + 5,
            "update_count": (days * 5 + number * 3) % 25,
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

    def shoot(self, name, path, selector, whole=False, after=None):
        """One picture of a page of Odoo.

        :param str selector: what must be there before
        :param bool whole: as high as the form, not only what fits on a screen
        :param after: called before the picture is taken
        """
        self.page.set_viewport_size(SIZE)
        self.page.goto(self.stage.odoo_url + path)
        self.page.wait_for_selector(selector)
        if after:
            after(self.page)
        if whole:
            sheet = self.page.locator(".o_form_sheet_bg, #wrapwrap").first
            height = sheet.evaluate("node => node.scrollHeight") + 160
            self.page.set_viewport_size({**SIZE, "height": max(height, 400)})
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

    booking = "resource_booking.resource_booking_action"
    shoot = camera.shoot
    shoot(
        "zoom_account",
        f"{action('booking_zoom_account_action')}/{walk.account}",
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
    bookings = action(booking.split(".")[1], "resource_booking")
    shoot("booking", f"{bookings}/{walk.booking}", ".o_form_view", whole=True)
    shoot("booking_at_limit", f"{bookings}/{walk.limited}", ".o_form_view", whole=True)
    shoot(
        "bookings",
        bookings,
        ".o_data_row",
        after=lambda page: None,
    )
    shoot("zoom_meetings", action("booking_zoom_meeting_action"), ".o_data_row")
    shoot(
        "zoom_requests",
        action("booking_zoom_request_count_action"),
        ".o_graph_view canvas",
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
            camera.shoot_mail("limit_mail", walk.alert)
            browser.close()


if __name__ == "__main__":
    main()
