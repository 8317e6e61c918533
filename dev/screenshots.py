# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pictures of the main screens, taken from the demonstration; ``dev/screenshots`` runs it."""

import argparse
import sys
from pathlib import Path

import demo_walk
import services
import testdb
from demo_text import tell
from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = testdb.ROOT / "docs/images"
# Pictures of the module's page in Odoo's Apps, which stay where they are
SHIPPED = testdb.ROOT / "static/description"
DATABASE = "resource_booking_zoom_screenshots"
SIZE = {"width": 1280, "height": 800}
# The screens on which mails are looked at: suffix of the picture -> what it is.
DESK = {"viewport": {"width": 800, "height": 100}}
HAND = {
    "viewport": {"width": 360, "height": 100},
    "device_scale_factor": 2,
    "is_mobile": True,
}
MAIL_SCREENS = {
    "": DESK,
    "_dark": {**DESK, "color_scheme": "dark"},
    "_phone": HAND,
    "_phone_dark": {**HAND, "color_scheme": "dark"},
}
PHONE = {"width": 375, "height": 667}
LIST_HEIGHT = 420
IN_JAPANESE = ("zoom_account", "zoom_users", "booking_type", "booking")

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
    :param str only: a part of the names of the pictures to take; empty for all
    """

    def __init__(self, browser, stage, folder, suffix, only=""):
        self.browser = browser
        self.stage = stage
        self.folder = folder
        self.suffix = suffix
        self.only = only
        self.context = browser.new_context(viewport=SIZE, timezone_id="Asia/Tokyo")
        self.page = self.context.new_page()
        self.page.goto(f"{stage.odoo_url}/web/login")
        self.page.fill("input[name=login]", services.ADMIN[0])
        self.page.fill("input[name=password]", services.ADMIN[1])
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar")

    def shoot(self, name, path, selector, whole=False, before=None):
        """One picture of a page of Odoo.

        :param str selector: what must be there before
        :param bool whole: as high as the form, not only what fits on a screen
        :param before: called with the page once it is open
        """
        if self.only not in name or self.suffix and name not in IN_JAPANESE:
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

    def shoot_mail(self, name, mail, screens=MAIL_SCREENS):
        """The mail as mail programs show it."""
        for screen, options in screens.items():
            if self.only in name + screen:
                context = self.browser.new_context(**options)
                page = context.new_page()
                page.set_content(mail.html)
                self._save(page, name + screen, full_page=True)
                context.close()

    def shoot_portal(self, name, url):
        """The page of the booking on the phone of a customer, who has no user."""
        if self.only not in name:
            return
        context = self.browser.new_context(
            viewport=PHONE, device_scale_factor=2, is_mobile=True, locale="ja-JP"
        )
        page = context.new_page()
        page.goto(url)
        page.wait_for_selector("#booking_content")
        self._save(page, name)
        context.close()

    def _save(self, page, name, **options):
        page.wait_for_timeout(700)  # animations
        path = self.folder / f"{name}{self.suffix}.png"
        if self.folder == FOLDER and (SHIPPED / path.name).exists():
            path = SHIPPED / path.name
        page.screenshot(path=path, **options)
        with Image.open(path) as picture:
            # A screen has few colours: a third of the size, and no difference to see.
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        print(f"   {path.name}: {path.stat().st_size // 1024} KB")


def take_pictures(camera, walk):
    """Every main screen, once."""

    def action(name, module=demo_walk.MODULE):
        return f"/odoo/action-{record(name, module)}"

    def record(name, module=demo_walk.MODULE):
        return walk.admin.id_of(f"{module}.{name}")

    users = action("booking_zoom_user_action")
    types = action("resource_booking_type_action", "resource_booking")
    bookings = action("resource_booking_action", "resource_booking")
    combinations = action("resource_booking_combination_action", "resource_booking")
    combination = record("resource_booking_combination_tanaka_demo")
    resources = action("action_resource_resource_tree", "resource")
    resource = record("resource_tanaka_demo")
    for name, path in (
        ("zoom_account", action("booking_zoom_account_open_action")),
        ("zoom_user", f"{users}/{walk.host['id']}"),
        ("booking_type", f"{types}/{walk.booking_type}"),
        ("booking", f"{bookings}/{walk.booking}"),
        ("booking_at_limit", f"{bookings}/{walk.limited}"),
        ("resource", f"{resources}/{resource}"),
        ("combination", f"{combinations}/{combination}"),
    ):
        camera.shoot(name, path, ".o_form_view", whole=True)
    meetings = action("booking_zoom_meeting_action")
    requests = action("booking_zoom_request_count_action")
    overview = action("booking_zoom_overview_action")
    for name, path, selector, before in (
        ("zoom_overview", overview, ".o_kanban_record", None),
        ("zoom_users", users, ".o_data_row", None),
        ("booking_types", types, ".o_data_row", None),
        ("bookings", bookings, ".o_data_row", show_all_bookings),
        ("zoom_meetings", meetings, ".o_data_row", None),
        ("zoom_requests", requests, ".o_graph_view canvas", show_graph),
    ):
        camera.shoot(name, path, selector, before=before)


def show_graph(page):
    page.click(".o_switch_view.o_graph")


def show_all_bookings(page):
    """As a list, and not only one's own."""
    page.click(".o_switch_view.o_list")
    page.click(".o_facet_remove")


def take_all(folder, only=""):
    """Walk through the demonstration and take the pictures of what it leaves."""
    with services.stage(DATABASE, tell=tell) as stage:
        walk = demo_walk.Walk(stage)
        failed = walk.run()
        if failed:
            sys.exit(f"dev/screenshots: the demonstration fails at the step: {failed}")
        testdb.run_odoo(DATABASE, "shell", code=HISTORY)
        with sync_playwright() as playwright:
            browser = services.launch_chromium(playwright)
            print("\nPictures")
            for language, suffix in (("en_US", ""), ("ja_JP", "_ja")):
                user = walk.admin.id_of("base.user_admin")
                walk.admin.write("res.users", user, lang=language)
                camera = Camera(browser, stage, folder, suffix, only)
                take_pictures(camera, walk)
            camera.shoot_mail("reminder_mail", walk.reminder_ja)
            camera.shoot_portal("portal_phone", walk.share_url)
            camera = Camera(browser, stage, folder, "", only)
            camera.shoot_mail("reminder_mail", walk.reminder)
            camera.shoot_mail("limit_mail", walk.alert, screens={"": DESK})
            browser.close()


def main():
    parser = argparse.ArgumentParser(prog="dev/screenshots", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where they go (docs/images)"
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="those with this in their names"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    services.end_on_signals()
    try:
        take_all(chosen.folder, chosen.only)
    except services.Unavailable as error:
        sys.exit(f"dev/screenshots: {error}")


if __name__ == "__main__":
    main()
