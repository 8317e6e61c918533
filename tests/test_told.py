# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import BaseCase, Form, new_test_user, tagged

from ..engine.meeting_title import fill_title, find_unknown, tells_customer
from .common import CREATE, MONDAY, TUESDAY, ZoomCase


@tagged("post_install", "-at_install")
class TestMeetingTitle(BaseCase):
    def test_placeholders_are_filled(self):
        values = {"type": "Advice", "number": "7", "resource": "Room 1"}
        cases = (
            ("{type} #{number} {resource}", "Advice #7 Room 1"),
            ("Talk", "Talk"),
            ("{type}\n {type}", "Advice Advice"),
            # Nothing of the customer where the value is not given.
            ("{customer}", "{customer}"),
        )
        for title, expected in cases:
            with self.subTest(title):
                self.assertEqual(fill_title(title, values), expected)

    def test_what_is_filled_in_is_not_filled_again(self):
        values = {"type": "{customer}", "customer": "Yamada"}
        self.assertEqual(fill_title("{type}", values), "{customer}")

    def test_missing_value_leaves_nothing(self):
        self.assertEqual(fill_title("Talk {resource}", {"resource": False}), "Talk")

    def test_unknown_placeholders_are_found(self):
        self.assertEqual(find_unknown("{type} {Type} { } {number}"), ["Type", " "])
        self.assertEqual(find_unknown("{type"), [])
        self.assertEqual(find_unknown(False), [])

    def test_title_that_tells_the_customer(self):
        self.assertTrue(tells_customer("{type}: {customer}"))
        self.assertFalse(tells_customer("customer {type}"))
        self.assertFalse(tells_customer(False))


