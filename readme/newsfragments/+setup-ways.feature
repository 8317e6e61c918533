*Settings* have a block that says how far the set-up of Zoom is and leads to it, and an empty list of Zoom's names the next step and links there.
