# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tools import mute_logger

from ..models.conference.calendar_attendee_conference import FOLLOWS_MARKER
from .common import GUEST, MONDAY
from .mail_common import CUSTOMER, STAFF, MailCase

ADMIN = "admin@example.com"
LAST_MOMENT = MONDAY - timedelta(minutes=10)
LOGGER = "odoo.addons.resource_booking_zoom.models.conference.mail_writing"


class TestLateLink(MailCase):
    """The reminder went out without a link: it follows as soon as it exists."""

    def book_without_host(self):
        self.r_materials[0].zoom_user_id = False
        booking = self.book()
        self.sync_meetings()
        return booking

    def test_reminder_says_that_the_link_follows_and_whom_to_contact(self):
        self.env.company.write({"phone": "+81 3 1234 5678"})
        self.book_without_host()
        mail = self.mail_to(CUSTOMER, self.remind(LAST_MOMENT))
        self.assertIn("We will send it to you in another e-mail", mail.text)
        self.assertIn("+81 3 1234 5678", mail.text)
        self.assertIn("office@example.com", mail.text)

    def test_contact_is_the_organiser_where_there_is_one(self):
        booking = self.book_without_host()
        organiser = self.users[1]
        organiser.partner_id.write(
            {"name": "Ms. Tanaka", "phone": "090-1", "email": "tanaka@example.com"}
        )
        booking.meeting_id._write_quietly({"user_id": organiser.id})
        mail = self.mail_to(CUSTOMER, self.remind(LAST_MOMENT))
        for word in ("Ms. Tanaka", "090-1", "tanaka@example.com"):
            self.assertIn(word, mail.text)

    def test_sentence_stands_where_the_template_has_the_placeholder(self):
        self.book_without_host()
        self.use_template(
            self.create_template(
                '<p>Before</p><t t-out="object.web_conference_info"/><p>After</p>'
            )
        )
        self.rbt.flush_recordset()
        html = self.mail_to(CUSTOMER, self.remind(LAST_MOMENT)).html
        self.assertEqual(html.count(FOLLOWS_MARKER), 1)
        before, sentence, after = map(
            html.index, ("Before</p>", FOLLOWS_MARKER, "After</p>")
        )
        self.assertTrue(before < sentence < after)

    def test_sentence_is_appended_to_a_template_without_placeholder(self):
        self.book_without_host()
        self.use_template(self.create_template("<p>See you soon</p>"))
        mail = self.mail_to(CUSTOMER, self.remind(LAST_MOMENT))
        self.assertEqual(mail.html.count(FOLLOWS_MARKER), 1)
        self.assertLess(
            mail.html.index("See you soon</p>"),
            mail.html.index(FOLLOWS_MARKER),
        )

    def test_reminder_with_a_link_has_no_such_sentence(self):
        self.ready_booking()
        for mail in self.remind():
            self.assertNotIn("another e-mail", mail.text)

    # === STAFF === #

    def test_staff_and_administrator_are_told_which_booking_and_why(self):
        self.book_without_host()
        mails = [one for one in self.remind(LAST_MOMENT) if "Caution" in one.subject]
        self.assertEqual(self.recipients(mails), [ADMIN, STAFF])
        for mail in mails:
            self.assertIn("Secret Customer", mail.text)
            self.assertIn("Monday, March 1, 2027", mail.text)
            self.assertIn("Nobody hosts this booking in Zoom", mail.text)

    def test_staff_are_told_once(self):
        # Given a customer whose address is entered after the reminder
        self.partner.email = False
        self.book_without_host()
        self.remind(LAST_MOMENT)
        self.partner.email = CUSTOMER
        mails = self.remind(MONDAY - timedelta(minutes=5))
        self.assertEqual(self.recipients(mails), [CUSTOMER])

    def test_staff_mail_that_cannot_be_written_keeps_no_customer_from_theirs(self):
        self.book_without_host()
        notices = self.registry["booking.conference.notice"]
        with (
            patch.object(notices, "_send_to", side_effect=ValueError),
            mute_logger(
                "odoo.addons.resource_booking_zoom.models.conference.booking_conference_notice"
            ),
        ):
            mails = self.remind(LAST_MOMENT)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])

    # === THE LINK FOLLOWS === #

    def test_link_follows_as_soon_as_it_exists(self):
        booking = self.book_without_host()
        self.remind(LAST_MOMENT)
        # When somebody binds a Zoom user
        self.r_materials[0].zoom_user_id = self.host
        self.forget_wake_ups()
        self.sync_meetings()
        # Then the mails are woken at once
        self.assertTrue(self.wake_ups())
        # And everybody who was reminded gets the link, once
        mails = self.send()
        self.assert_both_may_join(mails, booking, "Your link")
        self.assertTrue(booking.zoom_meeting_id.disclosed_at)
        self.assertFalse(self.send())

    def test_link_does_not_follow_for_who_was_not_reminded(self):
        self.book_without_host()
        self.remind(MONDAY - timedelta(hours=2))
        self.r_materials[0].zoom_user_id = self.host
        self.sync_meetings()
        self.assertFalse(self.send())

    def test_link_stays_hidden_when_the_booking_is_moved_far_away_meanwhile(self):
        booking = self.book_without_host()
        self.remind(LAST_MOMENT)
        booking.start = MONDAY + timedelta(days=7)
        self.r_materials[0].zoom_user_id = self.host
        self.sync_meetings()
        self.deliver_mails()
        self.assertFalse(self.send())
        # Until the reminder of the new start
        mails = self.remind(MONDAY + timedelta(days=7, hours=-1))
        self.assert_both_may_join(mails, booking)

    def test_link_that_follows_survives_a_worker_that_dies(self):
        booking = self.book_without_host()
        self.remind(LAST_MOMENT)
        self.r_materials[0].zoom_user_id = self.host
        self.sync_meetings()
        # When the worker dies while it writes the mails
        attendees = self.registry["calendar.attendee"]
        with (
            patch.object(attendees, "_notify_attendees", side_effect=MemoryError),
            mute_logger(LOGGER),
        ):
            self.assertFalse(self.without_notices(self.send()))
        # Then the next run sends them
        mails = self.remind(MONDAY + timedelta(minutes=20))
        self.assert_both_may_join(mails, booking)

    def test_no_link_follows_after_the_end(self):
        self.book_without_host()
        self.remind(LAST_MOMENT)
        self.r_materials[0].zoom_user_id = self.host
        self.sync_meetings()
        self.assertFalse(self.remind(MONDAY + timedelta(minutes=31)))

    # === A TEMPLATE THAT CANNOT BE RENDERED === #

    def break_template(self, template):
        self.env.cr.execute(
            """UPDATE mail_template
                  SET body_html = jsonb_build_object('en_US', %s::text) WHERE id = %s""",
            ('<p t-out="object.no_such_field"/>', template.id),
        )
        template.invalidate_recordset()

    @mute_logger(LOGGER, "odoo.addons.mail.models.mail_render_mixin")
    def test_broken_template_is_replaced_by_our_own_at_the_last_moment(self):
        template = self.create_template("<p>fine</p>", subject="Broken")
        self.use_template(template)
        booking = self.ready_booking()
        self.break_template(template)
        self.assertFalse(self.without_notices(self.remind()))
        mails = self.remind(LAST_MOMENT)
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn("This is a reminder", mail.text)
            self.assert_says_how_to_join(mail.text, booking)

    @mute_logger(LOGGER, "odoo.addons.mail.models.mail_render_mixin")
    def test_our_own_template_broken_by_an_editor_is_replaced_by_the_stock_one(self):
        booking = self.ready_booking()
        self.break_template(
            self.env.ref("resource_booking_zoom.mail_template_reminder")
        )
        mails = self.remind(LAST_MOMENT)
        self.assert_both_may_join(mails, booking)


