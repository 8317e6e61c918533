# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..const import ISSUE_TIME, LONGEST_READING_HOLD, READ_AHEAD
from ..engine.mail_timing import (
    FIRST_RETRY,
    LONGEST_RETRY,
    get_retry_pause,
    get_wake_ups,
    is_check_awaited,
    is_mail_held,
)

START = datetime(2027, 5, 3, 9, 0)
LAST = START - timedelta(minutes=10)
SECOND = timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestMailTiming(BaseCase):
    """When a mail with a join link is held, and when a failed one is repeated."""

    def held(self, now, has_link=False, is_being_checked=False, is_imminent=False):
        return is_mail_held(LAST, now, has_link, is_being_checked, is_imminent)

    def test_mail_without_link_is_held_until_shortly_before_the_start(self):
        self.assertTrue(self.held(START - timedelta(days=1)))
        self.assertTrue(self.held(LAST - SECOND))
        self.assertFalse(self.held(LAST))
        self.assertFalse(self.held(START + SECOND))

    def test_mail_is_held_longer_for_a_link_that_comes_within_a_moment(self):
        self.assertTrue(self.held(LAST, is_imminent=True))
        self.assertTrue(self.held(START - SECOND, is_imminent=True))

    def test_mail_with_link_is_held_only_while_the_link_is_checked(self):
        early = START - timedelta(days=1)
        self.assertFalse(self.held(early, has_link=True))
        self.assertTrue(self.held(early, has_link=True, is_being_checked=True))
        self.assertTrue(self.held(LAST, has_link=True, is_being_checked=True))
        # Another link that may come is no reason
        self.assertFalse(self.held(early, has_link=True, is_imminent=True))

    def test_action_runs_for_reminders_for_their_readings_and_for_what_is_held(self):
        reminders = [START - timedelta(days=1), START - timedelta(hours=1)]
        self.assertCountEqual(
            get_wake_ups(reminders, LAST, START - timedelta(days=2)),
            [*reminders, *(moment - READ_AHEAD for moment in reminders), LAST],
        )

    def test_action_runs_once_more_after_a_late_booking_has_its_link(self):
        now = LAST + SECOND
        self.assertIn(now + 2 * ISSUE_TIME, get_wake_ups([now], LAST, now))
        self.assertNotIn(LAST, get_wake_ups([now], LAST, now))

    def test_action_does_not_run_for_a_booking_without_reminder(self):
        self.assertEqual(get_wake_ups([], LAST, START), [])

    def awaited(self, now, since, is_missing=False):
        return is_check_awaited(LAST, now, since, is_missing)

    def test_check_is_awaited_some_minutes_at_most(self):
        since = START - timedelta(hours=1)
        self.assertTrue(self.awaited(since + LONGEST_READING_HOLD - SECOND, since))
        self.assertFalse(self.awaited(since + LONGEST_READING_HOLD, since))

    def test_check_of_a_missing_meeting_is_awaited_until_the_last_moment(self):
        since = START - timedelta(hours=1)
        self.assertTrue(self.awaited(LAST - SECOND, since, is_missing=True))
        self.assertFalse(self.awaited(LAST, since, is_missing=True))

    def test_check_is_awaited_until_the_last_moment_only(self):
        since = LAST - 2 * ISSUE_TIME
        self.assertTrue(self.awaited(LAST - SECOND, since))
        self.assertFalse(self.awaited(LAST, since))

    def test_check_has_always_the_time_that_it_needs(self):
        self.assertTrue(self.awaited(LAST + ISSUE_TIME - SECOND, LAST))
        self.assertFalse(self.awaited(LAST + ISSUE_TIME, LAST))

    def test_pause_doubles_with_each_failure(self):
        pauses = [get_retry_pause(failures) for failures in range(4)]
        self.assertEqual(pauses, [FIRST_RETRY * factor for factor in (1, 2, 4, 8)])

    def test_pause_has_an_end(self):
        for failures in (8, 100, 10_000):
            self.assertEqual(get_retry_pause(failures), LONGEST_RETRY)
