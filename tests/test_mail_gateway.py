# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from lxml.html import fromstring

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tests.common import Opener
from odoo.tools import mute_logger

from .common import MONDAY, HttpBookingCase
from .mail_common import CUSTOMER, REMINDER_TIME, STAFF, MailMixin


class PageCase(MailMixin, HttpBookingCase):
    """Bookings, their mails, and browsers of people and of software."""

    # === SOFTWARE === #

    def fetch(self, url, method="GET"):
        """Request one URL as a client without cookies; follows redirections."""
        self.env.flush_all()
        with patch.object(self, "opener", Opener(self)):
            response = self.url_open(self.full(url), method=method, timeout=30)
        self.env.invalidate_all()
        return response

    def full(self, url):
        return url if "://" in url else self.base_url() + url

    def open_every_link(self, mails):
        """Open each link of these mails in order, first by HEAD, then by GET.

        :return list: the links on this server
        """
        links = [link for mail in mails for link in self.links_of(mail)]
        self.assertTrue(links)
        for link in links:
            for method in ("HEAD", "GET"):
                response = self.fetch(link, method)
                self.assertEqual(response.status_code, 200, (method, link))
        return links

    def links_of(self, mail):
        found = [link.get("href") for link in fromstring(mail.html).iter("a")]
        return [link for link in found if (link or "").startswith(self.base_url())]

    # === PEOPLE === #

    def open_page(self, url):
        """Open a page in the browser of a person.

        :return: the page, lxml
        """
        self.env.flush_all()
        response = self.url_open(self.full(url), timeout=30)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return fromstring(response.content)

    def press(self, page, button):
        """Press a button of a page.

        :return: the page that follows, lxml
        """
        (form,) = [
            form
            for form in page.cssselect("form[method='post']")
            if button in " ".join(form.text_content().split())
        ]
        data = {one.get("name"): one.get("value") for one in form.cssselect("input")}
        response = self.url_open(self.full(form.get("action")), data, timeout=30)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return fromstring(response.content)

    def text(self, page):
        (box,) = page.cssselect(".o_booking_question")
        return " ".join(box.text_content().replace("\u202f", " ").split())

    # === BOOKINGS === #

    def issued_booking(self, **values):
        """A booking whose meeting is issued.

        :return tuple: booking, its mails
        """
        booking = self.book(**values)
        self.sync_meetings()
        return booking, self.deliver_mails()

    def remind(self):
        self.move_to(REMINDER_TIME)
        # The meeting is read back before
        self.sync_meetings()
        self.send_reminders()
        return self.deliver_mails()

    def link(self, booking, answer, partner=None):
        """The address that mails have for an answer."""
        attendee = self.attendee_of(booking, partner)
        return (
            f"/calendar/meeting/{answer}?token={attendee.access_token}"
            f"&id={booking.meeting_id.id}"
        )

    def state_of(self, booking):
        """All that opening a link might change."""
        self.env.invalidate_all()
        event = booking.meeting_id
        return {
            "active": booking.active,
            "state": booking.state,
            "start": booking.start,
            "answers": event.attendee_ids.mapped("state"),
            "event": event.read(["active", "start", "stop", "partner_ids"]),
            "followers": (event.message_partner_ids | booking.message_partner_ids).ids,
            "messages": (event.message_ids | booking.message_ids).ids,
            "rows": booking.zoom_meeting_ids.read(
                ["state", "zoom_id", "start", "problem", "disclosed_at"]
            ),
            "told": self.env["booking.conference.mail"].search([]).ids,
        }

    def assert_nothing_happens(self, booking, open_links):
        """Neither to the booking nor at Zoom, now or when the actions run."""
        before, sent = self.state_of(booking), len(self.zoom.requests)
        open_links()
        self.assertEqual(self.state_of(booking), before)
        self.sync_meetings()
        self.send_reminders()
        self.assertFalse(self.deliver_mails())
        self.assertEqual(len(self.zoom.requests), sent)
        self.assertEqual(self.state_of(booking), before)