class TestLinkAsSoonAsIssued(MailCase):
    """Booking types whose link may be known as soon as it is issued."""

    def setUp(self):
        super().setUp()
        self.rbt.link_disclosure = "issued"

    def test_link_goes_out_as_soon_as_it_is_issued(self):
        booking = self.book()
        # The invitation went out before
        self.assertTrue(self.deliver_mails())
        self.assertFalse(self.send())
        self.sync_meetings()
        mails = self.send()
        self.assert_both_may_join(mails, booking, "Your link")
        self.assertFalse(self.send())

    def test_reminder_comes_all_the_same(self):
        self.book()
        self.sync_meetings()
        self.send()
        self.assertEqual(self.recipients(self.remind()), [CUSTOMER, STAFF])

    def test_inside_the_reminder_window_the_reminder_is_enough(self):
        self.move_to(MONDAY - timedelta(minutes=40))
        self.book()
        self.deliver_mails()
        self.sync_meetings()
        mails = self.send()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        self.assertIn("Reminder", mails[0].subject)

    def test_date_change_says_how_to_join(self):
        booking = self.ready_booking()
        self.send()
        booking.start = MONDAY + timedelta(hours=2)
        mails = self.deliver_mails()
        self.assert_both_may_join(mails, booking)
        self.sync_meetings()
        self.assertFalse(self.send())

    def test_invitation_of_a_later_guest_says_it_and_no_second_mail_comes(self):
        booking = self.ready_booking()
        self.send()
        guest = self.create_guest()
        booking.meeting_id.partner_ids = [Command.link(guest.id)]
        mail = self.mail_to(GUEST, self.deliver_mails())
        self.assert_says_how_to_join(mail.text, booking)
        self.assertFalse(self.send())

    def test_fixed_url_of_another_tool_is_in_the_invitation_alone(self):
        url = self.use_other_tool("https://teams.example.com/fixed?room=1")
        self.book()
        mails = self.deliver_mails()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn(url, mail.text)
        self.assertFalse(self.send())
