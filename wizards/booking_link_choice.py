# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


def get_chosen_bookings(env):
    """The bookings that a dialog is about: of a list, or of the page it was opened from.

    :raise AccessError: the user may not change them
    """
    context = env.context
    active = context.get("active_ids") or filter(None, [context.get("active_id")])
    ids = context.get("default_booking_ids") or list(active)
    bookings = env["resource.booking"].browse(ids).exists()
    bookings.check_access("write")
    return bookings


def get_next_action(bookings):
    """What follows after a dialog, or after its page, which mails link to."""
    if bookings.env.context.get("in_dialog") or len(bookings) != 1:
        return {"type": "ir.actions.client", "tag": "soft_reload"}
    return {
        "type": "ir.actions.act_window",
        "res_model": bookings._name,
        "res_id": bookings.id,
        "views": [(False, "form")],
        "target": "main",
    }


class BookingLinkChoice(models.TransientModel):
    """Enter a join link by hand, do without, or take that back, for some bookings."""

    _name = "booking.link.choice"
    _inherit = ["booking.unlogged"]
    _description = "Join Link of Bookings"

    booking_ids = fields.Many2many("resource.booking", string="Bookings")
    choice = fields.Selection(
        [
            ("manual", "Enter a link"),
            ("none", "No link"),
            ("usual", "The usual way, as the booking type says"),
        ],
        string="How customers join",
        default="manual",
        required=True,
    )
    url = fields.Char(string="Join URL", exportable=False)
    number = fields.Char(string="Meeting ID", exportable=False)
    passcode = fields.Char(exportable=False)
    message = fields.Text(string="What happens", compute="_compute_message")
    warning = fields.Text(compute="_compute_message")

    # === COMPUTE METHODS === #

    @api.model
    def default_get(self, fields_list):
        """Start from the bookings of the list or page, and from their present link."""
        values = super().default_get(fields_list)
        bookings = get_chosen_bookings(self.env)
        values["booking_ids"] = [Command.set(bookings.ids)]
        if len(bookings) == 1 and bookings.join_link_choice == "manual":
            values.update(
                url=bookings.manual_join_url,
                number=bookings.manual_join_number,
                passcode=bookings.manual_join_passcode,
            )
        return values

    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Enter a link")

    @api.depends("booking_ids", "choice", "url")
    def _compute_message(self):
        for wizard in self:
            wizard.message = "\n".join(wizard._get_consequences())
            wizard.warning = "\n".join(wizard._get_warnings())

    def _get_choice(self):
        """The choice as it is kept on bookings."""
        return self.choice if self.choice != "usual" else False

    def _get_bookings(self):
        """The chosen bookings for which the choice changes something."""
        choice = self._get_choice()
        return self.booking_ids._origin.filtered(
            lambda one: (
                one._can_choose_link()
                and (choice == "manual" or one.join_link_choice != choice)
                and (self.choice != "usual" or one._can_take_link_back())
            )
        )

    def _get_consequences(self):
        """What applying this does, and what it costs, in plain words."""
        bookings = self._get_bookings()
        if not bookings:
            return []
        lines = [
            self.env._("Bookings: %(count)s.", count=len(bookings)),
            *bookings._get_choice_costs(self._get_choice()),
        ]
        people = bookings._count_people_who_know_link()
        if people:
            lines.append(
                self.env._(
                    "%(count)s people know the present join link and get a mail: it "
                    "no longer works.",
                    count=people,
                )
                if self.choice == "none"
                else self.env._(
                    "%(count)s people know the present join link and get a mail with "
                    "the new one.",
                    count=people,
                )
            )
        elif self.choice == "manual":
            lines.append(
                self.env._(
                    "Customers get the link when the booking type says so, with the "
                    "reminder for example."
                )
            )
        elif self.choice == "none":
            lines.append(self.env._("Reminders are sent without a link."))
        return lines

    def _get_warnings(self):
        lines = []
        bookings = self._get_bookings()
        left = len(self.booking_ids) - len(bookings)
        if left:
            lines.append(
                self.env._(
                    "%(count)s bookings stay as they are: they have begun or are over, have "
                    "no web conference tool, or are like this already.",
                    count=left,
                )
            )
        if self.choice == "manual" and len(bookings) > 1:
            lines.append(
                self.env._(
                    "All these bookings get the same link: customers who come at the "
                    "same time meet each other."
                )
            )
        return lines

    # === ACTION METHODS === #

    def action_apply(self):
        """Carry out the choice."""
        self.ensure_one()
        bookings = self._get_bookings()
        if not bookings:
            raise UserError(self.env._("No booking changes by this."))
        if self.choice == "manual":
            if not (self.url or "").strip():
                raise UserError(self.env._("Please enter the join URL."))
            bookings._choose_link("manual", self.url, self.number, self.passcode)
        else:
            bookings._choose_link(self._get_choice())
        # The link is on the bookings now.
        self.write({"url": False, "number": False, "passcode": False})
        return get_next_action(self.booking_ids)