@tagged("post_install", "-at_install")
class TestMailGateway(PageCase):
    """Software opens every link of a mail before its reader does."""

    def test_gateway_opens_the_invitations(self):
        # Given a booking whose customer and staff were invited
        booking, mails = self.issued_booking()
        # When a gateway opens every link of the mails, then nothing happens
        self.assert_nothing_happens(booking, lambda: self.open_every_link(mails))
        # When the customer follows a link and presses the button, it counts
        (mail,) = [one for one in mails if CUSTOMER in one.recipients]
        (link,) = [one for one in self.links_of(mail) if "/decline" in one]
        page = self.press(self.open_page(link), "Decline")
        self.assertIn("You have declined this booking.", self.text(page))
        self.assertEqual(self.attendee_of(booking).state, "declined")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())

    def test_gateway_opens_reminder_and_date_change(self):
        booking, _mails = self.issued_booking()
        mails = self.remind()
        self.assertEqual(len(mails), 2)
        booking.start = MONDAY + timedelta(hours=3)
        mails += self.deliver_mails()
        self.assertEqual(len(mails), 4)
        self.sync_meetings()
        self.send_reminders()
        self.assert_nothing_happens(booking, lambda: self.open_every_link(mails))

    def test_gateway_opens_the_reminder_of_the_platform(self):
        # Given an administrator who uses the platform's own template
        self.rbt.alarm_ids.mail_template_id = self.env.ref(
            "calendar.calendar_template_meeting_reminder"
        )
        booking, _mails = self.issued_booking()
        mails = self.remind()
        links = []
        self.assert_nothing_happens(
            booking, lambda: links.extend(self.open_every_link(mails))
        )
        for answer in ("accept", "decline", "view"):
            self.assertTrue(any(f"/{answer}?" in link for link in links), answer)

    def test_gateway_opens_the_shared_page_and_what_it_links_to(self):
        booking, _mails = self.issued_booking()
        url = booking.get_portal_url()
        slot = f"{(MONDAY + timedelta(hours=1)).isoformat()}%2B00:00"

        def open_links():
            for page in (
                url,
                booking.get_portal_url(suffix="/schedule/2027/3"),
                booking.get_portal_url(suffix="/cancel"),
                booking.get_portal_url(suffix="/confirm", query_string=f"&when={slot}"),
            ):
                for method in ("HEAD", "GET"):
                    response = self.fetch(page, method)
                    self.assertEqual(response.status_code, 200)
            for link in fromstring(self.fetch(url).content).iter("a"):
                if (link.get("href") or "").startswith("/my/bookings/"):
                    self.fetch(link.get("href"))

        self.assert_nothing_happens(booking, open_links)

    def test_gateway_opens_links_of_a_whole_series(self):
        booking, _mails = self.issued_booking()
        attendee = self.attendee_of(booking)
        event = booking.meeting_id
        # From before the type used Zoom: it is refused now
        series = self.env["calendar.recurrence"].create(
            {"rrule_type": "daily", "base_event_id": event.id}
        )
        self.env.flush_all()
        self.cr.execute(
            "UPDATE calendar_event SET recurrence_id = %s WHERE id = %s",
            [series.id, event.id],
        )
        self.env.invalidate_all()

        def open_links():
            for answer in ("accept", "decline"):
                for method in ("HEAD", "GET"):
                    self.fetch(
                        f"/calendar/recurrence/{answer}?token={attendee.access_token}"
                        f"&id={booking.meeting_id.id}",
                        method,
                    )

        self.assert_nothing_happens(booking, open_links)

    def test_preview_in_the_browser_of_an_employee(self):
        # Given staff who are logged in, and invited
        booking, _mails = self.issued_booking()
        staff = self.users[0]
        self.authenticate(staff.login, staff.login)
        self.assert_nothing_happens(
            booking,
            lambda: [
                self.open_page(self.link(booking, answer, staff.partner_id))
                for answer in ("accept", "decline")
            ],
        )

    def test_link_that_stops_following(self):
        booking, _mails = self.issued_booking()
        booking.message_subscribe(self.partner.ids)
        url = booking._notify_get_action_link(
            "unfollow", model=booking._name, res_id=booking.id, pid=self.partner.id
        )
        self.assert_nothing_happens(
            booking, lambda: [self.fetch(url, one) for one in ("HEAD", "GET")]
        )
        self.press(self.open_page(url), "Stop following")
        self.assertNotIn(self.partner, booking.message_partner_ids)

    def test_rooms_of_odoo_are_not_opened(self):
        booking, _mails = self.issued_booking()
        event = booking.meeting_id
        event._write_quietly({"access_token": "room-token"})
        user = new_test_user(self.env, "passer-by", groups="base.group_user")

        def open_links():
            self.assertEqual(
                self.fetch("/calendar/join_videocall/room-token").status_code, 404
            )
            self.authenticate(user.login, user.login)
            response = self.url_open("/calendar/meeting/join?token=room-token")
            self.assertEqual(response.status_code, 404)

        self.assert_nothing_happens(booking, open_links)
        self.assertFalse(event.videocall_channel_id)

    # === EVENTS OF OTHERS === #

    def test_plain_event_stays_as_the_platform_has_it(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": MONDAY,
                "stop": MONDAY + timedelta(hours=1),
                "partner_ids": self.partner.ids,
            }
        )
        attendee = event.attendee_ids.filtered(
            lambda one: one.partner_id == self.partner
        )
        response = self.fetch(
            f"/calendar/meeting/decline?token={attendee.access_token}&id={event.id}"
        )
        self.assertEqual(urlsplit(response.url).path, "/calendar/meeting/decline")
        self.assertEqual(attendee.state, "declined")

    def test_booking_without_a_tool_stays_as_the_platform_has_it(self):
        self.rbt.web_conference_tool = "none"
        booking = self.book()
        self.fetch(self.link(booking, "accept"))
        self.assertEqual(self.attendee_of(booking).state, "accepted")
        self.fetch(booking.get_portal_url(suffix="/cancel"))
        self.assertFalse(booking.active)


