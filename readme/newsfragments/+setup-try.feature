Once everything is set up, the page *Zoom account* proposes a first booking; the first booking type with Zoom offers the combinations that Zoom users host.
