Booking managers set up reminders without developer mode: *Configuration ▸ Reminders* and *Mail texts*, and on the booking type *Edit the mail* and *Preview the mail* with the next booking.
