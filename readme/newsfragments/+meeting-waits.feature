A booking also says that its meeting waits because the scheduled action is switched off, because the access to Zoom is renewed first, or because the server stopped while it asked Zoom.
