# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from odoo.addons.resource_booking_zoom.hooks import uninstall_hook

from ..models.conference import mail_writing
from .common import MONDAY, TUESDAY
from .mail_common import CUSTOMER
from .test_staff_notice import ADMIN, LAST_MOMENT, LOGGER, ORGANIZER, STAFF, NoticeCase

WRITING_LOGGER = "odoo.addons.resource_booking_zoom.models.conference.mail_writing"


class TestStaffActivity(NoticeCase):
    """A booking shows what its staff have to do, until it is done or over."""

    def setUp(self):
        super().setUp()
        self.organizer.group_ids += self.env.ref("base.group_user")

    def activities(self, booking):
        """Open ones that this module put on the booking."""
        kind = self.env.ref("resource_booking_zoom.mail_activity_type_check")
        return booking.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def troubled_booking(self, cause="event_changed", detail="", **values):
        """A booking whose staff were told."""
        booking = self.book(user_id=self.organizer.id, **values)
        self.deliver_mails()
        booking._note_for_staff(cause, detail)
        self.send()
        return booking

    # === WHO, AND WHAT IT SAYS === #

    def test_organizer_sees_what_happened_and_what_to_do(self):
        booking = self.book_without_host()
        self.remind(LAST_MOMENT)
        activity = self.activities(booking)
        self.assertEqual(activity.user_id, self.organizer)
        self.assertEqual(activity.summary, "A booking starts soon and has no join link")
        for said in (
            "the meeting does not exist yet",
            "Nobody hosts this booking in Zoom",
            "call the customer",
        ):
            self.assertIn(said, activity.note)

    def test_it_is_counted_for_the_organizer(self):
        self.troubled_booking()
        groups = self.env["res.users"].with_user(self.organizer)._get_activity_groups()
        counts = {group["model"]: group["today_count"] for group in groups}
        self.assertEqual(counts, {"resource.booking": 1})

    def test_users_of_the_resources_who_may_read_the_booking_have_one_each(self):
        self.staff.group_ids += self.env.ref("resource_booking.group_user")
        booking = self.troubled_booking()
        self.assertEqual(self.activities(booking).user_id, self.organizer | self.staff)

    def test_who_may_not_read_the_booking_has_none(self):
        booking = self.troubled_booking()
        self.assertFalse(booking.with_user(self.staff).has_access("read"))
        self.assertEqual(self.activities(booking).user_id, self.organizer)
        self.assertNotIn(self.staff.partner_id, booking.message_partner_ids)

    def test_portal_user_has_none(self):
        booking = self.book(user_id=self.organizer.id)
        customer = new_test_user(self.env, "portal", groups="base.group_portal")
        booking.combination_id.resource_ids.user_id = customer
        booking.message_subscribe(customer.partner_id.ids)
        self.assertTrue(booking.with_user(customer).has_access("read"))
        booking._note_for_staff("event_changed")
        self.send()
        self.assertEqual(self.activities(booking).user_id, self.organizer)

    def test_who_works_in_another_company_has_none(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        booking = self.book(user_id=self.organizer.id)
        self.organizer.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        booking._note_for_staff("event_changed")
        self.send()
        self.assertFalse(self.activities(booking).user_id)

    def test_booking_that_nobody_can_be_assigned_shows_it_all_the_same(self):
        booking = self.book()
        booking.user_id = False
        self.deliver_mails()
        booking._note_for_staff("event_changed")
        mails = self.notices(self.send())
        self.assertEqual(self.recipients(mails), [ADMIN, STAFF])
        activity = self.activities(booking)
        self.assertEqual(len(activity), 1)
        self.assertFalse(activity.user_id)

    def test_booking_that_nobody_is_told_of_shows_it_once(self):
        self.account.alert_email = False
        self.env["res.company"].search([]).email = False
        booking = self.book(user_id=self.env.ref("base.user_root").id)
        booking.combination_id.resource_ids.user_id = False
        self.deliver_mails()
        booking._note_for_staff("event_changed")
        for _run in range(2):
            self.assertFalse(self.notices(self.send()))
            self.assertEqual(len(self.activities(booking)), 1)

    def test_booking_whose_customer_was_archived_shows_it(self):
        booking = self.book(user_id=self.organizer.id)
        self.deliver_mails()
        self.partner.active = False
        self.env.flush_all()
        self.env.invalidate_all()
        booking._note_for_staff("event_changed")
        self.send()
        activity = self.activities(booking)
        self.assertEqual(activity.user_id, self.organizer)
        self.assertEqual(activity.res_name, self.rbt.name)

    def test_it_is_due_today_by_the_clock_of_the_user(self):
        self.organizer.tz = "Asia/Tokyo"
        booking = self.book(user_id=self.organizer.id)
        booking._note_for_staff("event_changed")
        self.deliver_mails()
        # 01:00 on Saturday in Tokyo
        self.move_to(MONDAY - timedelta(days=3) + timedelta(hours=8))
        self.send()
        activity = self.activities(booking)
        self.assertEqual(str(activity.date_deadline), "2027-02-27")

    def test_it_is_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.env["ir.module.module"]._load_module_terms(
            ["resource_booking_zoom"], ["ja_JP"]
        )
        self.organizer.lang = "ja_JP"
        self.staff.group_ids += self.env.ref("resource_booking.group_user")
        booking = self.troubled_booking()
        notes = {one.user_id: one.note for one in self.activities(booking)}
        said = "Somebody changed the event"
        self.assertNotIn(said, notes[self.organizer])
        self.assertIn(said, notes[self.staff])

    def test_it_tells_no_link(self):
        booking = self.ready_booking(user_id=self.organizer.id)
        booking._note_for_staff("event_changed", "Somebody archived it.")
        self.send()
        activity = self.activities(booking)
        self.assert_tells_nothing(f"{activity.summary} {activity.note}", booking)

    def test_what_people_entered_is_shown_as_it_is(self):
        booking = self.troubled_booking("unreachable", "<b>Hanako</b>: no address")
        note = self.activities(booking).note
        self.assertIn("&lt;b&gt;Hanako&lt;/b&gt;: no address", note)

    # === MAILS === #

    def test_the_platform_sends_no_mail_for_each(self):
        half_hour = timedelta(minutes=30)
        bookings = [
            self.book(user_id=self.organizer.id, start=MONDAY + number * half_hour)
            for number in range(3)
        ]
        self.deliver_mails()
        for booking in bookings:
            booking._note_for_staff("event_changed")
        mails = self.send()
        self.assertEqual(self.recipients(mails), [ADMIN, ORGANIZER, STAFF])
        for booking in bookings:
            self.assertEqual(len(self.activities(booking)), 1)

    def test_mails_go_out_when_the_activities_cannot_be_created(self):
        booking = self.book(user_id=self.organizer.id)
        self.deliver_mails()
        booking._note_for_staff("event_changed")
        with (
            patch.object(
                self.registry["mail.activity"], "create", side_effect=ValueError
            ),
            mute_logger(LOGGER),
        ):
            mails = self.send()
        self.assertEqual(self.recipients(mails), [ADMIN, ORGANIZER, STAFF])
        self.assertFalse(self.notices(self.send()))

    def test_one_that_cannot_be_created_keeps_no_other_from_it(self):
        # Given two bookings, of which one can have no activity
        damaged = self.book(user_id=self.organizer.id)
        booking = self.book(start=TUESDAY, combination_id=self.rbc_tue.id)
        (damaged | booking)._note_for_staff("event_changed")
        notices = self.registry["booking.conference.notice"]
        prepare = notices._prepare_activity_vals

        def fail_for_one(notice, user):
            if notice.booking_id == damaged:
                raise ValueError
            return prepare(notice, user)

        # When staff are told
        with (
            patch.object(notices, "_prepare_activity_vals", fail_for_one),
            mute_logger(LOGGER),
        ):
            self.send()
        # Then the other one has its activity
        self.assertFalse(self.activities(damaged))
        self.assertTrue(self.activities(booking))

    def test_activities_are_created_once_when_the_mails_failed_before(self):
        booking = self.book(user_id=self.organizer.id)
        booking._note_for_staff("event_changed")
        notices = self.registry["booking.conference.notice"]
        with (
            patch.object(notices, "_send_to", side_effect=ValueError),
            mute_logger(LOGGER),
        ):
            self.send()
        self.send()
        self.assertEqual(len(self.activities(booking)), 1)

    def test_the_event_is_left_alone(self):
        booking = self.book(user_id=self.organizer.id)
        self.deliver_mails()
        booking._note_for_staff("event_changed")
        self.env.flush_all()
        before = booking.meeting_id.write_date, booking.write_date
        self.move_to(MONDAY - timedelta(hours=10))
        self.send()
        self.activities(booking).with_user(self.organizer).action_done()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((booking.meeting_id.write_date, booking.write_date), before)

    # === DONE, OVER === #

    def test_staff_tick_it_off_and_hear_no_more(self):
        booking = self.troubled_booking()
        self.activities(booking).with_user(self.organizer).action_feedback("Called")
        booking._note_for_staff("event_changed")
        self.assertFalse(self.notices(self.send()))
        self.assertFalse(self.activities(booking))

    def test_customers_do_not_see_that_it_was_done(self):
        booking = self.troubled_booking()
        seen = booking.message_ids
        self.activities(booking).with_user(self.organizer).action_feedback("Called")
        message = booking.message_ids - seen
        self.assertEqual(len(message), 1)
        self.assertTrue(message.subtype_id.internal)
        self.assertNotIn(self.partner, message.notified_partner_ids)

    def test_staff_delete_it_and_hear_no_more(self):
        booking = self.troubled_booking()
        self.activities(booking).with_user(self.organizer).unlink()
        booking._note_for_staff("event_changed")
        self.assertFalse(self.notices(self.send()))
        self.assertFalse(self.activities(booking))

    def test_it_goes_with_its_user_and_is_not_told_again(self):
        booking = self.troubled_booking()
        self.organizer.action_archive()
        booking._note_for_staff("event_changed")
        self.assertFalse(self.notices(self.send()))
        self.assertFalse(self.activities(booking))

    def test_it_goes_when_the_link_has_come(self):
        booking = self.book_without_host()
        self.remind(LAST_MOMENT)
        self.assertTrue(self.activities(booking))
        self.r_materials[0].zoom_user_id = self.host
        self.sync_meetings()
        self.send()
        self.assertFalse(self.activities(booking))

    def test_it_goes_when_the_customer_accepts_again(self):
        booking = self.book(user_id=self.organizer.id)
        customer = self.attendee_of(booking)
        customer.with_user(self.env.ref("base.public_user")).sudo().do_decline()
        self.send()
        self.assertIn("declined", self.activities(booking).summary)
        customer.do_accept()
        self.send()
        self.assertFalse(self.activities(booking))

    def test_it_goes_when_the_customer_can_be_reached_again(self):
        # Given a customer without a valid address when the reminder is due
        booking = self.ready_booking(user_id=self.organizer.id)
        self.partner.email = "nobody"
        self.remind()
        self.assertTrue(self.activities(booking))
        # When it is corrected, then the reminder goes out, and nothing is left to do
        self.partner.email = CUSTOMER
        self.send()
        self.send()
        self.assertFalse(self.activities(booking))

    def test_it_stays_as_long_as_the_customer_cannot_be_reached(self):
        booking = self.ready_booking(user_id=self.organizer.id)
        self.partner.email = "nobody"
        self.remind()
        self.send()
        self.assertTrue(self.activities(booking))

    def test_it_goes_when_the_mail_could_be_written_at_last(self):
        # Given a mail that cannot be written
        booking = self.ready_booking(user_id=self.organizer.id)
        with (
            patch.object(mail_writing, "_notify", side_effect=ValueError),
            mute_logger(WRITING_LOGGER),
        ):
            self.remind()
            self.send()
        self.assertTrue(self.activities(booking))
        # When it can be, then the activity goes
        self.send()
        self.send()
        self.assertFalse(self.activities(booking))

    def test_it_goes_at_once_when_the_cause_is_forgotten(self):
        booking = self.troubled_booking()
        other = self.troubled_booking(start=MONDAY + timedelta(hours=1))
        booking._forget_for_staff("event_changed")
        self.assertFalse(self.activities(booking))
        self.assertTrue(self.activities(other))
        booking._note_for_staff("event_changed")
        self.assertTrue(self.notices(self.send()))
        self.assertTrue(self.activities(booking))

    def test_it_goes_when_the_booking_is_cancelled(self):
        booking = self.troubled_booking()
        booking.action_cancel()
        self.send()
        self.assertFalse(self.activities(booking))

    def test_it_goes_when_the_booking_is_over(self):
        booking = self.troubled_booking()
        self.move_to(booking.stop)
        self.send()
        self.assertFalse(self.activities(booking))

    def test_what_was_done_stays_in_the_history(self):
        booking = self.troubled_booking()
        activity = self.activities(booking)
        activity.action_feedback("Called")
        booking._forget_for_staff("event_changed")
        self.assertTrue(activity.exists())

    def test_activities_of_others_stay(self):
        booking = self.troubled_booking()
        other = booking.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.organizer.id
        )
        booking._forget_for_staff("event_changed")
        booking.action_cancel()
        self.send()
        self.assertTrue(other.exists())

    def test_deleted_booking_takes_it_along(self):
        booking = self.troubled_booking()
        activity = self.activities(booking)
        booking.unlink()
        self.send()
        self.assertFalse(activity.exists())

    # === SET-UP === #

    def test_type_that_somebody_deleted_is_replaced(self):
        self.env.ref("resource_booking_zoom.mail_activity_type_check").unlink()
        booking = self.troubled_booking()
        self.assertIn("changed", booking.activity_ids.summary)

    def test_users_cannot_move_it_to_another_notice(self):
        booking = self.troubled_booking()
        fields = self.env["mail.activity"].with_user(self.organizer).fields_get()
        self.assertNotIn("conference_notice_id", fields)
        self.assertTrue(self.activities(booking).conference_notice_id)

    def test_list_shows_it_and_the_counter_leads_to_it(self):
        bookings = self.env["resource.booking"].with_user(self.organizer)
        views = bookings.get_views([(False, "list"), (False, "search")])["views"]
        shown = etree.fromstring(views["list"]["arch"])
        self.assertTrue(shown.xpath("//field[@name='activity_ids']"))
        filters = etree.fromstring(views["search"]["arch"])
        # That the platform's counter opens the list with
        for name in (
            "filter_activities_my",
            "activities_overdue",
            "activities_today",
            "activities_upcoming_all",
        ):
            self.assertTrue(filters.xpath(f"//filter[@name='{name}']"), name)

    def test_uninstalling_leaves_none(self):
        booking = self.troubled_booking()
        done = self.activities(booking)
        done.action_feedback("Called")
        opened = self.troubled_booking(start=MONDAY + timedelta(hours=1)).activity_ids
        uninstall_hook(self.env)
        self.assertFalse((done | opened).exists())
