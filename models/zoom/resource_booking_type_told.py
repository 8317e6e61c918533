# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from collections import Counter, defaultdict
from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...engine.meeting_title import PLACEHOLDERS, find_unknown, tells_customer
from ...utils import RELOAD, show_message
from .cost_of_changes import (
    say_cost_of_telling,
    search_issued,
    search_told_otherwise,
)
from .meeting_words import list_differences

TOLD = ("zoom_title", "zoom_waiting_room", "zoom_join_before_host")


class ResourceBookingType(models.Model):
    """What Zoom is told of the meetings of a type, besides when they are.

    It holds for meetings that are issued from then on. Existing ones change when somebody
    asks for it.
    """

    _inherit = "resource.booking.type"

    zoom_title = fields.Char(
        string="Title in Zoom",
        translate=True,
        help="All who join see it. Placeholders: {type}, {number} (of the booking), "
        "{resource} and {customer}. Leave it empty for the name of the booking type.",
    )
    zoom_title_tells_customer = fields.Boolean(
        compute="_compute_zoom_title_tells_customer"
    )
    zoom_waiting_room = fields.Selection(
        [("on", "On"), ("off", "Off")],
        string="Waiting room",
        help="Whether people wait in Zoom until the host admits them. Empty: as set in "
        "Zoom.",
    )
    zoom_join_before_host = fields.Selection(
        [("on", "On"), ("off", "Off")],
        string="Join before host",
        help="Whether people can join before the host has started the meeting. Empty: as "
        "set in Zoom.",
    )
    zoom_told_otherwise = fields.Text(
        string="Existing meetings", compute="_compute_zoom_told_otherwise"
    )
    zoom_differences = fields.Text(
        string="Different in Zoom", compute="_compute_zoom_differences"
    )

    # === COMPUTE METHODS === #

    @api.depends("zoom_title")
    @api.depends_context("lang")
    def _compute_zoom_title_tells_customer(self):
        for booking_type in self:
            booking_type.zoom_title_tells_customer = any(
                map(tells_customer, booking_type._get_zoom_titles())
            )

    def _get_zoom_titles(self):
        """The titles in all languages; that of the reader as it is being edited."""
        self.ensure_one()
        field, stored = self._fields["zoom_title"], None
        if self._origin:
            stored = field._get_stored_translations(self._origin)
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        titles = {
            lang: title for lang, title in (stored or {}).items() if lang in languages
        }
        titles[field.translation_lang(self.env)] = self.zoom_title
        return list(filter(None, titles.values()))

    @api.depends("name", "web_conference_tool", *TOLD)
    @api.depends_context("lang")
    def _compute_zoom_told_otherwise(self):
        """Say how many meetings differ, and what it costs to change them.

        Not before the type is saved: what is being edited may cost something else.
        """
        zoom = self.filtered(
            lambda one: one.web_conference_tool == "zoom" and not one._is_told_edited()
        )
        (self - zoom).zoom_told_otherwise = False
        rows = search_told_otherwise(zoom._origin)
        by_type = rows.grouped(lambda row: row.booking_id.type_id.id)
        for booking_type in zoom:
            found = by_type.get(booking_type._origin.id)
            booking_type.zoom_told_otherwise = found and say_cost_of_telling(found)

    @api.depends("web_conference_tool", "zoom_dial_in_country_ids", *TOLD)
    @api.depends_context("lang")
    def _compute_zoom_differences(self):
        """Say what Zoom makes of the settings, for example if the account locks them."""
        telling = self.filtered(
            lambda one: (
                one.web_conference_tool == "zoom"
                and (
                    one.zoom_waiting_room
                    or one.zoom_join_before_host
                    or one.zoom_dial_in_country_ids
                )
            )
        )
        types, counts = telling._origin, defaultdict(Counter)
        for row in search_issued(self.env, Domain("type_id", "in", types.ids)):
            lines = list_differences(self.env, *row._find_differences())
            counts[row.booking_id.type_id.id].update(lines)
        for booking_type in self:
            booking_type.zoom_differences = "\n".join(
                self.env._(
                    "%(count)s existing meetings: %(difference)s",
                    count=count,
                    difference=difference,
                )
                for difference, count in counts[booking_type._origin.id].items()
            )

    def _is_told_edited(self):
        """Whether somebody is changing on a form what Zoom is told."""
        saved = self._origin
        return any(self[name] != saved[name] for name in ("name", *TOLD))

    # === CONSTRAINTS === #

    @api.constrains("zoom_title")
    def _check_zoom_title(self):
        for booking_type in self:
            titles = booking_type._get_zoom_titles()
            unknown = list(dict.fromkeys(chain(*map(find_unknown, titles))))
            if unknown:
                raise ValidationError(
                    self.env._(
                        "The title in Zoom has no placeholder {%(unknown)s}. There are: "
                        "%(known)s.",
                        unknown="}, {".join(unknown),
                        known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                    )
                )

    @api.constrains("zoom_waiting_room", "zoom_join_before_host")
    def _check_zoom_waiting_room(self):
        for booking_type in self:
            if (
                booking_type.zoom_waiting_room
                == "on"
                == (booking_type.zoom_join_before_host)
            ):
                raise ValidationError(
                    self.env._(
                        "In Zoom nobody can join before the host while the waiting room "
                        "is on. Switch off one of the two."
                    )
                )

    # === CRUD METHODS === #

    @api.model
    def _get_link_fields(self):
        return super()._get_link_fields() | set(TOLD)

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        # The platform writes them without write() and constraints.
        result = super()._update_field_translations(
            field_name, translations, *args, **kwargs
        )
        if field_name == "zoom_title":
            self._check_zoom_title()
            self._sync_links()
        return result

    # === ACTION METHODS === #

    def action_tell_zoom(self):
        """Change existing meetings in Zoom to what these types say now."""
        self.check_access("write")
        rows = search_told_otherwise(self)
        rows._tell_anew()
        return show_message(
            self.env._("Odoo changes %(count)s meetings in Zoom now.", count=len(rows)),
            then=RELOAD,
        )
