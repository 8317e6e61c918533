# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tools import mute_logger

from ..models.conference.ledger_queries import find_due_reminders
from .common import GUEST, MONDAY, TUESDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

LOGGER = "odoo.addons.resource_booking_zoom.models.conference.mail_writing"


class TestReminder(MailCase):
    """Who gets the reminder with the link, and when: once, and never without need."""

    def stock_reminders(self, lastcall):
        """Run the platform's own reminders."""
        manager = self.env["calendar.alarm_manager"].with_context(lastcall=lastcall)
        manager._send_reminder()
        return self.deliver_mails()

    # === WHO === #

    def test_requester_and_staff_get_it(self):
        self.ready_booking()
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    def test_person_added_on_the_event_gets_it(self):
        booking = self.ready_booking()
        guest = self.create_guest()
        booking.meeting_id.partner_ids = [Command.link(guest.id)]
        self.assertIn(GUEST, self.recipients(self.remind()))

    def test_employee_who_adds_himself_gets_none(self):
        # Given an employee who may not read the booking
        booking = self.ready_booking()
        # When he puts himself on the event
        self.invite_curious_employee(booking)
        # Then nobody tells him how to join
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    def test_staff_who_have_left_get_none(self):
        self.ready_booking()
        self.staff.active = False
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER])

    def test_person_who_declined_gets_none(self):
        booking = self.ready_booking()
        self.attendee_of(booking, self.staff.partner_id).do_decline()
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER])

    def test_staff_of_the_present_combination_get_it(self):
        # Given a booking that was moved to a day of other staff
        self.users[1].email = "tuesday@example.com"
        booking = self.ready_booking()
        booking.start = TUESDAY
        self.sync_meetings()
        mails = self.remind(TUESDAY - timedelta(hours=1))
        self.assertEqual(self.recipients(mails), [CUSTOMER, "tuesday@example.com"])

    def test_address_that_is_entered_late_gets_it_late(self):
        self.partner.email = False
        self.ready_booking()
        mails = self.without_notices(self.remind())
        self.assertEqual(self.recipients(mails), [STAFF])
        self.partner.email = CUSTOMER
        mails = self.remind(MONDAY - timedelta(minutes=30))
        self.assertEqual(self.recipients(mails), [CUSTOMER])

    def test_cancelled_booking_gets_none(self):
        booking = self.ready_booking()
        booking.action_cancel()
        self.assertFalse(self.remind())

    def test_booking_type_without_tool_is_left_to_the_platform(self):
        # Given a booking of a type with an e-mail alarm and no tool
        self.rbt.web_conference_tool = "none"
        self.book()
        # Then our action sends nothing
        self.assertFalse(self.remind())
        # And the platform's does, without a block
        self.move_to(REMINDER_TIME + timedelta(minutes=1))
        mails = self.stock_reminders(REMINDER_TIME - timedelta(minutes=5))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertNotIn("o_web_conference_info", mail.html)

    def test_platform_sends_none_of_ours(self):
        self.ready_booking()
        self.move_to(REMINDER_TIME + timedelta(minutes=1))
        mails = self.stock_reminders(REMINDER_TIME - timedelta(minutes=5))
        self.assertFalse(mails)

    def test_platform_still_reminds_of_other_events(self):
        self.use_alarms(self.create_alarm(60))
        self.ready_booking()
        self.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": MONDAY,
                "stop": MONDAY + timedelta(hours=1),
                "alarm_ids": [Command.set(self.rbt.alarm_ids.ids)],
                "partner_ids": [Command.set(self.staff.partner_id.ids)],
            }
        )
        self.deliver_mails()
        self.move_to(REMINDER_TIME + timedelta(minutes=1))
        (mail,) = self.stock_reminders(REMINDER_TIME - timedelta(minutes=5))
        self.assertIn("Lunch", mail.subject)

    # === WHEN, AND HOW OFTEN === #

    def test_none_before_its_time(self):
        self.ready_booking()
        self.assertFalse(self.remind(REMINDER_TIME - timedelta(minutes=1)))

    def test_once_however_often_the_action_runs(self):
        self.ready_booking()
        self.assertEqual(len(self.remind()), 2)
        self.assertFalse(self.remind())
        self.assertFalse(self.remind(MONDAY - timedelta(minutes=1)))

    def test_late_run_still_sends_it(self):
        self.ready_booking()
        self.assertEqual(len(self.remind(MONDAY + timedelta(minutes=20))), 2)

    def test_none_after_the_end(self):
        self.ready_booking()
        self.assertFalse(self.remind(MONDAY + timedelta(minutes=30)))

    def test_run_that_is_hours_late_sends_all_that_is_still_of_use(self):
        # Given a reminder of three hours, and a server that stood for two
        self.use_alarms(self.create_alarm(180))
        self.ready_booking()
        self.assertEqual(len(self.remind(MONDAY - timedelta(hours=1))), 2)

    def test_moved_booking_gets_one_for_its_new_start(self):
        booking = self.ready_booking()
        self.assertEqual(len(self.remind()), 2)
        booking.start = MONDAY + timedelta(hours=4)
        self.sync_meetings()
        self.assertFalse(self.remind(MONDAY))
        self.assertEqual(len(self.remind(MONDAY + timedelta(hours=3))), 2)

    def test_several_alarms_send_one_mail_each(self):
        self.use_alarms(self.create_alarm(24 * 60), self.create_alarm(60))
        self.ready_booking()
        self.assertEqual(len(self.remind(MONDAY - timedelta(days=1))), 2)
        self.assertFalse(self.remind(MONDAY - timedelta(hours=2)))
        self.assertEqual(len(self.remind()), 2)

    def test_several_alarms_that_are_late_send_one_mail_together(self):
        self.use_alarms(self.create_alarm(24 * 60), self.create_alarm(60))
        self.ready_booking()
        self.assertEqual(len(self.remind()), 2)
        self.assertFalse(self.remind(MONDAY - timedelta(minutes=5)))

    def test_pop_up_alarm_sends_no_mail(self):
        self.use_alarms(self.create_alarm(60, kind="notification"))
        self.ready_booking()
        self.assertFalse(self.remind())

    def test_new_attendee_after_the_reminder_gets_it_alone(self):
        booking = self.ready_booking()
        self.remind()
        guest = self.create_guest()
        booking.meeting_id._write_quietly({"partner_ids": [Command.link(guest.id)]})
        mails = self.remind(MONDAY - timedelta(minutes=30))
        self.assertEqual(self.recipients(mails), [GUEST])

    def test_action_is_woken_at_the_moment_of_each_alarm(self):
        self.use_alarms(self.create_alarm(24 * 60), self.create_alarm(60))
        self.book()
        self.assertLessEqual(
            {
                MONDAY - timedelta(days=1),
                MONDAY - timedelta(hours=1),
                MONDAY - timedelta(minutes=10),
            },
            set(self.wake_ups()),
        )

    def test_mail_queue_is_woken(self):
        self.ready_booking()
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.move_to(REMINDER_TIME)
        self.send_reminders()
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    # === WHEN THE LINK IS LATE === #

    def test_booking_inside_the_window_gets_it_as_soon_as_it_is_ready(self):
        # Given a booking made forty minutes before its start
        self.move_to(MONDAY - timedelta(minutes=40))
        booking = self.book()
        self.deliver_mails()
        # When reminders run before its meeting is issued, nothing goes out
        self.send_reminders()
        self.assertFalse(self.deliver_mails())
        # When the meeting is issued
        self.forget_wake_ups()
        self.sync_meetings()
        # Then the reminders are woken at once and the mails have the link
        self.assertIn(MONDAY - timedelta(minutes=40), self.whole_minutes())
        self.send_reminders()
        mails = self.deliver_mails()
        self.assert_both_may_join(mails, booking)

    def whole_minutes(self):
        return [moment.replace(second=0, microsecond=0) for moment in self.wake_ups()]

    def test_without_a_link_it_is_held_and_sent_at_the_last_moment(self):
        # Given a booking that nobody hosts
        self.r_materials[0].zoom_user_id = False
        self.book()
        self.sync_meetings()
        self.assertFalse(self.remind())
        self.assertFalse(self.remind(MONDAY - timedelta(minutes=11)))
        # When it is ten minutes before the start
        mails = self.without_notices(self.remind(MONDAY - timedelta(minutes=10)))
        # Then the reminder goes out without a block
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertNotIn("o_web_conference_info", mail.html)

    def check_last_moment(self, parameter, minutes):
        """With that system parameter it is so many minutes before the start."""
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("resource_booking_zoom.reminder_wait_minutes", parameter)
        self.r_materials[0].zoom_user_id = False
        self.book()
        self.assertFalse(self.remind(MONDAY - timedelta(minutes=minutes + 1)))
        mails = self.remind(MONDAY - timedelta(minutes=minutes))
        self.assertEqual(len(self.without_notices(mails)), 2)

    def test_last_moment_is_a_system_parameter(self):
        self.check_last_moment("25", 25)

    def test_nonsense_in_the_system_parameter_means_ten_minutes(self):
        self.check_last_moment("soon", 10)

    def test_meeting_with_a_change_on_its_way_counts_as_ready(self):
        booking = self.ready_booking()
        booking.duration = 1
        self.assertEqual(booking.zoom_meeting_id.state, "changed")
        self.assertEqual(len(self.remind()), 2)

    # === FAILURES === #

    def test_booking_that_fails_stops_no_other(self):
        # Given three bookings, the second of which cannot be written to
        bookings = [
            self.ready_booking(start=MONDAY + timedelta(minutes=30 * number))
            for number in range(3)
        ]
        broken = bookings[1].meeting_id.id
        attendees = self.registry["calendar.attendee"]
        notify = attendees._notify_attendees

        def fail_for_one(records, *args, **kwargs):
            if records.event_id.id == broken:
                raise ValueError("broken template")
            return notify(records, *args, **kwargs)

        # When the reminders of all are due
        with (
            patch.object(attendees, "_notify_attendees", fail_for_one),
            mute_logger(LOGGER),
        ):
            mails = self.remind(MONDAY + timedelta(minutes=5))
        # Then the others are sent, and nothing is entered for the one that failed
        self.assertEqual(len(self.without_notices(mails)), 4)
        ledger = self.env["booking.conference.mail"]
        self.assertFalse(ledger.search([("event_id", "=", broken)]))
        # And it is sent when it works again
        self.assertEqual(len(self.remind(MONDAY + timedelta(minutes=6))), 2)

    def test_template_that_cannot_be_rendered_fails_alone(self):
        template = self.create_template("<p>fine</p>")
        self.env.cr.execute(
            """UPDATE mail_template
                  SET body_html = jsonb_build_object('en_US', %s::text) WHERE id = %s""",
            ('<p t-out="object.no_such_field"/>', template.id),
        )
        template.invalidate_recordset()
        other = self.rbt.copy({"name": "Other type"})
        self.use_template(template)
        self.ready_booking()
        other.alarm_ids = [Command.set(self.create_alarm(60).ids)]
        self.ready_booking(start=MONDAY + timedelta(minutes=30), type_id=other.id)
        with mute_logger(LOGGER, "odoo.addons.mail.models.mail_render_mixin"):
            mails = self.remind(MONDAY - timedelta(minutes=20))
        mails = self.without_notices(mails)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_alarm_without_template_uses_the_modules_own(self):
        self.ready_booking()
        self.env.cr.execute("UPDATE calendar_alarm SET mail_template_id = NULL")
        self.env.invalidate_all()
        mails = self.remind()
        self.assertEqual(len(mails), 2)
        self.assertIn("Reminder", mails[0].subject)

    def test_database_refuses_a_second_entry(self):
        booking = self.ready_booking()
        self.remind()
        entry = self.env["booking.conference.mail"].search(
            [("event_id", "=", booking.meeting_id.id)], limit=1
        )
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(Exception, "once"):
            entry.copy()

    def test_search_for_what_is_due_is_one_query(self):
        for number in range(4):
            self.ready_booking(start=MONDAY + timedelta(minutes=30 * number))
        self.move_to(MONDAY)
        self.env.flush_all()
        with self.assertQueryCount(1):
            due = find_due_reminders(self.env)
        self.assertEqual(len(due), 3)

    # === SYNCHRONISED CALENDARS === #

    def test_it_goes_out_although_another_calendar_mails_for_the_organiser(self):
        # Given an organiser whose calendar is synchronised, so that the platform
        # leaves mails to the other calendar
        model = self.registry["calendar.event"].__mro__
        stock = next(
            one for one in model if one.__module__.startswith("odoo.addons.calendar.")
        )
        self.ready_booking()
        with patch.object(stock, "_skip_send_mail_status_update", lambda _self: True):
            self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    # === ANOTHER TOOL === #

    def test_fixed_url_of_another_tool_is_sent_in_the_same_way(self):
        url = self.use_other_tool("https://teams.example.com/fixed?room=1&key=2")
        booking = self.book()
        invitation = self.deliver_mails()
        self.assertFalse(booking.meeting_id.videocall_location)
        for mail in invitation:
            self.assertNotIn("teams.example.com", mail.everything)
        attendee = booking.meeting_id.attendee_ids[0]
        self.assertFalse(attendee.web_conference_info)
        # When the reminder is due
        mails = self.remind()
        # Then it has the block
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn(url, mail.text)
            self.assertIn("o_web_conference_info", mail.html)
            self.assertNotIn("Passcode", mail.text)
        # And now the link may be known
        attendee.invalidate_recordset()
        self.assertIn("teams.example.com", attendee.web_conference_info)
