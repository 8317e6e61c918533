Where Zoom reports events, bookings say when host and customer came; staff have an activity when a customer waits and the host is absent, and the filter *Nobody came*. Choose the new events in Zoom.
