# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


class Outbox:
    """Gathers the messages that were really made for the attendees of a mail.

    The platform does not return them. It hands it through in the context: not as a
    list, which could come from outside, and with which contexts would be equal.
    """

    def __init__(self):
        self._messages = []

    def put(self, message):
        """
        :param message: the mail.message, superuser
        """
        self._messages.append(message)

    def get_messages(self):
        """For whom messages lie in the mail queue, or in Odoo's inbox.

        :return dict: contact's id -> id of the mail.message
        """
        if not self._messages:
            return {}
        notes = (
            self._messages[0]
            .env["mail.notification"]
            .search([("mail_message_id", "in", [one.id for one in self._messages])])
        )
        return {note.res_partner_id.id: note.mail_message_id.id for note in notes}
