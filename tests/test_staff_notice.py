# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from lxml.html import fromstring
from psycopg2.extras import Json

from odoo import Command
from odoo.exceptions import AccessError
from odoo.modules.module import load_script
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, STAFF, MailCase

ADMIN = "admin@example.com"
ORGANIZER = "organizer@example.com"
LAST_MOMENT = MONDAY - timedelta(minutes=9)
LOGGER = "odoo.addons.resource_booking_zoom.models.conference.booking_conference_notice"


class NoticeCase(MailCase):
    def setUp(self):
        super().setUp()
        self.organizer = new_test_user(
            self.env,
            "organizer",
            groups="resource_booking.group_manager",
            email=ORGANIZER,
        )
        self.deliver_mails()

    def book_without_host(self, **values):
        """Its meeting cannot be created."""
        self.r_materials[0].zoom_user_id = False
        booking = self.book(user_id=self.organizer.id, **values)
        self.sync_meetings()
        self.deliver_mails()
        return booking

    def notices(self, mails):
        return [mail for mail in mails if "[Caution!]" in mail.subject]

    def links(self, mail):
        """Addresses in Odoo that the mail leads to."""
        links = fromstring(mail.html).xpath("//a/@href")
        return [link for link in links if "/odoo/" in link]


class TestStaffNotice(NoticeCase):
    """One mail per cause and recipient tells staff what they can mend."""

    def test_organizer_staff_and_administrator_are_told(self):
        self.book_without_host()
        mails = self.notices(self.remind(LAST_MOMENT))
        self.assertEqual(self.recipients(mails), [ADMIN, ORGANIZER, STAFF])

    def test_organizer_who_may_not_read_the_booking_is_not_told(self):
        booking = self.book_without_host()
        self.organizer.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        booking.message_unsubscribe(self.organizer.partner_id.ids)
        mails = self.notices(self.remind(LAST_MOMENT))
        self.assertEqual(self.recipients(mails), [ADMIN, STAFF])

    def test_archived_users_are_not_told(self):
        self.book_without_host()
        self.organizer.active = False
        mails = self.notices(self.remind(LAST_MOMENT))
        self.assertEqual(self.recipients(mails), [ADMIN, STAFF])

    def test_several_bookings_share_a_mail(self):
        # Given three bookings without a link, one after another
        half_hour = timedelta(minutes=30)
        bookings = self.env["resource.booking"].union(
            *(
                self.book_without_host(start=MONDAY + number * half_hour)
                for number in range(3)
            )
        )
        for booking in bookings:
            booking._note_for_staff("event_changed", f"Detail {booking.id}")
        mails = self.notices(self.send())
        # Then each recipient has one mail, with a button to each booking
        self.assertEqual(self.recipients(mails), [ADMIN, ORGANIZER, STAFF])
        mail = self.mail_to(ORGANIZER, mails)
        self.assertIn("(3 bookings)", mail.subject)
        for booking in bookings:
            self.assertIn(f"Detail {booking.id}", mail.text)
            url = f"{booking.get_base_url()}/odoo/resource.booking/{booking.id}"
            self.assertIn(url, self.links(mail))

    def test_administrator_who_is_staff_too_gets_one_mail(self):
        self.account.alert_email = f"Boss <{STAFF.upper()}>, {ADMIN}"
        self.book_without_host()
        mails = self.notices(self.remind(LAST_MOMENT))
        self.assertEqual(
            [one.lower() for one in self.recipients(mails)], [ADMIN, ORGANIZER, STAFF]
        )

    def test_each_reads_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.organizer.lang = "fr_FR"
        self.book_without_host()
        mails = self.notices(self.remind(LAST_MOMENT))
        self.assertIn('lang="fr-FR"', self.mail_to(ORGANIZER, mails).html)
        self.assertIn('lang="en-US"', self.mail_to(STAFF, mails).html)

    def test_staff_who_may_not_read_the_booking_get_no_button(self):
        booking = self.book_without_host()
        self.assertFalse(booking.with_user(self.staff).has_access("read"))
        mails = self.notices(self.remind(LAST_MOMENT))
        self.assertFalse(self.links(self.mail_to(STAFF, mails)))
        self.assertTrue(self.links(self.mail_to(ORGANIZER, mails)))

    def test_times_are_by_the_clock_of_the_booking_only(self):
        booking = self.book(user_id=self.organizer.id)
        self.deliver_mails()
        self.rbt.resource_calendar_id.tz = "Asia/Tokyo"
        self.organizer.tz = "America/New_York"
        booking._note_for_staff("event_changed")
        mail = self.mail_to(ORGANIZER, self.notices(self.send()))
        said = mail.text.replace("\u202f", " ")
        self.assertIn("5:00 PM – 5:30 PM (Asia/Tokyo)", said)
        self.assertNotIn("UTC", said)
        self.assertNotIn("8:00", said)

    def test_it_tells_no_link(self):
        booking = self.ready_booking(user_id=self.organizer.id)
        booking._note_for_staff("event_changed", "Somebody archived it.")
        for mail in self.notices(self.send()):
            self.assert_tells_nothing(mail.everything, booking)

    # === ONCE, AND ONLY WHAT IS TRUE === #

    def test_it_is_told_once_per_cause_and_start(self):
        booking = self.book_without_host()
        for _time in range(2):
            booking._note_for_staff("event_changed")
            booking._note_for_staff("unreachable", "Hanako: no address")
            mails = self.notices(self.send())
            self.assertEqual(len(mails), 0 if _time else 6)
        booking._note_for_staff("unreachable", "Taro: no address")
        self.assertEqual(len(self.notices(self.send())), 3)
        booking.start = MONDAY + timedelta(hours=1)
        booking._note_for_staff("event_changed")
        self.assertEqual(len(self.notices(self.send())), 3)

    def test_link_that_has_come_is_not_said_to_be_missing(self):
        booking = self.ready_booking()
        self.assertTrue(booking._note_for_staff("link_missing"))
        self.assertFalse(self.send())
        self.assertFalse(self.env["booking.conference.notice"].search([]))

    def test_meeting_that_waits_for_an_administrator_is_not_said_to_be_created(self):
        # Given a booking whose meeting nothing creates
        booking = self.book(user_id=self.organizer.id)
        self.env.ref("resource_booking_zoom.ir_cron_sync_meetings").active = False
        booking._note_for_staff("link_missing")
        # When its staff are told that the link is missing
        mail = self.mail_to(ORGANIZER, self.notices(self.send()))
        # Then they read why
        self.assertIn("is switched off", mail.text)
        self.assertNotIn("is being created", mail.text)

    def test_nothing_is_told_of_a_booking_that_was_deleted_or_cancelled(self):
        deleted = self.book_without_host()
        cancelled = self.book_without_host(start=MONDAY + timedelta(hours=1))
        (deleted | cancelled)._note_for_staff("event_changed")
        deleted.unlink()
        cancelled.action_cancel()
        self.assertFalse(self.notices(self.send()))

    def test_mail_that_cannot_be_written_keeps_no_other_back_and_comes_later(self):
        booking = self.book_without_host()
        booking._note_for_staff("event_changed")
        template = self.env.ref("resource_booking_zoom.mail_template_staff_notice")
        body = template.body_html
        self.env.flush_all()
        self.cr.execute(
            "UPDATE mail_template SET body_html = %s WHERE id = %s",
            [Json({"en_US": '<p t-out="object.no_such_field"/>'}), template.id],
        )
        self.env.invalidate_all()
        with mute_logger(LOGGER, "odoo.addons.mail.models.mail_render_mixin"):
            mails = self.remind(LAST_MOMENT)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        template.body_html = body
        # Both causes
        self.assertEqual(len(self.notices(self.send())), 6)

    def test_one_recipient_who_cannot_be_written_to_keeps_no_other_from_theirs(self):
        booking = self.book_without_host()
        booking._note_for_staff("event_changed")
        notices = self.registry["booking.conference.notice"]
        send = notices._send_to

        def fail_for_staff(self, recipient):
            if STAFF in recipient.email:
                raise ValueError
            send(self, recipient)

        with (
            patch.object(notices, "_send_to", fail_for_staff),
            mute_logger(LOGGER),
        ):
            mails = self.notices(self.send())
        self.assertEqual(self.recipients(mails), [ADMIN, ORGANIZER])

    def test_template_that_was_deleted_is_said_in_the_log(self):
        self.env.ref("resource_booking_zoom.mail_template_staff_notice").unlink()
        self.book_without_host()._note_for_staff("event_changed")
        with self.assertLogs(LOGGER, "WARNING") as logs:
            self.send()
        self.assertIn("no mail is sent", logs.output[0])

    def test_action_is_woken(self):
        booking = self.book_without_host()
        self.forget_wake_ups()
        booking._note_for_staff("event_changed")
        self.assertTrue(self.wake_ups())

    def test_unknown_cause_is_refused(self):
        with self.assertRaises(ValueError):
            self.book_without_host()._note_for_staff("no_such_cause")

    def test_nobody_reads_notices_over_rpc(self):
        self.book_without_host()._note_for_staff("event_changed")
        admin = new_test_user(self.env, "system", groups="base.group_system")
        with self.assertRaises(AccessError):
            self.env["booking.conference.notice"].with_user(admin).search([])

    # === UPGRADE === #

    def test_upgrade_replaces_mails_that_nobody_has_edited(self):
        edited = self.env.ref("resource_booking_zoom.mail_template_connection_lost")
        other = self.env.ref("resource_booking_zoom.mail_template_limit_alert")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE mail_template SET write_date = create_date WHERE id = %s",
            [other.id],
        )
        self.cr.execute(
            """UPDATE mail_template
                  SET write_date = create_date + interval '1 day' WHERE id = %s""",
            [edited.id],
        )
        script = "resource_booking_zoom/migrations/19.0.1.2.0/pre-mails.py"
        load_script(script, "pre-mails").migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.registry.clear_cache()
        names = ("mail_template_connection_lost", "mail_template_limit_alert")
        found = [
            bool(self.env.ref(f"resource_booking_zoom.{name}", False)) for name in names
        ]
        self.assertEqual(found, [True, False])

    def test_what_was_told_before_the_upgrade_is_not_told_again(self):
        booking = self.book_without_host()
        row = booking.zoom_meeting_id
        self.env.flush_all()
        self.cr.execute(
            """ALTER TABLE booking_zoom_meeting ADD missing_told_for timestamp,
                                                ADD kept_told_at timestamp"""
        )
        self.cr.execute(
            """UPDATE booking_zoom_meeting
                  SET missing_told_for = start, kept_told_at = now() WHERE id = %s""",
            [row.id],
        )
        script = "resource_booking_zoom/migrations/19.0.1.2.0/post-notice.py"
        load_script(script, "post-notice").migrate(self.cr, "19.0.1.1.0")
        self.assertFalse(booking._note_for_staff("link_missing"))
        self.assertFalse(booking._note_for_staff("link_kept"))
        self.assertFalse(self.notices(self.remind(LAST_MOMENT)))


@tagged("post_install", "-at_install")
class TestButton(HttpBookingCase):
    """The button of a mail leads to the booking, after log-in."""

    def test_button_leads_to_the_booking(self):
        booking = self.book()
        path = booking._get_backend_url().removeprefix(booking.get_base_url())
        asked = self.url_open(path, allow_redirects=False)
        self.assertIn("/web/login", asked.headers["Location"])
        self.assertIn(str(booking.id), asked.headers["Location"])
        self.authenticate("admin", "admin")
        self.assertEqual(self.url_open(path).status_code, 200)
