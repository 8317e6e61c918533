# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from contextlib import contextmanager
from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form

from .common import MONDAY, TUESDAY, ZoomCase

ONCHANGE_LOGGER = "odoo.tests.form.onchange"


class BindingCase(ZoomCase):
    """Nothing is bound at first; the combinations have two resources each."""

    def setUp(self):
        super().setUp()
        self.resource, self.other_resource = self.rbc_mon.resource_ids
        (self.r_materials | self.r_users).zoom_user_id = False
        self.assertFalse(self.rbc_mon.zoom_user_id)

    def edit(self, record):
        """The form of a record, without demanding that nothing is warned of."""
        return Form(record.with_context(active_test=False))

    def edit_resources_of(self, zoom_user, command):
        """What the form of a Zoom user answers to a change that is not saved yet."""
        return zoom_user.onchange(
            {"resource_ids": [command]},
            ["resource_ids"],
            {"resource_ids": {}, "consequence": {}},
        )

    @contextmanager
    def assertWarns(self, *texts):
        """A form shows a warning that says all that."""
        with self.assertLogs(ONCHANGE_LOGGER, "WARNING") as logs:
            yield
        for text in texts:
            self.assertIn(text, logs.output[-1])


class TestBinding(BindingCase):
    """Who hosts, by each way of binding."""

    def test_from_the_resource(self):
        with self.edit(self.resource) as form:
            form.zoom_user_id = self.host
            self.assertIn("Host1", form.zoom_message)
        self.assertEqual(self.rbc_mon.zoom_user_id, self.host)
        self.assertEqual(self.host.resource_ids, self.resource)
        self.assertIn(self.rbc_mon.name, self.host.consequence)

    def test_from_the_zoom_user(self):
        form = self.edit_resources_of(self.host, Command.link(self.resource.id))
        self.assertIn(self.rbc_mon.name, form["value"]["consequence"])
        self.host.resource_ids = [Command.link(self.resource.id)]
        self.assertEqual(self.resource.zoom_user_id, self.host)
        self.assertEqual(self.rbc_mon.zoom_user_id, self.host)

    def test_release_from_the_zoom_user(self):
        self.resource.zoom_user_id = self.host
        form = self.edit_resources_of(self.host, Command.unlink(self.resource.id))
        self.assertFalse(form["value"]["consequence"])
        self.host.resource_ids = [Command.unlink(self.resource.id)]
        self.assertFalse(self.resource.zoom_user_id)
        self.assertFalse(self.rbc_mon.zoom_user_id)

    def test_binding_to_another_zoom_user_takes_the_resource_over(self):
        self.resource.zoom_user_id = self.host
        self.other_host.resource_ids = [Command.link(self.resource.id)]
        self.assertEqual(self.rbc_mon.zoom_user_id, self.other_host)
        self.assertFalse(self.host.resource_ids)

    def test_by_hand_on_the_combination(self):
        self.resource.zoom_user_id = self.host
        with self.edit(self.rbc_mon) as form:
            self.assertIn("taken from the resources", form.zoom_message)
            form.zoom_user_id = self.other_host
            self.assertIn("Set here", form.zoom_message)
        self.assertEqual(self.rbc_mon.forced_zoom_user_id, self.other_host)
        self.assertEqual(self.rbc_mon.zoom_user_id, self.other_host)
        # The choice stays, whatever is bound to the resources.
        self.resource.zoom_user_id = False
        self.assertEqual(self.rbc_mon.zoom_user_id, self.other_host)

    def test_emptied_choice_goes_back_to_the_resources(self):
        self.resource.zoom_user_id = self.host
        self.rbc_mon.zoom_user_id = self.other_host
        with self.edit(self.rbc_mon) as form:
            form.zoom_user_id = self.env["booking.zoom.user"]
            self.assertIn("Host1 Zoom, taken from the resources", form.zoom_message)
        self.assertFalse(self.rbc_mon.forced_zoom_user_id)
        self.assertEqual(self.rbc_mon.zoom_user_id, self.host)

    def test_combination_made_in_the_form_follows_its_resources(self):
        self.resource.zoom_user_id = self.host
        with Form(self.env["resource.booking.combination"]) as form:
            form.resource_ids.add(self.resource)
            self.assertEqual(form.zoom_user_id, self.host)
        combination = form.save()
        self.assertFalse(combination.forced_zoom_user_id)
        self.resource.zoom_user_id = self.other_host
        self.assertEqual(combination.zoom_user_id, self.other_host)

    def test_combination_made_with_a_zoom_user_keeps_it(self):
        combination = self.env["resource.booking.combination"].create(
            {
                "resource_ids": [Command.set(self.resource.ids)],
                "zoom_user_id": self.other_host.id,
            }
        )
        self.assertEqual(combination.forced_zoom_user_id, self.other_host)

    def test_different_zoom_users_of_the_resources_are_pointed_out(self):
        self.resource.zoom_user_id = self.host
        with self.edit(self.other_resource) as form:
            form.zoom_user_id = self.other_host
            self.assertIn("different Zoom users", form.zoom_message)
        self.assertFalse(self.rbc_mon.zoom_user_id)
        self.assertIn("different Zoom users", self.rbc_mon.zoom_message)
        self.assertIn("Host1 Zoom, Host2 Zoom", self.rbc_mon.zoom_message)
        self.assertIn("have different Zoom users", self.host.consequence)
        self.assertIn(self.rbc_mon.name, self.rbt.conference_warning)

    def test_booking_that_nobody_hosts_names_nobody(self):
        booking = self.book()
        self.assertFalse(booking.zoom_user_id)
        self.assertFalse(booking.zoom_choice_message)

    def test_default_host_of_the_type(self):
        self.assertIn(self.rbc_mon.name, self.rbt.conference_warning)
        with self.edit(self.rbt) as form:
            form.zoom_user_id = self.other_host
            self.assertFalse(form.conference_warning)
        booking = self.book()
        self.assertEqual(booking.zoom_user_id, self.other_host)
        self.assertIn(self.rbt.name, self.other_host.consequence)

    def test_zoom_user_of_the_combination_goes_before_the_default(self):
        self.rbt.zoom_user_id = self.other_host
        self.resource.zoom_user_id = self.host
        self.assertEqual(self.book().zoom_user_id, self.host)

    def test_booking_without_a_host_says_so_and_goes_on_once_bound(self):
        booking = self.book()
        self.assertEqual(booking.zoom_meeting_id.problem, "no_host")
        self.assertEqual(booking.join_link_state, "stuck")
        self.sync_meetings()
        self.assertFalse(self.live_meetings())
        self.resource.zoom_user_id = self.host
        self.assertFalse(booking.zoom_meeting_id.problem)
        self.sync_meetings()
        self.assertEqual(booking.join_link_state, "ready")

    def test_booking_whose_resources_have_different_zoom_users_says_so(self):
        self.resource.zoom_user_id = self.host
        self.r_materials[2].zoom_user_id = self.other_host
        self.rbc_mon.resource_ids |= self.r_materials[2]
        said = self.book().zoom_meeting_id.problem_message
        self.assertIn("The resources have different Zoom users", said)
        self.assertIn(self.other_host.name, said)

    def test_archived_zoom_user_is_pointed_out_where_it_is_bound(self):
        self.rbc_mon.zoom_user_id = self.host
        self.rbt.zoom_user_id = self.other_host
        self.host.write({"active": False, "status": "inactive"})
        self.assertIn("not active in Zoom", self.rbc_mon.zoom_message)
        self.assertIn("not active in Zoom", self.rbt.conference_warning)
        booking = self.book()
        self.assertEqual(booking.zoom_user_id, self.host)
        self.assertEqual(booking.zoom_meeting_id.problem, "host_inactive")

    def test_many_resources_are_bound_at_once(self):
        (self.r_materials | self.r_users).write({"zoom_user_id": self.host.id})
        self.assertEqual(self.rbcs.zoom_user_id, self.host)


