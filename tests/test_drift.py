# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from .common import DELETE, MONDAY, READ, ZoomCase

ALARM = timedelta(hours=1)
GONE = '{"code": 3001, "message": "Meeting does not exist: 1."}'


class TestDrift(ZoomCase):
    """What people change in Zoom's own pages is noticed before the reminder."""

    def setUp(self):
        super().setUp()
        self.booking = self.book()
        self.sync_meetings()
        self.row = self.booking.zoom_meeting_id
        (self.meeting,) = self.live_meetings()
        self.zoom.requests.clear()

    def shortly_before_the_reminder(self):
        self.move_to(MONDAY - ALARM - timedelta(minutes=14))
        self.sync_meetings()

    def test_meeting_is_read_once_before_its_reminder_and_costs_nothing(self):
        used = self.host.request_count_today
        self.shortly_before_the_reminder()
        self.sync_meetings()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)
        self.assertEqual(self.counted_requests(), 0)
        self.assertEqual(self.row.state, "ready")
        self.assertEqual(used, 1)

    def test_nothing_is_read_long_before(self):
        self.move_to(MONDAY - timedelta(hours=5))
        self.sync_meetings()
        self.assertFalse(self.requests("GET", "/meetings/"))

    def test_new_passcode_is_taken_over(self):
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        self.shortly_before_the_reminder()
        self.assertEqual(self.row.passcode, "n3wC0de")
        self.assertEqual(self.row.join_url, self.meeting.join_url)

    def test_moved_in_zoom_is_moved_back_to_the_booking(self):
        self.zoom.edit_in_portal(self.meeting, duration=60)
        self.shortly_before_the_reminder()
        self.sync_meetings()
        self.assertEqual(self.meeting.duration, 30)
        self.assertEqual(self.row.state, "ready")

    def test_topic_worded_anew_in_zoom_is_left_alone(self):
        self.zoom.edit_in_portal(self.meeting, topic="Our talk")
        self.shortly_before_the_reminder()
        self.assertEqual(self.meeting.topic, "Our talk")
        self.assertFalse(self.requests("PATCH"))

    def test_meeting_deleted_in_zoom_is_issued_again_after_a_second_look(self):
        self.zoom.delete_in_portal(self.meeting)
        self.shortly_before_the_reminder()
        self.assertEqual(self.row.problem, "gone")
        self.move_to(MONDAY - ALARM - timedelta(minutes=11))
        self.sync_meetings()
        self.sync_meetings()
        (new,) = self.live_meetings()
        self.assertEqual(self.booking.zoom_meeting_id.zoom_id, str(new.id))

    def test_change_that_waits_for_the_limit_hides_no_new_passcode(self):
        # Given a moved booking whose update the daily limit holds back
        self.zoom.set_count(self.zoom.state.users[self.host.zoom_id], 100)
        self.booking.start = MONDAY + timedelta(minutes=30)
        self.move_to(MONDAY - timedelta(hours=7, minutes=50))
        self.zoom.set_count(self.zoom.state.users[self.host.zoom_id], 100)
        self.sync_meetings()
        self.assertEqual(self.row.problem, "daily_limit")
        # When its passcode is changed in Zoom, and Zoom tells so
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        self.row._check_now()
        self.sync_meetings()
        # Then the new one is known, and the change goes on waiting
        self.assertRecordValues(
            self.row,
            [{"passcode": "n3wC0de", "state": "changed", "problem": "daily_limit"}],
        )
        self.assertFalse(self.row.check_at)

    def test_check_that_fails_is_repeated_later(self):
        self.zoom.fail(**READ)
        self.zoom.fail(**READ)
        self.shortly_before_the_reminder()
        self.assertEqual(self.row.problem, "unavailable")
        self.sync_meetings()
        self.assertEqual(self.row.problem, "unavailable")
        self.move_to(MONDAY - ALARM - timedelta(minutes=10))
        self.sync_meetings()
        self.assertRecordValues(self.row, [{"state": "ready", "problem": False}])

    def test_each_of_two_reminders_has_its_check(self):
        # Given a second reminder, ten minutes before the start
        self.booking.meeting_id.alarm_ids |= self.create_alarm(10)
        self.shortly_before_the_reminder()
        self.move_to(MONDAY - timedelta(minutes=24))
        self.sync_meetings()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 2)

    def assert_read_before_the_day(self):
        self.move_to(MONDAY - timedelta(days=1, minutes=14))
        self.sync_meetings()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)
        # The check before the later reminder is still made.
        self.shortly_before_the_reminder()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 2)

    def test_earlier_reminder_that_the_event_gets_later_has_its_check(self):
        self.booking.meeting_id.alarm_ids |= self.create_alarm(24 * 60)
        self.assert_read_before_the_day()

    def test_earlier_reminder_that_the_type_gets_later_has_its_check(self):
        self.rbt.alarm_ids |= self.create_alarm(24 * 60)
        self.assert_read_before_the_day()

    def test_reminder_that_is_put_earlier_has_its_check(self):
        # Given that the alarm itself is changed, of which no event is told
        self.booking.meeting_id.alarm_ids.duration *= 24
        self.run_cron("ir_cron_sync_users")
        self.move_to(MONDAY - timedelta(days=1, minutes=14))
        self.sync_meetings()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)

    def test_check_that_was_put_off_is_not_hurried_by_another_reminder(self):
        self.zoom.fail(**READ)
        self.zoom.fail(**READ)
        self.shortly_before_the_reminder()
        put_off = self.row.check_at
        self.assertGreater(put_off, MONDAY - ALARM - timedelta(minutes=14))
        self.booking.meeting_id.alarm_ids |= self.create_alarm(24 * 60)
        self.assertEqual(self.row.check_at, put_off)

    def test_check_that_was_asked_for_stays_when_reminders_change(self):
        self.row._check_now()
        asked = self.row.check_at
        self.booking.meeting_id.alarm_ids |= self.create_alarm(24 * 60)
        self.assertEqual(self.row.check_at, asked)

    def test_new_passcode_after_the_reminder_is_noticed_before_the_start(self):
        self.shortly_before_the_reminder()
        self.zoom.edit_in_portal(self.meeting, password="n3wC0de")
        self.move_to(MONDAY - timedelta(minutes=14))
        self.sync_meetings()
        self.assertEqual(self.row.passcode, "n3wC0de")

    def test_check_follows_a_moved_booking(self):
        self.booking.start = MONDAY + timedelta(hours=3)
        self.sync_meetings()
        self.zoom.requests.clear()
        self.move_to(MONDAY + timedelta(hours=2) - timedelta(minutes=14))
        self.sync_meetings()
        self.assertEqual(len(self.requests("GET", "/meetings/")), 1)


