# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


class Outbox:
    """Gathers the messages that were really made for the attendees of a mail.

    The platform does not return them. It hands it through in the context: not as a
    list, which could come from outside, and with which contexts would be equal.
    """

    def __init__(self):
        self.messages = {}

    def note(self, message):
        """Remember for whom a message lies in the mail queue, or in Odoo's inbox.

        :param message: the mail.message, superuser
        """
        for partner in message.notification_ids.res_partner_id:
            self.messages[partner.id] = message.id