class TestTold(ZoomCase):
    """What a booking type has Zoom told of its meetings."""

    def setUp(self):
        super().setUp()
        self.zoom_account = self.zoom.state.accounts["account-1"]
        self.addCleanup(self.zoom_account.locked_settings.clear)

    def issue(self, start=MONDAY, **values):
        booking = self.book(start, **values)
        self.sync_meetings()
        self.assertEqual(booking.zoom_meeting_id.state, "ready")
        return booking

    def in_zoom(self, booking):
        return self.zoom.meetings[int(booking.zoom_meeting_id.zoom_id)]

    def told(self, method="POST"):
        """The body of the last request of this kind."""
        return self.requests(method, "/meetings")[-1].body

    def read_again(self, booking):
        booking.zoom_meeting_id._check_now()
        self.sync_meetings()

    # === TITLE === #

    def test_without_a_title_zoom_learns_the_name_of_the_type(self):
        booking = self.issue()
        self.assertEqual(self.in_zoom(booking).topic, self.rbt.name)
        self.assertEqual(self.told()["settings"], {"use_pmi": False})

    def test_title_with_placeholders(self):
        self.rbt.zoom_title = "{type} #{number} – {resource}"
        booking = self.issue()
        expected = f"{self.rbt.name} #{booking.id} – {booking.combination_id.name}"
        self.assertEqual(self.in_zoom(booking).topic, expected)
        self.assertNotIn("Secret Customer", str(self.told()))

    def test_customer_only_by_choice(self):
        self.rbt.zoom_title = "{type}: {customer}"
        booking = self.issue()
        self.assertEqual(
            self.in_zoom(booking).topic, f"{self.rbt.name}: Secret Customer"
        )

    def test_title_is_that_of_the_customers_language(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.rbt.zoom_title = "Talk {number}"
        self.rbt.with_context(lang="ja_JP").zoom_title = "面談 {number}"
        self.partner.lang = "ja_JP"
        booking = self.issue()
        self.assertEqual(self.in_zoom(booking).topic, f"面談 {booking.id}")

    def test_long_title_is_cut(self):
        self.rbt.zoom_title = "相" * 300
        self.assertEqual(self.in_zoom(self.issue()).topic, "相" * 200)

    def test_title_of_blanks_is_none(self):
        self.rbt.zoom_title = " "
        self.assertEqual(self.in_zoom(self.issue()).topic, self.rbt.name)

    def test_unknown_placeholder_is_refused(self):
        with self.assertRaisesRegex(ValidationError, r"\{name\}"):
            self.rbt.zoom_title = "{type} {name}"

    def test_form_warns_where_the_customer_is_chosen(self):
        with Form(self.rbt) as form:
            form.zoom_title = "{type}"
            self.assertFalse(form.zoom_title_tells_customer)
            form.zoom_title = "{customer}"
            self.assertTrue(form.zoom_title_tells_customer)
        arch = self.rbt.get_view(view_type="form")["arch"]
        self.assertIn("Zoom learns the name of each customer", arch)

    def test_translated_titles_count_as_well(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.partner.lang = "ja_JP"
        self.rbt.zoom_title = "Talk"
        booking = self.book()
        with self.assertRaisesRegex(ValidationError, r"\{name\}"):
            self.rbt.update_field_translations("zoom_title", {"ja_JP": "面談 {name}"})
        self.rbt.update_field_translations("zoom_title", {"ja_JP": "面談 {customer}"})
        # Whatever the language of who reads the form
        self.env.invalidate_all()
        self.assertTrue(self.rbt.zoom_title_tells_customer)
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "面談 Secret Customer")
        self.rbt.update_field_translations("zoom_title", {"ja_JP": False})
        self.env.invalidate_all()
        self.assertFalse(self.rbt.zoom_title_tells_customer)

    # === FROM THEN ON === #

    def test_meeting_that_is_not_issued_yet_gets_the_new_title(self):
        booking = self.book()
        self.rbt.zoom_title = "New"
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "New")
        self.assertEqual(self.counted_requests(), 1)

    def assert_unchanged(self, booking, topic, requests=1):
        """Neither the scheduled actions nor a save of the booking tell Zoom anything."""
        self.env["booking.zoom.meeting"]._reconcile()
        booking.zoom_meeting_id._sync_with_bookings(booking)
        self.sync_meetings()
        self.read_again(booking)
        self.assertEqual(self.in_zoom(booking).topic, topic)
        self.assertEqual(self.counted_requests(), requests)
        self.assertEqual(booking.join_link_state, "ready")

    def test_issued_meeting_keeps_what_zoom_was_told(self):
        booking, name = self.issue(), self.rbt.name
        self.rbt.write(
            {"zoom_title": "New", "zoom_waiting_room": "on", "name": self.rbt.name}
        )
        self.assert_unchanged(booking, name)
        self.assertFalse(self.in_zoom(booking).settings["waiting_room"])

    def test_issued_meeting_keeps_its_title_when_the_type_is_renamed(self):
        self.rbt.zoom_title = "{type} {customer}"
        booking = self.issue()
        topic = self.in_zoom(booking).topic
        self.rbt.name = "Renamed"
        self.partner.name = "Renamed Customer"
        booking.combination_id.resource_ids.name = "Renamed resource"
        self.assert_unchanged(booking, topic)

    def test_issued_meeting_keeps_its_title_when_the_type_has_none_any_more(self):
        self.rbt.zoom_title = "Own"
        booking = self.issue()
        self.rbt.zoom_title = False
        self.assert_unchanged(booking, "Own")

    def test_moved_booking_keeps_what_zoom_was_told(self):
        self.rbt.write({"zoom_title": "Own", "zoom_waiting_room": "on"})
        booking = self.issue()
        self.rbt.write({"zoom_title": "New", "zoom_waiting_room": "off"})
        booking.start = MONDAY + timedelta(hours=1)
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "Own")
        self.assertIs(self.told("PATCH")["settings"]["waiting_room"], True)

    def test_without_own_title_too_an_issued_meeting_changes_when_asked(self):
        booking, name = self.issue(), self.rbt.name
        # When the type gets another name, then nothing changes
        self.rbt.name = "Renamed"
        self.assert_unchanged(booking, name)
        # But somebody can ask for it
        self.assertIn("1 requests", self.rbt.zoom_told_otherwise)
        self.rbt.action_tell_zoom()
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "Renamed")

    def test_booking_of_another_type_is_told_as_that_type_says(self):
        # Given a meeting that is issued
        booking = self.issue()
        other = self.rbt.copy(
            {"name": "Coaching", "zoom_title": "{type}!", "zoom_waiting_room": "on"}
        )
        other.combination_rel_ids = [
            Command.create({"combination_id": one.id, "sequence": 1})
            for one in self.rbt.combination_rel_ids.combination_id
        ]
        # When its booking becomes one of another type
        booking.type_id = other
        self.sync_meetings()
        # Then the same meeting is told anew
        self.assertEqual(self.in_zoom(booking).topic, "Coaching!")
        self.assertTrue(self.in_zoom(booking).settings["waiting_room"])
        self.assertEqual(self.counted_requests(), 2)

    def test_title_follows_the_resources_of_its_booking(self):
        self.rbt.zoom_title = "With {resource}"
        self.r_materials.zoom_user_id = self.host
        booking = self.issue(combination_id=self.rbc_mon.id)
        self.rbt.zoom_title = "New"
        booking.write({"combination_id": self.rbc_tue.id, "start": TUESDAY})
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, f"With {self.rbc_tue.name}")
        self.assertEqual(self.counted_requests(), 2)

    def test_title_names_the_present_customer(self):
        # Given a meeting whose title names the customer
        self.rbt.zoom_title = "{type}: {customer}"
        booking = self.issue()
        self.assertIn(self.partner.name, self.in_zoom(booking).topic)
        # When somebody else comes instead
        other = self.env["res.partner"].create(
            {"name": "Ken", "email": "k@example.com"}
        )
        booking.partner_ids = other
        self.sync_meetings()
        # Then Zoom shows that name to all who join
        self.assertEqual(self.in_zoom(booking).topic, f"{self.rbt.name}: {other.name}")

    def test_meeting_of_another_host_gets_the_new_title(self):
        booking = self.issue()
        self.rbt.write({"zoom_title": "New", "zoom_join_before_host": "on"})
        self.r_materials.zoom_user_id = self.other_host
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "New")
        self.assertTrue(self.in_zoom(booking).settings["join_before_host"])

    # === SETTINGS === #

    def test_settings_reach_zoom(self):
        cases = (
            ("on", False, True, False),
            ("off", "on", False, True),
            (False, "on", False, True),
            ("off", "off", False, False),
        )
        for number, (waiting_room, join, waits, joins) in enumerate(cases):
            with self.subTest(waiting_room=waiting_room, join=join):
                self.rbt.write(
                    {
                        "zoom_waiting_room": waiting_room,
                        "zoom_join_before_host": join,
                    }
                )
                booking = self.issue(MONDAY + timedelta(hours=number))
                settings = self.in_zoom(booking).settings
                self.assertEqual(settings["waiting_room"], waits)
                self.assertEqual(settings["join_before_host"], joins)
                sent = {"use_pmi": False}
                if waiting_room:
                    sent["waiting_room"] = waits
                if join:
                    sent["join_before_host"] = joins
                self.assertEqual(self.told()["settings"], sent)
                self.assertFalse(booking.zoom_difference_message)

    def test_both_on_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "before the host"):
            self.rbt.write({"zoom_waiting_room": "on", "zoom_join_before_host": "on"})

    def test_locked_setting_is_said_and_sent_once(self):
        self.zoom_account.locked_settings["waiting_room"] = True
        self.rbt.write({"zoom_waiting_room": "off", "zoom_join_before_host": "on"})
        booking = self.issue()
        self.read_again(booking)
        message = booking.zoom_difference_message
        self.assertIn("waiting room is on in Zoom", message)
        self.assertIn("nobody can join before the host", message)
        self.assertIn("locked", message)
        self.assert_unchanged(booking, self.rbt.name)

    def test_what_zoom_makes_of_a_change_is_read_back_at_once(self):
        booking = self.issue()
        self.zoom_account.locked_settings["waiting_room"] = True
        self.zoom.rewrites_topics = True
        self.addCleanup(setattr, self.zoom, "rewrites_topics", False)
        self.rbt.write({"zoom_title": "Talk 🙂", "zoom_waiting_room": "off"})
        self.assertFalse(booking.zoom_difference_message)
        self.rbt.action_tell_zoom()
        self.sync_meetings()
        self.assertIn("waiting room is on", booking.zoom_difference_message)
        self.assertIn("“Talk -”", booking.zoom_difference_message)
        self.assert_unchanged(booking, "Talk -", requests=2)

    def test_locked_setting_of_a_creation_without_an_answer(self):
        self.zoom_account.locked_settings["waiting_room"] = True
        self.rbt.zoom_waiting_room = "off"
        booking = self.book()
        self.zoom.fail(**CREATE, kind="drop_after")
        self.sync_meetings()
        self.move_to(booking.zoom_meeting_id.next_attempt + timedelta(seconds=1))
        self.sync_meetings()
        self.assertIn("waiting room is on", booking.zoom_difference_message)
        self.assert_unchanged(booking, self.rbt.name)

    def test_what_zoom_decides_alone_is_no_difference(self):
        self.zoom_account.locked_settings["waiting_room"] = True
        self.assertFalse(self.issue().zoom_difference_message)

    def test_what_a_host_changes_in_zoom_is_said_and_stays(self):
        self.rbt.zoom_waiting_room = "on"
        booking = self.issue()
        meeting = self.in_zoom(booking)
        meeting.settings["waiting_room"] = False
        self.zoom.edit_in_portal(meeting, topic="Our talk")
        self.read_again(booking)
        self.assertIn("waiting room is off", booking.zoom_difference_message)
        self.assertIn("“Our talk”", booking.zoom_difference_message)
        self.assert_unchanged(booking, "Our talk")

    def test_setting_that_is_left_to_zoom_again_needs_no_request(self):
        self.rbt.zoom_waiting_room = "on"
        booking = self.issue()
        self.rbt.zoom_waiting_room = False
        self.assertFalse(self.rbt.zoom_told_otherwise)
        self.assertFalse(booking.zoom_meeting_id.waiting_room)
        self.assert_unchanged(booking, self.rbt.name)

    def test_staff_see_the_difference_on_booking_and_meeting(self):
        for record, name in (
            (self.env["resource.booking"], "zoom_difference_message"),
            (self.env["booking.zoom.meeting"], "difference_message"),
        ):
            self.assertIn(f'name="{name}"', record.get_view(view_type="form")["arch"])
        self.zoom_account.locked_settings["waiting_room"] = True
        self.rbt.zoom_waiting_room = "off"
        booking = self.issue()
        staff = new_test_user(self.env, "clerk", "resource_booking.group_user")
        self.assertIn("is on", booking.with_user(staff).zoom_difference_message)
        portal = new_test_user(self.env, "guest", "base.group_portal")
        booking.message_subscribe(portal.partner_id.ids)
        with self.assertRaises(AccessError):
            booking.with_user(portal).read(["zoom_difference_message"])

    def test_type_says_how_many_meetings_differ(self):
        self.zoom_account.locked_settings["waiting_room"] = True
        self.rbt.write(
            {
                "zoom_waiting_room": "off",
                "zoom_dial_in_country_ids": self.env.ref("base.de").ids,
            }
        )
        self.assertFalse(self.rbt.zoom_differences)
        booking, other = self.issue(), self.issue(MONDAY + timedelta(hours=1))
        self.env.invalidate_all()
        said = self.rbt.zoom_differences
        self.assertIn("2 existing meetings: The waiting room is on in Zoom.", said)
        self.assertIn("2 existing meetings: Zoom has no telephone number", said)
        self.zoom_account.locked_settings.clear()
        self.in_zoom(other).settings["waiting_room"] = False
        self.read_again(other)
        self.env.invalidate_all()
        self.assertIn(
            "1 existing meetings: The waiting room", self.rbt.zoom_differences
        )
        self.move_to(booking.stop)
        self.env.invalidate_all()
        self.assertNotIn("waiting room", self.rbt.zoom_differences)

    # === WHEN ASKED === #

    def test_existing_meetings_change_when_asked(self):
        first, second = self.issue(), self.issue(MONDAY + timedelta(hours=1))
        self.assertFalse(self.rbt.zoom_told_otherwise)
        self.rbt.write({"zoom_title": "#{number}", "zoom_waiting_room": "on"})
        cost = self.rbt.zoom_told_otherwise
        self.assertIn("2 existing meetings", cost)
        self.assertIn("Host1 Zoom: 2 requests, ", cost)
        self.assertEqual(self.counted_requests(), 2)
        self.rbt.action_tell_zoom()
        self.sync_meetings()
        for booking in first, second:
            self.assertEqual(self.in_zoom(booking).topic, f"#{booking.id}")
            self.assertTrue(self.in_zoom(booking).settings["waiting_room"])
            self.assertEqual(booking.join_link_state, "ready")
        self.assertEqual(self.counted_requests(), 4)
        self.assertFalse(self.rbt.zoom_told_otherwise)

    def test_meetings_that_have_it_already_cost_nothing(self):
        booking = self.issue()
        self.rbt.zoom_title = "{type}"
        self.assertFalse(self.rbt.zoom_told_otherwise)
        self.rbt.action_tell_zoom()
        self.assert_unchanged(booking, self.rbt.name)

    def test_meeting_that_has_begun_is_left_alone(self):
        booking = self.issue()
        self.rbt.zoom_title = "New"
        self.move_to(MONDAY + timedelta(minutes=1))
        self.env.invalidate_all()
        self.assertFalse(self.rbt.zoom_told_otherwise)
        self.rbt.action_tell_zoom()
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, self.rbt.name)

    def test_only_booking_managers_may_ask(self):
        booking = self.issue()
        self.rbt.zoom_title = "New"
        staff = new_test_user(self.env, "clerk", "resource_booking.group_user")
        manager = new_test_user(self.env, "boss", "resource_booking.group_manager")
        with self.assertRaises(AccessError):
            self.rbt.with_user(staff).action_tell_zoom()
        self.assertIn("1 existing", self.rbt.with_user(staff).zoom_told_otherwise)
        self.rbt.with_user(manager).action_tell_zoom()
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "New")

    def test_who_may_not_read_the_type_learns_and_changes_nothing(self):
        booking = self.issue()
        self.rbt.write({"zoom_title": "New", "company_id": self.env.company.id})
        other = self.env["res.company"].create({"name": "Other company"})
        group = "resource_booking.group_manager"
        people = (
            new_test_user(self.env, "employee"),
            new_test_user(
                self.env, "far", group, company_id=other.id, company_ids=other.ids
            ),
        )
        for user in people:
            booking_type = self.rbt.with_user(user)
            for work in (
                booking_type.action_tell_zoom,
                lambda one=booking_type: one.read(["zoom_told_otherwise"]),
                lambda one=booking_type: one.read(["zoom_differences", "zoom_title"]),
                lambda one=booking_type: one.write({"zoom_title": "Other"}),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    work()
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, self.rbt.name)

    def test_meetings_of_an_archived_type(self):
        booking = self.issue()
        self.rbt.write({"zoom_title": "New", "active": False})
        self.env.invalidate_all()
        self.assertIn("1 existing", self.rbt.zoom_told_otherwise)
        self.rbt.action_tell_zoom()
        self.sync_meetings()
        self.assertEqual(self.in_zoom(booking).topic, "New")

    def test_cost_is_said_on_the_form(self):
        self.issue()
        with Form(self.rbt) as form:
            form.zoom_title = "New"
            # Said when it is sure.
            self.assertFalse(form.zoom_told_otherwise)
        with Form(self.rbt) as form:
            self.assertIn("1 existing", form.zoom_told_otherwise)
            form.zoom_waiting_room = "on"
            self.assertFalse(form.zoom_told_otherwise)
        arch = self.rbt.get_view(view_type="form")["arch"]
        self.assertIn("action_tell_zoom", arch)
        with Form(self.env["resource.booking.type"]) as form:
            form.name = "Another"
            form.web_conference_tool = "zoom"
            self.assertFalse(form.zoom_told_otherwise)

    def test_queries_do_not_grow_with_the_meetings(self):
        self.rbt.zoom_title = "{type} {number} {resource} {customer}"
        counts = []
        for count in (5, 20):
            rows = self.book_many(count, MONDAY + timedelta(days=count))
            for row in rows:
                row.write({"zoom_id": str(10**9 + row.id), "state": "ready"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(self.rbt.zoom_told_otherwise)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
