# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import ast
import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

MODELS = Path(__file__).parent.parent / "models"

# What zoom/ calls of conference/, besides the two calls upward: facts about a booking that
# are the same for every tool.
UPWARD = {"_on_join_link_changed", "_on_join_link_unavailable"}
FACTS = {
    "_count_people_who_know_link",
    "_get_conference_contact",
    "_get_conference_title",
    "_get_name_for_user",
    "_get_staff_to_tell",
    "_is_link_chosen",
}
# What conference/ calls of zoom/, besides the section "Join link".
ASKED = {
    "_get_reminder_moments",
    "_is_declined",
}
# Names of zoom/ in conference/: the mixin is for rows of any room, and mails to
# administrators leave by the same queue.
ADMITTED = {
    "booking_conference_mail.py": {"booking.zoom.unlogged", "booking.zoom.account"},
    "booking_conference_notice.py": {"booking.zoom.unlogged"},
    "mail_message.py": {"booking.zoom.account", "booking.zoom.meeting"},
}

OF_CONFERENCE = re.compile(
    r"booking[._]conference[._]\w+"
    r"|\bmail_template_(?:reminder|link|changed|cancelled|staff_notice)\b"
)
OF_ZOOM = re.compile(r"(?<!resource_)booking[._]zoom[._]\w+|\bzoom_\w+")
JOIN_LINK = re.compile(r"# === JOIN LINK === #\n(.*?)# === ", re.DOTALL)


@tagged("post_install", "-at_install")
class TestRooms(BaseCase):
    """The rooms know of each other only what docs/architecture.md says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rooms = {
            name: read_room(name) for name in ("platform", "conference", "zoom")
        }

    def get_methods_of(self, name, *others):
        """Methods that one room defines, and none of the others."""
        own, *theirs = (
            set().union(*map(get_methods, self.rooms[room].values()))
            for room in (name, *others)
        )
        return own.difference(*theirs)

    def test_zoom_names_nothing_of_the_conference_room(self):
        for file, tree in self.rooms["zoom"].items():
            with self.subTest(file=file):
                self.assertFalse(find_names(OF_CONFERENCE, tree))

    def test_zoom_calls_the_conference_room_at_two_points(self):
        methods = self.get_methods_of("conference", "zoom")
        called = set().union(*map(get_calls, self.rooms["zoom"].values()))
        self.assertEqual(called & methods, UPWARD | FACTS)

    def test_conference_room_names_nothing_of_zoom(self):
        for file, tree in self.rooms["conference"].items():
            with self.subTest(file=file):
                self.assertEqual(find_names(OF_ZOOM, tree), ADMITTED.get(file, set()))

    def test_conference_room_asks_for_the_join_link_only(self):
        methods = self.get_methods_of("zoom", "conference", "platform")
        called = set().union(*map(get_calls, self.rooms["conference"].values()))
        text = (MODELS / "zoom" / "resource_booking_zoom.py").read_text()
        (section,) = JOIN_LINK.findall(text)
        join_link = set(re.findall(r"def (\w+)", section))
        self.assertEqual((called & methods) - join_link, ASKED)

    def test_code_is_searched_and_no_comment(self):
        tree = ast.parse(
            '''
class Model:
    """About booking.conference.mail."""

    def method(self, zoom_state=None):
        # booking_conference_mail
        ledger = self.env["booking.conference.mail"]
        self.env.ref("resource_booking_zoom.mail_template_link")
        super()._send_mail()
        return ledger._enter(self.zoom_user_id, zoom_id=1, domain=[("zoom_x", "=", 1)])
'''
        )
        self.assertEqual(
            find_names(OF_CONFERENCE, tree),
            {"booking.conference.mail", "mail_template_link"},
        )
        self.assertEqual(
            find_names(OF_ZOOM, tree),
            {"zoom_state", "zoom_user_id", "zoom_id", "zoom_x"},
        )
        self.assertEqual(set(get_calls(tree)), {"ref", "_enter"})
        self.assertEqual(get_methods(tree), {"method"})


def read_room(name):
    """
    :return dict: file name -> its code, parsed
    """
    files = sorted((MODELS / name).glob("*.py"))
    return {file.name: ast.parse(file.read_text()) for file in files}


def get_names(tree):
    """All names and texts of the code, but no comments and docstrings."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Attribute(attr=name):
                yield name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name):
                yield name
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield text


def find_names(pattern, tree):
    found = (pattern.finditer(name) for name in get_names(tree))
    return {match.group() for matches in found for match in matches}


def get_methods(tree):
    return {
        node.name
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
        for node in one.body
        if isinstance(node, ast.FunctionDef)
    }


def get_calls(tree):
    """Names of the methods that are called on something else than super()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if not (isinstance(of, ast.Call) and getattr(of.func, "id", "") == "super"):
                yield node.func.attr
