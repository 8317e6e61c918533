On a phone, Zoom users and *Bind by e-mail* are cards instead of lists that are cut off.
