*Make bookable* on a Zoom user creates what a booking type needs with one click: a resource for the Odoo user with the same e-mail, otherwise for a room, and its combination.
