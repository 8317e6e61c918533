A pause between meetings of a Zoom user can be set, per Zoom account and per booking type.
