# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


class Outbox:
    """Collects the messages that the platform created for a mail to attendees.

    The platform does not return them. The context passes this object through. It is
    no list, since a list could come from outside, and contexts would compare equal.
    """

    def __init__(self):
        self._messages = []

    def put(self, message):
        """
        :param message: the mail.message, superuser
        """
        self._messages.append(message)

    def get_messages(self):
        """Who has a message in the mail queue or in Odoo's inbox.

        :return dict: (id of the event, contact's id) -> id of the mail.message
        """
        if not self._messages:
            return {}
        return get_messages_of(
            self._messages[0]
            .env["mail.notification"]
            .search([("mail_message_id", "in", [one.id for one in self._messages])])
        )


def get_messages_of(notifications):
    """
    :return dict: (id of what the message is about, contact's id) -> id of the
        mail.message
    """
    return {
        (note.mail_message_id.res_id, note.res_partner_id.id): note.mail_message_id.id
        for note in notifications
    }
