# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..const import PARAM_API_URL, PARAM_OAUTH_URL
from ..engine import sync_run
from ..tools.zoom_oauth import ZoomOAuth
from ..utils import in_own_transaction
from .at_once_common import START, AtOnceCase
from .zoom_simulator import ZoomSimulator

# Longer than any request takes that is answered at once, on a busy machine.
SOON = 6.0


@tagged("post_install", "-at_install")
class TestSlowZoom(AtOnceCase):
    """Zoom does not answer one company: the bookings of others get their meetings.

    Real transactions and real time: the scheduled action runs in a thread, bookings
    are made beside it.
    """

    def setUp(self):
        self.zoom = ZoomSimulator().start()
        self.addCleanup(self.zoom.stop)
        self.worlds = []
        # Two companies, each with all that AtOnceCase makes.
        for _company in range(2):
            super().setUp()
            self.link()
            self.worlds.append((self.ids, self.bookings))
        self.slow, self.quick = self.worlds
        self.executor = self.enterContext(ThreadPoolExecutor(1))
        # Whatever happens: nobody waits for Zoom when the test is over.
        self.addCleanup(self.zoom.stop)

    def delete_records(self):
        self.ids, self.bookings = self.worlds.pop()
        super().delete_records()
        with self.transaction() as env:
            for name in (PARAM_OAUTH_URL, PARAM_API_URL):
                env["ir.config_parameter"].set_param(name, False)

    def link(self):
        """Link the company's account to one of the simulator."""
        zoom_account = self.zoom.add_account(account_id=f"slow-{uuid.uuid4()}")
        app = self.zoom.add_app(zoom_account, kind="account_credentials")
        user = self.zoom.add_user(zoom_account, email="host@example.com", type=2)
        oauth = ZoomOAuth(self.zoom.url, app.client_id, app.client_secret)
        grant = oauth.account_credentials(zoom_account.account_id)
        with self.transaction() as env:
            parameters = env["ir.config_parameter"]
            parameters.set_param(PARAM_OAUTH_URL, self.zoom.url)
            parameters.set_param(PARAM_API_URL, f"{self.zoom.url}/v2")
            account = self.account(env)
            account.write(
                {
                    "client_id": app.client_id,
                    "client_secret": app.client_secret,
                    "connected_client_id": app.client_id,
                    "connected_client_secret": app.client_secret,
                    "connected_zoom_account_id": zoom_account.account_id,
                    "database_uuid": account._get_database_uuid(),
                    "plan": "business",
                    **account._prepare_grant_vals(grant),
                }
            )
            env["booking.zoom.user"].browse(self.ids["booking.zoom.user"]).write(
                {"zoom_id": user.id, "zoom_account_id": zoom_account.account_id}
            )

    def account(self, env):
        return env["booking.zoom.account"].browse(self.ids["booking.zoom.account"])

    # === WHAT HAPPENS === #

    def fault(self, **values):
        """What goes wrong for the slow company alone."""
        (user_id,) = self.slow[0]["booking.zoom.user"]
        with self.transaction() as env:
            host = env["booking.zoom.user"].browse(user_id).zoom_id
        self.zoom.fail(host=host, times=None, **values)

    def book(self, world, number=0, start=START):
        """Schedule a booking that was pending.

        :return int: its id
        """
        booking_id = world[1][number]
        with self.transaction() as env:
            booking = env["resource.booking"].browse(booking_id)
            in_own_transaction(booking, lambda records: records.write({"start": start}))
        return booking_id

    def begin_run(self):
        """Run the scheduled action in another thread."""

        def run():
            with self.transaction() as env:
                env["booking.zoom.meeting"]._cron_sync_meetings()

        return self.executor.submit(run)

    def wait_for(self, condition):
        """How many seconds passed until it was true, no more than SOON."""
        begun = time.monotonic()
        while time.monotonic() < begun + SOON:
            if condition():
                return time.monotonic() - begun
            time.sleep(0.02)
        self.fail(f"not within {SOON} s")

    def is_ready(self, booking_id):
        with self.transaction() as env:
            row = env["resource.booking"].browse(booking_id).zoom_meeting_id
            return row.state == "ready"

    def wait_until_asked(self, count, path="/meetings"):
        self.wait_for(lambda: len(self.zoom.requests_of("POST", path)) >= count)

    # === TESTS === #

    def test_others_get_their_meeting_while_all_places_wait_for_one_company(self):
        # Given a company whose Zoom answers a byte every four seconds, with as many
        # bookings as may be worked at a time
        self.enterContext(patch.object(sync_run, "PARALLEL_REQUESTS", 2))
        self.fault(kind="drip_body", pause=4.0)
        for number in range(2):
            self.book(self.slow, number, START + timedelta(hours=number))
        run = self.begin_run()
        self.wait_until_asked(2)
        # When another company makes a booking
        booking_id = self.book(self.quick)
        # Then it gets its meeting, in the same run
        self.wait_for(lambda: self.is_ready(booking_id))
        self.assertFalse(run.done())
        self.zoom.stop()
        run.result(20)

    def test_run_goes_on_with_others_beyond_its_time(self):
        # Given a run that waits for a slow answer when its time is up
        self.fault(kind="delay", delay=60)
        self.book(self.slow)
        crons = self.registry["ir.cron"]

        def commit_progress(cron, *_args, **_kwargs):
            cron.env.cr.commit()
            return 0 if self.zoom.requests_of("POST", "/meetings") else 1

        self.enterContext(patch.object(crons, "_commit_progress", commit_progress))
        run = self.begin_run()
        self.wait_until_asked(1)
        # When another company makes a booking
        booking_id = self.book(self.quick)
        # Then it gets its meeting
        self.wait_for(lambda: self.is_ready(booking_id))
        self.zoom.stop()
        run.result(20)

    def test_run_ends_although_an_answer_never_comes(self):
        self.enterContext(patch.object(sync_run, "LONGEST_RUN", 1.0))
        self.enterContext(patch.object(sync_run, "LAST_WAIT", 1.0))
        self.fault(kind="delay", delay=60)
        booking_id = self.book(self.slow)
        run = self.begin_run()
        run.result(SOON)
        # Nobody makes a second one before the claim of the first has run out.
        with self.transaction() as env:
            row = env["resource.booking"].browse(booking_id).zoom_meeting_id
            self.assertTrue(row.unanswered_since and row.claimed_at)
            self.assertNotIn(row, row.search(row._get_due_domain()))

    def test_others_get_their_meeting_while_a_company_waits_for_its_token(self):
        # Given a company whose token has expired, and Zoom does not give another
        with self.transaction() as env:
            (account_id,) = self.slow[0]["booking.zoom.account"]
            env["booking.zoom.account"].browse(account_id).token_expires_at = False
        self.zoom.state.requests.clear()
        self.zoom.fail(path="/oauth/token", kind="delay", delay=60)
        first_id = self.book(self.slow)
        run = self.begin_run()
        self.wait_until_asked(1, "/oauth/token")
        # When another company makes a booking
        booking_id = self.book(self.quick)
        # Then it gets its meeting, although the first one begins no later
        self.wait_for(lambda: self.is_ready(booking_id))
        self.assertFalse(self.is_ready(first_id))
        self.zoom.stop()
        run.result(20)

    def test_token_that_comes_late_is_used(self):
        with self.transaction() as env:
            (account_id,) = self.slow[0]["booking.zoom.account"]
            account = env["booking.zoom.account"].browse(account_id)
            account.token_expires_at = fields.Datetime.now()
        self.zoom.fail(path="/oauth/token", kind="delay", delay=1.5)
        booking_id = self.book(self.slow)
        run = self.begin_run()
        self.wait_for(lambda: self.is_ready(booking_id))
        run.result(20)

    def test_others_get_their_meeting_while_somebody_saves_a_booking(self):
        # Given somebody who takes long to save a booking whose meeting is being made
        self.fault(kind="delay", delay=1.0)
        first_id = self.book(self.slow)
        run = self.begin_run()
        self.wait_until_asked(1)
        with self.transaction() as env:
            row = env["resource.booking"].browse(first_id).zoom_meeting_id
            row.topic = "Another"
            env.flush_all()
            time.sleep(1.0)
            # When another booking is made
            booking_id = self.book(self.quick)
            # Then it does not wait for that
            self.wait_for(lambda: self.is_ready(booking_id))
            self.assertFalse(run.done())
        # and what came back for the first one is not lost
        run.result(20)
        with self.transaction() as env:
            row = env["resource.booking"].browse(first_id).zoom_meeting_id
            self.assertEqual((row.state, row.topic), ("ready", "Another"))
        self.assertEqual(len(self.zoom.requests_of("POST", "/meetings")), 2)
