While the connection to Zoom is lost, managers see it above the bookings, and come from there to the Zoom account.
