# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo.tools import mute_logger

from .common import MONDAY, TUESDAY
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailCase

ADMIN = "admin@example.com"
MINUTE = timedelta(minutes=1)
NO_LONGER = "no longer works"


class TestLostHost(MailCase):
    """A Zoom user is deactivated or deleted: what it hosts cannot be joined."""

    def setUp(self):
        super().setUp()
        self.booking = self.ready_booking()
        self.row = self.booking.zoom_meeting_id
        self.zoom_host = self.zoom.state.users[self.host.zoom_id]
        self.zoom_other_host = self.zoom.state.users[self.other_host.zoom_id]
        # Zoom does not roll back.
        self.addCleanup(self.restore_users, dict(self.zoom.state.users))

    def restore_users(self, users):
        self.zoom.state.users.clear()
        self.zoom.state.users.update(users)
        for user in users.values():
            user.status = "active"

    def fetch_users(self):
        self.run_cron("ir_cron_sync_users")

    def delete_host(self):
        self.zoom.remove_user(self.zoom_host)
        self.fetch_users()

    def deactivate_host(self):
        self.zoom_host.status = "inactive"
        self.fetch_users()

    def activate_host(self):
        self.zoom_host.status = "active"
        self.fetch_users()

    def run_all(self):
        """Let the actions run as often as they are woken.

        :return list: the mails that arrived
        """
        for _round in range(2):
            self.sync_meetings()
            self.send_reminders()
        return self.deliver_mails()

    def to_customer(self, mails):
        return [mail for mail in mails if CUSTOMER in mail.recipients]

    def to_administrator(self, mails):
        return [
            mail
            for mail in mails
            if ADMIN in mail.recipients
            and "Zoom user can no longer host" in mail.subject
        ]

    # === BEFORE THE REMINDER === #

    def test_reminder_tells_no_dead_link_but_waits(self):
        self.delete_host()
        self.move_to(REMINDER_TIME)
        mails = self.run_all()
        self.assertFalse(self.to_customer(mails))
        self.move_to(MONDAY - 11 * MINUTE)
        self.assertFalse(self.to_customer(self.run_all()))
        # At the last moment it goes out without the link
        self.move_to(MONDAY - 10 * MINUTE)
        (mail,) = self.to_customer(self.run_all())
        self.assert_tells_nothing(mail.everything, self.booking)
        self.assertIn("We will send it to you in another e-mail", mail.text)

    def test_reminder_goes_out_with_the_link_of_another_host(self):
        self.delete_host()
        self.move_to(REMINDER_TIME)
        self.run_all()
        self.r_materials[0].zoom_user_id = self.other_host
        (mail,) = self.to_customer(self.run_all())
        self.assertIn("Reminder", mail.subject)
        self.assertEqual(self.booking.zoom_meeting_id.zoom_user_id, self.other_host)
        self.assert_says_how_to_join(mail.text, self.booking)

    def test_reminder_goes_out_when_the_host_is_active_again(self):
        self.deactivate_host()
        self.move_to(REMINDER_TIME)
        self.assertFalse(self.to_customer(self.run_all()))
        self.activate_host()
        (mail,) = self.to_customer(self.run_all())
        self.assert_says_how_to_join(mail.text, self.booking)

    def test_host_deleted_since_the_users_were_fetched_is_noticed_before_the_mail(self):
        # Given that nobody has told us
        self.zoom.remove_user(self.zoom_host)
        self.move_to(REMINDER_TIME)
        self.assertFalse(self.to_customer(self.run_all()))
        self.assertTrue(self.wake_ups("ir_cron_sync_users"))
        self.fetch_users()
        self.assertEqual(self.row.problem, "host_inactive")
        self.assertFalse(self.to_customer(self.run_all()))

    def test_host_deactivated_since_the_users_were_fetched_is_noticed_before_the_mail(
        self,
    ):
        self.zoom_host.status = "inactive"
        self.move_to(REMINDER_TIME)
        self.assertFalse(self.to_customer(self.run_all()))
        self.fetch_users()
        self.assertEqual(self.row.problem, "host_inactive")
        self.assertFalse(self.to_customer(self.run_all()))

    def test_reminder_waits_for_a_host_without_license(self):
        # Given a host whom Zoom lists as active, but who may have no meetings
        self.zoom_host.can_host = False
        self.addCleanup(setattr, self.zoom_host, "can_host", True)
        self.move_to(REMINDER_TIME)
        mails = self.run_all()
        self.assertFalse(self.to_customer(mails))
        (mail,) = self.to_administrator(mails)
        self.assertIn("Zoom does not let this user host meetings", mail.text)
        # When the users are fetched, nothing changes, and nobody is told again
        self.fetch_users()
        self.assertFalse(self.run_all())
        # When the user has a license, the reminder goes out
        self.zoom_host.can_host = True
        self.fetch_users()
        (mail,) = self.to_customer(self.run_all())
        self.assert_says_how_to_join(mail.text, self.booking)

    # === THE ADMINISTRATOR === #

    def test_administrator_is_told_with_bookings_and_what_to_do(self):
        self.delete_host()
        (mail,) = self.to_administrator(self.run_all())
        self.assertIn("Host1 Zoom", mail.text)
        self.assertIn("Secret Customer", mail.text)
        self.assertIn("No longer a user of the Zoom account", mail.text)
        self.assertIn("choose another Zoom user", mail.text)
        self.assertNotIn("Host2", mail.text)
        self.assert_tells_nothing(mail.everything, self.booking)

    def test_administrator_is_told_once_a_cause(self):
        self.deactivate_host()
        self.assertEqual(len(self.to_administrator(self.run_all())), 1)
        self.move_to(REMINDER_TIME - timedelta(days=1))
        self.fetch_users()
        self.assertFalse(self.to_administrator(self.run_all()))
        # Deleted, and not only deactivated: that is another matter.
        self.delete_host()
        (mail,) = self.to_administrator(self.run_all())
        self.assertIn("No longer a user of the Zoom account", mail.text)
        # Lost again after it was back
        self.assertFalse(self.to_administrator(self.run_all()))

    def test_administrator_is_told_again_when_the_host_is_lost_again(self):
        self.deactivate_host()
        self.run_all()
        self.activate_host()
        self.assertFalse(self.to_administrator(self.run_all()))
        self.deactivate_host()
        self.assertEqual(len(self.to_administrator(self.run_all())), 1)

    def test_administrator_is_told_of_a_refusal_that_follows_a_loss(self):
        # Given a host that Zoom refused, and that was lost and active again since
        self.refuse_host()
        self.assertEqual(len(self.to_administrator(self.run_all())), 1)
        self.deactivate_host()
        self.assertEqual(len(self.to_administrator(self.run_all())), 1)
        self.activate_host()
        self.run_all()
        # When Zoom refuses it once more, then that is told, too
        self.refuse_host()
        self.assertEqual(len(self.to_administrator(self.run_all())), 1)

    def refuse_host(self):
        self.row.write({"problem": "host_refused", "next_attempt": False})

    def test_host_that_somebody_chose_for_a_booking_is_broken(self):
        self.booking._change_host(self.other_host)
        self.r_materials.zoom_user_id = self.host
        self.zoom_other_host.status = "inactive"
        self.fetch_users()
        self.assertTrue(self.other_host.is_broken)
        users = self.env["booking.zoom.user"].with_context(active_test=False)
        self.assertIn(self.other_host, users.search([("is_broken", "=", True)]))
        self.move_to(self.booking.stop)
        self.env.invalidate_all()
        self.assertFalse(self.other_host.is_broken)

    def test_host_without_bookings_is_nobodys_matter(self):
        self.zoom.remove_user(self.zoom_other_host)
        self.fetch_users()
        self.assertFalse(self.to_administrator(self.run_all()))

    # === STAFF === #

    def to_staff(self, mails):
        return [
            mail
            for mail in mails
            if STAFF in mail.recipients and "join link no longer works" in mail.subject
        ]

    def test_staff_are_told_if_the_customer_knows_the_link(self):
        self.remind()
        self.deactivate_host()
        self.assertEqual(len(self.to_staff(self.run_all())), 1)
        self.assertFalse(self.to_staff(self.run_all()))
        # And again when it happens again
        self.activate_host()
        self.run_all()
        self.deactivate_host()
        self.assertEqual(len(self.to_staff(self.run_all())), 1)

    def test_staff_are_not_told_of_a_link_that_nobody_knows(self):
        self.deactivate_host()
        self.assertFalse(self.to_staff(self.run_all()))

    # === WHO KNOWS THE LINK === #

    def test_who_knows_the_dead_link_is_told(self):
        self.remind()
        self.delete_host()
        (mail,) = self.to_customer(self.run_all())
        self.assertIn(NO_LONGER, mail.subject)
        self.assertIn("The booking itself has not been cancelled", mail.text)
        self.assertFalse(self.to_customer(self.run_all()))

    def test_new_link_of_another_host_follows(self):
        self.remind()
        former = self.row.join_url
        self.delete_host()
        self.run_all()
        self.r_materials[0].zoom_user_id = self.other_host
        (mail,) = self.to_customer(self.run_all())
        self.assertIn("Your link", mail.subject)
        self.assert_says_how_to_join(mail.text, self.booking)
        self.assertNotIn(former, mail.everything)

    def test_same_link_is_told_when_the_host_is_active_again(self):
        self.remind()
        self.deactivate_host()
        self.assertEqual(len(self.to_customer(self.run_all())), 1)
        self.activate_host()
        (mail,) = self.to_customer(self.run_all())
        self.assertIn("Your link", mail.subject)
        self.assert_says_how_to_join(mail.text, self.booking)

    def test_passcode_that_changed_meanwhile_is_told_when_the_host_is_back(self):
        self.remind()
        self.deactivate_host()
        self.run_all()
        self.zoom.edit_in_portal(self.live_meetings()[0], password="n3wC0de")
        self.move_to(REMINDER_TIME + 5 * MINUTE)
        self.activate_host()
        (mail,) = self.to_customer(self.run_all())
        self.assertIn("n3wC0de", mail.text)

    def test_meeting_that_is_gone_when_the_host_is_back_is_issued_anew(self):
        self.remind()
        former = self.row.join_url
        self.deactivate_host()
        self.run_all()
        self.zoom.delete_in_portal(self.live_meetings()[0])
        self.move_to(REMINDER_TIME + 5 * MINUTE)
        self.activate_host()
        self.assertFalse(self.to_customer(self.run_all()))
        self.move_to(REMINDER_TIME + 8 * MINUTE)
        (mail,) = self.to_customer(self.run_all())
        self.assert_says_how_to_join(mail.text, self.booking)
        self.assertNotIn(former, mail.everything)

    def test_reminders_are_woken_when_a_host_is_lost(self):
        self.remind()
        self.forget_wake_ups()
        self.delete_host()
        self.assertTrue(self.wake_ups())

    def test_link_of_the_former_host_works_until_the_new_meeting_exists(self):
        # Given a booking that is given to a host who cannot host
        self.remind()
        self.zoom.remove_user(self.zoom_other_host)
        self.fetch_users()
        self.r_materials[0].zoom_user_id = self.other_host
        # Then its former meeting stays, and nobody is told that it is dead
        self.assertFalse(self.to_customer(self.run_all()))
        self.assertEqual(len(self.live_meetings()), 1)

    def test_link_that_was_deleted_at_the_daily_limit_is_told_to_be_dead(self):
        self.remind()
        self.zoom.set_count(self.zoom_host, 100)
        self.zoom.delete_in_portal(self.live_meetings()[0])
        self.row._check_now()
        self.run_all()
        self.move_to(REMINDER_TIME + 3 * MINUTE)
        self.zoom.set_count(self.zoom_host, 100)
        (mail,) = self.to_customer(self.run_all())
        self.assertEqual(self.booking.zoom_meeting_id.problem, "daily_limit")
        self.assertIn(NO_LONGER, mail.subject)

    def test_dead_link_that_somebody_knows_who_left_is_nobodys_matter(self):
        guest = self.partner.copy({"email": "guest@example.com"})
        self.booking.partner_ids |= guest
        self.remind()
        self.deactivate_host()
        self.run_all()
        self.booking.partner_ids -= guest
        mails = self.run_all()
        self.assertFalse([one for one in mails if "former" in one.subject])

    # === WHAT IS SHOWN === #

    def test_booking_and_page_say_so(self):
        self.remind()
        self.delete_host()
        self.env.invalidate_all()
        self.assertEqual(self.booking.join_link_state, "stuck")
        self.assertIn("nobody can join this meeting", self.booking.join_link_problem)
        page = self.booking._get_portal_conference()
        self.assertFalse(page["link"])
        self.assertIn("as soon as it is ready", page["notice"])

    def test_url_is_taken_off_the_event_where_it_was_shown(self):
        self.rbt.link_disclosure = "issued"
        booking = self.ready_booking(start=TUESDAY, combination_id=self.rbc_tue.id)
        self.assertTrue(booking.meeting_id.videocall_location)
        self.deactivate_host()
        self.assertFalse(booking.meeting_id.videocall_location)
        self.activate_host()
        self.assertTrue(booking.meeting_id.videocall_location)

    def test_meeting_is_still_read_and_stays_a_problem(self):
        # Given that Zoom lists the user as inactive, but answers all the same
        self.deactivate_host()
        self.zoom_host.status = "active"
        self.zoom.edit_in_portal(self.live_meetings()[0], password="n3wC0de")
        self.row._check_now()
        self.sync_meetings()
        self.assertRecordValues(
            self.row,
            [{"passcode": "n3wC0de", "problem": "host_inactive", "state": "ready"}],
        )

    def test_meetings_of_a_deleted_host_are_no_meetings_not_found(self):
        # Given a host of many meetings, deleted with all of them
        others = [
            self.ready_booking(start=MONDAY + timedelta(minutes=30 * number))
            for number in range(1, 6)
        ]
        self.delete_host()
        for booking in others:
            booking.zoom_meeting_id._check_now()
        self.sync_meetings()
        self.assertFalse(self.account.gone_since)
        self.assertEqual(
            {booking.zoom_meeting_id.problem for booking in others}, {"host_inactive"}
        )

    # === SEVERAL AT ONCE === #

    def let_both_host(self):
        """Bookings of two hosts, and the reminder of one of them sent."""
        self.r_materials[1].zoom_user_id = self.other_host
        self.ready_booking(start=TUESDAY, combination_id=self.rbc_tue.id)
        self.zoom.add_user(
            self.zoom_host.account, email="owner@example.com", role="Owner"
        )
        self.remind()

    def deactivate_both(self):
        self.zoom_host.status = self.zoom_other_host.status = "inactive"
        self.fetch_users()

    @mute_logger("odoo.addons.resource_booking_zoom.models.zoom.user_list")
    def test_several_hosts_lost_at_once_are_believed_when_zoom_says_so_again(self):
        self.let_both_host()
        # When Zoom lists neither of them
        self.deactivate_both()
        # Then nobody is told yet
        self.assertFalse(self.run_all())
        self.assertTrue(self.host.active)
        looks = self.wake_ups("ir_cron_sync_users")
        self.assertIn(REMINDER_TIME + 10 * MINUTE, looks)
        # Until Zoom says so again
        self.move_to(REMINDER_TIME + 10 * MINUTE)
        self.fetch_users()
        mails = self.run_all()
        self.assertEqual(len(self.to_customer(mails)), 1)
        (mail,) = self.to_administrator(mails)
        self.assertIn("Host1", mail.text)
        self.assertIn("Host2", mail.text)

    @mute_logger("odoo.addons.resource_booking_zoom.models.zoom.user_list")
    def test_list_that_was_wrong_once_tells_nobody(self):
        self.let_both_host()
        self.deactivate_both()
        self.zoom_host.status = self.zoom_other_host.status = "active"
        self.move_to(REMINDER_TIME + 10 * MINUTE)
        self.fetch_users()
        self.assertFalse(self.run_all())
        self.assertFalse(self.host.doubted_at)