class TestBindingMovesMeetings(BindingCase):
    """A binding that moves issued meetings asks first, and then moves them."""

    def setUp(self):
        super().setUp()
        self.resource.zoom_user_id = self.host
        self.bookings = self.book() | self.book(MONDAY + timedelta(hours=1))
        self.sync_meetings()

    def assertMovesAll(self):
        self.assertEqual(self.bookings.zoom_meeting_id.zoom_user_id, self.other_host)
        self.sync_meetings()
        self.sync_meetings()
        self.assertEqual(
            {meeting.host_id for meeting in self.live_meetings()},
            {self.other_host.zoom_id},
        )

    def test_from_the_resource(self):
        with (
            self.assertWarns("2 future meetings", "takes 2 of its requests"),
            self.edit(self.resource) as form,
        ):
            form.zoom_user_id = self.other_host
        self.assertMovesAll()

    def test_from_the_zoom_user(self):
        link = Command.link(self.resource.id)
        message = self.edit_resources_of(self.other_host, link)["warning"]["message"]
        self.assertIn("2 future meetings", message)
        self.assertIn("takes 2 of its requests", message)
        self.other_host.resource_ids = [link]
        self.assertMovesAll()

    def test_from_the_combination(self):
        with (
            self.assertWarns("2 future meetings", "takes 2 of its requests"),
            self.edit(self.rbc_mon) as form,
        ):
            form.zoom_user_id = self.other_host
        self.assertMovesAll()

    def test_from_the_resources_of_the_combination(self):
        spare = self.r_materials[3]
        spare.zoom_user_id = self.other_host
        with (
            self.assertWarns("2 future meetings"),
            self.edit(self.rbc_mon) as form,
        ):
            form.resource_ids.add(spare)
            form.resource_ids.remove(self.resource.id)
            form.forced_calendar_id = self.r_calendars[0]
        self.assertMovesAll()

    def test_from_the_type(self):
        self.rbt.zoom_user_id = self.host
        self.resource.zoom_user_id = False
        with (
            self.assertWarns("2 future meetings", "takes 2 of its requests"),
            self.edit(self.rbt) as form,
        ):
            form.zoom_user_id = self.other_host
        self.assertMovesAll()

    def test_booking_that_loses_its_zoom_user_keeps_its_meeting(self):
        links = self.bookings.mapped("zoom_meeting_id.join_url")
        with (
            self.assertNoLogs(ONCHANGE_LOGGER, "WARNING"),
            self.edit(self.resource) as form,
        ):
            form.zoom_user_id = self.env["booking.zoom.user"]
        self.sync_meetings()
        self.assertEqual(self.bookings.mapped("zoom_meeting_id.join_url"), links)
        self.assertEqual(len(self.live_meetings()), 2)

    def test_nothing_is_said_when_nothing_moves(self):
        # The combination has its Zoom user by hand: its resources do not matter.
        self.rbc_mon.zoom_user_id = self.other_host
        self.rbc_mon.zoom_user_id = self.host
        self.rbc_mon.forced_zoom_user_id = self.host
        with (
            self.assertNoLogs(ONCHANGE_LOGGER, "WARNING"),
            self.edit(self.resource) as form,
        ):
            form.zoom_user_id = self.other_host
        # The default of the type does not matter to a bound combination.
        with (
            self.assertNoLogs(ONCHANGE_LOGGER, "WARNING"),
            self.edit(self.rbt) as form,
        ):
            form.zoom_user_id = self.other_host

    def test_meetings_that_are_over_are_not_counted_and_not_moved(self):
        self.move_to(MONDAY + timedelta(minutes=45))
        with (
            self.assertWarns("1 future meetings"),
            self.edit(self.resource) as form,
        ):
            form.zoom_user_id = self.other_host
        self.assertEqual(
            self.bookings.mapped("zoom_meeting_id.zoom_user_id"),
            self.host | self.other_host,
        )

    def test_other_tool_says_that_meetings_are_removed(self):
        with (
            self.assertWarns("2 future meetings", "deleted in Zoom"),
            self.edit(self.rbt) as form,
        ):
            form.web_conference_tool = "none"
        self.sync_meetings()
        self.assertFalse(self.live_meetings())