class TestManyGone(ZoomCase):
    """Zoom has been wrong about many meetings at once: that is not believed."""

    def setUp(self):
        super().setUp()
        self.bookings = [
            self.book(MONDAY + timedelta(minutes=30 * number)) for number in range(6)
        ]
        self.sync_meetings()
        self.ids = {meeting.id for meeting in self.live_meetings()}

    def zoom_finds_nothing(self, times=None):
        self.let_zoom_answer(404, GONE, times)

    def let_zoom_answer(self, status, body, times=None):
        self.zoom.faults.clear()
        self.zoom.fail(**READ, kind="body", status=status, body=body, times=times)

    def check_all(self):
        for booking in self.bookings:
            booking.zoom_meeting_id._check_now()
        self.sync_meetings()
        self.moment = MONDAY - timedelta(days=1)
        self.move_to(self.moment)
        self.sync_meetings()

    def mails(self):
        template = "resource_booking_zoom.mail_template_meetings_gone"
        subject = "Zoom does not find meetings"
        self.assertTrue(self.env.ref(template))
        return self.env["mail.mail"].sudo().search([("subject", "like", subject)])

    def test_nothing_is_issued_anew_and_the_administrator_is_told_once(self):
        self.zoom_finds_nothing()
        self.check_all()
        self.sync_meetings()
        self.assertEqual({meeting.id for meeting in self.live_meetings()}, self.ids)
        self.assertTrue(self.account.gone_since)
        self.assertEqual(len(self.mails()), 1)

    def test_brake_is_released_when_zoom_finds_them_again(self):
        self.zoom_finds_nothing()
        self.check_all()
        self.zoom.faults.clear()
        self.move_to(self.moment + timedelta(minutes=5))
        self.sync_meetings()
        self.assertFalse(self.account.gone_since)
        self.assertEqual({meeting.id for meeting in self.live_meetings()}, self.ids)
        self.assertEqual(
            {booking.zoom_meeting_id.state for booking in self.bookings}, {"ready"}
        )

    def test_outage_meanwhile_does_not_release_the_brake(self):
        # Given Zoom finds nothing, then does not answer at all
        self.zoom_finds_nothing()
        self.check_all()
        self.let_zoom_answer(503, "{}")
        self.move_to(self.moment + timedelta(minutes=5))
        self.sync_meetings()
        # When it answers again, and still finds nothing
        self.zoom_finds_nothing()
        self.move_to(self.moment + timedelta(minutes=15))
        self.sync_meetings()
        # Then the meetings are still those that people know
        self.assertEqual({meeting.id for meeting in self.live_meetings()}, self.ids)
        self.assertTrue(self.account.gone_since)

    def test_removal_is_not_taken_for_done_meanwhile(self):
        # Given Zoom finds nothing, not even what is to be removed
        self.zoom_finds_nothing()
        self.check_all()
        self.bookings[0].action_cancel()
        self.zoom.fail(**DELETE, kind="body", status=404, body=GONE)
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 6)
        # When it finds them again
        self.zoom.faults.clear()
        for minutes in (5, 40):
            self.move_to(self.moment + timedelta(minutes=minutes))
            self.sync_meetings()
        # Then it is removed
        self.assertEqual(len(self.live_meetings()), 5)

    def test_administrator_has_them_issued_anew(self):
        for meeting in self.live_meetings():
            self.zoom.delete_in_portal(meeting)
        self.check_all()
        self.account.action_issue_gone_anew()
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 6)
        self.assertFalse(self.account.gone_since)
