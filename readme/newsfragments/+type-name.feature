A booking type that is renamed changes the titles of existing meetings only when somebody asks for it, and a booking that gets another type is told to Zoom as that type says.
