Bookings of the web shop (`website_sale_resource_booking`) that only hold their time cost no request: they get their meeting as soon as they are paid or confirmed.
