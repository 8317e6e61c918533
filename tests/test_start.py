# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta
from urllib.parse import urlsplit

from lxml.html import fromstring

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import MONDAY, HttpBookingCase

END = MONDAY + timedelta(minutes=30)
USER = "base.group_user"
BOOKER = f"{USER},resource_booking.group_user"
MANAGER = f"{USER},resource_booking.group_manager"


@tagged("post_install", "-at_install")
class TestStart(HttpBookingCase):
    """Who may start the meeting of a booking, who may join it, and what they get."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.doctor = new_test_user(cls.env, login="doctor", groups=USER)
        cls.colleague = new_test_user(cls.env, login="colleague", groups=BOOKER)
        cls.manager = new_test_user(cls.env, login="manager", groups=MANAGER)
        cls.stranger = new_test_user(cls.env, login="stranger", groups=BOOKER)
        cls.resource = cls.rbc_mon.resource_ids.filtered("user_id")[:1]
        cls.resource.user_id = cls.doctor

    def setUp(self):
        super().setUp()
        self.booking = self.book(combination_id=self.rbc_mon.id)
        self.sync_meetings()
        # A follower can read the booking, and is not booked.
        self.booking.message_subscribe(self.colleague.partner_id.ids)
        self.zoom.state.requests.clear()

    def open(self, login, what="start", booking=None):
        """
        :return: the response, without following where it leads
        """
        self.env.flush_all()
        self.authenticate(login, login)
        booking_id = booking.id if booking else self.booking.id
        response = self.url_open(
            f"/resource_booking_zoom/{what}/{booking_id}", allow_redirects=False
        )
        self.env.invalidate_all()
        return response

    def assert_refused(self, response, status, text):
        self.assertEqual(response.status_code, status)
        page = fromstring(response.content)
        (said,) = page.find_class("o_conference_refusal")
        self.assertIn(text, said.text_content())
        self.assertNotIn("zak=", response.text)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        return [link.text_content().strip() for link in page.cssselect("a.btn")]

    def lines(self):
        """Who has started the meeting, as the history of the booking says: sentences."""
        started = self.env.ref("resource_booking_zoom.story_started")
        told = self.booking.message_ids.filtered(lambda one: one.subtype_id == started)
        return [(one.author_id, one.subtype_id.description) for one in told]

    # === WHO MAY === #

    def test_who_is_booked_starts_as_host(self):
        response = self.open("doctor")
        self.assertEqual(response.status_code, 303)
        to = urlsplit(response.headers["Location"])
        self.assertEqual(to.path, f"/s/{self.booking.zoom_meeting_id.zoom_id}")
        self.assertIn("zak=", to.query)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        # Fetched at the click, each time anew
        again = self.open("doctor")
        self.assertNotEqual(again.headers["Location"], response.headers["Location"])
        self.assertEqual(len(self.requests("GET")), 2)
        self.assertFalse(self.counted_requests())

    def test_who_chooses_the_host_does_not_become_it(self):
        # Given somebody who is booked, and may change the booking
        self.doctor.group_ids += self.env.ref("resource_booking.group_user")
        # When that person has the boss's Zoom user host it
        self.booking.with_user(self.doctor)._change_host(self.other_host)
        self.sync_meetings()
        # Then only others may start it
        self.assert_refused(self.open("doctor"), 403, "is its host")
        self.assertFalse(self.requests("GET"))
        # until it is the own Zoom user,
        self.resource.zoom_user_id = self.other_host
        self.assertEqual(self.open("doctor").status_code, 303)
        # or a manager has chosen it.
        self.resource.zoom_user_id = self.host
        self.booking.with_user(self.manager)._change_host(self.host.browse())
        self.booking.with_user(self.manager)._change_host(self.other_host)
        self.sync_meetings()
        self.assertEqual(self.open("doctor").status_code, 303)

    def test_start_is_noted_once_and_mails_nobody(self):
        mails = self.env["mail.mail"].search_count([])
        self.open("doctor")
        self.open("doctor")
        self.assertEqual(
            self.lines(),
            [(self.doctor.partner_id, "Started the online meeting as host.")],
        )
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_start_link_is_kept_nowhere(self):
        response = self.open("doctor")
        key = urlsplit(response.headers["Location"]).query.removeprefix("zak=")
        self.env.flush_all()
        for model in ("booking.zoom.meeting", "mail.message", "resource.booking"):
            for record in self.env[model].sudo().search([]).read():
                self.assertNotIn(key, str(record))

    def test_colleague_joins_but_does_not_start(self):
        buttons = self.assert_refused(self.open("colleague"), 403, "is its host")
        self.assertEqual(buttons, ["Join", "Back to the booking"])
        self.assertFalse(self.requests("GET"))
        self.assertFalse(self.lines())
        response = self.open("colleague", "join")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(
            response.headers["Location"], self.booking.zoom_meeting_id.join_url
        )
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_manager_does_not_start_either_without_the_group(self):
        self.assert_refused(self.open("manager"), 403, "is its host")
        self.manager.group_ids += self.env.ref(
            "resource_booking_zoom.group_start_others"
        )
        self.assertEqual(self.open("manager").status_code, 303)

    def test_stranger_learns_nothing_also_in_the_group(self):
        self.stranger.group_ids += self.env.ref(
            "resource_booking_zoom.group_start_others"
        )
        for what in ("start", "join"):
            buttons = self.assert_refused(
                self.open("stranger", what), 403, "does not exist, or you may not"
            )
            self.assertFalse(buttons)
        self.booking.unlink()
        self.assert_refused(
            self.open("stranger"), 403, "does not exist, or you may not"
        )

    def test_customer_with_a_user_does_not_start(self):
        customer = new_test_user(
            self.env, login="portal-customer", groups="base.group_portal"
        )
        self.booking.partner_ids = [Command.link(customer.partner_id.id)]
        for what in ("start", "join"):
            self.assert_refused(self.open("portal-customer", what), 403, "you may not")

    def test_looking_whether_the_link_works_starts_nothing(self):
        self.env.flush_all()
        self.authenticate("doctor", "doctor")
        response = self.url_open(
            f"/resource_booking_zoom/start/{self.booking.id}", method="HEAD"
        )
        self.assertEqual(response.status_code, 405)
        self.assertFalse(self.requests("GET"))
        self.assertFalse(self.lines())

    def test_nobody_without_login(self):
        response = self.url_open(
            f"/resource_booking_zoom/start/{self.booking.id}", allow_redirects=False
        )
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])

    def test_staff_of_another_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.rbt.company_id = company
        self.manager.group_ids += self.env.ref(
            "resource_booking_zoom.group_start_others"
        )
        self.assert_refused(self.open("manager"), 403, "you may not")

    # === WHY NOT === #

    def test_meeting_is_not_there_yet(self):
        waiting = self.book(MONDAY + timedelta(hours=2), combination_id=self.rbc_mon.id)
        buttons = self.assert_refused(
            self.open("doctor", booking=waiting), 409, "not ready yet"
        )
        self.assertIn("Try again", buttons)
        self.assert_refused(
            self.open("doctor", "join", booking=waiting), 409, "no meeting to join"
        )

    def test_zoom_is_down(self):
        self.zoom.fail(method="GET", path="/meetings", status=503, times=9)
        buttons = self.assert_refused(
            self.open("doctor"), 409, "Zoom could not be reached"
        )
        # The join link works all the same
        self.assertEqual(buttons, ["Try again", "Join"])
        self.assertFalse(self.lines())

    def test_connection_is_lost(self):
        self.account.action_disconnect()
        self.assert_refused(self.open("doctor"), 409, "not connected")

    def test_meeting_was_deleted_in_zoom(self):
        self.zoom.state.meetings.clear()
        self.assert_refused(self.open("doctor"), 409, "does not find the meeting")
        # It is looked for at once, not only before the reminder
        self.assertTrue(self.booking.zoom_meeting_id.check_at)

    def test_host_was_changed(self):
        self.r_materials[0].zoom_user_id = self.other_host
        self.assert_refused(self.open("doctor"), 409, "not ready yet")
        # In Zoom itself, somebody else hosts it
        self.sync_meetings()
        (meeting,) = self.live_meetings()
        meeting.host_id = self.host.zoom_id
        self.assert_refused(self.open("doctor"), 409, "somebody else than Host2")

    def test_zoom_answers_a_link_to_elsewhere(self):
        self.zoom.fail(
            method="GET",
            path="/meetings",
            status=200,
            body={
                "id": int(self.booking.zoom_meeting_id.zoom_id),
                "host_id": self.host.zoom_id,
                "start_url": "https://zoom.us.example.com/s/1?zak=x",
            },
        )
        self.assert_refused(self.open("doctor"), 409, "cannot be used")

    def test_meeting_that_overruns_can_be_opened_again_but_not_for_ever(self):
        self.move_to(END + timedelta(minutes=90))
        self.assertEqual(self.open("doctor").status_code, 303)
        self.move_to(END + timedelta(minutes=150))
        self.assert_refused(self.open("doctor", "join"), 409, "no meeting to join")

    def test_another_tool_is_joined(self):
        self.use_other_tool("https://teams.example.com/room")
        self.assert_refused(self.open("doctor"), 409, "cannot be started from here")
        self.assertEqual(
            self.open("doctor", "join").headers["Location"],
            "https://teams.example.com/room",
        )

    def test_link_entered_by_hand_is_joined(self):
        self.booking._choose_link("manual", "https://teams.example.com/room")
        self.assert_refused(self.open("doctor"), 409, "cannot be started from here")
        self.assertEqual(
            self.open("doctor", "join").headers["Location"],
            "https://teams.example.com/room",
        )

    # === WHERE IT IS OFFERED === #

    def test_buttons_are_for_those_who_may(self):
        start, join = (
            f"/resource_booking_zoom/{what}/{self.booking.id}"
            for what in ("start", "join")
        )
        event = self.booking.meeting_id
        names = ["conference_start_path", "conference_join_path"]
        self.doctor.group_ids += self.env.ref("resource_booking.group_user")
        for user, paths in (
            (self.doctor, (start, join)),
            (self.colleague, (False, join)),
            (self.manager, (False, join)),
        ):
            for record in (self.booking, event):
                with self.subTest(user=user.login, model=record._name):
                    (read,) = record.with_user(user).read(names)
                    self.assertEqual(tuple(read[name] for name in names), paths)
        (read,) = event.with_user(self.stranger).read([*names, "conference_state"])
        self.assertFalse(any(read[name] for name in (*names, "conference_state")))
        (read,) = event.with_user(self.manager).read(["conference_state"])
        self.assertEqual(read["conference_state"], "Link ready")

    def test_buttons_lead_to_the_addresses(self):
        for record in (self.booking, self.booking.meeting_id):
            for what in ("start", "join"):
                action = getattr(
                    record.with_user(self.manager), f"action_{what}_conference"
                )()
                self.assertEqual(
                    action["url"], f"/resource_booking_zoom/{what}/{self.booking.id}"
                )

    def test_no_button_for_what_is_over_cancelled_or_not_there_yet(self):
        waiting = self.book(MONDAY + timedelta(hours=2), combination_id=self.rbc_mon.id)
        self.assertFalse(waiting.with_user(self.manager).conference_join_path)
        self.booking.action_cancel()
        self.assertFalse(self.booking.with_user(self.manager).conference_join_path)

    def test_queries_do_not_grow_with_the_bookings(self):
        """A calendar shows hundreds."""
        more = self.booking
        for number in range(1, 6):
            more |= self.book(
                MONDAY + timedelta(minutes=30 * number), combination_id=self.rbc_mon.id
            )
        self.sync_meetings()

        def count(records):
            self.env.invalidate_all()
            records = records.with_user(self.manager).browse(records.ids)
            before = self.env.cr.sql_log_count
            records.read(["conference_start_path", "conference_join_path"])
            return self.env.cr.sql_log_count - before

        for few, many in (
            (more[:2], more),
            (more[:2].meeting_id, more.meeting_id),
        ):
            count(many)
            self.assertEqual(count(many), count(few))
