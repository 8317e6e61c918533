# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo.tests import BaseCase, tagged

from ..engine.setup_steps import (
    Problem,
    SetupFacts,
    get_next_step,
    get_steps,
    is_to_be_tried,
)

COMPLETE = {
    "state": "connected",
    "has_credentials": True,
    "address": "https://odoo.example.com",
    "has_hosts": True,
    "zoom_types": ("Advice",),
    "has_company_email": True,
    "has_alert_email": True,
}
EMPTY = {
    "state": "disconnected",
    "has_credentials": False,
    "address": "https://odoo.example.com",
    "has_company_email": True,
    "has_alert_email": True,
}


@tagged("post_install", "-at_install")
class TestSetupSteps(BaseCase):
    """Which of the five steps is done, and what is wrong with which."""

    def states(self, **facts):
        steps = get_steps(SetupFacts(**facts))
        return {name: step.state for name, step in steps.items()}

    def problems(self, step, **changes):
        steps = get_steps(SetupFacts(**{**COMPLETE, **changes}))
        others = [one.state for name, one in steps.items() if name != step]
        self.assertEqual(set(others), {"done"})
        self.assertEqual(steps[step].state, "problem")
        return steps[step].problems

    def test_everything_is_to_do_in_an_empty_database(self):
        self.assertEqual(set(self.states(**EMPTY).values()), {"to_do"})

    def test_everything_is_done(self):
        steps = get_steps(SetupFacts(**COMPLETE))
        self.assertEqual({step.state for step in steps.values()}, {"done"})
        self.assertIsNone(get_next_step(steps))

    def test_steps_are_done_one_after_another(self):
        facts, order = dict(EMPTY), []
        for change in (
            {"has_credentials": True},
            {"state": "connected"},
            {"has_hosts": True},
            {"zoom_types": ("Advice",)},
        ):
            order.append(get_next_step(get_steps(SetupFacts(**facts))))
            facts.update(change)
        self.assertEqual(order, ["app", "connect", "bind", "tool"])
        self.assertIsNone(get_next_step(get_steps(SetupFacts(**facts))))

    def test_problem_of_a_later_step_does_not_hide_the_next_one(self):
        steps = get_steps(SetupFacts(**{**EMPTY, "has_company_email": False}))
        self.assertEqual(get_next_step(steps), "app")
        self.assertEqual(steps["reminder"].state, "problem")

    def test_problems(self):
        for step, changes, expected in (
            (
                "app",
                {"missing_scopes": ("user:read",)},
                Problem("missing_scopes", ("user:read",)),
            ),
            (
                "app",
                {"address": "http://odoo.example.com"},
                Problem("http", ("http://odoo.example.com",)),
            ),
            ("connect", {"trouble": "No."}, Problem("trouble", ("No.",))),
            (
                "connect",
                {"state": "lost", "trouble": "Gone."},
                Problem("lost", ("Gone.",)),
            ),
            ("bind", {"lost_hosts": ("Jill",)}, Problem("lost_hosts", ("Jill",))),
            (
                "tool",
                {"types_without_combination": ("Advice",)},
                Problem("types_without_combination", ("Advice",)),
            ),
            (
                "tool",
                {"types_without_host": ("Advice",)},
                Problem("types_without_host", ("Advice",)),
            ),
            (
                "reminder",
                {"types_without_reminder": ("Advice",)},
                Problem("types_without_reminder", ("Advice",)),
            ),
            ("reminder", {"has_company_email": False}, Problem("no_company_email")),
            ("reminder", {"has_alert_email": False}, Problem("no_alert_email")),
        ):
            with self.subTest(step=step, **changes):
                self.assertEqual(self.problems(step, **changes), (expected,))

    def test_address_of_the_server_itself_is_a_problem_until_it_is_connected(self):
        for address in ("http://localhost:8069", "https://127.0.0.1", "http://[::1]:1"):
            steps = get_steps(SetupFacts(**{**EMPTY, "address": address}))
            self.assertEqual(
                steps["app"].problems, (Problem("loopback", (address,)),), address
            )
            self.assertEqual(
                set(self.states(**{**COMPLETE, "address": address}).values()), {"done"}
            )

    def test_lost_account_keeps_its_other_steps(self):
        states = self.states(**{**COMPLETE, "state": "lost"})
        self.assertEqual(states.pop("connect"), "problem")
        self.assertEqual(set(states.values()), {"done"})

    def test_first_booking_is_proposed_once_all_is_done(self):
        for to_be_tried, facts in (
            (True, COMPLETE),
            (False, {**COMPLETE, "has_meetings": True}),
            (False, {**COMPLETE, "has_hosts": False}),
            (False, EMPTY),
        ):
            self.assertEqual(is_to_be_tried(SetupFacts(**facts)), to_be_tried)
