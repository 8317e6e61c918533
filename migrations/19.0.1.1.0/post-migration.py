# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def migrate(cr, version):
    """Bring what earlier mails have left up to date."""
    _complete_ledger(cr)
    _hide_calendar_files(cr)


def _complete_ledger(cr):
    """Let later mails cancel the calendar entries of earlier ones."""
    cr.execute(
        """
        UPDATE booking_conference_mail entry
           SET calendar_uid = 'event-' || event.id || '@' || parameter.value,
               organizer_id = COALESCE(entry.organizer_id, organizer.partner_id)
          FROM calendar_event event
          JOIN ir_config_parameter parameter ON parameter.key = 'database.uuid'
     LEFT JOIN res_users organizer ON organizer.id = event.user_id
         WHERE event.id = entry.event_id
           AND entry.calendar_uid IS NULL
        """
    )


def _hide_calendar_files(cr):
    """Let only those read the file of a mail who got it, not whoever reads the event.

    As the module does since; a file that is not surely that of one mail is left.
    """
    cr.execute(
        """
        UPDATE ir_attachment file
           SET res_model = 'mail.message', res_id = message.id
          FROM message_attachment_rel rel
          JOIN mail_message message ON message.id = rel.message_id
         WHERE rel.attachment_id = file.id
           AND file.res_model = 'calendar.event'
           AND file.mimetype = 'text/calendar'
           AND message.model = file.res_model
           AND message.res_id = file.res_id
           AND message.message_type = 'user_notification'
           AND file.res_id IN (
               SELECT booking.meeting_id
                 FROM resource_booking booking
                 JOIN resource_booking_type type ON type.id = booking.type_id
                WHERE type.web_conference_tool IN ('zoom', 'other'))
           AND NOT EXISTS (
               SELECT FROM message_attachment_rel other
                WHERE other.attachment_id = file.id
                  AND other.message_id <> rel.message_id)
        """
    )
