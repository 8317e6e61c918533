# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, models
from odoo.tools import SQL

from ...utils import is_ours

# The states in which the web shop cancels bookings that have expired.
EXPIRING_STATES = ("pending", "scheduled")
PARTNER_FIELDS = {"partner_id", "partner_ids"}


class ResourceBooking(models.Model):
    """Bookings that only hold their time: they expire unless somebody keeps them.

    The web shop makes them (`website_sale_resource_booking`, with its field
    `expiration`): a cart holds its time until it is paid. Nobody gets a link before.
    Another module whose bookings expire overrides ``_get_expiration`` and
    ``_sql_only_held``.
    """

    _inherit = "resource.booking"

    # === CRUD METHODS === #

    def write(self, vals):
        before = self._filter_only_held()
        booking = self
        if self and before == self and vals.keys().isdisjoint(PARTNER_FIELDS):
            # The shop saves them at each step, and the platform mails date changes.
            # Who pays for them is invited just before they are kept.
            booking = self.with_context(no_mail_to_attendees=True)
        result = super(ResourceBooking, booking).write(vals)
        if "expiration" in vals:
            after = self._filter_only_held()
            kept = before - after
            ((after - before) | kept)._show_open_url()
            kept._trigger_reminders()
            kept._trigger_due_reminders()
        return result

    # === BUSINESS METHODS === #

    def _is_only_held(self):
        """Whether the booking is cancelled automatically unless somebody keeps it."""
        return bool(self._get_expiration())

    def _filter_only_held(self):
        if not self._can_expire():
            return self.browse()
        return self.filtered(lambda booking: booking._is_only_held())

    def _get_expiration(self):
        """When the booking expires unless somebody keeps it before, naive UTC.

        :return: False if it does not expire
        """
        self.ensure_one()
        expiration = self._can_expire() and self["expiration"]
        # Others' state need not be computed for this.
        return bool(expiration) and self.state in EXPIRING_STATES and expiration

    @api.model
    def _can_expire(self):
        """Whether a module is installed whose bookings expire."""
        field = self._fields.get("expiration")
        return bool(field and field.store and field.type == "datetime")

    @api.model
    def _sql_only_held(self):
        """The same as ``_is_only_held`` for all bookings at once.

        :return SQL: condition on the table ``booking``
        """
        if not self._can_expire():
            return SQL("FALSE")
        return SQL(
            "(booking.expiration IS NOT NULL AND booking.state IN %s)", EXPIRING_STATES
        )

    # === THE LINK === #

    def _get_disclosed_link(self):
        return None if self._is_only_held() else super()._get_disclosed_link()

    def _get_open_url(self):
        if self.type_id._has_conference_tool() and self._is_only_held():
            return False
        return super()._get_open_url()

    def _get_link_notice(self):
        notice = super()._get_link_notice()
        # Whoever is mailed while it is held is just about to keep it.
        mailed = is_ours(self.env, "web_conference_mail")
        if notice and not mailed and self._is_only_held():
            return self.env._("The link comes after the booking is confirmed.")
        return notice
