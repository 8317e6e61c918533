-- A copy for testing must reach neither Zoom nor its webhooks.
UPDATE booking_zoom_account
   SET access_token = NULL,
       refresh_token = NULL,
       token_expires_at = NULL,
       client_secret = NULL,
       linked_client_secret = NULL,
       webhook_secret = NULL,
       state = CASE state WHEN 'linked' THEN 'broken' ELSE state END;
UPDATE booking_zoom_user SET linked = FALSE;
DELETE FROM booking_zoom_link;
DELETE FROM booking_zoom_revocation;
DELETE FROM booking_zoom_event;
