A booking type or a combination can have several Zoom users: each booking gets one that is free.
