# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...const import STAFF
from ...utils import (
    JoinLink,
    one_line,
    sql_link_digest,
    tell_story,
    unlogged,
)

# What a person decides for one booking.
LINK_FIELDS = {
    "join_link_choice",
    "manual_join_url",
    "manual_join_number",
    "manual_join_passcode",
}

# What the booking's history tells of it.
STORY_OF_CHOICE = {
    "manual": "link_by_hand",
    "none": "no_link",
    False: "usual_link",
}


class ResourceBooking(models.Model):
    """A join link that somebody entered by hand, or that a booking is to have none.

    What is entered here goes before what the tool of the booking type would do.
    """

    _inherit = "resource.booking"

    join_link_choice = fields.Selection(
        [("manual", "Link entered by hand"), ("none", "No link")],
        string="Own choice of the join link",
        copy=False,
        groups=STAFF,
        help="Empty: the web conference tool of the booking type decides.",
    )
    manual_join_url = fields.Char(
        string="Join URL entered by hand", copy=False, groups=STAFF, exportable=False
    )
    manual_join_number = fields.Char(
        string="Meeting ID entered by hand", copy=False, groups=STAFF, exportable=False
    )
    manual_join_passcode = fields.Char(
        string="Passcode entered by hand", copy=False, groups=STAFF, exportable=False
    )

    _manual_link_has_url = models.Constraint(
        "CHECK(join_link_choice IS DISTINCT FROM 'manual' OR manual_join_url <> '')",
        "Please enter the URL of the join link.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_clean(self.env, vals) for vals in vals_list])

    def write(self, vals):
        if LINK_FIELDS.isdisjoint(vals):
            return super().write(vals)
        self._lock_conference()
        before = {one: one._get_chosen_link() for one in self}
        # Errors are logged with the values, and these are secret.
        with unlogged(self.env.cr):
            result = super().write(_clean(self.env, vals))
            self.flush_recordset(LINK_FIELDS)
        self._on_join_link_changed()
        changed = self.filtered(lambda one: one._get_chosen_link() != before[one])
        changed._forget_for_staff("link_known")
        for choice, bookings in changed.grouped("join_link_choice").items():
            tell_story(bookings, STORY_OF_CHOICE[choice])
        return result

    # === ACTION METHODS === #

    def action_enter_link(self):
        """Ask for a join link for these bookings."""
        return self._ask_for_link_choice("manual")

    def action_no_link(self):
        """Ask whether these bookings are to have no join link."""
        return self._ask_for_link_choice("none")

    def action_usual_link(self):
        """Ask whether these bookings get the link of their tool again."""
        return self._ask_for_link_choice("usual")

    def _ask_for_link_choice(self, choice):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "resource_booking_zoom.booking_link_choice_action"
        )
        title = {
            "manual": self.env._("Enter a link"),
            "none": self.env._("No link"),
            "usual": self.env._("Take back"),
        }[choice]
        context = {
            "default_booking_ids": self.ids,
            "default_choice": choice,
            "in_dialog": True,
        }
        return {**action, "name": title, "target": "new", "context": context}

    # === BUSINESS METHODS === #

    @api.model
    def _get_fields_off_event(self):
        return super()._get_fields_off_event() | LINK_FIELDS

    def _choose_link(self, choice, url=False, number=False, passcode=False):
        """Decide how people join these bookings.

        :param choice: ``manual``, ``none``, or False for what the tool gives
        :param url: of a link entered by hand, like number and passcode
        :raise ValidationError: this is no URL
        """
        self.write(
            {
                "join_link_choice": choice,
                "manual_join_url": url,
                "manual_join_number": number,
                "manual_join_passcode": passcode,
            }
        )

    def _get_chosen_link(self):
        """What people must be told anew if it differs."""
        return self.join_link_choice, self.manual_join_url, self.manual_join_passcode

    def _is_link_chosen(self):
        """Whether somebody decided about the link of this booking, so no tool does."""
        return bool(self.sudo().join_link_choice)

    def _is_without_link(self):
        """Whether somebody decided that this booking has no join link."""
        return self.sudo().join_link_choice == "none"

    def _can_choose_link(self):
        """Whether a choice has an effect: the booking has a tool, and is not over."""
        return bool(
            self.active
            and self.type_id._has_conference_tool()
            and not (self.stop and self.stop <= fields.Datetime.now())
        )

    def _can_take_link_back(self):
        """Whether the tool can give a link again: after the start it issues none."""
        return bool(
            self.type_id._has_fixed_url()
            or not self.start
            or self.start > fields.Datetime.now()
        )

    def _count_people_who_know_link(self):
        """How many people know the present join links of these bookings.

        They get a mail when it changes.
        """
        if not self.meeting_id:
            return 0
        self.env.flush_all()
        ((count,),) = self.env.execute_query(
            SQL(
                """
                SELECT count(*)
                  FROM booking_conference_mail told
                  JOIN calendar_attendee attendee
                    ON attendee.event_id = told.event_id
                   AND attendee.partner_id = told.partner_id
                 WHERE told.event_id IN %s
                   AND told.superseded IS NOT TRUE
                   AND told.link_digest IS NOT NULL
                   AND attendee.state IS DISTINCT FROM 'declined'
                """,
                tuple(self.sudo().meeting_id.ids),
            )
        )
        return count

    # === THE LINK === #

    def _lacks_join_link(self):
        """Whether people wait for a link that is not there."""
        return not self._get_join_link() and not self._is_without_link()

    @api.model
    def _sql_replaceable_links(self):
        query = SQL(
            """
            SELECT 'manual' AS tool, booking.id AS booking_id, booking.id AS link_id,
                   %(digest)s AS digest, booking.start
              FROM resource_booking booking
              JOIN resource_booking_type type ON type.id = booking.type_id
             WHERE booking.join_link_choice = 'manual'
               AND type.web_conference_tool <> 'none'
               AND booking.active
               AND booking.start > %(now)s""",
            digest=sql_link_digest(
                SQL("booking.manual_join_url"), SQL("booking.manual_join_passcode")
            ),
            now=fields.Datetime.now(),
        )
        return [*super()._sql_replaceable_links(), query]

    @api.model
    def _replace_join_links(self, tool, link_ids):
        if tool != "manual":
            return super()._replace_join_links(tool, link_ids)
        # Only staff can.
        self.browse(link_ids)._note_for_staff("link_known")
        return {}

    def _gets_own_link(self):
        return not self._is_link_chosen() and super()._gets_own_link()

    def _get_join_link(self):
        if not self._is_link_chosen():
            return super()._get_join_link()
        booking = self.sudo()
        if self._is_without_link() or not booking.type_id._has_conference_tool():
            return None
        return JoinLink(
            booking.manual_join_url,
            booking.manual_join_number,
            booking.manual_join_passcode,
        )

    def _is_join_link_imminent(self):
        return not self._is_link_chosen() and super()._is_join_link_imminent()

    def _get_join_problem(self):
        return not self._is_link_chosen() and super()._get_join_problem()

    def _get_open_url(self):
        if not self._is_link_chosen() or not self.type_id._has_conference_tool():
            return super()._get_open_url()
        link = self._get_join_link()
        return link.url if link and self.type_id.link_disclosure == "issued" else False

    def _get_link_notice(self):
        return not self._is_without_link() and super()._get_link_notice()

    def _get_conference_tool_name(self):
        """What mails call the tool."""
        if self._is_link_chosen():
            return self.env._("Web conference")
        return self.type_id._get_conference_tool_name()


def _clean(env, vals):
    """Mend what is pasted, and forget a link that is not wanted any more.

    :raise ValidationError: this is no URL
    """
    vals = dict(vals)
    if "join_link_choice" in vals and vals["join_link_choice"] != "manual":
        return {**vals, **dict.fromkeys(LINK_FIELDS, False), **_only_choice(vals)}
    for name in LINK_FIELDS & vals.keys() - {"join_link_choice"}:
        vals[name] = one_line(vals[name]) or False
    if vals.get("manual_join_url"):
        vals["manual_join_url"] = _check_url(env, vals["manual_join_url"])
    return vals


def _only_choice(vals):
    return {"join_link_choice": vals["join_link_choice"]}


def _check_url(env, text):
    """
    :return str: the URL, with https:// where no scheme was entered
    :raise ValidationError:
    """
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        is_url = False
    if not is_url or set(url) & set(" \t\"'<>\\"):
        # Without the text: it may be the link, and errors are logged.
        raise ValidationError(
            env._("Please enter the whole URL of the join link, as https://…")
        )
    return url
