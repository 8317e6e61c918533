# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager
from datetime import UTC

from odoo import fields
from odoo.tests import tagged

from ..const import WEBHOOK_ROUTE
from .common import HttpBookingCase
from .zoom_simulator import webhooks

SECRET = "webhook-s3cret"


@tagged("post_install", "-at_install")
class WebhookCase(HttpBookingCase):
    """A linked account with a webhook secret; Zoom calls Odoo over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.webhook_secret = SECRET
        cls.zoom_account = cls.zoom.state.accounts["account-1"]
        cls.zoom_app = cls.zoom.state.apps["client-account-1"]
        cls.zoom_app.webhook_secret = SECRET

    def setUp(self):
        super().setUp()
        # Zoom does not roll back: an earlier test may have ended this token.
        self.account._get_client(rejected=self.account.access_token)
        self.clear_zoom()
        self.url = self.base_url() + WEBHOOK_ROUTE

    def now(self):
        """The aware time of now, as the simulator's bodies want it."""
        return fields.Datetime.now().replace(tzinfo=UTC)

    @contextmanager
    def zoom_calls(self):
        """While Zoom sends requests to Odoo, whose cursors see the test's rows."""
        self.env.flush_all()
        # Zoom has no cookie of the test framework.
        with self.allow_requests(all_requests=True):
            yield
        self.env.invalidate_all()

    def deliver(self, body, secret=SECRET, timestamp=None):
        """Let Zoom send an event.

        :return int: Odoo's status
        """
        with self.zoom_calls():
            status, _text = webhooks.deliver(self.url, secret, body, timestamp)
        return status

    def validates(self, secret=SECRET):
        """Whether Zoom's check of the address succeeds for an app's secret."""
        with self.zoom_calls():
            return webhooks.validate(self.url, secret, self.now())

    def issue(self, booking):
        """Have the meeting of a booking issued.

        :return: the row, and Zoom's meeting
        """
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.zoom.requests.clear()
        return row, self.zoom.meetings[int(row.zoom_id)]

    def edited(self, meeting, **changes):
        """Change a meeting in Zoom's own pages.

        :return dict: the event that Zoom makes of it
        """
        old = {name: getattr(meeting, name) for name in changes}
        self.zoom.edit_in_portal(meeting, **changes)
        if "password" in changes:
            changes["join_url"] = meeting.join_url
        for values in (changes, old):
            if "start_time" in values:
                values["start_time"] = webhooks.to_zoom(values["start_time"])
        return webhooks.meeting_updated(meeting, self.now(), changes, old)

    def deleted(self, meeting):
        """Delete a meeting in Zoom's own pages.

        :return dict: the event that Zoom makes of it
        """
        self.zoom.delete_in_portal(meeting)
        return webhooks.meeting_event("meeting.deleted", meeting, self.now())

    def echo(self, meeting):
        """The event that an update of ours causes."""
        facts = {
            "topic": meeting.topic,
            "start_time": webhooks.to_zoom(meeting.start_time),
            "duration": meeting.duration,
            "timezone": meeting.timezone,
        }
        return webhooks.meeting_updated(meeting, self.now(), facts, {})

    def count_wakings(self, name="ir_cron_sync_meetings"):
        """How often a scheduled action is asked to run."""
        return len(self.wake_ups(name))
