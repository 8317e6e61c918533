Badge, colour, filters and groups of bookings speak of the join link of any web conference tool: *Link ready* instead of *Zoom link ready*. Saved filters and exports follow.
