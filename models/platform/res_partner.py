# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models

from ...utils import one_line


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_name_in_one_line(vals) for vals in vals_list])

    def write(self, vals):
        """Send waiting mails once the contact is corrected.

        The portal accepts line breaks in names, but mail headers do not: such a contact
        would get no mail at all.
        """
        result = super().write(_name_in_one_line(vals))
        if not {"email", "active"}.isdisjoint(vals) and self._expects_conference():
            self.env["resource.booking"]._get_reminder_cron()._trigger()
        return result

    def _expects_conference(self):
        """Whether any of them gets, or has got, mails about a future booking."""
        to_come = [("partner_id", "in", self.ids), ("event_id.stop", ">", _now())]
        booked = [*to_come, ("event_id.resource_booking_ids", "!=", False)]
        told = [("partner_id", "in", self.ids), ("stop", ">", _now())]
        env = self.sudo().env
        return bool(
            env["calendar.attendee"].search_count(booked, limit=1)
            or env["booking.conference.mail"].search_count(told, limit=1)
        )


def _now():
    return fields.Datetime.now()


def _name_in_one_line(vals):
    name = vals.get("name")
    return {**vals, "name": one_line(name)} if isinstance(name, str) else vals
