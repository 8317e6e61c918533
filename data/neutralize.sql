-- A copy for testing must reach neither Zoom nor its webhooks, and hold no way into
-- the meetings of real customers.
UPDATE booking_zoom_account
   SET access_token = NULL,
       refresh_token = NULL,
       token_expires_at = NULL,
       client_secret = NULL,
       connected_client_secret = NULL,
       webhook_secret = NULL,
       state = CASE state WHEN 'connected' THEN 'lost' ELSE state END;
UPDATE booking_zoom_user SET connected = FALSE;
DELETE FROM booking_zoom_connection;
DELETE FROM booking_zoom_revocation;
DELETE FROM booking_zoom_webhook_event;
-- Where the link may be known at once, it is on booking and event, too. The fixed URL of a
-- type stays.
WITH linked AS (
    SELECT booking.id, booking.meeting_id, type.videocall_location AS fixed_url
      FROM resource_booking booking
      JOIN resource_booking_type type ON type.id = booking.type_id
     WHERE type.web_conference_tool <> 'none'
        OR booking.join_link_choice = 'manual'
        OR booking.id IN (SELECT booking_id FROM booking_zoom_meeting)
        OR booking.meeting_id IN (SELECT event_id FROM booking_conference_mail)),
events AS (
    UPDATE calendar_event event
       SET videocall_location = NULL
      FROM linked
     WHERE linked.meeting_id = event.id
       AND event.videocall_location IS DISTINCT FROM linked.fixed_url)
UPDATE resource_booking booking
   SET videocall_location = NULL
  FROM linked
 WHERE linked.id = booking.id
   AND booking.videocall_location IS DISTINCT FROM linked.fixed_url;
UPDATE resource_booking
   SET join_link_choice = 'none',
       manual_join_url = NULL,
       manual_join_number = NULL,
       manual_join_passcode = NULL
 WHERE join_link_choice = 'manual';
UPDATE booking_link_choice SET url = NULL, number = NULL, passcode = NULL;
-- Mails that told the link, or lead to the page of a booking, those that wait included,
-- and their calendar files.
DELETE FROM mail_mail
 WHERE mail_message_id IN (
       SELECT id
         FROM mail_message
        WHERE model IN ('calendar.event', 'booking.conference.mail', 'resource.booking')
          AND (model <> 'calendar.event'
               OR res_id IN (SELECT meeting_id
                               FROM resource_booking
                              WHERE meeting_id IS NOT NULL)));
UPDATE mail_message
   SET body = ''
 WHERE model = 'calendar.event'
   AND message_type = 'user_notification'
   AND (body LIKE '%o_web_conference_info%'
        OR body LIKE '%zoom.us/%'
        OR res_id IN (SELECT booking.meeting_id
                        FROM resource_booking booking
                        JOIN resource_booking_type type ON type.id = booking.type_id
                       WHERE type.web_conference_tool <> 'none'));
UPDATE ir_attachment
   SET db_datas = NULL,
       store_fname = NULL,
       file_size = 0,
       checksum = NULL,
       index_content = NULL
 WHERE mimetype = 'text/calendar'
   AND id IN (SELECT rel.attachment_id
                FROM message_attachment_rel rel
                JOIN mail_message message ON message.id = rel.message_id
               WHERE message.model IN ('calendar.event', 'booking.conference.mail'));
UPDATE booking_zoom_meeting
   SET join_url = NULL, passcode = NULL, correlation_key = NULL,
       dial_in = NULL, phone_passcode = NULL
 WHERE join_url IS NOT NULL OR passcode IS NOT NULL OR correlation_key IS NOT NULL
    OR phone_passcode IS NOT NULL;