@tagged("post_install", "-at_install")
class TestInvitationPage(PageCase):
    """A person answers: the page says what will happen, its button does it."""

    def test_page_says_which_booking_and_what_declining_means(self):
        self.rbt.name = "Online advice"
        self.rbt.resource_calendar_id.tz = "Asia/Tokyo"
        booking, _mails = self.issued_booking(start=MONDAY - timedelta(hours=9))
        text = self.text(self.open_page(self.link(booking, "decline")))
        self.assertIn("Decline this booking?", text)
        self.assertIn("Online advice", text)
        self.assertIn("Monday, March 1, 2027, 8:00 AM – 8:30 AM (Asia/Tokyo)", text)
        self.assertIn("If you decline, the online meeting is cancelled", text)
        self.assertIn("You have not answered yet.", text)

    def test_declining_of_one_of_several_leaves_the_meeting(self):
        guest = self.create_guest()
        booking, _mails = self.issued_booking(partner=self.partner | guest)
        page = self.open_page(self.link(booking, "decline"))
        self.assertIn("The booking takes place without you.", self.text(page))
        self.press(page, "Decline")
        self.sync_meetings()
        self.assertEqual(len(self.live_meetings()), 1)
        # The last one learns what it means
        page = self.open_page(self.link(booking, "decline", guest))
        self.assertIn("the online meeting is cancelled", self.text(page))

    def test_accepting(self):
        booking, _mails = self.issued_booking()
        page = self.press(self.open_page(self.link(booking, "accept")), "Accept")
        self.assertIn("You have accepted this booking.", self.text(page))
        self.assertEqual(self.attendee_of(booking).state, "accepted")
        self.assertEqual(booking.state, "confirmed")

    def test_employee_answers_where_the_browser_is_logged_in(self):
        booking, _mails = self.issued_booking()
        staff = self.users[0]
        self.authenticate(staff.login, staff.login)
        page = self.open_page(self.link(booking, "decline", staff.partner_id))
        self.assertIn("The booking takes place without you.", self.text(page))
        (form,) = page.cssselect("form[action*='/calendar/']")
        data = {one.get("name"): one.get("value") for one in form.cssselect("input")}
        response = self.url_open(
            self.full(form.get("action")), data, allow_redirects=False
        )
        self.env.invalidate_all()
        # As the platform does it: on to the event in the calendar
        self.assertIn(
            f"/odoo/calendar.event/{booking.meeting_id.id}",
            response.headers["Location"],
        )
        self.assertEqual(self.attendee_of(booking, staff.partner_id).state, "declined")

    def test_button_of_another_site_does_not_count(self):
        booking, _mails = self.issued_booking()
        self.env.flush_all()
        with mute_logger("odoo.http"):
            response = self.url_open(self.link(booking, "decline"), {"some": "form"})
        self.assertEqual(response.status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.attendee_of(booking).state, "needsAction")

    def test_wrong_token_does_not_count(self):
        booking, _mails = self.issued_booking()
        page = self.open_page(self.link(booking, "decline"))
        (form,) = page.cssselect("form[action*='/decline']")
        token = self.attendee_of(booking).access_token
        data = {one.get("name"): one.get("value") for one in form.cssselect("input")}
        response = self.url_open(
            self.full(form.get("action").replace(token, "wrong")), data
        )
        self.assertEqual(response.status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.attendee_of(booking).state, "needsAction")

    def test_page_tells_no_link(self):
        booking, _mails = self.issued_booking()
        self.remind()
        html = self.fetch(self.link(booking, "view")).text
        row = booking.zoom_meeting_id
        for secret in (row.join_url, row.zoom_id, row.passcode):
            self.assertTrue(secret)
            self.assertNotIn(secret, html)

    def test_page_speaks_the_language_of_the_mail(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.partner.lang = "ja_JP"
        booking, _mails = self.issued_booking()
        response = self.fetch(self.link(booking, "decline"))
        self.assertTrue(urlsplit(response.url).path.startswith("/ja/"))
        self.assertIn("2027年3月1日", response.text)

    def test_staff_do_not_bring_the_meeting_of_a_declined_booking_back(self):
        booking, _mails = self.issued_booking()
        self.attendee_of(booking).do_decline()
        staff = self.users[0].partner_id
        text = self.text(self.open_page(self.link(booking, "accept", staff)))
        self.assertIn("The online meeting is cancelled.", text)
        self.assertIn("If you accept, you are expected at this time.", text)

    def test_nothing_is_asked_of_what_is_over(self):
        booking, _mails = self.issued_booking()
        self.move_to(MONDAY + timedelta(hours=1))
        page = self.open_page(self.link(booking, "decline"))
        self.assertIn("This booking is over.", self.text(page))
        self.assertFalse(page.cssselect("form[action*='/calendar/']"))

    def test_archived_booking_is_said_to_be_cancelled(self):
        booking, _mails = self.issued_booking()
        booking.active = False
        page = self.open_page(self.link(booking, "accept"))
        self.assertIn("This booking is cancelled.", self.text(page))
        self.assertFalse(page.cssselect("form[action*='/calendar/']"))

    def test_token_is_of_no_use_to_other_employees(self):
        # Given an employee without any right to bookings
        booking, _mails = self.issued_booking()
        attendees = booking.meeting_id.attendee_ids
        token = self.attendee_of(booking).access_token
        user = new_test_user(
            self.env, "employee", groups="base.group_user,base.group_allow_export"
        )
        theirs = attendees.with_user(user)
        self.assertTrue(theirs.mapped("state"))
        for attempt in (
            lambda: theirs.read(["access_token"]),
            lambda: theirs[0].access_token,
            lambda: theirs.search([("access_token", "=like", token[:3] + "%")]),
            lambda: theirs.event_id.search(
                [("attendee_ids.access_token", "=like", token[:3] + "%")]
            ),
            lambda: theirs.search([], order="access_token"),
            lambda: theirs._read_group([], ["access_token"]),
            lambda: theirs._read_group([], [], ["access_token:array_agg"]),
            lambda: theirs.export_data(["access_token"]),
            lambda: theirs.write({"access_token": "known"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.assertNotIn("access_token", theirs.read()[0])
        self.assertNotIn("access_token", theirs.fields_get())

    def test_token_is_left_to_those_whom_it_concerns(self):
        booking, _mails = self.issued_booking()
        attendees = booking.meeting_id.attendee_ids
        staff = self.users[0]
        own = self.attendee_of(booking, staff.partner_id)
        manager = self.create_manager()
        self.assertTrue(own.with_user(staff).access_token)
        self.assertTrue(all(attendees.with_user(manager).mapped("access_token")))

    def test_employee_still_invites_to_plain_events(self):
        user = new_test_user(
            self.env, "inviter", groups="base.group_user", email="inviter@example.com"
        )
        event = (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Lunch",
                    "start": MONDAY,
                    "stop": MONDAY + timedelta(hours=1),
                    "partner_ids": (self.partner | user.partner_id).ids,
                }
            )
        )
        token = (
            event.sudo()
            .attendee_ids.filtered(lambda one: one.partner_id == self.partner)
            .access_token
        )
        (mail,) = [one for one in self.deliver_mails() if CUSTOMER in one.recipients]
        self.assertIn(token, mail.html)

    # === TAKEN UP AGAIN === #

    def decline(self, booking, partner=None):
        page = self.open_page(self.link(booking, "decline", partner))
        return self.press(page, "Decline")

    def test_declined_booking_is_taken_up_again_before_the_reminder(self):
        # Given a booking that its only requester has declined
        booking, _mails = self.issued_booking()
        page = self.decline(booking)
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        self.assertIn("The online meeting is cancelled.", self.text(page))
        # When the customer accepts on the same page
        self.assertIn("a new online meeting is created", self.text(page))
        page = self.press(page, "Accept")
        # Then a meeting is issued, and the reminder brings its link
        self.assertNotIn("The online meeting is cancelled.", self.text(page))
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        self.deliver_mails()
        (mail,) = [one for one in self.remind() if CUSTOMER in one.recipients]
        self.assertIn(meeting.join_url, mail.text)

    def test_declined_booking_is_taken_up_again_after_the_reminder(self):
        # Given a customer who knows the link and declines
        booking, _mails = self.issued_booking()
        self.remind()
        (before,) = self.live_meetings()
        page = self.decline(booking)
        self.sync_meetings()
        self.send_reminders()
        self.assertFalse(self.live_meetings())
        self.assertNotIn(CUSTOMER, self.recipients(self.deliver_mails()))
        # When the customer accepts again, then the new link comes by mail
        self.press(page, "Accept")
        self.sync_meetings()
        (after,) = self.live_meetings()
        self.assertNotEqual(before.id, after.id)
        self.send_reminders()
        mails = self.deliver_mails()
        self.assertEqual(self.recipients(mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn(after.join_url, mail.text)

    def test_declined_booking_is_taken_up_again_from_its_page_in_the_portal(self):
        booking, _mails = self.issued_booking()
        url = booking.get_portal_url()
        self.assertFalse(self.open_page(url).cssselect(".o_booking_declined"))
        self.decline(booking)
        (link,) = self.open_page(url).cssselect(".o_booking_declined a")
        self.press(self.open_page(link.get("href")), "Accept")
        self.assertEqual(booking.state, "confirmed")
        self.assertFalse(self.open_page(url).cssselect(".o_booking_declined"))

    def test_page_in_the_portal_answers_for_nobody_of_several(self):
        guest = self.env["res.partner"].create({"name": "Guest"})
        booking, _mails = self.issued_booking(partner=self.partner | guest)
        for partner in (self.partner, guest):
            self.decline(booking, partner)
        page = self.open_page(booking.get_portal_url())
        self.assertTrue(page.cssselect(".o_booking_declined"))
        self.assertFalse(page.cssselect(".o_booking_declined a"))


@tagged("post_install", "-at_install")
class TestPortalQuestions(PageCase):
    """Moving and cancelling in the portal take a button."""

    def test_modal_of_the_page_cancels(self):
        booking, _mails = self.issued_booking()
        page = self.open_page(booking.get_portal_url())
        self.assertFalse(page.cssselect("a[href*='/cancel']"))
        page = self.press(page, "Cancel this booking")
        self.assertIn("This booking is cancelled", self.text(page))
        self.assertFalse(booking.active)

    def test_opened_address_asks_before_it_cancels(self):
        booking, _mails = self.issued_booking()
        page = self.open_page(booking.get_portal_url(suffix="/cancel"))
        self.assertIn("Cancel this booking?", self.text(page))
        self.assertIn("Monday, March 1, 2027, 8:00 AM – 8:30 AM (UTC)", self.text(page))
        self.press(page, "Cancel this booking")
        self.assertFalse(booking.active)

    def test_opened_address_asks_before_it_moves(self):
        booking, _mails = self.issued_booking()
        later = MONDAY + timedelta(hours=1)
        page = self.open_page(
            booking.get_portal_url(
                suffix="/confirm", query_string=f"&when={later.isoformat()}%2B00:00"
            )
        )
        self.assertIn("9:00 AM – 9:30 AM (UTC)", self.text(page))
        self.press(page, "Confirm booking")
        self.assertEqual(booking.start, later)

    def test_time_that_is_none_leads_to_the_calendar(self):
        booking, _mails = self.issued_booking()
        response = self.fetch(
            booking.get_portal_url(suffix="/confirm", query_string="&when=soon")
        )
        self.assertEqual(
            urlsplit(response.url).path, f"/my/bookings/{booking.id}/schedule"
        )

    def test_booking_past_its_deadline_is_not_cancelled(self):
        self.rbt.modifications_deadline = 24
        booking, _mails = self.issued_booking()
        url = booking.get_portal_url(suffix="/cancel")
        page = self.open_page(url)
        self.move_to(MONDAY - timedelta(hours=2))
        self.press(page, "Cancel this booking")
        self.assertTrue(booking.active)
        self.assertEqual(
            urlsplit(self.fetch(url).url).path, f"/my/bookings/{booking.id}"
        )

    # === CANCELLED === #

    def test_who_cancels_after_the_reminder_is_told_like_the_others(self):
        # Given a customer and staff who have the link in their calendars
        booking, _mails = self.issued_booking()
        self.remind()
        url = booking.get_portal_url()
        # When the customer cancels
        page = self.press(self.open_page(url), "Cancel this booking")
        # Then the page says so, not a log-in
        text = self.text(page)
        self.assertIn("This booking is cancelled", text)
        self.assertIn("Monday, March 1, 2027, 8:00 AM – 8:30 AM (UTC)", text)
        self.assertFalse(page.cssselect(".oe_login_form"))
        # And customer and staff get the mail with the file
        self.send_reminders()
        mails = self.deliver_mails()
        self.assertEqual(sorted(one.recipients[0] for one in mails), [CUSTOMER, STAFF])
        for mail in mails:
            self.assertIn("METHOD:CANCEL", mail.attachments["cancelled.ics"].decode())

    def test_page_goes_on_saying_that_the_booking_is_cancelled(self):
        booking, _mails = self.issued_booking()
        suffixes = ("", "/schedule", "/cancel")
        urls = [booking.get_portal_url(suffix=one) for one in suffixes]
        booking.action_cancel()
        for url in urls:
            for _time in range(2):
                page = fromstring(self.fetch(url).content)
                self.assertIn("This booking is cancelled", self.text(page))

    def test_button_that_is_pressed_twice(self):
        booking, _mails = self.issued_booking()
        page = self.open_page(booking.get_portal_url())
        self.press(page, "Cancel this booking")
        page = self.press(page, "Cancel this booking")
        self.assertIn("This booking is cancelled", self.text(page))

    def test_page_of_a_cancelled_booking_is_for_those_who_had_its_address(self):
        booking, _mails = self.issued_booking()
        url = booking.get_portal_url()
        former = parse_qs(urlsplit(url).query)["access_token"][0]
        # Given a requester who left before
        guest = self.env["res.partner"].create({"name": "Guest"})
        booking.partner_ids = guest
        booking.get_portal_url()
        booking.action_cancel()
        for token in (former, "guessed", ""):
            response = self.fetch(f"/my/bookings/{booking.id}?access_token={token}")
            self.assertNotIn("is cancelled", response.text)

    def test_requester_with_a_login_is_told_too(self):
        user = new_test_user(
            self.env, "customer", groups="base.group_portal", email="login@example.com"
        )
        booking, _mails = self.issued_booking(partner=user.partner_id)
        self.remind()
        self.authenticate(user.login, user.login)
        page = self.open_page(f"/my/bookings/{booking.id}")
        page = self.press(page, "Cancel this booking")
        self.assertIn("This booking is cancelled", self.text(page))
        self.send_reminders()
        recipients = [one.recipients[0] for one in self.deliver_mails()]
        self.assertIn("login@example.com", recipients)
