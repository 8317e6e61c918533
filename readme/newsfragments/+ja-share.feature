The mail with which staff share a booking invites customers, in a sentence of their language, to choose a time, and has a button for it.
