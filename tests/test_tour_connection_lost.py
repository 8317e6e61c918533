# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import MONDAY, NOW
from .many_common import BOOKINGS, HOSTS, ManyCase

SYNC_LOGGER = "odoo.addons.resource_booking_zoom.engine.sync_run"


@tagged("post_install", "-at_install")
class TestTourConnectionLost(ManyCase):
    """Managers see above the bookings that the connection to Zoom is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_bookings(BOOKINGS, cls.add_zoom_users(HOSTS), MONDAY)
        cls.manager = cls.create_staff("manager", "resource_booking.group_manager")
        cls.staff = cls.create_staff("staff", "resource_booking.group_user")

    @classmethod
    def create_staff(cls, login, group):
        return new_test_user(cls.env, login, f"base.group_user,{group}", tz="UTC")

    def lose_connection(self):
        """Zoom refuses the app's secret from now on, and the next run learns it."""
        app = self.zoom.state.apps[self.account.client_id]
        self.addCleanup(setattr, app, "client_secret", app.client_secret)
        app.client_secret = "another one"
        self.account.token_expires_at = NOW
        self.book()
        with mute_logger(SYNC_LOGGER):
            self.sync_meetings()
        self.assertEqual(self.account.state, "lost")

    def ask(self, user):
        """What the web client is told."""
        self.authenticate(user.login, user.login)
        return self.call("booking.zoom.account", "get_connection_notice")

    def test_tour_manager_sees_that_the_connection_is_lost(self):
        self.lose_connection()
        self.start_tour("/odoo", "test_tour_connection_lost", login="manager")

    def test_only_those_are_told_who_can_do_something(self):
        self.assertEqual(self.ask(self.manager), {})
        self.lose_connection()
        self.assertIn("connection to Zoom is lost", self.ask(self.manager)["text"])
        self.assertEqual(self.ask(self.staff), {})

    def test_other_company_is_not_told(self):
        self.lose_connection()
        company = self.env["res.company"].create({"name": "Branch"})
        self.manager.write({"company_ids": company.ids, "company_id": company.id})
        self.assertEqual(self.ask(self.manager), {})