class TestBindingOfCompanies(BindingCase):
    """A Zoom user hosts for its own company only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env["res.company"].create({"name": "Company B"})
        cls.account_b = cls.create_connected_account(
            cls.company_b, "account-b", users=1
        )
        cls.host_b = cls.account_b.zoom_user_ids

    def test_resource_refuses_a_zoom_user_of_another_company(self):
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.resource.zoom_user_id = self.host_b

    def test_type_refuses_a_default_of_another_company(self):
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.rbt.zoom_user_id = self.host_b

    def test_type_with_a_default_cannot_change_its_company(self):
        self.rbt.zoom_user_id = self.host
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.rbt.company_id = self.company_b

    def test_zoom_user_of_another_company_is_none(self):
        self.rbc_mon.zoom_user_id = self.host_b
        self.assertEqual(self.book().zoom_meeting_id.problem, "no_host")
        self.assertIn(self.rbc_mon.name, self.rbt.conference_warning)

    def test_shared_combination_is_hosted_by_the_default_of_each_company(self):
        # Given a combination of both companies that company B has bound
        self.rbc_mon.zoom_user_id = self.host_b
        # Then this company's type may still name a host of its own
        self.rbt.zoom_user_id = self.host
        self.assertEqual(self.book().zoom_user_id, self.host)

    def test_type_of_all_companies_may_be_hosted_by_any(self):
        self.rbc_mon.zoom_user_id = self.host_b
        self.rbc_tue.zoom_user_id = self.host
        self.rbt.company_id = False
        self.assertEqual(self.book().zoom_user_id, self.host_b)
        self.assertEqual(self.book(TUESDAY).zoom_user_id, self.host)

    def test_form_of_a_shared_type_opens_for_staff_of_one_company(self):
        self.rbc_mon.zoom_user_id = self.host_b
        self.rbt.company_id = False
        manager = self.create_manager("manager_a")
        with Form(self.rbt.with_user(manager)) as form:
            self.assertIn(self.rbc_tue.name, form.conference_warning)
