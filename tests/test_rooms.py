# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import ast
import re
from pathlib import Path

from lxml import etree

from odoo.tests import BaseCase, tagged

MODELS = Path(__file__).parent.parent / "models"
VIEWS = MODELS.parent / "views"

# What a tool tells conference/ when it has worked.
TOLD = {
    "_on_attendance_changed",
    "_on_join_link_changed",
    "_on_join_link_unavailable",
}
# What zoom/ asks about a booking or its type: the same for every tool.
FACTS = {
    "_count_people_who_know_link",
    "_get_conference_title",
    "_get_expiration",
    "_get_name_for_user",
    "_get_reminder_moments",
    "_get_staff_to_tell",
    "_gets_own_link",
    "_is_link_chosen",
    "_is_only_held",
    "_join_current_link",
    "_needs_own_link",
}
# The files with what conference/ asks of a tool.
ASKED = ("booking_conference_tool.py", "booking_conference_tool_type.py")

OF_CONFERENCE = re.compile(
    r"booking[._]conference[._]\w+"
    r"|\bmail_template_(?:reminder|link|changed|cancelled|staff_notice)\b"
)
OF_ZOOM = re.compile(
    r"booking[._]zoom[._]\w+|(?<![a-z])zoom_\w+|\w*_zoom_\w+|^zoom$|\bZoom\b"
)
# The module's own name, and what begins with it.
OWN_NAME = re.compile(r"resource_booking_zoom(?:_lets_go)?")


@tagged("post_install", "-at_install")
class TestRooms(BaseCase):
    """The rooms know of each other only what docs/architecture.md says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rooms = {
            name: read_room(name) for name in ("platform", "conference", "zoom")
        }

    def get_methods_of(self, name):
        """Methods that one room defines, and no other."""
        others = self.rooms.keys() - {name}
        methods = set().union(*map(get_methods, self.rooms[name].values()))
        return methods.difference(
            *(
                get_methods(tree)
                for room in others
                for tree in self.rooms[room].values()
            )
        )

    def get_calls_from(self, name):
        return set().union(*map(get_calls, self.rooms[name].values()))

    def test_zoom_names_nothing_of_the_conference_room(self):
        for file, tree in self.rooms["zoom"].items():
            with self.subTest(file=file):
                self.assertFalse(find_names(OF_CONFERENCE, tree))

    def test_zoom_calls_the_conference_room_at_few_points(self):
        called = self.get_calls_from("zoom")
        self.assertEqual(called & self.get_methods_of("conference"), TOLD | FACTS)

    def test_zoom_answers_what_the_conference_room_asks(self):
        conference = self.rooms["conference"]
        names = set().union(*(get_methods(conference[file]) for file in ASKED))
        answers = set().union(
            *(
                get_methods(tree)
                for file, tree in self.rooms["zoom"].items()
                if file.startswith("resource_booking_")
            )
        )
        # These follow from the type and from the state of the link.
        self.assertEqual(
            names - answers,
            {"_gets_own_link", "_needs_own_link", "_expects_join_link"},
        )

    def test_zoom_overrides_nothing_else_of_bookings_in_the_conference_room(self):
        # Zoom comes first when a method is called: an override without super() there
        # would silence the conference room.
        conference = self.rooms["conference"]
        asked = set().union(*(get_methods(conference[file]) for file in ASKED))
        of_bookings = [
            {
                name
                for file, tree in self.rooms[room].items()
                if file.startswith("resource_booking_")
                for name in get_methods(tree)
            }
            for room in ("conference", "zoom")
        ]
        self.assertEqual(
            set.intersection(*of_bookings) - asked,
            {
                # These call super().
                "_compute_conference_warning",
                "_compute_join_link_problem",
                "_compute_join_link_wait",
                "_field_to_sql",
                "_onchange_web_conference_tool",
                "create",
                "write",
            },
        )

    def test_platform_is_asked_first_and_conference_last(self):
        # Odoo asks first what was imported last.
        tree = ast.parse((MODELS / "__init__.py").read_text())
        imported = [
            node.names[0].name for node in tree.body if isinstance(node, ast.ImportFrom)
        ]
        self.assertEqual(imported[-3:], ["conference", "zoom", "platform"])

    def test_a_room_opens_a_model_in_one_file(self):
        # Else the order of imports would decide which override comes first.
        for room, files in self.rooms.items():
            opened = [model for tree in files.values() for model in get_models(tree)]
            with self.subTest(room=room):
                self.assertEqual(len(opened), len(set(opened)), sorted(opened))

    def test_rooms_above_name_nothing_of_zoom(self):
        for room in ("platform", "conference"):
            for file, tree in self.rooms[room].items():
                with self.subTest(file=file):
                    self.assertFalse(find_names(OF_ZOOM, tree))

    def test_views_speak_of_zoom_where_zoom_is_meant(self):
        # Parts of Zoom alone say so in a name, an id or a condition.
        for file in VIEWS.glob("*.xml"):
            if file.name != "oauth_templates.xml":
                with self.subTest(file=file.name):
                    self.assertFalse(find_zoom_for_all(etree.parse(file).getroot()))

    def test_what_views_say_is_searched(self):
        tree = etree.fromstring(
            """
