# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """Let the ledger know its mails, and find out who has got none."""
    _complete_entries(cr)
    _take_back_what_was_not_sent(cr)
    _name_contacts_in_one_line(cr)


def _complete_entries(cr):
    """To whom and where mails went; of the address that of now is the best guess."""
    cr.execute(
        """
        UPDATE booking_conference_mail told
           SET person = partner.id,
               address_digest = encode(sha256(convert_to(
                   COALESCE(NULLIF(partner.email_normalized, ''), partner.email, ''),
                   'UTF8')), 'hex')
          FROM res_partner partner
         WHERE partner.id = told.partner_id
           AND told.person IS NULL
        """
    )
    # An entry was made in the same transaction as its mail.
    cr.execute(
        """
        UPDATE booking_conference_mail told
           SET mail_message_id = message.id
          FROM mail_message message
          JOIN mail_notification note ON note.mail_message_id = message.id
         WHERE message.model = 'calendar.event'
           AND message.res_id = told.event_id
           AND message.create_date = told.create_date
           AND note.res_partner_id = told.partner_id
           AND told.mail_message_id IS NULL
        """
    )


def _take_back_what_was_not_sent(cr):
    """Entries were made also where the platform wrote no mail."""
    cr.execute(
        """
        UPDATE booking_conference_mail told
           SET retry_at = now() AT TIME ZONE 'UTC', superseded = TRUE
          FROM calendar_event event
         WHERE event.id = told.event_id
           AND event.stop > now() AT TIME ZONE 'UTC'
           AND told.kind IN ('reminder', 'link', 'changed')
           AND told.partner_id IS NOT NULL
           AND told.mail_message_id IS NULL
           AND told.superseded IS NOT TRUE
     RETURNING told.calendar_uid, told.partner_id
        """
    )
    for calendar_uid, partner_id in cr.fetchall():
        cr.execute(
            """
            UPDATE booking_conference_mail
               SET superseded = FALSE
             WHERE id = (
                   SELECT max(id)
                     FROM booking_conference_mail
                    WHERE calendar_uid = %s
                      AND partner_id = %s
                      AND retry_at IS NULL)
            """,
            (calendar_uid, partner_id),
        )


def _name_contacts_in_one_line(cr):
    """No header of a mail may have a line break."""
    cr.execute(
        r"""
        UPDATE res_partner
           SET name = regexp_replace(name, '\s*[\r\n]+\s*', ' ', 'g'),
               complete_name = regexp_replace(complete_name, '\s*[\r\n]+\s*', ' ', 'g')
         WHERE name ~ '[\r\n]' OR complete_name ~ '[\r\n]'
        """
    )
