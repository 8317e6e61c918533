Meetings that are not created yet leave a Zoom user of a list who is at its daily limit or inactive, or whom Zoom does not let host.
