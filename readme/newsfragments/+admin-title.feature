The page of the Zoom account is called so in its title and in the way back to it, no longer like the company.