<form id="resource_booking_zoom.form">
    <!-- Zoom -->
    <p>In <b>any</b> Zoom</p>
    <button help="Zoom" /><button name="zoom_start" help="Zoom" />
    <group invisible="tool != 'zoom'"><p>Zoom</p></group>
</form>"""
        )
        self.assertEqual([one.tag for one in find_zoom_for_all(tree)], ["p", "button"])

    def test_rooms_above_call_nothing_of_zoom(self):
        methods = self.get_methods_of("zoom")
        for room in ("platform", "conference"):
            with self.subTest(room=room):
                self.assertFalse(self.get_calls_from(room) & methods)

    def test_nothing_calls_the_platform_room(self):
        methods = self.get_methods_of("platform")
        for room in ("conference", "zoom"):
            with self.subTest(room=room):
                self.assertFalse(self.get_calls_from(room) & methods)

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
        tool = "zoom"
        said = "Choose another Zoom user."
        return ledger._sync_zoom_rows(self.zoom_user_id, zoom_id=1, domain=["zoom_x"])
'''
        )
        self.assertEqual(
            find_names(OF_CONFERENCE, tree),
            {"booking.conference.mail", "mail_template_link"},
        )
        self.assertEqual(
            find_names(OF_ZOOM, tree),
            {
                "zoom",
                "Zoom",
                "_sync_zoom_rows",
                "zoom_state",
                "zoom_user_id",
                "zoom_id",
                "zoom_x",
            },
        )
        self.assertEqual(set(get_calls(tree)), {"ref", "_sync_zoom_rows"})
        self.assertEqual(get_methods(tree), {"method"})

    def test_models_are_found(self):
        tree = ast.parse(
            """
class Booking(models.Model):
    _name = "resource.booking"
    _inherit = ["resource.booking", "mixin"]

class Partner(models.Model):
    _inherit = "res.partner"

class Share:
    pass
"""
        )
        self.assertEqual(list(get_models(tree)), ["resource.booking", "res.partner"])


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
    names = (OWN_NAME.sub("", name) for name in get_names(tree))
    found = (pattern.finditer(name) for name in names)
    return {match.group() for matches in found for match in matches}


def find_zoom_for_all(root):
    """Elements that speak of Zoom, and are not Zoom's alone."""
    return [
        element
        for element in root.iter("*")
        if any("Zoom" in text for text in get_prose(element))
        and not any(
            "zoom" in OWN_NAME.sub("", value)
            for one in (element, *element.iterancestors())
            for value in one.attrib.values()
        )
    ]


def get_prose(element):
    yield element.text or ""
    yield from (child.tail or "" for child in element)
    yield from element.attrib.values()


def get_methods(tree):
    return {
        node.name
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef)
        for node in one.body
        if isinstance(node, ast.FunctionDef)
    }


def get_models(tree):
    """Names of the models that are defined or extended."""
    for one in ast.walk(tree):
        if isinstance(one, ast.ClassDef):
            said = {
                node.targets[0].id: ast.literal_eval(node.value)
                for node in one.body
                if isinstance(node, ast.Assign)
                and node.targets[0].id in ("_name", "_inherit")
            }
            if said:
                yield said.get("_name") or said["_inherit"]


def get_calls(tree):
    """Names of the methods that are called on something else than super()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if not (isinstance(of, ast.Call) and getattr(of.func, "id", "") == "super"):
                yield node.func.attr
