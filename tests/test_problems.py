# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import ast
from pathlib import Path

from odoo.tests import TransactionCase

from ..engine.problems import PROBLEMS

ROOT = Path(__file__).parents[1]
NAMES = {problem.name for problem in PROBLEMS}


class TestProblems(TransactionCase):
    """The table says of each problem what finds it, and what follows from it."""

    def test_each_problem_stands_in_the_table_once(self):
        field = self.env["booking.zoom.meeting"]._fields["problem"]
        self.assertCountEqual(
            [problem.name for problem in PROBLEMS], field.get_values(self.env)
        )

    def test_what_finds_a_problem_is_there_and_names_it(self):
        parts = read_parts()
        for problem in PROBLEMS:
            for place in problem.found_by:
                with self.subTest(problem=problem.name, place=place):
                    named = {
                        node.value
                        for node in ast.walk(parts[place])
                        if isinstance(node, ast.Constant)
                    }
                    self.assertIn(problem.name, named)

    def test_whatever_writes_a_problem_stands_in_the_table(self):
        found = {(p.name, place) for p in PROBLEMS for place in p.found_by}
        for place, part in read_parts().items():
            for name in find_written(part):
                self.assertIn((name, place), found)


def read_parts():
    """The functions, methods and tables that deal with problems, by "file.name"."""
    parts = {}
    for folder in ("engine", "models/zoom"):
        for path in (ROOT / folder).glob("*.py"):
            nodes = list(ast.parse(path.read_text()).body)
            for node in nodes:
                if isinstance(node, ast.ClassDef):
                    nodes += node.body
                elif isinstance(node, ast.FunctionDef):
                    parts[f"{path.stem}.{node.name}"] = node
                elif isinstance(node, ast.Assign):
                    parts[f"{path.stem}.{ast.unparse(node.targets[0])}"] = node
    return parts


def find_written(part):
    """The problems that this code gives to the field ``problem``."""
    values = []
    for node in ast.walk(part):
        if isinstance(node, ast.Dict):
            values += [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if key and ast.unparse(key) == "'problem'"
            ]
        elif isinstance(node, ast.keyword) and node.arg == "problem":
            values.append(node.value)
        elif isinstance(node, ast.Assign) and "problem" in ast.unparse(node.targets[0]):
            values.append(node.value)
    return {
        value.value
        for value in values
        if isinstance(value, ast.Constant) and value.value in NAMES
    }
