# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command
from odoo.tools import SQL

from ..models.conference.booking_conference_mail import FOLLOW_UP
from ..utils import link_digest, sql_link_digest
from .common import CREATE, GUEST, MONDAY, TUESDAY
from .mail_common import CUSTOMER, STAFF, MailCase

MARKER = "o_web_conference_info"


class TestChangeMail(MailCase):
    """After the reminder: what people were told is not true any more."""

    def assert_changed(self, mails, booking):
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertEqual(mail.subject, "The Zoom information has changed")
            self.assert_says_how_to_join(mail.text, booking)

    # === ANOTHER LINK === #

    def test_new_host_is_told(self):
        booking = self.reminded_booking()
        former = booking.zoom_meeting_id.join_url
        # When another Zoom user becomes the host
        self.r_materials[0].zoom_user_id = self.other_host
        self.sync_meetings()
        # Then everybody gets the new link, once
        mails = self.send()
        self.assert_changed(mails, booking)
        self.assertNotIn(former, mails[0].everything)
        self.assertTrue(booking.zoom_meeting_id.disclosed_at)
        self.assertFalse(self.send())

    def test_new_passcode_is_told(self):
        booking = self.reminded_booking()
        booking.zoom_meeting_id.passcode = "another"
        mails = self.send()
        self.assert_changed(mails, booking)
        self.assertFalse(self.send())

    def test_passcode_that_is_changed_back_is_told_again(self):
        booking = self.reminded_booking()
        first = booking.zoom_meeting_id.passcode
        for passcode in ("second", first, "second"):
            booking.zoom_meeting_id.passcode = passcode
            self.assert_changed(self.send(), booking)

    def test_new_url_of_another_tool_is_told(self):
        self.use_other_tool("https://teams.example.com/first")
        self.book()
        self.remind()
        self.rbt.videocall_location = "https://teams.example.com/second"
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertIn("https://teams.example.com/second", mails[0].text)

    def test_mails_about_another_tool_do_not_speak_of_zoom(self):
        # Given a Japanese customer and English staff
        self.partner.lang = "ja_JP"
        self.use_other_tool("https://teams.example.com/first")
        booking = self.book()
        mails = self.remind()
        # When the URL changes, and the booking is cancelled
        self.rbt.videocall_location = "https://teams.example.com/second"
        changed = self.send()
        booking.action_cancel()
        mails += changed + self.send()
        # Then none of the mails mentions Zoom
        self.assertEqual(len(mails), 6)
        for mail in mails:
            self.assertNotIn("Zoom", f"{mail.subject} {mail.text}")
        self.assertEqual(
            self.mail_to(CUSTOMER, changed).subject,
            "【重要】Web会議情報の変更のお知らせ",
        )
        self.assertEqual(
            self.mail_to(STAFF, changed).subject,
            "The Web conference information has changed",
        )

    def test_before_the_reminder_nothing_is_told(self):
        booking = self.ready_booking()
        booking.zoom_meeting_id.passcode = "another"
        self.assertFalse(self.send())

    def test_who_declined_is_not_told(self):
        booking = self.reminded_booking()
        self.attendee_of(booking, self.staff.partner_id)._write({"state": "declined"})
        self.env.invalidate_all()
        booking.zoom_meeting_id.passcode = "another"
        self.assertEqual(self.recipients(self.send()), [CUSTOMER])

    def test_worker_that_stood_for_hours_loses_nothing(self):
        booking = self.reminded_booking()
        booking.duration = 8
        self.sync_meetings()
        self.deliver_mails()
        moment = MONDAY + timedelta(hours=4)
        self.let_zoom_have_said(booking, moment, passcode="another")
        self.assert_changed(self.remind(moment), booking)

    def test_nothing_is_told_after_the_end(self):
        booking = self.reminded_booking()
        booking.zoom_meeting_id.passcode = "another"
        self.assertFalse(self.remind(MONDAY + timedelta(minutes=31)))

    def test_search_for_what_is_due_costs_the_same_for_many(self):
        for number in range(3):
            self.ready_booking(start=MONDAY + timedelta(minutes=30 * number))
        self.remind(MONDAY)
        self.env["booking.zoom.meeting"].search([]).passcode = "another"
        self.env.flush_all()
        ledger = self.env["booking.conference.mail"]
        with self.assertQueryCount(6):
            work = ledger._get_work()
        self.assertEqual([one[0] for one in work], [FOLLOW_UP] * 3)

    def test_database_and_python_agree_on_links(self):
        for url, passcode in (
            ("https://zoom.us/j/1?pwd=ü", 'a<B&9*"x_@\\n'),
            ("https://zoom.us/j/2", None),
        ):
            ((digest,),) = self.env.execute_query(
                SQL(
                    "SELECT %s",
                    sql_link_digest(SQL("%s", url), SQL("%s::text", passcode)),
                )
            )
            self.assertEqual(digest, link_digest(url, passcode))

    # === MOVED === #

    def test_date_change_says_how_to_join_and_no_second_mail_comes(self):
        booking = self.reminded_booking()
        url = booking.zoom_meeting_id.join_url
        # When the booking is moved
        booking.start = MONDAY + timedelta(hours=4)
        mails = self.deliver_mails()
        # Then the platform's mail says how to join
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn("Date updated", mail.subject)
            self.assertEqual(mail.html.count(MARKER), 1)
            self.assert_says_how_to_join(mail.text, booking)
        # And the link stays, so there is no mail from us
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.join_url, url)
        self.assertFalse(self.send())
        # And the new start gets its own reminder
        mails = self.remind(MONDAY + timedelta(hours=3))
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    def test_date_change_by_somebody_who_may_not_read_the_booking_says_it_too(self):
        booking = self.reminded_booking()
        organiser = self.users[0]
        organiser.group_ids = [
            Command.set([self.env.ref("base.group_user").id]),
        ]
        booking.meeting_id._write_quietly({"user_id": organiser.id})
        self.rbt.modifications_deadline = 0
        start = MONDAY + timedelta(hours=4)
        booking.meeting_id.with_user(organiser).write(
            {"start": start, "stop": start + timedelta(minutes=30)}
        )
        mail = self.mail_to(CUSTOMER, self.deliver_mails())
        self.assert_says_how_to_join(mail.text, booking)

    def test_date_change_before_the_reminder_tells_nothing(self):
        booking = self.ready_booking()
        booking.start = MONDAY + timedelta(hours=4)
        mails = self.deliver_mails()
        self.assertEqual(len(mails), 2)
        for mail in mails:
            self.assert_tells_nothing(mail.everything, booking)
            self.assertNotIn("o_web_conference_info", mail.html)

    def test_move_to_another_host_tells_the_new_link_and_never_the_old_one(self):
        # Given a booking that is moved to a day of other staff with another host
        self.users[1].email = "tuesday@example.com"
        self.r_materials[1].zoom_user_id = self.other_host
        booking = self.reminded_booking()
        former = booking.zoom_meeting_id.join_url
        booking.start = TUESDAY
        # Then the date change does not tell the link that is about to go
        for mail in self.deliver_mails():
            self.assertNotIn(former, mail.everything)
        # And the new link is told to the customer, who knows the old one
        self.sync_meetings()
        changed = [mail for mail in self.send() if mail.subject.startswith("The Zoom")]
        self.assertEqual(self.recipients(changed), [CUSTOMER])
        self.assert_says_how_to_join(changed[0].text, booking)

    # === SOMEBODY LEFT === #

    def with_guest(self):
        guest = self.create_guest()
        booking = self.book(partner=self.partner | guest)
        self.sync_meetings()
        self.deliver_mails()
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, GUEST, STAFF])
        return booking, guest

    def leave(self, booking):
        """The guest is taken off the booking."""
        booking.partner_ids = [Command.set(self.partner.ids)]
        self.deliver_mails()
        mails = self.send()
        self.sync_meetings()
        return mails + self.send()

    def test_those_who_remain_get_another_link_and_the_old_one_dies(self):
        booking, _guest = self.with_guest()
        former = booking.zoom_meeting_id
        mails = self.leave(booking)
        # Then the guest is told
        gone = self.mail_to(GUEST, mails)
        self.assertIn("You no longer take part", gone.subject)
        self.assertIn("no longer works", gone.text)
        self.assertNotIn(former.zoom_id, gone.everything)
        # And the others have another link
        self.assert_changed(
            [mail for mail in mails if GUEST not in mail.recipients], booking
        )
        self.assertNotEqual(booking.zoom_meeting_id.zoom_id, former.zoom_id)
        # And the old meeting is gone from Zoom
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertEqual(str(meeting.id), booking.zoom_meeting_id.zoom_id)
        # And all of that happens once
        self.assertFalse(self.send())

    def test_old_meeting_is_deleted_only_when_the_new_one_is_ready(self):
        booking, _guest = self.with_guest()
        self.zoom.state.requests.clear()
        self.leave(booking)
        self.sync_meetings()
        methods = [
            request.method
            for request in self.zoom.state.requests
            if request.method in ("POST", "DELETE") and "/meetings" in request.path
        ]
        self.assertEqual(methods, ["POST", "DELETE"])

    def test_before_the_reminder_somebody_who_leaves_changes_nothing(self):
        guest = self.create_guest()
        booking = self.book(partner=self.partner | guest)
        self.sync_meetings()
        row = booking.zoom_meeting_id
        self.assertFalse(self.leave(booking))
        self.assertEqual(booking.zoom_meeting_id, row)

    def test_guest_who_declines_loses_the_link_without_a_mail(self):
        booking, guest = self.with_guest()
        former = booking.zoom_meeting_id.zoom_id
        self.attendee_of(booking, guest).do_decline()
        self.send()
        self.sync_meetings()
        self.assert_changed(self.send(), booking)
        self.assertNotEqual(booking.zoom_meeting_id.zoom_id, former)
        # When the guest accepts after all
        self.attendee_of(booking, guest).do_accept()
        mail = self.mail_to(GUEST, self.send())
        self.assert_says_how_to_join(mail.text, booking)

    def test_guest_who_has_declined_learns_no_link_by_a_date_change(self):
        # Given a guest who declined after the reminder, so that the link was replaced
        booking, guest = self.with_guest()
        self.attendee_of(booking, guest).do_decline()
        self.send()
        self.sync_meetings()
        self.send()
        row = booking.zoom_meeting_id
        # When the booking is moved
        booking.start = MONDAY + timedelta(hours=4)
        mail = self.mail_to(GUEST, self.deliver_mails())
        # Then the guest does not learn the new link, and it stays
        self.assert_tells_nothing(mail.everything, booking)
        self.assertFalse(self.send())
        self.assertEqual(booking.zoom_meeting_id, row)

    def test_guest_who_is_deleted_loses_the_link(self):
        booking, guest = self.with_guest()
        former = booking.zoom_meeting_id.zoom_id
        guest.unlink()
        self.send()
        self.sync_meetings()
        self.assert_changed(self.send(), booking)
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.assertNotEqual(str(meeting.id), former)

    def test_staff_are_told_when_zoom_refuses_the_new_meeting(self):
        booking, _guest = self.with_guest()
        former = booking.zoom_meeting_id
        self.zoom.fail(
            **CREATE,
            kind="body",
            status=400,
            body='{"code": 300, "message": "Invalid meeting."}',
        )
        mails = self.leave(booking) + self.send()
        self.assertEqual(booking.zoom_meeting_id.problem, "refused")
        (meeting,) = self.live_meetings()
        self.assertEqual(str(meeting.id), former.zoom_id)
        notices = [mail for mail in mails if "still works" in mail.subject]
        self.assertEqual(self.recipients(notices), ["admin@example.com", STAFF])

    def test_where_the_limit_does_not_allow_one_the_old_link_stays(self):
        # Given a Zoom user whose requests of today are used up
        booking, _guest = self.with_guest()
        former = booking.zoom_meeting_id
        self.env["booking.zoom.request.count"]._note_limit_reached(self.host)
        mails = self.leave(booking)
        # Then the meeting stays as it is
        self.assertEqual(booking.zoom_meeting_id, former)
        self.assertEqual(former.state, "ready")
        self.assertEqual(len(self.live_meetings()), 1)
        # And the guest and the staff are told, once
        self.assertEqual(self.recipients(mails), ["admin@example.com", GUEST, STAFF])
        self.assertIn("still works", self.mail_to(STAFF, mails).subject)
        self.assertFalse(self.send())
        # also if it is moved meanwhile
        booking.start = MONDAY + timedelta(hours=4)
        moved = self.send()
        self.assertFalse([mail for mail in moved if "still works" in mail.subject])
        self.assertEqual(len(booking.activity_ids), 1)
        # And when the type has no tool any more, there is nothing to watch
        self.rbt.write({"web_conference_tool": "none", "videocall_location": False})
        self.send()
        self.assertFalse(booking.activity_ids)

    def test_where_zoom_alone_knows_of_the_limit_the_old_link_stays_too(self):
        # Given a Zoom user of whose requests others have used up all
        booking, _guest = self.with_guest()
        former = booking.zoom_meeting_id
        self.zoom.set_count(self.host.zoom_id, 100)
        mails = self.leave(booking)
        self.assertEqual(booking.zoom_meeting_id.problem, "daily_limit")
        # Then the old meeting is still in Zoom, and the staff are told, once
        (meeting,) = self.live_meetings()
        self.assertEqual(str(meeting.id), former.zoom_id)
        mails += self.send()
        notices = [mail for mail in mails if "still works" in mail.subject]
        self.assertEqual(self.recipients(notices), ["admin@example.com", STAFF])
        self.assertFalse(self.send())

    def test_it_is_replaced_when_the_limit_is_lifted(self):
        guest = self.create_guest()
        self.use_alarms(self.create_alarm(3 * 24 * 60))
        booking = self.book(partner=self.partner | guest)
        self.sync_meetings()
        self.deliver_mails()
        self.send()
        self.env["booking.zoom.request.count"]._note_limit_reached(self.host)
        self.leave(booking)
        self.assertEqual(len(self.live_meetings()), 1)
        # When a new day begins at Zoom
        reset = self.host._get_next_reset()
        self.assertIn(reset, self.wake_ups())
        self.move_to(reset + timedelta(minutes=1))
        self.send()
        self.sync_meetings()
        self.assert_changed(self.send(), booking)

    def test_staff_who_leave_by_a_move_are_told(self):
        self.users[1].email = "tuesday@example.com"
        booking = self.reminded_booking()
        booking.start = TUESDAY
        self.deliver_mails()
        mails = self.send()
        self.assertIn("no longer take part", self.mail_to(STAFF, mails).subject)
