# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch

from lxml.html import fromstring

from odoo.exceptions import UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common import MONDAY, NOW
from .mail_common import STAFF, MailCase

RESET = NOW.replace(hour=0, minute=0) + timedelta(days=1)
TODAY = NOW + timedelta(hours=2)
SUBJECT = "[Caution!] Zoom URL could not be issued"


class TestLimitAlert(MailCase):
    """The administrator learns that Zoom's daily limit holds bookings back."""

    def setUp(self):
        super().setUp()
        self.account.write({"daily_request_limit": 2, "reserve_requests": 0})
        self.env.company.partner_id.tz = "Asia/Tokyo"
        self.env.company.name = "Sakura Clinic"

    def all_alerts(self):
        return [mail for mail in self.deliver_mails() if "Zoom URL" in mail.subject]

    def alerts(self):
        """Those to the administrator."""
        return [mail for mail in self.all_alerts() if STAFF not in mail.recipients]

    def alert(self):
        """The one alert that arrives."""
        self.sync_meetings()
        (mail,) = self.alerts()
        return mail

    # === TO WHOM, AND HOW OFTEN === #

    def test_subject_names_the_company(self):
        self.book_many(3)
        self.assertEqual(self.alert().subject, f"【Sakura Clinic】{SUBJECT}")

    def test_every_address_gets_it(self):
        self.account.alert_email = "one@example.com, two@example.com"
        self.book_many(3)
        self.assertEqual(
            sorted(self.alert().recipients), ["one@example.com", "two@example.com"]
        )

    def test_company_gets_it_when_no_address_is_given(self):
        self.account.alert_email = False
        self.book_many(3)
        self.assertEqual(self.alert().recipients, ("office@example.com",))

    def test_mail_queue_is_woken(self):
        self.book_many(3)
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.sync_meetings()
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    def test_once_per_zoom_user_and_day(self):
        self.book_many(3)
        self.sync_meetings()
        self.book_many(1, start=MONDAY + timedelta(hours=4))
        self.sync_meetings()
        self.assertEqual(len(self.alerts()), 1)

    def test_again_on_the_next_day(self):
        self.book_many(5)
        self.sync_meetings()
        self.alerts()
        self.move_to(RESET)
        self.assertIn(SUBJECT, self.alert().subject)

    def test_no_all_clear_while_the_link_is_broken(self):
        self.book_many(3)
        self.sync_meetings()
        self.account.state = "lost"
        self.sync_meetings()
        subjects = [mail.subject for mail in self.deliver_mails()]
        self.assertFalse([one for one in subjects if "now issued" in one])

    def test_zoom_users_of_one_run_share_a_mail(self):
        self.book_many(3)
        self.book_many(3, host=self.other_host)
        text = self.alert().text
        self.assertIn(self.host.name, text)
        self.assertIn(self.other_host.name, text)

    def test_zoom_user_of_a_later_run_gets_a_mail_of_its_own(self):
        self.book_many(3)
        self.sync_meetings()
        self.alerts()
        self.book_many(3, host=self.other_host)
        text = self.alert().text
        self.assertNotIn(self.host.email, text)
        self.assertIn(self.other_host.email, text)

    def test_none_below_the_limit(self):
        self.book_many(2)
        self.sync_meetings()
        self.assertFalse(self.alerts())

    def test_none_while_only_the_reserve_holds_back(self):
        # Given bookings after the reset that the reserve stops
        self.account.reserve_requests = 1
        self.book_many(3)
        self.sync_meetings()
        self.assertFalse(self.alerts())
        # When the reserve is used up as well
        self.book_many(2, start=TODAY)
        # Then it is told
        self.assertIn(SUBJECT, self.alert().subject)

    def test_refusal_by_zoom_is_told_although_our_count_is_low(self):
        user = next(
            one for one in self.zoom.state.users.values() if one.id == self.host.zoom_id
        )
        self.zoom.set_count(user, 100)
        self.book_many(1)
        self.assertIn(self.host.email, self.alert().text)

    def test_mail_that_fails_stops_nothing_and_is_sent_later(self):
        # Given an alert that cannot be written
        rows = self.book_many(3)
        with (
            patch.object(
                self.registry["mail.template"], "send_mail", side_effect=ValueError
            ),
            mute_logger(
                "odoo.addons.resource_booking_zoom.models.zoom.booking_zoom_alert"
            ),
        ):
            self.sync_meetings()
        # Then what can be issued is, and the next run writes it
        self.assertEqual(rows.mapped("state"), ["ready", "ready", "waiting"])
        self.assertFalse(self.alerts())
        self.assertIn(SUBJECT, self.alert().subject)

    # === STAFF === #

    def links(self, mail):
        """Addresses in Odoo that the mail leads to."""
        links = fromstring(mail.html).xpath("//a/@href")
        return {link.partition("/odoo/")[2] for link in links if "/odoo/" in link}

    def test_organizer_and_staff_hear_of_their_own_bookings(self):
        # Given an organizer of one of two bookings that wait
        organizer = new_test_user(
            self.env,
            "organizer",
            groups="resource_booking.group_user",
            email="organizer@example.com",
        )
        rows = self.book_many(4)
        mine, other = rows[2:].booking_id
        # Saved, they would lose their rows, for they have no event.
        for booking, name in ((mine, "Mine"), (other, "Other")):
            self.cr.execute(
                "UPDATE resource_booking SET user_id = %s, name = %s WHERE id = %s",
                [organizer.id, name, booking.id],
            )
        self.env.invalidate_all()
        mine.message_subscribe(organizer.partner_id.ids)
        # When the limit bites
        self.sync_meetings()
        mails = self.all_alerts()
        # Then each hears once, of bookings that they may read or are staff of
        self.assertEqual(
            self.recipients(mails),
            ["admin@example.com", "organizer@example.com", STAFF],
        )
        text = self.mail_to("organizer@example.com", mails).text
        self.assertIn("Mine", text)
        self.assertNotIn("Other", text)
        for address in ("admin@example.com", STAFF):
            text = self.mail_to(address, mails).text
            self.assertIn("Mine", text)
            self.assertIn("Other", text)

    def test_links_lead_to_the_bookings_and_the_account(self):
        rows = self.book_many(3)
        self.sync_meetings()
        mails = self.all_alerts()
        account = f"booking.zoom.account/{self.account.id}"
        booking = f"resource.booking/{rows[2].booking_id.id}"
        admin = self.mail_to("admin@example.com", mails)
        ways_out = {f"{booking}/booking-host", f"{booking}/booking-link"}
        self.assertEqual(self.links(admin), {account, booking, *ways_out})
        # Staff without rights to bookings
        self.assertFalse(self.links(self.mail_to(STAFF, mails)))

    def test_mail_to_staff_that_fails_keeps_no_other_back(self):
        self.book_many(3)
        send = self.registry["mail.template"].send_mail

        def fail_for_staff(template, res_id, **values):
            if values.get("email_values"):
                raise ValueError
            return send(template, res_id, **values)

        with (
            patch.object(self.registry["mail.template"], "send_mail", fail_for_staff),
            mute_logger(
                "odoo.addons.resource_booking_zoom.models.zoom.booking_zoom_alert"
            ),
        ):
            self.sync_meetings()
        self.assertEqual(self.recipients(self.all_alerts()), ["admin@example.com"])

    # === WHAT IT SAYS === #

    def test_one_clock(self):
        self.book_many(3)
        mail = self.alert()
        self.assertNotIn("UTC", mail.text)
        # In the layout of the reminder, which fits a phone
        self.assertIn("o_zoom_mail_card", mail.html)

    def test_it_lists_the_bookings_that_wait(self):
        self.book_many(4, minutes=10)
        text = self.words(self.alert())
        for time in ("5:20", "5:30"):
            self.assertIn(f"Mar 1, 2027 {time} PM: Secret Customer", text)
        self.assertEqual(text.count("Secret Customer"), 2)

    def test_it_tells_the_time_of_a_booking_in_one_zone_only(self):
        self.book_many(2, start=TODAY)
        self.book(MONDAY)
        text = self.words(self.alert())
        self.assertIn("Mar 1, 2027 5:00 PM: Secret Customer - ", text)
        self.assertNotIn("08:00", text)

    def words(self, mail):
        """The text of the mail with single blanks only."""
        return " ".join(mail.text.split())

    def test_it_marks_bookings_that_begin_before_the_reset(self):
        self.book_many(2, start=TODAY)
        self.book_many(1, start=TODAY + timedelta(hours=1))
        self.book_many(1)
        items = fromstring(self.alert().html).xpath("//li[contains(., 'Customer')]")
        marked = ["Starts before" in item.text_content() for item in items]
        self.assertEqual(marked, [True, False])
        self.assertIn("Feb 26, 2027", items[0].text_content())

    def test_it_says_when_it_goes_on_in_the_companys_time_zone(self):
        self.book_many(3)
        text = self.words(self.alert())
        self.assertIn("Feb 27, 2027 9:00 AM", text)
        self.assertIn("Asia/Tokyo", text)

    def test_it_says_what_can_be_done(self):
        self.book_many(3)
        mail = self.alert()
        for part in (mail.text, mail.html):
            self.assertIn("press “Change host” below it", part)

    def test_it_tells_that_a_changed_meeting_still_has_its_link(self):
        booking = self.book()
        self.sync_meetings()
        self.book_many(1, start=TODAY)
        self.sync_meetings()
        booking.start = MONDAY + timedelta(hours=2)
        self.assertIn("link works", self.alert().text)

    def test_long_list_is_cut(self):
        self.book_many(60, minutes=2)
        text = self.alert().text
        self.assertEqual(text.count("Secret Customer"), 50)
        self.assertIn("and 8 more", " ".join(text.split()))

    def test_no_link_and_no_secret(self):
        booking = self.book()
        self.sync_meetings()
        self.book_many(1, start=TODAY)
        self.sync_meetings()
        booking.start = MONDAY + timedelta(hours=2)
        mail = self.alert()
        self.assert_tells_nothing(mail.everything, booking)
        account = self.account.sudo()
        for secret in (account.client_secret, account.access_token):
            self.assertTrue(secret)
            self.assertNotIn(secret, mail.everything)

    # === JAPANESE === #

    def test_japanese_company_gets_it_in_japanese(self):
        self.env.company.partner_id.lang = "ja_JP"
        self.env.company.name = "さくら医院"
        self.book_many(3)
        mail = self.alert()
        self.assertEqual(
            mail.subject, "【さくら医院】[注意!]Zoom URLが発行できませんでした"
        )
        self.assertIn("今後について", mail.text)
        self.assertIn("2027/02/27 9:00", mail.text)

    # === SPEED === #

    def test_queries_do_not_grow_with_the_zoom_users(self):
        alerts = self.env["booking.zoom.alert"]

        def queries(users):
            """Of the check whether somebody is to be told."""
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = alerts._find_limits(self.account)
            self.assertEqual(len(found), users)
            return self.env.cr.sql_log_count - before

        self.book_many(1).write({"problem": "daily_limit", "next_attempt": RESET})
        counts = self.env["booking.zoom.request.count"]
        counts._note_limit_reached(self.host)
        one = queries(1)
        for number in range(8):
            user = self.host.copy({"zoom_id": f"more-{number}"})
            row = self.book_many(1, start=MONDAY + timedelta(hours=number + 1))
            row.write(
                {
                    "zoom_user_id": user.id,
                    "problem": "daily_limit",
                    "next_attempt": RESET,
                }
            )
            counts._note_limit_reached(user)
        self.assertLessEqual(queries(9), one)

    def test_alert_address_is_checked(self):
        with self.assertRaisesRegex(UserError, "not an e-mail address"):
            self.account.alert_email = "one@example.com, nonsense"
