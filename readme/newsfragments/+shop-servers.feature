Several Odoo servers can share one database: together they keep to Zoom's limit of requests per second.
